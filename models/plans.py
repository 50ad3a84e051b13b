"""Plans that mix owning and renting, for a scenario's build and the offers that it considers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .build_side import build_misfit, hours_per_busy_hour, owned_bill
from .cards import cards_to_own
from .case import newest_day, rented_bills, rented_extras
from .checks import FloatArray, moderate
from .figures import Figures, load_figures
from .hybrid import HybridPlan, Job, job_misfit, own_and_rent, refuse_wrong_jobs
from .inputs import CiMinutes
from .options import columns_of, options
from .owned_bill import OwnedBill
from .resolve import build_gpu, build_gpu_count, resolve
from .scenario import Scenario
from .usage import MONTH_HOURS, WEEKS_PER_MONTH
from .verdict import provider_name

_SHARED_WORK = (
    "attended_idle_hours_per_week",
    "sessions_per_week",
    "storage_gb",
    "download_gb_per_month",
    "upload_gb_per_month",
)
_NO_CI: dict[str, object] = {"ci_minutes_per_month": CiMinutes(), "ci_jobs_per_month": CiMinutes()}
_EXAMPLE_SHARES = (0.5, 0.5, 0.5, 2.5)
_SHARED_RENTAL = ("object_storage_gb", "snapshot_gb", "public_ip_usd_per_hour")


class CardsPlan(NamedTuple):
    """How many cards cost least, what 0, 1, 2, ... cost over all weeks [USD], and from what that follows.

    A card costs ``owning_usd_per_card_week`` whether it works or not and has room for
    ``capacity_hours_per_card`` a week; an hour on it adds ``owned_usd_per_hour``. An hour beyond costs
    ``rental_usd_per_hour`` on ``offer``.
    """

    cards: int
    usd_by_cards: FloatArray
    owning_usd_per_card_week: float
    owned_usd_per_hour: float
    capacity_hours_per_card: float
    rental_usd_per_hour: float
    offer: str


def own_work(scenario: Scenario, offers: pd.DataFrame, figures: Figures | None = None) -> Job:
    """The scenario's own work as one job: its busy hours as they would be on the build's GPU.

    ``offers`` and ``figures`` are those of ``compare``. A power limit is left out of the hours, for the plans
    count them on a card at full speed.
    """
    figures = figures or load_figures()
    asked = resolve(scenario, figures, set(offers["provider"]), set(offers["region"]))
    work = asked.workload
    hours = work.busy_hours_per_week * _hours_at_full_speed(asked, figures) * WEEKS_PER_MONTH
    return Job("my work", hours, work.vram_gb, work.gpus)


def example_weeks(work: Job) -> list[float]:
    """Busy hours of four weeks, three quiet ones and a busy one, with a job's as their mean: an example."""
    return [share * work.hours_per_month / WEEKS_PER_MONTH for share in _EXAMPLE_SHARES]


