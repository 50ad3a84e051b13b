"""Schedules of the books: printed examples, laws, lives in days, and numbers that are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.depreciation import (
    declining_balance,
    fixed_declining_balance,
    macrs,
    straight_line,
    sum_of_years_digits,
    units_of_production,
)

INF = float("inf")
NAN = float("nan")

quick = settings(max_examples=80, deadline=None)
usd = st.floats(0, 1e6)
shares = st.floats(0, 1)
lives = st.integers(1, 40)


# --- printed examples ---------------------------------------------------------------------------------------


def test_the_help_page_of_the_spreadsheets_double_declining_balance() -> None:
    # Microsoft, DDB: 2,400 USD that are worth 300 USD after ten years, in days, months and years.
    assert declining_balance(2400, 300, 3650)[0] == pytest.approx(1.32, abs=0.006)
    assert declining_balance(2400, 300, 120)[0] == pytest.approx(40)
    by_year = declining_balance(2400, 300, 10)
    assert by_year[0] == pytest.approx(480)
    assert by_year[9] == pytest.approx(22.1225472)
    assert declining_balance(2400, 300, 10, factor=1.5)[1] == pytest.approx(306)


def test_the_help_page_of_the_spreadsheets_fixed_declining_balance() -> None:
    # Microsoft, DB: a million, worth a hundred thousand after six years, bought with seven months left.
    charges = fixed_declining_balance(1_000_000, 100_000, 6, first_year_months=7)
    printed = [186083.33, 259639.42, 176814.44, 120410.64, 81999.64, 55841.76, 15845.10]
    assert charges.tolist() == pytest.approx(printed, abs=0.005)


def test_more_printed_values_of_the_fixed_declining_balance() -> None:
    # Formula One and NExS, two other spreadsheets.
    assert fixed_declining_balance(10_000, 1000, 7)[2] == pytest.approx(1451.52, abs=0.005)
    assert fixed_declining_balance(40_000, 100, 6, 2)[2] == pytest.approx(8323.1198, abs=0.0005)


def test_the_help_pages_of_straight_line_and_sum_of_years_digits() -> None:
    assert straight_line(30_000, 7500, 10).tolist() == [2250] * 10
    charges = sum_of_years_digits(30_000, 7500, 10)
    assert charges[[0, 9]].tolist() == pytest.approx([4090.91, 409.09], abs=0.005)


def test_the_silk_screen_machine_of_the_accounting_book() -> None:
    # OpenStax, Principles of Accounting 1, 11.3: 10,000 USD, salvage 1,000, five years or 100,000 pressings.
    assert straight_line(10_000, 1000, 5)[0] == 1800
    assert units_of_production(10_000, 1000, 100_000, [20_000, 30_000]).tolist() == pytest.approx(
        [1800, 2700]
    )
    assert declining_balance(10_000, 1000, 5)[:2].tolist() == pytest.approx([4000, 2400])


# IRS Publication 946, tables in percent: years 1 to 4 and the last.
MID_QUARTER = {
    (3, 1): [58.33, 27.78, 12.35, 1.54, 1.54],
    (3, 2): [41.67, 38.89, 14.14, 5.30, 5.30],
    (3, 3): [25.00, 50.00, 16.67, 8.33, 8.33],
    (3, 4): [8.33, 61.11, 20.37, 10.19, 10.19],
    (7, 1): [25.00, 21.43, 15.31, 10.93, 1.09],
    (7, 2): [17.85, 23.47, 16.76, 11.97, 3.34],
    (7, 3): [10.71, 25.51, 18.22, 13.02, 5.53],
    (7, 4): [3.57, 27.55, 19.68, 14.06, 7.64],
    (10, 1): [17.50, 16.50, 13.20, 10.56, 0.82],
    (10, 2): [12.50, 17.50, 14.00, 11.20, 2.46],
    (10, 3): [7.50, 18.50, 14.80, 11.84, 4.10],
    (10, 4): [2.50, 19.50, 15.60, 12.48, 5.74],
    (15, 1): [8.75, 9.13, 8.21, 7.39, 0.74],
    (15, 2): [6.25, 9.38, 8.44, 7.59, 2.21],
    (15, 3): [3.75, 9.63, 8.66, 7.80, 3.69],
    (15, 4): [1.25, 9.88, 8.89, 8.00, 5.17],
    (20, 1): [6.563, 7.000, 6.482, 5.996, 0.565],
    (20, 2): [4.688, 7.148, 6.612, 6.116, 1.673],
    (20, 3): [2.813, 7.289, 6.742, 6.237, 2.788],
    (20, 4): [0.938, 7.430, 6.872, 6.357, 3.901],
}


@pytest.mark.parametrize(("recovery_years", "quarter"), MID_QUARTER)
def test_macrs_with_the_mid_quarter_convention_in_every_class(recovery_years: int, quarter: int) -> None:
    # The tables even out their rounding by a unit of the last place where that suits their sum.
    percent = macrs(100, recovery_years, "mid_quarter", quarter)
    assert percent[[0, 1, 2, 3, -1]].tolist() == pytest.approx(
        MID_QUARTER[recovery_years, quarter], abs=0.0101
    )


@pytest.mark.parametrize("recovery_years", [3, 5, 7, 10, 15, 20])
@pytest.mark.parametrize("quarter", [None, 1, 2, 3, 4])
def test_the_percentages_of_macrs_sum_to_a_hundred(recovery_years: int, quarter: int | None) -> None:
    percent = macrs(100, recovery_years, "mid_quarter" if quarter else "half_year", quarter)
    assert percent.sum() == pytest.approx(100, abs=1e-9)


def test_a_class_or_a_quarter_read_from_a_file_as_a_float_is_the_same() -> None:
    of_floats = macrs(100, cast(int, 5.0), "mid_quarter", cast(int, 2.0))
    assert of_floats.tolist() == macrs(100, 5, "mid_quarter", 2).tolist()


# --- laws ---------------------------------------------------------------------------------------------------


def _year_after_year(cost: float, salvage: float, life: int, factor: float, with_switch: bool) -> list[float]:
    """Declining balance as the books are kept: from each year's book value to the next."""
    book, charges = cost, []
    for year in range(life):
        charge = book * min(factor / life, 1.0)
        if with_switch:
            charge = max(charge, (book - salvage) / (life - year))
        charge = min(charge, max(book - salvage, 0.0))
        charges.append(charge)
        book -= charge
    return charges


