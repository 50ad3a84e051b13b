"""Pages in the format of the Cloud Billing Catalog, with planted prices of parts.

    server.plant_handler(PATH, pages(truth_skus(), page_size=100))
    TRUTH["us-central1"][("a2-highgpu-1g", "on_demand")] == 3.673385

`truth_skus` are rows of which every one counts, `TRAPS` rows of which none does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from tests.live.server import Answer, Request

PATH = "/v1/services/6F81-5844-456A/skus"
KEY = "AIzaSy-planted-key-0123456789"
BAD_KEY_BODY = json.dumps(
    {
        "error": {
            "code": 400,
            "message": "API key not valid. Please pass a valid API key.",
            "status": "INVALID_ARGUMENT",
            "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}],
        }
    }
).encode()
Sku = dict[str, Any]

PLACES = {
    "Americas": ("us-central1", "us-east1", "us-west1"),
    "Netherlands": ("europe-west4",),
}
TERMS = ("on_demand", "spot", "reserved_1y", "reserved_3y")
USAGE_TYPES = dict(zip(TERMS, ("OnDemand", "Preemptible", "Commit1Yr", "Commit3Yr"), strict=True))

# What the catalog calls a part in use, on spot and under a commitment, and its unit.
NAMES: dict[str, tuple[str, str, str, str]] = {
    **{
        f"{series} {short}": (
            f"{series} Instance {name} running in {{}}",
            f"Spot Preemptible {series} Instance {name} running in {{}}",
            f"Commitment v1: {series} {short} in {{}} for {{}}",
            unit,
        )
        for series in ("A2", "A3", "A3Plus", "A3Ultra", "G2", "G4")
        for short, name, unit in (("Cpu", "Core", "h"), ("Ram", "Ram", "GiBy.h"))
    },
    **{
        f"N1 {short}": (
            f"N1 Predefined Instance {name} running in {{}}",
            f"Spot Preemptible N1 Predefined Instance {name} running in {{}}",
            f"Commitment v1: {short} in {{}} for {{}}",
            unit,
        )
        for short, name, unit in (("Cpu", "Core", "h"), ("Ram", "Ram", "GiBy.h"))
    },
    **{
        gpu: (
            f"{gpu} running in {{}}",
            f"{gpu} attached to Spot Preemptible VMs running in {{}}",
            f"Commitment v1: {gpu} running in {{}} for {{}}",
            "h",
        )
        for gpu in (
            "Nvidia Tesla A100 GPU",
            "Nvidia Tesla A100 80GB GPU",
            "Nvidia H100 80GB GPU",
            "Nvidia H100 80GB Plus GPU",
            "H200 141GB GPU",
            "Nvidia L4 GPU",
            "RTX 6000 96GB",
            "Nvidia Tesla T4 GPU",
            "Nvidia Tesla V100 GPU",
            "Nvidia Tesla P100 GPU",
        )
    },
    "ssd": (
        "SSD backed Local Storage in {}",
        "SSD backed Local Storage attached to Spot Preemptible VMs in {}",
        "Commitment v1: Local SSD In {} for {}",
        "GiBy.mo",
    ),
}

# On demand, spot, 1 and 3 years in the Americas; elsewhere each is dearer by the same part.
PLANTED: dict[str, tuple[str, str, str, str]] = {
    "A2 Cpu": ("0.031611", "0.014225", "0.01991493", "0.01106385"),
    "A2 Ram": ("0.004237", "0.001907", "0.00266931", "0.00148295"),
    "A3 Cpu": ("0.029281", "0.011712", "0.01844703", "0.01024835"),
    "A3 Ram": ("0.002553", "0.001021", "0.00160839", "0.00089355"),
    "A3Plus Cpu": ("0.026923881", "0.0087", "0.01696205", "0.00942336"),
    "A3Plus Ram": ("0.002344215", "0.00076", "0.00147686", "0.00082048"),
    "A3Ultra Cpu": ("0.018702", "0.011221", "0.012903", "0.008216"),
    "A3Ultra Ram": ("0.001629", "0.000977", "0.001124", "0.000715"),
    "G2 Cpu": ("0.024988", "0.014048", "0.01574244", "0.0112446"),
    "G2 Ram": ("0.002927251", "0.001642", "0.001844168", "0.001317263"),
    "G4 Cpu": ("0.03247", "0.01299", "0.0224043", "0.0142868"),
    "G4 Ram": ("0.00349", "0.0014", "0.0024081", "0.0015356"),
    "N1 Cpu": ("0.031611", "0.01115", "0.019915", "0.014225"),
    "N1 Ram": ("0.004237", "0.001495", "0.002669", "0.001907"),
    "Nvidia Tesla A100 GPU": ("2.933908", "1.595225", "1.84836204", "1.0268678"),
    "Nvidia Tesla A100 80GB GPU": ("3.92815", "2.2241", "2.4747345", "1.3748525"),
    "Nvidia H100 80GB GPU": ("9.796551569", "5.671001", "6.781", "4.312"),
    "Nvidia H100 80GB Plus GPU": ("10.344275712", "4.1", "7.1271", "4.5328"),
    "H200 141GB GPU": ("9.31174", "5.587044", "6.4289", "4.0837"),
    "Nvidia L4 GPU": ("0.56004", "0.31487", "0.3528252", "0.252018"),
    "RTX 6000 96GB": ("2.31317", "0.9243", "1.5961", "1.0178"),
    "Nvidia Tesla T4 GPU": ("0.35", "0.119", "0.22", "0.16"),
    "Nvidia Tesla V100 GPU": ("2.48", "0.992", "1.562", "1.116"),
    "Nvidia Tesla P100 GPU": ("1.46", "0.584", "0.919", "0.657"),
    "ssd": ("0.08", "0.028", "0.05", "0.036"),
}
DEARER = {"Americas": Fraction(1), "Netherlands": Fraction("1.101")}


def price(part: str, term: str, place: str) -> Fraction:
    """What one unit of a part costs; a price of the catalog has nine decimals."""
    return round(Fraction(PLANTED[part][TERMS.index(term)]) * DEARER[place], 9)


def _machines() -> dict[str, dict[str, Fraction]]:
    """What each machine is made of, as its maker's page says."""
    machines: dict[str, dict[str, float]] = {
        "a2-megagpu-16g": {"A2 Cpu": 96, "A2 Ram": 1360, "Nvidia Tesla A100 GPU": 16},
        "a3-highgpu-8g": {"A3 Cpu": 208, "A3 Ram": 1872, "Nvidia H100 80GB GPU": 8, "ssd": 6000},
        "a3-megagpu-8g": {"A3Plus Cpu": 208, "A3Plus Ram": 1872, "Nvidia H100 80GB Plus GPU": 8, "ssd": 6000},
        "a3-ultragpu-8g": {"A3Ultra Cpu": 224, "A3Ultra Ram": 2952, "H200 141GB GPU": 8, "ssd": 12000},
        "n1-standard-4+1xT4": {"N1 Cpu": 4, "N1 Ram": 15, "Nvidia Tesla T4 GPU": 1},
    }
    for n in (1, 2, 4, 8):
        machines[f"a2-highgpu-{n}g"] = {"A2 Cpu": 12 * n, "A2 Ram": 85 * n, "Nvidia Tesla A100 GPU": n}
        machines[f"a2-ultragpu-{n}g"] = {
            "A2 Cpu": 12 * n,
            "A2 Ram": 170 * n,
            "Nvidia Tesla A100 80GB GPU": n,
            "ssd": 375 * n,
        }
    for n in (1, 2, 4):
        machines[f"a3-highgpu-{n}g"] = {
            "A3 Cpu": 26 * n,
            "A3 Ram": 234 * n,
            "Nvidia H100 80GB GPU": n,
            "ssd": 750 * n,
        }
    for vcpus, gpus in {4: 1, 8: 1, 12: 1, 16: 1, 24: 2, 32: 1, 48: 4, 96: 8}.items():
        machines[f"g2-standard-{vcpus}"] = {"G2 Cpu": vcpus, "G2 Ram": 4 * vcpus, "Nvidia L4 GPU": gpus}
    for vcpus, ram_gb in {6: 22, 12: 45, 24: 90, 48: 180, 96: 360, 192: 720, 384: 1440}.items():
        machines[f"g4-standard-{vcpus}"] = {"G4 Cpu": vcpus, "G4 Ram": ram_gb, "RTX 6000 96GB": vcpus / 48}
    for gpu in ("T4", "V100", "P100"):
        machines[f"n1-standard-8+1x{gpu}"] = {"N1 Cpu": 8, "N1 Ram": 30, f"Nvidia Tesla {gpu} GPU": 1}
    return {
        name: {part: Fraction(amount) for part, amount in parts.items()} for name, parts in machines.items()
    }


