"""The bundled figures as the model sees them: each with its range, date, kind and source."""

from __future__ import annotations

from datetime import date

import pytest

from models.figures import Figure, load_figures


def test_every_single_figure_lies_in_its_range_and_has_a_day_and_a_source() -> None:
    figures = load_figures()
    tables = (
        figures.assumptions,
        figures.workstation_power,
        figures.carbon,
        figures.vat,
        figures.interest,
        figures.tax_rules,
        figures.runner_plans,
        figures.currencies,
    )
    for table in tables:
        assert table
        for figure in table.values():
            assert isinstance(figure, Figure)
            assert figure.low <= figure.value <= figure.high
            assert date.fromisoformat(figure.as_of)
            assert figure.kind
            assert figure.source


def test_a_state_has_the_carbon_of_its_own_grid_or_of_its_country() -> None:
    figures = load_figures()
    of_washington, of_the_us = figures.carbon_of("US-WA"), figures.carbon_of("US")
    assert of_washington is not None
    assert of_the_us is not None
    assert of_washington.value < of_the_us.value
    assert figures.carbon_of("US-CA-PGE") == of_the_us
    assert figures.carbon_of("CA-ON") == figures.carbon_of("CA")


def test_a_grid_of_which_nothing_is_known_is_not_guessed() -> None:
    assert load_figures().carbon_of("XK") is None
    assert load_figures().carbon_of("nowhere") is None


def test_the_carbon_intensity_is_the_one_that_the_source_states() -> None:
    grams = {country: figure.value for country, figure in load_figures().carbon.items()}
    assert grams["US"] == pytest.approx(384, abs=0.5)
    assert grams["DE"] == pytest.approx(344, abs=0.5)
    assert grams["FR"] == pytest.approx(44, abs=0.5)
    assert grams["PL"] == pytest.approx(615, abs=0.5)


def test_the_training_curve_of_the_rtx_4090_rises_to_its_stock_limit() -> None:
    curve = load_figures().power_limits["RTX 4090", "training"]
    assert curve == ((250, 0.80), (300, 0.90), (350, 0.95), (400, 0.98), (450, 1.0))


def test_the_gold_label_on_european_mains_rises_to_half_load_and_falls() -> None:
    assert load_figures().psu_efficiency["gold", 230] == ((0.2, 0.90), (0.5, 0.92), (1.0, 0.89))


def test_a_runner_knows_whether_included_minutes_apply() -> None:
    runners = load_figures().runners
    linux, gpu = runners["linux"], runners["linux_4_core_gpu"]
    assert (linux.usd_per_minute, linux.included_minutes_apply, linux.free_in_public) == (0.006, True, True)
    assert (gpu.usd_per_minute, gpu.included_minutes_apply, gpu.free_in_public) == (0.052, False, False)
    assert gpu.gpu == "T4"
    assert gpu.system == "linux"


def test_plans_and_taxes_and_interest_are_looked_up_by_name() -> None:
    figures = load_figures()
    assert figures.runner_plans["team"].value == 3000
    assert figures.vat["DE"].value == 0.19
    assert figures.interest["US", "personal_loan_24_months"].value == 0.114
    assert figures.tax_rules["us_section_179_limit_usd"].value == 2_500_000
    assert figures.tax_rules["uk_writing_down_fraction"].value == 0.14


def test_used_prices_of_a_card_come_in_the_order_of_its_age() -> None:
    points = load_figures().resale_points
    assert {"RTX 4090", "RTX 3090", "RTX 2080 Ti"} <= set(points)
    for gpu, prices in points.items():
        ages = [point.age_months for point in prices]
        assert ages == sorted(ages), gpu
        assert len({point.launch_price_usd for point in prices}) == 1, gpu
    newest = points["RTX 4090"][-1]
    assert (newest.price_usd, newest.launch_price_usd, newest.as_of) == (2805, 1599, "2026-09-30")


def test_the_figures_are_read_once() -> None:
    assert load_figures() is load_figures()