@quick
@given(cost=usd, share=shares, life=lives, factor=st.floats(0.1, 5), with_switch=st.booleans())
def test_the_closed_form_of_declining_balance_keeps_the_books(
    cost: float, share: float, life: int, factor: float, with_switch: bool
) -> None:
    charges = declining_balance(cost, cost * share, life, factor, with_switch)
    by_hand = _year_after_year(cost, cost * share, life, factor, with_switch)
    assert charges.tolist() == pytest.approx(by_hand, rel=1e-9, abs=1e-6)


def test_a_life_in_days_charges_the_whole_cost_for_many_costs_at_once() -> None:
    costs = np.linspace(300, 3000, 200)
    charges = declining_balance(costs, 300, 3650, switch_to_straight_line=True)
    assert charges.shape == (200, 3650)
    assert charges.sum(axis=-1) == pytest.approx(costs - 300, abs=1e-6)
    assert (charges >= 0).all()


@quick
@given(cost=usd, share=shares, life=lives, months=st.integers(1, 12))
def test_the_fixed_declining_balance_ends_near_the_salvage_value(
    cost: float, share: float, life: int, months: int
) -> None:
    charges = fixed_declining_balance(cost, cost * share, life, months)
    assert charges.shape == (life if months == 12 else life + 1,)
    assert (charges >= 0).all()
    if months == 12:
        # The share is at most half a thousandth off, every year anew.
        assert cost - charges.sum() == pytest.approx(cost * share, abs=0.00051 * life * cost + 1e-6)


def test_a_year_of_a_fixed_declining_balance_takes_the_same_share() -> None:
    assert fixed_declining_balance(1000, 125, 3).tolist() == pytest.approx([500, 250, 125])
    assert fixed_declining_balance(1000, 0, 3).tolist() == [1000, 0, 0]
    assert fixed_declining_balance(0, 0, 3).tolist() == [0, 0, 0]


@quick
@given(
    cost=usd, share=shares, total=st.floats(1, 1e5), units=st.lists(st.floats(0, 1e5), min_size=1, max_size=9)
)
def test_production_charges_in_proportion_until_all_units_are_made(
    cost: float, share: float, total: float, units: list[float]
) -> None:
    charges = units_of_production(cost, cost * share, total, units)
    assert charges.shape == (len(units),)
    assert (charges >= 0).all()
    used = min(sum(units) / total, 1)
    assert charges.sum() == pytest.approx(cost * (1 - share) * used, rel=1e-9, abs=1e-6)


def test_no_unit_is_charged_twice() -> None:
    assert units_of_production(1000, 0, 10, [6, 6, 6]).tolist() == pytest.approx([600, 400, 0])
    by_cost = units_of_production([[1000.0], [2000.0]], 0, [10.0, 20.0], [5.0, 5.0, 5.0])
    assert by_cost.shape == (2, 2, 3)
    assert by_cost[1, 1].tolist() == pytest.approx([500, 500, 500])


