"""How sure the answer is: thousands of futures against what is known of them in closed form."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models import Comparison, Scenario, break_even_hours, compare, uncertain_inputs
from models.case import Case
from models.checks import FloatArray
from models.currency import exchange
from models.draws import even_draws, quantiles
from models.rented_draws import RentedDraws, busy_hours_by_month, undominated
from models.trials import with_input
from models.uncertain_inputs import (
    ELECTRICITY,
    END,
    FAILURES,
    GROWTH,
    HOURS,
    LOSS,
    NAMES,
    RENT_DRIFT,
    Range,
    correlated,
    poisson,
    spreads,
)
from models.uncertainty import Simulation, share_of_cases, simulate, simulate_case
from tests.models.plain import PLAIN, ask

Offers = Callable[..., pd.DataFrame]

NORMAL = NormalDist()
CENT = 0.005
WEEKS = 730 / 168
# The hours are those on an A100; on the build they are 245 a week.
BEYOND_THE_WEEK = {
    "workload.busy_hours_per_week": "150",
    "workload.attended_idle_hours_per_week": "0",
    "workload.hours_measured_on": "A100 80GB SXM",
    "workstation.left_on_hours_per_week": "0",
    "workstation.when_full": "rent_the_rest",
}
asked = partial(ask, PLAIN)


def fixed(scenario: Scenario, **changed: Range) -> dict[str, Range]:
    """Ranges of one point each, those of the scenario itself, but for the named ones."""
    price = scenario.electricity.usd_per_kwh
    drift = scenario.rental.yearly_price_drift_fraction
    points: dict[str, float] = dict.fromkeys(NAMES, 0.0) | {
        HOURS: scenario.workload.busy_hours_per_week,
        RENT_DRIFT: drift,
        LOSS: 0.2,
        ELECTRICITY: 0.0 if price is None else price,
    }
    names = {
        "hours": HOURS,
        "growth": GROWTH,
        "end": END,
        "drift": RENT_DRIFT,
        "loss": LOSS,
        "electricity": ELECTRICITY,
        "failures": FAILURES,
    }
    return {name: (point, point) for name, point in points.items()} | {
        names[name]: given for name, given in changed.items()
    }


def saving_usd(case: Case) -> float:
    """What the comparison itself says that building saves."""
    assert case.against is not None
    rented = float(case.present_value_usd[case.row_of(case.against)])
    return rented - float(case.owned.present_value_usd(case.owned.busy_hours_per_week))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"workload.busy_hours_per_week": "100"},
        {"workload.busy_hours_per_week": "0", "workload.attended_idle_hours_per_week": "0"},
        {"workload.busy_hours_per_week": "60", "rental.against": "azure"},
        {"rental.against": "aws", "money.horizon_months": "60"},
        {"rental.terms": "on_demand,reserved_1y,reserved_3y", "rental.against": "aws"},
        {"rental.terms": "reserved_1y", "rental.yearly_price_drift_fraction": "-0.2"},
        {"rental.yearly_price_drift_fraction": "-0.2", "electricity.yearly_price_drift_fraction": "0.1"},
        {"money.loan_fraction": "0.5", "money.marginal_tax_rate_fraction": "0.3"},
        {"money.tax_schedule": "macrs_half_year", "money.marginal_tax_rate_fraction": "0.3"},
        {"workstation.lease_usd_per_month": "200"},
        {"workstation.sale_delay_months": "2", "workstation.scrap_fraction": "0.6"},
        {"money.vat_fraction": "0.19", "money.vat_reclaimed": "true"},
        {"workstation.count": "2", "workstation.when_full": "add_builds"},
        {"workstation.when_full": "rent_the_rest"},
        BEYOND_THE_WEEK,
        BEYOND_THE_WEEK | {"rental.against": "aws", "workload.storage_gb": "2000"},
        BEYOND_THE_WEEK | {"workload.attended_idle_hours_per_week": "15", "workload.sessions_per_week": "4"},
        BEYOND_THE_WEEK
        | {"rental.terms": "reserved_1y,reserved_3y", "rental.yearly_price_drift_fraction": "-0.2"},
        BEYOND_THE_WEEK
        | {
            "money.value_per_hour_usd": "50",
            "rental.set_up_hours": "5",
            "money.vat_fraction": "0.19",
            "money.marginal_tax_rate_fraction": "0.3",
        },
    ],
)
def test_with_nothing_uncertain_every_future_is_the_comparison(
    settings: dict[str, str], bundled: pd.DataFrame
) -> None:
    answer = compare(Scenario().with_settings(settings), bundled)
    one = simulate_case(answer.case, fixed(answer.scenario), draws=3)
    assert one.saving_usd == pytest.approx(np.full(3, saving_usd(answer.case)), abs=CENT)
    assert one.break_even_months == pytest.approx(np.full(3, answer.break_even["months"]))
    assert one.compared_with.tolist() == [answer.case.against] * 3


@pytest.mark.parametrize("credit", [None, {"usd": 300, "months": 6}, {"usd": 20, "every_month": True}])
@pytest.mark.parametrize("settings", [{}, BEYOND_THE_WEEK])
def test_with_nothing_uncertain_every_way_of_selling_is_billed_as_in_the_comparison(
    settings: dict[str, str], credit: dict[str, object] | None, one_of_each: pd.DataFrame
) -> None:
    seen = set()
    for i in range(len(one_of_each)):
        alone = one_of_each.iloc[[i]].reset_index(drop=True)
        credits = [] if credit is None else [credit | {"provider": str(alone["provider"].iloc[0])}]
        scenario = Scenario.model_validate(
            {
                "workload": {"vram_gb": 12},
                "rental": {
                    "free_credits": credits,
                    "terms": ["on_demand", "spot", "reserved_1y", "prepaid"],
                },
            }
        )
        case = compare(scenario.with_settings(settings), alone).case
        if case.against is None:
            continue
        seen.add(case.offers.text["instance_type"][case.against])
        one = simulate_case(case, fixed(case.scenario), draws=2)
        assert one.saving_usd == pytest.approx(np.full(2, saving_usd(case)), abs=CENT)
    assert seen == {"metered", "by the hour", "year", "spot", "pack", "plan", "half", "eight"}


def test_the_chance_is_that_of_more_hours_than_the_break_even(offers_of: Offers) -> None:
    scenario = asked()
    answer = compare(scenario, offers_of({}))
    flips_at = float(str(answer.break_even["hours_per_week"]))
    low, high = 3.0, 30.0
    futures = simulate_case(answer.case, fixed(answer.scenario, hours=(low, high)), draws=20_000)
    middle, spread = np.log(low * high) / 2, np.log(high / low) / 2 / NORMAL.inv_cdf(0.95)
    expected = 1 - NORMAL.cdf((np.log(flips_at) - middle) / spread)
    assert 0.1 < expected < 0.9
    assert futures.chance_build_wins == pytest.approx(expected, abs=2e-4)


def test_nine_savings_of_ten_lie_between_those_of_the_ends(offers_of: Offers) -> None:
    offers = offers_of({})
    ends = [saving_usd(compare(asked(workload={"busy_hours_per_week": h}), offers).case) for h in (10, 40)]
    case = compare(asked(), offers).case
    futures = simulate_case(case, fixed(case.scenario, hours=(10, 40)), draws=20_000)
    assert futures.saving_quantiles_usd([0.05, 0.95]) == pytest.approx(ends, rel=0.002)


def test_a_log_normal_has_its_textbook_interval(offers_of: Offers) -> None:
    case = compare(asked(), offers_of({})).case
    hours = simulate_case(case, fixed(case.scenario, hours=(10, 40)), draws=20_000).inputs.busy_hours_per_week
    # Logarithmic mean ln 20 and standard deviation ln 2 / 1.6449: 95 % lie within 1.96 of them.
    interval = 20 * 2 ** (np.array([-1.959964, 1.959964]) / 1.644854)
    assert quantiles(hours, [0.025, 0.975]) == pytest.approx(interval, rel=0.002)


def test_the_break_even_hours_of_two_uniform_prices_are_their_ratio() -> None:
    # A purchase up to 2,000 USD and a rental up to 2 USD an hour: 1,000 times the ratio of two uniforms.
    purchase, rental = even_draws(2**16, 2, seed=3).T * [[2000], [2]]
    hours = break_even_hours(purchase, rental)
    for ratio, chance in [(0.2, 0.1), (1.0, 0.5), (2.0, 0.75), (5.0, 0.9)]:
        assert (hours <= 1000 * ratio).mean() == pytest.approx(chance, abs=5e-4)


@pytest.mark.parametrize("warranty_months", [0, 12])
def test_a_part_that_fails_costs_on_average_what_the_comparison_counts(
    warranty_months: int, offers_of: Offers
) -> None:
    scenario = asked(workstation={"yearly_failure_fraction": 0.3, "warranty_months": warranty_months})
    case = compare(scenario, offers_of({})).case
    futures = simulate_case(case, fixed(case.scenario, failures=(0.3, 0.3)), draws=50_000)
    # After a warranty of a year, no failure in the second one in exp(-0.3) of all cases.
    none = np.exp(-0.3 * (24 - warranty_months) / 12)
    assert (futures.inputs.failures == 0).mean() == pytest.approx(none, abs=1e-3)
    assert futures.saving_usd.mean() == pytest.approx(saving_usd(case), abs=1)
    assert futures.saving_usd.std() > 100


@pytest.mark.parametrize("lease_months", [6, 12, 18])
def test_a_leased_build_fails_at_the_lessors_expense_until_its_buyout(
    lease_months: int, offers_of: Offers
) -> None:
    lease = {"lease_usd_per_month": 150, "lease_months": lease_months, "lease_buyout_usd": 500}
    case = compare(asked(workstation=lease | {"yearly_failure_fraction": 0.3}), offers_of({})).case
    futures = simulate_case(case, fixed(case.scenario, failures=(0.3, 0.3)), draws=50_000)
    # The month of the buyout is the owner's.
    none = np.exp(-0.3 * (25 - lease_months) / 12)
    assert (futures.inputs.failures == 0).mean() == pytest.approx(none, abs=2e-3)
    assert futures.saving_usd.mean() == pytest.approx(saving_usd(case), abs=1)


def test_the_drawn_loss_of_value_is_that_of_the_card_alone(bundled: pd.DataFrame) -> None:
    scenario = Scenario().with_settings({"workstation.scrap_fraction": "0.2"})
    for loss in (0.05, 0.3, 0.5):
        case, there = (
            compare(*asked_of).case
            for asked_of in ((scenario, bundled), with_input(scenario, bundled, LOSS, loss))
        )
        one = simulate_case(case, fixed(case.scenario, loss=(loss, loss)), draws=1)
        assert one.saving_usd == pytest.approx([saving_usd(there)], abs=CENT)


def test_failures_follow_poisson() -> None:
    count = poisson((np.arange(100_000) + 0.5) / 100_000, np.full(100_000, 1.5))
    assert count.mean() == pytest.approx(1.5, abs=1e-3)
    assert count.var() == pytest.approx(1.5, abs=1e-2)
    assert poisson(np.array([0.0, 0.3, 0.999]), np.zeros(3)).tolist() == [0, 0, 0]


def test_many_failures_follow_poisson_too() -> None:
    count = poisson((np.arange(100_000) + 0.5) / 100_000, np.full(100_000, 800.0))
    assert count.mean() == pytest.approx(800, abs=0.05)
    assert count.var() == pytest.approx(800, rel=1e-3)
    assert poisson(np.array([0.5]), np.array([800.0])).tolist() == [800]


def test_a_project_that_ends_in_its_first_month_sells_the_build_then(offers_of: Offers) -> None:
    case = compare(asked(), offers_of({})).case
    futures = simulate_case(case, fixed(case.scenario, end=(1 - 1e-9, 1 - 1e-9)), draws=50)
    is_first = futures.inputs.last_month == 1
    assert is_first.mean() > 0.3
    # A month of 91.25 hours at 1 USD, against the power, and a card that lost a twelfth of a year's value.
    by_hand = 91.25 - 91.25 * 0.20 - 2000 * (1 - 0.8 ** (1 / 12))
    assert futures.saving_usd[is_first] == pytest.approx(np.full(is_first.sum(), by_hand), abs=0.05)


def test_one_project_in_four_ends_in_a_year(offers_of: Offers) -> None:
    case = compare(asked(), offers_of({})).case
    last = simulate_case(case, fixed(case.scenario, end=(0.25, 0.25)), draws=20_000).inputs.last_month
    assert (last <= 12).mean() == pytest.approx(0.25, abs=1e-3)
    assert (last < 24).mean() == pytest.approx(1 - 0.75 ** (23 / 12), abs=1e-3)
    assert (last >= 1).all()
    assert last.max() == 24


def test_a_commitment_is_owed_to_its_end_though_the_project_ends(
    offers_of: Offers, reserved: dict[str, object]
) -> None:
    case = compare(asked(rental={"terms": ["reserved_1y"], "start_up_hours": 0}), offers_of(reserved)).case
    futures = simulate_case(case, fixed(case.scenario, end=(0.9, 0.9)), draws=500)
    rented = {
        month: (
            futures.saving_usd[futures.inputs.last_month == month]
            + 2000 * (1 - 0.8 ** (month / 12))
            + 18.25 * month
        )
        for month in (3, 11)
    }
    # 730 hours at 1 USD for all twelve months, whether three or eleven are used.
    for of_month in rented.values():
        assert len(of_month)
        assert of_month == pytest.approx(np.full(len(of_month), 12 * 730.0), abs=CENT)


def test_use_that_grows_is_billed_month_by_month(offers_of: Offers) -> None:
    case = compare(asked(), offers_of({})).case
    futures = simulate_case(case, fixed(case.scenario, growth=(0.3, 0.3)), draws=2)
    hours = 91.25 * (1.3 ** (np.arange(1, 25) / 12)).sum()
    assert futures.saving_usd == pytest.approx(np.full(2, hours * 0.8 - 2000 * (1 - 0.8**2)), rel=1e-4)


def test_a_card_that_loses_less_and_dearer_power_move_the_bill_by_hand(offers_of: Offers) -> None:
    case = compare(asked(), offers_of({})).case
    base = saving_usd(case)
    kept = simulate_case(case, fixed(case.scenario, loss=(0.1, 0.1)), draws=1)
    assert kept.saving_usd[0] - base == pytest.approx(2000 * (0.9**2 - 0.8**2))
    later = compare(asked(workstation={"sale_delay_months": 2}), offers_of({})).case
    kept = simulate_case(later, fixed(later.scenario, loss=(0.1, 0.1)), draws=1)
    assert kept.saving_usd[0] - saving_usd(later) == pytest.approx(
        2000 * (0.9 ** (26 / 12) - 0.8 ** (26 / 12))
    )
    dear = simulate_case(case, fixed(case.scenario, electricity=(0.3, 0.3)), draws=1)
    assert dear.saving_usd[0] - base == pytest.approx(-0.1 * 91.25 * 24)


def test_work_that_outgrows_the_builds_week_is_rented_from_then_on(offers_of: Offers) -> None:
    case = compare(asked(), offers_of({})).case
    futures = simulate_case(case, fixed(case.scenario, hours=(150, 150), growth=(0.2, 0.2)), draws=1)
    hours = 150 * 1.2 ** (np.arange(1, 25) / 12)
    at_home = np.minimum(hours, 168)
    assert (hours < 168).sum() == 7
    # An hour costs 1 USD where it is rented and 0.20 USD of power at home.
    by_hand = (at_home * (1 - 0.2)).sum() * WEEKS - 2000 * (1 - 0.8**2)
    assert futures.saving_usd[0] == pytest.approx(by_hand, abs=0.1)


def test_work_beyond_the_builds_week_is_rented(offers_of: Offers) -> None:
    case = compare(asked(), offers_of({})).case
    futures = simulate_case(case, fixed(case.scenario, hours=(336, 336)), draws=1)
    # Twice a week's hours: half of them at home and half rented, so building saves half of the rent.
    rent = 336 * WEEKS * 24
    by_hand = rent / 2 - 730 * 0.2 * 24 - 2000 * (1 - 0.8**2)
    assert futures.saving_usd[0] == pytest.approx(by_hand, abs=0.1)


def test_no_offer_that_is_left_out_could_be_the_cheapest(bundled: pd.DataFrame) -> None:
    scenario = Scenario().with_settings({"rental.terms": "on_demand,prepaid,spot,reserved_1y"})
    case = compare(scenario, bundled).case
    rows = np.flatnonzero(case.offers.considered[case.rows])
    kept = undominated(case.rented.terms, rows)
    assert 1 < len(kept) < len(rows) / 2
    for hours in (0.0, 3.0, 20.0, 60.0, 140.0):
        usd = case.rented.present_value_usd(hours)
        assert usd[kept].min() == pytest.approx(usd[rows].min())


def test_a_dearer_hour_with_cheaper_disks_stays_in_the_choice(offers_of: Offers) -> None:
    offers = offers_of(
        {"instance_type": "dear disks", "usd_per_hour": 0.5, "storage_usd_per_gb_month": 1.0},
        {"instance_type": "dear hours", "usd_per_hour": 0.9, "storage_usd_per_gb_month": 0.1},
        {"instance_type": "dear both", "usd_per_hour": 0.9, "storage_usd_per_gb_month": 1.0},
    )
    case = compare(asked(workload={"storage_gb": 100}), offers).case
    kept = undominated(case.rented.terms, np.arange(len(case.rows)))
    names = [case.offers.text["instance_type"][case.rows[row]] for row in kept]
    assert names == ["dear disks", "dear hours"]
    for hours, cheapest in [(2.0, "dear hours"), (100.0, "dear disks")]:
        (offer,) = simulate_case(case, fixed(case.scenario, hours=(hours, hours)), draws=1).compared_with
        assert case.offers.text["instance_type"][offer] == cheapest


def test_the_rental_of_each_future_is_its_cheapest(bundled: pd.DataFrame) -> None:
    case = compare(Scenario(), bundled).case
    futures = simulate_case(case, {HOURS: (2.0, 80.0)}, draws=64)
    rented = RentedDraws(case.rented, np.flatnonzero(case.offers.considered[case.rows]))
    hours = busy_hours_by_month(futures.inputs, case.owned.months)
    usd = np.array(
        [
            case.owned.discount @ rented.flows_usd(futures.inputs, hours, np.full(64, i))
            for i in range(len(rented.rows))
        ]
    )
    place = {int(case.rows[row]): i for i, row in enumerate(rented.rows)}
    found = np.array([usd[place[int(offer)], i] for i, offer in enumerate(futures.compared_with)])
    assert len(set(futures.compared_with.tolist())) > 1
    # Found at the mean of the hours, so a pack or a second may be in between.
    assert (found <= usd.min(axis=0) * 1.02).all()
    assert (found <= usd.min(axis=0) * 1.0001).mean() > 0.8


def test_a_named_provider_is_compared_with_alone(bundled: pd.DataFrame) -> None:
    against = simulate(Scenario().with_settings({"rental.against": "aws"}), bundled, draws=200)
    names = {against.case.offers.text["provider"][offer] for offer in against.compared_with}
    assert names == {"aws"}
    cheapest = simulate(Scenario(), bundled, draws=200)
    assert (cheapest.saving_usd <= against.saving_usd + 1).all()
    assert against.chance_build_wins > cheapest.chance_build_wins


def test_the_same_seed_gives_the_same_futures_and_another_one_others(bundled: pd.DataFrame) -> None:
    scenario = Scenario().with_settings({"rental.against": "aws"})
    case = compare(scenario, bundled).case
    one, same = simulate_case(case, seed=7), simulate(scenario, bundled, seed=7)
    other = simulate_case(case, seed=8)
    assert (one.saving_usd == same.saving_usd).all()
    assert (one.saving_usd != other.saving_usd).any()
    assert one.chance_build_wins == pytest.approx(other.chance_build_wins, abs=0.01)


def test_the_chance_is_surer_than_with_plain_random_draws(
    bundled: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Against AWS at 8 hours a week the chance is near a half, where plain draws scatter most.
    scenario = Scenario().with_settings({"rental.against": "aws", HOURS: "8"})
    case = compare(scenario, bundled).case

    def chances() -> list[float]:
        return [simulate_case(case, draws=1000, seed=seed).chance_build_wins for seed in range(20)]

    def random_draws(draws: int, inputs: int, seed: int) -> FloatArray:
        return np.random.default_rng(seed).random((draws, inputs))

    even = chances()
    monkeypatch.setattr(uncertain_inputs, "even_draws", random_draws)
    random = chances()
    middle = float(np.mean(even))
    assert 0.4 < middle < 0.6
    assert np.mean(random) == pytest.approx(middle, abs=0.01)
    of_random = np.sqrt(middle * (1 - middle) / 1000)
    assert np.std(random, ddof=1) == pytest.approx(of_random, rel=0.4)
    assert np.std(even, ddof=1) < 0.6 * of_random


def test_what_moves_together_does() -> None:
    normal = correlated(20_000, seed=1)
    places = [*NAMES, "end", "failure"]
    measured = np.corrcoef(normal)
    expected = np.eye(len(places))
    for one, other, correlation in [
        (RENT_DRIFT, LOSS, -0.5),
        (GROWTH, "end", 0.3),
        (RENT_DRIFT, ELECTRICITY, 0.2),
    ]:
        i, j = places.index(one), places.index(other)
        expected[i, j] = expected[j, i] = correlation
    assert measured == pytest.approx(expected, abs=0.02)
    assert normal.std(axis=1) == pytest.approx(np.ones(len(places)), abs=0.01)


def test_the_ranges_stand_around_what_the_scenario_says(offers_of: Offers) -> None:
    scenario = asked(rental={"yearly_price_drift_fraction": 0.1, "start_up_hours": 0})
    ranges = spreads(compare(scenario, offers_of({})).case, {GROWTH: (0.0, 0.5)})
    assert (ranges[HOURS].low, ranges[HOURS].high) == (10.5, 42)
    assert (ranges[LOSS].low, ranges[LOSS].high) == pytest.approx((0.1, 0.3))
    assert (ranges[RENT_DRIFT].low, ranges[RENT_DRIFT].high) == pytest.approx((-0.12, 0.155))
    assert (ranges[GROWTH].low, ranges[GROWTH].high) == (0, 0.5)


def test_the_ranges_are_those_of_the_figures(offers_of: Offers) -> None:
    case = compare(asked(), offers_of({})).case
    assumed = case.figures.assumptions
    wider = {
        "busy_hours_factor": replace(assumed["busy_hours_factor"], low=0.25, high=4.0),
        "yearly_usage_factor": replace(assumed["yearly_usage_factor"], low=0.5, high=1.5),
        "yearly_end_fraction": replace(assumed["yearly_end_fraction"], low=0.0, high=0.3),
        "yearly_rental_price_factor": replace(assumed["yearly_rental_price_factor"], low=0.6, high=1.2),
        "electricity_price_factor": replace(assumed["electricity_price_factor"], low=0.9, high=2.0),
    }
    ranges = spreads(replace(case, figures=replace(case.figures, assumptions={**assumed, **wider})))
    price = case.scenario.electricity.usd_per_kwh
    assert price is not None
    expected = {
        HOURS: (21 / 4, 84),
        GROWTH: (-0.5, 0.5),
        END: (0, 0.3),
        RENT_DRIFT: (-0.4, 0.2),
        ELECTRICITY: (0.9 * price, 2 * price),
    }
    for name, ends in expected.items():
        assert (ranges[name].low, ranges[name].high) == pytest.approx(ends), name


def test_the_sentence_says_the_chance_a_bad_case_and_a_good_one(offers_of: Offers) -> None:
    case = compare(asked(), offers_of({})).case
    futures = simulate_case(case, fixed(case.scenario, hours=(3, 40)), draws=10_000)
    bad, good = futures.saving_quantiles_usd([0.05, 0.95])
    assert bad < 0 < good
    assert futures.sentence == (
        f"Building is cheaper in {futures.chance_build_wins:.0%} of cases; "
        f"bad case −${-round(bad, -1):,.0f}, good case +${round(good, -1):,.0f}."
    )


def test_the_sentence_speaks_the_readers_currency(offers_of: Offers) -> None:
    case = compare(asked(money=PLAIN["money"] | {"currency": "EUR"}), offers_of({})).case
    futures = simulate_case(case, fixed(case.scenario, hours=(3, 40)), draws=1000)
    usd_per_euro = 1.0 / exchange("EUR", case.figures).units_per_usd
    bad, good = futures.saving_quantiles_usd([0.05, 0.95]) / usd_per_euro
    assert futures.sentence.endswith(
        f" of cases; bad case −€{-round(bad, -1):,.0f}, good case +€{round(good, -1):,.0f}."
    )


def test_the_sentence_names_the_provider_that_is_compared_with(offers_of: Offers) -> None:
    case = compare(asked(rental={"against": "aws"}), offers_of({})).case
    said = simulate_case(case, draws=100).sentence
    assert re.match(r"Building is cheaper than AWS in \d+% of cases; bad case ", said)


@pytest.mark.parametrize(
    ("chance", "said"),
    [
        (0.0, "0%"),
        (1e-6, "less than 1%"),
        (0.004, "less than 1%"),
        (0.01, "1%"),
        (0.5, "50%"),
        (0.99, "99%"),
        (0.996, "more than 99%"),
        (1.0, "100%"),
    ],
)
def test_a_chance_is_called_certain_only_where_it_is(chance: float, said: str) -> None:
    assert share_of_cases(chance) == said


@pytest.mark.parametrize(
    ("chance", "said"),
    [(0.0, "0%"), (0.004, "less than 1%"), (0.714, "71%"), (0.996, "more than 99%"), (1.0, "100%")],
)
def test_the_sentence_calls_certain_only_what_is(chance: float, said: str, offers_of: Offers) -> None:
    case = compare(asked(), offers_of({})).case
    futures = simulate_case(case, fixed(case.scenario), draws=1000)
    wins = np.arange(1000) < 1000 * chance
    known = replace(futures, saving_usd=np.where(wins, 4.0, -4.0))
    # What rounds to nothing has no sign.
    assert known.sentence == f"Building is cheaper in {said} of cases; bad case $0, good case $0."


def test_bills_that_never_meet_are_counted_apart(offers_of: Offers) -> None:
    case = compare(asked(), offers_of({})).case
    futures = simulate_case(case, fixed(case.scenario, hours=(10, 80)), draws=10_000)
    # 2,000 USD come back in 24 months at 2,000 / (0.8 * 24) hours a month.
    never = NORMAL.cdf((np.log(2000 / (0.8 * 24) / WEEKS) - np.log(800) / 2) / (np.log(8) / 2 / 1.644854))
    assert 0.1 < never < 0.9
    assert futures.never_fraction == pytest.approx(never, abs=1e-3)
    first, last = futures.break_even_quantiles_months([(1 - never) / 2, 1 - never / 2])
    assert 0 < first < 24
    assert last == np.inf


def test_by_each_month_the_bills_have_met_in_the_share_of_the_hours_that_do_it(offers_of: Offers) -> None:
    case = compare(asked(), offers_of({})).case
    futures = simulate_case(case, fixed(case.scenario, hours=(10, 80)), draws=10_000)
    met = futures.met_by_month
    assert met["month"].tolist() == list(range(25))
    share = met["met_fraction"].to_numpy()
    assert share[0] == 0
    assert (np.diff(share) >= 0).all()
    assert share[-1] == pytest.approx(1 - futures.never_fraction)
    # 2,000 USD come back by month m where at least 2,000 / (0.8 m) hours a month are saved.
    for month in (9, 12, 18, 24):
        least = 2000 / (0.8 * month) / WEEKS
        expected = 1 - NORMAL.cdf((np.log(least) - np.log(800) / 2) / (np.log(8) / 2 / 1.644854))
        assert 0.05 < expected < 0.95
        assert share[month] == pytest.approx(expected, abs=1e-3)


def test_bills_that_meet_on_the_last_day_of_a_month_have_met_by_it(offers_of: Offers) -> None:
    futures = simulate_case(compare(asked(), offers_of({})).case, draws=4)
    met = replace(futures, break_even_months=np.array([3.5, np.inf, 3.0, 24.0])).met_by_month
    share = met.set_index("month")["met_fraction"]
    assert share[[0, 2, 3, 4, 23, 24]].tolist() == [0, 0, 0.25, 0.5, 0.5, 0.75]


def test_bills_that_never_meet_have_met_by_no_month(bundled: pd.DataFrame) -> None:
    futures = simulate(Scenario(), bundled, {HOURS: (1, 5)}, draws=200)
    assert futures.never_fraction == 1
    assert (futures.met_by_month["met_fraction"] == 0).all()


def test_the_band_lies_around_the_curves_of_the_comparison(offers_of: Offers) -> None:
    answer = compare(asked(), offers_of({}))
    band = simulate_case(answer.case, fixed(answer.scenario), draws=5).cost_band
    for role in ("build", "against"):
        of_role = band[band["role"] == role]
        curve = answer.cost_by_month[answer.cost_by_month["role"] == role]["usd"].to_numpy()
        assert len(of_role) == 25
        for name in ("low_usd", "middle_usd", "high_usd"):
            assert of_role[name].to_numpy() == pytest.approx(curve, abs=CENT)
    futures = simulate_case(answer.case, draws=500)
    wide = futures.cost_band
    # The same where the bills are worked out again because there are too many to keep.
    pd.testing.assert_frame_equal(replace(futures, kept_futures=()).cost_band, wide)
    assert (wide["low_usd"] <= wide["middle_usd"]).all()
    assert (wide["middle_usd"] <= wide["high_usd"]).all()


@pytest.fixture
def asks(offers_of: Offers) -> Callable[..., Simulation]:
    def ask(scenario: Scenario | None = None, **given: Any) -> Simulation:
        return simulate(scenario or asked(), offers_of({}), **given)

    return ask


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"ranges": {"hours": (1, 2)}}, "ranges knows workload.busy_hours_per_week, .*, not 'hours'"),
        ({"ranges": {HOURS: (3, 2)}}, "ranges of workload.busy_hours_per_week must be a low and a high"),
        ({"ranges": {HOURS: (0, 2)}}, "must lie above 0, or both at 0, not 0 to 2"),
        ({"ranges": {LOSS: (0.1, 1.0)}}, "must lie from -1 to below 1, not 0.1 to 1"),
        ({"ranges": {END: (-0.1, 0.2)}}, "must lie from 0 to below 1, not -0.1 to 0.2"),
        ({"ranges": {GROWTH: (-1.0, 0.2)}}, "must lie above -1, not -1 to 0.2"),
        ({"ranges": {RENT_DRIFT: (-1.0, -1.0)}}, "must lie above -1, not -1 to -1"),
        ({"ranges": {GROWTH: (0.0, np.nan)}}, "must be a low and a high number, not 0 to nan"),
        ({"draws": 0}, "draws must be a whole number"),
        ({"seed": -1}, "seed must be a whole number from 0, not -1"),
        ({"scenario": asked(workload={"vram_gb": 40})}, "does not fit the build"),
        ({"scenario": asked(workload={"gpus": 3})}, "does not fit the build"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    given: dict[str, object], said: str, asks: Callable[..., Simulation]
) -> None:
    with pytest.raises(ValueError, match=said):
        asks(**given)


def test_nothing_to_compare_with_is_said(offers_of: Offers) -> None:
    scenario = asked(workload={"longest_run_hours": 1, "needs_own_environment": True})
    with pytest.raises(ValueError, match="no offer is considered"):
        simulate(scenario, offers_of({"access": "notebook"}))


def test_a_comparison_can_be_simulated_without_asking_again(bundled: pd.DataFrame) -> None:
    answer: Comparison = compare(Scenario(), bundled)
    again = simulate_case(answer.case, draws=500)
    assert (again.saving_usd == simulate(Scenario(), bundled, draws=500).saving_usd).all()
