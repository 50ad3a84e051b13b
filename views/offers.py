"""The tab with every offer: filters, the table, its rows as CSV, and rates of the reader's own."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from models import Comparison
from models.currency import Exchange

from . import currency, words
from .inputs_renting import rental_filters

SHOWN = {
    "provider": "provider",
    "instance_type": "machine",
    "gpu": "GPU",
    "region": "region",
    "term": "term",
    "present_value_usd": "cost today",
    "monthly_usd": "a month",
    "usd_per_useful_hour": "a useful hour",
    "listed_per_hour": "listed an hour",
    "listed_currency": "in",
    "break_even_months": "pays for itself (month)",
    "break_even_hours_per_week": "costs the same at (h a week)",
    "reason": "why not considered, or what to know",
    "what_you_get": "what you get",
    "relative_throughput": "speed",
    "throughput_kind": "speed is",
    "gpu_count": "GPUs",
    "access": "access",
    "as_of": "price of",
    "source": "source",
}
MONEY = ("present_value_usd", "monthly_usd", "usd_per_useful_hour")
GREY = "color: rgba(128, 128, 128, 0.85)"


def tab(comparison: Comparison) -> None:
    """Filters, table and download."""
    rental_filters("offers tab ", st.columns(3))
    _view_filters(comparison)
    shown = _shown(comparison)
    st.caption(
        f"{len(shown)} of {len(comparison.table)} rows, your build first. Grey rows are not considered, and "
        "say why. Providers, regions and ways of buying change the answer, *GPU* and *considered only* "
        "change what is shown and downloaded. A click on a heading sorts."
    )
    rate = currency.rate_of(comparison)
    if text := currency.converted(rate):
        st.caption(
            f"{text}. *Listed* is the price of an hour as its provider names it; the file is in US dollars."
        )
    _table(comparison.table.iloc[shown], rate)
    st.download_button(
        "Download these rows as CSV",
        comparison.to_csv(rows=shown),
        file_name="rig-or-rent.csv",
        mime="text/csv",
        key="download",
        on_click="ignore",
    )


def _view_filters(comparison: Comparison) -> None:
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    with left:
        st.multiselect("GPU", sorted(set(comparison.table["gpu"])), key="view gpu", placeholder="all")
    with right:
        st.toggle("Considered only", key="view considered", help="Leaves out the grey rows.")


def _shown(comparison: Comparison) -> list[int]:
    """Positions of the rows that pass the view's filters; the build always does."""
    table = comparison.table
    passes = pd.Series(True, index=table.index)
    if st.session_state["view gpu"]:
        passes &= table["gpu"].isin(st.session_state["view gpu"])
    if st.session_state["view considered"]:
        passes &= table["considered"]
    passes.iloc[0] = True
    return [position for position, passed in enumerate(passes) if passed]


def _table(rows: pd.DataFrame, rate: Exchange) -> None:
    cells = rows[list(SHOWN)].assign(
        provider=rows["provider"].map(words.provider_name), term=rows["term"].map(words.term_name)
    )
    grey = pd.DataFrame("", index=cells.index, columns=cells.columns)
    grey.loc[~rows["considered"]] = GREY
    styled = cells.style.apply(lambda _: grey, axis=None).format(
        {
            "break_even_months": words.months_cell,
            "break_even_hours_per_week": words.hours_cell,
            "gpu_count": "{:.3g}",
            "relative_throughput": words.speed_cell,
            "listed_per_hour": words.price_cell,
            "what_you_get": partial(currency.listed, rate=rate),
            **{name: partial(currency.cell, rate=rate) for name in MONEY},
        }
    )
    column = st.column_config
    labels = {name: column.Column(label) for name, label in SHOWN.items()}
    st.dataframe(
        styled,
        hide_index=True,
        height=520,
        column_config=labels
        | {name: column.NumberColumn(SHOWN[name]) for name in MONEY}
        | {
            name: column.Column(SHOWN[name], width="medium")
            for name in ("instance_type", "reason", "what_you_get")
        }
        | {"source": column.Column(SHOWN["source"], width="large")},
    )
