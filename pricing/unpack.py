"""Undo the packing of a body, piece by piece: never more in memory than a few pieces, never half of it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

PIECE_BYTES = 2**20
GZIP_MAGIC = b"\x1f\x8b"
GZIP_WINDOW = 16 + zlib.MAX_WBITS


class BrokenBody(Exception):
    """A packed body was cut or damaged. The message says which, without a full stop."""


class UnknownEncoding(Exception):
    """The Content-Encoding is none that is undone here."""


def unpacked(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Undo gzip or deflate; gzip is told by its first bytes, because some servers do not name it.

    Parameters
    ----------
    pieces : the body as it came, in pieces of any size but none of them empty.
    encoding : the Content-Encoding in small letters; empty where there is none.

    Returns
    -------
    The body in pieces of at most 1 MiB, none of them empty.

    Raises
    ------
    BrokenBody : it ends too early, or its checksum is another.
    UnknownEncoding : neither gzip nor deflate.
    """
    first = b""
    for piece in pieces:
        first += piece
        if len(first) >= len(GZIP_MAGIC):
            break
    if not first:
        return
    is_gzip = first.startswith(GZIP_MAGIC)
    if encoding in {"gzip", "x-gzip"} and not is_gzip:
        raise BrokenBody("the body is said to be gzip and is not")
    if is_gzip:
        yield from _inflated(first, pieces, GZIP_WINDOW)
    elif encoding == "deflate":
        # Some servers mean raw deflate by it; the two bytes of zlib's own header tell them apart.
        has_header = first[0] & 0x0F == 8 and int.from_bytes(first[:2], "big") % 31 == 0
        yield from _inflated(first, pieces, zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
    elif encoding in {"", "identity"}:
        yield from _split(first)
        for piece in pieces:
            yield from _split(piece)
    else:
        raise UnknownEncoding(encoding)


def _split(piece: bytes) -> Iterator[bytes]:
    """Cut a piece that is too large."""
    for start in range(0, len(piece), PIECE_BYTES):
        yield piece[start : start + PIECE_BYTES]


def _inflated(first: bytes, pieces: Iterator[bytes], window: int) -> Iterator[bytes]:
    """Decompress all members of the stream, and insist on the end of the last."""
    stream = zlib.decompressobj(window)
    waiting = first
    is_over = False
    while not is_over:
        if not waiting:
            waiting = next(pieces, b"")
            is_over = not waiting
        if stream.eof:
            # More members follow where a file was packed in parts; zero bytes may pad the end.
            waiting = waiting.lstrip(b"\0")
            if not waiting:
                continue
            if window != GZIP_WINDOW:
                raise BrokenBody("something follows the end of the packed body")
            stream = zlib.decompressobj(window)
        try:
            piece = stream.decompress(waiting, PIECE_BYTES)
        except zlib.error:
            raise BrokenBody("the packed body is damaged") from None
        waiting = stream.unused_data if stream.eof else stream.unconsumed_tail
        if piece:
            # Output may still be held back after the last input.
            is_over = False
            yield piece
    if not stream.eof:
        raise BrokenBody("the packed body was cut short")
