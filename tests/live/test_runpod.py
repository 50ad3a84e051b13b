"""What RunPod says becomes offers, exact to the last digit, or nothing."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.adapter import Ask, Fetched, Shared
from pricing.errors import CannotReach, PricingError, Refused, UnknownShape
from pricing.gpu_names import gpu_of
from pricing.http import Client, Limits, Reply, Validators
from pricing.offers import check_offers
from pricing.plausibility import check_bounds
from pricing.runpod import ADAPTER, parse_types
from tests.live.json_pages import BAD_BODIES, Prices, anything, prices
from tests.live.runpod_fixtures import (
    FILLER,
    PATH,
    REGION,
    STRANGERS,
    TRAPS,
    TRUTH,
    answers,
    body,
    row,
    truth_rows,
)
from tests.live.server import Fault, Server, cut, redirect, status, truncated_gzip

TODAY = date(2026, 11, 23)
GPU = "NVIDIA GeForce RTX 4090"


def fetch(server: Server) -> Fetched:
    def client(name: str, default: str) -> Client:
        assert (name, default) == ("RIG_OR_RENT_RUNPOD_URL", "https://api.runpod.io")
        return Client(server.url, limits=Limits(read_s=5), sleep=lambda seconds: None)

    return ADAPTER.fetch(Ask(REGION, TODAY, client, Shared()))


def parse(*rows: object) -> Prices:
    found, _ = parse_types(json.loads(body(rows)))
    return {(f"{price.gpu} {price.tier}", price.term): price.usd_per_hour for price in found}


def test_the_offers_are_the_planted_ones(server: Server) -> None:
    server.plant_handler(PATH, answers(truth_rows()))
    fetched = fetch(server)
    assert prices(fetched.offers) == TRUTH
    assert fetched.left_out == ()


def test_no_trap_changes_an_offer(server: Server) -> None:
    server.plant_handler(PATH, answers([*TRAPS.values(), *truth_rows(), *TRAPS.values()]))
    fetched = fetch(server)
    assert prices(fetched.offers) == TRUTH
    assert fetched.left_out == ()


@pytest.mark.parametrize("name", TRAPS)
def test_a_row_that_offers_nothing_is_left_out(name: str) -> None:
    assert parse(TRAPS[name], row(GPU, 24, 0.71, None)) == {("RTX 4090 secure", "on_demand"): 0.71}


def test_an_unknown_gpu_is_named_and_left_out(server: Server) -> None:
    server.plant_handler(PATH, answers([*STRANGERS.values(), *truth_rows()]))
    fetched = fetch(server)
    assert fetched.left_out == tuple(sorted(STRANGERS))
    assert prices(fetched.offers) == TRUTH


def test_a_price_of_a_tier_that_is_not_offered_any_more_does_not_count() -> None:
    stale = row("NVIDIA H100 NVL", 94, 3.0, 0.5, communityCloud=False)
    assert parse(stale) == {("H100 NVL 94GB secure", "on_demand"): 3.0}


@pytest.mark.parametrize(("spot", "is_offer"), [(0.7, True), (0.71, False), (0.72, False), (0, False)])
def test_an_interruptible_price_counts_only_below_the_price_on_demand(spot: float, is_offer: bool) -> None:
    found = parse(row(GPU, 24, 0.71, None, secureSpotPrice=spot))
    assert found.get(("RTX 4090 secure", "spot")) == (spot if is_offer else None)
    assert found["RTX 4090 secure", "on_demand"] == 0.71


def test_the_interruptible_price_of_one_tier_is_not_measured_by_the_other() -> None:
    found = parse(row(GPU, 24, 0.71, 0.33, communitySpotPrice=0.5))
    assert set(found) == {("RTX 4090 secure", "on_demand"), ("RTX 4090 community", "on_demand")}


def test_a_stop_costs_more_storage_and_traffic_nothing(server: Server) -> None:
    server.plant_handler(PATH, answers(truth_rows()))
    offers = check_offers(fetch(server).offers, today=TODAY)
    check_bounds(offers)
    assert set(offers["storage_usd_per_gb_month"]) == {0.1}
    assert set(offers["stopped_storage_usd_per_gb_month"]) == {0.2}
    assert set(offers["upload_usd_per_gb"]) == {0.0}
    assert set(offers["download_usd_per_gb"]) == {0.0}


def test_an_offer_says_all_that_the_table_asks_for(server: Server) -> None:
    server.plant_handler(PATH, answers(truth_rows()))
    fetched = fetch(server)
    offers = check_offers(fetched.offers, today=TODAY)
    for name, value in {
        "provider": "runpod",
        "region": "global",
        "access": "container",
        "as_of": "2026-11-23",
        "kind": "published",
        "source": f"{server.url}{PATH}",
        "listed_currency": "USD",
        "billing_increment_s": 1.0,
        "gpu_count": 1.0,
    }.items():
        assert set(offers[name]) == {value}, name
    assert set(fetched.terms) == set(offers["term"])
    assert (offers["listed_per_hour"] == offers["usd_per_hour"]).all()
    assert (offers["instance_type"] == offers["gpu"] + " " + offers["tier"]).all()
    assert offers["hosts"].isna().all()
    b300 = offers[offers["gpu"] == "B300 SXM 270GB"]
    assert set(b300["vram_gb"]) == {270.0}


def test_one_question_is_asked_without_a_key(server: Server) -> None:
    server.plant_handler(PATH, answers(truth_rows()))
    fetch(server)
    (asked,) = server.requests
    assert asked.method == "POST"
    assert asked.headers["content-type"] == "application/json"
    assert "authorization" not in asked.headers
    assert asked.query == {}
    assert set(json.loads(asked.body)) == {"query"}


@pytest.mark.parametrize(
    "fault", [status(429), status(503, retry_after="0"), cut(300), truncated_gzip()], ids=str
)
def test_a_fault_that_passes_leaves_no_trace(server: Server, fault: Fault) -> None:
    server.plant_handler(PATH, answers(truth_rows()))
    server.fault(PATH, fault, fault)
    assert prices(fetch(server).offers) == TRUTH
    bodies = {request.body for request in server.requests}
    assert len(server.requests) == 3
    assert len(bodies) == 1


@pytest.mark.parametrize("code", [200, 400])
def test_an_error_of_the_service_is_passed_on_short(server: Server, code: int) -> None:
    long = f"Cannot query field\n\x1b[2J{'x' * 500}"
    said = json.dumps({"errors": [{"message": long}], "data": None}).encode()
    server.always(PATH, status(code, body=said))
    with pytest.raises(Refused, match="RunPod answered with an error: 'Cannot query field") as caught:
        fetch(server)
    sentence = str(caught.value)
    assert len(sentence) < 400
    assert sentence.isprintable()
    assert "gpuTypes" not in sentence


@pytest.mark.parametrize("errors", [["no object"], [{}], {"message": "no list"}, "a text", [{"message": 5}]])
def test_an_error_beside_data_is_no_listing(server: Server, errors: object) -> None:
    server.plant(PATH, body(truth_rows(), errors=errors))
    with pytest.raises(Refused, match="RunPod answered with an error: 'without a message'"):
        fetch(server)


@pytest.mark.parametrize("errors", [None, []])
def test_no_errors_are_none(server: Server, errors: object) -> None:
    server.plant(PATH, body(truth_rows(), errors=errors))
    assert prices(fetch(server).offers) == TRUTH


@pytest.mark.parametrize("code", [401, 403])
def test_a_service_that_wants_a_key_is_said_to(server: Server, code: int) -> None:
    server.always(PATH, status(code))
    with pytest.raises(Refused, match="does not tell its prices without a key any more"):
        fetch(server)


def test_another_refusal_is_passed_on(server: Server) -> None:
    server.always(PATH, status(404))
    with pytest.raises(Refused, match="404"):
        fetch(server)


def test_the_question_is_not_sent_on(server: Server) -> None:
    server.plant_handler("/elsewhere", answers(truth_rows()))
    server.always(PATH, redirect("/elsewhere", code=308))
    with pytest.raises(Refused, match="redirected to /elsewhere"):
        fetch(server)
    assert server.asked("/elsewhere") == []


BAD_ENVELOPES: dict[str, tuple[object, str]] = {
    "no data": ({}, "data is None"),
    "data that are null": ({"data": None}, "data is None"),
    "a list": ({"data": []}, "data is a list of 0"),
    "no types": ({"data": {}}, "gpuTypes is None"),
    "types of another kind": ({"data": {"gpuTypes": {"id": 1}}}, "gpuTypes is an object of 1"),
    "an empty listing": ({"data": {"gpuTypes": []}}, "no GPU that is known here has a price among 0 types"),
    "nothing on offer": ({"data": {"gpuTypes": list(TRAPS.values())}}, "no GPU that is known here"),
    "strangers alone": ({"data": {"gpuTypes": list(STRANGERS.values())}}, "no GPU that is known here"),
}


@pytest.mark.parametrize("name", BAD_ENVELOPES)
def test_an_envelope_of_another_shape_is_refused(server: Server, name: str) -> None:
    answer, named = BAD_ENVELOPES[name]
    server.plant(PATH, json.dumps(answer).encode())
    with pytest.raises(UnknownShape, match=rf"^RunPod: .*{named}"):
        fetch(server)


def without(name: str) -> dict[str, Any]:
    whole = row(GPU, 24, 0.7, 0.3)
    del whole[name]
    return whole


BAD_ROWS: dict[str, tuple[object, str]] = {
    "null": (None, "a GPU type is None"),
    "a text": (GPU, f"a GPU type is '{GPU}'"),
    "no name": (without("id"), "id is None"),
    "an empty name": (row("", 24, 0.7, 0.3), "id is ''"),
    "a name that cannot be printed": (row("RTX\x1b[2J", 24, 0.7, 0.3), "id is 'RTX"),
    "no memory": (without("memoryInGb"), "memoryInGb is None"),
    "memory below zero": (row(GPU, -24, 0.7, 0.3), "memoryInGb is -24"),
    "a price that is missing": (without("securePrice"), "there is no securePrice"),
    "a spot price that is missing": (without("communitySpotPrice"), "there is no communitySpotPrice"),
    "a price that is a text": (row(GPU, 24, "0.7", 0.3), "securePrice is '0.7'"),
    "a price that is true": (row(GPU, 24, True, 0.3), "securePrice is True"),
    "a price below zero": (row(GPU, 24, 0.7, -0.3), "communityPrice is -0.3"),
    "a spot price below zero": (row(GPU, 24, 0.7, 0.3, secureSpotPrice=-1), "secureSpotPrice is -1"),
    "a price beyond floats": (row(GPU, 24, 10**400, 0.3), "securePrice is a number of hundreds of digits"),
    "no flag": (without("secureCloud"), "secureCloud is None"),
    "a flag that is a number": (row(GPU, 24, 0.7, 0.3, communityCloud=1), "communityCloud is 1"),
    "another price for the same": (
        row(GPU, 24, 0.72, 0.33),
        "RTX 4090 secure costs 0.72 USD .* but 0.71 in .* 1",
    ),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_broken_row_in_the_middle_is_refused_by_name(server: Server, name: str) -> None:
    broken, named = BAD_ROWS[name]
    server.plant_handler(PATH, answers([*truth_rows()[:4], broken, *truth_rows()[4:]]))
    with pytest.raises(UnknownShape, match=rf"^RunPod, row 5.*{named}"):
        fetch(server)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_price_that_is_no_number_of_json_is_refused(server: Server, number: str) -> None:
    server.plant(PATH, body([row(GPU, 24, 123456.5, 0.3)]).replace(b"123456.5", number.encode()))
    with pytest.raises(UnknownShape):
        fetch(server)


def test_the_same_row_twice_is_one_offer() -> None:
    assert len(parse(row(GPU, 24, 0.71, None), row(GPU, 24, 0.71, None))) == 1


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_bad_body_makes_no_offers(server: Server, name: str) -> None:
    server.plant_handler(PATH, answers([*truth_rows(), *FILLER]))
    server.fault(PATH, BAD_BODIES[name])
    with pytest.raises(UnknownShape):
        fetch(server)


def test_a_body_that_is_always_cut_cannot_be_reached(server: Server) -> None:
    server.plant_handler(PATH, answers(truth_rows()))
    server.always(PATH, cut(500))
    with pytest.raises(CannotReach):
        fetch(server)


def test_a_price_in_cents_does_not_pass_the_bounds(server: Server) -> None:
    server.plant_handler(PATH, answers([row(GPU, 24, 71, None)]))
    with pytest.raises(UnknownShape, match="usd_per_hour is 71"):
        check_bounds(fetch(server).offers)


# A name of a provider goes before one of everybody; another size is another GPU.


def test_a_gpu_is_known_by_its_name_and_its_size() -> None:
    assert gpu_of("runpod", GPU, 24) == ("RTX 4090", 24.0)
    assert gpu_of("runpod", "NVIDIA B300 SXM6 AC", 288) == ("B300 SXM 270GB", 270.0)
    assert gpu_of("runpod", "NVIDIA B300 SXM6 AC", 96) is None
    assert gpu_of("runpod", "NVIDIA RTX PRO 6000 Blackwell Server Edition", 48) is None
    assert gpu_of("aws", "A100", 40) == ("A100 40GB SXM", 40.0)
    assert gpu_of("aws", "A100", 80) == ("A100 80GB SXM", 80.0)
    assert gpu_of("aws", "A100") is None
    assert gpu_of("azure", "A100", 80) is None


def test_what_everybody_calls_a_gpu_holds_for_a_provider_without_a_name_of_its_own() -> None:
    assert gpu_of("anybody", "Tesla T4", 16) == ("T4", 16.0)
    assert gpu_of("anybody", "NVIDIA Imaginary", 16) is None


def found_or_error(answer: object) -> None:
    """Prices above 0, or the error of an unknown shape or of the service."""
    try:
        found, left_out = parse_types(answer)
    except (UnknownShape, Refused):
        return
    assert found
    assert all(name.isprintable() for name in left_out)
    for price in found:
        assert 0 < price.usd_per_hour < float("inf")


def spoiled() -> st.SearchStrategy[dict[str, Any]]:
    """Ordinary rows of which some fields hold anything or are gone."""
    field = st.sampled_from(sorted(row(GPU, 24, 0.7, 0.3)))
    return st.builds(
        lambda fields, changed, gone: {
            name: value for name, value in (fields | changed).items() if name not in gone
        },
        st.sampled_from([*truth_rows(), *TRAPS.values()]),
        st.dictionaries(field, anything, max_size=2),
        st.sets(field, max_size=1),
    )


@given(anything | anything.map(lambda types: {"data": {"gpuTypes": types}}))
def test_any_structure_ends_in_prices_or_in_an_error(answer: object) -> None:
    found_or_error(answer)


@given(st.lists(anything | spoiled(), min_size=1, max_size=6))
def test_any_rows_end_in_prices_or_in_an_error(rows: list[Any]) -> None:
    found_or_error({"data": {"gpuTypes": rows}})


@given(st.binary(max_size=200) | st.integers(0, 3000).map(lambda end: body(truth_rows())[:end]))
def test_any_bytes_end_in_all_prices_or_in_an_error(content: bytes) -> None:
    reply = Reply("https://api.runpod.io/graphql", Validators(), iter([content]))
    try:
        found, _ = parse_types(reply.json())
    except PricingError:
        return
    assert {(f"{price.gpu} {price.tier}", price.term): price.usd_per_hour for price in found} == TRUTH
