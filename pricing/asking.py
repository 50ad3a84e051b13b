"""Ask several providers side by side: the threads, their connections, and how far they are."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from .cache import shapes_id, stored_of

if TYPE_CHECKING:
    from .adapter import Adapter, Ask, Fetched
    from .currencies import Rates
    from .http import Client, Validators

    Answer: TypeAlias = Fetched | Rates | Exception | None

MOST_AT_ONCE = 8
# How often the waiting thread looks up, so that Ctrl+C is heard at once.
LOOK_UP_S = 0.2


class Progress(NamedTuple):
    """How far the refresh of one provider is."""

    provider: str
    regions: int
    regions_done: int
    received_bytes: int

    @property
    def fraction(self) -> float:
        """The share of the regions that are done, 0 to 1."""
        return self.regions_done / self.regions


class Task(NamedTuple):
    """One provider in one region."""

    provider: str
    region: str


class Stopped(Exception):
    """The refresh was broken off while this answer was read."""


@dataclass(slots=True)
class Board:
    """What the threads of one refresh share."""

    progress: Callable[[Progress], None] | None
    regions: Mapping[str, int]
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    state: dict[str, Progress] = field(default_factory=dict)
    clients: list[Client] = field(default_factory=list)

    def tell(self, provider: str, *, received_bytes: int = 0, regions_done: int = 0) -> None:
        """Add to what a provider has done; break off where the refresh was stopped."""
        if self.stop.is_set():
            raise Stopped
        with self.lock:
            now = self.state.get(provider) or Progress(provider, self.regions[provider], 0, 0)
            now = now._replace(
                regions_done=now.regions_done + regions_done,
                received_bytes=now.received_bytes + received_bytes,
            )
            self.state[provider] = now
            if self.progress is not None:
                self.progress(now)

    def sleep(self, seconds: float) -> None:
        """Wait; break off where the refresh is stopped meanwhile."""
        if self.stop.wait(seconds):
            raise Stopped


def questions(
    tasks: Sequence[Task], folder: Path, board: Board, *, day: date, force: bool, aws_source: str
) -> dict[Task, Ask]:
    """The question for each task; a forced one does not say what is known already."""
    from .adapter import Ask, Shared

    shared = {task.provider: Shared() for task in tasks}
    return {
        task: Ask(
            region=task.region,
            on=day,
            client=_client_maker(task.provider, board),
            shared=shared[task.provider],
            known={} if force else _known(folder, task),
            aws_source=aws_source,
        )
        for task in tasks
    }


def _client_maker(provider: str, board: Board) -> Callable[[str, str], Client]:
    """How an adapter gets its connection: the address from the environment, the progress told."""
    from .http import Client

    def tell(received_bytes: int) -> None:
        board.tell(provider, received_bytes=received_bytes)

    def client(environment_name: str, default_base_url: str) -> Client:
        base_url = os.environ.get(environment_name) or default_base_url
        made = Client(base_url, on_bytes=tell, sleep=board.sleep)
        board.clients.append(made)
        return made

    return client


def _known(folder: Path, task: Task) -> dict[str, Validators]:
    """What to ask with, to be told that nothing changed; nothing where the answer would now mean more."""
    from .http import Validators

    stored = stored_of(folder, *task)
    if stored is None or stored.shapes_id != shapes_id():
        return {}
    return {url: Validators(**of_url) for url, of_url in stored.validators.items()}


def answers(
    asked: Mapping[Task, Ask], adapters: Mapping[str, Adapter], board: Board
) -> Iterator[tuple[Task, Answer]]:
    """What the providers answer, in the order in which they do; several are asked at once."""
    waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
    answered: queue.Queue[tuple[Task, Answer]] = queue.Queue()
    for task in asked:
        waiting.put(task)

    def work() -> None:
        while not board.stop.is_set():
            try:
                task = waiting.get_nowait()
            except queue.Empty:
                return
            answered.put((task, _answer(adapters[task.provider], asked[task])))

    # Daemons, because a program that is broken off must not wait for a server that does not answer.
    threads = [
        threading.Thread(target=work, name=f"refresh {number}", daemon=True)
        for number in range(min(MOST_AT_ONCE, len(asked)))
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in asked:
            yield _next(answered)
        for thread in threads:
            thread.join()
    finally:
        for client in board.clients:
            client.close()


def _next(answered: queue.Queue[tuple[Task, Answer]]) -> tuple[Task, Answer]:
    """Wait for the next answer, and hear Ctrl+C meanwhile."""
    while True:
        with suppress(queue.Empty):
            return answered.get(timeout=LOOK_UP_S)


def _answer(adapter: Adapter, ask: Ask) -> Answer:
    try:
        return adapter.fetch(ask)
    except Exception as error:
        # Whatever goes wrong with one region, even a fault of this program, disturbs no other.
        return error
