"""Under each input the value at which it alone would flip the answer.

They take about a second to find. So what was found last stands there at first, and each is renewed once it is
found, after all the rest is on the screen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import cast

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import Comparison
from models.currency import Exchange
from models.flips import FlipPoint, flips_by_input, flips_table
from models.numeric_inputs import NUMERIC_NAMES

from . import currency, state, words
from .input_words import input_name, input_value, side_of
from .kept_answers import KEPT_ANSWERS, Question, question

NO_FLIP = "no flip in range"


@dataclass
class Notes:
    """What one reader is told: by input, in which places and under which names, and for which question."""

    told: dict[str, str] = field(default_factory=dict)
    told_of: Question | None = None
    places: list[tuple[dict[str, str], DeltaGenerator]] = field(default_factory=list)
    row: list[str] | None = None


def begin(comparison: Comparison) -> None:
    """Before the inputs are drawn: forget the places, and take what is known of this question."""
    notes = _notes()
    notes.places, notes.row = [], None
    asked = question()
    if notes.told_of != asked and (known := _found().get(asked)) is not None:
        notes.told, notes.told_of = _told(known, currency.rate_of(comparison)), asked


def beneath(path: str) -> None:
    """Below an input, the place of its note; in a row of inputs, below the row."""
    if path not in NUMERIC_NAMES:
        return
    notes = _notes()
    if notes.row is None:
        _place({path: ""})
    else:
        notes.row.append(path)


@contextmanager
def beneath_row() -> Iterator[None]:
    """Inputs side by side, with one place for their notes below all of them."""
    notes = _notes()
    notes.row = []
    yield
    # One of several has to be named.
    names, notes.row = {path: input_name(path) for path in notes.row}, None
    if names:
        _place(names)


def tell(comparison: Comparison) -> pd.DataFrame:
    """Find the flips of this question and put them below their inputs; as ``flip_points`` gives them."""
    notes, asked, found = _notes(), question(), _found()
    known = found.get(asked)
    if known is not None and notes.told_of == asked:
        return flips_table(known)
    points: list[FlipPoint] = []
    rate = currency.rate_of(comparison)
    # A search that is broken off leaves notes of two questions.
    notes.told_of = None
    # Another reader may have found them since this run began.
    news: Iterable[Sequence[FlipPoint]] = (
        flips_by_input(state.last_good(), state.known_offers(), comparison.case.figures)
        if known is None
        else [known]
    )
    for flips in news:
        points.extend(flips)
        for path, text in _told(flips, rate).items():
            notes.told[path] = text
            _renew(path)
    for path in set(notes.told).difference(point.input for point in points):
        del notes.told[path]
        _renew(path)
    found[asked], notes.told_of = tuple(points), asked
    # Readers share them, and may drop the same ones at the same time.
    for oldest in list(found)[:-KEPT_ANSWERS]:
        found.pop(oldest, None)
    return flips_table(points)


@st.cache_resource(show_spinner=False)
def _found() -> dict[Question, tuple[FlipPoint, ...]]:
    """The last questions whose flips are known, of all readers."""
    return {}


def _notes() -> Notes:
    return cast(Notes, st.session_state.setdefault("flip notes", Notes()))


def _told(points: Iterable[FlipPoint], rate: Exchange) -> dict[str, str]:
    return {
        path: " and ".join(_flip_words(point, rate) for point in of_input)
        for path, of_input in groupby(points, key=lambda point: point.input)
    }


def _flip_words(point: FlipPoint, rate: Exchange) -> str:
    if math.isnan(point.flips_at):
        return NO_FLIP
    side = side_of(point.input, point.direction)
    return f"building wins {side} {input_value(point.input, point.flips_at, rate)}"


def _place(names: dict[str, str]) -> None:
    place = st.empty()
    _notes().places.append((names, place))
    _write(names, place)


def _renew(path: str) -> None:
    for names, place in _notes().places:
        if path in names:
            _write(names, place)


def _write(names: dict[str, str], place: DeltaGenerator) -> None:
    told = _notes().told
    named: dict[str, list[str]] = {}
    for path, name in names.items():
        if path in told:
            named.setdefault(told[path], []).append(name)
    said = [": ".join(filter(None, [", ".join(of_text), text])) for text, of_text in named.items()]
    if said:
        text = "; ".join(said)
        place.caption(words.plain(f"{text[:1].upper()}{text[1:]}"))
    else:
        place.empty()
