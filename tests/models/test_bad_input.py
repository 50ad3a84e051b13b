"""What makes no sense is refused in one sentence that names the field, the value and what is allowed."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models import Scenario, compare, explain

Asked = Mapping[str, Mapping[str, object]]

PART = {"name": "card", "price_usd": 1000}
OFFER = {"gpu": "A40", "usd_per_hour": 1}
CREDIT = {"provider": "aws", "usd": 100}
EVENING = {"usd_per_kwh": 0.4, "from_hour": 16, "to_hour": 21}


@pytest.fixture(autouse=True)
def _no_warning() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def refusal(asked: Asked, offers: pd.DataFrame) -> str:
    """The sentence with which a question is refused, whoever notices first."""
    with pytest.raises(ValueError, match=r"\w") as caught:
        compare(Scenario.model_validate(asked), offers)
    said = explain(caught.value)
    assert "\n" not in said
    assert said[0].isalpha()
    assert len(said) < 1200, said
    return said


REFUSED: list[tuple[Asked, list[str]]] = [
    # --- hours
    ({"workload": {"busy_hours_per_week": 169}}, ["workload.busy_hours_per_week", "169", "168"]),
    (
        {"workload": {"busy_hours_per_week": 150}},
        [
            "busy_hours_per_week (150)",
            "attended_idle_hours_per_week (5)",
            "left_on_hours_per_week (15)",
            "168",
        ],
    ),
    ({"workstation": {"off_hours_per_week": 129}}, ["workstation.off_hours_per_week (129)", "40", "168"]),
    (
        {"workload": {"sessions_per_week": 1e-6}},
        ["workload.sessions_per_week", "1e-06", "0 or at least 0.001"],
    ),
    ({"workload": {"parallel_efficiency": 0}}, ["workload.parallel_efficiency", "not 0"]),
    ({"workload": {"parallel_efficiency": 1.2}}, ["workload.parallel_efficiency", "1.2", "equal to 1"]),
    ({"workload": {"gpus_measured_on": 0}}, ["workload.gpus_measured_on", "not 0", "1"]),
    # --- CI
    (
        {"workload": {"ci_runners": {"linux": "teapot"}}},
        ["workload.ci_runners.linux", "'teapot'", "linux_4_core_gpu"],
    ),
    (
        {"workload": {"ci_runners": {"macos": "windows"}}},
        ["workload.ci_runners.macos", "'windows'", "macos_xl"],
    ),
    ({"workload": {"ci_plan": "gold"}}, ["workload.ci_plan", "'gold'", "'team'"]),
    (
        {"workload": {"ci_jobs_per_month": {"linux": -1}}},
        ["workload.ci_jobs_per_month.linux", "not -1", "equal to 0"],
    ),
    # --- the build
    ({"workstation": {"count": 0}}, ["workstation.count", "not 0", "1"]),
    ({"workstation": {"count": 65}}, ["workstation.count", "65", "64"]),
    ({"workstation": {"when_full": "pray"}}, ["workstation.when_full", "'pray'", "'rent_the_rest'"]),
    ({"workstation": {"power_limit_w": 50}}, ["workstation.power_limit_w", "50", "100"]),
    ({"workstation": {"power_limit_w": 200}}, ["workstation.power_limit_w", "200 W", "250 to 450"]),
    (
        {"workstation": {"power_limit_w": 300, "build": "rtx5090_ws_2026_usd"}},
        ["workstation.power_limit_w", "RTX 5090", "RTX 4090"],
    ),
    (
        {"workstation": {"power_limit_w": 250, "load_w": 100}},
        ["workstation.power_limit_w", "load_w", "100"],
    ),
    ({"workstation": {"parts": []}}, ["workstation.parts", "empty"]),
    (
        {"workstation": {"parts": [PART | {"resale_method": "own_table"}]}},
        ["workstation.parts", "'card'", "value_by_year_fraction", "empty"],
    ),
    (
        {"workstation": {"parts": [PART | {"resale_method": "own_table", "value_by_year_fraction": []}]}},
        ["workstation.parts", "'card'", "value_by_year_fraction", "empty"],
    ),
    (
        {"workstation": {"parts": [PART | {"value_by_year_fraction": [1, 11]}]}},
        ["workstation.parts.0.value_by_year_fraction.1", "11", "10"],
    ),
    (
        {"workstation": {"parts": [PART | {"resale_method": "hope"}]}},
        ["workstation.parts.0.resale_method", "'hope'", "'market'"],
    ),
    (
        {"workstation": {"parts": [PART | {"life_years": 0}]}},
        ["workstation.parts.0.life_years", "not 0", "1"],
    ),
    ({"workstation": {"lease_months": 0}}, ["workstation.lease_months", "not 0", "1"]),
    ({"workstation": {"new_generation_loss_fraction": 2}}, ["new_generation_loss_fraction", "not 2", "1"]),
    # --- electricity
    ({"electricity": {"country": "XX"}}, ["electricity.country", "'XX'", "DE"]),
    ({"electricity": {"country": ""}}, ["electricity.country", "''", "DE"]),
    (
        {"electricity": {"time_of_use": [EVENING, EVENING | {"from_hour": 20, "to_hour": 23}]}},
        ["electricity.time_of_use", "overlapping", "16 to 21", "20 to 23", "20 h"],
    ),
    (
        {"electricity": {"time_of_use": [EVENING | {"to_hour": 16}]}},
        ["electricity.time_of_use", "to_hour", "16 to 16"],
    ),
    (
        {"electricity": {"time_of_use": [EVENING | {"to_hour": 25}]}},
        ["electricity.time_of_use.0.to_hour", "25", "24"],
    ),
    (
        {"electricity": {"time_of_use": [EVENING | {"months": [13]}]}},
        ["electricity.time_of_use.0.months.0", "13", "12"],
    ),
    (
        {"electricity": {"time_of_use": [EVENING | {"days": "monday"}]}},
        ["electricity.time_of_use.0.days", "'monday'", "'weekdays'"],
    ),
    ({"electricity": {"busy_hour_weights": [1] * 23}}, ["electricity.busy_hour_weights", "24", "not 23"]),
    ({"electricity": {"busy_hour_weights": [0] * 24}}, ["electricity.busy_hour_weights", "all 0"]),
    (
        {"electricity": {"tiers": [{"upper_kwh": 300, "usd_per_kwh": 0.1}]}},
        ["electricity.tiers", "upper_kwh", "left out in the last", "300"],
    ),
    (
        {
            "electricity": {
                "tiers": [
                    {"upper_kwh": 300, "usd_per_kwh": 0.1},
                    {"upper_kwh": 200, "usd_per_kwh": 0.2},
                    {"usd_per_kwh": 0.3},
                ]
            }
        },
        ["electricity.tiers", "rise", "300", "200"],
    ),
    (
        {"electricity": {"tiers": [{"usd_per_kwh": 0.1}], "time_of_use": [EVENING]}},
        ["electricity.tiers", "electricity.time_of_use", "leave one"],
    ),
    (
        {
            "electricity": {
                "cooling_share_of_year_fraction": 0.7,
                "heating_share_of_year_fraction": 0.4,
            }
        },
        ["cooling_share_of_year_fraction (0.7)", "heating_share_of_year_fraction (0.4)", "at most 1"],
    ),
    ({"electricity": {"cooling_cop": 0}}, ["electricity.cooling_cop", "not 0", "0.1"]),
    ({"electricity": {"first_month": 0}}, ["electricity.first_month", "not 0", "1"]),
    (
        {"electricity": {"yearly_price_drift_fraction": -1}},
        ["electricity.yearly_price_drift_fraction", "not -1", "-0.9"],
    ),
    # --- renting
    ({"rental": {"free_credits": [CREDIT | {"provider": "acme"}]}}, ["rental.free_credits", "'acme'", "aws"]),
    ({"rental": {"free_credits": [CREDIT, CREDIT]}}, ["rental.free_credits", "'aws'", "twice"]),
    ({"rental": {"free_credits": [CREDIT | {"months": 0}]}}, ["rental.free_credits.0.months", "not 0", "1"]),
    ({"rental": {"free_credits": [CREDIT | {"usd": 0}]}}, ["rental.free_credits.0.usd", "not 0"]),
    ({"rental": {"own_offers": [OFFER | {"gpu_count": 0}]}}, ["own_offers.0.gpu_count", "not 0", "0.001"]),
    (
        {"rental": {"own_offers": [OFFER | {"billing_increment_s": 0}]}},
        ["own_offers.0.billing_increment_s", "not 0", "0.001"],
    ),
    (
        {"workload": {"relative_throughput": {"Voodoo 2": 1}}},
        ["workload.relative_throughput", "'Voodoo 2'", "RTX 4090"],
    ),
    # --- money
    ({"money": {"horizon_months": 0}}, ["money.horizon_months", "not 0", "1"]),
    ({"money": {"horizon_months": 241}}, ["money.horizon_months", "241", "240"]),
    ({"money": {"loan_fraction": 1.01}}, ["money.loan_fraction", "1.01", "1"]),
    ({"money": {"loan_months": 0}}, ["money.loan_months", "not 0", "1"]),
    ({"money": {"tax_schedule": "panama"}}, ["money.tax_schedule", "'panama'", "'macrs_half_year'"]),
    ({"money": {"tax_quarter": 5}}, ["money.tax_quarter", "not 5", "4"]),
    (
        {
            "workstation": {"parts": [PART | {"price_usd": 3e6}]},
            "money": {"tax_schedule": "section_179", "marginal_tax_rate_fraction": 0.3},
        },
        ["money.tax_schedule", "3e+06", "2500000"],
    ),
]


@pytest.mark.parametrize(("asked", "named"), REFUSED, ids=[str(asked)[:80] for asked, _ in REFUSED])
def test_a_refusal_is_one_sentence_with_field_value_and_what_is_allowed(
    one_of_each: pd.DataFrame, asked: Asked, named: list[str]
) -> None:
    said = refusal(asked, one_of_each)
    assert not [word for word in named if word not in said], said


# Every number of a scenario, and of the lists in it, at a value that makes sense.
SENSIBLE: dict[str, dict[str, Any]] = {
    "workload": {
        "ci_minutes_per_month": {"linux": 5000, "windows": 100, "macos": 50},
        "ci_jobs_per_month": {"linux": 500, "windows": 10, "macos": 5},
        "gpus_measured_on": 2,
        "parallel_efficiency": 0.9,
        "min_compute_capability": 8.0,
        "relative_throughput": {"A40": 0.5},
    },
    "workstation": {
        "parts": [
            PART
            | {
                "new_to_used_fraction": 0.1,
                "yearly_loss_fraction": 0.2,
                "salvage_fraction": 0.1,
                "life_years": 5,
                "yearly_failure_fraction": 0.1,
            },
            {
                "name": "rest",
                "price_usd": 500,
                "resale_method": "own_table",
                "value_by_year_fraction": [1, 0.5],
            },
        ],
        "load_w": 650,
        "idle_w": 90,
        "asleep_w": 4,
        "off_w": 1,
        "power_limit_w": 300,
        "off_hours_per_week": 20,
        "sale_fee_fraction": 0.1,
        "sale_delay_months": 2,
        "new_generation_month": 12,
        "lease_buyout_usd": 500,
    },
    "electricity": {
        "usd_per_kwh": 0.2,
        "time_of_use": [EVENING],
        "busy_hour_weights": [1] * 24,
        "cooling_cop": 3,
        "grams_co2_per_kwh": 400,
    },
    "rental": {
        "own_offers": [
            OFFER
            | {
                "name": "lab",
                "vram_gb": 48,
                "gpu_count": 2,
                "relative_throughput": 0.75,
                "compute_capability": 8.6,
                "max_session_hours": 48,
                "billing_increment_s": 3600,
                "minimum_billing_s": 0,
                "interruptions_per_hour": 0.05,
                "storage_usd_per_gb_month": 0.04,
                "egress_usd_per_gb": 0.01,
            }
        ],
        "free_credits": [CREDIT | {"months": 3}],
        "start_up_hours": 0.1,
        "checkpoint_interval_hours": 1,
        "restart_hours": 0.1,
        "object_storage_usd_per_gb_month": 0.02,
        "grams_co2_per_kwh": 50,
    },
    "money": {"loan_yearly_rate_fraction": 0.08},
}


def whole() -> dict[str, Any]:
    """The sensible question with every default written out."""
    return Scenario.model_validate(SENSIBLE).model_dump(mode="json")


def numbers(part: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where the numbers of a question stand."""
    inside = part.items() if isinstance(part, dict) else enumerate(part)
    for name, value in inside:
        if isinstance(value, (dict, list)):
            yield from numbers(value, (*path, name))
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield (*path, name)


