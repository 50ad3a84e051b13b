"""Many futures of the question on the page: in how many building wins, and the band of both bills."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import streamlit as st

from models import Comparison, explain
from models.uncertainty import BAD_CASE, GOOD_CASE, simulate_case

from . import currency, words
from .drawn_inputs import drawn_ranges
from .kept_answers import KEPT_ANSWERS, Question, question


class Futures(NamedTuple):
    """What many futures come to; the money is worth today."""

    sentence: str
    chance_build_wins: float
    never_fraction: float
    bad_usd: float
    good_usd: float
    band: pd.DataFrame
    met: pd.DataFrame
    futures: int
    ranges: dict[str, tuple[float, float]]
    ranges_said: list[tuple[str, str]]


def futures_of(comparison: Comparison) -> Futures | str:
    """The futures of a comparison, or a sentence that says why there are none."""
    try:
        return _simulated(question(), comparison)
    except ValueError as error:
        reason = explain(error)
        return words.plain(f"{reason[:1].upper()}{reason[1:]}.")


@st.cache_data(show_spinner=False, max_entries=KEPT_ANSWERS)
def _simulated(question: Question, _comparison: Comparison) -> Futures:
    simulation = simulate_case(_comparison.case)
    bad_usd, good_usd = simulation.saving_quantiles_usd([BAD_CASE, GOOD_CASE]).tolist()
    return Futures(
        simulation.sentence,
        simulation.chance_build_wins,
        simulation.never_fraction,
        bad_usd,
        good_usd,
        simulation.cost_band,
        simulation.met_by_month,
        len(simulation.saving_usd),
        {name: (spread.low, spread.high) for name, spread in simulation.ranges.items()},
        drawn_ranges(simulation, currency.rate_of(_comparison)),
    )
