"""Own for what fits, rent for the rest: which jobs of a list run at home."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from .checks import FloatArray, finite, moderate, not_negative, positive, whole
from .usage import MONTH_HOURS, whole_above

_MINUTES = 60


class Job(NamedTuple):
    """Work of every month: its hours on the build's GPU, what it needs, and when it must be done.

    ``gpus`` are those that it needs at once and with which its hours are counted. ``deadline_hours`` counts
    from the start of the month, in which all work is there. [h]
    """

    name: str
    hours_per_month: float
    vram_gb: float
    gpus: int = 1
    deadline_hours: float = MONTH_HOURS


class HybridPlan(NamedTuple):
    """Which jobs run at home, and what the month costs with the build and without it. [USD a month]

    ``jobs`` has one row a job in the order given: ``job``, ``where`` (``home`` or ``rented``), ``why`` it is
    rented, ``hours_per_month``, ``home_usd_per_month`` (NaN where it cannot run at home),
    ``rented_usd_per_month``, and ``done_at_hours`` of the month at home (NaN where rented).
    """

    jobs: pd.DataFrame
    own_and_rent_usd_per_month: float
    rent_all_usd_per_month: float

    @property
    def saving_usd_per_month(self) -> float:
        """What the build saves against renting everything; below 0 it is better not bought."""
        return self.rent_all_usd_per_month - self.own_and_rent_usd_per_month


def own_and_rent(
    jobs: Sequence[Job],
    rental_usd_per_hour: ArrayLike,
    owning_usd_per_month: float,
    owned_usd_per_hour: float = 0.0,
    vram_gb: float = 24.0,
    gpus: int = 1,
    room_hours_per_month: float = MONTH_HOURS,
) -> HybridPlan:
    """Own for what fits, rent for the rest: the jobs at home are those that save most together.

    Parameters
    ----------
    jobs : one or more, each with its own name.
    rental_usd_per_hour : what an hour of each job, as counted on the build's GPU, costs on a rental. [USD/h]
    owning_usd_per_month : what the build costs whether it works or not. [USD a month]
    owned_usd_per_hour : what an hour of work adds to it. [USD/h]
    vram_gb, gpus : memory of one of the build's GPUs, and how many it has, a whole number from 1.
    room_hours_per_month : hours for jobs, spread evenly over the month, at most 730.

    Returns
    -------
    HybridPlan. ``ValueError`` names what is not allowed.

    At home one job runs at a time, whole, the earliest deadline first, which meets all deadlines if any order
    does. Of all sets of jobs that can be done so the one that saves most is found exactly, in whole minutes
    (after E. Lawler, J. Moore, A Functional Equation and its Application to Resource Allocation and
    Sequencing Problems, Management Science 16 (1969)).

    Examples
    --------
    >>> plan = own_and_rent([Job("small", 300, 20), Job("large", 50, 60)], [0.5, 2.0], 90, 0.1)
    >>> plan.jobs["where"].tolist(), plan.own_and_rent_usd_per_month, plan.rent_all_usd_per_month
    (['home', 'rented'], 220.0, 250.0)
    """
    refuse_wrong_jobs(jobs)
    price, memory, _ = not_negative(
        rental_usd_per_hour=rental_usd_per_hour, vram_gb=vram_gb, room_hours_per_month=room_hours_per_month
    )
    whole("gpus", gpus, least=1)
    # Owning may bring in more than it costs, and electricity may have a price below 0.
    owning, running = finite(owning_usd_per_month=owning_usd_per_month, owned_usd_per_hour=owned_usd_per_hour)
    if price.shape not in ((), (len(jobs),)):
        raise ValueError(f"rental_usd_per_hour must be one price or one for each of {len(jobs)} jobs")
    if room_hours_per_month > MONTH_HOURS:
        raise ValueError(f"room_hours_per_month must be at most {MONTH_HOURS:g}, not {room_hours_per_month}")
    hours = np.array([job.hours_per_month for job in jobs], dtype=float)
    rented = np.broadcast_to(price, hours.shape) * hours
    home = running * hours
    misfits = [job_misfit(job, float(memory), gpus) for job in jobs]
    fits = np.array([not misfit for misfit in misfits])
    share = room_hours_per_month / MONTH_HOURS
    deadlines = np.minimum([job.deadline_hours for job in jobs], MONTH_HOURS) * share
    saves = fits & (rented - home > 0)
    done = _most_saved(hours, deadlines, rented - home, np.flatnonzero(saves))
    at_home = done > 0
    table = pd.DataFrame(
        {
            "job": [job.name for job in jobs],
            "where": np.where(at_home, "home", "rented").tolist(),
            "why": list(map(_why_rented, misfits, at_home.tolist(), saves.tolist())),
            "hours_per_month": hours,
            "home_usd_per_month": np.where(fits, home, np.nan),
            "rented_usd_per_month": rented,
            "done_at_hours": np.where(at_home, done / max(share, 1e-300), np.nan),
        }
    )
    return HybridPlan(table, float(owning + np.where(at_home, home, rented).sum()), float(rented.sum()))


def refuse_wrong_jobs(jobs: Sequence[Job]) -> None:
    """Raise ``ValueError`` for an empty list, a name that stands twice, or a number that is not allowed."""
    names = [job.name for job in jobs]
    if not names:
        raise ValueError("jobs must name at least one job, the list is empty")
    for job in jobs:
        if names.count(job.name) > 1:
            raise ValueError(f"jobs: {job.name!r} stands twice, each job needs its own name")
        whole(f"jobs: gpus of {job.name!r}", job.gpus, least=1)
        try:
            positive(hours_per_month=job.hours_per_month, deadline_hours=job.deadline_hours)
            moderate(hours_per_month=job.hours_per_month, vram_gb=job.vram_gb)
        except ValueError as error:
            raise ValueError(f"jobs: of {job.name!r} {error}") from None


def job_misfit(job: Job, vram_gb: float, gpus: int) -> str:
    """Why a job cannot run at home; empty where it can."""
    why = []
    if job.vram_gb > vram_gb:
        why.append(f"needs {job.vram_gb:g} GB a GPU, the build has {vram_gb:g} GB")
    if job.gpus > gpus:
        why.append(f"needs {job.gpus} GPUs, the build has {gpus}")
    return "; ".join(why)


def _why_rented(misfit: str, at_home: bool, saves: bool) -> str:
    if misfit:
        return misfit
    if at_home:
        return ""
    return "no room before its deadline" if saves else "costs no more rented"


def _most_saved(
    hours: FloatArray, deadline_hours: FloatArray, saving_usd: FloatArray, rows: NDArray[np.intp]
) -> FloatArray:
    """After how many hours of work each job of the best set is done; 0 for those that are not in it."""
    by = np.floor(np.round(deadline_hours * _MINUTES, 6)).astype(int)
    # A job that is longer than the month needs no exact length.
    length = np.minimum(whole_above(hours * _MINUTES), MONTH_HOURS * _MINUTES + 1).astype(int)
    order = [int(row) for row in rows[np.argsort(by[rows], kind="stable")] if length[row] <= by[row]]
    most = max((int(by[row]) for row in order), default=0)
    best = np.full(most + 1, -np.inf)
    best[0] = 0.0
    taken = np.zeros((len(order), most + 1), dtype=bool)
    for step, row in enumerate(order):
        with_it = best[: by[row] - length[row] + 1] + saving_usd[row]
        span = slice(length[row], by[row] + 1)
        taken[step, span] = with_it > best[span]
        best[span] = np.maximum(best[span], with_it)
    done, minute = np.zeros(len(hours)), int(np.argmax(best))
    for step in reversed(range(len(order))):
        if taken[step, minute]:
            row = order[step]
            done[row] = minute / _MINUTES
            minute -= int(length[row])
    return done
