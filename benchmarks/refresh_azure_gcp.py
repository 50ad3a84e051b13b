"""How long Azure's and Google's prices take to become offers, next to reading the same pages as JSON.

The pages come over HTTP from another process of this machine. The prices are checked against what was
planted, before anything is measured.
"""

from __future__ import annotations

import os
import tempfile
from datetime import date
from pathlib import Path

import documents_azure
import documents_gcp
import pandas as pd
import requests
from measuring import Goal, arguments, medians_s, print_medians, served

from rig_or_rent.pricing.adapter import Ask, Shared
from rig_or_rent.pricing.http import Client
from rig_or_rent.pricing.registry import adapter_of

Prices = dict[tuple[str, str], float]

ON = date(2026, 11, 23)
KEY_VARIABLE = "RIG_OR_RENT_GCP_API_KEY"


def offers_of(provider: str, region: str, base_url: str) -> pd.DataFrame:
    """Ask one provider as a refresh does."""
    ask = Ask(region=region, on=ON, client=lambda *_: Client(base_url), shared=Shared())
    fetched = adapter_of(provider).fetch(ask)
    assert fetched is not None
    return fetched.offers


def prices_of(offers: pd.DataFrame) -> Prices:
    keys = zip(offers["instance_type"], offers["term"], strict=True)
    return dict(zip(keys, offers["usd_per_hour"], strict=True))


def azure_pages(base_url: str) -> int:
    """Read every page with requests and json, and nothing else."""
    rows = 0
    link: str | None = f"{base_url}/{documents_azure.PATH}"
    with requests.Session() as session:
        while link:
            page = session.get(link, timeout=60).json()
            rows += len(page["Items"])
            link = page["NextPageLink"]
            link = link and link.replace(f"{documents_azure.SERVER}:443", base_url)
    return rows


def gcp_pages(base_url: str) -> int:
    """Read every page with requests and json, and nothing else."""
    rows = 0
    token = None
    with requests.Session() as session:
        while token != "":
            url = f"{base_url}/{documents_gcp.PATH}"
            page = session.get(url, params={"pageToken": token}, timeout=60).json()
            rows += len(page["skus"])
            token = page["nextPageToken"]
    return rows


def azure(folder: Path, scale: float, seed: int, runs: int) -> Goal:
    planted = documents_azure.write_pages(folder, scale=scale, seed=seed)
    with served(folder) as base_url:
        found = prices_of(offers_of("azure", documents_azure.REGION, base_url))
        assert found == planted, f"{len(found)} prices where {len(planted)} were planted"
        print(f"Azure, {azure_pages(base_url)} items, {len(planted)} prices to find")
        medians = medians_s(
            {
                "requests and json": lambda: azure_pages(base_url),
                "ours": lambda: offers_of("azure", documents_azure.REGION, base_url),
            },
            runs,
        )
    print_medians(medians, runs, of="requests and json")
    return Goal("Azure, ours / requests and json", medians["ours"] / medians["requests and json"], 1.5)


def gcp(folder: Path, scale: float, seed: int, runs: int) -> Goal:
    planted = documents_gcp.write_pages(folder, scale=scale, seed=seed)
    os.environ[KEY_VARIABLE] = "no-real-key"
    with served(folder) as base_url:
        found = prices_of(offers_of("gcp", documents_gcp.REGION, base_url))
        missing = [key for key, usd in planted.items() if found.get(key) != usd]
        assert planted
        assert not missing, f"other prices of {missing}"
        print(f"Google Cloud, {gcp_pages(base_url)} SKUs, {len(found)} prices found")
        medians = medians_s(
            {
                "requests and json": lambda: gcp_pages(base_url),
                "ours": lambda: offers_of("gcp", documents_gcp.REGION, base_url),
            },
            runs,
        )
    print_medians(medians, runs, of="requests and json")
    return Goal("Google Cloud, ours / requests and json", medians["ours"] / medians["requests and json"], 1.3)


def main() -> None:
    asked = arguments(__doc__)
    with tempfile.TemporaryDirectory() as name:
        given = (Path(name), asked.scale, asked.seed, asked.runs)
        goals = (azure(*given), gcp(*given))
    for goal in goals:
        print(goal)


if __name__ == "__main__":
    main()
