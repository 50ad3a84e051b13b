"""How long the listings of RunPod, Vast.ai and Lambda take to become offers, next to gpuhunt's adapters.

Both ask the same server, in another process of this machine, that answers both with the same rows. Before
anything is measured, ours are checked against what was planted, and gpuhunt's are counted. Pauses that are
made out of politeness are left out. Where Vast.ai cuts its answers, gpuhunt reads the first one only.
"""

from __future__ import annotations

import logging
import os
import statistics
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
from documents_marketplaces import KEY, RUNPOD_TYPES, served_market, vast_rows
from measuring import Goal, arguments, grown_mib, medians_s, print_medians

from rig_or_rent.pricing.adapter import Ask, Shared
from rig_or_rent.pricing.http import Client
from rig_or_rent.pricing.registry import adapter_of

ON = date(2026, 11, 23)
HOSTS = 20_000
VAST_CUT = 64
MEMORY_GOAL_MIB = 64
REGIONS = ("europe", "asia", "north-america", "south-america", "oceania", "africa")

OURS = """
import sys
from datetime import date
from rig_or_rent.pricing.adapter import Ask, Shared
from rig_or_rent.pricing.http import Client
from rig_or_rent.pricing.registry import adapter_of
adapter = adapter_of("vast")
shared = Shared()
"""
OURS_READING = """
base_url = sys.argv[1]
client = lambda *_: Client(base_url, sleep=lambda seconds: None)
fetched = [
    adapter.fetch(Ask(region=region, on=date(2026, 11, 23), client=client, shared=shared))
    for region in adapter.default_regions
]
print(sum(len(of_region.offers) for of_region in fetched))
"""
GPUHUNT = """
import sys
from gpuhunt.providers import vastai
"""
GPUHUNT_READING = """
vastai.bundles_url = sys.argv[1] + "/api/v0/bundles/"
print(len(vastai.VastAIProvider().get()))
"""


def ours(provider: str, base_url: str, *regions: str) -> pd.DataFrame:
    """Ask one provider as a refresh does, without its pauses."""
    shared = Shared()

    def client(*_: str) -> Client:
        return Client(base_url, sleep=lambda seconds: None)

    fetched = [
        adapter_of(provider).fetch(Ask(region=region, on=ON, client=client, shared=shared))
        for region in regions
    ]
    return pd.concat([one.offers for one in fetched if one is not None and len(one.offers)])


def gpuhunt(base_url: str) -> dict[str, Callable[[], list[Any]]]:
    """Give gpuhunt's adapters, sent to the server of this machine."""
    from gpuhunt.providers import lambdalabs, runpod, vastai

    # It warns of every name that it does not know.
    logging.disable(logging.WARNING)
    vastai.bundles_url = f"{base_url}/api/v0/bundles/"
    runpod.API_URL = f"{base_url}/graphql"
    lambdalabs.INSTANCE_TYPES_URL = f"{base_url}/api/v1/instance-types"
    lambdalabs.IMAGES_URL = f"{base_url}/api/v1/images"
    return {
        "vast": lambda: vastai.VastAIProvider().get(),
        "runpod": lambda: runpod.RunpodProvider().get(),
        "lambda": lambda: lambdalabs.LambdaLabsProvider(KEY).get(),
    }


def check_vast(base_url: str, hosts: int, seed: int) -> None:
    """Stop unless the quantiles are those of the planted rows."""
    # So that another rule than ours says what the median is: the lower of two in the middle.
    planted: dict[tuple[str, int, str], list[float]] = defaultdict(list)
    for row in vast_rows(hosts, seed):
        if row["geolocation"] == "Spain, ES" and row["gpu_name"] == "RTX 4090":
            planted[row["verification"], row["num_gpus"], "on_demand"].append(row["dph_base"])
            planted[row["verification"], row["num_gpus"], "spot"].append(row["min_bid"])
    offers = ours("vast", base_url, "europe").set_index(["instance_type", "term"])
    assert planted
    for (tier, gpus, term), usd in planted.items():
        name = f"RTX 4090 {tier}, median" if gpus == 1 else f"{gpus}x RTX 4090 {tier}, median"
        if len(usd) >= 3:
            assert offers.loc[(name, term), "usd_per_hour"] == statistics.median_low(usd), name
            assert offers.loc[(name, term), "hosts"] == len(usd), name


def vast(hosts: int, seed: int, runs: int) -> list[Goal]:
    """Whole answers for both; then answers that are cut, which only ours reads to the end."""
    with served_market(hosts, seed, 0) as base_url:
        check_vast(base_url, hosts, seed)
        peer = gpuhunt(base_url)["vast"]
        # One on demand and one at the least bid.
        assert len(peer()) == 2 * hosts
        offers = len(ours("vast", base_url, *REGIONS))
        print(f"Vast.ai, {hosts:,} hosts in whole answers: {offers} offers of ours, {2 * hosts:,} of gpuhunt")
        medians = medians_s({"ours": lambda: ours("vast", base_url, *REGIONS), "gpuhunt": peer}, runs)
        print_medians(medians, runs, of="gpuhunt")
        grown, _ = grown_mib(OURS, OURS_READING, base_url)
        peer_grown, _ = grown_mib(GPUHUNT, GPUHUNT_READING, base_url)
    print(f"  peak memory above the imports: ours {grown:.1f} MiB, gpuhunt {peer_grown:.1f} MiB")
    with served_market(hosts, seed, VAST_CUT) as base_url:
        check_vast(base_url, hosts, seed)
        medians_cut = medians_s({"ours": lambda: ours("vast", base_url, *REGIONS)}, runs)
        found = len(gpuhunt(base_url)["vast"]()) // 2
        print(
            f"  answers cut at {VAST_CUT}: ours reads all in {medians_cut['ours']:.2f} s, "
            f"gpuhunt {found} of {hosts:,}"
        )
    return [
        Goal(f"Vast.ai, {hosts:,} hosts, ours / gpuhunt", medians["ours"] / medians["gpuhunt"], 1.0),
        Goal(f"Vast.ai, {hosts:,} hosts, peak memory above the imports", grown, MEMORY_GOAL_MIB, "MiB"),
    ]


def price_lists(seed: int, runs: int) -> list[Goal]:
    """RunPod and Lambda, whose answers are short."""
    goals = []
    with served_market(1, seed, 0) as base_url:
        peers = gpuhunt(base_url)
        for provider, title in (("runpod", "RunPod"), ("lambda", "Lambda")):

            def read(provider: str = provider) -> pd.DataFrame:
                return ours(provider, base_url, "global")

            offers, theirs = read(), peers[provider]()
            assert len(offers) >= (2 * len(RUNPOD_TYPES) if provider == "runpod" else 5), offers
            assert theirs
            print(f"{title}: {len(offers)} offers of ours, {len(theirs)} of gpuhunt, by place and count")
            medians = medians_s({"ours": read, "gpuhunt": peers[provider]}, runs)
            print_medians(medians, runs, of="gpuhunt")
            goals.append(Goal(f"{title}, ours / gpuhunt", medians["ours"] / medians["gpuhunt"], 1.0))
    return goals


def main() -> None:
    asked = arguments(__doc__)
    os.environ["RIG_OR_RENT_LAMBDA_API_KEY"] = KEY
    goals = vast(max(round(HOSTS * asked.scale), 100), asked.seed, asked.runs)
    goals += price_lists(asked.seed, asked.runs)
    for goal in goals:
        print(goal)


if __name__ == "__main__":
    main()
