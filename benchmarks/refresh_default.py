"""How long the default refresh takes over a link of 20 Mbit/s with 50 ms latency; the goal is 15 s.

Two AWS regions by their page feed, two Azure regions and Google Cloud with a key, against a server on this
machine that answers in the providers' formats with documents of real size, packed as the providers pack them.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from itertools import islice
from pathlib import Path
from types import ModuleType

from documents_gcp import other_skus
from measuring import Goal

from rig_or_rent.pricing import find_offers, load_offers, refresh

# The server and the documents of the tests. gpuhunt, measured beside us, brings a package `tests` too.
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.modules["tests"] = ModuleType("tests")
sys.modules["tests"].__path__ = [str(ROOT / "tests")]
aws_fixtures, azure_fixtures, gcp_fixtures, loopback = (
    import_module(f"tests.live.{name}")
    for name in ("aws_fixtures", "azure_fixtures", "gcp_fixtures", "server")
)
Answer, Request, Server = loopback.Answer, loopback.Request, loopback.Server

LATENCY_S = 0.05
BYTES_PER_SECOND = 20e6 / 8
AWS_REGIONS = ("us-east-1", "eu-central-1")
AZURE_REGIONS = ("eastus", "westeurope")
SKUS = 42_000
AZURE_ROWS = 5_000
OTHER_TYPES = 1_500
GOAL_S = 15.0
# The providers of the goal; the markets pause between their questions, which their own limits ask for.
PROVIDERS = ("aws", "azure", "gcp", "colab")


def prices(region: str, term: str, width: int) -> dict[str, str]:
    """The bundled prices of a region, and many machines without a GPU, so that the document has its size."""
    bundled = find_offers(load_offers(), provider="aws", region=region, term=term)
    known = zip(bundled["instance_type"], bundled["usd_per_hour"], strict=True)
    others = {f"m{i}i.large": "0.1480000000" for i in range(width)}
    return others | {name: f"{usd:.10f}" for name, usd in known}


def azure_rows(region: str) -> list[dict[str, object]]:
    rows = [{**row, "armRegionName": region} for row in azure_fixtures.truth_rows()]
    plain = rows[0]
    fillers = [
        {**plain, "armSkuName": f"Standard_D{i}s_v5", "meterId": f"filler-{i}", "skuName": f"D{i}s v5"}
        for i in range(AZURE_ROWS - len(rows))
    ]
    return [*rows, *fillers]


def packed(handler: Callable[[Request], Answer]) -> Callable[[Request], Answer]:
    """The same answers in gzip, as the providers send them; packed once, for a server packs quickly."""
    made: dict[str, Answer] = {}

    def answer(request: Request) -> Answer:
        key = json.dumps(dict(request.query), sort_keys=True)
        if key not in made:
            plain = handler(request)
            assert isinstance(plain.body, bytes)
            body, headers = gzip.compress(plain.body, 6), {"Content-Encoding": "gzip"}
            made[key] = replace(plain, body=body, headers=headers) if plain.status == 200 else plain
        return made[key]

    return answer


def plant(server: Server) -> None:
    for region in AWS_REGIONS:
        body = aws_fixtures.feed(region, prices(region, "on_demand", OTHER_TYPES))
        path = "/pricing/2.0/meteredUnitMaps/ec2/USD/current/ec2-ondemand-without-sec-sel/{}/Linux/index.json"
        server.plant(path.format(aws_fixtures.LOCATIONS[region]), body, packed="gzip")
    spot = {region: prices(region, "spot", OTHER_TYPES) for region in AWS_REGIONS}
    server.plant("/spot.json", aws_fixtures.spot(spot), packed="gzip")
    rows = {region: azure_rows(region) for region in AZURE_REGIONS}

    def azure(request: Request) -> Answer:
        region = next(name for name in AZURE_REGIONS if name in request.query["$filter"])
        start = int(request.query.get("$skip", "0"))
        rest = start + 1000
        link = f"{server.url}{azure_fixtures.PATH}?$filter={region}&$skip={rest}"
        return Answer(azure_fixtures.body(rows[region][start:rest], link=link if rest < AZURE_ROWS else None))

    server.plant_handler(azure_fixtures.PATH, packed(azure))
    skus = [*gcp_fixtures.truth_skus()]
    skus += islice(other_skus(random.Random(0)), SKUS - len(skus))
    server.plant_handler(gcp_fixtures.PATH, packed(gcp_fixtures.pages(skus)))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Server() as server:
        os.environ["RIG_OR_RENT_CACHE_DIR"] = folder
        os.environ["RIG_OR_RENT_GCP_API_KEY"] = gcp_fixtures.KEY
        for name in ("AWS", "AWS_FEED", "AWS_SPOT", "AZURE", "GCP"):
            os.environ[f"RIG_OR_RENT_{name}_URL"] = server.url
        plant(server)
        # Once without the link's limits, so that the server has packed what it sends.
        refresh(PROVIDERS, force=True)
        server.latency_s, server.bytes_per_second = LATENCY_S, BYTES_PER_SECOND
        for file in Path(folder).glob("*.parquet"):
            file.unlink()
        start = time.perf_counter()
        report = refresh(PROVIDERS, force=True)
        taken_s = time.perf_counter() - start
    for result in report.results:
        print(
            f"{result.provider} {result.region}: {result.outcome}, {result.offers} offers {result.sentence}"
        )
    print(Goal("default refresh at 20 Mbit/s and 50 ms", taken_s, GOAL_S, "s"))


if __name__ == "__main__":
    main()
