"""Present values, level payments and loans: examples by hand, laws, and numbers that are refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import equivalent_annual_cost, levelized_usd_per_hour, loan_payment, present_value
from models.finance import annuity_factor, discount_factors, loan_balance, loan_interest

NAN = float("nan")
INF = float("inf")

quick = settings(max_examples=60, deadline=None)
usd = st.floats(0, 1e7)
loan_rate = st.one_of(st.just(0.0), st.floats(1e-12, 0.4))


# --- present value ------------------------------------------------------------------------------------------


@quick
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_without_a_rate_the_present_value_is_the_nominal_sum(flows_usd: list[float]) -> None:
    assert float(present_value(flows_usd, 0.0)) == pytest.approx(sum(flows_usd), abs=1e-6)


@quick
@given(st.floats(-0.5, 1.0), st.integers(1, 240))
def test_the_annuity_factor_is_the_sum_of_the_discount_factors(yearly: float, months: int) -> None:
    assert float(annuity_factor(yearly, months)) == pytest.approx(discount_factors(yearly, months)[1:].sum())


def test_annuity_factors_take_many_rates_and_spans() -> None:
    factors = annuity_factor([[0.0], [1e-14], [0.05]], [12, 36])
    assert factors.shape == (3, 2)
    assert factors[0].tolist() == [12, 36]
    assert factors[1] == pytest.approx([12, 36], rel=1e-12)
    assert factors[2, 0] == pytest.approx(discount_factors(0.05, 12)[1:].sum())


def test_an_hour_costs_the_same_share_for_many_spans() -> None:
    assert levelized_usd_per_hour(3600, 50, 0.0, [36, 72]).tolist() == [2, 1]
    assert levelized_usd_per_hour(3600, [0, 50], 0.0, 36).tolist() == [INF, 2]


# --- what is owed on a loan ---------------------------------------------------------------------------------


def test_a_car_loan_month_by_month() -> None:
    # 32,000 at 0.5 % a month over 36 months (OpenStax, Principles of Finance, section 8.3).
    terms = (32_000, 0.06, 36)
    assert float(loan_payment(*terms)) == pytest.approx(973.50, abs=0.005)
    assert float(loan_interest(*terms, 1, 1)) == pytest.approx(160)
    assert float(loan_balance(*terms, 1)) == pytest.approx(32_000 + 160 - 973.502, abs=0.001)
    assert loan_balance(*terms, [0, 36]).tolist() == [32_000, 0]


def test_without_interest_the_debt_falls_in_a_straight_line() -> None:
    assert loan_balance(3600, 0.0, 36, [0, 12, 36]).tolist() == [3600, 2400, 0]
    assert float(loan_interest(3600, 0.0, 36)) == 0
    assert float(loan_interest(3600, 0.0, 36, from_month=7, to_month=7)) == 0


@quick
@given(usd, loan_rate, st.integers(1, 120), st.data())
def test_the_debt_is_what_the_bank_counts_month_by_month(
    principal: float, apr: float, months: int, data: st.DataObject
) -> None:
    paid = data.draw(st.integers(0, months))
    owed, payment = principal, float(loan_payment(principal, apr, months))
    for _ in range(paid):
        owed = owed * (1 + apr / 12) - payment
    assert float(loan_balance(principal, apr, months, paid)) == pytest.approx(
        owed, abs=1e-6 * (1 + principal)
    )


@quick
@given(usd, loan_rate, st.integers(1, 120))
def test_all_payments_are_the_principal_and_the_interest(principal: float, apr: float, months: int) -> None:
    paid_usd = float(loan_payment(principal, apr, months)) * months
    interest_usd = float(loan_interest(principal, apr, months))
    assert principal + interest_usd == pytest.approx(paid_usd, abs=1e-6)
    by_month = loan_interest(principal, apr, months, np.arange(1, months + 1), np.arange(1, months + 1))
    assert by_month.sum() == pytest.approx(interest_usd, abs=1e-6 * (1 + principal))
    assert (by_month >= 0).all()


@quick
@given(usd, usd, loan_rate, st.integers(1, 120))
def test_two_loans_cost_what_one_over_their_sum_costs(
    one: float, other: float, apr: float, months: int
) -> None:
    together = loan_payment(one, apr, months) + loan_payment(other, apr, months)
    assert float(together) == pytest.approx(float(loan_payment(one + other, apr, months)))


@quick
@given(usd, st.floats(0, 0.4), st.integers(1, 120))
def test_the_payments_are_worth_the_loan_at_its_own_rate(principal: float, apr: float, months: int) -> None:
    payments_usd = [0.0] + [float(loan_payment(principal, apr, months))] * months
    effective = (1 + apr / 12) ** 12 - 1
    assert float(present_value(payments_usd, effective)) == pytest.approx(principal, rel=1e-9, abs=1e-9)


def test_loans_broadcast() -> None:
    owed_usd = loan_balance([[1200.0], [2400.0]], [0.0, 0.06], 12, 6)
    assert owed_usd.shape == (2, 2)
    assert owed_usd[:, 0].tolist() == [600, 1200]
    assert loan_interest(1200, [0.0, 0.06, 0.12], 12).tolist() == sorted(
        loan_interest(1200, [0.0, 0.06, 0.12], 12).tolist()
    )


# --- numbers that are refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (lambda: present_value([], 0.05), "cash_flows_usd needs at least one flow, not none"),
        (
            lambda: present_value([1e308, 1e308], 0.0),
            r"cash_flows_usd 1e\+308 and yearly_rate_fraction 0 must be nearer to 0: the result is beyond",
        ),
        (
            lambda: present_value([0] * 1200 + [1], -0.999999),
            "yearly_rate_fraction -0.999999 must be nearer to 0",
        ),
        (lambda: present_value([1, 2], NAN), "yearly_rate_fraction must be finite, not nan"),
        (lambda: present_value([1, 2], 0.1, periods_per_year=0), "periods_per_year must be above 0, not 0"),
        (lambda: annuity_factor(-1, 12), "yearly_rate_fraction must be above -1"),
        (lambda: annuity_factor(0.05, -12), "months must be above 0, not -12"),
        (lambda: annuity_factor(-0.9999, 1e6), "months 1e\\+06 must be nearer to 0"),
        (lambda: levelized_usd_per_hour(100, 1e308, 0.0, 36), r"hours_per_month 1e\+308 must be nearer to 0"),
        (
            lambda: levelized_usd_per_hour(1e308, 1e-9, 0.0, 36),
            r"present_value_usd 1e\+308 must be nearer to 0",
        ),
        (lambda: equivalent_annual_cost(1e308, 0.05, 1e-3), r"present_value_usd 1e\+308 and"),
        (lambda: equivalent_annual_cost(INF, 0.05, 3), "present_value_usd must be finite, not inf"),
        (lambda: loan_payment(1e308, 1e3, 12), r"principal_usd 1e\+308 and yearly_rate_fraction 1000"),
        (lambda: loan_balance(-1, 0.05, 12, 1), "principal_usd must be 0 or more, not -1"),
        (lambda: loan_balance(100, NAN, 12, 1), "yearly_rate_fraction must be finite, not nan"),
        (lambda: loan_balance(100, 0.05, 0, 0), "months must be above 0, not 0"),
        (lambda: loan_balance(100, 0.05, 12, -1), "paid_months must be 0 or more, not -1"),
        (lambda: loan_balance(100, 0.05, 12, [3, 13]), "paid_months must not exceed months, not 13 of 12"),
        (lambda: loan_interest(100, 0.05, 12, 0), "from_month must be above 0, not 0"),
        (lambda: loan_interest(100, 0.05, 12, 5, 4), "from_month must not be after to_month, not 5 after 4"),
        (lambda: loan_interest(100, 0.05, 12, 1, 13), "to_month must not exceed months, not 13 of 12"),
        (lambda: loan_interest(100, 0.05, 12, 13), "from_month must not be after to_month, not 13 after 12"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_by_name(refused: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        refused()


@pytest.mark.parametrize("rate", [0.0, 5e-324, 1e-310, 1e-300, 1e-20, 1e-9])
def test_a_rate_next_to_nothing_is_no_rate(rate: float) -> None:
    assert float(loan_payment(3600, rate, 36)) == pytest.approx(100)
    assert float(loan_balance(3600, rate, 36, 12)) == pytest.approx(2400)
    assert float(annuity_factor(rate, 36)) == pytest.approx(36)
