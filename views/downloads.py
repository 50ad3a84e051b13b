"""What is handed out as a file, on the page and by the command line."""

from __future__ import annotations

from models import Comparison
from models.export import csv_text


def cash_flows_csv(comparison: Comparison) -> str:
    """The monthly cash flows as CSV, under the same comment head as the table's."""
    table = comparison.to_csv(rows=[]).splitlines()
    head = [line.removeprefix("# ") for line in table if line.startswith("# ")]
    return csv_text(comparison.cash_flows, head)