MACHINES = _machines()
SPOT_ONLY = ("a3-highgpu-1g", "a3-highgpu-2g", "a3-highgpu-4g")
NOT_SOLD = {(machine, term) for machine in SPOT_ONLY for term in TERMS if term != "spot"} | {
    ("a3-ultragpu-8g", "on_demand")
}


def _usd_per_hour(machine: str, term: str, place: str) -> float:
    parts = MACHINES[machine].items()
    # Local SSD is priced by the month of 730 hours.
    return float(sum(n * price(part, term, place) / (730 if part == "ssd" else 1) for part, n in parts))


TRUTH: dict[str, dict[tuple[str, str], float]] = {
    region: {
        (machine, term): _usd_per_hour(machine, term, place)
        for machine in MACHINES
        for term in TERMS
        if (machine, term) not in NOT_SOLD
    }
    for place, regions in PLACES.items()
    for region in regions
}


def entry(
    usd: Fraction | str, unit: str = "h", *, since: str = "2026-11-01T10:52:50.681Z", **other: object
) -> Sku:
    """One entry of a timeline of prices; other fields replace those of the money."""
    usd = Fraction(usd)
    return {
        "summary": "",
        "pricingExpression": {
            "usageUnit": unit,
            "displayQuantity": 1,
            "tieredRates": [tier(usd, **other)],
            "usageUnitDescription": "hour",
            "baseUnit": "s",
            "baseUnitConversionFactor": 3600,
        },
        "currencyConversionRate": 1,
        "effectiveTime": since,
    }


