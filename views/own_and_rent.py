"""The tab between building and renting: jobs at home, cards for the usual load, and the month to buy."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import streamlit as st

from models import Comparison, Job, own_work, plan_cards
from models.buy_later import MonthToBuy, best_month_of_case
from models.plans import CardsPlan, example_weeks

from . import currency, jobs, state, words
from .drawing import currency_of, draw
from .kept_answers import KEPT_ANSWERS, Question, download, question
from .plan_charts import cost_by_cards, cost_by_purchase

MOST_WEEKS = 520
DRAWS = 1_000
WEEKS, DRIFT = "hours of each week", "yearly change of the parts' price"


def tab(comparison: Comparison, is_open: bool) -> None:
    """All three plans, each with a download of its figures.

    What the reader types is there while the tab is closed, for else it would be forgotten; nothing is planned
    then.
    """
    asked = question()
    own = own_work(state.last_good(), state.known_offers(), comparison.case.figures)
    jobs.section(comparison, asked, own, is_open)
    _cards(comparison, asked, own, is_open)
    _when_to_buy(comparison, asked, is_open)
    if is_open and (text := currency.converted(currency.rate_of(comparison))):
        st.caption(f"{text}. The files are in US dollars.")


@st.cache_data(show_spinner=False, max_entries=KEPT_ANSWERS)
def _planned(asked: Question, hours_by_week: tuple[float, ...], _comparison: Comparison) -> CardsPlan:
    return plan_cards(state.last_good(), state.known_offers(), hours_by_week, _comparison.case.figures)


@st.cache_data(show_spinner="Drawing futures", max_entries=KEPT_ANSWERS)
def _month_to_buy(asked: Question, drift_fraction: float, draws: int, _comparison: Comparison) -> MonthToBuy:
    return best_month_of_case(_comparison.case, drift_fraction, draws)


def _cards(comparison: Comparison, asked: Question, own: Job, is_open: bool) -> None:
    st.subheader("Own some cards, rent the overflow", anchor=False)
    answer = st.container()
    example = " ".join(f"{hours:g}" for hours in example_weeks(own))
    text = _weeks_text(example)
    whose = "An example: three quiet weeks and a busy one, your own hours being their mean. "
    st.caption(
        f"{whose if text == example else ''}On the build's GPU at full speed, separated by spaces, commas "
        f"or lines, a point for decimals; up to {MOST_WEEKS} weeks."
    )
    if not is_open:
        return
    try:
        weeks = hours_of(text)
        plan = _planned(asked, weeks, comparison)
    except ValueError as error:
        answer.warning(
            words.refused(error, "Change the hours, the build, or what is considered under Renting")
        )
        return
    answer.markdown(f"**{words.plain(cards_sentence(comparison, plan, len(weeks)))}**")
    rate, offer = currency.rate_of(comparison), comparison.labels.get(plan.offer, plan.offer)
    owning = currency.amount(plan.owning_usd_per_card_week, rate, cents=True)
    at_home, rented = (
        currency.price(usd, rate) for usd in (plan.owned_usd_per_hour, plan.rental_usd_per_hour)
    )
    costs = pd.DataFrame({"cards": np.arange(len(plan.usd_by_cards)), "cost_usd": plan.usd_by_cards})
    draw(cost_by_cards(costs, plan.cards, currency_of(comparison)), "chart of cards")
    st.caption(
        words.plain(
            f"A card comes in a build like yours: {owning} a week whether it works or not, room for "
            f"{plan.capacity_hours_per_card:.1f} h, and {at_home} for each hour. A rented hour is {rented} "
            f"on {offer}, with the sessions, data and held hours of a mean week. Hours beyond a week's room "
            "are rented; they cannot wait for the next. CI, free credits and your own time are left out."
        )
    )
    download(
        comparison,
        "the cards",
        costs,
        (
            f"hours of each week {' '.join(map(repr, weeks))}",
            f"owning [USD a card and week] {plan.owning_usd_per_card_week!r}",
            f"an hour at home [USD] {plan.owned_usd_per_hour!r}",
            f"an hour rented [USD] {plan.rental_usd_per_hour!r}, {plan.offer}",
            f"room [h a card and week] {plan.capacity_hours_per_card!r}",
        ),
    )


def cards_sentence(comparison: Comparison, plan: CardsPlan, weeks: int) -> str:
    """How many cards to own, and what one fewer or one more would cost."""
    rate = currency.rate_of(comparison)
    costs = [currency.amount(usd, rate, cents=True) for usd in plan.usd_by_cards.tolist()]
    numbers = range(len(costs))
    fewer = [number for number in numbers if number < plan.cards][-1:]
    more = [number for number in numbers if number > plan.cards][:1]
    others = " and ".join(f"{costs[number]} with {_cards_said(number)}" for number in [*fewer, *more])
    span = "this week" if weeks == 1 else f"these {weeks} weeks"
    if not plan.cards:
        return f"0 cards cost least: renting all of {span} is {costs[0]}, against {others}."
    verb = "card costs" if plan.cards == 1 else "cards cost"
    return f"{plan.cards} {verb} least: {costs[plan.cards]} in {span}, against {others}."


def _cards_said(cards: int) -> str:
    return {0: "none", 1: "1 card"}.get(cards, f"{cards} cards")


def hours_of(text: str) -> tuple[float, ...]:
    """The hours of each week; ``ValueError`` names a word that is no number of hours."""
    if (unclear := re.search(r"\d+,\d+", text)) and re.search(r"\d\s+\d", text):
        raise ValueError(
            f"GPU hours of each week: {unclear[0]!r} can be one number or two weeks, write "
            f"{unclear[0].replace(',', '.')!r} or {unclear[0].replace(',', ', ')!r}"
        )
    given = [word for word in re.split(r"[\s,;]+", text) if word]
    for word in given:
        if not re.fullmatch(r"\d+(\.\d*)?|\.\d+", word, flags=re.ASCII):
            raise ValueError(f"GPU hours of each week: {word[:40]!r} is not a number from 0, such as 12.5")
    if not 1 <= len(given) <= MOST_WEEKS:
        raise ValueError(f"GPU hours of each week: from 1 to {MOST_WEEKS} weeks, not {len(given)}")
    hours = tuple(map(float, given))
    if not any(hours):
        raise ValueError("GPU hours of each week: at least one must be above 0")
    return hours


def _weeks_text(example: str) -> str:
    """The weeks, which follow the question until the reader changes them."""
    kept = st.session_state
    if kept.get(WEEKS) == kept.get(f"{WEEKS} example"):
        kept[WEEKS] = example
    kept[f"{WEEKS} example"] = example
    return str(st.text_area("GPU hours of each week", key=WEEKS, height=80))


def _when_to_buy(comparison: Comparison, asked: Question, is_open: bool) -> None:
    st.subheader("Rent now, buy later", anchor=False)
    answer = st.container()
    drift_fraction = float(
        st.slider(
            "Price of the same parts, change a year",
            -0.5,
            0.5,
            0.0,
            step=0.05,
            key=DRIFT,
            format="percent",
            help="Who expects parts to get cheaper waits. Assumption: as today.",
        )
    )
    if not is_open:
        return
    try:
        found = _month_to_buy(asked, drift_fraction, 0, comparison)
    except ValueError as error:
        answer.warning(
            words.refused(error, "Change the work, the build, or what is considered under Renting")
        )
        return
    answer.markdown(f"**{words.plain(purchase_sentence(comparison, found))}**")
    if st.button("What is waiting worth?"):
        st.session_state["waiting asked"] = asked
    costs = pd.DataFrame({"month": np.arange(len(found.usd_by_month)), "cost_usd": found.usd_by_month})
    said = [f"yearly change of the parts' price {drift_fraction!r}"]
    if st.session_state.get("waiting asked") == asked:
        drawn = _month_to_buy(asked, drift_fraction, DRAWS, comparison)
        costs["mean_of_futures_usd"] = drawn.usd_by_month
        said.append(f"value of waiting in {DRAWS} futures [USD] {drawn.value_of_waiting_usd!r}")
        st.markdown(f"**{words.plain(waiting_sentence(comparison, drawn))}**")
        st.caption(
            "What waiting is worth: so much less is paid on average by buying in the best month, against the "
            "better of buying today and only renting. Hours, their growth, the end of the project and prices "
            "vary as under *How sure*. The month is fixed today: who first watches the use saves more still."
        )
    draw(cost_by_purchase(costs, found.best_month, currency_of(comparison)), "chart of the purchase")
    against = comparison.scenario.rental.against
    whom = "cheapest rental" if against == "cheapest" else f"cheapest offer of {words.provider_name(against)}"
    st.caption(
        words.plain(
            f"All that is paid over {comparison.scenario.money.horizon_months} months, everything sold at "
            f"their end. Until the purchase the work runs on the {whom} for that time; what is signed beyond "
            "it is paid too. The last month is never buying."
        )
    )
    download(comparison, "the month to buy", costs, said)


def purchase_sentence(comparison: Comparison, found: MonthToBuy) -> str:
    """When to buy, and what today's two other decisions cost."""
    best, today, never = _said(comparison, found)
    months = comparison.scenario.money.horizon_months
    if found.best_month == 0:
        return f"Buy today: {best} over {months} months, no later month costs less; only renting is {never}."
    if found.best_month == months:
        return f"Do not buy: only renting is {best} over {months} months; buying today is {today}."
    return (
        f"Rent for {_months(found.best_month)}, then buy: {best} over {months} months. "
        f"Buying today is {today}, only renting {never}."
    )


