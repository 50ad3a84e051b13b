"""Where owning and renting cost the same: in hours, in months, in hours a week."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from .checks import FloatArray, finite, not_negative

Cost = Callable[[FloatArray], FloatArray]

_CELLS = 8
_RESOLUTION_HOURS = 1e-9


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
    dearer_by = np.atleast_1d(owned - rented)
    if owned.ndim and rented.ndim and owned.shape[-1] != rented.shape[-1]:
        raise ValueError(
            f"owned_usd_by_month and rented_usd_by_month need the same months, "
            f"not {owned.shape[-1]} against {rented.shape[-1]}"
        )
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
    owned_usd: Cost, rented_usd: Cost, bound_hours: float, offers: int
) -> tuple[FloatArray, list[str]]:
    """Busy hours a week at which the answer flips, against each of several offers.

    Parameters
    ----------
    owned_usd, rented_usd : present values for busy hours of shape (hours, offers), each either never falling
        or never rising with the hours. Renting may be a staircase: sessions, packs and billed seconds come
        whole.
    bound_hours : most busy hours that the week has room for. [h]
    offers : number of offers, the last axis.

    Returns
    -------
    Hours and directions, one an offer. ``above``: the least hours from which owning stays no dearer up to
    the bound (0 = always, ``inf`` = never). ``below``: owning is no dearer up to these hours, and dearer at
    the bound. Exact to a billionth of an hour.
    """
    ends = np.repeat([[0.0], [bound_hours]], offers, axis=1)
    dearer_at_0, dearer_at_bound = owned_usd(ends) - rented_usd(ends) > 0

    hours = np.where(dearer_at_bound, np.inf, 0.0)
    crosses = np.flatnonzero(~dearer_at_bound)
    hours[crosses] = _end_of_excess(owned_usd, rented_usd, bound_hours, offers)[crosses]

    falls_back = np.flatnonzero(~dearer_at_0 & dearer_at_bound)
    if len(falls_back):
        # Seen from the bound downwards, the first hours at which owning is dearer are the last.
        downwards = _end_of_excess(
            lambda down: owned_usd(bound_hours - down),
            lambda down: rented_usd(bound_hours - down),
            bound_hours,
            offers,
        )
        hours[falls_back] = bound_hours - downwards[falls_back]
    directions = np.where(~dearer_at_0 & dearer_at_bound, "below", "above")
    return hours, [str(direction) for direction in directions]


def _end_of_excess(one: Cost, other: Cost, bound: float, columns: int) -> FloatArray:
    """Least x in [0, bound] beyond which ``one`` never exceeds ``other``, column by column.

    Both functions are monotonic, so between two edges each stays between its values there: a cell where the
    greater value of ``one`` does not exceed the lesser of ``other`` is settled for good, jumps inside it
    included. The search narrows the last unsettled cell, and widens to the left again when it turns out
    settled after all.
    """
    settled_from = np.full(columns, bound)
    width = np.full(columns, bound)
    steps = np.linspace(0.0, 1.0, _CELLS + 1)[:, np.newaxis]
    open_columns = width > _RESOLUTION_HOURS
    while open_columns.any():
        start = np.maximum(settled_from - width, 0.0)
        edges = start + (settled_from - start) * steps
        values, others = one(edges), other(edges)
        unsettled = np.maximum(values[1:], values[:-1]) > np.minimum(others[1:], others[:-1])
        found = unsettled.any(axis=0)
        last = _CELLS - 1 - np.argmax(unsettled[::-1], axis=0)
        cell_end = np.take_along_axis(edges, last[np.newaxis] + 1, axis=0)[0]
        narrower = (settled_from - start) / _CELLS
        settled_from = np.where(open_columns, np.where(found, cell_end, start), settled_from)
        width = np.where(open_columns, np.where(found, narrower, width * _CELLS), width)
        open_columns = open_columns & (width > _RESOLUTION_HOURS) & (settled_from > 0)
    return settled_from
