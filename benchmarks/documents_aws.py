"""Write a price list of one AWS region in the official form and at its real size, with planted prices."""

from __future__ import annotations

import csv
import hashlib
from base64 import b32encode
from collections.abc import Iterator
from itertools import chain, count, islice, product
from pathlib import Path
from typing import NamedTuple

REGION = "us-east-1"
LOCATION = "US East (N. Virginia)"
PATH = f"offers/v1.0/aws/AmazonEC2/current/{REGION}/index.csv"
ROWS = 420_000
ROWS_A_TYPE = 588
GPU_TYPE_EVERY = 10
DATA = Path(__file__).resolve().parent.parent / "data"

METADATA = (
    ("FormatVersion", "v1.0"),
    (
        "Disclaimer",
        "Made up for a benchmark. No price in this file is a price of anybody, and none may be relied on.",
    ),
    ("Publication Date", "2026-11-20T17:52:47Z"),
    ("Version", "20261120175247"),
    ("OfferCode", "AmazonEC2"),
)
TERM_COLUMNS = (
    *("SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange"),
    *("EndingRange", "Unit", "PricePerUnit", "Currency", "RelatedTo", "LeaseContractLength"),
    *("PurchaseOption", "OfferingClass"),
)
PRODUCT_COLUMNS = (
    *("Product Family", "serviceCode", "Location", "Location Type", "Instance Type", "Current Generation"),
    *("Instance Family", "vCPU", "Physical Processor", "Clock Speed", "Memory", "Storage"),
    *("Network Performance", "Processor Architecture", "Storage Media", "Volume Type", "Max Volume Size"),
    *("Max IOPS/volume", "Max IOPS Burst Performance", "Max throughput/volume", "Provisioned", "Tenancy"),
    *("EBS Optimized", "Operating System", "License Model", "Group", "Group Description", "Transfer Type"),
    *("From Location", "From Location Type", "To Location", "To Location Type", "usageType", "operation"),
    *("AvailabilityZone", "CapacityStatus", "ClassicNetworkingSupport", "Dedicated EBS Throughput", "ECU"),
    *("Elastic Graphics Type", "Enhanced Networking Supported", "From Region Code", "GPU", "GPU Memory"),
    *("Instance", "Instance Capacity - 10xlarge", "Instance Capacity - 12xlarge"),
    *("Instance Capacity - 16xlarge", "Instance Capacity - 18xlarge", "Instance Capacity - 24xlarge"),
    *("Instance Capacity - 2xlarge", "Instance Capacity - 32xlarge", "Instance Capacity - 4xlarge"),
    *("Instance Capacity - 8xlarge", "Instance Capacity - 9xlarge", "Instance Capacity - large"),
    *("Instance Capacity - medium", "Instance Capacity - metal", "Instance Capacity - xlarge"),
    *("instanceSKU", "Intel AVX2 Available", "Intel AVX Available", "Intel Turbo Available", "MarketOption"),
    *("Normalization Size Factor", "Physical Cores", "Pre Installed S/W", "Processor Features"),
    *("Product Type", "Region Code", "Resource Type", "serviceName", "SnapshotArchiveFeeType"),
    *("To Region Code", "Volume API Name", "VPCNetworkingSupport"),
)


class Machine(NamedTuple):
    """One instance type; ``usd_per_hour`` is 0 where it is not sold on demand."""

    instance_type: str
    vcpus: float
    ram_gb: float
    gpus: str
    usd_per_hour: float


class Software(NamedTuple):
    """What runs on a machine, and whether it can be reserved."""

    system: str
    license: str
    installed: str
    operation: str
    factor: float
    is_reservable: bool = True


class Term(NamedTuple):
    """One way to reserve; ``fraction`` of the price on demand, paid by the hour or upfront."""

    code: str
    lease: str
    option: str
    offering: str
    fraction: float


