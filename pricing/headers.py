"""What is sent along with a question: who asks, what is known already, and a key where there is one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from .errors import Refused
from .reply import Validators


def usual_headers(validators: Validators | None) -> dict[str, str]:
    """The headers of every question; with validators it is only about what changed since."""
    headers = {"User-Agent": _user_agent(), "Accept-Encoding": "gzip", "Accept": "*/*"}
    if validators is not None and validators.etag:
        headers["If-None-Match"] = validators.etag
    if validators is not None and validators.last_modified:
        headers["If-Modified-Since"] = validators.last_modified
    return headers


def checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers, without blanks around the values. A value is never shown: it may be a key.

    Raises
    ------
    Refused : one is empty or holds characters that cannot be sent.
    """
    checked = {name: value.strip() for name, value in headers.items()}
    for name, value in checked.items():
        if not re.fullmatch(r"[\x21-\x7e]+( +[\x21-\x7e]+)*", value):
            raise Refused(f"The header {name} is empty or holds signs that cannot be sent; check the key.")
    return checked


@cache
def _user_agent() -> str:
    try:
        number = version("rig-or-rent")
    except PackageNotFoundError:
        number = "dev"
    return f"rig-or-rent/{number} (GPU cost calculator)"
