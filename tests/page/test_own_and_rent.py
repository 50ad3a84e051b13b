"""The tab between building and renting: the model's plans in sentences, and what the reader may type."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect
from streamlit.testing.v1 import AppTest

from charts import BUILD_COLOR
from models import Scenario, best_month_to_buy, compare, load_figures, own_work, plan_cards, plan_jobs
from models.currency import exchange, from_usd
from models.hybrid import HybridPlan, Job
from models.plans import example_weeks
from pricing import load_offers
from views import jobs, own_and_rent
from views.currency import DOLLARS, amount
from views.jobs import EXAMPLE, WITH_EXAMPLE
from views.own_and_rent import DRAWS, DRIFT, MOST_WEEKS, WEEKS, hours_of

from .conftest import wait_until_drawn

TAB = "Own and rent"
EURO = exchange("EUR", load_figures())
# The first question is answered best by renting all, the second by building for what fits.
RENTS, BUILDS = {"workload.busy_hours_per_week": "20"}, {"rental.providers": "aws"}

OpenPage = Callable[..., Page]


def asked(settings: dict[str, str]) -> Scenario:
    return Scenario().with_settings(settings)


def planned(settings: dict[str, str]) -> HybridPlan:
    """The plan for the reader's work and the example."""
    own = own_work(asked(settings), load_offers())
    return plan_jobs(asked(settings), load_offers(), [own, EXAMPLE])


# What it says -----------------------------------------------------------------------------------------------


@pytest.fixture
def page(root: Path) -> AppTest:
    return AppTest.from_file(str(root / "app.py"), default_timeout=120)


def opened(page: AppTest, settings: dict[str, str]) -> AppTest:
    """The page with the tab open, and the example among the jobs."""
    for name, value in settings.items():
        page.query_params[name] = value
    page.session_state["tab"] = TAB
    page.session_state[WITH_EXAMPLE] = True
    page.run()
    assert not page.exception
    return page


def text_of(page: AppTest) -> str:
    """What the page says in sentences, without marks."""
    elements = (*page.markdown, *page.caption, *page.warning)
    texts = [re.sub(r"\\(.)", r"\1", str(element.value)) for element in elements]
    return "\n".join(" ".join(text.split()) for text in texts)


def trace(page: AppTest, meta: str) -> dict[str, Any]:
    """The one trace of that kind in the page's charts."""
    specs = [json.loads(found.proto.spec) for found in page.get("plotly_chart")]
    (found,) = [one for spec in specs for one in spec["data"] if one.get("meta") == meta]
    return dict(found)


