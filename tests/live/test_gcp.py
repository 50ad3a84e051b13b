"""What the Cloud Billing Catalog says of parts becomes machines, exact to the last digit, or nothing."""

from __future__ import annotations

import copy
import json
import logging
import math
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.adapter import Ask, Fetched, Shared
from pricing.errors import CannotReach, Refused, UnknownShape
from pricing.gcp import ADAPTER
from pricing.gcp_machines import incomplete_machines, machine_offers, region_prices
from pricing.gcp_parts import Page, parse_page, part_and_term
from pricing.http import Client, Limits, Reply, Validators
from pricing.instances import shapes
from pricing.offers import check_offers
from tests.live.gcp_fixtures import (
    BAD_KEY_BODY,
    KEY,
    MACHINES,
    PATH,
    PLANTED,
    SPOT_ONLY,
    TERMS,
    TRAPS,
    TRUTH,
    body,
    entry,
    pages,
    part_sku,
    sku,
    tier,
    truth_skus,
)
from tests.live.json_pages import BAD_BODIES, Prices, anything, prices
from tests.live.server import Answer, Fault, Request, Server, cut, html, redirect, status, truncated_gzip

TODAY = date(2026, 11, 23)
PLACE = "Google Cloud, page 1"
REGION = "us-central1"
GPU = "Nvidia Tesla A100 GPU"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("RIG_OR_RENT_GCP_API_KEY", KEY)
    return KEY


def fetch(server: Server, *, region: str = REGION, shared: Shared | None = None) -> Fetched:
    def client(name: str, default: str) -> Client:
        assert (name, default) == ("RIG_OR_RENT_GCP_URL", "https://cloudbilling.googleapis.com")
        limits = Limits(read_s=5, backoff_s=0.001)
        return Client(server.url, limits=limits, sleep=lambda seconds: None)

    return ADAPTER.fetch(Ask(region, TODAY, client, shared or Shared()))


def page_of(*skus: Any) -> Page:
    return parse_page(json.loads(body(list(skus))), TODAY, PLACE)


def machines(skus: list[dict[str, Any]], region: str = REGION) -> Prices:
    parts = region_prices(page_of(*skus).parts, region)
    return prices(machine_offers(parts, "https://example.org", region, TODAY))


def named(skus: list[dict[str, Any]], description: str) -> dict[str, Any]:
    (found,) = [row for row in skus if row["description"] == description]
    return found


def changed(description: str, /, **fields: object) -> list[dict[str, Any]]:
    """All planted rows, of which one has other fields."""
    skus = truth_skus()
    named(skus, description).update(fields)
    return skus


def test_the_published_sum_of_a_machine_is_met() -> None:
    # 12 × 0.031611 + 85 × 0.004237 + 2.933908
    assert TRUTH[REGION]["a2-highgpu-1g", "on_demand"] == 3.673385
    assert machines(truth_skus())["a2-highgpu-1g", "on_demand"] == 3.673385


@pytest.mark.parametrize("page_size", [3, 50, 5000])
@pytest.mark.parametrize("region", TRUTH)
def test_the_offers_are_the_planted_ones_whatever_the_page_size(
    server: Server, region: str, page_size: int
) -> None:
    server.plant_handler(PATH, pages(truth_skus(), page_size=page_size))
    assert prices(fetch(server, region=region).offers) == TRUTH[region]


def test_no_trap_changes_an_offer(server: Server) -> None:
    server.plant_handler(PATH, pages([*TRAPS.values(), *truth_skus()], page_size=11))
    fetched = fetch(server)
    assert prices(fetched.offers) == TRUTH[REGION]
    assert fetched.left_out == ()


@pytest.mark.parametrize("name", TRAPS)
def test_a_row_that_is_no_price_of_a_machine_is_left_out(name: str) -> None:
    found = page_of(TRAPS[name]).parts
    assert [part for part in found if REGION in part.regions] == []


