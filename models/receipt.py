"""The receipt and the cash flows: every component of a bill, summing to its totals in the table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from .case import Case
from .lines import Line
from .rented_lines import rented_lines

RECEIPT_COLUMNS = ("option", "component", "detail", "total_usd", "present_value_usd")
CASH_FLOW_COLUMNS = ("option", "component", "month", "usd", "present_value_usd")


def receipt(case: Case, build_name: str) -> pd.DataFrame:
    """Columns option, component, detail, total_usd, present_value_usd.

    The components of an option sum to its ``total_usd`` and ``present_value_usd`` in the table. The build
    comes first if the work fits it, then the rental that it is compared with, if one is left.
    """
    chosen = [] if case.against is None else [case.against]
    discount = case.owned.discount
    return pd.DataFrame(
        [
            (
                option,
                line.component,
                line.detail,
                float(line.usd_by_month.sum()),
                float(line.usd_by_month @ discount),
            )
            for option, line in _lines(case, build_name, chosen)
        ],
        columns=list(RECEIPT_COLUMNS),
    )


def cash_flows(case: Case, build_name: str, offers: Sequence[int]) -> pd.DataFrame:
    """What is due in each month, one row a component and month: option, component, month, usd, present value.

    Month 0 is today. The build comes first, with the sale at the horizon's end; then the offers asked for.
    """
    months = np.arange(case.owned.months + 1)
    parts = [
        pd.DataFrame(
            {
                "option": option,
                "component": line.component,
                "month": months,
                "usd": line.usd_by_month,
                "present_value_usd": line.usd_by_month * case.owned.discount,
            }
        )
        for option, line in _lines(case, build_name, offers)
    ]
    if not parts:
        return pd.DataFrame(columns=list(CASH_FLOW_COLUMNS))
    return pd.concat(parts, ignore_index=True)


def _lines(case: Case, build_name: str, offers: Sequence[int]) -> list[tuple[str, Line]]:
    lines = [] if case.build_misfit else [(build_name, line) for line in case.owned.lines]
    for offer in offers:
        lines += [(case.offers.names[offer], line) for line in rented_lines(case, offer)]
    return lines
