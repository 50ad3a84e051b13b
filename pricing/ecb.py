"""The European Central Bank's daily reference rates: no offers, but what they cost in other currencies."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from .addresses import shown
from .currencies import Rates, check_rates
from .errors import LOOK_FOR_NEWER, UnknownShape
from .fields import unknown_shape

if TYPE_CHECKING:
    from .adapter import Ask
    from .http import Reply

BASE_VARIABLE = "RIG_OR_RENT_ECB_URL"
BASE_URL = "https://www.ecb.europa.eu"
PATH = "/stats/eurofxref/eurofxref-daily.xml"
# One day of some thirty currencies has 2 kB.
MOST_BYTES = 256 * 1024

ENVELOPE = "{http://www.gesmes.org/xml/2002-08-01}Envelope"
CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
ROW_FIELDS = {"currency", "rate"}
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
CODE = re.compile(r"[A-Z]{3}")
RATE = re.compile(r"\d{1,8}(?:\.\d{1,12})?", re.ASCII)


class EuropeanCentralBank:
    """The adapter. Its one region is the world."""

    name = "ecb"
    default_regions = ("global",)

    def fetch(self, ask: Ask) -> Rates:
        """Ask for the rates of the last working day.

        Raises
        ------
        CannotReach, Refused : from the transport.
        UnknownShape : names what is wrong, the row and the field.
        """
        with ask.client(BASE_VARIABLE, BASE_URL) as client:
            rates = client.read(PATH, _consume)
        # Without validators nothing can be unchanged.
        assert rates is not None
        return rates


def _consume(reply: Reply) -> Rates:
    return parse_rates(reply.content(MOST_BYTES), reply.url)


def parse_rates(content: bytes, source: str) -> Rates:
    """Read the document of one day.

    Parameters
    ----------
    content : the XML as it came.
    source : its address; it names the document in errors too.

    Returns
    -------
    All of its rates, and EUR at 1. ``UnknownShape`` names the row, the field, its value and what is allowed.
    """
    place = shown(source)
    root = _root(content, place)
    days = root.findall(f"{CUBE}/{CUBE}")
    if root.tag != ENVELOPE or len(days) != 1:
        raise UnknownShape(f"{place}: the body is XML, but not one day of exchange rates; {LOOK_FOR_NEWER}.")
    units_per_eur = {"EUR": 1.0}
    for number, row in enumerate(days[0], 1):
        currency, rate = _row(row, f"{place}, row {number}")
        if currency in units_per_eur:
            raise unknown_shape(f"{place}, row {number}", "currency", currency, "each but EUR once")
        units_per_eur[currency] = rate
    try:
        check_rates(units_per_eur)
    except ValueError as error:
        raise UnknownShape(f"{place}: {error}.") from None
    return Rates(units_per_eur, _day(days[0].get("time", ""), place), source)


def _root(content: bytes, place: str) -> ElementTree.Element:
    """The document's root, without entities, so that it is no larger than it came."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnknownShape(f"{place}: the body is no text in UTF-8; {LOOK_FOR_NEWER}.") from None
    start = text.lstrip()[:20].lower()
    if not start:
        raise UnknownShape(f"{place}: the body is empty instead of XML; {LOOK_FOR_NEWER}.")
    if start.startswith(("<!doctype html", "<html")):
        raise UnknownShape(
            f"{place}: the body is HTML instead of XML, perhaps a sign-in page of the network; "
            f"{LOOK_FOR_NEWER}."
        )
    if "<!DOCTYPE" in text:
        raise UnknownShape(f"{place}: the body defines a document type of its own; {LOOK_FOR_NEWER}.")
    try:
        return ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        line = error.position[0] if isinstance(error, ElementTree.ParseError) else 1
        raise UnknownShape(
            f"{place}: the body is no XML from line {line} on, perhaps it was cut; {LOOK_FOR_NEWER}."
        ) from None


def _row(row: ElementTree.Element, place: str) -> tuple[str, float]:
    """One currency and its units for 1 EUR. Another field, a multiplier say, could change the meaning."""
    if row.tag != CUBE or set(row.keys()) != ROW_FIELDS or len(row):
        found = ", ".join(sorted(row.keys()))[:60]
        raise unknown_shape(place, "the row", found, "a Cube with a currency, a rate and nothing else")
    currency, rate = row.get("currency", ""), row.get("rate", "")
    if not CODE.fullmatch(currency):
        raise unknown_shape(place, "currency", currency, "a code of three capital letters")
    if not RATE.fullmatch(rate):
        raise unknown_shape(place, f"rate of {currency}", rate, "a number above 0 with a decimal point")
    return currency, float(rate)


def _day(text: str, place: str) -> date:
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise unknown_shape(place, "time", text, "a day such as 2026-10-30")


ADAPTER = EuropeanCentralBank()
