"""The reader's currency, country and tax: another currency is another wording, never another answer."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import PERSONAS, Comparison, Scenario, compare, in_country, load_figures
from models.currency import SYMBOLS, exchange

Offers = Callable[..., pd.DataFrame]
Row = Callable[..., dict[str, Any]]

FIGURES = load_figures()
CURRENCIES = sorted(FIGURES.currencies)
# The currency and its rate are all that may differ.
OF_THE_RATE = ["currency", "units_per_usd", "rate_as_of"]
# data/currencies.csv, 2026-10-30: 1 EUR is 1.1172 USD.
EUR_FOR_1_USD = 1 / 1.1172
CI = {"workload.ci_minutes_per_month": '{"linux": 5000, "macos": 900}'}


def _in(currency: str, scenario: Scenario | None = None) -> Scenario:
    return (scenario or Scenario()).with_settings({"money.currency": currency})


def _said(comparison: Comparison) -> list[str]:
    """Verdict and notes, but for the sentence on the rate itself."""
    sentences = [*comparison.verdict, *comparison.judgement.notes]
    return [sentence for sentence in sentences if not sentence.startswith("Converted at ")]


def _amounts(comparison: Comparison) -> tuple[list[str], list[float]]:
    """The sentences with their amounts cut out, and the amounts."""
    currency = comparison.scenario.money.currency
    symbol = re.escape(SYMBOLS.get(currency, f"{currency} "))
    amount = re.compile(rf"(-?){symbol}([\d,]+(?:\.\d\d)?)")
    said = _said(comparison)
    found = [float(sign + digits.replace(",", "")) for text in said for sign, digits in amount.findall(text)]
    return [amount.sub("<amount>", text) for text in said], found


def _assert_same_answer(dollars: Comparison, other: Comparison) -> None:
    pd.testing.assert_frame_equal(
        other.table.drop(columns=OF_THE_RATE), dollars.table.drop(columns=OF_THE_RATE)
    )
    assert other.break_even == pytest.approx(dollars.break_even, nan_ok=True)
    assert other.judgement.outcome == dollars.judgement.outcome
    pd.testing.assert_frame_equal(other.receipt, dollars.receipt)
    texts, amounts = _amounts(other)
    texts_in_usd, amounts_in_usd = _amounts(dollars)
    assert texts == texts_in_usd
    assert len(amounts) == len(amounts_in_usd) > 0
    rate = exchange(other.scenario.money.currency, FIGURES).units_per_usd
    for amount, in_usd in zip(amounts, amounts_in_usd, strict=True):
        # Both are rounded to whole units.
        assert amount == pytest.approx(in_usd * rate, abs=0.5 * rate + 0.51)


# --- the currency -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("currency", ["EUR", "JPY", "INR"])
@pytest.mark.parametrize("persona", PERSONAS)
def test_every_bundled_price_gives_the_same_answer_in_another_currency(
    bundled: pd.DataFrame, persona: str, currency: str
) -> None:
    asked = PERSONAS[persona].with_settings(CI)
    _assert_same_answer(compare(asked, bundled), compare(_in(currency, asked), bundled))


@settings(max_examples=60, deadline=None)
@given(
    currency=st.sampled_from(CURRENCIES),
    busy=st.floats(0, 100).map(lambda hours: round(hours, 1)),
    months=st.integers(1, 60),
    vat=st.sampled_from([0, 0.19]),
    minutes=st.integers(0, 9000),
    persona=st.sampled_from(sorted(PERSONAS)),
)
def test_no_currency_changes_the_answer(
    one_of_each: pd.DataFrame,
    currency: str,
    busy: float,
    months: int,
    vat: float,
    minutes: int,
    persona: str,
) -> None:
    asked = PERSONAS[persona].with_settings(
        {
            "workload.busy_hours_per_week": f"{busy}",
            "workload.attended_idle_hours_per_week": "5",
            "workstation.left_on_hours_per_week": "10",
            "workload.ci_minutes_per_month.linux": f"{minutes}",
            "money.horizon_months": f"{months}",
            "money.vat_fraction": f"{vat}",
        }
    )
    _assert_same_answer(compare(asked, one_of_each), compare(_in(currency, asked), one_of_each))


def test_the_bill_is_worded_in_euro(bundled: pd.DataFrame) -> None:
    # The default question: the build costs 3,540.47 USD today, Colab 1,705.22.
    first = compare(_in("EUR"), bundled).verdict[0]
    build, colab = round(3540.47 * EUR_FOR_1_USD), round(1705.22 * EUR_FOR_1_USD)
    assert f"cost €{colab:,} today, the build €{build:,}" in first
    assert (build, colab) == (3169, 1526)


@pytest.mark.parametrize("currency", ["EUR", "JPY", "INR", "CHF"])
def test_what_is_converted_says_its_rate_and_its_day(bundled: pd.DataFrame, currency: str) -> None:
    comparison = compare(_in(currency), bundled)
    (note,) = [note for note in comparison.judgement.notes if note.startswith("Converted at ")]
    rate = exchange(currency, FIGURES)
    assert f"{rate.units_per_usd:.4f} {currency} for 1 USD" in note
    assert "of 2026-10-30" in note
    assert "European Central Bank" in note


def test_dollars_are_not_converted_and_nothing_is_said(bundled: pd.DataFrame) -> None:
    comparison = compare(Scenario(), bundled)
    assert comparison.scenario.money.currency == "USD"
    assert comparison.judgement.notes
    assert not [note for note in comparison.judgement.notes if re.search("onvert|Central Bank", note)]
    assert "$" in comparison.verdict[0]


@pytest.mark.parametrize("currency", ["XXX", "eur", "BTC"])
def test_a_currency_without_a_rate_is_refused_with_those_that_have_one(
    bundled: pd.DataFrame, currency: str
) -> None:
    with pytest.raises(ValueError, match=r"money\.currency") as caught:
        compare(_in(currency), bundled)
    known = ", ".join(CURRENCIES)
    assert str(caught.value) == f"money.currency: there is no rate for '{currency}'; known are {known}"


# --- the table and its CSV ----------------------------------------------------------------------------------


def _read(comparison: Comparison) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(comparison.to_csv()), comment="#")


def test_each_row_of_a_csv_in_euro_keeps_the_listed_price_and_the_rate(bundled: pd.DataFrame) -> None:
    rows = _read(compare(_in("EUR"), bundled))
    assert len(rows) == len(bundled) + 1
    assert set(rows["currency"]) == {"EUR"}
    assert rows["units_per_usd"].tolist() == pytest.approx([EUR_FOR_1_USD] * len(rows))
    assert set(rows["rate_as_of"]) == {"2026-10-30"}
    assert rows["listed_currency"].str.fullmatch("[A-Z]{3}").all()
    rentals = rows.iloc[1:]
    assert rentals["listed_per_hour"].notna().all()
    listed = bundled.set_index(["provider", "instance_type", "region", "term"])["listed_per_hour"]
    assert listed.index.is_unique
    for *key, price in rentals[[*listed.index.names, "listed_per_hour"]].itertuples(index=False):
        assert price == listed[tuple(key)]


def test_a_price_list_in_another_currency_keeps_its_own_amount(offers_of: Offers) -> None:
    # 0.95 EUR on a list in euro is 1.06134 USD; what the hour costs in the bill is the dollar price.
    own_list = {"instance_type": "in euro", "listed_currency": "EUR", "listed_per_hour": 0.95}
    offers = offers_of({}, own_list | {"usd_per_hour": 0.95 * 1.1172})
    rows = _read(compare(_in("EUR"), offers)).set_index("instance_type")
    in_euro, plain = rows.loc["in euro"], rows.loc["plain"]
    assert (in_euro["listed_per_hour"], in_euro["listed_currency"]) == (0.95, "EUR")
    assert (plain["listed_per_hour"], plain["listed_currency"]) == (1.0, "USD")
    hours = 25.5 * 730 / 168
    assert in_euro["monthly_usd"] - plain["monthly_usd"] == pytest.approx(hours * (0.95 * 1.1172 - 1))
    # The listed amount times the hours, converted back by the rate of the row, is the same bill.
    storage_usd = 100 * 0.08
    assert (in_euro["monthly_usd"] - storage_usd) * in_euro["units_per_usd"] == pytest.approx(hours * 0.95)


def test_a_row_in_dollars_has_the_rate_one(offers_of: Offers) -> None:
    rows = _read(compare(Scenario(), offers_of({})))
    assert rows["currency"].tolist() == ["USD", "USD"]
    assert rows["units_per_usd"].tolist() == [1, 1]


def test_the_listed_price_of_a_build_is_unknown_and_its_currency_is_that_of_its_parts(
    bundled: pd.DataFrame,
) -> None:
    build = compare(_in("EUR"), bundled).table.iloc[0]
    assert build["listed_currency"] == "USD"
    assert pd.isna(build["listed_per_hour"])


# --- the country --------------------------------------------------------------------------------------------


def _place(comparison: Comparison) -> dict[str, object]:
    scenario = comparison.scenario
    return {
        "country": scenario.electricity.country,
        "usd_per_kwh": scenario.electricity.usd_per_kwh,
        "currency": scenario.money.currency,
        "vat": scenario.money.vat_fraction,
    }


def test_germany_sets_tariff_currency_tax_and_regions_at_once(bundled: pd.DataFrame) -> None:
    comparison = compare(in_country(Scenario(), "DE"), bundled)
    # data/electricity.csv: 0.4488 USD a kilowatt-hour; data/vat.csv: 19 %.
    assert _place(comparison) == {"country": "DE", "usd_per_kwh": 0.4488, "currency": "EUR", "vat": 0.19}
    considered = comparison.table.iloc[1:].query("considered")
    places = zip(considered["provider"], considered["region"], strict=True)
    assert {FIGURES.continents[place] for place in places} == {"europe", "global"}
    assert "€" in comparison.verdict[0]


@pytest.mark.parametrize(
    ("country", "currency", "vat"),
    [
        ("GB", "GBP", 0.20),
        ("CH", "CHF", 0.081),
        ("FR", "EUR", 0.20),
        ("US-CA", "USD", 0.0),
        ("AE", "USD", 0.0),  # there is no rate for its dirham
    ],
)
def test_a_country_has_its_currency_and_its_tax(country: str, currency: str, vat: float) -> None:
    money = in_country(Scenario(), country).money
    assert (money.currency, money.vat_fraction) == (currency, vat)


def test_the_way_back_to_the_united_states_leaves_nothing_behind() -> None:
    assert in_country(in_country(Scenario(), "DE"), "US") == Scenario()
    for persona in PERSONAS.values():
        assert in_country(in_country(persona, "JP"), persona.electricity.country) == persona


def test_own_prices_of_the_old_place_do_not_move_along(bundled: pd.DataFrame) -> None:
    for old in (
        {"electricity.usd_per_kwh": "0.11", "rental.regions": "us-east-1"},
        {"electricity.time_of_use": '[{"usd_per_kwh": 0.4, "from_hour": 16, "to_hour": 21}]'},
        {"electricity.tiers": '[{"upper_kwh": 300, "usd_per_kwh": 0.1}, {"usd_per_kwh": 0.3}]'},
        {"electricity.grams_co2_per_kwh": "1"},
    ):
        moved = in_country(Scenario().with_settings(old), "DE")
        assert moved == in_country(Scenario(), "DE")
        assert compare(moved, bundled).scenario.electricity.usd_per_kwh == 0.4488


def test_what_is_no_matter_of_the_country_stays() -> None:
    asked = Scenario().with_settings(
        {"workload.busy_hours_per_week": "33", "money.horizon_months": "48", "rental.providers": "aws"}
    )
    moved = in_country(asked, "DE")
    assert moved.workload == asked.workload
    assert moved.workstation == asked.workstation
    assert moved.money.horizon_months == 48
    assert moved.rental == asked.rental


def test_a_country_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(ValueError, match=r"electricity\.country: there is no tariff for 'XX'; .*DE.*US"):
        in_country(Scenario(), "XX")


def test_every_country_can_be_asked_in(one_of_each: pd.DataFrame) -> None:
    assert len(FIGURES.tariffs) > 90
    for country, tariff in FIGURES.tariffs.items():
        moved = in_country(Scenario(), country)
        assert moved.money.currency in FIGURES.currencies
        comparison = compare(moved, one_of_each)
        assert comparison.scenario.electricity.usd_per_kwh == tariff.usd_per_kwh
        assert comparison.verdict


# --- value-added tax ----------------------------------------------------------------------------------------


def _paid(comparison: Comparison, start: str) -> float:
    """What the lines of the build's receipt that begin so come to."""
    receipt = comparison.receipt
    own = receipt[receipt["option"].str.startswith("own rtx")]
    lines = own[own["component"].str.startswith(start)]
    assert len(lines) > 0
    return float(lines["total_usd"].sum())


