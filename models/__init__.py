"""The cost model of Rig or Rent: what building and renting cost for the work you really do.

>>> from rig_or_rent.models import Scenario, compare                      # doctest: +SKIP
>>> from rig_or_rent.pricing import load_offers                           # doctest: +SKIP
>>> compare(Scenario(), load_offers()).verdict                            # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .break_even import break_even_hours, break_even_months
from .capacity import (
    break_even_utilization,
    metered_usd_per_hour,
    million_tokens,
    mixed_price,
    usd_per_million_tokens,
    usd_per_used_hour,
)
from .cards import cards_to_own
from .ci import (
    billed_minutes,
    billed_minutes_of_jobs,
    hosted_ci_usd_per_month,
    own_runner_can_serve,
    own_runner_hours_per_week,
    paid_minutes,
)
from .depreciation import (
    declining_balance,
    fixed_declining_balance,
    macrs,
    market_value,
    straight_line,
    sum_of_years_digits,
    units_of_production,
)
from .draws import even_draws, quantiles
from .electricity import energy_cost_usd, tiered_cost_usd, time_of_use_cost_usd
from .finance import (
    equivalent_annual_cost,
    levelized_usd_per_hour,
    loan_balance,
    loan_interest,
    loan_payment,
    present_value,
)
from .grid import break_even_month, grid_costs, total_cost_usd
from .investment import (
    discounted_payback_periods,
    fixed_charge_rate,
    future_value,
    internal_rate_of_return,
    modified_internal_rate_of_return,
    payback_periods,
    present_value_on_dates,
    profitability_index,
)
from .power import (
    climate_usd_per_kwh,
    emissions_kg,
    power_limited,
    psu_efficiency,
    rented_energy_kwh,
    wall_power_at_limit_w,
    wall_power_w,
)
from .resale import fit_yearly_loss, resale_value_usd, sale_proceeds_usd
from .slots import energy_by_slot_kwh, hours_by_slot
from .tariffs import (
    Period,
    bill_with_charges_usd,
    drift_factors,
    marginal_tiered_cost_usd,
    monthly_energy_cost_usd,
    own_solar_usd_per_kwh,
    prices_by_hour_usd_per_kwh,
)
from .tax import (
    net_of_vat_usd,
    tax_deductions_usd,
    tax_on_sale_usd,
    tax_saving_usd,
    with_vat_usd,
    written_down_usd,
)
from .usage import billed_hours, mean_wait_jobs, relative_hours, spot_overhead
from .version import __version__

if TYPE_CHECKING:
    from .buy_later import best_month_to_buy
    from .comparison import Comparison, compare
    from .country import in_country
    from .figures import Figures, load_figures
    from .flips import flip_points
    from .hybrid import Job, own_and_rent
    from .personas import PERSONAS
    from .plans import own_work, plan_cards, plan_jobs
    from .scenario import Scenario, explain
    from .sensitivity import break_even_line, tornado, two_way
    from .sources import input_sources, price_dates
    from .uncertainty import Simulation, simulate

# The formulas need NumPy alone. What needs pandas and Pydantic too is loaded on first use, so that importing
# the formulas costs less than importing pandas.
_LOADED_ON_FIRST_USE = {
    "Comparison": "comparison",
    "compare": "comparison",
    "in_country": "country",
    "flip_points": "flips",
    "tornado": "sensitivity",
    "two_way": "sensitivity",
    "break_even_line": "sensitivity",
    "Simulation": "uncertainty",
    "simulate": "uncertainty",
    "Job": "hybrid",
    "own_and_rent": "hybrid",
    "own_work": "plans",
    "plan_cards": "plans",
    "plan_jobs": "plans",
    "best_month_to_buy": "buy_later",
    "Figures": "figures",
    "load_figures": "figures",
    "PERSONAS": "personas",
    "Scenario": "scenario",
    "explain": "scenario",
    "input_sources": "sources",
    "price_dates": "sources",
}

__all__ = [
    "PERSONAS",
    "Comparison",
    "Figures",
    "Job",
    "Period",
    "Scenario",
    "Simulation",
    "__version__",
    "best_month_to_buy",
    "bill_with_charges_usd",
    "billed_hours",
    "billed_minutes",
    "billed_minutes_of_jobs",
    "break_even_hours",
    "break_even_line",
    "break_even_month",
    "break_even_months",
    "break_even_utilization",
    "cards_to_own",
    "climate_usd_per_kwh",
    "compare",
    "declining_balance",
    "discounted_payback_periods",
    "drift_factors",
    "emissions_kg",
    "energy_by_slot_kwh",
    "energy_cost_usd",
    "equivalent_annual_cost",
    "even_draws",
    "explain",
    "fit_yearly_loss",
    "fixed_charge_rate",
    "fixed_declining_balance",
    "flip_points",
    "future_value",
    "grid_costs",
    "hosted_ci_usd_per_month",
    "hours_by_slot",
    "in_country",
    "input_sources",
    "internal_rate_of_return",
    "levelized_usd_per_hour",
    "load_figures",
    "loan_balance",
    "loan_interest",
    "loan_payment",
    "macrs",
    "marginal_tiered_cost_usd",
    "market_value",
    "mean_wait_jobs",
    "metered_usd_per_hour",
    "million_tokens",
    "mixed_price",
    "modified_internal_rate_of_return",
    "monthly_energy_cost_usd",
    "net_of_vat_usd",
    "own_and_rent",
    "own_runner_can_serve",
    "own_runner_hours_per_week",
    "own_solar_usd_per_kwh",
    "own_work",
    "paid_minutes",
    "payback_periods",
    "plan_cards",
    "plan_jobs",
    "power_limited",
    "present_value",
    "present_value_on_dates",
    "price_dates",
    "prices_by_hour_usd_per_kwh",
    "profitability_index",
    "psu_efficiency",
    "quantiles",
    "relative_hours",
    "rented_energy_kwh",
    "resale_value_usd",
    "sale_proceeds_usd",
    "simulate",
    "spot_overhead",
    "straight_line",
    "sum_of_years_digits",
    "tax_deductions_usd",
    "tax_on_sale_usd",
    "tax_saving_usd",
    "tiered_cost_usd",
    "time_of_use_cost_usd",
    "tornado",
    "total_cost_usd",
    "two_way",
    "units_of_production",
    "usd_per_million_tokens",
    "usd_per_used_hour",
    "wall_power_at_limit_w",
    "wall_power_w",
    "with_vat_usd",
    "written_down_usd",
]


def __getattr__(name: str) -> object:
    if name not in _LOADED_ON_FIRST_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_LOADED_ON_FIRST_USE[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
