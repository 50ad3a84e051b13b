"""Total cost and break-even month of many scenarios at once, as closed forms.

A scenario here is a purchase, a resale, what owning and renting cost a month at today's prices, how both
prices drift, the discount rate, and the months. No loop runs over scenarios, and no table of scenarios by
months is made: what is paid up to a month is a geometric series, and the month in which the bills meet is
found by asking the series for a few months: 32, then 16 or 48, and so on.

Every step is a function of NumPy's protocols, so arrays of other libraries (`dask.array`) pass through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .checks import FloatArray, not_negative, rate

_MOST_MONTHS = 1200
# Scenarios worked on together: few enough for their numbers to stay in the processor's cache.
_BLOCK = 8192
_NO_GROWTH = 1e-200


class GridCosts(NamedTuple):
    """Present values of both sides in USD, and the break-even month; one value a scenario."""

    owned_usd: FloatArray
    rented_usd: FloatArray
    break_even_months: FloatArray


def total_cost_usd(
    purchase_usd: ArrayLike,
    usd_per_month: ArrayLike,
    resale_usd: ArrayLike = 0.0,
    yearly_discount_fraction: ArrayLike = 0.0,
    yearly_drift_fraction: ArrayLike = 0.0,
    months: ArrayLike = 36,
) -> FloatArray:
    """Cost of owning or of renting over some months, worth today.

    Parameters
    ----------
    purchase_usd : paid today, 0 for renting. [USD]
    usd_per_month : due at the end of each month, at today's prices. [USD a month]
    resale_usd : what the thing fetches at the end, at the prices of that day. [USD]
    yearly_discount_fraction : effective yearly rate at which later dollars count less, above -1.
    yearly_drift_fraction : by how much what is due each month rises a year, above -1.
    months : whole number from 1 to 1,200.

    Returns
    -------
    purchase + usd_per_month * sum of (1 + drift) ** (k / 12) * (1 + discount) ** (-k / 12) over the months k
    - resale * (1 + discount) ** (-months / 12) [USD]. All inputs broadcast.

    Examples
    --------
    >>> float(total_cost_usd(4000, 20, 1000, months=36))
    3720.0
    """
    return _by_block(
        _total,
        purchase_usd=purchase_usd,
        usd_per_month=usd_per_month,
        resale_usd=resale_usd,
        yearly_discount_fraction=yearly_discount_fraction,
        yearly_drift_fraction=yearly_drift_fraction,
        months=months,
    )[0]


def break_even_month(
    purchase_usd: ArrayLike,
    owning_usd_per_month: ArrayLike,
    renting_usd_per_month: ArrayLike,
    yearly_discount_fraction: ArrayLike = 0.0,
    owning_yearly_drift_fraction: ArrayLike = 0.0,
    renting_yearly_drift_fraction: ArrayLike = 0.0,
    months: ArrayLike = 36,
) -> FloatArray:
    """Earliest month from which owning stays no dearer than renting to the end, nothing sold.

    Parameters are those of `grid_costs`.

    Returns
    -------
    Months, linear inside a month; ``inf`` (never) where owning is dearer in the last month: what
    :func:`.break_even_months` says of the two curves.

    Examples
    --------
    >>> round(float(break_even_month(1000, 20, 100, months=36)), 6)
    12.5
    """
    return grid_costs(
        purchase_usd,
        owning_usd_per_month,
        renting_usd_per_month,
        yearly_discount_fraction=yearly_discount_fraction,
        owning_yearly_drift_fraction=owning_yearly_drift_fraction,
        renting_yearly_drift_fraction=renting_yearly_drift_fraction,
        months=months,
    ).break_even_months


def grid_costs(
    purchase_usd: ArrayLike,
    owning_usd_per_month: ArrayLike,
    renting_usd_per_month: ArrayLike,
    resale_usd: ArrayLike = 0.0,
    yearly_discount_fraction: ArrayLike = 0.0,
    owning_yearly_drift_fraction: ArrayLike = 0.0,
    renting_yearly_drift_fraction: ArrayLike = 0.0,
    months: ArrayLike = 36,
) -> GridCosts:
    """Both sides' total cost and the break-even month.

    Parameters
    ----------
    purchase_usd, resale_usd : paid today, and fetched at the end. [USD]
    owning_usd_per_month, renting_usd_per_month : due at the end of each month, at today's prices. [USD]
    yearly_discount_fraction : effective yearly rate at which later dollars count less, above -1.
    owning_yearly_drift_fraction, renting_yearly_drift_fraction : by how much they rise a year, above -1.
    months : whole number from 1 to 1,200.

    Returns
    -------
    See `total_cost_usd` and `break_even_month`. All inputs broadcast; the extra memory does not grow with
    them. ``ValueError`` names an input that is negative, not finite, or not a month.
    """
    return GridCosts(
        *_by_block(
            _both,
            purchase_usd=purchase_usd,
            owning_usd_per_month=owning_usd_per_month,
            renting_usd_per_month=renting_usd_per_month,
            resale_usd=resale_usd,
            yearly_discount_fraction=yearly_discount_fraction,
            owning_yearly_drift_fraction=owning_yearly_drift_fraction,
            renting_yearly_drift_fraction=renting_yearly_drift_fraction,
            months=months,
        )
    )


class _Series(NamedTuple):
    """A sum of what is due each month: in month t it is ``factor_usd * expm1(log_growth * t)``."""

    factor_usd: FloatArray
    log_growth: FloatArray

    def up_to(self, months: FloatArray) -> FloatArray:
        """Worth today of what is due up to a month. [USD]"""
        return self.factor_usd * np.expm1(self.log_growth * months)


def _series(usd_per_month: FloatArray, drift: FloatArray, log_discount: FloatArray) -> _Series:
    log_growth = (np.log1p(drift) - log_discount) / 12.0
    # Where prices rise as fast as dollars lose their weight, every month counts alike; with a growth as small
    # as this the series is a product to the last digit, and with none it would be 0 / 0.
    log_growth = log_growth + _NO_GROWTH * (np.abs(log_growth) < _NO_GROWTH)
    return _Series(usd_per_month / -np.expm1(-log_growth), log_growth)


def _total(
    purchase: FloatArray,
    usd_per_month: FloatArray,
    resale: FloatArray,
    discount: FloatArray,
    drift: FloatArray,
    months: FloatArray,
) -> tuple[FloatArray, ...]:
    log_discount = np.log1p(discount)
    running = _series(usd_per_month, drift, log_discount).up_to(months)
    return (purchase + running - resale * np.exp(log_discount * months / -12.0),)


def _both(
    purchase: FloatArray,
    owning: FloatArray,
    renting: FloatArray,
    resale: FloatArray,
    discount: FloatArray,
    owning_drift: FloatArray,
    renting_drift: FloatArray,
    months: FloatArray,
) -> tuple[FloatArray, ...]:
    log_discount = np.log1p(discount)
    owned = _series(owning, owning_drift, log_discount)
    rented = _series(renting, renting_drift, log_discount)
    sold = resale * np.exp(log_discount * months / -12.0)
    return (
        purchase + owned.up_to(months) - sold,
        rented.up_to(months),
        _break_even(purchase, owned, rented, months),
    )


def _break_even(purchase: FloatArray, owned: _Series, rented: _Series, months: FloatArray) -> FloatArray:
    """Month in which the bills meet for good.

    By how much owning is dearer is a constant and two exponentials, which is 0 at two months at the most. It
    starts at the purchase, above 0 or at 0; so where owning is no dearer in the end, it is dearer up to some
    month and not after. The last whole month in which it is dearer is found by halving.
    """

    def dearer_by(month: FloatArray) -> FloatArray:
        return purchase + owned.up_to(month) - rented.up_to(month)

    month = 0.0 * purchase
    step = 2.0 ** (_MOST_MONTHS.bit_length() - 1 if np.ndim(months) else int(months).bit_length() - 1)
    while step >= 1.0:
        later = month + step
        month = np.where((dearer_by(later) > 0.0) & (later < months), later, month)
        step /= 2.0
    before, after = dearer_by(month), dearer_by(month + 1.0)
    # Never apart, they meet at once.
    meets = month + before / (before - after + (before == after))
    return np.where(dearer_by(months) > 0.0, np.inf, meets)


def _by_block(work: Callable[..., tuple[FloatArray, ...]], **inputs: ArrayLike) -> list[FloatArray]:
    """Work on a few thousand scenarios at a time; arrays of other libraries are worked on as they are."""
    if not all(
        isinstance(value, (np.ndarray, np.generic, int, float, Sequence)) for value in inputs.values()
    ):
        return list(work(*inputs.values()))
    arrays = {name: np.asarray(value, dtype=float) for name, value in inputs.items()}
    shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
    # What is one number for all stays one number, and is worked on once a block.
    for name, array in arrays.items():
        if array.size == 1:
            _check(name, array)
            arrays[name] = array.reshape(())
        else:
            arrays[name] = array.reshape((1,) * (len(shape) - array.ndim) + array.shape)
    results: list[FloatArray] = []
    with np.errstate(over="ignore", invalid="ignore"):
        for block in _blocks(shape):
            given = [_part(name, array, block) for name, array in arrays.items()]
            found = work(*given)
            results = results or [np.empty(shape) for _ in found]
            for result, part in zip(results, found, strict=True):
                result[block] = part
    # Without a scenario there is no block; an empty one says how many results there are.
    return results or list(work(*(np.empty(shape) for _ in arrays)))


def _part(name: str, array: FloatArray, block: tuple[slice, ...]) -> FloatArray:
    """A block of an input that may be shorter than the scenarios, checked."""
    if array.ndim == 0:
        return array
    part = array[
        tuple(cut if length > 1 else slice(None) for cut, length in zip(block, array.shape, strict=True))
    ]
    _check(name, part)
    return part


def _check(name: str, array: FloatArray) -> None:
    """``ValueError`` names an input that makes no sense."""
    if name.endswith("_fraction"):
        rate(**{name: array})
    else:
        not_negative(**{name: array})
    if name == "months":
        bad = (array < 1) | (array > _MOST_MONTHS) | (array != np.floor(array))
        if bad.any():
            raise ValueError(
                f"months must be whole numbers from 1 to {_MOST_MONTHS:,}, not {array[bad].flat[0]:g}"
            )


def _blocks(shape: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    """Slices that cut an array into blocks of a bounded size."""
    if not shape:
        yield ()
        return
    inner = prod(shape[1:])
    if inner > _BLOCK:
        for i in range(shape[0]):
            for rest in _blocks(shape[1:]):
                yield (slice(i, i + 1), *rest)
        return
    step = max(_BLOCK // max(inner, 1), 1)
    for i in range(0, shape[0], step):
        yield (slice(i, i + step), *(slice(None) for _ in shape[1:]))
