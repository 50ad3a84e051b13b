"""What renting costs: hours paid for, whatever the way an offer is sold, plus storage and download.

All ways of selling come down to *paid hours*: metered hours as billed, a commitment's hours around the
clock for whole terms, and a prepaid pack's hours when the pack is bought. The last axis is the offer;
axes before it (hours a week, scenarios) broadcast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .checks import FloatArray, not_negative
from .usage import (
    MONTH_DAYS,
    MONTH_HOURS,
    WEEKS_PER_MONTH,
    billed_hours,
    sessions_per_week,
    whole_above,
)

# What an offer asks; all its other terms are how it is sold.
_PRICES = ("usd_per_hour", "side_usd_per_month")


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """What the bill needs to know of each offer: arrays of shape (offers,).

    ``hours_per_busy_hour`` turns busy hours as the person counts them into hours on this offer; the absence
    of a commitment is 0, of a pack or a limit ``inf``.
    """

    usd_per_hour: FloatArray
    hours_per_busy_hour: FloatArray
    committed_hours_per_month: FloatArray
    commitment_months: FloatArray
    billing_increment_s: FloatArray
    minimum_billing_s: FloatArray
    pack_hours: FloatArray
    pack_valid_days: FloatArray
    max_session_hours: FloatArray
    side_usd_per_month: FloatArray
    credit_usd: FloatArray
    credit_months: FloatArray
    credit_is_monthly: NDArray[np.bool_]

    @property
    def sold_alike(self) -> FloatArray:
        """All terms but the prices, shape (terms, offers): equal columns are sold alike at any price."""
        alike = [field.name for field in fields(self) if field.name not in _PRICES]
        return np.array([np.asarray(getattr(self, name), dtype=float) for name in alike])

    def take(self, index: NDArray[np.intp] | NDArray[np.bool_] | list[int]) -> OfferTerms:
        """The terms of some of the offers."""
        return OfferTerms(*(getattr(self, field.name)[index] for field in fields(self)))


@dataclass(frozen=True, slots=True)
class RentedWeek:
    """What of the week does not depend on the offer: hours held while thinking, sessions, start-up.

    Sessions broadcast with the busy hours.
    """

    attended_idle_hours: float
    sessions: float | FloatArray
    start_up_hours: float


@dataclass(frozen=True, slots=True)
class RentedHours:
    """A month on the cloud's clock, shape (..., offers)."""

    held_per_month: FloatArray
    billed_per_month: FloatArray
    instances: FloatArray


def rented_hours(busy_hours_per_week: ArrayLike, week: RentedWeek, terms: OfferTerms) -> RentedHours:
    """Hours that a month's work holds each offer, and hours that are billed for it.

    The clock runs while the GPU works, while the machine is held (attended idle), and while each session
    starts up. Above 730 hours a month more instances run side by side.
    """
    busy = np.asarray(busy_hours_per_week, dtype=float) * terms.hours_per_busy_hour
    held = busy + week.attended_idle_hours
    sessions = sessions_per_week(week.sessions, held, terms.max_session_hours, week.start_up_hours)
    clock = held + sessions * week.start_up_hours
    billed = billed_hours(clock, sessions, terms.billing_increment_s, terms.minimum_billing_s)
    per_month = clock * WEEKS_PER_MONTH
    instances = np.maximum(whole_above(per_month / MONTH_HOURS), 1.0)
    return RentedHours(per_month, billed * WEEKS_PER_MONTH, instances)


def rented_falls_at_hours(terms: OfferTerms, week: RentedWeek, bound_hours: float) -> FloatArray:
    """Busy hours a week just above which one session more may make the bill smaller, shape (n, offers).

    Where sessions are limited and billed by more than a second, seven sessions rounded up can cost more than
    eight. ``inf`` where an offer has no such hours below the bound.
    """
    session_hours = terms.max_session_hours - week.start_up_hours
    may_fall = np.isfinite(session_hours) & (session_hours > 0) & (terms.billing_increment_s > 1)
    if not may_fall.any():
        return np.empty((0, len(may_fall)))
    held = bound_hours * terms.hours_per_busy_hour + week.attended_idle_hours
    sessions = np.arange(1, np.ceil((held / session_hours)[may_fall].max()) + 1)[:, np.newaxis]
    hours = (sessions * session_hours - week.attended_idle_hours) / terms.hours_per_busy_hour
    return np.where(may_fall & (hours > 0), hours, np.where(hours > 0, np.inf, 0.0))


def paid_hours_by_month(terms: OfferTerms, rented: RentedHours, months: int) -> FloatArray:
    """Hours paid for at the end of each of the months 1 to ``months``, in the order in which they are due.

    A commitment is paid month by month; what is signed beyond the last month is due with it. A pack is
    paid in the month in which the one before it is used up or has expired.

    Returns
    -------
    Hours, shape (..., offers, months + 1); index 0 is today, when nothing is due.
    """
    month = np.arange(months + 1)
    committed = terms.committed_hours_per_month * rented.instances
    metered = np.where(committed > 0, committed, rented.billed_per_month)
    due = metered[..., np.newaxis] * (month > 0)
    due[..., -1] += committed * _months_signed_beyond(terms, months)
    packs = np.diff(packs_bought(terms, rented, month), axis=-1, prepend=0.0)
    in_packs = np.isfinite(terms.pack_hours)
    pack_hours = np.where(in_packs, terms.pack_hours, 0.0)[..., np.newaxis]
    return np.asarray(np.where(in_packs[..., np.newaxis], packs * pack_hours, due))


