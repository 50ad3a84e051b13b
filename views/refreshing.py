"""One refresh at a time, shared by all readers of the page, in a thread of its own."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import streamlit as st

from pricing import Progress, RefreshReport, refresh


@dataclass
class Refresher:
    """Runs a refresh beside the page, and remembers how the last one ended."""

    progress: dict[str, Progress] = field(default_factory=dict)
    report: RefreshReport | None = None
    problem: str = ""
    is_running: bool = False
    # Another number after each refresh, so that a page notices its end.
    ended: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Begin a refresh, unless one is under way."""
        with self._lock:
            if self.is_running:
                return
            self.progress, self.report, self.problem = {}, None, ""
            self.is_running = True
            self._thread = threading.Thread(target=self._run, name="refresh of the page", daemon=True)
            self._thread.start()

    def wait(self, seconds: float) -> None:
        """Wait for the refresh that is under way, if there is one, at most so long."""
        if self._thread is not None:
            self._thread.join(seconds)

    def summary(self) -> str:
        """How the last refresh ended, in a sentence; empty if none did."""
        if self.problem:
            return self.problem
        if self.report is None:
            return ""
        counts = Counter(result.outcome.replace("_", " ") for result in self.report.results)
        said = ", ".join(f"{regions} {outcome}" for outcome, regions in counts.items())
        return f"Last refresh, by region: {said}."

    def _run(self) -> None:
        try:
            self.report = refresh(progress=self._tell)
        except (OSError, ValueError) as error:
            self.problem = f"The refresh could not begin: {error}."
        finally:
            with self._lock:
                self.ended, self.is_running = next(self._numbers), False

    def _tell(self, now: Progress) -> None:
        self.progress[now.provider] = now


@st.cache_resource(show_spinner=False)
def refresher() -> Refresher:
    """The one that all readers share."""
    return Refresher()