def test_vat_comes_on_top_of_the_bundled_parts(bundled: pd.DataFrame) -> None:
    # data/builds.csv: 5,326.75 USD without sales tax.
    without = compare(Scenario(), bundled)
    taxed = compare(Scenario().with_settings({"money.vat_fraction": "0.19"}), bundled)
    assert _paid(without, "part ") == pytest.approx(5326.75)
    assert _paid(taxed, "part ") == pytest.approx(5326.75 * 1.19)
    # Used parts are sold among people, at the share of what new ones cost there.
    assert _paid(taxed, "resale ") == pytest.approx(1.19 * _paid(without, "resale "))
    # Electricity is listed with its taxes.
    assert _paid(taxed, "electricity") == pytest.approx(_paid(without, "electricity"))


def test_own_parts_cost_what_is_typed(bundled: pd.DataFrame) -> None:
    parts = '[{"name": "card", "price_usd": 2000}, {"name": "rest", "price_usd": 1500}]'
    for vat in ("0", "0.19"):
        asked = Scenario().with_settings({"workstation.parts": parts, "money.vat_fraction": vat})
        assert _paid(compare(asked, bundled), "part ") == pytest.approx(3500)


def test_vat_is_put_on_once_however_often_the_answer_is_asked_again(bundled: pd.DataFrame) -> None:
    first = compare(in_country(Scenario(), "DE"), bundled)
    again = compare(first.scenario, bundled)
    assert again.scenario == first.scenario
    pd.testing.assert_frame_equal(again.table, first.table)


