"""How long the price list of an AWS region takes to become offers, next to peers that read the same bytes.

All give the same prices, which is checked against what was planted, before anything is measured. gpuhunt
reads on-demand prices only, with its own code; polars and pandas are asked for what we find.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import polars as pl
import requests
from documents_aws import PATH, REGION, write_price_list
from measuring import FIRST_PAGE, Goal, arguments, grown_mib, medians_s, print_medians, served

from rig_or_rent.pricing.aws_bulk import PriceList, read_price_list
from rig_or_rent.pricing.http import Client
from rig_or_rent.pricing.instances import Price, priced_offers, shapes

Prices = dict[tuple[str, str], float]

METADATA_LINES = 5
# As large as what comes over a network at once.
CHUNK_BYTES = 256 * 1024
COLUMNS = (
    *("TermType", "PricePerUnit", "LeaseContractLength", "Instance Type"),
    *("Operating System", "Tenancy", "CapacityStatus", "Pre Installed S/W", "MarketOption", "Region Code"),
    *("Unit", "Currency", "PurchaseOption", "OfferingClass", "Location Type"),
)
SAME = {
    "Operating System": "Linux",
    "Tenancy": "Shared",
    "CapacityStatus": "Used",
    "Pre Installed S/W": "NA",
    "MarketOption": "OnDemand",
    "Region Code": REGION,
    "Location Type": "AWS Region",
    "Unit": "Hrs",
    "Currency": "USD",
}
MEMORY_SCALES = (0.25, 1.0)
IMPORTS = """
import sys
from datetime import date
from rig_or_rent.pricing.aws_bulk import read_price_list
from rig_or_rent.pricing.http import Client
from rig_or_rent.pricing.instances import Price, priced_offers
"""
READING = """
base_url, path, region = sys.argv[1:]
with Client(base_url) as client:
    found = client.read(path, lambda reply: read_price_list(reply.chunks(), region))
