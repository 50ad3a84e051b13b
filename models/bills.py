"""Both bills over the horizon, month by month and worth today, and where they meet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from .break_even import break_even_hours_per_week, break_even_months
from .checks import FloatArray
from .ownership import OwnedPart, OwnedWeek, electricity_usd_per_month, resale_usd_by_month
from .rental import (
    OfferTerms,
    RentedHours,
    RentedWeek,
    discounted_paid_hours,
    paid_hours_by_month,
    rented_falls_at_hours,
    rented_hours,
    signed_hours_by_month,
)
from .usage import WEEK_HOURS


@dataclass(frozen=True)
class OwnedBill:
    """The build's bill; arrays over months have shape (months + 1,), index 0 is today. Money in USD.

    ``hours_per_busy_hour`` turns busy hours as the person counts them into hours on the build's GPU.
    """

    parts: tuple[OwnedPart, ...]
    week: OwnedWeek
    sale_fee_fraction: float
    busy_hours_per_week: float
    hours_per_busy_hour: float
    discount: FloatArray

    @property
    def months(self) -> int:
        """Length of the horizon."""
        return len(self.discount) - 1

    @property
    def capex_usd(self) -> float:
        """Price of all parts that are not owned yet, paid today."""
        return sum(part.price_usd for part in self.parts)

    @property
    def electricity_usd(self) -> tuple[float, float, float]:
        """Electricity a month under load, idle and asleep."""
        busy = self.busy_hours_per_week * self.hours_per_busy_hour
        load, idle, asleep = electricity_usd_per_month(busy, self.week)
        return float(load), float(idle), float(asleep)

    @cached_property
    def resale_usd(self) -> FloatArray:
        """What all parts would fetch at the end of each month, before the sale fee."""
        return np.asarray(resale_usd_by_month(self.parts, self.months).sum(axis=0))

    @property
    def total_usd(self) -> float:
        """Nominal cost over the horizon, everything sold at its end."""
        running = sum(self.electricity_usd) * self.months
        return float(self.capex_usd + running - self.resale_usd[-1] * (1 - self.sale_fee_fraction))

    def present_value_usd(self, busy_hours_per_week: ArrayLike) -> FloatArray:
        """Cost worth today, everything sold at the horizon's end, for any number of busy hours a week."""
        busy = np.asarray(busy_hours_per_week, dtype=float) * self.hours_per_busy_hour
        running = sum(electricity_usd_per_month(np.minimum(busy, WEEK_HOURS), self.week))
        sold = self.resale_usd[-1] * (1 - self.sale_fee_fraction) * self.discount[-1]
        return np.asarray(self.capex_usd + running * self.discount[1:].sum() - sold)

    @property
    def cumulative_usd(self) -> FloatArray:
        """Paid by the end of each month, worth today, nothing sold."""
        flows = np.full(self.months + 1, sum(self.electricity_usd))
        flows[0] = 0.0
        return np.asarray(self.capex_usd + np.cumsum(flows * self.discount))

    @property
    def cumulative_if_sold_usd(self) -> FloatArray:
        """The same, less what the parts would fetch on that day."""
        return self.cumulative_usd - self.resale_usd * (1 - self.sale_fee_fraction) * self.discount


@dataclass(frozen=True)
class RentedBills:
    """The bills of several offers: arrays of shape (offers,) or (offers, months + 1). Money in USD."""

    terms: OfferTerms
    week: RentedWeek
    busy_hours_per_week: float
    discount: FloatArray

    @property
    def months(self) -> int:
        """Length of the horizon."""
        return len(self.discount) - 1

    @cached_property
    def hours(self) -> RentedHours:
        """Hours held and billed in a month."""
        return rented_hours(self.busy_hours_per_week, self.week, self.terms)

    @cached_property
    def paid_hours(self) -> FloatArray:
        """Hours paid for at the end of each month."""
        return paid_hours_by_month(self.terms, self.hours, self.months)

    @property
    def side_usd(self) -> FloatArray:
        """Storage and download at the end of each month."""
        return self.terms.side_usd_per_month[:, np.newaxis] * (np.arange(self.months + 1) > 0)

    @cached_property
    def flows_usd(self) -> FloatArray:
        """All that is due at the end of each month."""
        return self.paid_hours * self.terms.usd_per_hour[:, np.newaxis] + self.side_usd

    def present_value_usd(self, busy_hours_per_week: ArrayLike) -> FloatArray:
        """Cost worth today for any number of busy hours a week, shape (..., offers)."""
        rented = rented_hours(busy_hours_per_week, self.week, self.terms)
        hours = discounted_paid_hours(self.terms, rented, self.discount)
        return np.asarray(
            hours * self.terms.usd_per_hour + self.terms.side_usd_per_month * self.discount[1:].sum()
        )

    @property
    def cumulative_if_stopped_usd(self) -> FloatArray:
        """Paid by the end of each month if renting ended there: the rest of a signed term is owed at once."""
        owed = (
            signed_hours_by_month(self.terms, self.hours, self.months)
            * self.terms.usd_per_hour[:, np.newaxis]
        )
        owed[:, -1] = 0.0  # what is signed beyond the horizon is due there already
        return np.asarray(np.cumsum(self.flows_usd * self.discount, axis=-1) + owed * self.discount)


@dataclass(frozen=True, slots=True)
class BreakEvens:
    """Where the build and each offer cost the same: arrays of shape (offers,), ``inf`` = never."""

    months: FloatArray
    months_if_sold: FloatArray
    hours_per_week: FloatArray
    direction: list[str]
    usd_per_hour: FloatArray


def break_evens(owned: OwnedBill, rented: RentedBills) -> BreakEvens:
    """All break-evens of the build against each of the offers."""
    offers = len(rented.terms.usd_per_hour)
    cumulative = np.cumsum(rented.flows_usd * rented.discount, axis=-1)
    week = owned.week
    room = WEEK_HOURS - week.attended_idle_hours - week.left_on_hours
    bound = max(room, 0.0) / max(owned.hours_per_busy_hour, 1.0)
    hours, direction = break_even_hours_per_week(
        owned.present_value_usd,
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
    hours = discounted_paid_hours(rented.terms, rented.hours, rented.discount)
    left_usd = build_usd - rented.terms.side_usd_per_month * rented.discount[1:].sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        price = np.where(hours > 0, left_usd / hours, np.inf)
    return np.where(left_usd <= 0, 0.0, price)
