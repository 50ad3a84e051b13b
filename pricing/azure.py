"""Azure: the Retail Prices API, without a key, one region at a time and page by page.

Its lists in other currencies than USD are Microsoft's own figures at its own rates, for reference.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from urllib.parse import urlsplit

from .adapter import Ask, Fetched
from .azure_rows import PROVIDER, RESERVED_HOURS, Identity, Page, Row, parse_page
from .currencies import load_currencies
from .errors import Refused, UnknownShape
from .fields import unknown_shape
from .http import Client, Reply
from .instances import Price, priced_offers

BASE_VARIABLE = "RIG_OR_RENT_AZURE_URL"
BASE_URL = "https://prices.azure.com"
PATH = "/api/retail/prices"
# Only this version tells of savings plans.
API_VERSION = "2023-01-01-preview"
MOST_PAGES = 1000

CURRENCY_VARIABLE = "RIG_OR_RENT_AZURE_CURRENCY"
# learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices, supported currencies.
CURRENCIES = (
    *("AUD", "BRL", "CAD", "CHF", "CNY", "DKK", "EUR", "GBP", "INR"),
    *("JPY", "KRW", "NOK", "NZD", "RUB", "SEK", "TWD", "USD"),
)

TERMS = ("on_demand", "spot", "reserved_1y", "reserved_3y", "savings_1y", "savings_3y")


class ListCurrency(NamedTuple):
    """The currency of the price list, and what one unit of it is worth. [USD]

    ``as_of`` is the day of that rate; None for USD, which needs none.
    """

    code: str
    usd_per_unit: float = 1.0
    as_of: date | None = None


IN_USD = ListCurrency("USD")


class Azure:
    """The adapter."""

    name = PROVIDER
    default_regions = ("eastus", "westeurope")

    def fetch(self, ask: Ask) -> Fetched:
        """Ask for every price of virtual machines in one region.

        Raises
        ------
        CannotReach, Refused : from the transport; refused too where ``RIG_OR_RENT_AZURE_CURRENCY`` names
            a currency that is not known.
        UnknownShape : names the page, the row and the field; or no GPU has a price in this region.
        """
        # The rates of one moment for all regions: others may be stored while these are asked.
        currency = ask.shared.once("currency", list_currency)
        with ask.client(BASE_VARIABLE, BASE_URL) as client:
            pages, source = read_pages(client, ask.region, ask.on, currency.code)
        prices = prices_of((row for page in pages for row in page.rows), source, currency)
        if not prices:
            raise UnknownShape(
                f"Azure, {ask.region}: no GPU size has a price; the region has none, or another name."
            )
        offers = priced_offers(self.name, ask.region, ask.on, prices)
        left_out = sorted(frozenset().union(*(page.left_out for page in pages)))
        return Fetched(offers, TERMS, {}, tuple(left_out))


def list_currency() -> ListCurrency:
    """The currency that the environment asks for, at the newest rate; without one, USD.

    Raises
    ------
    Refused : Azure has no list in it, or there is no rate for it; names those that are known.
    """
    code = os.environ.get(CURRENCY_VARIABLE, "").strip().upper() or IN_USD.code
    if code == IN_USD.code:
        return IN_USD
    rates = load_currencies()
    known = [currency for currency in CURRENCIES if currency in rates.units_per_eur]
    if code not in known:
        raise Refused(f"{CURRENCY_VARIABLE} is {code[:20]!r}; allowed are {', '.join(known)}.")
    return ListCurrency(code, rates.units_per_eur["USD"] / rates.units_per_eur[code], rates.as_of)


def read_pages(client: Client, region: str, on: date, currency: str = "USD") -> tuple[list[Page], str]:
    """Every page of a region, and the address of the first."""
    # Quotes belong to the values. Without the primary meters alone, some prices come twice.
    name = region.replace("'", "''")
    asked = {
        "api-version": API_VERSION,
        "currencyCode": f"'{currency}'",
        "meterRegion": "'primary'",
        "$filter": f"serviceName eq 'Virtual Machines' and armRegionName eq '{name}'",
    }
    pages: list[Page] = []
    source, links, identities = "", set[str](), set[Identity]()
    path, params = PATH, asked
    while True:
        place = f"Azure, {region}, page {len(pages) + 1}"

        def consume(reply: Reply, place: str = place) -> tuple[Page, str]:
            return parse_page(reply.json(), region, on, place, currency), reply.url

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


def prices_of(rows: Iterable[Row], source: str, currency: ListCurrency = IN_USD) -> list[Price]:
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
        stated = [(term, row.listed_per_hour, row.place) for row in chosen]
        stated += [(plan, listed, row.place) for row in chosen for plan, listed in row.savings]
        prices += [
            _priced(instance_type, name, listed, source, currency)
            for name, listed in _agreed(instance_type, stated, currency.code).items()
        ]
    return prices


def _priced(instance_type: str, term: str, listed: float, source: str, currency: ListCurrency) -> Price:
    """One listed price for an hour, and what it is in USD: as listed, or at the rate."""
    if currency.as_of is None:
        kind = "derived" if term in RESERVED_HOURS else "published"
        return Price(instance_type, term, listed, source, kind)
    return Price(
        instance_type,
        term,
        listed * currency.usd_per_unit,
        f"{source} (list price in {currency.code}, converted at {currency.usd_per_unit:.6g} USD for "
        f"1 {currency.code} of {currency.as_of})",
        "derived",
        listed_currency=currency.code,
        listed_per_hour=listed,
    )


def _agreed(instance_type: str, stated: Iterable[tuple[str, float, str]], currency: str) -> dict[str, float]:
    """One price for each term, refused where two are stated."""
    agreed: dict[str, tuple[float, str]] = {}
    for term, listed, place in stated:
        other, other_place = agreed.setdefault(term, (listed, place))
        if listed != other:
            raise UnknownShape(
                f"{place}: {instance_type} costs {listed!r} {currency} an hour {term}, but {other!r} "
                f"in {other_place}; allowed is one price for each day."
            )
    return {term: listed for term, (listed, _) in agreed.items()}


ADAPTER = Azure()
