"""The inputs that are tables: one row a part, a rate, a price of electricity."""

from __future__ import annotations

from typing import Any, Literal, get_args

import streamlit as st

from models import load_figures
from models.figures import REFERENCE_GPU
from models.resale import ResaleMethod
from models.scenario import Access, OwnTerm

from . import currency
from .state import chosen_rate, keep_table, known_offers, table_at

ACCESS: tuple[str, ...] = get_args(Access)
OWN_TERMS: tuple[str, ...] = get_args(OwnTerm)
RESALE_METHODS: tuple[str, ...] = get_args(ResaleMethod)
IN_DOLLARS = (
    "workstation.parts",
    "rental.own_offers",
    "rental.free_credits",
    "electricity.time_of_use",
    "electricity.tiers",
)
DAYS = ("all", "weekdays", "weekends")

column = st.column_config
number = column.NumberColumn


def parts_editor() -> None:
    """The build's parts, one a row."""
    _editor(
        "workstation.parts",
        {
            "name": column.TextColumn("part", required=True, width="medium"),
            "price_usd": number("price", required=True, min_value=0.0, format="dollar"),
            "already_own": column.CheckboxColumn(
                "already own", default=False, help="Costs nothing, sells for nothing; its electricity counts."
            ),
            "new_to_used_fraction": _percent_of(
                "loss on day one",
                "Value lost by being no longer new: 0.15 is 15 %, 0 for a used part. Assumption.",
            ),
            "yearly_loss_fraction": _percent_of(
                "loss a year",
                "Share of its value that it loses each year: 0.2 is 20 %. Sources are in the last tab.",
            ),
            "resale_method": column.SelectboxColumn(
                "value falls by",
                options=RESALE_METHODS,
                default="market",
                help="market: the two losses on the left. The three schedules fall to what is left after the "
                "years of use. own_table: your own fractions of the price.",
            ),
            "life_years": number("years of use", min_value=1, max_value=40, step=1, default=5),
            "salvage_fraction": _percent_of("left after them", "Of the three schedules. Assumption."),
            "value_by_year_fraction": column.TextColumn(
                "own table", help="Fractions of the price from today on, year by year: 1, 0.8, 0.6."
            ),
            "yearly_failure_fraction": _percent_of(
                "fails a year",
                "Chance that it fails in a year and is replaced by a used one. Empty: *Failures a year* "
                "under *Keeping it*.",
            ),
        },
    )


def own_rates_editor() -> None:
    """Rates of the reader's own, one a row."""
    _editor(
        "rental.own_offers",
        {
            "name": column.TextColumn("name", default="my rate", required=True),
            "gpu": column.SelectboxColumn(
                "GPU", options=_gpus("rental.own_offers"), default=REFERENCE_GPU, required=True
            ),
            "usd_per_hour": number("$ an hour", required=True, min_value=0.0001, format="$%.4f"),
            "vram_gb": number("GB a GPU", min_value=0.0001, help="Empty: what the GPU has."),
            "access": column.SelectboxColumn("access", options=ACCESS, default="vm", required=True),
            "term": column.SelectboxColumn("term", options=OWN_TERMS, default="on_demand", required=True),
            "relative_throughput": number(
                "speed", min_value=0.0001, help="The RTX 4090 is 1; empty: the figure for this GPU and work."
            ),
            "gpu_count": number("GPUs", default=1.0, min_value=0.0001),
            "compute_capability": number("compute capability", min_value=0.0001),
            "max_session_hours": number("session ends after (h)", min_value=0.0001),
            "billing_increment_s": number("billed by (s)", min_value=0.0001),
            "minimum_billing_s": number("least billed (s)", min_value=0.0),
            "interruptions_per_hour": number("interruptions an hour", min_value=0.0),
            "storage_usd_per_gb_month": number("storage, $ a GB-month", min_value=0.0),
            "egress_usd_per_gb": number("download, $ a GB", min_value=0.0),
        },
    )


def speeds_editor() -> None:
    """Speeds of the reader's own, one GPU a row."""
    path = "workload.relative_throughput"
    _editor(
        path,
        {
            "gpu": column.SelectboxColumn("GPU", options=_gpus(path), required=True, width="medium"),
            "speed": number("speed, RTX 4090 = 1", required=True, min_value=0.0001),
        },
        width="content",
    )


def time_of_use_editor() -> None:
    """Prices of electricity that hold for some hours, one period a row."""
    _editor(
        "electricity.time_of_use",
        {
            "from_hour": number("from", min_value=0, max_value=24, step=1, default=0, width="small"),
            "to_hour": number("to", min_value=0, max_value=24, step=1, default=24, width="small"),
            "usd_per_kwh": number("$/kWh", required=True, min_value=0.0, format="%.4f", width="small"),
            "days": column.SelectboxColumn("days", options=DAYS, default="all", required=True, width="small"),
            "months": column.TextColumn("months", help="Such as 6, 7, 8. Empty: the whole year."),
        },
    )


def tiers_editor() -> None:
    """Prices of electricity by the month's consumption, one block a row."""
    _editor(
        "electricity.tiers",
        {
            "upper_kwh": number("up to kWh a month", min_value=0.0001, help="Empty in the last row."),
            "usd_per_kwh": number("$/kWh", required=True, min_value=0.0, format="%.4f"),
        },
    )


def busy_hours_editor() -> None:
    """When the machine is busy: a weight for each hour of the day."""
    _editor(
        "electricity.busy_hour_weights",
        {
            "hour": column.TextColumn("hour of the day", disabled=True),
            "weight": number("weight", min_value=0.0, help="1 and 2: twice as often busy in the second."),
        },
        num_rows="fixed",
        height=180,
    )


def free_credits_editor() -> None:
    """Money that providers give away, one provider a row."""
    providers = [*sorted(set(known_offers()["provider"])), "own rate"]
    _editor(
        "rental.free_credits",
        {
            "provider": column.SelectboxColumn("provider", options=providers, required=True),
            "usd": number("credit", required=True, min_value=0.01, format="dollar"),
            "months": number("ends after (months)", min_value=1, max_value=240, step=1, default=12),
            "every_month": column.CheckboxColumn("every month", default=False),
        },
    )


def _editor(
    path: str,
    columns: dict[str, Any],
    num_rows: Literal["dynamic", "fixed"] = "dynamic",
    width: Literal["stretch", "content"] = "stretch",
    height: Literal["auto"] | int = "auto",
) -> None:
    key, rows = table_at(path)
    rate = chosen_rate()
    if path in IN_DOLLARS and not currency.is_dollar(rate):
        st.caption(f"Amounts in this table are US dollars: {currency.said(rate)}.")
    shown = st.data_editor(
        rows,
        key=key,
        num_rows=num_rows,
        hide_index=True,
        width=width,
        height=height,
        column_config=columns,
    )
    keep_table(path, shown)


def _percent_of(label: str, meaning: str) -> Any:
    return number(label, min_value=0.0, max_value=1.0, format="percent", help=meaning)


def _gpus(path: str) -> list[str]:
    _, rows = table_at(path)
    return list(dict.fromkeys([*load_figures().gpus, *rows["gpu"]]))
