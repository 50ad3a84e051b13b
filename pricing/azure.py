"""Azure: the Retail Prices API, without a key, one region at a time and page by page."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

from .adapter import Ask, Fetched
from .errors import UnknownShape
from .fields import a_link, a_list, a_moment, a_number, a_text, an_object, has_begun, unknown_shape
from .http import Client, Reply
from .instances import Price, priced_offers, shapes

BASE_VARIABLE = "RIG_OR_RENT_AZURE_URL"
BASE_URL = "https://prices.azure.com"
PATH = "/api/retail/prices"
# Only this version tells of savings plans.
API_VERSION = "2023-01-01-preview"
MOST_PAGES = 1000

TERMS = ("on_demand", "spot", "reserved_1y", "reserved_3y", "savings_1y", "savings_3y")
RESERVED = {"1 Year": "reserved_1y", "3 Years": "reserved_3y"}
SAVINGS = {"1 Year": "savings_1y", "3 Years": "savings_3y"}
# The price of a reservation is the total of its term.
RESERVED_HOURS = {"reserved_1y": Decimal(8760), "reserved_3y": Decimal(26280)}

GPU_SIZES = "Standard_N"
SPOT = " Spot"
# Windows has two spellings. Cloud Services sell the same sizes at another rate.
OTHER_PRODUCTS = re.compile(r"\b(?:Win(?:dows)?|Cloud ?Services|Dedicated|Low Priority)\b", re.IGNORECASE)


Identity: TypeAlias = tuple[tuple[str, object], ...]


class Row(NamedTuple):
    """One price that is in force. ``savings`` are the prices under a savings plan, by term. [USD/h]"""

    instance_type: str
    term: str
    is_primary: bool
    start: datetime
    usd_per_hour: float
    savings: tuple[tuple[str, float], ...]
    place: str


class Page(NamedTuple):
    """What is of use on one page; ``next_link`` is empty on the last, ``identity`` tells pages apart."""

    rows: tuple[Row, ...]
    left_out: frozenset[str]
    next_link: str
    identity: Identity


class Azure:
    """The adapter."""

    name = "azure"
    default_regions = ("eastus", "westeurope")

    def fetch(self, ask: Ask) -> Fetched:
        """Ask for every price of virtual machines in one region.

        Raises
        ------
        CannotReach, Refused : from the transport.
        UnknownShape : names the page, the row and the field; or no GPU has a price in this region.
        """
        with ask.client(BASE_VARIABLE, BASE_URL) as client:
            pages, source = read_pages(client, ask.region, ask.on)
        prices = prices_of((row for page in pages for row in page.rows), source)
        if not prices:
            raise UnknownShape(
                f"Azure, {ask.region}: no GPU size has a price; the region has none, or another name."
            )
        offers = priced_offers(self.name, ask.region, ask.on, prices)
        left_out = sorted(frozenset().union(*(page.left_out for page in pages)))
        return Fetched(offers, TERMS, {}, tuple(left_out))


def read_pages(client: Client, region: str, on: date) -> tuple[list[Page], str]:
    """Every page of a region, and the address of the first."""
    # Quotes belong to the values. Without the primary meters alone, some prices come twice.
    name = region.replace("'", "''")
    asked = {
        "api-version": API_VERSION,
        "currencyCode": "'USD'",
        "meterRegion": "'primary'",
        "$filter": f"serviceName eq 'Virtual Machines' and armRegionName eq '{name}'",
    }
    pages: list[Page] = []
    source, links, identities = "", set[str](), set[Identity]()
    path, params = PATH, asked
    while True:
        place = f"Azure, {region}, page {len(pages) + 1}"

        def consume(reply: Reply, place: str = place) -> tuple[Page, str]:
            return parse_page(reply.json(), region, on, place), reply.url

        answer = client.read(path, consume, params=params)
        # Without validators nothing can be unchanged.
        assert answer is not None
        page, url = answer
        source = source or url
        if page.identity in identities:
            raise UnknownShape(f"{place}: the rows of an earlier page came again; refresh again later.")
        pages.append(page)
        if page.identity:
            identities.add(page.identity)
        if not page.next_link:
            return pages, source
        if page.next_link in links:
            raise UnknownShape(f"{place}: NextPageLink leads back to an earlier page; refresh again later.")
        if len(pages) == MOST_PAGES:
            raise UnknownShape(f"{place}: there are still more pages; allowed are {MOST_PAGES:,}.")
        links.add(page.next_link)
        path, params = next_path(page.next_link, client.base_url, place), {}


def next_path(link: str, base_url: str, place: str) -> str:
    """Where the next page is asked for: below the base URL, also where a mirror repeats Azure's own links."""
    if link.startswith(f"{base_url}/"):
        return link
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if host not in {urlsplit(BASE_URL).hostname, urlsplit(base_url).hostname}:
        raise unknown_shape(place, "NextPageLink", link, "an address of the same server")
    path = parts.path.removeprefix(urlsplit(base_url).path)
    return f"{path}?{parts.query}"


