"""Total cost and break-even month of many scenarios, against the curves written out month by month."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import dask.array as dask_array
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from models.break_even import break_even_months
from models.grid import GridCosts, break_even_month, grid_costs, total_cost_usd

FloatArray = NDArray[np.float64]
MIB = 2**20


def month_by_month(months: int, **given: FloatArray) -> GridCosts:
    """The obvious way: a matrix of scenarios by months."""
    of = {name: array[:, np.newaxis] for name, array in given.items()}
    month = np.arange(months + 1)
    worth = (1 + of["yearly_discount_fraction"]) ** (-month / 12)
    owned_price = (1 + of["owning_yearly_drift_fraction"]) ** (month / 12)
    rented_price = (1 + of["renting_yearly_drift_fraction"]) ** (month / 12)
    owned = of["owning_usd_per_month"] * owned_price * worth
    rented = of["renting_usd_per_month"] * rented_price * worth
    owned[:, 0], rented[:, 0] = given["purchase_usd"], 0.0
    owned_curve, rented_curve = np.cumsum(owned, axis=-1), np.cumsum(rented, axis=-1)
    return GridCosts(
        owned_curve[:, -1] - given["resale_usd"] * worth[:, -1],
        rented_curve[:, -1],
        break_even_months(owned_curve, rented_curve),
    )


RANGES = {
    "purchase_usd": (0, 8000),
    "owning_usd_per_month": (0, 80),
    "renting_usd_per_month": (0, 400),
    "resale_usd": (0, 3000),
    "yearly_discount_fraction": (-0.05, 0.15),
    "owning_yearly_drift_fraction": (-0.3, 0.3),
    "renting_yearly_drift_fraction": (-0.5, 0.4),
}


def scenarios(count: int, seed: int = 0) -> dict[str, FloatArray]:
    random = np.random.default_rng(seed)
    return {name: random.uniform(low, high, count) for name, (low, high) in RANGES.items()}


def one(*values: float) -> dict[str, FloatArray]:
    """A single scenario, its values in the order of the names."""
    return {name: np.array([value]) for name, value in zip(RANGES, values, strict=True)}


def assert_same(ours: GridCosts, obvious: GridCosts) -> None:
    assert ours.owned_usd == pytest.approx(obvious.owned_usd, rel=1e-11, abs=1e-8)
    assert ours.rented_usd == pytest.approx(obvious.rented_usd, rel=1e-11, abs=1e-8)
    assert (np.isinf(ours.break_even_months) == np.isinf(obvious.break_even_months)).all()
    met = np.isfinite(obvious.break_even_months)
    assert ours.break_even_months[met] == pytest.approx(obvious.break_even_months[met], rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("months", [1, 2, 12, 36, 60, 63, 64, 240])
def test_the_closed_forms_equal_the_months_written_out(months: int) -> None:
    given_ = scenarios(20_000, seed=months)
    obvious = month_by_month(**given_, months=months)
    if months >= 12:
        assert 0.05 < np.isinf(obvious.break_even_months).mean() < 0.95
    assert_same(grid_costs(**given_, months=months), obvious)


@given(
    purchase=st.floats(1, 1e5),
    owning=st.floats(0, 1e3),
    renting=st.floats(0.01, 1e3),
    discount=st.floats(-0.2, 0.5),
    drifts=st.tuples(st.floats(-0.9, 2), st.floats(-0.9, 2)),
    months=st.integers(1, 120),
)
def test_any_scenario_equals_its_months_written_out(
    purchase: float,
    owning: float,
    renting: float,
    discount: float,
    drifts: tuple[float, float],
    months: int,
) -> None:
    single = one(purchase, owning, renting, 0.0, discount, *drifts)
    obvious, ours = month_by_month(**single, months=months), grid_costs(**single, months=months)
    assert ours.owned_usd == pytest.approx(obvious.owned_usd, rel=1e-9)
    assert ours.rented_usd == pytest.approx(obvious.rented_usd, rel=1e-9)
    apart = abs(obvious.owned_usd - obvious.rented_usd)
    if (apart > 1e-9 * obvious.owned_usd).all():
        assert ours.break_even_months == pytest.approx(obvious.break_even_months, rel=1e-6, abs=1e-6)


def test_a_purchase_of_4000_and_20_a_month_against_120_a_month() -> None:
    costs = grid_costs(4000, 20, 120, 1000, months=60)
    assert [float(part) for part in costs] == [4200, 7200, 40]
    assert total_cost_usd(4000, 20, 1000, months=60) == 4200
    # In the 40th month exactly, which is the last one here.
    assert break_even_month(4000, 20, 120, months=40) == 40
    assert break_even_month(4000, 20, 120, months=39) == np.inf


def test_without_a_purchase_owning_is_no_dearer_from_the_start() -> None:
    assert break_even_month(0, 20, 120) == 0
    assert break_even_month(0, 20, 20) == 0
    assert break_even_month(0, 120, 20) == np.inf
    # Dearer at first, until the rental has become dearer still.
    slow = break_even_month(0, 30, 20, renting_yearly_drift_fraction=1.0, months=24)
    curves = month_by_month(**one(0.0, 30.0, 20.0, 0.0, 0.0, 0.0, 1.0), months=24)
    assert slow == pytest.approx(float(curves.break_even_months[0]), abs=1e-9)
    assert 12 < slow < 24


def test_what_comes_after_the_last_month_does_not_count() -> None:
    # Power becomes dearer than the rental after month 13: owning is 1 USD ahead in that month alone.
    power = 20 * 5 ** (np.arange(1, 14) / 12)
    purchase = 120 * 13 - power.sum() - 1
    ahead_by = 120 - power[-1] - 1
    met = break_even_month(purchase, 20, 120, owning_yearly_drift_fraction=4.0, months=13)
    assert met == pytest.approx(12 + ahead_by / (ahead_by + 1))
    for months in (12, 14, 36):
        assert break_even_month(purchase, 20, 120, 0.0, 4.0, months=months) == np.inf


@pytest.mark.parametrize("drift", [0.04, 0.04 + 1e-15, 0.04 - 1e-12, 0.04 + 1e-8])
def test_prices_that_rise_as_fast_as_dollars_lose_weight_make_every_month_alike(drift: float) -> None:
    total = total_cost_usd(0, 100, yearly_discount_fraction=0.04, yearly_drift_fraction=drift, months=60)
    assert total == pytest.approx(6000, rel=1e-7)


def test_inputs_of_all_shapes_broadcast() -> None:
    prices, rents = np.linspace(1000, 8000, 300), np.linspace(20, 400, 500)
    grid = grid_costs(prices[:, np.newaxis], 20, rents, 500, 0.04, [[0.0]], -0.1, 36)
    assert grid.break_even_months.shape == (300, 500)
    for i, j in [(0, 0), (299, 499), (17, 333)]:
        alone = grid_costs(prices[i], 20, rents[j], 500, 0.04, 0.0, -0.1, 36)
        assert [float(part[i, j]) for part in grid] == pytest.approx([float(part) for part in alone])
    assert grid_costs([], 20, 100).owned_usd.shape == (0,)
    assert grid_costs(np.ones((3, 0, 2)), 20, 100).break_even_months.shape == (3, 0, 2)


def test_each_scenario_may_have_its_own_months() -> None:
    months = np.array([1, 7, 8, 12, 36, 1200])
    together = grid_costs(1000, 20, 100, 300, 0.04, 0.02, -0.03, months)
    for i, count in enumerate(months):
        alone = grid_costs(1000, 20, 100, 300, 0.04, 0.02, -0.03, int(count))
        assert [float(part[i]) for part in together] == pytest.approx([float(part) for part in alone])


def test_a_million_scenarios_need_no_memory_of_their_own() -> None:
    given_ = scenarios(1_000_000)
    tracemalloc.start()
    try:
        results = grid_costs(**given_, months=60)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - sum(part.nbytes for part in results) < 16 * MIB


class Foreign(NDArrayOperatorsMixin):
    """An array of another library: it refuses to become one of NumPy's."""

    def __init__(self, values: FloatArray) -> None:
        self.values = values

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Foreign:
        return Foreign(getattr(ufunc, method)(*map(_bare, inputs), **kwargs))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Foreign:
        return Foreign(function(*map(_bare, args), **kwargs))

    def __array__(self, *args: object, **kwargs: object) -> FloatArray:
        raise AssertionError("a foreign array was turned into one of NumPy's")


