"""A comparison told briefly: options in words, two short bills, and where the curves cross."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .verdict import offer_name

if TYPE_CHECKING:
    from .case import Case

BILL_COLUMNS = ("option", "component", "detail", "total_usd", "present_value_usd")
TOTAL = "total"
# Lines that begin alike are one line of the short bill.
KINDS = {
    "part ": "parts",
    "resale ": "resale",
    "electricity ": "electricity",
    "loan ": "loan",
    "lease": "lease",
    "VAT ": "VAT",
    "tax saved ": "tax saved",
}


def option_labels(case: Case, build_name: str, build_gpu: str) -> dict[str, str]:
    """Every option's name in the table, and the same in words."""
    return {build_name: f"The build ({build_gpu})"} | {
        name: offer_name(case, offer) for offer, name in enumerate(case.offers.names)
    }


def short_bills(receipt: pd.DataFrame) -> pd.DataFrame:
    """The receipt with one line a kind of component and a last line ``total`` for each option.

    Parts, electricity and resale have many lines in the receipt and one here. Columns as in the receipt.
    """
    rows: list[tuple[str, str, str, float, float]] = []
    for option, lines in receipt.groupby("option", sort=False):
        kinds = lines["component"].map(_kind)
        for kind, same in lines.groupby(kinds, sort=False):
            detail = str(same["detail"].iloc[0]) if len(same) == 1 else _detail(str(kind), same)
            rows.append((str(option), str(kind), detail, *_sums_usd(same)))
        rows.append((str(option), TOTAL, "", *_sums_usd(lines)))
    return pd.DataFrame(rows, columns=list(BILL_COLUMNS))


def cost_where_curves_meet_usd(curve: pd.DataFrame, axis: str, at: float) -> float:
    """The build's cost at a month or at hours a week, linear between the curve's points; NaN if never. [USD]

    ``curve`` is ``cost_by_month`` or ``cost_by_hours`` of a comparison, ``axis`` its column.
    """
    build = curve[curve["role"] == "build"]
    if not math.isfinite(at) or build.empty:
        return math.nan
    return float(np.interp(at, build[axis].to_numpy(dtype=float), build["usd"].to_numpy(dtype=float)))


def _kind(component: str) -> str:
    return next((kind for start, kind in KINDS.items() if component.startswith(start)), component)


def _detail(kind: str, lines: pd.DataFrame) -> str:
    if kind in ("parts", "resale"):
        owned = int((lines["detail"] == "already owned").sum())
        return f"{len(lines)} parts" + (f", {owned} already owned" if owned else "")
    names = [_within(kind, component) for component in lines["component"]]
    return " · ".join(f"{name} {_dollars(usd)}" for name, usd in zip(names, lines["total_usd"], strict=True))


def _within(kind: str, component: str) -> str:
    """What a line is beside its kind: *electricity busy* is *busy*."""
    start = next(start for start, of_start in KINDS.items() if of_start == kind)
    return component.removeprefix(start).removeprefix("given back ").removeprefix("on ").strip() or component


def _dollars(usd: float) -> str:
    return f"-${-usd:,.0f}" if usd < 0 else f"${usd:,.0f}"


def _sums_usd(lines: pd.DataFrame) -> tuple[float, float]:
    return float(lines["total_usd"].sum()), float(lines["present_value_usd"].sum())
