"""A comparison as Plotly figures, for the page and for notebooks.

Nothing is calculated here: the curves, and the points where they cross, come with the comparison.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import Protocol

import pandas as pd
import plotly.graph_objects as go

# Colors of Okabe and Ito, apart for colour-blind eyes and readable on white and on black.
BUILD_COLOR = "#1F83C4"
AGAINST_COLOR = "#D55E00"
OTHER_STYLES = (
    ("#009E73", "dash"),
    ("#CC79A7", "dot"),
    ("#B8860B", "dashdot"),
    ("#7F8C8D", "longdash"),
    ("#8E7CC3", "longdashdot"),
    ("#7A4B2A", "dash"),
    ("#2F5D8A", "dot"),
)
GRID_COLOR = "rgba(128, 128, 128, 0.22)"
BUILD_SHADE = "rgba(31, 131, 196, 0.09)"
AGAINST_SHADE = "rgba(213, 94, 0, 0.07)"
BUILD_BAND = "rgba(31, 131, 196, 0.22)"
AGAINST_BAND = "rgba(213, 94, 0, 0.20)"

MONTH_HOVER = "%{y:,.0f} by month %{x:.0f}"
HOURS_HOVER = "%{y:,.0f} at %{x:.1f} h a week"


def _as_it_is(amount_usd: float) -> float:
    return amount_usd


@dataclass(frozen=True)
class Currency:
    """What a chart's amounts are shown in: the sign before them, its name, and what dollars are in it."""

    sign: str = "$"
    name: str = "dollars"
    of_usd: Callable[[float], float] = _as_it_is


DOLLARS = Currency()


class Week(Protocol):
    """The part of the work that a chart marks."""

    @property
    def busy_hours_per_week(self) -> float:
        """Busy hours a week of the reader."""


class Period(Protocol):
    """The part of the money that a chart reads."""

    @property
    def horizon_months(self) -> int:
        """Months over which both bills run."""


class Question(Protocol):
    """The part of a scenario that a chart reads."""

    @property
    def workload(self) -> Week:
        """The work."""

    @property
    def money(self) -> Period:
        """How long the bills run."""


class Answer(Protocol):
    """What a chart needs of a comparison."""

    @property
    def scenario(self) -> Question:
        """The question."""

    @property
    def cost_by_month(self) -> pd.DataFrame:
        """Columns option, role, month, usd."""

    @property
    def cost_by_hours(self) -> pd.DataFrame:
        """Columns option, role, busy_hours_per_week, usd."""

    @property
    def break_even(self) -> dict[str, str | float | None]:
        """Months, hours a week and direction of the break-even."""

    @property
    def flips_at(self) -> tuple[float, str]:
        """Hours a week at which the answer flips, and the side on which building wins."""

    @property
    def break_even_months_usd(self) -> float:
        """Cost at the break-even month."""

    @property
    def break_even_hours_usd(self) -> float:
        """Cost at the break-even hours a week."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Options in words."""


def cost_over_time(
    comparison: Answer, currency: Currency = DOLLARS, band: pd.DataFrame | None = None
) -> go.Figure:
    """Cumulative cost of the build and of the best rentals, month by month.

    The break-even month is marked with a dot; the side that has cost less by then and after it is shaded.
    ``band`` is the ``cost_band`` of a simulation: where nine futures of ten lie, around both bills.
    """
    curve, last = comparison.cost_by_month, comparison.scenario.money.horizon_months
    figure = _curves(comparison, curve, "month", MONTH_HOVER, currency)
    if band is not None:
        _add_band(figure, band, currency)
    axes(figure, "months from today", f"paid so far, in today's {currency.name}", currency)
    figure.update_xaxes(range=[0, last], dtick=12 if last > 24 else 6)
    if not _has_both(curve):
        return figure
    months = _number(comparison.break_even["months"])
    met = math.isfinite(months)
    if not met or months > 0:
        _shade(figure, 0, months if met else last, AGAINST_SHADE, "renting has cost less", "left")
    if met and months < last:
        _shade(figure, months, last, BUILD_SHADE, "the build has cost less", "right")
    if met:
        _mark(figure, months, comparison.break_even_months_usd, f"month {months:.0f}", currency)
    return figure


def cost_by_hours(comparison: Answer, currency: Currency = DOLLARS) -> go.Figure:
    """Cost over the whole horizon against busy hours a week, all else fixed.

    A dot marks where the build meets today's rental, a line the reader's own hours; shaded is who is cheaper,
    the build against every rental that it is compared with.
    """
    curve = comparison.cost_by_hours
    figure = _curves(comparison, curve, "busy_hours_per_week", HOURS_HOVER, currency)
    months = comparison.scenario.money.horizon_months
    axes(figure, "busy hours a week", f"{months} months, in today's {currency.name}", currency)
    own_hours = comparison.scenario.workload.busy_hours_per_week
    figure.add_vline(
        x=own_hours,
        line={"color": "gray", "width": 1, "dash": "dot"},
        annotation={"text": f"yours: {own_hours:g} h", "font": {"size": 12}},
        annotation_position="bottom right",
    )
    if curve.empty:
        return figure
    last = float(curve["busy_hours_per_week"].max())
    figure.update_xaxes(range=[0, last])
    compared = curve[curve["role"] != "other"]
    if len(compared):
        figure.update_yaxes(range=[0, currency.of_usd(float(compared["usd"].max()))])
    if not _has_both(curve):
        return figure
    _shade_sides(figure, *comparison.flips_at, last)
    hours = _number(comparison.break_even["hours_per_week"])
    if 0 < hours <= last:
        _mark(figure, hours, comparison.break_even_hours_usd, f"{hours:.1f} h a week", currency)
    return figure


