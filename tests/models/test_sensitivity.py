"""What the saving hangs on: bars that equal two runs of the model each, maps, and their break-even line."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from models import Scenario, compare, load_figures
from models.contour import zero_lines
from models.numeric_inputs import NUMERIC_NAMES
from models.plausible_ranges import PLAUSIBLE
from models.sensitivity import TORNADO_COLUMNS, break_even_line, tornado, two_way
from models.trials import Trials, with_input
from models.uncertain_inputs import HOURS, LOSS, RENT_DRIFT, spreads

Offers = Callable[..., pd.DataFrame]


def saving_of(scenario: Scenario, offers: pd.DataFrame) -> float:
    """What building saves against whom it is compared with, from the table alone."""
    table, against = compare(scenario, offers).table, scenario.rental.against
    rentals = table.iloc[1:]
    rentals = rentals[rentals["considered"].astype(bool)]
    if against != "cheapest":
        rentals = rentals[rentals["provider"] == against]
    return float(rentals["present_value_usd"].min() - table["present_value_usd"].iloc[0])


# --- tornado ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("against", ["cheapest", "aws"])
def test_each_bar_is_two_runs_of_the_model(bundled: pd.DataFrame, against: str) -> None:
    scenario = Scenario().with_settings({"rental.against": against})
    bars = tornado(scenario, bundled)
    assert list(bars.columns) == list(TORNADO_COLUMNS)
    assert len(bars) > 15
    for name, low, high, at_low, at_high in bars.itertuples(index=False):
        for value, saving_usd in ((low, at_low), (high, at_high)):
            changed = with_input(scenario, bundled, name, value)
            assert saving_usd == pytest.approx(saving_of(*changed), abs=1e-6), (name, value)


def test_the_longest_bar_comes_first(bundled: pd.DataFrame) -> None:
    bars = tornado(Scenario(), bundled)
    swing = (bars["saving_usd_at_high"] - bars["saving_usd_at_low"]).abs()
    assert len(bars) > 15
    assert swing.is_monotonic_decreasing
    assert swing.min() > 0


def test_the_ranges_are_those_of_the_figures(bundled: pd.DataFrame) -> None:
    figures = load_figures()
    bars = tornado(Scenario(), bundled).set_index("input")
    loss, load = figures.assumptions["gpu_yearly_loss_fraction"], figures.workstation_power["load"]
    expected = {
        "workstation.parts.gpu_yearly_loss_fraction": (loss.low, loss.high),
        "workstation.load_w": (load.low, load.high),
        # The cheapest and the dearest state.
        "electricity.usd_per_kwh": (
            figures.tariff("US-ND").usd_per_kwh,
            figures.tariff("US-HI").usd_per_kwh,
        ),
        "workload.busy_hours_per_week": (10.0, 40.0),
        "rental.yearly_price_drift_fraction": (-0.2, 0.05),
        "money.horizon_months": (24.0, 48.0),
    }
    for name, (low, high) in expected.items():
        assert (bars.loc[name, "low"], bars.loc[name, "high"]) == (low, high), name


def test_what_the_simulation_draws_swings_over_the_same_range(bundled: pd.DataFrame) -> None:
    asked = Scenario().with_settings({"workload.busy_hours_per_week": "9", RENT_DRIFT: "0.1"})
    scenario, _ = with_input(asked, bundled, LOSS, 0.36)
    drawn = spreads(compare(scenario, bundled).case)
    bars = tornado(scenario, bundled).set_index("input")
    for name in (HOURS, RENT_DRIFT, LOSS):
        assert tuple(bars.loc[name, ["low", "high"]]) == (drawn[name].low, drawn[name].high), name
    # 0.64 of its value is left instead of 0.8, so of the ends 0.9 and 0.7 four fifths.
    assert tuple(bars.loc[LOSS, ["low", "high"]]) == pytest.approx((0.28, 0.44))
    assert tuple(bars.loc[HOURS, ["low", "high"]]) == (4.5, 18)


def test_every_input_has_a_plausible_range() -> None:
    assert set(PLAUSIBLE) == NUMERIC_NAMES


def test_tax_goes_up_to_the_countrys_and_a_loan_up_to_the_whole_price(bundled: pd.DataFrame) -> None:
    german = Scenario().with_settings({"electricity.country": "DE"})
    bars = tornado(german, bundled).set_index("input")
    assert tuple(bars.loc["money.vat_fraction", ["low", "high"]]) == (0, 0.19)
    assert tuple(bars.loc["money.loan_fraction", ["low", "high"]]) == (0, 1)
    # The United States have no value-added tax.
    assert "money.vat_fraction" not in set(tornado(Scenario(), bundled)["input"])


def test_abroad_electricity_goes_over_the_continent(bundled: pd.DataFrame) -> None:
    figures = load_figures()
    german = Scenario().with_settings({"electricity.country": "DE"})
    bars = tornado(german, bundled).set_index("input")
    prices = [
        tariff.usd_per_kwh
        for country, tariff in figures.tariffs.items()
        if tariff.continent == "europe" and "-" not in country
    ]
    assert (bars.loc["electricity.usd_per_kwh", "low"], bars.loc["electricity.usd_per_kwh", "high"]) == (
        min(prices),
        max(prices),
    )


def test_a_range_of_ones_own_replaces_all_others(bundled: pd.DataFrame) -> None:
    ranges = {"electricity.usd_per_kwh": (0.1, 0.5), "workload.vram_gb": (10.0, 22.0)}
    bars = tornado(Scenario(), bundled, ranges).set_index("input")
    assert set(bars.index) == set(ranges)
    for name, ends in ranges.items():
        for value, column in zip(ends, ("saving_usd_at_low", "saving_usd_at_high"), strict=True):
            expected = saving_of(*with_input(Scenario(), bundled, name, value))
            assert bars.loc[name, column] == pytest.approx(expected, abs=1e-6), name


def test_a_bar_whose_end_has_no_bill_comes_last(bundled: pd.DataFrame) -> None:
    # With more than 24 GB there is no build.
    bars = tornado(Scenario(), bundled, {"workload.vram_gb": (20, 40), "electricity.usd_per_kwh": (0.1, 0.5)})
    assert bars["input"].tolist() == ["electricity.usd_per_kwh", "workload.vram_gb"]
    assert math.isnan(bars["saving_usd_at_high"].iloc[1])


def test_without_a_bill_on_both_sides_nothing_swings_it(offers_of: Offers) -> None:
    too_large = Scenario().with_settings({"workload.vram_gb": "40"})
    none = tornado(too_large, offers_of({"vram_gb": 80.0}))
    assert none.empty
    assert list(none.columns) == list(TORNADO_COLUMNS)
    assert tornado(Scenario(), offers_of({"region": "eu-west-1"})).empty


def test_a_range_that_was_asked_for_keeps_its_row_without_a_bill(offers_of: Offers) -> None:
    too_large = Scenario().with_settings({"workload.vram_gb": "40"})
    bars = tornado(too_large, offers_of({"vram_gb": 80.0}), {"electricity.usd_per_kwh": (0.1, 0.5)})
    assert bars["input"].tolist() == ["electricity.usd_per_kwh"]
    assert bars[["saving_usd_at_low", "saving_usd_at_high"]].isna().all(axis=None)


def test_the_electricity_bar_by_hand(offers_of: Offers) -> None:
    # 15 + 5 idle hours at 90 W, 20 at 650 W, 128 at 4 W: 15.312 kWh a week, 66.53 a month.
    scenario = Scenario().with_settings({"money.yearly_discount_fraction": "0"})
    bars = tornado(scenario, offers_of({}), {"electricity.usd_per_kwh": (0.1, 0.2)})
    kwh = (20 * 0.65 + 20 * 0.09 + 128 * 0.004) * 730 / 168 * 36
    (swing,) = bars["saving_usd_at_high"] - bars["saving_usd_at_low"]
    assert swing == pytest.approx(-0.1 * kwh, rel=1e-12)


@pytest.mark.parametrize(
    ("ranges", "says"),
    [
        ({"electricity.price": (0, 1)}, "there is no field 'electricity.price'"),
        ({"electricity.usd_per_kwh": (1, 0)}, "from 1 to 0, but low must be at most high"),
        ({"electricity.usd_per_kwh": (-1, 0)}, "usd_per_kwh: input should be greater than or equal to 0"),
    ],
)
def test_a_wrong_range_is_refused(
    bundled: pd.DataFrame, ranges: dict[str, tuple[float, float]], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        tornado(Scenario(), bundled, ranges)


# --- maps ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("workload.busy_hours_per_week", "electricity.usd_per_kwh"),
        ("electricity.usd_per_kwh", "workload.busy_hours_per_week"),
        ("money.horizon_months", "rental.price_factor"),
    ],
)
def test_each_point_of_a_map_is_a_run_of_the_model(bundled: pd.DataFrame, first: str, second: str) -> None:
    points = two_way(Scenario(), bundled, first, second, steps=4)
    assert list(points.columns) == ["first", "second", "saving_usd"]
    assert len(points) == 16
    assert points[["first", "second"]].apply(tuple, axis=1).is_monotonic_increasing
    for x, y, saving_usd in points.iloc[::5].itertuples(index=False):
        changed = with_input(*with_input(Scenario(), bundled, first, x), second, y)
        assert saving_usd == pytest.approx(saving_of(*changed), abs=1e-6), (x, y)


def test_hours_that_the_week_has_no_room_for_are_unknown(bundled: pd.DataFrame) -> None:
    first, second = "workload.busy_hours_per_week", "workload.attended_idle_hours_per_week"
    points = two_way(Scenario(), bundled, first, second, steps=5)
    too_many = points["first"] + points["second"] + 15 > 168 + 1e-9
    assert too_many.any()
    assert points["saving_usd"].isna().tolist() == too_many.tolist()


def test_the_break_even_line_is_where_nothing_is_saved(bundled: pd.DataFrame) -> None:
    scenario = Scenario().with_settings({"rental.against": "aws"})
    first, second = "workload.busy_hours_per_week", "electricity.usd_per_kwh"
    line = break_even_line(two_way(scenario, bundled, first, second, ranges={first: (0, 20)}))
    trials = Trials(scenario, bundled)
    assert list(line.columns) == ["line", "first", "second"]
    assert set(line["line"]) == {0}
    assert len(line) >= 21
    for _, x, y in line.itertuples(index=False):
        # The map's points are an hour apart, and an hour a week is some 400 USD: linear to half a dollar.
        assert abs(trials.saving_usd({first: x, second: y})) < 0.5
    assert line["second"].is_monotonic_increasing
    assert line["first"].is_monotonic_increasing


def test_a_map_on_which_one_side_wins_has_no_line(bundled: pd.DataFrame) -> None:
    ranges = {"workload.busy_hours_per_week": (1.0, 5.0)}
    assert break_even_line(two_way(Scenario(), bundled, steps=3, ranges=ranges)).empty


@pytest.mark.parametrize(
    ("first", "second", "steps", "says"),
    [
        ("workload.vram_gb", "electricity.usd_per_kwh", 3, "there is no numeric input 'workload.vram_gb'"),
        ("electricity.usd_per_kwh", "electricity.usd_per_kwh", 3, "is the first input already"),
        ("workload.busy_hours_per_week", "electricity.usd_per_kwh", 1, "steps .* whole number from 2, not 1"),
        ("workload.busy_hours_per_week", "electricity.usd_per_kwh", 2.5, "from 2, not 2.5"),
    ],
)
def test_a_map_that_cannot_be_is_refused(
    bundled: pd.DataFrame, first: str, second: str, steps: float, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        two_way(Scenario(), bundled, first, second, cast(int, steps))


def test_a_range_of_an_input_that_a_map_does_not_show_is_refused(bundled: pd.DataFrame) -> None:
    ranges = {"workload.busy_hours_per_week": (10.0, 20.0), "workload.storage_gb": (0.0, 10.0)}
    with pytest.raises(ValueError, match=r"'workload\.storage_gb' is no axis of this map"):
        two_way(Scenario(), bundled, ranges=ranges)


# --- lines through a grid -----------------------------------------------------------------------------------


def test_a_plane_is_cut_in_a_straight_line() -> None:
    x, y = np.linspace(0, 4, 5), np.linspace(0, 2, 3)
    (line,) = zero_lines(x, y, x[:, np.newaxis] + 2 * y - 3.5)
    assert len(line) > 3
    assert [first + 2 * second for first, second in line] == pytest.approx([3.5] * len(line))


def test_a_hill_is_cut_in_a_ring() -> None:
    x = np.linspace(-2, 2, 41)
    (ring,) = zero_lines(x, x, 1 - x[:, np.newaxis] ** 2 - x**2)
    assert ring[0] == ring[-1]
    assert [math.hypot(*point) for point in ring] == pytest.approx([1] * len(ring), abs=0.005)


@pytest.mark.parametrize("lifted", [0.2, -0.2])
def test_a_saddle_is_cut_in_two_lines(lifted: float) -> None:
    x = np.array([0.0, 1.0])
    lines = zero_lines(x, x, np.array([[1.0, -1.0], [-1.0, 1.0]]) + lifted)
    assert len(lines) == 2
    assert all(len(line) == 2 for line in lines)
    # Lifted, the high corners hang together, and each line cuts off a low one: (0, 1) or (1, 0).
    cut_off = {
        (float(np.mean(line, axis=0)[0] > 0.5), float(np.mean(line, axis=0)[1] > 0.5)) for line in lines
    }
    assert cut_off == ({(0.0, 1.0), (1.0, 0.0)} if lifted > 0 else {(0.0, 0.0), (1.0, 1.0)})


def test_what_is_unknown_has_no_line() -> None:
    x = np.array([0.0, 1.0, 2.0])
    values = np.array([[-1.0, -1.0, -1.0], [1.0, 1.0, np.nan], [1.0, 1.0, 1.0]])
    (line,) = zero_lines(x, x, values)
    assert line == [(0.5, 0.0), (0.5, 1.0)] or line == [(0.5, 1.0), (0.5, 0.0)]
    assert zero_lines(x, x, np.full((3, 3), np.nan)) == []


def test_a_value_that_does_not_go_with_the_others_is_refused_by_name(bundled: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match=r"power_limit_w.*250"):
        tornado(Scenario(), bundled, {"workstation.power_limit_w": (200, 450)})
    with pytest.raises(ValueError, match=r"ranges of money.horizon_months must be a low and a high number"):
        tornado(Scenario(), bundled, {"money.horizon_months": cast(Any, (12, 24, 36))})
