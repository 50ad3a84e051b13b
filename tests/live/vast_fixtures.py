"""Answers in the format of Vast.ai's search, with planted offers of invented hosts.

server.plant_handler(PATH, search(truth_rows()))
TRUTH["europe"][("RTX 4090 verified, median", "on_demand")] == 0.4
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import Any

from tests.live.server import Answer, Request

PATH = "/api/v0/bundles/"
REGION = "europe"
# Where the service cuts every answer, whatever is asked for.
CUT = 64
HOURS_PER_MONTH = 720
DISK_GB = 8
Row = dict[str, Any]

_ids = count(40_000_001)


def row(usd: float, host: int, **other: object) -> Row:
    """One offer as the service sends it; other fields replace those of an ordinary one.

    ``usd`` is for the whole offer without its disk.
    """
    number = next(_ids)
    storage = other.get("storage_cost", 0.2)
    disk_usd = (storage if isinstance(storage, float) else 0.0) * DISK_GB / HOURS_PER_MONTH
    gpus = other.get("num_gpus", 1)
    fields: Row = {
        "id": number,
        "ask_contract_id": number,
        "machine_id": number + 1_000_000,
        "host_id": host,
        "num_gpus": gpus,
        "gpu_name": "RTX 4090",
        "gpu_ram": 24564,
        "gpu_frac": 0.125,
        "dph_base": usd,
        "dph_total": usd + disk_usd,
        "min_bid": None,
        "storage_cost": storage,
        "storage_total_cost": disk_usd,
        "inet_up_cost": 0.02,
        "inet_down_cost": 0.01,
        "inet_up": 139.3,
        "inet_down": 132.7,
        "verification": "verified",
        "vericode": 1,
        "rentable": True,
        "rented": False,
        "is_bid": False,
        "reliability": 0.99,
        "reliability2": 0.99,
        "geolocation": "Czechia, CZ",
        "hosting_type": 0,
        "duration": 6743717.4,
        "cpu_cores": 384,
        "cpu_cores_effective": 48.0,
        "cpu_ram": 241821,
        "external": None,
        "search": {"gpuCostPerHour": usd, "diskHour": disk_usd, "totalHour": usd + disk_usd},
        "instance": {"gpuCostPerHour": 0, "diskHour": disk_usd, "totalHour": disk_usd},
    }
    return fields | other


def truth_rows() -> list[Row]:
    """Every offer counts in `TRUTH`, and no other."""
    h100: Row = {"gpu_name": "H100 SXM", "gpu_ram": 81559, "num_gpus": 8, "geolocation": "Japan, JP"}
    a100: Row = {"gpu_name": "A100 SXM4", "geolocation": ", US"}
    return [
        # Five hosts, one of them odd and one with two machines of which one has two offers.
        row(0.3, 1, min_bid=0.1, geolocation="Norway, NO"),
        row(0.35, 2, min_bid=0.12, storage_cost=0.1, inet_up_cost=0.0, inet_down_cost=0.0),
        row(0.4, 2, machine_id=7),
        row(0.41, 2, machine_id=7),
        row(0.5, 3, min_bid=0.15, storage_cost=0.3, inet_up_cost=0.05),
        row(3.0, 4, min_bid=4.0),
        # Fewer than three hosts.
        row(0.2, 5, verification="unverified", min_bid=0.0),
        row(0.25, 6, verification="deverified"),
        row(0.7, 1, num_gpus=2),
        # Other continents; the price of the whole machine.
        row(24.0, 7, min_bid=12.0, **h100),
        row(16.0, 8, min_bid=12.5, **h100),
        row(20.0, 9, min_bid=13.0, **h100),
        # One name for two cards.
        row(0.6, 10, gpu_ram=40960, **a100),
        row(1.1, 10, gpu_ram=81920, **a100),
        # Nowhere in particular: this counts among all hosts only.
        row(0.19, 11, verification="unverified", geolocation=None),
    ]


TRUTH: dict[str, dict[tuple[str, str], float]] = {
    "europe": {
        ("RTX 4090 verified, cheapest", "on_demand"): 0.3,
        ("RTX 4090 verified, median", "on_demand"): 0.4,
        ("RTX 4090 verified, upper quartile", "on_demand"): 0.5,
        ("RTX 4090 verified, cheapest", "spot"): 0.1,
        ("RTX 4090 verified, median", "spot"): 0.12,
        ("RTX 4090 verified, upper quartile", "spot"): 0.15,
        ("RTX 4090 unverified, cheapest", "on_demand"): 0.2,
        ("2x RTX 4090 verified, cheapest", "on_demand"): 0.7,
    },
    "asia": {
        ("8x H100 SXM 80GB verified, cheapest", "on_demand"): 16.0,
        ("8x H100 SXM 80GB verified, median", "on_demand"): 20.0,
        ("8x H100 SXM 80GB verified, upper quartile", "on_demand"): 24.0,
        ("8x H100 SXM 80GB verified, cheapest", "spot"): 12.0,
        ("8x H100 SXM 80GB verified, median", "spot"): 12.5,
        ("8x H100 SXM 80GB verified, upper quartile", "spot"): 13.0,
    },
    "north-america": {
        ("A100 40GB SXM verified, cheapest", "on_demand"): 0.6,
        ("A100 80GB SXM verified, cheapest", "on_demand"): 1.1,
    },
    "africa": {},
    "oceania": {},
    "south-america": {},
}
TRUTH["global"] = {
    **TRUTH["europe"],
    **TRUTH["asia"],
    **TRUTH["north-america"],
    ("RTX 4090 unverified, cheapest", "on_demand"): 0.19,
    ("RTX 4090 unverified, median", "on_demand"): 0.2,
    ("RTX 4090 unverified, upper quartile", "on_demand"): 0.25,
}

# Each is an offer that is in no price, although it would be the cheapest.
TRAPS: dict[str, Row] = {
    "rented out": row(0.05, 20, rented=True),
    "not rentable": row(0.05, 20, rentable=False),
    "no country": row(0.05, 20, geolocation=None),
    "a place without a code": row(0.05, 20, geolocation="Norway"),
    "a code of no country": row(0.05, 20, geolocation="Nowhere, ZZ"),
    "too cheap to be true": row(0.001, 20),
    "another size": row(0.05, 20, gpu_ram=49152),
}


def body(rows: Iterable[Row], **other: object) -> bytes:
    """One answer; other fields replace those of the envelope."""
    envelope: Row = {"offers": list(rows)}
    return json.dumps(envelope | other).encode()


def found(rows: Iterable[Row], question: Row, *, cut: int = CUT) -> list[Row]:
    """What the service finds among all offers, cut where it cuts."""
    least = question.get("dph_total", {}).get("gte", 0.0)
    is_verified = question["verified"]["eq"]
    matching = [
        offer
        for offer in rows
        if offer["gpu_name"] in question["gpu_name"]["in"]
        and offer["dph_total"] >= least
        and (offer["verification"] == "verified") is is_verified
    ]
    matching.sort(key=lambda offer: float(offer["dph_total"]))
    return matching[: min(cut, question["limit"])]


def search(rows: Iterable[Row], *, cut: int = CUT) -> Callable[[Request], Answer]:
    """A handler that searches as the service does."""
    listed = list(rows)

    def handler(request: Request) -> Answer:
        return Answer(body(found(listed, json.loads(request.query["q"]), cut=cut)))

    return handler


def crowd(hosts: int, *, countries: Iterable[str] = ("Spain, ES",)) -> Iterator[Row]:
    """So many hosts with one offer each, all at prices of their own, from 0.3 up to 0.6."""
    places = list(countries)
    for host in range(hosts):
        usd = 0.3 + 0.3 * ((host * 7919) % hosts) / hosts
        yield row(usd, host + 1, geolocation=places[host % len(places)], min_bid=usd / 2)
