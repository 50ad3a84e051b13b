"""What the tax office lets a business deduct: worked examples, laws, and what is refused."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.tax import (
    ANNUAL_INVESTMENT_ALLOWANCE_GBP,
    SECTION_179_LIMIT_USD,
    UK_FIRST_YEAR_FRACTION,
    UK_WRITING_DOWN_FRACTION,
    TaxSchedule,
    net_of_vat_usd,
    tax_deductions_usd,
    tax_on_sale_usd,
    tax_saving_usd,
    with_vat_usd,
    written_down_usd,
)

INF = float("inf")
NAN = float("nan")

quick = settings(max_examples=80, deadline=None)
usd = st.floats(0, 1e6)
shares = st.floats(0, 1)

# The years after which each schedule has deducted the whole cost.
FULL_LIFE_YEARS = {
    "macrs_half_year": 6,
    "macrs_mid_quarter": 6,
    "section_179": 1,
    "bonus_100": 1,
    "germany_one_year": 1,
    "germany_three_years": 4,
    "uk_annual_investment_allowance": 1,
}
WITHOUT_END = ("uk_writing_down", "uk_first_year_40")
ALL = ("none", *FULL_LIFE_YEARS, *WITHOUT_END)
WITH_LIMIT = ("section_179", "uk_annual_investment_allowance")
AT_ONCE = [name for name, years in FULL_LIFE_YEARS.items() if years == 1]


def _deductions(
    cost: object, schedule: str, years: int, **terms: Any
) -> np.ndarray[Any, np.dtype[np.float64]]:
    if schedule == "macrs_mid_quarter":
        terms = {"quarter": 4, **terms}
    return tax_deductions_usd(cast(float, cost), cast(TaxSchedule, schedule), years, **terms)


def test_every_schedule_is_tested() -> None:
    assert set(ALL) == set(get_args(TaxSchedule))
    assert len(AT_ONCE) == 4


def test_the_figures_of_the_law_are_those_of_the_data() -> None:
    with (Path(__file__).parents[2] / "data" / "tax_rules.csv").open(newline="", encoding="utf-8") as file:
        rules = {row["rule"]: float(row["value"]) for row in csv.DictReader(file)}
    assert rules["us_section_179_limit_usd"] == SECTION_179_LIMIT_USD
    assert rules["uk_annual_investment_allowance_gbp"] == ANNUAL_INVESTMENT_ALLOWANCE_GBP
    assert rules["uk_writing_down_fraction"] == UK_WRITING_DOWN_FRACTION
    assert rules["uk_first_year_allowance_fraction"] == UK_FIRST_YEAR_FRACTION


# --- worked examples ----------------------------------------------------------------------------------------


def test_macrs_of_a_computer_for_250_000_dollars() -> None:
    by_half_year = _deductions(250_000, "macrs_half_year", 6)
    assert by_half_year.tolist() == pytest.approx([50_000, 80_000, 48_000, 28_800, 28_800, 14_400])


def test_a_computer_bought_in_the_last_quarter_deducts_little_in_the_first_year() -> None:
    percent = _deductions(100, "macrs_mid_quarter", 6, quarter=4)
    assert percent.tolist() == pytest.approx([5, 38, 22.8, 13.68, 10.94, 9.58])


@pytest.mark.parametrize("schedule", AT_ONCE)
def test_schedules_that_deduct_everything_in_the_year_of_purchase(schedule: str) -> None:
    assert _deductions(3000, schedule, 3).tolist() == [3000, 0, 0]


def test_the_older_german_life_of_three_years_counts_months() -> None:
    assert _deductions(3600, "germany_three_years", 3).tolist() == pytest.approx([1200, 1200, 1200])
    # Bought in October: three months of the first year.
    in_october = _deductions(3600, "germany_three_years", 5, first_year_months=3)
    assert in_october.tolist() == pytest.approx([300, 1200, 1200, 900, 0])


def test_the_british_pool_is_written_down_by_a_share_of_what_is_left() -> None:
    assert _deductions(1000, "uk_writing_down", 3).tolist() == pytest.approx([140, 120.4, 103.544])
    before = _deductions(1000, "uk_writing_down", 3, writing_down_fraction=0.18)
    assert before.tolist() == pytest.approx([180, 147.6, 121.032])


def test_new_british_assets_deduct_forty_percent_first() -> None:
    assert _deductions(1000, "uk_first_year_40", 3).tolist() == pytest.approx([400, 84, 72.24])
    assert _deductions(1000, "uk_first_year_40", 1).tolist() == [400]


def test_a_private_buyer_deducts_nothing() -> None:
    assert _deductions(3000, "none", 4).tolist() == [0, 0, 0, 0]


def test_costs_broadcast_with_the_years_last() -> None:
    costs = np.array([[1000.0], [2000.0]])
    for schedule in ALL:
        deductions = _deductions(costs, schedule, 4)
        assert deductions.shape == (2, 1, 4)
        assert deductions[1, 0].tolist() == pytest.approx((2 * deductions[0, 0]).tolist())
    by_share = _deductions(costs, "uk_writing_down", 4, writing_down_fraction=[0.14, 0.18])
    assert by_share.shape == (2, 2, 4)
    assert by_share[1, :, 0].tolist() == pytest.approx([280, 360])


def test_what_a_sale_brings_above_the_written_down_value_is_taxed() -> None:
    value = written_down_usd(2000, _deductions(2000, "macrs_half_year", 3))
    assert value.tolist() == pytest.approx([2000, 1600, 960, 576])
    # Sold for 900 after three years: 324 above the books, taxed at 30 %.
    assert float(tax_on_sale_usd(900, value[3], 0.30)) == pytest.approx(97.2)
    assert float(tax_on_sale_usd(376, value[3], 0.30)) == pytest.approx(-60)
    everything_at_once = written_down_usd(2000, _deductions(2000, "bonus_100", 3))
    assert tax_on_sale_usd(900, everything_at_once, 0.30).tolist() == pytest.approx([-330, 270, 270, 270])


def test_a_deduction_saves_the_marginal_rate_whether_for_a_machine_or_for_rent() -> None:
    assert tax_saving_usd([[1000.0], [250.0]], [0.0, 0.3]).tolist() == [[0, 300], [0, 75]]


def test_value_added_tax_by_hand() -> None:
    assert net_of_vat_usd([1190, 119], 0.19) == pytest.approx([1000, 100])
    assert with_vat_usd(1000, [0, 0.19, 0.2]) == pytest.approx([1000, 1190, 1200])


# --- laws ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", FULL_LIFE_YEARS)
@quick
@given(cost=usd, more=st.integers(0, 5), quarter=st.integers(1, 4))
def test_a_full_life_deducts_the_whole_cost(schedule: str, cost: float, more: int, quarter: int) -> None:
    deductions = _deductions(cost, schedule, FULL_LIFE_YEARS[schedule] + more, quarter=quarter)
    assert deductions.sum() == pytest.approx(cost, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("schedule", WITHOUT_END)
@quick
@given(cost=usd, share=st.floats(0, 1), years=st.integers(1, 30))
def test_a_pool_keeps_what_was_not_written_down(schedule: str, cost: float, share: float, years: int) -> None:
    deductions = _deductions(cost, schedule, years, writing_down_fraction=share)
    first, later = (share, years - 1) if schedule == "uk_writing_down" else (0.4, years - 1)
    left = cost * (1 - first) * (1 - share) ** later
    assert deductions.sum() == pytest.approx(cost - left, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("schedule", ALL)
@quick
@given(cost=usd, years=st.integers(1, 12))
def test_a_deduction_is_never_negative_and_never_more_than_the_cost(
    schedule: str, cost: float, years: int
) -> None:
    deductions = _deductions(cost, schedule, years)
    assert deductions.shape == (years,)
    assert (deductions >= 0).all()
    value = written_down_usd(cost, deductions)
    assert value.shape == (years + 1,)
    assert value[0] == cost
    assert (np.diff(value) <= 0).all()
    assert (value >= 0).all()


@pytest.mark.parametrize("schedule", ALL)
@quick
@given(cost=usd, years=st.integers(1, 12))
def test_a_longer_look_changes_no_year(schedule: str, cost: float, years: int) -> None:
    assert _deductions(cost, schedule, years).tolist() == _deductions(cost, schedule, 12)[:years].tolist()


@pytest.mark.parametrize("schedule", ALL)
@quick
@given(cost=usd, share=shares)
def test_splitting_a_part_in_two_changes_nothing(schedule: str, cost: float, share: float) -> None:
    one, other = _deductions([cost * share, cost - cost * share], schedule, 8)
    assert (one + other).tolist() == pytest.approx(
        _deductions(cost, schedule, 8).tolist(), rel=1e-9, abs=1e-6
    )


@pytest.mark.parametrize("schedule", FULL_LIFE_YEARS)
@quick
@given(cost=usd, proceeds=usd, marginal=shares, years=st.integers(1, 8))
def test_in_the_end_exactly_what_the_machine_lost_is_deducted(
    schedule: str, cost: float, proceeds: float, marginal: float, years: int
) -> None:
    # Whenever it is sold, deductions and the tax on the sale together are the tax on cost less proceeds.
    deductions = _deductions(cost, schedule, years)
    left = written_down_usd(cost, deductions)[-1]
    saved = tax_saving_usd(deductions, marginal).sum() - tax_on_sale_usd(proceeds, left, marginal)
    assert float(saved) == pytest.approx(marginal * (cost - proceeds), rel=1e-9, abs=1e-6)


@quick
@given(net=usd, vat=shares)
def test_value_added_tax_put_on_and_taken_off_leaves_the_price(net: float, vat: float) -> None:
    assert float(net_of_vat_usd(with_vat_usd(net, vat), vat)) == pytest.approx(net)


@pytest.mark.parametrize("schedule", [name for name in ALL if name not in WITH_LIMIT])
def test_the_greatest_cost_stays_finite(schedule: str) -> None:
    deductions = _deductions(1e308, schedule, 8)
    assert np.isfinite(deductions).all()
    assert np.isfinite(written_down_usd(1e308, deductions)).all()


@pytest.mark.parametrize("schedule", ALL)
def test_no_costs_have_no_deductions(schedule: str) -> None:
    assert _deductions([], schedule, 3).shape == (0, 3)


# --- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", ALL)
@pytest.mark.parametrize("cost", [-1.0, NAN, INF, [100.0, NAN]])
def test_every_schedule_refuses_a_cost_that_makes_no_sense(schedule: str, cost: object) -> None:
    with pytest.raises(ValueError, match=r"^cost_usd must be (0 or more|finite), not (-1|nan|inf)"):
        _deductions(cost, schedule, 3)


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (
            lambda: _deductions(2_500_001, "section_179", 1),
            "at most the 2500000 USD that section 179 .*, not",
        ),
        (lambda: _deductions([1, 1e308], "section_179", 1), r"cost_usd .* section 179 .*, not 1e\+308"),
        (
            lambda: _deductions(1_350_000, "uk_annual_investment_allowance", 1),
            r"at most the 1340000 USD that the annual investment allowance covers, not 1.35e\+06",
        ),
        (
            lambda: _deductions(1_240_000, "uk_annual_investment_allowance", 1, usd_per_gbp=1.23),
            "at most the 1230000 USD",
        ),
        (
            lambda: _deductions(1, "uk_annual_investment_allowance", 1, usd_per_gbp=0),
            "usd_per_gbp must be above 0",
        ),
        (lambda: _deductions(1, "degressive", 1), "schedule must be one of .*, not 'degressive'"),
        (lambda: _deductions(1, "bonus_100", 0), "years must be a whole number of years, at least 1, not 0"),
        (lambda: _deductions(1, "bonus_100", cast(int, 1.5)), "years must be a whole number .*, not 1.5"),
        (lambda: _deductions(1, "bonus_100", cast(int, NAN)), "years must be a whole number .*, not nan"),
        (lambda: _deductions(1, "bonus_100", 10**9), "years must be at most 1000, not 1000000000"),
        (lambda: tax_deductions_usd(1, "macrs_mid_quarter", 1), "quarter must be 1, 2, 3 or 4 .*, not None"),
        (lambda: _deductions(1, "macrs_mid_quarter", 1, quarter=5), "quarter must be 1, 2, 3 or 4 .*, not 5"),
        (
            lambda: _deductions(1, "germany_three_years", 1, first_year_months=0),
            "first_year_months .*, not 0",
        ),
        (
            lambda: _deductions(1, "uk_writing_down", 1, writing_down_fraction=1.4),
            "writing_down_fraction is a",
        ),
        (
            lambda: _deductions(1, "uk_writing_down", 1, writing_down_fraction=NAN),
            "writing_down_fraction must",
        ),
        (lambda: written_down_usd(100, 5), "deductions_usd needs an axis of years, not the single number 5"),
        (
            lambda: written_down_usd(100, [60, 60]),
            "deductions_usd must not sum to more than cost_usd, not to 120",
        ),
        (lambda: written_down_usd(100, [-1]), "deductions_usd must be 0 or more, not -1"),
        (
            lambda: written_down_usd(1e308, [1e308, 1e308]),
            "deductions_usd must not sum to more .*, not to inf",
        ),
        (lambda: tax_saving_usd(-1, 0.3), "deductions_usd must be 0 or more, not -1"),
        (lambda: tax_saving_usd(1, 30), "marginal_rate_fraction is a fraction from 0 to 1, not 30"),
        (lambda: tax_on_sale_usd(NAN, 1, 0.3), "proceeds_usd must be finite, not nan"),
        (lambda: tax_on_sale_usd(1, -1, 0.3), "written_down_usd must be 0 or more, not -1"),
        (lambda: tax_on_sale_usd([1, 2], [1, 2, 3], 0.3), "these shapes must broadcast .* proceeds_usd"),
        (lambda: net_of_vat_usd(-1, 0.19), "gross_usd must be 0 or more, not -1"),
        (lambda: net_of_vat_usd(1, 19), "vat_fraction is a fraction from 0 to 1, not 19"),
        (lambda: with_vat_usd(INF, 0.19), "net_usd must be finite, not inf"),
        (lambda: with_vat_usd(1.7e308, 0.19), r"net_usd is too large to carry a tax, at 1.7e\+308"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_by_name(refused: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        refused()
