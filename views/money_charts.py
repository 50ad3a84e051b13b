"""Figures of the money: what both bills go to, in a few kinds of cost, and what used cards fetched."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from charts import AGAINST_COLOR, BUILD_COLOR, DOLLARS, GRID_COLOR, Currency, axes, short_name
from models import Comparison

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


def what_money_goes_to(
    comparison: Comparison, by_month: bool = False, currency: Currency = DOLLARS
) -> go.Figure:
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
        subplot_titles=[short_name(comparison, option) for option in shown],
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
