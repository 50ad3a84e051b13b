"""What the feeds behind the AWS price pages say about GPU machines: on demand and spot."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from .aws_bulk import is_gpu_type, is_zero, price_usd, put
from .aws_csv import broken
from .instances import shapes

T = TypeVar("T")


class Prices(NamedTuple):
    """Prices by instance type, and the names of GPU types whose shape is not known here. [USD/h]"""

    usd_per_hour: dict[str, float]
    left_out: frozenset[str]


def read_feed(document: object, location: str) -> Prices:
    """Read the page feed of one location: Linux on shared machines, on demand.

    Raises
    ------
    UnknownShape : the document is not of the known form, is of another location or currency, or the price of
        a GPU type is not a number above 0.
    """
    name = f"AWS page feed of {location}"
    currency = _at(name, document, "manifest", dict).get("currencyCode", "USD")
    if currency != "USD":
        raise broken(name, f"the currency is {currency!r}, allowed is 'USD'")
    entries = _at(name, _at(name, document, "regions", dict), location, dict)
    usd_per_hour: dict[str, float] = {}
    left_out: set[str] = set()
    machines = 0
    for key, entry in entries.items():
        where = f"row {key[:80]!r}"
        instance_type = _at(name, entry, "Instance Type", str, where)
        price = _at(name, entry, "price", str, where)
        # Local and Wavelength Zones have locations of their own.
        if entry.get("Location", location) != location:
            continue
        machines += 1
        if instance_type in shapes("aws"):
            put(name, usd_per_hour, instance_type, price_usd(name, where, price), where)
        elif is_gpu_type(instance_type):
            left_out.add(instance_type)
    if not machines:
        raise broken(name, "it has no machines")
    return Prices(usd_per_hour, frozenset(left_out))


def read_spot(document: object) -> dict[str, Prices]:
    """Read the spot feed: the prices of Linux machines by region.

    A type that has no price there ("N/A*", or 0 for some new types) is not sold as spot, and left out.

    Raises
    ------
    UnknownShape : the document is not of the known form, or a price of a GPU type is negative or no number.
    """
    name = "AWS spot feed"
    config = _at(name, document, "config", dict)
    for key, wanted in (("valueColumns", "linux"), ("currencies", "USD")):
        if wanted not in _at(name, config, key, list):
            raise broken(name, f"{key} is {config[key]!r:.80}, {wanted!r} is missing")
    if config.get("rate") != "perhr":
        raise broken(name, f"rate is {config.get('rate')!r:.80}, allowed is 'perhr'")
    regions: dict[str, Prices] = {}
    for entry in _at(name, config, "regions", list):
        region = _at(name, entry, "region", str)
        if region in regions:
            raise broken(name, f"region {region!r:.80} stands in it twice")
        regions[region] = _region_spot(name, region, _at(name, entry, "instanceTypes", list, region))
    return regions


def _region_spot(name: str, region: str, families: Iterable[object]) -> Prices:
    """Read the spot prices of one region."""
    usd_per_hour: dict[str, float] = {}
    left_out: set[str] = set()
    machines = 0
    for family in families:
        for machine in _at(name, family, "sizes", list, region):
            machines += 1
            instance_type = _at(name, machine, "size", str, region)
            where = f"{region}, {instance_type:.80}"
            price = _linux_price(name, _at(name, machine, "valueColumns", list, where), where)
            if price.startswith("N/A") or is_zero(price):
                continue
            if instance_type in shapes("aws"):
                put(name, usd_per_hour, instance_type, price_usd(name, where, price), where)
            elif is_gpu_type(instance_type):
                left_out.add(instance_type)
    if not machines:
        raise broken(name, f"{region} has no machines")
    return Prices(usd_per_hour, frozenset(left_out))


def _linux_price(name: str, columns: Iterable[object], where: str) -> str:
    """Find the price of Linux among the columns of one machine."""
    for column in columns:
        if _at(name, column, "name", str, where) == "linux":
            return _at(name, _at(name, column, "prices", dict, where), "USD", str, where)
    raise broken(name, f"{where} has no price for linux")


def read_plan_index(document: object) -> dict[str, str]:
    """Find the addresses of the files of savings plans by region, as CSV."""
    name = "AWS index of savings plans"
    addresses: dict[str, str] = {}
    for entry in _at(name, document, "regions", list):
        region, url = (_at(name, entry, key, str) for key in ("regionCode", "versionUrl"))
        if not url.endswith(".json"):
            raise broken(name, f"versionUrl of {region:.80} is {url!r:.200}, expected is a .json file")
        addresses[region] = f"{url.removesuffix('.json')}.csv"
    return addresses


def _at(name: str, holder: object, key: str, kind: type[T], where: str = "") -> T:
    """Take one entry of a JSON object; ``UnknownShape`` where it is missing or of another kind."""
    value = holder.get(key) if isinstance(holder, dict) else None
    if not isinstance(value, kind):
        found = "missing" if value is None else type(value).__name__
        row = f"{where}: " if where else ""
        raise broken(name, f"{row}{key} is {found}, expected is {kind.__name__}")
    return value
