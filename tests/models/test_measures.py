"""Payback, rate of return, yearly and levelised cost, energy and carbon, worked by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pytest

from models import Comparison, Scenario, compare

Offers = Callable[..., pd.DataFrame]

WEEKS = 730 / 168
# 1,200 USD that lose all their value and run on nothing, against 91.25 USD a month.
BASE: dict[str, dict[str, object]] = {
    "workload": {
        "busy_hours_per_week": 21,
        "attended_idle_hours_per_week": 0,
        "storage_gb": 0,
        "download_gb_per_month": 0,
        "longest_run_hours": 1,
    },
    "workstation": {
        "parts": [{"name": "all", "price_usd": 1200, "yearly_loss_fraction": 1.0}],
        "load_w": 0,
        "idle_w": 0,
        "asleep_w": 0,
        "left_on_hours_per_week": 0,
    },
    "electricity": {"usd_per_kwh": 0.20},
    "rental": {"start_up_hours": 0},
    "money": {"horizon_months": 24, "yearly_discount_fraction": 0.06},
}
ANNUITY = sum(1.06 ** (-month / 12) for month in range(1, 25))


@pytest.fixture
def answer(offers_of: Offers) -> Callable[..., Comparison]:
    """Compare the changed base question with one plain offer at 1 USD an hour."""

    def of(offer: Mapping[str, object] | None = None, **sections: Mapping[str, object]) -> Comparison:
        asked = {name: {**BASE[name], **sections.get(name, {})} for name in BASE}
        return compare(Scenario.model_validate(asked), offers_of(dict(offer or {})))

    return of


def values(comparison: Comparison) -> dict[str, float]:
    frame = comparison.measures
    assert list(frame.columns) == ["measure", "unit", "value"]
    return {str(name): float(value) for name, value in zip(frame["measure"], frame["value"], strict=True)}


def test_the_measures_of_a_machine_that_is_used_up(answer: Callable[..., Comparison]) -> None:
    told = values(answer())
    assert told["simple payback"] == pytest.approx(1200 / 91.25)
    assert told["net present value of building"] == pytest.approx(91.25 * ANNUITY - 1200)
    assert told["discounted payback"] > told["simple payback"]
    # The yearly rate at which 24 payments are worth 1,200.
    monthly = 1 / (1 + told["internal rate of return"]) ** (1 / 12)
    assert sum(91.25 * monthly**month for month in range(1, 25)) == pytest.approx(1200)
    # Two payments a year apart that are worth as much.
    for who, worth in (("build", 1200.0), ("rental", 91.25 * ANNUITY)):
        yearly = told[f"equivalent annual cost, {who}"]
        assert yearly / 1.06 + yearly / 1.06**2 == pytest.approx(worth)
    assert told["levelised cost, build"] == pytest.approx(1200 / (91.25 * ANNUITY))
    assert told["levelised cost, rental"] == pytest.approx(1.0)


def test_the_discounted_payback_is_the_break_even_month(answer: Callable[..., Comparison]) -> None:
    comparison = answer()
    assert values(comparison)["discounted payback"] == comparison.break_even["months"]


def test_what_is_never_paid_back_is_never(answer: Callable[..., Comparison]) -> None:
    told = values(answer({"usd_per_hour": 0.1}))
    assert told["simple payback"] == math.inf
    assert told["discounted payback"] == math.inf
    assert told["net present value of building"] < 0
    assert told["internal rate of return"] < 0


def test_a_rate_of_return_that_does_not_exist_is_unknown(answer: Callable[..., Comparison]) -> None:
    """Nothing is paid for the build and everything for the rental: there is no rate."""
    owned = [{"name": "all", "price_usd": 1200, "already_own": True}]
    told = values(answer(workstation={"parts": owned}))
    assert math.isnan(told["internal rate of return"])
    assert told["simple payback"] == 0


def test_a_rate_of_return_beyond_all_numbers_is_no_error(answer: Callable[..., Comparison]) -> None:
    nearly_free = [{"name": "all", "price_usd": 1e-12, "yearly_loss_fraction": 1.0}]
    told = values(answer({"usd_per_hour": 1e9}, workstation={"parts": nearly_free}))
    assert not math.isfinite(told["internal rate of return"]) or told["internal rate of return"] > 1e6


def test_without_busy_hours_no_cost_is_levelised(answer: Callable[..., Comparison]) -> None:
    told = values(answer(workload={"busy_hours_per_week": 0}))
    assert math.isnan(told["levelised cost, build"])
    assert told["simple payback"] == math.inf


def test_without_a_build_or_a_rental_there_are_no_measures(answer: Callable[..., Comparison]) -> None:
    assert answer(workload={"vram_gb": 48}).measures.empty
    assert answer({"vram_gb": 4.0}).measures.empty
    assert list(answer({"vram_gb": 4.0}).measures.columns) == ["measure", "unit", "value"]


# --- energy and carbon --------------------------------------------------------------------------------------

WATTS = {"load_w": 650, "idle_w": 100, "asleep_w": 10}


def test_the_energy_of_both_sides(answer: Callable[..., Comparison]) -> None:
    """The rented RTX 4090 draws 450 W, and 200 W beside it as in the build; its center 15 % on top."""
    comparison = answer(
        workload={"attended_idle_hours_per_week": 4},
        workstation=WATTS,
        electricity={"grams_co2_per_kwh": 400},
        rental={"grams_co2_per_kwh": 50},
    )
    own, rented = comparison.emissions.to_dict("records")
    own_kwh = 24 * WEEKS * (21 * 0.65 + 4 * 0.1 + 143 * 0.01)
    rented_kwh = 24 * WEEKS * (21 * 0.65 + 4 * 0.1) * 1.15
    assert own["energy_kwh"] == pytest.approx(own_kwh)
    assert rented["energy_kwh"] == pytest.approx(rented_kwh)
    assert (own["co2_kg"], rented["co2_kg"]) == pytest.approx((own_kwh * 0.4, rented_kwh * 0.05))


def test_cooling_the_build_takes_energy_too(answer: Callable[..., Comparison]) -> None:
    plain, cooled = (
        answer(workstation=WATTS, electricity=fields).emissions["energy_kwh"]
        for fields in ({}, {"cooling_cop": 4, "cooling_share_of_year_fraction": 0.5})
    )
    assert cooled.iloc[0] == pytest.approx(plain.iloc[0] * 1.125)
    assert cooled.iloc[1] == plain.iloc[1]


def test_every_gpu_of_a_rental_is_powered_whether_used_or_not(answer: Callable[..., Comparison]) -> None:
    one, eight = (
        answer({"gpu_count": count}, workstation=WATTS).emissions["energy_kwh"].iloc[1]
        for count in (1.0, 8.0)
    )
    assert eight == pytest.approx(8 * one)


def test_a_grid_that_is_not_known_is_not_guessed(answer: Callable[..., Comparison]) -> None:
    known = answer(workstation=WATTS).emissions
    assert known["grams_co2_per_kwh"].gt(0).all()
    figures = answer(workstation=WATTS).case.figures
    without = sorted(country for country in figures.tariffs if figures.carbon_of(country) is None)
    if without:
        unknown = answer(workstation=WATTS, electricity={"country": without[0], "usd_per_kwh": 0.2})
        assert np.isnan(unknown.emissions["co2_kg"]).all()
        assert unknown.emissions["energy_kwh"].gt(0).all()
