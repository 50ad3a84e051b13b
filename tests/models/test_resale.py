"""What used parts fetch: the curve behind dated prices, the value month by month, and what is refused."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.depreciation import declining_balance, market_value, sum_of_years_digits
from models.resale import Fit, ResaleMethod, fit_yearly_loss, resale_value_usd, sale_proceeds_usd

INF = float("inf")
NAN = float("nan")
DATA = Path(__file__).parents[2] / "data" / "resale.csv"

quick = settings(max_examples=80, deadline=None)
usd = st.floats(0, 1e6)
shares = st.floats(0, 1)

# What each method needs beside a price and an age.
NEEDED: dict[str, dict[str, Any]] = {
    "market": {"yearly_loss_fraction": 0.2, "new_to_used_fraction": 0.1},
    "straight_line": {"salvage_fraction": 0.1},
    "declining_balance": {"salvage_fraction": 0.1},
    "sum_of_years_digits": {"salvage_fraction": 0.1},
    "own_table": {"value_fractions": [1.0, 0.7, 0.5, 0.4]},
}


def _value(
    method: str, price_usd: object, age_months: object, **terms: Any
) -> np.ndarray[Any, np.dtype[np.float64]]:
    return resale_value_usd(
        cast(float, price_usd),
        cast(float, age_months),
        method=cast(ResaleMethod, method),
        **{**NEEDED[method], **terms},
    )


def test_every_method_is_tested() -> None:
    assert set(NEEDED) == set(get_args(ResaleMethod))


# --- the curve behind dated prices --------------------------------------------------------------------------


def _prices(gpu: str) -> tuple[list[float], list[float]]:
    """Ages in years and prices in launch prices, between the mining crash and the squeeze of 2024.

    The first months of the RTX 4090, when scalpers sold it above its price, are left out.
    """
    with DATA.open(newline="", encoding="utf-8") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["gpu"] == gpu
            and "2022-06-01" <= row["as_of"] <= "2023-11-30"
            and "scalpers" not in row["note"]
        ]
    ages = [float(row["age_months"]) / 12 for row in rows]
    return ages, [float(row["fraction_of_launch_price"]) for row in rows]


@pytest.mark.parametrize(
    ("gpu", "points", "loss", "loss_through_one"),
    [
        ("RTX 2080 Ti", 17, 0.300, 0.190),
        ("RTX 3090", 17, 0.234, 0.222),
        ("RTX 4090", 8, 0.028, -0.024),
        ("RTX 3080 10GB", 17, 0.357, 0.117),
    ],
)
def test_the_yearly_loss_of_cards_in_a_normal_market(
    gpu: str, points: int, loss: float, loss_through_one: float
) -> None:
    ages, prices = _prices(gpu)
    assert len(ages) == points
    free, through_one = fit_yearly_loss(ages, prices), fit_yearly_loss(ages, prices, through_one=True)
    assert free.points == through_one.points == points
    assert free.yearly_loss_fraction == pytest.approx(loss, abs=0.0005)
    assert through_one.yearly_loss_fraction == pytest.approx(loss_through_one, abs=0.0005)
    assert through_one.level_fraction == 1
    assert 0.03 < free.residual_log_sd < 0.09
    assert through_one.residual_log_sd > free.residual_log_sd


@quick
@given(
    loss=st.floats(-0.5, 0.9),
    level=st.floats(0.1, 3),
    ages=st.lists(st.integers(0, 120), min_size=2, max_size=30, unique=True),
)
def test_prices_on_a_curve_give_the_curve_back(loss: float, level: float, ages: list[int]) -> None:
    years = np.array(ages) / 12
    fit = fit_yearly_loss(years, level * (1 - loss) ** years)
    assert fit.yearly_loss_fraction == pytest.approx(loss, abs=1e-6)
    assert fit.level_fraction == pytest.approx(level, rel=1e-6)
    assert fit.residual_log_sd == pytest.approx(0, abs=1e-6)


def test_the_fit_is_what_two_scattered_prices_a_year_apart_say_together() -> None:
    # 10 % above and 10 % below the curve, on a log scale, at both ages: the scatter cancels out.
    fit = fit_yearly_loss([1, 1, 2, 2], [0.8 * 1.1, 0.8 / 1.1, 0.64 * 1.1, 0.64 / 1.1])
    assert fit.yearly_loss_fraction == pytest.approx(0.2)
    assert fit.level_fraction == pytest.approx(1)
    assert fit.residual_log_sd == pytest.approx(np.log(1.1))


def test_one_price_is_enough_for_a_curve_through_the_launch_price() -> None:
    fit = fit_yearly_loss([0, 2], [0.9, 0.64], through_one=True)
    assert fit.yearly_loss_fraction == pytest.approx(0.2)
    assert (fit.level_fraction, fit.points) == (1, 2)
    # Off by 10 % at age 0 and by nothing later.
    assert fit.residual_log_sd == pytest.approx(-np.log(0.9) / np.sqrt(2))
    assert isinstance(fit, Fit)


# --- the value month by month -------------------------------------------------------------------------------


def test_market_values_are_those_of_the_formula() -> None:
    months = np.arange(61)
    assert resale_value_usd(
        2000, months, yearly_loss_fraction=0.19, new_to_used_fraction=0.15
    ).tolist() == pytest.approx(market_value(2000, months / 12, 0.19, 0.15).tolist())


def test_a_straight_line_falls_evenly_to_the_salvage_value_and_stays() -> None:
    values = _value("straight_line", 1000, [0, 15, 30, 60, 90], life_months=60)
    assert values.tolist() == pytest.approx([1000, 775, 550, 100, 100])


def test_declining_balance_is_the_books_at_each_years_end_and_straight_between() -> None:
    book = 1000 - np.cumsum(declining_balance(1000, 100, 5, switch_to_straight_line=True))
    values = _value("declining_balance", 1000, [0, 12, 24, 36, 48, 60, 72])
    assert values.tolist() == pytest.approx([1000, *book, 100])
    assert float(_value("declining_balance", 1000, 6)) == pytest.approx(800)  # half of the first year's 400


def test_sum_of_years_digits_is_the_books_at_each_years_end_and_straight_between() -> None:
    book = 1000 - np.cumsum(sum_of_years_digits(1000, 100, 5))
    values = _value("sum_of_years_digits", 1000, [0, 12, 24, 36, 48, 60, 72])
    assert values.tolist() == pytest.approx([1000, *book, 100])
    assert float(_value("sum_of_years_digits", 1000, 18)) == pytest.approx(580)  # 700 and 460 around it


def test_an_own_table_runs_straight_between_years_and_holds_its_last_value() -> None:
    values = _value("own_table", 1000, [0, 6, 12, 30, 36, 600])
    assert values.tolist() == pytest.approx([1000, 850, 700, 450, 400, 400])
    assert _value("own_table", 1000, [0, 50], value_fractions=[0.8]).tolist() == [800, 800]


def test_used_prices_may_rise_above_the_price_paid() -> None:
    assert float(_value("own_table", 1599, 48, value_fractions=[1, 1, 1, 1, 1.75])) == pytest.approx(2798.25)


def test_parts_of_different_lives_broadcast_against_months() -> None:
    price, life = np.array([[1000.0], [200.0], [0.0]]), np.array([[36.0], [120.0], [60.0]])
    for method in ("straight_line", "declining_balance", "sum_of_years_digits"):
        values = _value(method, price, np.arange(121), life_months=life)
        assert values.shape == (3, 121)
        assert values[:, 0].tolist() == [1000, 200, 0]
        assert values[0, 36] == pytest.approx(100)
        assert values[0, 120] == pytest.approx(100)  # the card's life is over long before the case's
        assert values[1, 36] > 50
        assert values[1, 120] == pytest.approx(20)
        for part in range(2):
            alone = _value(method, price[part, 0], np.arange(121), life_months=life[part, 0])
            assert values[part].tolist() == alone.tolist()


def test_a_new_generation_takes_a_step_off_for_good() -> None:
    terms = {"generation_month": 24, "generation_loss_fraction": 0.25}
    before = _value("market", 1000, [23, 24, 48])
    after = _value("market", 1000, [23, 24, 48], **terms)
    assert (after / before).tolist() == pytest.approx([1, 0.75, 0.75])


def test_the_value_never_falls_below_what_scrap_brings() -> None:
    values = _value("market", 1000, [0, 600], scrap_fraction=0.05)
    assert values.tolist() == pytest.approx([900, 50])
    stepped = _value(
        "straight_line", 1000, 60, generation_month=0, generation_loss_fraction=1, scrap_fraction=0.02
    )
    assert float(stepped) == pytest.approx(20)


def test_the_marketplace_takes_its_share() -> None:
    assert sale_proceeds_usd([[100.0], [200.0]], [0.0, 0.13, 1.0]).tolist() == [[100, 87, 0], [200, 174, 0]]


# --- laws ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", NEEDED)
@quick
@given(price=usd, age=st.floats(0, 240), step=shares, scrap=shares, month=st.floats(0, 120))
def test_a_value_lies_between_scrap_and_price(
    method: str, price: float, age: float, step: float, scrap: float, month: float
) -> None:
    terms = {"generation_month": month, "generation_loss_fraction": step, "scrap_fraction": scrap}
    value = float(_value(method, price, age, **terms))
    assert price * scrap <= value <= price


@pytest.mark.parametrize("method", NEEDED)
@quick
@given(age=st.floats(0, 240), longer=st.floats(0, 60), step=shares)
def test_waiting_never_raises_the_value(method: str, age: float, longer: float, step: float) -> None:
    terms = {"generation_month": 30, "generation_loss_fraction": step}
    early, late = _value(method, 1000, [age, age + longer], **terms).tolist()
    assert late <= early + 1e-9


@pytest.mark.parametrize("method", NEEDED)
@quick
@given(price=usd, share=shares, age=st.floats(0, 240))
def test_splitting_a_part_in_two_changes_nothing(method: str, price: float, share: float, age: float) -> None:
    terms = {"generation_month": 30, "generation_loss_fraction": 0.2, "scrap_fraction": 0.05}
    one, other = _value(method, [price * share, price - price * share], age, **terms).tolist()
    assert one + other == pytest.approx(float(_value(method, price, age, **terms)), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("method", NEEDED)
def test_a_part_that_was_owned_already_fetches_nothing(method: str) -> None:
    values = _value(method, 0, np.arange(61), scrap_fraction=0.5)
    assert values.shape == (61,)
    assert not values.any()


@pytest.mark.parametrize("method", NEEDED)
def test_the_greatest_numbers_stay_finite(method: str) -> None:
    values = _value(method, 1e308, [0, 1e-300, 1e308], generation_month=1e308, scrap_fraction=1e-300)
    assert np.isfinite(values).all()


@pytest.mark.parametrize("method", NEEDED)
def test_no_ages_have_no_values(method: str) -> None:
    assert _value(method, 1000, []).shape == (0,)


# --- numbers that are refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (lambda: fit_yearly_loss([], []), r"age_years needs at least two different ages .*, not \[\]"),
        (lambda: fit_yearly_loss([1], [0.8]), "age_years needs at least two different ages"),
        (lambda: fit_yearly_loss([2, 2], [0.8, 0.7]), "age_years needs at least two different ages"),
        (lambda: fit_yearly_loss([0], [1], through_one=True), "age_years needs at least one age above 0"),
        (
            lambda: fit_yearly_loss([1, 2], [0.8]),
            "age_years and price_fraction must be two lists of one length",
        ),
        (lambda: fit_yearly_loss(1, 0.8), "age_years and price_fraction must be two lists"),
        (lambda: fit_yearly_loss([1, 2], [0.8, 0]), "price_fraction must be above 0, not 0"),
        (lambda: fit_yearly_loss([1, NAN], [0.8, 0.7]), "age_years must be finite, not nan"),
        (lambda: fit_yearly_loss([-1, 2], [0.8, 0.7]), "age_years must be 0 or more, not -1"),
        (lambda: fit_yearly_loss([0, 1e-9], [1e-9, 1]), "age_years lie too close together for a yearly loss"),
        (lambda: fit_yearly_loss([5e-324, 1e-323], [1, 2]), "age_years lie too close together"),
        (lambda: resale_value_usd(1000, 12), "yearly_loss_fraction must be given with the method 'market'"),
        (lambda: _value("market", -1, 12), "price_usd must be 0 or more, not -1"),
        (lambda: _value("market", NAN, 12), "price_usd must be finite, not nan"),
        (lambda: _value("market", 1, INF), "age_months must be finite, not inf"),
        (lambda: _value("market", 1, [1, -2]), "age_months must be 0 or more, not -2"),
        (lambda: _value("market", 1, 1, yearly_loss_fraction=1.5), "yearly_loss_fraction is a fraction"),
        (lambda: _value("market", 1, 1, generation_month=NAN), "generation_month must be finite, not nan"),
        (lambda: _value("market", 1, 1, generation_month=-1), "generation_month must be 0 or more, not -1"),
        (lambda: _value("market", 1, 1, generation_month=-INF), "generation_month must be finite, not -inf"),
        (
            lambda: _value("market", 1, 1, generation_loss_fraction=2),
            "generation_loss_fraction is a fraction",
        ),
        (lambda: _value("market", 1, 1, scrap_fraction=-0.1), "scrap_fraction must be 0 or more, not -0.1"),
        (lambda: _value("straight_line", 1, 1, life_months=0), "life_months must be above 0, not 0"),
        (lambda: _value("straight_line", 1, 1, salvage_fraction=1.1), "salvage_fraction is a fraction"),
        (
            lambda: _value("sum_of_years_digits", 1, 1, life_months=[60, 30]),
            "life_months must be whole years of 12 months, at most 1200, .* 'sum_of_years_digits', not 30",
        ),
        (
            lambda: _value("declining_balance", 1, 1, life_months=1e308),
            r"life_months must be whole years of 12 months, at most 1200, .*, not 1e\+308",
        ),
        (
            lambda: _value("own_table", 1, 1, value_fractions=None),
            "value_fractions must be given .* not None",
        ),
        (
            lambda: _value("own_table", 1, 1, value_fractions=[]),
            r"value_fractions must be a list .*, not \[\]",
        ),
        (
            lambda: _value("own_table", 1, 1, value_fractions=0.5),
            "value_fractions must be a list .*, not 0.5",
        ),
        (
            lambda: _value("own_table", 1, 1, value_fractions=[1, -1]),
            "value_fractions must be 0 or more, not -1",
        ),
        (lambda: _value("own_table", 1e308, 1, value_fractions=[9]), r"price_usd times .* of 1e\+308"),
        (
            lambda: resale_value_usd(1, 1, method=cast(ResaleMethod, "ebay")),
            "method must be one of .*, not 'ebay'",
        ),
        (
            lambda: _value("market", [1, 2], [1, 2, 3]),
            r"these shapes must broadcast .* price_usd of shape \(2,\)",
        ),
        (lambda: sale_proceeds_usd(-1, 0.1), "value_usd must be 0 or more, not -1"),
        (lambda: sale_proceeds_usd(1, 1.1), "sale_fee_fraction is a fraction from 0 to 1, not 1.1"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_by_name(refused: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        refused()
