"""The page answers every question with a verdict or one clear sentence; what is typed is what is asked."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from pydantic import BaseModel
from streamlit.testing.v1 import AppTest

from models import PERSONAS, Comparison, Scenario, compare, explain
from pricing import load_offers

LIST_OF_PARTS = '[{"name": "gpu", "price_usd": 1500.0, "already_own": false, "yearly_loss_fraction": 0.3}]'
OWN_RATE = '[{"name": "lab", "gpu": "RTX 4090", "usd_per_hour": 0.05, "access": "vm"}]'

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
    "workload.longest_run_hours": "30",
    "workload.needs_own_environment": "true",
    "workload.needs_runner": "true",
    "workload.min_compute_capability": "8.6",
    "workload.ci_minutes_per_month": '{"linux": 100, "windows": 20, "macos": 3}',
    "workload.relative_throughput": '{"L4": 0.5, "H200 SXM 141GB": 4.0}',
    "workstation.build": "rtx4090_ws_2025-07_usd",
    "workstation.parts": LIST_OF_PARTS,
    "workstation.load_w": "555",
    "workstation.idle_w": "66",
    "workstation.asleep_w": "0",
    "workstation.left_on_hours_per_week": "60",
    "workstation.sale_fee_fraction": "0.35",
    "electricity.country": "DE",
    "electricity.usd_per_kwh": "0.3333",
    "rental.providers": "aws, colab",
    "rental.regions": "europe, us-east-1",
    "rental.terms": "spot, reserved_1y",
    "rental.against": "gcp",
    "rental.start_up_hours": "0.25",
    "rental.checkpoint_interval_hours": "1.5",
    "rental.restart_hours": "0.3",
    "rental.own_offers": OWN_RATE,
    "money.horizon_months": "61",
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
    settings = {name: BAD_LINKS[name], "money.horizon_months": "48"}
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
    assert set(OTHER_VALUES) == set(fields(Scenario())) - {"money.currency"}


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


def test_every_field_has_an_input_that_says_where_its_default_is_from(page: AppTest) -> None:
    page.run()
    kinds = ("slider", "number_input", "selectbox", "multiselect", "toggle")
    helps = {widget.key: str(widget.help).lower() for kind in kinds for widget in getattr(page.sidebar, kind)}
    tables = {"workstation.parts", "rental.own_offers", "workload.relative_throughput"}
    elsewhere = {"rental.against", "money.currency", "workload.ci_minutes_per_month"}
    wanted = set(fields(Scenario())) - tables - elsewhere
    assert len(wanted) > 25
    assert wanted <= set(helps)
    sourced = ("assumption", "published", "measured", "derived", "estimate", "sources")
    assert [name for name in wanted if not any(word in helps[name] for word in sourced)] == []
    editors = {str(editor.key).rpartition(" ")[0] for editor in page.get("data_editor")}
    assert tables <= editors


def test_another_build_brings_its_own_parts(page: AppTest) -> None:
    linked(page, {"workstation.parts": LIST_OF_PARTS})
    page.selectbox(key="workstation.build").set_value("rtx4090_ws_2023-12_usd").run()
    assert question(page) == Scenario().with_settings({"workstation.build": "rtx4090_ws_2023-12_usd"})
    assert_answers(page, answer({"workstation.build": "rtx4090_ws_2023-12_usd"}))


def test_filters_beside_the_offers_change_the_question_like_those_at_the_side(page: AppTest) -> None:
    page.run()
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
    page.run()
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
    bills = [element.value for element in page.html if 'class="bill"' in element.value]
    assert len(bills) == 2
    for bill, figure in zip(bills, (held["build-usd"], held["rent-usd"]), strict=True):
        assert f"<td>${figure:,.2f}</td></tr></tbody>" in bill


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
