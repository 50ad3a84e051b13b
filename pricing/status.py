"""How old every provider's prices are, and why they are no younger."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd

from .cache import FILE_NAME, Stored, cache_folder, read_status, read_stored, stored_files
from .catalogue import load_offers
from .colab import load_colab, own_tables
from .currencies import StoredRates, load_currencies, read_stored_rates
from .registry import ADAPTERS

STATUS_COLUMNS = ("provider", "region", "retrieved_at", "as_of", "offers", "problem")
# What is wrong with the cache folder itself is not the fault of a provider.
NO_PLACE = ("stored prices", "all")
# Exchange rates are no offers, but age like them.
RATES_PLACE = ("ecb", "global")
SHOWN_PROBLEMS = ("failed", "held_back", "skipped")


def price_status() -> pd.DataFrame:
    """Say of each provider and region how old its prices are.

    Returns
    -------
    One row for each provider and region that has offers or a problem, and one for the exchange rates, which
    have no offers. ``retrieved_at`` is the moment (ISO, UTC) at which the provider last gave or confirmed
    them, empty for bundled ones; ``as_of`` the day of the newest price or of the rates, empty without;
    ``problem`` a sentence that says why a refresh or a stored file did not count, mostly empty.
    """
    folder = cache_folder()
    retrieved_at, problems = _stored_moments(folder)
    rates = load_currencies()
    found = read_stored_rates()
    if isinstance(found, StoredRates) and found.rates.as_of == rates.as_of:
        retrieved_at[RATES_PLACE] = found.retrieved_at
    elif isinstance(found, str):
        problems[RATES_PLACE] = f"{found}; the bundled rates stand in for it."
    for place, note in read_status(folder).items():
        # To have nothing to refresh is no problem, and a newer file has made a note obsolete.
        is_news = note["at"] >= retrieved_at.get(place, "")
        if note["outcome"] in SHOWN_PROBLEMS and is_news and _can_be_asked(place[0]):
            problems.setdefault(place, note["sentence"])
    own_problem = load_colab(own_tables())[1]
    if own_problem:
        problems["colab", "global"] = f"{own_problem}."
    offers = load_offers()
    count: Counter[tuple[str, str]] = Counter()
    newest: dict[tuple[str, str], str] = {RATES_PLACE: rates.as_of.isoformat()}
    for provider, region, as_of in zip(offers["provider"], offers["region"], offers["as_of"], strict=True):
        count[provider, region] += 1
        newest[provider, region] = max(as_of, newest.get((provider, region), ""))
    rows = [
        (*place, retrieved_at.get(place, ""), newest.get(place, ""), count[place], problems.get(place, ""))
        for place in sorted({*newest, *retrieved_at, *problems})
    ]
    return pd.DataFrame(rows, columns=list(STATUS_COLUMNS))


def price_ages(status: pd.DataFrame, on: date) -> dict[str, str]:
    """Say in words how old each provider's prices are on a day, by provider.

    Parameters
    ----------
    status : as `price_status` gives it.
    """
    return {str(provider): _age(rows, on) for provider, rows in status.groupby("provider", sort=True)}


def price_problems(status: pd.DataFrame) -> dict[str, list[str]]:
    """Say what the matter is with the prices of those providers that have a problem: sentences by provider.

    Each problem is named once, after the regions that have it.
    """
    return {
        str(provider): [
            f"{', '.join(of_problem['region'])}: {problem}"
            for problem, of_problem in rows.groupby("problem", sort=False)
        ]
        for provider, rows in status[status["problem"] != ""].groupby("provider", sort=True)
    }


def _can_be_asked(provider: str) -> bool:
    return provider in ADAPTERS and ADAPTERS[provider].has_price_service


def _stored_moments(folder: Path) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]:
    """When each stored file was retrieved, and what is wrong with those that cannot be read."""
    moments: dict[tuple[str, str], str] = {}
    problems: dict[tuple[str, str], str] = {}
    try:
        files = stored_files(folder)
    except OSError as error:
        return {}, {NO_PLACE: f"The stored prices in {folder} cannot be read: {error.strerror}."}
    for file in files:
        found = read_stored(file)
        if isinstance(found, Stored):
            moments[found.provider, found.region] = found.retrieved_at
            continue
        name = FILE_NAME.fullmatch(Path(file.path).name)
        place = (name["provider"], name["region"]) if name else NO_PLACE
        problems[place] = f"{found}; the bundled prices stand in for it."
    return moments, problems


def _age(rows: pd.DataFrame, on: date) -> str:
    """How old the prices of one provider are."""
    retrieved = rows.loc[rows["retrieved_at"] != "", "retrieved_at"]
    bundled = rows[(rows["retrieved_at"] == "") & (rows["as_of"] != "")]
    parts = []
    if len(retrieved):
        day = max(retrieved)[:10]
        parts.append(f"{_some(retrieved, rows)}retrieved {day} ({_days_ago(day, on)})")
    if len(bundled):
        day = max(bundled["as_of"])
        rest = "the others " if parts else ""
        parts.append(f"{rest}bundled, the newest of {day}")
    return ", ".join(parts) or "none"


def _some(retrieved: pd.Series[str], rows: pd.DataFrame) -> str:
    count = int((rows["offers"] > 0).sum())
    return "" if len(retrieved) >= count else f"{len(retrieved)} of {count} regions "


def _days_ago(day: str, on: date) -> str:
    days = (on - date.fromisoformat(day)).days
    return "today" if days <= 0 else "1 day old" if days == 1 else f"{days} days old"
