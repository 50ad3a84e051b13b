"""Build or rent: one scenario against every offer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .case import Case, case_of
from .checks import FloatArray
from .export import csv_text, json_text, plain, records, write_whole
from .figures import Figures
from .measures import emissions, measures
from .receipt import cash_flows, receipt
from .scenario import Scenario
from .summary import cost_where_curves_meet_usd, option_labels, short_bills
from .table import against_values, table_of
from .verdict import Verdict, judge
from .version import __version__


@dataclass(frozen=True)
class Comparison:
    """The answer: a table of all options, a verdict, a receipt and the curves behind the charts."""

    scenario: Scenario
    table: pd.DataFrame
    receipt: pd.DataFrame
    judgement: Verdict
    case: Case
    offers: pd.DataFrame

    @property
    def verdict(self) -> tuple[str, ...]:
        """Sentences that a person can act on: overall first, then one line a provider."""
        return self.judgement.sentences

    @property
    def break_even(self) -> dict[str, str | float | None]:
        """Where the build meets the rental that it is compared with; NaN where there is none."""
        case, values = self.case, against_values(self.case)
        return {
            "against": None if case.against is None else case.offers.names[case.against],
            "months": values["break_even_months"],
            "months_if_sold": values["break_even_months_if_sold"],
            "hours_per_week": values["break_even_hours_per_week"],
            "direction": _direction_against(case),
            "usd_per_hour": values["break_even_usd_per_hour"],
        }

    @property
    def flips_at(self) -> tuple[float, str]:
        """Busy hours a week at which the answer flips, and on which side of them building wins.

        0 = building always wins, ``inf`` = never, NaN where one side has no bill. ``break_even`` has the
        hours against today's rental alone; by then another one can be cheaper.
        """
        return self.case.flips_at

    @cached_property
    def snapshot_id(self) -> str:
        """Short fingerprint of the offers that were compared: the same prices give the same id."""
        rows = sorted("\x1f".join(map(str, row)) for row in self.offers.itertuples(index=False))
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:12]

    @cached_property
    def cost_by_month(self) -> pd.DataFrame:
        """Cumulative cost worth today, nothing sold: columns option, role, month, usd.

        ``role`` is ``build``, ``against`` or ``other``: the build, whom it is compared with, and the cheapest
        considered offer of each further provider.
        """
        case = self.case
        chosen = _charted(case)
        curves = [(self._build_name, "build", case.owned.cumulative_usd)] if not case.build_misfit else []
        if chosen:
            bills = case.rented_only(chosen)
            cumulative = np.cumsum(bills.flows_usd * bills.discount, axis=-1)
            curves += [
                (case.offers.names[offer], "against" if offer == case.against else "other", usd)
                for offer, usd in zip(chosen, cumulative, strict=True)
            ]
        return _long(curves, "month", np.arange(case.owned.months + 1))

    @cached_property
    def cost_by_hours(self) -> pd.DataFrame:
        """Present value against busy hours a week, all else fixed: option, role, busy_hours_per_week, usd."""
        case = self.case
        hours = np.linspace(0.0, case.owned.most_busy_hours_per_week, 201)
        chosen = _charted(case)
        curves = (
            [(self._build_name, "build", case.owned_in_week.present_value_usd(hours))]
            if not case.build_misfit
            else []
        )
        if chosen:
            usd = case.rented_only(chosen).present_value_usd(hours[:, np.newaxis])
            curves += [
                (case.offers.names[offer], "against" if offer == case.against else "other", usd[:, i])
                for i, offer in enumerate(chosen)
            ]
        return _long(curves, "busy_hours_per_week", hours)

    @cached_property
    def cash_flows(self) -> pd.DataFrame:
        """What is due in each month, by component: option, component, month, usd, present_value_usd.

        The build with its sale at the horizon's end, whom it is compared with, and the cheapest considered
        offer of each further provider. `cash_flows_of` gives any other option's.
        """
        return cash_flows(self.case, self._build_name, _charted(self.case))

    def cash_flows_of(self, options: Sequence[str]) -> pd.DataFrame:
        """The same for options of the table by name; ``ValueError`` names one that has no bill."""
        names = {self.case.offers.names[offer]: int(offer) for offer in self.case.rows}
        for option in options:
            if option not in names and (option != self._build_name or self.case.build_misfit):
                raise ValueError(
                    f"there is no bill of {option!r}: it is no option of this comparison, or it does not fit"
                )
        flows = cash_flows(
            self.case, self._build_name, [names[option] for option in options if option in names]
        )
        return flows[flows["option"].isin(list(options))].reset_index(drop=True)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Payback, rate of return, yearly and levelised cost against the compared rental."""
        return measures(self.case)

    @cached_property
    def emissions(self) -> pd.DataFrame:
        """Energy and carbon of the build and of the charted rentals."""
        return emissions(self.case, self._build_name, _charted(self.case))

    @cached_property
    def labels(self) -> dict[str, str]:
        """Every option of the table, and its name in words."""
        return option_labels(self.case, self._build_name, str(self.table["gpu"].iloc[0]))

    @cached_property
    def bills(self) -> pd.DataFrame:
        """The receipt with one line a kind of component and a last line ``total`` for each option."""
        return short_bills(self.receipt)

    @property
    def break_even_months_usd(self) -> float:
        """Cumulative cost worth today at which the two bills meet; NaN if they never do. [USD]"""
        return cost_where_curves_meet_usd(self.cost_by_month, "month", float(str(self.break_even["months"])))

    @property
    def break_even_hours_usd(self) -> float:
        """Present value of both bills at the break-even hours a week; NaN if there are none. [USD]"""
        hours = float(str(self.break_even["hours_per_week"]))
        return cost_where_curves_meet_usd(self.cost_by_hours, "busy_hours_per_week", hours)

    @property
    def _build_name(self) -> str:
        return str(self.table["option"].iloc[0])

    def to_csv(self, path: str | Path | None = None, rows: Sequence[int] | None = None) -> str:
        """The table as CSV, written to ``path`` if one is given; ``rows`` are the positions to keep.

        Comment lines at the head carry the scenario, the snapshot id and the model's version.
        """
        dates = self.table.loc[self.table["considered"], "as_of"]
        spanned = (
            f"considered prices of {dates.min()} to {dates.max()}" if len(dates) else "nothing considered"
        )
        head = [
            f"Rig or Rent {__version__}: rent or build, prices in USD",
            f"snapshot {self.snapshot_id}, {spanned}",
            f"scenario {self.scenario.model_dump_json()}",
            "never = inf, unknown = empty",
        ]
        text = csv_text(self._rows(rows), head)
        if path is not None:
            write_whole(Path(path), text)
        return text

    def to_json(self, rows: Sequence[int] | None = None) -> str:
        """One JSON document: *never* is ``"never"``, unknown is ``null``."""
        return json_text(self.document(rows))

    def document(self, rows: Sequence[int] | None = None) -> dict[str, object]:
        """What ``to_json`` writes, so that more can be put beside it."""
        return {
            "version": __version__,
            "snapshot_id": self.snapshot_id,
            "scenario": self.scenario.model_dump(mode="json"),
            "verdict": list(self.verdict),
            "break_even": {name: plain(value) for name, value in self.break_even.items()},
            "flips_at": dict(zip(("hours_per_week", "direction"), map(plain, self.flips_at), strict=True)),
            "receipt": records(self.receipt),
            "measures": records(self.measures),
            "emissions": records(self.emissions),
            "options": records(self._rows(rows)),
        }

    def _rows(self, rows: Sequence[int] | None) -> pd.DataFrame:
        return self.table if rows is None else self.table.iloc[list(rows)]


