"""The market curve of the build's card: dated used prices, and the curve through all of them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from models import Comparison, drift_factors, fit_yearly_loss
from models.figures import ResalePoint
from models.resale import Fit
from models.resolve import build_gpu

from . import currency, words
from .drawing import currency_of, draw
from .money_charts import used_prices


def market_curve(comparison: Comparison) -> None:
    """What used cards fetched by their age, the fitted curve, and what it says in numbers."""
    figures = comparison.case.figures
    gpu = build_gpu(comparison.scenario, figures)
    points = figures.resale_points.get(gpu, ())
    st.subheader(f"What a used {gpu} fetched", anchor=False)
    if len({point.age_months for point in points}) < 2:
        st.caption(f"No curve: of the {gpu} there are fewer than two dated used prices here.")
        return
    prices = _prices(points)
    fit = fit_yearly_loss(prices["age_months"].div(12), prices["price_fraction"])
    draw(used_prices(prices, _curve(fit, prices), currency_of(comparison)), "chart of used prices")
    said = [_said(gpu, fit, points)]
    if converted := currency.converted(currency.rate_of(comparison)):
        said.append(f"{converted}.")
    st.caption(words.plain(" ".join(said)))


def _prices(points: tuple[ResalePoint, ...]) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "age_months": [point.age_months for point in points],
            "usd": [point.price_usd for point in points],
            "launch_usd": [point.launch_price_usd for point in points],
            "as_of": [point.as_of for point in points],
        }
    )
    return table.assign(price_fraction=table["usd"].div(table["launch_usd"]))


def _curve(fit: Fit, prices: pd.DataFrame) -> pd.DataFrame:
    """The fitted curve at every whole month up to the oldest price."""
    months = int(prices["age_months"].max())
    # The curve falls by the loss every year, which is a price that drifts by as much.
    shape = pd.Series(drift_factors(-fit.yearly_loss_fraction, months))
    return pd.DataFrame({"age_months": shape.index, "price_fraction": shape.mul(fit.level_fraction)})


def _said(gpu: str, fit: Fit, points: tuple[ResalePoint, ...]) -> str:
    days = sorted(point.as_of for point in points)
    way = "rises" if fit.yearly_loss_fraction < 0 else "falls"
    sources = len({point.source for point in points})
    return (
        f"{fit.points} prices of {days[0]} to {days[-1]} from {sources} "
        f"{'source' if sources == 1 else 'sources'}, as shares of the launch price. The curve through all of "
        f"them begins at {fit.level_fraction:.0%} and {way} by {abs(fit.yearly_loss_fraction):.1%} a year; a "
        f"usual price lies {fit.residual_log_sd:.0%} from it. The bill goes by the losses in the table, "
        f"not by this curve: prices of used cards have jumped with shortages before."
    )
