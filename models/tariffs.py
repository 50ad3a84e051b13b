"""Tariffs whose price depends on the hour, the day, the month and the use, and what else is on the bill.

A time-of-use tariff is an array of prices of shape (12, 2, 24): months from January, kinds of day (0 a
weekday, 1 a day of the weekend), hours of the day from midnight. ``slots`` says how a week falls on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .checks import LARGEST, FloatArray, fraction, moderate, rate, within
from .electricity import tiered_cost_usd
from .slots import SLOT_HOURS, energy_by_slot_kwh, hours_by_slot, of_shape
from .usage import WEEKS_PER_MONTH

__all__ = [
    "KINDS_OF_DAY",
    "SLOT_HOURS",
    "Period",
    "bill_with_charges_usd",
    "drift_factors",
    "energy_by_slot_kwh",
    "hours_by_slot",
    "marginal_tiered_cost_usd",
    "monthly_energy_cost_usd",
    "own_solar_usd_per_kwh",
    "prices_by_hour_usd_per_kwh",
]

KINDS_OF_DAY = ("weekdays", "weekends")

# Sums stay finite: at most a century, and prices at most eleven times as high from year to year.
_MOST_MONTHS = 1200
_MOST_DRIFT = 10.0


class Period(NamedTuple):
    """One price and the hours at which it holds.

    Hours are whole, from 0 to 24, and may wrap past midnight: 22 to 6 covers 22, 23, 0, ... 5 o'clock. An
    hour after midnight belongs to the day on which it falls. ``days`` is all, weekdays or weekends.
    ``months`` count from 1 = January; none means all year.
    """

    usd_per_kwh: float
    from_hour: int = 0
    to_hour: int = 24
    days: str = "all"
    months: tuple[int, ...] = ()


def prices_by_hour_usd_per_kwh(periods: Sequence[Period], otherwise_usd_per_kwh: float) -> FloatArray:
    """Write a time-of-use tariff as one price for each month, kind of day and hour.

    Parameters
    ----------
    periods : prices with their hours; they must not overlap. Negative prices are allowed, for some hourly
        tariffs have them.
    otherwise_usd_per_kwh : price of all hours that no period covers. [USD/kWh]

    Returns
    -------
    Prices of shape (12, 2, 24). [USD/kWh] ``ValueError`` names the hour that two periods cover, and hours,
    days or months that do not exist.

    Examples
    --------
    >>> prices = prices_by_hour_usd_per_kwh([Period(0.30, 16, 21, "weekdays", (6, 7, 8))], 0.12)
    >>> float(prices[6, 0, 17]), float(prices[6, 1, 17]), float(prices[0, 0, 17])
    (0.3, 0.12, 0.12)
    """
    (otherwise,) = within(-LARGEST, LARGEST, otherwise_usd_per_kwh=otherwise_usd_per_kwh)
    prices = np.full((12, 2, 24), float(otherwise))
    owner = np.full(prices.shape, -1)
    for number, period in enumerate(periods):
        covered = _covered(period)
        taken = np.argwhere(covered & (owner >= 0))
        if len(taken):
            month, day, hour = (int(index) for index in taken[0])
            other = periods[owner[month, day, hour]]
            raise ValueError(
                f"overlapping tariff hours: an hour has one price, not {_words(other)} and {_words(period)} "
                f"at {hour} h on {KINDS_OF_DAY[day]} of month {month + 1}"
            )
        (price,) = within(-LARGEST, LARGEST, usd_per_kwh=period.usd_per_kwh)
        prices[covered], owner[covered] = price, number
    return prices


def monthly_energy_cost_usd(kwh_per_week_by_slot: ArrayLike, usd_per_kwh_by_hour: ArrayLike) -> FloatArray:
    """Cost of the same week all month, in each month of the year.

    Parameters
    ----------
    kwh_per_week_by_slot : energy of a week, shape (..., 2, 24). [kWh]
    usd_per_kwh_by_hour : prices of shape (12, 2, 24), ``prices_by_hour_usd_per_kwh``. [USD/kWh]

    Returns
    -------
    Cost of January to December, shape (..., 12), every month of 730 hours or 730 / 168 weeks. [USD]
    ``ValueError`` names a wrong shape, a negative energy and a number that is not finite.

    Examples
    --------
    >>> energy = np.repeat([[5.0], [2.0]], 24, axis=1)  # one kilowatt all week
    >>> float(monthly_energy_cost_usd(energy, prices_by_hour_usd_per_kwh([], 0.10))[0].round(9))
    73.0
    """
    (energy,) = moderate(kwh_per_week_by_slot=kwh_per_week_by_slot)
    (prices,) = within(-LARGEST, LARGEST, usd_per_kwh_by_hour=usd_per_kwh_by_hour)
    of_shape("kwh_per_week_by_slot", energy, (2, 24))
    if prices.shape != (12, 2, 24):
        raise ValueError(f"usd_per_kwh_by_hour must have the shape (12, 2, 24), not {prices.shape}")
    return np.asarray(np.einsum("...dh,mdh->...m", energy, prices) * WEEKS_PER_MONTH)


def marginal_tiered_cost_usd(
    kwh: ArrayLike, tiers: Sequence[tuple[float, float]], household_kwh: ArrayLike = 0.0
) -> FloatArray:
    """What a workstation adds to the bill of a household that uses energy already.

    Parameters
    ----------
    kwh : the workstation's energy of the month. [kWh]
    tiers : ``(upper_kwh, usd_per_kwh)`` pairs as in ``tiered_cost_usd``.
    household_kwh : what the household uses in the month without it. [kWh]

    Returns
    -------
    The bill with it less the bill without it, inputs broadcast. [USD] Errors as in ``tiered_cost_usd``.

    Examples
    --------
    >>> float(marginal_tiered_cost_usd(100, [(800, 0.10), (float("inf"), 0.20)], household_kwh=750))
    15.0
    """
    added, before = moderate(kwh=kwh, household_kwh=household_kwh)
    return np.asarray(tiered_cost_usd(before + added, tiers) - tiered_cost_usd(before, tiers))


def bill_with_charges_usd(
    energy_usd: ArrayLike,
    kwh: ArrayLike,
    rider_usd_per_kwh: ArrayLike = 0.0,
    standing_usd: ArrayLike = 0.0,
    tax_fraction: ArrayLike = 0.0,
) -> FloatArray:
    """Energy at the tariff, plus what a supplier puts on top of it.

    Parameters
    ----------
    energy_usd : cost of the energy at the tariff's prices. [USD]
    kwh : the energy. [kWh]
    rider_usd_per_kwh : a further price or credit of every kilowatt-hour. [USD/kWh]
    standing_usd : charge whatever is used. A workstation bears it only where the connection or the meter
        exists because of it. [USD]
    tax_fraction : tax on the sum.

    Returns
    -------
    (energy_usd + kwh * rider_usd_per_kwh + standing_usd) * (1 + tax_fraction), inputs broadcast. [USD]

    Examples
    --------
    >>> float(bill_with_charges_usd(60.35, 1200, 0.085, 7.50, 0.01).round(2))
    171.55
    """
    cost, rider = within(-LARGEST, LARGEST, energy_usd=energy_usd, rider_usd_per_kwh=rider_usd_per_kwh)
    energy, standing = moderate(kwh=kwh, standing_usd=standing_usd)
    (tax,) = fraction(tax_fraction=tax_fraction)
    return np.asarray((cost + energy * rider + standing) * (1.0 + tax))


def drift_factors(yearly_fraction: ArrayLike, months: int) -> FloatArray:
    """Prices of months 0 to ``months`` relative to today's, when they drift by the same fraction every year.

    Parameters
    ----------
    yearly_fraction : 0.03 for 3 % dearer a year, -0.2 for a fifth cheaper; above -1 and at most 10.
    months : length of the horizon, a whole number from 0 to 1,200.

    Returns
    -------
    (1 + yearly_fraction) ** (t / 12) for t = 0, 1, ... ``months`` on the last axis.

    Examples
    --------
    >>> drift_factors(0.21, 12)[[0, 6, 12]].round(9).tolist()
    [1.0, 1.1, 1.21]
    """
    (yearly,) = rate(yearly_fraction=yearly_fraction)
    within(-1.0, _MOST_DRIFT, yearly_fraction=yearly)
    if not _whole(months, 0, _MOST_MONTHS):
        raise ValueError(f"months must be a whole number from 0 to {_MOST_MONTHS:,}, not {months}")
    return np.asarray((1.0 + yearly[..., np.newaxis]) ** (np.arange(int(months) + 1) / 12.0))


def own_solar_usd_per_kwh(
    grid_usd_per_kwh: ArrayLike, feed_in_usd_per_kwh: ArrayLike, solar_fraction: ArrayLike
) -> FloatArray:
    """Price of a kilowatt-hour of which a share comes from panels that are there anyway.

    Own power costs what feeding it into the grid would have paid; the panels themselves are no cost of the
    workstation.

    Parameters
    ----------
    grid_usd_per_kwh : price of power from the grid. [USD/kWh]
    feed_in_usd_per_kwh : payment for power fed in. [USD/kWh]
    solar_fraction : share of the workstation's energy that comes from the panels, 0 to 1.

    Returns
    -------
    (1 - share) * grid + share * feed-in, inputs broadcast. [USD/kWh]

    Examples
    --------
    >>> float(own_solar_usd_per_kwh(0.40, 0.10, 0.5))
    0.25
    """
    (grid,) = within(-LARGEST, LARGEST, grid_usd_per_kwh=grid_usd_per_kwh)
    (feed_in,) = moderate(feed_in_usd_per_kwh=feed_in_usd_per_kwh)
    (share,) = fraction(solar_fraction=solar_fraction)
    return np.asarray((1.0 - share) * grid + share * feed_in)


def _covered(period: Period) -> NDArray[np.bool_]:
    """Which of the (12, 2, 24) hours a period covers."""
    for name, hour in (("from_hour", period.from_hour), ("to_hour", period.to_hour)):
        if not _whole(hour, 0, 24):
            raise ValueError(f"{name} must be a whole hour from 0 to 24, not {hour}")
    if period.days != "all" and period.days not in KINDS_OF_DAY:
        raise ValueError(f"days must be 'all', 'weekdays' or 'weekends', not {period.days!r}")
    for month in period.months:
        if not _whole(month, 1, 12):
            raise ValueError(f"months must be whole numbers from 1 (January) to 12, not {month}")
    first, last = int(period.from_hour), int(period.to_hour)
    if first % 24 == last % 24 and (first, last) != (0, 24):
        raise ValueError(
            f"to_hour must differ from from_hour (0 to 24 is the whole day), not {first} to {last}"
        )
    hours = np.arange(24)
    late, early = hours >= first, hours < last
    in_hours = late & early if first < last else late | early
    in_days = np.array([period.days in ("all", kind) for kind in KINDS_OF_DAY])
    in_months = np.isin(np.arange(1, 13), period.months or range(1, 13))
    return np.asarray(in_months[:, np.newaxis, np.newaxis] & in_days[:, np.newaxis] & in_hours)


def _words(period: Period) -> str:
    return f"{period.usd_per_kwh} USD/kWh ({period.from_hour} to {period.to_hour} h, {period.days})"


def _whole(value: object, lowest: int, highest: int) -> bool:
    """Whether a value is a whole number within bounds."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        return False
    return bool(lowest <= value <= highest and value == int(value))
