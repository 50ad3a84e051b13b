"""Converting changes no amount for good, and the shown text is the amount."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.currency import Exchange, convert, exchange, from_usd, in_usd, money, with_rates
from models.figures import Figure, load_figures

FIGURES = load_figures()
CURRENCIES = sorted(FIGURES.currencies)
OWN = {"AUD", "CAD", "CHF", "EUR", "GBP", "INR", "JPY", "USD"}

amounts = st.floats(-1e9, 1e9)
rates = st.floats(1e-6, 1e6)
known = st.sampled_from(CURRENCIES)


def per_eur(currency: str) -> float:
    return FIGURES.currencies[currency].value


def rate_of(currency: str, units_per_usd: float = 1.0) -> Exchange:
    return Exchange(currency, units_per_usd, "2026-10-30", "a table")


def test_the_currencies_that_readers_have_are_known() -> None:
    assert set(CURRENCIES) >= OWN
    assert per_eur("EUR") == 1


@given(amount=amounts, currencies=st.tuples(known, known))
def test_there_and_back_changes_no_cent(amount: float, currencies: tuple[str, str]) -> None:
    here, there = map(per_eur, currencies)
    back = convert(convert(amount, here, there), there, here)
    assert back == pytest.approx(amount, rel=1e-14, abs=1e-300)
    assert abs(back - amount) < 0.005


@given(amount=amounts, here=rates, over=rates, there=rates)
def test_a_way_over_a_third_currency_leads_to_the_same_amount(
    amount: float, here: float, over: float, there: float
) -> None:
    straight = convert(amount, here, there)
    assert convert(convert(amount, here, over), over, there) == pytest.approx(straight, rel=1e-14, abs=1e-300)


def test_from_euro_over_dollar_to_yen_is_from_euro_to_yen() -> None:
    eur, usd, jpy = per_eur("EUR"), per_eur("USD"), per_eur("JPY")
    assert convert(convert(100.0, eur, usd), usd, jpy) == pytest.approx(convert(100.0, eur, jpy), rel=1e-15)
    assert convert(100.0, eur, jpy) == pytest.approx(17568)


@given(amount=amounts, rate=rates)
def test_a_currency_is_worth_itself_exactly(amount: float, rate: float) -> None:
    assert convert(amount, rate, rate) == amount


@given(amounts=st.tuples(amounts, amounts), currency=known)
def test_what_costs_less_in_one_currency_costs_no_more_in_another(
    amounts: tuple[float, float], currency: str
) -> None:
    less, more = sorted(amounts)
    rate = exchange(currency, FIGURES)
    assert from_usd(less, rate) <= from_usd(more, rate)


@given(amount=amounts, currency=known)
def test_an_own_amount_survives_the_model(amount: float, currency: str) -> None:
    rate = exchange(currency, FIGURES)
    assert from_usd(in_usd(amount, rate), rate) == pytest.approx(amount, rel=1e-14, abs=1e-300)


def test_the_dollar_is_one_dollar() -> None:
    assert exchange("USD", FIGURES).units_per_usd == 1.0


def test_a_rate_has_its_day_and_its_source() -> None:
    euro = exchange("EUR", FIGURES)
    assert euro.currency == "EUR"
    assert euro.units_per_usd == pytest.approx(1 / 1.1172)
    assert euro.as_of == "2026-10-30"
    assert "ecb.europa.eu" in euro.source


def test_a_rate_of_two_days_is_as_old_as_the_older() -> None:
    older = replace(FIGURES.currencies["USD"], as_of="2026-01-02")
    figures = replace(FIGURES, currencies={**FIGURES.currencies, "USD": older})
    assert exchange("JPY", figures).as_of == "2026-01-02"


def test_a_currency_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(
        ValueError, match=r"money\.currency: there is no rate for 'BTC'; known are AUD, .*ZAR$"
    ):
        exchange("BTC", FIGURES)


@pytest.mark.parametrize("rate", [0.0, -1.0, math.nan, math.inf])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    for here, there in ((rate, 1.0), (1.0, rate)):
        with pytest.raises(ValueError, match=r"units_per_eur_(from|to) must be"):
            convert(1.0, here, there)


@pytest.mark.parametrize("amount", [math.nan, math.inf, -math.inf])
def test_an_amount_that_is_none_is_refused(amount: float) -> None:
    with pytest.raises(ValueError, match="amount must be finite"):
        convert(amount, 1.0, 1.0)
    with pytest.raises(ValueError, match="amount_usd must be finite"):
        money(amount, rate_of("USD"))


@pytest.mark.parametrize(
    ("amount_usd", "rate", "decimals", "text"),
    [
        (3051.4, rate_of("EUR"), 0, "€3,051"),
        (1700, rate_of("CHF", 2), 0, "CHF 3,400"),
        (3533.333333, rate_of("JPY", 150), 0, "¥530,000"),
        (-12, rate_of("USD"), 0, "-$12"),
        (-12, rate_of("CHF"), 0, "-CHF 12"),
        (0.736, rate_of("USD"), 2, "$0.74"),
        (1234567.891, rate_of("GBP"), 2, "£1,234,567.89"),
        (-0.4, rate_of("USD"), 0, "$0"),
        (-0.004, rate_of("EUR"), 2, "€0.00"),
        (-0.6, rate_of("USD"), 0, "-$1"),
        (-0.0, rate_of("USD"), 0, "$0"),
        (5, rate_of("INR"), 0, "₹5"),
        (5, rate_of("CAD"), 0, "CA$5"),
        (5, rate_of("AUD"), 0, "A$5"),
        (5, rate_of("CNY"), 0, "CN¥5"),
        (5, rate_of("SEK"), 0, "SEK 5"),
    ],
)
def test_an_amount_is_worded(amount_usd: float, rate: Exchange, decimals: int, text: str) -> None:
    assert money(amount_usd, rate, decimals) == text


def test_no_two_currencies_look_alike() -> None:
    shown = [money(1, exchange(currency, FIGURES)._replace(units_per_usd=1.0)) for currency in CURRENCIES]
    assert len(shown) > 25
    assert len(set(shown)) == len(shown)


@given(amount=amounts, currency=known, decimals=st.integers(0, 2))
def test_what_is_shown_is_the_amount_to_half_a_digit(amount: float, currency: str, decimals: int) -> None:
    rate = exchange(currency, FIGURES)
    shown = money(amount, rate, decimals)
    number = float("".join(sign for sign in shown if sign in "0123456789.-"))
    assert number == pytest.approx(from_usd(amount, rate), abs=0.5000001 * 10**-decimals, rel=1e-12)


@pytest.mark.parametrize(
    ("country", "currency"),
    [
        ("US", "USD"),
        ("US-CA", "USD"),
        ("US-CA-PGE", "USD"),
        ("DE", "EUR"),
        ("BG", "EUR"),
        ("EA", "EUR"),
        ("GB", "GBP"),
        ("CH", "CHF"),
        ("LI", "CHF"),
        ("JP", "JPY"),
        ("CA-ON", "CAD"),
        ("AU", "AUD"),
        ("IN", "INR"),
    ],
)
def test_a_country_has_its_currency(country: str, currency: str) -> None:
    assert FIGURES.currency_of[country] == currency


def test_a_country_whose_currency_has_no_rate_is_left_out() -> None:
    assert "AE" in FIGURES.tariffs
    assert "AE" not in FIGURES.currency_of
    assert set(FIGURES.currency_of.values()) <= set(FIGURES.currencies)
    assert len(set(FIGURES.currency_of) & set(FIGURES.tariffs)) > 90


def test_other_rates_replace_all_of_them() -> None:
    figures = with_rates(FIGURES, {"EUR": 1.0, "USD": 1.25, "JPY": 200}, "2026-11-20", "a bank")
    assert exchange("JPY", figures) == Exchange("JPY", 160.0, "2026-11-20", "a bank")
    assert figures.currencies["USD"] == Figure(1.25, 1.25, 1.25, "published", "2026-11-20", "a bank")
    assert set(figures.currency_of.values()) == {"EUR", "USD", "JPY"}
    assert figures.tariffs is FIGURES.tariffs
    with pytest.raises(ValueError, match="known are EUR, JPY, USD"):
        exchange("GBP", figures)


@pytest.mark.parametrize(
    "units_per_eur",
    [
        {},
        {"EUR": 1.0},
        {"USD": 1.1},
        {"EUR": 1.1, "USD": 1.1},
        {"EUR": 1.0, "USD": 0.0},
        {"EUR": 1, "USD": math.nan},
    ],
)
def test_rates_without_dollar_and_euro_are_none(units_per_eur: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"USD|EUR"):
        with_rates(FIGURES, units_per_eur, "2026-11-20", "a bank")


def test_a_dearer_dollar_makes_every_amount_dearer() -> None:
    figures = [
        with_rates(FIGURES, {"EUR": 1, "USD": usd}, "2026-11-20", "a bank")
        for usd in (1.3, 1.2, 1.1, 1.0, 0.9)
    ]
    shown = [from_usd(100, exchange("EUR", of_day)) for of_day in figures]
    assert all(cheaper < dearer for cheaper, dearer in pairwise(shown))
