"""Under each input stands at which value it alone flips the answer: found last, shown at once when known."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Caption, Node, UnknownElement

from models import Comparison, Figures, Scenario, compare, flip_points, load_figures
from models.currency import Exchange, exchange
from models.flips import FlipPoint, flips_by_input
from models.numeric_inputs import NUMERIC_NAMES
from pricing import load_offers
from views import flip_notes
from views.currency import DOLLARS
from views.input_words import INPUT_NAMES, input_value, side_of
from views.kept_answers import KEPT_ANSWERS

from .conftest import opened

pytestmark = pytest.mark.usefixtures("flips")

BUSY_HOURS = "workload.busy_hours_per_week"
NO_FLIP = "no flip in range"
# All rental prices at once are varied, but no input holds them.
WITHOUT_AN_INPUT = {"rental.price_factor"}


@pytest.fixture
def page(root: Path) -> AppTest:
    return AppTest.from_file(str(root / "app.py"), default_timeout=120)


@pytest.fixture(scope="module")
def default_page(root: Path) -> AppTest:
    """The page with the default question. To be read, not to be changed."""
    return opened(AppTest.from_file(str(root / "app.py"), default_timeout=120), "Over time")


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the flips of each question were looked for."""
    counted = Counter[str]()

    def look_and_count(
        scenario: Scenario, offers: pd.DataFrame, figures: Figures | None = None
    ) -> Iterator[list[FlipPoint]]:
        counted[scenario.to_query()] += 1
        return flips_by_input(scenario, offers, figures)

    monkeypatch.setattr(flip_notes, "flips_by_input", look_and_count)
    return counted


def asked(page: AppTest, settings: dict[str, str]) -> AppTest:
    """The page with that question."""
    for name, value in settings.items():
        page.query_params[name] = value
    return opened(page, "Over time")


def inside(place: Node) -> Iterator[Node]:
    """A place on the page and all that stands in it."""
    yield place
    if isinstance(place, Block):
        for child in place.children.values():
            yield from inside(child)


def note_beneath(page: AppTest, path: str) -> str | None:
    """What stands directly below an input, or below its row; ``None`` where there is no place for a note."""
    # The parts are typed into a table, whose key ends in a number.
    key = "workstation.parts " if path.startswith("workstation.parts.") else path
    found = None
    for block in (*inside(page.sidebar), *inside(page.main)):
        places = list(block.children.values()) if isinstance(block, Block) else []
        for place, after in pairwise(places):
            keys = [str(getattr(node, "key", None)) for node in inside(place)]
            if isinstance(after, Caption | UnknownElement) and any(
                held == path or held.rstrip("0123456789") == key for held in keys
            ):
                found = after
    if found is None:
        return None
    return re.sub(r"\\(.)", r"\1", str(found.value)) if isinstance(found, Caption) else ""


def said_of(page: AppTest, path: str) -> str:
    """What the note below an input says of it; nothing where it has no note."""
    for part in (note_beneath(page, path) or "").split("; "):
        names, colon, text = part.rpartition(": ")
        if not colon:
            return f"{text[:1].lower()}{text[1:]}"
        if INPUT_NAMES[path] in names.split(", "):
            return text
    return ""


def notes_of(scenario: Scenario, rate: Exchange = DOLLARS) -> dict[str, str]:
    """What is to be said of each input that moves the saving, from the table of flip points."""
    rows = flip_points(scenario, load_offers()).itertuples(index=False, name=None)
    points = [FlipPoint(*row) for row in rows]
    return {
        path: " and ".join(
            NO_FLIP
            if math.isnan(point.flips_at)
            else f"building wins {side_of(path, point.direction)} {input_value(path, point.flips_at, rate)}"
            for point in of_input
        )
        for path, of_input in groupby(points, key=lambda point: point.input)
    }


def all_notes(page: AppTest) -> dict[str, str]:
    """What the page says of each input of which it says something."""
    said = {path: said_of(page, path) for path in NUMERIC_NAMES}
    return {path: text for path, text in said.items() if text}


def with_inputs(notes: dict[str, str]) -> dict[str, str]:
    return {path: text for path, text in notes.items() if path not in WITHOUT_AN_INPUT}


def test_every_numeric_input_has_a_place_for_its_note_directly_beneath(default_page: AppTest) -> None:
    without = {path for path in NUMERIC_NAMES if note_beneath(default_page, path) is None}
    assert without == WITHOUT_AN_INPUT


