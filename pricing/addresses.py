"""Which addresses may be asked, and how one is shown: a key goes to its own host and into no message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urljoin, urlsplit

from .errors import LOOK_FOR_NEWER, Refused

# Query parameters that may hold a secret; they are never shown and never stored.
SECRET_PARAMETERS = frozenset({"access_token", "api_key", "apikey", "key", "sig", "signature", "token"})


def checked_base(base_url: str) -> str:
    """A base URL without a closing slash.

    Raises
    ------
    Refused : it is not http:// or https:// with a host, or it has a query.
    """
    base = base_url.strip().rstrip("/")
    try:
        parts = urlsplit(base)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, has_host = urlsplit(""), False
    if parts.scheme not in {"http", "https"} or not has_host or parts.query or parts.fragment:
        raise Refused(
            f"The base URL is {shown(base)!r}; allowed is http:// or https:// with a host, without a query."
        )
    return base


def absolute(path: str, base_url: str, params: Mapping[str, str] | None = None) -> str:
    """The address of a path below the base, or of one that is absolute already, with parameters added.

    Raises
    ------
    Refused : it is absolute and not allowed.
    """
    url = path
    if "://" not in path.partition("?")[0]:
        url = f"{base_url}/{path.lstrip('/')}"
    elif not is_allowed(path, base_url):
        message = f"{shown(path)}: only https and addresses below {shown(base_url)} are asked"
        raise Refused(f"{message}; {LOOK_FOR_NEWER}.")
    if not params:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(params, quote_via=quote)}"


def redirected(url: str, location: str, base_url: str) -> str:
    """Where a redirect leads, seen from the address that gave it; empty where it may not be followed."""
    try:
        target = urljoin(url, location) if location else ""
    except ValueError:
        return ""
    return target if is_allowed(target, base_url) else ""


def is_allowed(url: str, base_url: str) -> bool:
    """Whether an address is https, or the base URL or below it."""
    base = urlsplit(base_url)
    try:
        parts = urlsplit(url)
        is_of_base = origin(url) == origin(base_url)
    except ValueError:
        return False
    # Libraries read odd hosts in different ways, and the key must not go where another of them leads.
    if parts.netloc != base.netloc and not re.fullmatch(r"[A-Za-z0-9._:\[\]-]+", parts.netloc):
        return False
    is_below_base = parts.path == base.path or parts.path.startswith(f"{base.path}/")
    return parts.scheme == "https" or (is_of_base and is_below_base)


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port: what must agree for a key to be sent."""
    parts: SplitResult = urlsplit(url)
    port = parts.port if parts.port is not None else {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", port


def shown(url: str) -> str:
    """An address as it may stand in a message: without user, password, query and fragment."""
    return re.sub(r"//[^/]*@", "//", re.sub(r"[?#].*", "", url, flags=re.DOTALL))


def without_secrets(url: str) -> str:
    """An address as it may be stored: with its query, but without user, password and secret parameters."""
    query = urlsplit(url).query
    parameters = parse_qsl(query, keep_blank_values=True)
    kept = [(name, value) for name, value in parameters if name.lower() not in SECRET_PARAMETERS]
    # A query without secrets stays letter by letter what was asked.
    if len(kept) < len(parameters):
        query = urlencode(kept, quote_via=quote)
    return f"{shown(url)}?{query}" if query else shown(url)