def test_nothing_of_it_is_worked_out_while_the_tab_is_closed(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def planned_anyway(*_: object) -> None:
        raise ValueError("worked out")

    monkeypatch.setattr(jobs, "_planned", planned_anyway)
    monkeypatch.setattr(own_and_rent, "_planned", planned_anyway)
    monkeypatch.setattr(own_and_rent, "_month_to_buy", planned_anyway)
    page.run()
    assert not page.exception
    assert TAB in [tab.label for tab in page.tabs]
    assert page.text_area(key=WEEKS).value == "10 10 10 50"
    assert "Worked out" not in text_of(page)
    page.session_state["tab"] = TAB
    page.run()
    assert text_of(page).count("Worked out") == 3


def test_the_list_begins_with_the_readers_work_alone_and_agrees_with_the_verdict(page: AppTest) -> None:
    page.session_state["tab"] = TAB
    page.run()
    answer = compare(Scenario(), load_offers())
    rented_usd = float(answer.table["present_value_usd"].iloc[1])
    a_month = amount(rented_usd / answer.case.owned.discount[1:].sum(), DOLLARS, cents=True)
    assert f"**Rent all: {a_month} a month." in text_of(page)
    assert "The first row is your own work." in text_of(page)


def test_who_should_rent_all_is_told_so_with_what_the_build_would_cost(page: AppTest) -> None:
    plan = planned(RENTS)
    assert plan.saving_usd_per_month < 0
    said = text_of(opened(page, RENTS))
    renting, both, more = (
        amount(usd, DOLLARS, cents=True)
        for usd in (
            plan.rent_all_usd_per_month,
            plan.own_and_rent_usd_per_month,
            -plan.saving_usd_per_month,
        )
    )
    assert (
        f"**Rent all: {renting} a month. With the build it is at best {both}: "
        f"the build costs {more} a month more.**" in said
    )


def test_who_should_build_is_told_what_runs_where_and_what_it_saves(page: AppTest) -> None:
    plan = planned(BUILDS)
    assert plan.saving_usd_per_month > 0
    said = text_of(opened(page, BUILDS))
    both, renting, saved = (
        amount(usd, DOLLARS, cents=True)
        for usd in (
            plan.own_and_rent_usd_per_month,
            plan.rent_all_usd_per_month,
            plan.saving_usd_per_month,
        )
    )
    assert (
        f"**Own for what fits, rent for the rest: {both} a month with the build, {renting} renting all: "
        f"the build saves {saved} a month.**" in said
    )
    table = next(frame.value for frame in page.dataframe if "why rented" in frame.value)
    assert table["where"].tolist() == plan.jobs["where"].tolist() == ["home", "rented"]
    assert table["why rented"].tolist() == plan.jobs["why"].tolist()
    assert table["rented"].tolist() == [amount(usd, cents=True) for usd in plan.jobs["rented_usd_per_month"]]
    labels = compare(asked(BUILDS), load_offers()).labels
    assert table["cheapest rental"].tolist() == [labels[offer] for offer in plan.jobs["offer"]]


def test_cards_are_planned_for_an_example_until_the_reader_types_weeks(page: AppTest) -> None:
    offers = load_offers()
    opened(page, RENTS)
    weeks = [float(word) for word in str(page.text_area(key=WEEKS).value).split()]
    assert weeks == pytest.approx(example_weeks(own_work(asked(RENTS), offers)))
    none, one = (amount(usd, cents=True) for usd in plan_cards(asked(RENTS), offers, weeks).usd_by_cards)
    said = text_of(page)
    assert f"**0 cards cost least: renting all of these 4 weeks is {none}, " in said
    assert f"against {one} with 1 card.**" in said
    assert "An example: three quiet weeks and a busy one" in said
    page.text_area(key=WEEKS).set_value("500, 10;1000\n480.5").run()
    plan = plan_cards(asked(RENTS), offers, [500, 10, 1000, 480.5])
    assert plan.cards == 3
    costs = [amount(usd, cents=True) for usd in plan.usd_by_cards]
    said = text_of(page)
    assert (
        f"**3 cards cost least: {costs[3]} in these 4 weeks, against {costs[2]} with 2 cards "
        f"and {costs[4]} with 4 cards.**" in said
    )
    assert "An example" not in said
    assert f"{amount(plan.owning_usd_per_card_week, cents=True)} a week whether it works or not" in said
    colors = trace(page, "cards")["marker"]["color"]
    assert [number for number, color in enumerate(colors) if color == BUILD_COLOR] == [3]


def test_the_example_follows_the_question_and_typed_weeks_stay(page: AppTest) -> None:
    opened(page, {})
    assert page.text_area(key=WEEKS).value == "10 10 10 50"
    page.slider(key="workload.busy_hours_per_week").set_value(40.0).run()
    assert page.text_area(key=WEEKS).value == "20 20 20 100"
    page.text_area(key=WEEKS).set_value("7 8").run()
    page.slider(key="workload.busy_hours_per_week").set_value(30.0).run()
    assert page.text_area(key=WEEKS).value == "7 8"
    page.session_state["tab"] = "Sources"
    page.run()
    page.session_state["tab"] = TAB
    page.run()
    assert page.text_area(key=WEEKS).value == "7 8"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("10 ten", "GPU hours of each week: 'ten' is not a number from 0, such as 12.5"),
        ("10 -5", "GPU hours of each week: '-5' is not a number from 0, such as 12.5"),
        ("10 nan", "GPU hours of each week: 'nan' is not a number from 0, such as 12.5"),
        ("", "GPU hours of each week: from 1 to 520 weeks, not 0"),
        ("1 " * 521, "GPU hours of each week: from 1 to 520 weeks, not 521"),
        ("0 0.0", "GPU hours of each week: at least one must be above 0"),
        ("9" * 400, "Hours_by_week must be finite, not inf"),
        ("99999999", "Hours_by_week must name a week and need at most 10,000 cards"),
    ],
)
def test_weeks_that_make_no_sense_are_answered_with_a_sentence(
    page: AppTest, text: str, sentence: str
) -> None:
    opened(page, {})
    page.text_area(key=WEEKS).set_value(text).run()
    assert not page.exception
    assert f"{sentence}. Change the hours" in text_of(page)
    assert page.text_area(key=WEEKS).value == text
    assert "**Do not buy" in text_of(page)