def test_below_the_busy_hours_stands_at_how_many_the_answer_flips(default_page: AppTest) -> None:
    table = flip_points(Scenario(), load_offers())
    (at,) = table.loc[table["input"] == BUSY_HOURS, "flips_at"]
    assert note_beneath(default_page, BUSY_HOURS) == f"Building wins above {at:.1f} h a week"
    assert at == pytest.approx(compare(Scenario(), load_offers()).flips_at[0])


def test_every_note_is_a_flip_point_and_every_flip_point_of_an_input_a_note(default_page: AppTest) -> None:
    expected = with_inputs(notes_of(Scenario()))
    assert len(expected) > 30
    assert len(set(expected.values())) > 8
    assert all_notes(default_page) == expected


def test_inputs_side_by_side_are_named_in_their_note(default_page: AppTest) -> None:
    assert note_beneath(default_page, "workstation.load_w") == (
        "Watts under load, Watts when idle: no flip in range"
    )
    linux, windows = (f"workload.ci_minutes_per_month.{system}" for system in ("linux", "windows"))
    below = note_beneath(default_page, linux) or ""
    assert below == note_beneath(default_page, windows)
    assert re.fullmatch(
        r"CI minutes on Linux: building wins above [\d,]+ minutes a month; "
        r"CI minutes on Windows: building wins above [\d,]+ minutes a month",
        below,
    )


def test_an_input_without_a_flip_says_so(default_page: AppTest) -> None:
    assert notes_of(Scenario())["workstation.left_on_hours_per_week"] == NO_FLIP
    assert note_beneath(default_page, "workstation.left_on_hours_per_week") == "No flip in range"


def test_an_input_that_moves_nothing_has_no_note(default_page: AppTest) -> None:
    # No offer is considered that can be interrupted.
    for path in ("rental.checkpoint_interval_hours", "rental.restart_hours"):
        assert path not in notes_of(Scenario())
        assert note_beneath(default_page, path) == ""
    # A bought warranty's months count only with failures; its price beside them does.
    assert (
        note_beneath(default_page, "workstation.warranty_months") == "Price of a warranty: no flip in range"
    )


def test_in_euros_notes_of_money_are_in_euros(page: AppTest) -> None:
    settings = {"money.currency": "EUR", "rental.against": "aws"}
    asked(page, settings)
    rate = exchange("EUR", load_figures())
    notes = all_notes(page)
    assert notes == with_inputs(notes_of(Scenario().with_settings(settings), rate))
    assert re.match(r"building wins below €[\d,]+$", notes["workstation.parts.price_usd"])
    assert [text for text in notes.values() if "$" in text] == []


def test_notes_follow_whom_the_build_is_compared_with(page: AppTest, default_page: AppTest) -> None:
    page.run()
    assert all_notes(page) == all_notes(default_page)
    page.selectbox(key="rental.against").set_value("aws").run()
    against_aws = with_inputs(notes_of(Scenario().with_settings({"rental.against": "aws"})))
    assert all_notes(page) == against_aws
    assert against_aws[BUSY_HOURS] != said_of(default_page, BUSY_HOURS)


def test_after_another_question_the_notes_are_those_of_the_new_one(page: AppTest) -> None:
    page.run()
    page.slider(key="workload.attended_idle_hours_per_week").set_value(30.0)
    page.selectbox(key="workload.workload_class").set_value("wall_clock").run()
    assert not page.exception
    scenario = Scenario().with_settings(
        {"workload.attended_idle_hours_per_week": "30", "workload.workload_class": "wall_clock"}
    )
    expected = with_inputs(notes_of(scenario))
    assert expected != with_inputs(notes_of(Scenario()))
    assert all_notes(page) == expected


