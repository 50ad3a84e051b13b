"""A scenario travels unchanged through TOML, a link, ``--set`` and JSON, and refuses what makes no sense."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
import pytest
from pydantic import ValidationError

from models import PERSONAS, Scenario, compare, explain

SECTIONS = ("workload", "workstation", "electricity", "rental", "money")

OWN_OFFER = {
    "name": "the lab's, with a comma; an = and a #",
    "gpu": "A40",
    "usd_per_hour": 0.45,
    "vram_gb": 48,
    "gpu_count": 2,
    "access": "container",
    "term": "spot",
    "relative_throughput": 0.75,
    "compute_capability": 8.6,
    "max_session_hours": 48,
    "billing_increment_s": 3600,
    "minimum_billing_s": 0,
    "interruptions_per_hour": 0.05,
    "storage_usd_per_gb_month": 0.04,
    "egress_usd_per_gb": 0.01,
}
PARTS = [
    {"name": "gpu: RTX 4090", "price_usd": 1999.99, "new_to_used_fraction": 0, "yearly_loss_fraction": 0.25},
    {"name": "the rest & more", "price_usd": 0.1, "already_own": True},
]
OLD_PARTS = [
    {
        "name": "case",
        "price_usd": 150,
        "resale_method": "straight_line",
        "life_years": 8,
        "salvage_fraction": 0.1,
        "yearly_failure_fraction": 0.02,
    },
    {
        "name": "card",
        "price_usd": 1500,
        "resale_method": "own_table",
        "value_by_year_fraction": [1.0, 1.1, 0.4],
    },
]

# Every field of a scenario once: another value, and the same as a person would type it after --set.
CHANGES: dict[str, tuple[object, str]] = {
    "workload.hours_measured_on": ("T4", "T4"),
    "workload.busy_hours_per_week": (33.25, "33.25"),
    "workload.attended_idle_hours_per_week": (0.1, "0.1"),
    "workload.sessions_per_week": (2.5, "2.5"),
    "workload.workload_class": ("vision_training", "vision_training"),
    "workload.gpus": (2, "2"),
    "workload.gpus_measured_on": (2, "2"),
    "workload.parallel_efficiency": (0.85, "0.85"),
    "workload.vram_gb": (11, "11"),
    "workload.storage_gb": (0, "0"),
    "workload.download_gb_per_month": (1234.5, "1234.5"),
    "workload.upload_gb_per_month": (77.5, "77.5"),
    "workload.longest_run_hours": (30, "30"),
    "workload.needs_own_environment": (True, "true"),
    "workload.needs_runner": (True, "yes"),
    "workload.min_compute_capability": (8.9, "8.9"),
    "workload.ci_minutes_per_month": (
        {"linux": 2500.0, "windows": 1.0, "macos": 0.5},
        '{"linux": 2500, "windows": 1, "macos": 0.5}',
    ),
    "workload.ci_jobs_per_month": (
        {"linux": 300.0, "windows": 20.0, "macos": 2.0},
        '{"linux": 300, "windows": 20, "macos": 2}',
    ),
    "workload.ci_runners": (
        {"linux": "linux_4_core_gpu", "windows": "windows", "macos": "macos_xl"},
        '{"linux": "linux_4_core_gpu", "windows": "windows", "macos": "macos_xl"}',
    ),
    "workload.ci_plan": ("team", "team"),
    "workload.ci_public_repositories": (True, "true"),
    "workload.relative_throughput": (
        {"A40": 0.5, "H100 NVL 94GB": 2.25},
        '{"A40": 0.5, "H100 NVL 94GB": 2.25}',
    ),
    "workstation.build": ("rtx4090_ws_2025-07_usd", "rtx4090_ws_2025-07_usd"),
    "workstation.parts": (
        PARTS,
        '[{"name": "gpu: RTX 4090", "price_usd": 1999.99, "new_to_used_fraction": 0, '
        '"yearly_loss_fraction": 0.25}, {"name": "the rest & more", "price_usd": 0.1, "already_own": true}]',
    ),
    "workstation.load_w": (512.5, "512.5"),
    "workstation.idle_w": (0, "0"),
    "workstation.asleep_w": (1, "1"),
    "workstation.off_w": (0.5, "0.5"),
    "workstation.count": (2, "2"),
    "workstation.when_full": ("rent_the_rest", "rent_the_rest"),
    "workstation.psu_rated_w": (1000, "1000"),
    "workstation.psu_grade": ("titanium", "titanium"),
    "workstation.psu_volts": (230, "230"),
    "workstation.power_limit_w": (350, "350"),
    "workstation.left_on_hours_per_week": (0, "0"),
    "workstation.off_hours_per_week": (56, "56"),
    "workstation.sale_fee_fraction": (0.125, "0.125"),
    "workstation.sale_delay_months": (1.5, "1.5"),
    "workstation.scrap_fraction": (0.05, "0.05"),
    "workstation.new_generation_month": (18, "18"),
    "workstation.new_generation_loss_fraction": (0.2, "0.2"),
    "workstation.warranty_usd": (199, "199"),
    "workstation.warranty_months": (24, "24"),
    "workstation.yearly_failure_fraction": (0.04, "0.04"),
    "workstation.insurance_usd_per_year": (60, "60"),
    "workstation.upkeep_usd_per_month": (12.5, "12.5"),
    "workstation.building_hours": (8, "8"),
    "workstation.upkeep_hours_per_month": (0.5, "0.5"),
    "workstation.lease_usd_per_month": (0, "0"),
    "workstation.lease_months": (24, "24"),
    "workstation.lease_buyout_usd": (500, "500"),
    "electricity.country": ("DE", "DE"),
    "electricity.usd_per_kwh": (0.3333, "0.3333"),
    "electricity.time_of_use": (
        [
            {"usd_per_kwh": 0.4, "from_hour": 16, "to_hour": 21, "days": "weekdays", "months": [6, 7, 8]},
            {"usd_per_kwh": 0.1, "from_hour": 22, "to_hour": 6, "days": "all", "months": []},
        ],
        '[{"usd_per_kwh": 0.4, "from_hour": 16, "to_hour": 21, "days": "weekdays", "months": [6, 7, 8]}, '
        '{"usd_per_kwh": 0.1, "from_hour": 22, "to_hour": 6}]',
    ),
    "electricity.tiers": (
        [{"upper_kwh": 300, "usd_per_kwh": 0.1}, {"upper_kwh": None, "usd_per_kwh": 0.3}],
        '[{"upper_kwh": 300, "usd_per_kwh": 0.1}, {"usd_per_kwh": 0.3}]',
    ),
    "electricity.household_kwh_per_month": (250, "250"),
    "electricity.standing_charge_usd_per_month": (4.2, "4.2"),
    "electricity.yearly_price_drift_fraction": (-0.03, "-0.03"),
    "electricity.busy_hour_weights": ([0.0] * 18 + [1.0] * 6, ",".join(["0"] * 18 + ["1"] * 6)),
    "electricity.first_month": (11, "11"),
    "electricity.solar_fraction": (0.4, "0.4"),
    "electricity.feed_in_usd_per_kwh": (0.08, "0.08"),
    "electricity.cooling_cop": (3.5, "3.5"),
    "electricity.cooling_share_of_year_fraction": (0.25, "0.25"),
    "electricity.heating_share_of_year_fraction": (0.5, "0.5"),
    "electricity.heating_usd_per_kwh": (0.1, "0.1"),
    "electricity.grams_co2_per_kwh": (380, "380"),
    "rental.providers": (["aws", "gcp"], "aws, gcp"),
    "rental.regions": (["europe", "us-central1"], "europe,us-central1"),
    "rental.terms": (["spot"], "spot"),
    "rental.against": ("azure", "azure"),
    "rental.start_up_hours": (0.25, "0.25"),
    "rental.checkpoint_interval_hours": (3, "3"),
    "rental.restart_hours": (0, "0"),
    "rental.data_loading_hours": (0.2, "0.2"),
    "rental.yearly_price_drift_fraction": (-0.15, "-0.15"),
    "rental.object_storage_gb": (500, "500"),
    "rental.object_storage_usd_per_gb_month": (0.023, "0.023"),
    "rental.snapshot_gb": (80, "80"),
    "rental.snapshot_usd_per_gb_month": (0.06, "0.06"),
    "rental.public_ip_usd_per_hour": (0.005, "0.005"),
    "rental.set_up_hours": (3, "3"),
    "rental.upkeep_hours_per_month": (0.25, "0.25"),
    "rental.free_credits": (
        [{"provider": "gcp", "usd": 300.0, "months": 3, "every_month": False}],
        '[{"provider": "gcp", "usd": 300, "months": 3}]',
    ),
    "rental.grams_co2_per_kwh": (30, "30"),
    "rental.own_offers": ([OWN_OFFER], '[{"gpu": "A40", "usd_per_hour": 0.45}]'),
    "money.horizon_months": (60, "60"),
    "money.yearly_discount_fraction": (0.075, "0.075"),
    "money.value_per_hour_usd": (40, "40"),
    "money.loan_fraction": (0.6, "0.6"),
    "money.loan_yearly_rate_fraction": (0.0, "0"),
    "money.loan_months": (48, "48"),
    "money.vat_fraction": (0.19, "0.19"),
    "money.vat_reclaimed": (True, "true"),
    "money.marginal_tax_rate_fraction": (0.42, "0.42"),
    "money.tax_schedule": ("germany_one_year", "germany_one_year"),
    "money.tax_quarter": (1, "1"),
    "money.currency": ("JPY", "JPY"),
}


def _changed(field: str) -> Scenario:
    section, _, name = field.partition(".")
    return Scenario.model_validate({section: {name: CHANGES[field][0]}})


def _through_toml(scenario: Scenario) -> Scenario:
    return Scenario.from_toml(scenario.to_toml())


def _through_a_link(scenario: Scenario) -> Scenario:
    return Scenario.from_query("?" + scenario.to_query())


def _through_settings(scenario: Scenario) -> Scenario:
    return Scenario().with_settings(scenario.settings())


def _through_json(scenario: Scenario) -> Scenario:
    return Scenario.model_validate_json(scenario.model_dump_json())


WAYS = [_through_toml, _through_a_link, _through_settings, _through_json]
Way = Callable[[Scenario], Scenario]


# --- there and back -----------------------------------------------------------------------------------------


def test_every_field_is_changed_once_below() -> None:
    fields = Scenario.model_fields
    assert tuple(fields) == SECTIONS
    asked = Scenario().model_dump()
    every = {f"{section}.{name}" for section in SECTIONS for name in asked[section]}
    assert len(every) > 30
    assert set(CHANGES) == every
    same = [field for field in CHANGES if _changed(field) == Scenario()]
    assert not same


def test_every_field_of_an_own_offer_and_of_a_part_travels_too() -> None:
    scenario = Scenario.model_validate(
        {"rental": {"own_offers": [OWN_OFFER]}, "workstation": {"parts": PARTS + OLD_PARTS}}
    )
    (offer,) = scenario.rental.own_offers
    assert set(OWN_OFFER) == set(type(offer).model_fields)
    assert scenario.workstation.parts is not None
    told = {name for part in PARTS + OLD_PARTS for name in part}
    assert told == set(type(scenario.workstation.parts[0]).model_fields)
    for way in WAYS:
        assert way(scenario) == scenario


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("field", CHANGES)
def test_a_changed_field_comes_back_as_it_went(field: str, way: Way) -> None:
    scenario = _changed(field)
    assert way(scenario) == scenario


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", PERSONAS)
def test_a_persona_comes_back_as_it_went(name: str, way: Way) -> None:
    assert way(PERSONAS[name]) == PERSONAS[name]


@pytest.mark.parametrize("field", CHANGES)
def test_a_changed_field_gives_the_same_totals_on_every_way(one_of_each: pd.DataFrame, field: str) -> None:
    scenario = _changed(field)
    table = compare(scenario, one_of_each).table
    for way in WAYS:
        pd.testing.assert_frame_equal(compare(way(scenario), one_of_each).table, table)


@pytest.mark.parametrize("field", CHANGES)
def test_what_a_person_types_after_set_means_the_same(field: str) -> None:
    typed = Scenario().with_settings({field: CHANGES[field][1]})
    if field == "rental.own_offers":
        (offer,) = typed.rental.own_offers
        assert (offer.gpu, offer.usd_per_hour) == ("A40", 0.45)
    else:
        assert typed == _changed(field)


@pytest.mark.parametrize("way", WAYS)
def test_a_resolved_scenario_comes_back_as_it_went(one_of_each: pd.DataFrame, way: Way) -> None:
    resolved = compare(Scenario(), one_of_each).scenario
    assert way(resolved) == resolved


def test_a_resolved_scenario_names_each_figure_it_stands_for(one_of_each: pd.DataFrame) -> None:
    resolved = compare(Scenario(), one_of_each).scenario
    assert resolved.workstation.load_w == 650
    assert resolved.workstation.idle_w == 90
    assert resolved.workstation.asleep_w == 4
    assert resolved.workstation.sale_fee_fraction == 0.10
    assert resolved.electricity.usd_per_kwh == 0.1844
    assert resolved.rental.start_up_hours == 0.1
    assert resolved.rental.checkpoint_interval_hours == 0.5
    assert resolved.rental.restart_hours == 0.1
    assert resolved.rental.providers == ("aws", "azure", "colab", "gcp", "runpod", "vast")
    assert resolved.rental.regions is not None
    assert {"global", "us-east-1", "us-central1"} <= set(resolved.rental.regions)
    assert not {"eu-central-1", "us-gov-west-1"} & set(resolved.rental.regions)
    assert resolved.workstation.parts is not None
    assert sum(part.price_usd for part in resolved.workstation.parts) == pytest.approx(5326.75)
    # The card is used and loses 20 % a year; the other parts are new and lose 15 % at once, and 15 % a year.
    steps = {(part.new_to_used_fraction, part.yearly_loss_fraction) for part in resolved.workstation.parts}
    assert steps == {(0.0, 0.20), (0.15, 0.15)}


def test_a_link_holds_only_what_differs() -> None:
    assert Scenario().to_query() == ""
    assert Scenario.from_query("") == Scenario()
    asked = Scenario().with_settings({"workload.busy_hours_per_week": "30"})
    assert asked.to_query() == "workload.busy_hours_per_week=30.0"


def test_none_means_the_dated_figure_again() -> None:
    own = Scenario().with_settings({"electricity.usd_per_kwh": "0.5", "rental.providers": "aws"})
    assert own.with_settings({"electricity.usd_per_kwh": "none", "rental.providers": "None"}) == Scenario()


def test_a_part_of_a_field_can_be_set_alone() -> None:
    asked = Scenario().with_settings({"workload.ci_minutes_per_month.linux": "300"})
    assert asked.workload.ci_minutes_per_month.linux == 300
    assert asked.workload.ci_minutes_per_month.windows == 0


def test_a_toml_file_may_hold_only_a_few_fields() -> None:
    asked = Scenario.from_toml("[workload]\nbusy_hours_per_week = 30\n")
    assert asked == Scenario().with_settings({"workload.busy_hours_per_week": "30"})


def test_the_default_question_is_the_designed_one() -> None:
    workload, station, money = Scenario().workload, Scenario().workstation, Scenario().money
    assert (workload.hours_measured_on, workload.workload_class) == ("RTX 4090", "transformer_training")
    assert (workload.busy_hours_per_week, workload.attended_idle_hours_per_week) == (20, 5)
    assert (workload.sessions_per_week, workload.gpus, workload.vram_gb) == (5, 1, 20)
    assert (workload.storage_gb, workload.download_gb_per_month, workload.longest_run_hours) == (100, 20, 10)
    assert (station.build, station.left_on_hours_per_week) == ("rtx4090_used_ws_2026_usd", 15)
    assert (money.horizon_months, money.yearly_discount_fraction) == (36, 0.04)
    assert Scenario().electricity.country == "US"
    assert Scenario().rental.terms == ("on_demand", "prepaid")
    assert Scenario().rental.against == "cheapest"


# --- frozen -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("section", SECTIONS)
def test_a_scenario_cannot_be_changed_in_place(section: str) -> None:
    scenario = Scenario()
    with pytest.raises(ValidationError, match="frozen"):
        setattr(scenario, section, None)
    part = getattr(scenario, section)
    for field in type(part).model_fields:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(part, field, None)
    assert scenario == Scenario()


# --- refused ------------------------------------------------------------------------------------------------


def _sentence(refused: Callable[[], object]) -> str:
    with pytest.raises(ValueError, match=r"\w") as caught:
        refused()
    said = explain(caught.value)
    assert "\n" not in said
    assert said[0].isalpha(), said
    return said


REFUSED: list[tuple[Mapping[str, object], list[str]]] = [
    # An unknown field, with those that there are.
    ({"workload": {"busy_hours": 20}}, ["workload.busy_hours'", "busy_hours_per_week"]),
    ({"work": {"gpus": 1}}, ["'work'", "workload, workstation, electricity, rental, money"]),
    (
        {"workload": {"ci_minutes_per_month": {"bsd": 5}}},
        ["ci_minutes_per_month.bsd", "linux, windows, macos"],
    ),
    ({"workstation": {"parts": [{"name": "a", "price_usd": 1, "colour": "red"}]}}, ["colour", "price_usd"]),
    ({"rental": {"own_offers": [{"gpu": "A40", "usd_per_hour": 1, "price": 2}]}}, ["price", "usd_per_hour"]),
    # An unknown class.
    (
        {"workload": {"workload_class": "poetry"}},
        ["workload.workload_class", "'poetry'", "'vision_training'"],
    ),
    ({"rental": {"terms": ["weekly"]}}, ["rental.terms", "'weekly'", "'on_demand'"]),
    ({"money": {"currency": "euro"}}, ["money.currency", "'euro'", "at most 3"]),
    ({"money": {"currency": "$"}}, ["money.currency", "'$'", "at least 3"]),
    # Too much, too little, none at all.
    ({"workload": {"busy_hours_per_week": 169}}, ["workload.busy_hours_per_week", "169", "168"]),
    ({"workload": {"busy_hours_per_week": -1}}, ["workload.busy_hours_per_week", "-1", "0"]),
    ({"workload": {"busy_hours_per_week": float("nan")}}, ["workload.busy_hours_per_week", "nan", "finite"]),
    ({"workload": {"vram_gb": float("inf")}}, ["workload.vram_gb", "inf", "finite"]),
    ({"workload": {"gpus": 0}}, ["workload.gpus", "not 0", "1"]),
    ({"workload": {"gpus": 1.5}}, ["workload.gpus", "1.5", "integer"]),
    ({"workload": {"relative_throughput": {"A40": 0}}}, ["workload.relative_throughput.A40", "not 0"]),
    ({"workstation": {"sale_fee_fraction": 10}}, ["workstation.sale_fee_fraction", "10", "1"]),
    (
        {"workstation": {"parts": [{"name": "a", "price_usd": -5}]}},
        ["workstation.parts.0.price_usd", "-5", "0"],
    ),
    ({"money": {"horizon_months": 0}}, ["money.horizon_months", "not 0", "1"]),
    ({"money": {"horizon_months": 12.5}}, ["money.horizon_months", "12.5", "integer"]),
    ({"money": {"yearly_discount_fraction": 4}}, ["money.yearly_discount_fraction", "not 4", "1"]),
    ({"rental": {"own_offers": [{"gpu": "A40", "usd_per_hour": 0}]}}, ["own_offers.0.usd_per_hour", "not 0"]),
    # The wrong type.
    ({"workload": {"busy_hours_per_week": "many"}}, ["workload.busy_hours_per_week", "'many'", "number"]),
    ({"workload": {"busy_hours_per_week": None}}, ["workload.busy_hours_per_week", "None", "number"]),
    ({"workload": {"needs_runner": "perhaps"}}, ["workload.needs_runner", "'perhaps'", "boolean"]),
    ({"workload": 3}, ["workload", "3"]),
    ({"rental": {"providers": "aws"}}, ["rental.providers", "'aws'"]),
    ({"rental": {"own_offers": [{"gpu": "A40"}]}}, ["own_offers.0.usd_per_hour", "required"]),
    # Lists that name nothing, or a thing twice.
    ({"rental": {"terms": []}}, ["rental.terms", "1"]),
    ({"rental": {"providers": []}}, ["rental.providers", "empty"]),
    ({"rental": {"regions": []}}, ["rental.regions", "empty"]),
    ({"workstation": {"parts": []}}, ["workstation.parts", "empty"]),
    ({"workstation": {"parts": [{"name": "a", "price_usd": 1}] * 2}}, ["workstation.parts", "'a'", "twice"]),
    ({"rental": {"own_offers": [{"gpu": "A40", "usd_per_hour": 1}] * 2}}, ["rental.own_offers", "twice"]),
]


@pytest.mark.parametrize(("asked", "named"), REFUSED, ids=[str(asked)[:60] for asked, _ in REFUSED])
def test_a_refusal_names_the_field_the_value_and_what_is_allowed(
    asked: Mapping[str, object], named: list[str]
) -> None:
    said = _sentence(lambda: Scenario.model_validate(asked))
    missing = [word for word in named if word not in said]
    assert not missing, said


@pytest.mark.parametrize(
    ("busy", "attended", "left_on"), [(149, 5, 15), (20, 140, 15), (20, 5, 144), (100, 60, 8.5)]
)
def test_more_than_168_hours_name_all_three(busy: float, attended: float, left_on: float) -> None:
    asked = {
        "workload": {"busy_hours_per_week": busy, "attended_idle_hours_per_week": attended},
        "workstation": {"left_on_hours_per_week": left_on},
    }
    said = _sentence(lambda: Scenario.model_validate(asked))
    for field, value in (
        ("workload.busy_hours_per_week", busy),
        ("workload.attended_idle_hours_per_week", attended),
        ("workstation.left_on_hours_per_week", left_on),
    ):
        assert f"{field} ({value:g})" in said
    assert "168" in said


def test_168_hours_are_a_week() -> None:
    asked = {
        "workload": {"busy_hours_per_week": 147.9, "attended_idle_hours_per_week": 5.1},
        "workstation": {"left_on_hours_per_week": 15},
    }
    assert Scenario.model_validate(asked).workload.busy_hours_per_week == 147.9


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("workload.busy", "3", ["'workload.busy'", "busy_hours_per_week"]),
        ("hours", "3", ["'hours'", "workload"]),
        ("workload.gpus.first", "3", ["'workload.gpus.first'"]),
        ("workload.busy_hours_per_week", "lots", ["workload.busy_hours_per_week", "'lots'", "number"]),
        ("workload.busy_hours_per_week", "nan", ["workload.busy_hours_per_week", "nan", "finite"]),
        ("workload.busy_hours_per_week", "", ["workload.busy_hours_per_week", "''"]),
        ("workload.busy_hours_per_week", "169", ["workload.busy_hours_per_week", "169", "168"]),
        ("rental.own_offers", "[{broken", ["rental.own_offers", "[{broken"]),
        ("workload.ci_minutes_per_month.linux", "few", ["ci_minutes_per_month.linux", "'few'"]),
        ("workload.ci_minutes_per_month.bsd", "5", ["ci_minutes_per_month.bsd", "linux, windows, macos"]),
    ],
)
def test_a_setting_or_a_link_that_makes_no_sense_is_one_sentence(
    setting: str, value: str, named: list[str]
) -> None:
    said = _sentence(lambda: Scenario().with_settings({setting: value}))
    assert not [word for word in named if word not in said], said
    assert _sentence(lambda: Scenario.from_query(f"{setting}={value}")) == said


@pytest.mark.parametrize("text", ["workload = = 3", "[workload", "[workload]\nbusy = 3"])
def test_a_toml_file_that_cannot_be_read_is_one_sentence(text: str) -> None:
    assert _sentence(lambda: Scenario.from_toml(text))


def test_json_that_cannot_be_read_is_one_sentence() -> None:
    assert "JSON" in _sentence(lambda: Scenario.model_validate_json("{"))


@pytest.mark.parametrize(
    ("field", "value", "one_that_is_known"),
    [
        ("workload.hours_measured_on", "Voodoo 2", "RTX 4090"),
        ("workload.hours_measured_on", "A40", "A10G"),  # known, but its speed for this class is not
        ("workstation.build", "a laptop", "rtx4090_used_ws_2026_usd"),
        ("electricity.country", "XX", "DE"),
        ("rental.providers", "acme", "aws"),
        ("rental.regions", "atlantis", "us-east-1"),
        ("rental.against", "acme", "aws"),
        ("money.currency", "XXX", "EUR"),
        ("money.currency", "eur", "EUR"),  # codes are written large
    ],
)
def test_a_name_that_is_not_known_is_named_with_those_that_are(
    bundled: pd.DataFrame, field: str, value: str, one_that_is_known: str
) -> None:
    said = _sentence(lambda: compare(Scenario().with_settings({field: value}), bundled))
    assert said.startswith(f"{field}: ")
    assert f"'{value}'" in said
    assert one_that_is_known in said
