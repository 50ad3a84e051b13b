"""The page: reads the question, asks the model, draws the answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd
import streamlit as st

from charts import cost_by_hours, cost_over_time
from models import PERSONAS, Comparison, explain
from models.currency import exchange
from views import (
    answer,
    currency,
    curve,
    editors,
    how_sure,
    inputs,
    inputs_ci,
    money,
    offers,
    sources,
    state,
    style,
    words,
)
from views.drawing import currency_of, draw
from views.in_force import figures_in_force


def main() -> None:
    st.set_page_config(page_title="Rig or Rent", layout="wide", initial_sidebar_state=340, menu_items={})
    st.html(style.CSS)
    state.begin()
    head, messages, verdict, numbers = (st.container() for _ in range(4))
    # Inputs and editors come before the comparison, which needs what they show.
    with st.sidebar:
        tables, place_of_ci_notes = inputs.sidebar()
    # Which tab is open is followed for the sake of one, whose figures take a second or two.
    over_time, by_hours, spent, sure, build, rates, origin = st.tabs(
        [
            "Over time",
            "By hours a week",
            "What the money goes to",
            "How sure",
            "The build",
            "Offers",
            "Sources",
        ],
        key="tab",
        on_change="rerun",
    )
    foot = st.container()
    with build:
        st.caption(
            "The parts of the chosen preset. A double click changes a cell, the last row adds a part, and "
            "*already own* takes a price out of the bill. Choosing another preset brings its own parts."
        )
        state.renew_parts()
        tables["workstation.parts"] = editors.parts_editor()
        curve_of_the_card = st.container()
    with rates:
        table_of_offers = st.container()
        st.subheader("A rate of your own", anchor=False)
        st.caption(
            "A quote, a lab's cluster, a friend's machine: one row. It is compared like any other offer."
        )
        tables["rental.own_offers"] = editors.own_rates_editor()
        st.subheader("A speed of your own", anchor=False)
        st.caption("For a GPU that you have measured yourself, or whose speed is not known here.")
        tables["workload.relative_throughput"] = editors.speeds_editor()
    comparison, problem = _ask(tables)
    with place_of_ci_notes:
        inputs_ci.notes(comparison)
    with head:
        _head()
    with messages:
        if refused := state.link_problem():
            st.warning(words.plain(f"This link cannot be read: {refused}. Here is the default question."))
        if problem:
            st.error(words.plain(f"{problem}. Below stands the last question that could be answered."))
    with verdict:
        answer.verdict(comparison)
    with numbers:
        choice, glance = st.columns([2, 3], gap="medium")
        with choice:
            answer.compared_with()
        with glance:
            answer.pays_back(comparison)
        answer.tiles(comparison)
    with over_time:
        draw(cost_over_time(comparison, currency_of(comparison)), "chart over time")
        answer.provider_lines(comparison)
        answer.bills(comparison)
    with by_hours:
        draw(cost_by_hours(comparison, currency_of(comparison)), "chart by hours")
    with spent:
        money.tab(comparison)
    with curve_of_the_card:
        curve.market_curve(comparison)
    with table_of_offers:
        offers.tab(comparison)
    with origin:
        sources.tab(comparison, date.today())
    with foot:
        answer.notes(comparison)
    # Last, so that all the rest is on the screen by then.
    if sure.open:
        with sure:
            how_sure.tab(comparison)


def _ask(tables: Mapping[str, pd.DataFrame]) -> tuple[Comparison, str]:
    """Compare what is typed; where it is refused, the last question that was not, and why."""
    try:
        scenario = state.typed(tables)
        comparison = state.answer(scenario)
    except ValueError as error:
        return state.answer(state.last_good()), explain(error)
    state.remember(scenario)
    return comparison, ""


def _head() -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title("Rig or Rent", anchor=False, width="stretch")
        current = state.last_good()
        for name, scenario in PERSONAS.items():
            st.button(
                words.PERSONA_NAMES.get(name, name),
                key=f"persona {name}",
                help=words.PERSONA_HELP.get(name),
                type="primary" if scenario == current else "secondary",
                on_click=state.fill,
                args=(scenario,),
            )
        _currency()
        with st.popover("Share"):
            st.caption("This address leads back to your question.")
            st.code(state.link(), language=None, wrap_lines=True)
    st.html('<div class="open-inputs">Your week, the build and the prices: open ›› at the top left.</div>')


def _currency() -> None:
    """The currency of the answer, each one said with its rate and the day of it."""
    figures, chosen = figures_in_force(), str(st.session_state["money.currency"])
    with st.popover(chosen):
        st.selectbox(
            "Currency of the answer",
            list(dict.fromkeys(["USD", *sorted(figures.currencies), chosen])),
            key="money.currency",
            format_func=lambda code: (
                currency.said(exchange(code, figures)) if code in figures.currencies else code
            ),
            help="All that is answered is converted at this rate; what you type stays in US dollars, and "
            "each offer keeps the price and the currency in which it is listed. Assumption: the rate of one "
            "day for all months.",
        )


if __name__ == "__main__":
    main()
