"""The tab that says how sure the answer is: many futures, flip points, swings, and two inputs at once."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from models import Comparison, break_even_line, tornado, two_way
from models.uncertainty import share_of_cases

from . import currency, flip_notes, kept_answers, state, words
from .drawing import currency_of, draw
from .drawn_inputs import drawn_name
from .futures import Futures
from .input_words import axis_format, axis_title, input_name, input_value, on_axis, side_of
from .kept_answers import KEPT_ANSWERS, Question, download
from .money import figures_table
from .sure_charts import met_by_month, saving_map, swings

MAP_INPUTS = ("workload.busy_hours_per_week", "electricity.usd_per_kwh")
MOST_BARS = 12
SAVING = "net present value of building"


def tab(comparison: Comparison, futures: Futures | str) -> None:
    """All four answers, each with a download of its figures."""
    question = kept_answers.question()
    _futures(comparison, futures)
    bars = _swings(comparison, question)
    flips = _flips(comparison)
    _two_inputs(comparison, question, bars, flips)
    if text := currency.converted(currency.rate_of(comparison)):
        st.caption(f"{text}. The files are in US dollars.")


@st.cache_data(show_spinner=False, max_entries=KEPT_ANSWERS)
def _tornado(question: Question, _comparison: Comparison) -> pd.DataFrame:
    return tornado(state.last_good(), state.known_offers(), figures=_comparison.case.figures)


@st.cache_data(show_spinner=False, max_entries=KEPT_ANSWERS)
def _map(question: Question, first: str, second: str, _comparison: Comparison) -> pd.DataFrame:
    figures = _comparison.case.figures
    return two_way(state.last_good(), state.known_offers(), first, second, figures=figures)


def _futures(comparison: Comparison, found: Futures | str) -> None:
    if isinstance(found, str):
        st.caption(found)
        return
    months = comparison.scenario.money.horizon_months
    st.subheader(words.plain(found.sentence), anchor=False)
    st.caption(
        words.plain(
            f"What building saves over {months} months, all sold in the end, against "
            f"{_compared_with(comparison)} in each of {found.futures:,} futures. Hours, their growth, the "
            "end of the project, the prices of rentals and electricity, losses of value and failures vary "
            "together; one case in twenty is worse than the bad one, one better than the good one. "
            "The band of both bills is on the first tab's chart."
        )
    )
    rows = [(drawn_name(field), said) for field, said in found.ranges_said]
    figures_table("What varies", ("", "nine cases of ten lie between"), rows)
    if found.never_fraction < 1:
        draw(met_by_month(found.met), "chart of meeting")
    st.caption(
        f"While nothing is sold, the two bills never meet within {months} months in "
        f"{share_of_cases(found.never_fraction)} of cases."
    )
    said = (
        f"chance that building is cheaper {found.chance_build_wins!r}",
        f"share in which the bills never meet {found.never_fraction!r}",
        f"saving [USD], bad case {found.bad_usd!r}, good case {found.good_usd!r}",
        *(f"{name}, nine cases of ten {low!r} to {high!r}" for name, (low, high) in found.ranges.items()),
    )
    left, right = st.columns(2)
    with left:
        download(comparison, "the band", found.band, said)
    with right:
        download(comparison, "the months", found.met, said)


def _swings(comparison: Comparison, question: Question) -> pd.DataFrame:
    """The chart of what swings the saving; returns the rows with a saving at both ends."""
    table = _tornado(question, comparison)
    bars = table.dropna(subset=["saving_usd_at_low", "saving_usd_at_high"])
    measures = comparison.measures.set_index("measure")["value"]
    if bars.empty or SAVING not in measures.index:
        return bars
    st.subheader("What it hangs on", anchor=False)
    rate, shown = currency.rate_of(comparison), bars.head(MOST_BARS)
    names = shown["input"].map(input_name)
    said = {
        f"said_{end}": [
            input_value(field, value, rate) for field, value in zip(shown["input"], shown[end], strict=True)
        ]
        for end in ("low", "high")
    }
    draw(
        swings(shown.assign(name=names, **said), float(measures[SAVING]), currency_of(comparison)),
        "chart of swings",
    )
    widest = shown.iloc[0]
    st.caption(
        words.plain(
            f"Each input alone over its own plausible range, all else as you ask: the {len(shown)} widest of "
            f"{len(bars)}. {input_name(widest['input'])} at {said['said_low'][0]}: building saves "
            f"{_signed(comparison, widest['saving_usd_at_low'])}; at {said['said_high'][0]}: "
            f"{_signed(comparison, widest['saving_usd_at_high'])}. {_each_trial(comparison)}"
        )
    )
    download(comparison, "the swings", table)
    return bars


def _flips(comparison: Comparison) -> pd.DataFrame:
    table = flip_notes.tell(comparison)
    if table.empty:
        return table
    st.subheader("Where the answer flips", anchor=False)
    rate = currency.rate_of(comparison)
    found, none = table.dropna(subset=["flips_at"]), table[table["flips_at"].isna()]
    rows = [
        (
            input_name(field),
            input_value(field, value, rate),
            f"{side_of(field, direction)} {input_value(field, at, rate)}",
        )
        for field, value, at, direction in zip(
            found["input"], found["value"], found["flips_at"], found["direction"], strict=True
        )
    ]
    if rows:
        figures_table("All else as you ask", ("", "yours", "building wins"), rows)
    none_said = ", ".join(_lowered(input_name(field)) for field in none["input"])
    without = f"Without a flip in any plausible range: {none_said}. " if none_said else ""
    st.caption(words.plain(f"{without}{_each_trial(comparison)}"))
    download(comparison, "the flip points", table)
    return table


def _two_inputs(comparison: Comparison, question: Question, bars: pd.DataFrame, flips: pd.DataFrame) -> None:
    """A map of two inputs that the reader chooses among those that move the saving."""
    own = dict(zip(flips["input"], flips["value"], strict=True))
    moving = [*MAP_INPUTS, *bars["input"], *own]
    fields = [field for field in dict.fromkeys(moving) if field in own]
    if len(fields) < 2:
        return
    st.subheader("Two inputs at once", anchor=False)
    left, right = st.columns(2)
    with left:
        first = _chosen("map across", "Across", fields)
    with right:
        second = _chosen("map up", "Up", [field for field in fields if field != first])
    rate = currency.rate_of(comparison)
    table = _map(question, first, second, comparison)
    across, up = on_axis(first, rate), on_axis(second, rate)
    # The same points as they are shown: amounts in the reader's currency.
    saving, line = (
        frame.assign(first=frame["first"].map(across), second=frame["second"].map(up))
        for frame in (table, break_even_line(table))
    )
    draw(
        saving_map(
            saving,
            line,
            (across(own[first]), up(own[second])),
            (axis_title(first, rate), axis_title(second, rate)),
            (axis_format(first), axis_format(second)),
            currency_of(comparison),
        ),
        "map of two inputs",
    )
    side = "On the line both cost the same." if len(line) else "One side is cheaper all over the map."
    st.caption(f"Blue: building is cheaper. Orange: renting is. {side} Your own question is the diamond.")
    download(comparison, "the map", table.rename(columns={"first": first, "second": second}))


def _chosen(key: str, label: str, fields: Sequence[str]) -> str:
    """One of the inputs; the first of them where the one chosen before is no longer among them."""
    if st.session_state.get(key) not in fields:
        st.session_state[key] = fields[0]
    return str(st.selectbox(label, fields, key=key, format_func=input_name))


def _compared_with(comparison: Comparison) -> str:
    against = comparison.scenario.rental.against
    return "the cheapest rental" if against == "cheapest" else words.provider_name(against)


def _each_trial(comparison: Comparison) -> str:
    """Why a flip can lie elsewhere than against the one rental that the verdict names."""
    against = comparison.scenario.rental.against
    whose = "" if against == "cheapest" else f"{words.provider_name(against)} "
    return (
        f"Each trial takes the {whose}rental that is cheapest then: where other hours or prices make another "
        "offer the best one, the build must beat that one."
    )


def _signed(comparison: Comparison, usd: float) -> str:
    """A saving with its sign."""
    text = currency.amount(usd, currency.rate_of(comparison))
    return f"+{text}" if usd > 0 else text


def _lowered(text: str) -> str:
    return text if text[:2].isupper() else f"{text[:1].lower()}{text[1:]}"