def compare(
    scenario: Scenario,
    offers: pd.DataFrame,
    figures: Figures | None = None,
    *,
    on: date | None = None,
) -> Comparison:
    """Compare owning a build with renting every offer.

    Parameters
    ----------
    scenario : the question.
    offers : table of offers, as ``load_offers()`` returns it.
    figures : dated figures; the bundled ones by default.
    on : the day from which the age of prices counts; by default the newest day in the offers, so that the
        same offers give the same answer on any day.

    Returns
    -------
    Comparison. ``ValueError`` names a GPU, build, country, provider or region that is not known.
    """
    case = case_of(scenario, offers, figures, on)
    table = table_of(case)
    return Comparison(
        scenario=case.scenario,
        table=table,
        receipt=receipt(case, str(table["option"].iloc[0])),
        judgement=judge(case),
        case=case,
        offers=offers,
    )


def _direction_against(case: Case) -> str:
    if case.break_evens is None or case.against is None:
        return ""
    return case.break_evens.direction[case.row_of(case.against)]


def _charted(case: Case) -> list[int]:
    """Whom the build is compared with first, then the best of every other provider."""
    rest = [offer for offer in case.best_by_provider.values() if offer != case.against]
    return ([] if case.against is None else [case.against]) + rest


def _long(curves: list[tuple[str, str, FloatArray]], axis: str, values: NDArray[np.generic]) -> pd.DataFrame:
    frames = [
        pd.DataFrame({"option": option, "role": role, axis: values, "usd": usd})
        for option, role, usd in curves
    ]
    columns = ["option", "role", axis, "usd"]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