def parse_page(answer: object, region: str, on: date, place: str) -> Page:
    """Read one decoded page.

    Parameters
    ----------
    answer : what the page holds, as decoded JSON.
    region : rows of other regions are passed over.
    on : the day that a price must be in force.
    place : names the page in errors.

    Returns
    -------
    The Linux prices of GPU sizes whose shape is known, and the names of the others. ``UnknownShape`` names
    the row, the field, its value and what is allowed.
    """
    page = an_object(answer, "the body", place)
    if page.get("BillingCurrency") != "USD":
        raise unknown_shape(place, "BillingCurrency", page.get("BillingCurrency"), "'USD'")
    items = a_list(page, "Items", place)
    if not items:
        raise unknown_shape(place, "Items", items, "at least one row")
    count = page.get("Count")
    if isinstance(count, bool) or count != len(items):
        raise unknown_shape(place, "Count", count, f"{len(items)}, the number of rows")
    link = a_link(page, "NextPageLink", place)
    rows: list[Row] = []
    left_out: set[str] = set()
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict) or not isinstance(size := item.get("armSkuName"), str):
            raise UnknownShape(f"{place}, row {number}: there is no armSkuName, so this is no row of prices.")
        if not size.startswith(GPU_SIZES):
            continue
        row = _row(item, region, on, f"{place}, row {number} ({size.strip()!r})")
        if row is None:
            continue
        if row.instance_type in shapes(Azure.name):
            rows.append(row)
        elif row.instance_type.isprintable():
            left_out.add(row.instance_type)
        else:
            raise unknown_shape(row.place, "armSkuName", row.instance_type, "a name that can be printed")
    return Page(tuple(rows), frozenset(left_out), link, _identity(items))


def _identity(items: list[object]) -> Identity:
    """The first and the last row without nested fields; empty for a page of one, as a row may come twice."""
    ends = [items[0], items[-1]] if len(items) > 1 else []
    return tuple(
        (name, value)
        for item in ends
        if isinstance(item, dict)
        for name, value in item.items()
        if not isinstance(value, list | dict)
    )


