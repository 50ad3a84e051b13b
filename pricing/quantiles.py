"""Quantiles of a listing that are prices of the listing: nothing is interpolated."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


def nearest_rank(values: Numbers, fraction: float) -> float:
    """The smallest of the values that at least this share of them does not exceed.

    Parameters
    ----------
    values : at least one, in any order, none of them NaN.
    fraction : 0 gives the least value, 0.5 the median, 1 the greatest.

    Returns
    -------
    One of the values.

    Raises
    ------
    ValueError : there are no values, one is NaN, or the fraction is not between 0 and 1.
    """
    if not len(values) or np.isnan(values).any():
        raise ValueError(
            f"values are {len(values)} numbers, some NaN or none at all; allowed is at least one"
        )
    if not 0 <= fraction <= 1:
        raise ValueError(f"fraction is {fraction}; allowed is 0 to 1")
    rank = max(math.ceil(fraction * len(values)), 1)
    return float(np.partition(values, rank - 1)[rank - 1])


def cheapest_of_each(keys: Numbers, prices: Numbers) -> npt.NDArray[np.intp]:
    """The places of the lowest price of each key, sorted by key; of equal ones, the first."""
    order = np.lexsort((prices, keys))
    _, firsts = np.unique(keys[order], return_index=True)
    return order[firsts]
