"""Figures of plans that mix owning and renting: cost by number of cards, and by the month of purchase."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from charts import AGAINST_COLOR, BUILD_COLOR, DOLLARS, Currency, axes


def cost_by_cards(costs: pd.DataFrame, best: int, currency: Currency = DOLLARS) -> go.Figure:
    """What each number of cards costs, the one that costs least in color; columns cards and cost_usd."""
    figure = go.Figure()
    figure.add_bar(
        x=costs["cards"].to_numpy(),
        y=costs["cost_usd"].map(currency.of_usd).to_numpy(),
        marker={"color": [BUILD_COLOR if cards == best else "#7F8C8D" for cards in costs["cards"]]},
        hovertemplate=f"%{{x}} cards: {currency.sign}%{{y:,.2f}}<extra></extra>",
        meta="cards",
    )
    axes(figure, "cards of your own", f"all weeks, in today's {currency.name}", currency)
    figure.update_xaxes(tickformat="d", dtick=1 if len(costs) < 12 else None)
    figure.update_layout(height=260)
    return figure


def cost_by_purchase(costs: pd.DataFrame, best: int, currency: Currency = DOLLARS) -> go.Figure:
    """What it costs to buy in each month, the last one being never; the best month is marked.

    ``costs`` has the columns month and cost_usd, and mean_of_futures_usd where that was asked.
    """
    figure = go.Figure()
    lines = {
        "cost_usd": ("as you ask", BUILD_COLOR),
        "mean_of_futures_usd": ("mean of futures", AGAINST_COLOR),
    }
    shown = {column: costs[column].map(currency.of_usd) for column in lines if column in costs}
    for column, usd in shown.items():
        name, color = lines[column]
        figure.add_scatter(
            x=costs["month"].to_numpy(),
            y=usd.to_numpy(),
            mode="lines",
            name=name,
            line={"color": color, "width": 3},
            hovertemplate=f"{name}, bought after %{{x}} months: {currency.sign}%{{y:,.0f}}<extra></extra>",
            meta=column,
        )
    figure.add_scatter(
        x=[best],
        y=[shown["cost_usd"].iloc[best]],
        mode="markers",
        name="costs least",
        marker={"color": BUILD_COLOR, "size": 13, "line": {"color": "white", "width": 2}},
        hoverinfo="skip",
        meta="best",
    )
    axes(figure, "months of renting before the purchase", f"all months, in today's {currency.name}", currency)
    return figure
