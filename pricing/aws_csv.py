"""Read the tables of the AWS Price List, hundreds of megabytes each, in constant memory.

Nearly all rows are of no use here, so rows are told apart on their raw bytes, and only those that may count
are parsed. The form of every row is checked all the same: a broken row would be a price that is missing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .errors import UnknownShape
from .http import LOOK_FOR_NEWER

Bytes: TypeAlias = NDArray[np.uint8]
# A mark is one bit for each byte of a block, 64 in a word; the lowest bit belongs to the first byte.
Bits: TypeAlias = NDArray[np.uint64]
Positions: TypeAlias = NDArray[np.intp]

NEWLINE, QUOTE, COMMA = b"\n"[0], b'"'[0], b","[0]
WORD_BITS = 64
# Work on a block stays in the cache of the processor: blocks of 1 MiB take half as long again, and so do
# blocks of 64 KiB, for the number of calls. Chunks are joined up to the one and cut down to the other.
BLOCK_BYTES = 2**16
LARGEST_BLOCK_BYTES = 2**18
# No row is near this long: what is longer was opened by a stray quote.
LONGEST_ROW_BYTES = 2**20
FIRST_WORD = "FormatVersion"
FIRST_COLUMN = "SKU"
# Five lines of metadata stand before the header; a few more would do no harm.
HEADER_WITHIN_LINES = 16


class Filter(NamedTuple):
    """Which rows may count, told from the raw bytes of a line.

    One of its cells begins with one of ``letters``, and ``passes`` agrees. It is an aid to speed only: rows
    that do not count may come through, so the reader looks once more. ``witness`` stands somewhere in every
    file that is whole and of the right kind.
    """

    letters: bytes
    passes: Callable[[bytes], bool]
    witness: bytes


class Row(NamedTuple):
    """One row: the line on which it ends, and the texts of the columns asked for, by name."""

    line: int
    texts: dict[str, str]


def broken(name: str, what: str) -> UnknownShape:
    """Word what is wrong with a document."""
    return UnknownShape(f"{name}: {what}; {LOOK_FOR_NEWER}.")


def read_rows(
    name: str,
    chunks: Iterable[bytes],
    needed: tuple[str, ...],
    may_count: Filter,
    *,
    optional: tuple[str, ...] = (),
) -> Iterator[Row]:
    """Read the rows of one table that may count.

    Parameters
    ----------
    name : what the table is, for messages.
    chunks : its bytes, cut anywhere.
    needed : columns that must be there.
    may_count : see `Filter`.
    optional : columns that are read as empty where they are not there.

    Raises
    ------
    UnknownShape : the metadata or the header is not as expected, or any row, also one that does not count,
        has broken quotes or another number of columns. The message names the line.
    """
    picked: list[tuple[str, int]] = []
    width = 0
    line = 0
    rest = b""
    has_witness = False
    for piece in _pieces(chunks):
        block = rest + piece
        if not width:
            header, line, body_at = _header(name, block)
            picked = _picked(name, header, needed, optional)
            width = len(header)
            block = block[body_at:]
        end = block.rfind(b"\n") + 1
        regular = _regular_block(block, end, width) if end else None
        # A line end between quotes is part of a field, so a row may go on in the next block.
        if not end or (regular is None and block.count(b'"', 0, end) % 2):
            if len(block) > LONGEST_ROW_BYTES:
                raise broken(name, f"a row after line {line} is over {LONGEST_ROW_BYTES // 2**20} MiB long")
            rest = block
            continue
        has_witness = has_witness or may_count.witness in block
        if regular is None:
            rows, lines = _careful_rows(name, block[:end], line, width), block.count(b"\n", 0, end)
        else:
            rows, lines = _quick_rows(name, block, line, width, regular, may_count), len(regular.line_ends)
        for number, texts in rows:
            yield Row(number, {column: texts[at] if at < width else "" for column, at in picked})
        line += lines
        rest = block[end:]
    if not width:
        raise broken(name, "it is empty")
    # The last row may lack its line end; if it lacks more, it is refused.
    if rest.endswith(b","):
        # An empty last cell looks the same as one that was cut off.
        raise broken(name, f"line {line + 1 + rest.count(NEWLINE)} ends with a comma and without a line end")
    for number, texts in _careful_rows(name, rest, line, width):
        yield Row(number, {column: texts[at] if at < width else "" for column, at in picked})
    if not has_witness and may_count.witness not in rest:
        raise broken(name, f"{may_count.witness.decode()!r} does not stand in it")


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Join and cut chunks to pieces between `BLOCK_BYTES` and `LARGEST_BLOCK_BYTES`; the last may be less."""
    waiting: list[bytes] = []
    size = 0
    for chunk in chunks:
        waiting.append(chunk)
        size += len(chunk)
        if size >= BLOCK_BYTES:
            whole = b"".join(waiting)
            yield from (whole[at : at + LARGEST_BLOCK_BYTES] for at in range(0, size, LARGEST_BLOCK_BYTES))
            waiting, size = [], 0
    if size:
        yield b"".join(waiting)


def _header(name: str, block: bytes) -> tuple[list[str], int, int]:
    """Find the header below the metadata: its columns, its line, and where the rows begin."""
    if FIRST_WORD.encode() not in block[: len(FIRST_WORD) + 2]:
        start = block[:40].decode(errors="replace")
        raise broken(name, f"it begins with {start!r} where {FIRST_WORD} is expected")
    at = 0
    for line in range(1, HEADER_WITHIN_LINES + 1):
        end = block.find(b"\n", at) + 1
        if not end:
            break
        for _, texts in _careful_rows(name, block[at:end], line - 1):
            if texts[0] == FIRST_COLUMN:
                return texts, line, end
        at = end
    raise broken(name, f"none of the first {HEADER_WITHIN_LINES} lines is a header that begins with SKU")


