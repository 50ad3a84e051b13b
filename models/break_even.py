"""Where owning and renting cost the same: in hours, in months, in hours a week."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from .checks import FloatArray, finite, not_negative

Cost = Callable[[FloatArray], FloatArray]

_CELLS = 8
_RESOLUTION_HOURS = 1e-9
# Counts that are rounded up forgive a little noise: just above a step begins where the step is surely taken.
_JUST_ABOVE = 1e-4


def break_even_hours(
    purchase_usd: ArrayLike,
    rental_usd_per_hour: ArrayLike,
    owning_usd_per_hour: ArrayLike = 0.0,
    resale_usd: ArrayLike = 0.0,
) -> FloatArray:
    """Hours of use after which a purchase has cost as much as renting.

    Parameters
    ----------
    purchase_usd, resale_usd : price paid, and what the thing fetches in the end. [USD]
    rental_usd_per_hour : price of a rented hour. [USD/h]
    owning_usd_per_hour : running cost of an owned hour, such as electricity. [USD/h]

    Returns
    -------
    (purchase - resale) / (rental - owning) [h]; 0 where nothing has to be earned back, ``inf`` (never)
    where an owned hour is no cheaper than a rented one.

    Examples
    --------
    >>> float(break_even_hours(4000, 1.10, 0.10))
    4000.0
    """
    purchase, rental, owning, resale = not_negative(
        purchase_usd=purchase_usd,
        rental_usd_per_hour=rental_usd_per_hour,
        owning_usd_per_hour=owning_usd_per_hour,
        resale_usd=resale_usd,
    )
    to_earn, earned_per_hour = np.broadcast_arrays(purchase - resale, rental - owning)
    with np.errstate(divide="ignore", invalid="ignore"):
        hours = np.where(earned_per_hour > 0, to_earn / earned_per_hour, np.inf)
    return np.asarray(np.where(to_earn <= 0, 0.0, hours))


def break_even_months(owned_usd_by_month: ArrayLike, rented_usd_by_month: ArrayLike) -> FloatArray:
    """Earliest month from which owning stays no dearer than renting, to the end of the curves.

    Parameters
    ----------
    owned_usd_by_month, rented_usd_by_month : cumulative costs at the end of months 0, 1, ... on the last
        axis, of the same length. [USD]

    Returns
    -------
    Months, linear inside a month; ``inf`` (never) where owning is dearer in the last month.

    Examples
    --------
    >>> float(break_even_months([100, 100, 100], [0, 80, 160]))
    1.25
    """
    owned, rented = finite(owned_usd_by_month=owned_usd_by_month, rented_usd_by_month=rented_usd_by_month)
    if owned.ndim and rented.ndim and owned.shape[-1] != rented.shape[-1]:
        raise ValueError(
            f"owned_usd_by_month and rented_usd_by_month need the same months, "
            f"not {owned.shape[-1]} against {rented.shape[-1]}"
        )
    dearer_by = np.atleast_1d(owned - rented)
    last = dearer_by.shape[-1] - 1
    ever_dearer = (dearer_by > 0).any(axis=-1)
    last_dearer = last - np.argmax(dearer_by[..., ::-1] > 0, axis=-1)
    before = np.take_along_axis(dearer_by, last_dearer[..., np.newaxis], axis=-1)[..., 0]
    following = np.minimum(last_dearer + 1, last)
    after = np.take_along_axis(dearer_by, following[..., np.newaxis], axis=-1)[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        meets = last_dearer + before / (before - after)
    months = np.where(last_dearer == last, np.inf, meets)
    return np.asarray(np.where(ever_dearer, months, 0.0))


def break_even_hours_per_week(
    owned_usd: Cost,
    rented_usd: Cost,
    bound_hours: float,
    offers: int,
    falls_at_hours: FloatArray | None = None,
) -> tuple[FloatArray, list[str]]:
    """Busy hours a week at which the answer flips, against each of several offers.

    Parameters
    ----------
    owned_usd, rented_usd : present values for busy hours of shape (hours, offers), each either never falling
        or never rising with the hours. Renting may be a staircase: sessions, packs and billed seconds come
        whole, and a step belongs to the hours below it.
    bound_hours : most busy hours that the week has room for. [h]
    offers : number of offers, the last axis.
    falls_at_hours : hours, rising on the first axis, shape (n, offers), just above which renting may fall all
        the same.

    Returns
    -------
    Hours and directions, one an offer. ``above``: the least hours from which owning stays no dearer up to
    the bound (0 = always, ``inf`` = never). ``below``: owning is no dearer up to these hours, and dearer at
    the bound. Exact to a billionth of an hour, and to a ten-thousandth just above such a fall and above 0.
    """
    ends = np.repeat([[0.0], [bound_hours]], offers, axis=1)
    dearer_at_0, dearer_at_bound = owned_usd(ends) > rented_usd(ends)
    falls = np.empty((0, offers)) if falls_at_hours is None else np.clip(falls_at_hours, 0.0, bound_hours)
    edges = np.concatenate([ends[:1], falls, ends[1:]])

    hours = np.where(dearer_at_bound, np.inf, 0.0)
    if not dearer_at_bound.all():
        last = _last_excess(owned_usd, rented_usd, edges)
        hours = np.where(dearer_at_bound, np.inf, np.where(dearer_at_0, np.maximum(last, _JUST_ABOVE), last))
    falls_back = ~dearer_at_0 & dearer_at_bound
    if falls_back.any():
        hours = np.where(falls_back, _first_excess(owned_usd, rented_usd, edges), hours)
    return hours, ["below" if below else "above" for below in falls_back]


def _last_excess(one: Cost, other: Cost, edges: FloatArray) -> FloatArray:
    """Least hours beyond which ``one`` never exceeds ``other``; the first edge where it never does."""
    end: FloatArray = edges[-1]
    for high, low in pairwise(edges[::-1]):
        just_above = np.minimum(low + _JUST_ABOVE, high)
        found = _end_of_excess(one, other, just_above, high)
        end = np.where(end == high, np.where(found > just_above, found, low), end)
        if (end > low).all():
            break
    return end


def _first_excess(one: Cost, other: Cost, edges: FloatArray) -> FloatArray:
    """Greatest hours up to which ``one`` never exceeds ``other``; the last edge where it never does."""
    start: FloatArray = edges[0]
    for low, high in pairwise(edges):
        just_above = np.minimum(low + _JUST_ABOVE, high)
        middle = just_above + high
        # Seen from above, the first excess is the last.
        found = _end_of_excess(_mirrored(one, middle), _mirrored(other, middle), just_above, high)
        start = np.where(start == low, np.where(found > just_above, middle - found, high), start)
        if (start < high).all():
            break
    return start


def _mirrored(cost: Cost, middle: FloatArray) -> Cost:
    return lambda hours: cost(middle - hours)


def _end_of_excess(one: Cost, other: Cost, low: FloatArray, high: FloatArray) -> FloatArray:
    """Least x in [low, high] beyond which ``one`` never exceeds ``other``, column by column.

    Both functions are monotonic, so between two points each stays between its values there: a cell where the
    greater value of ``one`` does not exceed the lesser of ``other`` is settled for good, jumps inside it
    included. The search narrows the last unsettled cell, and widens to the left again when it turns out
    settled after all.
    """
    settled_from, width = high, high - low
    steps = np.linspace(0.0, 1.0, _CELLS + 1)[:, np.newaxis]
    is_open = width > _RESOLUTION_HOURS
    while is_open.any():
        start = np.maximum(settled_from - width, low)
        points = start + (settled_from - start) * steps
        values, others = one(points), other(points)
        unsettled = np.maximum(values[1:], values[:-1]) > np.minimum(others[1:], others[:-1])
        found = unsettled.any(axis=0)
        last = _CELLS - 1 - np.argmax(unsettled[::-1], axis=0)
        cell_end = np.take_along_axis(points, last[np.newaxis] + 1, axis=0)[0]
        narrower = (settled_from - start) / _CELLS
        settled_from = np.where(is_open, np.where(found, cell_end, start), settled_from)
        width = np.where(is_open, np.where(found, narrower, width * _CELLS), width)
        is_open = is_open & (width > _RESOLUTION_HOURS) & (settled_from > low)
    return settled_from
