"""What the files of the AWS Price List say about GPU machines: on demand, reserved and savings plans."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterable
from typing import NamedTuple, TypeVar

from .aws_csv import Filter, Row, broken, read_rows
from .instances import shapes

K = TypeVar("K", bound=Hashable)

PRICE = re.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
# All families that begin so have GPUs; families with other accelerators begin otherwise.
GPU_FAMILY = re.compile(r"(g|gr|p)[0-9]")
YEARS = {"1yr": 1, "3yr": 3}
MACHINES = ("Compute Instance", "Compute Instance (bare metal)")
COMPUTE_PLAN, OTHER_PLAN = "ComputeSavingsPlans", "EC2InstanceSavingsPlans"

PRICE_COLUMNS = (
    "SKU",
    "TermType",
    "Unit",
    "PricePerUnit",
    "Currency",
    "LeaseContractLength",
    "PurchaseOption",
    "OfferingClass",
    "Product Family",
    "Location Type",
    "Instance Type",
    "Tenancy",
    "Operating System",
    "CapacityStatus",
    "GPU",
    "Pre Installed S/W",
)
# Files from before capacity blocks lack the first, and files of one region may lack the second.
OPTIONAL_PRICE_COLUMNS = ("MarketOption", "Region Code")
PLAN_COLUMNS = (
    "SKU",
    "Unit",
    "DiscountedRate",
    "Currency",
    "DiscountedSKU",
    "DiscountedServiceCode",
    "DiscountedUsageType",
    "PurchaseOption",
    "LeaseContractLength",
    "LeaseContractLengthUnit",
    "Product Family",
)


class PriceList(NamedTuple):
    """What the price list of one region holds; all prices are for a whole instance. [USD/h]

    ``usd_per_hour`` is by instance type and term (on demand and reserved), ``skus`` gives the instance type
    of every SKU sold on demand, ``left_out`` names GPU types whose shape is not known here.
    """

    usd_per_hour: dict[tuple[str, str], float]
    skus: dict[str, str]
    left_out: frozenset[str]


def read_price_list(chunks: Iterable[bytes], region: str) -> PriceList:
    """Read the price list of one region: Linux on shared machines, without preinstalled software.

    Left out are capacity blocks and reservations of capacity, dedicated machines, Local and Wavelength Zones,
    convertible reservations and those with something upfront.

    Raises
    ------
    UnknownShape : the file is not whole or not of the known form, or a price that would be used is not a
        number above 0.
    """
    name = f"AWS price list of {region}"
    usd_per_hour: dict[tuple[str, str], float] = {}
    skus: dict[str, str] = {}
    left_out: set[str] = set()
    for row in read_rows(
        name,
        chunks,
        PRICE_COLUMNS,
        Filter(_first_letters(), _may_be_machine, b"Compute Instance"),
        optional=OPTIONAL_PRICE_COLUMNS,
    ):
        texts = row.texts
        if not _is_plain_machine(texts):
            continue
        instance_type = texts["Instance Type"]
        if texts["Region Code"] not in {region, ""}:
            raise broken(name, f"line {row.line} ({instance_type}) is of {texts['Region Code']!r}")
        if not instance_type or not texts["SKU"]:
            raise broken(name, f"line {row.line} is a machine without SKU or Instance Type")
        if instance_type not in shapes("aws"):
            if is_gpu_type(instance_type) or _has_gpu(texts["GPU"]):
                left_out.add(instance_type)
            continue
        term = _term(name, row)
        if not term:
            continue
        where = f"line {row.line} ({instance_type}, {term})"
        usd = _hourly_usd(name, where, texts["PricePerUnit"], texts["Unit"], texts["Currency"])
        put(name, usd_per_hour, (instance_type, term), usd, where)
        if term == "on_demand":
            skus[texts["SKU"]] = instance_type
    return PriceList(usd_per_hour, skus, frozenset(left_out))


def read_savings_plans(chunks: Iterable[bytes], region: str) -> dict[tuple[str, str], float]:
    """Read the compute savings plans without upfront payment of one region.

    Returns
    -------
    The price by SKU and term, for GPU types whose shape is known, whatever their operating system. [USD/h]
    Raises ``UnknownShape`` like `read_price_list`.
    """
    name = f"AWS savings plans of {region}"
    usd_per_hour: dict[tuple[str, str], float] = {}
    for row in read_rows(
        name, chunks, PLAN_COLUMNS, Filter(_first_letters(), _may_be_plan, COMPUTE_PLAN.encode())
    ):
        texts = row.texts
        instance_type = texts["DiscountedUsageType"].rpartition("BoxUsage:")[2]
        is_machine = "BoxUsage:" in texts["DiscountedUsageType"]
        if texts["DiscountedServiceCode"] != "AmazonEC2" or not is_machine:
            continue
        if texts["PurchaseOption"] != "No Upfront" or texts["Product Family"] == OTHER_PLAN:
            continue
        where = f"line {row.line} ({instance_type})"
        if texts["Product Family"] != COMPUTE_PLAN:
            allowed = f"allowed are {COMPUTE_PLAN} and {OTHER_PLAN}"
            raise broken(name, f"{where}: Product Family is {texts['Product Family']!r}, {allowed}")
        if instance_type not in shapes("aws"):
            continue
        length = texts["LeaseContractLength"].removesuffix("yr")
        if length not in {"1", "3"} or texts["LeaseContractLengthUnit"] not in {"year", "years", "yr", ""}:
            shown = f"{texts['LeaseContractLength']!r} {texts['LeaseContractLengthUnit']!r}"
            raise broken(name, f"{where}: the lease is {shown}, allowed are 1 and 3 years")
        usd = _hourly_usd(name, where, texts["DiscountedRate"], texts["Unit"], texts["Currency"])
        put(name, usd_per_hour, (texts["DiscountedSKU"], f"savings_{length}y"), usd, where)
    return usd_per_hour


def is_gpu_type(instance_type: str) -> bool:
    """Say whether the name of an instance type is one of a GPU family."""
    return GPU_FAMILY.match(instance_type) is not None


def price_usd(name: str, where: str, text: str) -> float:
    """Read a price from its decimal text; ``UnknownShape`` names the row unless it is a number above 0."""
    usd = float(text) if PRICE.fullmatch(text) else math.nan
    if not 0 < usd < math.inf:
        raise broken(name, f"{where}: the price is {text[:40]!r}, allowed is a number above 0")
    return usd


def is_zero(text: str) -> bool:
    """Say whether a text is a price of zero."""
    return PRICE.fullmatch(text) is not None and float(text) == 0


def put(name: str, prices: dict[K, float], key: K, usd: float, where: str) -> None:
    """Note a price; ``UnknownShape`` where the same thing already has another."""
    if prices.setdefault(key, usd) != usd:
        raise broken(name, f"{where}: the price is {usd!r} here and {prices[key]!r} in an earlier row")


def _first_letters() -> bytes:
    """Give the letters with which the names of GPU types begin."""
    return "".join(sorted({"g", "p", *(name[0] for name in shapes("aws"))})).encode()


def _may_be_machine(line: bytes) -> bool:
    """Say from the raw line whether it may be a plain machine in a term of interest."""
    # What tells most rows apart comes first.
    return (
        b"Linux" in line
        and b"All Upfront" not in line
        and b"Partial Upfront" not in line
        and b"Shared" in line
        and b"Used" in line
    )


def _may_be_plan(line: bytes) -> bool:
    """Say from the raw line whether it may be a compute savings plan for a machine."""
    return b"No Upfront" in line and b"BoxUsage:" in line and OTHER_PLAN.encode() not in line


def _is_plain_machine(texts: dict[str, str]) -> bool:
    """Say whether a row is a Linux machine of a region itself, shared, used, and without software."""
    return (
        texts["Product Family"] in MACHINES
        and texts["Operating System"] == "Linux"
        and texts["Tenancy"] == "Shared"
        and texts["CapacityStatus"] == "Used"
        and texts["Pre Installed S/W"] in {"NA", ""}
        and texts["Location Type"] == "AWS Region"
        and texts["MarketOption"] in {"OnDemand", ""}
    )


def _term(name: str, row: Row) -> str:
    """Give the term of a machine's row; empty for one that is left out."""
    texts = row.texts
    if texts["TermType"] == "OnDemand":
        return "on_demand"
    if texts["TermType"] != "Reserved":
        where = f"line {row.line} ({texts['Instance Type']})"
        raise broken(
            name, f"{where}: TermType is {texts['TermType']!r}, allowed are 'OnDemand' and 'Reserved'"
        )
    if (texts["OfferingClass"], texts["PurchaseOption"]) != ("standard", "No Upfront"):
        return ""
    # The second row of a reservation holds its upfront fee; one at 0.00 an hour is not sold.
    if texts["Unit"] == "Quantity" or is_zero(texts["PricePerUnit"]):
        return ""
    years = YEARS.get(texts["LeaseContractLength"].replace(" ", ""))
    if years is None:
        lease = texts["LeaseContractLength"]
        where = f"line {row.line} ({texts['Instance Type']})"
        raise broken(name, f"{where}: LeaseContractLength is {lease!r}, allowed are '1yr' and '3yr'")
    return f"reserved_{years}y"


def _hourly_usd(name: str, where: str, price: str, unit: str, currency: str) -> float:
    """Read a price for an hour."""
    if unit != "Hrs" or currency != "USD":
        raise broken(name, f"{where}: the price is in {currency!r} for {unit!r}, allowed is 'USD' for 'Hrs'")
    return price_usd(name, where, price)


def _has_gpu(text: str) -> bool:
    """Say whether a text counts at least a part of a GPU."""
    return PRICE.fullmatch(text) is not None and float(text) > 0
