"""How the hours of a week fall on the hours of the day, for tariffs whose price depends on them.

A week has 48 slots, an array of shape (2, 24): kinds of day (0 a weekday, 1 a day of the weekend) and hours
of the day from midnight. A weekday's slot holds 5 hours a week, a weekend's 2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .checks import FloatArray, finite, moderate, not_negative, within
from .usage import WEEK_HOURS

# How many hours of a week fall on each slot.
SLOT_HOURS: FloatArray = np.repeat([[5.0], [2.0]], 24, axis=1)
SLOT_HOURS.flags.writeable = False

# Hours lost to rounding are forgiven.
_ROUNDING_HOURS = 1e-9
# A weight this much smaller than the largest counts as 0.
_NEGLIGIBLE = 1e-12


def hours_by_slot(
    hours_per_week: ArrayLike, weights: ArrayLike | None = None, taken_hours: ArrayLike = 0.0
) -> FloatArray:
    """How the hours of a week fall on the 48 slots of a tariff.

    They fall in proportion to ``weights``, never more than a slot has left; what a full slot cannot take goes
    to the others in proportion. More hours never mean fewer in any slot.

    Parameters
    ----------
    hours_per_week : hours to place, any shape, at most what the week has left. [h]
    weights : how likely the machine runs at an hour, shape (24,) for every day or (2, 24) for weekdays and
        weekends; only their ratios count. None = evenly over the week. Hours of weight 0 are used only when
        all others are full, and then evenly.
    taken_hours : hours of each slot that are gone already, shape (..., 2, 24). [h]

    Returns
    -------
    Hours a week in each slot, shape (..., 2, 24), which sum to ``hours_per_week``. [h] ``ValueError`` names
    hours that do not fit and weights that are negative or of another shape. Source: own derivation; slot i
    gets min(left_i, level * weight_i * hours_i) with the one level at which the sum is right.

    Examples
    --------
    >>> evenings = [0.0] * 18 + [1.0] * 6
    >>> hours_by_slot(21, evenings)[:, 20].tolist()
    [2.5, 1.0]
    """
    (asked_for,) = finite(hours_per_week=hours_per_week)
    (hours,) = moderate(hours_per_week=np.where(np.abs(asked_for) <= _ROUNDING_HOURS, 0.0, asked_for))
    likely = _weights(weights)
    left = SLOT_HOURS - _taken(taken_hours)
    room = left.sum(axis=(-2, -1))
    if (hours > room + _ROUNDING_HOURS).any():
        shape = np.broadcast_shapes(hours.shape, room.shape)
        asked, most = np.broadcast_to(hours, shape), np.broadcast_to(room, shape)
        worst = np.argmax(asked - most)
        raise ValueError(
            f"hours_per_week must be at most {most.flat[worst]:g}, what the week has left, "
            f"not {asked.flat[worst]:g}"
        )
    left = np.maximum(left, 0.0)
    preferred = np.where(likely > 0, left, 0.0)
    first = np.minimum(hours, preferred.sum(axis=(-2, -1)))
    rest = np.minimum(hours - first, (left - preferred).sum(axis=(-2, -1)))
    by_weight = _filled(first, preferred, likely * SLOT_HOURS)
    return by_weight + _filled(rest, left - preferred, SLOT_HOURS)


def energy_by_slot_kwh(hours: ArrayLike, power_w: ArrayLike) -> FloatArray:
    """Energy of a week in each slot: hours of shape (..., 2, 24) at ``power_w`` of shape (...). [kWh]

    The energies of the busy, idle and asleep hours add up to the machine's.

    Examples
    --------
    >>> float(energy_by_slot_kwh(hours_by_slot(20), 650).sum().round(9))
    13.0
    """
    (time,) = not_negative(hours=hours)
    (power,) = moderate(power_w=power_w)
    within(0.0, WEEK_HOURS, hours=time)
    of_shape("hours", time, (2, 24))
    return np.asarray(time * power[..., np.newaxis, np.newaxis] / 1000.0)


def of_shape(name: str, array: FloatArray, last_axes: tuple[int, ...]) -> None:
    """``ValueError`` unless the last axes of an array have the shape."""
    if array.shape[-len(last_axes) :] != last_axes:
        raise ValueError(f"{name} must have a shape that ends in {last_axes}, not {array.shape}")


def _weights(weights: ArrayLike | None) -> FloatArray:
    """Weights of the 48 slots, the largest 1."""
    if weights is None:
        return np.ones((2, 24))
    (likely,) = not_negative(weights=weights)
    if likely.shape not in ((24,), (2, 24)):
        raise ValueError(f"weights must have the shape (24,) or (2, 24), not {likely.shape}")
    relative = likely / max(float(likely.max()), np.finfo(float).tiny)
    return np.broadcast_to(np.where(relative < _NEGLIGIBLE, 0.0, relative), (2, 24))


def _taken(taken_hours: ArrayLike) -> FloatArray:
    """Hours gone of each slot."""
    (taken,) = not_negative(taken_hours=taken_hours)
    if taken.ndim:
        of_shape("taken_hours", taken, (2, 24))
    over = taken > SLOT_HOURS + _ROUNDING_HOURS
    if over.any():
        worst = np.broadcast_to(taken, over.shape)[over][0]
        raise ValueError(
            f"taken_hours must be at most 5 in a weekday's slot and 2 in a weekend's, not {worst:g}"
        )
    return taken


def _filled(hours: FloatArray, left: FloatArray, weights: FloatArray) -> FloatArray:
    """Hours in proportion to the weights, no slot above what it has left.

    Slot i takes min(left_i, level * weight_i). It is full from the level left_i / weight_i on, so the slots
    fill up in the order of these ratios, and between two of them the sum is linear in the level.
    """
    shape = np.broadcast_shapes(hours.shape, left.shape[:-2])
    most = np.broadcast_to(left, (*shape, 2, 24)).reshape(*shape, 48)
    # A weight of 0 comes with no room, so any weight will do for it.
    weight = np.broadcast_to(np.where(weights > 0, weights, 1.0).reshape(48), most.shape)
    order = np.argsort(most / weight, axis=-1)
    sorted_most = np.take_along_axis(most, order, axis=-1)
    sorted_weight = np.take_along_axis(weight, order, axis=-1)
    in_full_slots = np.cumsum(sorted_most, axis=-1) - sorted_most
    weight_of_others = np.cumsum(sorted_weight[..., ::-1], axis=-1)[..., ::-1]
    sum_when_next_is_full = in_full_slots + sorted_most / sorted_weight * weight_of_others
    full = np.minimum((sum_when_next_is_full < hours[..., np.newaxis]).sum(axis=-1, keepdims=True), 47)
    in_full = np.take_along_axis(in_full_slots, full, axis=-1)
    level = (hours[..., np.newaxis] - in_full) / np.take_along_axis(weight_of_others, full, axis=-1)
    return np.asarray(np.minimum(most, np.maximum(level, 0.0) * weight).reshape(*shape, 2, 24))