def test_vat_comes_on_top_of_listed_cloud_prices(bundled: pd.DataFrame) -> None:
    without = compare(Scenario(), bundled).table.iloc[1:].set_index("option")["total_usd"].dropna()
    taxed = compare(Scenario().with_settings({"money.vat_fraction": "0.19"}), bundled)
    assert len(without) > 500
    totals = taxed.table.set_index("option")["total_usd"]
    assert totals[without.index].tolist() == pytest.approx((1.19 * without).tolist())


def test_who_reclaims_vat_pays_the_list_on_both_sides(bundled: pd.DataFrame) -> None:
    reclaimed = {"money.vat_fraction": "0.19", "money.vat_reclaimed": "true"}
    comparison = compare(Scenario().with_settings(reclaimed), bundled)
    plain = compare(Scenario(), bundled)
    assert _paid(comparison, "part ") + _paid(comparison, "VAT") < _paid(comparison, "part ")
    totals, listed = (
        answer.table.iloc[1:].set_index("option")["total_usd"].dropna() for answer in (comparison, plain)
    )
    assert totals[listed.index].tolist() == pytest.approx(listed.tolist())


def test_the_note_says_where_the_tax_is(bundled: pd.DataFrame) -> None:
    notes = compare(in_country(Scenario(), "DE"), bundled).judgement.notes
    (note,) = [note for note in notes if note.startswith("Value-added tax")]
    assert "19 %" in note
    assert "on top of listed cloud prices" in note
    assert not [n for n in compare(Scenario(), bundled).judgement.notes if "Value-added" in n]
