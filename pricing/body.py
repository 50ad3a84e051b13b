"""The body of an answer: unpacked, held to the limits, and never taken for whole where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from .addresses import shown
from .errors import LOOK_FOR_NEWER, PricingError, UnknownShape
from .faults import Fault, too_large
from .limits import MIB, Limits, size_text
from .unpack import BrokenBody, UnknownEncoding, unpacked

# An expansion is judged only from here on: a short body of blanks is no bomb.
EXPANSION_JUDGED_FROM_BYTES = 64 * MIB


def decoded(
    raw: Iterator[bytes], content_encoding: str, url: str, limits: Limits, broken: list[PricingError]
) -> Iterator[bytes]:
    """The decoded body within the limits.

    Parameters
    ----------
    raw : the body as it comes, in pieces that are not empty.
    content_encoding : what the answer says of its packing.
    url : names the answer in errors.
    broken : what breaks the body is added to it too, in case a parser swallows the error.

    Raises
    ------
    CannotReach : the body was cut or its compression is broken.
    Refused : it is over the limits.
    UnknownShape : its packing is not known.
    """
    received_bytes = 0
    decoded_bytes = 0

    def received() -> Iterator[bytes]:
        nonlocal received_bytes
        for piece in raw:
            received_bytes += len(piece)
            if received_bytes > limits.max_body_bytes:
                raise too_large(url, f"the body is over {size_text(limits.max_body_bytes)}")
            yield piece

    encoding = content_encoding.strip().lower()
    try:
        for piece in unpacked(received(), encoding):
            decoded_bytes += len(piece)
            most_bytes = max(EXPANSION_JUDGED_FROM_BYTES, limits.max_expansion * received_bytes)
            if decoded_bytes > min(limits.max_decoded_bytes, most_bytes):
                sizes = f"{size_text(received_bytes)} unpack to {size_text(decoded_bytes)} and more"
                raise too_large(url, sizes)
            yield piece
    except BrokenBody as error:
        broken.append(Fault(str(error)))
    except UnknownEncoding:
        message = f"{shown(url)}: the body is packed as {encoding[:40]!r}, allowed are gzip and deflate"
        broken.append(UnknownShape(f"{message}; {LOOK_FOR_NEWER}."))
    except PricingError as error:
        broken.append(error)
    if broken:
        raise broken[0]


def drain(body: Iterator[bytes], max_bytes: int) -> None:
    """Read what is left, to learn whether it is whole; what breaks it is noted by the body itself."""
    size = 0
    with suppress(PricingError):
        for piece in body:
            size += len(piece)
            if size > max_bytes:
                return
