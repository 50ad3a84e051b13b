"""Where the two bills meet: in months, in hours a week, in the price of the rented hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .break_even import break_even_hours_per_week, break_even_months
from .checks import FloatArray
from .owned_bill import OwnedBill
from .rental import rented_falls_at_hours
from .rented_bills import RentedBills

# Shown as 0.0: whoever wins below that wins for nobody.
_HARDLY_HOURS = 0.05


@dataclass(frozen=True, slots=True)
class BreakEvens:
    """Where the build and each offer cost the same: arrays of shape (offers,), ``inf`` = never."""

    months: FloatArray
    months_if_sold: FloatArray
    hours_per_week: FloatArray
    direction: list[str]
    usd_per_hour: FloatArray

    def wins_between(self, rows: NDArray[np.intp]) -> tuple[float, float]:
        """Busy hours a week from and up to which the build beats all of some offers.

        ``inf`` as the second: up to the week's end; as the first: never.
        """
        is_below = np.array([self.direction[row] == "below" for row in rows], dtype=bool)
        least = float(self.hours_per_week[rows][~is_below].max(initial=0.0))
        most = float(self.hours_per_week[rows][is_below].min(initial=np.inf))
        return (least, most) if least <= most else (np.inf, np.inf)

    def hours_against_all(self, rows: NDArray[np.intp]) -> tuple[float, str]:
        """Busy hours a week from (``above``) or up to (``below``) which the build beats all of some offers.

        0 = always, ``inf`` = never, or at no more than three minutes; NaN where it does so only between two
        numbers of hours, or there are no offers.
        """
        least, most = self.wins_between(rows)
        if most < _HARDLY_HOURS:
            return np.inf, "above"
        if not len(rows) or 0.0 < least <= most < np.inf:
            return np.nan, ""
        return (most, "below") if most < np.inf else (least, "above")


def break_evens(owned: OwnedBill, owned_in_week: OwnedBill, rented: RentedBills) -> BreakEvens:
    """All break-evens of the build against each of the offers.

    ``owned_in_week`` is the bill where all the work fits into the week: no build is added and nothing rented.
    """
    offers = len(rented.terms.usd_per_hour)
    cumulative = np.cumsum(rented.flows_usd * rented.discount, axis=-1)
    bound = owned.most_busy_hours_per_week
    hours, direction = break_even_hours_per_week(
        owned_in_week.present_value_usd,
        rented.present_value_usd,
        bound,
        offers,
        rented_falls_at_hours(rented.terms, rented.week, bound),
    )
    return BreakEvens(
        months=break_even_months(owned.cumulative_usd, cumulative),
        months_if_sold=break_even_months(owned.cumulative_if_sold_usd, rented.cumulative_if_stopped_usd),
        hours_per_week=hours,
        direction=direction,
        usd_per_hour=break_even_price(owned, rented),
    )


def break_even_price(owned: OwnedBill, rented: RentedBills) -> FloatArray:
    """Price of the whole instance-hour at which renting costs what owning costs, the rest fixed. [USD/h]

    0 where owning is no dearer than even free hours; ``inf`` where no hours are paid at all.
    """
    build_usd = owned.present_value_usd(owned.busy_hours_per_week)
    free = np.zeros_like(rented.terms.usd_per_hour)
    left_usd = build_usd - rented.at_price_usd(free)
    per_dollar = rented.at_price_usd(free + 1.0, with_credit=False) - rented.at_price_usd(
        free, with_credit=False
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        price = np.where(per_dollar > 0, left_usd / per_dollar, np.inf)
    credited = np.flatnonzero((rented.terms.credit_usd > 0) & (left_usd > 0) & np.isfinite(price))
    if len(credited):
        price[credited] = _price_with_credit(rented.only(credited), build_usd, price[credited])
    return np.where(left_usd <= 0, 0.0, price)


def _price_with_credit(rented: RentedBills, build_usd: FloatArray, least: FloatArray) -> FloatArray:
    """Halve the span of prices: a credit is used up at some price, so the bill bends there.

    Without the credit the price would be ``least``; with it the price may rise until the credit is paid back.
    """
    low = np.where(np.isfinite(least), np.maximum(least, 0.0), 0.0)
    high = 2.0 * low + 1.0
    while (short := rented.at_price_usd(high) < build_usd).any():
        high = np.where(short, 2.0 * high, high)
    for _ in range(100):
        middle = (low + high) / 2.0
        is_low = rented.at_price_usd(middle) < build_usd
        low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
    return high
