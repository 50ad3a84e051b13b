"""Figures of how sure the answer is: when the bills meet, what swings the saving, a map of two inputs."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from charts import AGAINST_COLOR, BUILD_COLOR, BUILD_SHADE, DOLLARS, Currency, axes

# From where renting is cheaper to where the build is; between them both cost the same.
MAP_COLORS = ((0.0, AGAINST_COLOR), (0.5, "rgba(160, 160, 160, 0.12)"), (1.0, BUILD_COLOR))
LINE_HEIGHT, LEAST_HEIGHT = 30, 200


def met_by_month(met: pd.DataFrame) -> go.Figure:
    """In how many cases the two bills have met by each month: columns month and met_fraction."""
    figure = go.Figure()
    figure.add_scatter(
        x=met["month"].to_numpy(),
        y=met["met_fraction"].to_numpy(),
        mode="lines",
        line={"color": BUILD_COLOR, "width": 3},
        fill="tozeroy",
        fillcolor=BUILD_SHADE,
        showlegend=False,
        hovertemplate="met by month %{x} in %{y:.1%} of cases<extra></extra>",
        meta="met",
    )
    axes(figure, "months from today", "bills have met", DOLLARS)
    figure.update_yaxes(tickprefix="", tickformat=".0%", range=[0, 1])
    figure.update_layout(height=240)
    return figure


def swings(bars: pd.DataFrame, today_usd: float, currency: Currency = DOLLARS) -> go.Figure:
    """How far each input alone swings the saving, the widest on top.

    ``bars`` has the columns name, said_low, said_high, saving_usd_at_low and saving_usd_at_high.
    """
    figure = go.Figure()
    at_low, at_high = (bars[f"saving_usd_at_{end}"].map(currency.of_usd) for end in ("low", "high"))
    for name, low, high in zip(bars["name"], at_low, at_high, strict=True):
        figure.add_scatter(
            x=[low, high],
            y=[name, name],
            mode="lines",
            line={"color": "rgba(128, 128, 128, 0.45)", "width": 12},
            showlegend=False,
            hoverinfo="skip",
            meta="swing",
        )
    for end, amounts, color in (("low", at_low, "#7F8C8D"), ("high", at_high, BUILD_COLOR)):
        figure.add_scatter(
            x=amounts.to_numpy(),
            y=bars["name"].to_numpy(),
            customdata=bars[f"said_{end}"].to_numpy(),
            mode="markers",
            name=f"input {end}",
            marker={"color": color, "size": 12, "line": {"color": "white", "width": 1}},
            hovertemplate="%{y} at %{customdata}: " + _with_sign("x", currency),
            meta=end,
        )
    axes(figure, f"building saves, today's {currency.name}", "", currency)
    # A minus stands before the dollar; of another currency the title tells.
    figure.update_xaxes(tickformat="$,.0f" if currency == DOLLARS else ",.0f", nticks=5)
    figure.update_yaxes(
        tickprefix="", tickformat="", rangemode="normal", showgrid=False, autorange="reversed"
    )
    figure.add_vline(
        x=currency.of_usd(today_usd),
        line={"color": "gray", "width": 1, "dash": "dot"},
        annotation={"text": "as you ask", "font": {"size": 12}, "yanchor": "bottom"},
        annotation_position="top",
    )
    figure.add_vline(x=0, line={"color": "gray", "width": 1})
    figure.update_layout(height=_layout_height(len(bars)))
    return figure


def saving_map(
    saving: pd.DataFrame,
    line: pd.DataFrame,
    own: tuple[float, float],
    titles: tuple[str, str],
    formats: tuple[str, str] = ("", ""),
    currency: Currency = DOLLARS,
) -> go.Figure:
    """What building saves over two inputs, the line on which both cost the same, and the reader's place.

    ``saving`` has the columns first, second and saving_usd, ``line`` the columns line, first and second, both
    as they are to be shown; ``own`` are the reader's values.
    """
    table = saving.assign(shown=saving["saving_usd"].map(currency.of_usd)).pivot(
        index="second", columns="first", values="shown"
    )
    figure = go.Figure()
    figure.add_heatmap(
        x=table.columns.to_numpy(),
        y=table.index.to_numpy(),
        z=table.to_numpy(),
        zmid=0,
        colorscale=[list(step) for step in MAP_COLORS],
        showscale=False,
        hoverongaps=False,
        hovertemplate="%{x}, %{y}: building saves " + _with_sign("z", currency),
        meta="saving",
    )
    for number, points in line.groupby("line"):
        figure.add_scatter(
            x=points["first"].to_numpy(),
            y=points["second"].to_numpy(),
            mode="lines",
            name="both cost the same",
            line={"color": "gray", "width": 3},
            legendgroup="line",
            showlegend=number == 0,
            hoverinfo="skip",
            meta="line",
        )
    figure.add_scatter(
        x=[own[0]],
        y=[own[1]],
        mode="markers",
        name="you",
        marker={"color": "white", "size": 13, "symbol": "diamond", "line": {"color": "black", "width": 2}},
        hovertemplate="you: %{x}, %{y}<extra></extra>",
        meta="own",
    )
    axes(figure, titles[0], titles[1], currency)
    figure.update_xaxes(tickformat=formats[0], showgrid=False)
    figure.update_yaxes(tickprefix="", tickformat=formats[1], rangemode="normal", showgrid=False)
    return figure


def _with_sign(axis: str, currency: Currency) -> str:
    """How hovering shows an amount that can be below 0."""
    shown = f"%{{{axis}:$,.0f}}" if currency == DOLLARS else f"%{{{axis}:,.0f}} {currency.name}"
    return f"{shown}<extra></extra>"


def _layout_height(bars: int) -> int:
    return LEAST_HEIGHT + LINE_HEIGHT * bars
