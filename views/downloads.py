"""What is handed out as a file, on the page and by the command line."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from models import Comparison
from models.export import csv_text


def cash_flows_csv(comparison: Comparison) -> str:
    """The monthly cash flows as CSV, under the same comment head as the table's."""
    return table_csv(comparison, comparison.cash_flows)


def table_csv(comparison: Comparison, table: pd.DataFrame, said: Sequence[str] = ()) -> str:
    """A table about a comparison as CSV, under the head that names the question, and what is said of it."""
    lines = comparison.to_csv(rows=[]).splitlines()
    head = [line.removeprefix("# ") for line in lines if line.startswith("# ")]
    return csv_text(table, [*head, *said])
