"""The cost model of Rig or Rent: what building and renting cost for the work you really do.

>>> from rig_or_rent.models import Scenario, compare                      # doctest: +SKIP
>>> from rig_or_rent.pricing import load_offers                           # doctest: +SKIP
>>> compare(Scenario(), load_offers()).verdict                            # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .break_even import break_even_hours, break_even_months
from .depreciation import declining_balance, macrs, market_value, straight_line, sum_of_years_digits
from .electricity import energy_cost_usd, tiered_cost_usd, time_of_use_cost_usd
from .finance import equivalent_annual_cost, levelized_usd_per_hour, loan_payment, present_value
from .usage import relative_hours
from .version import __version__

if TYPE_CHECKING:
    from .comparison import Comparison, compare
    from .figures import Figures, load_figures
    from .personas import PERSONAS
    from .scenario import Scenario, explain
    from .sources import input_sources, price_dates

# The formulas need NumPy alone. What needs pandas and Pydantic too is loaded on first use, so that importing
# the formulas costs less than importing pandas.
_LOADED_ON_FIRST_USE = {
    "Comparison": "comparison",
    "compare": "comparison",
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
    "Scenario",
    "__version__",
    "break_even_hours",
    "break_even_months",
    "compare",
    "declining_balance",
    "energy_cost_usd",
    "equivalent_annual_cost",
    "explain",
    "input_sources",
    "levelized_usd_per_hour",
    "load_figures",
    "loan_payment",
    "macrs",
    "market_value",
    "present_value",
    "price_dates",
    "relative_hours",
    "straight_line",
    "sum_of_years_digits",
    "tiered_cost_usd",
    "time_of_use_cost_usd",
]


def __getattr__(name: str) -> object:
    if name not in _LOADED_ON_FIRST_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_LOADED_ON_FIRST_USE[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
