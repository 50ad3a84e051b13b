"""The build at the wall plug: watts, hours and tariff of a resolved scenario."""

from __future__ import annotations

import numpy as np

from .checks import FloatArray
from .figures import Figures
from .ownership import OwnedWeek
from .power import climate_usd_per_kwh, power_limited, wall_power_at_limit_w, wall_power_w
from .resolve import build_gpu, known
from .scenario import Scenario
from .tariffs import Period, own_solar_usd_per_kwh, prices_by_hour_usd_per_kwh


def limited_speed(scenario: Scenario, figures: Figures) -> float:
    """Speed that the build's GPU keeps under its power limit; 1 without one.

    ``ValueError`` where no curve is known for the card, or none as low.
    """
    limit_w = scenario.workstation.power_limit_w
    if limit_w is None or scenario.workload.workload_class == "wall_clock":
        return 1.0
    curve, stock_w = _limit_curve(scenario, figures)
    lowest_w = curve[0][0]
    if limit_w < lowest_w:
        raise ValueError(
            f"workstation.power_limit_w: {limit_w:g} W is below the {lowest_w:g} W from which speeds are "
            f"known; allowed is {lowest_w:g} to {stock_w:g}"
        )
    return float(power_limited(limit_w, stock_w, curve))


def owned_week(scenario: Scenario, figures: Figures, count: int, ci_hours: float) -> OwnedWeek:
    """Watts, hours and tariff of a resolved scenario; ``ci_hours`` a week are shared by the builds."""
    station, power = scenario.workstation, scenario.electricity
    flat = float(_effective_usd_per_kwh(scenario, np.array(known(power.usd_per_kwh))))
    prices = None
    if power.time_of_use:
        periods = [
            Period(period.usd_per_kwh, period.from_hour, period.to_hour, period.days, period.months)
            for period in power.time_of_use
        ]
        try:
            by_hour = prices_by_hour_usd_per_kwh(periods, known(power.usd_per_kwh))
        except ValueError as error:
            raise ValueError(f"electricity.time_of_use: {error}") from None
        prices = _effective_usd_per_kwh(scenario, by_hour)
    uppers = [np.inf if tier.upper_kwh is None else tier.upper_kwh for tier in power.tiers]
    blocks = _effective_usd_per_kwh(scenario, np.array([tier.usd_per_kwh for tier in power.tiers]))
    return OwnedWeek(
        load_w=_load_w(scenario, figures),
        idle_w=_at_the_wall_w(scenario, figures, "idle_w", known(station.idle_w)),
        asleep_w=known(station.asleep_w),
        attended_idle_hours=scenario.workload.attended_idle_hours_per_week,
        left_on_hours=station.left_on_hours_per_week,
        usd_per_kwh=flat,
        off_w=known(station.off_w),
        off_hours=station.off_hours_per_week,
        ci_hours=ci_hours / count,
        count=count,
        prices_usd_per_kwh=prices,
        busy_weights=None if power.busy_hour_weights is None else np.array(power.busy_hour_weights),
        tiers=tuple(zip(uppers, blocks.tolist(), strict=True)),
        household_kwh_per_month=power.household_kwh_per_month,
    )


def _effective_usd_per_kwh(scenario: Scenario, usd_per_kwh: FloatArray) -> FloatArray:
    """What a kilowatt-hour costs with own panels, cooling and the heat that it saves."""
    power = scenario.electricity
    mixed = own_solar_usd_per_kwh(usd_per_kwh, power.feed_in_usd_per_kwh, power.solar_fraction)
    return climate_usd_per_kwh(
        mixed,
        known(power.cooling_cop),
        power.cooling_share_of_year_fraction,
        power.heating_share_of_year_fraction,
        power.heating_usd_per_kwh,
    )


def _load_w(scenario: Scenario, figures: Figures) -> float:
    """Watts at the wall under load, less what a power limit saves."""
    station = scenario.workstation
    load_w, limit_w = known(station.load_w), station.power_limit_w
    if limit_w is None:
        return _at_the_wall_w(scenario, figures, "load_w", load_w)
    _, stock_w = _limit_curve(scenario, figures)
    at_the_output = station.psu_rated_w is not None
    efficiency = 1.0 if at_the_output else dict(_supply(scenario, figures))[0.5]
    try:
        limited_w = float(wall_power_at_limit_w(load_w, stock_w, limit_w, efficiency))
    except ValueError as error:
        raise ValueError(f"workstation.power_limit_w: {error}") from None
    return _at_the_wall_w(scenario, figures, "load_w", limited_w)


def _at_the_wall_w(scenario: Scenario, figures: Figures, field: str, watts: float) -> float:
    """Watts at the wall: as they are, or with the losses of the supply where its rating is given."""
    rated_w = scenario.workstation.psu_rated_w
    if rated_w is None:
        return watts
    if watts > rated_w:
        raise ValueError(
            f"workstation.{field}: {watts:g} W are more than the {rated_w:g} W of workstation.psu_rated_w; "
            "allowed is at most its rating"
        )
    return float(wall_power_w(watts, rated_w, _supply(scenario, figures)))


def _supply(scenario: Scenario, figures: Figures) -> tuple[tuple[float, float], ...]:
    """Efficiency of the power supply by load."""
    return figures.psu_efficiency[scenario.workstation.psu_grade, scenario.workstation.psu_volts]


def _limit_curve(scenario: Scenario, figures: Figures) -> tuple[tuple[tuple[float, float], ...], float]:
    """The card's speed by power limit for this kind of work, and its stock limit. [W]"""
    gpu = build_gpu(scenario, figures)
    kind = "decode" if scenario.workload.workload_class == "llm_inference" else "training"
    if (gpu, kind) not in figures.power_limits:
        cards = sorted({name for name, _ in figures.power_limits})
        raise ValueError(
            f"workstation.power_limit_w: no curve is known for the {gpu}, known are those of "
            f"{', '.join(cards)}; leave it out, and type load_w and an own speed instead"
        )
    curve = figures.power_limits[gpu, kind]
    return curve, curve[-1][0]
