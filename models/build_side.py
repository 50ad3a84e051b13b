"""From a resolved scenario to the build's bill, and why the work may not fit it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .checks import FloatArray
from .ci import (
    SYSTEMS,
    billed_minutes,
    hosted_ci_usd_per_month,
    own_runner_can_serve,
    own_runner_hours_per_week,
)
from .figures import Figures
from .finance import discount_factors
from .owned_bill import OwnedBill
from .ownership import OwnedPart, Sale
from .purchase import Paying, Tax
from .resolve import build_gpu, build_gpu_count, is_gpu, known
from .scenario import Scenario
from .speed import gpus_factor, measured_speed, throughput
from .tariffs import drift_factors
from .upkeep import Upkeep
from .usage import WEEK_HOURS
from .wall_plug import limited_speed, owned_week


def owned_bill(scenario: Scenario, figures: Figures, builds: int | None = None) -> OwnedBill:
    """The build's bill for a resolved scenario; what is rented because the week is full is not in it yet.

    ``builds`` is how many are bought; none = as many as the scenario's hours need.
    """
    workload, station, money = scenario.workload, scenario.workstation, scenario.money
    months, vat = money.horizon_months, money.vat_fraction
    gpu = build_gpu(scenario, figures)
    busy = workload.busy_hours_per_week * hours_per_busy_hour(scenario, figures)
    count = builds_needed(scenario, busy) if builds is None else builds
    return OwnedBill(
        parts=_parts(scenario, gpu, count),
        week=owned_week(scenario, figures, count, own_ci_hours(scenario)),
        sale=Sale(
            known(station.sale_fee_fraction),
            station.sale_delay_months,
            station.scrap_fraction,
            np.inf if station.new_generation_month is None else station.new_generation_month,
            station.new_generation_loss_fraction,
        ),
        busy_hours_per_week=workload.busy_hours_per_week,
        hours_per_busy_hour=hours_per_busy_hour(scenario, figures),
        discount=discount_factors(money.yearly_discount_fraction, months),
        price_drift=drift_factors(scenario.electricity.yearly_price_drift_fraction, months),
        first_month=scenario.electricity.first_month,
        upkeep=Upkeep(
            warranty_usd=station.warranty_usd * count,
            warranty_months=station.warranty_months,
            insurance_usd_per_month=station.insurance_usd_per_year * count / 12.0,
            other_usd_per_month=station.upkeep_usd_per_month * count,
            standing_charge_usd_per_month=scenario.electricity.standing_charge_usd_per_month,
            building_time_usd=station.building_hours * count * money.value_per_hour_usd,
            upkeep_time_usd_per_month=station.upkeep_hours_per_month * count * money.value_per_hour_usd,
            hosted_ci_usd_per_month=hosted_ci_usd(scenario, figures, with_build=True)
            * (1.0 + vat_added_fraction(scenario)),
        ),
        paying=Paying(
            money.loan_fraction,
            known(money.loan_yearly_rate_fraction),
            money.loan_months,
            None if station.lease_usd_per_month is None else station.lease_usd_per_month * count,
            station.lease_months,
            None if station.lease_buyout_usd is None else station.lease_buyout_usd * count,
        ),
        tax=Tax(
            vat / (1.0 + vat) if money.vat_reclaimed else 0.0,
            money.marginal_tax_rate_fraction,
            money.tax_schedule,
            money.tax_quarter if money.tax_schedule == "macrs_mid_quarter" else None,
        ),
    )


def hours_per_busy_hour(scenario: Scenario, figures: Figures) -> float:
    """Hours on the build's GPUs for one busy hour as the person counts it."""
    workload = scenario.workload
    gpu = build_gpu(scenario, figures)
    speed = throughput(gpu, workload, figures)
    if speed is None:
        # Without a figure for the build's GPU there is no bill; the misfit says so.
        return 1.0
    ratio = measured_speed(workload, figures).relative / (speed.relative * limited_speed(scenario, figures))
    return float(ratio * gpus_factor(workload))


def builds_needed(scenario: Scenario, busy_hours_per_week: float) -> int:
    """How many builds are bought: those asked for, or as many as the hours need where they may be added."""
    station, held = scenario.workstation, scenario.workload.attended_idle_hours_per_week
    if station.when_full != "add_builds":
        return station.count
    return max(station.count, int(np.ceil(round((busy_hours_per_week + held) / WEEK_HOURS, 9))))


def vat_added_fraction(scenario: Scenario) -> float:
    """Value-added tax on top of listed cloud prices: none for who reclaims it."""
    money = scenario.money
    return 0.0 if money.vat_reclaimed else money.vat_fraction


