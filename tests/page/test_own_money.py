"""The page in the reader's money: another currency, another country, newer rates, tables of one's own."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow
import pytest
from streamlit.testing.v1 import AppTest

from models import Scenario, compare, in_country, load_figures
from models.currency import exchange, from_usd, money
from pricing import load_offers
from pricing.currencies import bundled_rates, store_rates

from .conftest import FIGURES, opened

GERMANY = {"electricity.country": "DE", "money.currency": "EUR", "rental.against": "aws"}
# Listed prices stay as they are listed, and say of which dollars they are.
DOLLAR_AMOUNT = re.compile(r"(?<!US)\$\d")
EURO = exchange("EUR", load_figures())


@pytest.fixture
def page(root: Path) -> AppTest:
    return AppTest.from_file(str(root / "app.py"), default_timeout=60)


@pytest.fixture(scope="module")
def german_tabs(root: Path) -> dict[str, AppTest]:
    """The page in euros, with its flips, once for each tab that is open. To be read, not to be changed."""
    drawn: dict[str, AppTest] = {}
    waiting = ["Over time"]
    while waiting:
        page = AppTest.from_file(str(root / "app.py"), default_timeout=60)
        for name, value in GERMANY.items():
            page.query_params[name] = value
        drawn[waiting[0]] = opened(page, waiting[0])
        waiting = [tab.label for tab in page.tabs if tab.label not in drawn]
    return drawn


@pytest.fixture
def german_page(german_tabs: dict[str, AppTest]) -> AppTest:
    return german_tabs["Over time"]


def text_of(page: AppTest) -> str:
    """What the page says outside its inputs, without marks."""
    assert not page.exception
    marked = [re.sub(r"\\(.)", r"\1", str(element.value)) for element in (*page.caption, *page.markdown)]
    bodies = [str(element.value) for element in page.html if "<style>" not in element.value]
    texts = marked + [unescape(re.sub(r"<[^>]*>", " ", body)) for body in bodies]
    return "\n".join(" ".join(text.split()) for text in texts)


def question(page: AppTest) -> Scenario:
    scenario = page.session_state["last_good"]
    assert isinstance(scenario, Scenario)
    return scenario


def tiles(page: AppTest) -> str:
    (found,) = [str(element.value) for element in page.html if 'class="tiles"' in element.value]
    return found


def charts(page: AppTest) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]


def shown_table(page: AppTest, column: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A table's values, and the texts that stand for them."""
    (element,) = [frame for frame in page.dataframe if column in frame.value]
    with pyarrow.ipc.open_stream(element.proto.arrow_data.styler.display_values) as stream:
        texts: pd.DataFrame = stream.read_all().to_pandas()
    return element.value, texts


def test_in_euros_every_amount_that_is_answered_is_in_euros(german_tabs: dict[str, AppTest]) -> None:
    assert len(german_tabs) >= 7
    texts = {tab: text_of(page) for tab, page in german_tabs.items()}
    assert [tab for tab, said in texts.items() if DOLLAR_AMOUNT.search(said)] == []
    said = "\n".join(texts.values())
    assert [tab for tab, text in texts.items() if len(re.findall(r"€\d", text)) < 6] == []
    assert f"36 months; converted at {EURO.units_per_usd:.4f} EUR for 1 USD of {EURO.as_of}" in said
    converted = f"Converted at {EURO.units_per_usd:.4f} EUR for 1 USD of {EURO.as_of}"
    tabs_with_amounts = {"Over time", "What the money goes to", "How sure", "Offers", "Sources"}
    assert tabs_with_amounts <= {tab for tab, text in texts.items() if converted in text}
    assert "today's EUR" in said
    assert "today's dollars" not in said


def test_tiles_and_bills_are_the_amounts_of_the_model_in_euros(german_page: AppTest) -> None:
    comparison = compare(Scenario().with_settings(GERMANY), load_offers())
    build_usd = float(comparison.table["present_value_usd"].iloc[0])
    said = text_of(german_page)
    assert comparison.verdict[0] in said
    assert money(build_usd, EURO) in tiles(german_page)
    assert f'data-build-usd="{build_usd!r}"' in tiles(german_page)
    bills = [str(element.value) for element in german_page.html if 'class="bill"' in element.value]
    assert len(bills) == 2
    assert f"<td>{money(build_usd, EURO, 2)}</td></tr></tbody>" in bills[0]
    # The three lines of electricity are summed in one, and worded in euros too.
    lines = comparison.receipt.set_index("component")["total_usd"]
    assert f"busy {money(lines['electricity busy'], EURO)}" in bills[0]
    assert re.search(r"at US\$[\d.]+", bills[1])


