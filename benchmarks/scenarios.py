"""How long a million scenarios take, next to the matrix of months, and ten thousand futures of all offers.

One thread. The arithmetic limit is what seven passes over every month would cost: a pass is one addition of
arrays that lie in the processor's cache, measured in the same run. The peers count one scenario at a time.
"""

from __future__ import annotations

import os

# Before NumPy is imported, or it would start threads of its own.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import time

import numpy as np
from measuring import Goal, arguments, grown_mib, medians_s, print_medians
from numpy.typing import NDArray
from pyxirr import npv

from rig_or_rent.models import Scenario, break_even_months, compare
from rig_or_rent.models.grid import GridCosts, grid_costs, total_cost_usd
from rig_or_rent.models.uncertainty import simulate, simulate_case
from rig_or_rent.pricing import load_offers

FloatArray = NDArray[np.float64]

SCENARIOS = 1_000_000
MONTHS = 60
PASSES = 7
DRAWS = 10_000
PEER_SCENARIOS = 20_000
# The whole matrix would need some gigabytes; in slices it is faster, too.
SLICE = 50_000

MEMORY_IMPORTS = """
import sys
import numpy as np
from rig_or_rent.models.grid import grid_costs
count, months = int(sys.argv[1]), int(sys.argv[2])
random = np.random.default_rng(0)
given = [random.uniform(0.01, 0.1, count) for _ in range(7)]
results = [np.ones(count) for _ in range(3)]
grid_costs(*(array[:10] for array in given), months)
del results
"""
MEMORY_PROGRAM = "results = grid_costs(*given, months); print(results.owned_usd.mean())"


def scenarios(count: int, seed: int) -> list[FloatArray]:
    random = np.random.default_rng(seed)
    ranges = [(1000, 8000), (5, 80), (20, 400), (0, 3000), (0, 0.12), (-0.1, 0.1), (-0.3, 0.1)]
    return [random.uniform(low, high, count) for low, high in ranges]


def month_by_month(
    purchase: FloatArray,
    owning: FloatArray,
    renting: FloatArray,
    resale: FloatArray,
    discount: FloatArray,
    owning_drift: FloatArray,
    renting_drift: FloatArray,
) -> GridCosts:
    """The obvious way: a matrix of scenarios by months."""
    month = np.arange(MONTHS + 1)
    worth = (1 + discount[:, np.newaxis]) ** (-month / 12)
    owned = owning[:, np.newaxis] * (1 + owning_drift[:, np.newaxis]) ** (month / 12) * worth
    rented = renting[:, np.newaxis] * (1 + renting_drift[:, np.newaxis]) ** (month / 12) * worth
    owned[:, 0], rented[:, 0] = purchase, 0.0
    owned_curve, rented_curve = np.cumsum(owned, axis=-1), np.cumsum(rented, axis=-1)
    return GridCosts(
        owned_curve[:, -1] - resale * worth[:, -1],
        rented_curve[:, -1],
        break_even_months(owned_curve, rented_curve),
    )


def as_a_matrix(given: list[FloatArray]) -> GridCosts:
    slices = range(0, len(given[0]), SLICE)
    parts = [month_by_month(*(array[start : start + SLICE] for array in given)) for start in slices]
    return GridCosts(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def pass_ns() -> float:
    """What one addition costs an element, at best. [ns]"""
    one, other, result = (np.ones(4096) for _ in range(3))
    best = np.inf
    for _ in range(50):
        start = time.perf_counter()
        for _ in range(200):
            np.add(one, other, out=result)
        best = min(best, time.perf_counter() - start)
    return best / 200 / len(one) * 1e9


def with_pyxirr(given: list[FloatArray]) -> list[float | None]:
    """Present value of owning, one scenario at a time."""
    purchase, owning, _, resale, discount, drift, _ = (array[:PEER_SCENARIOS] for array in given)
    month = np.arange(MONTHS + 1)
    worth = []
    for i in range(len(purchase)):
        flows = owning[i] * (1 + drift[i]) ** (month / 12)
        flows[0] = purchase[i]
        flows[-1] -= resale[i]
        worth.append(npv((1 + discount[i]) ** (1 / 12) - 1, flows))
    return worth


def with_pysam(given: list[FloatArray]) -> list[float] | None:
    """Levelised cost from a fixed charge rate, one scenario at a time; None without NREL-PySAM."""
    try:
        from PySAM import Lcoefcr
    except ImportError:
        return None
    model = Lcoefcr.new()
    model.SimpleLCOE.fixed_operating_cost = 240.0
    model.SimpleLCOE.variable_operating_cost = 0.0
    model.SimpleLCOE.fixed_charge_rate = 0.23
    model.SimpleLCOE.annual_energy = 1000.0
    costs = []
    for price in given[0][:PEER_SCENARIOS].tolist():
        model.SimpleLCOE.capital_cost = price
        model.execute()
        costs.append(model.Outputs.lcoe_fcr)
    return costs


def main() -> None:
    asked = arguments(__doc__)
    count = int(SCENARIOS * asked.scale)
    given = scenarios(count, asked.seed)
    for ours, obvious in zip(grid_costs(*given, MONTHS), as_a_matrix(given), strict=True):
        np.testing.assert_allclose(ours, obvious, rtol=1e-6)
    purchase, owning, _, resale, discount, drift, _ = given
    medians = medians_s(
        {
            "costs and break-even": lambda: grid_costs(*given, MONTHS),
            "total only": lambda: total_cost_usd(purchase, owning, resale, discount, drift, MONTHS),
            "matrix": lambda: as_a_matrix(given),
        },
        asked.runs,
    )
    print(f"{count:,} scenarios of {MONTHS} months")
    print_medians(medians, asked.runs, of="matrix")
    one_pass_ns = pass_ns()
    print(f"  one pass: {one_pass_ns:.2f} ns an element")

    peers = medians_s({"pyxirr": lambda: with_pyxirr(given)}, 1)
    if with_pysam(given[:1]) is not None:
        peers |= medians_s({"NREL-PySAM": lambda: with_pysam(given)}, 1)
    else:
        print("  (NREL-PySAM is not installed)")
    for name, seconds in peers.items():
        print(f"  {name}, a total: {seconds / min(count, PEER_SCENARIOS) * 1e9:,.0f} ns")

    offers = load_offers()
    case = compare(Scenario(), offers).case
    futures = medians_s(
        {
            "futures, worked out already": lambda: simulate_case(case, draws=DRAWS),
            "simulate": lambda: simulate(Scenario(), offers, draws=DRAWS),
        },
        asked.runs,
    )
    considered = int(case.offers.considered.sum())
    print(f"{DRAWS:,} draws of {considered} considered offers")
    print_medians(futures, asked.runs, of="simulate")

    grown, _ = grown_mib(MEMORY_IMPORTS, MEMORY_PROGRAM, str(count), str(MONTHS))
    ours_ns = medians["costs and break-even"] / count * 1e9
    for goal in (
        Goal("costs and break-even / matrix", medians["costs and break-even"] / medians["matrix"], 0.09),
        Goal("costs and break-even / arithmetic limit", ours_ns / (PASSES * MONTHS * one_pass_ns), 2.0),
        Goal("a total", medians["total only"] / count * 1e9, 110, "ns"),
        # The results are written where others lay before, so that what grows is beside them.
        Goal("memory above inputs and outputs", grown, 16, "MiB"),
        Goal("simulate, case worked out already", futures["futures, worked out already"] * 1e3, 300, "ms"),
        Goal("simulate", futures["simulate"] * 1e3, 300, "ms"),
    ):
        print(goal)


if __name__ == "__main__":
    main()