def tier(usd: Fraction | str, *, start: object = 0, **other: object) -> Sku:
    usd = Fraction(usd)
    nanos = (usd - int(usd)) * 10**9
    assert nanos.denominator == 1, "a price of the catalog has nine decimals"
    money: Sku = {"currencyCode": "USD", "units": str(int(usd)), "nanos": int(nanos)}
    return {"startUsageAmount": start, "unitPrice": money | other}


def sku(
    description: str,
    usd: Fraction | str,
    /,
    *,
    unit: str = "h",
    usage: str = "OnDemand",
    regions: Iterable[str] = PLACES["Americas"],
    group: str = "GPU",
    **other: object,
) -> Sku:
    """One row as the service sends it; other fields replace those of an ordinary row."""
    listed = list(regions)
    number = hashlib.sha256(f"{description} {usage} {listed}".encode()).hexdigest()[:12].upper()
    sku_id = f"{number[:4]}-{number[4:8]}-{number[8:]}"
    fields: Sku = {
        "name": f"services/6F81-5844-456A/skus/{sku_id}",
        "skuId": sku_id,
        "description": description,
        "category": {
            "serviceDisplayName": "Compute Engine",
            "resourceFamily": "Compute",
            "resourceGroup": group,
            "usageType": usage,
        },
        "serviceRegions": listed,
        "pricingInfo": [entry(usd, unit)],
        "serviceProviderName": "Google",
        "geoTaxonomy": {"type": "MULTI_REGIONAL" if len(listed) > 1 else "REGIONAL", "regions": listed},
    }
    return fields | other


def _group(part: str) -> str:
    if part.startswith("N1 "):
        return "N1Standard"
    return {"Cpu": "CPU", "Ram": "RAM", "ssd": "LocalSSD"}.get(part.rpartition(" ")[2], "GPU")


def part_sku(part: str, term: str, place: str, **other: object) -> Sku:
    """The row of one planted part."""
    in_use, on_spot, committed, unit = NAMES[part]
    # The catalog writes "3 Year" and "3 Years".
    length = {"reserved_1y": "1 Year", "reserved_3y": "3 Years" if part.startswith("A3") else "3 Year"}
    template = {"on_demand": in_use, "spot": on_spot}.get(term, committed)
    return sku(
        template.format(place, length.get(term, "")),
        price(part, term, place),
        unit=unit,
        usage=USAGE_TYPES[term],
        regions=PLACES[place],
        group=_group(part),
        **other,
    )


