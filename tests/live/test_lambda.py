"""What Lambda says becomes offers, exact to the last digit, or nothing."""

from __future__ import annotations

import copy
import json
import logging
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.adapter import Ask, Fetched, Shared
from pricing.errors import CannotReach, PricingError, Refused, UnknownShape
from pricing.http import Client, Limits, Reply, Validators
from pricing.instances import shapes
from pricing.lambda_cloud import ADAPTER, Listing, parse_listing
from pricing.offers import check_offers
from pricing.plausibility import check_bounds
from pricing.tables import DATA, read_table
from tests.live.json_pages import BAD_BODIES, Prices, anything, prices
from tests.live.lambda_fixtures import (
    BAD_KEY_BODY,
    KEY,
    PATH,
    REGION,
    STRANGERS,
    TRUTH,
    WITHOUT_GPU,
    answers,
    body,
    listed,
    truth_types,
)
from tests.live.server import Fault, Server, cut, html, redirect, status, truncated_gzip

TODAY = date(2026, 11, 23)
NAME = "gpu_1x_h100_sxm5"
GPU = "H100 (80 GB SXM5)"
SPECS = (26, 225, 2816)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("RIG_OR_RENT_LAMBDA_API_KEY", KEY)
    return KEY


def fetch(server: Server, *, region: str = REGION, shared: Shared | None = None) -> Fetched:
    def client(name: str, default: str) -> Client:
        assert (name, default) == ("RIG_OR_RENT_LAMBDA_URL", "https://cloud.lambda.ai")
        return Client(server.url, limits=Limits(read_s=5, backoff_s=0.001), sleep=lambda seconds: None)

    return ADAPTER.fetch(Ask(region, TODAY, client, shared or Shared()))


def parse(*types: dict[str, Any]) -> Listing:
    by_name = {row["instance_type"]["name"]: row for row in types}
    return parse_listing(json.loads(body(by_name)), "https://example.org")


def h100(cents: object = 431, **other: object) -> dict[str, Any]:
    row = listed(NAME, 1, GPU, cents, SPECS)
    row["instance_type"] |= other
    return row


@pytest.mark.parametrize("region", ["global", "us-south-2", "europe-central-1"])
def test_the_offers_are_the_planted_ones_in_every_region(server: Server, region: str) -> None:
    server.plant_handler(PATH, answers(truth_types()))
    fetched = fetch(server, region=region)
    assert prices(fetched.offers) == TRUTH
    assert set(fetched.offers["region"]) == {region}
    assert fetched.left_out == ()


def test_a_type_without_a_free_machine_keeps_its_price() -> None:
    assert parse(h100()).usd_per_hour == {NAME: 4.31}


def test_all_regions_share_one_question(server: Server) -> None:
    server.plant_handler(PATH, answers(truth_types()))
    shared = Shared()
    for region in ("global", "europe-central-1", "asia-south-1"):
        assert prices(fetch(server, region=region, shared=shared).offers) == TRUTH
    assert len(server.requests) == 1


def test_the_shape_is_the_stated_one_and_else_that_of_the_table(server: Server) -> None:
    server.plant_handler(PATH, answers(truth_types()))
    offers = fetch(server).offers.set_index("instance_type")
    columns = ["gpu", "gpu_count", "vram_gb", "vcpus", "ram_gb"]
    # The table knows another amount of memory for this one.
    assert shapes("lambda")["gpu_1x_a10"].ram_gb == 226
    assert list(offers.loc["gpu_1x_a10", columns]) == ["A10", 1, 24, 30, 200]
    assert list(offers.loc["gpu_8x_a100_80gb_sxm4", columns]) == ["A100 80GB SXM", 8, 80, 240, 1800]
    assert list(offers.loc["gpu_16x_a6000", columns]) == ["RTX A6000", 16, 48, 224, 1600]
    assert "gpu_16x_a6000" not in shapes("lambda")


