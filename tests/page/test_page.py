"""The page answers every question with a verdict or one clear sentence; what is typed is what is asked."""

from __future__ import annotations

import math
import re
from html import unescape
from pathlib import Path

import pytest
from pydantic import BaseModel
from streamlit.testing.v1 import AppTest

from models import PERSONAS, Comparison, Scenario, compare, explain, fit_yearly_loss, load_figures
from models.scenario import Part
from pricing import load_offers
from views.tables import COLUMNS, as_rows, as_value

from .conftest import opened

LIST_OF_PARTS = '[{"name": "gpu", "price_usd": 1500.0, "already_own": false, "yearly_loss_fraction": 0.3}]'
OWN_RATE = '[{"name": "lab", "gpu": "RTX 4090", "usd_per_hour": 0.05, "access": "vm"}]'

TARIFF = '[{"usd_per_kwh": 0.1, "from_hour": 22, "to_hour": 6, "days": "weekdays", "months": [6, 7]}]'
OVERLAP = '[{"usd_per_kwh": 0.1, "from_hour": 0, "to_hour": 8}, {"usd_per_kwh": 0.2, "from_hour": 7}]'
TIERS = '[{"upper_kwh": 300, "usd_per_kwh": 0.2}, {"usd_per_kwh": 0.31}]'
FALLING_TIERS = '[{"upper_kwh": 300, "usd_per_kwh": 0.2}, {"upper_kwh": 200, "usd_per_kwh": 0.3}]'
OWN_TABLE = (
    '[{"name": "gpu", "price_usd": 1500, "resale_method": "own_table", "life_years": 3,'
    ' "salvage_fraction": 0.1, "value_by_year_fraction": [1, 0.8, 0.55], "yearly_failure_fraction": 0.02}]'
)

