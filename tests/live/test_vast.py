"""A listing of hosts becomes prices that stand in it, with the number of hosts behind each, or nothing."""

from __future__ import annotations

import json
import math
import tracemalloc
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing import find_offers, load_offers, refresh
from pricing.adapter import Ask, Fetched, Shared
from pricing.asking import Board
from pricing.errors import CannotReach, Refused, UnknownShape
from pricing.http import Client, Limits
from pricing.offers import check_offers
from pricing.plausibility import check_bounds
from pricing.quantiles import nearest_rank
from pricing.registry import adapter_of
from pricing.vast import ADAPTER, OVERLAP, PAUSE_S, REGIONS, Listing, prices_of, question, read_listing
from pricing.vast_rows import Row, cards, parse_page
from tests.live.json_pages import BAD_BODIES, anything, prices
from tests.live.server import Answer, Request, Server, cut, status, truncated_gzip
from tests.live.vast_fixtures import (
    CUT,
    PATH,
    REGION,
    TRAPS,
    TRUTH,
    body,
    crowd,
    found,
    row,
    search,
    truth_rows,
)

TODAY = date(2026, 11, 23)
PLACE = "Vast.ai, verified, page 1"
Handler = Callable[[Request], Answer]


def client_of(server: Server, waits: list[float] | None = None) -> Client:
    def sleep(seconds: float) -> None:
        if waits is not None:
            waits.append(seconds)

    return Client(server.url, limits=Limits(read_s=5), sleep=sleep)


def fetch(server: Server, *, region: str = REGION, shared: Shared | None = None) -> Fetched:
    def client(name: str, default: str) -> Client:
        assert (name, default) == ("RIG_OR_RENT_VAST_URL", "https://console.vast.ai")
        return client_of(server)

    return ADAPTER.fetch(Ask(region, TODAY, client, shared or Shared()))


def listing_of(*rows: dict[str, Any]) -> Listing:
    listing = Listing()
    for offer in parse_page(json.loads(body(rows)), PLACE):
        if offer.is_free:
            listing.add(offer)
    return listing


def of_listing(*rows: dict[str, Any], region: str = REGION) -> dict[tuple[str, str], float]:
    _, found_prices = prices_of(listing_of(*rows), region, "")
    return {(price.instance_type, price.term): price.usd_per_hour for price in found_prices}


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("cut_at", [OVERLAP + 1, CUT, 1000])
def test_the_offers_are_the_planted_ones_wherever_an_answer_is_cut(
    server: Server, region: str, cut_at: int
) -> None:
    server.plant_handler(PATH, search(truth_rows(), cut=cut_at))
    offers = fetch(server, region=region).offers
    assert prices(offers) == TRUTH[region]
    check_bounds(check_offers(offers, today=TODAY))


def test_every_region_has_its_truth_and_some_have_no_host() -> None:
    assert set(TRUTH) == set(REGIONS) == {"global", *adapter_of("vast").default_regions}
    assert {region for region, truth in TRUTH.items() if not truth} == {"africa", "oceania", "south-america"}


def test_all_regions_share_one_listing(server: Server) -> None:
    server.plant_handler(PATH, search(truth_rows()))
    shared = Shared()
    for region in REGIONS:
        assert prices(fetch(server, region=region, shared=shared).offers) == TRUTH[region]
    # One page each and one that finds nothing new; verified and not.
    assert len(server.asked(PATH)) == 4


