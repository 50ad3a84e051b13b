"""Exchange rates: the bundled table, or what a refresh stored if that is newer; each set is of one day.

The stored ones lie beside the stored prices, in `currencies.json`.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from .cache import cache_folder
from .errors import TRY_LATER, UnknownShape
from .files import FileState, file_state, write_whole
from .tables import DATA, read_table

FILE_NAME = "currencies.json"
SCHEMA_VERSION = 1
CODE = re.compile(r"[A-Z]{3}")
# Without these a set of rates is none: the readers' own, and those of the price lists.
CORE = ("AUD", "CAD", "CHF", "EUR", "GBP", "INR", "JPY", "USD")
# A year of the weakest of these currencies moves by less.
MOST_MOVED_FACTOR = 2.0


class Rates(NamedTuple):
    """Units of each currency for 1 EUR, EUR itself at 1, all of the day ``as_of``."""

    units_per_eur: dict[str, float]
    as_of: date
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class StoredRates:
    """Rates as a refresh left them; ``retrieved_at`` is the moment of it. [ISO, UTC]"""

    retrieved_at: str
    rates: Rates


def load_currencies() -> Rates:
    """Load the rates in force: the stored ones, unless the bundled ones are newer.

    Returns
    -------
    ``(units_per_eur, as_of, source)``, with a dictionary of its own for each caller. A stored file that
    cannot be read is left out; `price_status` names it.
    """
    found = read_stored_rates()
    rates = bundled_rates()
    if isinstance(found, StoredRates) and found.rates.as_of >= rates.as_of:
        rates = found.rates
    return rates._replace(units_per_eur=dict(rates.units_per_eur))


@cache
def bundled_rates() -> Rates:
    """The rates that came with the program."""
    table = read_table(DATA / "currencies.csv", ("units_per_eur",))
    units_per_eur = dict(zip(table["currency"], table["units_per_eur"].tolist(), strict=True))
    # The rate of a day is whole only if all are of that day; the tests see to it.
    return Rates(units_per_eur, date.fromisoformat(min(table["as_of"])), str(table["source"].iloc[0]))


def read_stored_rates() -> StoredRates | str | None:
    """What a refresh stored: rates, a sentence that says why they are ignored, or None."""
    file = file_state(cache_folder() / FILE_NAME)
    return None if file is None else _read_stored(file)


def store_rates(folder: Path, rates: Rates, *, retrieved_at: str) -> Path:
    """Write rates as a whole, in place of those before.

    Raises
    ------
    OSError : the folder cannot be made or written, or the disk is full; what was stored before is unharmed.
    """
    said = {
        "schema_version": SCHEMA_VERSION,
        "retrieved_at": retrieved_at,
        "as_of": rates.as_of.isoformat(),
        "source": rates.source,
        "units_per_eur": dict(sorted(rates.units_per_eur.items())),
    }
    path = folder / FILE_NAME
    write_whole(path, json.dumps({**said, "sha256": _fingerprint(said)}, indent=1).encode())
    return path


def check_rates(units_per_eur: dict[str, float]) -> None:
    """Refuse a set of rates that is none; ``ValueError`` names the currency, and the rate that is wrong."""
    for currency, rate in units_per_eur.items():
        if not CODE.fullmatch(currency):
            raise ValueError(f"a currency is {currency[:20]!r}; allowed is a code of three capital letters")
        if not (math.isfinite(rate) and rate > 0):
            raise ValueError(f"the rate of {currency} is {rate!r}; allowed is a finite number above 0")
    missing = [currency for currency in CORE if currency not in units_per_eur]
    if missing:
        raise ValueError(f"there is no rate for {', '.join(missing)}; allowed is a set that has them")
    if units_per_eur["EUR"] != 1:
        raise ValueError(f"the rate of EUR is {units_per_eur['EUR']!r}; allowed is 1")


def check_day(before: Rates, after: Rates, on: date) -> None:
    """Refuse rates of the future, or older ones than those in force.

    Raises
    ------
    UnknownShape : names both days.
    """
    if after.as_of > on:
        raise UnknownShape(
            f"The exchange rates are of {after.as_of}, but today is {on}; check the clock of this computer."
        )
    if after.as_of < before.as_of:
        raise UnknownShape(
            f"The exchange rates are of {after.as_of}, older than those of {before.as_of} in force; "
            f"{TRY_LATER}."
        )


def doubt_rates(before: Rates, after: Rates) -> str:
    """Why new rates should be looked at before they replace the last good ones; empty if nothing is odd."""
    was, now = before.units_per_eur, after.units_per_eur
    gone = sorted(was.keys() - now.keys())
    if gone:
        return f"the rate of {', '.join(gone)} would vanish"
    moved = [
        f"{currency} from {was[currency]:g} to {now[currency]:g}"
        for currency in sorted(was)
        if not 1 / MOST_MOVED_FACTOR <= now[currency] / was[currency] <= MOST_MOVED_FACTOR
    ]
    if not moved:
        return ""
    return (
        f"{len(moved)} of {len(was)} exchange rates would move by more than a factor of "
        f"{MOST_MOVED_FACTOR:g}, among them {', '.join(moved[:3])} for 1 EUR"
    )


@lru_cache(maxsize=4)
def _read_stored(file: FileState) -> StoredRates | str:
    path = Path(file.path)
    try:
        said = json.loads(path.read_bytes())
        version = said["schema_version"]
        if version != SCHEMA_VERSION:
            return (
                f"{path.name} is ignored: its schema version is {version!r}; "
                f"this version of Rig or Rent reads {SCHEMA_VERSION}"
            )
        if said.pop("sha256") != _fingerprint(said):
            raise ValueError("another fingerprint")
        return _stored(said)
    except OSError as error:
        return f"{path.name} cannot be read: {error.strerror or error}"
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return f"{path.name} is ignored: it is damaged, or was not written by Rig or Rent"


def _stored(said: dict[str, object]) -> StoredRates:
    """The rates that a file states; ``ValueError``, ``KeyError`` or ``TypeError`` if they are none."""
    units_per_eur, source = said["units_per_eur"], said["source"]
    if not isinstance(units_per_eur, dict) or not isinstance(source, str):
        raise TypeError
    check_rates(units_per_eur)
    moment = datetime.fromisoformat(str(said["retrieved_at"]))
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return StoredRates(
        str(said["retrieved_at"]), Rates(units_per_eur, date.fromisoformat(str(said["as_of"])), source)
    )


def _fingerprint(said: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
