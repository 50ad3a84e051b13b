"""The bills of rentals in many draws at once, month by month.

Months are the first axis, 0 to the horizon, draws the last. Where a project ends early, what a commitment
still owes is due in that month.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .case import Case, bills_of_rest
from .checks import LARGEST, FloatArray
from .rental import OfferTerms, RentedHours, RentedWeek, credit_used_by_month, rented_hours
from .rented_bills import RentedBills
from .uncertain_inputs import Draws
from .usage import MONTH_DAYS, whole_above


class RentedDraws:
    """The bills of some rentals, prepared for any draws.

    Busy hours a week are by month and draw, and so are sessions where they are not those of the bills.
    """

    def __init__(self, bills: RentedBills, rows: NDArray[np.intp]) -> None:
        self.bills = bills
        self.rows = undominated(bills.terms, rows)
        self.terms = bills.terms.take(self.rows)
        credited, in_packs = self.terms.credit_usd > 0, np.isfinite(self.terms.pack_hours)
        self.credited = np.flatnonzero(credited)
        self.in_packs = np.flatnonzero(in_packs & ~credited)
        self.level = np.flatnonzero(~in_packs & ~credited)

    def cheapest(
        self, draws: Draws, busy_hours: FloatArray, sessions: FloatArray | None = None
    ) -> NDArray[np.intp]:
        """Which of ``rows`` costs least in each draw.

        Use that grows is taken at its mean here, each month weighed like its dollars; the bill of the one
        that is found is worked out month by month.
        """
        weights, week = self._weights(draws), self.bills.week
        level = (busy_hours * weights).sum(axis=0) / weights.sum(axis=0)
        if sessions is not None:
            mean = (sessions * weights).sum(axis=0) / weights.sum(axis=0)
            week = replace(week, sessions=mean[:, np.newaxis])
        usd = np.empty((len(self.rows), len(level)))
        usd[self.level] = self._level_usd(draws, level, week, weights).T
        # What a pack costs counts from the month in which it is bought to the end, or in steps to it.
        steps = weights - np.concatenate([weights[1:], np.zeros_like(weights[:1])])
        annuity = self._annuity(weights)
        for i in self.in_packs:
            terms, hours = self._at(int(i), level, week)
            month = np.arange(float(len(weights)))[:, np.newaxis]
            packs = _packs(terms, hours.billed_per_month * month, month)
            price_usd = terms.pack_hours * terms.usd_per_hour
            usd[i] = np.einsum("md,md->d", packs, steps) * price_usd + annuity * terms.side_usd_per_month
        for i in self.credited:
            terms, hours = self._at(int(i), level, week)
            usd[i] = (_bought_usd(terms, hours, draws, self.bills) * self._discount).sum(axis=0)
        return np.asarray(usd.argmin(axis=0))

    def flows_usd(
        self,
        draws: Draws,
        busy_hours: FloatArray,
        chosen: NDArray[np.intp],
        sessions: FloatArray | None = None,
    ) -> FloatArray:
        """What is due each month at the rental that each draw has chosen among ``rows``. [USD]"""
        bills, terms = self.bills, self.terms.take(chosen)
        week = bills.week if sessions is None else replace(bills.week, sessions=sessions)
        hours = rented_hours(busy_hours, week, terms)
        bought = _bought_usd(terms, hours, draws, bills) * bills.extras.kept_fraction
        extras, month = bills.extras, np.arange(bills.months + 1)[:, np.newaxis]
        alike = extras.upkeep_time_usd_per_month + extras.hosted_ci_usd_per_month * extras.kept_fraction
        flows = bought + alike * ((month > 0) & (month <= draws.last_month))
        flows[0] += extras.set_up_time_usd
        return np.asarray(flows)

    def _at(self, offer: int, level: FloatArray, week: RentedWeek) -> tuple[OfferTerms, RentedHours]:
        """One offer, and its hours in each draw, every month alike."""
        terms = self.terms.take([offer])
        hours = rented_hours(level[:, np.newaxis], week, terms)
        arrays = hours.held_per_month, hours.billed_per_month, hours.instances
        return terms, RentedHours(*(array[:, 0] for array in arrays))

    def _annuity(self, weights: FloatArray) -> FloatArray:
        """Worth today of a dollar a month, shape (draws,)."""
        return np.asarray(((weights > 0) * self._discount).sum(axis=0))

    @property
    def _discount(self) -> FloatArray:
        return self.bills.discount[:, np.newaxis]

    def _weights(self, draws: Draws) -> FloatArray:
        """Worth today of a dollar a month at today's list prices, by month."""
        month = np.arange(self.bills.months + 1)[:, np.newaxis]
        is_on = (month > 0) & (month <= draws.last_month)
        price = np.exp(np.log1p(draws.yearly_rent_drift_fraction) / 12.0 * month)
        return np.asarray(price * self._discount * is_on)

    def _level_usd(
        self, draws: Draws, level: FloatArray, week: RentedWeek, weights: FloatArray
    ) -> FloatArray:
        """Worth today of the rentals that are not sold in packs, shape (draws, offers). [USD]"""
        terms = self.terms.take(self.level)
        hours = rented_hours(level[:, np.newaxis], week, terms)
        usd = hours.billed_per_month * weights.sum(axis=0)[:, np.newaxis] * terms.usd_per_hour
        committed = terms.committed_hours_per_month > 0
        for months in np.unique(terms.commitment_months[committed]):
            of_term = np.flatnonzero(committed & (terms.commitment_months == months))
            an_hour = self._committed_hour_usd(draws, terms.take(of_term[:1]))
            hours_usd = terms.committed_hours_per_month * hours.instances * terms.usd_per_hour
            usd[:, of_term] = hours_usd[:, of_term] * an_hour[:, np.newaxis]
        return np.asarray(usd + self._annuity(weights)[:, np.newaxis] * terms.side_usd_per_month)

    def _committed_hour_usd(self, draws: Draws, like: OfferTerms) -> FloatArray:
        """Worth today of an hour a month of one dollar, signed for as long as an offer, shape (draws,)."""
        one = replace(
            like,
            committed_hours_per_month=np.ones(1),
            usd_per_hour=np.ones(1),
            side_usd_per_month=np.zeros(1),
        )
        hours = RentedHours(np.zeros(1), np.zeros(1), np.ones(1))
        return np.asarray((_bought_usd(one, hours, draws, self.bills) * self._discount).sum(axis=0))


