"""The page: reads the question, asks the model, draws the answer."""

from __future__ import annotations

from datetime import date

import streamlit as st

from charts import cost_by_hours, cost_over_time
from models import PERSONAS, Comparison, explain
from models.currency import exchange
from models.numeric_inputs import CARD_LOSS, NEW_TO_USED, OTHER_LOSS, PARTS_PRICE
from views import (
    answer,
    currency,
    curve,
    editors,
    flip_notes,
    how_sure,
    inputs,
    money,
    offers,
    own_and_rent,
    sources,
    state,
    style,
    words,
)
from views.drawing import currency_of, draw
from views.futures import futures_of
from views.in_force import figures_in_force


def main() -> None:
    st.set_page_config(page_title="Rig or Rent", layout="wide", initial_sidebar_state=340, menu_items={})
    st.html(style.CSS)
    state.begin()
    state.renew_parts()
    comparison, problem = _ask()
    flip_notes.begin(comparison)
    # The answer first, then the inputs: it is on the screen while a slider still moves.
    _head()
    if refused := state.link_problem():
        st.warning(words.plain(f"This link cannot be read: {refused}. Here is the default question."))
    if problem:
        st.error(words.plain(f"{problem}. Below stands the last question that could be answered."))
    _answer(comparison)
    futures = futures_of(comparison)
    answer.how_sure(futures)
    # Of the tabs the open one alone is worked out and drawn, but for the tables in which one can type.
    over_time, by_hours, spent, sure, mixed, build, rates, origin = st.tabs(
        [
            "Over time",
            "By hours a week",
            "What the money goes to",
            "How sure",
            "Own and rent",
            "The build",
            "Offers",
            "Sources",
        ],
        key="tab",
        on_change="rerun",
    )
    answer.notes(comparison)
    if over_time.open:
        with over_time:
            band = None if isinstance(futures, str) else futures.band
            draw(cost_over_time(comparison, currency_of(comparison), band), "chart over time")
            if band is not None:
                st.caption("Shaded around the curves: nine of ten futures. The tab *How sure* says of which.")
            answer.provider_lines(comparison)
            answer.bills(comparison)
    if by_hours.open:
        with by_hours:
            draw(cost_by_hours(comparison, currency_of(comparison)), "chart by hours")
    if spent.open:
        with spent:
            money.tab(comparison)
    with st.sidebar:
        inputs.sidebar(comparison)
    with build:
        _build(comparison, bool(build.open))
    with rates:
        _rates(comparison, bool(rates.open))
    if origin.open:
        with origin:
            sources.tab(comparison, date.today())
    if sure.open:
        with sure:
            how_sure.tab(comparison, futures)
    with mixed:
        own_and_rent.tab(comparison, bool(mixed.open))
    flip_notes.tell(comparison)


def _ask() -> tuple[Comparison, str]:
    """Compare what is typed; where it is refused, the last question that was not, and why."""
    try:
        scenario = state.typed()
        comparison = state.answer(scenario)
    except ValueError as error:
        return state.answer(state.last_good()), explain(error)
    state.remember(scenario)
    return comparison, ""


def _answer(comparison: Comparison) -> None:
    answer.verdict(comparison)
    choice, glance = st.columns([2, 3], gap="medium")
    with choice:
        answer.compared_with()
    with glance:
        answer.pays_back(comparison)
    answer.tiles(comparison)


def _build(comparison: Comparison, is_open: bool) -> None:
    st.caption(
        "The parts of the chosen preset. A double click changes a cell, the last row adds a part, and "
        "*already own* takes a price out of the bill. Choosing another preset brings its own parts."
    )
    editors.parts_editor()
    with flip_notes.beneath_row():
        for name in (PARTS_PRICE, CARD_LOSS, OTHER_LOSS, NEW_TO_USED):
            flip_notes.beneath(name)
    if is_open:
        curve.market_curve(comparison)


def _rates(comparison: Comparison, is_open: bool) -> None:
    # The style keeps the place of what stands in it only while open: the tables below do not jump.
    with st.container(key="all-offers"):
        if is_open:
            offers.tab(comparison)
        else:
            st.html("<div></div>")
    st.subheader("A rate of your own", anchor=False)
    st.caption("A quote, a lab's cluster, a friend's machine: one row. It is compared like any other offer.")
    editors.own_rates_editor()
    st.subheader("A speed of your own", anchor=False)
    st.caption("For a GPU that you have measured yourself, or whose speed is not known here.")
    editors.speeds_editor()


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
