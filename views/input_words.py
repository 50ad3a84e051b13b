"""The numeric inputs in words: what each is called, and its values with their units."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from models.currency import Exchange, from_usd
from models.numeric_inputs import INPUTS

from . import currency

UNITS = {field.name: field.unit for field in INPUTS}
WHOLE = frozenset(field.name for field in INPUTS if field.whole)
MONEY, SHARES = "USD", ("share", "a year")

INPUT_NAMES = {
    "workload.busy_hours_per_week": "Busy hours",
    "workload.attended_idle_hours_per_week": "Attended idle hours",
    "workload.sessions_per_week": "Sessions",
    "workload.parallel_efficiency": "Speed kept by several GPUs",
    "workload.storage_gb": "Data kept",
    "workload.download_gb_per_month": "Download",
    "workload.upload_gb_per_month": "Upload",
    "workload.ci_minutes_per_month.linux": "CI minutes on Linux",
    "workload.ci_minutes_per_month.windows": "CI minutes on Windows",
    "workstation.parts.price_usd": "Price of the parts",
    "workstation.parts.gpu_yearly_loss_fraction": "The card's loss of value",
    "workstation.parts.other_parts_yearly_loss_fraction": "Loss of value of other parts",
    "workstation.parts.new_to_used_fraction": "Lost on a new part's first day",
    "workstation.load_w": "Watts under load",
    "workstation.idle_w": "Watts when idle",
    "workstation.asleep_w": "Watts when asleep",
    "workstation.off_w": "Watts when off",
    "workstation.left_on_hours_per_week": "Left-on hours of the build",
    "workstation.off_hours_per_week": "Hours switched off",
    "workstation.sale_fee_fraction": "Sale fee",
    "workstation.sale_delay_months": "Months until it is sold",
    "workstation.scrap_fraction": "Least that a part fetches",
    "workstation.new_generation_month": "Month of a new generation",
    "workstation.new_generation_loss_fraction": "Loss at a new generation",
    "workstation.warranty_usd": "Price of a warranty",
    "workstation.warranty_months": "Months of warranty",
    "workstation.yearly_failure_fraction": "Parts that fail",
    "workstation.insurance_usd_per_year": "Insurance",
    "workstation.upkeep_usd_per_month": "Upkeep of the build",
    "workstation.building_hours": "Your hours to build it",
    "workstation.upkeep_hours_per_month": "Your hours of upkeep",
    "workstation.lease_usd_per_month": "Lease",
    "workstation.lease_months": "Months of the lease",
    "workstation.lease_buyout_usd": "Price at the lease's end",
    "electricity.usd_per_kwh": "Price of electricity",
    "electricity.household_kwh_per_month": "Electricity of the household",
    "electricity.standing_charge_usd_per_month": "Standing charge",
    "electricity.yearly_price_drift_fraction": "Drift of electricity's price",
    "electricity.solar_fraction": "Share from your own roof",
    "electricity.feed_in_usd_per_kwh": "Paid for what is fed in",
    "electricity.cooling_cop": "Heat that cooling moves",
    "electricity.cooling_share_of_year_fraction": "Share of the year with cooling",
    "electricity.heating_share_of_year_fraction": "Share of the year with heating",
    "electricity.heating_usd_per_kwh": "Price of heating",
    "rental.price_factor": "All rental prices",
    "rental.start_up_hours": "Start-up of a rented machine",
    "rental.data_loading_hours": "Loading data onto it",
    "rental.checkpoint_interval_hours": "Time between checkpoints",
    "rental.restart_hours": "Restart after an interruption",
    "rental.yearly_price_drift_fraction": "Drift of rental prices",
    "rental.object_storage_gb": "Object storage",
    "rental.object_storage_usd_per_gb_month": "Price of object storage",
    "rental.snapshot_gb": "Snapshots",
    "rental.snapshot_usd_per_gb_month": "Price of snapshots",
    "rental.public_ip_usd_per_hour": "Price of a public address",
    "rental.set_up_hours": "Your hours to set up the rental",
    "rental.upkeep_hours_per_month": "Your hours with the rental",
    "money.horizon_months": "Months compared",
    "money.yearly_discount_fraction": "Discount rate",
    "money.value_per_hour_usd": "Worth of your hour",
    "money.loan_fraction": "Share that is borrowed",
    "money.loan_yearly_rate_fraction": "Interest on the loan",
    "money.loan_months": "Months of the loan",
    "money.vat_fraction": "Value-added tax",
    "money.marginal_tax_rate_fraction": "Your tax rate",
}


def input_name(field: str) -> str:
    """An input as the page calls it."""
    return INPUT_NAMES.get(field, field)


def input_value(field: str, value: float, rate: Exchange) -> str:
    """A value of an input with its unit, amounts in the reader's currency; a dash where there is none."""
    unit = UNITS.get(field, "")
    if math.isnan(value):
        return "–"
    if unit in SHARES:
        text = f"{value:.1%} a year" if unit == "a year" else f"{value:.1%}"
    elif unit.startswith(MONEY):
        shown = currency.amount(value, rate) if unit == MONEY or value == 0 else currency.price(value, rate)
        text = f"{shown}{unit.removeprefix(MONEY)}"
    elif unit.startswith("times"):
        text = f"{value:.2f} {unit}"
    elif unit == "h a week":
        text = f"{round(value, 1):g} {unit}"
    else:
        text = f"{value:,.0f} {unit}" if abs(value) >= 100 else f"{value:.3g} {unit}"
    return text.replace("-", "−")


def side_of(field: str, direction: str) -> str:
    """On which side of a flip building wins: a whole number at which it does so is one of them."""
    if field in WHOLE:
        return "from" if direction == "above" else "up to"
    return direction


def axis_title(field: str, rate: Exchange) -> str:
    """An input and its unit beside an axis."""
    unit = UNITS.get(field, "")
    if unit.startswith(MONEY):
        unit = f"{currency.sign(rate).strip()}{unit.removeprefix(MONEY)}"
    return f"{input_name(field)} ({unit})"


def on_axis(field: str, rate: Exchange) -> Callable[[float], float]:
    """What puts an input's values onto an axis: amounts in the reader's currency, the rest as it is."""
    return partial(from_usd, rate=rate) if UNITS.get(field, "").startswith(MONEY) else float


def axis_format(field: str) -> str:
    """How numbers are written along an input's axis."""
    return ".0%" if UNITS.get(field, "") in SHARES else ""
