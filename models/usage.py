"""The week: how one piece of work becomes hours on another GPU, on the cloud's clock and at the wall plug.

A month is 730 hours (8,760 / 12) and a week 168, so 168 hours a week are 730 hours a month.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .checks import FloatArray, fraction, not_negative, positive

WEEK_HOURS = 168.0
MONTH_HOURS = 730.0
MONTH_DAYS = MONTH_HOURS / 24.0
WEEKS_PER_MONTH = MONTH_HOURS / WEEK_HOURS

# Counts of sessions, seconds and packs are rounded up; a billionth above a whole number is arithmetic noise.
_NOISE_DECIMALS = 6


def whole_above(quantity: ArrayLike) -> FloatArray:
    """Round up to whole numbers, forgiving arithmetic noise just above one."""
    return np.asarray(np.ceil(np.round(np.asarray(quantity, dtype=float), _NOISE_DECIMALS)))


def relative_hours(
    busy_hours: ArrayLike,
    relative_throughput: ArrayLike,
    gpus: ArrayLike = 1,
    parallel_efficiency: ArrayLike = 1.0,
) -> FloatArray:
    """Hours that the same work takes on other hardware.

    Parameters
    ----------
    busy_hours : hours on the reference GPU. [h]
    relative_throughput : speed of one of the other GPUs, the reference GPU being 1.
    gpus : how many of them share the work.
    parallel_efficiency : share of their joint speed that remains, 0 to 1.

    Returns
    -------
    busy_hours / (relative_throughput * gpus * parallel_efficiency). [h]

    Examples
    --------
    >>> float(relative_hours(20, 0.4))
    50.0
    """
    (hours,) = not_negative(busy_hours=busy_hours)
    speed, count, efficiency = positive(
        relative_throughput=relative_throughput, gpus=gpus, parallel_efficiency=parallel_efficiency
    )
    if (efficiency > 1).any():
        raise ValueError(f"parallel_efficiency is a fraction from 0 to 1, not {efficiency.max()}")
    return np.asarray(hours / (speed * count * efficiency))


def sessions_per_week(
    sessions: ArrayLike, held_hours: ArrayLike, max_session_hours: ArrayLike, start_up_hours: float
) -> FloatArray:
    """Sessions that a week needs: those a person starts, or more where a provider ends them early.

    ``max_session_hours`` is ``inf`` without a limit. A week in which nothing is held has no session.
    """
    held, limit = np.asarray(held_hours, dtype=float), np.asarray(max_session_hours, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        forced = whole_above(held / (limit - start_up_hours))
    return np.where(held > 0, np.maximum(sessions, forced), 0.0)


def billed_hours(
    clock_hours: ArrayLike, sessions: ArrayLike, increment_s: ArrayLike, minimum_s: ArrayLike
) -> FloatArray:
    """Hours on the bill: the mean session rounded up to the billing increment, at least the minimum. [h]"""
    clock, count, increment, minimum = (
        np.asarray(value, dtype=float) for value in (clock_hours, sessions, increment_s, minimum_s)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        session_s = np.maximum(whole_above(clock * 3600.0 / count / increment) * increment, minimum)
        return np.where(count > 0, session_s * count / 3600.0, clock)


def spot_overhead(
    interruptions_per_hour: ArrayLike, checkpoint_interval_hours: float, restart_hours: float
) -> FloatArray:
    """Hours that one useful hour takes on a machine that may be taken away.

    Each interruption loses half a checkpoint interval on average, and a restart:
    1 / (1 - rate * (interval / 2 + restart)); ``inf`` where more is lost than done.
    """
    (interruptions,) = not_negative(interruptions_per_hour=interruptions_per_hour)
    kept = 1.0 - interruptions * (checkpoint_interval_hours / 2.0 + restart_hours)
    with np.errstate(divide="ignore"):
        return np.where(kept > 0, 1.0 / np.maximum(kept, 0.0), np.inf)


def mean_wait_jobs(busy_fraction: ArrayLike) -> FloatArray:
    """How long a job waits for one machine, in mean lengths of a job.

    Jobs that come at any moment and vary in length as widely as their mean (the queue M/M/1) wait
    busy / (1 - busy) on average; ``inf`` for a machine that never rests. Source: Kleinrock, Queueing Systems
    (1975), volume 1, chapter 3.

    Examples
    --------
    >>> float(mean_wait_jobs(0.75))
    3.0
    """
    (busy,) = fraction(busy_fraction=busy_fraction)
    with np.errstate(divide="ignore"):
        return np.asarray(busy / (1.0 - busy))
