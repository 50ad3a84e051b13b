"""The parts of Google Cloud's GPU machines, as the Cloud Billing Catalog names and prices them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .errors import UnknownShape
from .fields import a_link, a_list, a_moment, a_number, a_text, an_object, has_begun, unknown_shape

# Which use a price is for. The description decides; this must not contradict it. Google files some prices of
# spot parts under on-demand use.
USAGE_TYPES = {
    "on_demand": {"OnDemand"},
    "spot": {"Preemptible", "OnDemand"},
    "reserved_1y": {"Commit1Yr"},
    "reserved_3y": {"Commit3Yr"},
}
RESERVED = {"1": "reserved_1y", "3": "reserved_3y"}

# What the catalog calls the parts: where they are used, and where a commitment to them is sold. Some have two
# names: A3 Mega is A3Plus or A3Mega, a committed core is Cpu or Core.
SERIES = {
    "A2": "a2",
    "A3": "a3",
    "A3Plus": "a3plus",
    "A3Mega": "a3plus",
    "A3Ultra": "a3ultra",
    "G2": "g2",
    "G4": "g4",
}
CORES_AND_RAM = {
    **{f"{name} Instance Core": f"{series} core" for name, series in SERIES.items()},
    **{f"{name} Instance Ram": f"{series} ram" for name, series in SERIES.items()},
    "N1 Predefined Instance Core": "n1 core",
    "N1 Predefined Instance Ram": "n1 ram",
}
GPUS = {
    "Nvidia Tesla A100 GPU": "A100",
    "Nvidia Tesla A100 80GB GPU": "A100 80GB",
    "Nvidia H100 80GB GPU": "H100",
    "Nvidia H100 80GB Mega GPU": "H100 Mega",
    "Nvidia H100 80GB Plus GPU": "H100 Mega",
    "Nvidia H100 Mega 80GB GPU": "H100 Mega",
    "H200 141GB GPU": "H200",
    "Nvidia H200 141GB GPU": "H200",
    "Nvidia L4 GPU": "L4",
    "Nvidia Tesla T4 GPU": "T4",
    "Nvidia Tesla V100 GPU": "V100",
    "Nvidia Tesla P100 GPU": "P100",
    "RTX 6000 96GB": "RTX 6000",
}
USED_PARTS = {**CORES_AND_RAM, **GPUS, "SSD backed Local Storage": "ssd"}
COMMITTED_PARTS = {
    **{f"{name} Cpu": f"{series} core" for name, series in SERIES.items()},
    **{f"{name} Core": f"{series} core" for name, series in SERIES.items()},
    **{f"{name} Ram": f"{series} ram" for name, series in SERIES.items()},
    "Cpu": "n1 core",
    "Ram": "n1 ram",
    **GPUS,
    "Local SSD": "ssd",
}
# A GiB of local SSD is priced by the month.
HOURS_BY_UNIT = {
    "core": {"h": Decimal(1)},
    "gpu": {"h": Decimal(1)},
    "ram": {"GiBy.h": Decimal(1)},
    "ssd": {"GiBy.mo": Decimal(730), "GiBy.h": Decimal(1)},
}
COMMITMENT = re.compile(r"Commitment v1: (?P<part>.+?)(?: running)? [Ii]n .+ for (?P<years>[13]) Years?")
USE = re.compile(
    r"(?P<before>(?:Spot )?Preemptible )?(?P<part>.+?)(?P<after> attached to (?:Spot )?Preemptible VMs)?"
    r"(?: running)?(?: in .+)?"
)
# Other ways to sell the same parts.
OTHER_OFFERS = re.compile(
    r"Sole Tenancy|Reserved|Premium|Custom|Calendar|\bDWS\b|Defined Duration|suspended|Workstation",
    re.IGNORECASE,
)
# Names of the parts begin so; the rest of the catalog is passed over by these letters alone.
BEGINNINGS = (
    *(f"{name} " for name in SERIES),
    "N1 ",
    "Nvidia ",
    "H200 ",
    "RTX ",
    "SSD backed Local Storage",
    "Spot Preemptible ",
    "Preemptible ",
    "Commitment v1: ",
)


class Part(NamedTuple):
    """The price of one core, GPU or GiB for an hour in some regions; it may still be one that is no price."""

    part: str
    term: str
    regions: frozenset[str]
    usd_per_hour: Decimal
    sku: str


class Page(NamedTuple):
    """What is of use on one page. ``strangers`` are GPUs of no machine known here, with their regions."""

    parts: tuple[Part, ...]
    strangers: tuple[tuple[str, frozenset[str]], ...]
    next_token: str


def parse_page(answer: object, on: date, place: str) -> Page:
    """Read one decoded page.

    Parameters
    ----------
    answer : what the page holds, as decoded JSON.
    on : the day that a price must be in force.
    place : names the page in errors.

    Returns
    -------
    The parts of GPU machines that have a price on that day, and the names of GPUs that no machine here has.
    ``UnknownShape`` names the row, the field, its value and what is allowed.
    """
    page = an_object(answer, "the body", place)
    rows = a_list(page, "skus", place)
    if not rows:
        raise unknown_shape(place, "skus", rows, "at least one row")
    token = a_link(page, "nextPageToken", place)
    parts: list[Part] = []
    strangers: list[tuple[str, frozenset[str]]] = []
    for number, sku in enumerate(rows, 1):
        if not isinstance(sku, dict) or not isinstance(description := sku.get("description"), str):
            raise UnknownShape(
                f"{place}, row {number}: there is no description, so this is no row of prices."
            )
        named = part_and_term(description) if description.startswith(BEGINNINGS) else None
        category = sku.get("category")
        if not isinstance(category, dict):
            raise unknown_shape(f"{place}, row {number}", "category", category, "an object")
        if named is None:
            if category.get("resourceGroup") == "GPU" and (stranger := _stranger(description)):
                strangers.append((stranger, _regions(sku, f"{place}, row {number}")))
            continue
        part = _part(sku, category, *named, on, f"{place}, row {number} ({description!r})")
        if part is not None:
            parts.append(part)
    return Page(tuple(parts), tuple(strangers), token)


def part_and_term(description: str) -> tuple[str, str] | None:
    """Which part a description means, and for which way of buying; None for everything else.

    >>> part_and_term("Nvidia Tesla A100 80GB GPU attached to Spot Preemptible VMs running in Iowa")
    ('A100 80GB', 'spot')
    """
    if OTHER_OFFERS.search(description):
        return None
    description = description.strip()
    commitment = COMMITMENT.fullmatch(description)
    if commitment is not None:
        part = COMMITTED_PARTS.get(commitment["part"])
        return None if part is None else (part, RESERVED[commitment["years"]])
    use = USE.fullmatch(description)
    part = None if use is None else USED_PARTS.get(use["part"])
    if use is None or part is None:
        return None
    return part, "spot" if use["before"] or use["after"] else "on_demand"


def _stranger(description: str) -> str:
    """The name of a GPU that no machine here has; empty for other rows of that group."""
    is_other = description.startswith("Commitment") or OTHER_OFFERS.search(description) is not None
    use = None if is_other else USE.fullmatch(description)
    return use["part"] if use is not None and use["part"].isprintable() else ""


def _part(
    sku: Mapping[str, object], category: Mapping[str, object], part: str, term: str, on: date, place: str
) -> Part | None:
    """Read the price of one part; None where it is for another use or not yet in force."""
    if a_text(category, "usageType", place) not in USAGE_TYPES[term]:
        return None
    usd_per_hour = _usd_per_hour(sku, part, on, place)
    if usd_per_hour is None:
        return None
    regions = _regions(sku, place)
    if not regions:
        raise unknown_shape(place, "serviceRegions", [], "at least one region")
    return Part(part, term, regions, usd_per_hour, a_text(sku, "skuId", place))


def _regions(sku: Mapping[str, object], place: str) -> frozenset[str]:
    """Where a price holds: the regions of service, and those that a price of several regions lists apart."""
    geography = sku.get("geoTaxonomy")
    lists = [a_list(sku, "serviceRegions", place)]
    if isinstance(geography, dict) and geography.get("regions") is not None:
        lists.append(a_list(geography, "regions", place))
    regions: set[str] = set()
    for listed in lists:
        for region in listed:
            if not isinstance(region, str):
                raise unknown_shape(place, "a region", region, "a text")
            regions.add(region)
    return frozenset(regions)


def _usd_per_hour(sku: Mapping[str, object], part: str, on: date, place: str) -> Decimal | None:
    """The price in force on a day, for an hour; None where all are still to come."""
    timeline = [
        an_object(entry, "an entry of pricingInfo", place) for entry in a_list(sku, "pricingInfo", place)
    ]
    if not timeline:
        raise unknown_shape(place, "pricingInfo", timeline, "at least one entry")
    begun = [
        (start, entry)
        for entry in timeline
        if has_begun(start := a_moment(entry, "effectiveTime", place), on)
    ]
    if not begun:
        return None
    newest = max(start for start, _ in begun)
    prices = {_unit_price(entry, part, place) for start, entry in begun if start == newest}
    if len(prices) > 1:
        raise unknown_shape(place, "pricingInfo", sorted(map(str, prices)), "one price since the same moment")
    return prices.pop()


def _unit_price(entry: Mapping[str, object], part: str, place: str) -> Decimal:
    """The price of the first tier, for an hour of one unit."""
    expression = an_object(entry.get("pricingExpression"), "pricingExpression", place)
    unit = a_text(expression, "usageUnit", place)
    hours = HOURS_BY_UNIT[_resource(part)]
    if unit not in hours:
        raise unknown_shape(place, "usageUnit", unit, " or ".join(hours))
    tiers = [an_object(tier, "a tier", place) for tier in a_list(expression, "tieredRates", place)]
    if not tiers:
        raise unknown_shape(place, "tieredRates", tiers, "at least one tier")
    first = min(tiers, key=lambda tier: a_number(tier, "startUsageAmount", place))
    price = an_object(first.get("unitPrice"), "unitPrice", place)
    if price.get("currencyCode") != "USD":
        raise unknown_shape(place, "currencyCode", price.get("currencyCode"), "'USD'")
    return _money(price, place) / hours[unit]


def _resource(part: str) -> str:
    """What a part is: ``core``, ``ram``, ``ssd`` or ``gpu``."""
    last = part.rpartition(" ")[2]
    return last if last in HOURS_BY_UNIT else "gpu"


def _money(price: Mapping[str, object], place: str) -> Decimal:
    """Whole dollars, written as a text, and billionths."""
    units, nanos = price.get("units"), price.get("nanos")
    if isinstance(units, bool) or not re.fullmatch(r"-?[0-9]{1,9}", str(units)):
        raise unknown_shape(place, "units", units, "a whole number")
    if isinstance(nanos, bool) or not isinstance(nanos, int) or not abs(nanos) < 10**9:
        raise unknown_shape(place, "nanos", nanos, "a whole number below a billion")
    return Decimal(str(units)) + Decimal(nanos).scaleb(-9)
