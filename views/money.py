"""The tab that shows what the money goes to, and the decision in other measures."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from models import Comparison

from . import currency, words
from .downloads import cash_flows_csv
from .drawing import currency_of, draw
from .money_charts import what_money_goes_to


def tab(comparison: Comparison) -> None:
    """The chart of both bills by kind, its figures as CSV, measures and emissions in words."""
    if comparison.cash_flows.empty:
        st.caption("There is no bill: the work fits neither the build nor a considered rental.")
        return
    by_month = st.toggle(
        "Month by month",
        key="view month by month",
        help="Off: all that was paid by then. On: what is due in each month.",
    )
    draw(what_money_goes_to(comparison, by_month, currency_of(comparison)), "chart of money")
    rate = currency.rate_of(comparison)
    file_in = "" if currency.is_dollar(rate) else f", in US dollars. {currency.converted(rate)}"
    st.caption(
        f"In today's {currency.name(rate)}, so that the last column is what the tile says. Below the line is "
        "what comes back. The file has every component of every month, of the other providers' best offers "
        f"too{file_in}."
    )
    st.download_button(
        "Download the cash flows as CSV",
        cash_flows_csv(comparison),
        file_name="rig-or-rent-cash-flows.csv",
        mime="text/csv",
        key="download cash flows",
        on_click="ignore",
    )
    left, right = st.columns(2, gap="medium")
    with left:
        _measures(comparison)
    with right:
        _emissions(comparison)


def _measures(comparison: Comparison) -> None:
    against = comparison.labels.get(str(comparison.break_even["against"]), "the rental")
    rate = currency.rate_of(comparison)
    rows = [
        (measure, words.measure(value, unit, rate))
        for measure, unit, value in comparison.measures.itertuples(index=False)
    ]
    if rows:
        figures_table(f"Building in place of {against}", ("", ""), rows)


def _emissions(comparison: Comparison) -> None:
    months = comparison.scenario.money.horizon_months
    rows = [
        (
            comparison.labels.get(option, option),
            words.measure(energy_kwh, "kWh"),
            words.measure(co2_kg, "kg"),
        )
        for option, energy_kwh, _, co2_kg in comparison.emissions.itertuples(index=False)
    ]
    if rows:
        figures_table(f"Energy and CO₂ over {months} months", ("", "energy", "CO₂"), rows)


def figures_table(title: str, heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    """A small table of texts under its title."""
    head = "".join(f"<th>{words.html(text)}</th>" for text in heads)
    body = "".join(f"<tr>{''.join(f'<td>{words.html(cell)}</td>' for cell in row)}</tr>" for row in rows)
    st.html(
        f'<table class="figures"><caption>{words.html(title)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