# One other value for every field that a person sets.
OTHER_VALUES = {
    "workload.hours_measured_on": "T4",
    "workload.busy_hours_per_week": "7.25",
    "workload.attended_idle_hours_per_week": "1.5",
    "workload.sessions_per_week": "9",
    "workload.workload_class": "llm_inference",
    "workload.gpus": "2",
    "workload.vram_gb": "12.5",
    "workload.storage_gb": "1234",
    "workload.download_gb_per_month": "77",
    "workload.upload_gb_per_month": "55",
    "workload.longest_run_hours": "30",
    "workload.needs_own_environment": "true",
    "workload.needs_runner": "true",
    "workload.min_compute_capability": "8.6",
    "workload.ci_minutes_per_month": '{"linux": 100, "windows": 20, "macos": 3}',
    "workload.ci_jobs_per_month": '{"linux": 30, "windows": 2, "macos": 1}',
    "workload.ci_runners": '{"linux": "linux_4_core_gpu", "windows": "windows_8_core", "macos": "macos_l"}',
    "workload.ci_plan": "team",
    "workload.ci_public_repositories": "true",
    "workload.gpus_measured_on": "2",
    "workload.parallel_efficiency": "0.87",
    "workload.relative_throughput": '{"L4": 0.5, "H200 SXM 141GB": 4.0}',
    "workstation.build": "rtx4090_ws_2025-07_usd",
    "workstation.parts": LIST_OF_PARTS,
    "workstation.count": "2",
    "workstation.when_full": "rent_the_rest",
    "workstation.off_w": "2.5",
    "workstation.psu_rated_w": "1000",
    "workstation.psu_grade": "platinum",
    "workstation.psu_volts": "230",
    "workstation.power_limit_w": "300",
    "workstation.off_hours_per_week": "40.25",
    "workstation.sale_delay_months": "1.5",
    "workstation.scrap_fraction": "0.0375",
    "workstation.new_generation_month": "12",
    "workstation.new_generation_loss_fraction": "0.15",
    "workstation.warranty_usd": "199.5",
    "workstation.warranty_months": "24",
    "workstation.yearly_failure_fraction": "0.03",
    "workstation.insurance_usd_per_year": "60",
    "workstation.upkeep_usd_per_month": "12.34",
    "workstation.building_hours": "8",
    "workstation.upkeep_hours_per_month": "0.75",
    "workstation.lease_usd_per_month": "160",
    "workstation.lease_months": "24",
    "workstation.lease_buyout_usd": "500",
    "workstation.load_w": "555",
    "workstation.idle_w": "66",
    "workstation.asleep_w": "0",
    "workstation.left_on_hours_per_week": "60",
    "workstation.sale_fee_fraction": "0.35",
    "electricity.country": "DE",
    "electricity.usd_per_kwh": "0.3333",
    "electricity.time_of_use": TARIFF,
    "electricity.tiers": TIERS,
    "electricity.household_kwh_per_month": "250",
    "electricity.standing_charge_usd_per_month": "9.9",
    "electricity.yearly_price_drift_fraction": "-0.4",
    "electricity.busy_hour_weights": str([0.0] * 8 + [1.5] * 16),
    "electricity.first_month": "11",
    "electricity.solar_fraction": "0.333",
    "electricity.feed_in_usd_per_kwh": "0.08",
    "electricity.cooling_cop": "2.5",
    "electricity.cooling_share_of_year_fraction": "0.25",
    "electricity.heating_share_of_year_fraction": "0.5",
    "electricity.heating_usd_per_kwh": "0.11",
    "electricity.grams_co2_per_kwh": "42",
    "rental.data_loading_hours": "0.3",
    "rental.yearly_price_drift_fraction": "-0.123",
    "rental.object_storage_gb": "500",
    "rental.object_storage_usd_per_gb_month": "0.015",
    "rental.snapshot_gb": "60",
    "rental.snapshot_usd_per_gb_month": "0.04",
    "rental.public_ip_usd_per_hour": "0.005",
    "rental.set_up_hours": "3",
    "rental.upkeep_hours_per_month": "1",
    "rental.free_credits": '[{"provider": "gcp", "usd": 300, "months": 3, "every_month": true}]',
    "rental.grams_co2_per_kwh": "410",
    "money.value_per_hour_usd": "35",
    "money.loan_fraction": "0.8",
    "money.loan_yearly_rate_fraction": "0.0625",
    "money.loan_months": "48",
    "money.vat_fraction": "0.19",
    "money.vat_reclaimed": "true",
    "money.marginal_tax_rate_fraction": "0.42",
    "money.tax_schedule": "germany_one_year",
    "money.tax_quarter": "2",
    "rental.providers": "aws, colab",
    "rental.regions": "europe, us-east-1",
    "rental.terms": "spot, reserved_1y",
    "rental.against": "gcp",
    "rental.start_up_hours": "0.25",
    "rental.checkpoint_interval_hours": "1.5",
    "rental.restart_hours": "0.3",
    "rental.own_offers": OWN_RATE,
    "money.horizon_months": "61",
    "money.currency": "INR",
    "money.yearly_discount_fraction": "0.4",
}
BAD_LINKS = {
    "workload.workload_class": "poetry",
    "workload.busy_hours_per_week": "169",
    "workload.gpus": "many",
    "workload.hours_measured_on": "RTX 9999",
    "electricity.country": "Atlantis",
    "rental.against": "nobody",
    "rental.regions": "the-moon-1",
    "workstation.build": "toaster",
    "workstation.parts": "[{",
    "nothing.at_all": "1",
    "money.loan_months": "0",
    "electricity.time_of_use": OVERLAP,
    "electricity.tiers": FALLING_TIERS,
    "electricity.busy_hour_weights": "[1, 2]",
    "electricity.solar_fraction": "1.5",
    "workload.ci_runners.linux": "linux_on_the_moon",
    "workload.ci_plan": "platinum",
    "workstation.power_limit_w": "120",
    "workstation.warranty_usd": "-0.01",
    "workstation.insurance_usd_per_year": "1e308",
    "workstation.count": "-1",
    "rental.free_credits": '[{"provider": "nobody", "usd": 5}]',
    "money.tax_schedule": "wishful",
    "money.currency": "XXX",
    "money.horizon_months": "0",
}


@pytest.fixture
def page(root: Path) -> AppTest:
    # Three seconds, Streamlit's own patience, are not enough on a busy machine.
    return AppTest.from_file(str(root / "app.py"), default_timeout=60)


def linked(page: AppTest, settings: dict[str, str]) -> AppTest:
    for name, value in settings.items():
        page.query_params[name] = value
    return page.run()


def answer(settings: dict[str, str]) -> Comparison:
    return compare(Scenario().with_settings(settings), load_offers())


def words(page: AppTest) -> str:
    """All that the page says, as a reader sees it."""
    marked = [element.value for element in (*page.caption, *page.markdown, *page.error, *page.warning)]
    texts = [re.sub(r"\\(.)", r"\1", text) for text in marked]
    bodies = (element.value for element in page.html if "<style>" not in element.value)
    return "\n".join(texts + [unescape(re.sub(r"<[^>]*>", "", body)) for body in bodies])