def test_the_charts_are_in_euros_down_to_what_hovering_tells(german_tabs: dict[str, AppTest]) -> None:
    by_tab = {tab: charts(page) for tab, page in german_tabs.items()}
    drawn = [chart for found in by_tab.values() for chart in found]
    assert len(by_tab["The build"]) == 1
    assert len(by_tab["How sure"]) >= 2
    for tab, sign in (("Over time", "€"), ("By hours a week", "€"), ("What the money goes to", "")):
        (chart,) = by_tab[tab]
        assert chart["layout"]["yaxis"]["tickprefix"] == sign
        assert "$" not in chart["layout"]["yaxis"]["tickformat"]
        assert "today's EUR" in chart["layout"]["yaxis"]["title"]["text"]
    hovers = [trace.get("hovertemplate", "") for chart in drawn for trace in chart["data"]]
    assert [hover for hover in hovers if "$" in hover] == []
    amounts = [hover for hover in hovers if "launch price" in hover or ":,.0f" in hover or ":,.2f" in hover]
    assert len(amounts) > 10
    told = [hover.partition("<br>")[0] for hover in amounts]
    assert all(("€%{" in hover or "} EUR" in hover) and "$" not in hover for hover in told)


def test_the_offers_table_has_euros_beside_the_listed_price_and_what_one_gets(
    german_tabs: dict[str, AppTest],
) -> None:
    values, texts = shown_table(german_tabs["Offers"], "usd_per_useful_hour")
    for column in ("present_value_usd", "monthly_usd", "usd_per_useful_hour"):
        position = list(values.columns).index(column)
        cells = texts.iloc[:, position]
        known = values[column].notna().to_numpy()
        assert known.sum() > 100
        assert list(cells[known]) == [money(usd, EURO, 2) for usd in values.loc[known, column]]
        assert set(cells[~known]) == {""}
    offers = values.iloc[1:]
    assert set(offers["listed_currency"]) == {"USD"}
    assert offers["listed_per_hour"].notna().all()
    told = texts.iloc[1:, list(values.columns).index("what_you_get")]
    assert told.str.contains(r"disk US\$[\d.]+ a GB-month").all()
    _, receipt = shown_table(german_tabs["Over time"], "detail")
    assert receipt.iloc[:, 1:].map(lambda text: DOLLAR_AMOUNT.search(str(text)) is None).all(axis=None)
    assert receipt.iloc[:, 2].map(lambda text: "US$" in str(text)).any()


def test_the_same_question_has_the_same_answer_in_two_currencies(page: AppTest, root: Path) -> None:
    page.run()
    before = re.findall(r'data-([a-z-]+)="([^"]*)"', tiles(page))
    verdict = text_of(page)
    page.selectbox(key="money.currency").set_value("EUR").run()
    assert re.findall(r'data-([a-z-]+)="([^"]*)"', tiles(page)) == before
    assert len(before) == len(FIGURES)
    assert question(page) == Scenario().with_settings({"money.currency": "EUR"})
    outcomes = [re.findall(r"\b(?:Rent|Build)\b from [A-Z]\w+", text) for text in (verdict, text_of(page))]
    assert outcomes[0][0] == outcomes[1][0]


def test_each_currency_is_said_with_its_rate_and_its_day(page: AppTest) -> None:
    page.run()
    figures = load_figures()
    options = page.selectbox(key="money.currency").options
    assert len(options) == len(figures.currencies) > 20
    assert options[0] == "USD"
    assert f"EUR: {EURO.units_per_usd:.5g} for 1 USD, {EURO.as_of}" in options
    assert all(re.fullmatch(r"[A-Z]{3}: [\d.]+ for 1 USD, \d{4}-\d\d-\d\d", text) for text in options[1:])


def test_a_country_brings_its_currency_tax_tariff_and_regions_and_each_is_changed_back(page: AppTest) -> None:
    page.query_params["rental.regions"] = "us-east-1"
    page.query_params["electricity.usd_per_kwh"] = "0.5"
    page.run()
    page.selectbox(key="electricity.country").set_value("DE").run()
    assert question(page) == in_country(Scenario(), "DE")
    assert question(page).money.vat_fraction == 0.19
    assert compare(question(page), load_offers()).verdict[0] in text_of(page)
    assert "Answer in EUR, value-added tax 19 %, clouds of the country's continent." in text_of(page)
    # The build's listed parts, in the table as in the bill, with the tax on top.
    parts = compare(question(page), load_offers()).scenario.workstation.parts or ()
    rows = page.session_state["workstation.parts rows"]
    assert list(rows["price_usd"]) == [part.price_usd for part in parts]
    assert rows["price_usd"].sum() == pytest.approx(
        1.19 * sum(part.price_usd for part in load_figures().build(question(page).workstation.build))
    )
    page.selectbox(key="money.currency").set_value("USD").run()
    assert question(page) == in_country(Scenario(), "DE").with_settings({"money.currency": "USD"})
    page.slider(key="money.vat_fraction").set_value(0.0).run()
    assert question(page) == Scenario().with_settings({"electricity.country": "DE"})
    page.selectbox(key="electricity.country").set_value("US").run()
    assert question(page) == Scenario()


