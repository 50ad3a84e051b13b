"""Answers that a tab keeps: what they depend on, and the files of their figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import streamlit as st

from models import Comparison
from pricing import OffersState, offers_state
from pricing.own_tables import load_runner_tables

from . import state
from .downloads import table_csv

KEPT_ANSWERS = 20


class Question(NamedTuple):
    """What the answers of a tab depend on: the link, the offers, and the reader's own tables."""

    link: str
    offers: OffersState
    own_tables: str


def question() -> Question:
    """The question that stands on the page."""
    return Question(state.last_good().to_query(), offers_state(), repr(load_runner_tables()))


def download(comparison: Comparison, what: str, table: pd.DataFrame, said: Sequence[str] = ()) -> None:
    """A button for the file of some figures, with what is said of them in its head."""
    name = what.removeprefix("the ").replace(" ", "-")
    st.download_button(
        f"Download {what} as CSV",
        table_csv(comparison, table, said),
        file_name=f"rig-or-rent-{name}.csv",
        mime="text/csv",
        key=f"download {name}",
        on_click="ignore",
    )
