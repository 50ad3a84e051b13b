"""Own for what fits, rent for the rest: which jobs of a list run at home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from .build_side import build_misfit, owned_bill
from .case import rental_extras
from .checks import FloatArray, finite, not_negative, positive
from .figures import Figures, load_figures
from .finance import discount_factors
from .fit import rented_week
from .inputs import CiMinutes
from .options import options
from .rented_bills import RentedBills
from .resolve import build_gpu, build_gpu_count, resolve
from .scenario import Scenario
from .tariffs import drift_factors
from .usage import MONTH_HOURS, WEEKS_PER_MONTH, whole_above

_MINUTES = 60
_SHARED_WORK = (
    "attended_idle_hours_per_week",
    "sessions_per_week",
    "storage_gb",
    "download_gb_per_month",
    "upload_gb_per_month",
)
_SHARED_RENTAL = ("object_storage_gb", "snapshot_gb", "public_ip_usd_per_hour")


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
    vram_gb, gpus : memory of one of the build's GPUs, and how many it has.
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
    _refuse_wrong_jobs(jobs)
    price, memory, _ = not_negative(
        rental_usd_per_hour=rental_usd_per_hour, vram_gb=vram_gb, room_hours_per_month=room_hours_per_month
    )
    # Owning may bring in more than it costs, and electricity may have a price below 0.
    owning, running = finite(owning_usd_per_month=owning_usd_per_month, owned_usd_per_hour=owned_usd_per_hour)
    if price.shape not in ((), (len(jobs),)):
        raise ValueError(f"rental_usd_per_hour must be one price or one for each of {len(jobs)} jobs")
    if room_hours_per_month > MONTH_HOURS:
        raise ValueError(f"room_hours_per_month must be at most {MONTH_HOURS:g}, not {room_hours_per_month}")
    hours = np.array([job.hours_per_month for job in jobs], dtype=float)
    rented = np.broadcast_to(price, hours.shape) * hours
    home = running * hours
    misfits = [_misfit(job, float(memory), gpus) for job in jobs]
    fits = np.array([not misfit for misfit in misfits])
    share = room_hours_per_month / MONTH_HOURS
    deadlines = np.minimum([job.deadline_hours for job in jobs], MONTH_HOURS) * share
    worth = np.flatnonzero(fits & (rented - home > 0))
    done = _most_saved(hours, deadlines, rented - home, worth)
    why = [
        misfit
        or ("" if at else "costs no more rented" if row not in worth else "no room before its deadline")
        for row, (misfit, at) in enumerate(zip(misfits, done.tolist(), strict=True))
    ]
    at_home = done > 0
    table = pd.DataFrame(
        {
            "job": [job.name for job in jobs],
            "where": np.where(at_home, "home", "rented").tolist(),
            "why": why,
            "hours_per_month": hours,
            "home_usd_per_month": np.where(fits, home, np.nan),
            "rented_usd_per_month": rented,
            "done_at_hours": np.where(at_home, done / max(share, 1e-300), np.nan),
        }
    )
    return HybridPlan(table, float(owning + np.where(at_home, home, rented).sum()), float(rented.sum()))


def plan_jobs(
    scenario: Scenario, offers: pd.DataFrame, jobs: Sequence[Job], figures: Figures | None = None
) -> HybridPlan:
    """The same with the scenario's build, and for each job the cheapest considered offer that fits it.

    Parameters
    ----------
    scenario : its build, electricity, renting and money; of its work the class, the held hours, sessions,
        data and traffic, which the jobs share by their hours, and what else it asks of a machine.
    offers, figures : as for ``compare``.
    jobs : as for ``own_and_rent``; they take the place of the scenario's busy hours, memory and GPUs.

    Returns
    -------
    HybridPlan, its jobs with the column ``offer``. Monthly amounts are level ones with the same worth today
    over the horizon. The hour at home costs what the electricity of all jobs that fit costs on average; each
    job is rented by itself, with packs and commitments of its own. Left out on both sides: CI, free credits,
    and a person's time to set up and keep rentals. ``ValueError`` says why there is no build to plan with,
    and names a job that no considered offer fits.
    """
    _refuse_wrong_jobs(jobs)
    known = load_figures() if figures is None else figures
    if scenario.workstation.count != 1:
        raise ValueError(f"workstation.count: jobs are planned for 1 build, not {scenario.workstation.count}")
    asked = resolve(scenario, known, set(offers["provider"]), set(offers["region"]))
    gpu = build_gpu(asked, known)
    alone = {"hours_measured_on": gpu, "ci_minutes_per_month": CiMinutes(), "ci_jobs_per_month": CiMinutes()}
    alone |= {"vram_gb": 0.0, "gpus": 1, "gpus_measured_on": 1, "busy_hours_per_week": 0.0}
    no_extras = {"free_credits": (), "set_up_hours": 0.0, "upkeep_hours_per_month": 0.0}
    asked = _changed(asked, workload=alone, rental=no_extras, workstation={"when_full": "refuse"})
    owned = owned_bill(asked, known, 1)
    if misfit := build_misfit(asked, known, owned):
        raise ValueError(f"no jobs can be planned: the work does not fit the build, {misfit}")
    memory_gb, gpus = known.gpus[gpu].vram_gb, build_gpu_count(asked, known)
    room_hours = min(owned.room_hours / owned.hours_per_busy_hour * WEEKS_PER_MONTH, MONTH_HOURS)
    fitting_hours = sum(job.hours_per_month for job in jobs if not _misfit(job, memory_gb, gpus))
    hours = max(min(fitting_hours, room_hours), 1.0)
    monthly = owned.discount[1:].sum()
    idle_usd, busy_usd = owned.present_value_usd([0.0, hours / WEEKS_PER_MONTH]) / monthly
    on = date.fromisoformat(max((str(text) for text in offers["as_of"]), default="1970-01-01"))
    all_hours = sum(job.hours_per_month for job in jobs)
    found = [_rental_for(job, job.hours_per_month / all_hours, asked, offers, known, on) for job in jobs]
    prices = [usd / monthly / job.hours_per_month for (_, usd), job in zip(found, jobs, strict=True)]
    hour_usd = (busy_usd - idle_usd) / hours
    plan = own_and_rent(jobs, prices, float(idle_usd), float(hour_usd), memory_gb, gpus, room_hours)
    return plan._replace(jobs=plan.jobs.assign(offer=[name for name, _ in found]))


def _refuse_wrong_jobs(jobs: Sequence[Job]) -> None:
    names = [job.name for job in jobs]
    if not names:
        raise ValueError("jobs must name at least one job, the list is empty")
    for job in jobs:
        if names.count(job.name) > 1:
            raise ValueError(f"jobs: {job.name!r} stands twice, each job needs its own name")
        if job.gpus < 1 or job.gpus != int(job.gpus):
            raise ValueError(f"jobs: gpus of {job.name!r} must be a whole number from 1, not {job.gpus}")
        try:
            positive(hours_per_month=job.hours_per_month, deadline_hours=job.deadline_hours)
            not_negative(vram_gb=job.vram_gb)
        except ValueError as error:
            raise ValueError(f"jobs: of {job.name!r} {error}") from None


def _misfit(job: Job, vram_gb: float, gpus: int) -> str:
    """Why a job cannot run at home; empty where it can."""
    why = []
    if job.vram_gb > vram_gb:
        why.append(f"needs {job.vram_gb:g} GB a GPU, the build has {vram_gb:g} GB")
    if job.gpus > gpus:
        why.append(f"needs {job.gpus} GPUs, the build has {gpus}")
    return "; ".join(why)


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


def _rental_for(
    job: Job, share: float, asked: Scenario, offers: pd.DataFrame, figures: Figures, on: date
) -> tuple[str, float]:
    """The considered offer that does a job for least over the horizon, and its cost worth today. [USD]"""
    work, rental, money = asked.workload, asked.rental, asked.money
    need: dict[str, object] = {name: getattr(work, name) * share for name in _SHARED_WORK}
    need |= {"vram_gb": job.vram_gb, "gpus": job.gpus, "gpus_measured_on": job.gpus}
    need["busy_hours_per_week"] = job.hours_per_month / WEEKS_PER_MONTH
    need["longest_run_hours"] = min(work.longest_run_hours, job.hours_per_month)
    beside = {name: getattr(rental, name) * share for name in _SHARED_RENTAL}
    scenario = _changed(asked, workload=need, rental=beside)
    judged = options(scenario, offers, figures, on)
    rows = np.flatnonzero(judged.considered)
    if not len(rows):
        raise ValueError(
            f"jobs: no considered offer fits {job.name!r}, which needs {job.gpus} GPU with {job.vram_gb:g} GB"
        )
    bills = RentedBills(
        judged.terms.take(rows),
        rented_week(scenario),
        scenario.workload.busy_hours_per_week,
        discount_factors(money.yearly_discount_fraction, money.horizon_months),
        drift_factors(rental.yearly_price_drift_fraction, money.horizon_months),
        rental_extras(scenario, figures),
    )
    usd = bills.flows_usd @ bills.discount
    cheapest = int(np.argmin(usd))
    return judged.names[rows[cheapest]], float(usd[cheapest])


def _changed(scenario: Scenario, **sections: Mapping[str, object]) -> Scenario:
    """A resolved scenario with other values, which are not checked: a job's share may be below a bound."""
    update = {name: getattr(scenario, name).model_copy(update=dict(new)) for name, new in sections.items()}
    return scenario.model_copy(update=update)
