"""The shape of every instance type that is known here, and the offers that prices make of it."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd

from .offers import OFFER_COLUMNS, TEXT_COLUMNS

TABLE = Path(__file__).resolve().parent.parent / "data" / "instances.csv"
HOURS_PER_MONTH = 730.0
COMMITMENT_MONTHS = {"reserved_1y": 12.0, "reserved_3y": 36.0, "savings_1y": 12.0, "savings_3y": 36.0}


class Shape(NamedTuple):
    """What one instance type holds.

    ``gpu_count`` may be a fraction: the share of one GPU. ``vram_gb`` is what one process sees. ``vcpus``,
    ``ram_gb`` and ``local_ssd_gb`` are NaN where unknown. ``access`` is one of `pricing.offers.ACCESS`.
    """

    gpu: str
    gpu_count: float
    vram_gb: float
    vcpus: float
    ram_gb: float
    local_ssd_gb: float
    access: str


class Price(NamedTuple):
    """One price of a whole instance for an hour, with the address that it was read from.

    ``tier`` is empty where the provider has none, ``hosts`` and ``quantile`` are NaN where the price is
    no quantile of a listing.
    The four prices of storage and traffic are NaN where the provider's table holds. ``listed_per_hour`` is
    the price in ``listed_currency``; left out, it is the price in USD.
    """

    instance_type: str
    term: str
    usd_per_hour: float
    source: str
    kind: str = "published"
    tier: str = ""
    hosts: float = math.nan
    storage_usd_per_gb_month: float = math.nan
    stopped_storage_usd_per_gb_month: float = math.nan
    upload_usd_per_gb: float = math.nan
    download_usd_per_gb: float = math.nan
    listed_currency: str = "USD"
    listed_per_hour: float | None = None
    quantile: float = math.nan


@cache
def shapes(provider: str) -> Mapping[str, Shape]:
    """Give the shapes of one provider's instance types, by instance type.

    No price list names the GPU of an instance type, so a table of ours does. The mapping is read-only, and
    empty for a provider without rows.
    """
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["provider"] == provider]
    return MappingProxyType({row["instance_type"]: _shape(row) for row in rows})


def priced_offers(
    provider: str,
    region: str,
    on: date,
    prices: Iterable[Price],
    known_shapes: Mapping[str, Shape] | None = None,
) -> pd.DataFrame:
    """Make the offers of one region from prices.

    Parameters
    ----------
    provider, region : whose prices they are.
    on : the day on which they were read.
    prices : of known instance types. A commitment is paid 730 hours a month.
    known_shapes : the shape of each instance type; left out, what `shapes` knows.

    Returns
    -------
    A table with `OFFER_COLUMNS`, sorted by instance type and term. What a price does not say is NaN.
    """
    of_type = shapes(provider) if known_shapes is None else known_shapes
    rows = [
        {
            **of_type[price.instance_type]._asdict(),
            **price._asdict(),
            "listed_per_hour": price.usd_per_hour if price.listed_per_hour is None else price.listed_per_hour,
            "provider": provider,
            "region": region,
            "committed_hours_per_month": HOURS_PER_MONTH if price.term in COMMITMENT_MONTHS else None,
            "commitment_months": COMMITMENT_MONTHS.get(price.term),
            "as_of": on.isoformat(),
        }
        for price in sorted(prices, key=lambda price: (price.instance_type, price.term))
    ]
    table = pd.DataFrame(rows, columns=list(OFFER_COLUMNS))
    return table.astype({name: "str" if name in TEXT_COLUMNS else "float64" for name in OFFER_COLUMNS})


def _shape(row: Mapping[str, str]) -> Shape:
    """Read one row; an empty cell is unknown."""
    gpu_count, vram_gb, vcpus, ram_gb, local_ssd_gb = (
        float(row[name] or "nan") for name in ("gpu_count", "vram_gb", "vcpus", "ram_gb", "local_ssd_gb")
    )
    return Shape(row["gpu"], gpu_count, vram_gb, vcpus, ram_gb, local_ssd_gb, row["access"])
