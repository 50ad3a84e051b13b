"""Points that cover the chances of several inputs evenly, and the quantiles of what comes out of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .checks import FloatArray, finite, fraction

_MOST_DRAWS = 2**26
_MOST_INPUTS = 1000


def even_draws(draws: int, inputs: int) -> FloatArray:
    """Points that cover the unit cube evenly, the same ones every time.

    Parameters
    ----------
    draws : number of points, a whole number from 1 to 67,108,864.
    inputs : number of uncertain inputs, a whole number from 1 to 1,000.

    Returns
    -------
    Fractions above 0 and below 1 of shape (draws, inputs): for each input the share of cases in which it is
    smaller. The first column steps evenly; the others advance by powers of 1 / g, with g the real root of
    g ** inputs = g + 1, for two inputs the golden ratio.

    Source: M. Roberts, The Unreasonable Effectiveness of Quasirandom Sequences (2018), with the first column
    evenly spaced (a Kronecker lattice).

    Examples
    --------
    >>> even_draws(4, 1)[:, 0].tolist()
    [0.125, 0.375, 0.625, 0.875]
    """
    count, columns = _whole("draws", draws, _MOST_DRAWS), _whole("inputs", inputs, _MOST_INPUTS)
    places = np.arange(count) + 0.5
    root = 2.0
    for _ in range(100):
        root = (1.0 + root) ** (1.0 / columns)
    steps = np.concatenate([[1.0 / count], root ** -np.arange(1.0, columns)])
    return np.asarray((places[:, np.newaxis] * steps) % 1.0)


def quantiles(values: ArrayLike, at_fractions: ArrayLike) -> FloatArray:
    """Values that a share of the draws stays below, draws on the last axis.

    Parameters
    ----------
    values : what came out of each draw.
    at_fractions : shares, 0 to 1.

    Returns
    -------
    Quantiles in the unit of the values, shape of ``at_fractions`` before the other axes: the k-th of n sorted
    values stands at (k - 1/2) / n, linear between (the definition that ``numpy.quantile`` calls hazen).

    Examples
    --------
    >>> quantiles([3.0, 1.0, 2.0], [0.5, 1.0]).tolist()
    [2.0, 3.0]
    """
    (outcomes,) = finite(values=values)
    (shares,) = fraction(at_fractions=at_fractions)
    if outcomes.ndim == 0 or outcomes.shape[-1] == 0:
        raise ValueError("values needs an axis with at least one draw, not none")
    # On a scale of 1 no difference of two values is too large.
    scale = max(float(np.abs(outcomes).max(initial=0.0)), np.finfo(float).tiny)
    return np.asarray(np.quantile(outcomes / scale, shares, axis=-1, method="hazen") * scale)


def _whole(name: str, value: object, most: int) -> int:
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool) and 1 <= value <= most:
        return int(value)
    raise ValueError(f"{name} must be a whole number from 1 to {most:,}, not {value!r}")
