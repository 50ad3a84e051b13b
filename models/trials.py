"""One question asked again and again with a few numbers changed: what building saves, and nothing else.

A trial gives what ``compare`` gives, but leaves out the table, the sentences and the break-evens, and keeps
what a change does not touch: the judged offers while only the build changes, the rental's bill while only
the build or its electricity does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Generic, TypeVar

import numpy as np
import pandas as pd

from .build_side import build_misfit, owned_bill, with_rented_rest
from .candidates import ever_cheapest
from .case import newest_day, rented_bills, rented_rest_usd
from .figures import Figures, load_figures
from .numeric_inputs import PRICE_FACTOR, RESOLVED_ANEW, has_room, value_of, with_value
from .options import Options, columns_of, options
from .rented_bills import RentedBills
from .resolve import build_gpu, is_gpu, resolve
from .scenario import Part, Scenario, explain

Kept = TypeVar("Kept")


class _Memory(Generic[Kept]):
    """What was worked out first (today's) and last, with what it depended on."""

    def __init__(self) -> None:
        self._kept: list[tuple[tuple[object, ...], Kept]] = []

    def recall(self, depends_on: tuple[object, ...], work_out: Callable[[], Kept]) -> Kept:
        """What is known for the very same things, else what ``work_out`` gives."""
        for known, value in self._kept:
            if all(one is other or one == other for one, other in zip(known, depends_on, strict=True)):
                return value
        # The first stays: between two tries a caller comes back to today's numbers.
        self._kept[1:] = [(depends_on, work_out())]
        return self._kept[-1][1]


class Trials:
    """A question that can be asked again with other numbers.

    Parameters
    ----------
    scenario, offers, figures : as for ``compare``.
    """

    def __init__(self, scenario: Scenario, offers: pd.DataFrame, figures: Figures | None = None) -> None:
        self.figures = load_figures() if figures is None else figures
        self._asked = scenario
        self._places = set(offers["provider"]), set(offers["region"])
        self._on = newest_day(offers)
        self.scenario = self._resolved(scenario)
        self._offers = columns_of(offers[ever_cheapest(self.scenario, offers, self.figures, self._on)])
        self._judged = _Memory[Options]()
        self._rented = _Memory[float]()
        self._owned = _Memory[float]()

    def saving_usd(self, values: Mapping[str, float]) -> float:
        """Present value of the rental less the build's, with inputs changed by name; NaN without both."""
        rented_usd, owned_usd = self.costs_usd(values)
        return rented_usd - owned_usd

    def costs_usd(self, values: Mapping[str, float]) -> tuple[float, float]:
        """Present values of the compared rental and of the build; NaN where there is no bill. [USD]

        Both are NaN where the week has no room for all hours, or the year none for heating and cooling, and
        where a value does not go with the others, such as more watts than the power supply gives.
        """
        scenario = self._with_values(values)
        if not has_room(scenario, self.figures):
            return np.nan, np.nan
        try:
            return self._costs_usd(scenario, values.get(PRICE_FACTOR, 1.0))
        except ValueError:
            return np.nan, np.nan

    def _costs_usd(self, scenario: Scenario, factor: float) -> tuple[float, float]:
        rented_usd = self._rented.recall(
            (scenario.workload, scenario.rental, scenario.money, factor),
            lambda: self._rented_usd(scenario, factor),
        )
        build: list[object] = [scenario.workload, scenario.workstation, scenario.electricity, scenario.money]
        if scenario.workstation.when_full == "rent_the_rest":
            build += [scenario.rental, factor]
        owned_usd = self._owned.recall(tuple(build), lambda: self._owned_usd(scenario, factor))
        return rented_usd, owned_usd

    def value_of(self, name: str) -> float | None:
        """Today's value of an input; ``None`` where it has none."""
        return value_of(self.scenario, name, self.figures)

    def _with_values(self, values: Mapping[str, float]) -> Scenario:
        scenario = self.scenario
        if anew := values.keys() & RESOLVED_ANEW:
            asked = self._asked
            for name in sorted(anew):
                asked = with_value(asked, name, values[name], self.figures)
            scenario = self._resolved(asked)
        for name, value in values.items():
            if name not in RESOLVED_ANEW and name != PRICE_FACTOR:
                scenario = with_value(scenario, name, value, self.figures)
        return scenario

    def _resolved(self, scenario: Scenario) -> Scenario:
        resolved = resolve(scenario, self.figures, *self._places)
        parts = _merged(resolved.workstation.parts or (), build_gpu(resolved, self.figures))
        station = resolved.workstation.model_copy(update={"parts": parts})
        return resolved.model_copy(update={"workstation": station})

    def _owned_usd(self, scenario: Scenario, factor: float) -> float:
        owned = owned_bill(scenario, self.figures)
        if build_misfit(scenario, self.figures, owned):
            return np.nan
        if scenario.workstation.when_full == "rent_the_rest":
            owned = with_rented_rest(owned, rented_rest_usd(owned, self._bills(scenario, factor)[1]))
        return float(owned.present_value_usd(owned.busy_hours_per_week))

    def _rented_usd(self, scenario: Scenario, factor: float) -> float:
        providers, bills = self._bills(scenario, factor)
        against = scenario.rental.against
        compared = np.array([against in ("cheapest", provider) for provider in providers], dtype=bool)
        if not compared.any():
            return np.nan
        return float((bills.flows_usd[compared] @ bills.discount).min())

    def _bills(self, scenario: Scenario, factor: float) -> tuple[list[str], RentedBills]:
        """The considered offers' providers and bills."""
        judged = self._judged.recall(
            (scenario.workload, scenario.rental),
            lambda: options(scenario, self._offers, self.figures, self._on),
        )
        rows = np.flatnonzero(judged.considered)
        terms = judged.terms.take(rows)
        dearer = replace(terms, usd_per_hour=terms.usd_per_hour * factor)
        bills = rented_bills(scenario, dearer, self.figures)
        return [judged.text["provider"][row] for row in rows], bills


def with_input(
    scenario: Scenario, offers: pd.DataFrame, name: str, value: float, figures: Figures | None = None
) -> tuple[Scenario, pd.DataFrame]:
    """The question with one numeric input changed: a scenario and offers for ``compare``.

    Parameters
    ----------
    scenario, offers, figures : as for ``compare``.
    name : a numeric field as ``section.field``, or one of the inputs that ``flip_points`` names.
    value : in the unit that ``flip_points`` names.

    Returns
    -------
    Scenario and offers. ``ValueError`` names a field that is not there, and a value that is not allowed.
    """
    known = load_figures() if figures is None else figures
    if name == PRICE_FACTOR:
        if not 0 < value < np.inf:
            raise ValueError(f"{name}: must be above 0, not {value:g}")
        dearer = offers.assign(usd_per_hour=offers["usd_per_hour"] * value)
        return with_value(scenario, name, value, known), dearer
    if name.startswith("workstation.parts."):
        resolved = resolve(scenario, known, set(offers["provider"]), set(offers["region"]))
        if value_of(resolved, name, known) is None:
            raise ValueError(f"{name}: there is no such number, or the parts differ in it")
        whole = with_value(resolved, name, value, known).workstation.parts
        station = scenario.workstation.model_copy(update={"parts": whole})
        changed = scenario.model_copy(update={"workstation": station})
        settings: dict[str, str] = {}
    else:
        changed, settings = scenario, {name: _as_text(value)}
    try:
        return changed.with_settings(settings), offers
    except ValueError as error:
        raise ValueError(explain(error)) from None


def _as_text(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _merged(parts: tuple[Part, ...], gpu: str) -> tuple[Part, ...]:
    """Parts that lose value and fail alike, as one part: every bill is linear in their prices."""
    alike: dict[tuple[object, ...], Part] = {}
    for part in parts:
        fields = part.model_dump(exclude={"name", "price_usd"})
        key = (is_gpu(part, gpu), *fields.values())
        before = alike.get(key)
        price_usd = part.price_usd + (before.price_usd if before else 0.0)
        alike[key] = (before or part).model_copy(update={"price_usd": price_usd})
    return tuple(alike.values())
