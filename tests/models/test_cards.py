"""Own some cards and rent the overflow: the number that costs least."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.cards import cards_to_own


@pytest.mark.parametrize(("owning", "fractile"), [(12.6, 0.9), (63.0, 0.5), (100.8, 0.2), (126.5, 0.0)])
def test_the_number_of_cards_is_the_critical_fractile_of_the_newsvendor(
    owning: float, fractile: float
) -> None:
    # Each of 0 to 19 cards' worth of hours is as likely. A card too many costs `owning`, one too few
    # 168 * (0.85 - 0.10) - owning: the least k with P(need <= k) >= underage / (underage + overage).
    need = np.arange(20)
    overage, underage = owning, 168 * 0.75 - owning
    assert max(underage / (underage + overage), 0.0) == pytest.approx(fractile, abs=1e-9)
    textbook = int(np.searchsorted((need + 1) / 20, fractile - 1e-9)) if fractile else 0
    answer = cards_to_own(need * 168.0, owning, 0.85, 0.10)
    assert answer.cards == textbook
    assert answer.usd_by_cards.shape == (20,)


def test_the_cost_of_each_number_of_cards_is_that_of_the_hours_at_home_and_beyond() -> None:
    answer = cards_to_own([100, 400], 20, 1.0, 0.25, capacity_hours_per_card=150)
    # Two cards: 4 card weeks, 100 + 300 hours at home, 100 rented.
    assert answer.usd_by_cards.tolist() == [500, 352.5, 280, 245]
    assert answer.cards == 3


def test_no_card_is_owned_where_its_hour_costs_more_than_a_rented_one() -> None:
    answer = cards_to_own([500, 500], 0, 0.1, 0.2)
    assert answer.cards == 0
    assert (answer.usd_by_cards == 100).all()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (([], 1, 1), "must name a week"),
        (([-1], 1, 1), "hours_by_week must be 0 or more, not -1"),
        (([1e9], 1, 1), "at most 10,000 cards"),
        (([1], 1, 1, 0, 0), "capacity_hours_per_card must be above 0"),
        (([1], 1, 1, 0, 200), "capacity_hours_per_card must be at most 168, a whole week, not 200"),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused(values: tuple[Any, ...], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        cards_to_own(*values)
