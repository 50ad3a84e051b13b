"""The decision in other measures: payback, rate of return, yearly and levelised cost, energy, carbon."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from .break_even import break_even_months
from .case import Case
from .checks import FloatArray
from .figures import REFERENCE_GPU
from .finance import equivalent_annual_cost
from .investment import internal_rate_of_return
from .lines import total
from .power import emissions_kg, rented_energy_kwh
from .resolve import known
from .scenario import Scenario
from .table import against_values, usd_per_useful_hour
from .usage import WEEKS_PER_MONTH

MEASURE_COLUMNS = ("measure", "unit", "value")
EMISSION_COLUMNS = ("option", "energy_kwh", "grams_co2_per_kwh", "co2_kg")


def measures(case: Case) -> pd.DataFrame:
    """Building in place of renting as an investment: measure, unit, value; ``inf`` = never, NaN = unknown.

    The flows are what renting would have cost less what owning costs, month by month, the sale included in
    the rate of return and in the net present value. Simple payback neither discounts nor sells.
    """
    if case.build_misfit or case.against is None:
        return pd.DataFrame(columns=list(MEASURE_COLUMNS))
    owned, row = case.owned, case.row_of(case.against)
    rented_usd = case.rented.flows_usd[row]
    owned_usd = total(owned.lines, owned.months)
    unsold_usd = total([line for line in owned.lines if not line.of_the_sale], owned.months)
    build_usd = float(owned_usd @ owned.discount)
    rental_usd = float(rented_usd @ owned.discount)
    years = owned.months / 12.0
    yearly = case.scenario.money.yearly_discount_fraction
    with np.errstate(over="ignore"):
        yearly_return = (1.0 + internal_rate_of_return(rented_usd - owned_usd)) ** 12 - 1.0
    both_usd = np.array([build_usd, rental_usd])
    annual_usd = equivalent_annual_cost(both_usd, yearly, years)
    hourly_usd = usd_per_useful_hour(case, both_usd)
    payback = float(break_even_months(np.cumsum(unsold_usd), np.cumsum(rented_usd)))
    rows = [
        ("simple payback", "months", payback),
        ("discounted payback", "months", against_values(case)["break_even_months"]),
        ("net present value of building", "USD", rental_usd - build_usd),
        ("internal rate of return", "a year", float(yearly_return)),
        ("equivalent annual cost, build", "USD a year", float(annual_usd[0])),
        ("equivalent annual cost, rental", "USD a year", float(annual_usd[1])),
        ("levelised cost, build", "USD a useful hour", float(hourly_usd[0])),
        ("levelised cost, rental", "USD a useful hour", float(hourly_usd[1])),
    ]
    return pd.DataFrame(rows, columns=list(MEASURE_COLUMNS))


def emissions(case: Case, build_name: str, offers: Sequence[int]) -> pd.DataFrame:
    """Energy and carbon over the horizon: option, energy_kwh, grams_co2_per_kwh, co2_kg; NaN = unknown.

    A rented machine draws its board's power while it works, and for each GPU as much beside it as the rest
    of the build draws; held and idle, what the build draws idle; all times the data center's overhead. The
    making of the machines is left out on both sides.
    """
    scenario, figures, owned = case.scenario, case.figures, case.owned
    rows: list[tuple[str, float, float, float]] = []
    if not case.build_misfit:
        kwh = owned.energy_kwh_per_month * owned.months * (1.0 + _cooling_share(scenario))
        grams = scenario.electricity.grams_co2_per_kwh
        # Energy from own panels emits nothing when it is used.
        from_grid = 1.0 - scenario.electricity.solar_fraction
        rows.append((build_name, kwh, *_carbon(kwh, None if grams is None else grams * from_grid)))
    rest_w = max(known(scenario.workstation.load_w) - figures.gpus[REFERENCE_GPU].board_power_w, 0.0)
    idle_w = known(scenario.workstation.idle_w)
    pue = figures.assumptions["data_center_pue"].value
    for offer in offers:
        terms = case.offers.terms.take([offer])
        gpu = figures.gpus.get(case.offers.text["gpu"][offer])
        gpus = float(case.offers.number["gpu_count"][offer])
        busy = scenario.workload.busy_hours_per_week * float(terms.hours_per_busy_hour[0]) * WEEKS_PER_MONTH
        held = float(case.rented_only([offer]).hours.held_per_month[0])
        kwh = np.nan
        if gpu is not None and np.isfinite(gpu.board_power_w):
            working = float(rented_energy_kwh(gpu.board_power_w, gpus, busy, rest_w * gpus, pue))
            waiting = float(rented_energy_kwh(idle_w, gpus, held - busy, 0.0, pue))
            kwh = (working + waiting) * owned.months
        name = case.offers.names[offer]
        rows.append((name, kwh, *_carbon(kwh, scenario.rental.grams_co2_per_kwh)))
    return pd.DataFrame(rows, columns=list(EMISSION_COLUMNS))


def _cooling_share(scenario: Scenario) -> float:
    """Energy that cooling the build's heat away takes, for each unit of the build's own."""
    power = scenario.electricity
    return power.cooling_share_of_year_fraction / known(power.cooling_cop)


def _carbon(kwh: float, grams_co2_per_kwh: float | None) -> tuple[float, float]:
    if grams_co2_per_kwh is None or not np.isfinite(kwh):
        return np.nan, np.nan
    kilograms: FloatArray = emissions_kg(kwh, grams_co2_per_kwh)
    return grams_co2_per_kwh, float(kilograms)
