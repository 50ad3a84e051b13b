"""What Azure's Retail Prices API says becomes offers, exact to the last digit, or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing import load_offers, refresh
from pricing.adapter import Ask, Fetched, Shared
from pricing.azure import ADAPTER, ListCurrency, next_path, prices_of
from pricing.azure_rows import Row, parse_page
from pricing.currencies import Rates, bundled_rates, store_rates
from pricing.errors import CannotReach, Refused, UnknownShape
from pricing.http import Client, Limits, Reply, Validators
from pricing.instances import shapes
from pricing.offers import check_offers
from tests.live.azure_fixtures import (
    PATH,
    PLANTED_EUR,
    REGION,
    SIZE,
    TRAPS,
    TRUTH,
    TRUTH_EUR,
    body,
    in_currency,
    pages,
    plan,
    reservation_row,
    row,
    spot_row,
    truth_rows,
)
from tests.live.json_pages import BAD_BODIES, Prices, anything, prices
from tests.live.server import Answer, Fault, Request, Server, cut, status, truncated_gzip

TODAY = date(2026, 11, 23)
PLACE = "Azure, westeurope, page 1"


VARIABLE = "RIG_OR_RENT_AZURE_CURRENCY"


def fetch(
    server: Server, *, region: str = REGION, base_url: str = "", shared: Shared | None = None
) -> Fetched:
    def client(name: str, default: str) -> Client:
        assert (name, default) == ("RIG_OR_RENT_AZURE_URL", "https://prices.azure.com")
        return Client(base_url or server.url, limits=Limits(read_s=5), sleep=lambda seconds: None)

    return ADAPTER.fetch(Ask(region, TODAY, client, shared or Shared()))


def parse(*rows: dict[str, Any]) -> Prices:
    page = parse_page(json.loads(body(list(rows))), REGION, TODAY, PLACE)
    return {(price.instance_type, price.term): price.usd_per_hour for price in prices_of(page.rows, "")}


@pytest.mark.parametrize("page_size", [1, 7, 100, 1000])
def test_the_offers_are_the_planted_ones_whatever_the_page_size(server: Server, page_size: int) -> None:
    server.plant_handler(PATH, pages(server.url, truth_rows(), page_size=page_size))
    assert prices(fetch(server).offers) == TRUTH


def test_no_trap_changes_an_offer(server: Server) -> None:
    rows = [*TRAPS.values(), *truth_rows(), *TRAPS.values()]
    server.plant_handler(PATH, pages(server.url, rows, page_size=10))
    fetched = fetch(server)
    assert prices(fetched.offers) == TRUTH
    assert fetched.left_out == ()


@pytest.mark.parametrize("name", TRAPS)
def test_a_row_that_is_no_price_of_a_linux_machine_is_left_out(name: str) -> None:
    assert parse(TRAPS[name], row(SIZE, 4.775)) == {(SIZE, "on_demand"): 4.775}


def test_the_newest_of_the_rows_in_force_counts() -> None:
    days = ["2020-08-01T00:00:00Z", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", "2024-03-01T00:00:00Z"]
    rows = [row(SIZE, float(place), effectiveStartDate=day) for place, day in enumerate(days, 1)]
    assert parse(*rows) == {(SIZE, "on_demand"): 2.0}


def test_a_row_counts_until_the_moment_it_ends() -> None:
    ending = row(SIZE, 2.0, effectiveEndDate="2026-11-23T23:59:59Z")
    assert parse(ending) == {(SIZE, "on_demand"): 2.0}
    assert parse(row(SIZE, 2.0, effectiveEndDate=None)) == {(SIZE, "on_demand"): 2.0}
    assert parse(ending | {"effectiveEndDate": "2026-11-22T23:59:59Z"}) == {}


def test_the_savings_plans_of_an_older_row_are_over_with_it() -> None:
    older = row(SIZE, 5.0, effectiveStartDate="2023-01-01T00:00:00Z", savingsPlan=[plan("1 Year", 3.0)])
    assert parse(older, row(SIZE, 4.0)) == {(SIZE, "on_demand"): 4.0}


def test_savings_plans_beside_a_spot_price_are_none() -> None:
    assert parse(spot_row(SIZE, 0.5, savingsPlan=[plan("1 Year", 3.0)])) == {(SIZE, "spot"): 0.5}


def test_a_meter_that_is_not_primary_counts_where_there_is_no_other() -> None:
    assert parse(row(SIZE, 4.0, isPrimaryMeterRegion=False)) == {(SIZE, "on_demand"): 4.0}


def test_the_same_price_twice_is_one_offer() -> None:
    assert parse(row(SIZE, 4.0), row(SIZE, 4.0, meterId="another")) == {(SIZE, "on_demand"): 4.0}


@pytest.mark.parametrize(
    ("one", "other", "named"),
    [
        (row(SIZE, 4.0), row(SIZE, 4.1), "costs 4.1 USD an hour on_demand, but 4.0"),
        (spot_row(SIZE, 1.0), spot_row(SIZE, 1.1), "costs 1.1 USD an hour spot, but 1.0"),
        (
            reservation_row(SIZE, 8760, "1 Year"),
            reservation_row(SIZE, 9000, "1 Year"),
            "reserved_1y, but 1.0",
        ),
        (
            row(SIZE, 4.0, savingsPlan=[plan("1 Year", 3.0)]),
            row(SIZE, 4.0, savingsPlan=[plan("1 Year", 3.5)]),
            "costs 3.5 USD an hour savings_1y, but 3.0",
        ),
    ],
)
def test_two_prices_of_the_same_day_are_refused_by_name(
    one: dict[str, Any], other: dict[str, Any], named: str
) -> None:
    with pytest.raises(UnknownShape, match=rf"row 2 \('{SIZE}'\): {SIZE} .*{named}.* row 1"):
        parse(one, other)


def test_blanks_after_a_name_are_no_part_of_it() -> None:
    blank = {"productName": "Virtual Machines NCads Series Windows  ", "skuName": "NC24ads Spot  "}
    rows = [row(f"{SIZE}  ", 4.0), row(SIZE, 1.0, **blank), spot_row(SIZE, 0.5, skuName=blank["skuName"])]
    assert parse(*rows) == {(SIZE, "on_demand"): 4.0, (SIZE, "spot"): 0.5}


def test_a_size_is_on_spot_if_either_name_ends_so() -> None:
    assert parse(row(SIZE, 0.5, skuName="NC24ads Spot")) == {(SIZE, "spot"): 0.5}
    assert parse(row(SIZE, 0.6, meterName="NC24ads Spot")) == {(SIZE, "spot"): 0.6}
    assert parse(row(SIZE, 0.7, meterName="NC24ads Spotless")) == {(SIZE, "on_demand"): 0.7}


def test_the_total_of_a_reservation_is_spread_over_its_hours() -> None:
    # 365 days of 24 hours: 25,007 / 8,760, and three times as many: 2,257 / 26,280.
    found = parse(reservation_row(SIZE, 25_007.0, "1 Year"), reservation_row(SIZE, 2_257.0, "3 Years"))
    assert found == {(SIZE, "reserved_1y"): 2.8546803652968037, (SIZE, "reserved_3y"): 0.08588280060882801}


def test_an_unknown_gpu_size_is_named_and_left_out(server: Server) -> None:
    strangers = [
        row("Standard_NC132ds_xl_RTXPRO6000BSE_v6", 9.257),
        row("Standard_NM16ads_MA35D  ", 1.2),
        row("Standard_NX1_v9", 9.0, productName="Virtual Machines NX Series Windows"),
        row("Standard_NX2_v9", 0.0),
    ]
    server.plant_handler(PATH, pages(server.url, [*strangers, *truth_rows()]))
    fetched = fetch(server)
    assert fetched.left_out == ("Standard_NC132ds_xl_RTXPRO6000BSE_v6", "Standard_NM16ads_MA35D")
    assert prices(fetched.offers) == TRUTH


def test_an_offer_says_all_that_the_table_asks_for(server: Server) -> None:
    server.plant_handler(PATH, pages(server.url, truth_rows(), page_size=9))
    fetched = fetch(server)
    offers = check_offers(fetched.offers, today=TODAY)
    assert set(offers["provider"]) == {"azure"}
    assert set(offers["region"]) == {REGION}
    assert set(offers["access"]) == {"vm"}
    assert set(offers["as_of"]) == {"2026-11-23"}
    assert set(fetched.terms) == set(offers["term"])
    assert set(offers["source"].str.partition("?")[0]) == {f"{server.url}{PATH}"}
    (fraction,) = offers[
        (offers["instance_type"] == "Standard_NV6ads_A10_v5") & (offers["term"] == "on_demand")
    ].to_dict("records")
    assert (fraction["gpu"], fraction["gpu_count"], fraction["vram_gb"]) == ("A10", 0.1667, 4.0)
    is_reserved = offers["term"].str.startswith("reserved")
    is_committed = is_reserved | offers["term"].str.startswith("savings")
    assert set(offers.loc[is_reserved, "kind"]) == {"derived"}
    assert set(offers.loc[~is_reserved, "kind"]) == {"published"}
    assert set(offers.loc[is_committed, "committed_hours_per_month"]) == {730.0}
    assert offers.loc[~is_committed, ["committed_hours_per_month", "commitment_months"]].isna().all(axis=None)
    months = offers[is_committed].groupby("term")["commitment_months"].agg(set).to_dict()
    assert months == {"reserved_1y": {12}, "reserved_3y": {36}, "savings_1y": {12}, "savings_3y": {36}}


@pytest.mark.parametrize(
    "family",
    [
        r"NC\d+s_v3",
        r"ND40rs_v2",
        r"NC\d+as_T4_v3",
        r"NV\d+adm?s_A10_v5",
        r"NC\d+ads_A100_v4",
        r"ND96am?sr_(A100_)?v4",
        r"NC\d+adi?s_H100_v5",
        r"ND96isr_H100_v5",
        r"ND96isr_H200_v5",
    ],
)
def test_the_shapes_of_every_family_are_known(family: str) -> None:
    sizes = pd.Series(list(shapes("azure")), dtype="str")
    assert sizes.str.fullmatch(rf"Standard_{family}").any()


def test_the_question_names_region_version_and_currency(server: Server) -> None:
    server.plant_handler(PATH, pages(server.url, truth_rows()))
    fetch(server)
    (asked,) = server.asked(PATH)
    assert asked.query == {
        "api-version": "2023-01-01-preview",
        "currencyCode": "'USD'",
        "meterRegion": "'primary'",
        "$filter": "serviceName eq 'Virtual Machines' and armRegionName eq 'westeurope'",
    }


def test_the_service_s_own_links_are_followed_at_the_mirror(server: Server) -> None:
    first, second = truth_rows()[:20], truth_rows()[20:]
    link = "https://prices.azure.com:443/api/retail/prices?$filter=the%20same&$skip=20"
    server.plant(f"/azure{PATH}", body(first, link=link))
    server.plant(f"/azure{PATH}?$filter=the%20same&$skip=20", body(second))
    assert prices(fetch(server, base_url=f"{server.url}/azure").offers) == TRUTH


def test_a_link_may_name_the_mirror_in_another_way() -> None:
    link = "https://mirror.example:443/azure/api/retail/prices?$skip=20"
    assert next_path(link, "https://mirror.example/azure", PLACE) == f"{PATH}?$skip=20"


@pytest.mark.parametrize("last", [None, ""])
def test_an_empty_link_is_the_end(server: Server, last: str | None) -> None:
    server.plant(PATH, body(truth_rows(), link=last))
    assert prices(fetch(server).offers) == TRUTH


def test_pages_without_a_link_at_all_end(server: Server) -> None:
    page = json.loads(body(truth_rows()))
    del page["NextPageLink"]
    server.plant(PATH, json.dumps(page).encode())
    assert prices(fetch(server).offers) == TRUTH


@pytest.mark.parametrize(
    "fault", [status(429), status(503, retry_after="0"), cut(300), truncated_gzip()], ids=str
)
def test_a_fault_that_passes_leaves_no_trace(server: Server, fault: Fault) -> None:
    server.plant_handler(PATH, pages(server.url, truth_rows(), page_size=15))
    server.fault(PATH, None, fault, None, fault)
    assert prices(fetch(server).offers) == TRUTH


BAD_ENVELOPES: dict[str, tuple[dict[str, object], str]] = {
    "no items": ({"Items": []}, "Items is a list of 0"),
    "items of another kind": ({"Items": {"0": 1}}, "Items is an object of 1"),
    "items missing": ({"Items": None}, "Items is None"),
    "count too low": ({"Count": 3}, "Count is 3; allowed is 40"),
    "count too high": ({"Count": 41}, "Count is 41; allowed is 40"),
    "count missing": ({"Count": None}, "Count is None"),
    "another currency": ({"BillingCurrency": "EUR"}, "BillingCurrency is 'EUR'"),
    "a link that is none": ({"NextPageLink": 5}, "NextPageLink is 5"),
    "a link that cannot be printed": ({"NextPageLink": "https://prices.azure.com/\ud800"}, "NextPageLink is"),
    "a link elsewhere": ({"NextPageLink": "https://example.org/api?$skip=1"}, "address of the same server"),
    "a link that is no address": ({"NextPageLink": "https://[::1"}, "address of the same server"),
}


@pytest.mark.parametrize("name", BAD_ENVELOPES)
def test_an_envelope_of_another_shape_is_refused(server: Server, name: str) -> None:
    changed, named = BAD_ENVELOPES[name]
    server.plant(PATH, body(truth_rows(), **changed))
    with pytest.raises(UnknownShape, match=rf"^Azure, westeurope, page 1: .*{named}"):
        fetch(server)


BAD_ROWS: dict[str, tuple[object, str]] = {
    "null": (None, "there is no armSkuName"),
    "a text": ("Standard_NC24ads_A100_v4", "there is no armSkuName"),
    "another object": ({"error": "too many requests"}, "there is no armSkuName"),
    "a name that is none": (row(SIZE, 1.0, armSkuName=7), "there is no armSkuName"),
    "a name that cannot be printed": (row("Standard_NX\x1b[2J", 1.0), "armSkuName is 'Standard_NX"),
    "a price that is a text": (row(SIZE, 1.0, retailPrice="1.0"), "retailPrice is '1.0'"),
    "a price that is missing": (row(SIZE, 1.0, retailPrice=None), "retailPrice is None"),
    "a price that is true": (row(SIZE, 1.0, retailPrice=True), "retailPrice is True"),
    "a price below zero": (row(SIZE, -0.5), "retailPrice is -0.5"),
    "a price beyond floats": (row(SIZE, 10**400), "retailPrice is a number of hundreds of digits"),
    "another currency": (row(SIZE, 1.0, currencyCode="EUR"), "currencyCode is 'EUR'"),
    "a start that is no moment": (row(SIZE, 1.0, effectiveStartDate="soon"), "effectiveStartDate is 'soon'"),
    "a start that is missing": (row(SIZE, 1.0, effectiveStartDate=None), "effectiveStartDate is None"),
    "an end that is no moment": (row(SIZE, 1.0, effectiveEndDate="later"), "effectiveEndDate is 'later'"),
    "a start beyond time": (
        row(SIZE, 1.0, effectiveStartDate="0001-01-01T00:00:00+23:00"),
        "effectiveStartDate",
    ),
    "an unknown type": (row(SIZE, 1.0, type="Rental"), "type is 'Rental'"),
    "no type": (row(SIZE, 1.0, type=None), "type is None"),
    "no product": (row(SIZE, 1.0, productName=None), "productName is None"),
    "no unit": (row(SIZE, 1.0, unitOfMeasure=None), "unitOfMeasure is None"),
    "no tier": (row(SIZE, 1.0, tierMinimumUnits="0"), "tierMinimumUnits is '0'"),
    "a reservation without a length": (row(SIZE, 1.0, type="Reservation"), "reservationTerm is None"),
    "savings plans that are none": (row(SIZE, 1.0, savingsPlan="1 Year"), "savingsPlan is '1 Year'"),
    "a savings plan that is none": (row(SIZE, 1.0, savingsPlan=[None]), "a plan is None"),
    "a savings plan without a price": (
        row(SIZE, 1.0, savingsPlan=[{"term": "1 Year"}]),
        "retailPrice is None",
    ),
    "a savings plan below zero": (row(SIZE, 1.0, savingsPlan=[plan("1 Year", -1)]), "retailPrice is -1"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_broken_row_in_the_middle_is_refused_by_name(server: Server, name: str) -> None:
    broken, named = BAD_ROWS[name]
    rows: list[Any] = [*truth_rows()[:5], broken, *truth_rows()[5:]]
    server.plant_handler(PATH, pages(server.url, rows, page_size=4))
    with pytest.raises(UnknownShape, match=rf"^Azure, westeurope, page 2, row 2.*{named}"):
        fetch(server)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_price_that_is_no_number_of_json_is_refused(server: Server, number: str) -> None:
    server.plant(PATH, body([row(SIZE, 123456.5)]).replace(b"123456.5", number.encode()))
    with pytest.raises(UnknownShape):
        fetch(server)


@pytest.mark.parametrize("name", BAD_BODIES)
@pytest.mark.parametrize("page", [1, 2])
def test_a_bad_body_on_any_page_makes_no_offers(server: Server, name: str, page: int) -> None:
    server.plant_handler(PATH, pages(server.url, truth_rows(), page_size=25))
    server.fault(PATH, *[None] * (page - 1), BAD_BODIES[name])
    with pytest.raises(UnknownShape):
        fetch(server)


def test_a_body_that_is_always_cut_cannot_be_reached(server: Server) -> None:
    server.plant_handler(PATH, pages(server.url, truth_rows()))
    server.always(PATH, cut(500))
    with pytest.raises(CannotReach):
        fetch(server)


def test_a_refusal_is_passed_on(server: Server) -> None:
    server.always(PATH, status(403))
    with pytest.raises(Refused, match="403"):
        fetch(server)


def test_links_in_a_circle_are_refused(server: Server) -> None:
    rows = truth_rows()
    server.plant(PATH, body(rows[:10], link=f"{server.url}{PATH}?$skip=1"))
    server.plant(f"{PATH}?$skip=1", body(rows[10:20], link=f"{server.url}{PATH}?$skip=2"))
    server.plant(f"{PATH}?$skip=2", body(rows[20:], link=f"{server.url}{PATH}?$skip=1"))
    with pytest.raises(UnknownShape, match="page 3: NextPageLink leads back"):
        fetch(server)


def test_one_page_under_ever_new_links_is_refused(server: Server) -> None:
    def handler(request: Request) -> Answer:
        skip = int(request.query.get("$skip", "0")) + 40
        return Answer(body(truth_rows(), link=f"{server.url}{PATH}?$skip={skip}"))

    server.plant_handler(PATH, handler)
    with pytest.raises(UnknownShape, match="page 2: the rows of an earlier page came again"):
        fetch(server)


def test_pages_without_end_are_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pricing.azure.MOST_PAGES", 5)
    server.plant_handler(PATH, pages(server.url, truth_rows(), page_size=7))
    with pytest.raises(UnknownShape, match="page 5: there are still more pages; allowed are 5"):
        fetch(server)


def test_a_page_with_nothing_on_it_is_refused_although_it_is_the_last(server: Server) -> None:
    server.plant(PATH, body(truth_rows(), link=f"{server.url}{PATH}?$skip=40"))
    server.plant(f"{PATH}?$skip=40", body([]))
    with pytest.raises(UnknownShape, match="page 2: Items is a list of 0"):
        fetch(server)


@pytest.mark.parametrize("name", ["no GPU", "Windows", "other region"])
def test_a_region_without_a_gpu_is_refused_by_name(server: Server, name: str) -> None:
    server.plant(PATH, body([TRAPS[name]]))
    with pytest.raises(UnknownShape, match=r"^Azure, westeurope: no GPU size has a price"):
        fetch(server)


def test_a_quote_in_a_region_stays_inside_its_quotes(server: Server) -> None:
    server.plant(PATH, body(truth_rows()))
    with pytest.raises(UnknownShape):
        fetch(server, region="west' or 'a' eq 'a")
    (asked,) = server.asked(PATH)
    assert asked.query["$filter"].endswith("armRegionName eq 'west'' or ''a'' eq ''a'")


@pytest.fixture
def rates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rates:
    """Stored rates of the day before: 1 EUR is 1.25 USD and half a GBP, so 1 GBP is 2.50 USD."""
    monkeypatch.setenv("RIG_OR_RENT_CACHE_DIR", str(tmp_path))
    units_per_eur = bundled_rates().units_per_eur | {"USD": 1.25, "GBP": 0.5, "JPY": 160.0}
    planted = Rates(units_per_eur, date(2026, 11, 22), "planted")
    store_rates(tmp_path, planted, retrieved_at="2026-11-22T16:00:00+00:00")
    return planted


def listed(offers: pd.DataFrame) -> Prices:
    keys = zip(offers["instance_type"], offers["term"], strict=True)
    return dict(zip(keys, offers["listed_per_hour"], strict=True))


@pytest.mark.usefixtures("rates")
@pytest.mark.parametrize("page_size", [1, 5, 1000])
def test_a_list_in_euro_is_told_exactly_and_converted_at_the_newest_rate(
    server: Server, monkeypatch: pytest.MonkeyPatch, page_size: int
) -> None:
    rows = truth_rows(PLANTED_EUR, "EUR")
    server.plant_handler(PATH, pages(server.url, rows, page_size=page_size, currency="EUR"))
    monkeypatch.setenv(VARIABLE, "EUR")
    offers = check_offers(fetch(server).offers, today=TODAY)
    assert listed(offers) == TRUTH_EUR
    assert prices(offers) == {key: price * 1.25 for key, price in TRUTH_EUR.items()}
    # 4.40 EUR; 17,520 EUR for 8,760 hours; 42,048 EUR for 26,280 hours.
    assert prices(offers)[SIZE, "on_demand"] == 5.5
    assert (listed(offers)[SIZE, "reserved_1y"], prices(offers)[SIZE, "reserved_1y"]) == (2.0, 2.5)
    assert (listed(offers)[SIZE, "reserved_3y"], prices(offers)[SIZE, "reserved_3y"]) == (1.6, 2.0)
    assert set(offers["listed_currency"]) == {"EUR"}
    assert set(offers["kind"]) == {"derived"}
    assert server.asked(PATH)[0].query["currencyCode"] == "'EUR'"
    (source,) = set(offers["source"])
    assert source.startswith(f"{server.url}{PATH}?")
    assert source.endswith(" (list price in EUR, converted at 1.25 USD for 1 EUR of 2026-11-22)")


def test_without_a_newer_rate_the_bundled_one_counts(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RIG_OR_RENT_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv(VARIABLE, "EUR")
    server.plant(PATH, body(in_currency([row(SIZE, 4.4)], "EUR"), currency="EUR"))
    (offer,) = fetch(server).offers.to_dict("records")
    bundled = bundled_rates()
    usd_per_eur = bundled.units_per_eur["USD"]
    assert offer["listed_per_hour"] == 4.4
    assert offer["usd_per_hour"] == pytest.approx(4.4 * usd_per_eur, rel=1e-15)
    assert f"converted at {usd_per_eur:g} USD for 1 EUR of {bundled.as_of})" in offer["source"]


@pytest.mark.usefixtures("rates")
@pytest.mark.parametrize(
    ("asked", "code", "amount", "usd", "rate"),
    [
        ("GBP", "GBP", 4.0, 10.0, "2.5 USD for 1 GBP"),
        (" gbp ", "GBP", 4.0, 10.0, "2.5 USD for 1 GBP"),
        ("JPY", "JPY", 640.0, 5.0, "0.0078125 USD for 1 JPY"),
    ],
)
def test_a_rate_goes_from_any_currency_to_dollars(
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    asked: str,
    code: str,
    amount: float,
    usd: float,
    rate: str,
) -> None:
    monkeypatch.setenv(VARIABLE, asked)
    server.plant(PATH, body(in_currency([row(SIZE, amount)], code), currency=code))
    (offer,) = fetch(server).offers.to_dict("records")
    assert (offer["listed_currency"], offer["listed_per_hour"], offer["usd_per_hour"]) == (code, amount, usd)
    assert rate in offer["source"]
    assert server.asked(PATH)[0].query["currencyCode"] == f"'{code}'"


@pytest.mark.usefixtures("rates")
@pytest.mark.parametrize(
    ("currency", "fields"),
    [
        *((currency, row(SIZE, 1.0)) for currency in ("USD", "GBP", "eur", "", None, 978)),
        *(("USD", fields) for fields in TRAPS.values()),
    ],
)
def test_one_row_in_another_currency_refuses_the_list(
    server: Server, monkeypatch: pytest.MonkeyPatch, currency: object, fields: dict[str, Any]
) -> None:
    rows = truth_rows(PLANTED_EUR, "EUR")
    rows.insert(5, {**fields, "currencyCode": currency})
    server.plant_handler(PATH, pages(server.url, rows, page_size=4, currency="EUR"))
    monkeypatch.setenv(VARIABLE, "EUR")
    with pytest.raises(
        UnknownShape, match=rf"page 2, row 2 .*: currencyCode is {currency!r}; allowed is 'EUR'\.$"
    ):
        fetch(server)


@pytest.mark.usefixtures("rates")
@pytest.mark.parametrize("page", [1, 2])
def test_a_page_in_another_currency_refuses_the_list(
    server: Server, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    rows = truth_rows(PLANTED_EUR, "EUR")
    currencies = ["EUR", "EUR"]
    currencies[page - 1] = "USD"
    server.plant(PATH, body(rows[:8], link=f"{server.url}{PATH}?$skip=8", currency=currencies[0]))
    server.plant(f"{PATH}?$skip=8", body(rows[8:], currency=currencies[1]))
    monkeypatch.setenv(VARIABLE, "EUR")
    with pytest.raises(UnknownShape, match=rf"page {page}: BillingCurrency is 'USD'; allowed is 'EUR'\.$"):
        fetch(server)


@pytest.mark.usefixtures("rates")
# Without a list at Azure, without a rate, and without both.
@pytest.mark.parametrize("code", ["HUF", "RUB", "XYZ", "euro", "EUR'", "€"])
def test_an_unknown_currency_is_refused_with_the_known_ones_before_anything_is_asked(
    server: Server, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setenv(VARIABLE, code)
    with pytest.raises(Refused) as refused:
        fetch(server)
    known = "AUD, BRL, CAD, CHF, CNY, DKK, EUR, GBP, INR, JPY, KRW, NOK, NZD, SEK, USD"
    assert str(refused.value) == f"{VARIABLE} is {code.upper()!r}; allowed are {known}."
    assert server.requests == []


@pytest.mark.usefixtures("rates")
@pytest.mark.parametrize("chosen", ["", "  ", "USD", "usd"])
def test_dollars_stay_as_they_are_listed(
    server: Server, monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    server.plant_handler(PATH, pages(server.url, truth_rows()))
    monkeypatch.delenv(VARIABLE, raising=False)
    without = fetch(server).offers
    monkeypatch.setenv(VARIABLE, chosen)
    pd.testing.assert_frame_equal(fetch(server).offers, without, check_exact=True)
    assert prices(without) == listed(without) == TRUTH
    assert set(without["listed_currency"]) == {"USD"}
    assert set(without["kind"]) == {"published", "derived"}
    assert not without["source"].str.contains("converted").any()
    assert {request.query["currencyCode"] for request in server.asked(PATH)} == {"'USD'"}


def test_all_regions_of_a_refresh_are_converted_at_one_rate(
    server: Server, rates: Rates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "EUR")
    shared, usd = Shared(), []
    for region in ("eastus", "westeurope"):
        rows = in_currency([row(SIZE, 4.0, armRegionName=region)], "EUR")
        server.plant(PATH, body(rows, currency="EUR"))
        usd += fetch(server, region=region, shared=shared).offers["usd_per_hour"].tolist()
        newer = rates._replace(units_per_eur=rates.units_per_eur | {"USD": 1.5}, as_of=TODAY)
        store_rates(tmp_path, newer, retrieved_at="2026-11-23T16:00:00+00:00")
    assert usd == [5.0, 5.0]
    assert fetch(server).offers["usd_per_hour"].tolist() == [6.0]


def test_two_prices_in_euro_are_refused_in_euro() -> None:
    rows = in_currency([row(SIZE, 4.0), row(SIZE, 4.1)], "EUR")
    page = parse_page(json.loads(body(rows, currency="EUR")), REGION, TODAY, PLACE, "EUR")
    with pytest.raises(UnknownShape, match=r"costs 4\.1 EUR an hour on_demand, but 4\.0"):
        prices_of(page.rows, "", ListCurrency("EUR", 1.25, TODAY))


@pytest.mark.usefixtures("rates")
def test_a_refresh_stores_the_list_in_euro_and_keeps_it_when_the_currency_is_unknown(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = truth_rows(PLANTED_EUR, "EUR")
    server.plant_handler(PATH, pages(server.url, rows, page_size=5, currency="EUR"))
    monkeypatch.setenv("RIG_OR_RENT_AZURE_URL", server.url)
    monkeypatch.setenv(VARIABLE, "EUR")
    (result,) = refresh(["azure"], [REGION], force=True, on=TODAY).results
    assert (result.outcome, result.offers) == ("refreshed", len(TRUTH_EUR)), result
    monkeypatch.setenv(VARIABLE, "XYZ")
    (result,) = refresh(["azure"], [REGION], force=True, on=TODAY).results
    assert result.outcome == "failed"
    assert result.sentence.startswith(f"{VARIABLE} is 'XYZ'; allowed are AUD, ")
    offers = load_offers()
    stored = offers[
        (offers["provider"] == "azure") & (offers["region"] == REGION) & (offers["listed_currency"] == "EUR")
    ]
    assert listed(stored) == TRUTH_EUR
    assert prices(stored) == {key: price * 1.25 for key, price in TRUTH_EUR.items()}


def spoiled(field: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Ordinary rows of which some fields hold anything or are gone."""
    ordinary = st.sampled_from([*truth_rows()[:8], *TRAPS.values()])
    return st.builds(
        lambda fields, changed, gone: {
            name: value for name, value in (fields | changed).items() if name not in gone
        },
        ordinary,
        st.dictionaries(field, anything, max_size=2),
        st.sets(field, max_size=1),
    )


