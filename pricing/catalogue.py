"""Every offer that is known, in one table, and the search in it."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pandas as pd

from .colab import colab_offers
from .offers import OFFER_COLUMNS, TERMS, TEXT_COLUMNS

DATA = Path(__file__).resolve().parent.parent / "data"
ORDER = ["provider", "instance_type", "region", "term"]
PLAN_NUMBERS = ("usd", "compute_units", "valid_days", "max_session_hours", "commitment_months")
RATE_NUMBERS = ("vram_gb", "compute_units_per_hour")


def load_offers() -> pd.DataFrame:
    """Load every bundled offer.

    Returns
    -------
    A table of its own for each caller, with `OFFER_COLUMNS`, sorted by provider, instance type, region and
    term. Unknown numbers are NaN; texts are never missing. Prices are for the whole instance. [USD/h]
    """
    return _bundled_offers().copy()


def find_offers(
    offers: pd.DataFrame,
    *,
    gpu: str | Sequence[str] | None = None,
    min_vram_gb: float = 0,
    provider: str | Sequence[str] | None = None,
    region: str | Sequence[str] | None = None,
    term: str | Sequence[str] | None = None,
    max_usd_per_hour: float | None = None,
) -> pd.DataFrame:
    """Find the offers that meet every condition, the cheapest first.

    Parameters
    ----------
    offers : an offers table.
    gpu, provider, region, term : one name, or several of which any will do; None means all.
    min_vram_gb : least memory that one process must see. [GB]
    max_usd_per_hour : highest price of the whole instance; None means any. [USD/h]

    Returns
    -------
    The rows that fit, sorted by price. ``ValueError`` names a GPU or provider that no offer has, a term that
    does not exist, or a limit that is not a number from 0 up. A region without offers gives no rows.
    """
    found = offers["vram_gb"] >= _limit("min_vram_gb", min_vram_gb)
    if max_usd_per_hour is not None:
        found &= offers["usd_per_hour"] <= _limit("max_usd_per_hour", max_usd_per_hour)
    for column, wanted in (("gpu", gpu), ("provider", provider), ("region", region), ("term", term)):
        if wanted is None:
            continue
        names = [wanted] if isinstance(wanted, str) else list(wanted)
        if column != "region":
            _refuse_unknown(column, names, {*offers[column], *(TERMS if column == "term" else ())})
        found &= offers[column].isin(names)
    return offers[found].sort_values(["usd_per_hour", *ORDER], kind="stable").reset_index(drop=True)


@cache
def _bundled_offers() -> pd.DataFrame:
    """Read the tables once; callers get copies."""
    numbers = [name for name in OFFER_COLUMNS if name not in TEXT_COLUMNS]
    listed = _read(DATA / "offers.csv", numbers)[list(OFFER_COLUMNS)]
    colab = colab_offers(
        _read(DATA / "colab_plans.csv", PLAN_NUMBERS), _read(DATA / "colab_rates.csv", RATE_NUMBERS)
    )
    return pd.concat([listed, colab], ignore_index=True).sort_values(ORDER).reset_index(drop=True)


def _read(path: Path, numbers: Sequence[str]) -> pd.DataFrame:
    """Read a bundled table: an empty cell is NaN in a column of numbers, and an empty text elsewhere."""
    table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    for name in numbers:
        table[name] = pd.to_numeric(table[name].where(table[name] != ""), errors="raise").astype("float64")
    return table


def _limit(name: str, value: float) -> float:
    """Refuse a limit that is not a number from 0 up."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or math.isnan(value) or value < 0:
        raise ValueError(f"{name} is {value!r}; allowed is a number from 0 up")
    return value


def _refuse_unknown(column: str, names: Sequence[str], known: set[str]) -> None:
    """Refuse a name that does not exist, and say which names there are."""
    choices = sorted(known)
    for name in names:
        if name not in choices:
            raise ValueError(f"{column} is {name!r}; allowed are {', '.join(choices) or 'none: no offers'}")
