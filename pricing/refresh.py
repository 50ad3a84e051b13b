"""Replace stored prices by today's, region by region; what fails in one disturbs no other."""

from __future__ import annotations

import os
import queue
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import pandas as pd

from .cache import Stored, cache_folder, read_stored, shapes_id, store, stored_path, write_status
from .catalogue import load_offers
from .errors import PricingError, Refused, UnknownShape
from .files import file_state, remove_leftovers
from .offers import check_offers
from .plausibility import check_bounds, doubt
from .registry import ADAPTERS, adapter_of, is_passed_over
from .tables import DATA, read_table

if TYPE_CHECKING:
    from .adapter import Adapter, Ask, Fetched
    from .http import Client, Validators

    Answer: TypeAlias = Fetched | Exception | None

AWS_SOURCES = ("feed", "bulk")
MOST_AT_ONCE = 8
# How often the waiting thread looks up, so that Ctrl+C is heard at once.
LOOK_UP_S = 0.2
# As the table of offers is sorted, within one provider and region.
ROW_ORDER = ("instance_type", "term")

Outcome = Literal["refreshed", "unchanged", "held_back", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class RegionResult:
    """How the refresh of one provider in one region ended.

    ``offers`` counts the rows that were taken over; ``left_out`` names GPU types whose shape is not known.
    """

    provider: str
    region: str
    outcome: Outcome
    sentence: str
    offers: int = 0
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """How a refresh ended, in the order in which it was asked."""

    results: tuple[RegionResult, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing failed and nothing was held back."""
        return all(result.outcome not in ("failed", "held_back") for result in self.results)


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


class _Task(NamedTuple):
    provider: str
    region: str


class _Stopped(Exception):
    """The refresh was broken off while this answer was read."""


@dataclass(slots=True)
class _Board:
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
            raise _Stopped
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
            raise _Stopped


def refresh(
    providers: Sequence[str] | None = None,
    regions: Sequence[str] | None = None,
    *,
    force: bool = False,
    aws_source: str = "feed",
    on: date | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> RefreshReport:
    """Ask the providers for today's prices, and store what passes every check.

    Parameters
    ----------
    providers : which to ask; None means all that can be asked.
    regions : which of their regions; None means each provider's default ones.
    force : take over prices also where more than half of a region's offers would vanish, or a price would
        move by more than a factor of 5. Everything is then read anew. Bounds and schema hold in any case.
    aws_source : ``feed``, the small documents behind the price pages, or ``bulk``, the whole price list.
    on : the day that the prices are dated; the computer's date if left out.
    progress : called from other threads, one call at a time, whenever there is something to tell.

    Returns
    -------
    How each region ended. Whatever did not pass leaves the last good prices as they are. ``ValueError`` names
    a provider that cannot be asked, a region that none of them has, or a source of AWS that does not exist.
    """
    if aws_source not in AWS_SOURCES:
        raise ValueError(f"aws_source is {aws_source!r}; allowed are {', '.join(AWS_SOURCES)}")
    tasks = _tasks(providers, regions)
    day = on or date.today()
    folder = cache_folder()
    remove_leftovers(folder)
    before = load_offers()
    board = _Board(progress, Counter(task.provider for task in tasks))
    asks = _asks(tasks, folder, board, day=day, force=force, aws_source=aws_source)
    results: dict[_Task, RegionResult] = {}
    try:
        for task, answer in _answers(asks, board):
            results[task] = _settle(task, answer, folder, before, day=day, force=force)
            board.tell(task.provider, regions_done=1)
    finally:
        # On Ctrl+C too: the threads give up at their next byte, and only this one stores.
        board.stop.set()
    report = RefreshReport(tuple(results[task] for task in tasks))
    _note(folder, report)
    return report


def _tasks(providers: Sequence[str] | None, regions: Sequence[str] | None) -> list[_Task]:
    """What to ask, each once, in the order of the registry."""
    chosen = list(dict.fromkeys(providers or ADAPTERS))
    adapters = {provider: adapter_of(provider) for provider in chosen}
    if not regions:
        return [
            _Task(provider, region) for provider in chosen for region in adapters[provider].default_regions
        ]
    listed = read_table(DATA / "regions.csv", ())
    known = set(zip(listed["provider"], listed["region"], strict=True))
    wanted = list(dict.fromkeys(regions))
    for region in wanted:
        if not any((provider, region) in known for provider in chosen):
            raise ValueError(f"region is {region!r}; allowed are regions of {', '.join(chosen)}")
    tasks = [
        _Task(*pair) for provider in chosen for region in wanted if (pair := (provider, region)) in known
    ]
    for provider in providers or ():
        if not any(task.provider == provider for task in tasks):
            raise ValueError(
                f"region is {', '.join(map(repr, wanted))}; none of them is a region of {provider}"
            )
    return tasks


def _asks(
    tasks: Sequence[_Task], folder: Path, board: _Board, *, day: date, force: bool, aws_source: str
) -> dict[_Task, Ask]:
    """The question for each task."""
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


def _client_maker(provider: str, board: _Board) -> Callable[[str, str], Client]:
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


def _known(folder: Path, task: _Task) -> dict[str, Validators]:
    """What to ask with, to be told that nothing changed; nothing where the answer would now mean more."""
    from .http import Validators

    stored = _stored(folder, task)
    if stored is None or stored.shapes_id != shapes_id():
        return {}
    return {url: Validators(**of_url) for url, of_url in stored.validators.items()}


def _stored(folder: Path, task: _Task) -> Stored | None:
    """What is stored of a provider and region, if it can be read."""
    file = file_state(stored_path(folder, *task))
    found = read_stored(file) if file is not None else None
    return found if isinstance(found, Stored) else None


def _answers(asks: Mapping[_Task, Ask], board: _Board) -> Iterator[tuple[_Task, Answer]]:
    """What the providers answer, in the order in which they do; several are asked at once."""
    waiting: queue.SimpleQueue[_Task] = queue.SimpleQueue()
    answered: queue.Queue[tuple[_Task, Answer]] = queue.Queue()
    for task in asks:
        waiting.put(task)

    def work() -> None:
        while not board.stop.is_set():
            try:
                task = waiting.get_nowait()
            except queue.Empty:
                return
            answered.put((task, _answer(adapter_of(task.provider), asks[task])))

    # Daemons, because a program that is broken off must not wait for a server that does not answer.
    threads = [
        threading.Thread(target=work, name=f"refresh {number}", daemon=True)
        for number in range(min(MOST_AT_ONCE, len(asks)))
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in asks:
            yield _next(answered)
        for thread in threads:
            thread.join()
    finally:
        for client in board.clients:
            client.close()


def _next(answered: queue.Queue[tuple[_Task, Answer]]) -> tuple[_Task, Answer]:
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


def _settle(
    task: _Task, answer: Answer, folder: Path, before: pd.DataFrame, *, day: date, force: bool
) -> RegionResult:
    """Judge one answer, and store it if it passes."""
    try:
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            return _confirm(task, folder)
        offers = _checked(task, answer, day)
        is_replaced = (
            (before["provider"] == task.provider)
            & (before["region"] == task.region)
            & before["term"].isin(answer.terms)
        )
        reason = "" if force else doubt(before[is_replaced], offers)
        if reason:
            advice = "the last good prices stay. If this is right, refresh again with --force"
            return RegionResult(*task, "held_back", f"{reason}; {advice}.", left_out=answer.left_out)
        _store(task, answer, offers, folder)
    except PricingError as error:
        is_skipped = isinstance(error, Refused) and is_passed_over(task.provider)
        return RegionResult(*task, "skipped" if is_skipped else "failed", str(error))
    except OSError as error:
        return RegionResult(*task, "failed", _cannot_store(folder, error))
    except Exception as error:
        return RegionResult(*task, "failed", _fault(error))
    return RegionResult(*task, "refreshed", f"{len(offers)} offers.", len(offers), answer.left_out)


def _confirm(task: _Task, folder: Path) -> RegionResult:
    """Nothing changed: what is stored is as good as new."""
    stored = _stored(folder, task)
    if stored is None:
        raise UnknownShape(
            "The provider answered that nothing changed, but nothing is stored; refresh again."
        )
    store(
        folder,
        stored.offers(),
        provider=task.provider,
        region=task.region,
        retrieved_at=_now(),
        terms=stored.terms,
        validators=stored.validators,
    )
    return RegionResult(*task, "unchanged", "Nothing changed since the last refresh.", stored.table.num_rows)


def _checked(task: _Task, answer: Fetched, day: date) -> pd.DataFrame:
    """The rows of an answer, if all of them can be believed."""
    try:
        offers = check_offers(answer.offers, today=day)
    except ValueError as error:
        raise UnknownShape(f"{error}.") from None
    allowed = {"provider": {task.provider}, "region": {task.region}, "term": set(answer.terms)}
    for column, names in allowed.items():
        strangers = sorted(set(offers[column]) - names)
        if strangers:
            raise UnknownShape(
                f"The answer for {task.provider} {task.region} holds rows with the {column} {strangers[0]!r}."
            )
    check_bounds(offers)
    return offers


def _store(task: _Task, answer: Fetched, offers: pd.DataFrame, folder: Path) -> None:
    """Store the new rows, with those of other ways of buying that were stored before."""
    stored = _stored(folder, task)
    terms = set(answer.terms)
    if stored is not None:
        kept = stored.offers()
        offers = pd.concat([kept[~kept["term"].isin(terms)], offers], ignore_index=True)
        terms |= set(stored.terms)
    store(
        folder,
        offers.sort_values(list(ROW_ORDER)),
        provider=task.provider,
        region=task.region,
        retrieved_at=_now(),
        terms=sorted(terms),
        # Those of earlier answers are dropped: rows of theirs may just have been replaced.
        validators={url: asdict(of_url) for url, of_url in answer.validators.items()},
    )


def _note(folder: Path, report: RefreshReport) -> None:
    """Note how each region ended, for those who look at the prices later."""
    at = _now()
    notes = {
        (result.provider, result.region): {"at": at, "outcome": result.outcome, "sentence": result.sentence}
        for result in report.results
    }
    # Where nothing can be written, each region has said so already.
    with suppress(OSError):
        write_status(folder, notes)


def _cannot_store(folder: Path, error: OSError) -> str:
    return (
        f"The prices cannot be stored in {folder}: {error.strerror or error}. "
        "Make room, or name another folder in RIG_OR_RENT_CACHE_DIR."
    )


def _fault(error: Exception) -> str:
    """Say that this program is at fault, and where; never in the error's words, which may hold a key."""
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = "".join(f" in {Path(frame.filename).name}, line {frame.lineno}" for frame in place)
    return f"{type(error).__name__}{where}: a fault of Rig or Rent; please report it."


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