def test_an_a100_is_not_an_a100_of_80_gb() -> None:
    assert part_and_term("Nvidia Tesla A100 GPU running in Iowa") == ("A100", "on_demand")
    assert part_and_term("Nvidia Tesla A100 80GB GPU running in Iowa") == ("A100 80GB", "on_demand")
    small = [row for row in truth_skus() if "A100 80GB" not in row["description"]]
    found = {machine for machine, _ in machines(small)}
    assert any(machine.startswith("a2-highgpu") for machine in found)
    assert not any(machine.startswith("a2-ultragpu") for machine in found)


@pytest.mark.parametrize(
    "description", ["Nvidia H100 80GB Mega GPU running in Iowa", "Nvidia H100 80GB Plus GPU running in Iowa"]
)
def test_the_gpu_of_a3_mega_has_two_names(description: str) -> None:
    assert part_and_term(description) == ("H100 Mega", "on_demand")


@pytest.mark.parametrize("series", ["A3Plus", "A3Mega"])
def test_the_cores_and_the_ram_of_a3_mega_have_two_names(series: str) -> None:
    assert part_and_term(f"{series} Instance Core running in Iowa") == ("a3plus core", "on_demand")
    assert part_and_term(f"Spot Preemptible {series} Instance Ram running in Iowa") == ("a3plus ram", "spot")
    assert part_and_term(f"Commitment v1: {series} Ram in Iowa for 1 Year") == ("a3plus ram", "reserved_1y")


@pytest.mark.parametrize("core", ["Cpu", "Core"])
@pytest.mark.parametrize("years", ["3 Year", "3 Years"])
def test_a_committed_core_has_two_names_and_its_years_two_numbers(core: str, years: str) -> None:
    for series in ("A3", "A3Plus", "A3Ultra"):
        found = part_and_term(f"Commitment v1: {series} {core} in Iowa for {years}")
        assert found == (f"{series.lower()} core", "reserved_3y")


@pytest.mark.parametrize(
    ("description", "term"),
    [
        ("H200 141GB GPU running in Belgium", "on_demand"),
        ("H200 141GB GPU attached to Spot Preemptible VMs running in Belgium", "spot"),
        ("Commitment v1: H200 141GB GPU running in Belgium for 1 Year", "reserved_1y"),
        ("Commitment v1: H200 141GB GPU in Belgium for 3 Years", "reserved_3y"),
    ],
)
def test_the_h200_stands_without_the_name_of_its_maker(description: str, term: str) -> None:
    assert part_and_term(description) == ("H200", term)
    assert part_and_term(description.replace("H200", "Nvidia H200")) == ("H200", term)


@pytest.mark.parametrize("part", PLANTED)
def test_a_machine_of_which_a_part_has_no_price_is_left_out_and_no_other(part: str) -> None:
    gone = part_sku(part, "spot", "Americas")["description"]
    left = [row for row in truth_skus() if row["description"] != gone]
    lacking = {(name, "spot") for name, parts in MACHINES.items() if part in parts}
    assert lacking
    assert machines(left) == {key: usd for key, usd in TRUTH[REGION].items() if key not in lacking}


def test_a_machine_is_named_where_its_gpu_has_a_price_and_another_part_has_none(server: Server) -> None:
    skus = changed("Commitment v1: A3Ultra Cpu in Americas for 1 Year", description="Under another name")
    skus = [row for row in skus if row["description"] != "A3Plus Instance Ram running in Americas"]
    server.plant_handler(PATH, pages(skus))
    lacking = {("a3-ultragpu-8g", "reserved_1y"), ("a3-megagpu-8g", "on_demand")}
    fetched = fetch(server)
    assert fetched.left_out == ("a3-megagpu-8g on_demand", "a3-ultragpu-8g reserved_1y")
    assert prices(fetched.offers) == {key: usd for key, usd in TRUTH[REGION].items() if key not in lacking}


def test_a_machine_whose_gpu_has_no_price_is_not_incomplete() -> None:
    left = [row for row in truth_skus() if "H200" not in row["description"]]
    assert incomplete_machines(region_prices(page_of(*left).parts, REGION)) == []
    assert incomplete_machines({}) == []


def test_shapes_not_sold_on_demand_are_offers_on_spot_alone() -> None:
    found = machines(truth_skus())
    assert {term for machine, term in found if machine in SPOT_ONLY} == {"spot"}


