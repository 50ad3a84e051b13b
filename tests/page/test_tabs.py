"""The open tab alone is drawn, but for the tables in which one can type; what was chosen in a tab stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from models import Scenario, compare
from pricing import load_offers
from views.tables import COLUMNS, PARTS

from .conftest import opened

# A table or a chart by which each tab is known, as a column or as the kind of a trace.
OFFERS, PRICES, RECEIPT = "usd_per_useful_hour", "newest_age_days", "detail"


@pytest.fixture
def page(root: Path) -> AppTest:
    return AppTest.from_file(str(root / "app.py"), default_timeout=60)


def tables(page: AppTest, column: str) -> list[pd.DataFrame]:
    return [frame.value for frame in page.dataframe if column in frame.value]


def editor_keys(page: AppTest) -> dict[str, str]:
    """The keys of the tables in which one can type, by the field that they hold."""
    keys = [str(editor.key) for editor in page.get("data_editor")]
    return {key.rpartition(" ")[0]: key for key in keys}


def edit_part(page: AppTest, row: int, price_usd: float) -> None:
    """One run of the page in which the price of a part is changed."""
    edits: dict[str, Any] = {"edited_rows": {row: {"price_usd": price_usd}}}
    page.session_state[editor_keys(page)[PARTS]] = edits | {"added_rows": [], "deleted_rows": []}
    page.run()
    assert not page.exception


def question(page: AppTest) -> Scenario:
    scenario = page.session_state["last_good"]
    assert isinstance(scenario, Scenario)
    return scenario


def assert_answers(page: AppTest, scenario: Scenario) -> None:
    comparison = compare(scenario, load_offers())
    said = "\n".join(str(element.value) for element in page.html)
    assert f'data-build-usd="{float(comparison.table["present_value_usd"].iloc[0])!r}"' in said
    assert f'data-flips-at="{float(comparison.flips_at[0])!r}"' in said


@pytest.mark.parametrize("tab", ["Over time", "Offers", "Sources"])
def test_of_the_tabs_only_the_open_one_is_drawn(page: AppTest, tab: str) -> None:
    opened(page, tab)
    assert len(tables(page, RECEIPT)) == (tab == "Over time")
    assert len(tables(page, OFFERS)) == (tab == "Offers")
    assert len(tables(page, PRICES)) == (tab == "Sources")
    assert len(page.get("plotly_chart")) == (tab == "Over time")


@pytest.mark.parametrize("tab", ["Over time", "The build", "Sources"])
def test_the_tables_in_which_one_can_type_are_always_drawn(page: AppTest, tab: str) -> None:
    assert set(editor_keys(opened(page, tab))) >= set(COLUMNS)


def test_the_first_tab_is_open_at_first(page: AppTest) -> None:
    page.run()
    assert page.session_state["tab"] == page.tabs[0].label == "Over time"
    assert len(tables(page, RECEIPT)) == 1


def test_what_was_chosen_in_a_tab_is_still_chosen_after_looking_at_another(page: AppTest) -> None:
    opened(page, "Offers")
    page.multiselect(key="view gpu").set_value(["L4"])
    page.toggle(key="view considered").set_value(True).run()
    (before,) = tables(page, OFFERS)
    assert set(before["gpu"].iloc[1:]) == {"L4"}
    for tab in ("Sources", "Over time"):
        opened(page, tab).run()
    opened(page, "Offers")
    assert page.multiselect(key="view gpu").value == ["L4"]
    assert page.toggle(key="view considered").value
    (after,) = tables(page, OFFERS)
    pd.testing.assert_frame_equal(after, before)


@pytest.mark.usefixtures("flips")
def test_the_inputs_of_the_map_are_still_chosen_after_looking_at_another_tab(page: AppTest) -> None:
    opened(page, "What the money goes to")
    page.toggle(key="view month by month").set_value(True).run()
    opened(page, "How sure")
    page.selectbox(key="map across").set_value("money.horizon_months").run()
    opened(page, "Sources")
    assert opened(page, "How sure").selectbox(key="map across").value == "money.horizon_months"
    assert opened(page, "What the money goes to").toggle(key="view month by month").value


@pytest.mark.parametrize("tab", ["The build", "Over time"])
def test_an_edited_price_of_a_part_changes_the_answer_in_one_go(page: AppTest, tab: str) -> None:
    opened(page, tab)
    before = compare(Scenario(), load_offers()).scenario.workstation.parts or ()
    card = next(row for row, part in enumerate(before) if part.name.startswith("gpu"))
    edit_part(page, card, 100.0)
    parts = question(page).workstation.parts or ()
    assert before[card].price_usd == 2805.0
    assert [(part.name, part.price_usd) for part in parts] == [
        (part.name, 100.0 if row == card else part.price_usd) for row, part in enumerate(before)
    ]
    assert_answers(page, question(page))
    # Nothing more happens when the page is drawn once more.
    asked = question(page)
    page.run()
    assert question(page) == asked


def test_a_part_that_is_refused_is_one_sentence_and_the_last_answer_stays(page: AppTest) -> None:
    opened(page, "The build")
    edit_part(page, 0, -5.0)
    (error,) = page.error
    assert "price_usd" in error.value.replace("\\", "")
    assert question(page) == Scenario()
    assert_answers(page, Scenario())
    edit_part(page, 0, 5.0)
    assert not page.error
    assert (question(page).workstation.parts or ())[0].price_usd == 5.0
    assert_answers(page, question(page))