def packs_bought(terms: OfferTerms, rented: RentedHours, month: NDArray[np.int_]) -> FloatArray:
    """Packs bought by the end of each month, shape (..., offers, len(month)).

    A pack lasts until its hours are used or its days are over, whichever is first. A plan with a monthly
    fee brings at least one pack a month. Without hours nothing is bought.
    """
    with np.errstate(divide="ignore"):
        lasts_months = np.minimum(
            terms.pack_hours / rented.billed_per_month, terms.pack_valid_days / MONTH_DAYS
        )
    packs = whole_above(month / lasts_months[..., np.newaxis])
    subscribed = (terms.commitment_months > 0) & np.isfinite(terms.pack_hours)
    fee_months = np.where(subscribed, terms.commitment_months, np.inf)
    with np.errstate(invalid="ignore"):
        packs = np.maximum(packs, whole_above(month / fee_months[..., np.newaxis]))
    return np.where(rented.billed_per_month[..., np.newaxis] > 0, packs, 0.0)


def signed_hours_by_month(terms: OfferTerms, rented: RentedHours, months: int) -> FloatArray:
    """Committed hours still owed at the end of months 0 to ``months`` if everything stopped that day.

    Shape (..., offers, months + 1). The first term is signed today, so all of it is owed today.
    """
    month = np.arange(months + 1)
    term = np.where(terms.commitment_months > 0, terms.commitment_months, 1.0)[..., np.newaxis]
    begun = np.where(month == 0, 1.0, np.ceil(month / term))
    committed = terms.committed_hours_per_month * rented.instances
    return np.asarray(committed[..., np.newaxis] * (begun * term - month))


def price_factors(terms: OfferTerms, drift: FloatArray) -> FloatArray:
    """Price of each month relative to today's, shape (offers, months + 1).

    ``drift`` is how the list prices move, shape (months + 1,). A commitment keeps the price of the day on
    which its term was signed.
    """
    month = np.arange(len(drift))
    term = np.where(terms.committed_hours_per_month > 0, terms.commitment_months, 1.0)[:, np.newaxis]
    signed = np.where(month > 0, np.floor((month - 1) / term) * term, 0.0).astype(int)
    is_committed = terms.committed_hours_per_month[:, np.newaxis] > 0
    return np.asarray(np.where(is_committed, drift[signed], drift))


def discounted_paid_hours(terms: OfferTerms, rented: RentedHours, weights: FloatArray) -> FloatArray:
    """Paid hours over the horizon, each month weighted: shape (..., offers).

    ``weights`` of months 0, 1, ... are the discount factors, times `price_factors` where prices drift: shape
    (months + 1,) or (offers, months + 1). Equal to ``paid_hours_by_month`` summed with them, but without the
    axis of months where the flow is level.
    """
    months = weights.shape[-1] - 1
    annuity = weights[..., 1:].sum(axis=-1)
    committed = terms.committed_hours_per_month * rented.instances
    beyond = committed * _months_signed_beyond(terms, months) * weights[..., -1]
    paid = np.where(committed > 0, committed * annuity + beyond, rented.billed_per_month * annuity)
    in_packs = np.flatnonzero(np.isfinite(terms.pack_hours))
    if len(in_packs):
        part = RentedHours(*(array[..., in_packs] for array in _arrays(rented)))
        of_packs = weights if weights.ndim == 1 else weights[in_packs]
        paid[..., in_packs] = (paid_hours_by_month(terms.take(in_packs), part, months) * of_packs).sum(-1)
    return np.asarray(paid)


def credit_used_by_month(terms: OfferTerms, due_usd: FloatArray) -> FloatArray:
    """What a provider's free credit takes off what is due, month by month: shape as ``due_usd``.

    Parameters
    ----------
    terms : with ``credit_usd``, once or every month (``credit_is_monthly``), to be used within
        ``credit_months``.
    due_usd : dues of months 0, 1, ... on the last axis, shape (..., offers, months + 1). [USD]
    """
    month = np.arange(due_usd.shape[-1])
    open_usd = np.where(month <= terms.credit_months[:, np.newaxis], due_usd, 0.0)
    credit = terms.credit_usd[:, np.newaxis]
    # An empty month must not use up what there is, so what was used is told from the running sum.
    used_so_far = np.minimum(np.cumsum(open_usd, axis=-1), credit)
    once_usd = np.diff(used_so_far, axis=-1, prepend=0.0)
    return np.where(terms.credit_is_monthly[:, np.newaxis], np.minimum(open_usd, credit), once_usd)


def tiered_egress_usd(gb_per_month: ArrayLike, tiers: Sequence[tuple[float, float]]) -> FloatArray:
    """Cost of downloading out of a cloud in one month.

    Parameters
    ----------
    gb_per_month : volume. [GB]
    tiers : ``(from_gb, usd_per_gb)`` in rising order from 0; each price holds up to the next tier.
    """
    (volume,) = not_negative(gb_per_month=gb_per_month)
    starts = np.array([start for start, _ in tiers], dtype=float)
    prices = np.array([price for _, price in tiers], dtype=float)
    ends = np.append(starts[1:], np.inf)
    in_tier = np.clip(volume[..., np.newaxis], starts, ends) - starts
    return np.asarray((in_tier * prices).sum(axis=-1))


def _months_signed_beyond(terms: OfferTerms, months: int) -> FloatArray:
    term = np.where(terms.commitment_months > 0, terms.commitment_months, 1.0)
    return np.asarray(np.ceil(months / term) * term - months)


def _arrays(rented: RentedHours) -> tuple[FloatArray, FloatArray, FloatArray]:
    return rented.held_per_month, rented.billed_per_month, rented.instances
