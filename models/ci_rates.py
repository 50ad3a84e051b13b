"""Hosted runners and plans of the reader's own, in place of the bundled ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from .checks import not_negative
from .ci import SYSTEMS
from .figures import Figure, Figures, Runner, runner_of

__all__ = ["with_runner_rates"]

Row = Mapping[str, str]


def with_runner_rates(figures: Figures, runners: Iterable[Row] = (), plans: Iterable[Row] = ()) -> Figures:
    """The figures with other hosted runners, other plans, or both; each replaces the known ones as a whole.

    Parameters
    ----------
    figures : with the runners and the plans that are replaced.
    runners : rows as in ``data/actions_runners.csv``, prices in USD a minute; none = they stay.
    plans : rows as in ``data/actions_plans.csv``, included minutes a month; none = they stay.

    Returns
    -------
    New figures. ``ValueError`` names a price or minutes that are negative or no number, a system that is
    none, and what every question relies on: the runner of each system, and every known plan.
    """
    of_sku = {row["sku"]: _runner(row) for row in runners}
    of_plan = {row["plan"]: _plan(row) for row in plans}
    missing = [name for name in SYSTEMS if of_sku and name not in of_sku]
    missing += [name for name in figures.runner_plans if of_plan and name not in of_plan]
    if missing:
        raise ValueError(f"there is no row for {', '.join(missing)}; allowed is a table that has them")
    return replace(figures, runners=of_sku or figures.runners, runner_plans=of_plan or figures.runner_plans)


def _runner(row: Row) -> Runner:
    _number("usd_per_minute", row)
    if row["system"] not in SYSTEMS:
        raise ValueError(f"system is {row['system']!r}; allowed are {', '.join(SYSTEMS)}")
    return runner_of(row)


def _plan(row: Row) -> Figure:
    minutes = _number("included_minutes_per_month", row)
    return Figure(minutes, minutes, minutes, row["kind"], row["as_of"], row["source"])


def _number(name: str, row: Row) -> float:
    value = float(row[name])
    not_negative(**{name: value})
    return value
