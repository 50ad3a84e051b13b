"""Draws that cover the chances evenly, and their quantiles."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from models.draws import even_draws, quantiles

NAN = float("nan")


@pytest.mark.parametrize("seed", [0, 1, 2026])
def test_of_a_power_of_two_each_input_gets_one_draw_in_each_of_its_steps(seed: int) -> None:
    draws = even_draws(64, 9, seed)
    assert (np.sort(np.floor(draws * 64), axis=0) == np.arange(64.0)[:, np.newaxis]).all()


def test_in_two_inputs_every_box_of_the_same_size_holds_one_draw() -> None:
    first, second = even_draws(64, 2, seed=5).T
    for across in (1, 2, 4, 8, 16, 32, 64):
        boxes = np.floor(first * across) * (64 // across) + np.floor(second * (64 // across))
        assert np.sort(boxes).tolist() == list(range(64))


@pytest.mark.parametrize("inputs", [1, 2, 3, 8])
def test_every_input_and_every_pair_of_inputs_is_covered_evenly(inputs: int) -> None:
    draws = even_draws(2**15, inputs)
    assert draws.shape == (2**15, inputs)
    assert ((draws > 0) & (draws < 1)).all()
    in_tenth = np.array([np.histogram(column, bins=10, range=(0, 1))[0] for column in draws.T]) / 2**15
    assert in_tenth == pytest.approx(np.full((inputs, 10), 0.1), abs=0.001)
    together = np.corrcoef(draws.T.reshape(inputs, -1)) if inputs > 1 else np.eye(1)
    assert together == pytest.approx(np.eye(inputs), abs=0.02)


def test_the_same_seed_gives_the_same_draws_and_another_one_others() -> None:
    assert (even_draws(100, 3) == even_draws(100, 3, seed=0)).all()
    assert (even_draws(100, 3, seed=1) != even_draws(100, 3)).all()
    assert (even_draws(100, 3)[:70] == even_draws(70, 3)).all()


def test_the_draws_of_a_seed_are_the_same_on_every_machine() -> None:
    # On a grid of 30 binary digits, half a step on.
    assert (even_draws(2, 3, seed=7) * 2**30).tolist() == [
        [698390514.5, 984954286.5, 107864316.5],
        [157954000.5, 268807610.5, 670511557.5],
    ]


def test_scipy_is_loaded_by_the_first_draw() -> None:
    program = (
        "import sys; from models import even_draws, simulate; assert 'scipy' not in sys.modules; "
        "even_draws(2, 1); assert 'scipy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2], timeout=60)


def test_the_sum_of_two_uniform_prices_is_a_triangle() -> None:
    # Between 0.60 and 1.40, below its middle: 0.6 + 0.4 * sqrt(2 q).
    sums = (0.3 + 0.4 * even_draws(2**16, 2)).sum(axis=-1)
    at = np.array([0.05, 0.25, 0.5])
    assert quantiles(sums, at) == pytest.approx(0.6 + 0.4 * np.sqrt(2 * at), rel=1e-4)


def test_quantiles_lie_in_the_middle_of_each_draws_share() -> None:
    assert quantiles([40, 10, 30, 20], [0.125, 0.25, 0.5, 0.875]).tolist() == [10, 15, 25, 40]
    assert quantiles([[1, 3], [5, 7]], [0.25, 0.75]).tolist() == [[1, 5], [3, 7]]
    assert quantiles([0, 0], 0.5) == 0
    assert quantiles([-1e308, 1e308], 0.5) == 0


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (lambda: even_draws(0, 2), "draws must be a whole number from 1 to 67,108,864, not 0"),
        (lambda: even_draws(10**12, 2), "draws must be a whole number .*, not 1000000000000"),
        (lambda: even_draws(cast(int, 2.5), 2), "draws must be a whole number .*, not 2.5"),
        (lambda: even_draws(10, cast(int, NAN)), "inputs must be a whole number from 1 to 1,000, not nan"),
        (lambda: even_draws(10, True), "inputs must be a whole number .*, not True"),
        (lambda: even_draws(10, 2, -1), "seed must be a whole number from 0, not -1"),
        (lambda: even_draws(10, 2, cast(int, 0.5)), "seed must be a whole number from 0, not 0.5"),
        (lambda: even_draws(10, 2, False), "seed must be a whole number from 0, not False"),
        (lambda: quantiles([], 0.5), "values needs an axis with at least one draw"),
        (lambda: quantiles(3, 0.5), "values needs an axis with at least one draw"),
        (lambda: quantiles([1, NAN], 0.5), "values must be finite, not nan"),
        (lambda: quantiles([1, 2], 1.1), "at_fractions is a fraction from 0 to 1, not 1.1"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_by_name(refused: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        refused()