def hosted_ci_usd(scenario: Scenario, figures: Figures, *, with_build: bool) -> float:
    """Monthly bill of hosted CI runners; ``with_build`` leaves only what the build does not serve. [USD]

    The build serves private repositories. In public ones a fork's pull request would run its code on the
    machine, and standard runners are free there, so it serves none of them.
    """
    work = scenario.workload
    serves = with_build and not work.ci_public_repositories
    assumed = figures.assumptions
    weights = (
        1.0,
        assumed["ci_included_minutes_per_windows_minute"].value,
        assumed["ci_included_minutes_per_macos_minute"].value,
    )
    minutes, prices, apply, free = [], [], [], []
    for system in SYSTEMS:
        runner = figures.runners[getattr(work.ci_runners, system)]
        run = getattr(work.ci_minutes_per_month, system)
        is_own = serves and own_runner_can_serve(system)
        jobs = getattr(work.ci_jobs_per_month, system)
        minutes.append(0.0 if is_own else float(billed_minutes(run, jobs)))
        prices.append(runner.usd_per_minute)
        apply.append(runner.included_minutes_apply)
        free.append(runner.free_in_public and work.ci_public_repositories)
    if not any(minutes):
        return 0.0
    return float(
        hosted_ci_usd_per_month(
            minutes,
            prices,
            included_minutes=figures.runner_plans[work.ci_plan].value,
            included_apply=apply,
            included_per_minute=weights,
            free=free,
        )
    )


def own_ci_hours(scenario: Scenario) -> float:
    """Hours a week in which the build runs CI jobs, no faster than the hosted runner: the careful reading."""
    work = scenario.workload
    if work.ci_public_repositories:
        return 0.0
    minutes = sum(getattr(work.ci_minutes_per_month, name) for name in SYSTEMS if own_runner_can_serve(name))
    return float(own_runner_hours_per_week(minutes))


def build_misfit(scenario: Scenario, figures: Figures, owned: OwnedBill) -> str:
    """Why the work does not fit the build; empty where it fits."""
    need = scenario.workload
    name = build_gpu(scenario, figures)
    gpu, count = figures.gpus[name], build_gpu_count(scenario, figures)
    why = []
    if gpu.vram_gb < need.vram_gb:
        why.append(f"its {name} has {gpu.vram_gb:g} GB, {need.vram_gb:g} GB needed")
    if count < need.gpus:
        why.append(f"it has {count} GPU, {need.gpus} needed")
    if need.min_compute_capability is not None and gpu.compute_capability < need.min_compute_capability:
        why.append(
            f"its {name} has compute capability {gpu.compute_capability:g}, "
            f"{need.min_compute_capability:g} needed"
        )
    if throughput(name, need, figures) is None:
        why.append(f"the speed of its {name} for {need.workload_class} is not known")
    ci_hours = own_ci_hours(scenario)
    if ci_hours > WEEK_HOURS * owned.week.count:
        why.append(f"the CI jobs run {ci_hours:.0f} hours a week, but a week has {WEEK_HOURS:g}")
    busy = need.busy_hours_per_week * owned.hours_per_busy_hour
    held = need.attended_idle_hours_per_week
    if scenario.workstation.when_full != "rent_the_rest" and busy + held > (
        WEEK_HOURS * owned.week.count * (1 + 1e-12)
    ):
        why.append(
            f"the work takes {busy:.0f} busy hours a week on it and holds it {held:g} h more, but a week has "
            f"{WEEK_HOURS:g} (workstation.when_full: add_builds or rent_the_rest goes beyond)"
        )
    return "; ".join(why)


def with_rented_rest(owned: OwnedBill, rest_usd: FloatArray) -> OwnedBill:
    """The same bill with the work beyond the week rented, by month. [USD]"""
    return replace(owned, rented_rest_usd=rest_usd)


def _parts(scenario: Scenario, gpu: str, count: int) -> tuple[OwnedPart, ...]:
    return tuple(
        OwnedPart(
            name=part.name,
            price_usd=0.0 if part.already_own else part.price_usd * count,
            new_to_used_fraction=known(part.new_to_used_fraction),
            yearly_loss_fraction=known(part.yearly_loss_fraction),
            resale_method=part.resale_method,
            life_months=part.life_years * 12,
            salvage_fraction=part.salvage_fraction,
            value_by_year_fraction=part.value_by_year_fraction,
            yearly_failure_fraction=known(part.yearly_failure_fraction),
            is_card=is_gpu(part, gpu),
        )
        for part in scenario.workstation.parts or ()
    )
