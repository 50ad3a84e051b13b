"""How long a question to 60,000 offers takes, next to polars, and how long it takes to load them."""

from __future__ import annotations

import os
import tempfile
from itertools import count
from pathlib import Path

import pandas as pd
import polars as pl
from measuring import Goal, arguments, medians_s, print_medians

from rig_or_rent.pricing import find_offers, load_offers
from rig_or_rent.pricing.cache import store

OFFERS = 60_000
GPUS = ("A100 80GB SXM", "A100 80GB PCIe")
PROVIDERS = ("aws", "azure", "gcp")
REGIONS = Path(__file__).resolve().parent.parent / "data" / "regions.csv"
QUERIES = 200


def many_offers(rows: int, seed: int) -> pd.DataFrame:
    """Repeat the bundled offers of three providers over all of their regions, with other prices.

    Each copy of a region has instance types of its own, so that no offer is there twice.
    """
    bundled = load_offers()
    regions = pd.read_csv(REGIONS, dtype="str", keep_default_na=False)
    parts: list[pd.DataFrame] = []
    for copy in count():
        for provider in PROVIDERS:
            one = bundled[bundled["provider"] == provider].drop_duplicates(["instance_type", "term"])
            for region in regions.loc[regions["provider"] == provider, "region"]:
                factor = 1 + ((copy * 7 + len(parts) * 13 + seed) % 41) / 100
                name = one["instance_type"] + (f"-{copy}" if copy else "")
                usd_per_hour = one["usd_per_hour"] * factor
                parts.append(one.assign(region=region, instance_type=name, usd_per_hour=usd_per_hour))
        if sum(map(len, parts)) >= rows:
            break
    order = ["provider", "instance_type", "region", "term"]
    offers = pd.concat(parts, ignore_index=True).iloc[:rows]
    return offers.sort_values(order, ignore_index=True)


def european_regions() -> list[str]:
    regions = pd.read_csv(REGIONS, dtype="str", keep_default_na=False)
    return list(regions.loc[(regions["continent"] == "europe") & (regions["government"] == "no"), "region"])


def query(offers: pd.DataFrame, runs: int) -> list[Goal]:
    """Ask for the cheapest A100 with 80 GB on demand in Europe."""
    regions = european_regions()
    texts = pl.DataFrame({name: offers[name].to_list() for name in offers.columns})
    categories = texts.with_columns(pl.col("gpu", "region", "term").cast(pl.Categorical))

    def ours() -> pd.DataFrame:
        return find_offers(offers, gpu=GPUS, term="on_demand", region=regions)

    def with_polars(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.filter(
            pl.col("gpu").is_in(GPUS), pl.col("term") == "on_demand", pl.col("region").is_in(regions)
        ).sort("usd_per_hour", maintain_order=True)

    found = ours()
    assert len(found)
    for frame in (texts, categories):
        peers = with_polars(frame)
        assert peers["usd_per_hour"].to_list() == found["usd_per_hour"].to_list()
        assert peers["instance_type"].to_list() == found["instance_type"].to_list()
    print(f"find_offers, {len(offers)} offers, {len(found)} found, {len(regions)} regions")
    medians = medians_s(
        {
            "ours": ours,
            "polars": lambda: with_polars(texts),
            "polars, categories": lambda: with_polars(categories),
        },
        runs,
    )
    print_medians(medians, runs, of="polars")
    return [
        Goal("find_offers", medians["ours"] * 1e3, 1.0, "ms"),
        Goal("find_offers, ours / polars", medians["ours"] / medians["polars"], 1.0),
    ]


def load(offers: pd.DataFrame, runs: int) -> Goal:
    """Load the offers from a cache folder whose files were just written."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["RIG_OR_RENT_CACHE_DIR"] = name
        paths = [
            store(
                folder,
                of_region,
                provider=str(provider),
                region=str(region),
                retrieved_at="2026-11-23T08:00:00+00:00",
                terms=sorted(set(of_region["term"])),
                validators={},
            )
            for (provider, region), of_region in offers.groupby(["provider", "region"])
        ]
        moments = count(1)

        def touched_and_loaded() -> pd.DataFrame:
            # Files with another date are other files, so nothing that was read before counts.
            moment = next(moments)
            for path in paths:
                os.utime(path, (moment, moment))
            return load_offers()

        loaded = touched_and_loaded()
        assert len(loaded) >= len(offers)
        medians = medians_s({"from files": touched_and_loaded, "again": load_offers}, runs)
    print(f"load_offers, {len(loaded)} offers from {len(paths)} files")
    print_medians(medians, runs, of="from files")
    return Goal("load_offers from the cache", medians["from files"], 0.1, "s")


def main() -> None:
    asked = arguments(__doc__)
    offers = many_offers(round(OFFERS * asked.scale), asked.seed)
    goals = [*query(offers, asked.runs * QUERIES // 5), load(offers, asked.runs)]
    for goal in goals:
        print(goal)


if __name__ == "__main__":
    main()
