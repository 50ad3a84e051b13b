"""Where the answer flips: by hand, put back into the model, and against a dense search."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models import Comparison, Scenario, compare
from models.flips import FlipPoint, flip_points, flips_by_input, flips_table
from models.numeric_inputs import INPUTS, PRICE_FACTOR, searched_range
from models.trials import Trials, with_input

Offers = Callable[..., pd.DataFrame]

CENT = 0.005
YEAR_WEEKS = 12 * 730 / 168
# The bill of these is a staircase: sessions are billed in whole seconds, packs and months come whole.
IN_STEPS = {
    "workload.busy_hours_per_week",
    "workload.attended_idle_hours_per_week",
    "workload.sessions_per_week",
    "workload.ci_minutes_per_month.linux",
    "workload.ci_minutes_per_month.windows",
    "rental.start_up_hours",
    "rental.data_loading_hours",
    "money.horizon_months",
}
STEP = {"money.horizon_months": 1.0}


def saving_of(comparison: Comparison) -> float:
    """What building saves against whom it is compared with, from the table alone."""
    table, against = comparison.table, comparison.scenario.rental.against
    rentals = table.iloc[1:]
    rentals = rentals[rentals["considered"].astype(bool)]
    if against != "cheapest":
        rentals = rentals[rentals["provider"] == against]
    return float(rentals["present_value_usd"].min() - table["present_value_usd"].iloc[0])


def one_card(busy_hours: float, **money: Any) -> Scenario:
    """A card for 2,400 USD that is worth nothing after its year of 500 W, rented for as long as it works."""
    return Scenario.model_validate(
        {
            "workload": {
                "busy_hours_per_week": busy_hours,
                "attended_idle_hours_per_week": 0,
                "sessions_per_week": 0,
                "storage_gb": 0,
                "download_gb_per_month": 0,
            },
            "workstation": {
                "parts": [
                    {"name": "gpu", "price_usd": 2400, "new_to_used_fraction": 0, "yearly_loss_fraction": 1}
                ],
                "load_w": 500,
                "idle_w": 0,
                "asleep_w": 0,
                "off_w": 0,
                "left_on_hours_per_week": 0,
                "sale_fee_fraction": 0,
            },
            "electricity": {"usd_per_kwh": 0.2},
            "rental": {"start_up_hours": 0},
            "money": {"horizon_months": 12, "yearly_discount_fraction": 0} | money,
        }
    )


def flips_of(flips: pd.DataFrame, name: str) -> list[tuple[float, str]]:
    rows = flips[flips["input"] == name]
    return list(zip(rows["flips_at"], rows["direction"], strict=True))


def assert_flips(flips: pd.DataFrame, name: str, *expected: tuple[float, str]) -> None:
    found = flips_of(flips, name)
    assert [direction for _, direction in found] == [direction for _, direction in expected]
    assert [at for at, _ in found] == pytest.approx([at for at, _ in expected], rel=1e-9)


# --- by hand ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "flips_at", "direction"),
    [
        # 60 hours a week are 3,128.57 a year: 3,128.57 USD of rent, 312.86 USD of electricity.
        ("workload.busy_hours_per_week", 2400 / (0.9 * YEAR_WEEKS), "above"),
        ("workstation.parts.price_usd", 0.9 * 60 * YEAR_WEEKS, "below"),
        ("electricity.usd_per_kwh", (60 * YEAR_WEEKS - 2400) / (0.5 * 60 * YEAR_WEEKS), "below"),
        ("workstation.load_w", (60 * YEAR_WEEKS - 2400) / (0.2 * 60 * YEAR_WEEKS) * 1000, "below"),
        ("rental.price_factor", (2400 + 6 * YEAR_WEEKS) / (60 * YEAR_WEEKS), "above"),
        ("workstation.upkeep_usd_per_month", (54 * YEAR_WEEKS - 2400) / 12, "below"),
        ("money.horizon_months", math.ceil(2400 / (54 * YEAR_WEEKS / 12)), "above"),
    ],
)
def test_one_card_against_a_dollar_an_hour(
    offers_of: Offers, name: str, flips_at: float, direction: str
) -> None:
    flips = flip_points(one_card(60), offers_of({}))
    assert list(flips.columns) == list(FlipPoint._fields)
    assert_flips(flips, name, (flips_at, direction))


def test_a_card_that_keeps_its_value_pays_for_few_hours(offers_of: Offers) -> None:
    # 20 hours a week save 938.57 USD of rent; the card may lose as much of its 2,400 in the year.
    flips = flip_points(one_card(20), offers_of({}))
    loss = 0.9 * 20 * YEAR_WEEKS / 2400
    assert_flips(flips, "workstation.parts.gpu_yearly_loss_fraction", (loss, "below"))


def test_renting_by_the_hour_wins_with_few_hours_and_by_the_year_with_many(
    offers_of: Offers, reserved: dict[str, object]
) -> None:
    scenario = one_card(60).with_settings({"rental.terms": "on_demand,reserved_1y"})
    offers = offers_of({}, reserved | {"instance_type": "year", "usd_per_hour": 0.35})
    flips = flip_points(scenario, offers)
    first, last = 2400 / (0.9 * YEAR_WEEKS), (0.35 * 730 * 12 - 2400) / (0.1 * YEAR_WEEKS)
    assert_flips(flips, "workload.busy_hours_per_week", (first, "above"), (last, "below"))


def test_two_flips_inside_one_cell_of_the_search_are_found(
    offers_of: Offers, reserved: dict[str, object]
) -> None:
    # The build wins between 51.1 and 54.0 hours a week alone.
    scenario = one_card(60).with_settings({"rental.terms": "on_demand,reserved_1y"})
    price = (2400 + 0.1 * 54 * YEAR_WEEKS) / (730 * 12)
    offers = offers_of({}, reserved | {"instance_type": "year", "usd_per_hour": price})
    flips = flip_points(scenario, offers)
    first = 2400 / (0.9 * YEAR_WEEKS)
    assert_flips(flips, "workload.busy_hours_per_week", (first, "above"), (54, "below"))


def test_a_pack_flips_where_the_build_stays_no_dearer(offers_of: Offers, pack: dict[str, object]) -> None:
    # Of each flip up and down that whole packs make, the last one counts, as for the break-even hours.
    scenario = one_card(20).with_settings({"money.horizon_months": "36"})
    offers = offers_of(pack | {"gpu": "RTX 4090"})
    ((hours, direction),) = flips_of(flip_points(scenario, offers), "workload.busy_hours_per_week")
    meets = compare(scenario, offers).break_even
    assert direction == meets["direction"] == "above"
    assert hours == pytest.approx(float(str(meets["hours_per_week"])), abs=2e-4)


def test_an_input_that_never_flips_the_answer_says_none(offers_of: Offers) -> None:
    flips = flip_points(one_card(2), offers_of({}))
    ((at, direction),) = flips_of(flips, "electricity.usd_per_kwh")
    assert math.isnan(at)
    assert direction == "none"


def test_input_by_input_they_are_the_same_flips(bundled: pd.DataFrame) -> None:
    scenario = Scenario().with_settings({"rental.against": "gcp"})
    by_input = list(flips_by_input(scenario, bundled))
    moving = [flips for flips in by_input if flips]
    assert len(by_input) > len(moving) > 30
    names = [{flip.input for flip in flips} for flips in moving]
    assert all(len(name) == 1 for name in names)
    assert len(set.union(*names)) == len(names)
    together = flips_table(flip for flips in by_input for flip in flips)
    pd.testing.assert_frame_equal(together, flip_points(scenario, bundled))


def test_no_flips_are_a_table_with_the_same_columns(bundled: pd.DataFrame) -> None:
    empty, some = flips_table([]), flip_points(Scenario(), bundled)
    assert empty.empty
    assert empty.dtypes.to_dict() == some.dtypes.to_dict()


def test_an_input_that_moves_nothing_is_left_out(offers_of: Offers) -> None:
    names = set(flip_points(one_card(60), offers_of({}))["input"])
    assert "electricity.usd_per_kwh" in names
    assert not names & {"money.loan_yearly_rate_fraction", "rental.checkpoint_interval_hours"}


def test_without_a_bill_on_both_sides_nothing_flips(offers_of: Offers) -> None:
    too_large = Scenario().with_settings({"workload.vram_gb": "40"})
    assert flip_points(too_large, offers_of({"vram_gb": 80.0})).empty
    assert flip_points(Scenario(), offers_of({"region": "eu-west-1"})).empty


# --- put back into the model --------------------------------------------------------------------------------


@pytest.mark.parametrize("against", ["cheapest", "aws", "gcp", "runpod"])
def test_put_back_the_saving_is_nothing_to_the_cent(bundled: pd.DataFrame, against: str) -> None:
    scenario = Scenario().with_settings({"rental.against": against})
    flips = flip_points(scenario, bundled).query("direction != 'none'")
    assert len(flips) >= 4
    for name, value, at, direction, unit in flips.itertuples(index=False):
        assert unit
        assert value != at
        saving_usd = saving_of(compare(*with_input(scenario, bundled, name, at)))
        if name in IN_STEPS:
            assert saving_usd >= -CENT, name
            step = STEP.get(name, 1e-5 * at)
            beyond = at - step if direction == "above" else at + step
            assert saving_of(compare(*with_input(scenario, bundled, name, beyond))) < CENT, name
        else:
            assert saving_usd == pytest.approx(0, abs=CENT), name


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"rental.against": "gcp"},
        {"rental.terms": "on_demand,prepaid,spot,reserved_1y", "workload.busy_hours_per_week": "60"},
        {
            "money.loan_fraction": "0.5",
            "money.value_per_hour_usd": "20",
            "rental.upkeep_hours_per_month": "1",
        },
    ],
)
def test_between_flips_one_side_wins(bundled: pd.DataFrame, settings: dict[str, str]) -> None:
    scenario = Scenario().with_settings(settings)
    flips, trials = flip_points(scenario, bundled), Trials(scenario, bundled)
    moving = [field for field in INPUTS if field.name in set(flips["input"])]
    assert len(moving) > 30
    for field in moving:
        low, high = searched_range(field, trials.scenario, trials.figures)
        found = [flip for flip in flips_of(flips, field.name) if not math.isnan(flip[0])]
        for at in np.linspace(low, high, 14).tolist():
            value = round(at) if field.whole else at
            saving_usd = trials.saving_usd({field.name: value})
            if not found or math.isnan(saving_usd) or min(abs(flip - value) for flip, _ in found) < 1e-6:
                continue
            nearest, direction = min(found, key=lambda flip: abs(flip[0] - value))
            wins = (value > nearest) == (direction == "above")
            assert wins == (saving_usd >= 0), (field.name, value, saving_usd, found)


# --- trials -------------------------------------------------------------------------------------------------

RICH = {
    "workload.attended_idle_hours_per_week": "10",
    "workload.upload_gb_per_month": "5",
    "workload.ci_minutes_per_month.linux": "5000",
    "workload.ci_minutes_per_month.windows": "900",
    "workstation.off_hours_per_week": "20",
    "workstation.scrap_fraction": "0.1",
    "workstation.new_generation_month": "10",
    "workstation.new_generation_loss_fraction": "0.2",
    "workstation.warranty_usd": "100",
    "workstation.warranty_months": "12",
    "workstation.yearly_failure_fraction": "0.05",
    "workstation.building_hours": "8",
    "electricity.yearly_price_drift_fraction": "0.03",
    "electricity.solar_fraction": "0.2",
    "electricity.feed_in_usd_per_kwh": "0.05",
    "electricity.cooling_share_of_year_fraction": "0.3",
    "electricity.heating_share_of_year_fraction": "0.3",
    "electricity.heating_usd_per_kwh": "0.1",
    "rental.terms": "on_demand,prepaid,spot,reserved_1y",
    "rental.object_storage_gb": "50",
    "rental.snapshot_gb": "20",
    "rental.set_up_hours": "2",
    "rental.upkeep_hours_per_month": "0.5",
    "rental.own_offers": '[{"gpu": "RTX 4090", "usd_per_hour": 1.5}]',
    "rental.free_credits": '[{"provider": "aws", "usd": 300}]',
    "money.value_per_hour_usd": "15",
    "money.loan_fraction": "0.5",
    "money.vat_fraction": "0.07",
    "money.marginal_tax_rate_fraction": "0.3",
    "money.tax_schedule": "macrs_half_year",
}
LEASED = {
    "workstation.lease_usd_per_month": "150",
    "workstation.lease_months": "24",
    "workstation.lease_buyout_usd": "300",
    "workstation.when_full": "rent_the_rest",
    "workload.hours_measured_on": "A100 40GB SXM",
    "workload.busy_hours_per_week": "130",
    "rental.against": "gcp",
    "rental.terms": "on_demand,spot,reserved_1y",
    "electricity.tiers": '[{"upper_kwh": 300, "usd_per_kwh": 0.1}, {"usd_per_kwh": 0.3}]',
    "electricity.household_kwh_per_month": "200",
}


@pytest.mark.parametrize("settings", [{}, RICH, LEASED], ids=["default", "rich", "leased"])
def test_a_trial_saves_what_the_comparison_saves(one_of_each: pd.DataFrame, settings: dict[str, str]) -> None:
    scenario = Scenario().with_settings(settings)
    trials = Trials(scenario, one_of_each)
    fields = [field for field in INPUTS if trials.value_of(field.name) is not None]
    assert len(fields) > 50
    unknown = 0
    for field in fields:
        low, high = searched_range(field, trials.scenario, trials.figures)
        at = low + 0.3 * (high - low)
        at = float(round(at)) if field.whole else at
        expected = saving_of(compare(*with_input(scenario, one_of_each, field.name, at)))
        saving_usd = trials.saving_usd({field.name: at})
        assert saving_usd == pytest.approx(expected, abs=1e-6, nan_ok=True), (field.name, at)
        unknown += math.isnan(saving_usd)
    assert unknown < 4


def test_two_changes_at_once_are_those_one_after_the_other(bundled: pd.DataFrame) -> None:
    trials = Trials(Scenario(), bundled)
    first, second = ("workload.busy_hours_per_week", 44.0), ("money.vat_fraction", 0.1)
    scenario, offers = with_input(*with_input(Scenario(), bundled, *first), *second)
    expected = saving_of(compare(scenario, offers))
    assert trials.saving_usd(dict([first, second])) == pytest.approx(expected, abs=1e-6)
    # What was worked out for one question is not taken for another.
    assert trials.saving_usd({}) == pytest.approx(saving_of(compare(Scenario(), bundled)), abs=1e-6)


def test_one_input_is_set_and_nothing_else(bundled: pd.DataFrame) -> None:
    dearer, offers = with_input(Scenario(), bundled, PRICE_FACTOR, 2.0)
    assert dearer == Scenario()
    assert offers["usd_per_hour"].tolist() == (2 * bundled["usd_per_hour"]).tolist()
    cheaper, _ = with_input(Scenario(), bundled, "workstation.parts.price_usd", 1000.0)
    assert cheaper.workstation.parts is not None
    assert sum(part.price_usd for part in cheaper.workstation.parts) == pytest.approx(1000)
    assert cheaper.workload == Scenario().workload


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("workload.busy_hours", 3.0, "there is no field 'workload.busy_hours'"),
        ("workload.busy_hours_per_week", 200.0, "busy_hours_per_week: input should be less than or equal"),
        (PRICE_FACTOR, 0.0, "rental.price_factor: must be above 0, not 0"),
        ("workstation.parts.color", 1.0, "workstation.parts.color: there is no such number"),
    ],
)
def test_a_value_that_cannot_be_is_refused(bundled: pd.DataFrame, name: str, value: float, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        with_input(Scenario(), bundled, name, value)


def test_every_searched_range_holds_todays_value(bundled: pd.DataFrame) -> None:
    assert len(INPUTS) > 50
    trials = Trials(Scenario().with_settings({"workstation.load_w": "3000"}), bundled)
    for field in INPUTS:
        low, high = searched_range(field, trials.scenario, trials.figures)
        value = trials.value_of(field.name)
        assert low < high, field.name
        assert value is None or low <= value <= high, field.name