def test_a_comma_that_could_be_a_decimal_point_is_asked_about() -> None:
    assert hours_of("10,20,30") == hours_of("10, 20, 30") == (10, 20, 30)
    with pytest.raises(ValueError, match=re.escape("'10,5' can be one number or two weeks, write '10.5' or")):
        hours_of("10,5 20")


def test_weeks_are_numbers_between_spaces_commas_and_lines() -> None:
    assert hours_of(" 1, 2.5\n\n.5;4.  0 ") == (1.0, 2.5, 0.5, 4.0, 0.0)
    assert len(hours_of("1 " * MOST_WEEKS)) == MOST_WEEKS


@pytest.mark.parametrize("settings", [RENTS, {"rental.against": "azure"}])
def test_when_to_buy_is_the_models_month(page: AppTest, settings: dict[str, str]) -> None:
    found = best_month_to_buy(asked(settings), load_offers())
    today, never = (amount(float(found.usd_by_month[at])) for at in (0, -1))
    said = text_of(opened(page, settings))
    if settings == RENTS:
        assert found.best_month == 36
        assert f"**Do not buy: only renting is {never} over 36 months; buying today is {today}.**" in said
    else:
        assert found.best_month == 0
        assert (
            f"**Buy today: {today} over 36 months, no later month costs less; only renting is {never}.**"
            in said
        )
    best = trace(page, "best")
    assert best["x"] == [found.best_month]
    assert best["y"] == [pytest.approx(found.usd_by_month[found.best_month])]


def test_who_expects_cheaper_parts_is_told_for_how_long_to_rent(page: AppTest) -> None:
    settings = {"workload.busy_hours_per_week": "75"}
    found = best_month_to_buy(asked(settings), load_offers(), yearly_parts_drift_fraction=-0.3)
    assert 1 < found.best_month < 36
    opened(page, settings)
    page.slider(key=DRIFT).set_value(-0.3).run()
    best, today, never = (amount(float(found.usd_by_month[at])) for at in (found.best_month, 0, -1))
    assert (
        f"**Rent for {found.best_month} months, then buy: {best} over 36 months. "
        f"Buying today is {today}, only renting {never}.**" in text_of(page)
    )
    page.session_state["tab"] = "Sources"
    page.run()
    page.session_state["tab"] = TAB
    page.run()
    assert page.slider(key=DRIFT).value == -0.3


def test_what_waiting_is_worth_is_worked_out_on_request_and_for_this_question_only(page: AppTest) -> None:
    settings = {"workload.busy_hours_per_week": "70"}
    opened(page, settings)
    page.slider(key=DRIFT).set_value(-0.5).run()
    assert "Waiting is worth" not in text_of(page)
    (button,) = [one for one in page.button if one.label == "What is waiting worth?"]
    button.click().run()
    assert not page.exception
    found = best_month_to_buy(asked(settings), load_offers(), yearly_parts_drift_fraction=-0.5, draws=DRAWS)
    assert 1 < found.best_month < 36
    assert found.value_of_waiting_usd > 1
    best, today, never = (amount(float(found.usd_by_month[at])) for at in (found.best_month, 0, -1))
    worth = amount(found.value_of_waiting_usd, cents=True)
    assert (
        f"**Waiting is worth {worth}: in the mean of 1,000 futures it costs least to buy after "
        f"{found.best_month} months, {best}; buying today {today}, only renting {never}.**" in text_of(page)
    )
    assert trace(page, "mean_of_futures_usd")["name"] == "mean of futures"
    page.slider(key="workload.busy_hours_per_week").set_value(71.0).run()
    assert "Waiting is worth" not in text_of(page)


