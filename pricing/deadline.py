"""End what takes too long: one thread watches every deadline, so that a request starts none of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from math import inf
from threading import TIMEOUT_MAX, Condition, Event, Thread


@contextmanager
def stopped_after(seconds: float, stop: Callable[[], object]) -> Iterator[Event]:
    """Call `stop` from another thread unless the block ends in time; the event tells that it was too late.

    A time-out of the socket starts anew with every byte, so a trickle could hold it up for days.

    Parameters
    ----------
    seconds : how long the block may take.
    stop : ends what the block waits for. It must be quick, as every other deadline waits for it, and what it
        raises is lost. It is called at most once, after the event is set, and never after the block.
    """
    watch = _watch()
    deadline = _Deadline(time.monotonic() + seconds, stop)
    try:
        watch.add(deadline)
        yield deadline.expired
    finally:
        watch.remove(deadline)


@dataclass(eq=False, slots=True)
class _Deadline:
    at_s: float
    stop: Callable[[], object]
    expired: Event = field(default_factory=Event)


class _Watch:
    """All deadlines of one process. Its thread starts with the first and sleeps until the next is due."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._deadlines: set[_Deadline] = set()
        self._wakes_at_s = inf
        self._thread: Thread | None = None

    def add(self, deadline: _Deadline) -> None:
        with self._changed:
            self._deadlines.add(deadline)
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif deadline.at_s < self._wakes_at_s:
                self._changed.notify()

    def remove(self, deadline: _Deadline) -> None:
        """Watch it no more. Whoever holds the lock knows that no `stop` is running."""
        with self._changed:
            self._deadlines.discard(deadline)

    def _run(self) -> None:
        with self._changed:
            while True:
                self._stop_late()
                self._wakes_at_s = min((deadline.at_s for deadline in self._deadlines), default=inf)
                self._changed.wait(min(self._wakes_at_s - time.monotonic(), TIMEOUT_MAX))

    def _stop_late(self) -> None:
        now_s = time.monotonic()
        for deadline in [deadline for deadline in self._deadlines if deadline.at_s <= now_s]:
            self._deadlines.discard(deadline)
            deadline.expired.set()
            # What is stopped may have ended by itself in this very moment.
            with suppress(Exception):
                deadline.stop()


_watches: dict[int, _Watch] = {}


def _watch() -> _Watch:
    """The watch of this process: a fork has neither the thread of its parent nor who holds its lock."""
    return _watches.get(os.getpid()) or _watches.setdefault(os.getpid(), _Watch())