def test_a_refresh_takes_every_continent_also_those_without_a_host(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RIG_OR_RENT_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("RIG_OR_RENT_VAST_URL", server.url)
    monkeypatch.setattr(Board, "sleep", lambda self, seconds: None)
    server.plant_handler(PATH, search(truth_rows()))
    for _ in range(2):
        report = refresh(["vast"], on=TODAY)
        assert {result.region: result.offers for result in report.results} == {
            region: len(truth) for region, truth in TRUTH.items() if region != "global"
        }
        assert {result.outcome for result in report.results} == {"refreshed"}
    stored = find_offers(load_offers(), provider="vast", region=REGION)
    assert prices(stored) == TRUTH[REGION]
    median = stored[stored["instance_type"] == "RTX 4090 verified, median"]
    assert set(median["hosts"]) == {3.0, 4.0}


def test_an_offer_says_what_its_hosts_charge_and_how_many_they_are(server: Server) -> None:
    server.plant_handler(PATH, search(truth_rows()))
    offers = fetch(server).offers
    assert set(offers["as_of"]) == {"2026-11-23"}
    assert set(offers["source"]) == {f"{server.url}{PATH}"}
    assert set(offers["access"]) == {"container"}
    by_key = {(row["instance_type"], row["term"]): row for row in offers.to_dict("records")}
    median = by_key["RTX 4090 verified, median", "on_demand"]
    assert [median[name] for name in ("gpu", "gpu_count", "vram_gb", "tier")] == [
        *("RTX 4090", 1.0, 24.0, "verified")
    ]
    assert median["hosts"] == 4
    assert median["storage_usd_per_gb_month"] == 0.2
    assert median["stopped_storage_usd_per_gb_month"] == 0.2
    # The host sends up what the user gets down.
    assert (median["upload_usd_per_gb"], median["download_usd_per_gb"]) == (0.01, 0.02)
    assert (median["listed_currency"], median["listed_per_hour"]) == ("USD", 0.4)
    assert median["billing_increment_s"] == 1
    assert math.isnan(median["minimum_billing_s"])
    spot = by_key["RTX 4090 verified, median", "spot"]
    assert (spot["hosts"], spot["kind"]) == (3, "estimate")
    assert by_key["RTX 4090 unverified, cheapest", "on_demand"]["hosts"] == 2
    kinds = {name.rpartition(", ")[2]: row["kind"] for (name, term), row in by_key.items() if term != "spot"}
    assert kinds == {"cheapest": "published", "median": "derived", "upper quartile": "derived"}


def test_what_is_asked_is_the_free_offers_of_known_gpus(server: Server) -> None:
    server.plant_handler(PATH, search(truth_rows()))
    fetch(server)
    first = json.loads(server.asked(PATH)[0].query["q"])
    assert first == question(True, 0.0)
    assert len(first["gpu_name"]["in"]) > 25
    assert "dph_total" not in first
    assert server.asked(PATH)[0].query.keys() == {"q"}
    second = json.loads(server.asked(PATH)[1].query["q"])
    assert second == question(True, second["dph_total"]["gte"])
    assert not any("authorization" in request.headers for request in server.asked(PATH))


def test_between_two_questions_there_is_a_pause(server: Server) -> None:
    server.plant_handler(PATH, search([*crowd(200), *truth_rows()]))
    waits: list[float] = []
    with client_of(server, waits) as client:
        read_listing(client)
    assert waits == [PAUSE_S] * (len(server.asked(PATH)) - 1)


@pytest.mark.parametrize("name", TRAPS)
def test_an_offer_that_nobody_can_have_is_in_no_price(name: str) -> None:
    honest = [row(0.5, 1), row(0.6, 2)]
    assert of_listing(*honest, TRAPS[name]) == of_listing(*honest)
    assert of_listing(*honest) == {("RTX 4090 verified, cheapest", "on_demand"): 0.5}


def test_what_is_left_out_is_said(server: Server) -> None:
    rows = [*truth_rows(), *TRAPS.values(), *crowd(20, countries=["Spain, ES"])]
    server.plant_handler(PATH, search(rows))
    shared = Shared()
    assert fetch(server, shared=shared).left_out == (
        "RTX 4090 with 48 GB",
        "1 of RTX 4090 beyond its price bounds",
        "4 without a country",
    )
    assert "1 of RTX 4090" not in "".join(fetch(server, region="asia", shared=shared).left_out)
    everywhere = fetch(server, region="global", shared=shared).left_out
    assert everywhere == ("RTX 4090 with 48 GB", "1 of RTX 4090 beyond its price bounds")


def test_a_market_without_unverified_hosts_is_taken_and_said(server: Server) -> None:
    server.plant_handler(PATH, search(offer for offer in truth_rows() if offer["verification"] == "verified"))
    fetched = fetch(server)
    assert set(fetched.offers["tier"]) == {"verified"}
    assert fetched.left_out == ("all unverified hosts: none was listed",)
    assert len(fetched.offers) == len(TRUTH[REGION]) - 1


def test_one_odd_host_is_never_the_price() -> None:
    many = [row(0.4 + host / 100, host) for host in range(1, 11)]
    odd = row(0.03, 99)
    without, with_it = of_listing(*many), of_listing(*many, odd)
    assert with_it["RTX 4090 verified, cheapest", "on_demand"] == 0.03
    for quantile in ("median", "upper quartile"):
        key = (f"RTX 4090 verified, {quantile}", "on_demand")
        assert with_it[key] == pytest.approx(without[key], abs=0.0101)


def test_of_fewer_than_three_hosts_only_the_cheapest_is_told() -> None:
    # Many machines of one host are still one host.
    rows = [row(0.4 + number / 100, 1) for number in range(20)] + [row(0.3, 2)]
    assert of_listing(*rows) == {("RTX 4090 verified, cheapest", "on_demand"): 0.3}
    assert len(of_listing(*rows, row(0.9, 3))) == 3


def test_a_machine_counts_once_with_its_cheapest_offer() -> None:
    others = [row(0.5, 2), row(0.6, 3)]
    several = [row(0.4, 1, machine_id=5), row(0.7, 1, machine_id=5), row(0.8, 1, machine_id=5)]
    assert of_listing(*others, *several) == of_listing(*others, several[0])


def test_a_slice_of_a_machine_is_no_slice_of_a_card() -> None:
    eighth = row(0.4, 1, gpu_frac=0.125)
    whole = row(0.4, 1, gpu_frac=1.0)
    assert of_listing(eighth) == of_listing(whole)
    shapes, _ = prices_of(listing_of(eighth), REGION, "")
    assert shapes["RTX 4090 verified, cheapest"].gpu_count == 1


@pytest.mark.parametrize("bid", [None, 0, 0.5, 0.9, 1e-6])
def test_a_bid_that_saves_nothing_is_no_offer(bid: float | None) -> None:
    assert of_listing(row(0.5, 1, min_bid=bid)) == {("RTX 4090 verified, cheapest", "on_demand"): 0.5}


@given(st.lists(st.floats(0.02, 3.3), min_size=1, max_size=60))
def test_quantiles_lie_inside_the_listing_and_in_their_order(usd: list[float]) -> None:
    told = of_listing(*(row(price, host) for host, price in enumerate(usd, 1)))
    names = ("cheapest", "median", "upper quartile")
    quantiles = [told[key] for name in names if (key := (f"RTX 4090 verified, {name}", "on_demand")) in told]
    assert len(quantiles) == (3 if len(usd) >= 3 else 1)
    assert set(quantiles) <= set(usd)
    assert quantiles == sorted(quantiles)
    assert quantiles[0] == min(usd)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.floats(0, 1))
