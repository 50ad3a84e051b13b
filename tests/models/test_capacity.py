"""What a machine gives for its hours, and how much of it must be used."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models import break_even_hours
from models.capacity import (
    break_even_utilization,
    metered_usd_per_hour,
    million_tokens,
    mixed_price,
    usd_per_million_tokens,
    usd_per_used_hour,
)

NAN = float("nan")
INF = float("inf")

quick = settings(max_examples=60, deadline=None)
price = st.floats(0.001, 1000)


def test_tokens_of_a_month_by_hand() -> None:
    # 800 tokens/s for 176 h of 3,600 s: 506.88 million.
    assert float(million_tokens(800, 176)) == pytest.approx(506.88)
    assert million_tokens([100, 200], [[1], [10]]) == pytest.approx(np.array([[0.36, 0.72], [3.6, 7.2]]))


def test_a_machine_that_writes_nothing_has_no_price_for_a_token() -> None:
    assert usd_per_million_tokens(0.72, [100, 0]).tolist() == [2, INF]
    assert float(usd_per_million_tokens(0, 100)) == 0


@quick
@given(price, st.floats(0.1, 1e5))
def test_a_token_price_and_a_price_by_the_hour_are_two_sides_of_one_rate(usd: float, speed: float) -> None:
    assert float(metered_usd_per_hour(speed, usd_per_million_tokens(usd, speed))) == pytest.approx(usd)


def test_a_mixed_price_lies_between_reading_and_writing() -> None:
    # 30 % read at 5 USD, 70 % written at 25 USD: 1.5 + 17.5.
    assert float(mixed_price(5, 25, 0.7)) == pytest.approx(19)
    assert mixed_price(5, 25, [0, 1]).tolist() == [5, 25]


def test_an_idle_cluster_makes_each_used_hour_dear() -> None:
    assert usd_per_used_hour(20, [1, 0.4, 0.08, 0]).tolist() == [20, 50, 250, INF]


def test_owning_pays_from_the_share_of_hours_at_which_both_cost_the_same() -> None:
    # Provisioned for 20 USD an hour, rented for 66: 30.3 % of the hours.
    assert float(break_even_utilization(20, 66)) == pytest.approx(0.303, abs=0.0005)
    assert break_even_utilization([0, 66, 67], 66).tolist() == [0, 1, INF]
    assert break_even_utilization([0, 1], 0).tolist() == [0, INF]


@quick
@given(price, price)
def test_at_the_break_even_share_a_used_hour_costs_the_rent(own: float, rent: float) -> None:
    share = float(break_even_utilization(own, rent))
    if np.isinf(share):
        assert own > rent
    else:
        assert float(usd_per_used_hour(own, share)) == pytest.approx(rent)


@quick
@given(price, price)
def test_the_share_of_a_month_is_its_break_even_hours(own: float, rent: float) -> None:
    assume(not np.isclose(own, rent))
    share = float(break_even_utilization(own, rent))
    hours = float(break_even_hours(own * 730, rent))
    assert share == (pytest.approx(hours / 730) if hours <= 730 else INF)


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (lambda: million_tokens(-1, 1), "tokens_per_second must be 0 or more, not -1"),
        (lambda: million_tokens(1, NAN), "hours must be finite, not nan"),
        (lambda: million_tokens(1e308, 1e4), r"tokens_per_second 1e\+308 .* must be nearer to 0"),
        (lambda: usd_per_million_tokens(-1, 1), "usd_per_hour must be 0 or more, not -1"),
        (lambda: usd_per_million_tokens(1e308, 1), r"usd_per_hour 1e\+308 must be nearer to 0"),
        (lambda: metered_usd_per_hour(1, -2), "usd_per_million_tokens must be 0 or more, not -2"),
        (lambda: metered_usd_per_hour(1e4, 1e308), r"usd_per_million_tokens 1e\+308 must be nearer to 0"),
        (lambda: mixed_price(1, 2, 1.5), "output_fraction is a fraction from 0 to 1, not 1.5"),
        (lambda: mixed_price(-1, 2, 0.5), "input_usd_per_million_tokens must be 0 or more, not -1"),
        (lambda: usd_per_used_hour(INF, 0.5), "usd_per_provisioned_hour must be finite, not inf"),
        (lambda: usd_per_used_hour(1, 1.1), "utilization_fraction is a fraction from 0 to 1, not 1.1"),
        (lambda: break_even_utilization(-1, 2), "own_usd_per_provisioned_hour must be 0 or more, not -1"),
        (lambda: break_even_utilization(1, NAN), "rented_usd_per_hour must be finite, not nan"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_by_name(refused: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        refused()
