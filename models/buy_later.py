"""Rent now, buy later: what each month of purchase costs, today's answer and under uncertain use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .case import Case, case_of
from .checks import FloatArray, rate, within
from .figures import Figures
from .owned_bill import OwnedBill
from .owned_draws import OwnedDraws
from .refusals import refuse_one_sided
from .rented_draws import RentedDraws, busy_hours_by_month, rented_rest_usd_by_month
from .scenario import Scenario
from .tariffs import drift_factors
from .uncertain_inputs import Draws, Range, drawn, spreads

# Differences below a millionth of a dollar are arithmetic noise.
_USD_DECIMALS = 6
# As much as any price may drift.
_MOST_DRIFT = 10.0


class MonthToBuy(NamedTuple):
    """Costs worth today of renting until month 0, 1, ... and owning from then on to the horizon. [USD]

    Month 0 buys today, the last one never does. ``best_month`` is the first that costs least, and
    ``value_of_waiting_usd`` what it saves against the better of these two.
    """

    best_month: int
    usd_by_month: FloatArray
    value_of_waiting_usd: float


def best_month_to_buy(
    scenario: Scenario,
    offers: pd.DataFrame,
    figures: Figures | None = None,
    yearly_parts_drift_fraction: float = 0.0,
    draws: int = 0,
    seed: int = 0,
    ranges: Mapping[str, Range] | None = None,
) -> MonthToBuy:
    """Rent now, buy later: the month in which buying costs least.

    Parameters
    ----------
    scenario, offers, figures : as for ``compare``.
    yearly_parts_drift_fraction : by how much the price of the same parts rises a year, -0.2 for a fifth less;
        above -1 and at most 10.
    draws : futures over which each cost is the mean, as ``simulate`` draws them with ``seed`` and ``ranges``;
        0 = none, the comparison's own numbers.

    Returns
    -------
    MonthToBuy. ``ValueError`` says why where one of both sides has no bill, and names what is not allowed.

    Until the purchase the work runs on the compared rental that is cheapest for that time (in each draw), and
    what a commitment still owes is due with the purchase. The parts cost what they cost today but for the
    drift, and are sold at the horizon, having aged from the purchase on. A loan, a lease and a warranty begin
    with them. Electricity, rental prices and the coming of a new generation keep their dates; who buys after
    it loses nothing by it.

    In a draw that ends by the purchase nothing is bought; in one that ends after it the build is sold then.
    The month is fixed today: nobody watches how the use goes first, which would save more still. Failures are
    taken in proportion to the months left in which one costs something.
    """
    case = case_of(scenario, offers, figures)
    return best_month_of_case(case, yearly_parts_drift_fraction, draws, seed, ranges)


def best_month_of_case(
    case: Case,
    yearly_parts_drift_fraction: float = 0.0,
    draws: int = 0,
    seed: int = 0,
    ranges: Mapping[str, Range] | None = None,
) -> MonthToBuy:
    """The same for a case that is worked out already, such as that of a comparison."""
    rate(yearly_parts_drift_fraction=yearly_parts_drift_fraction)
    within(-1.0, _MOST_DRIFT, yearly_parts_drift_fraction=yearly_parts_drift_fraction)
    refuse_one_sided(case, "there is no month to buy")
    parts_price = drift_factors(yearly_parts_drift_fraction, case.owned.months)
    if draws == 0:
        usd = _central_usd(case, parts_price)
    else:
        free = OwnedDraws(case).months_without_repairs
        futures = drawn(spreads(case, ranges), draws, seed, case.owned.months, free)
        usd = _expected_usd(case, parts_price, futures, free)
    best = int(np.argmin(np.round(usd, _USD_DECIMALS)))
    return MonthToBuy(best, usd, float(min(usd[0], usd[-1]) - usd[best]))


def _central_usd(case: Case, parts_price: FloatArray) -> FloatArray:
    """Cost of each month of purchase at the comparison's own numbers."""
    usd = case.rented.only(case.compared_rows).cumulative_if_stopped_usd.min(axis=0)
    usd[0] = 0.0  # who buys today signs nothing
    for month in range(case.owned.months):
        owned = _bought_in(case.owned, month, float(parts_price[month]))
        usd[month] += float(owned.present_value_usd(owned.busy_hours_per_week)) * case.owned.discount[month]
    return np.asarray(usd)


def _expected_usd(
    case: Case, parts_price: FloatArray, draws: Draws, months_without_repairs: int
) -> FloatArray:
    """Mean cost of each month of purchase over the draws."""
    months, discount = case.owned.months, case.owned.discount[:, np.newaxis]
    hours = busy_hours_by_month(draws, months)
    rented = RentedDraws(case.rented, case.compared_rows)

    def rented_usd(until: FloatArray) -> FloatArray:
        stopped = replace(draws, last_month=until)
        return rented.flows_usd(stopped, hours, rented.cheapest(stopped, hours)) * discount

    rest_usd = rented_rest_usd_by_month(case, draws, hours) * discount
    usd = np.zeros(months + 1)
    for month in range(months + 1):
        if month:
            usd[month] = rented_usd(np.minimum(draws.last_month, month)).sum(axis=0).mean()
        buys = draws.last_month > month
        if not buys.any():
            continue
        bill = _bought_in(case.owned, month, float(parts_price[month]))
        owned = OwnedDraws(replace(case, owned=bill))
        some = _left_of(draws, month, months_without_repairs, buys)
        flows = owned.flows_usd(some, hours[month:]) * discount[month:]
        flows[1:] += rest_usd[month + 1 :]
        last = some.last_month.astype(int)
        sale = owned.sale_usd(some) * case.owned.discount[month + last]
        usd[month] += np.where(buys, flows.sum(axis=0) - sale, 0.0).mean()
    return usd


def _bought_in(owned: OwnedBill, month: int, price_factor: float) -> OwnedBill:
    """The build's bill from a month on, its first month being that of the purchase."""
    parts = tuple(replace(part, price_usd=part.price_usd * price_factor) for part in owned.parts)
    coming = owned.sale.generation_month - month
    rest = owned.rented_rest_usd
    return replace(
        owned,
        parts=parts,
        sale=replace(owned.sale, generation_month=coming if coming >= 0 else np.inf),
        discount=owned.discount[: owned.months + 1 - month],
        price_drift=owned.price_drift[month:],
        first_month=(owned.first_month - 1 + month) % 12 + 1,
        # What is paid for the rest in the month of purchase was rented before it.
        rented_rest_usd=None
        if rest is None
        else np.concatenate([[0.0 if month else rest[0]], rest[month + 1 :]]),
    )


def _left_of(draws: Draws, month: int, months_without_repairs: int, buys: NDArray[np.bool_]) -> Draws:
    """What is left of each draw once the build is bought; one month where it ends before."""
    left = np.where(buys, draws.last_month - month, 1.0)
    before = np.maximum(draws.last_month - months_without_repairs, 1e-300)
    share = np.minimum(np.maximum(left - months_without_repairs, 0.0) / before, 1.0)
    return replace(draws, last_month=left, failures=draws.failures * share)