def test_the_h200_is_sold_on_spot_and_under_commitments_with_its_local_ssd() -> None:
    found = {
        term: usd for (machine, term), usd in machines(truth_skus()).items() if machine == "a3-ultragpu-8g"
    }
    assert set(found) == {"spot", "reserved_1y", "reserved_3y"}
    # 224 × 0.011221 + 2952 × 0.000977 + 8 × 5.587044 + 12000 × 0.028 / 730
    assert found["spot"] == 50.55423397260274


def test_every_machine_of_the_table_is_put_together(root: Path) -> None:
    known = shapes("gcp")
    assert set(known) == set(MACHINES)
    assert not any(math.isnan(amount) for shape in known.values() for amount in shape[1:-1])
    gpus = pd.read_csv(root / "data" / "gpus.csv", index_col="gpu")["vram_gb"]
    whole = {name: shape for name, shape in known.items() if shape.gpu_count >= 1}
    assert "n1-standard-8+1xV100" in whole
    assert all(shape.vram_gb == gpus[shape.gpu] for shape in whole.values())


def test_gpus_without_a_machine_here_are_named(server: Server) -> None:
    strangers = [
        sku("Nvidia Tesla K80 GPU running in Americas", "0.45"),
        sku("Nvidia Tesla K80 GPU attached to Spot Preemptible VMs running in Americas", "0.04"),
        sku("A4 Nvidia B200 (1 gpu slice) running in Americas", "16.11"),
        sku("Nvidia Tesla P4 GPU running in Belgium", "0.6", regions=["europe-west1"]),
        sku("Commitment v1: Nvidia Tesla K80 GPU in Americas for 1 Year", "0.3", usage="Commit1Yr"),
        sku("Reserved Nvidia B200 GPU in Americas", "5"),
    ]
    server.plant_handler(PATH, pages([*strangers, *truth_skus()]))
    fetched = fetch(server)
    assert fetched.left_out == ("A4 Nvidia B200 (1 gpu slice)", "Nvidia Tesla K80 GPU")
    assert prices(fetched.offers) == TRUTH[REGION]


def test_the_regions_of_a_price_may_be_listed_apart() -> None:
    apart = {"serviceRegions": ["global"], "geoTaxonomy": {"type": "MULTI_REGIONAL", "regions": [REGION]}}
    assert machines(changed(f"{GPU} running in Americas", **apart)) == TRUTH[REGION]
    alone = {"serviceRegions": [REGION], "geoTaxonomy": {"type": "REGIONAL"}}
    assert machines(changed(f"{GPU} running in Americas", **alone)) == TRUTH[REGION]
    without = truth_skus()
    for row in without:
        row.pop("geoTaxonomy")
    assert machines(without) == TRUTH[REGION]


def test_the_newest_price_that_has_begun_counts() -> None:
    right = PLANTED[GPU][0]
    timeline = [
        entry("9", since="2020-01-01T00:00:00Z"),
        entry("8", since="2026-11-24T00:00:00Z"),
        entry(right, since="2026-11-23T00:00:00Z"),
        entry("7", since="2026-11-22T23:59:59.999999999Z"),
    ]
    assert machines(changed(f"{GPU} running in Americas", pricingInfo=timeline)) == TRUTH[REGION]


def test_compute_is_charged_at_its_first_tier() -> None:
    info = entry(PLANTED[GPU][0])
    info["pricingExpression"]["tieredRates"].insert(0, tier("0.5", start=1000))
    assert machines(changed(f"{GPU} running in Americas", pricingInfo=[info])) == TRUTH[REGION]


def test_local_ssd_may_be_priced_by_the_hour_and_without_a_place() -> None:
    hourly = entry("0.0001", "GiBy.h")
    found = machines(
        changed(
            "SSD backed Local Storage in Americas",
            description="SSD backed Local Storage",
            pricingInfo=[hourly],
        )
    )
    # 12 × 0.031611 + 170 × 0.004237 + 3.92815 + 375 × 0.0001
    assert found["a2-ultragpu-1g", "on_demand"] == 5.065272


def test_a_spot_part_that_is_filed_under_on_demand_is_a_spot_part() -> None:
    skus = truth_skus()
    row = named(skus, f"{GPU} attached to Spot Preemptible VMs running in Americas")
    row["category"]["usageType"] = "OnDemand"
    assert machines(skus) == TRUTH[REGION]


