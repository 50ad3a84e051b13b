"""How one attempt to read failed, how long to wait before the next, and what to say after the last."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from .addresses import shown
from .errors import CHECK_NETWORK, LOOK_FOR_NEWER, TRY_LATER, CannotReach, PricingError, Refused

RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504})


class Fault(CannotReach):
    """One attempt failed in a way that the next may not; ``retry_after_s`` is the wait that was asked for."""

    def __init__(self, what: str, *, retry_after_s: float = 0.0, status: int = 0, body: bytes = b"") -> None:
        super().__init__(what)
        self.retry_after_s = retry_after_s
        self.status = status
        self.body = body


def failure(url: str, fault: Fault, attempts: int, more: str = "") -> PricingError:
    """What to raise after the last attempt: a status is a no, everything else did not arrive."""
    tried = f"after {attempts} attempt{'s' if attempts > 1 else ''}{more}"
    if fault.status:
        return refusal(url, fault.status, fault.body, tried)
    return CannotReach(f"{shown(url)}: {fault} {tried}; {CHECK_NETWORK}.")


def refusal(url: str, status: int, body: bytes, tried: str = "after 1 attempt") -> Refused:
    """The error for a status that stays, with what to do about it."""
    message = f"{shown(url)}: the answer was status {status} {tried}; {_advice(status)}."
    return Refused(message, status=status, body=body)


def too_large(url: str, what: str) -> Refused:
    """The error for a body beyond a limit."""
    return Refused(f"{shown(url)}: {what}; {LOOK_FOR_NEWER}.")


def _advice(status: int) -> str:
    if status in {400, 401, 403}:
        return "check the key, if one is needed, and whether this network may ask"
    if status == 407:
        return "sign in to the proxy"
    if status == 429:
        return f"too many questions were asked, {TRY_LATER}"
    if status >= 500:
        return f"the provider has a fault, {TRY_LATER}"
    return LOOK_FOR_NEWER


def retry_after_s(headers: Mapping[str, str], now_s: float) -> float:
    """How long to wait in seconds, from whole seconds or an HTTP date; 0 where nothing readable is said."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    asked_s = _seconds_since_1970(text)
    if asked_s is None:
        return 0.0
    # The server's own clock is the one that its date goes by.
    server_s = _seconds_since_1970(headers.get("Date", ""))
    return max(0.0, asked_s - (now_s if server_s is None else server_s))


def _seconds_since_1970(http_date: str) -> float | None:
    try:
        return parsedate_to_datetime(http_date).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
