"""Google Cloud's GPU machines, put together from the prices of their parts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd

from .errors import UnknownShape
from .gcp_parts import Part
from .instances import COMMITMENT_MONTHS, HOURS_PER_MONTH, Shape, shapes
from .offers import OFFER_COLUMNS, TEXT_COLUMNS

PROVIDER = "gcp"
TERMS = ("on_demand", "spot", "reserved_1y", "reserved_3y")


class Build(NamedTuple):
    """What the machines of a family are made of: cores and RAM of a series, GPUs, bundled local SSD."""

    series: str
    gpu_part: str
    ssd_gib_per_gpu: int = 0
    terms: tuple[str, ...] = TERMS


BUILDS = {
    "a2-highgpu": Build("a2", "A100"),
    "a2-megagpu": Build("a2", "A100"),
    "a2-ultragpu": Build("a2", "A100 80GB", 375),
    "a3-highgpu": Build("a3", "H100", 750),
    "a3-megagpu": Build("a3plus", "H100 Mega", 750),
    "g2-standard": Build("g2", "L4"),
    "g4-standard": Build("g4", "RTX 6000"),
}
# The catalog prices their parts, but they are sold as spot machines or in reservations only.
SPOT_ONLY = frozenset({"a3-highgpu-1g", "a3-highgpu-2g", "a3-highgpu-4g"})
# Any N1 machine can have GPUs attached; these three are what people compare with.
N1_GPUS = {"T4": "T4", "V100": "V100 SXM2 16GB", "P100": "P100 PCIe 16GB"}
N1_MACHINE = re.compile(r"n1-standard-\d+\+\d+x(?P<gpu>\w+)")
N1_NOTE = "the sustained-use discount of N1 is not applied"


def machine_offers(parts: Iterable[Part], source: str, region: str, on: date) -> pd.DataFrame:
    """Put the machines of one region together from the prices of their parts.

    Returns
    -------
    A table with `OFFER_COLUMNS`. A machine of which a part has no price is left out. ``UnknownShape`` names a
    part with two prices or one that is not above 0, or the region if there is no machine in it.
    """
    prices = region_prices(parts, region)
    rows = [
        {
            **shape._asdict(),
            "provider": PROVIDER,
            "instance_type": instance_type,
            "region": region,
            "term": term,
            "usd_per_hour": float(usd_per_hour),
            "committed_hours_per_month": HOURS_PER_MONTH if term in COMMITMENT_MONTHS else None,
            "commitment_months": COMMITMENT_MONTHS.get(term),
            "billing_increment_s": 1.0,
            "minimum_billing_s": 60.0,
            "kind": "derived",
            "as_of": on.isoformat(),
            "source": f"{source}; {N1_NOTE}" if instance_type.startswith("n1-") else source,
        }
        for instance_type, shape in sorted(machine_shapes().items())
        for term in TERMS
        if (usd_per_hour := _machine_usd_per_hour(instance_type, shape, term, prices)) is not None
    ]
    if not rows:
        raise UnknownShape(
            f"Google Cloud, {region}: no GPU machine has a price; the region has none, or another name."
        )
    table = pd.DataFrame(rows, columns=list(OFFER_COLUMNS))
    return table.astype({name: "str" if name in TEXT_COLUMNS else "float64" for name in OFFER_COLUMNS})


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
def machine_shapes() -> Mapping[str, Shape]:
    """The shapes of the machines that are put together here, by instance type; read-only."""
    known = {name: shape for name, shape in shapes(PROVIDER).items() if _build(name) is not None}
    n1 = {
        f"n1-standard-8+1x{short}": Shape(gpu, 1.0, 16.0, 8.0, 30.0, "vm") for short, gpu in N1_GPUS.items()
    }
    return MappingProxyType(n1 | known)


def _build(instance_type: str) -> Build | None:
    """What a machine is made of; None for one that is not put together here."""
    n1 = N1_MACHINE.fullmatch(instance_type)
    if n1 is not None:
        return Build("n1", n1["gpu"]) if n1["gpu"] in N1_GPUS else None
    build = BUILDS.get(instance_type.rpartition("-")[0])
    return build._replace(terms=("spot",)) if build and instance_type in SPOT_ONLY else build


def _machine_usd_per_hour(
    instance_type: str, shape: Shape, term: str, prices: Mapping[tuple[str, str], Decimal]
) -> Decimal | None:
    """The sum of a machine's parts, exact; None where it is not sold so or a part has no price."""
    build = _build(instance_type)
    if build is None or term not in build.terms:
        return None
    gpu_count = Decimal(repr(shape.gpu_count))
    amounts = {
        f"{build.series} core": Decimal(repr(shape.vcpus)),
        f"{build.series} ram": Decimal(repr(shape.ram_gb)),
        build.gpu_part: gpu_count,
        "ssd": gpu_count * build.ssd_gib_per_gpu,
    }
    needed = {(part, term): amount for part, amount in amounts.items() if amount}
    if not needed.keys() <= prices.keys():
        return None
    return sum((amount * prices[key] for key, amount in needed.items()), Decimal(0))