def plan_jobs(
    scenario: Scenario, offers: pd.DataFrame, jobs: Sequence[Job], figures: Figures | None = None
) -> HybridPlan:
    """Own for what fits, rent for the rest, with the scenario's build and the offers that it considers.

    Parameters
    ----------
    scenario : its build, electricity, renting and money; of its work the class, the held hours, sessions,
        data and traffic, which the jobs share by their hours, and what else it asks of a machine.
    offers, figures : as for ``compare``.
    jobs : as for ``own_and_rent``; they take the place of the scenario's busy hours, memory and GPUs.

    Returns
    -------
    HybridPlan, its jobs with the column ``offer``: of the considered ones that the build is compared with,
    the one that fits a job and costs least. Monthly amounts are level ones with the same worth today over the
    horizon. The hour at home costs what the electricity of all jobs that fit costs on average; each job is
    rented by itself, with packs and commitments of its own. CI is in both: on hosted runners where all is
    rented, and what the build serves at home where it is there. Left out on both sides: free credits, and a
    person's time. ``ValueError`` says why there is no build to plan with, and names a job that no such offer
    fits.
    """
    refuse_wrong_jobs(jobs)
    figures = figures or load_figures()
    if scenario.workstation.count != 1:
        raise ValueError(
            f"workstation.count: jobs are planned for 1 build, not {scenario.workstation.count}, set it to 1"
        )
    asked, owned = _one_build(scenario, offers, figures, vram_gb=0.0, gpus=1)
    extras = rented_extras(asked, figures)
    hosted_ci_usd = extras.hosted_ci_usd_per_month * extras.kept_fraction
    gpu = build_gpu(asked, figures)
    memory_gb, gpus = figures.gpus[gpu].vram_gb, build_gpu_count(asked, figures)
    room_hours = min(_room_hours_per_week(owned) * WEEKS_PER_MONTH, MONTH_HOURS)
    fitting_hours = sum(job.hours_per_month for job in jobs if not job_misfit(job, memory_gb, gpus))
    idle_usd, hour_usd = _level_usd(owned, min(fitting_hours, room_hours))
    all_hours = sum(job.hours_per_month for job in jobs)
    found = [_rental_for(job, job.hours_per_month / all_hours, asked, offers, figures) for job in jobs]
    # What CI costs without the build, the build saves.
    owning_usd, prices = idle_usd - hosted_ci_usd, [price for _, price in found]
    plan = own_and_rent(jobs, prices, owning_usd, hour_usd, memory_gb, gpus, room_hours)
    return plan._replace(
        jobs=plan.jobs.assign(offer=[name for name, _ in found]),
        own_and_rent_usd_per_month=plan.own_and_rent_usd_per_month + hosted_ci_usd,
        rent_all_usd_per_month=plan.rent_all_usd_per_month + hosted_ci_usd,
    )


def plan_cards(
    scenario: Scenario, offers: pd.DataFrame, hours_by_week: ArrayLike, figures: Figures | None = None
) -> CardsPlan:
    """Own k cards and rent the overflow, each card in a build as the scenario has it.

    Parameters
    ----------
    scenario : its build, electricity, renting and money, and its work but for the busy hours.
    offers, figures : as for ``compare``.
    hours_by_week : busy hours of each week, on the build's GPU at full speed. [h]

    Returns
    -------
    CardsPlan. Each build costs what the first one does, the hours in which it is held included. The hour at
    home and the rented one are those of a mean week, rented on the compared offer that costs least for it,
    with its sessions, data and held hours; weekly amounts are level ones with the same worth today over the
    horizon. Left out: CI, free credits, and a person's time. ``ValueError`` says why there is no build, or
    nothing to rent.
    """
    figures = figures or load_figures()
    (hours,) = moderate(hours_by_week=np.atleast_1d(hours_by_week))
    if not hours.any():
        raise ValueError("hours_by_week must name a week with more than 0 hours")
    work, mean_hours = scenario.workload, float(hours.mean())
    no_ci = _changed(scenario, workload=_NO_CI)
    asked, owned = _one_build(no_ci, offers, figures, vram_gb=work.vram_gb, gpus=work.gpus)
    capacity_hours = _room_hours_per_week(owned)
    idle_usd, hour_usd = _level_usd(owned, min(mean_hours, capacity_hours) * WEEKS_PER_MONTH)
    mean_week = Job("the mean week", mean_hours * WEEKS_PER_MONTH, work.vram_gb, work.gpus)
    offer, rental_usd_per_hour = _rental_for(mean_week, 1.0, asked, offers, figures)
    card_week_usd = idle_usd / WEEKS_PER_MONTH
    answer = cards_to_own(hours, card_week_usd, rental_usd_per_hour, hour_usd, capacity_hours)
    return CardsPlan(*answer, card_week_usd, hour_usd, capacity_hours, rental_usd_per_hour, offer)