def _picked(
    name: str, header: list[str], needed: tuple[str, ...], optional: tuple[str, ...]
) -> list[tuple[str, int]]:
    """Say where each column stands; an optional one that is not there stands behind the last."""
    for column in (*needed, *optional):
        found = header.count(column)
        if found > 1 or (not found and column in needed):
            raise broken(name, f"the header has the column {column!r} {found} times, allowed is once")
    return [
        (column, header.index(column) if column in header else len(header)) for column in (*needed, *optional)
    ]


class _Block(NamedTuple):
    """A block of rows in plain sight: its bytes, where its lines end, and the signs before its cells."""

    signs: Bytes
    line_ends: Positions
    before_cells: Bits


def _regular_block(block: bytes, end: int, width: int) -> _Block | None:
    """Look at the lines before ``end``; None unless each is a row of ``width`` columns in plain sight.

    Whatever differs is left to a real parser: quotes that do not enclose a whole cell, line ends in quotes,
    carriage returns outside, and several line ends within one word. Marks are bits, because they are worked
    on eight times as fast as bytes.
    """
    signs = np.frombuffer(block, np.uint8, count=end)
    quote, comma, newline = (_marked(signs, sign) for sign in (QUOTE, COMMA, NEWLINE))
    inside = _inside(quote)
    words = newline.nonzero()[0]
    ends = newline[words]
    if (newline & inside).any() or (ends & (ends - 1)).any():
        return None
    parting = (comma & ~inside) | newline
    bare = ~(parting | quote | inside)
    if end % WORD_BITS:
        bare[-1] &= (1 << end % WORD_BITS) - 1
    # The official files have none: all of their cells are quoted or empty.
    if bare.any() and (b"\r" in block or ((bare & _behind(quote)) | (quote & _behind(bare))).any()):
        return None
    # Up to and with each line end, so many cells have ended as that many rows have.
    cells = np.cumsum(np.bitwise_count(parting), dtype=np.intp)[words]
    cells -= np.bitwise_count(parting[words] & ~(ends | (ends - 1)))
    if (cells != np.arange(1, len(words) + 1) * width).any():
        return None
    return _Block(signs, words * WORD_BITS + np.bitwise_count(ends - 1), parting | quote)


def _marked(signs: Bytes, *wanted: int) -> Bits:
    """Mark the bytes that are one of the wanted."""
    found = np.empty(-(-len(signs) // WORD_BITS) * WORD_BITS, np.bool_)
    found[len(signs) :] = False
    np.equal(signs, wanted[0], out=found[: len(signs)])
    for sign in wanted[1:]:
        found[: len(signs)] |= signs == sign
    return np.packbits(found, bitorder="little").view("<u8").astype(np.uint64, copy=False)


def _behind(marks: Bits) -> Bits:
    """Mark the byte behind each that is marked."""
    moved = marks.copy()
    moved <<= 1
    moved[1:] |= marks[:-1] >> (WORD_BITS - 1)
    return moved


def _inside(quote: Bits) -> Bits:
    """Mark every byte with an odd number of quotes up to it: from opening quotes to before closing ones."""
    inside = quote.copy()
    for step in (1, 2, 4, 8, 16, 32):
        inside ^= inside << step
    is_odd = inside >> (WORD_BITS - 1)
    # Minus one has all bits: it turns over the words before which a quote is open.
    inside ^= -(np.bitwise_xor.accumulate(is_odd) ^ is_odd)
    return inside


def _quick_rows(
    name: str, block: bytes, line: int, width: int, regular: _Block, may_count: Filter
) -> Iterator[tuple[int, list[str]]]:
    """Parse those lines of a regular block that may count."""
    begins = _marked(regular.signs, *may_count.letters) & _behind(regular.before_cells)
    words = begins.nonzero()[0] * WORD_BITS
    # A word may hold the end of one line and the beginning of the next.
    first, last = (regular.line_ends.searchsorted(words + at).tolist() for at in (0, WORD_BITS - 1))
    ends = [-1, *regular.line_ends.tolist()]
    for index in sorted({*first, *last} - {len(regular.line_ends)}):
        text = block[ends[index] + 1 : ends[index + 1]]
        if may_count.passes(text):
            yield from _careful_rows(name, text, line + index, width)


def _careful_rows(name: str, block: bytes, line: int, width: int = 0) -> Iterator[tuple[int, list[str]]]:
    """Parse every row of a block that begins after ``line``, and insist on ``width`` columns if given."""
    reader = csv.reader(io.StringIO(_text(name, block, line), newline=""), strict=True)
    while True:
        try:
            texts = next(reader, None)
        except csv.Error as error:
            raise broken(name, f"line {line + reader.line_num} is no row ({error})") from None
        if texts is None:
            return
        if width and texts and len(texts) != width:
            raise broken(
                name, f"line {line + reader.line_num} has {len(texts)} columns, the header has {width}"
            )
        if texts:
            yield line + reader.line_num, texts


def _text(name: str, block: bytes, line: int) -> str:
    """Decode a block."""
    try:
        return block.decode("utf-8")
    except UnicodeDecodeError as error:
        number = line + 1 + block.count(b"\n", 0, error.start)
        raise broken(name, f"line {number} holds bytes that are no UTF-8") from None
