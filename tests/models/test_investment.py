"""Rates of return, payback, and what a dollar put in brings: examples by hand, laws, refusals."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models import break_even_months, equivalent_annual_cost, macrs, present_value
from models.investment import (
    discounted_payback_periods,
    fixed_charge_rate,
    future_value,
    internal_rate_of_return,
    modified_internal_rate_of_return,
    payback_periods,
    present_value_on_dates,
    profitability_index,
)

NAN = float("nan")
INF = float("inf")

quick = settings(max_examples=60, deadline=None)
money = st.floats(1, 1e6)
returns = st.lists(money, min_size=1, max_size=20)
MACHINE = [-16_000, 2000, 4000, 5000, 5000, 5000, 5000]


# --- flows on dates, and their worth at the end -------------------------------------------------------------


def test_a_day_is_a_365th_of_a_year_also_in_a_leap_year() -> None:
    worth_usd = present_value_on_dates([0, 100], ["2024-01-01", "2025-01-01"], 0.10)
    assert float(worth_usd) == pytest.approx(100 / 1.1 ** (366 / 365))


def test_dates_may_be_text_dates_or_numpy_dates() -> None:
    days = [datetime.date(2025, 1, 1), datetime.date(2026, 1, 1)]
    texts = ["2025-01-01", "2026-01-01"]
    for dates in (days, texts, np.array(texts, dtype="datetime64[D]")):
        assert float(present_value_on_dates([0, 110], dates, 0.10)) == pytest.approx(100)
        assert float(internal_rate_of_return([-100, 110], dates)) == pytest.approx(0.10)


def test_flows_on_the_same_days_broadcast() -> None:
    dates = ["2025-01-01", "2026-01-01"]
    worth_usd = present_value_on_dates([[0, 110], [50, 110]], dates, [[0.0], [0.10]])
    assert worth_usd == pytest.approx(np.array([[110, 160], [100, 150]]))
    assert internal_rate_of_return([[-100, 110], [-100, 120]], dates) == pytest.approx([0.10, 0.20])


@quick
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=24), st.floats(-0.5, 1.0))
def test_the_worth_at_the_end_is_the_worth_today_grown(flows_usd: list[float], rate: float) -> None:
    today_usd = float(present_value(flows_usd, rate))
    grown_usd = today_usd * (1 + rate) ** ((len(flows_usd) - 1) / 12)
    assert float(future_value(flows_usd, rate)) == pytest.approx(grown_usd, rel=1e-9, abs=1e-3)


# --- rates of return ----------------------------------------------------------------------------------------


def test_a_return_of_ten_percent_by_hand() -> None:
    assert float(internal_rate_of_return([-100, 110])) == pytest.approx(0.10)
    assert float(internal_rate_of_return([-100, 10, 110])) == pytest.approx(0.10)
    assert float(internal_rate_of_return([-100, 0, 25])) == pytest.approx(-0.5)


@quick
@given(returns, st.floats(-0.5, 0.8))
def test_the_rate_of_return_is_the_one_at_which_nothing_is_earned(back_usd: list[float], rate: float) -> None:
    put_in_usd = float(present_value([0.0, *back_usd], rate, periods_per_year=1))
    assert float(internal_rate_of_return([-put_in_usd, *back_usd])) == pytest.approx(rate, abs=1e-7)


@quick
@given(money, returns, st.floats(1e-3, 1e3))
def test_the_currency_does_not_change_a_rate_of_return(
    put_in: float, back: list[float], usd_for_one: float
) -> None:
    flows = np.array([-put_in, *back])
    rate = internal_rate_of_return(flows)
    assume(np.isfinite(rate))
    assert float(internal_rate_of_return(flows * usd_for_one)) == pytest.approx(
        float(rate), rel=1e-6, abs=1e-9
    )


@pytest.mark.parametrize("flows_usd", [[-1, -2, -3], [1, 2], [0, 0, 0], [-5], [1, -3, 2.5]])
def test_without_a_rate_that_does_it_there_is_none(flows_usd: list[float]) -> None:
    assert np.isnan(internal_rate_of_return(flows_usd))


def test_flows_of_one_day_have_no_rate_of_return() -> None:
    assert np.isnan(internal_rate_of_return([-100, 110], ["2025-01-01", "2025-01-01"]))


def test_series_are_solved_one_by_one() -> None:
    flows_usd = np.array([[[-100, 110], [-100, 90]], [[-1, -1], [-1e200, 1.5e200]]])
    rates = internal_rate_of_return(flows_usd)
    assert rates.shape == (2, 2)
    assert rates[[0, 0, 1], [0, 1, 1]] == pytest.approx([0.10, -0.10, 0.5])
    assert np.isnan(rates[1, 0])


def test_the_modified_rate_by_hand() -> None:
    # 60 grows to 66 at 10 % and meets another 60: 126 for 100 in two periods.
    assert float(modified_internal_rate_of_return([-100, 60, 60], 0.08, 0.10)) == pytest.approx(1.26**0.5 - 1)
    # Another 100 put in after a period is worth 80 today at 25 %.
    assert float(modified_internal_rate_of_return([-20, -100, 400], 0.25, 0.0)) == pytest.approx(1.0)
    by_rate = modified_internal_rate_of_return([-100, 60, 60], 0.08, [0.0, 0.10])
    assert by_rate == pytest.approx([1.2**0.5 - 1, 1.26**0.5 - 1])
    assert np.isnan(modified_internal_rate_of_return([-100, -60], 0.08, 0.10))


@quick
@given(returns, st.floats(0.0, 0.8))
def test_reinvested_at_its_own_rate_the_modified_rate_is_the_rate_of_return(
    back_usd: list[float], rate: float
) -> None:
    put_in_usd = float(present_value([0.0, *back_usd], rate, periods_per_year=1))
    modified = modified_internal_rate_of_return([-put_in_usd, *back_usd], rate, rate)
    assert float(modified) == pytest.approx(rate, abs=1e-9)


# --- payback ------------------------------------------------------------------------------------------------


def test_payback_is_linear_inside_a_period() -> None:
    assert float(payback_periods([-100, 40, 40, 40])) == 2.5
    assert float(payback_periods(MACHINE)) == 4
    assert float(payback_periods([-100, 60, 30])) == INF
    assert float(payback_periods([0, 10])) == 0


def test_money_that_is_lost_again_is_not_yet_back() -> None:
    assert float(payback_periods([-100, 120, -40, 40])) == 3 - 20 / 40
    assert float(payback_periods([-100, 120, -40])) == INF


def test_a_tenth_ten_times_pays_back_in_ten_periods() -> None:
    assert float(payback_periods([-1] + [0.1] * 10)) == 10


def test_with_interest_it_takes_longer() -> None:
    # The last of six returns, 5,000 in year 6, is worth 2,981 today, and 146 are still missing before it.
    assert float(discounted_payback_periods(MACHINE, 0.09)) == pytest.approx(5.05, abs=0.005)
    assert discounted_payback_periods(MACHINE, [0.0, 0.09, 0.5])[[0, 2]].tolist() == [4, INF]


@quick
@given(money, returns, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_rate_never_pays_back_sooner(
    put_in: float, back: list[float], one: float, other: float
) -> None:
    flows_usd = [-put_in, *back]
    low, high = discounted_payback_periods(flows_usd, sorted([one, other]))
    assert low <= high + 1e-9
    assert float(discounted_payback_periods(flows_usd, 0.0)) == float(payback_periods(flows_usd))


@quick
@given(money, returns, st.floats(0, 1))
def test_an_index_above_one_a_return_above_the_rate_and_a_payback_are_the_same_news(
    put_in: float, back: list[float], rate: float
) -> None:
    flows_usd = [-put_in, *back]
    index = float(profitability_index(flows_usd, rate))
    assume(abs(index - 1) > 1e-6)
    assert (index > 1) == (float(present_value(flows_usd, rate, periods_per_year=1)) > 0)
    assert (index > 1) == np.isfinite(discounted_payback_periods(flows_usd, rate))


def test_payback_is_the_break_even_month_of_the_two_bills() -> None:
    owned, rented = np.array([4000, 4050, 4100, 4150]), np.array([0, 2000, 4000, 6000])
    saved_usd = np.diff(rented - owned, prepend=0)
    assert float(payback_periods(saved_usd)) == pytest.approx(float(break_even_months(owned, rented)))


# --- what a price costs each year ---------------------------------------------------------------------------


@quick
@given(money, st.floats(0, 0.5), st.integers(1, 30))
def test_without_tax_the_fixed_charge_is_the_equivalent_annual_cost(
    price_usd: float, rate: float, years: int
) -> None:
    charge_usd = price_usd * float(fixed_charge_rate(rate, years))
    assert charge_usd == pytest.approx(float(equivalent_annual_cost(price_usd, rate, years)))


def test_the_fixed_charge_pays_the_price_and_the_tax_by_hand() -> None:
    # 1,000 for five years at 10 %, taxed at 21 %, deducted by MACRS.
    deductions = macrs(1.0, 5)
    worth = float(present_value([0, *deductions], 0.10, periods_per_year=1))
    yearly_usd = 1000 * float(fixed_charge_rate(0.10, 5, 0.21, worth))
    after_tax_usd = [-1000] + [yearly_usd * (1 - 0.21) if year < 5 else 0 for year in range(6)]
    after_tax_usd[1:] = list(np.array(after_tax_usd[1:]) + 0.21 * 1000 * deductions)
    assert float(present_value(after_tax_usd, 0.10, periods_per_year=1)) == pytest.approx(0, abs=1e-9)


def test_deducting_all_at_once_leaves_the_rate_without_tax() -> None:
    rates = fixed_charge_rate(0.08, [3, 5, 10], 0.3, 1.0)
    assert rates == pytest.approx(fixed_charge_rate(0.08, [3, 5, 10]))


# --- numbers that are refused, and what importing costs -----------------------------------------------------

TWO_DAYS = ["2025-01-01", "2026-01-01"]


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (lambda: internal_rate_of_return([-1, NAN]), "cash_flows_usd must be finite, not nan"),
        (lambda: internal_rate_of_return(5), "cash_flows_usd needs an axis of periods"),
        (lambda: internal_rate_of_return([]), "cash_flows_usd needs at least one flow, not none"),
        (lambda: internal_rate_of_return([-1e-10, 1e300]), r"cash_flows_usd 1e\+300 must be nearer to 0"),
        (lambda: internal_rate_of_return([-1, 2], ["2025-01-01"]), "dates must be one day for each of the 2"),
        (lambda: internal_rate_of_return([-1, 2], ["2025-01-01", "soon"]), "dates must be days such as 2026"),
        (lambda: internal_rate_of_return([-1, 2], []), "dates must be one day for each of the 2 flows, not"),
        (
            lambda: internal_rate_of_return([-1, 2], np.array(["2025-01-01", "NaT"], dtype="datetime64[D]")),
            "dates must be one day for each of the 2 flows",
        ),
        (
            lambda: present_value_on_dates([1, 2], ["2025-01-01", "2024-12-31"], 0.1),
            "dates must not lie before the first, 2025-01-01, not 2024-12-31",
        ),
        (lambda: present_value_on_dates([1, 2], TWO_DAYS, -1), "yearly_rate_fraction must be above -1"),
        (lambda: present_value_on_dates([1e308, 1e308], TWO_DAYS, 0), r"cash_flows_usd 1e\+308"),
        (lambda: future_value([1] * 99, 1e9, 1), r"yearly_rate_fraction 1e\+09 must be nearer to 0"),
        (lambda: future_value([1, 2], 0.1, periods_per_year=-1), "periods_per_year must be above 0, not -1"),
        (lambda: modified_internal_rate_of_return([-1, 2], -1, 0), "finance_rate_fraction must be above -1"),
        (lambda: modified_internal_rate_of_return([-1, 2], 0, NAN), "reinvest_rate_fraction must be finite"),
        (lambda: payback_periods([-1, INF]), "cash_flows_usd must be finite, not inf"),
        (lambda: discounted_payback_periods([-1, 2], -2), "rate_fraction must be above -1 .*, not -2"),
        (
            lambda: discounted_payback_periods([-1] * 200, -0.99999),
            "rate_fraction -0.99999 must be nearer to 0",
        ),
        (lambda: profitability_index([0, 5], 0.1), "cash_flows_usd must begin with money put in, .*, not 0"),
        (lambda: profitability_index([-1, 5], NAN), "rate_fraction must be finite, not nan"),
        (lambda: profitability_index([-1e-9, 1e308], 0), r"cash_flows_usd 1e\+308 must be nearer to 0"),
        (lambda: fixed_charge_rate(0.1, 0), "years must be above 0, not 0"),
        (lambda: fixed_charge_rate(0.1, 5, 1.0), "tax_rate_fraction must be below 1, not 1"),
        (lambda: fixed_charge_rate(0.1, 5, -0.1), "tax_rate_fraction must be 0 or more, not -0.1"),
        (
            lambda: fixed_charge_rate(0.1, 5, 0.2, 1.5),
            "depreciation_present_value_fraction is a fraction from 0 to 1, not 1.5",
        ),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_by_name(refused: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        refused()


def test_huge_flows_have_a_payback_and_a_rate_all_the_same() -> None:
    flows_usd = [-1e308, 1e308, 1e308, 1e308]
    assert float(payback_periods(flows_usd)) == 1
    assert float(internal_rate_of_return(flows_usd)) == pytest.approx(
        float(internal_rate_of_return([-1, 1, 1, 1]))
    )


def test_the_formulas_load_pyxirr_only_when_they_need_it() -> None:
    script = (
        "import sys; from models.investment import internal_rate_of_return as irr, payback_periods as back; "
        "back([-1, 2]); assert 'pyxirr' not in sys.modules; irr([-1, 2]); assert 'pyxirr' in sys.modules"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", script], check=True, cwd=root, timeout=60)
