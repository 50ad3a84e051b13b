"""Google Cloud: machines put together from the parts that the Cloud Billing Catalog prices. Needs a key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from .adapter import Ask, Fetched
from .errors import Refused, UnknownShape
from .gcp_machines import PROVIDER, TERMS, incomplete_machines, machine_offers, region_prices
from .gcp_parts import Page, Part, parse_page
from .http import Client, Reply

BASE_VARIABLE = "RIG_OR_RENT_GCP_URL"
BASE_URL = "https://cloudbilling.googleapis.com"
KEY_VARIABLE = "RIG_OR_RENT_GCP_API_KEY"
KEY_HEADER = "X-Goog-Api-Key"
# The service is Compute Engine.
PATH = "/v1/services/6F81-5844-456A/skus"
PAGE_SIZE = 5000
MOST_PAGES = 1000

HOW_TO_GET_A_KEY = (
    "in the Google Cloud console, enable the Cloud Billing API in any project, create an API key under "
    f"APIs & Services, Credentials, and put it into {KEY_VARIABLE}"
)


class Catalog(NamedTuple):
    """What is of use in all pages, and the address of the first."""

    parts: tuple[Part, ...]
    strangers: tuple[tuple[str, frozenset[str]], ...]
    source: str


class Gcp:
    """The adapter."""

    name = PROVIDER
    default_regions = ("us-central1", "europe-west4")

    def fetch(self, ask: Ask) -> Fetched:
        """Ask for the price of every part, once for all regions, and put the machines of one together.

        Raises
        ------
        CannotReach, Refused : from the transport; refused too without a key, or with a bad one.
        UnknownShape : names the page, the row and the field; or no machine has a price in this region.
        """
        key = os.environ.get(KEY_VARIABLE, "").strip()
        if not key:
            raise Refused(f"Google Cloud tells its prices only to whoever has a key: {HOW_TO_GET_A_KEY}.")

        def read() -> Catalog:
            with ask.client(BASE_VARIABLE, BASE_URL) as client:
                return read_catalog(client, key, ask.on)

        catalog = ask.shared.once("catalog", read)
        prices = region_prices(catalog.parts, ask.region)
        offers = machine_offers(prices, catalog.source, ask.region, ask.on)
        strangers = {name for name, regions in catalog.strangers if ask.region in regions}
        return Fetched(offers, TERMS, {}, (*sorted(strangers), *incomplete_machines(prices)))


def read_catalog(client: Client, key: str, on: date) -> Catalog:
    """Read every page of the catalog, and keep the parts of GPU machines."""
    parts: list[Part] = []
    strangers: list[tuple[str, frozenset[str]]] = []
    source, tokens, skus = "", set[str](), set[str]()
    params = {"currencyCode": "USD", "pageSize": str(PAGE_SIZE)}
    with client.with_headers({KEY_HEADER: key}) as keyed:
        while True:
            place = f"Google Cloud, page {len(tokens) + 1}"
            page, url = _read_page(keyed, params, on, place)
            source = source or url
            names = {part.sku for part in page.parts}
            if names & skus:
                raise UnknownShape(f"{place}: the rows of an earlier page came again; refresh again later.")
            skus |= names
            parts += page.parts
            strangers += page.strangers
            if not page.next_token:
                return Catalog(tuple(parts), tuple(strangers), source)
            if page.next_token in tokens:
                raise UnknownShape(
                    f"{place}: nextPageToken leads back to an earlier page; refresh again later."
                )
            tokens.add(page.next_token)
            if len(tokens) == MOST_PAGES:
                raise UnknownShape(f"{place}: there are still more pages; allowed are {MOST_PAGES:,}.")
            params["pageToken"] = page.next_token


def _read_page(client: Client, params: Mapping[str, str], on: date, place: str) -> tuple[Page, str]:
    """Read one page; a refusal says what is wrong with the key."""

    def consume(reply: Reply) -> tuple[Page, str]:
        return parse_page(reply.json(), on, place), reply.url

    try:
        answer = client.read(PATH, consume, params=params)
    except Refused as error:
        sentence = _about_the_key(error)
        if not sentence:
            raise
        raise Refused(sentence, status=error.status) from None
    # Without validators nothing can be unchanged.
    assert answer is not None
    return answer


def _about_the_key(error: Refused) -> str:
    """What a refusal says about the key; empty if it is about something else."""
    # Google answers a bad key with 400, and other bad questions too.
    if error.status == 401 or (error.status == 400 and b"API_KEY_INVALID" in error.body):
        return f"Google Cloud does not accept the key in {KEY_VARIABLE}; for another one, {HOW_TO_GET_A_KEY}."
    if error.status == 403:
        return (
            f"Google Cloud does not let the key in {KEY_VARIABLE} read prices; enable the Cloud Billing API "
            "in its project, and allow that service among the restrictions of the key."
        )
    return ""


ADAPTER = Gcp()