def test_a_type_without_a_gpu_is_no_offer() -> None:
    listing = parse(WITHOUT_GPU, h100())
    assert set(listing.usd_per_hour) == {NAME}
    assert listing.left_out == ()


def test_an_unknown_gpu_is_named_and_left_out(server: Server) -> None:
    server.plant_handler(PATH, answers(STRANGERS | truth_types()))
    fetched = fetch(server)
    assert fetched.left_out == tuple(sorted(STRANGERS))
    assert prices(fetched.offers) == TRUTH


def test_an_older_answer_describes_the_gpu_in_one_text() -> None:
    row = listed("gpu_4x_new", 4, "A100 (40 GB PCIe)", 796)
    del row["instance_type"]["gpu_description"]
    shape = parse(row).shapes["gpu_4x_new"]
    assert (shape.gpu, shape.gpu_count, shape.vram_gb) == ("A100 40GB PCIe", 4, 40)


def test_a_type_of_the_table_needs_no_more_than_its_price() -> None:
    row = h100(specs=None, description=None)
    assert parse(row).shapes[NAME] == shapes("lambda")[NAME]


def test_an_offer_says_all_that_the_table_asks_for(server: Server) -> None:
    server.plant_handler(PATH, answers(truth_types()))
    fetched = fetch(server)
    offers = check_offers(fetched.offers, today=TODAY)
    check_bounds(offers)
    for name, value in {
        "provider": "lambda",
        "access": "vm",
        "term": "on_demand",
        "as_of": "2026-11-23",
        "kind": "published",
        "source": f"{server.url}{PATH}",
        "tier": "",
        "listed_currency": "USD",
        "billing_increment_s": 60.0,
        "upload_usd_per_gb": 0.0,
        "download_usd_per_gb": 0.0,
    }.items():
        assert set(offers[name]) == {value}, name
    assert fetched.terms == ("on_demand",)
    assert (offers["listed_per_hour"] == offers["usd_per_hour"]).all()


def test_the_bundled_shapes_have_their_regions_and_bounds() -> None:
    assert len(shapes("lambda")) > 15
    regions = read_table(DATA / "regions.csv", ())
    known = set(regions.loc[regions["provider"] == "lambda", "region"])
    assert known >= {"us-east-1", "us-south-2", "europe-central-1"}
    assert set(ADAPTER.default_regions) <= known


def test_the_key_goes_into_a_header_and_nowhere_else(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.plant_handler(PATH, answers(truth_types()))
    fetched = fetch(server)
    (asked,) = server.requests
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.query == {}
    assert KEY not in caplog.text
    assert KEY not in fetched.offers.to_csv()


@pytest.mark.parametrize("missing", ["", "  "])
def test_without_a_key_it_is_said_how_to_get_one(
    server: Server, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setenv("RIG_OR_RENT_LAMBDA_API_KEY", missing)
    with pytest.raises(Refused, match="RIG_OR_RENT_LAMBDA_API_KEY"):
        fetch(server)
    assert server.requests == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (status(401, body=BAD_KEY_BODY), "does not accept the key"),
        (status(401), "does not accept the key"),
        (status(400, body=BAD_KEY_BODY), "does not accept the key"),
        (status(403, body=b'{"error": {"code": "global/account-inactive"}}'), "account is active"),
        (status(404), "404"),
        (status(500, body=KEY.encode()), "500"),
        (redirect("http://example.org/"), "redirected"),
    ],
)
def test_a_refusal_says_what_to_do_and_never_the_key(server: Server, fault: Fault, said: str) -> None:
    server.always(PATH, fault)
    with pytest.raises(Refused, match=said) as caught:
        fetch(server)
    assert KEY not in str(caught.value)


def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RIG_OR_RENT_LAMBDA_API_KEY", "secret\nclé")
    with pytest.raises(Refused, match="check the key") as caught:
        fetch(server)
    assert "clé" not in str(caught.value)


