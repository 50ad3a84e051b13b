"""How far each numeric input may plausibly go by itself, around what the scenario says.

Where the data has a range, it is that one; what `simulate` draws too goes over the same range, but for the
price of electricity: a swing goes over the tariffs of other places, a future over what today's may become.
"""

from __future__ import annotations

from collections.abc import Callable

from .figures import Figures
from .numeric_inputs import CARD_LOSS, NEW_TO_USED, OTHER_LOSS, PARTS_PRICE, PRICE_FACTOR
from .scenario import Scenario
from .uncertain_inputs import ASSUMED, HOURS, RENT_DRIFT, SHAPES, Range, Shape, range_around

RangeRule = Callable[[float, Scenario, Figures], Range]


def _around(share: float) -> RangeRule:
    return lambda value, scenario, figures: (value * (1.0 - share), value * (1.0 + share))


def _within(low: float, high: float) -> RangeRule:
    return lambda value, scenario, figures: (low, high)


def _months_around(months: float) -> RangeRule:
    return lambda value, scenario, figures: (max(value - months, 1.0), value + months)


def _assumed(name: str, shape: Shape = "amount") -> RangeRule:
    return lambda value, scenario, figures: range_around(figures.assumptions[name], value, shape)


def _as_simulated(name: str) -> RangeRule:
    return _assumed(ASSUMED[name], SHAPES[name])


def _range_of(name: str) -> RangeRule:
    return lambda value, scenario, figures: (figures.assumptions[name].low, figures.assumptions[name].high)


def _watts(state: str) -> RangeRule:
    return lambda value, scenario, figures: range_around(figures.workstation_power[state], value, "amount")


def _failures(value: float, scenario: Scenario, figures: Figures) -> Range:
    card, others = (
        figures.assumptions[name]
        for name in ("gpu_yearly_failure_fraction", "other_parts_yearly_failure_fraction")
    )
    return card.low, others.high


def _tariffs(value: float, scenario: Scenario, figures: Figures) -> Range:
    """The cheapest and the dearest state of the country, else country of the continent."""
    here = figures.tariff(scenario.electricity.country)
    whole, _, _ = here.country.partition("-")
    states = [tariff for place, tariff in figures.tariffs.items() if place.partition("-")[0] == whole]
    continent = [
        tariff
        for place, tariff in figures.tariffs.items()
        if tariff.continent == here.continent and "-" not in place
    ]
    prices = [tariff.usd_per_kwh for tariff in (states if len(states) > 1 else continent)]
    return min(prices), max(prices)


def _tax(value: float, scenario: Scenario, figures: Figures) -> Range:
    """None, as for who gets it back, or the country's."""
    whole, _, _ = scenario.electricity.country.partition("-")
    return 0.0, figures.vat[whole].value if whole in figures.vat else value


# By input, how far it may plausibly go.
PLAUSIBLE: dict[str, RangeRule] = {
    HOURS: _as_simulated(HOURS),
    "workload.attended_idle_hours_per_week": _around(0.5),
    "workload.sessions_per_week": _around(0.5),
    "workload.parallel_efficiency": _within(0.7, 1.0),
    "workload.storage_gb": _around(0.5),
    "workload.download_gb_per_month": _around(0.5),
    "workload.upload_gb_per_month": _around(0.5),
    "workload.ci_minutes_per_month.linux": _around(0.5),
    "workload.ci_minutes_per_month.windows": _around(0.5),
    PARTS_PRICE: _around(0.2),
    CARD_LOSS: _as_simulated(CARD_LOSS),
    OTHER_LOSS: _assumed("other_parts_yearly_loss_fraction", "loss"),
    NEW_TO_USED: _assumed("new_to_used_fraction"),
    "workstation.load_w": _watts("load"),
    "workstation.idle_w": _watts("idle"),
    "workstation.asleep_w": _watts("asleep"),
    "workstation.off_w": _watts("off"),
    "workstation.left_on_hours_per_week": _around(0.5),
    "workstation.off_hours_per_week": _around(0.5),
    "workstation.sale_fee_fraction": _assumed("sale_fee_fraction"),
    "workstation.sale_delay_months": _within(0.0, 3.0),
    "workstation.scrap_fraction": _around(0.5),
    "workstation.new_generation_month": _months_around(12.0),
    "workstation.new_generation_loss_fraction": _around(0.5),
    "workstation.warranty_usd": _around(0.2),
    "workstation.warranty_months": _months_around(12.0),
    "workstation.yearly_failure_fraction": _failures,
    "workstation.insurance_usd_per_year": _around(0.5),
    "workstation.upkeep_usd_per_month": _around(0.5),
    "workstation.building_hours": _around(0.5),
    "workstation.upkeep_hours_per_month": _around(0.5),
    "workstation.lease_usd_per_month": _around(0.2),
    "workstation.lease_months": _months_around(12.0),
    "workstation.lease_buyout_usd": _around(0.2),
    "electricity.usd_per_kwh": _tariffs,
    "electricity.household_kwh_per_month": _around(0.5),
    "electricity.standing_charge_usd_per_month": _around(0.2),
    "electricity.yearly_price_drift_fraction": _within(-0.02, 0.06),
    "electricity.solar_fraction": _around(0.5),
    "electricity.feed_in_usd_per_kwh": _around(0.2),
    "electricity.cooling_cop": _assumed("cooling_cop"),
    "electricity.cooling_share_of_year_fraction": _around(0.5),
    "electricity.heating_share_of_year_fraction": _around(0.5),
    "electricity.heating_usd_per_kwh": _around(0.2),
    PRICE_FACTOR: _around(0.2),
    "rental.start_up_hours": _assumed("start_up_hours"),
    "rental.data_loading_hours": _around(0.5),
    "rental.checkpoint_interval_hours": _assumed("checkpoint_interval_hours"),
    "rental.restart_hours": _assumed("restart_hours"),
    RENT_DRIFT: _as_simulated(RENT_DRIFT),
    "rental.object_storage_gb": _around(0.5),
    "rental.object_storage_usd_per_gb_month": _around(0.2),
    "rental.snapshot_gb": _around(0.5),
    "rental.snapshot_usd_per_gb_month": _around(0.2),
    "rental.public_ip_usd_per_hour": _around(0.2),
    "rental.set_up_hours": _around(0.5),
    "rental.upkeep_hours_per_month": _around(0.5),
    "money.horizon_months": _months_around(12.0),
    "money.yearly_discount_fraction": _range_of("yearly_discount_fraction"),
    "money.value_per_hour_usd": _around(0.5),
    "money.loan_fraction": _within(0.0, 1.0),
    "money.loan_yearly_rate_fraction": _around(0.5),
    "money.loan_months": _months_around(12.0),
    "money.vat_fraction": _tax,
    "money.marginal_tax_rate_fraction": _around(0.2),
}