def test_the_same_price_under_two_numbers_is_one_price() -> None:
    again = part_sku(GPU, "on_demand", "Americas", skuId="0000-0000-0001")
    assert machines([*truth_skus(), again]) == TRUTH[REGION]


def test_two_prices_of_one_part_are_refused_by_name_where_both_hold() -> None:
    other = sku(f"{GPU} running in Iowa", "2.5", regions=[REGION], skuId="0000-0000-0001")
    skus = [*truth_skus(), other]
    with pytest.raises(
        UnknownShape,
        match=r"us-central1, A100 on_demand: SKU '.*' states 2.933908000 .*SKU '0000-0000-0001' 2.5",
    ):
        machines(skus)
    assert machines(skus, "us-east1") == TRUTH["us-east1"]


@pytest.mark.parametrize("usd", ["0", "-1"])
def test_a_price_that_is_not_above_zero_is_refused_by_name_where_it_holds(usd: str) -> None:
    info = entry("0")
    info["pricingExpression"]["tieredRates"][0]["unitPrice"]["units"] = usd
    skus = changed(f"{GPU} running in Americas", pricingInfo=[info])
    with pytest.raises(UnknownShape, match=r"A100 on_demand: SKU .* states .*; allowed is a price above 0"):
        machines(skus)
    assert machines(skus, "europe-west4") == TRUTH["europe-west4"]


def test_an_offer_says_all_that_the_table_asks_for(server: Server) -> None:
    server.plant_handler(PATH, pages(truth_skus()))
    fetched = fetch(server)
    offers = check_offers(fetched.offers, today=TODAY)
    assert list(fetched.terms) == list(TERMS)
    for column, value in {
        "provider": "gcp",
        "region": REGION,
        "access": "vm",
        "kind": "derived",
        "as_of": "2026-11-23",
        "billing_increment_s": 1.0,
        "minimum_billing_s": 60.0,
    }.items():
        assert set(offers[column]) == {value}
    is_committed = offers["term"].str.startswith("reserved")
    assert set(offers.loc[is_committed, "committed_hours_per_month"]) == {730.0}
    assert offers.loc[~is_committed, ["committed_hours_per_month", "commitment_months"]].isna().all(axis=None)
    months = offers[is_committed].groupby("term")["commitment_months"].agg(set).to_dict()
    assert months == {"reserved_1y": {12}, "reserved_3y": {36}}


def test_an_n1_machine_says_that_the_sustained_use_discount_is_not_applied(server: Server) -> None:
    server.plant_handler(PATH, pages(truth_skus()))
    offers = fetch(server).offers
    is_n1 = offers["instance_type"].str.startswith("n1-")
    says_so = offers["source"].str.contains("sustained-use discount of N1 is not applied")
    assert is_n1.any()
    assert list(says_so) == list(is_n1)
    assert offers["source"].str.startswith(f"{server.url}{PATH}?currencyCode=USD").all()


def test_every_bundled_machine_can_come_back_from_a_refresh(root: Path) -> None:
    offers = pd.read_csv(root / "data" / "offers.csv")
    bundled = offers.loc[offers["provider"] == "gcp", ["instance_type", "term"]]
    assert "a3-ultragpu-8g" in set(bundled["instance_type"])
    assert set(bundled.itertuples(index=False, name=None)) <= TRUTH[REGION].keys()


def test_the_catalog_is_read_once_for_all_regions(server: Server) -> None:
    server.plant_handler(PATH, pages(truth_skus(), page_size=100))
    shared = Shared()
    for region in TRUTH:
        assert prices(fetch(server, region=region, shared=shared).offers) == TRUTH[region]
    asked = [request.query.get("pageToken", "") for request in server.asked(PATH)]
    assert asked == ["", "from 100"]
    assert server.asked(PATH)[0].query == {"currencyCode": "USD", "pageSize": "5000"}