def _one_build(
    scenario: Scenario, offers: pd.DataFrame, figures: Figures, *, vram_gb: float, gpus: int
) -> tuple[Scenario, OwnedBill]:
    """The resolved scenario with such work and no hours yet, and the bill of the one build that waits."""
    asked = resolve(scenario, figures, set(offers["provider"]), set(offers["region"]))
    work: dict[str, object] = {"busy_hours_per_week": 0.0, "vram_gb": vram_gb, "gpus": gpus}
    work |= _counted_on_build(asked, figures, gpus)
    longest = asked.workload.longest_run_hours * _hours_at_full_speed(asked, figures)
    work |= {"longest_run_hours": longest}
    asked = _changed(
        asked,
        workload=work,
        rental={"free_credits": ()},
        workstation={"when_full": "refuse", "count": 1},
        money={"value_per_hour_usd": 0.0},
    )
    owned = owned_bill(asked, figures, 1)
    if misfit := build_misfit(asked, figures, owned):
        raise ValueError(f"nothing can be planned: the work does not fit the build, {misfit}")
    return asked, owned


def _counted_on_build(asked: Scenario, figures: Figures, gpus: int) -> dict[str, object]:
    return {"hours_measured_on": build_gpu(asked, figures), "gpus_measured_on": gpus}


def _hours_at_full_speed(asked: Scenario, figures: Figures) -> float:
    """Hours on as many of the build's GPUs as the work needs, at full speed, for one that is asked for."""
    counted = _changed(asked, workload=_counted_on_build(asked, figures, asked.workload.gpus))
    return hours_per_busy_hour(asked, figures) / hours_per_busy_hour(counted, figures)


def _room_hours_per_week(owned: OwnedBill) -> float:
    return owned.room_hours / owned.hours_per_busy_hour


def _level_usd(owned: OwnedBill, hours_per_month: float) -> tuple[float, float]:
    """What the build costs a month whether it works or not, and what each of so many hours adds. [USD]"""
    hours = max(hours_per_month, 1.0)
    of_months = owned.present_value_usd([0.0, hours / WEEKS_PER_MONTH]) / owned.discount[1:].sum()
    idle_usd, busy_usd = of_months.tolist()
    return idle_usd, (busy_usd - idle_usd) / hours


def _rental_for(
    job: Job, share: float, asked: Scenario, offers: pd.DataFrame, figures: Figures
) -> tuple[str, float]:
    """The compared offer that does a job for least over the horizon, and its level cost. [USD/h]"""
    work, rental = asked.workload, asked.rental
    need: dict[str, object] = {name: getattr(work, name) * share for name in _SHARED_WORK} | _NO_CI
    need |= {"vram_gb": job.vram_gb, "gpus": job.gpus, "gpus_measured_on": job.gpus}
    need["busy_hours_per_week"] = job.hours_per_month / WEEKS_PER_MONTH
    need["longest_run_hours"] = min(work.longest_run_hours, job.hours_per_month)
    beside = {name: getattr(rental, name) * share for name in _SHARED_RENTAL}
    scenario = _changed(asked, workload=need, rental=beside)
    judged = options(scenario, columns_of(offers), figures, newest_day(offers))
    against = rental.against
    compared = [against in ("cheapest", provider) for provider in judged.text["provider"]]
    rows = np.flatnonzero(judged.considered & np.array(compared, dtype=bool))
    if not len(rows):
        gpus = "1 GPU" if job.gpus == 1 else f"{job.gpus} GPUs"
        of_whom = "" if against == "cheapest" else f" of {provider_name(against)}"
        raise ValueError(
            f"no considered offer{of_whom} fits {job.name!r}, which needs {gpus} with {job.vram_gb:g} GB"
        )
    bills = rented_bills(scenario, judged.terms.take(rows), figures)
    usd = bills.flows_usd @ bills.discount
    cheapest = int(np.argmin(usd))
    return (
        judged.names[rows[cheapest]],
        float(usd[cheapest] / bills.discount[1:].sum() / job.hours_per_month),
    )


def _changed(scenario: Scenario, **sections: Mapping[str, object]) -> Scenario:
    """A resolved scenario with other values, which are not checked: a job's share may be below a bound."""
    update = {name: getattr(scenario, name).model_copy(update=dict(new)) for name, new in sections.items()}
    return scenario.model_copy(update=update)