def test_inputs_stay_in_dollars_say_so_and_keep_what_was_typed(page: AppTest) -> None:
    page.run()
    assert page.number_input(key="electricity.usd_per_kwh").label == "Price ($/kWh)"
    page.number_input(key="electricity.usd_per_kwh").set_value(0.5)
    page.number_input(key="workstation.warranty_usd").set_value(100.0).run()
    page.selectbox(key="money.currency").set_value("EUR").run()
    typed = page.number_input(key="electricity.usd_per_kwh")
    assert (typed.label, typed.value) == ("Price (US$/kWh)", 0.5)
    assert money(0.5, EURO, 4) in typed.help
    assert question(page).electricity.usd_per_kwh == 0.5
    warranty = page.number_input(key="workstation.warranty_usd")
    assert (warranty.label, warranty.value) == ("Warranty (US$)", 100.0)
    assert f"€{from_usd(100, EURO):.2f}" in warranty.help
    # What is in the bill by default is converted too.
    default = page.number_input(key="rental.object_storage_usd_per_gb_month")
    assert "US$" in default.label
    tables = [
        caption.value for caption in page.caption if "Amounts in this table are US dollars" in caption.value
    ]
    assert len(tables) == 5
    labels = [widget.label for widget in page.sidebar.number_input]
    assert len(labels) > 30
    assert [label for label in labels if "$" in label.replace("US$", "")] == []


def test_newer_rates_of_a_refresh_stand_in_for_the_bundled_ones(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RIG_OR_RENT_CACHE_DIR", str(tmp_path))
    rates = bundled_rates()
    newer = {**rates.units_per_eur, "USD": 2.0}
    day = rates.as_of.replace(month=11, day=20)
    assert day > rates.as_of
    store_rates(
        tmp_path,
        rates._replace(units_per_eur=newer, as_of=day),
        retrieved_at=f"{day}T16:00:00+00:00",
    )
    page.query_params["money.currency"] = "EUR"
    said = text_of(opened(page, "Sources"))
    assert f"EUR: 0.5 for 1 USD, {day}" in page.selectbox(key="money.currency").options
    assert f"converted at 0.5000 EUR for 1 USD of {day}" in said
    assert f"Exchange rates of the European Central Bank: retrieved {day}" in said
    build_usd = compare(Scenario(), load_offers()).table["present_value_usd"].iloc[0]
    assert f"€{build_usd / 2:,.0f}" in tiles(page)


def test_a_table_of_github_of_ones_own_counts_and_its_age_is_shown(
    page: AppTest, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RIG_OR_RENT_CONFIG_DIR", str(tmp_path))
    page.query_params["workload.ci_minutes_per_month"] = '{"linux": 12000}'
    assert "GitHub's runners cost $60.00 a month" in text_of(page.run())
    runners = pd.read_csv(root / "data" / "actions_runners.csv", dtype="str", keep_default_na=False)
    own = tmp_path / "actions_runners.csv"
    runners.assign(usd_per_minute="0.01").to_csv(own, index=False)
    assert "GitHub's runners cost $100.00 a month" in text_of(page.run())
    assert "$0.01 a minute" in page.selectbox(key="workload.ci_runners.linux").options[0]
    (tables,) = [frame.value for frame in opened(page, "Sources").dataframe if "in force" in frame.value]
    in_force = dict(zip(tables["table"], tables["in force"], strict=True))
    assert in_force["actions_runners"].startswith("your own, the newest row of ")
    assert in_force["actions_plans"].startswith("bundled, the newest row of ")
    assert str(own) in set(tables["file"])
    runners.assign(usd_per_minute="cheap").to_csv(own, index=False)
    said = text_of(page.run())
    assert "GitHub's runners cost $60.00 a month" in said
    assert "actions_runners.csv of your own ignored: line 2: usd_per_minute is 'cheap'" in said