def test_a_nearest_rank_is_the_least_value_that_enough_do_not_exceed(
    values: list[float], share: float
) -> None:
    found_value = nearest_rank(np.array(values), share)
    assert found_value in values
    count = len(values)
    assert sum(value <= found_value for value in values) >= share * count
    below = [value for value in values if value < found_value]
    assert not below or len(below) < share * count


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([math.nan], 0.5), ([1.0], 1.5), ([1.0], -0.1)])
def test_no_quantile_is_made_of_nothing(values: list[float], share: float) -> None:
    with pytest.raises(ValueError, match="allowed is"):
        nearest_rank(np.array(values), share)


def test_twenty_thousand_hosts_are_read_whole_in_bounded_memory(server: Server) -> None:
    hosts = 20_000
    places = ["Spain, ES", "Japan, JP", "Texas, US", "Chile, CL"]
    listed = sorted(crowd(hosts, countries=places), key=lambda offer: float(offer["dph_total"]))
    totals = [float(offer["dph_total"]) for offer in listed]
    packed = [json.dumps(offer).encode() for offer in listed]

    unverified = body([row(0.2, 1, verification="unverified")])

    def handler(request: Request) -> Answer:
        asked = json.loads(request.query["q"])
        if not asked["verified"]["eq"]:
            return Answer(unverified)
        start = int(np.searchsorted(totals, asked.get("dph_total", {}).get("gte", 0.0)))
        return Answer(b'{"offers": [' + b",".join(packed[start : start + 512]) + b"]}")

    server.plant_handler(PATH, handler)
    with client_of(server) as client:
        tracemalloc.start()
        try:
            listing = read_listing(client)
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert listing.rows == {"verified": hosts, "unverified": 1}
    assert peak_bytes < 24 * 2**20
    for place, region in zip(places, ("europe", "asia", "north-america", "south-america"), strict=True):
        usd = np.array([offer["dph_base"] for offer in listed if offer["geolocation"] == place])
        _, told = prices_of(listing, region, "")
        by_name = {(price.instance_type, price.term): price for price in told}
        median = by_name["RTX 4090 verified, median", "on_demand"]
        assert (median.hosts, median.usd_per_hour) == (hosts / 4, nearest_rank(usd, 0.5))