NO_LICENSE, OWN_LICENSE = "No License required", "Bring your own license"
SOFTWARE = (
    Software("Linux", NO_LICENSE, "NA", "RunInstances", 1.0),
    Software("Linux", NO_LICENSE, "SQL Ent", "RunInstances:0100", 2.6),
    Software("Linux", NO_LICENSE, "SQL Std", "RunInstances:0004", 1.9),
    Software("Linux", NO_LICENSE, "SQL Web", "RunInstances:0200", 1.2),
    Software("RHEL", NO_LICENSE, "NA", "RunInstances:0010", 1.1),
    Software("RHEL", NO_LICENSE, "SQL Ent", "RunInstances:0110", 2.7, False),
    Software("RHEL", NO_LICENSE, "SQL Std", "RunInstances:0014", 2.0, False),
    Software("RHEL", NO_LICENSE, "SQL Web", "RunInstances:0210", 1.3, False),
    Software("Red Hat Enterprise Linux with HA", NO_LICENSE, "NA", "RunInstances:1010", 1.2),
    Software("Red Hat Enterprise Linux with HA", NO_LICENSE, "SQL Ent", "RunInstances:1110", 2.8, False),
    Software("Red Hat Enterprise Linux with HA", NO_LICENSE, "SQL Std", "RunInstances:1014", 2.1, False),
    Software("SUSE", NO_LICENSE, "NA", "RunInstances:000g", 1.1),
    Software("Ubuntu Pro", NO_LICENSE, "NA", "RunInstances:0g00", 1.02, False),
    Software("Windows", NO_LICENSE, "NA", "RunInstances:0002", 1.4),
    Software("Windows", NO_LICENSE, "SQL Ent", "RunInstances:0102", 3.0),
    Software("Windows", NO_LICENSE, "SQL Std", "RunInstances:0006", 2.3),
    Software("Windows", NO_LICENSE, "SQL Web", "RunInstances:0202", 1.6),
    Software("Windows", OWN_LICENSE, "NA", "RunInstances:0800", 1.0),
)
TERMS = (
    Term("4NA7Y494T4", "1yr", "No Upfront", "standard", 0.63),
    Term("HU7G6KETJZ", "1yr", "Partial Upfront", "standard", 0.60),
    Term("6QCMYABX3D", "1yr", "All Upfront", "standard", 0.59),
    Term("7NE97W5U4E", "1yr", "No Upfront", "convertible", 0.72),
    Term("CUZHX8X6JH", "1yr", "Partial Upfront", "convertible", 0.69),
    Term("VJWZNREJX2", "1yr", "All Upfront", "convertible", 0.68),
    Term("BPH4J8HBKS", "3yr", "No Upfront", "standard", 0.43),
    Term("38NPMPTW36", "3yr", "Partial Upfront", "standard", 0.40),
    Term("NQ3QZPMQV9", "3yr", "All Upfront", "standard", 0.38),
    Term("Z2E3P23VKM", "3yr", "No Upfront", "convertible", 0.50),
    Term("R5XV2EPZQZ", "3yr", "Partial Upfront", "convertible", 0.46),
    Term("MZU6U2429S", "3yr", "All Upfront", "convertible", 0.45),
)
UPFRONT_FRACTIONS = {"No Upfront": 0.0, "Partial Upfront": 0.5, "All Upfront": 1.0}
PLAIN = SOFTWARE[0]
TENANCIES = ("Shared", "Dedicated")
CAPACITIES = ("Used", "UnusedCapacityReservation", "AllocatedCapacityReservation")
USAGES = {
    "Shared": ("BoxUsage", "UnusedBox", "Reservation"),
    "Dedicated": ("DedicatedUsage", "UnusedDed", "DedicatedRes"),
}
CAPACITY_BLOCK = "CapacityBlock"
BLOCK_FAMILIES = ("p4", "p5", "p6")
HOURLY, UPFRONT = "6YS6EN2CT7", "2TG2D8R56U"
HOURS_PER_YEAR = 8760