def _row(item: Mapping[str, object], region: str, on: date, place: str) -> Row | None:
    """Read the row of one GPU size; None where it is left out on purpose."""
    kind = a_text(item, "type", place)
    if kind == "DevTestConsumption":
        return None
    if kind not in {"Consumption", "Reservation"}:
        raise unknown_shape(place, "type", kind, "Consumption, Reservation or DevTestConsumption")
    names = [a_text(item, name, place) for name in ("productName", "skuName", "meterName")]
    is_other = (
        OTHER_PRODUCTS.search(" | ".join(names)) is not None
        or a_text(item, "serviceName", place) != "Virtual Machines"
        or a_text(item, "armRegionName", place) != region
        or a_text(item, "unitOfMeasure", place) != "1 Hour"
        or a_number(item, "tierMinimumUnits", place) > 0
    )
    if is_other or not _is_in_force(item, on, place):
        return None
    if item.get("currencyCode") != "USD":
        raise unknown_shape(place, "currencyCode", item.get("currencyCode"), "'USD'")
    term = _term(kind, names, item, place)
    # Prices of zero are listed beside the real ones.
    usd = _usd(item, place)
    if not term or not usd:
        return None
    if term in RESERVED_HOURS:
        usd = float(Decimal(repr(usd)) / RESERVED_HOURS[term])
    return Row(
        a_text(item, "armSkuName", place),
        term,
        item.get("isPrimaryMeterRegion") is not False,
        a_moment(item, "effectiveStartDate", place),
        usd,
        _savings(item, place) if term == "on_demand" else (),
        place,
    )


def _is_in_force(item: Mapping[str, object], on: date, place: str) -> bool:
    """Whether a row's price holds on a day: begun, and not over before it."""
    if not has_begun(a_moment(item, "effectiveStartDate", place), on):
        return False
    if item.get("effectiveEndDate") is None:
        return True
    return a_moment(item, "effectiveEndDate", place) > datetime.combine(on, time(), UTC)


def _term(kind: str, names: Iterable[str], item: Mapping[str, object], place: str) -> str:
    """The way of buying; empty for a reservation of another length."""
    if kind == "Reservation":
        return RESERVED.get(a_text(item, "reservationTerm", place), "")
    return "spot" if any(name.endswith(SPOT) for name in names) else "on_demand"


def _usd(item: Mapping[str, object], place: str) -> float:
    usd = a_number(item, "retailPrice", place)
    if usd < 0:
        raise unknown_shape(place, "retailPrice", usd, "a price from 0 up")
    return usd


def _savings(item: Mapping[str, object], place: str) -> tuple[tuple[str, float], ...]:
    """The prices under the savings plans of a row, without those of zero."""
    if item.get("savingsPlan") is None:
        return ()
    place = f"{place}, savingsPlan"
    plans = [an_object(plan, "a plan", place) for plan in a_list(item, "savingsPlan", place)]
    terms = [SAVINGS.get(a_text(plan, "term", place), "") for plan in plans]
    return tuple(
        (term, usd) for term, plan in zip(terms, plans, strict=True) if term and (usd := _usd(plan, place))
    )


def prices_of(rows: Iterable[Row], source: str) -> list[Price]:
    """Settle which of the rows in force counts for each size and term: a primary meter's, then the newest.

    ``UnknownShape`` names two rows that count alike and state different prices.
    """
    by_key: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_key[row.instance_type, row.term].append(row)
    prices: list[Price] = []
    for (instance_type, term), candidates in by_key.items():
        best = max((row.is_primary, row.start) for row in candidates)
        chosen = [row for row in candidates if (row.is_primary, row.start) == best]
        stated = [(term, row.usd_per_hour, row.place) for row in chosen]
        stated += [(plan, usd, row.place) for row in chosen for plan, usd in row.savings]
        prices += [
            Price(instance_type, name, usd, source, "derived" if name in RESERVED_HOURS else "published")
            for name, usd in _agreed(instance_type, stated).items()
        ]
    return prices


def _agreed(instance_type: str, stated: Iterable[tuple[str, float, str]]) -> dict[str, float]:
    """One price for each term, refused where two are stated."""
    agreed: dict[str, tuple[float, str]] = {}
    for term, usd, place in stated:
        other_usd, other_place = agreed.setdefault(term, (usd, place))
        if usd != other_usd:
            raise UnknownShape(
                f"{place}: {instance_type} costs {usd!r} USD an hour {term}, but {other_usd!r} "
                f"in {other_place}; allowed is one price for each day."
            )
    return {term: usd for term, (usd, _) in agreed.items()}


ADAPTER = Azure()
