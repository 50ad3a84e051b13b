"""Prices of AWS: exactly what was planted, or an error that says why."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.adapter import Ask, Fetched, Shared
from pricing.aws import Aws, feed_name
from pricing.aws_bulk import PriceList, read_price_list, read_savings_plans
from pricing.aws_csv import BLOCK_BYTES, LARGEST_BLOCK_BYTES, LONGEST_ROW_BYTES, Filter, read_rows
from pricing.aws_feeds import read_feed, read_plan_index, read_spot
from pricing.errors import CannotReach, Refused, UnknownShape
from pricing.http import Client, Validators
from pricing.instances import shapes
from pricing.offers import check_offers
from tests.live import aws_fixtures as aws
from tests.live.server import Server, cut_with_matching_length, empty, html, status

TODAY = date(2026, 11, 23)
REGION = "eu-central-1"
FEEDS = "/pricing/2.0/meteredUnitMaps/ec2/USD/current/ec2-ondemand-without-sec-sel"
FEED = f"{FEEDS}/EU (Frankfurt)/Linux/index.json"
LIST = f"/offers/v1.0/aws/AmazonEC2/current/{REGION}/index.csv"
PLAN_INDEX = "/savingsPlan/v1.0/aws/AWSComputeSavingsPlan/current/region_index.json"
PLANS = aws.plans_path(REGION).replace(".json", ".csv")
SPOT = "/spot.json"

MACHINES = {
    "g4dn.metal": {"on_demand": "9.7800000000"},
    "g5.xlarge": {
        "on_demand": "1.2580000000",
        "reserved_1y": "0.7925500000",
        "reserved_3y": "0.5435000000",
        "savings_1y": "0.8931",
        "savings_3y": "0.6164",
    },
    "g6f.large": {"on_demand": "0.2528000000", "reserved_1y": "0.1593000000", "savings_1y": "0.1822"},
    "p4d.24xlarge": {"on_demand": "21.9576420000", "reserved_3y": "9.2222100000", "savings_3y": "9.4"},
    "p5e.48xlarge": {},
}
ON_DEMAND = {name: prices["on_demand"] for name, prices in MACHINES.items() if "on_demand" in prices}
SPOT_USD = {"g5.xlarge": "0.5946", "g4dn.xlarge": "9.0E-4", "p5e.48xlarge": "N/A*", "p5.48xlarge": "0"}
FEED_TRUTH = {
    **{(name, "on_demand"): float(usd) for name, usd in ON_DEMAND.items()},
    ("g5.xlarge", "spot"): 0.5946,
    ("g4dn.xlarge", "spot"): 0.0009,
}
LIST_TRUTH = {
    **FEED_TRUTH,
    **{(name, term): float(usd) for name, prices in MACHINES.items() for term, usd in prices.items()},
}
LIST_TERMS = {"on_demand", "reserved_1y", "reserved_3y", "savings_1y", "savings_3y", "spot"}

Quoting = Literal[0, 1]
Fetch = Callable[..., Fetched | None]


@pytest.fixture
def fetch(server: Server) -> Iterator[Fetch]:
    """Ask the planted server for one region."""
    clients: list[Client] = []

    def client(name: str, default: str) -> Client:
        assert name.startswith("RIG_OR_RENT_AWS")
        assert default.startswith("https://")
        clients.append(Client(server.url, sleep=lambda seconds: None))
        return clients[-1]

    def ask(
        source: str = "feed",
        *,
        region: str = REGION,
        known: Mapping[str, Validators] | None = None,
        shared: Shared | None = None,
    ) -> Fetched | None:
        return Aws().fetch(Ask(region, TODAY, client, shared or Shared(), known or {}, source))

    yield ask
    for opened in clients:
        opened.close()


@pytest.fixture
def aws_server(server: Server) -> Server:
    """The server with all documents of one region, each with a validator."""
    server.plant(FEED, aws.feed(REGION, ON_DEMAND), etag='"feed-1"')
    server.plant(LIST, aws.region_list(REGION, MACHINES), etag='"list-1"', content_type="text/csv")
    server.plant(PLAN_INDEX, aws.plan_index("us-east-1", REGION))
    server.plant(PLANS, aws.region_plans(REGION, MACHINES), etag='"plans-1"')
    server.plant(SPOT, aws.spot({"us-east-1": {}, REGION: SPOT_USD}), etag='"spot-1"')
    return server


def usd(fetched: Fetched | None) -> dict[tuple[str, str], float]:
    """The prices of checked offers by instance type and term."""
    assert fetched is not None
    offers = check_offers(fetched.offers, today=TODAY)
    return {(row["instance_type"], row["term"]): row["usd_per_hour"] for row in offers.to_dict("records")}


# --- what is planted comes back ---------------------------------------------------------------------------


@pytest.mark.usefixtures("aws_server")
def test_the_page_feed_gives_exactly_the_planted_prices(fetch: Fetch) -> None:
    fetched = fetch("feed")
    assert usd(fetched) == FEED_TRUTH
    assert fetched is not None
    assert set(fetched.terms) == {"on_demand", "spot"}
    assert fetched.left_out == ()


@pytest.mark.usefixtures("aws_server")
def test_the_price_list_gives_exactly_the_planted_prices(fetch: Fetch) -> None:
    fetched = fetch("bulk")
    assert usd(fetched) == LIST_TRUTH
    assert fetched is not None
    assert set(fetched.terms) == LIST_TERMS


def test_an_offer_carries_its_shape_its_day_and_its_source(aws_server: Server, fetch: Fetch) -> None:
    fetched = fetch("bulk")
    assert fetched is not None
    rows = {(row["instance_type"], row["term"]): row for row in fetched.offers.to_dict("records")}
    share = rows["g6f.large", "savings_1y"]
    assert {
        name: share[name] for name in ("provider", "region", "gpu", "gpu_count", "vram_gb", "access")
    } == {
        "provider": "aws",
        "region": REGION,
        "gpu": "L4",
        "gpu_count": 0.125,
        "vram_gb": 3.0,
        "access": "vm",
    }
    assert (share["committed_hours_per_month"], share["commitment_months"]) == (730, 12)
    assert (share["kind"], share["as_of"]) == ("published", "2026-11-23")
    assert share["source"] == f"{aws_server.url}{PLANS}"
    assert rows["g5.xlarge", "on_demand"]["source"] == f"{aws_server.url}{LIST}"
    assert rows["g5.xlarge", "spot"]["source"] == f"{aws_server.url}{SPOT}"
    assert rows["g5.xlarge", "reserved_3y"]["commitment_months"] == 36


def test_every_size_of_the_named_families_has_a_shape() -> None:
    sizes = {
        "g4dn": "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge metal",
        "g5": "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
        "g6": "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
        "g6e": "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
        "gr6": "4xlarge 8xlarge",
        "g6f": "large xlarge 2xlarge 4xlarge",
        "gr6f": "4xlarge",
        "p3": "2xlarge 8xlarge 16xlarge",
        "p3dn": "24xlarge",
        "p4d": "24xlarge",
        "p4de": "24xlarge",
        "p5": "4xlarge 48xlarge",
        "p5e": "48xlarge",
        "p5en": "48xlarge",
        "p6-b200": "48xlarge",
    }
    wanted = {f"{family}.{size}" for family, names in sizes.items() for size in names.split()}
    assert len(wanted) == 49
    assert wanted <= set(shapes("aws"))


def test_gpu_types_without_a_known_shape_are_named_and_left_out(aws_server: Server, fetch: Fetch) -> None:
    unknown = {"g99.large": "1.0", "p9-x400.48xlarge": "200.0"}
    aws_server.plant(FEED, aws.feed(REGION, {**ON_DEMAND, **unknown}))
    fetched = fetch("feed")
    assert usd(fetched) == FEED_TRUTH
    assert fetched is not None
    assert fetched.left_out == ("g99.large", "p9-x400.48xlarge")
    machines = {**MACHINES, **{name: {"on_demand": price} for name, price in unknown.items()}}
    aws_server.plant(LIST, aws.region_list(REGION, machines))
    fetched = fetch("bulk")
    assert usd(fetched) == LIST_TRUTH
    assert fetched is not None
    assert fetched.left_out == ("g99.large", "p9-x400.48xlarge")


def test_the_price_lists_call_some_regions_otherwise() -> None:
    assert feed_name("us-east-1") == "US East (N. Virginia)"
    assert feed_name("eu-central-1") == "EU (Frankfurt)"
    assert feed_name("eu-central-2") == "Europe (Zurich)"
    with pytest.raises(Refused, match=r"region is 'mars-1'; allowed are af-south-1, .*us-west-2"):
        feed_name("mars-1")


# --- what is left out of the price list -------------------------------------------------------------------


def one(**changes: str) -> aws.Cells:
    return aws.machine(REGION, "g5.2xlarge", "1.5160000000", **changes)


LEFT_OUT = {
    "capacity block": one(MarketOption="CapacityBlock", PricePerUnit="0.0000000000"),
    "capacity block with a price": one(MarketOption="CapacityBlock"),
    "reservation of capacity at 0.00": one(
        CapacityStatus="AllocatedCapacityReservation", PricePerUnit="0.0000000000"
    ),
    "unused capacity": one(CapacityStatus="UnusedCapacityReservation"),
    "dedicated tenancy": one(Tenancy="Dedicated"),
    "dedicated host": one(**{"Tenancy": "Host", "Product Family": "Dedicated Host"}),
    "Windows": one(Operating_System="Windows"),
    "Red Hat": one(Operating_System="RHEL"),
    "preinstalled software": one(**{"Pre Installed S/W": "SQL Std"}),
    "Local Zone": one(Location_Type="AWS Local Zone", Region_Code="eu-central-1-ham-1"),
    "Wavelength Zone": one(Location_Type="AWS Wavelength Zone", Region_Code="eu-central-1-wl1-ber-1"),
    "reservation at 0.00": aws.reserved(one(), "0.0000000000", 1, "No Upfront", "standard"),
    "partial upfront": aws.reserved(one(), "0.5", 1, "Partial Upfront", "standard"),
    "all upfront": aws.reserved(one(), "0.0", 3, "All Upfront", "standard"),
    "convertible": aws.reserved(one(), "0.7", 3, "No Upfront", "convertible"),
    "upfront fee": {
        **aws.reserved(one(), "9000", 1, "No Upfront", "standard"),
        "Unit": "Quantity",
        "PriceDescription": "Upfront Fee",
    },
}


@pytest.mark.parametrize("kind", LEFT_OUT)
def test_the_price_list_leaves_out(kind: str) -> None:
    body = aws.price_list([aws.machine(REGION, "g5.xlarge", "1.258"), LEFT_OUT[kind]])
    assert read_list(body).usd_per_hour == {("g5.xlarge", "on_demand"): 1.258}


LEFT_OUT_PLANS = {
    "partial upfront": {"PurchaseOption": "Partial Upfront"},
    "all upfront": {"PurchaseOption": "All Upfront"},
    "plan for one family": {"Product_Family": "EC2InstanceSavingsPlans"},
    "unused machine": {"DiscountedUsageType": "EUC1-UnusedBox:g5.xlarge"},
    "dedicated machine": {"DiscountedUsageType": "EUC1-DedicatedUsage:g5.xlarge"},
    "other service": {"DiscountedServiceCode": "AmazonECS"},
}


@pytest.mark.parametrize("kind", LEFT_OUT_PLANS)
def test_the_savings_plans_leave_out(kind: str) -> None:
    kept = aws.plan_row(REGION, "g5.xlarge", "0.8931", 1)
    other = aws.plan_row(REGION, "g5.xlarge", "0.1", 3, **LEFT_OUT_PLANS[kind])
    assert read_plans(aws.savings_plans([kept, other])) == {(kept["DiscountedSKU"], "savings_1y"): 0.8931}


def test_bare_metal_is_an_offer() -> None:
    body = aws.price_list([aws.machine(REGION, "g4dn.metal", "9.78")])
    assert b"Compute Instance (bare metal)" in body
    assert read_list(body).usd_per_hour == {("g4dn.metal", "on_demand"): 9.78}


def test_a_list_from_before_capacity_blocks_is_read_too() -> None:
    columns = [name for name in aws.COLUMNS if name not in {"MarketOption", "Region Code"}]
    body = aws.price_list([aws.machine(REGION, "g5.xlarge", "1.258")], columns=columns)
    assert b"MarketOption" not in body
    assert read_list(body).usd_per_hour == {("g5.xlarge", "on_demand"): 1.258}


def test_columns_are_found_by_name() -> None:
    columns = ["SKU", *sorted(aws.COLUMNS[1:], reverse=True)]
    body = aws.price_list(list(aws.machine_rows(REGION, "g5.xlarge", MACHINES["g5.xlarge"])), columns=columns)
    prices = {
        ("g5.xlarge", term): float(price)
        for term, price in MACHINES["g5.xlarge"].items()
        if not term.startswith("savings")
    }
    assert len(prices) == 3
    assert read_list(body).usd_per_hour == prices


def test_a_field_may_hold_line_ends_quotes_and_commas() -> None:
    odd = aws.machine(REGION, "g5.2xlarge", "1.516", PriceDescription='two\nlines, "quoted",\n\n"",')
    body = aws.price_list([odd, aws.machine(REGION, "g5.xlarge", "1.258")] * 300)
    assert len(body) > 3 * BLOCK_BYTES
    truth = {("g5.2xlarge", "on_demand"): 1.516, ("g5.xlarge", "on_demand"): 1.258}
    assert read_list(body).usd_per_hour == truth


@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("has_commas", [False, True])
def test_the_way_of_quoting_does_not_matter(quoting: Quoting, line_end: str, has_commas: bool) -> None:
    rows = list(csv.reader(io.StringIO(aws.region_list(REGION, MACHINES).decode())))
    if not has_commas:
        rows = [[text.replace(",", ";").replace('"', "") for text in row] for row in rows]
    file = io.StringIO(newline="")
    csv.writer(file, quoting=quoting, lineterminator=line_end).writerows(rows)
    assert ('"' in file.getvalue()) == (has_commas or quoting == csv.QUOTE_ALL)
    assert read_list(file.getvalue().encode()) == read_list(aws.region_list(REGION, MACHINES))


@pytest.mark.parametrize("size", [1, 7, 1000, BLOCK_BYTES - 1, BLOCK_BYTES, 10 * BLOCK_BYTES])
def test_it_does_not_matter_where_the_bytes_are_cut_into_chunks(size: int) -> None:
    body = aws.region_list(REGION, MACHINES)
    assert len(body) > BLOCK_BYTES
    whole = read_list(body)
    chunks = (body[at : at + size] for at in range(0, len(body), size))
    assert read_price_list(chunks, REGION) == whole


# --- documents that are not as they should be -------------------------------------------------------------


def read_list(body: bytes) -> PriceList:
    return read_price_list([body], REGION)


def read_plans(body: bytes) -> dict[tuple[str, str], float]:
    return read_savings_plans([body], REGION)


GOOD_LIST = aws.price_list(
    [
        aws.machine(REGION, "m5.large", "0.115"),
        aws.machine(REGION, "g5.xlarge", "1.258"),
        aws.machine(REGION, "c5.large", "0.097"),
        aws.machine(REGION, "g5.2xlarge", "1.516"),
    ]
)
HEADER_LINE = 6


def with_cell(column: str, text: str, *, base: aws.Cells | None = None) -> bytes:
    """A price list whose second machine has another text in one column."""
    row = {**(base or aws.machine(REGION, "g5.xlarge", "1.258")), column: text}
    return aws.price_list([aws.machine(REGION, "g5.2xlarge", "1.516"), row])


def without_line(body: bytes, start: bytes) -> bytes:
    return b"".join(line for line in body.splitlines(keepends=True) if not line.startswith(start))


def with_line(body: bytes, number: int, change: Callable[[bytes], bytes]) -> bytes:
    lines = body.splitlines(keepends=True)
    lines[number - 1] = change(lines[number - 1])
    return b"".join(lines)


RESERVED = aws.reserved(aws.machine(REGION, "g5.xlarge", "1.258"), "0.7", 1, "No Upfront", "standard")
BAD_LISTS = {
    "empty": (b"", "is empty"),
    "HTML": (b"<!DOCTYPE html><html><body>Sign in</body></html>", "begins with '<!DOCTYPE html>"),
    "JSON": (b'{"formatVersion": "v1.0"}', "begins with '{"),
    "no metadata": (without_line(GOOD_LIST, b'"FormatVersion"'), "FormatVersion is expected"),
    "no header": (without_line(GOOD_LIST, b'"SKU"'), "header that begins with SKU"),
    "metadata only": (GOOD_LIST[: GOOD_LIST.index(b'"SKU"')], "header that begins with SKU"),
    "header only": (aws.price_list([]), "'Compute Instance' does not stand in it"),
    "no machine": (
        aws.price_list(list(aws.other_rows(REGION))[:1]),
        "'Compute Instance' does not stand in it",
    ),
    "column missing": (
        aws.price_list(
            [aws.machine(REGION, "g5.xlarge", "1.258")],
            columns=[name for name in aws.COLUMNS if name != "Tenancy"],
        ),
        "column 'Tenancy' 0 times",
    ),
    "column twice": (
        aws.price_list([aws.machine(REGION, "g5.xlarge", "1.258")], columns=[*aws.COLUMNS, "Tenancy"]),
        "column 'Tenancy' 2 times",
    ),
    "cut in a row": (GOOD_LIST[:-40], "line 10 "),
    "cut in a row that does not count": (
        with_line(GOOD_LIST, 9, lambda line: line[:200]).rsplit(b"\n", 1)[0],
        "line 9 ",
    ),
    "row cut short in the middle": (with_line(GOOD_LIST, 8, lambda line: line[:100] + b"\n"), "line 9 "),
    "row cut at a field": (
        with_line(GOOD_LIST, 8, lambda line: b'"SKU","JRTCKXETXF"\n'),
        "line 8 has 2 columns",
    ),
    "row of rubbish": (with_line(GOOD_LIST, 9, lambda line: b"?????\n"), "line 9 has 1 columns"),
    "row with a field too many": (
        with_line(GOOD_LIST, 7, lambda line: b'"",' + line),
        "line 7 has 92 columns",
    ),
    "row with a field too few": (
        with_line(GOOD_LIST, 7, lambda line: line.split(b",", 1)[1]),
        "line 7 has 90 columns",
    ),
    "two rows in one": (with_line(GOOD_LIST, 7, lambda line: line.rstrip(b"\n")), "line 7 "),
    "open quote": (with_line(GOOD_LIST, 9, lambda line: b'"' + line), "line "),
    "bytes that are no text": (
        with_line(GOOD_LIST, 8, lambda line: line.replace(b"AMD", b"\xff\xfe")),
        "line 8 holds bytes that are no UTF-8",
    ),
    "price of 0": (with_cell("PricePerUnit", "0.0000000000"), r"g5.xlarge, on_demand\): the price is '0.0"),
    "price below 0": (with_cell("PricePerUnit", "-1.258"), "the price is '-1.258'"),
    "price of nothing": (with_cell("PricePerUnit", ""), "the price is ''"),
    "price NaN": (with_cell("PricePerUnit", "NaN"), "the price is 'NaN'"),
    "price without bounds": (with_cell("PricePerUnit", "1e999"), "the price is '1e999'"),
    "price with a comma": (with_cell("PricePerUnit", "1,258"), "the price is '1,258'"),
    "other currency": (with_cell("Currency", "CNY"), "the price is in 'CNY'"),
    "other unit": (with_cell("Unit", "Mo"), "for 'Mo'"),
    "other kind of term": (with_cell("TermType", "Later"), "TermType is 'Later'"),
    "other lease": (
        with_cell("LeaseContractLength", "5yr", base=RESERVED),
        r"line 8 \(g5.xlarge\): LeaseContractLength is '5yr'",
    ),
    "other region": (with_cell("Region Code", "us-east-1"), r"line 8 \(g5.xlarge\) is of 'us-east-1'"),
    "no SKU": (with_cell("SKU", ""), "line 8 is a machine without SKU"),
    "two prices for one thing": (
        aws.price_list([aws.machine(REGION, "g5.xlarge", price) for price in ("1.258", "1.259")]),
        r"line 8 \(g5.xlarge, on_demand\): the price is 1.259 here and 1.258 in an earlier row",
    ),
}


def test_the_list_that_the_bad_ones_are_made_of_is_good() -> None:
    truth = {("g5.xlarge", "on_demand"): 1.258, ("g5.2xlarge", "on_demand"): 1.516}
    assert read_list(GOOD_LIST).usd_per_hour == truth
    assert GOOD_LIST.splitlines()[HEADER_LINE - 1].startswith(b'"SKU"')


@pytest.mark.parametrize("fault", BAD_LISTS)
def test_a_price_list_is_refused_that_is_or_has(fault: str) -> None:
    body, message = BAD_LISTS[fault]
    with pytest.raises(UnknownShape, match=message) as refusal:
        read_list(body)
    assert str(refusal.value).startswith(f"AWS price list of {REGION}: ")


def test_a_row_without_end_is_refused_before_it_fills_the_memory() -> None:
    def chunks() -> Iterator[bytes]:
        yield GOOD_LIST
        for _ in range(10**6):
            taken.append(1)
            yield b"x" * BLOCK_BYTES

    taken: list[int] = []
    with pytest.raises(UnknownShape, match="row after line 10 is over 1 MiB long"):
        read_price_list(chunks(), REGION)
    assert len(taken) <= LONGEST_ROW_BYTES // BLOCK_BYTES + 2


def test_a_broken_row_far_inside_a_long_list_is_found() -> None:
    rows = [aws.machine(REGION, f"m5.{number}xlarge", "0.1") for number in range(600)]
    body = aws.price_list([*rows, aws.machine(REGION, "g5.xlarge", "1.258")])
    assert len(body) > 4 * BLOCK_BYTES
    assert read_list(body).usd_per_hour == {("g5.xlarge", "on_demand"): 1.258}
    broken = with_line(body, 400, lambda line: line.replace(b'"Shared",', b"", 1))
    with pytest.raises(UnknownShape, match="line 400 has 90 columns, the header has 91"):
        read_list(broken)


PLAN = aws.plan_row(REGION, "g5.xlarge", "0.8931", 1)
GOOD_PLANS = aws.savings_plans([PLAN, aws.plan_row(REGION, "m5.large", "0.08", 3)])
BAD_PLANS = {
    "empty": (b"", "is empty"),
    "HTML": (b"<html></html>", "begins with '<html>"),
    "cut": (GOOD_PLANS[:-30], "line 8 has"),
    "header only": (aws.savings_plans([]), "'ComputeSavingsPlans' does not stand in it"),
    "row cut short": (with_line(GOOD_PLANS, 7, lambda line: line[:60] + b"\n"), "line 7 has"),
    "price of 0": (aws.savings_plans([{**PLAN, "DiscountedRate": "0"}]), r"\(g5.xlarge\): the price is '0'"),
    "price NaN": (aws.savings_plans([{**PLAN, "DiscountedRate": "nan"}]), "the price is 'nan'"),
    "other currency": (aws.savings_plans([{**PLAN, "Currency": "CNY"}]), "the price is in 'CNY'"),
    "other plan": (aws.savings_plans([{**PLAN, "Product Family": "Other"}]), "Product Family is 'Other'"),
    "other lease": (aws.savings_plans([{**PLAN, "LeaseContractLength": "2"}]), "the lease is '2' 'year'"),
    "other unit of the lease": (
        aws.savings_plans([{**PLAN, "LeaseContractLengthUnit": "month"}]),
        "the lease is '1' 'month'",
    ),
    "two prices": (aws.savings_plans([PLAN, {**PLAN, "DiscountedRate": "0.9"}]), "0.9 here and 0.8931"),
}


def test_the_plans_that_the_bad_ones_are_made_of_are_good() -> None:
    assert read_plans(GOOD_PLANS) == {(PLAN["DiscountedSKU"], "savings_1y"): 0.8931}


@pytest.mark.parametrize("fault", BAD_PLANS)
def test_savings_plans_are_refused_that_are_or_have(fault: str) -> None:
    body, message = BAD_PLANS[fault]
    with pytest.raises(UnknownShape, match=message):
        read_plans(body)


def changed(body: bytes, change: Callable[[Any], object]) -> object:
    """A JSON document after a change in place."""
    document = json.loads(body)
    change(document)
    return document


GOOD_FEED = aws.feed(REGION, {"g5.xlarge": "1.2580000000"})
KEY = "g5 xlarge EU Frankfurt Linux"


def feed_row(document: Any) -> Any:
    return document["regions"]["EU (Frankfurt)"][KEY]


BAD_FEEDS: dict[str, tuple[Callable[[Any], object], str]] = {
    "no regions": (lambda feed: feed.pop("regions"), "regions is missing"),
    "no manifest": (lambda feed: feed.pop("manifest"), "manifest is missing"),
    "other currency": (lambda feed: feed["manifest"].update(currencyCode="EUR"), "currency is 'EUR'"),
    "other location": (
        lambda feed: feed.update(regions={"EU (Stockholm)": {}}),
        r"EU \(Frankfurt\) is missing",
    ),
    "no machines": (lambda feed: feed["regions"].update({"EU (Frankfurt)": {}}), "no machines"),
    "only machines from elsewhere": (
        lambda feed: [
            row.update(Location="EU (Stockholm)") for row in feed["regions"]["EU (Frankfurt)"].values()
        ],
        "no machines",
    ),
    "list for an object": (lambda feed: feed.update(regions=[]), "regions is list"),
    "row without price": (lambda feed: feed_row(feed).pop("price"), f"row '{KEY}': price is missing"),
    "row without type": (lambda feed: feed_row(feed).pop("Instance Type"), "Instance Type is missing"),
    "price as a number": (lambda feed: feed_row(feed).update(price=1.258), "price is float"),
    "price of 0": (lambda feed: feed_row(feed).update(price="0.0000000000"), "the price is '0.0000000000'"),
    "price below 0": (lambda feed: feed_row(feed).update(price="-1"), "the price is '-1'"),
    "price NaN": (lambda feed: feed_row(feed).update(price="NaN"), "the price is 'NaN'"),
    "two prices": (
        lambda feed: feed["regions"]["EU (Frankfurt)"].update(x={"Instance Type": "g5.xlarge", "price": "2"}),
        "the price is 2.0 here and 1.258 in an earlier row",
    ),
}


def test_the_feed_that_the_bad_ones_are_made_of_is_good() -> None:
    assert read_feed(json.loads(GOOD_FEED), "EU (Frankfurt)").usd_per_hour == {"g5.xlarge": 1.258}


@pytest.mark.parametrize("fault", BAD_FEEDS)
def test_a_page_feed_is_refused_that_has(fault: str) -> None:
    change, message = BAD_FEEDS[fault]
    with pytest.raises(UnknownShape, match=message):
        read_feed(changed(GOOD_FEED, change), "EU (Frankfurt)")


def test_machines_of_a_local_zone_in_the_page_feed_are_left_out() -> None:
    zone = {"Instance Type": "g4dn.2xlarge", "price": "1.5", "Location": "Germany (Hamburg)"}
    document = changed(GOOD_FEED, lambda feed: feed["regions"]["EU (Frankfurt)"].update(zone=zone))
    assert read_feed(document, "EU (Frankfurt)").usd_per_hour == {"g5.xlarge": 1.258}


GOOD_SPOT = aws.spot({REGION: {"g5.xlarge": "0.5946"}})


def spot_size(document: Any) -> Any:
    return document["config"]["regions"][0]["instanceTypes"][0]["sizes"][1]


BAD_SPOTS: dict[str, tuple[Callable[[Any], object], str]] = {
    "no config": (lambda spot: spot.clear(), "config is missing"),
    "other unit": (lambda spot: spot["config"].update(rate="permonth"), "rate is 'permonth'"),
    "other currency": (lambda spot: spot["config"].update(currencies=["EUR"]), "'USD' is missing"),
    "no linux": (lambda spot: spot["config"].update(valueColumns=["mswin"]), "'linux' is missing"),
    "region twice": (
        lambda spot: spot["config"]["regions"].append(spot["config"]["regions"][0]),
        "'eu-central-1' stands in it twice",
    ),
    "region without machines": (
        lambda spot: spot["config"]["regions"][0].update(instanceTypes=[]),
        "eu-central-1 has no machines",
    ),
    "row without columns": (
        lambda spot: spot_size(spot).pop("valueColumns"),
        "g5.xlarge: valueColumns is missing",
    ),
    "row without linux": (
        lambda spot: spot_size(spot)["valueColumns"].pop(),
        "g5.xlarge has no price for linux",
    ),
    "row without a price": (
        lambda spot: spot_size(spot)["valueColumns"][1].update(prices={}),
        "g5.xlarge: USD is missing",
    ),
    "price below 0": (
        lambda spot: spot_size(spot)["valueColumns"][1].update(prices={"USD": "-0.1"}),
        "eu-central-1, g5.xlarge: the price is '-0.1'",
    ),
    "price of words": (
        lambda spot: spot_size(spot)["valueColumns"][1].update(prices={"USD": "free"}),
        "the price is 'free'",
    ),
    "row of another kind": (
        lambda spot: spot["config"]["regions"][0]["instanceTypes"].append("g5"),
        "sizes is missing",
    ),
}


def test_the_spot_feed_that_the_bad_ones_are_made_of_is_good() -> None:
    assert read_spot(json.loads(GOOD_SPOT))[REGION].usd_per_hour == {"g5.xlarge": 0.5946}


@pytest.mark.parametrize("fault", BAD_SPOTS)
def test_a_spot_feed_is_refused_that_has(fault: str) -> None:
    change, message = BAD_SPOTS[fault]
    with pytest.raises(UnknownShape, match=message):
        read_spot(changed(GOOD_SPOT, change))


def test_types_that_have_no_spot_price_are_left_out() -> None:
    prices = {"g5.xlarge": "0.5946", "p5.48xlarge": "N/A*", "p5en.48xlarge": "0", "p4d.24xlarge": "0.0000"}
    found = read_spot(json.loads(aws.spot({REGION: prices})))[REGION]
    assert found.usd_per_hour == {"g5.xlarge": 0.5946}


def test_the_index_of_savings_plans_gives_one_csv_file_a_region() -> None:
    document = json.loads(aws.plan_index("us-east-1", REGION))
    assert read_plan_index(document)[REGION] == PLANS
    document["regions"][0]["versionUrl"] = "/elsewhere/index.html"
    with pytest.raises(UnknownShape, match=r"versionUrl of us-east-1 is '/elsewhere/index\.html'"):
        read_plan_index(document)
    with pytest.raises(UnknownShape, match="regions is dict, expected is list"):
        read_plan_index({"regions": {REGION: {}}})


# --- one source for another, and nothing read twice -------------------------------------------------------


@pytest.mark.parametrize(
    "fault", [status(403), status(404), status(503), html(), empty(), cut_with_matching_length(300)]
)
def test_the_price_list_answers_where_the_page_feed_fails(
    aws_server: Server, fetch: Fetch, fault: Callable[[Any], Any]
) -> None:
    aws_server.always(FEED, fault)
    fetched = fetch("feed")
    assert usd(fetched) == LIST_TRUTH
    assert fetched is not None
    assert set(fetched.terms) == LIST_TERMS
    on_demand = fetched.offers[fetched.offers["term"] == "on_demand"]
    assert set(on_demand["source"]) == {f"{aws_server.url}{LIST}"}


def test_where_both_fail_both_reasons_are_told(aws_server: Server, fetch: Fetch) -> None:
    aws_server.always(FEED, html())
    aws_server.always(LIST, status(403))
    with pytest.raises(Refused, match=r"index\.json: .*HTML.* The price list file did not help out: .*403"):
        fetch("feed")


@pytest.mark.parametrize("path", [LIST, PLANS, PLAN_INDEX, SPOT])
@pytest.mark.parametrize("fault", [html(), empty(), cut_with_matching_length(150)])
def test_a_refresh_from_the_price_list_fails_where_one_document_is_bad(
    aws_server: Server, fetch: Fetch, path: str, fault: Callable[[Any], Any]
) -> None:
    aws_server.always(path, fault)
    with pytest.raises(UnknownShape):
        fetch("bulk")


def test_a_document_that_stays_away_is_not_reached(aws_server: Server, fetch: Fetch) -> None:
    aws_server.always(SPOT, status(404))
    with pytest.raises(Refused, match=r"spot\.json: the answer was status 404"):
        fetch("feed")


def test_a_fault_that_passes_changes_nothing(aws_server: Server, fetch: Fetch) -> None:
    for path in (LIST, PLANS, PLAN_INDEX, SPOT):
        aws_server.fault(path, status(503), status(429))
    assert usd(fetch("bulk")) == LIST_TRUTH


def test_plans_of_another_price_list_are_refused(aws_server: Server, fetch: Fetch) -> None:
    aws_server.plant(PLANS, aws.region_plans("us-east-1", MACHINES))
    with pytest.raises(UnknownShape, match="no SKU is one of the price list"):
        fetch("bulk")


def test_a_region_that_is_not_in_the_index_or_the_spot_feed_is_named(
    aws_server: Server, fetch: Fetch
) -> None:
    aws_server.plant(SPOT, aws.spot({"us-east-1": SPOT_USD}))
    with pytest.raises(UnknownShape, match="AWS spot feed: the region eu-central-1 is not in it"):
        fetch("feed")
    aws_server.plant(PLAN_INDEX, aws.plan_index("us-east-1"))
    with pytest.raises(
        UnknownShape, match="AWS index of savings plans: the region eu-central-1 is not in it"
    ):
        fetch("bulk")


@pytest.mark.parametrize("source", ["feed", "bulk"])
@pytest.mark.usefixtures("aws_server")
def test_nothing_comes_back_where_nothing_changed(fetch: Fetch, source: str) -> None:
    first = fetch(source)
    assert first is not None
    assert fetch(source, known=first.validators) is None


def test_an_unchanged_price_list_is_not_read_again_for_new_spot_prices(
    aws_server: Server, fetch: Fetch
) -> None:
    first = fetch("bulk")
    assert first is not None
    aws_server.plant(SPOT, aws.spot({REGION: {"g5.xlarge": "0.6"}}), etag='"spot-2"')
    second = fetch("bulk", known=first.validators)
    assert usd(second) == {("g5.xlarge", "spot"): 0.6}
    assert second is not None
    assert second.terms == ("spot",)
    assert set(second.validators) == set(first.validators)
    assert fetch("bulk", known=second.validators) is None


def test_one_changed_file_of_the_price_list_brings_both(aws_server: Server, fetch: Fetch) -> None:
    first = fetch("bulk")
    assert first is not None
    plans = {**MACHINES, "g5.xlarge": {**MACHINES["g5.xlarge"], "savings_1y": "0.9"}}
    aws_server.plant(PLANS, aws.region_plans(REGION, plans), etag='"plans-2"')
    second = fetch("bulk", known=first.validators)
    truth = {key: price for key, price in LIST_TRUTH.items() if key[1] != "spot"}
    assert usd(second) == {**truth, ("g5.xlarge", "savings_1y"): 0.9}


def test_the_price_list_is_read_anew_after_the_page_feed(aws_server: Server, fetch: Fetch) -> None:
    first = fetch("feed")
    assert first is not None
    assert usd(fetch("bulk", known=first.validators)) == {
        key: price for key, price in LIST_TRUTH.items() if key[1] != "spot"
    }


@pytest.mark.parametrize("source", ["feed", "bulk"])
def test_regions_share_what_is_the_same_for_all(aws_server: Server, fetch: Fetch, source: str) -> None:
    other = "us-east-1"
    aws_server.plant(FEED.replace("EU (Frankfurt)", "US East (N. Virginia)"), aws.feed(other, ON_DEMAND))
    aws_server.plant(LIST.replace(REGION, other), aws.region_list(other, MACHINES))
    aws_server.plant(PLANS.replace(REGION, other), aws.region_plans(other, MACHINES))
    shared = Shared()
    assert usd(fetch(source, shared=shared)) == (FEED_TRUTH if source == "feed" else LIST_TRUTH)
    truth = FEED_TRUTH if source == "feed" else LIST_TRUTH
    without_spot = {key: price for key, price in truth.items() if key[1] != "spot"}
    assert usd(fetch(source, region=other, shared=shared)) == without_spot
    assert len(aws_server.asked(SPOT)) == 1
    assert len(aws_server.asked(PLAN_INDEX)) == (source == "bulk")


# --- whatever comes ---------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(list(SPOT_USD)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["config", "regions", "region", "manifest", "EU (Frankfurt)", "sizes", "price"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.binary(max_size=300), st.integers(0, len(GOOD_LIST)), st.integers(0, len(GOOD_LIST)))
def test_any_bytes_in_a_price_list_end_in_prices_or_in_an_error(more: bytes, start: int, end: int) -> None:
    body = GOOD_LIST[:start] + more + GOOD_LIST[end:]
    try:
        prices = read_list(body).usd_per_hour
    except UnknownShape:
        return
    assert all(price > 0 for price in prices.values())


@given(st.integers(GOOD_LIST.index(b'"SKU"'), len(GOOD_LIST) - 2))
def test_a_price_list_cut_inside_a_row_is_refused(end: int) -> None:
    if GOOD_LIST[end : end + 1] == b"\n" or GOOD_LIST[end - 1 : end] == b"\n":
        return
    with pytest.raises(UnknownShape):
        read_list(GOOD_LIST[:end])


CELLS = st.sampled_from(["", "a", "g5", '""', '"a"', '"g5"', '"a,g"', '"a""g"', '"",","', f'"{"a" * 70}"'])
EDITS = st.tuples(
    st.integers(0, 2000), st.integers(0, 2), st.sampled_from(["", '"', ",", "\n", "\r", "a", '"g'])
)


@given(
    st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6),
    st.lists(EDITS, max_size=2),
    st.sampled_from([1, 20, 64]),
)
def test_rows_are_read_or_refused_as_a_strict_parser_does_it(
    rows: list[tuple[str, str]], edits: list[tuple[int, int, str]], length: int
) -> None:
    header = "FormatVersion,1\nSKU,first,second\n"
    body = "".join(f'"{"s" * length}",{first},{second}\n' for first, second in rows)
    for at, removed, added in edits:
        body = body[: at % len(body)] + added + body[at % len(body) + removed :] or "a"
    reader = csv.reader(io.StringIO(body, newline=""), strict=True)
    may_count = Filter(b"g", lambda line: True, b"")

    def read() -> list[tuple[str, ...]]:
        chunks = [(header + body).encode()]
        return [
            tuple(row.texts.values()) for row in read_rows("x", chunks, ("SKU", "first", "second"), may_count)
        ]

    try:
        truth = [tuple(texts) for texts in reader if texts]
    except csv.Error:
        truth = [()]
    # A body that ends behind a comma lost its last cell, and the strict parser cannot know.
    if any(len(texts) != 3 for texts in truth) or body.endswith(","):
        with pytest.raises(UnknownShape, match="line"):
            read()
        return
    found = read()
    assert set(found) <= set(truth)
    wanted = [texts for texts in truth if any(text.startswith("g") for text in texts[1:])]
    assert [texts for texts in found if texts in wanted] == wanted


def broken_lines(line: bytes) -> Iterator[bytes]:
    """One line, broken in ways of which each has as many commas or as many quotes as a good one."""
    good = b'"AWS Region"'
    assert good in line
    for wrong in (
        b'"AWS"Reg"ion"',
        b'"AWS Region"x',
        b"AWS\rRegion",
        b'"AWS Region",""',
        b'"',
    ):
        yield line.replace(good, wrong, 1)
    # A line end in the last column, and more columns behind it.
    assert line.endswith(b'"\n')
    yield line[:-2] + b'\n",' + line.split(b",", 1)[1]


@pytest.mark.parametrize("at_line", [7, 900])
@pytest.mark.parametrize("size", [1000, 10 * LARGEST_BLOCK_BYTES])
def test_a_broken_row_is_found_in_whatever_block_it_stands(at_line: int, size: int) -> None:
    lines = aws.price_list([aws.machine(REGION, "m5.xlarge", "0.1")] * 1000).splitlines(keepends=True)
    for line in broken_lines(lines[at_line - 1]):
        body = b"".join([*lines[: at_line - 1], line, *lines[at_line:]])
        assert len(body) > 2 * LARGEST_BLOCK_BYTES
        with pytest.raises(UnknownShape, match=rf"line ({at_line}|{at_line + 1}) "):
            read_price_list((body[at : at + size] for at in range(0, len(body), size)), REGION)


@given(st.binary(max_size=200), st.integers(0, len(GOOD_PLANS)), st.integers(0, len(GOOD_PLANS)))
def test_any_bytes_in_savings_plans_end_in_prices_or_in_an_error(more: bytes, start: int, end: int) -> None:
    try:
        prices = read_plans(GOOD_PLANS[:start] + more + GOOD_PLANS[end:])
    except UnknownShape:
        return
    assert all(price > 0 for price in prices.values())


@given(JSON)
def test_any_json_ends_in_prices_or_in_an_error(document: object) -> None:
    readers: tuple[Callable[[object], object], ...] = (
        lambda json_: read_feed(json_, "EU (Frankfurt)"),
        read_spot,
        read_plan_index,
    )
    for reader in readers:
        with suppress(UnknownShape):
            reader(document)


@pytest.mark.usefixtures("aws_server")
def test_no_server_at_all_is_not_reached() -> None:
    def client(name: str, default: str) -> Client:
        return Client("http://127.0.0.1:9", sleep=lambda seconds: None)

    with pytest.raises(CannotReach):
        Aws().fetch(Ask(REGION, TODAY, client, Shared()))
