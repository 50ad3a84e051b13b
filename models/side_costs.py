"""What renting costs beside the hours: disks, traffic, and what is kept all month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from .checks import FloatArray
from .figures import Figures
from .rental import tiered_egress_usd
from .resolve import known
from .scenario import Scenario
from .usage import MONTH_HOURS

ASSUMED = "assumption"


class SidePrice(NamedTuple):
    """Prices of one offer: its own where it has them, else those of its provider and region.

    ``borrowed`` tells that a price is another region's or an assumption.
    """

    storage_usd_per_gb_month: float
    download_tiers: tuple[tuple[float, float], ...]
    upload_usd_per_gb: float
    borrowed: bool


class _Place(NamedTuple):
    provider: str
    region: str
    storage: float
    stopped_storage: float
    upload: float
    download: float


def side_prices(
    text: Mapping[str, Sequence[str]], number: Mapping[str, FloatArray], figures: Figures
) -> list[SidePrice]:
    """What storage and traffic cost on every offer; each place is looked up once.

    Where a stopped machine's disk has a price of its own, the dearer of the two counts all month: between two
    sessions the machine is stopped.
    """
    places = _places(text, number)
    by_place = {place: _price(place, figures) for place in set(places)}
    return [by_place[place] for place in places]


def side_costs_usd(scenario: Scenario, prices: Sequence[SidePrice]) -> FloatArray:
    """Storage and traffic of every offer together, shape (offers,). [USD a month]"""
    costs = {price: sum(month_usd(scenario, price)) for price in set(prices)}
    return np.array([costs[price] for price in prices], dtype=float)


def month_usd(scenario: Scenario, price: SidePrice) -> tuple[float, float]:
    """Storage and traffic of a month at the prices of an offer. [USD]"""
    work = scenario.workload
    traffic = float(tiered_egress_usd(work.download_gb_per_month, price.download_tiers))
    upload = price.upload_usd_per_gb * work.upload_gb_per_month
    return price.storage_usd_per_gb_month * work.storage_gb, traffic + upload


def kept_usd_per_month(scenario: Scenario) -> float:
    """Bucket, snapshots and a public address: paid all month wherever one rents. [USD a month]"""
    rental = scenario.rental
    return (
        rental.object_storage_gb * known(rental.object_storage_usd_per_gb_month)
        + rental.snapshot_gb * rental.snapshot_usd_per_gb_month
        + rental.public_ip_usd_per_hour * MONTH_HOURS
    )


def _places(text: Mapping[str, Sequence[str]], number: Mapping[str, FloatArray]) -> list[_Place]:
    names = (
        "storage_usd_per_gb_month",
        "stopped_storage_usd_per_gb_month",
        "upload_usd_per_gb",
        "download_usd_per_gb",
    )
    # Unknown is -1 here: a NaN would equal nothing, not even another one.
    own = [np.nan_to_num(number[name], nan=-1.0).tolist() for name in names]
    return [_Place(*place) for place in zip(text["provider"], text["region"], *own, strict=True)]


def _price(place: _Place, figures: Figures) -> SidePrice:
    listed = figures.side_prices(place.provider, place.region)
    has_storage, has_download = place.storage >= 0, place.download >= 0
    is_assumed = (not has_storage and listed.storage_kind == ASSUMED) or (
        not has_download and listed.egress_kind == ASSUMED
    )
    return SidePrice(
        max(place.storage, place.stopped_storage) if has_storage else listed.storage_usd_per_gb_month,
        ((0.0, place.download),) if has_download else listed.egress_tiers,
        max(place.upload, 0.0),
        is_assumed or (listed.borrowed and not (has_storage and has_download)),
    )
