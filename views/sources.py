"""The tab that says where every figure is from, and how old it is; today's prices are fetched here."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st
from rich.filesize import decimal

from models import Comparison, input_sources, price_dates
from pricing import price_ages, price_problems, price_status
from pricing.own_tables import dated_tables

from . import currency, words
from .refreshing import refresher

LOOK_UP_S = 1.0
TABLE_COLUMNS = ["table", "in force", "file"]
# A problem of Colab's tables stands beside its prices.
GITHUB = ("actions_runners", "actions_plans")


def tab(comparison: Comparison, today: date) -> None:
    """Prices by provider, then the inputs."""
    column = st.column_config
    st.subheader("Prices", anchor=False)
    # Only while something happens does the page ask for news by itself.
    st.fragment(_refreshing, run_every=LOOK_UP_S if refresher().is_running else None)()
    status = price_status()
    ages = {words.provider_name(name): age for name, age in price_ages(status, today).items()}
    _problems(price_problems(status))
    prices = price_dates(comparison, today)
    prices.insert(1, "prices", prices["provider"].map(ages).fillna("your own"))
    st.dataframe(
        prices,
        hide_index=True,
        column_config={
            "prices": column.Column("prices", width="medium"),
            "oldest": "oldest price",
            "newest": "newest price",
            "newest_age_days": column.NumberColumn("age of the newest", format="%d days"),
            "sources": column.Column("sources of the considered ones", width="large"),
        },
    )
    rate = currency.rate_of(comparison)
    st.caption(
        words.plain(
            f"Exchange rates of the European Central Bank: {ages.get(words.provider_name('ecb'), 'none')}."
            + (f" {currency.converted(rate)}." if not currency.is_dollar(rate) else "")
        )
    )
    st.subheader("Dated tables without a price service", anchor=False)
    tables = dated_tables(today)
    st.dataframe(
        pd.DataFrame([(table.name, table.said, str(table.path)) for table in tables], columns=TABLE_COLUMNS),
        hide_index=True,
        column_config={"file": column.Column("file", width="large")},
    )
    _problems({"github": [f"{table.problem}." for table in tables if table.name in GITHUB and table.problem]})
    st.caption("`rig-or-rent offers --override` says how to put a table of your own in the place of one.")
    st.subheader("Inputs", anchor=False)
    st.dataframe(
        input_sources(comparison),
        hide_index=True,
        column_config={
            "value": column.NumberColumn("value", format="%.6g"),
            "as_of": "of",
            "source": column.Column("source", width="large"),
        },
    )
    st.caption(
        f"Snapshot of the prices: {comparison.snapshot_id}. A price older than a year is considered only "
        "where its provider has nothing newer, and is marked."
    )


def _refreshing() -> None:
    """The button, how far the refresh is, and how the last one ended."""
    shared = refresher()
    if st.session_state.setdefault("refreshes seen", shared.ended) != shared.ended:
        st.session_state["refreshes seen"] = shared.ended
        # The whole page anew, with the new prices.
        st.rerun()
    is_asked = st.button(
        "Refresh prices",
        key="refresh prices",
        disabled=shared.is_running,
        help="Asks the providers for today's prices and the European Central Bank for its rates; Google "
        "Cloud and Lambda only where a key is set. What fails leaves the last good prices as they are.",
    )
    if is_asked:
        shared.start()
        # The whole page anew, so that it looks up by itself until the refresh has ended.
        st.rerun()
    if shared.is_running:
        for provider, now in sorted(shared.progress.copy().items()):
            size = f", {decimal(now.received_bytes)}" if now.received_bytes else ""
            name = words.provider_name(provider)
            st.progress(now.fraction, f"{name}: {now.regions_done} of {now.regions} regions{size}")
        if not shared.progress:
            st.caption("Asking the providers.")
    elif summary := shared.summary():
        st.caption(words.plain(summary))


def _problems(problems: dict[str, list[str]]) -> None:
    """What failed, beside the provider's name."""
    lines = [
        f"<li><b>{words.html(words.provider_name(provider))}</b> {words.html(sentence)}</li>"
        for provider, sentences in problems.items()
        for sentence in sentences
    ]
    if lines:
        st.html(f'<ul class="providers problems">{"".join(lines)}</ul>')
