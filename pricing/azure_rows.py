"""What a page of Azure's Retail Prices API says: the Linux prices of GPU sizes that are in force."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from .errors import UnknownShape
from .fields import a_link, a_list, a_moment, a_number, a_text, an_object, has_begun, unknown_shape
from .instances import shapes

PROVIDER = "azure"

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
    """One price that is in force. ``savings`` are the prices under a savings plan, by term.

    All are for an hour, in the currency of the list.
    """

    instance_type: str
    term: str
    is_primary: bool
    start: datetime
    listed_per_hour: float
    savings: tuple[tuple[str, float], ...]
    place: str


class Page(NamedTuple):
    """What is of use on one page; ``next_link`` is empty on the last, ``identity`` tells pages apart."""

    rows: tuple[Row, ...]
    left_out: frozenset[str]
    next_link: str
    identity: Identity


def parse_page(answer: object, region: str, on: date, place: str, currency: str = "USD") -> Page:
    """Read one decoded page.

    Parameters
    ----------
    answer : what the page holds, as decoded JSON.
    region : rows of other regions are passed over.
    on : the day that a price must be in force.
    place : names the page in errors.
    currency : the one that was asked for; a page or a row in another is refused.

    Returns
    -------
    The Linux prices of GPU sizes whose shape is known, and the names of the others. ``UnknownShape`` names
    the row, the field, its value and what is allowed.
    """
    page = an_object(answer, "the body", place)
    _check_currency(page, "BillingCurrency", currency, place)
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
        row_place = f"{place}, row {number} ({size.strip()!r})"
        # A list that mixes currencies is none, whichever rows of it count.
        _check_currency(item, "currencyCode", currency, row_place)
        if not size.startswith(GPU_SIZES):
            continue
        row = _row(item, region, on, row_place)
        if row is None:
            continue
        if row.instance_type in shapes(PROVIDER):
            rows.append(row)
        elif row.instance_type.isprintable():
            left_out.add(row.instance_type)
        else:
            raise unknown_shape(row.place, "armSkuName", row.instance_type, "a name that can be printed")
    return Page(tuple(rows), frozenset(left_out), link, _identity(items))


def _check_currency(item: Mapping[str, object], name: str, currency: str, place: str) -> None:
    if item.get(name) != currency:
        raise unknown_shape(place, name, item.get(name), repr(currency))


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
    term = _term(kind, names, item, place)
    # Prices of zero are listed beside the real ones.
    price = _price(item, place)
    if not term or not price:
        return None
    if term in RESERVED_HOURS:
        price = float(Decimal(repr(price)) / RESERVED_HOURS[term])
    return Row(
        a_text(item, "armSkuName", place),
        term,
        item.get("isPrimaryMeterRegion") is not False,
        a_moment(item, "effectiveStartDate", place),
        price,
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


def _price(item: Mapping[str, object], place: str) -> float:
    price = a_number(item, "retailPrice", place)
    if price < 0:
        raise unknown_shape(place, "retailPrice", price, "a price from 0 up")
    return price


def _savings(item: Mapping[str, object], place: str) -> tuple[tuple[str, float], ...]:
    """The prices under the savings plans of a row, without those of zero."""
    if item.get("savingsPlan") is None:
        return ()
    place = f"{place}, savingsPlan"
    plans = [an_object(plan, "a plan", place) for plan in a_list(item, "savingsPlan", place)]
    terms = [SAVINGS.get(a_text(plan, "term", place), "") for plan in plans]
    return tuple(
        (term, price)
        for term, plan in zip(terms, plans, strict=True)
        if term and (price := _price(plan, place))
    )
