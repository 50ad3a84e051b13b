"""Write pages of Google's billing catalog in the official form and at real size, with planted prices."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from decimal import Decimal
from itertools import count, islice, product
from pathlib import Path
from typing import NamedTuple

from measuring import FIRST_PAGE

REGION = "europe-west4"
PATH = "v1/services/6F81-5844-456A/skus"
SKUS = 42_000
SKUS_A_PAGE = 5000
EFFECTIVE = "2026-11-01T07:05:19.216345Z"

Sku = dict[str, object]


class Resource(NamedTuple):
    """What is priced: how it is called in use and in a commitment, its unit, and its price on demand."""

    used: str
    committed: str
    group: str
    unit: str
    usd: str


class Use(NamedTuple):
    """A way of buying: how descriptions are worded, and which fraction of the price on demand it costs."""

    term: str
    usage_type: str
    gpu: str
    other: str
    fraction: str


PLACES = {
    REGION: "Netherlands",
    "us-central1": "Americas",
    "europe-west1": "EMEA",
    "europe-west2": "London",
    "europe-west3": "Frankfurt",
    "europe-west6": "Zurich",
    "asia-east1": "APAC",
    "asia-northeast1": "Japan",
    "asia-south1": "Mumbai",
    "australia-southeast1": "Sydney",
    "southamerica-east1": "Sao Paulo",
    "us-west2": "Los Angeles",
}
SERIES = (
    Resource("A2 Instance Core", "A2 Cpu", "CPU", "h", "0.034806"),
    Resource("A2 Instance Ram", "A2 Ram", "RAM", "GiBy.h", "0.004664"),
    Resource("A3 Instance Core", "A3 Cpu", "CPU", "h", "0.029563"),
    Resource("A3 Instance Ram", "A3 Ram", "RAM", "GiBy.h", "0.002577"),
    Resource("A3Plus Instance Core", "A3Plus Cpu", "CPU", "h", "0.029565"),
    Resource("A3Plus Instance Ram", "A3Plus Ram", "RAM", "GiBy.h", "0.002579"),
    Resource("G2 Instance Core", "G2 Cpu", "CPU", "h", "0.027521"),
    Resource("G2 Instance Ram", "G2 Ram", "RAM", "GiBy.h", "0.003223"),
    Resource("N1 Predefined Instance Core", "Cpu", "N1Standard", "h", "0.034773"),
    Resource("N1 Predefined Instance Ram", "Ram", "N1Standard", "GiBy.h", "0.004661"),
)
GPUS = (
    Resource("Nvidia Tesla A100 GPU", "Nvidia Tesla A100 GPU", "GPU", "h", "2.933908"),
    Resource("Nvidia Tesla A100 80GB GPU", "Nvidia Tesla A100 80GB GPU", "GPU", "h", "3.926808"),
    Resource("Nvidia H100 80GB GPU", "Nvidia H100 80GB GPU", "GPU", "h", "9.796552"),
    Resource("Nvidia H100 80GB Mega GPU", "Nvidia H100 80GB Mega GPU", "GPU", "h", "9.796553"),
    Resource("Nvidia L4 GPU", "Nvidia L4 GPU", "GPU", "h", "0.616861"),
    Resource("Nvidia Tesla T4 GPU", "Nvidia Tesla T4 GPU", "GPU", "h", "0.350012"),
    Resource("Nvidia Tesla V100 GPU", "Nvidia Tesla V100 GPU", "GPU", "h", "2.550017"),
)
SSD = Resource("SSD backed Local Storage", "Local SSD", "LocalSSD", "GiBy.mo", "0.08833")
USES = (
    Use("on_demand", "OnDemand", "{} running in {}", "{} running in {}", "1"),
    Use(
        "spot",
        "Preemptible",
        "{} attached to Spot Preemptible VMs running in {}",
        "Spot Preemptible {} running in {}",
        "0.4",
    ),
    Use(
        "reserved_1y",
        "Commit1Yr",
        "Commitment v1: {} in {} for 1 Year",
        "Commitment v1: {} in {} for 1 Year",
        "0.63",
    ),
    Use(
        "reserved_3y",
        "Commit3Yr",
        "Commitment v1: {} in {} for 3 Years",
        "Commitment v1: {} in {} for 3 Years",
        "0.45",
    ),
)
# What must be found is known for these: cores, GiB of RAM, GPUs, GiB of local SSD.
MACHINES = {
    "a2-highgpu-1g": ("A2 Instance", 12, 85, "Nvidia Tesla A100 GPU", 1, 0),
    "a2-ultragpu-8g": ("A2 Instance", 96, 1360, "Nvidia Tesla A100 80GB GPU", 8, 3000),
    "a3-highgpu-8g": ("A3 Instance", 208, 1872, "Nvidia H100 80GB GPU", 8, 6000),
    "g2-standard-4": ("G2 Instance", 4, 16, "Nvidia L4 GPU", 1, 0),
    "n1-standard-8+1xT4": ("N1 Predefined Instance", 8, 30, "Nvidia Tesla T4 GPU", 1, 0),
}


def write_pages(folder: Path, *, scale: float = 1.0, seed: int = 0) -> dict[tuple[str, str], float]:
    """Write every page of the catalog: 42,000 SKUs in pages of 5,000 at scale 1.

    Returns
    -------
    What a reader must find for some machines in `REGION`, by instance type and term. [USD/h]
    """
    rng = random.Random(seed)
    parts = list(_parts())
    skus = [*parts, *islice(other_skus(rng), round(SKUS * scale) - len(parts))]
    rng.shuffle(skus)
    (folder / PATH).mkdir(parents=True, exist_ok=True)
    for start in range(0, len(skus), SKUS_A_PAGE):
        following = start + SKUS_A_PAGE
        answer = {
            "skus": skus[start:following],
            "nextPageToken": _token(following) if following < len(skus) else "",
        }
        # Google's answers are indented.
        (folder / PATH / (_token(start) if start else FIRST_PAGE)).write_text(
            json.dumps(answer, indent=2), encoding="utf-8"
        )
    return _planted()


def _token(start: int) -> str:
    return f"AbCdEf{start:06d}xYz"


def _usd(resource: Resource, use: Use) -> Decimal:
    return (Decimal(resource.usd) * Decimal(use.fraction)).quantize(Decimal("0.000000001"))


def _planted() -> dict[tuple[str, str], float]:
    """Add up the parts of a machine."""
    by_name = {resource.used: resource for resource in (*SERIES, *GPUS)}
    return {
        (name, use.term): float(
            cores * _usd(by_name[f"{series} Core"], use)
            + ram_gb * _usd(by_name[f"{series} Ram"], use)
            + gpus * _usd(by_name[gpu], use)
            + ssd_gb * _usd(SSD, use) / 730
        )
        for name, (series, cores, ram_gb, gpu, gpus, ssd_gb) in MACHINES.items()
        for use in USES
    }


def _parts() -> Iterator[Sku]:
    """Give the parts of GPU machines in every place and way of buying."""
    for (region, place), use in product(PLACES.items(), USES):
        for resource in (*SERIES, *GPUS, SSD):
            is_used = not use.usage_type.startswith("Commit")
            form = use.gpu if resource.group in {"GPU", "LocalSSD"} else use.other
            description = form.format(resource.used if is_used else resource.committed, place)
            usd = _usd(resource, use)
            yield _sku(description, "Compute", resource.group, use.usage_type, region, resource.unit, [usd])


def other_skus(rng: random.Random) -> Iterator[Sku]:
    """Give what the rest of the catalog is made of, without end."""
    kinds = (
        ("C{0} Instance Core running in {1}", "Compute", "CPU", "OnDemand", "h", 1),
        ("Spot Preemptible N{0} Instance Ram running in {1}", "Compute", "RAM", "Preemptible", "GiBy.h", 1),
        ("Commitment v1: E{0} Cpu in {1} for 1 Year", "Compute", "CPU", "Commit1Yr", "h", 1),
        ("N{0} Custom Instance Core running in {1}", "Compute", "CPU", "OnDemand", "h", 1),
        ("A2 Sole Tenancy Instance Core {0} running in {1}", "Compute", "CPU", "OnDemand", "h", 1),
        ("Storage PD Capacity {0} in {1}", "Storage", "PDStandard", "OnDemand", "GiBy.mo", 1),
        ("Network Inter Region Egress {0} from {1}", "Network", "InterregionEgress", "OnDemand", "GiBy", 3),
        ("Licensing Fee for System {0} in {1}", "License", "RunningVM", "OnDemand", "h", 1),
    )
    for number in count(1):
        kind, family, group, usage, unit, tiers = kinds[number % len(kinds)]
        region = rng.choice(list(PLACES))
        prices = [Decimal(rng.randrange(1_000_000, 900_000_000)).scaleb(-9) for _ in range(tiers)]
        yield _sku(kind.format(number, PLACES[region]), family, group, usage, region, unit, prices)


def _sku(
    description: str, family: str, group: str, usage: str, region: str, unit: str, prices: list[Decimal]
) -> Sku:
    """Give one SKU with all of its fields."""
    code = hashlib.blake2b(f"{description} {region}".encode(), digest_size=6).hexdigest().upper()
    sku_id = f"{code[:4]}-{code[4:8]}-{code[8:]}"
    tiers = [
        {
            "startUsageAmount": place * 1024,
            "unitPrice": {
                "currencyCode": "USD",
                "units": str(int(usd)),
                "nanos": int((usd - int(usd)).scaleb(9)),
            },
        }
        for place, usd in enumerate(prices)
    ]
    return {
        "name": f"services/6F81-5844-456A/skus/{sku_id}",
        "skuId": sku_id,
        "description": description,
        "category": {
            "serviceDisplayName": "Compute Engine",
            "resourceFamily": family,
            "resourceGroup": group,
            "usageType": usage,
        },
        "serviceRegions": [region],
        "pricingInfo": [
            {
                "summary": "",
                "pricingExpression": {
                    "usageUnit": unit,
                    "displayQuantity": 1,
                    "tieredRates": tiers,
                    "usageUnitDescription": {"h": "hour", "GiBy.h": "gibibyte hour"}.get(unit, "gibibyte"),
                    "baseUnit": "s",
                    "baseUnitDescription": "second",
                    "baseUnitConversionFactor": 3600,
                },
                "currencyConversionRate": 1,
                "effectiveTime": EFFECTIVE,
            }
        ],
        "serviceProviderName": "Google",
        "geoTaxonomy": {"type": "REGIONAL", "regions": [region]},
    }
