"""The inputs for one value each, by the kind of value; a field's path is its widget's key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest

import streamlit as st

from models.figures import Figure

from . import currency, flip_notes, words
from .state import chosen_rate

DEFAULT_QUESTION = "Assumption: part of the default question."
NOT_IN_THE_BILL = "Assumption: not in the bill until you say so."


def in_pairs(*inputs: Callable[[], None]) -> None:
    """Inputs in rows of two, aligned at their boxes however long their labels are."""
    for left, right in zip_longest(inputs[::2], inputs[1::2]):
        with flip_notes.beneath_row():
            for place, draw in zip(st.columns(2, vertical_alignment="bottom"), (left, right), strict=True):
                if draw is not None:
                    with place:
                        draw()


def hours_of_week(path: str, label: str, meaning: str, default: str = DEFAULT_QUESTION) -> None:
    """Hours out of the week's 168."""
    st.slider(label, 0.0, 168.0, step=0.5, format="%g h", key=path, help=f"{meaning} {default}")
    flip_notes.beneath(path)


def amount(path: str, label: str, meaning: str, step: float, default: str = DEFAULT_QUESTION) -> None:
    """A number of 0 or more."""
    st.number_input(
        in_us_dollars(label),
        min_value=0.0,
        step=step,
        format="%g",
        key=path,
        help=f"{meaning} {default}{converted(path, label)}",
    )
    flip_notes.beneath(path)


def optional(
    path: str,
    label: str,
    meaning: str,
    step: float,
    empty: str,
    bounds: tuple[float, float | None] = (0.0, None),
) -> None:
    """A number that may be left out; ``empty`` says what holds then."""
    least, most = bounds
    st.number_input(
        in_us_dollars(label),
        value=None,
        min_value=least,
        max_value=most,
        step=step,
        format="%g",
        key=path,
        placeholder=empty,
        help=f"{meaning} {DEFAULT_QUESTION}{converted(path, label)}",
    )
    flip_notes.beneath(path)


def figure(path: str, label: str, meaning: str, behind: Figure, step: float = 10.0) -> None:
    """An input that stands for a dated figure while it is empty."""
    shown = f"{behind.value:.4g}"
    st.number_input(
        in_us_dollars(label),
        value=None,
        min_value=0.0,
        step=step,
        format="%g",
        key=path,
        placeholder=shown,
        help=f"{meaning} "
        + words.source_note(shown, behind.kind, behind.as_of, behind.source)
        + converted(path, label, behind.value),
    )
    flip_notes.beneath(path)


def whole(
    path: str, label: str, meaning: str, least: int, most: int, step: int = 1, default: str = DEFAULT_QUESTION
) -> None:
    """A whole number."""
    st.number_input(label, least, most, step=step, key=path, help=f"{meaning} {default}")
    flip_notes.beneath(path)


def optional_whole(path: str, label: str, meaning: str, least: int, most: int, empty: str) -> None:
    """A whole number that may be left out; ``empty`` says what holds then."""
    st.number_input(
        label, least, most, value=None, key=path, placeholder=empty, help=f"{meaning} {DEFAULT_QUESTION}"
    )


def percent(path: str, label: str, help_text: str, typical: float = 0.3, least: float = 0.0) -> None:
    """A fraction as a slider of percents, which reaches as far as what is typed elsewhere."""
    value = float(st.session_state[path])
    st.slider(
        label,
        min(least, value),
        max(typical, value),
        step=0.005,
        format="percent",
        key=path,
        help=help_text,
    )
    flip_notes.beneath(path)


def share(path: str, label: str, meaning: str) -> None:
    """A fraction from nothing to all that is not in the bill by default."""
    percent(path, label, f"{meaning} {NOT_IN_THE_BILL}", typical=1.0)


def choice(
    path: str,
    label: str,
    options: Sequence[object],
    name: Callable[[str], str],
    meaning: str,
    default: str = DEFAULT_QUESTION,
) -> None:
    """One of several."""
    st.selectbox(label, options, key=path, format_func=name, help=f"{meaning} {default}")


def switch(path: str, label: str, meaning: str, default: str = DEFAULT_QUESTION) -> None:
    """Yes or no."""
    st.toggle(label, key=path, help=f"{meaning} {default}")


def in_us_dollars(text: str) -> str:
    """A label whose dollars are said to be the American ones where the answer is in another currency."""
    return currency.listed(text, chosen_rate())


def converted(path: str, label: str, default_usd: float | None = None) -> str:
    """For the help of an input in dollars: what it holds in the reader's currency; else nothing."""
    rate, value = chosen_rate(), st.session_state[path]
    amount_usd = default_usd if value is None else value
    if "$" not in label or amount_usd is None or currency.is_dollar(rate):
        return ""
    shown = words.plain(f"{currency.price(amount_usd, rate)} ({currency.converted(rate)})")
    return f" Typed in US dollars; now it is {shown}."