NUMBERS = list(numbers(whole()))


def put(path: tuple[str | int, ...], value: float) -> dict[str, Any]:
    question: Any = whole()
    place = question
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    changed: dict[str, Any] = question
    return changed


def test_the_numbers_below_are_all_there_are() -> None:
    assert len(NUMBERS) > 100
    missing = {
        f"{section}.{name}"
        for section, fields in Scenario().model_dump(mode="json").items()
        for name, value in fields.items()
        if value is None and not any(path[:2] == (section, name) for path in NUMBERS)
    }
    # What cannot be given beside the others.
    assert missing <= {
        "rental.providers",
        "rental.regions",
        "workstation.lease_usd_per_month",
        "workstation.psu_rated_w",
    }


@pytest.mark.parametrize("value", [-7.5, math.nan, math.inf, -math.inf, 1e308], ids=str)
def test_no_number_may_be_far_below_0_or_beyond_all_sense(one_of_each: pd.DataFrame, value: float) -> None:
    for path in NUMBERS:
        said = refusal(put(path, value), one_of_each)
        assert ".".join(map(str, path)) in said, said
        if math.isfinite(value):
            assert f"{value:g}" in said, said
            assert any(word in said for word in ("less than", "greater than", "integer", "115 or 230")), said
        else:
            assert "finite" in said or "115 or 230" in said, said


