"""The numbers of a question that move the saving: their units, and how far each may plausibly go.

Names are those of the scenario's fields, ``section.field``. Five more stand for what is no single field: the
parts together, how fast the card and the other parts lose value, what a new part loses at once, and all
rental prices together. What the work requires (memory, the longest run) is not among them: it decides what
fits, and has no price.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .figures import Figures
from .resolve import build_gpu, is_gpu
from .scenario import Part, Scenario
from .usage import WEEK_HOURS

PARTS_PRICE = "workstation.parts.price_usd"
CARD_LOSS = "workstation.parts.gpu_yearly_loss_fraction"
OTHER_LOSS = "workstation.parts.other_parts_yearly_loss_fraction"
NEW_TO_USED = "workstation.parts.new_to_used_fraction"
PRICE_FACTOR = "rental.price_factor"
# The figures that these stand for are worked into the parts when a scenario is resolved.
RESOLVED_ANEW = frozenset({"money.vat_fraction", "workstation.yearly_failure_fraction"})


class NumericInput(NamedTuple):
    """One input: its unit in words, the range in which a flip is looked for, and whether it comes whole."""

    name: str
    unit: str
    low: float
    high: float
    whole: bool = False


INPUTS: tuple[NumericInput, ...] = (
    NumericInput("workload.busy_hours_per_week", "h a week", 0, WEEK_HOURS),
    NumericInput("workload.attended_idle_hours_per_week", "h a week", 0, WEEK_HOURS),
    NumericInput("workload.sessions_per_week", "a week", 1, 70),
    NumericInput("workload.parallel_efficiency", "share", 0.2, 1),
    NumericInput("workload.storage_gb", "GB", 0, 10_000),
    NumericInput("workload.download_gb_per_month", "GB a month", 0, 10_000),
    NumericInput("workload.upload_gb_per_month", "GB a month", 0, 10_000),
    NumericInput("workload.ci_minutes_per_month.linux", "minutes a month", 0, 40_000),
    NumericInput("workload.ci_minutes_per_month.windows", "minutes a month", 0, 40_000),
    NumericInput(PARTS_PRICE, "USD", 0, 20_000),
    NumericInput(CARD_LOSS, "a year", 0, 0.9),
    NumericInput(OTHER_LOSS, "a year", 0, 0.9),
    NumericInput(NEW_TO_USED, "share", 0, 0.9),
    NumericInput("workstation.load_w", "W", 0, 2000),
    NumericInput("workstation.idle_w", "W", 0, 500),
    NumericInput("workstation.asleep_w", "W", 0, 100),
    NumericInput("workstation.off_w", "W", 0, 20),
    NumericInput("workstation.left_on_hours_per_week", "h a week", 0, WEEK_HOURS),
    NumericInput("workstation.off_hours_per_week", "h a week", 0, WEEK_HOURS),
    NumericInput("workstation.sale_fee_fraction", "share", 0, 0.5),
    NumericInput("workstation.sale_delay_months", "months", 0, 24),
    NumericInput("workstation.scrap_fraction", "share", 0, 0.9),
    NumericInput("workstation.new_generation_month", "months", 0, 120),
    NumericInput("workstation.new_generation_loss_fraction", "share", 0, 0.9),
    NumericInput("workstation.warranty_usd", "USD", 0, 1000),
    NumericInput("workstation.warranty_months", "months", 0, 60),
    NumericInput("workstation.yearly_failure_fraction", "a year", 0, 0.5),
    NumericInput("workstation.insurance_usd_per_year", "USD a year", 0, 1000),
    NumericInput("workstation.upkeep_usd_per_month", "USD a month", 0, 300),
    NumericInput("workstation.building_hours", "h", 0, 100),
    NumericInput("workstation.upkeep_hours_per_month", "h a month", 0, 20),
    NumericInput("workstation.lease_usd_per_month", "USD a month", 0, 1000),
    NumericInput("workstation.lease_months", "months", 1, 84, whole=True),
    NumericInput("workstation.lease_buyout_usd", "USD", 0, 10_000),
    NumericInput("electricity.usd_per_kwh", "USD/kWh", 0, 1),
    NumericInput("electricity.household_kwh_per_month", "kWh a month", 0, 2000),
    NumericInput("electricity.standing_charge_usd_per_month", "USD a month", 0, 100),
    NumericInput("electricity.yearly_price_drift_fraction", "a year", -0.2, 0.5),
    NumericInput("electricity.solar_fraction", "share", 0, 1),
    NumericInput("electricity.feed_in_usd_per_kwh", "USD/kWh", 0, 1),
    NumericInput("electricity.cooling_cop", "kWh of heat a kWh", 1, 6),
    NumericInput("electricity.cooling_share_of_year_fraction", "share", 0, 1),
    NumericInput("electricity.heating_share_of_year_fraction", "share", 0, 1),
    NumericInput("electricity.heating_usd_per_kwh", "USD/kWh", 0, 1),
    NumericInput(PRICE_FACTOR, "times today's prices", 0.05, 10),
    NumericInput("rental.start_up_hours", "h", 0, 2),
    NumericInput("rental.data_loading_hours", "h", 0, 4),
    NumericInput("rental.checkpoint_interval_hours", "h", 0, 10),
    NumericInput("rental.restart_hours", "h", 0, 4),
    NumericInput("rental.yearly_price_drift_fraction", "a year", -0.5, 0.5),
    NumericInput("rental.object_storage_gb", "GB", 0, 10_000),
    NumericInput("rental.object_storage_usd_per_gb_month", "USD/GB a month", 0, 0.2),
    NumericInput("rental.snapshot_gb", "GB", 0, 10_000),
    NumericInput("rental.snapshot_usd_per_gb_month", "USD/GB a month", 0, 0.2),
    NumericInput("rental.public_ip_usd_per_hour", "USD/h", 0, 0.1),
    NumericInput("rental.set_up_hours", "h", 0, 100),
    NumericInput("rental.upkeep_hours_per_month", "h a month", 0, 20),
    NumericInput("money.horizon_months", "months", 1, 84, whole=True),
    NumericInput("money.yearly_discount_fraction", "a year", 0, 0.5),
    NumericInput("money.value_per_hour_usd", "USD/h", 0, 200),
    NumericInput("money.loan_fraction", "share", 0, 1),
    NumericInput("money.loan_yearly_rate_fraction", "a year", 0, 0.5),
    NumericInput("money.loan_months", "months", 1, 84, whole=True),
    NumericInput("money.vat_fraction", "share", 0, 0.3),
    NumericInput("money.marginal_tax_rate_fraction", "share", 0, 0.6),
)
NUMERIC_NAMES = frozenset(field.name for field in INPUTS)

_WEEK = (
    "workload.busy_hours_per_week",
    "workload.attended_idle_hours_per_week",
    "workstation.left_on_hours_per_week",
    "workstation.off_hours_per_week",
)
_YEAR = ("electricity.cooling_share_of_year_fraction", "electricity.heating_share_of_year_fraction")
# Inputs that share a whole, and how much there is of it.
_TOGETHER = ((_WEEK, WEEK_HOURS), (_YEAR, 1.0))


def searched_range(
    field: NumericInput, scenario: Scenario, figures: Figures, price_factor: float = 1.0
) -> tuple[float, float]:
    """Where a flip is looked for: the input's own range, today's value and the room of the week in it."""
    value = value_of(scenario, field.name, figures, price_factor)
    low, high = field.low, field.high
    if value is not None:
        low, high = min(low, value), max(high, value)
    for together, most in _TOGETHER:
        if field.name in together:
            others = [value_of(scenario, name, figures) or 0.0 for name in together if name != field.name]
            high = max(min(high, most - sum(others)), low)
    return low, high


def has_room(scenario: Scenario, figures: Figures) -> bool:
    """Whether the week has room for all its hours, and the year for cooling and heating."""
    return all(
        sum(value_of(scenario, name, figures) or 0.0 for name in together) <= most * (1 + 1e-12)
        for together, most in _TOGETHER
    )


def value_of(scenario: Scenario, name: str, figures: Figures, price_factor: float = 1.0) -> float | None:
    """An input's value in a resolved scenario; ``None`` where it has none, or parts differ in it."""
    if name == PRICE_FACTOR:
        return price_factor
    parts = scenario.workstation.parts or ()
    if name == PARTS_PRICE:
        return sum(part.price_usd for part in parts if not part.already_own) or None
    if name in _PART_FIELDS:
        field, concerns = _PART_FIELDS[name]
        gpu = build_gpu(scenario, figures)
        values = {getattr(part, field) for part in parts if concerns(part, gpu)}
        return float(values.pop()) if len(values) == 1 else None
    found: object = scenario
    for step in name.split("."):
        found = getattr(found, step, None)
    return float(found) if isinstance(found, (int, float)) and not isinstance(found, bool) else None