def test_in_euros_its_amounts_are_in_euros(page: AppTest) -> None:
    settings = {"electricity.country": "DE", "money.currency": "EUR", "rental.providers": "aws"}
    opened(page, settings)
    scenario, offers, plan = asked(settings), load_offers(), planned(settings)
    cards = plan_cards(scenario, offers, example_weeks(own_work(scenario, offers))).usd_by_cards
    months = best_month_to_buy(scenario, offers).usd_by_month
    said = text_of(page)
    for usd in (plan.own_and_rent_usd_per_month, plan.rent_all_usd_per_month, *cards):
        assert amount(float(usd), EURO, cents=True) in said
    assert amount(float(months[-1]), EURO) in said
    assert trace(page, "best")["y"] == [pytest.approx(from_usd(float(months.min()), EURO))]
    assert "The files are in US dollars." in said


@pytest.mark.parametrize(
    ("settings", "sentences"),
    [
        (
            {"workload.vram_gb": "5000"},
            [
                "No considered offer fits 'my work', which needs 1 GPU with 5000 GB",
                "There is no month to buy",
            ],
        ),
        (
            {"workload.gpus": "2"},
            ["Nothing can be planned: the work does not fit the build, it has 1 GPU, 2 needed"],
        ),
        ({"workstation.count": "2"}, ["jobs are planned for 1 build, not 2, set it to 1"]),
        ({"rental.terms": "free"}, ["There is no month to buy: no offer is considered"]),
        ({"rental.providers": "aws", "rental.against": "gcp"}, ["no offer of GCP is considered"]),
        ({"workload.busy_hours_per_week": "0"}, ["GPU hours of each week: at least one must be above 0"]),
    ],
)
def test_where_there_is_nothing_to_plan_a_sentence_says_what_to_change(
    page: AppTest, settings: dict[str, str], sentences: list[str]
) -> None:
    opened(page, settings)
    warnings = [re.sub(r"\\(.)", r"\1", str(one.value)) for one in page.warning]
    for sentence in sentences:
        (said,) = [warning for warning in warnings if sentence in warning]
        assert "Change the" in said


# In the browser ---------------------------------------------------------------------------------------------


def own_and_rent_tab(page: Page) -> Page:
    """The tab open, with the example among the jobs."""
    page.get_by_role("tab", name=TAB).click()
    expect(page.get_by_role("button", name="Download the month to buy as CSV")).to_be_visible()
    wait_until_drawn(page)
    example = page.get_by_role("switch", name="With an example of 40 GB")
    if not example.is_checked():
        page.get_by_text("With an example of 40 GB").click()
        expect(example).to_be_checked()
        wait_until_drawn(page)
    return page


def sentence(page: Page) -> Locator:
    return page.locator("strong:visible").first


def typed(page: Page, x: int, row: int, text: str) -> None:
    """Type into a cell of the list of jobs, its first row being 1."""
    editor = page.locator('[data-testid="stDataFrame"]:visible').first
    editor.scroll_into_view_if_needed()
    editor.dblclick(position={"x": x, "y": 19 + 35 * row})
    cell = page.locator("#portal input")
    cell.fill(text)
    cell.press("Enter")
    page.wait_for_timeout(300)
    wait_until_drawn(page)