def assert_answers(page: AppTest, comparison: Comparison) -> None:
    assert not page.exception
    said = words(page)
    assert comparison.verdict
    for sentence in comparison.verdict:
        assert sentence in said
    assert not re.search(r"\b(nan|inf|None|NaT)\b|Traceback", said)


def offers_shown(page: AppTest) -> int:
    (table,) = [frame.value for frame in page.dataframe if "usd_per_useful_hour" in frame.value]
    return len(table)


def question(page: AppTest) -> Scenario:
    scenario = page.session_state["last_good"]
    assert isinstance(scenario, Scenario)
    return scenario


def test_the_default_question_is_answered_before_anything_is_typed(page: AppTest) -> None:
    page.run()
    assert_answers(page, answer({}))
    assert not page.error
    assert not page.warning


@pytest.mark.parametrize("name", list(PERSONAS))
def test_one_click_on_a_persona_asks_its_question(page: AppTest, name: str) -> None:
    linked(page, {"workload.busy_hours_per_week": "33", "money.horizon_months": "7"})
    page.button(key=f"persona {name}").click().run()
    assert question(page) == PERSONAS[name]
    assert_answers(page, compare(PERSONAS[name], load_offers()))
    assert (
        page.slider(key="workload.busy_hours_per_week").value == PERSONAS[name].workload.busy_hours_per_week
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"workload.busy_hours_per_week": "0"},
        {"workload.busy_hours_per_week": "0", "workload.attended_idle_hours_per_week": "0"},
        {"workload.busy_hours_per_week": "168", "workload.attended_idle_hours_per_week": "0"}
        | {"workstation.left_on_hours_per_week": "0"},
        {"workload.vram_gb": "25"},
        {"workload.vram_gb": "5000"},
        {"rental.providers": "vast"},
        {"rental.providers": "aws", "rental.against": "gcp"},
        {"rental.providers": "vast", "rental.terms": "reserved_3y"},
        {"rental.regions": "oceania", "rental.providers": "azure"},
        {"workstation.parts": '[{"name": "all of it", "price_usd": 0, "already_own": true}]'},
        {"rental.own_offers": OWN_RATE, "rental.against": "own rate"},
        {"money.horizon_months": "1"},
        {"money.horizon_months": "240", "money.yearly_discount_fraction": "1"},
        {"workload.gpus": "2"},
        {"workload.hours_measured_on": "T4", "workload.busy_hours_per_week": "100"},
    ],
    ids=lambda settings: " ".join(
        f"{name.partition('.')[2]}={value[:12]}" for name, value in settings.items()
    ),
)
@pytest.mark.usefixtures("tabs_open")
def test_extreme_questions_have_a_verdict_too(page: AppTest, settings: dict[str, str]) -> None:
    linked(page, settings)
    assert_answers(page, answer(settings))
    assert not page.error
    assert not page.warning


def test_a_week_of_more_than_168_hours_is_one_sentence_and_stays_typed(page: AppTest) -> None:
    page.run()
    page.slider(key="workload.busy_hours_per_week").set_value(168.0).run()
    assert not page.exception
    (error,) = page.error
    said = words(page)
    for field in (
        "workload.busy_hours_per_week (168)",
        "workload.attended_idle_hours_per_week (5)",
        "workstation.left_on_hours_per_week (15)",
    ):
        assert field in said
    assert "a week has 168" in said
    assert error.value.count("\n") == 0
    assert page.slider(key="workload.busy_hours_per_week").value == 168.0
    assert answer({}).verdict[0] in said
    page.slider(key="workload.attended_idle_hours_per_week").set_value(0.0)
    page.slider(key="workstation.left_on_hours_per_week").set_value(0.0).run()
    assert not page.error
    assert question(page).workload.busy_hours_per_week == 168


@pytest.mark.parametrize("name", list(BAD_LINKS))
def test_a_bad_link_falls_back_to_the_default_question_and_says_why(page: AppTest, name: str) -> None:
    settings = {"money.yearly_discount_fraction": "0.1", name: BAD_LINKS[name]}
    with pytest.raises(ValueError, match=name.rpartition(".")[2]) as refused:
        answer(settings)
    linked(page, settings)
    assert_answers(page, answer({}))
    assert len(page.warning) == 1
    assert explain(refused.value) in words(page)
    assert question(page) == Scenario()
    page.slider(key="workload.busy_hours_per_week").set_value(21.0).run()
    assert not page.warning


