"""One answer as a parser meets it: where it came from, and its body as pieces, as a whole or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from .addresses import shown
from .errors import LOOK_FOR_NEWER, UnknownShape
from .faults import too_large
from .limits import MIB, size_text

CONTENT_BYTES = 256 * MIB
# Blanks before the first sign are looked through so far.
START_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask later whether the answer changed; empty texts where it gave nothing."""

    etag: str = ""
    last_modified: str = ""


class Reply:
    """One answer whose body is read once, piece by piece. It exists only while its `consume` runs.

    ``url`` is what was asked for, without user, password and secret parameters; ``validators`` belong to it.
    """

    def __init__(self, url: str, validators: Validators, body: Iterator[bytes]) -> None:
        self.url = url
        self.validators = validators
        self._body = body

    def chunks(self) -> Iterator[bytes]:
        """The decoded body in pieces of at most 1 MiB, none of them empty; a second call goes on, not back.

        Raises
        ------
        CannotReach : the body was cut or its compression is broken. `Client.read` tries again.
        Refused : the body is over the limit.
        """
        return self._body

    def content(self, max_bytes: int = CONTENT_BYTES) -> bytes:
        """The whole decoded body, refused beyond ``max_bytes``."""
        pieces: list[bytes] = []
        size = 0
        for piece in self._body:
            size += len(piece)
            if size > max_bytes:
                raise too_large(self.url, f"the body is over {size_text(max_bytes)}")
            pieces.append(piece)
        return b"".join(pieces)

    def json(self, max_bytes: int = CONTENT_BYTES) -> object:
        """The body as JSON. Numbers that JSON does not know (NaN, Infinity) are refused.

        Raises
        ------
        UnknownShape : the body is empty, HTML, cut at its end or otherwise no JSON.
        """
        content = self.content(max_bytes)
        try:
            return json.loads(content, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            reason = _why_not_json(content, error)
        raise UnknownShape(f"{shown(self.url)}: {reason}; {LOOK_FOR_NEWER}.")


def _why_not_json(content: bytes, error: Exception) -> str:
    start = content[:START_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if not content.strip():
        return "the body is empty instead of JSON"
    if start.startswith(b"<"):
        return "the body is HTML instead of JSON, perhaps a sign-in page of the network"
    if isinstance(error, RecursionError):
        return "the body is JSON nested too deep"
    if isinstance(error, json.JSONDecodeError):
        return f"the body is no JSON from character {error.pos} of {len(content)} on, perhaps it was cut"
    return "the body is no JSON: it holds characters or numbers that JSON does not allow"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