def test_until_the_new_ones_are_found_the_last_notes_stand_beside_the_new_answer(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.run()
    before = all_notes(page)

    def stuck(*question: object) -> Iterator[list[FlipPoint]]:
        raise RuntimeError("still looking")

    monkeypatch.setattr(flip_notes, "flips_by_input", stuck)
    page.slider(key="workload.attended_idle_hours_per_week").set_value(31.5).run()
    assert [error.message for error in page.exception] == ["still looking"]
    assert all_notes(page) == before != {}
    new = compare(Scenario().with_settings({"workload.attended_idle_hours_per_week": "31.5"}), load_offers())
    assert f'data-flips-at="{float(new.flips_at[0])!r}"' in "".join(str(part.value) for part in page.html)


def test_where_a_side_has_no_bill_no_note_is_left_and_they_come_back(page: AppTest) -> None:
    page.run()
    before = all_notes(page)
    page.number_input(key="workload.vram_gb").set_value(25.0).run()
    assert not page.exception
    assert all_notes(page) == {}
    page.number_input(key="workload.vram_gb").set_value(20.0).run()
    assert all_notes(page) == before != {}


def test_a_question_that_is_refused_leaves_the_notes_of_the_last_one(
    page: AppTest, default_page: AppTest
) -> None:
    page.run()
    page.slider(key=BUSY_HOURS).set_value(168.0).run()
    assert len(page.error) == 1
    assert not page.exception
    assert all_notes(page) == all_notes(default_page)


def test_what_is_known_of_a_question_is_not_worked_out_again(
    page: AppTest, root: Path, searches: Counter[str]
) -> None:
    first, second = (f"{BUSY_HOURS}={hours}" for hours in (23.25, 24.75))
    asked(page, {BUSY_HOURS: "23.25"})
    notes = all_notes(page)
    assert searches == {first: 1}
    page.run()
    opened(page, "How sure")
    reader = asked(AppTest.from_file(str(root / "app.py"), default_timeout=120), {BUSY_HOURS: "23.25"})
    assert all_notes(reader) == notes != {}
    assert searches == {first: 1}
    page.slider(key=BUSY_HOURS).set_value(24.75).run()
    assert searches == {first: 1, second: 1}
    page.slider(key=BUSY_HOURS).set_value(23.25).run()
    assert searches == {first: 1, second: 1}
    assert all_notes(page) == notes


def test_a_search_that_is_broken_off_leaves_no_note_to_the_question_before(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.run()
    before = all_notes(page)

    def broken_off(*question: object) -> Iterator[list[FlipPoint]]:
        yield [FlipPoint(BUSY_HOURS, 20.0, 1.0, "below", "h a week")]
        raise RuntimeError("the reader moved on")

    monkeypatch.setattr(flip_notes, "flips_by_input", broken_off)
    page.slider(key="workload.attended_idle_hours_per_week").set_value(32.5).run()
    assert [error.message for error in page.exception] == ["the reader moved on"]
    assert said_of(page, BUSY_HOURS) == "building wins below 1 h a week"
    page.slider(key="workload.attended_idle_hours_per_week").set_value(5.0).run()
    assert not page.exception
    assert all_notes(page) == before


def test_two_readers_may_drop_the_same_flips_at_the_same_time(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    class DroppedMeanwhile(dict[object, tuple[FlipPoint, ...]]):
        def __iter__(self) -> Iterator[object]:
            # Whoever looks for the oldest finds one that another reader drops in that moment.
            kept = list(super().__iter__())
            self.pop(kept[0])
            return iter(kept)

    found = DroppedMeanwhile((number, ()) for number in range(KEPT_ANSWERS))
    monkeypatch.setattr(flip_notes, "_found", lambda: found)
    page.run()
    assert not page.exception
    assert all_notes(page)
    assert len(found) == KEPT_ANSWERS
    assert 0 not in found


def test_flips_that_another_reader_finds_meanwhile_are_told_at_once(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, searches: Counter[str]
) -> None:
    flips = (FlipPoint(BUSY_HOURS, 20.0, 63.5, "above", "h a week"),)

    class FoundMeanwhile(dict[object, tuple[FlipPoint, ...]]):
        looks = 0

        def get(self, key: object, default: object = None) -> Any:
            self.looks += 1
            return None if self.looks == 1 else flips

    found = FoundMeanwhile()
    monkeypatch.setattr(flip_notes, "_found", lambda: found)
    page.run()
    assert not page.exception
    assert found.looks == 2
    assert not searches
    assert all_notes(page) == {BUSY_HOURS: "building wins above 63.5 h a week"}


def test_what_a_reader_does_with_the_table_of_flips_reaches_no_other_reader(
    page: AppTest, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = flip_notes.tell

    def tell_and_spoil(comparison: Comparison) -> pd.DataFrame:
        table = tell(comparison)
        table["flips_at"] = 1.0
        return table

    monkeypatch.setattr(flip_notes, "tell", tell_and_spoil)
    asked(page, {BUSY_HOURS: "22.25"})
    reader = asked(AppTest.from_file(str(root / "app.py"), default_timeout=120), {BUSY_HOURS: "22.25"})
    assert all_notes(reader) == all_notes(page) != {}


@pytest.mark.parametrize(
    "settings",
    [{"workstation.psu_rated_w": "1000"}, {"workstation.power_limit_w": "300"}],
    ids=["watts beyond the supply", "watts below what a limit saves"],
)
def test_values_that_the_model_refuses_are_no_flips_and_no_traceback(
    page: AppTest, settings: dict[str, str]
) -> None:
    asked(page, settings)
    assert said_of(page, BUSY_HOURS).startswith("building wins above ")
