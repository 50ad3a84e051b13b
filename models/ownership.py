"""What owning costs by its physics: hours and watts at the wall, and what the parts still fetch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .checks import FloatArray
from .electricity import energy_cost_usd
from .resale import ResaleMethod, resale_value_usd
from .slots import SLOT_HOURS, hours_by_slot
from .tariffs import marginal_tiered_cost_usd
from .usage import WEEK_HOURS, WEEKS_PER_MONTH

Tiers = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class OwnedPart:
    """One part of the build; a part already owned has no price and no resale, for it is there either way."""

    name: str
    price_usd: float
    new_to_used_fraction: float
    yearly_loss_fraction: float
    resale_method: ResaleMethod = "market"
    life_months: int = 60
    salvage_fraction: float = 0.0
    value_by_year_fraction: tuple[float, ...] | None = None
    yearly_failure_fraction: float = 0.0
    is_card: bool = False


@dataclass(frozen=True, slots=True)
class Sale:
    """How the parts are sold: the fee, the wait, the floor, and the day on which newer cards come."""

    fee_fraction: float = 0.0
    delay_months: float = 0.0
    scrap_fraction: float = 0.0
    generation_month: float = np.inf
    generation_loss_fraction: float = 0.0


@dataclass(frozen=True, slots=True)
class OwnedWeek:
    """Watts at the wall, the hours of a week that do not depend on how busy the GPU is, and the tariff.

    ``count`` machines share the busy hours and the CI; one of them is held while a person works at it, all
    are left on. ``prices_usd_per_kwh`` by season, kind of day and hour replaces the flat price, ``tiers``
    (upper_kwh, usd_per_kwh) replace both. CI runs while the machine is on and its GPU is not at work.
    """

    load_w: float
    idle_w: float
    asleep_w: float
    attended_idle_hours: float
    left_on_hours: float
    usd_per_kwh: float
    off_w: float = 0.0
    off_hours: float = 0.0
    ci_hours: float = 0.0
    count: int = 1
    prices_usd_per_kwh: FloatArray | None = None
    busy_weights: FloatArray | None = None
    tiers: Tiers = ()
    household_kwh_per_month: float = 0.0

    @property
    def seasons(self) -> int:
        """12 where the months have prices of their own, else 1."""
        return 1 if self.prices_usd_per_kwh is None else len(self.prices_usd_per_kwh)


def owned_hours_per_week(
    busy_hours_per_week: ArrayLike, week: OwnedWeek
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Hours a week under load, on but idle, and asleep or off, of all machines; they sum to 168 for each.

    Where busy hours leave too little of the week, the hours left on give way: the machine is on anyway.
    """
    busy = np.asarray(busy_hours_per_week, dtype=float)
    first, other = _idle_hours(busy / week.count, week)
    idle = first + (week.count - 1) * other
    return busy, idle, WEEK_HOURS * week.count - busy - idle