@pytest.mark.parametrize("value", [0, 1e-300, 1e-9, 0.5, 1, 1e6, 1e9, 1e12], ids=str)
def test_every_other_number_gives_an_answer_or_a_sentence(one_of_each: pd.DataFrame, value: float) -> None:
    """Neither a silent NaN nor a warning nor an error of another kind."""
    answered = 0
    for path in NUMBERS:
        asked = put(path, int(value) if value == int(value) else value)
        try:
            comparison = compare(Scenario.model_validate(asked), one_of_each)
        except ValueError as error:
            said = explain(error)
            assert "\n" not in said
            assert str(path[1]) in said, (path, said)
            continue
        answered += 1
        table = comparison.table
        billed = table[table["fits"] & table["relative_throughput"].notna()]
        assert np.isfinite(billed[["total_usd", "present_value_usd"]]).all(axis=None), path
    assert answered > 20


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("electricity.tiers", "[{"),
        ("electricity.tiers", "0.1"),
        ("electricity.busy_hour_weights", "1,2,3"),
        ("electricity.busy_hour_weights", ""),
        ("workstation.count", "two"),
        ("workstation.lease_usd_per_month", "1e308"),
        ("money.tax_quarter", "1.5"),
        ("rental.free_credits", '[{"provider": "aws"}]'),
        ("workload.ci_runners.linux", ""),
    ],
)
def test_what_a_person_types_wrongly_is_one_sentence(field: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as caught:
        Scenario().with_settings({field: text})
    said = explain(caught.value)
    assert field in said
    assert "\n" not in said