def fields(model: BaseModel) -> list[str]:
    return [
        f"{section}.{field}"
        for section in type(model).model_fields
        for field in type(getattr(model, section)).model_fields
    ]


def test_every_field_that_a_person_sets_is_tried_below() -> None:
    assert set(OTHER_VALUES) == set(fields(Scenario()))


def test_parts_that_are_typed_hold_all_that_a_part_can_say(page: AppTest) -> None:
    linked(page, {"workstation.parts": OWN_TABLE})
    (part,) = question(page).workstation.parts or ()
    assert part == Part.model_validate_json(OWN_TABLE[1:-1])
    assert_answers(page, answer({"workstation.parts": OWN_TABLE}))


@pytest.mark.parametrize("name", list(COLUMNS))
def test_a_table_gives_back_the_value_that_its_rows_were_made_of(name: str) -> None:
    section, _, field = name.partition(".")
    scenario = Scenario().with_settings(
        {name: OWN_TABLE if name == "workstation.parts" else OTHER_VALUES[name]}
    )
    rows = as_rows(name, getattr(getattr(scenario, section), field))
    assert len(rows)
    values = scenario.model_dump()
    values[section][field] = as_value(name, rows)
    assert Scenario.model_validate(values) == scenario


def test_a_list_in_a_cell_that_is_no_list_is_refused_in_one_sentence() -> None:
    rows = as_rows("electricity.time_of_use", ())
    rows.loc[0] = {"from_hour": 0.0, "to_hour": 8.0, "usd_per_kwh": 0.1, "days": "all", "months": "6, June"}
    with pytest.raises(ValueError, match="valid integer") as refused:
        Scenario.model_validate({"electricity": {"time_of_use": as_value("electricity.time_of_use", rows)}})
    assert explain(refused.value).startswith("electricity.time_of_use.0.months.1: ")
    assert explain(refused.value).endswith("not 'June'")


@pytest.mark.parametrize("name", list(OTHER_VALUES))
def test_a_link_fills_the_inputs_and_the_inputs_give_the_link_back(page: AppTest, name: str) -> None:
    settings = {name: OTHER_VALUES[name]}
    expected = Scenario().with_settings(settings)
    assert expected != Scenario()
    linked(page, settings)
    assert not page.exception
    assert not page.warning
    assert not page.error
    # What a run remembers is read back from the inputs, not from the link.
    assert question(page) == expected
    assert_answers(page, compare(expected, load_offers()))


@pytest.mark.usefixtures("tabs_open")
@pytest.mark.parametrize(
    ("section", "without"),
    [
        # Two GPUs do not fit the build: that is one of the extreme questions.
        ("workload", "workload.gpus"),
        ("workstation", ""),
        # Prices by the hour and by blocks exclude each other.
        ("electricity", "electricity.tiers"),
        ("electricity", "electricity.time_of_use"),
        # It compares with GCP, which is not among the providers.
        ("rental", "rental.against"),
        ("money", ""),
    ],
)
def test_whatever_is_typed_every_tab_is_drawn(page: AppTest, section: str, without: str) -> None:
    settings = {
        name: value
        for name, value in OTHER_VALUES.items()
        if name.startswith(f"{section}.") and name != without
    }
    linked(page, settings)
    assert question(page) == Scenario().with_settings(settings)
    assert_answers(page, answer(settings))
    assert len(bills(page)) > 1000


def test_every_field_has_an_input_that_says_where_its_default_is_from(page: AppTest) -> None:
    page.run()
    kinds = ("slider", "number_input", "selectbox", "multiselect", "toggle")
    by_system = {"workload.ci_minutes_per_month", "workload.ci_jobs_per_month", "workload.ci_runners"}
    helps = {widget.key: str(widget.help).lower() for kind in kinds for widget in getattr(page.sidebar, kind)}
    tables = set(COLUMNS)
    at_the_top = {"rental.against", "money.currency"}
    assert at_the_top <= {widget.key for widget in page.main.selectbox}
    wanted = set(fields(Scenario())) - tables - at_the_top - by_system
    wanted |= {f"{name}.{system}" for name in by_system for system in ("linux", "windows", "macos")}
    assert len(wanted) > 80
    assert wanted <= set(helps)
    sourced = ("assumption", "published", "measured", "derived", "estimate", "sources")
    assert [name for name in wanted if not any(word in helps[name] for word in sourced)] == []
    editors = {str(editor.key).rpartition(" ")[0] for editor in page.get("data_editor")}
    assert tables <= editors


