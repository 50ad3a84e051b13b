"""What every provider's adapter takes and gives: fetch and parse apart, one registry line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Protocol, TypeVar, cast

import pandas as pd

from .currencies import Rates
from .http import Client, Validators

T = TypeVar("T")


class Shared:
    """Answers that several regions need: the first to ask makes it, the others wait for it.

    What failed once fails for all, with the same error.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._locks: dict[str, Lock] = {}
        self._made: dict[str, tuple[object, Exception | None]] = {}

    def once(self, key: str, make: Callable[[], T]) -> T:
        """The value for a key, made at most once."""
        with self._lock:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            if key not in self._made:
                try:
                    self._made[key] = (make(), None)
                except Exception as failed:
                    self._made[key] = (None, failed)
        value, failure = self._made[key]
        if failure is not None:
            raise failure
        return cast(T, value)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to one provider about one region.

    ``known`` holds the validators of the last good answer by URL, empty where nothing is kept: with them a
    server may answer *unchanged*. ``shared`` is the same for all regions of one refresh.
    """

    region: str
    on: date
    client: Callable[[str, str], Client]
    shared: Shared
    known: Mapping[str, Validators] = field(default_factory=dict)
    aws_source: str = "feed"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a provider answered for one region.

    ``offers`` has the columns of the offers table. ``terms`` are the ways of buying that it replaces as a
    whole, also those without a row. ``left_out`` names GPU types whose shape is not known here.
    """

    offers: pd.DataFrame
    terms: tuple[str, ...]
    validators: Mapping[str, Validators]
    left_out: tuple[str, ...] = ()


class Adapter(Protocol):
    """One provider. ``fetch`` returns None where nothing changed, and raises a ``PricingError`` else.

    All give offers, but for the one that gives exchange rates.
    """

    name: str
    default_regions: tuple[str, ...]

    def fetch(self, ask: Ask) -> Fetched | Rates | None:
        """Ask for the prices of one region."""
        ...
