"""Vast.ai: one page of its search becomes numbers, each checked where it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .continents import CONTINENTS
from .errors import UnknownShape
from .fields import a_list, a_number, a_text, an_object, unknown_shape
from .gpu_names import NamedGpu, gpus_by_name

PROVIDER = "vast"
TIERS = {"verified": "verified", "unverified": "unverified", "deverified": "unverified"}
# Cards tell a little less than what is printed on them: 22.5 of 24, 45 of 48, 79.6 of 80.
LEAST_OF_VRAM, MOST_OF_VRAM = 0.9, 1.05
MIB_PER_GIB = 1024
# The total is the sum of two rounded numbers.
ROUNDING_USD = 1e-6


class Row(NamedTuple):
    """One offer. ``card`` is None where no card of that ``name`` has so much memory.

    ``usd_per_hour`` is for the whole offer without disk, ``total_usd_per_hour`` with it, and
    ``bid_usd_per_hour`` the least that is taken for it as long as nobody bids more; NaN where none is taken.
    ``country`` is empty where it is not told. The upload is what leaves the user's machine for the host's.
    """

    offer: int
    machine: int
    host: int
    name: str
    card: NamedGpu | None
    gpu_count: int
    country: str
    tier: str
    is_free: bool
    usd_per_hour: float
    total_usd_per_hour: float
    bid_usd_per_hour: float
    storage_usd_per_gb_month: float
    upload_usd_per_gb: float
    download_usd_per_gb: float


def cards() -> Mapping[str, tuple[NamedGpu, ...]]:
    """The cards behind each name of Vast.ai: some names stand for cards of several sizes; read-only."""
    return gpus_by_name(PROVIDER)


def parse_page(answer: object, place: str) -> list[Row]:
    """Read one decoded page.

    Parameters
    ----------
    answer : what the page holds, as decoded JSON.
    place : names the page in errors.

    Returns
    -------
    Its offers in their order. ``UnknownShape`` names the row, the field, its value and what is allowed.
    """
    page = an_object(answer, "the body", place)
    return [
        _row(item, f"{place}, row {number}") for number, item in enumerate(a_list(page, "offers", place), 1)
    ]


def _row(item: object, place: str) -> Row:
    fields = an_object(item, "the row", place)
    name = a_text(fields, "gpu_name", place)
    gib = _price(fields, "gpu_ram", place) / MIB_PER_GIB
    if name not in cards():
        raise unknown_shape(place, "gpu_name", name, "one of the names that were asked for")
    if fields.get("is_bid") is True:
        raise unknown_shape(place, "is_bid", True, "false, because prices on demand were asked for")
    tier = TIERS.get(a_text(fields, "verification", place))
    if tier is None:
        raise unknown_shape(place, "verification", fields["verification"], ", ".join(TIERS))
    usd = _price(fields, "dph_base", place)
    total_usd = _price(fields, "dph_total", place)
    if total_usd < usd - ROUNDING_USD:
        raise unknown_shape(place, "dph_total", total_usd, f"at least dph_base, which is {usd!r}")
    return Row(
        offer=_whole(fields, "id", place),
        machine=_whole(fields, "machine_id", place),
        host=_whole(fields, "host_id", place),
        name=f"{name} with {gib:.3g} GB",
        card=_card(name, gib),
        gpu_count=_whole(fields, "num_gpus", place),
        country=_country(fields, place),
        tier=tier,
        is_free=fields.get("rentable") is not False and fields.get("rented") is not True,
        usd_per_hour=usd,
        total_usd_per_hour=total_usd,
        bid_usd_per_hour=_bid(fields, usd, place),
        storage_usd_per_gb_month=_charge(fields, "storage_cost", place),
        # What goes up for the host comes down to the user.
        upload_usd_per_gb=_charge(fields, "inet_down_cost", place),
        download_usd_per_gb=_charge(fields, "inet_up_cost", place),
    )


def _card(name: str, gib: float) -> NamedGpu | None:
    """Which of the cards of a name has so much memory."""
    fitting = [card for card in cards()[name] if LEAST_OF_VRAM <= gib / card.vram_gb <= MOST_OF_VRAM]
    return fitting[0] if fitting else None


def _country(fields: Mapping[str, object], place: str) -> str:
    """The code at the end of a place such as "Japan, JP"; empty where there is none."""
    if fields.get("geolocation") is None:
        return ""
    code = a_text(fields, "geolocation", place).rpartition(",")[2].strip()
    return code if code in CONTINENTS else ""


def _bid(fields: Mapping[str, object], usd: float, place: str) -> float:
    """The least bid; NaN where there is none, or none that is cheaper than not to bid."""
    if fields.get("min_bid") is None:
        return float("nan")
    bid = _charge(fields, "min_bid", place)
    return bid if 0 < bid < usd else float("nan")


def _whole(fields: Mapping[str, object], name: str, place: str) -> int:
    number = a_number(fields, name, place)
    # Beyond 2^53 a float skips whole numbers.
    if number < 1 or number != int(number) or number > 2**53:
        raise unknown_shape(place, name, fields[name], "a whole number from 1 up")
    return int(number)


def _price(fields: Mapping[str, object], name: str, place: str) -> float:
    number = a_number(fields, name, place)
    if number <= 0:
        raise unknown_shape(place, name, number, "a number above 0")
    return number


def _charge(fields: Mapping[str, object], name: str, place: str) -> float:
    number = a_number(fields, name, place)
    if number < 0:
        raise unknown_shape(place, name, number, "a number from 0 up")
    return number


def check_order(rows: list[Row], least_usd_per_hour: float, place: str) -> None:
    """Refuse a page that is not the next one: its prices must rise, and begin where the last one ended."""
    before = least_usd_per_hour
    for number, row in enumerate(rows, 1):
        if row.total_usd_per_hour < before - ROUNDING_USD:
            raise UnknownShape(
                f"{place}, row {number}: dph_total is {row.total_usd_per_hour!r} after {before!r}; allowed "
                "are rising prices, or the page is an earlier one."
            )
        before = row.total_usd_per_hour