@pytest.mark.parametrize(
    "fault", [status(429), status(503, retry_after="0"), cut(300), truncated_gzip()], ids=str
)
def test_a_fault_that_passes_leaves_no_trace(server: Server, fault: Fault) -> None:
    server.plant_handler(PATH, answers(truth_types()))
    server.fault(PATH, fault, fault)
    assert prices(fetch(server).offers) == TRUTH


def test_what_failed_for_one_region_fails_for_the_next_without_asking_again(server: Server) -> None:
    server.always(PATH, html())
    shared = Shared()
    for region in ("us-east-1", "us-south-2"):
        with pytest.raises(UnknownShape):
            fetch(server, region=region, shared=shared)
    assert len(server.requests) == 1


BAD_ENVELOPES: dict[str, tuple[object, str]] = {
    "no data": ({}, "data is None"),
    "a list": ({"data": [h100()]}, "data is a list of 1"),
    "an empty listing": ({"data": {}}, "no type with a GPU that is known here among 0 types"),
    "no GPU": ({"data": {"cpu_4x_general": WITHOUT_GPU}}, "no type with a GPU"),
    "strangers alone": ({"data": STRANGERS}, "no type with a GPU"),
}


@pytest.mark.parametrize("name", BAD_ENVELOPES)
def test_an_envelope_of_another_shape_is_refused(server: Server, name: str) -> None:
    answer, named = BAD_ENVELOPES[name]
    server.plant(PATH, json.dumps(answer).encode())
    with pytest.raises(UnknownShape, match=rf"^Lambda: .*{named}"):
        fetch(server)


BAD_TYPES: dict[str, tuple[object, str]] = {
    "null": (None, "the type is None"),
    "a text": ("H100", "the type is 'H100'"),
    "no type in it": ({"regions_with_capacity_available": []}, "instance_type is None"),
    "no regions": ({"instance_type": h100()["instance_type"]}, "regions_with_capacity_available is None"),
    "another name": (h100(name="gpu_2x_h100_sxm5"), "name is 'gpu_2x_h100_sxm5'; allowed is"),
    "no price": (h100(None), "price_cents_per_hour is None"),
    "a price of nothing": (h100(0), "price_cents_per_hour is 0"),
    "a price below zero": (h100(-431), "price_cents_per_hour is -431"),
    "a price in dollars": (h100(4.31), "price_cents_per_hour is 4.31"),
    "a price that is a text": (h100("431"), "price_cents_per_hour is '431'"),
    "a price that is true": (h100(True), "price_cents_per_hour is True"),
    "a price without end": (h100(10**400), "price_cents_per_hour is a number of hundreds of digits"),
    "specs that are none": (h100(specs=[1, 26]), "specs is a list of 2"),
    "half a GPU": (
        h100(specs={"gpus": 1.5}, description=None),
        "gpus is 1.5; allowed is a whole number",
    ),
    "GPUs below zero": (h100(specs={"gpus": -1}), "gpus is -1"),
    "another number of GPUs": (h100(specs={"gpus": 8}), "gpus is 8.0; allowed is 1, as in the description"),
    "another GPU": (h100(gpu_description="A10 (24 GB PCIe)"), "one of H100 SXM 80GB"),
    "a GPU that is no text": (h100(gpu_description=80), "gpu_description is 80"),
    "no description": (h100(gpu_description=None, description=None), "description is None"),
    "a description that is none": (h100(description=8), "description is 8"),
    "another number in the description": (
        h100(description=f"8x {GPU}"),
        "gpus is 1.0; allowed is 8, as in the description",
    ),
    "another number than in the table": (
        h100(description=f"8x {GPU}", specs=None),
        "gpus is 8; allowed is 1",
    ),
    "cores that are a text": (h100(specs={"gpus": 1, "vcpus": "26"}), "vcpus is '26'"),
    "memory below zero": (h100(specs={"gpus": 1, "memory_gib": -225}), "memory_gib is -225"),
}


