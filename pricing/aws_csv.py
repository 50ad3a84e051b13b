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
Positions: TypeAlias = NDArray[np.intp]

NEWLINE, QUOTE, COMMA = b"\n"[0], b'"'[0], b","[0]
# Work on a block stays in the cache of the processor: blocks of 1 MiB take five times as long.
BLOCK_BYTES = 2**16
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
        signs = np.frombuffer(block, np.uint8, count=end)
        line_ends = _regular_line_ends(signs, width)
        # A line end between quotes is part of a field, so a row may go on in the next block.
        if not end or (line_ends is None and block.count(b'"', 0, end) % 2):
            if len(block) > LONGEST_ROW_BYTES:
                raise broken(name, f"a row after line {line} is over {LONGEST_ROW_BYTES // 2**20} MiB long")
            rest = block
            continue
        has_witness = has_witness or may_count.witness in block
        if line_ends is None:
            rows, lines = _careful_rows(name, block[:end], line, width), block.count(b"\n", 0, end)
        else:
            rows, lines = _quick_rows(name, block, line, width, line_ends, signs, may_count), len(line_ends)
        for number, texts in rows:
            yield Row(number, {column: texts[at] if at < width else "" for column, at in picked})
        line += lines
        rest = block[end:]
    if not width:
        raise broken(name, "it is empty")
    # The last row may lack its line end; if it lacks more, it is refused.
    for number, texts in _careful_rows(name, rest, line, width):
        yield Row(number, {column: texts[at] if at < width else "" for column, at in picked})
    if not has_witness and may_count.witness not in rest:
        raise broken(name, f"{may_count.witness.decode()!r} does not stand in it")


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut and join chunks to pieces of about `BLOCK_BYTES`."""
    waiting: list[bytes] = []
    size = 0
    for chunk in chunks:
        waiting.append(chunk)
        size += len(chunk)
        if size >= BLOCK_BYTES:
            whole = b"".join(waiting)
            yield from (whole[at : at + BLOCK_BYTES] for at in range(0, size, BLOCK_BYTES))
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


def _regular_line_ends(signs: Bytes, width: int) -> Positions | None:
    """Find the ends of the lines where each line has ``width`` columns in plain sight; None if not.

    A comma parts two columns where a quote, a comma or a line end stands before it, in a block that has
    quotes; any comma does in a block that has none. Whatever differs is left to a real parser.
    """
    newline = signs == NEWLINE
    line_ends = np.flatnonzero(newline)
    if not len(line_ends):
        return None
    starts = np.concatenate((np.zeros(1, line_ends.dtype), line_ends[:-1]))
    comma = signs == COMMA
    quote = signs == QUOTE
    if quote.any():
        if (_count_in_lines(quote, starts) % 2).any():
            return None
        before = quote | comma | newline
        comma[1:] &= before[:-1]
    return line_ends if (_count_in_lines(comma, starts) == width - 1).all() else None


def _count_in_lines(found: NDArray[np.bool_], starts: Positions) -> NDArray[np.int16]:
    """Count what was found from each start to the next."""
    return np.add.reduceat(found.view(np.int8), starts, dtype=np.int16)


def _quick_rows(
    name: str, block: bytes, line: int, width: int, line_ends: Positions, signs: Bytes, may_count: Filter
) -> Iterator[tuple[int, list[str]]]:
    """Parse those lines of a regular block that may count."""
    begins = np.logical_or.reduce([signs == letter for letter in may_count.letters])
    before = signs == QUOTE
    if not before.any():
        before = signs == COMMA
    cells = before[:-1] & begins[1:]
    for index in np.unique(np.searchsorted(line_ends, np.flatnonzero(cells))).tolist():
        start = int(line_ends[index - 1]) + 1 if index else 0
        text = block[start : int(line_ends[index])]
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
