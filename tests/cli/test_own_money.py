"""The reader's currency, country and own rates on the command line."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import cli
from models import Scenario, compare, in_country, load_figures
from models.currency import exchange, money
from pricing import load_offers

Run = Callable[..., Result]

DOLLAR_AMOUNT = re.compile(r"(?<!US)\$\d")
OWN = {
    "name": "lab, second floor",
    "gpu": "RTX 4090",
    "usd_per_hour": 0.21,
    "vram_gb": 23.5,
    "access": "container",
    "term": "spot",
    "relative_throughput": 0.95,
    "gpu_count": 2.0,
    "compute_capability": 8.9,
    "max_session_hours": 400.0,
    "billing_increment_s": 60.0,
    "minimum_billing_s": 120.0,
    "interruptions_per_hour": 0.002,
    "storage_usd_per_gb_month": 0.07,
    "egress_usd_per_gb": 0.01,
}


@pytest.fixture
def run() -> Run:
    runner = CliRunner()

    def call(*words: str) -> Result:
        done = runner.invoke(cli.cli, list(words))
        assert done.exit_code == 0, done.stderr
        return done

    return call


def asked(document: str) -> Scenario:
    return Scenario.model_validate(json.loads(document)["scenario"])


def test_a_country_sets_tariff_currency_tax_and_regions_at_once(run: Run) -> None:
    expected = compare(in_country(Scenario(), "DE"), load_offers())
    used = asked(run("compare", "--json", "--country", "DE").stdout)
    assert used == expected.scenario
    assert (used.money.currency, used.money.vat_fraction, used.electricity.country) == ("EUR", 0.19, "DE")
    assert "westeurope" in (used.rental.regions or ())


def test_what_a_country_sets_is_changed_back_by_set(run: Run) -> None:
    words = ("--country", "DE", "--set", "money.currency=GBP", "--set", "money.vat_fraction=0")
    used = asked(run("compare", "--json", *words).stdout)
    assert (used.money.currency, used.money.vat_fraction, used.electricity.country) == ("GBP", 0, "DE")


@pytest.mark.parametrize("currency", ["EUR", "CHF", "JPY"])
def test_what_is_printed_is_in_the_readers_currency(run: Run, currency: str) -> None:
    shown = run("compare", "--set", f"money.currency={currency}").stdout
    rate = exchange(currency, load_figures())
    build_usd = compare(Scenario(), load_offers()).table["present_value_usd"].iloc[0]
    assert DOLLAR_AMOUNT.findall(shown) == []
    assert shown.count(money(build_usd, rate)) >= 2
    assert f"Converted at {rate.units_per_usd:.4f} {currency} for 1 USD" in shown
    assert rate.as_of in shown


def test_another_currency_changes_neither_the_cents_nor_whom_the_verdict_names(run: Run) -> None:
    dollars, euros = (
        json.loads(run("compare", "--json", "--set", f"money.currency={currency}").stdout)
        for currency in ("USD", "EUR")
    )
    assert [row["present_value_usd"] for row in euros["options"]] == [
        row["present_value_usd"] for row in dollars["options"]
    ]
    assert euros["break_even"] == dollars["break_even"]

    def without_amounts(verdict: list[str]) -> list[str]:
        return [re.sub(r"[$€][\d,]+", "", sentence) for sentence in verdict]

    assert without_amounts(euros["verdict"]) == without_amounts(dollars["verdict"])
    assert euros["verdict"] != dollars["verdict"]


def test_each_row_of_the_csv_has_listed_amount_and_currency_rate_and_its_day(run: Run) -> None:
    text = run("compare", "--csv", "-", "--set", "money.currency=EUR").stdout
    table = pd.read_csv(io.StringIO(text), comment="#", keep_default_na=False)
    rate = exchange("EUR", load_figures())
    assert len(table) > 800
    assert set(table["currency"]) == {"EUR"}
    assert set(table["units_per_usd"]) == {rate.units_per_usd}
    assert set(table["rate_as_of"]) == {rate.as_of}
    offers = table[table["provider"] != "own"]
    assert set(offers["listed_currency"]) == {"USD"}
    assert (offers["listed_per_hour"] != "").all()
    assert (table["what_you_get"] != "").all()


def test_all_that_a_rate_of_ones_own_says_is_kept_in_link_toml_and_csv(run: Run) -> None:
    words = ",".join(f'{name}="{value}"' for name, value in OWN.items())
    settings = ("--offer", words, "--term", "spot")
    (offer,) = asked(run("compare", "--json", *settings).stdout).rental.own_offers
    assert offer.model_dump() == OWN
    asked_for = Scenario.model_validate({"rental": {"own_offers": [OWN]}})
    for kept in (Scenario.from_query(asked_for.to_query()), Scenario.from_toml(asked_for.to_toml())):
        assert kept.rental.own_offers == (offer,)
    text = run("compare", "--csv", "-", *settings).stdout
    (head,) = [line for line in text.splitlines() if line.startswith("# scenario ")]
    (in_head,) = json.loads(head.removeprefix("# scenario "))["rental"]["own_offers"]
    assert in_head == OWN
    table = pd.read_csv(io.StringIO(text), comment="#")
    (row,) = table[table["provider"] == "own rate"].to_dict("records")
    assert (row["access"], row["term"], row["gpu_count"]) == ("container", "spot", 2)
    assert row["relative_throughput"] == pytest.approx(0.95)
    assert "disk $0.07 a GB-month" in row["what_you_get"]
