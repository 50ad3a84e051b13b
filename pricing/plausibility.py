"""Whether new prices can be believed: bounds for every GPU, and how far they may be from the last ones."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd

from .errors import UnknownShape
from .offers import OFFER_KEY, UNPAID

TABLE = Path(__file__).resolve().parent.parent / "data" / "price_bounds.csv"
# More than this share of the offers gone, or a price moved by more than this factor, is not taken unseen.
MOST_VANISHED_FRACTION = 0.5
# A price that fewer hosts ask is no market's price.
FEWEST_HOSTS = 3
MOST_MOVED_FACTOR = 5.0
NAMED = 3


class Bounds(NamedTuple):
    """What an hour of one whole GPU can cost. [USD]"""

    low_usd_per_gpu_hour: float
    high_usd_per_gpu_hour: float


@cache
def price_bounds() -> Mapping[str, Bounds]:
    """The bounds by GPU; read-only."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return MappingProxyType(
        {
            row["gpu"]: Bounds(float(row["low_usd_per_gpu_hour"]), float(row["high_usd_per_gpu_hour"]))
            for row in rows
        }
    )


def check_bounds(offers: pd.DataFrame) -> None:
    """Let prices pass that lie within the bounds of their GPU.

    The price of the instance is divided by its GPUs; for a share of a GPU that is the price of the whole one.

    Raises
    ------
    UnknownShape : names the first row beyond its bounds, or whose GPU has none.
    """
    paid = offers[~offers["term"].isin(UNPAID)]
    bounds = price_bounds()
    per_gpu = paid["usd_per_hour"].to_numpy() / paid["gpu_count"].to_numpy()
    low, high = (
        paid["gpu"].map({gpu: getattr(of_gpu, name) for gpu, of_gpu in bounds.items()}).to_numpy(dtype=float)
        for name in Bounds._fields
    )
    # A comparison with NaN is false: a GPU without bounds does not pass.
    strange = np.flatnonzero(~((per_gpu >= low) & (per_gpu <= high)))
    if not len(strange):
        return
    place = int(strange[0])
    row = paid.iloc[place]
    if np.isnan(low[place]):
        raise UnknownShape(f"{_offer(row)}: there are no price bounds for the GPU {row['gpu']!r}.")
    raise UnknownShape(
        f"{_offer(row)}: usd_per_hour is {row['usd_per_hour']:g}, which is {per_gpu[place]:g} for each "
        f"{row['gpu']}; allowed is {low[place]:g} to {high[place]:g}."
    )


def doubt(before: pd.DataFrame, after: pd.DataFrame) -> str:
    """Why new prices should be looked at before they replace the last good ones; empty if nothing is odd.

    Parameters
    ----------
    before, after : offers of the same provider, region and terms.

    Returns
    -------
    A sentence that counts and names the offers that would vanish, if they are more than half, or whose price
    moves by more than the factor. What one or two hosts ask, and their bids, may come and go: such rows are
    not looked at.
    """
    key = ["term", "instance_type"]
    old, new = (_settled(offers).set_index(key)["usd_per_hour"] for offers in (before, after))
    gone = old.index.difference(new.index)
    if len(gone) > MOST_VANISHED_FRACTION * len(old):
        return f"{len(gone)} of {len(old)} offers would vanish, among them {_named(gone)}"
    kept = old.index.intersection(new.index)
    was, now = old.loc[kept].to_numpy(), new.loc[kept].to_numpy()
    moved = (now > MOST_MOVED_FACTOR * was) | (was > MOST_MOVED_FACTOR * now)
    if not moved.any():
        return ""
    examples = [
        f"{instance_type} {term} from {old_usd:g} to {new_usd:g}"
        for (term, instance_type), old_usd, new_usd in zip(
            kept[moved][:NAMED], was[moved][:NAMED], now[moved][:NAMED], strict=True
        )
    ]
    return (
        f"{moved.sum()} of {len(kept)} prices would move by more than a factor of {MOST_MOVED_FACTOR:g}, "
        f"among them {', '.join(examples)} USD an hour"
    )


def _settled(offers: pd.DataFrame) -> pd.DataFrame:
    """The rows of price lists, and of markets those for which several hosts stand."""
    is_market = offers["hosts"].notna()
    return offers[~is_market | ((offers["hosts"] >= FEWEST_HOSTS) & (offers["term"] != "spot"))]


def _named(keys: pd.Index) -> str:
    return ", ".join(f"{instance_type} {term}" for term, instance_type in keys[:NAMED])


def _offer(row: pd.Series[str]) -> str:
    return "offer of " + ", ".join(f"{name} {row[name]!r}" for name in OFFER_KEY)
