"""Live prices of AWS: the small feeds behind its price pages, and the Price List file of a region."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import quote

from .adapter import Ask, Fetched
from .aws_bulk import PriceList, put, read_price_list, read_savings_plans
from .aws_csv import broken
from .aws_feeds import Prices, read_feed, read_plan_index, read_spot
from .errors import CannotReach, PricingError, Refused, UnknownShape
from .http import Client, Reply, Validators
from .instances import Price, priced_offers

T = TypeVar("T")

REGIONS = Path(__file__).resolve().parent.parent / "data" / "regions.csv"
LIST_SERVER = ("RIG_OR_RENT_AWS_URL", "https://pricing.us-east-1.amazonaws.com")
FEED_SERVER = ("RIG_OR_RENT_AWS_FEED_URL", "https://b0.p.awsstatic.com")
SPOT_SERVER = ("RIG_OR_RENT_AWS_SPOT_URL", "https://website.spot.ec2.aws.a2z.com")

FEED_PATH = "/pricing/2.0/meteredUnitMaps/ec2/USD/current/ec2-ondemand-without-sec-sel/{}/Linux/index.json"
LIST_PATH = "/offers/v1.0/aws/AmazonEC2/current/{}/index.csv"
PLANS_PATH = "/savingsPlan/v1.0/aws/AWSComputeSavingsPlan/current/region_index.json"
SPOT_PATH = "/spot.json"
LIST_TERMS = ("on_demand", "reserved_1y", "reserved_3y", "savings_1y", "savings_3y")

# The price lists keep the names that regions had when they opened.
FEED_NAMES = {
    "eu-central-1": "EU (Frankfurt)",
    "eu-north-1": "EU (Stockholm)",
    "eu-south-1": "EU (Milan)",
    "eu-west-1": "EU (Ireland)",
    "eu-west-2": "EU (London)",
    "eu-west-3": "EU (Paris)",
    "sa-east-1": "South America (Sao Paulo)",
}


class Part(NamedTuple):
    """What one source says about a region: prices, and the terms that they replace as a whole.

    A source that is unchanged replaces none. ``validators`` are by URL.
    """

    prices: tuple[Price, ...]
    terms: tuple[str, ...]
    validators: dict[str, Validators]
    left_out: frozenset[str] = frozenset()


class Document(NamedTuple):
    """Where a document is, and what is known of it from the last good answer."""

    path: str
    url: str
    known: Validators | None


class Aws:
    """Amazon Web Services. No credentials are needed."""

    name: str = "aws"
    default_regions: tuple[str, ...] = ("us-east-1", "eu-central-1")

    def fetch(self, ask: Ask) -> Fetched | None:
        """Ask for the prices of one region; None where nothing changed.

        The page feed and the spot feed are small. Where the page feed fails, the Price List file answers in
        its place, which the source of the offers shows. A source that is unchanged keeps its offers: its
        terms are not among those that are replaced.
        """
        location = feed_name(ask.region)
        parts = (_on_demand(ask, location), _spot(ask))
        if not any(part.terms for part in parts):
            return None
        return Fetched(
            offers=priced_offers(self.name, ask.region, ask.on, [p for part in parts for p in part.prices]),
            terms=tuple(term for part in parts for term in part.terms),
            validators={url: known for part in parts for url, known in part.validators.items()},
            left_out=tuple(sorted({name for part in parts for name in part.left_out})),
        )


def feed_name(region: str) -> str:
    """Give the name of a region in the price lists; ``Refused`` names the regions that there are."""
    names = _feed_names()
    if region not in names:
        raise Refused(f"AWS: the region is {region!r}; allowed are {', '.join(sorted(names))}.")
    return names[region]


@cache
def _feed_names() -> Mapping[str, str]:
    """Give the names of all regions, as the price lists spell them."""
    with REGIONS.open(encoding="utf-8", newline="") as file:
        names = {row["region"]: row["name"] for row in csv.DictReader(file) if row["provider"] == "aws"}
    return {**names, **FEED_NAMES}


def _on_demand(ask: Ask, location: str) -> Part:
    """Ask the source that was chosen; the Price List file answers where the page feed fails."""
    if ask.aws_source != "feed":
        return _price_list(ask)
    try:
        return _feed(ask, location)
    except (CannotReach, Refused, UnknownShape) as feed_error:
        try:
            return _price_list(ask)
        except PricingError as error:
            raise type(error)(f"{feed_error} The price list file did not help out: {error}") from None


def _feed(ask: Ask, location: str) -> Part:
    """Ask the page feed of one region."""
    client = ask.client(*FEED_SERVER)
    document = _document(ask, client, FEED_PATH.format(quote(location)))
    prices = client.read(
        document.path,
        lambda reply: _answer(reply, read_feed(reply.json(), location)),
        validators=document.known,
    )
    return _part("on_demand", document, prices)


def _spot(ask: Ask) -> Part:
    """Ask the spot feed, once for all regions that know the same earlier answer."""
    client = ask.client(*SPOT_SERVER)
    document = _document(ask, client, SPOT_PATH)
    answer = ask.shared.once(
        f"{document.url} {document.known}",
        lambda: client.read(
            document.path, lambda reply: _answer(reply, read_spot(reply.json())), validators=document.known
        ),
    )
    if answer is None:
        return _part("spot", document, None)
    regions, url, validators = answer
    if ask.region not in regions:
        raise broken("AWS spot feed", f"the region {ask.region} is not in it")
    return _part("spot", document, (regions[ask.region], url, validators))


def _price_list(ask: Ask) -> Part:
    """Ask the Price List file of one region, and the file of savings plans that belongs to it."""
    client = ask.client(*LIST_SERVER)
    listed = _document(ask, client, LIST_PATH.format(ask.region))
    planned = _document(ask, client, _plans_path(ask, client))
    if listed.known is None or planned.known is None:
        # One file without the other makes no offers, so both are read unless both are kept.
        listed, planned = listed._replace(known=None), planned._replace(known=None)

    def read_list(known: Validators | None) -> tuple[PriceList, str, Validators] | None:
        return client.read(
            listed.path,
            lambda reply: _answer(reply, read_price_list(reply.chunks(), ask.region)),
            validators=known,
        )

    def read_plans(known: Validators | None) -> tuple[dict[tuple[str, str], float], str, Validators] | None:
        return client.read(
            planned.path,
            lambda reply: _answer(reply, read_savings_plans(reply.chunks(), ask.region)),
            validators=known,
        )

    prices, plans = read_list(listed.known), read_plans(planned.known)
    if prices is None and plans is None:
        return Part((), (), _kept(listed, planned))
    prices, plans = prices or read_list(None), plans or read_plans(None)
    if prices is None or plans is None:
        raise Refused(f"AWS: {listed.url} and {planned.url} never came together; refresh again later.")
    return _joined(ask.region, prices, plans)


def _joined(
    region: str,
    listed: tuple[PriceList, str, Validators],
    planned: tuple[dict[tuple[str, str], float], str, Validators],
) -> Part:
    """Join savings plans to machines by SKU."""
    (prices, list_url, list_validators), (plans, plans_url, plan_validators) = listed, planned
    name = f"AWS savings plans of {region}"
    saved: dict[tuple[str, str], float] = {}
    for (sku, term), usd in plans.items():
        if sku in prices.skus:
            put(name, saved, (prices.skus[sku], term), usd, f"SKU {sku}")
    if prices.skus and not saved:
        raise broken(name, "no SKU is one of the price list")
    return Part(
        (
            *(Price(*key, usd, list_url) for key, usd in prices.usd_per_hour.items()),
            *(Price(*key, usd, plans_url) for key, usd in saved.items()),
        ),
        LIST_TERMS,
        {list_url: list_validators, plans_url: plan_validators},
        prices.left_out,
    )


def _plans_path(ask: Ask, client: Client) -> str:
    """Look up where the file of savings plans of a region is."""
    addresses = ask.shared.once(
        f"{client.base_url}{PLANS_PATH}",
        lambda: client.read(PLANS_PATH, lambda reply: read_plan_index(reply.json())),
    )
    if addresses is None or ask.region not in addresses:
        raise broken("AWS index of savings plans", f"the region {ask.region} is not in it")
    return addresses[ask.region]


def _document(ask: Ask, client: Client, path: str) -> Document:
    """Say where a document is and what is known of it."""
    url = path if "://" in path else f"{client.base_url}{path}"
    return Document(path, url, ask.known.get(url))


def _answer(reply: Reply, parsed: T) -> tuple[T, str, Validators]:
    """Keep what was read together with its address and validators."""
    return parsed, reply.url, reply.validators


def _part(term: str, document: Document, answer: tuple[Prices, str, Validators] | None) -> Part:
    """Make the part of one feed."""
    if answer is None:
        return Part((), (), _kept(document))
    prices, url, validators = answer
    found = [Price(name, term, usd, url) for name, usd in prices.usd_per_hour.items()]
    return Part(tuple(found), (term,), {url: validators}, prices.left_out)


def _kept(*documents: Document) -> dict[str, Validators]:
    """Give what stays known of documents that are unchanged."""
    return {document.url: document.known for document in documents if document.known is not None}


ADAPTER = Aws()
