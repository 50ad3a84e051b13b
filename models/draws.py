"""Points that cover the chances of several inputs evenly, and the quantiles of what comes out of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .checks import FloatArray, finite, fraction

_MOST_DRAWS = 2**26
_MOST_INPUTS = 1000
# The points lie on a grid of so many binary digits, enough for a thousand million of them.
_BITS = 30


def even_draws(draws: int, inputs: int, seed: int = 0) -> FloatArray:
    """Points that cover the unit cube evenly, the same ones for the same seed.

    Parameters
    ----------
    draws : number of points, a whole number from 1 to 67,108,864.
    inputs : number of uncertain inputs, a whole number from 1 to 1,000.
    seed : whole number from 0; another one gives other points, as evenly spread.

    Returns
    -------
    Fractions above 0 and below 1 of shape (draws, inputs): for each input the share of cases in which it is
    smaller. Evenest where the draws are a power of 2: then there is one of n draws in every n-th of an input.
    ``ValueError`` names a number that is not allowed.

    Source: I. Sobol, USSR Computational Mathematics and Mathematical Physics 7 (1967); the scrambling of
    J. Matousek, Journal of Complexity 14 (1998), as in ``scipy.stats.qmc.Sobol``.

    Examples
    --------
    >>> sorted((even_draws(4, 1)[:, 0] // 0.25).tolist())
    [0.0, 1.0, 2.0, 3.0]
    """
    count, columns = _whole("draws", draws, _MOST_DRAWS), _whole("inputs", inputs, _MOST_INPUTS)
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ValueError(f"seed must be a whole number from 0, not {seed!r}")
    # Importing it takes longer than an answer without draws, which does not need it.
    from scipy.stats import qmc

    generator = np.random.Generator(np.random.PCG64(int(seed)))
    points = qmc.Sobol(columns, scramble=True, bits=_BITS, rng=generator)
    # Half a step of the grid on: never 0.
    return np.asarray(points.random_base2((count - 1).bit_length())[:count] + 0.5**_BITS / 2.0)


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
