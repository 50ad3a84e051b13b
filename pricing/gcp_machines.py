"""Google Cloud's GPU machines, put together from the prices of their parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import NamedTuple

import pandas as pd

from .errors import UnknownShape
from .gcp_parts import Part
from .instances import Price, Shape, priced_offers, shapes

PROVIDER = "gcp"
TERMS = ("on_demand", "spot", "reserved_1y", "reserved_3y")
# A minute at least, then by the second.
BILLING = {"billing_increment_s": 1.0, "minimum_billing_s": 60.0}

# By part and way of buying, for an hour of one unit.
PartPrices = Mapping[tuple[str, str], Decimal]


class Build(NamedTuple):
    """Whose cores, RAM and GPUs the machines of a family have, and how the machines are sold."""

    series: str
    gpu_part: str
    terms: tuple[str, ...] = TERMS


BUILDS = {
    "a2-highgpu": Build("a2", "A100"),
    "a2-megagpu": Build("a2", "A100"),
    "a2-ultragpu": Build("a2", "A100 80GB"),
    "a3-highgpu": Build("a3", "H100"),
    "a3-megagpu": Build("a3plus", "H100 Mega"),
    # Its parts have prices on demand, but it is not sold so.
    "a3-ultragpu": Build("a3ultra", "H200", ("spot", "reserved_1y", "reserved_3y")),
    "g2-standard": Build("g2", "L4"),
    "g4-standard": Build("g4", "RTX 6000"),
    "n1-standard+1xT4": Build("n1", "T4"),
    "n1-standard+1xV100": Build("n1", "V100"),
    "n1-standard+1xP100": Build("n1", "P100"),
}
# The catalog prices their parts, but they are sold as spot machines or in reservations only.
SPOT_ONLY = frozenset({"a3-highgpu-1g", "a3-highgpu-2g", "a3-highgpu-4g"})
N1_NOTE = "the sustained-use discount of N1 is not applied"


class Machine(NamedTuple):
    """One machine and one way to buy it: how much of which parts, of which ``gpu`` is one."""

    instance_type: str
    term: str
    gpu: tuple[str, str]
    amounts: Mapping[tuple[str, str], Decimal]


def machine_offers(prices: PartPrices, source: str, region: str, on: date) -> pd.DataFrame:
    """Put the machines of one region together.

    Parameters
    ----------
    prices : of the parts in that region, from `region_prices`.
    source, region, on : the address that was asked, the region, and the day.

    Returns
    -------
    A table with `OFFER_COLUMNS`. A machine of which a part has no price is left out. ``UnknownShape`` names
    the region if there is no machine in it.
    """
    sums = [
        Price(
            machine.instance_type,
            machine.term,
            float(sum(amount * prices[part] for part, amount in machine.amounts.items())),
            f"{source}; {N1_NOTE}" if machine.instance_type.startswith("n1-") else source,
            "derived",
        )
        for machine in _machines()
        if machine.amounts.keys() <= prices.keys()
    ]
    if not sums:
        raise UnknownShape(
            f"Google Cloud, {region}: no GPU machine has a price; the region has none, or another name."
        )
    return priced_offers(PROVIDER, region, on, sums).assign(**BILLING)


def incomplete_machines(prices: PartPrices) -> list[str]:
    """Name the machines whose GPU has a price although another part has none, each with the way of buying."""
    return [
        f"{machine.instance_type} {machine.term}"
        for machine in _machines()
        if machine.gpu in prices and not machine.amounts.keys() <= prices.keys()
    ]


def region_prices(parts: Iterable[Part], region: str) -> dict[tuple[str, str], Decimal]:
    """The price of each part and way of buying in one region, refused where two are stated or none can be."""
    found: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for part in parts:
        if region in part.regions:
            found[part.part, part.term].append(part)
    for (name, term), candidates in found.items():
        place = f"Google Cloud, {region}, {name} {term}"
        first = candidates[0]
        for part in candidates:
            if part.usd_per_hour <= 0:
                raise UnknownShape(
                    f"{place}: SKU {part.sku!r} states {part.usd_per_hour:f} USD an hour; "
                    "allowed is a price above 0."
                )
            if part.usd_per_hour != first.usd_per_hour:
                raise UnknownShape(
                    f"{place}: SKU {first.sku!r} states {first.usd_per_hour:f} USD an hour, "
                    f"and SKU {part.sku!r} {part.usd_per_hour:f}; allowed is one price."
                )
    return {key: candidates[0].usd_per_hour for key, candidates in found.items()}


@cache
def _machines() -> tuple[Machine, ...]:
    """Every machine that is put together here, in every way that it is sold."""
    return tuple(
        Machine(name, term, (build.gpu_part, term), _amounts(build, shape, term))
        for name, shape in shapes(PROVIDER).items()
        if (build := BUILDS.get(_family(name))) is not None
        for term in (("spot",) if name in SPOT_ONLY else build.terms)
    )


def _family(instance_type: str) -> str:
    """The name without its size, and with what is attached.

    >>> _family("a2-highgpu-1g"), _family("n1-standard-8+1xT4")
    ('a2-highgpu', 'n1-standard+1xT4')
    """
    machine, plus, attached = instance_type.partition("+")
    return machine.rpartition("-")[0] + plus + attached


def _amounts(build: Build, shape: Shape, term: str) -> dict[tuple[str, str], Decimal]:
    """How much of each part a machine has; cores, GPUs, and GiB of RAM and of local SSD."""
    amounts = {
        f"{build.series} core": shape.vcpus,
        f"{build.series} ram": shape.ram_gb,
        build.gpu_part: shape.gpu_count,
        "ssd": shape.local_ssd_gb,
    }
    return {(part, term): Decimal(repr(amount)) for part, amount in amounts.items() if amount}