def energy_kwh_per_month(
    busy_hours_per_week: ArrayLike, week: OwnedWeek
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Energy a month under load, idle, and asleep or off. [kWh]"""
    busy, idle, asleep = owned_hours_per_week(busy_hours_per_week, week)
    off = np.minimum(week.off_hours * week.count, asleep)
    rest_wh = week.asleep_w * (asleep - off) + week.off_w * off
    return (
        busy * WEEKS_PER_MONTH * week.load_w / 1000.0,
        idle * WEEKS_PER_MONTH * week.idle_w / 1000.0,
        rest_wh * WEEKS_PER_MONTH / 1000.0,
    )


def electricity_usd_by_season(
    busy_hours_per_week: ArrayLike, week: OwnedWeek
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Monthly electricity under load, idle, and asleep or off, shape (..., seasons). [USD a month]

    With tiers each kilowatt-hour of the machine is charged what the machine adds to the household's bill.
    """
    if week.prices_usd_per_kwh is not None:
        return _by_the_hour(np.asarray(busy_hours_per_week, dtype=float), week)
    energy = energy_kwh_per_month(busy_hours_per_week, week)
    if not week.tiers:
        load, idle, asleep = (
            energy_cost_usd(1000.0, kwh, week.usd_per_kwh)[..., np.newaxis] for kwh in energy
        )
        return load, idle, asleep
    kwh = sum(energy)
    cost_usd = marginal_tiered_cost_usd(kwh, week.tiers, week.household_kwh_per_month)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_usd_per_kwh = np.where(kwh > 0, cost_usd / kwh, 0.0)
    load, idle, asleep = ((part * mean_usd_per_kwh)[..., np.newaxis] for part in energy)
    return load, idle, asleep


def resale_usd_by_month(parts: tuple[OwnedPart, ...], months: int, sale: Sale | None = None) -> FloatArray:
    """What each part would fetch if it were given up at the end of months 0 to ``months``, before the fee.

    Shape (parts, months + 1). A sale that takes time is made at the price of the later day. [USD]
    """
    how = Sale() if sale is None else sale
    age_months = np.arange(months + 1) + how.delay_months
    return np.stack(
        [
            resale_value_usd(
                part.price_usd,
                age_months,
                method=part.resale_method,
                yearly_loss_fraction=part.yearly_loss_fraction,
                new_to_used_fraction=part.new_to_used_fraction,
                life_months=part.life_months,
                salvage_fraction=part.salvage_fraction,
                value_fractions=part.value_by_year_fraction,
                generation_month=how.generation_month if part.is_card else np.inf,
                generation_loss_fraction=how.generation_loss_fraction if part.is_card else 0.0,
                scrap_fraction=how.scrap_fraction,
            )
            for part in parts
        ]
    )


def _idle_hours(busy_of_one: FloatArray, week: OwnedWeek) -> tuple[FloatArray, FloatArray]:
    """Idle hours of the machine that is held, and of each other one."""
    on = np.maximum(week.attended_idle_hours + week.left_on_hours, week.ci_hours)
    room = WEEK_HOURS - busy_of_one
    return np.minimum(on, room), np.minimum(max(week.left_on_hours, week.ci_hours), room)


def _by_the_hour(busy: FloatArray, week: OwnedWeek) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Busy hours fall on the hours of the day by their weights, all others evenly on what is left.

    The energy price of busy hours is linear between the few numbers of hours at which a slot becomes full.
    """
    prices = week.prices_usd_per_kwh
    assert prices is not None, "asked only where there are prices by the hour"
    full_at, weekly_usd_per_kw = _price_of_busy_hours(week, prices)
    of_one = busy / week.count
    busy_usd_per_kw = np.stack(
        [np.interp(of_one, full_at, of_month) for of_month in weekly_usd_per_kw.T], axis=-1
    )
    left_hours = (WEEK_HOURS - of_one)[..., np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_usd_per_kwh = np.where(
            left_hours > 0, (weekly_usd_per_kw[-1] - busy_usd_per_kw) / left_hours, 0.0
        )
    held, other = _idle_hours(of_one, week)
    idle_hours = (held + (week.count - 1) * other)[..., np.newaxis]
    rest_hours = left_hours * week.count - idle_hours
    off_hours = np.minimum(week.off_hours * week.count, rest_hours)
    rest_kwh = (week.asleep_w * (rest_hours - off_hours) + week.off_w * off_hours) / 1000.0
    return (
        week.load_w / 1000.0 * week.count * busy_usd_per_kw * WEEKS_PER_MONTH,
        week.idle_w / 1000.0 * idle_hours * mean_usd_per_kwh * WEEKS_PER_MONTH,
        rest_kwh * mean_usd_per_kwh * WEEKS_PER_MONTH,
    )


def _price_of_busy_hours(week: OwnedWeek, prices: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Busy hours at which a slot becomes full, and what a kilowatt through them costs a week, by month.

    Shapes (n,) and (n, months); the last is the whole week. [h], [USD a week and kW]
    """
    weights = np.ones(24) if week.busy_weights is None else week.busy_weights
    fullest = weights[weights > 0]
    filled = [
        (SLOT_HOURS * np.minimum(weights, weight) / weight).sum() for weight in np.unique(fullest)[::-1]
    ]
    full_at = np.unique(np.concatenate([[0.0], filled, [WEEK_HOURS]]))
    hours = hours_by_slot(full_at, week.busy_weights)
    return full_at, np.einsum("nkh,mkh->nm", hours, prices)
