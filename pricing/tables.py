"""The bundled tables as they lie in `data/`, and the user's own copies of some of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

DATA = Path(__file__).resolve().parent.parent / "data"


def config_folder() -> Path:
    """The folder of the user's own tables: ``RIG_OR_RENT_CONFIG_DIR``, else the usual one for settings."""
    chosen = os.environ.get("RIG_OR_RENT_CONFIG_DIR")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_config_path

    return user_config_path("rig-or-rent", appauthor=False)


def read_table(path: Path, numbers: Sequence[str]) -> pd.DataFrame:
    """Read a table: an empty cell is NaN in a column of numbers, and an empty text elsewhere.

    ``KeyError`` names a column of numbers that is missing, ``ValueError`` a cell that is no number.
    """
    table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    for name in numbers:
        table[name] = pd.to_numeric(table[name].where(table[name] != ""), errors="raise").astype("float64")
    return table