def _shade_sides(figure: go.Figure, flips_at: float, side: str, last: float) -> None:
    """Shade where building is cheaper than every compared rental, and where one of them is."""
    renting, building = (AGAINST_SHADE, "renting is cheaper"), (BUILD_SHADE, "building is cheaper")
    if math.isnan(flips_at):
        return
    if not 0 < flips_at <= last:
        _shade(figure, 0, last, *(building if flips_at == 0 else renting), "left")
        return
    left, right = (building, renting) if side == "below" else (renting, building)
    _shade(figure, 0, flips_at, *left, "left")
    _shade(figure, flips_at, last, *right, "right")


def short_name(comparison: Answer, option: str) -> str:
    """An option's name before its brackets: a phone has no room for more."""
    return comparison.labels.get(option, option).partition(" (")[0]


def _curves(comparison: Answer, curve: pd.DataFrame, axis: str, hover: str, currency: Currency) -> go.Figure:
    figure = go.Figure()
    styles = cycle(OTHER_STYLES)
    # Drawn last is drawn on top: the two that are compared. The legend lists them first.
    ranks = {"other": 3, "against": 2, "build": 1}
    for role in ("other", "against", "build"):
        of_role = curve[curve["role"] == role]
        for option, rows in of_role.groupby("option", sort=False):
            color, dash = next(styles) if role == "other" else (_color(role), "solid")
            label = comparison.labels.get(str(option), str(option))
            figure.add_scatter(
                x=rows[axis].to_numpy(),
                y=rows["usd"].map(currency.of_usd).to_numpy(),
                mode="lines",
                # The provider alone: the legend of a phone has no room for more, and hovering tells the rest.
                name=short_name(comparison, str(option)),
                line={"color": color, "dash": dash, "width": 1.6 if role == "other" else 3},
                legendrank=ranks[role],
                hovertemplate=f"{currency.sign}{hover}<br>{label}<extra></extra>",
                meta=role,
            )
    return figure


def _add_band(figure: go.Figure, band: pd.DataFrame, currency: Currency) -> None:
    """Both bands behind the curves, without a word in the legend: each has its curve's color."""
    edge = {"mode": "lines", "line": {"width": 0}, "showlegend": False, "hoverinfo": "skip", "zorder": -1}
    for role, shade in (("against", AGAINST_BAND), ("build", BUILD_BAND)):
        rows = band[band["role"] == role]
        months = rows["month"].to_numpy()
        for side, fill in (("low", {}), ("high", {"fill": "tonexty", "fillcolor": shade})):
            usd = rows[f"{side}_usd"].map(currency.of_usd).to_numpy()
            figure.add_scatter(x=months, y=usd, meta=f"{role} {side}", **edge, **fill)


def _color(role: str) -> str:
    return BUILD_COLOR if role == "build" else AGAINST_COLOR


def axes(figure: go.Figure, x_title: str, y_title: str, currency: Currency) -> None:
    """Give a figure the page's look: titles, grid, and amounts of money on the upright axis."""
    figure.update_layout(
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        height=320,
        hovermode="closest",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={
            "orientation": "h",
            "x": 0,
            "yref": "container",
            "y": 0,
            "yanchor": "bottom",
            "title": "",
            # Shaded areas would turn it around.
            "traceorder": "normal",
        },
    )
    lines = {"showgrid": True, "gridcolor": GRID_COLOR, "zeroline": False, "automargin": True}
    figure.update_xaxes(title={"text": x_title}, **lines)
    figure.update_yaxes(
        title={"text": y_title}, tickprefix=currency.sign, tickformat=",.0f", rangemode="tozero", **lines
    )


def _shade(figure: go.Figure, start: float, end: float, color: str, text: str, side: str) -> None:
    figure.add_vrect(
        x0=start,
        x1=end,
        fillcolor=color,
        line_width=0,
        layer="below",
        # Above the plot and at its own edge: neither a curve nor the other band's words run through them.
        annotation={"text": text, "font": {"size": 12}, "yanchor": "bottom"},
        annotation_position=f"top {side}",
    )


def _mark(figure: go.Figure, x: float, usd: float, text: str, currency: Currency) -> None:
    figure.add_scatter(
        x=[x],
        y=[currency.of_usd(usd)],
        mode="markers+text",
        name="the bills meet",
        text=[f"<b>{text}</b>"],
        textposition="bottom right",
        marker={"color": BUILD_COLOR, "size": 13, "line": {"color": "white", "width": 2}},
        hovertemplate=f"the bills meet: {text}, {currency.sign}%{{y:,.0f}}<extra></extra>",
        showlegend=False,
        cliponaxis=False,
        meta="break_even",
    )


def _has_both(curve: pd.DataFrame) -> bool:
    return {"build", "against"} <= set(curve["role"])


def _number(value: str | float | None) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