def _bare(value: object) -> object:
    return value.values if isinstance(value, Foreign) else value


def test_arrays_of_other_libraries_pass_through() -> None:
    given_ = scenarios(1000)
    wrapped: dict[str, Any] = {name: Foreign(array) for name, array in given_.items()}
    foreign = grid_costs(**wrapped, months=36)
    ours = grid_costs(**given_, months=36)
    for theirs, here in zip(foreign, ours, strict=True):
        assert isinstance(theirs, Foreign)
        assert (theirs.values == here).all()


def test_arrays_of_dask_pass_through() -> None:
    given_ = scenarios(10_000)
    chunked = {name: dask_array.from_array(array, chunks=2500) for name, array in given_.items()}
    lazy = grid_costs(**chunked, months=36)
    for theirs, here in zip(lazy, grid_costs(**given_, months=36), strict=True):
        assert isinstance(theirs, dask_array.Array)
        assert (theirs.compute() == here).all()


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (lambda: total_cost_usd(-1, 20), "purchase_usd must be 0 or more, not -1"),
        (lambda: total_cost_usd([1, np.nan], 20), "purchase_usd must be finite, not nan"),
        (lambda: break_even_month(1, -3, 5), "owning_usd_per_month must be 0 or more, not -3"),
        (lambda: break_even_month(1, 3, 5, -1), "yearly_discount_fraction must be above -1"),
        (lambda: grid_costs(1, 3, 5, months=0), "months must be whole numbers from 1 to 1,200, not 0"),
        (lambda: grid_costs(1, 3, 5, months=[12, 2.5]), "months must be whole numbers .*, not 2.5"),
        (lambda: grid_costs(1, 3, 5, months=1201), "months must be whole numbers .*, not 1201"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_by_name(refused: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        refused()