@pytest.mark.parametrize("missing", ["", "  "])
def test_without_a_key_nothing_is_asked_and_the_sentence_says_how_to_get_one(
    server: Server, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setenv("RIG_OR_RENT_GCP_API_KEY", missing)
    with pytest.raises(Refused, match=r"Cloud Billing API.*create an API key.*RIG_OR_RENT_GCP_API_KEY"):
        fetch(server)
    monkeypatch.delenv("RIG_OR_RENT_GCP_API_KEY")
    with pytest.raises(Refused, match="create an API key"):
        fetch(server)
    assert server.requests == []


REFUSALS: dict[str, tuple[Fault, str]] = {
    "a key that is none": (status(400, body=BAD_KEY_BODY), "does not accept the key"),
    "a key that is not for this": (status(403), "does not let the key"),
    "a bad question": (status(400), "status 400"),
    "nothing there": (status(404), "status 404"),
    "a redirect elsewhere": (redirect("http://example.org/skus"), "redirected"),
    "a fault of theirs": (status(500), "status 500"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_the_key_is_in_the_header_and_nowhere_else(
    server: Server, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level(logging.DEBUG)
    server.plant_handler(PATH, pages(truth_skus(), page_size=150))
    fault, sentence = REFUSALS[name]
    server.fault(PATH, None, *[fault] * 9)
    with pytest.raises(Refused, match=sentence) as caught:
        fetch(server)
    assert {request.headers["x-goog-api-key"] for request in server.asked(PATH)} == {KEY}
    assert not any(KEY in f"{request.path} {request.query}" for request in server.requests)
    assert KEY not in caplog.text
    error: BaseException | None = caught.value
    while error is not None:
        assert KEY not in f"{error} {error!r} {error.args}"
        error = error.__cause__ or error.__context__


def test_the_key_is_in_no_offer(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.plant_handler(PATH, pages(truth_skus()))
    fetched = fetch(server)
    assert KEY not in fetched.offers.to_csv()
    assert KEY not in repr(fetched)
    assert KEY not in caplog.text


def test_a_key_that_cannot_be_sent_is_refused_without_being_shown(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RIG_OR_RENT_GCP_API_KEY", "planted\nsecret")
    with pytest.raises(Refused, match="X-Goog-Api-Key") as caught:
        fetch(server)
    assert "secret" not in str(caught.value)
    assert server.requests == []


@pytest.mark.parametrize(
    "fault", [status(429), status(503, retry_after="0"), cut(300), truncated_gzip()], ids=str
)
def test_a_fault_that_passes_leaves_no_trace(server: Server, fault: Fault) -> None:
    server.plant_handler(PATH, pages(truth_skus(), page_size=70))
    server.fault(PATH, None, fault, None, fault)
    assert prices(fetch(server).offers) == TRUTH[REGION]


BAD_ENVELOPES: dict[str, tuple[dict[str, object], str]] = {
    "no rows": ({"skus": []}, "skus is a list of 0"),
    "rows of another kind": ({"skus": {}}, "skus is an object of 0"),
    "rows missing": ({"skus": None}, "skus is None"),
    "a token that is none": ({"nextPageToken": 5}, "nextPageToken is 5"),
    "a token that cannot be asked for": ({"nextPageToken": "\ud800"}, "nextPageToken is"),
}


@pytest.mark.parametrize("name", BAD_ENVELOPES)
def test_an_envelope_of_another_shape_is_refused(server: Server, name: str) -> None:
    fields, sentence = BAD_ENVELOPES[name]
    server.plant(PATH, body(truth_skus(), **fields))
    with pytest.raises(UnknownShape, match=f"^Google Cloud, page 1: {sentence}"):
        fetch(server)


def with_expression(**fields: object) -> list[dict[str, Any]]:
    info = entry("1")
    info["pricingExpression"].update(fields)
    return [info]


NAME = "A2 Instance Core running in Americas"
BAD_ROWS: dict[str, tuple[object, str]] = {
    "null": (None, "there is no description"),
    "a text": ("A2 Instance Core", "there is no description"),
    "another object": ({"error": {}}, "there is no description"),
    "a description that is none": (sku(NAME, "1", description=5), "there is no description"),
    "no category": (sku(NAME, "1", category=None), "category is None"),
    "no category on a row of no use": (sku("Static Ip Charge", "1", category=[]), "category is a list of 0"),
    "no usage": (sku(NAME, "1", category={"resourceGroup": "CPU"}), "usageType is None"),
    "no number": (sku(NAME, "1", skuId=None), "skuId is None"),
    "no regions": (sku(NAME, "1", serviceRegions=None), "serviceRegions is None"),
    "not one region": (sku(NAME, "1", serviceRegions=[], geoTaxonomy=None), "serviceRegions is a list of 0"),
    "a region that is none": (sku(NAME, "1", serviceRegions=[1]), "a region is 1"),
    "regions apart that are none": (sku(NAME, "1", geoTaxonomy={"regions": "all"}), "regions is 'all'"),
    "no timeline": (sku(NAME, "1", pricingInfo=None), "pricingInfo is None"),
    "an empty timeline": (sku(NAME, "1", pricingInfo=[]), "pricingInfo is a list of 0"),
    "a timeline of nothing": (sku(NAME, "1", pricingInfo=[None]), "an entry of pricingInfo is None"),
    "no beginning": (sku(NAME, "1", pricingInfo=[entry("1", since="")]), "effectiveTime is ''"),
    "two prices at once": (
        sku(NAME, "1", pricingInfo=[entry("1"), entry("2")]),
        "Info is a list of 2",
    ),
    "no expression": (sku(NAME, "1", pricingInfo=[entry("1") | {"pricingExpression": 1}]), "Expression is 1"),
    "another unit": (sku(NAME, "1", unit="mo"), "usageUnit is 'mo'; allowed is h"),
    "the unit of memory": (sku(NAME, "1", unit="GiBy.h"), "usageUnit is 'GiBy.h'; allowed is h"),
    "no tiers": (sku(NAME, "1", pricingInfo=with_expression(tieredRates=[])), "tieredRates is a list of 0"),
    "a tier that is none": (sku(NAME, "1", pricingInfo=with_expression(tieredRates=["x"])), "a tier is 'x'"),
    "a tier without a start": (
        sku(NAME, "1", pricingInfo=with_expression(tieredRates=[tier("1", start=None)])),
        "startUsageAmount is None",
    ),
    "no money": (
        sku(NAME, "1", pricingInfo=with_expression(tieredRates=[{"startUsageAmount": 0}])),
        "unitPrice is None",
    ),
    "another currency": (
        sku(NAME, "1", pricingInfo=[entry("1", currencyCode="IDR")]),
        "Code is 'IDR'",
    ),
    "units that are none": (sku(NAME, "1", pricingInfo=[entry("1", units="one")]), "units is 'one'"),
    "units with decimals": (sku(NAME, "1", pricingInfo=[entry("1", units=1.5)]), "units is 1.5"),
    "units without end": (sku(NAME, "1", pricingInfo=[entry("1", units="9" * 5000)]), "units is '999"),
    "nanos that are none": (sku(NAME, "1", pricingInfo=[entry("1", nanos="5")]), "nanos is '5'"),
    "nanos beyond a dollar": (sku(NAME, "1", pricingInfo=[entry("1", nanos=10**9)]), "nanos is 1000000000"),
    "nanos that are true": (sku(NAME, "1", pricingInfo=[entry("1", nanos=True)]), "nanos is True"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_broken_row_in_the_middle_is_refused_by_name(server: Server, name: str) -> None:
    broken, sentence = BAD_ROWS[name]
    skus: list[Any] = [*truth_skus()[:5], broken, *truth_skus()[5:]]
    server.plant_handler(PATH, pages(skus, page_size=4))
    with pytest.raises(UnknownShape, match=rf"^Google Cloud, page 2, row 2.*{sentence}"):
        fetch(server)


@pytest.mark.parametrize("name", BAD_BODIES)
@pytest.mark.parametrize("page", [1, 2])
def test_a_bad_body_on_any_page_makes_no_offers(server: Server, name: str, page: int) -> None:
    server.plant_handler(PATH, pages(truth_skus(), page_size=100))
    server.fault(PATH, *[None] * (page - 1), BAD_BODIES[name])
    with pytest.raises(UnknownShape):
        fetch(server)


def test_a_body_that_is_always_cut_cannot_be_reached(server: Server) -> None:
    server.plant_handler(PATH, pages(truth_skus()))
    server.always(PATH, cut(500))
    with pytest.raises(CannotReach):
        fetch(server)


def test_what_failed_for_one_region_fails_for_the_next_without_asking_again(server: Server) -> None:
    server.always(PATH, html())
    shared = Shared()
    for region in TRUTH:
        with pytest.raises(UnknownShape):
            fetch(server, region=region, shared=shared)
    assert len(server.asked(PATH)) == 1


def test_tokens_in_a_circle_are_refused(server: Server) -> None:
    skus = truth_skus()
    server.plant(PATH, body(skus[:10], token="a"))
    server.plant(f"{PATH}?currencyCode=USD&pageSize=5000&pageToken=a", body(skus[10:20], token="b"))
    server.plant(f"{PATH}?currencyCode=USD&pageSize=5000&pageToken=b", body(skus[20:], token="a"))
    with pytest.raises(UnknownShape, match="page 3: nextPageToken leads back"):
        fetch(server)


def test_one_page_under_ever_new_tokens_is_refused(server: Server) -> None:
    def handler(request: Request) -> Answer:
        return Answer(body(truth_skus(), token=f"{request.query.get('pageToken', '')}x"))

    server.plant_handler(PATH, handler)
    with pytest.raises(UnknownShape, match="page 2: the rows of an earlier page came again"):
        fetch(server)


def test_pages_without_end_are_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pricing.gcp.MOST_PAGES", 5)
    server.plant_handler(PATH, pages(truth_skus(), page_size=7))
    with pytest.raises(UnknownShape, match="page 5: there are still more pages; allowed are 5"):
        fetch(server)


def test_the_last_page_may_lack_its_token(server: Server) -> None:
    page = json.loads(body(truth_skus()))
    del page["nextPageToken"]
    server.plant(PATH, json.dumps(page).encode())
    assert prices(fetch(server).offers) == TRUTH[REGION]


def test_a_region_without_a_machine_is_refused_by_name(server: Server) -> None:
    server.plant_handler(PATH, pages(truth_skus()))
    with pytest.raises(UnknownShape, match="Google Cloud, mars-north1: no GPU machine has a price"):
        fetch(server, region="mars-north1")


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to every value inside a structure."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, item in inner for place in places(item, (*path, name)))]


@st.composite
def spoiled_rows(draw: st.DrawFn) -> list[Any]:
    """The parts of one machine, of which one value somewhere is anything."""
    rows: list[Any] = [
        copy.deepcopy(part_sku(part, "spot", "Americas")) for part in ("G2 Cpu", "G2 Ram", "Nvidia L4 GPU")
    ]
    place = draw(st.sampled_from(places(rows)[1:]))
    target: Any = rows
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = draw(anything)
    return rows


def machines_or_shape(answer: object) -> None:
    """Machines with the price of all their parts, or the error of an unknown shape."""
    try:
        page = parse_page(answer, TODAY, PLACE)
        parts = region_prices(page.parts, REGION)
        found = prices(machine_offers(parts, "https://example.org", REGION, TODAY))
    except UnknownShape:
        return
    assert found
    for usd in found.values():
        assert 0 < usd < float("inf")
    assert all(part.usd_per_hour != Decimal("NaN") for part in page.parts)


@given(anything | anything.map(lambda rows: {"skus": [rows], "nextPageToken": ""}))
def test_any_structure_ends_in_offers_or_in_an_unknown_shape(answer: object) -> None:
    machines_or_shape(answer)


@given(spoiled_rows())
def test_any_spoiled_row_ends_in_offers_or_in_an_unknown_shape(rows: list[Any]) -> None:
    machines_or_shape({"skus": rows, "nextPageToken": ""})


@given(st.binary(max_size=200) | st.integers(0, 6000).map(lambda end: body(truth_skus()[:6])[:end]))
def test_any_bytes_end_in_parts_or_in_one_of_the_three_errors(content: bytes) -> None:
    reply = Reply("https://cloudbilling.googleapis.com", Validators(), iter([content]))
    try:
        page = parse_page(reply.json(), TODAY, PLACE)
    except (CannotReach, Refused, UnknownShape):
        return
    assert len(page.parts) == 6