def file_of(page: Page, name: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Download the {name} as CSV").click()
    return Path(download.value.path()).read_text(encoding="utf-8")


HOURS_X, GPUS_X = 370, 640
# Empty where a job runs elsewhere.
NO_NUMBER = {name: [""] for name in ("home_usd_per_month", "done_at_hours")}


def sentence_of(jobs: list[Job], settings: dict[str, str]) -> str:
    plan = plan_jobs(asked(settings), load_offers(), jobs)
    return f"{amount(plan.own_and_rent_usd_per_month, cents=True)} a month with the build"


@pytest.mark.browser
def test_a_changed_job_changes_the_plan_and_a_wrong_cell_is_named(open_page: OpenPage) -> None:
    page = own_and_rent_tab(open_page())
    own = own_work(Scenario(), load_offers())
    expect(sentence(page)).to_contain_text("Rent all")
    typed(page, HOURS_X, 1, "500")
    changed = [own._replace(hours_per_month=500.0), EXAMPLE]
    expect(sentence(page)).to_contain_text(sentence_of(changed, {}))
    typed(page, HOURS_X, 1, "-5")
    expect(page.get_by_test_id("stAlert")).to_contain_text(
        "of 'my work' hours_per_month must be above 0, not -5.0"
    )
    typed(page, HOURS_X, 1, "500")
    typed(page, GPUS_X, 1, "1.5")
    expect(page.get_by_test_id("stAlert")).to_contain_text(
        "gpus of 'my work' must be a whole number from 1, not 1.5"
    )
    typed(page, GPUS_X, 1, "1")
    expect(sentence(page)).to_contain_text(sentence_of(changed, {}))
    # Nothing is lost while another tab is open, and a row without memory does not count yet.
    page.get_by_role("tab", name="By hours a week").click()
    expect(page.locator(".js-plotly-plot:visible")).to_have_count(1)
    expect(page.get_by_role("button", name="Download the month to buy as CSV")).not_to_be_visible()
    wait_until_drawn(page)
    own_and_rent_tab(page)
    expect(sentence(page)).to_contain_text(sentence_of(changed, {}))
    page.locator('[data-testid="stDataFrame"]:visible').first.click(position={"x": HOURS_X, "y": 124})
    page.locator("#portal input").fill("7")
    page.locator("#portal input").press("Enter")
    expect(page.get_by_text("Not counted yet: row 3.")).to_be_visible()
    expect(sentence(page)).to_contain_text(sentence_of(changed, {}))
    page.get_by_role("button", name="Start over with my work").click()
    expect(sentence(page)).to_contain_text("Rent all")


@pytest.mark.browser
def test_each_file_holds_the_figures_of_the_model(open_page: OpenPage) -> None:
    settings = {"rental.providers": "aws", "money.currency": "EUR"}
    page = own_and_rent_tab(open_page("&".join(f"{name}={value}" for name, value in settings.items())))
    offers, scenario = load_offers(), asked(settings)
    plan = planned(settings)
    cards = plan_cards(scenario, offers, example_weeks(own_work(scenario, offers))).usd_by_cards
    months = best_month_to_buy(scenario, offers).usd_by_month
    for name, expected in {
        "jobs": plan.jobs,
        "cards": pd.DataFrame({"cards": np.arange(len(cards)), "cost_usd": cards}),
        "month to buy": pd.DataFrame({"month": np.arange(len(months)), "cost_usd": months}),
    }.items():
        text = file_of(page, name)
        read = pd.read_csv(io.StringIO(text), comment="#", keep_default_na=False, na_values=NO_NUMBER)
        pd.testing.assert_frame_equal(read, expected, check_dtype=False, check_exact=True)
        assert compare(scenario, offers).snapshot_id in text
    assert f"# renting all [USD a month] {plan.rent_all_usd_per_month!r}" in file_of(page, "jobs")


@pytest.mark.browser
def test_it_fits_a_phone(open_page: OpenPage) -> None:
    page = own_and_rent_tab(open_page("rental.against=aws", width=390, height=844))
    page.get_by_role("button", name="What is waiting worth?").click()
    expect(page.locator(".legendtext", has_text="mean of futures")).to_be_visible()
    widths = page.evaluate(
        "['html', '.stMain'].map(name => document.querySelector(name))"
        ".map(part => [part.scrollWidth, part.clientWidth]).flat()"
    )
    assert widths == [390, 390, 390, 390]
