"""Tables as CSV and as JSON: the same figures, unrounded."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

# A spreadsheet runs a cell that begins with one of these as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_text(table: pd.DataFrame, head: Sequence[str]) -> str:
    """A frame as CSV that pandas (``comment="#"``) and a spreadsheet both read back unharmed.

    Text is quoted and cannot run as a formula; numbers are written in full, *never* as ``inf``, unknown as an
    empty cell. The lines of ``head`` become comments.
    """
    text = io.StringIO()
    for line in head:
        text.write("# " + " ".join(line.splitlines()) + "\n")
    rows = [list(table.columns), *(list(row) for row in table.itertuples(index=False))]
    text.writelines(",".join(_cell(value) for value in row) + "\n" for row in rows)
    return text.getvalue()


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all: an existing one stays as it is until the new one is complete."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def json_text(document: object) -> str:
    """A document as JSON; a number that JSON cannot hold is refused."""
    return json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False)


def records(table: pd.DataFrame) -> list[dict[str, object]]:
    """Rows as plain objects: *never* is ``"never"``, unknown is None."""
    return [
        {str(name): plain(value) for name, value in zip(table.columns, row, strict=True)}
        for row in table.itertuples(index=False)
    ]


def plain(value: object) -> object:
    """A value as JSON can hold it."""
    if isinstance(value, float):  # NumPy's float64 is one too
        if math.isnan(value):
            return None
        return "never" if math.isinf(value) else float(value)
    return value.item() if isinstance(value, np.generic) else value


def _cell(value: object) -> str:
    if isinstance(value, str):
        # A leading apostrophe makes a spreadsheet show the cell instead of running it.
        shown = "'" + value if value.startswith(_FORMULA_STARTS) else value
        return '"' + shown.replace('"', '""') + '"'
    plain = value.item() if isinstance(value, np.generic) else value
    if plain is None or plain != plain:
        return ""
    return repr(plain)