@given(
    sizes=st.integers(1, 400),
    cut_at=st.integers(OVERLAP + 2, 130),
)
def test_the_whole_listing_is_read_wherever_an_answer_is_cut(sizes: int, cut_at: int) -> None:
    rows = [*crowd(sizes), row(0.2, 1, verification="unverified")]
    listing = read_listing(Fake(lambda asked: found(rows, asked, cut=cut_at)))
    assert listing.rows == {"verified": sizes, "unverified": 1}
    assert sum(map(len, listing.groups.values())) == 7 * (sizes + 1)


class Fake(Client):
    """Answers without a network."""

    def __init__(self, answer: Callable[[dict[str, Any]], list[dict[str, Any]]]) -> None:
        super().__init__("https://example.org", sleep=lambda seconds: None)
        self.answer = answer

    def read(self, path: str, consume: Any, *, params: Any = None, **other: Any) -> Any:
        asked = json.loads(params["q"])
        return parse_page({"offers": self.answer(asked)}, PLACE)


REFUSED: dict[str, tuple[dict[str, object], str]] = {
    "no price": ({"dph_base": None}, "dph_base is None; allowed is a finite number"),
    "a price of 0": ({"dph_base": 0}, "dph_base is 0.0; allowed is a number above 0"),
    "a negative price": ({"dph_base": -0.4}, "dph_base is -0.4"),
    "a price in words": ({"dph_base": "0.4"}, "dph_base is '0.4'"),
    "a total below its part": ({"dph_total": 0.1}, "dph_total is 0.1; allowed is at least dph_base"),
    "no total": ({"dph_total": None}, "dph_total is None"),
    "another GPU": ({"gpu_name": "RTX 9999"}, "gpu_name is 'RTX 9999'; allowed is one of the names"),
    "no memory": ({"gpu_ram": 0}, "gpu_ram is 0.0"),
    "no GPU": ({"num_gpus": 0}, "num_gpus is 0; allowed is a whole number from 1 up"),
    "half a GPU": ({"num_gpus": 0.5}, "num_gpus is 0.5"),
    "yes as a number": ({"num_gpus": True}, "num_gpus is True"),
    "no host": ({"host_id": None}, "host_id is None"),
    "no machine": ({"machine_id": None}, "machine_id is None"),
    "no number": ({"id": "40000001"}, "id is '40000001'"),
    "a tier that is new": (
        {"verification": "gold"},
        "verification is 'gold'; allowed is verified, unverified",
    ),
    "no tier": ({"verification": None}, "verification is None"),
    "a bid instead of a price": ({"is_bid": True}, "is_bid is True"),
    "a negative bid": ({"min_bid": -1}, "min_bid is -1"),
    "a bid in words": ({"min_bid": "cheap"}, "min_bid is 'cheap'"),
    "negative storage": ({"storage_cost": -0.1}, "storage_cost is -0.1"),
    "no storage": ({"storage_cost": None}, "storage_cost is None"),
    "no traffic": ({"inet_up_cost": None}, "inet_up_cost is None"),
    "negative traffic": ({"inet_down_cost": -1}, "inet_down_cost is -1"),
    "a place that is a number": ({"geolocation": 7}, "geolocation is 7"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_row_is_refused_by_name_and_never_left_out(server: Server, name: str) -> None:
    fields, said = REFUSED[name]
    broken = row(0.4, 50) | fields
    with pytest.raises(UnknownShape) as refused:
        parse_page(json.loads(body([row(0.3, 1), broken])), PLACE)
    assert str(refused.value).startswith(f"{PLACE}, row 2: {said}")
    server.plant(PATH, body([row(0.3, 1), broken]))
    with pytest.raises(UnknownShape):
        fetch(server)


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_body_that_is_no_page_is_refused(server: Server, name: str) -> None:
    server.plant_handler(PATH, search([*crowd(150), *truth_rows()]))
    server.fault(PATH, None, BAD_BODIES[name])
    with pytest.raises(UnknownShape, match=r"Vast|127\.0\.0\.1"):
        fetch(server)


def test_an_empty_listing_is_refused(server: Server) -> None:
    server.plant(PATH, body([]))
    with pytest.raises(UnknownShape, match="offers is empty"):
        fetch(server)


def test_an_empty_page_in_the_middle_is_refused(server: Server) -> None:
    server.plant_handler(PATH, search(crowd(150)))
    server.fault(PATH, None, lambda answer: Answer(body([])))
    with pytest.raises(UnknownShape, match="page 2: 0 of the last 8 offers came again"):
        fetch(server)


def test_a_page_that_comes_again_is_refused(server: Server) -> None:
    server.plant(PATH, body(found(list(crowd(150)), question(True, 0.0))))
    with pytest.raises(UnknownShape, match=r"page 2, row 1: dph_total .* or the page is an earlier one"):
        fetch(server)


def test_a_page_in_another_order_is_refused(server: Server) -> None:
    server.plant(PATH, body(list(reversed(found(list(crowd(30)), question(True, 0.0))))))
    with pytest.raises(UnknownShape, match=r"page 1, row 2: dph_total .* rising prices"):
        fetch(server)


def test_a_page_that_leaves_out_what_lies_between_is_refused(server: Server) -> None:
    rows = found(list(crowd(150)), question(True, 0.0), cut=150)

    def handler(request: Request) -> Answer:
        asked = json.loads(request.query["q"])
        return Answer(body(rows[70:] if "dph_total" in asked else rows[:64]))

    server.plant_handler(PATH, handler)
    with pytest.raises(UnknownShape, match="0 of the last 8 offers came again, so the pages do not join"):
        fetch(server)


def test_more_offers_of_one_price_than_an_answer_holds_are_refused(server: Server) -> None:
    server.plant_handler(PATH, search([row(0.4, host) for host in range(1, 100)]))
    with pytest.raises(UnknownShape, match="page 2: 64 offers cost the same"):
        fetch(server)


def test_a_few_offers_that_are_rented_between_two_questions_change_nothing_else(server: Server) -> None:
    rows = [*crowd(100), row(0.2, 1, verification="unverified")]
    gone = [offer["id"] for offer in found(rows, question(True, 0.0))][-3:]

    def handler(request: Request) -> Answer:
        asked = json.loads(request.query["q"])
        left = rows if "dph_total" not in asked else [offer for offer in rows if offer["id"] not in gone]
        return Answer(body(found(left, asked)))

    server.plant_handler(PATH, handler)
    with client_of(server) as client:
        assert read_listing(client).rows["verified"] == 100


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"geolocation": "Norway"}, "8 of 20 offers tell no country"),
        ({"dph_base": 40.0, "dph_total": 41.0}, "8 of 20 offers cost what no GPU of their kind can cost"),
    ],
)
def test_a_listing_with_many_strange_offers_is_of_another_format(
    server: Server, other: dict[str, object], said: str
) -> None:
    server.plant_handler(PATH, search([*crowd(12), *(offer | other for offer in crowd(8))]))
    with pytest.raises(UnknownShape, match=said):
        fetch(server)


