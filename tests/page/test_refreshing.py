"""The page's own refresh: one for all readers, in the background, and honest about what failed."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from models import Scenario, compare
from pricing import Progress, RefreshReport, RegionResult, find_offers, load_offers
from pricing.cache import store, write_status
from views import refreshing
from views.words import provider_name

from .conftest import opened

NOW = "2026-11-23T10:00:00+00:00"
PATIENCE_S = 30.0


class Refreshes:
    """Stands in for the real refresh: it waits until it may end, and is counted."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.has_begun = threading.Event()
        self.count = 0
        self.effect: Callable[[], RefreshReport] = lambda: RefreshReport(())

    def __call__(self, *, progress: Callable[[Progress], None]) -> RefreshReport:
        self.count += 1
        progress(Progress("aws", 2, 1, 2_500_000))
        self.has_begun.set()
        assert self.may_end.wait(PATIENCE_S)
        return self.effect()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RIG_OR_RENT_CACHE_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def refreshes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Refreshes]:
    st.cache_resource.clear()
    fake = Refreshes()
    monkeypatch.setattr(refreshing, "refresh", fake)
    yield fake
    fake.may_end.set()
    refreshing.refresher().wait(PATIENCE_S)
    st.cache_resource.clear()


@pytest.fixture
def open_page(root: Path) -> Callable[[], AppTest]:
    """Opens the page where prices are refreshed."""
    return lambda: opened(AppTest.from_file(str(root / "app.py"), default_timeout=60), "Sources")


def texts(page: AppTest) -> str:
    """What the page says, without the marks of HTML and Markdown."""
    assert not page.exception
    marked = "\n".join(str(element.value) for element in (*page.caption, *page.html))
    return unescape(re.sub(r"<[^>]*>|\\", "", marked))


def cheapest_halved(folder: Path) -> Callable[[], RefreshReport]:
    """AWS in us-east-1 becomes much cheaper."""

    def effect() -> RefreshReport:
        offers = find_offers(load_offers(), provider="aws", region="us-east-1", term="on_demand")
        offers["usd_per_hour"] *= 0.25
        store(
            folder,
            offers,
            provider="aws",
            region="us-east-1",
            retrieved_at=NOW,
            terms=["on_demand"],
            validators={},
        )
        write_status(
            folder,
            {("azure", "eastus"): {"at": NOW, "outcome": "failed", "sentence": "Azure <b>sleeps</b>."}},
        )
        return RefreshReport(
            (
                RegionResult("aws", "us-east-1", "refreshed", "61 offers.", 61),
                RegionResult("azure", "eastus", "failed", "Azure <b>sleeps</b>."),
            )
        )

    return effect


def test_a_refresh_runs_beside_the_page_and_then_its_prices_are_shown(
    refreshes: Refreshes, open_page: Callable[[], AppTest], folder: Path
) -> None:
    refreshes.effect = cheapest_halved(folder)
    page = open_page()
    before = compare(Scenario(), load_offers())
    assert before.verdict[0] in texts(page)
    page.button(key="refresh prices").click().run()
    assert refreshes.has_begun.wait(PATIENCE_S)
    page.run()
    # The page answers while the refresh runs, and nobody can begin another.
    assert before.verdict[0] in texts(page)
    assert page.button(key="refresh prices").disabled
    other = open_page()
    assert before.verdict[0] in texts(other)
    assert other.button(key="refresh prices").disabled
    refreshes.may_end.set()
    refreshing.refresher().wait(PATIENCE_S)
    page.run()
    after = compare(Scenario(), load_offers())
    aws = next(sentence for sentence in after.verdict if sentence.startswith("Against AWS"))
    assert aws not in before.verdict
    assert not page.button(key="refresh prices").disabled
    said = texts(page)
    assert "Last refresh, by region: 1 refreshed, 1 failed" in said
    # Beside the provider's name, and what it says cannot write on the page.
    assert "Azure eastus: Azure <b>sleeps</b>." in said
    assert aws in texts(opened(page, "Over time"))
    assert refreshes.count == 1


def test_the_page_says_how_far_a_refresh_is(refreshes: Refreshes, open_page: Callable[[], AppTest]) -> None:
    refreshing.refresher().start()
    assert refreshes.has_begun.wait(PATIENCE_S)
    (bar,) = open_page().get("progress")
    assert bar.proto.text == "AWS: 1 of 2 regions, 2.5 MB"
    assert bar.proto.value == 50


def test_two_readers_begin_one_refresh(refreshes: Refreshes) -> None:
    for _ in range(5):
        refreshing.refresher().start()
    assert refreshes.has_begun.wait(PATIENCE_S)
    refreshes.may_end.set()
    refreshing.refresher().wait(PATIENCE_S)
    assert refreshes.count == 1


def test_a_refresh_that_cannot_begin_says_so_and_the_page_answers(
    refreshes: Refreshes, open_page: Callable[[], AppTest]
) -> None:
    def fail() -> RefreshReport:
        raise OSError(28, "No space left on device")

    refreshes.effect = fail
    refreshes.may_end.set()
    refreshing.refresher().start()
    refreshing.refresher().wait(PATIENCE_S)
    said = texts(open_page())
    assert "No space left on device" in said
    assert compare(Scenario(), load_offers()).verdict[0] in said


def test_every_provider_shows_the_age_of_its_prices(
    refreshes: Refreshes, open_page: Callable[[], AppTest], folder: Path
) -> None:
    cheapest_halved(folder)()
    (table,) = [frame.value for frame in open_page().dataframe if "newest_age_days" in frame.value]
    prices = table.set_index("provider")["prices"]
    assert str(prices["AWS"]).startswith("1 of 8 regions retrieved 2026-11-23")
    assert prices["GCP"] == "bundled, the newest of 2026-10-13"
    names = {provider_name(provider) for provider in load_offers()["provider"]}
    assert {"AWS", "Azure", "Colab", "GCP", "Lambda", "RunPod", "Vast.ai"} <= names
    assert set(prices.index) == names