def expanded(page: AppTest) -> set[str]:
    return {expander.label for expander in page.sidebar.expander if expander.proto.expanded}


def test_what_is_rarely_needed_stays_closed(page: AppTest) -> None:
    page.run()
    always = {"The work", "The build", "Electricity", "Money"}
    closed = {"Keeping it", "Tariff", "Renting: more", "Loan, lease, tax", "CI"}
    assert closed < {expander.label for expander in page.sidebar.expander}
    assert expanded(page) == always
    page.button(key="persona maintainer").click().run()
    assert expanded(page) == always | {"CI"}


def test_a_cost_that_is_typed_stands_in_the_bill(page: AppTest) -> None:
    page.run()
    assert "repairs" not in bills(page)
    page.slider(key="workstation.yearly_failure_fraction").set_value(0.05)
    page.number_input(key="workstation.insurance_usd_per_year").set_value(120.0)
    page.selectbox(key="money.tax_schedule").set_value("bonus_100")
    page.slider(key="money.marginal_tax_rate_fraction").set_value(0.3).run()
    assert not page.exception
    assert not page.error
    assert "repairs" in bills(page)
    assert "insurance" in bills(page)
    assert question(page).money.tax_schedule == "bonus_100"


def bills(page: AppTest) -> str:
    shown = [element.value for element in page.html if 'class="bill"' in element.value]
    assert len(shown) == 2
    return " ".join(shown)


def test_hours_that_do_not_fit_beside_those_switched_off_are_one_sentence(page: AppTest) -> None:
    page.run()
    page.slider(key="workstation.off_hours_per_week").set_value(150.0).run()
    assert not page.exception
    assert len(page.error) == 1
    assert "workstation.off_hours_per_week (150)" in words(page)
    assert question(page) == Scenario()


def test_the_money_is_told_in_other_measures_too(page: AppTest) -> None:
    opened(page, "What the money goes to")
    said = words(page)
    assert "simple paybacknever" in said
    measures = answer({}).measures.set_index("measure")["value"]
    assert measures["simple payback"] == math.inf
    assert f"levelised cost, build${measures['levelised cost, build']:.2f} a useful hour" in said
    assert f"internal rate of return−{-measures['internal rate of return']:.1%} a year" in said
    page.selectbox(key="electricity.country").set_value("JP")
    page.selectbox(key="rental.against").set_value("aws").run()
    assert question(page).electricity.country == "JP"
    emissions = compare(question(page), load_offers()).emissions
    assert len(emissions) > 3
    assert f"{emissions['energy_kwh'].iloc[0]:,.0f} kWh" in words(page)


def test_what_is_not_known_is_called_unknown(page: AppTest) -> None:
    chip = '{"gpu": "my chip", "usd_per_hour": 0.01, "relative_throughput": 1, "vram_gb": 24}'
    settings = {"rental.own_offers": f"[{chip}]"}
    assert answer(settings).emissions["energy_kwh"].isna().any()
    linked(page, settings)
    assert_answers(page, answer(settings))
    assert "unknownunknown" in words(opened(page, "What the money goes to"))


def test_the_market_curve_says_how_much_a_year_where_it_begins_and_how_well_it_fits(page: AppTest) -> None:
    opened(page, "The build")
    points = load_figures().resale_points["RTX 4090"]
    fit = fit_yearly_loss(
        [point.age_months / 12 for point in points],
        [point.price_usd / point.launch_price_usd for point in points],
    )
    said = words(page)
    assert f"{len(points)} prices of" in said
    assert f"begins at {fit.level_fraction:.0%}" in said
    assert f"{abs(fit.yearly_loss_fraction):.1%} a year" in said
    assert f"{fit.residual_log_sd:.0%} from it" in said
    page.selectbox(key="workstation.build").set_value("rtx5090_ws_2026_usd").run()
    assert not page.exception
    assert "fewer than two dated used prices" in words(page)


def test_another_build_brings_its_own_parts(page: AppTest) -> None:
    linked(page, {"workstation.parts": LIST_OF_PARTS})
    page.selectbox(key="workstation.build").set_value("rtx4090_ws_2023-12_usd").run()
    assert question(page) == Scenario().with_settings({"workstation.build": "rtx4090_ws_2023-12_usd"})
    assert_answers(page, answer({"workstation.build": "rtx4090_ws_2023-12_usd"}))


