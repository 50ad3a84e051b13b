"""The formulas alone: examples worked by hand, broadcasting, laws, and numbers that are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import (
    declining_balance,
    energy_cost_usd,
    equivalent_annual_cost,
    levelized_usd_per_hour,
    loan_payment,
    macrs,
    market_value,
    present_value,
    relative_hours,
    straight_line,
    sum_of_years_digits,
    tiered_cost_usd,
    time_of_use_cost_usd,
)
from models.ownership import (
    OwnedPart,
    OwnedWeek,
    electricity_usd_by_season,
    owned_hours_per_week,
    resale_usd_by_month,
)
from models.rental import (
    OfferTerms,
    RentedWeek,
    discounted_paid_hours,
    packs_bought,
    paid_hours_by_month,
    rented_hours,
    signed_hours_by_month,
    tiered_egress_usd,
)
from models.usage import billed_hours, sessions_per_week, spot_overhead

INF = float("inf")
NAN = float("nan")
# A month's weeks: a week of 168 h is a month of 730 h.
WEEKS = 730 / 168

quick = settings(max_examples=60, deadline=None)
usd = st.floats(0, 1e6)
yearly_rate = st.floats(0, 0.5)
years = st.integers(1, 30)


# --- money over time ----------------------------------------------------------------------------------------


def test_the_first_flow_falls_on_today() -> None:
    assert float(present_value([100.0], 0.5)) == 100
    assert float(present_value([0, 121], 0.21, periods_per_year=2)) == pytest.approx(110)


def test_a_yearly_rate_is_effective_so_twelve_months_are_one_year() -> None:
    in_twelve_months = [0.0] * 12 + [104.0]
    assert float(present_value(in_twelve_months, 0.04)) == pytest.approx(100)
    assert float(present_value([0, 104], 0.04, periods_per_year=1)) == pytest.approx(100)


def test_present_value_takes_many_series_and_many_rates() -> None:
    flows = np.array([[0.0, 110.0], [0.0, 220.0], [50.0, 0.0]])
    assert present_value(flows, 0.10, periods_per_year=1) == pytest.approx([100, 200, 50])
    by_rate = present_value(flows, [[0.0], [0.10]], periods_per_year=1)
    assert by_rate.shape == (2, 3)
    assert by_rate[0] == pytest.approx([110, 220, 50])


@quick
@given(usd, st.floats(1e-6, 0.5), st.integers(1, 240))
def test_a_level_flow_is_worth_the_annuity(flow: float, yearly: float, months: int) -> None:
    monthly = (1 + yearly) ** (1 / 12) - 1
    worth = flow * (1 - (1 + monthly) ** -months) / monthly
    assert float(present_value([0.0] + [flow] * months, yearly)) == pytest.approx(worth, rel=1e-8, abs=1e-9)


def test_a_loan_without_interest_is_repaid_in_equal_parts() -> None:
    assert float(loan_payment(3600, 0.0, 36)) == 100


def test_a_loan_of_ten_thousand_at_six_percent_over_five_years() -> None:
    # 10,000 at 0.5 % a month over 60 months: the textbook's 193.33.
    assert float(loan_payment(10_000, 0.06, 60)) == pytest.approx(193.33, abs=0.005)


@quick
@given(usd, st.floats(0, 0.5), st.integers(1, 120))
def test_the_payments_repay_the_loan_to_zero(principal: float, apr: float, months: int) -> None:
    payment = float(loan_payment(principal, apr, months))
    owed = principal
    for _ in range(months):
        owed = owed * (1 + apr / 12) - payment
    assert owed == pytest.approx(0, abs=1e-6 * (1 + principal))


def test_loans_broadcast() -> None:
    payments = loan_payment([[1200.0], [2400.0]], 0.0, [12, 24, 48])
    assert payments.tolist() == [[100, 50, 25], [200, 100, 50]]


def test_equivalent_annual_cost_by_hand() -> None:
    # 1,000 over two years at 10 %: x / 1.1 + x / 1.21 = 1,000.
    assert float(equivalent_annual_cost(1000, 0.10, 2)) == pytest.approx(1000 / (1 / 1.1 + 1 / 1.21))
    assert float(equivalent_annual_cost(1000, 0.0, 4)) == 250


@quick
@given(usd, yearly_rate, years)
def test_the_equivalent_annual_cost_is_worth_what_it_replaces(value: float, yearly: float, span: int) -> None:
    each = float(equivalent_annual_cost(value, yearly, span))
    back = float(present_value([0.0] + [each] * span, yearly, periods_per_year=1))
    assert back == pytest.approx(value, rel=1e-9, abs=1e-9)


@quick
@given(usd, st.floats(0.1, 730), yearly_rate, st.integers(1, 120))
def test_the_levelized_price_pays_the_present_value_back(
    value: float, hours: float, yearly: float, months: int
) -> None:
    price = float(levelized_usd_per_hour(value, hours, yearly, months))
    sold = [0.0] + [price * hours] * months
    assert float(present_value(sold, yearly)) == pytest.approx(value, rel=1e-9, abs=1e-9)


def test_the_levelized_price_without_hours_is_never_earned() -> None:
    assert levelized_usd_per_hour([100.0, 100.0], [10.0, 0.0], 0.0, 10).tolist() == [1.0, INF]


# --- what a thing is worth as it ages -----------------------------------------------------------------------


def test_a_part_bought_new_first_loses_a_step_and_then_its_yearly_share() -> None:
    assert float(market_value(1000, 0, 0.2, new_to_used_fraction=0.15)) == pytest.approx(850)
    assert float(market_value(1000, 2, 0.2, new_to_used_fraction=0.15)) == pytest.approx(850 * 0.64)
    assert float(market_value(1000, 3, 0.2)) == pytest.approx(512)
    assert float(market_value(1000, 0.5, 0.19)) == pytest.approx(900)  # half a year: the root


def test_market_value_broadcasts_prices_against_ages() -> None:
    values = market_value([[100.0], [200.0]], [0, 1, 2], 0.5)
    assert values.tolist() == [[100, 50, 25], [200, 100, 50]]


def test_straight_line_by_hand() -> None:
    assert straight_line(1000, 100, 3).tolist() == [300, 300, 300]


def test_sum_of_years_digits_by_hand() -> None:
    assert sum_of_years_digits(1000, 100, 4).tolist() == [360, 270, 180, 90]


def test_double_declining_balance_stops_at_the_salvage_value() -> None:
    # 40 % of the book value each year: 400, 240, 144; then 86.4 would fall below the 200 that remain.
    assert declining_balance(1000, 200, 5).tolist() == pytest.approx([400, 240, 144, 16, 0])


def test_declining_balance_changes_to_equal_charges_when_they_are_more() -> None:
    # 400, 240, 144; then (216 - 0) / 2 = 108 exceeds 86.4.
    assert declining_balance(1000, 0, 5, switch_to_straight_line=True).tolist() == pytest.approx(
        [400, 240, 144, 108, 108]
    )


def test_declining_balance_with_another_factor() -> None:
    assert declining_balance(1000, 0, 4, factor=1.0).tolist() == pytest.approx(
        [250, 187.5, 140.625, 105.46875]
    )


Schedule = Callable[[float, float, int], np.ndarray[tuple[int, ...], np.dtype[np.float64]]]


def _switching(
    cost_usd: float, salvage_usd: float, life_years: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return declining_balance(cost_usd, salvage_usd, life_years, switch_to_straight_line=True)


@pytest.mark.parametrize("schedule", [straight_line, sum_of_years_digits, _switching])
@quick
@given(cost=st.floats(0, 1e6), share=st.floats(0, 1), life=years)
def test_a_schedule_charges_cost_less_salvage_in_all(
    schedule: Schedule, cost: float, share: float, life: int
) -> None:
    charges = schedule(cost, cost * share, life)
    assert charges.shape == (life,)
    assert (charges >= 0).all()
    assert charges.sum() == pytest.approx(cost * (1 - share), rel=1e-9, abs=1e-6)


@quick
@given(cost=st.floats(0, 1e6), share=st.floats(0, 1), life=years, factor=st.floats(0.1, 5))
def test_declining_balance_never_falls_below_the_salvage_value(
    cost: float, share: float, life: int, factor: float
) -> None:
    book = cost - np.cumsum(declining_balance(cost, cost * share, life, factor))
    assert (book >= cost * share - 1e-6).all()


def test_schedules_keep_the_shape_of_the_costs_and_put_years_last() -> None:
    costs, salvages = np.array([[1000.0], [2000.0], [3000.0]]), np.array([0.0, 100.0])
    for charges in (
        straight_line(costs, salvages, 4),
        declining_balance(costs, salvages, 4),
        sum_of_years_digits(costs, salvages, 4),
    ):
        assert charges.shape == (3, 2, 4)
    assert straight_line(costs, salvages, 4)[2, 1].tolist() == [725] * 4
    assert macrs(costs).shape == (3, 1, 6)


# IRS Publication 946, table A-1 (half-year convention) and tables A-2 to A-5 (mid-quarter), in percent.
# The tables even out their rounding from year to year, so one unit of the last place is allowed.
HALF_YEAR = {
    3: [33.33, 44.45, 14.81, 7.41],
    5: [20.00, 32.00, 19.20, 11.52, 11.52, 5.76],
    7: [14.29, 24.49, 17.49, 12.49, 8.93, 8.92, 8.93, 4.46],
    10: [10.00, 18.00, 14.40, 11.52, 9.22, 7.37, 6.55, 6.55, 6.56, 6.55, 3.28],
    15: [5.00, 9.50, 8.55, 7.70, 6.93, 6.23, 5.90, 5.90, 5.91, *[5.90, 5.91] * 3, 2.95],
    20: [3.750, 7.219, 6.677, 6.177, 5.713, 5.285, 4.888, 4.522, *[4.462, 4.461] * 6, 2.231],
}
FIVE_YEARS_MID_QUARTER = {
    1: [35.00, 26.00, 15.60, 11.01, 11.01, 1.38],
    2: [25.00, 30.00, 18.00, 11.37, 11.37, 4.26],
    3: [15.00, 34.00, 20.40, 12.24, 11.30, 7.06],
    4: [5.00, 38.00, 22.80, 13.68, 10.94, 9.58],
}


@pytest.mark.parametrize("recovery_years", HALF_YEAR)
def test_macrs_with_the_half_year_convention(recovery_years: int) -> None:
    assert macrs(100, recovery_years).tolist() == pytest.approx(HALF_YEAR[recovery_years], abs=0.0101)


def test_macrs_of_a_computer_is_the_printed_table() -> None:
    assert macrs(5000).tolist() == pytest.approx([1000, 1600, 960, 576, 576, 288], abs=1e-9)


@pytest.mark.parametrize("quarter", FIVE_YEARS_MID_QUARTER)
def test_macrs_with_the_mid_quarter_convention(quarter: int) -> None:
    shares = macrs(100, 5, "mid_quarter", quarter)
    assert shares.tolist() == pytest.approx(FIVE_YEARS_MID_QUARTER[quarter], abs=1e-9)


@pytest.mark.parametrize("recovery_years", [3, 5, 7, 10, 15, 20])
@pytest.mark.parametrize("quarter", [None, 1, 2, 3, 4])
def test_macrs_deducts_the_whole_cost(recovery_years: int, quarter: int | None) -> None:
    shares = macrs(5326.75, recovery_years, "mid_quarter" if quarter else "half_year", quarter)
    assert shares.shape == (recovery_years + 1,)
    assert (shares > 0).all()
    assert shares.sum() == pytest.approx(5326.75)


# --- electricity --------------------------------------------------------------------------------------------


def test_energy_cost_by_hand() -> None:
    assert float(energy_cost_usd(650, 100, 0.20)) == pytest.approx(13)
    assert energy_cost_usd([500, 1000], [[10], [20]], 0.1).tolist() == [[0.5, 1.0], [1.0, 2.0]]


def test_each_tier_prices_only_what_falls_into_it() -> None:
    tiers = [(100, 0.10), (300, 0.20), (INF, 0.50)]
    assert float(tiered_cost_usd(0, tiers)) == 0
    assert float(tiered_cost_usd(100, tiers)) == pytest.approx(10)
    assert float(tiered_cost_usd(400, tiers)) == pytest.approx(10 + 40 + 50)
    assert tiered_cost_usd([[50.0], [200.0]], tiers).tolist() == [[5.0], [30.0]]


def test_bills_that_suppliers_print_as_examples() -> None:
    # Idaho Power, outside summer: 8.8958, 9.8073 and 10.8615 cents, for 800, 1,050 and 2,225 kWh.
    idaho = tiered_cost_usd([800, 1050, 2225], [(800, 0.088958), (2000, 0.098073), (INF, 0.108615)])
    assert idaho == pytest.approx([71.17, 95.69, 213.30], abs=0.01)
    # Fayetteville PWC: 80 % of 1,000 kWh off peak at 8.473 cents, the rest at 13 cents.
    assert float(time_of_use_cost_usd([800, 200], [0.08473, 0.13])) == pytest.approx(93.78, abs=0.005)


@quick
@given(st.floats(1, 1000), st.floats(0, 1), st.floats(0, 1), st.floats(1e-9, 1e-3))
def test_tiers_are_continuous(edge: float, below: float, above: float, step: float) -> None:
    tiers = [(edge, below), (INF, above)]
    jump = float(tiered_cost_usd(edge + step, tiers)) - float(tiered_cost_usd(edge, tiers))
    assert jump == pytest.approx(step * above, abs=1e-9)


def test_every_hour_has_its_price() -> None:
    assert float(time_of_use_cost_usd([1, 2, 0], [0.30, 0.10, -0.05])) == pytest.approx(0.5)
    two_days = time_of_use_cost_usd([[1.0, 1.0], [0.0, 4.0]], [0.2, 0.1])
    assert two_days == pytest.approx([0.3, 0.4])


# --- the week -----------------------------------------------------------------------------------------------


def test_slower_hardware_takes_longer_and_more_of_it_less() -> None:
    assert float(relative_hours(20, 0.4)) == 50
    assert float(relative_hours(20, 0.5, gpus=4, parallel_efficiency=0.8)) == pytest.approx(12.5)
    assert relative_hours([[10.0], [20.0]], [1, 2, 4]).tolist() == [[10, 5, 2.5], [20, 10, 5]]


def test_sessions_are_those_typed_or_as_many_as_the_limit_forces() -> None:
    assert float(sessions_per_week(5, 40, INF, 0.1)) == 5
    # 48 h held, and 24 h a session of which 0.1 h start the machine: a third session for the last 0.2 h.
    assert float(sessions_per_week(2, 48, 24, 0.1)) == 3
    assert float(sessions_per_week(5, 48, 24, 0.1)) == 5
    assert float(sessions_per_week(2, 2 * 23.9, 24, 0.1)) == 2
    assert float(sessions_per_week(5, 0, 24, 0.1)) == 0


def test_the_mean_session_is_rounded_up_to_the_increment_and_the_minimum() -> None:
    assert float(billed_hours(10.0, 4, 3600, 0)) == 12  # 2.5 h become 3 h, four times
    assert float(billed_hours(12.0, 4, 3600, 0)) == 12
    assert float(billed_hours(0.05, 5, 1, 60)) == pytest.approx(5 / 60)  # 36 s are billed as a minute
    assert float(billed_hours(1.0, 7, 1, 60)) == pytest.approx(515 * 7 / 3600)  # 514.3 s become 515 s
    assert float(billed_hours(3.3, 0, 3600, 3600)) == 3.3  # nothing is started: nothing to round


@quick
@given(
    st.floats(0, 168), st.floats(0.5, 50), st.sampled_from([1.0, 60.0, 3600.0]), st.sampled_from([0.0, 60.0])
)
def test_the_bill_is_never_short_and_at_most_an_increment_a_session_long(
    clock: float, sessions: float, increment: float, minimum: float
) -> None:
    billed = float(billed_hours(clock, sessions, increment, minimum))
    noise = sessions * increment * 1e-6 / 3600
    assert clock - noise <= billed
    assert billed <= max(clock + sessions * increment / 3600, sessions * minimum / 3600) + noise


def test_an_interruption_loses_half_an_interval_and_a_restart() -> None:
    assert float(spot_overhead(0.01, 0.5, 0.1)) == pytest.approx(1 / 0.9965)
    assert spot_overhead([0.0, 0.5, 1.0, 2.0], 1.0, 0.5).tolist() == [1.0, 2.0, INF, INF]


# --- owning -------------------------------------------------------------------------------------------------

WEEK = OwnedWeek(load_w=600, idle_w=100, asleep_w=5, attended_idle_hours=5, left_on_hours=15, usd_per_kwh=0.2)


def test_the_hours_of_the_owners_week_sum_to_168() -> None:
    assert [float(hours) for hours in owned_hours_per_week(20, WEEK)] == [20, 20, 128]
    busy, idle, asleep = owned_hours_per_week([0.0, 148.0, 160.0], WEEK)
    assert busy.tolist() == [0, 148, 160]
    assert idle.tolist() == [20, 20, 8]  # hours left on give way to busy ones
    assert asleep.tolist() == [148, 0, 0]


def test_a_months_electricity_by_hand() -> None:
    (load,), (idle,), (asleep,) = electricity_usd_by_season(21, WEEK)
    assert float(load) == pytest.approx(0.6 * 21 * WEEKS * 0.2)  # 21 h a week are 91.25 h a month
    assert float(load) == pytest.approx(10.95)
    assert float(idle) == pytest.approx(0.1 * 20 * WEEKS * 0.2)
    assert float(asleep) == pytest.approx(0.005 * 127 * WEEKS * 0.2)


@quick
@given(st.floats(0, 148), st.floats(0, 2000))
def test_doubling_the_watts_doubles_the_energy_cost(busy: float, watts: float) -> None:
    once = OwnedWeek(watts, watts / 4, watts / 100, 5, 15, 0.2)
    twice = OwnedWeek(2 * watts, watts / 2, watts / 50, 5, 15, 0.2)
    for one, two in zip(
        electricity_usd_by_season(busy, once), electricity_usd_by_season(busy, twice), strict=True
    ):
        assert two == pytest.approx(2 * one)


def test_resale_by_month_has_a_row_a_part() -> None:
    parts = (OwnedPart("used card", 1000, 0.0, 0.19), OwnedPart("new rest", 500, 0.2, 0.0))
    values = resale_usd_by_month(parts, 12)
    assert values.shape == (2, 13)
    assert values[0, [0, 6, 12]] == pytest.approx([1000, 900, 810])
    assert values[1].tolist() == [400] * 13


# --- renting ------------------------------------------------------------------------------------------------


def _terms(**changes: float | list[float]) -> OfferTerms:
    """Terms of one offer or several: metered by the second at a dollar an hour where not said otherwise."""
    plain: dict[str, float | list[float]] = {
        "usd_per_hour": 1.0,
        "hours_per_busy_hour": 1.0,
        "committed_hours_per_month": 0.0,
        "commitment_months": 0.0,
        "billing_increment_s": 1.0,
        "minimum_billing_s": 60.0,
        "pack_hours": INF,
        "pack_valid_days": INF,
        "max_session_hours": INF,
        "side_usd_per_month": 0.0,
        "credit_usd": 0.0,
        "credit_months": 0.0,
        "credit_is_monthly": False,
    }
    values = plain | changes
    count = max(np.size(value) for value in values.values())
    columns = {name: np.broadcast_to(value, count).astype(float) for name, value in values.items()}
    columns["credit_is_monthly"] = columns["credit_is_monthly"] > 0
    return OfferTerms(**columns)


PLAIN_WEEK = RentedWeek(attended_idle_hours=5, sessions=5, start_up_hours=0.1)


def test_the_clouds_clock_counts_busy_held_and_start_up_hours() -> None:
    rented = rented_hours(20, PLAIN_WEEK, _terms(hours_per_busy_hour=[1.0, 2.5]))
    assert rented.held_per_month == pytest.approx([25.5 * WEEKS, 55.5 * WEEKS])
    assert rented.instances.tolist() == [1, 1]


def test_hours_of_several_scenarios_broadcast_before_the_offers() -> None:
    rented = rented_hours(
        np.array([[10.0], [20.0], [40.0]]), PLAIN_WEEK, _terms(hours_per_busy_hour=[1.0, 2.0])
    )
    assert rented.held_per_month.shape == (3, 2)
    assert rented.held_per_month[2, 1] == pytest.approx(85.5 * WEEKS)


def test_above_a_full_month_another_instance_runs() -> None:
    week = RentedWeek(attended_idle_hours=0, sessions=1, start_up_hours=0)
    rented = rented_hours(np.array([[168.0], [168.1], [336.0], [336.1]]), week, _terms())
    assert rented.instances[:, 0].tolist() == [1, 2, 2, 3]


def test_metered_hours_are_paid_at_each_months_end() -> None:
    terms = _terms()
    paid = paid_hours_by_month(terms, rented_hours(20, PLAIN_WEEK, terms), 3)
    assert paid[0] == pytest.approx([0, 25.5 * WEEKS, 25.5 * WEEKS, 25.5 * WEEKS])


def test_a_commitment_is_paid_around_the_clock_for_whole_terms() -> None:
    terms = _terms(committed_hours_per_month=730, commitment_months=[12, 12, 36])
    rented = rented_hours(20, PLAIN_WEEK, terms)
    paid = paid_hours_by_month(terms, rented, 14)
    assert paid[0, 1:14].tolist() == [730] * 13
    assert paid[0, 14] == 730 * (1 + 10)  # ten months of the second year are signed beyond the horizon
    assert paid.sum(axis=-1).tolist() == [24 * 730, 24 * 730, 36 * 730]
    assert paid_hours_by_month(terms, rented, 12).sum(axis=-1).tolist() == [12 * 730, 12 * 730, 36 * 730]


def test_the_rest_of_a_signed_term_is_owed_at_any_time() -> None:
    terms = _terms(committed_hours_per_month=730, commitment_months=[12, 36])
    owed = signed_hours_by_month(terms, rented_hours(20, PLAIN_WEEK, terms), 24) / 730
    assert owed[0, [0, 1, 11, 12, 13, 24]].tolist() == [12, 11, 1, 0, 11, 0]
    assert owed[1, [0, 12, 24]].tolist() == [36, 24, 12]


def test_packs_are_bought_when_the_last_is_used_up_or_has_expired() -> None:
    week = RentedWeek(attended_idle_hours=0, sessions=1, start_up_hours=0)
    terms = _terms(pack_hours=[20, 1000, 1000], pack_valid_days=[90, 90, INF], minimum_billing_s=0)
    # 42 h a month (not a whole number of seconds a week, so nearly): 20 h last 0.48 months, 90 days 2.96.
    rented = rented_hours(42 / WEEKS, week, terms)
    packs = packs_bought(terms, rented, np.arange(8))
    assert packs[0].tolist() == [0, 3, 5, 7, 9, 11, 13, 15]
    assert packs[1].tolist() == [0, 1, 1, 2, 2, 2, 3, 3]
    assert packs[2].tolist() == [0, 1, 1, 1, 1, 1, 1, 1]


def test_a_plan_brings_a_pack_a_month_and_no_hours_bring_none() -> None:
    terms = _terms(pack_hours=1000, pack_valid_days=90, commitment_months=1)
    assert packs_bought(terms, rented_hours(5, PLAIN_WEEK, terms), np.arange(4))[0].tolist() == [0, 1, 2, 3]
    nothing = rented_hours(0, RentedWeek(0, 5, 0.1), terms)
    assert packs_bought(terms, nothing, np.arange(4))[0].tolist() == [0, 0, 0, 0]


@quick
@given(
    busy=st.floats(0, 160),
    months=st.integers(1, 60),
    yearly=st.floats(0, 0.3),
    term=st.sampled_from([1, 12, 36]),
)
def test_the_short_cut_for_discounted_hours_agrees_with_the_months(
    busy: float, months: int, yearly: float, term: int
) -> None:
    terms = _terms(
        committed_hours_per_month=[0, 730, 0, 0],
        commitment_months=[0, term, 0, 1],
        pack_hours=[INF, INF, 15, 15],
        pack_valid_days=[INF, INF, 90, 90],
    )
    rented = rented_hours(busy, PLAIN_WEEK, terms)
    discount = (1 + yearly) ** (-np.arange(months + 1) / 12)
    by_month = (paid_hours_by_month(terms, rented, months) * discount).sum(axis=-1)
    assert discounted_paid_hours(terms, rented, discount) == pytest.approx(by_month)


def test_downloads_are_priced_in_tiers() -> None:
    tiers = [(0, 0.0), (100, 0.09), (10240, 0.085)]
    assert float(tiered_egress_usd(100, tiers)) == 0
    assert float(tiered_egress_usd(150, tiers)) == pytest.approx(4.5)
    assert float(tiered_egress_usd(10340, tiers)) == pytest.approx(10140 * 0.09 + 8.5)


# --- numbers that are refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (lambda: energy_cost_usd(-1, 1, 1), "power_w must be 0 or more, not -1"),
        (lambda: energy_cost_usd(1, NAN, 1), "hours must be finite, not nan"),
        (lambda: energy_cost_usd(1, 1, [0.1, INF]), "tariff_usd_per_kwh must be finite, not inf"),
        (lambda: tiered_cost_usd(-5, [(INF, 1)]), "kwh must be 0 or more, not -5"),
        (lambda: tiered_cost_usd(5, []), "tiers"),
        (lambda: tiered_cost_usd(5, [(100, 0.1), (50, 0.2), (INF, 0.3)]), "tiers must rise"),
        (lambda: tiered_cost_usd(5, [(100, 0.1)]), "last tier must reach to inf, not 100"),
        (lambda: time_of_use_cost_usd([1, 2], [1, 2, 3]), "usd_per_kwh_by_hour"),
        (lambda: time_of_use_cost_usd([-1], [1]), "kwh_by_hour must be 0 or more, not -1"),
        (lambda: market_value(100, 1, 1.5), "yearly_loss_fraction is a fraction from 0 to 1, not 1.5"),
        (lambda: market_value(100, 1, 0.2, 2), "new_to_used_fraction is a fraction from 0 to 1, not 2"),
        (lambda: market_value(100, -1, 0.2), "age_years must be 0 or more, not -1"),
        (lambda: market_value(NAN, 1, 0.2), "price_usd must be finite, not nan"),
        (lambda: straight_line(1000, 0, 0), "life_years must be a whole number of years, at least 1, not 0"),
        (
            lambda: straight_line(1000, 0, cast(int, 2.5)),
            "life_years must be a whole number of years, at least 1, not 2.5",
        ),
        (lambda: declining_balance(1000, 0, 0), "life_years"),
        (lambda: declining_balance(1000, 0, 5, factor=0), "factor must be above 0, not 0"),
        (
            lambda: sum_of_years_digits(1000, 0, -3),
            "life_years must be a whole number of years, at least 1, not -3",
        ),
        (lambda: straight_line(-1000, 0, 5), "cost_usd must be 0 or more, not -1000"),
        (lambda: straight_line(1000, 1200, 5), "salvage_usd must not exceed cost_usd, not 1200"),
        (lambda: macrs(1000, 4), "recovery_years must be one of .*, not 4"),
        (lambda: macrs(1000, 5, "full_year"), "convention must be .*, not 'full_year'"),
        (lambda: macrs(1000, 5, "mid_quarter"), "quarter must be 1, 2, 3 or 4 .*, not None"),
        (lambda: macrs(1000, 5, "mid_quarter", 5), "quarter must be 1, 2, 3 or 4 .*, not 5"),
        (lambda: macrs(1000, 5, "half_year", 2), "quarter"),
        (lambda: macrs(-1), "cost_usd must be 0 or more, not -1"),
        (lambda: loan_payment(-1, 0.05, 12), "principal_usd must be 0 or more, not -1"),
        (lambda: loan_payment(100, -0.05, 12), "yearly_rate_fraction must be 0 or more, not -0.05"),
        (lambda: loan_payment(100, 0.05, 0), "months must be above 0, not 0"),
        (lambda: present_value([1, NAN], 0.05), "cash_flows_usd must be finite, not nan"),
        (lambda: present_value([1, 2], -1), "yearly_rate_fraction must be above -1 .*, not -1"),
        (lambda: present_value(5, 0.05), "cash_flows_usd needs an axis"),
        (lambda: present_value([1], 0.05, periods_per_year=0), "periods_per_year must be above 0, not 0"),
        (lambda: equivalent_annual_cost(100, 0.05, 0), "years must be above 0, not 0"),
        (lambda: levelized_usd_per_hour(100, -1, 0.05, 12), "hours_per_month must be 0 or more, not -1"),
        (lambda: relative_hours(-1, 1), "busy_hours must be 0 or more, not -1"),
        (lambda: relative_hours(1, 0), "relative_throughput must be above 0, not 0"),
        (lambda: relative_hours(1, 1, gpus=0), "gpus must be above 0, not 0"),
        (lambda: relative_hours(1, 1, 1, 1.2), "parallel_efficiency is a fraction from 0 to 1, not 1.2"),
        (lambda: spot_overhead(-0.1, 0.5, 0.1), "interruptions_per_hour must be 0 or more, not -0.1"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_by_name(refused: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        refused()
