"""Offers and looks into a comparison that the tests of the model share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from models import Comparison
from pricing import OFFER_COLUMNS, load_offers

Offers = Callable[..., pd.DataFrame]
Row = Callable[..., dict[str, Any]]

# What an offer is where a test does not say otherwise.
PLAIN_OFFER: dict[str, object] = {
    "provider": "aws",
    "instance_type": "plain",
    "gpu": "RTX 4090",
    "gpu_count": 1.0,
    "vram_gb": 24.0,
    "region": "us-east-1",
    "term": "on_demand",
    "access": "vm",
    "usd_per_hour": 1.0,
    "kind": "published",
    "as_of": "2026-11-01",
    "source": "a price list",
    "tier": "",
    "listed_currency": "USD",
}
TEXTS = (
    "provider",
    "instance_type",
    "gpu",
    "region",
    "term",
    "access",
    "kind",
    "as_of",
    "source",
    "tier",
    "listed_currency",
)

RESERVED: dict[str, object] = {
    "term": "reserved_1y",
    "committed_hours_per_month": 730.0,
    "commitment_months": 12.0,
}
PACK: dict[str, object] = {
    "provider": "colab",
    "region": "global",
    "term": "prepaid",
    "access": "notebook",
    "gpu": "A100 40GB SXM",
    "vram_gb": 40.0,
    "usd_per_hour": 0.5,
    "pack_usd": 10.0,
    "pack_hours": 20.0,
    "pack_valid_days": 90.0,
    "max_session_hours": 24.0,
}


def _frame(*rows: dict[str, object]) -> pd.DataFrame:
    whole = [PLAIN_OFFER | row for row in rows]
    # A price in USD is listed as what it is.
    whole = [{"listed_per_hour": row["usd_per_hour"]} | row for row in whole]
    frame = pd.DataFrame(whole, columns=list(OFFER_COLUMNS))
    return frame.astype({name: "str" if name in TEXTS else "float64" for name in OFFER_COLUMNS})


@pytest.fixture(scope="session")
def bundled() -> pd.DataFrame:
    """The bundled offers; nobody changes them."""
    return load_offers()


@pytest.fixture(scope="session")
def offers_of() -> Offers:
    """Build a table of offers from what sets each apart from a plain one: an RTX 4090 at 1 USD an hour."""
    return _frame


@pytest.fixture(scope="session")
def pack() -> dict[str, object]:
    """A prepaid pack: 20 hours of an A100 for 10 USD, gone after 90 days."""
    return dict(PACK)


@pytest.fixture(scope="session")
def reserved() -> dict[str, object]:
    """A commitment for a year, paid around the clock."""
    return dict(RESERVED)


@pytest.fixture(scope="session")
def one_of_each() -> pd.DataFrame:
    """One offer for every way of selling: metered, by the hour, committed, spot, packs, parts of a GPU."""
    return _frame(
        {"instance_type": "metered", "gpu": "A10G", "usd_per_hour": 1.0},
        {
            "provider": "runpod",
            "instance_type": "by the hour",
            "region": "global",
            "access": "container",
            "usd_per_hour": 0.5,
            "billing_increment_s": 3600.0,
            "minimum_billing_s": 3600.0,
        },
        {
            "provider": "gcp",
            "instance_type": "year",
            "gpu": "L4",
            "region": "us-central1",
            "usd_per_hour": 0.44,
        }
        | RESERVED,
        {
            "provider": "gcp",
            "instance_type": "spot",
            "gpu": "L4",
            "region": "us-central1",
            "term": "spot",
            "usd_per_hour": 0.3,
            "interruptions_per_hour": 0.02,
        },
        PACK | {"instance_type": "pack"},
        PACK | {"instance_type": "plan", "commitment_months": 1.0},
        {
            "provider": "azure",
            "instance_type": "half",
            "gpu": "A10",
            "gpu_count": 0.5,
            "vram_gb": 12.0,
            "region": "eastus",
            "usd_per_hour": 0.8,
        },
        {
            "provider": "azure",
            "instance_type": "unknown speed",
            "gpu": "A40",
            "vram_gb": 48.0,
            "region": "eastus",
            "usd_per_hour": 0.6,
        },
        {
            "provider": "vast",
            "instance_type": "eight",
            "gpu_count": 8.0,
            "region": "global",
            "access": "container",
            "usd_per_hour": 3.2,
        },
    )


@pytest.fixture(scope="session")
def row_of() -> Row:
    """The one row of a comparison's table whose columns have the given values."""

    def find(comparison: Comparison, **columns: object) -> dict[str, Any]:
        table = comparison.table
        for column, value in columns.items():
            table = table[table[column] == value]
        assert len(table) == 1, f"{len(table)} rows with {columns}"
        return {str(name): value for name, value in table.iloc[0].items()}

    return find
