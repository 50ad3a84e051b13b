"""One scenario worked out on both sides: what the table, the verdict, the receipt and the charts read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .bills import BreakEvens, break_evens
from .build_side import build_misfit, hosted_ci_usd, owned_bill, vat_added_fraction, with_rented_rest
from .checks import FloatArray
from .figures import Figures, load_figures
from .finance import discount_factors
from .fit import rented_week
from .options import Options, columns_of, options
from .owned_bill import OwnedBill
from .rental import OfferTerms
from .rented_bills import RentedBills, RentedExtras
from .resolve import resolve
from .scenario import Scenario
from .tariffs import drift_factors

# Bills that differ by less than a millionth of a dollar are the same bill, added up in another order.
BILL_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Case:
    """A resolved scenario with both sides worked out; what the verdict, the receipt and the charts read.

    ``rows`` are the offers with a bill, as indices into ``offers``; the arrays of ``rented`` and
    ``break_evens`` follow them. ``best`` and ``against`` are indices into ``offers``, None where nothing is
    left. ``owned_in_week`` is the build's bill where all the work fits into its week: no build is added to
    those asked for, and nothing is rented.
    """

    scenario: Scenario
    figures: Figures
    owned: OwnedBill
    owned_in_week: OwnedBill
    build_misfit: str
    offers: Options
    rows: NDArray[np.intp]
    rented: RentedBills
    present_value_usd: FloatArray
    break_evens: BreakEvens | None
    best: int | None
    against: int | None
    best_by_provider: dict[str, int]

    def row_of(self, offer: int) -> int:
        """Where an offer stands among the rows with a bill."""
        return int(np.flatnonzero(self.rows == offer)[0])

    @property
    def compared_rows(self) -> NDArray[np.intp]:
        """Rows with a bill that the build is compared with: all considered ones, or those of one provider."""
        wanted = self.scenario.rental.against
        providers = np.array(self.offers.text["provider"])[self.rows]
        considered = self.offers.considered[self.rows]
        return np.flatnonzero(considered & ((wanted == "cheapest") | (providers == wanted)))

    @property
    def flips_at(self) -> tuple[float, str]:
        """Busy hours a week at which the answer flips, and on which side of them building wins.

        There the build draws level with the last of the rentals that it is compared with, which need not be
        the one that is cheapest today. NaN as in ``BreakEvens.hours_against_all``, and without a build.
        """
        return (
            (np.nan, "")
            if self.break_evens is None
            else self.break_evens.hours_against_all(self.compared_rows)
        )

    def rented_only(self, chosen: list[int]) -> RentedBills:
        """The bills of a few offers."""
        return self.rented.only([self.row_of(offer) for offer in chosen])


def newest_day(offers: pd.DataFrame) -> date:
    """The newest day in a table of offers: the same offers give the same answer on any day."""
    return date.fromisoformat(max((str(text) for text in offers["as_of"]), default="1970-01-01"))


def case_of(
    scenario: Scenario, offers: pd.DataFrame, figures: Figures | None = None, on: date | None = None
) -> Case:
    """Both sides of a question, its defaults resolved; the arguments are those of ``compare``."""
    figures = figures or load_figures()
    resolved = resolve(scenario, figures, set(offers["provider"]), set(offers["region"]))
    return work_out(resolved, offers, figures, on or newest_day(offers))


def work_out(scenario: Scenario, offers: pd.DataFrame, figures: Figures, on: date) -> Case:
    """Both sides of a resolved scenario; ``on`` is the day from which the age of prices counts."""
    judged = options(scenario, columns_of(offers), figures, on)
    owned = owned_bill(scenario, figures)
    asked = scenario.workstation.count
    owned_in_week = owned if owned.week.count == asked else owned_bill(scenario, figures, asked)
    misfit = build_misfit(scenario, figures, owned)
    rows = np.flatnonzero(judged.usable)
    rented = rented_bills(scenario, judged.terms.take(rows), figures)
    if scenario.workstation.when_full == "rent_the_rest":
        considered = np.flatnonzero(judged.considered[rows])
        owned = with_rented_rest(owned, rented_rest_usd(owned, rented.only(considered)))
    present_value_usd = (rented.flows_usd * owned.discount).sum(axis=-1)
    ranked = sorted(
        (offer for offer in rows if judged.considered[offer]),
        key=lambda offer: (
            round(float(present_value_usd[np.searchsorted(rows, offer)]), BILL_DECIMALS),
            judged.names[offer],
        ),
    )
    best_by_provider: dict[str, int] = {}
    for offer in ranked:
        best_by_provider.setdefault(judged.text["provider"][offer], int(offer))
    best = int(ranked[0]) if ranked else None
    wanted = scenario.rental.against
    return Case(
        scenario=scenario,
        figures=figures,
        owned=owned,
        owned_in_week=owned_in_week,
        build_misfit=misfit,
        offers=judged,
        rows=rows,
        rented=rented,
        present_value_usd=present_value_usd,
        break_evens=None if misfit else break_evens(owned, owned_in_week, rented),
        best=best,
        against=best if wanted == "cheapest" else best_by_provider.get(wanted),
        best_by_provider=best_by_provider,
    )


def rented_bills(scenario: Scenario, terms: OfferTerms, figures: Figures) -> RentedBills:
    """The bills of a resolved scenario's work on offers with these terms."""
    rental, money = scenario.rental, scenario.money
    return RentedBills(
        terms,
        rented_week(scenario),
        scenario.workload.busy_hours_per_week,
        discount_factors(money.yearly_discount_fraction, money.horizon_months),
        drift_factors(rental.yearly_price_drift_fraction, money.horizon_months),
        rented_extras(scenario, figures),
    )


def rented_extras(scenario: Scenario, figures: Figures) -> RentedExtras:
    """What renting costs beside machines and disks."""
    rental, money = scenario.rental, scenario.money
    return RentedExtras(
        set_up_time_usd=rental.set_up_hours * money.value_per_hour_usd,
        upkeep_time_usd_per_month=rental.upkeep_hours_per_month * money.value_per_hour_usd,
        hosted_ci_usd_per_month=hosted_ci_usd(scenario, figures, with_build=False),
        vat_added_fraction=vat_added_fraction(scenario),
        marginal_rate_fraction=money.marginal_tax_rate_fraction,
    )


def rented_rest_usd(owned: OwnedBill, considered: RentedBills) -> FloatArray:
    """What the work beyond the build's week costs by month, on the considered offer that does it for least.

    Nothing where all the work fits, or nothing is left to rent.
    """
    rest_hours = owned.busy_hours_per_week - owned.room_hours / owned.hours_per_busy_hour
    if rest_hours <= 0 or not len(considered.terms.usd_per_hour):
        return np.zeros(owned.months + 1)
    share = rest_hours / owned.busy_hours_per_week
    rest = bills_of_rest(considered)
    week = replace(rest.week, sessions=rest.week.sessions * share)
    bills = replace(rest, week=week, busy_hours_per_week=rest_hours)
    return np.asarray(bills.flows_usd[np.argmin(bills.flows_usd @ bills.discount)])


def bills_of_rest(bills: RentedBills) -> RentedBills:
    """The same offers for work beyond the build's week: only hours count, the data is at home already."""
    terms = replace(bills.terms, side_usd_per_month=np.zeros_like(bills.terms.side_usd_per_month))
    extras = replace(
        bills.extras, set_up_time_usd=0.0, upkeep_time_usd_per_month=0.0, hosted_ci_usd_per_month=0.0
    )
    return replace(bills, terms=terms, week=replace(bills.week, attended_idle_hours=0.0), extras=extras)