@pytest.mark.parametrize("name", BAD_TYPES)
def test_a_broken_type_in_the_middle_is_refused_by_name(server: Server, name: str) -> None:
    broken, named = BAD_TYPES[name]
    rest = truth_types()
    del rest[NAME]
    (first, *others) = rest.items()
    server.plant_handler(PATH, answers(dict([first, (NAME, broken), *others])))
    with pytest.raises(UnknownShape, match=rf"^Lambda, type 2 \('{NAME}'\): .*{named}"):
        fetch(server)


@pytest.mark.parametrize("name", ["", " ", "gpu\x1b[2J"])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(UnknownShape, match="Lambda, type 1: the name is"):
        parse(h100(name=name))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "431.0"])
def test_a_price_that_is_no_whole_number_is_refused(server: Server, number: str) -> None:
    server.plant(PATH, body({NAME: h100(123456)}).replace(b"123456", number.encode()))
    with pytest.raises(UnknownShape):
        fetch(server)


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_bad_body_makes_no_offers(server: Server, name: str) -> None:
    many = {
        f"gpu_1x_new_{number}": listed(f"gpu_1x_new_{number}", 1, GPU, 431, SPECS) for number in range(40)
    }
    server.plant_handler(PATH, answers(truth_types() | many))
    server.fault(PATH, BAD_BODIES[name])
    with pytest.raises(UnknownShape):
        fetch(server)


def test_a_body_that_is_always_cut_cannot_be_reached(server: Server) -> None:
    server.plant_handler(PATH, answers(truth_types()))
    server.always(PATH, cut(500))
    with pytest.raises(CannotReach):
        fetch(server)


def test_a_price_in_another_unit_does_not_pass_the_bounds(server: Server) -> None:
    server.plant_handler(PATH, answers({NAME: h100(43100)}))
    with pytest.raises(UnknownShape, match="usd_per_hour is 431"):
        check_bounds(fetch(server).offers)


def listing_prices(listing: Listing) -> Prices:
    return {(name, "on_demand"): usd for name, usd in listing.usd_per_hour.items()}


def listing_or_shape(answer: object) -> None:
    """Prices above 0 of types with a shape, or the error of an unknown shape."""
    try:
        listing = parse_listing(answer, "")
    except UnknownShape:
        return
    assert listing.usd_per_hour
    assert set(listing.usd_per_hour) == set(listing.shapes)
    for usd in listing.usd_per_hour.values():
        assert 0 < usd < float("inf")


@st.composite
def spoiled_types(draw: st.DrawFn) -> dict[str, Any]:
    """Ordinary types of which one field of one holds anything, or is gone."""
    types: dict[str, Any] = copy.deepcopy(truth_types())
    row = types[draw(st.sampled_from(sorted(types)))]
    target = draw(st.sampled_from([row, row["instance_type"], row["instance_type"].get("specs", row)]))
    name = draw(st.sampled_from(sorted(target)))
    if draw(st.booleans()):
        target[name] = draw(anything)
    else:
        del target[name]
    return types


@given(anything | anything.map(lambda types: {"data": types}))
def test_any_structure_ends_in_prices_or_in_an_unknown_shape(answer: object) -> None:
    listing_or_shape(answer)


@given(spoiled_types())
def test_any_spoiled_type_ends_in_prices_or_in_an_unknown_shape(types: dict[str, Any]) -> None:
    listing_or_shape({"data": types})


@given(st.binary(max_size=200) | st.integers(0, 3000).map(lambda end: body(truth_types())[:end]))
def test_any_bytes_end_in_all_prices_or_in_an_error(content: bytes) -> None:
    reply = Reply("https://cloud.lambda.ai", Validators(), iter([content]))
    try:
        listing = parse_listing(reply.json(), reply.url)
    except PricingError:
        return
    assert listing_prices(listing) == TRUTH
