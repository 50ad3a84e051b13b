"""The page as its readers have it: a real server, a real browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import streamlit as st
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright
from streamlit.testing.v1 import AppTest

from views import flip_notes

FLAGS = (
    "--server.address=127.0.0.1",
    "--server.headless=true",
    "--server.fileWatcherType=none",
    "--browser.gatherUsageStats=false",
)
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)
# What the tiles hold, unrounded: never is inf, unknown is an empty text.
FIGURES = (
    "build-usd",
    "rent-usd",
    "months",
    "months-if-sold",
    "flips-at",
    "hours-per-week",
    "usd-per-hour",
)
SERVERS = ("AWS", "AWS_FEED", "AWS_SPOT", "AZURE", "GCP", "RUNPOD", "VAST", "LAMBDA", "ECB")
PRICE_SERVERS = [f"RIG_OR_RENT_{name}_URL" for name in SERVERS]
NOWHERE = "ftp://prices.example.org"
LOCAL = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
PATIENCE_MS = 30_000
# These two work out a second's worth of other questions when they are opened, and have tests of their own.
WORKED_OUT_WHEN_OPENED = ("How sure", "Own and rent")


@pytest.fixture
def flips() -> None:
    """The page looks for the flips of its question, as it does for every reader."""


@pytest.fixture(autouse=True)
def no_flips_unless_asked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves out the flips in tests that do not ask for the fixture `flips`.

    To look for them takes most of a second for every question that was not asked before, longer than all the
    rest of the page, and hundreds of questions are asked in these tests. Nothing but the notes below the
    inputs and a part of the tab *How sure* depends on them.
    """
    if "flips" not in request.fixturenames:
        monkeypatch.setattr(flip_notes, "flips_by_input", lambda *question: iter(()))
        # What is not found here must not be known elsewhere.
        monkeypatch.setattr(flip_notes, "_found", dict)


@pytest.fixture
def tabs_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tabs are drawn in one run, as if each were the open one, but for those with other questions."""
    tabs = st.tabs

    def all_open(labels: list[str], **settings: Any) -> Any:
        found = tabs(labels, **settings)
        for label, tab in zip(labels, found, strict=True):
            tab.open = label not in WORKED_OUT_WHEN_OPENED
        return found

    monkeypatch.setattr(st, "tabs", all_open)


def opened(page: AppTest, tab: str) -> AppTest:
    """The page drawn with one of its tabs open."""
    page.session_state["tab"] = tab
    page.run()
    assert not page.exception
    return page


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program; without one the browser tests are skipped, but not in continuous integration."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        reason = "no Chromium: apt install chromium, or name one in CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return program


@pytest.fixture(scope="session")
def page_url(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page, served as `streamlit run` serves it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("page") / "streamlit.log"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", *FLAGS]
    # A refresh on this page reaches nobody, and leaves its traces where no other test looks.
    environment = {
        **os.environ,
        **dict.fromkeys(PRICE_SERVERS, NOWHERE),
        "RIG_OR_RENT_CACHE_DIR": str(log.parent / "cache"),
    }
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=root, env=environment, stdout=output, stderr=output) as server,
    ):
        try:
            _wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", server, log)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()
            server.wait(timeout=30)
    assert "Traceback" not in log.read_text(errors="replace"), log.read_text(errors="replace")


def _wait_until_healthy(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert server.poll() is None, log.read_text(errors="replace")
        try:
            with urlopen(address, timeout=5) as reply:
                if reply.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the page does not answer on {address}: {log.read_text(errors='replace')}")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, page_url: str) -> Iterator[Callable[..., Page]]:
    """Opens the page with a query, in a window of some size, in the light or the dark theme.

    After the test, nothing may have been written to the console as an error or asked of the internet.
    """
    opened: list[Page] = []
    errors: list[str] = []
    strangers: list[str] = []

    def note_error(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    def note_stranger(request: Request) -> None:
        if not request.url.startswith(LOCAL):
            strangers.append(request.url)

    def open_it(
        query: str = "", *, width: int = 1280, height: int = 900, scheme: Literal["light", "dark"] = "light"
    ) -> Page:
        page = browser.new_page(
            viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True
        )
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", note_error)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", note_stranger)
        opened.append(page)
        page.goto(page_url + (f"?{query}" if query else ""))
        page.locator(".js-plotly-plot").first.wait_for(state="attached")
        wait_until_drawn(page)
        return page

    yield open_it
    for page in opened:
        page.close()
    assert errors == []
    assert strangers == []


@pytest.fixture
def ask_page(open_page: Callable[..., Page]) -> Callable[[str], dict[str, float | None]]:
    """Asks the page a question given as a link's query, and reads its figures."""
    return lambda query: figures_on_page(open_page(query))


def wait_until_drawn(page: Page) -> None:
    """Wait until the answer stands and no run of the page's script is under way."""
    page.locator(".notes").wait_for()
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def figures_on_page(page: Page) -> dict[str, float | None]:
    """What the page answers, unrounded, by the names of `FIGURES`; unknown is None, never is inf.

    The totals of both receipts, rounded to cents as they are shown, are `build-total` and `rent-total`.
    """
    texts = {name: page.locator(f".tile[data-{name}]").get_attribute(f"data-{name}") for name in FIGURES}
    figures = {name: float(text) if text else None for name, text in texts.items()}
    totals = page.locator(".bill .total td:last-child").all_text_contents()
    sides = [name for name in ("build", "rent") if figures[f"{name}-usd"] is not None]
    shown = [float(text.replace("$", "").replace(",", "").replace("−", "-")) for text in totals]
    return figures | {f"{side}-total": total for side, total in zip(sides, shown, strict=True)}
