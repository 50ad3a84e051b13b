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
from plotly.subplots import make_subplots

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

# What a bill's components go to: the kind's color, and how the names of its components begin.
KINDS = {
    "parts": ("#0072B2", ("part ", "loan", "lease")),
    "electricity": ("#E69F00", ("electricity", "standing charge")),
    "upkeep and time": (
        "#CC79A7",
        ("warranty", "repairs", "upkeep", "insurance", "building time", "set-up time"),
    ),
    "hours": ("#D55E00", ("hours", "idle GPUs", "packs", "commitment", "rented rest", "free credit")),
    "storage and downloads": ("#F0C808", ("storage", "egress", "kept all month")),
    "hosted CI": ("#8E7CC3", ("hosted CI",)),
    "tax": ("#7F8C8D", ("tax ", "VAT")),
    "sale": ("#009E73", ("resale ", "sale fee", "wait for the sale")),
}
OTHER_KIND = "other"
OTHER_KIND_COLOR = "#B0B0B0"

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
    def cash_flows(self) -> pd.DataFrame:
        """Columns option, component, month, usd, present_value_usd."""

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


def what_money_goes_to(comparison: Answer, by_month: bool = False, currency: Currency = DOLLARS) -> go.Figure:
    """Both bills by what the money goes to, in today's money: the build beside the compared rental.

    Each column stands for all that was paid by a month, or with ``by_month`` for what is due in it. What
    comes back lies below the line.
    """
    roles = comparison.cost_by_month.drop_duplicates("option").set_index("option")["role"]
    flows = comparison.cash_flows
    shown = [option for option in roles.index if roles[option] != "other"]
    figure = make_subplots(
        cols=max(len(shown), 1),
        # Month by month a rental is small beside the day on which the parts are bought.
        shared_yaxes=not by_month,
        horizontal_spacing=0.08 if by_month else 0.03,
        subplot_titles=[_short(comparison, option) for option in shown],
    )
    said: set[str] = set()
    amount = "%{y:$,.2f}" if currency == DOLLARS else f"%{{y:,.2f}} {currency.name}"
    for place, option in enumerate(shown, start=1):
        sums = _by_kind(flows[flows["option"] == option])
        for kind, usd in (sums if by_month else sums.cumsum()).items():
            figure.add_bar(
                x=usd.index,
                y=usd.map(currency.of_usd).to_numpy(),
                name=str(kind),
                marker={"color": _kind_color(str(kind)), "line": {"width": 0}},
                legendgroup=str(kind),
                showlegend=kind not in said,
                hovertemplate=f"{kind}: {amount}, month %{{x}}<extra></extra>",
                meta=roles[option],
                row=1,
                col=place,
            )
            said.add(str(kind))
    axes(figure, "months from today", "", currency)
    figure.update_layout(barmode="relative", bargap=0.08)
    figure.update_yaxes(rangemode="normal", zeroline=True, zerolinecolor=GRID_COLOR)
    # What comes back has a minus, which stands before the dollar; of another currency the title tells.
    figure.update_yaxes(tickprefix="", tickformat="$,.0f" if currency == DOLLARS else ",.0f")
    figure.update_yaxes(title={"text": f"{'due' if by_month else 'paid'}, today's {currency.name}"}, col=1)
    return figure


def used_prices(prices: pd.DataFrame, curve: pd.DataFrame, currency: Currency = DOLLARS) -> go.Figure:
    """Used prices by the card's age, and the curve through them, as shares of the launch price.

    ``prices`` has the columns age_months, price_fraction, usd and as_of, ``curve`` the first two.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=curve["age_months"].to_numpy(),
        y=curve["price_fraction"].to_numpy(),
        mode="lines",
        name="curve through all prices",
        line={"color": AGAINST_COLOR, "width": 2},
        hovertemplate="%{y:.0%} after %{x} months<extra></extra>",
        meta="curve",
    )
    figure.add_scatter(
        x=prices["age_months"].to_numpy(),
        y=prices["price_fraction"].to_numpy(),
        customdata=prices[["usd", "as_of"]].assign(usd=prices["usd"].map(currency.of_usd)).to_numpy(),
        mode="markers",
        name="used prices",
        marker={"color": BUILD_COLOR, "size": 8},
        hovertemplate=f"{currency.sign}%{{customdata[0]:,.0f}}, %{{y:.0%}} of the launch price, "
        "%{customdata[1]}<extra></extra>",
        meta="prices",
    )
    axes(figure, "months since the launch", "share of the launch price", currency)
    figure.update_layout(height=280)
    figure.update_yaxes(tickprefix="", tickformat=".0%")
    return figure


def kind_of(component: str) -> str:
    """What a component of a bill goes to, by the beginning of its name."""
    return next((kind for kind, (_, starts) in KINDS.items() if component.startswith(starts)), OTHER_KIND)


def _by_kind(flows: pd.DataFrame) -> pd.DataFrame:
    """What one option pays in each month, a column a kind; kinds without money are left out."""
    kinds = flows["component"].map(kind_of)
    sums = flows.groupby([kinds, "month"])["present_value_usd"].sum().unstack(level=0)
    present = [kind for kind in (*KINDS, OTHER_KIND) if kind in sums and sums[kind].any()]
    return sums[present]


def _kind_color(kind: str) -> str:
    return KINDS[kind][0] if kind in KINDS else OTHER_KIND_COLOR


def _short(comparison: Answer, option: str) -> str:
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
                name=_short(comparison, str(option)),
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
