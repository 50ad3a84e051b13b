"""Amounts in the reader's currency: each rate has its day and its source, and only the shown text is rounded.

The model calculates in USD. Rates are units of a currency for 1 EUR, as the European Central Bank states
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from .checks import finite, positive
from .figure_types import Figure, Figures

__all__ = ["Exchange", "convert", "exchange", "from_usd", "in_usd", "money", "with_rates"]

USD = "USD"
EUR = "EUR"
# Other currencies stand before the amount with their code: CHF 3,400. A bare $ or ¥ is the first of its name.
SYMBOLS = {
    "AUD": "A$",
    "BRL": "R$",
    "CAD": "CA$",
    "CNY": "CN¥",
    "EUR": "€",
    "GBP": "£",
    "HKD": "HK$",
    "ILS": "₪",
    "INR": "₹",
    "JPY": "¥",
    "KRW": "₩",
    "MXN": "MX$",
    "NZD": "NZ$",
    "PHP": "₱",
    "USD": "$",
}


class Exchange(NamedTuple):
    """What 1 USD is in a currency; ``as_of`` is the day of the rate. A rate of 1 for USD itself."""

    currency: str
    units_per_usd: float
    as_of: str
    source: str


def convert(amount: float, units_per_eur_from: float, units_per_eur_to: float) -> float:
    """Convert an amount from one currency to another over the euro, unrounded.

    Parameters
    ----------
    amount : in the first currency.
    units_per_eur_from, units_per_eur_to : of the two currencies, above 0. [units/EUR]

    Returns
    -------
    The amount in the second currency; equal rates change nothing. ``ValueError`` names what is not finite, or
    a rate that is not above 0.
    """
    finite(amount=amount)
    positive(units_per_eur_from=units_per_eur_from, units_per_eur_to=units_per_eur_to)
    # The quotient comes first: it is exactly 1 between a currency and itself.
    return amount * (units_per_eur_to / units_per_eur_from)


def exchange(currency: str, figures: Figures) -> Exchange:
    """What 1 USD is in a currency.

    Parameters
    ----------
    currency : its code of three letters.
    figures : with the rates that count; see `with_rates`.

    Returns
    -------
    The rate with its day and its source. ``ValueError`` names the known currencies.
    """
    known = figures.currencies
    if currency not in known:
        raise ValueError(
            f"money.currency: there is no rate for {currency!r}; known are {', '.join(sorted(known))}"
        )
    of_currency, of_usd = known[currency], known[USD]
    return Exchange(
        currency,
        convert(1.0, of_usd.value, of_currency.value),
        # As old as the older of the two that it is made of.
        min(of_currency.as_of, of_usd.as_of),
        of_currency.source,
    )


def from_usd(amount_usd: float, rate: Exchange) -> float:
    """An amount in the currency of a rate, unrounded."""
    return amount_usd * rate.units_per_usd


def in_usd(amount: float, rate: Exchange) -> float:
    """An amount of the currency of a rate in USD, unrounded."""
    return amount / rate.units_per_usd


def with_rates(figures: Figures, units_per_eur: Mapping[str, float], as_of: str, source: str) -> Figures:
    """The figures with other rates in place of theirs, all of one day.

    Parameters
    ----------
    figures : with the rates that are replaced as a whole.
    units_per_eur : by currency; EUR is 1. [units/EUR]
    as_of : their day, ISO.
    source : where they are from.

    Returns
    -------
    New figures. ``currency_of`` loses the countries whose currency has no rate any more. ``ValueError`` names
    a rate that is not above 0, or says that EUR or USD is missing, or that 1 EUR is not 1 EUR.
    """
    positive(**units_per_eur)
    if USD not in units_per_eur or units_per_eur.get(EUR) != 1:
        raise ValueError("currencies: they need a rate for USD, and EUR at 1")
    currencies = {
        currency: Figure(float(rate), float(rate), float(rate), "published", as_of, source)
        for currency, rate in units_per_eur.items()
    }
    currency_of = {
        country: currency for country, currency in figures.currency_of.items() if currency in currencies
    }
    return replace(figures, currencies=currencies, currency_of=currency_of)


def money(amount_usd: float, rate: Exchange, decimals: int = 0) -> str:
    """Word an amount in the currency of a rate: ``€3,051``, ``CHF 3,400``, ``¥530,000``, ``-$12``.

    Parameters
    ----------
    amount_usd : finite. [USD]
    decimals : digits after the point.

    Returns
    -------
    The rounded amount; what rounds to 0 has no sign. ``ValueError`` if the amount is not finite.
    """
    finite(amount_usd=amount_usd)
    digits = f"{abs(from_usd(amount_usd, rate)):,.{decimals}f}"
    is_negative = amount_usd < 0 and digits.strip("0.,") != ""
    symbol = SYMBOLS.get(rate.currency, f"{rate.currency} ")
    return f"{'-' if is_negative else ''}{symbol}{digits}"
