"""The tab that says where every figure is from, and how old it is."""

from __future__ import annotations

from datetime import date

import streamlit as st

from models import Comparison, input_sources, price_dates


def tab(comparison: Comparison, today: date) -> None:
    """Prices by provider, then the inputs."""
    column = st.column_config
    st.subheader("Prices", anchor=False)
    st.dataframe(
        price_dates(comparison, today),
        hide_index=True,
        column_config={
            "oldest": "oldest price",
            "newest": "newest price",
            "newest_age_days": column.NumberColumn("age of the newest", format="%d days"),
            "sources": column.Column("sources of the considered ones", width="large"),
        },
    )
    st.subheader("Inputs", anchor=False)
    st.dataframe(
        input_sources(comparison),
        hide_index=True,
        column_config={
            "value": column.NumberColumn("value", format="plain"),
            "as_of": "of",
            "source": column.Column("source", width="large"),
        },
    )
    st.caption(
        f"Snapshot of the prices: {comparison.snapshot_id}. A price older than a year is considered only "
        "where its provider has nothing newer, and is marked."
    )