def rented_rest_usd_by_month(case: Case, draws: Draws, busy_hours: FloatArray) -> FloatArray:
    """What the work beyond the build's week costs each month, by the rule of ``rented_rest_usd``. [USD]"""
    room_hours = case.owned.room_hours / case.owned.hours_per_busy_hour
    rest_hours = np.maximum(busy_hours - room_hours, 0.0)
    usd = np.zeros_like(rest_hours)
    full = np.flatnonzero(rest_hours.any(axis=0))
    if len(full):
        rest = RentedDraws(bills_of_rest(case.rented), np.flatnonzero(case.offers.considered[case.rows]))
        some, hours = draws.part(full), rest_hours[:, full]
        sessions = hours / busy_hours[:, full] * case.rented.week.sessions
        usd[:, full] = rest.flows_usd(some, hours, rest.cheapest(some, hours, sessions), sessions)
    return usd


def busy_hours_by_month(draws: Draws, months: int) -> FloatArray:
    """Busy hours a week in months 0, 1, ..., growing every month; shape (months + 1, draws)."""
    growth = np.log1p(draws.yearly_usage_growth_fraction) / 12.0
    hours = draws.busy_hours_per_week * np.exp(growth * np.arange(months + 1)[:, np.newaxis])
    return np.asarray(np.minimum(hours, LARGEST))


def undominated(terms: OfferTerms, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Rows that can be the cheapest: among offers sold alike, none has both a lower price and lower sides."""
    sold = terms.sold_alike[:, rows]
    price, side = terms.usd_per_hour[rows], terms.side_usd_per_month[rows]
    order = np.lexsort([side, price, *sold])
    kept: list[int] = []
    for i in order:
        if kept and (sold[:, kept[-1]] == sold[:, i]).all() and side[kept[-1]] <= side[i]:
            continue
        kept.append(int(i))
    return np.asarray(rows[np.sort(kept)])


def _bought_usd(terms: OfferTerms, hours: RentedHours, draws: Draws, bills: RentedBills) -> FloatArray:
    """Hours, disks and download less a free credit, by month: one offer a draw, or one for all. [USD]

    ``hours`` has shape (draws,) where every month is alike, else (months + 1, draws).
    """
    month = np.arange(bills.months + 1)[:, np.newaxis]
    last = draws.last_month
    is_on = (month > 0) & (month <= last)
    committed = terms.committed_hours_per_month * hours.instances
    metered = np.where(terms.committed_hours_per_month > 0, committed, hours.billed_per_month) * is_on
    term = np.where(terms.commitment_months > 0, terms.commitment_months, 1.0)
    beyond = np.ceil(last / term) * term - last
    due = metered + (month == last) * committed * beyond
    if np.isfinite(terms.pack_hours).any():
        due = np.where(np.isfinite(terms.pack_hours), _pack_hours(terms, hours, is_on), due)
    drift = np.log1p(draws.yearly_rent_drift_fraction) / 12.0
    signed = np.where(
        terms.committed_hours_per_month > 0, np.floor(np.maximum(month - 1, 0) / term) * term, month
    )
    bought = due * np.exp(drift * signed) * terms.usd_per_hour + terms.side_usd_per_month * is_on
    if (terms.credit_usd > 0).any():
        bought = bought - credit_used_by_month(terms, bought.T).T
    return np.asarray(bought)


def _pack_hours(terms: OfferTerms, hours: RentedHours, is_on: NDArray[np.bool_]) -> FloatArray:
    """Hours of the packs bought in each month: when those before are used up or have expired."""
    packs = _packs(terms, summed(hours.billed_per_month * is_on), summed(is_on.astype(float)))
    pack_hours = np.where(np.isfinite(terms.pack_hours), terms.pack_hours, 0.0)
    return np.diff(packs, axis=0, prepend=0.0) * pack_hours


def _packs(terms: OfferTerms, used_hours: FloatArray, months: FloatArray) -> FloatArray:
    """Packs bought once so many hours are used and so many months have gone by."""
    packs = np.maximum(used_hours / terms.pack_hours, months * (MONTH_DAYS / terms.pack_valid_days))
    subscribed = (terms.commitment_months > 0) & np.isfinite(terms.pack_hours)
    if subscribed.any():
        packs = np.maximum(packs, months / np.where(subscribed, terms.commitment_months, np.inf))
    return whole_above(packs) * (used_hours > 0)


def summed(by_month: FloatArray) -> FloatArray:
    """Sums up to each month, months on the first axis; faster there than ``cumsum``."""
    sums = by_month.copy()
    for month in range(1, len(sums)):
        sums[month] += sums[month - 1]
    return sums
