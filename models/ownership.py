"""What owning costs: parts once, electricity every month, and what the parts still fetch at the end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .checks import FloatArray
from .depreciation import market_value
from .electricity import energy_cost_usd
from .usage import WEEK_HOURS, WEEKS_PER_MONTH


@dataclass(frozen=True, slots=True)
class OwnedPart:
    """One part of the build; a part already owned has no price and no resale, for it is there either way."""

    name: str
    price_usd: float
    new_to_used_fraction: float
    yearly_loss_fraction: float


@dataclass(frozen=True, slots=True)
class OwnedWeek:
    """Watts at the wall and the hours of a week that do not depend on how busy the GPU is."""

    load_w: float
    idle_w: float
    asleep_w: float
    attended_idle_hours: float
    left_on_hours: float
    usd_per_kwh: float


def owned_hours_per_week(
    busy_hours_per_week: ArrayLike, week: OwnedWeek
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Hours a week under load, on but idle, and asleep; they sum to 168.

    Where busy hours leave too little of the week, the hours left on give way: the machine is on anyway.
    """
    busy = np.asarray(busy_hours_per_week, dtype=float)
    idle = np.minimum(week.attended_idle_hours + week.left_on_hours, WEEK_HOURS - busy)
    return busy, idle, WEEK_HOURS - busy - idle


def electricity_usd_per_month(
    busy_hours_per_week: ArrayLike, week: OwnedWeek
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Monthly electricity under load, idle, and asleep. [USD a month]"""
    busy, idle, asleep = owned_hours_per_week(busy_hours_per_week, week)
    return (
        energy_cost_usd(week.load_w, busy * WEEKS_PER_MONTH, week.usd_per_kwh),
        energy_cost_usd(week.idle_w, idle * WEEKS_PER_MONTH, week.usd_per_kwh),
        energy_cost_usd(week.asleep_w, asleep * WEEKS_PER_MONTH, week.usd_per_kwh),
    )


def resale_usd_by_month(parts: tuple[OwnedPart, ...], months: int) -> FloatArray:
    """What each part would fetch at the end of months 0 to ``months``, before the sale fee.

    Shape (parts, months + 1). [USD]
    """
    age_years = np.arange(months + 1) / 12.0
    return np.stack(
        [market_value(p.price_usd, age_years, p.yearly_loss_fraction, p.new_to_used_fraction) for p in parts]
    )
