"""Vast.ai: a listing of hosts, of which each group of like offers becomes three prices."""

from __future__ import annotations

import json
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from .adapter import Ask, Fetched
from .continents import CONTINENTS
from .errors import Refused, UnknownShape
from .gpu_names import NamedGpu
from .http import Client, Reply
from .instances import Price, Shape, priced_offers
from .limits import MIB
from .plausibility import FEWEST_HOSTS, price_bounds
from .quantiles import Numbers, cheapest_of_each, nearest_rank
from .vast_rows import PROVIDER, Row, cards, check_order, parse_page

BASE_VARIABLE = "RIG_OR_RENT_VAST_URL"
BASE_URL = "https://console.vast.ai"
PATH = "/api/v0/bundles/"
# Answers were cut at 64 offers whatever was asked. The reading below does not rely on where they are cut.
LIMIT = 512
PAGE_BYTES = 64 * MIB
# The next question begins so many offers before the end, so that pages that do not join are seen.
OVERLAP = 8
MOST_PAGES = 5000
# Who asks faster is told to come back later.
PAUSE_S = 0.75
QUOTA = b"search_quota_exceeded"
# The disk whose price is in the total; the price without it is what counts here.
DISK_GB = 8

TERMS = ("on_demand", "spot")
# Every continent; and for whoever asks for it, all of them with the hosts that tell no country.
ANYWHERE = "global"
CONTINENTAL = tuple(sorted({continent.replace("_", "-") for continent in CONTINENTS.values()}))
REGIONS = (ANYWHERE, *CONTINENTAL)
QUANTILES = {"cheapest": 0.0, "median": 0.5, "upper quartile": 0.75}
# One host may ask for anything; where so many do, the format is another.
MOST_STRANGE_FRACTION = 0.25
UNKNOWN = float("nan")


class Group(NamedTuple):
    """Offers that are alike."""

    card: NamedGpu
    gpu_count: int
    tier: str


class Columns(NamedTuple):
    """The numbers of one group, each with one entry an offer."""

    machine: Numbers
    host: Numbers
    usd_per_hour: Numbers
    bid_usd_per_hour: Numbers
    storage_usd_per_gb_month: Numbers
    upload_usd_per_gb: Numbers
    download_usd_per_gb: Numbers


def _no_numbers() -> array[float]:
    return array("d")


@dataclass(slots=True)
class Listing:
    """Every offer of the market, as numbers by region and group: 56 bytes each.

    The region is empty where a host tells no country.
    """

    groups: defaultdict[tuple[str, Group], array[float]] = field(
        default_factory=lambda: defaultdict(_no_numbers)
    )
    strangers: set[str] = field(default_factory=set)
    beyond: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    without_country: int = 0

    def add(self, row: Row) -> None:
        """Take an offer in, unless it is of an unknown card or beyond the bounds."""
        self.rows[row.tier] += 1
        if not row.country:
            self.without_country += 1
        if row.card is None:
            self.strangers.add(row.name)
            return
        region = CONTINENTS.get(row.country, "").replace("_", "-")
        low, high = price_bounds()[row.card.gpu]
        if not low <= row.usd_per_hour / row.gpu_count <= high:
            self.beyond[region, row.card.gpu] += 1
            return
        has_bid = row.bid_usd_per_hour / row.gpu_count >= low
        self.groups[region, Group(row.card, row.gpu_count, row.tier)].extend(
            (
                row.machine,
                row.host,
                row.usd_per_hour,
                row.bid_usd_per_hour if has_bid else UNKNOWN,
                row.storage_usd_per_gb_month,
                row.upload_usd_per_gb,
                row.download_usd_per_gb,
            )
        )

    def check(self) -> None:
        """Refuse what cannot be a listing of the market."""
        total = self.rows.total()
        strange = {
            "tell no country": self.without_country,
            "cost what no GPU of their kind can cost": self.beyond.total(),
        }
        for what, count in strange.items():
            if count > MOST_STRANGE_FRACTION * total:
                raise UnknownShape(
                    f"Vast.ai: {count} of {total} offers {what}; allowed is a share of "
                    f"{MOST_STRANGE_FRACTION:g}."
                )
        if not self.groups:
            raise UnknownShape("Vast.ai: no offer is of a GPU that is known here.")

    def of_region(self, region: str) -> dict[Group, Columns]:
        """The numbers of every group in a region."""
        parts: dict[Group, list[Numbers]] = defaultdict(list)
        for (of_region, group), numbers in self.groups.items():
            if region in (of_region, ANYWHERE):
                parts[group].append(np.frombuffer(numbers).reshape(-1, len(Columns._fields)))
        return {group: Columns(*np.concatenate(of_group).T) for group, of_group in parts.items()}

    def left_out(self, region: str) -> tuple[str, ...]:
        """What of the listing is in no price of a region, in words."""
        beyond: Counter[str] = Counter()
        for (of_region, gpu), count in self.beyond.items():
            if region in (of_region, ANYWHERE):
                beyond[gpu] += count
        said = [f"{count} of {gpu} beyond its price bounds" for gpu, count in sorted(beyond.items())]
        if self.without_country and region != ANYWHERE:
            said.append(f"{self.without_country} without a country")
        if not self.rows["unverified"]:
            said.append("all unverified hosts: none was listed")
        return (*sorted(self.strangers), *said)