def test_filters_beside_the_offers_change_the_question_like_those_at_the_side(page: AppTest) -> None:
    opened(page, "Offers")
    page.multiselect(key="offers tab rental.providers").set_value(["aws", "gcp"]).run()
    assert question(page).rental.providers == ("aws", "gcp")
    assert page.multiselect(key="rental.providers").value == ["aws", "gcp"]
    page.multiselect(key="rental.providers").set_value([]).run()
    assert question(page).rental.providers is None
    assert page.multiselect(key="offers tab rental.providers").value == []


def test_no_way_of_buying_chosen_means_the_default_ones(page: AppTest) -> None:
    page.run()
    page.multiselect(key="rental.terms").set_value([]).run()
    assert not page.error
    assert question(page) == Scenario()


def test_the_offers_view_shows_all_rows_until_it_is_filtered(page: AppTest) -> None:
    opened(page, "Offers")
    table = answer({}).table
    assert offers_shown(page) == len(table) > 800
    page.toggle(key="view considered").set_value(True).run()
    assert offers_shown(page) == table["considered"].sum()
    page.multiselect(key="view gpu").set_value(["L4"]).run()
    considered = table.iloc[1:][table["considered"].iloc[1:]]
    assert offers_shown(page) == 1 + (considered["gpu"] == "L4").sum()
    assert question(page) == Scenario()


def test_tiles_and_receipts_follow_whom_the_build_is_compared_with(page: AppTest) -> None:
    page.run()
    page.selectbox(key="rental.against").set_value("azure").run()
    comparison = answer({"rental.against": "azure"})
    assert_answers(page, comparison)
    (tiles,) = [element.value for element in page.html if 'class="tiles"' in element.value]
    held = {name: float(value) for name, value in re.findall(r'data-([a-z-]+)="([^"]+)"', tiles)}
    assert held["months"] == comparison.break_even["months"]
    assert held["hours-per-week"] == comparison.break_even["hours_per_week"]
    assert held["flips-at"] == comparison.flips_at[0]
    bills = [element.value for element in page.html if 'class="bill"' in element.value]
    assert len(bills) == 2
    for bill, figure in zip(bills, (held["build-usd"], held["rent-usd"]), strict=True):
        assert f"<td>${figure:,.2f}</td></tr></tbody>" in bill


def test_the_third_tile_says_where_the_answer_flips_and_the_sentence_where_todays_rental_is_beaten(
    page: AppTest,
) -> None:
    page.run()
    comparison = answer({})
    last, today = comparison.flips_at[0], comparison.break_even["hours_per_week"]
    assert isinstance(today, float)
    assert today < last < math.inf
    said = words(page)
    assert f"The answer flips at{last:.1f} h a week" in said
    assert "building is cheaper above that" in said
    assert re.search(rf"today's cheapest, Colab \(.*\), above {today:.1f} already\.", said)


def test_the_need_for_an_own_environment_is_dropped_with_one_click(page: AppTest) -> None:
    page.run()
    assert "drop own environment" not in {button.key for button in page.button}
    page.button(key="persona cuda").click().run()
    page.button(key="drop own environment").click().run()
    assert not question(page).workload.needs_own_environment
    assert "colab" in set(answer(question(page).settings()).table.query("considered")["provider"])


def test_the_maintainer_is_told_what_not_to_do_with_a_public_repository(page: AppTest) -> None:
    page.run()
    page.button(key="persona maintainer").click().run()
    assert "private repositories only" in words(page)
    assert page.number_input(key="workload.ci_minutes_per_month.windows").value == 600
    beside_the_inputs = " ".join(caption.value for caption in page.sidebar.caption)
    assert "Standard GitHub runners are free in public repositories" in beside_the_inputs
    page.toggle(key="workload.needs_runner").set_value(False).run()
    assert question(page).workload.ci_minutes_per_month.windows == 600


def test_what_a_link_says_cannot_write_on_the_page(page: AppTest, root: Path) -> None:
    name = "<b>cheap</b> [click](http://example.org) $x$"
    linked(page, {"rental.against": name})
    assert not page.exception
    (warning,) = page.warning
    assert r"\[click\]" in warning.value
    assert r"\<b\>" in warning.value
    rate = '[{"name": "<i>mine</i>", "gpu": "RTX 4090", "usd_per_hour": 0.01}]'
    fresh = linked(AppTest.from_file(str(root / "app.py"), default_timeout=60), {"rental.own_offers": rate})
    assert not fresh.exception
    assert any("&lt;i&gt;mine" in element.value for element in fresh.html)
    assert not any("<i>mine" in element.value for element in fresh.html)