SIZES = {"medium": 1, "large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32, "12xlarge": 48}
SIZES |= {"16xlarge": 64, "24xlarge": 96, "32xlarge": 128, "48xlarge": 192, "metal": 96}


def write_price_list(path: Path, *, scale: float = 1.0, seed: int = 0) -> dict[tuple[str, str], float]:
    """Write the price list of one region: about 300 MB and 420,000 rows at scale 1.

    Parameters
    ----------
    path : the file; its folders are made.
    scale : share of the rows. [1]
    seed : other SKUs and prices; the same seed writes the same bytes.

    Returns
    -------
    What a reader must find, by instance type and term: GPU types with a known shape, Linux on shared
    machines, on demand and reserved without upfront payment. [USD/h]
    """
    rows = round(ROWS * scale)
    if rows <= ROWS_A_TYPE * GPU_TYPE_EVERY:
        raise ValueError(f"scale is {scale:g}; allowed is more than {ROWS_A_TYPE * GPU_TYPE_EVERY / ROWS:g}")
    # Some machines have a row more, and what is left is filled up.
    machines = _machines(rows // (ROWS_A_TYPE + 1))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"{_quoted(cells)}\n" for cells in (*METADATA, (*TERM_COLUMNS, *PRODUCT_COLUMNS)))
        file.writelines(islice(chain(_rows(machines, seed), _filler(seed)), rows))
    return _planted(machines)


def _machines(types: int) -> list[Machine]:
    """Choose the instance types: a GPU type here and there, as in a real region."""
    shapes = _read(DATA / "instances.csv", "provider", "aws")
    prices = {
        row["instance_type"]: float(row["usd_per_hour"])
        for row in _read(DATA / "offers.csv", "provider", "aws")
        if (row["region"], row["term"]) == (REGION, "on_demand")
    }
    gpu_machines = [
        Machine(
            name,
            float(row["vcpus"]),
            float(row["ram_gb"]),
            f"{float(row['gpu_count']):g}",
            prices.get(name, 0.0),
        )
        for row in shapes
        if (name := row["instance_type"])
    ]
    wanted = max(1, types // GPU_TYPE_EVERY)
    step = max(1, len(gpu_machines) // wanted)
    chosen = gpu_machines[::step][:wanted]
    families = (
        f"{kind}{generation}{maker}{extra}"
        for generation, kind, maker, extra in product("5678", "mcrx", ("", "a", "g", "i"), ("", "d", "n"))
    )
    others = (
        Machine(f"{family}.{size}", vcpus, vcpus * 4.0, "", round(vcpus * 0.048, 4))
        for family in families
        for size, vcpus in SIZES.items()
    )
    return [*chosen, *islice(others, types - len(chosen))]


def _read(path: Path, column: str, value: str) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row[column] == value]


def _has_blocks(machine: Machine) -> bool:
    return machine.instance_type.startswith(BLOCK_FAMILIES)


def _rows(machines: list[Machine], seed: int) -> Iterator[str]:
    """Give the rows of all machines, ordered by SKU, which scatters the products over the file."""
    block = (PLAIN, "Shared", "Used", CAPACITY_BLOCK)
    variants = (*product(SOFTWARE, TENANCIES, CAPACITIES, ("OnDemand",)), block)
    skus = sorted(
        (_sku(seed, machine.instance_type, *variant[0][:4], *variant[1:]), machine, variant)
        for machine in machines
        for variant in variants
        if variant[3] != CAPACITY_BLOCK or _has_blocks(machine)
    )
    for sku, machine, (software, tenancy, capacity, market) in skus:
        product_cells = _product(machine, software, tenancy, capacity, market)
        for cells in _terms(sku, machine, software, tenancy, capacity, market):
            yield f"{_quoted(cells)},{product_cells}\n"


def _sku(*what: object) -> str:
    """Give sixteen letters and digits that belong to a product."""
    return b32encode(hashlib.blake2b(repr(what).encode(), digest_size=10).digest()).decode()


def _terms(
    sku: str, machine: Machine, software: Software, tenancy: str, capacity: str, market: str
) -> Iterator[tuple[str, ...]]:
    """Give the first columns of every row of one product: on demand, then the reservations."""
    what = f"{software.system} {machine.instance_type} Instance Hour"
    usd = _usd(machine, software, tenancy)
    if market == CAPACITY_BLOCK:
        usd = 0.0
    if machine.usd_per_hour or market == CAPACITY_BLOCK:
        code = f"{sku}.JRTCKXETXF.{HOURLY}"
        text = f"${usd:g} per On Demand {what}"
        start = (sku, "JRTCKXETXF", code, "OnDemand", text, "2026-11-01", "0", "Inf", "Hrs")
        yield (*start, f"{usd:.10f}", "USD", "", "", "", "")
    if not software.is_reservable or capacity != "Used" or market == CAPACITY_BLOCK:
        return
    for term in TERMS:
        hourly_usd = _reserved_usd(machine, software, tenancy, term)
        total_usd = hourly_usd * HOURS_PER_YEAR * int(term.lease[0])
        upfront_fraction = UPFRONT_FRACTIONS[term.option]
        upfront_usd, rest_usd = total_usd * upfront_fraction, hourly_usd * (1 - upfront_fraction)
        end = ("USD", "", term.lease, term.option, term.offering)
        code = f"{sku}.{term.code}"
        text = f"{software.system} (Amazon VPC), {machine.instance_type} reserved instance applied"
        applied = (text, "2026-06-01", "0", "Inf", "Hrs", f"{rest_usd:.10f}")
        yield (sku, term.code, f"{code}.{HOURLY}", "Reserved", *applied, *end)
        if upfront_usd:
            fee = ("Upfront Fee", "2026-06-01", "", "", "Quantity", f"{upfront_usd:.0f}")
            yield (sku, term.code, f"{code}.{UPFRONT}", "Reserved", *fee, *end)


def _usd(machine: Machine, software: Software, tenancy: str) -> float:
    """Give the price on demand, rounded as price lists are."""
    return round(machine.usd_per_hour * software.factor * (1.1 if tenancy == "Dedicated" else 1.0), 6)


def _reserved_usd(machine: Machine, software: Software, tenancy: str, term: Term) -> float:
    """Give the price of a reservation; what is not sold on demand has none, which is written as zero."""
    return round(_usd(machine, software, tenancy) * term.fraction, 5)


def _planted(machines: list[Machine]) -> dict[tuple[str, str], float]:
    """Say what is to be found."""
    sold = [machine for machine in machines if machine.gpus and machine.usd_per_hour]
    return {
        **{(machine.instance_type, "on_demand"): _usd(machine, PLAIN, "Shared") for machine in sold},
        **{
            (machine.instance_type, f"reserved_{term.lease[0]}y"): _reserved_usd(
                machine, PLAIN, "Shared", term
            )
            for machine in sold
            for term in TERMS
            if (term.option, term.offering) == ("No Upfront", "standard")
        },
    }


def _product(machine: Machine, software: Software, tenancy: str, capacity: str, market: str) -> str:
    """Give the other columns, which are the same in every row of one product."""
    usage = dict(zip(CAPACITIES, USAGES[tenancy], strict=True))[capacity]
    is_metal = machine.instance_type.endswith(".metal")
    cells = {
        "Product Family": f"Compute Instance{' (bare metal)' if is_metal else ''}",
        "serviceCode": "AmazonEC2",
        "Location": LOCATION,
        "Location Type": "AWS Region",
        "Instance Type": machine.instance_type,
        "Current Generation": "Yes",
        "Instance Family": "GPU instance" if machine.gpus else "General purpose",
        "vCPU": f"{machine.vcpus:g}",
        "Physical Processor": "Intel Xeon Platinum 8259CL (Cascade Lake)",
        "Clock Speed": "3.1 GHz",
        "Memory": f"{machine.ram_gb:g} GiB",
        "Storage": "EBS only",
        "Network Performance": "Up to 12500 Megabit",
        "Processor Architecture": "64-bit",
        "Tenancy": tenancy,
        "Operating System": software.system,
        "License Model": software.license,
        "usageType": f"{usage}:{machine.instance_type}",
        "operation": software.operation,
        "AvailabilityZone": "NA",
        "CapacityStatus": capacity,
        "ClassicNetworkingSupport": "false",
        "Dedicated EBS Throughput": "Up to 3500 Mbps",
        "ECU": "NA",
        "Enhanced Networking Supported": "Yes",
        "GPU": machine.gpus,
        "GPU Memory": "NA",
        "instanceSKU": "" if capacity == "Used" else _sku(machine.instance_type, software.system),
        "Intel AVX2 Available": "Yes",
        "Intel AVX Available": "Yes",
        "Intel Turbo Available": "Yes",
        "MarketOption": market,
        "Normalization Size Factor": f"{machine.vcpus * 2:g}",
        "Pre Installed S/W": software.installed,
        "Processor Features": "AVX; AVX2; Intel AVX; Intel AVX2; Intel AVX512; Intel Turbo",
        "Region Code": REGION,
        "serviceName": "Amazon Elastic Compute Cloud",
        "VPCNetworkingSupport": "true",
    }
    return _quoted(tuple(cells.get(column, "") for column in PRODUCT_COLUMNS))


def _filler(seed: int) -> Iterator[str]:
    """Give rows of another product, data transfer, without end."""
    for number in count():
        sku = _sku(seed, "transfer", number)
        text = f"$0.02 per GB - {LOCATION}, data transfer to place {number}"
        start = (sku, "JRTCKXETXF", f"{sku}.JRTCKXETXF.{HOURLY}", "OnDemand", text, "2026-11-01", "0", "Inf")
        term = _quoted((*start, "GB", "0.0200000000", "USD", "", "", "", ""))
        cells = {
            "Product Family": "Data Transfer",
            "serviceCode": "AWSDataTransfer",
            "Transfer Type": "InterRegion Outbound",
            "From Location": LOCATION,
            "From Location Type": "AWS Region",
            "To Location": f"Place {number}",
            "To Location Type": "AWS Region",
            "usageType": f"USE1-PL{number}-AWS-Out-Bytes",
            "From Region Code": REGION,
            "serviceName": "AWS Data Transfer",
        }
        yield f"{term},{_quoted(tuple(cells.get(column, '') for column in PRODUCT_COLUMNS))}\n"


def _quoted(cells: tuple[str, ...]) -> str:
    """Join cells as the price list does: quotes around all but the empty ones."""
    return ",".join([f'"{cell}"' if cell else "" for cell in cells])
