"""A bill in lines: what each is, and what it costs month by month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .checks import FloatArray


class Line(NamedTuple):
    """One component of a bill. ``usd_by_month`` has shape (months + 1,), index 0 is today. [USD]

    Lines of the sale are there only if the parts are sold at the horizon's end.
    """

    component: str
    detail: str
    usd_by_month: FloatArray
    of_the_sale: bool = False


def once(months: int, usd: float, month: int = 0) -> FloatArray:
    """A payment in one month."""
    flows = np.zeros(months + 1)
    flows[month] = usd
    return flows


def monthly(months: int, usd: float) -> FloatArray:
    """The same payment at the end of every month."""
    flows = np.full(months + 1, usd)
    flows[0] = 0.0
    return flows


def total(lines: Sequence[Line], months: int) -> FloatArray:
    """All lines of a bill added up."""
    return np.asarray(sum((line.usd_by_month for line in lines), np.zeros(months + 1)))