def with_value(scenario: Scenario, name: str, value: float, figures: Figures) -> Scenario:
    """A resolved scenario with one input changed; the value must be one that the field allows.

    ``rental.price_factor`` belongs to the offers: of the scenario it changes the reader's own rates alone.
    """
    if name == PRICE_FACTOR:
        own = tuple(
            offer.model_copy(update={"usd_per_hour": offer.usd_per_hour * value})
            for offer in scenario.rental.own_offers
        )
        return _with_field(scenario, "rental", "own_offers", own) if own else scenario
    if name == PARTS_PRICE:
        factor = value / (value_of(scenario, name, figures) or 1.0)
        return _with_parts(scenario, lambda part: {"price_usd": part.price_usd * factor})
    if name in _PART_FIELDS:
        field, concerns = _PART_FIELDS[name]
        gpu = build_gpu(scenario, figures)
        return _with_parts(scenario, lambda part: {field: value} if concerns(part, gpu) else {})
    section, _, field = name.partition(".")
    field, _, inner = field.partition(".")
    if inner:
        whole = getattr(getattr(scenario, section), field)
        return _with_field(scenario, section, field, whole.model_copy(update={inner: value}))
    is_whole = any(known.name == name and known.whole for known in INPUTS)
    return _with_field(scenario, section, field, round(value) if is_whole else value)


def _with_field(scenario: Scenario, section: str, field: str, value: object) -> Scenario:
    changed = getattr(scenario, section).model_copy(update={field: value})
    return scenario.model_copy(update={section: changed})


def _with_parts(scenario: Scenario, change: Callable[[Part], dict[str, float]]) -> Scenario:
    parts = tuple(part.model_copy(update=change(part)) for part in scenario.workstation.parts or ())
    return _with_field(scenario, "workstation", "parts", parts)


def _is_sold(part: Part) -> bool:
    return part.resale_method == "market" and not part.already_own and part.price_usd > 0


_PART_FIELDS: dict[str, tuple[str, Callable[[Part, str], bool]]] = {
    CARD_LOSS: ("yearly_loss_fraction", lambda part, gpu: _is_sold(part) and is_gpu(part, gpu)),
    OTHER_LOSS: ("yearly_loss_fraction", lambda part, gpu: _is_sold(part) and not is_gpu(part, gpu)),
    # A part bought used loses nothing on its first day, whatever new ones lose.
    NEW_TO_USED: (
        "new_to_used_fraction",
        lambda part, gpu: _is_sold(part) and bool(part.new_to_used_fraction),
    ),
}
