"""Refuses numbers that no formula should see, with a sentence that names them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

# Beyond any load, price or time that a bill knows; products of a few such numbers are still finite.
LARGEST = 1e15


def finite(**values: ArrayLike) -> list[FloatArray]:
    """Return the values as float arrays; ``ValueError`` names one that is NaN or infinite."""
    arrays = []
    for name, value in values.items():
        array = np.asarray(value, dtype=float)
        if not np.isfinite(array).all():
            raise ValueError(f"{name} must be finite, not {_worst(array, ~np.isfinite(array))}")
        arrays.append(array)
    return arrays


def not_negative(**values: ArrayLike) -> list[FloatArray]:
    """Return the values as float arrays; ``ValueError`` names one that is negative, NaN or infinite."""
    arrays = finite(**values)
    for name, array in zip(values, arrays, strict=True):
        if (array < 0).any():
            raise ValueError(f"{name} must be 0 or more, not {_worst(array, array < 0)}")
    return arrays


def positive(**values: ArrayLike) -> list[FloatArray]:
    """Return the values as float arrays; ``ValueError`` names one that is not above 0."""
    arrays = finite(**values)
    for name, array in zip(values, arrays, strict=True):
        if (array <= 0).any():
            raise ValueError(f"{name} must be above 0, not {_worst(array, array <= 0)}")
    return arrays


def fraction(**values: ArrayLike) -> list[FloatArray]:
    """Return the values as float arrays; ``ValueError`` names one outside 0 to 1."""
    arrays = not_negative(**values)
    for name, array in zip(values, arrays, strict=True):
        if (array > 1).any():
            raise ValueError(f"{name} is a fraction from 0 to 1, not {_worst(array, array > 1)}")
    return arrays


def within(lowest: float, highest: float, **values: ArrayLike) -> list[FloatArray]:
    """Return the values as float arrays; ``ValueError`` names one outside ``lowest`` to ``highest``."""
    arrays = finite(**values)
    for name, array in zip(values, arrays, strict=True):
        outside = (array < lowest) | (array > highest)
        if outside.any():
            raise ValueError(f"{name} must be from {lowest:g} to {highest:g}, not {array[outside].flat[0]:g}")
    return arrays


def moderate(**values: ArrayLike) -> list[FloatArray]:
    """Return the values as float arrays; ``ValueError`` names one that is negative or beyond 1e15."""
    not_negative(**values)
    return within(0.0, LARGEST, **values)


def rate(**values: ArrayLike) -> list[FloatArray]:
    """Return yearly rates as float arrays; ``ValueError`` names one at or below -1."""
    arrays = finite(**values)
    for name, array in zip(values, arrays, strict=True):
        if (array <= -1).any():
            raise ValueError(f"{name} must be above -1 (a fraction a year), not {_worst(array, array <= -1)}")
    return arrays


def whole(name: str, value: float, least: int) -> int:
    """Return a count; ``ValueError`` unless it is a whole number from ``least``."""
    if not value >= least or value % 1:
        raise ValueError(f"{name} must be a whole number from {least}, not {value:g}")
    return int(value)


def whole_years(name: str, value: object) -> int:
    """Return a count of years; ``ValueError`` unless it is a whole number of at least 1."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise ValueError(f"{name} must be a whole number of years, at least 1, not {value!r}")
    if not np.isfinite(value) or value < 1 or value != int(value):
        raise ValueError(f"{name} must be a whole number of years, at least 1, not {value!r}")
    return int(value)


def together(**arrays: FloatArray) -> tuple[FloatArray, ...]:
    """Return the arrays broadcast against each other; ``ValueError`` names those that do not fit."""
    try:
        return np.broadcast_arrays(*arrays.values())
    except ValueError:
        shapes = ", ".join(f"{name} of shape {array.shape}" for name, array in arrays.items())
        raise ValueError(f"these shapes must broadcast against each other: {shapes}") from None


def representable(result: FloatArray, **inputs: FloatArray) -> FloatArray:
    """Return a result; ``ValueError`` names the inputs where it is beyond what a number can hold."""
    if np.isfinite(result).all():
        return np.asarray(result)
    said = " and ".join(f"{name} {array.flat[np.argmax(abs(array))]:g}" for name, array in inputs.items())
    raise ValueError(
        f"{said} must be nearer to 0: the result is beyond the largest number, {np.finfo(float).max:.2g}"
    )


def _worst(array: FloatArray, bad: NDArray[np.bool_]) -> float:
    return float(array[bad].flat[0]) if array.ndim else float(array)


def ends(name: str, given: Sequence[float]) -> tuple[float, float]:
    """The low and the high end of a range; ``ValueError`` names the input whose range has no two numbers."""
    try:
        low, high = given
        return float(low), float(high)
    except (TypeError, ValueError):
        raise ValueError(f"ranges of {name} must be a low and a high number, not {given!r}") from None
