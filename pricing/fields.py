"""Fields of JSON that somebody else wrote: each is checked where it is read, and named where it is wrong."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime

from .errors import UnknownShape

SHOWN_CHARACTERS = 60


def unknown_shape(place: str, name: str, value: object, allowed: str) -> UnknownShape:
    """The error for a field: where it stands, what it is and what is allowed, in one sentence."""
    if isinstance(value, list | dict):
        shown = f"{'a list' if isinstance(value, list) else 'an object'} of {len(value)}"
    elif isinstance(value, str) and len(value) > SHOWN_CHARACTERS:
        shown = f"{value[:SHOWN_CHARACTERS]!r}…"
    elif isinstance(value, int) and abs(value) > sys.float_info.max:
        shown = "a number of hundreds of digits"
    else:
        shown = repr(value)
    return UnknownShape(f"{place}: {name} is {shown}; allowed is {allowed}.")


def an_object(value: object, name: str, place: str) -> Mapping[str, object]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise unknown_shape(place, name, value, "an object")
    return value


def a_list(item: Mapping[str, object], name: str, place: str) -> list[object]:
    """A field that holds a list."""
    value = item.get(name)
    if not isinstance(value, list):
        raise unknown_shape(place, name, value, "a list")
    return value


def a_text(item: Mapping[str, object], name: str, place: str) -> str:
    """A field that holds a text, without the blanks around it."""
    value = item.get(name)
    if not isinstance(value, str):
        raise unknown_shape(place, name, value, "a text")
    return value.strip()


def a_link(item: Mapping[str, object], name: str, place: str) -> str:
    """A field that leads to the next page; empty where it is missing, null or empty."""
    value = item.get(name)
    # What cannot be printed cannot be asked for either.
    if value is not None and (not isinstance(value, str) or not value.isprintable()):
        raise unknown_shape(place, name, value, "a text that can be asked for, or null")
    return value or ""


def a_number(item: Mapping[str, object], name: str, place: str) -> float:
    """A field that holds a finite number."""
    value = item.get(name)
    # A whole number may have more digits than any float.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
        raise unknown_shape(place, name, value, "a finite number")
    return float(value)


def a_moment(item: Mapping[str, object], name: str, place: str) -> datetime:
    """A field that holds an ISO moment; without a time zone it is taken as UTC."""
    text = a_text(item, name, place)
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise unknown_shape(place, name, text, "an ISO moment") from None


def has_begun(moment: datetime, on: date) -> bool:
    """Whether a price that starts at a moment is in force on a day, if only for a part of it."""
    return moment.date() <= on
