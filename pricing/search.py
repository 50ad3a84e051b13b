"""The search in a table of offers."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from functools import reduce

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from .offers import TERMS

FEW = 4


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
    The rows that fit, sorted by price; equal prices keep the table's order. ``ValueError`` names a GPU or
    provider that no offer has, a term that does not exist, or a limit that is not a number from 0 up. A
    region without offers gives no rows.
    """
    fits = []
    if _limit("min_vram_gb", min_vram_gb) > 0:
        fits.append(offers["vram_gb"].to_numpy() >= min_vram_gb)
    if max_usd_per_hour is not None:
        fits.append(offers["usd_per_hour"].to_numpy() <= _limit("max_usd_per_hour", max_usd_per_hour))
    rows = np.flatnonzero(np.logical_and.reduce(fits)) if fits else np.arange(len(offers))
    for column, wanted in (("gpu", gpu), ("provider", provider), ("term", term), ("region", region)):
        if wanted is None:
            continue
        names = [wanted] if isinstance(wanted, str) else list(wanted)
        cells = pa.array(offers[column].array)
        # Only rows that are left are looked at again: comparing texts is what takes the time.
        if len(rows) < len(offers):
            cells = cells.take(pa.array(rows))
        left, missing = _matches(cells, names)
        if missing and column != "region":
            _refuse_unknown(column, missing, offers[column])
        rows = rows[left]
    found = offers.take(rows[np.argsort(offers["usd_per_hour"].to_numpy()[rows], kind="stable")])
    found.index = pd.RangeIndex(len(found))
    return found


def _matches(cells: pa.Array, names: Sequence[str]) -> tuple[NDArray[np.intp], set[str]]:
    """Where one of the names stands, and the names that stand nowhere."""
    if len(names) > FEW or not names:
        is_any = pc.is_in(cells, value_set=pa.array(names, cells.type))
        missing = set(names).difference(cells.filter(is_any).unique().to_pylist())
    else:
        # For a few names, comparing each is quicker than looking them up, if no cell is converted for it.
        of_each = [pc.equal(cells, pa.scalar(name, cells.type)) for name in names]
        is_any = reduce(pc.or_, of_each)
        missing = {name for name, is_it in zip(names, of_each, strict=True) if not is_it.true_count}
    return pc.indices_nonzero(is_any).to_numpy(), missing


def _limit(name: str, value: float) -> float:
    """Refuse a limit that is not a number from 0 up."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or math.isnan(value) or value < 0:
        raise ValueError(f"{name} is {value!r}; allowed is a number from 0 up")
    return value


def _refuse_unknown(column: str, missing: set[str], cells: pd.Series[str]) -> None:
    """Refuse a name that does not exist, and say which names there are."""
    choices = sorted({*cells.unique(), *(TERMS if column == "term" else ())})
    for name in sorted(missing.difference(choices)):
        raise ValueError(f"{column} is {name!r}; allowed are {', '.join(choices) or 'none: no offers'}")