def test_a_region_that_is_neither_a_continent_nor_all_is_refused(server: Server) -> None:
    with pytest.raises(Refused, match="no region 'us-east-1'; allowed are global, africa, asia"):
        fetch(server, region="us-east-1")
    assert server.requests == []


def test_what_passes_is_tried_again(server: Server) -> None:
    server.plant_handler(PATH, search(truth_rows()))
    server.fault(PATH, cut(40), status(503), None, truncated_gzip(), status(429, retry_after="1"))
    assert prices(fetch(server).offers) == TRUTH[REGION]


def test_a_cut_that_lasts_cannot_be_reached(server: Server) -> None:
    server.plant_handler(PATH, search(truth_rows()))
    server.always(PATH, cut(40))
    with pytest.raises(CannotReach):
        fetch(server)


def test_that_the_searches_of_the_day_are_used_up_is_said(server: Server) -> None:
    server.always(PATH, status(429, body=b'{"error": "search_quota_exceeded"}'))
    with pytest.raises(Refused, match="searches of the day are used up; refresh again after midnight UTC"):
        fetch(server)
    server.always(PATH, status(429))
    with pytest.raises(Refused, match="too many questions"):
        fetch(server)


def read_or_refused(page: object) -> list[Row]:
    """The rows; none where the page is refused. Any other error goes on."""
    try:
        return parse_page(page, PLACE)
    except UnknownShape:
        return []


