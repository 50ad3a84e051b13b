"""The bills of the rentals, month by month and worth today."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .checks import FloatArray
from .rental import (
    OfferTerms,
    RentedHours,
    RentedWeek,
    credit_used_by_month,
    discounted_paid_hours,
    paid_hours_by_month,
    price_factors,
    rented_hours,
    signed_hours_by_month,
)


@dataclass(frozen=True, slots=True)
class RentedExtras:
    """What a rental costs beside its hours and its disks, and what the tax office takes and gives.

    ``vat_added_fraction`` comes on top of listed prices; ``marginal_rate_fraction`` of what is paid comes
    back. A person's time is already turned into money and bears no tax.
    """

    set_up_time_usd: float = 0.0
    upkeep_time_usd_per_month: float = 0.0
    hosted_ci_usd_per_month: float = 0.0
    vat_added_fraction: float = 0.0
    marginal_rate_fraction: float = 0.0

    @property
    def kept_fraction(self) -> float:
        """What a listed dollar costs in the end."""
        return (1.0 + self.vat_added_fraction) * (1.0 - self.marginal_rate_fraction)


@dataclass(frozen=True)
class RentedBills:
    """The bills of several offers: arrays of shape (offers,) or (offers, months + 1). Money in USD.

    ``price_drift`` is the list price of each month relative to today's, shape (months + 1,).
    """

    terms: OfferTerms
    week: RentedWeek
    busy_hours_per_week: float
    discount: FloatArray
    price_drift: FloatArray
    extras: RentedExtras

    @property
    def months(self) -> int:
        """Length of the horizon."""
        return len(self.discount) - 1

    def only(self, chosen: NDArray[np.intp] | list[int]) -> RentedBills:
        """The bills of some of the offers."""
        return RentedBills(
            self.terms.take(chosen),
            self.week,
            self.busy_hours_per_week,
            self.discount,
            self.price_drift,
            self.extras,
        )

    @cached_property
    def hours(self) -> RentedHours:
        """Hours held and billed in a month."""
        return rented_hours(self.busy_hours_per_week, self.week, self.terms)

    @cached_property
    def paid_hours(self) -> FloatArray:
        """Hours paid for at the end of each month."""
        return paid_hours_by_month(self.terms, self.hours, self.months)

    @cached_property
    def price_usd_per_hour(self) -> FloatArray:
        """Price of an hour at the end of each month."""
        return price_factors(self.terms, self.price_drift) * self.terms.usd_per_hour[:, np.newaxis]

    @property
    def hours_usd(self) -> FloatArray:
        """What the paid hours cost at the end of each month."""
        return self.paid_hours * self.price_usd_per_hour

    @cached_property
    def side_usd(self) -> FloatArray:
        """Storage, download and what else the provider charges by the month."""
        return self.terms.side_usd_per_month[:, np.newaxis] * self._is_running

    @property
    def credit_usd(self) -> FloatArray:
        """What a free credit takes off, by month."""
        return credit_used_by_month(self.terms, self.hours_usd + self.side_usd)

    @cached_property
    def flows_usd(self) -> FloatArray:
        """All that is due at the end of each month."""
        bought = self.hours_usd + self.side_usd - self.credit_usd
        return bought * self.extras.kept_fraction + self._alike_usd

    def present_value_usd(self, busy_hours_per_week: ArrayLike) -> FloatArray:
        """Cost worth today for any number of busy hours a week, shape (..., offers)."""
        rented = rented_hours(busy_hours_per_week, self.week, self.terms)
        hours = discounted_paid_hours(self.terms, rented, self._weights)
        bought = hours * self.terms.usd_per_hour + self._discounted_side_usd
        credited = np.flatnonzero(self.terms.credit_usd > 0)
        if len(credited):
            some = self.only(credited)
            part = RentedHours(
                *(
                    array[..., credited]
                    for array in (rented.held_per_month, rented.billed_per_month, rented.instances)
                )
            )
            due = paid_hours_by_month(some.terms, part, self.months) * some.price_usd_per_hour + some.side_usd
            bought[..., credited] -= (credit_used_by_month(some.terms, due) * self.discount).sum(-1)
        return np.asarray(bought * self.extras.kept_fraction + self._discounted_alike_usd)

    def at_price_usd(self, usd_per_hour: FloatArray, *, with_credit: bool = True) -> FloatArray:
        """Present value if the hour of each offer cost so much today, shape (offers,)."""
        hours_usd = (
            self.paid_hours * price_factors(self.terms, self.price_drift) * usd_per_hour[:, np.newaxis]
        )
        bought = hours_usd + self.side_usd
        if with_credit:
            bought = bought - credit_used_by_month(self.terms, bought)
        return np.asarray((bought * self.extras.kept_fraction + self._alike_usd) @ self.discount)

    @property
    def cumulative_if_stopped_usd(self) -> FloatArray:
        """Paid by the end of each month if renting ended there: the rest of a signed term is owed at once."""
        signed = signed_hours_by_month(self.terms, self.hours, self.months)
        owed = signed * self.price_usd_per_hour * self.extras.kept_fraction
        owed[:, -1] = 0.0  # what is signed beyond the horizon is due there already
        return np.asarray(np.cumsum(self.flows_usd * self.discount, axis=-1) + owed * self.discount)

    @cached_property
    def _weights(self) -> FloatArray:
        """What a dollar of today's price weighs in each month."""
        if (self.price_drift == 1.0).all():
            return self.discount
        return price_factors(self.terms, self.price_drift) * self.discount

    @property
    def _is_running(self) -> NDArray[np.bool_]:
        return np.arange(self.months + 1) > 0

    @cached_property
    def _alike_usd(self) -> FloatArray:
        """What every rental costs alike, by month: a person's time, and the hosted CI."""
        extras = self.extras
        monthly = extras.upkeep_time_usd_per_month + extras.hosted_ci_usd_per_month * extras.kept_fraction
        flows = monthly * self._is_running
        flows[0] = extras.set_up_time_usd
        return np.asarray(flows, dtype=float)

    @cached_property
    def _discounted_alike_usd(self) -> float:
        return float(self._alike_usd @ self.discount)

    @property
    def _discounted_side_usd(self) -> FloatArray:
        return np.asarray(self.terms.side_usd_per_month * self.discount[1:].sum())
