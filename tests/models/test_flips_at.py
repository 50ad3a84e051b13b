"""The one number of hours at which the answer flips: where the build beats the last rental."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from models import PERSONAS, Comparison, Scenario, compare, in_country
from models.bills import BreakEvens
from models.flips import flips_by_input
from tests.models.plain import PLAIN, ask

Offers = Callable[..., pd.DataFrame]

INF, NAN = float("inf"), float("nan")
HOURS = "workload.busy_hours_per_week"
WEEKS = 24 * 730 / 168
DEAR_HOURS: dict[str, object] = {
    "instance_type": "hours",
    "usd_per_hour": 1.0,
    "storage_usd_per_gb_month": 0.0,
}
DEAR_AT, LAST_AT = 720 / (0.8 * WEEKS), (720 - 360) / (0.3 * WEEKS)

SCENARIOS: dict[str, Callable[[], Scenario]] = {
    "experimenter": Scenario,
    "against AWS": lambda: Scenario().with_settings({"rental.against": "aws"}),
    "against GCP": lambda: Scenario().with_settings({"rental.against": "gcp"}),
    "against Azure": lambda: Scenario().with_settings({"rental.against": "azure"}),
    "CUDA programmer": lambda: PERSONAS["cuda"],
    "CUDA programmer against AWS": lambda: PERSONAS["cuda"].with_settings({"rental.against": "aws"}),
    "maintainer": lambda: PERSONAS["maintainer"],
    "in Germany": lambda: in_country(Scenario(), "DE"),
    "in Germany against AWS": lambda: in_country(Scenario(), "DE").with_settings({"rental.against": "aws"}),
    "in France": lambda: in_country(Scenario(), "FR"),
    "spot and by the year": lambda: Scenario().with_settings(
        {"rental.terms": "on_demand,prepaid,spot,reserved_1y"}
    ),
    "switched off for some hours": lambda: Scenario().with_settings({"workstation.off_hours_per_week": "40"}),
    "switched off for most hours": lambda: Scenario().with_settings({"workstation.off_hours_per_week": "85"}),
}


def saving_usd(comparison: Comparison) -> float:
    """What building saves against the cheapest of those that it is compared with, from the table alone."""
    against, build_usd = comparison.scenario.rental.against, comparison.table["present_value_usd"].iloc[0]
    rentals = comparison.table.iloc[1:].query("considered")
    if against != "cheapest":
        rentals = rentals[rentals["provider"] == against]
    return float(rentals["present_value_usd"].min() - build_usd)


def disks_usd(usd_per_gb_month: float) -> dict[str, object]:
    return {"storage_usd_per_gb_month": usd_per_gb_month}


def asked_at(scenario: Scenario, offers: pd.DataFrame, hours: float) -> Comparison:
    return compare(scenario.with_settings({HOURS: repr(hours)}), offers)


def assert_flips_at(comparison: Comparison, hours: float, direction: str) -> None:
    assert comparison.flips_at[0] == pytest.approx(hours)
    assert comparison.flips_at[1] == direction


def flips_of_hours(scenario: Scenario, offers: pd.DataFrame) -> list[tuple[float, str]]:
    """The flips of the busy hours that the search over all inputs finds."""
    for flips in flips_by_input(scenario, offers):
        if flips and flips[0].input == HOURS:
            return [(flip.flips_at, flip.direction) for flip in flips]
    return []


def asked(busy_hours: float, **sections: dict[str, object]) -> Scenario:
    """The round question with so many hours: the build costs 720 USD in two years, and 0.20 USD an hour."""
    return ask(
        PLAIN,
        **sections,
        workload={"busy_hours_per_week": busy_hours, "sessions_per_week": 0, "storage_gb": 100},
    )


@pytest.fixture
def two_ways(offers_of: Offers) -> pd.DataFrame:
    """Few hours are cheapest on the one, level with the build at 8.6; more on the other, level at 11.5.

    The disks of the other one cost 360 USD in two years.
    """
    return offers_of(DEAR_HOURS, {"instance_type": "disks", "usd_per_hour": 0.5} | disks_usd(0.15))


# --- several break-evens, one answer ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        ([(30.0, "above")], (30, "above")),
        ([(30.0, "above"), (50.0, "above")], (50, "above")),
        ([(50.0, "above"), (0.0, "above")], (50, "above")),
        ([(0.0, "above"), (0.0, "above")], (0, "above")),
        ([(30.0, "above"), (INF, "above")], (INF, "above")),
        ([(60.0, "below"), (40.0, "below")], (40, "below")),
        ([(0.0, "above"), (40.0, "below")], (40, "below")),
        # From 50 hours on it beats the first, up to 40 the second: never both.
        ([(50.0, "above"), (40.0, "below")], (INF, "above")),
        ([(INF, "above"), (40.0, "below")], (INF, "above")),
        # Both from 30 to 40 hours, which is no single number.
        ([(30.0, "above"), (40.0, "below")], (NAN, "")),
        ([], (NAN, "")),
        # At next to no hours is at none that anybody works.
        ([(0.0001, "below")], (INF, "above")),
    ],
)
def test_who_beats_all_beats_the_last_one(each: list[tuple[float, str]], expected: tuple[float, str]) -> None:
    # Between those that count stands an offer that does not.
    hours = np.array([value for at, _ in each for value in (at, 99.0)])
    direction = [word for _, side in each for word in (side, "above")]
    none = np.full(len(hours), NAN)
    found = BreakEvens(none, none, hours, direction, none).hours_against_all(np.arange(0, len(hours), 2))
    assert found[0] == pytest.approx(expected[0], nan_ok=True, abs=0)
    assert found[1] == expected[1]


def test_of_two_ways_to_rent_the_last_one_beaten_decides(two_ways: pd.DataFrame) -> None:
    few, many = compare(asked(3), two_ways), compare(asked(10), two_ways)
    assert few.break_even["against"] == "aws hours us-east-1 on_demand"
    assert few.break_even["hours_per_week"] == pytest.approx(DEAR_AT)
    assert_flips_at(few, LAST_AT, "above")
    # Who works more has left the dear hours, and is told the same number.
    assert many.break_even["against"] == "aws disks us-east-1 on_demand"
    assert many.break_even["hours_per_week"] == many.flips_at[0] == few.flips_at[0]


def test_winning_between_two_numbers_of_hours_alone_is_no_one_flip(
    offers_of: Offers, reserved: dict[str, object]
) -> None:
    offers = offers_of(DEAR_HOURS, reserved | {"usd_per_hour": 0.08} | disks_usd(0.0))
    scenario = asked(21, rental={"terms": ["on_demand", "reserved_1y"]})
    answer = compare(scenario, offers)
    hours, direction = answer.flips_at
    assert math.isnan(hours)
    assert direction == ""
    assert answer.verdict[1].startswith(
        "The build beats every rental from 8.6 to 32.7 busy hours a week (RTX 4090); today's cheapest, AWS ("
    )
    (first, up), (last, down) = flips_of_hours(scenario, offers)
    assert (up, down) == ("above", "below")
    assert first == pytest.approx(DEAR_AT)
    assert last == pytest.approx((0.08 * 730 * 24 - 720) / (0.2 * WEEKS))


def test_without_a_bill_on_both_sides_there_is_no_number(bundled: pd.DataFrame, offers_of: Offers) -> None:
    for scenario, offers in [
        (Scenario().with_settings({"workload.vram_gb": "40"}), bundled),
        (Scenario(), offers_of({"region": "eu-west-1"})),
    ]:
        hours, direction = compare(scenario, offers).flips_at
        assert math.isnan(hours)
        assert direction == ""


# --- the same number as the search over all inputs, and a real flip -----------------------------------------


@pytest.mark.parametrize("name", SCENARIOS)
def test_it_is_the_flip_of_the_hours_that_the_search_finds(name: str, bundled: pd.DataFrame) -> None:
    scenario = SCENARIOS[name]()
    answer = compare(scenario, bundled)
    hours, direction = answer.flips_at
    ((at, side),) = flips_of_hours(scenario, bundled)
    if 0 < hours < INF:
        assert at == pytest.approx(hours, abs=1e-6)
        assert side == direction
    else:
        assert side == "none"
        assert (saving_usd(answer) >= 0) == (hours == 0)


@pytest.mark.parametrize("name", SCENARIOS)
def test_on_its_two_sides_another_one_wins(name: str, bundled: pd.DataFrame) -> None:
    scenario = SCENARIOS[name]()
    hours, direction = compare(scenario, bundled).flips_at
    if 0 < hours < INF:
        assert direction == "above"
        assert saving_usd(asked_at(scenario, bundled, hours - 0.01)) < 0
        assert saving_usd(asked_at(scenario, bundled, hours + 0.01)) > 0
    else:
        for anywhere in (1.0, 6.0, 12.0):
            assert (saving_usd(asked_at(scenario, bundled, anywhere)) > 0) == (hours == 0)


def test_at_the_flip_the_last_rental_is_compared_with_and_not_todays(bundled: pd.DataFrame) -> None:
    today = compare(Scenario(), bundled)
    hours, _ = today.flips_at
    there = asked_at(Scenario(), bundled, hours)
    assert there.break_even["against"] != today.break_even["against"]
    assert float(str(today.break_even["hours_per_week"])) < hours
    assert there.break_even["hours_per_week"] == there.flips_at[0] == pytest.approx(hours, abs=1e-9)
    # One second more in every session, at which the bill jumps, costs a few cents in three years.
    assert 0 <= there.judgement.saving_usd < 0.10


def test_the_number_does_not_hang_on_the_hours_of_today(bundled: pd.DataFrame) -> None:
    expected = compare(Scenario(), bundled).flips_at[0]
    for hours in (0.0, 5.0, 64.0, 68.0, 69.0, 120.0):
        assert_flips_at(asked_at(Scenario(), bundled, hours), expected, "above")


# --- what is said of it -------------------------------------------------------------------------------------


def test_the_sentence_names_the_last_one_and_from_when_todays_is_beaten(two_ways: pd.DataFrame) -> None:
    assert compare(asked(3), two_ways).verdict[1] == (
        "The answer flips at 11.5 busy hours a week (RTX 4090): above that the build beats every rental; "
        "today's cheapest, AWS (hours with RTX 4090, us-east-1, on demand), above 8.6 already."
    )


def test_where_todays_is_the_last_one_the_sentence_needs_no_other(two_ways: pd.DataFrame) -> None:
    for hours in (10, 60):
        assert compare(asked(hours), two_ways).verdict[1] == (
            "The answer flips at 11.5 busy hours a week (RTX 4090): the build wins above that, "
            "else AWS (disks with RTX 4090, us-east-1, on demand)."
        )


def test_a_rental_that_is_never_beaten_is_told_beside_todays_that_is(offers_of: Offers) -> None:
    # 480 USD of disks and 10 cents an hour, which is less than the power of the build.
    offers = offers_of(DEAR_HOURS, {"instance_type": "disks", "usd_per_hour": 0.1} | disks_usd(0.2))
    answer = compare(asked(3), offers)
    assert_flips_at(answer, INF, "above")
    week = answer.scenario
    room = 168 - week.workload.attended_idle_hours_per_week - week.workstation.left_on_hours_per_week
    assert answer.verdict[1] == (
        f"However many hours a week the GPU works, up to the {room:g} that the week has room for, "
        "some rental stays cheaper than the build; "
        "it beats today's cheapest, AWS (hours with RTX 4090, us-east-1, on demand), above 8.6 already."
    )


def test_a_rental_that_is_never_cheaper_is_beaten_at_any_hours(
    offers_of: Offers, reserved: dict[str, object]
) -> None:
    # The year is 0.30 USD around the clock, 5,256 in two years; at 60 hours an hourly rate is 6,257.
    offers = offers_of(DEAR_HOURS, reserved | {"instance_type": "year", "usd_per_hour": 0.3} | disks_usd(0.0))
    answer = compare(asked(60, rental={"terms": ["on_demand", "reserved_1y"]}), offers)
    assert answer.break_even["hours_per_week"] == 0
    assert_flips_at(answer, DEAR_AT, "above")
    assert answer.verdict[1] == (
        "The answer flips at 8.6 busy hours a week (RTX 4090): above that the build beats every rental; "
        "today's cheapest, AWS (year with RTX 4090, us-east-1, reserved for 1 year), at any hours."
    )


def test_parts_that_are_there_win_below_the_first_rental_that_is_cheaper(
    offers_of: Offers, reserved: dict[str, object]
) -> None:
    # A year's rental is 175.20 USD in two years and no more; the hourly one 48 USD of disks and 10 cents.
    offers = offers_of(
        reserved | {"instance_type": "year", "usd_per_hour": 0.01} | disks_usd(0.0),
        {"instance_type": "hours", "usd_per_hour": 0.1} | disks_usd(0.02),
    )
    owned = {"name": "all of it", "price_usd": 2000, "already_own": True}
    scenario = asked(100, workstation={"parts": [owned]}, rental={"terms": ["on_demand", "reserved_1y"]})
    answer = compare(scenario, offers)
    assert_flips_at(answer, 48 / (0.1 * WEEKS), "below")
    assert answer.break_even["hours_per_week"] == pytest.approx(175.2 / (0.2 * WEEKS))
    assert answer.verdict[1] == (
        "The answer flips at 4.6 busy hours a week (RTX 4090): below that the build beats every rental; "
        "today's cheapest, AWS (year with RTX 4090, us-east-1, reserved for 1 year), below 8.4."
    )


def test_a_build_that_always_wins_is_cheaper_than_all(offers_of: Offers) -> None:
    dear = {"usd_per_hour": 0.3} | disks_usd(0.5)
    answer = compare(asked(3), offers_of(dear, dear | {"provider": "gcp", "region": "us-central1"}))
    assert_flips_at(answer, 0, "above")
    assert answer.verdict[1] == (
        "However few hours a week the GPU works, the build stays cheaper than "
        "AWS (plain with RTX 4090, us-east-1, on demand)."
    )


def test_against_one_provider_the_others_do_not_count(two_ways: pd.DataFrame, offers_of: Offers) -> None:
    cheap = {"provider": "gcp", "region": "us-central1", "usd_per_hour": 0.1} | disks_usd(0.0)
    offers = pd.concat([two_ways, offers_of(cheap)], ignore_index=True)
    assert_flips_at(compare(asked(3), offers), INF, "above")
    against_aws = compare(asked(3, rental={"against": "aws"}), offers)
    assert_flips_at(against_aws, LAST_AT, "above")
    assert against_aws.verdict[1] == (
        "The answer flips at 11.5 busy hours a week (RTX 4090): above that the build beats every rental "
        "from AWS; its cheapest today, AWS (hours with RTX 4090, us-east-1, on demand), above 8.6 already."
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_sentence_says_the_number_of_the_flip_and_no_other_first(
    name: str, bundled: pd.DataFrame
) -> None:
    answer = compare(SCENARIOS[name](), bundled)
    hours, direction = answer.flips_at
    begins = {0: "However few hours a week", INF: "However many hours a week"}
    assert answer.verdict[1].startswith(
        begins.get(hours, f"The answer flips at {hours:.1f} busy hours a week")
    )
    assert math.isinf(hours) or hours == 0 or f" {direction} " in answer.verdict[1]


# --- the JSON -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("usd_per_hour", "usd_per_gb_month", "said"),
    [(1.0, 0.0, pytest.approx(DEAR_AT)), (0.1, 0.0, "never"), (0.3, 0.5, 0.0)],
)
def test_in_json_it_stands_with_its_side(
    offers_of: Offers, usd_per_hour: float, usd_per_gb_month: float, said: object
) -> None:
    offers = offers_of({"usd_per_hour": usd_per_hour} | disks_usd(usd_per_gb_month))
    document = json.loads(compare(asked(3), offers).to_json())
    assert document["flips_at"] == {"hours_per_week": said, "direction": "above"}


def test_in_json_it_is_not_the_number_of_todays_rental(two_ways: pd.DataFrame) -> None:
    document = json.loads(compare(asked(3), two_ways).to_json())
    assert document["flips_at"]["hours_per_week"] == pytest.approx(LAST_AT)
    assert document["break_even"]["hours_per_week"] == pytest.approx(DEAR_AT)


def test_in_json_no_number_is_null(bundled: pd.DataFrame) -> None:
    document = json.loads(compare(Scenario().with_settings({"workload.vram_gb": "40"}), bundled).to_json())
    assert document["flips_at"] == {"hours_per_week": None, "direction": ""}