prices = [Price(*key, usd, base_url) for key, usd in found.usd_per_hour.items()]
print(len(priced_offers("aws", region, date(2026, 11, 23), prices)))
"""


def chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def raw_read(path: Path) -> int:
    return sum(map(len, chunks(path)))


def as_offers(found: PriceList) -> pd.DataFrame:
    prices = [Price(*key, usd, PATH) for key, usd in found.usd_per_hour.items()]
    return priced_offers("aws", REGION, date(2026, 11, 23), prices)


def ours(path: Path) -> Prices:
    return prices_of(as_offers(read_price_list(chunks(path), REGION)))


def prices_of(offers: pd.DataFrame) -> Prices:
    keys = zip(offers["instance_type"], offers["term"], strict=True)
    return dict(zip(keys, offers["usd_per_hour"], strict=True))


def with_polars(path: Path) -> Prices:
    conditions = [pl.col(column) == value for column, value in SAME.items()]
    is_reserved = (pl.col("PurchaseOption") == "No Upfront") & (pl.col("OfferingClass") == "standard")
    rows = (
        pl.scan_csv(path, skip_lines=METADATA_LINES, infer_schema=False)
        .filter(*conditions, (pl.col("TermType") == "OnDemand") | is_reserved)
        .filter(pl.col("Instance Type").is_in(list(shapes("aws"))))
        .select("Instance Type", "TermType", "LeaseContractLength", pl.col("PricePerUnit").cast(pl.Float64))
        .collect()
    )
    return {(name, term_of(kind, lease)): usd for name, kind, lease, usd in rows.iter_rows() if usd}


def with_pandas(path: Path) -> Prices:
    table = pd.read_csv(
        path, skiprows=METADATA_LINES, usecols=list(COLUMNS), dtype="str", keep_default_na=False
    )
    counts = table["Instance Type"].isin(list(shapes("aws")))
    for column, value in SAME.items():
        counts &= table[column] == value
    is_reserved = (table["PurchaseOption"] == "No Upfront") & (table["OfferingClass"] == "standard")
    rows = table[counts & ((table["TermType"] == "OnDemand") | is_reserved)]
    columns = (rows[name] for name in ("Instance Type", "TermType", "LeaseContractLength", "PricePerUnit"))
    return {
        (name, term_of(kind, lease)): usd
        for name, kind, lease, text in zip(*columns, strict=True)
        if (usd := float(text))
    }


def term_of(kind: str, lease: str) -> str:
    return "on_demand" if kind == "OnDemand" else f"reserved_{lease[0]}y"


def gpuhunt_reader() -> Callable[[Path], list[Any]]:
    """Give gpuhunt's own reading of a cached price list.

    What it asks of AWS with credentials (names of GPUs, spot prices) is left out, and so are the libraries
    for it: they are imported at the top of its module, and need another version of what pandas needs.
    """
    for name in ("boto3", "botocore", "botocore.config", "botocore.exceptions"):
        sys.modules.setdefault(name, ModuleType(name))
    vars(sys.modules["botocore.config"])["Config"] = dict
    for name in ("ClientError", "ConnectTimeoutError", "EndpointConnectionError"):
        vars(sys.modules["botocore.exceptions"])[name] = OSError
    from gpuhunt.providers.aws import AWSProvider

    class Offline(AWSProvider):
        def __init__(self, path: Path) -> None:
            self.cache_path = str(path)

        def _fill_gpu_details(self, offers: list[Any]) -> None:
            pass

        def _with_spot_offers(self, offers: list[Any]) -> list[Any]:
            return offers

    return lambda path: Offline(path).get()


def downloaded(url: str) -> int:
    with requests.Session() as session, session.get(url, stream=True, timeout=60) as response:
        return sum(len(chunk) for chunk in response.iter_content(CHUNK_BYTES))


def ours_over_http(base_url: str) -> Prices:
    with Client(base_url) as client:
        found = client.read(PATH, lambda reply: read_price_list(reply.chunks(), REGION))
    assert found is not None
    return prices_of(as_offers(found))


def check(path: Path, planted: Prices, with_gpuhunt: Callable[[Path], list[Any]]) -> None:
    """Stop unless all find what was planted."""
    assert planted
    for read in (ours, with_polars, with_pandas):
        found = read(path)
        assert found == planted, f"{read.__name__}: {len(found)} prices where {len(planted)} were planted"
    hunted = {item.instance_name: item.price for item in with_gpuhunt(path) if item.gpu_count}
    wrong = [name for name, usd in hunted.items() if planted[name, "on_demand"] != usd]
    assert hunted
    assert not wrong, f"gpuhunt finds other prices of {wrong}"


def main() -> None:
    asked = arguments(__doc__)
    with_gpuhunt = gpuhunt_reader()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / PATH / FIRST_PAGE
        planted = write_price_list(path, scale=asked.scale, seed=asked.seed)
        print(f"AWS price list, {path.stat().st_size / 1e6:.0f} MB, {len(planted)} prices to find")
        check(path, planted, with_gpuhunt)
        goals = [*from_a_file(path, with_gpuhunt, asked.runs), *over_http(folder, planted, asked.runs)]
        goals += memory(folder, asked.scale, asked.seed)
    for goal in goals:
        print(goal)


def from_a_file(path: Path, with_gpuhunt: Callable[[Path], list[Any]], runs: int) -> list[Goal]:
    medians = medians_s(
        {
            "raw read": lambda: raw_read(path),
            "ours": lambda: ours(path),
            "gpuhunt": lambda: with_gpuhunt(path),
            "polars": lambda: with_polars(path),
        },
        runs,
    )
    medians |= medians_s({"pandas": lambda: with_pandas(path)}, runs=1)
    print_medians(medians, runs, of="gpuhunt")
    return [
        Goal("price list from a file, ours / gpuhunt", medians["ours"] / medians["gpuhunt"], 0.25),
        Goal("price list from a file, ours / polars", medians["ours"] / medians["polars"], 1.0),
    ]


def over_http(folder: Path, planted: Prices, runs: int) -> list[Goal]:
    with served(folder) as base_url:
        assert ours_over_http(base_url) == planted
        medians = medians_s(
            {
                "raw download": lambda: downloaded(f"{base_url}/{PATH}"),
                "ours over HTTP": lambda: ours_over_http(base_url),
            },
            runs,
        )
    print_medians(medians, runs, of="raw download")
    ratio = medians["ours over HTTP"] / medians["raw download"]
    return [Goal("price list over HTTP, ours / raw download", ratio, 2.0)]


def memory(folder: Path, scale: float, seed: int) -> list[Goal]:
    """Measure by how much the peak grows after the imports, for two sizes of file."""
    goals = []
    for share in MEMORY_SCALES:
        write_price_list(folder / PATH / FIRST_PAGE, scale=scale * share, seed=seed)
        size_mb = (folder / PATH / FIRST_PAGE).stat().st_size / 1e6
        with served(folder) as base_url:
            grown, offers = grown_mib(IMPORTS, READING, base_url, PATH, REGION)
        goals.append(
            Goal(f"peak memory above the imports, {size_mb:.0f} MB, {offers} offers", grown, 64, "MiB")
        )
    return goals


if __name__ == "__main__":
    main()
