"""Google Colab sells compute units and no GPU hours: the plans and the measured rates make offers."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .offers import OFFER_COLUMNS, TEXT_COLUMNS

# Every paid plan can draw any accelerator; without paying there is only this one.
FREE_ACCELERATOR = "T4"


def colab_offers(plans: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Turn Colab's plans and the measured rates into offers.

    Parameters
    ----------
    plans : the columns of `data/colab_plans.csv`; 0 commitment months mean none.
    rates : the columns of `data/colab_rates.csv`. Of every accelerator that is offered and has a GPU,
        the newest rate counts. [compute units/h]

    Returns
    -------
    An offers table: each plan with each accelerator, Free with the T4 alone. The price of an hour is the
    price of the pack over the hours that it lasts. [USD/h]
    """
    newest = _newest_rates(rates).to_dict("records")
    rows = [
        _offer(plan, rate)
        for plan in plans.to_dict("records")
        for rate in newest
        if plan["term"] != "free" or rate["accelerator"] == FREE_ACCELERATOR
    ]
    types = {name: "str" if name in TEXT_COLUMNS else "float64" for name in OFFER_COLUMNS}
    return pd.DataFrame(rows, columns=list(OFFER_COLUMNS)).astype(types)


def _newest_rates(rates: pd.DataFrame) -> pd.DataFrame:
    """Keep the newest rate of every accelerator that is offered and has a GPU."""
    offered = rates[(rates["offered"] == "yes") & rates["gpu"].fillna("").ne("")]
    return offered.sort_values(["accelerator", "as_of"]).drop_duplicates("accelerator", keep="last")


def _offer(plan: dict[Any, Any], rate: dict[Any, Any]) -> dict[str, object]:
    """Combine one plan with one accelerator."""
    row: dict[str, object] = {
        "provider": "colab",
        "instance_type": f"{rate['accelerator']}, {plan['plan']}",
        "gpu": rate["gpu"],
        "gpu_count": 1.0,
        "vram_gb": rate["vram_gb"],
        "region": "global",
        "term": plan["term"],
        "access": "notebook",
        "usd_per_hour": 0.0,
        "max_session_hours": plan["max_session_hours"],
        "kind": rate["kind"],
        # An offer is as old as the older of its two figures.
        "as_of": min(plan["as_of"], rate["as_of"]),
        "source": f"plan: {plan['source']}; rate: {rate['source']}",
    }
    if plan["term"] == "free":
        return row
    pack_hours = plan["compute_units"] / rate["compute_units_per_hour"]
    return row | {
        "usd_per_hour": plan["usd"] / pack_hours,
        "commitment_months": plan["commitment_months"] or None,
        "pack_usd": plan["usd"],
        "pack_hours": pack_hours,
        "pack_valid_days": plan["valid_days"],
    }