def offers_or_shape(read: Callable[[], tuple[Row, ...]]) -> None:
    """Prices above 0 of sizes that are known, or the error of an unknown shape."""
    try:
        found = prices_of(read(), "")
    except UnknownShape:
        return
    for price in found:
        assert price.instance_type in shapes("azure")
        assert 0 < price.usd_per_hour < float("inf")


@given(anything)
def test_any_structure_ends_in_offers_or_in_an_unknown_shape(answer: object) -> None:
    offers_or_shape(lambda: parse_page(answer, REGION, TODAY, PLACE).rows)


@given(st.lists(anything | spoiled(st.sampled_from(sorted(row(SIZE, 1.0)))), min_size=1, max_size=6))
def test_any_rows_end_in_offers_or_in_an_unknown_shape(rows: list[Any]) -> None:
    answer = {"BillingCurrency": "USD", "Items": rows, "Count": len(rows), "NextPageLink": None}
    offers_or_shape(lambda: parse_page(answer, REGION, TODAY, PLACE).rows)


@given(st.binary(max_size=200) | st.integers(0, 4000).map(lambda end: body(truth_rows()[:4])[:end]))
def test_any_bytes_end_in_offers_or_in_one_of_the_three_errors(content: bytes) -> None:
    reply = Reply("https://prices.azure.com", Validators(), iter([content]))
    try:
        page = parse_page(reply.json(), REGION, TODAY, PLACE)
    except (CannotReach, Refused, UnknownShape):
        return
    assert {(found.instance_type, found.term) for found in page.rows} <= {(s, t) for s, t in TRUTH}