class Vast:
    """The adapter."""

    name = PROVIDER
    default_regions = CONTINENTAL

    def fetch(self, ask: Ask) -> Fetched:
        """Ask for every offer of the GPUs that are known here, once for all regions.

        Raises
        ------
        CannotReach, Refused : from the transport; refused too for a region that is not one of `REGIONS`.
        UnknownShape : names the page, the row and the field; or the pages do not join, or make no listing.
        """
        if ask.region not in REGIONS:
            raise Refused(f"Vast.ai has no region {ask.region!r}; allowed are {', '.join(REGIONS)}.")

        def read() -> tuple[Listing, str]:
            with ask.client(BASE_VARIABLE, BASE_URL) as client:
                return read_listing(client), f"{client.base_url}{PATH}"

        listing, source = ask.shared.once("listing", read)
        shapes, prices = prices_of(listing, ask.region, source)
        offers = priced_offers(self.name, ask.region, ask.on, prices, shapes)
        # GPUs are charged by the second; a least time is not stated.
        offers["billing_increment_s"] = 1.0
        return Fetched(offers, TERMS, {}, listing.left_out(ask.region))


def read_listing(client: Client) -> Listing:
    """Read the whole market, of which only numbers are kept."""
    listing = Listing()
    for row in _offers(client, is_verified=True):
        listing.add(row)
    if not listing.rows.total():
        raise UnknownShape("Vast.ai, verified, page 1: offers is empty; allowed is at least one row.")
    client.pause(PAUSE_S)
    for row in _offers(client, is_verified=False):
        listing.add(row)
    listing.check()
    return listing


def question(is_verified: bool, least_usd_per_hour: float) -> dict[str, object]:
    """What is asked: free offers of known GPUs on demand, from a total price on, the cheapest first."""
    from_price = {"dph_total": {"gte": least_usd_per_hour}} if least_usd_per_hour else {}
    return {
        "gpu_name": {"in": sorted(cards())},
        "verified": {"eq": is_verified},
        "rentable": {"eq": True},
        "rented": {"eq": False},
        "external": {"eq": False},
        **from_price,
        "type": "on-demand",
        "allocated_storage": DISK_GB,
        "order": [["dph_total", "asc"]],
        "limit": LIMIT,
    }


