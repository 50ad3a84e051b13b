"""Tariffs by the hour, the month and the use, and how a week of work falls on their hours."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.electricity import energy_cost_usd, tiered_cost_usd, time_of_use_cost_usd
from models.slots import SLOT_HOURS, energy_by_slot_kwh, hours_by_slot
from models.tariffs import (
    Period,
    bill_with_charges_usd,
    drift_factors,
    marginal_tiered_cost_usd,
    monthly_energy_cost_usd,
    own_solar_usd_per_kwh,
    prices_by_hour_usd_per_kwh,
)

quick = settings(max_examples=60, deadline=None)

INF, NAN = float("inf"), float("nan")
WEEKDAY, WEEKEND = 0, 1

price = st.floats(0, 2)
week_hours = st.floats(0, 168)
# Zero, tiny, ordinary and huge weights.
weight = st.one_of(st.just(0.0), st.floats(0, 1), st.sampled_from([5e-324, 1e-13, 1e-6, 1e6, 1e308]))
profile = st.one_of(
    st.none(),
    st.lists(weight, min_size=24, max_size=24),
    st.lists(st.lists(weight, min_size=24, max_size=24), min_size=2, max_size=2),
)


# --- time-of-use tariffs ------------------------------------------------------------------------------------


def test_a_tariff_without_periods_has_one_price() -> None:
    prices = prices_by_hour_usd_per_kwh([], 0.25)
    assert prices.shape == (12, 2, 24)
    assert (prices == 0.25).all()


def test_a_summer_peak_holds_on_weekday_afternoons_of_summer_alone() -> None:
    prices = prices_by_hour_usd_per_kwh([Period(0.40, 16, 21, "weekdays", (6, 7, 8, 9))], 0.15)
    expected = np.full((12, 2, 24), 0.15)
    expected[5:9, WEEKDAY, 16:21] = 0.40
    assert (prices == expected).all()


def test_a_night_price_wraps_past_midnight() -> None:
    night = prices_by_hour_usd_per_kwh([Period(0.10, 22, 6)], 0.30)[0, WEEKEND]
    assert np.flatnonzero(night == 0.10).tolist() == [0, 1, 2, 3, 4, 5, 22, 23]


def test_until_midnight_and_from_midnight_are_written_with_24_and_0() -> None:
    evening = prices_by_hour_usd_per_kwh([Period(1, 22, 24)], 0)[0, 0]
    assert np.flatnonzero(evening).tolist() == [22, 23]
    early = prices_by_hour_usd_per_kwh([Period(1, 24, 2)], 0)[0, 0]
    assert np.flatnonzero(early).tolist() == [0, 1]
    until_midnight = prices_by_hour_usd_per_kwh([Period(1, 22, 0)], 0)[0, 0]
    assert np.flatnonzero(until_midnight).tolist() == [22, 23]


def test_weekdays_and_weekends_together_are_the_week() -> None:
    prices = prices_by_hour_usd_per_kwh([Period(0.3, days="weekdays"), Period(0.2, days="weekends")], 9)
    assert (prices[:, WEEKDAY] == 0.3).all()
    assert (prices[:, WEEKEND] == 0.2).all()


def test_an_hourly_tariff_may_pay_for_use() -> None:
    assert float(prices_by_hour_usd_per_kwh([Period(-0.02, 12, 15)], 0.2).min()) == -0.02


def test_overlapping_hours_are_refused_with_both_periods_and_the_hour() -> None:
    peak, summer = Period(0.40, 16, 21, "weekdays"), Period(0.30, 20, 23, months=(7,))
    with pytest.raises(ValueError, match="overlapping tariff hours") as refused:
        prices_by_hour_usd_per_kwh([peak, summer], 0.1)
    assert str(refused.value) == (
        "overlapping tariff hours: an hour has one price, not 0.4 USD/kWh (16 to 21 h, weekdays) "
        "and 0.3 USD/kWh (20 to 23 h, all) at 20 h on weekdays of month 7"
    )


def test_periods_that_meet_do_not_overlap() -> None:
    day = prices_by_hour_usd_per_kwh([Period(3, 6, 22), Period(1, 22, 6)], 9)[0, 0]
    assert day.tolist() == [1] * 6 + [3] * 16 + [1] * 2


# --- how a week falls on the hours --------------------------------------------------------------------------


def test_a_week_has_168_hours_five_days_of_which_are_weekdays() -> None:
    assert SLOT_HOURS.sum() == 168
    assert SLOT_HOURS[WEEKDAY].tolist() == [5] * 24
    assert SLOT_HOURS[WEEKEND].tolist() == [2] * 24


def test_without_a_profile_hours_are_spread_evenly() -> None:
    assert hours_by_slot(16.8) == pytest.approx(SLOT_HOURS / 10)


def test_a_profile_of_evenings_fills_the_evenings() -> None:
    evenings = [0.0] * 18 + [1.0] * 4 + [0.0] * 2
    hours = hours_by_slot(14, evenings)
    assert hours[WEEKDAY, 18:22] == pytest.approx([2.5] * 4)
    assert hours[WEEKEND, 18:22] == pytest.approx([1.0] * 4)
    assert hours.sum() == pytest.approx(14)


def test_a_profile_may_keep_the_weekend_free() -> None:
    weekdays_only = np.array([np.ones(24), np.zeros(24)])
    assert hours_by_slot(60, weekdays_only)[WEEKDAY] == pytest.approx([2.5] * 24)
    assert (hours_by_slot(60, weekdays_only)[WEEKEND] == 0).all()


def test_only_the_ratios_of_the_weights_count() -> None:
    ramp = np.arange(1.0, 25.0)
    assert hours_by_slot(50, ramp * 1e300) == pytest.approx(hours_by_slot(50, ramp))


def test_a_full_slot_gives_its_share_to_the_others() -> None:
    # 9 : 1 : 1 over three hours of the day; 21 hours is every hour of all three.
    weights = [9.0, 1.0, 1.0] + [0.0] * 21
    assert hours_by_slot(5.5, weights)[:, :3].sum(axis=0) == pytest.approx([4.5, 0.5, 0.5])
    assert hours_by_slot(11, weights)[:, :3].sum(axis=0) == pytest.approx([7, 2, 2])
    assert hours_by_slot(21, weights)[:, :3].sum(axis=0) == pytest.approx([7, 7, 7])


def test_hours_beyond_the_profile_go_evenly_to_the_rest_of_the_week() -> None:
    weights = [1.0] * 4 + [0.0] * 20
    hours = hours_by_slot(28 + 14, weights)
    assert hours[:, :4] == pytest.approx(SLOT_HOURS[:, :4])
    assert hours[:, 4:] == pytest.approx(SLOT_HOURS[:, 4:] / 10)


def test_hours_already_taken_are_left_alone() -> None:
    nights = [1.0] * 8 + [0.0] * 16
    busy = hours_by_slot(50, nights)
    idle = hours_by_slot(30, nights, busy)
    assert ((busy + idle) <= SLOT_HOURS + 1e-12).all()
    assert idle[:, :8].sum() == pytest.approx(6)
    assert idle.sum() == pytest.approx(30)
    asleep = hours_by_slot(168 - 80, None, busy + idle)
    assert busy + idle + asleep == pytest.approx(SLOT_HOURS)


def test_no_hours_use_no_slot_and_a_full_week_uses_all() -> None:
    evenings = [0.0] * 18 + [1.0] * 6
    assert (hours_by_slot(0, evenings) == 0).all()
    assert hours_by_slot(168, evenings) == pytest.approx(SLOT_HOURS)


def test_hours_lost_to_rounding_are_forgiven() -> None:
    nearly_all = hours_by_slot(168 - 1e-10)
    assert hours_by_slot(2e-10, None, nearly_all).sum() == pytest.approx(0, abs=1e-9)
    assert (hours_by_slot(-1e-12) == 0).all()


def test_many_weeks_at_once_and_one_by_one_agree() -> None:
    weeks, evenings = np.array([[0.0, 10.0, 60.0], [100.0, 150.0, 168.0]]), [0.0] * 18 + [1.0, 2, 3, 3, 2, 1]
    together = hours_by_slot(weeks, evenings)
    assert together.shape == (2, 3, 2, 24)
    for place, hours in np.ndenumerate(weeks):
        assert together[place] == pytest.approx(hours_by_slot(hours, evenings))


def test_weeks_broadcast_against_hours_already_taken() -> None:
    taken = hours_by_slot([0.0, 40.0, 80.0])
    placed = hours_by_slot([[10.0], [88.0]], None, taken)
    assert placed.shape == (2, 3, 2, 24)
    assert placed.sum(axis=(-2, -1)) == pytest.approx(np.array([[10.0] * 3, [88.0] * 3]))


@quick
@given(week_hours, profile, st.floats(0, 1), profile)
def test_all_hours_find_a_slot_and_no_slot_overflows(
    hours: float, weights: list[float] | None, share: float, earlier: list[float] | None
) -> None:
    taken = hours_by_slot((168 - hours) * share, earlier)
    placed = hours_by_slot(hours, weights, taken)
    assert placed.sum() == pytest.approx(hours, abs=1e-9)
    assert (placed >= 0).all()
    assert (placed + taken <= SLOT_HOURS + 1e-9).all()


@quick
@given(week_hours, week_hours, profile)
def test_more_hours_never_mean_fewer_in_a_slot(one: float, other: float, weights: list[float] | None) -> None:
    fewer, more = hours_by_slot([min(one, other), max(one, other)], weights)
    assert (more >= fewer - 1e-9).all()


@quick
@given(week_hours, st.lists(st.floats(0, 1), min_size=24, max_size=24))
def test_slots_that_are_not_full_share_in_proportion(hours: float, weights: list[float]) -> None:
    placed = hours_by_slot(hours, weights)
    likely = np.where(np.array(weights) > 1e-6, weights, 0.0)
    open_slots = (placed < SLOT_HOURS - 1e-9) & (likely > 0)
    ratios = (placed / np.where(likely > 0, likely * SLOT_HOURS, 1.0))[open_slots]
    full_slots = ~open_slots & (likely > 0)
    if ratios.size:
        assert ratios == pytest.approx(np.full(ratios.shape, ratios[0]), rel=1e-6, abs=1e-6)
        # A full slot would have been due at least its room.
        due = ratios[0] * (likely * SLOT_HOURS)[full_slots]
        assert (due >= SLOT_HOURS[full_slots] - 1e-6).all()


# --- bills --------------------------------------------------------------------------------------------------


def test_a_summer_peak_costs_more_in_summer() -> None:
    # 1 kW in the five peak hours of weekdays: 25 kWh a week.
    peak = np.zeros(24)
    peak[16:21] = 1
    weekday_peak = hours_by_slot(25, np.array([peak, np.zeros(24)]))
    prices = prices_by_hour_usd_per_kwh([Period(0.40, 16, 21, "weekdays", (6, 7, 8, 9))], 0.16)
    monthly = monthly_energy_cost_usd(energy_by_slot_kwh(weekday_peak, 1000), prices)
    weeks = 730 / 168
    assert monthly == pytest.approx([4 * weeks] * 5 + [10 * weeks] * 4 + [4 * weeks] * 3)


def test_two_kinds_of_hours_cost_what_a_supplier_prints() -> None:
    # Fayetteville PWC: of 1,000 kWh 80 % fall off peak at 8.473 cents, the rest at 13 cents.
    prices = prices_by_hour_usd_per_kwh([Period(0.13, 15, 19, "weekdays")], 0.08473)
    on_peak = prices[0] == 0.13
    weekly = np.where(on_peak, 200 / on_peak.sum(), 800 / (~on_peak).sum()) / (730 / 168)
    assert monthly_energy_cost_usd(weekly, prices) == pytest.approx([93.784] * 12, abs=1e-9)


@quick
@given(week_hours, profile, price, st.floats(0, 5000))
def test_a_flat_tariff_written_by_the_hour_or_in_tiers_gives_the_same_bill(
    hours: float, weights: list[float] | None, usd_per_kwh: float, watts: float
) -> None:
    flat = float(energy_cost_usd(watts, hours * 730 / 168, usd_per_kwh))
    energy = energy_by_slot_kwh(hours_by_slot(hours, weights), watts)
    night = [Period(usd_per_kwh, 22, 6, "weekends", (1, 12)), Period(usd_per_kwh, 8, 12)]
    by_hour = monthly_energy_cost_usd(energy, prices_by_hour_usd_per_kwh(night, usd_per_kwh))
    assert by_hour == pytest.approx([flat] * 12, rel=1e-9, abs=1e-9)
    kwh = float(energy.sum()) * 730 / 168
    tiers = [(100.0, usd_per_kwh), (400.0, usd_per_kwh), (INF, usd_per_kwh)]
    assert float(tiered_cost_usd(kwh, tiers)) == pytest.approx(flat, rel=1e-9, abs=1e-9)
    assert float(marginal_tiered_cost_usd(kwh, tiers, 350)) == pytest.approx(flat, rel=1e-9, abs=1e-7)
    assert float(time_of_use_cost_usd(energy.ravel() * 730 / 168, usd_per_kwh)) == pytest.approx(
        flat, rel=1e-9, abs=1e-9
    )
    charges = bill_with_charges_usd([flat, float(by_hour[0])], kwh, 0.05, 7.5, 0.19)
    assert charges[0] == pytest.approx(charges[1], rel=1e-9, abs=1e-9)


@quick
@given(week_hours, week_hours, profile)
def test_more_hours_never_cost_less_at_prices_that_are_not_negative(
    one: float, other: float, weights: list[float] | None
) -> None:
    prices = prices_by_hour_usd_per_kwh([Period(0.5, 17, 20), Period(0, 1, 4)], 0.2)
    energy = energy_by_slot_kwh(hours_by_slot([min(one, other), max(one, other)], weights), 500)
    fewer, more = monthly_energy_cost_usd(energy, prices)
    assert (more >= fewer - 1e-9).all()


def test_several_loads_are_billed_at_once_and_add_up() -> None:
    prices = prices_by_hour_usd_per_kwh([Period(0.5, 17, 20)], 0.2)
    busy = hours_by_slot(20)
    idle = hours_by_slot(15, None, busy)
    energy = energy_by_slot_kwh(np.stack([busy, idle]), [650.0, 90.0])
    each = monthly_energy_cost_usd(energy, prices)
    assert each.shape == (2, 12)
    assert each.sum(axis=0) == pytest.approx(monthly_energy_cost_usd(energy.sum(axis=0), prices))


def test_a_workstation_pays_the_tiers_that_the_household_has_left() -> None:
    tiers = [(800.0, 0.10), (2000.0, 0.20), (INF, 0.50)]
    assert float(marginal_tiered_cost_usd(100, tiers)) == pytest.approx(10)
    assert float(marginal_tiered_cost_usd(100, tiers, 750)) == pytest.approx(5 + 10)
    assert float(marginal_tiered_cost_usd(1300, tiers, 750)) == pytest.approx(5 + 240 + 25)
    assert marginal_tiered_cost_usd([[0.0], [100.0]], tiers, [0.0, 900.0]).tolist() == [
        [0, 0],
        pytest.approx([10, 20]),
    ]


@quick
@given(st.floats(0, 3000), st.floats(0, 3000), st.floats(0, 3000))
def test_the_order_of_two_loads_does_not_change_what_both_add(one: float, other: float, house: float) -> None:
    tiers = [(500.0, 0.08), (1500.0, 0.30), (INF, 0.15)]
    both = float(marginal_tiered_cost_usd(one + other, tiers, house))
    steps = marginal_tiered_cost_usd(one, tiers, house) + marginal_tiered_cost_usd(other, tiers, house + one)
    assert both == pytest.approx(float(steps), abs=1e-7)
    assert both >= 0


def test_tiers_that_fall_and_charges_on_top_make_a_printed_bill() -> None:
    # City of Seymour, winter: 1,200 kWh in falling blocks, 8.5 cents power cost, 7.50 a month, 1 % tax.
    blocks = tiered_cost_usd(1200, [(250, 0.064), (700, 0.049), (INF, 0.0446)])
    before_tax = float(bill_with_charges_usd(blocks, 1200, 0.085, 7.50))
    assert before_tax == pytest.approx(169.85, abs=0.0051)
    assert float(bill_with_charges_usd(blocks, 1200, 0.085, 7.50, 0.01)) == pytest.approx(171.55, abs=0.0051)


def test_a_credit_may_be_greater_than_the_bill() -> None:
    assert float(bill_with_charges_usd(10, 100, -0.2)) == pytest.approx(-10)


# --- prices that drift, and own power -----------------------------------------------------------------------


def test_a_price_without_drift_stays() -> None:
    assert drift_factors(0, 36).tolist() == [1.0] * 37


def test_after_a_year_the_price_has_drifted_by_the_years_fraction() -> None:
    factors = drift_factors([0.03, -0.2], 36)
    assert factors.shape == (2, 37)
    assert factors[:, 0].tolist() == [1, 1]
    assert factors[0, [12, 24, 36]] == pytest.approx([1.03, 1.03**2, 1.03**3])
    assert factors[1, 12] == pytest.approx(0.8)


def test_no_months_are_today() -> None:
    assert drift_factors(0.5, 0).tolist() == [1.0]


@quick
@given(st.floats(-0.99, 10), st.integers(1, 120))
def test_every_month_drifts_by_the_same_factor(yearly: float, months: int) -> None:
    factors = drift_factors(yearly, months)
    assert factors[1:] / factors[:-1] == pytest.approx(np.full(months, (1 + yearly) ** (1 / 12)))


def test_own_power_costs_what_feeding_it_in_would_pay() -> None:
    assert own_solar_usd_per_kwh(0.40, 0.08, [0, 0.25, 1]) == pytest.approx([0.40, 0.32, 0.08])
    # An old contract may pay more than the grid asks.
    assert float(own_solar_usd_per_kwh(0.30, 0.50, 0.5)) == pytest.approx(0.40)


def test_own_power_lowers_the_prices_of_every_hour() -> None:
    prices = prices_by_hour_usd_per_kwh([Period(0.5, 17, 20)], 0.2)
    noon = np.zeros(24)
    noon[10:16] = 0.5
    assert own_solar_usd_per_kwh(prices, 0.1, noon)[0, 0, [3, 12, 18]] == pytest.approx([0.2, 0.15, 0.5])


# --- input that is refused ----------------------------------------------------------------------------------

TIERS = [(INF, 0.1)]
FLAT = np.full((12, 2, 24), 0.1)


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (lambda: prices_by_hour_usd_per_kwh([], NAN), "otherwise_usd_per_kwh must be finite, not nan"),
        (lambda: prices_by_hour_usd_per_kwh([], 1e308), r"otherwise_usd_per_kwh must be from .* not 1e\+308"),
        (lambda: prices_by_hour_usd_per_kwh([Period(INF)], 0), "usd_per_kwh must be finite, not inf"),
        (lambda: prices_by_hour_usd_per_kwh([Period(1, -1, 4)], 0), "from_hour must be .* 0 to 24, not -1"),
        (lambda: prices_by_hour_usd_per_kwh([Period(1, 4, 25)], 0), "to_hour must be .* 0 to 24, not 25"),
        (
            lambda: prices_by_hour_usd_per_kwh([Period(1, cast(int, 6.5), 8)], 0),
            "from_hour must be a whole hour from 0 to 24, not 6.5",
        ),
        (lambda: prices_by_hour_usd_per_kwh([Period(1, cast(int, NAN))], 0), "from_hour must be .*, not nan"),
        (lambda: prices_by_hour_usd_per_kwh([Period(1, 0, cast(int, "6"))], 0), "to_hour must be .*, not 6"),
        (lambda: prices_by_hour_usd_per_kwh([Period(1, 7, 7)], 0), "to_hour must differ .* not 7 to 7"),
        (lambda: prices_by_hour_usd_per_kwh([Period(1, 24, 0)], 0), "to_hour must differ .* not 24 to 0"),
        (lambda: prices_by_hour_usd_per_kwh([Period(1, days="sunday")], 0), "days must be .*, not 'sunday'"),
        (lambda: prices_by_hour_usd_per_kwh([Period(1, months=(0,))], 0), "months must be .* 12, not 0"),
        (lambda: prices_by_hour_usd_per_kwh([Period(1, months=(7, 13))], 0), "months must be .* 12, not 13"),
        (lambda: hours_by_slot(169), "hours_per_week must be at most 168, .* not 169"),
        (
            lambda: hours_by_slot([1, 2], None, SLOT_HOURS * 0.99),
            "hours_per_week must be at most 1.68, .*not 2",
        ),
        (lambda: hours_by_slot(-1), "hours_per_week must be 0 or more, not -1"),
        (lambda: hours_by_slot(NAN), "hours_per_week must be finite, not nan"),
        (lambda: hours_by_slot(INF), "hours_per_week must be finite, not inf"),
        (lambda: hours_by_slot(1e308), r"hours_per_week must be from 0 to 1e\+15, not 1e\+308"),
        (
            lambda: hours_by_slot(1, [1.0] * 23),
            r"weights must have the shape \(24,\) or \(2, 24\), not \(23,\)",
        ),
        (lambda: hours_by_slot(1, []), r"weights must have the shape .* not \(0,\)"),
        (lambda: hours_by_slot(1, [-1.0] * 24), "weights must be 0 or more, not -1"),
        (lambda: hours_by_slot(1, [NAN] * 24), "weights must be finite, not nan"),
        (lambda: hours_by_slot(1, None, 3.0), "taken_hours must be at most 5 .* and 2 .*, not 3"),
        (lambda: hours_by_slot(1, None, [1.0] * 24), r"taken_hours must have a shape that ends in \(2, 24\)"),
        (lambda: hours_by_slot(1, None, -SLOT_HOURS), "taken_hours must be 0 or more, not -5"),
        (lambda: energy_by_slot_kwh(1, 100), r"hours must have a shape that ends in \(2, 24\), not \(\)"),
        (lambda: energy_by_slot_kwh(SLOT_HOURS, -1), "power_w must be 0 or more, not -1"),
        (lambda: energy_by_slot_kwh(SLOT_HOURS, 1e308), r"power_w must be from 0 to 1e\+15, not 1e\+308"),
        (lambda: energy_by_slot_kwh(SLOT_HOURS * 1e300, 1), "hours must be from 0 to 168, not 5e"),
        (
            lambda: monthly_energy_cost_usd(SLOT_HOURS, 0.1),
            r"usd_per_kwh_by_hour must have the shape .*not \(\)",
        ),
        (
            lambda: monthly_energy_cost_usd([1, 2], FLAT),
            r"kwh_per_week_by_slot must have a shape .*not \(2,\)",
        ),
        (
            lambda: monthly_energy_cost_usd(-SLOT_HOURS, FLAT),
            "kwh_per_week_by_slot must be 0 or more, not -5",
        ),
        (lambda: monthly_energy_cost_usd(SLOT_HOURS, FLAT * INF), "usd_per_kwh_by_hour must be finite"),
        (lambda: marginal_tiered_cost_usd(-1, TIERS), "kwh must be 0 or more, not -1"),
        (lambda: marginal_tiered_cost_usd(1, TIERS, NAN), "household_kwh must be finite, not nan"),
        (lambda: marginal_tiered_cost_usd(1, TIERS, 1e308), r"household_kwh must be from 0 .* not 1e\+308"),
        (lambda: marginal_tiered_cost_usd(1, []), "tiers must hold at least one .*, not none"),
        (lambda: bill_with_charges_usd(NAN, 1), "energy_usd must be finite, not nan"),
        (lambda: bill_with_charges_usd(1, 1, 0, -1), "standing_usd must be 0 or more, not -1"),
        (lambda: bill_with_charges_usd(1, 1, 0, 0, 19), "tax_fraction is a fraction from 0 to 1, not 19"),
        (lambda: bill_with_charges_usd(1, 1, 1e308), "rider_usd_per_kwh must be from .*, not 1e"),
        (lambda: drift_factors(-1, 12), "yearly_fraction must be above -1 .*, not -1"),
        (lambda: drift_factors(NAN, 12), "yearly_fraction must be finite, not nan"),
        (lambda: drift_factors(1e308, 12), r"yearly_fraction must be from -1 to 10, not 1e\+308"),
        (lambda: drift_factors(0.1, -1), "months must be a whole number from 0 to 1,200, not -1"),
        (lambda: drift_factors(0.1, cast(int, 1.5)), "months must be a whole number .*, not 1.5"),
        (lambda: drift_factors(0.1, cast(int, NAN)), "months must be a whole number .*, not nan"),
        (lambda: drift_factors(0.1, 10**9), "months must be a whole number .*, not 1000000000"),
        (lambda: own_solar_usd_per_kwh(0.3, -0.1, 0.5), "feed_in_usd_per_kwh must be 0 or more, not -0.1"),
        (lambda: own_solar_usd_per_kwh(0.3, 0.1, 1.5), "solar_fraction is a fraction from 0 to 1, not 1.5"),
        (lambda: own_solar_usd_per_kwh(INF, 0.1, 0.5), "grid_usd_per_kwh must be finite, not inf"),
        (lambda: energy_cost_usd(1e308, 1, 1), r"power_w must be from 0 to 1e\+15, not 1e\+308"),
        (lambda: tiered_cost_usd(1e308, TIERS), r"kwh must be from 0 to 1e\+15, not 1e\+308"),
        (lambda: tiered_cost_usd(1, [(INF, 1e308)]), r"usd_per_kwh must be from .*, not 1e\+308"),
        (lambda: tiered_cost_usd(1, [(NAN, 1), (INF, 1)]), "tiers must rise from above 0, not "),
        (lambda: tiered_cost_usd(1, cast(list[tuple[float, float]], [(1,)])), "tiers must be .* pairs, not "),
        (
            lambda: time_of_use_cost_usd(1, [1, 2]),
            "kwh_by_hour needs an axis of hours, not the single number 1",
        ),
        (lambda: time_of_use_cost_usd([1e308], [1]), r"kwh_by_hour must be from 0 to 1e\+15, not 1e\+308"),
    ],
)
def test_a_tariff_that_makes_no_sense_is_refused_by_name(refused: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        refused()