def waiting_sentence(comparison: Comparison, found: MonthToBuy) -> str:
    """What waiting is worth over many futures, in plain words."""
    best, today, never = _said(comparison, found)
    months, futures = comparison.scenario.money.horizon_months, f"the mean of {DRAWS:,} futures"
    if found.best_month == 0:
        return (
            f"Waiting is worth nothing: in {futures} buying today costs least, {best}; only renting {never}."
        )
    if found.best_month == months:
        return (
            f"Waiting for a month to buy is worth nothing: in {futures} only renting costs least, {best}; "
            f"buying today {today}."
        )
    worth = currency.amount(found.value_of_waiting_usd, currency.rate_of(comparison), cents=True)
    return (
        f"Waiting is worth {worth}: in {futures} it costs least to buy after {_months(found.best_month)}, "
        f"{best}; buying today {today}, only renting {never}."
    )


def _said(comparison: Comparison, found: MonthToBuy) -> tuple[str, str, str]:
    """Cost of the best month, of buying today, and of never buying."""
    rate, usd = currency.rate_of(comparison), found.usd_by_month
    best, today, never = (currency.amount(float(usd[at]), rate) for at in (found.best_month, 0, -1))
    return best, today, never


def _months(months: int) -> str:
    return f"{months} {'month' if months == 1 else 'months'}"