def _offers(client: Client, *, is_verified: bool) -> Iterator[Row]:
    """Every offer of one kind of host, each once unless two cost the same.

    An answer is cut at a number of offers that is not promised, and cannot be turned over like a page. So
    each question begins at a price among the last offers of the answer before, until nothing new comes.
    """
    kind = "verified" if is_verified else "not verified"
    known: dict[int, float] = {}
    least_usd_per_hour = 0.0
    largest = 0
    for number in range(1, MOST_PAGES + 1):
        place = f"Vast.ai, {kind}, page {number}"
        if number > 1:
            client.pause(PAUSE_S)
        rows = _read_page(client, question(is_verified, least_usd_per_hour), place)
        check_order(rows, least_usd_per_hour, place)
        again = {row.offer for row in rows} & known.keys()
        expected = [offer for offer, usd in known.items() if usd >= least_usd_per_hour]
        # Between two questions some are rented, but hardly most of them.
        if len(again) < len(expected) / 2:
            raise UnknownShape(
                f"{place}: {len(again)} of the last {len(expected)} offers came again, so the pages do not "
                "join; refresh again later."
            )
        if all(row.offer in known for row in rows):
            if len(rows) >= largest > OVERLAP:
                raise UnknownShape(
                    f"{place}: {len(rows)} offers cost the same, so what follows them cannot be asked for; "
                    "refresh again later."
                )
            return
        yield from (row for row in rows if row.offer not in known and row.is_free)
        known = {row.offer: row.total_usd_per_hour for row in rows}
        least_usd_per_hour = rows[max(len(rows) - OVERLAP, 0)].total_usd_per_hour
        largest = max(largest, len(rows))
    raise UnknownShape(f"Vast.ai, {kind}: there are still more pages; allowed are {MOST_PAGES:,}.")


def _read_page(client: Client, asked: dict[str, object], place: str) -> list[Row]:
    """Read one page; a refusal says whether the searches of the day are used up."""

    def consume(reply: Reply) -> list[Row]:
        return parse_page(reply.json(PAGE_BYTES), place)

    try:
        rows = client.read(PATH, consume, params={"q": json.dumps(asked, separators=(",", ":"))})
    except Refused as error:
        if QUOTA not in error.body:
            raise
        message = "Vast.ai: the searches of the day are used up; refresh again after midnight UTC."
        raise Refused(message, status=error.status) from None
    # Without validators nothing can be unchanged.
    assert rows is not None
    return rows


def prices_of(listing: Listing, region: str, source: str) -> tuple[dict[str, Shape], list[Price]]:
    """The prices of one region, and the shapes of what they are for."""
    shapes: dict[str, Shape] = {}
    prices: list[Price] = []
    for group, columns in listing.of_region(region).items():
        found = [
            *_quantiles(group, "on_demand", columns, columns.usd_per_hour, source),
            *_quantiles(group, "spot", columns, columns.bid_usd_per_hour, source),
        ]
        shape = Shape(
            group.card.gpu, group.gpu_count, group.card.vram_gb, UNKNOWN, UNKNOWN, UNKNOWN, "container"
        )
        shapes |= {price.instance_type: shape for price in found}
        prices += found
    return shapes, prices


def _quantiles(group: Group, term: str, columns: Columns, usd: Numbers, source: str) -> Iterator[Price]:
    """The quantiles of one way of buying; every machine counts once, with its cheapest offer."""
    priced = np.flatnonzero(~np.isnan(usd))
    if not len(priced):
        return
    chosen = priced[cheapest_of_each(columns.machine[priced], usd[priced])]
    hosts = len(np.unique(columns.host[chosen]))
    gpus = group.card.gpu if group.gpu_count == 1 else f"{group.gpu_count}x {group.card.gpu}"
    storage, upload, download = (
        nearest_rank(column[chosen], QUANTILES["median"])
        for column in (
            columns.storage_usd_per_gb_month,
            columns.upload_usd_per_gb,
            columns.download_usd_per_gb,
        )
    )
    for name, fraction in QUANTILES.items():
        if hosts < FEWEST_HOSTS and name != "cheapest":
            continue
        yield Price(
            f"{gpus} {group.tier}, {name}",
            term,
            nearest_rank(usd[chosen], fraction),
            source,
            # The least bid is where bidding begins; what is paid in the end is not listed.
            "estimate" if term == "spot" else "published" if name == "cheapest" else "derived",
            tier=group.tier,
            hosts=float(hosts),
            storage_usd_per_gb_month=storage,
            stopped_storage_usd_per_gb_month=storage,
            upload_usd_per_gb=upload,
            download_usd_per_gb=download,
            quantile=fraction,
        )


ADAPTER = Vast()
