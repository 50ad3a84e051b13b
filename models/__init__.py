"""The cost model of Rig or Rent: what building and renting cost for the work you really do.

>>> from rig_or_rent.models import Scenario, compare                      # doctest: +SKIP
>>> from rig_or_rent.pricing import load_offers                           # doctest: +SKIP
>>> compare(Scenario(), load_offers()).verdict                            # doctest: +SKIP
"""

from __future__ import annotations

from .break_even import break_even_hours, break_even_months
from .comparison import Comparison, compare
from .depreciation import declining_balance, macrs, market_value, straight_line, sum_of_years_digits
from .electricity import energy_cost_usd, tiered_cost_usd, time_of_use_cost_usd
from .figures import Figures, load_figures
from .finance import equivalent_annual_cost, levelized_usd_per_hour, loan_payment, present_value
from .personas import PERSONAS
from .scenario import Scenario, explain
from .usage import relative_hours
from .version import __version__

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
    "levelized_usd_per_hour",
    "load_figures",
    "loan_payment",
    "macrs",
    "market_value",
    "present_value",
    "relative_hours",
    "straight_line",
    "sum_of_years_digits",
    "tiered_cost_usd",
    "time_of_use_cost_usd",
]