SCHEDULES: dict[str, Callable[[object], np.ndarray[tuple[int, ...], np.dtype[np.float64]]]] = {
    "straight line": lambda cost: straight_line(cast(float, cost), 0, 5),
    "declining balance": lambda cost: declining_balance(cast(float, cost), 0, 5),
    "with switch": lambda cost: declining_balance(cast(float, cost), 0, 5, 1.5, True),
    "fixed declining balance": lambda cost: fixed_declining_balance(cast(float, cost), 0, 5, 3),
    "sum of years' digits": lambda cost: sum_of_years_digits(cast(float, cost), 0, 5),
    "production": lambda cost: units_of_production(cast(float, cost), 0, 10, [1, 2, 3, 4]),
    "macrs": lambda cost: macrs(cast(float, cost)),
}


@pytest.mark.parametrize("name", SCHEDULES)
@quick
@given(cost=usd, share=shares)
def test_splitting_a_part_in_two_changes_no_schedule(name: str, cost: float, share: float) -> None:
    schedule = SCHEDULES[name]
    one, other = schedule(cost * share), schedule(cost - cost * share)
    assert (one + other).tolist() == pytest.approx(schedule(cost).tolist(), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("cost", [0.0, 1e-300, 1e308])
def test_the_smallest_and_the_greatest_cost_stay_finite(name: str, cost: float) -> None:
    charges = SCHEDULES[name](cost)
    assert np.isfinite(charges).all()
    assert (charges >= 0).all()
    assert charges.sum() <= cost * 1.0000001


@pytest.mark.parametrize("name", SCHEDULES)
def test_no_costs_have_no_charges(name: str) -> None:
    charges = SCHEDULES[name]([])
    assert charges.shape[0] == 0
    assert charges.ndim == 2


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("cost", [-1.0, NAN, INF, -INF, [1000.0, NAN]])
def test_every_schedule_refuses_a_cost_that_makes_no_sense(name: str, cost: object) -> None:
    with pytest.raises(ValueError, match=r"^cost_usd must be (0 or more|finite), not (-1|nan|inf|-inf)"):
        SCHEDULES[name](cost)


# --- numbers that are refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (lambda: declining_balance(1000, NAN, 5), "salvage_usd must be finite, not nan"),
        (lambda: declining_balance([1000, 100], 200, 5), "salvage_usd must not .*, not 200.0 above 100.0"),
        (
            lambda: declining_balance(1000, 0, cast(int, 1e308)),
            "life_years must be at most 36525, not 1e\\+308",
        ),
        (lambda: declining_balance(1000, 0, cast(int, NAN)), "life_years must be a whole number .*, not nan"),
        (lambda: declining_balance(1000, 0, 5, factor=INF), "factor must be finite, not inf"),
        (lambda: straight_line(1000, 0, 10**9), "life_years must be at most 36525, not 1000000000"),
        (lambda: sum_of_years_digits(1000, 0, 10**9), "life_years must be at most 36525"),
        (
            lambda: straight_line([1.0, 2.0], [0.0, 0.0, 0.0], 5),
            r"these shapes .*: cost_usd of shape \(2,\), salvage_usd of shape \(3,\)",
        ),
        (lambda: fixed_declining_balance(1000, 2000, 5), "salvage_usd must not exceed cost_usd, not 2000"),
        (lambda: fixed_declining_balance(1000, 100, 0), "life_years must be a whole number .*, not 0"),
        (lambda: fixed_declining_balance(1000, 100, 5, 0), "first_year_months .* 1 to 12, not 0"),
        (lambda: fixed_declining_balance(1000, 100, 5, 13), "first_year_months .* 1 to 12, not 13"),
        (lambda: fixed_declining_balance(1000, 100, 5, cast(int, 6.5)), "first_year_months .*, not 6.5"),
        (lambda: fixed_declining_balance(1000, 100, 5, cast(int, NAN)), "first_year_months .*, not nan"),
        (lambda: fixed_declining_balance(1000, 100, 5, cast(int, None)), "first_year_months .*, not None"),
        (lambda: units_of_production(1000, 0, 0, [1]), "total_units must be above 0, not 0"),
        (lambda: units_of_production(1000, 0, 10, [1, -1]), "units_by_year must be 0 or more, not -1"),
        (lambda: units_of_production(1000, 0, 10, 5), "units_by_year needs an axis .* number 5"),
        (lambda: units_of_production([1.0, 2.0], 0, [1.0] * 3, [1]), "these shapes must broadcast"),
        (lambda: macrs(100, cast(int, [5])), r"recovery_years must be one of .*, not \[5\]"),
        (lambda: macrs(100, cast(int, NAN)), "recovery_years must be one of .*, not nan"),
        (lambda: macrs(100, 5, "mid_quarter", cast(int, [1])), r"quarter must be 1, 2, 3 or 4 .*, not \[1\]"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_by_name(refused: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        refused()


def test_years_far_beyond_the_units_made_charge_nothing() -> None:
    assert units_of_production(1000, 0, 1e308, [1e308] * 4).tolist() == pytest.approx([1000, 0, 0, 0])
