"""A chart on the page, in the reader's currency."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from charts import DOLLARS, Currency
from models import Comparison
from models.currency import from_usd

from . import currency

CONFIG = {"displayModeBar": False, "scrollZoom": False}


def draw(figure: go.Figure, key: str) -> None:
    """Put a chart where the page is being written."""
    st.plotly_chart(figure, key=key, config=CONFIG)


def currency_of(comparison: Comparison) -> Currency:
    """The reader's currency, as the charts take it."""
    rate = currency.rate_of(comparison)
    if currency.is_dollar(rate):
        return DOLLARS
    return Currency(currency.sign(rate), currency.name(rate), partial(from_usd, rate=rate))
