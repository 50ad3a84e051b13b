"""The fields that are edited as tables: a field's value as rows, and rows as its value again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd
from pydantic import BaseModel

PARTS = "workstation.parts"
SPEEDS = "workload.relative_throughput"
WEIGHTS = "electricity.busy_hour_weights"

COLUMNS: Mapping[str, Mapping[str, str]] = {
    PARTS: {
        "name": "str",
        "price_usd": "float64",
        "already_own": "bool",
        "new_to_used_fraction": "float64",
        "yearly_loss_fraction": "float64",
        "resale_method": "str",
        "life_years": "float64",
        "salvage_fraction": "float64",
        "value_by_year_fraction": "str",
        "yearly_failure_fraction": "float64",
    },
    "rental.own_offers": {
        "name": "str",
        "gpu": "str",
        "usd_per_hour": "float64",
        "vram_gb": "float64",
        "access": "str",
        "term": "str",
        "relative_throughput": "float64",
        "gpu_count": "float64",
        "compute_capability": "float64",
        "max_session_hours": "float64",
        "billing_increment_s": "float64",
        "minimum_billing_s": "float64",
        "interruptions_per_hour": "float64",
        "storage_usd_per_gb_month": "float64",
        "egress_usd_per_gb": "float64",
    },
    SPEEDS: {"gpu": "str", "speed": "float64"},
    "rental.free_credits": {
        "provider": "str",
        "usd": "float64",
        "months": "float64",
        "every_month": "bool",
    },
    "electricity.time_of_use": {
        "from_hour": "float64",
        "to_hour": "float64",
        "usd_per_kwh": "float64",
        "days": "str",
        "months": "str",
    },
    "electricity.tiers": {"upper_kwh": "float64", "usd_per_kwh": "float64"},
    WEIGHTS: {"hour": "str", "weight": "float64"},
}
# A row counts once these cells are filled.
NEEDED: Mapping[str, frozenset[str]] = {
    PARTS: frozenset({"name", "price_usd"}),
    "rental.own_offers": frozenset({"gpu", "usd_per_hour"}),
    SPEEDS: frozenset({"gpu", "speed"}),
    "rental.free_credits": frozenset({"provider", "usd"}),
    "electricity.time_of_use": frozenset({"usd_per_kwh"}),
    "electricity.tiers": frozenset({"usd_per_kwh"}),
}
# Cells that hold several numbers, written with commas.
LISTS_IN_CELLS = {"months", "value_by_year_fraction"}
HOURS = tuple(f"{hour} to {end}" for hour, end in zip(range(24), range(1, 25), strict=True))

Record = dict[str, object]


def as_rows(path: str, value: object) -> pd.DataFrame:
    """The value of a field as the rows of its table."""
    records = _records_of(path, value)
    return pd.DataFrame(
        {
            name: pd.Series([_cell(record.get(name)) for record in records], dtype=dtype)
            for name, dtype in COLUMNS[path].items()
        }
    )


def as_value(path: str, rows: pd.DataFrame) -> object:
    """The value that the rows of a field's table stand for; rows that miss what they need do not count."""
    if path == WEIGHTS:
        weights = rows["weight"]
        return None if weights.isna().all() else tuple(weights.fillna(0.0))
    records = [record for record in _filled(path, rows) if NEEDED[path] <= record.keys()]
    if path == SPEEDS:
        return {str(record["gpu"]): record["speed"] for record in records}
    return tuple(records)


def _records_of(path: str, value: object) -> list[Record]:
    if path == WEIGHTS:
        weights: Sequence[object] = value if isinstance(value, tuple) else [None] * len(HOURS)
        return [{"hour": hour, "weight": weight} for hour, weight in zip(HOURS, weights, strict=True)]
    if isinstance(value, Mapping):
        return [{"gpu": gpu, "speed": speed} for gpu, speed in value.items()]
    rows = value if isinstance(value, tuple) else ()
    return [row.model_dump() for row in rows if isinstance(row, BaseModel)]


def _cell(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value


def _filled(path: str, rows: pd.DataFrame) -> list[Record]:
    """The rows without their empty cells, and the lists in cells taken apart."""
    # "months" is a list in a tariff, and a number in a credit.
    texts = LISTS_IN_CELLS & {name for name, dtype in COLUMNS[path].items() if dtype == "str"}
    return [
        {
            str(name): re.findall(r"[^\s,;]+", str(value)) if name in texts else value
            for name, value in record.items()
            if not (pd.isna(value) or value == "")
        }
        for record in rows.to_dict("records")
    ]