def truth_skus() -> list[Sku]:
    """Every planted price once."""
    return [part_sku(part, term, place) for term in TERMS for part in PLANTED for place in PLACES]


# Each of these is no price of a machine that is sold; a price of 0.001 would be seen at once.
TRAPS: dict[str, Sku] = {
    description: sku(description, "0.001", usage=usage, group="GPU" if "GPU" in description else "CPU")
    for description, usage in {
        "Reserved Nvidia Tesla A100 GPU in Americas": "OnDemand",
        "Reserved Nvidia H100 80GB Mega GPU in Americas in Calendar Mode": "OnDemand",
        "Nvidia H100 80GB GPU running in Americas in Calendar Mode": "OnDemand",
        "Reserved H200 141GB GPU in Americas": "OnDemand",
        "H200 141GB GPU attached to DWS Defined Duration VMs running in Americas": "OnDemand",
        "H200 141GB GPU running in Americas in Calendar Mode": "OnDemand",
        "Reserved A2 Ram in Americas": "OnDemand",
        "Reserved A3Ultra Ram in Americas": "OnDemand",
        "A2 Instance Core running in Americas Reserved": "OnDemand",
        "Nvidia L4 GPU attached to DWS Defined Duration VMs running in Americas": "OnDemand",
        "Nvidia H100 Mega 80GB GPU attached to DWS Defined Duration VMs running in Americas": "OnDemand",
        "DWS Calendar Mode A3 Instance Core running in Americas": "OnDemand",
        "Sole Tenancy Premium for A2 Sole Tenancy Instance Core": "OnDemand",
        "A2 Sole Tenancy Instance Core running in Americas": "OnDemand",
        "G2 Custom Instance Core running in Americas": "OnDemand",
        "Custom Instance Core running in Americas": "OnDemand",
        "Spot Preemptible Custom Instance Ram running in Americas": "Preemptible",
        "Commitment v1: G2 Custom Cpu in Americas for 1 Year": "Commit1Yr",
        "Commitment v1: N2 Cpu in Americas for 1 Year": "Commit1Yr",
        "Commitment v1: A2 Cpu in Americas for 5 Years": "Commit",
        "Commitment v1: A2 Core in Americas for 5 Years": "Commit",
        "Commitment v1: Reserved A2 Cpu in Americas for 1 Year": "Commit1Yr",
        "Nvidia L4 GPU running in Americas (suspended)": "OnDemand",
        "VM state: suspended A2 Instance Ram in Americas": "OnDemand",
        "Nvidia Tesla T4 Virtual Workstation GPU running in Americas": "OnDemand",
        "Committed Use Discount Premium for A2 Instance Core running in Americas": "OnDemand",
        "A2 Instance Core running in Americas": "Commit1Yr",
        "Nvidia L4 GPU running in Americas": "Preemptible",
        "Commitment v1: Nvidia L4 GPU running in Americas for 3 Years": "Commit1Yr",
        "N2 Instance Core running in Americas": "OnDemand",
        "Micro Instance with burstable CPU running in Americas": "OnDemand",
        "Network Internet Egress from Americas to China": "OnDemand",
        "SSD backed PD Capacity": "OnDemand",
    }.items()
} | {
    "still to come": sku(
        "Nvidia L4 GPU running in Americas",
        "0.001",
        pricingInfo=[entry("0.001", since="2026-12-01T00:00:00Z")],
    ),
    "elsewhere": sku("Nvidia L4 GPU running in Belgium", "0.001", regions=["europe-west1"]),
}


def body(skus: list[Any], /, *, token: object = "", **other: object) -> bytes:
    """One page; other fields replace those of the envelope."""
    envelope: Sku = {"skus": skus, "nextPageToken": token}
    return json.dumps(envelope | other).encode()


def pages(skus: Iterable[Any], *, page_size: int = 5000) -> Callable[[Request], Answer]:
    """A handler that pages through rows for whoever shows the key, as the service does."""
    listed = list(skus)

    def handler(request: Request) -> Answer:
        if request.headers.get("x-goog-api-key") != KEY:
            return Answer(BAD_KEY_BODY, status=400)
        start = int(request.query.get("pageToken", "from 0").removeprefix("from "))
        rest = start + page_size
        return Answer(body(listed[start:rest], token=f"from {rest}" if rest < len(listed) else ""))

    return handler
