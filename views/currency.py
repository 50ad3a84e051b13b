"""Amounts in the reader's currency, as the page and the command line show them."""

from __future__ import annotations

import math

from models import Comparison
from models.currency import SYMBOLS, USD, Exchange, exchange, from_usd, money

DOLLARS = Exchange(USD, 1.0, "", "")


def rate_of(comparison: Comparison) -> Exchange:
    """The rate at which a comparison's dollars are shown."""
    return exchange(comparison.scenario.money.currency, comparison.case.figures)


def sign(rate: Exchange) -> str:
    """What stands before an amount."""
    return SYMBOLS.get(rate.currency, f"{rate.currency} ")


def is_dollar(rate: Exchange) -> bool:
    """Whether nothing is converted."""
    return rate.currency == USD


def amount(amount_usd: float, rate: Exchange = DOLLARS, cents: bool = False) -> str:
    """An amount for the screen; a dash where it is unknown."""
    if math.isnan(amount_usd):
        return "–"
    return money(amount_usd, rate, 2 if cents else 0).replace("-", "−")


def price(amount_usd: float, rate: Exchange) -> str:
    """A small amount, such as the price of a minute, with as many digits as it needs."""
    return money(amount_usd, rate, 2 if from_usd(amount_usd, rate) >= 1 else 4)


def cell(value: object, rate: Exchange, decimals: int = 2) -> str:
    """An amount in a table; nothing where it is unknown."""
    amount_usd = float(str(value))
    return money(amount_usd, rate, decimals) if math.isfinite(amount_usd) else ""


def listed(text: object, rate: Exchange) -> str:
    """A text with prices as they are listed, in US dollars, and said to be so beside another currency."""
    return str(text) if is_dollar(rate) else str(text).replace("$", "US$")


def name(rate: Exchange) -> str:
    """The currency's name beside *today's*."""
    return "dollars" if is_dollar(rate) else rate.currency


def said(rate: Exchange) -> str:
    """What 1 USD is in a currency, and on which day; the dollar alone where it is that."""
    if is_dollar(rate):
        return USD
    return f"{rate.currency}: {rate.units_per_usd:.5g} for 1 USD, {rate.as_of}"


def converted(rate: Exchange) -> str:
    """That amounts are converted, at which rate and of which day; empty for the dollar."""
    if is_dollar(rate):
        return ""
    return f"Converted at {rate.units_per_usd:.4f} {rate.currency} for 1 USD of {rate.as_of}"
