"""Replace stored prices by today's, region by region; what fails in one disturbs no other."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from .asking import Board, Progress, Task, answers, questions
from .cache import cache_folder, store, stored_of, write_status
from .catalogue import load_offers
from .currencies import Rates, check_day, doubt_rates, load_currencies, store_rates
from .errors import PricingError, Refused, UnknownShape
from .files import remove_leftovers
from .offers import TERMS, check_offers
from .plausibility import check_bounds, doubt
from .registry import ADAPTERS, adapter_of, is_passed_over
from .tables import DATA, read_table

if TYPE_CHECKING:
    from .adapter import Fetched
    from .asking import Answer

AWS_SOURCES = ("feed", "bulk")
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
    board = Board(progress, Counter(task.provider for task in tasks))
    asked = questions(tasks, folder, board, day=day, force=force, aws_source=aws_source)
    adapters = {provider: adapter_of(provider) for provider in board.regions}
    results: dict[Task, RegionResult] = {}
    for provider in board.regions:
        board.tell(provider)
    try:
        for task, answer in answers(asked, adapters, board):
            results[task] = _settle(task, answer, folder, before, day=day, force=force)
            board.tell(task.provider, regions_done=1)
    finally:
        # On Ctrl+C too: the threads give up at their next byte, and only this one stores.
        board.stop.set()
    report = RefreshReport(tuple(results[task] for task in tasks))
    _note(folder, report)
    return report


def _tasks(providers: Sequence[str] | None, regions: Sequence[str] | None) -> list[Task]:
    """What to ask, each once, in the order of the registry."""
    chosen = list(dict.fromkeys(providers or ADAPTERS))
    adapters = {provider: adapter_of(provider) for provider in chosen}
    if not regions:
        return [
            Task(provider, region) for provider in chosen for region in adapters[provider].default_regions
        ]
    listed = read_table(DATA / "regions.csv", ())
    known = set(zip(listed["provider"], listed["region"], strict=True))
    wanted = list(dict.fromkeys(regions))
    for region in wanted:
        if not any((provider, region) in known for provider in chosen):
            raise ValueError(f"region is {region!r}; allowed are regions of {', '.join(chosen)}")
    tasks = [Task(*pair) for provider in chosen for region in wanted if (pair := (provider, region)) in known]
    for provider in providers or ():
        if not any(task.provider == provider for task in tasks):
            raise ValueError(
                f"region is {', '.join(map(repr, wanted))}; none of them is a region of {provider}"
            )
    return tasks


def _settle(
    task: Task, answer: Answer, folder: Path, before: pd.DataFrame, *, day: date, force: bool
) -> RegionResult:
    """Judge one answer, and store it if it passes."""
    try:
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            return _confirm(task, folder)
        if isinstance(answer, Rates):
            return _settle_rates(task, answer, folder, day=day, force=force)
        offers = _checked(task, answer, day)
        is_replaced = (
            (before["provider"] == task.provider)
            & (before["region"] == task.region)
            & before["term"].isin(answer.terms)
        )
        reason = "" if force else doubt(before[is_replaced], offers)
        if reason:
            return RegionResult(*task, "held_back", _held_back(reason, "prices"), left_out=answer.left_out)
        _store(task, answer, offers, folder)
    except PricingError as error:
        is_skipped = isinstance(error, Refused) and is_passed_over(task.provider)
        return RegionResult(*task, "skipped" if is_skipped else "failed", str(error))
    except OSError as error:
        return RegionResult(*task, "failed", _cannot_store(folder, error))
    except Exception as error:
        return RegionResult(*task, "failed", _fault(error))
    return RegionResult(*task, "refreshed", f"{len(offers)} offers.", len(offers), answer.left_out)


def _settle_rates(task: Task, rates: Rates, folder: Path, *, day: date, force: bool) -> RegionResult:
    """Judge a set of exchange rates, and store it if it passes."""
    before = load_currencies()
    check_day(before, rates, day)
    reason = "" if force else doubt_rates(before, rates)
    if reason:
        return RegionResult(*task, "held_back", _held_back(reason, "rates"))
    store_rates(folder, rates, retrieved_at=_now())
    return RegionResult(*task, "refreshed", f"{len(rates.units_per_eur)} exchange rates of {rates.as_of}.")


def _held_back(reason: str, kept: str) -> str:
    return f"{reason}; the last good {kept} stay. If this is right, refresh again with --force."


def _confirm(task: Task, folder: Path) -> RegionResult:
    """Nothing changed: what is stored is as good as new."""
    stored = stored_of(folder, *task)
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


def _checked(task: Task, answer: Fetched, day: date) -> pd.DataFrame:
    """The rows of an answer, if all of them can be believed."""
    try:
        offers = check_offers(answer.offers, today=day)
    except ValueError as error:
        raise UnknownShape(f"{error}.") from None
    # Not readable again once stored, if there were such a one.
    unknown = sorted(set(answer.terms) - set(TERMS))
    if unknown:
        raise UnknownShape(f"The answer for {task.provider} {task.region} is about the term {unknown[0]!r}.")
    allowed = {"provider": {task.provider}, "region": {task.region}, "term": set(answer.terms)}
    for column, names in allowed.items():
        strangers = sorted(set(offers[column]) - names)
        if strangers:
            raise UnknownShape(
                f"The answer for {task.provider} {task.region} holds rows with the {column} {strangers[0]!r}."
            )
    check_bounds(offers)
    return offers


def _store(task: Task, answer: Fetched, offers: pd.DataFrame, folder: Path) -> None:
    """Store the new rows, with those of other ways of buying that were stored before."""
    stored = stored_of(folder, *task)
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