@given(anything)
def test_whatever_comes_is_read_or_refused(answer: object) -> None:
    for page in (answer, {"offers": answer}, {"offers": [answer]}):
        rows = read_or_refused(page)
        assert all(isinstance(offer, Row) for offer in rows)


@given(st.sampled_from(sorted(row(0.4, 1))), anything)
def test_a_row_with_any_field_replaced_is_read_or_refused(name: str, value: object) -> None:
    for offer in read_or_refused({"offers": [row(0.4, 1) | {name: value}]}):
        assert offer.usd_per_hour > 0
        assert offer.gpu_count >= 1


def test_every_name_leads_to_cards_that_differ_in_memory() -> None:
    assert {name for name, of_name in cards().items() if len(of_name) > 1} == {
        "A100 PCIE",
        "A100 SXM4",
        "Tesla V100",
    }
    for of_name in cards().values():
        assert len({card.vram_gb for card in of_name}) == len(of_name)


@pytest.mark.parametrize(
    ("name", "mib", "gpu"),
    [
        ("RTX 4090", 24564, "RTX 4090"),
        ("L4", 23034, "L4"),
        ("L40S", 46068, "L40S"),
        ("H100 SXM", 81559, "H100 SXM 80GB"),
        ("H200", 143771, "H200 SXM 141GB"),
        ("RTX 5090", 32607, "RTX 5090"),
        ("A100 SXM4", 40960, "A100 40GB SXM"),
        ("A100 SXM4", 81920, "A100 80GB SXM"),
        ("A100 PCIE", 40960, "A100 40GB PCIe"),
        ("Tesla V100", 32768, "V100 SXM2 32GB"),
        ("Tesla V100", 16384, "V100 SXM2 16GB"),
        ("RTX 3080", 12288, None),
        ("RTX 4090", 49140, None),
    ],
)
def test_a_card_is_told_by_its_name_and_its_memory(name: str, mib: int, gpu: str | None) -> None:
    (offer,) = parse_page({"offers": [row(0.4, 1, gpu_name=name, gpu_ram=mib)]}, PLACE)
    assert (offer.card.gpu if offer.card else None) == gpu
