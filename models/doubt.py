"""How sure the answer is: what the stated errors do to the saving, and how fast an unknown GPU must be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .case import Case
from .figures import REFERENCE_GPU
from .rented_bills import RentedBills
from .resolve import build_gpu, is_gpu
from .speed import gpus_factor, measured_speed, speed_ceiling


def saving_range(case: Case) -> tuple[float, float, float]:
    """Low, central and high saving of building against the cheapest rental; NaN without both. [USD]"""
    if case.build_misfit or case.best is None:
        return np.nan, np.nan, np.nan
    owned, row = case.owned, case.row_of(case.best)
    central = float(case.present_value_usd[row])
    build = float(owned.present_value_usd(owned.busy_hours_per_week))
    errors = [0.0]
    for rent in _with_speed_error(case, case.best):
        errors.append(rent - central)
    for other in _with_resale_range(case):
        errors.append(build - other)
    saving = central - build
    return saving + min(errors), saving, saving + max(errors)


def _with_speed_error(case: Case, offer: int) -> list[float]:
    """Present value of a rental if its GPU is slower or faster than stated, within the stated error."""
    speed = case.offers.speeds[offer]
    measured = measured_speed(case.scenario.workload, case.figures)
    gpu_is_the_same = case.offers.text["gpu"][offer] == case.scenario.workload.hours_measured_on
    if speed is None or gpu_is_the_same:
        return []
    error = speed.error_fraction
    if case.scenario.workload.hours_measured_on != REFERENCE_GPU:
        error = max(error, measured.error_fraction)
    bills = case.rented_only([offer])
    return [float(_at_speed(bills, factor)) for factor in (1 - error, 1 + error) if error]


def _at_speed(bills: RentedBills, factor: float) -> float:
    terms = replace(bills.terms, hours_per_busy_hour=bills.terms.hours_per_busy_hour / factor)
    return float(replace(bills, terms=terms).present_value_usd(bills.busy_hours_per_week)[0])


def _with_resale_range(case: Case) -> list[float]:
    """Present value of the build if the card loses value faster or slower, within the assumption's range."""
    gpu = build_gpu(case.scenario, case.figures)
    assumed = case.figures.assumptions["gpu_yearly_loss_fraction"]
    asked = {part.name: part for part in case.scenario.workstation.parts or ()}
    values = []
    for loss in (assumed.low, assumed.high):
        parts = tuple(
            replace(part, yearly_loss_fraction=loss)
            if is_gpu(asked[part.name], gpu) and part.yearly_loss_fraction == assumed.value
            else part
            for part in case.owned.parts
        )
        owned = replace(case.owned, parts=parts)
        values.append(float(owned.present_value_usd(owned.busy_hours_per_week)))
    return values


def unknown_winners(case: Case) -> dict[str, tuple[float, int]]:
    """Offers of unknown speed that would win at a plausible one.

    By GPU, the least speed (the RTX 4090 being 1) at which its cheapest offer beats the build and every
    considered rental, and which offer that is.
    """
    to_beat = (
        [] if case.build_misfit else [float(case.owned.present_value_usd(case.owned.busy_hours_per_week))]
    )
    if case.best is not None:
        to_beat.append(float(case.present_value_usd[case.row_of(case.best)]))
    winners: dict[str, tuple[float, int]] = {}
    if not to_beat:
        return winners
    for offer in np.flatnonzero(case.offers.passes & case.offers.fits & ~case.offers.usable):
        gpu = case.offers.text["gpu"][offer]
        needed = _speed_to_cost(case, int(offer), min(to_beat), speed_ceiling(gpu, case.figures))
        if needed is not None and needed < winners.get(gpu, (np.inf, 0))[0]:
            winners[gpu] = (needed, int(offer))
    return winners


def _speed_to_cost(case: Case, offer: int, target_usd: float, ceiling: float) -> float | None:
    """Least speed of a whole GPU, the RTX 4090 being 1, at which an offer costs no more than a target."""
    measured = measured_speed(case.scenario.workload, case.figures).relative
    share = min(float(case.offers.number["gpu_count"][offer]), 1.0)
    factor = gpus_factor(case.scenario.workload)
    terms = replace(
        case.offers.terms.take([offer]), hours_per_busy_hour=np.array([measured / share * factor])
    )
    bills = replace(case.rented, terms=terms)
    if _at_speed(bills, ceiling) > target_usd:
        return None
    slow, fast = 0.0, ceiling
    for _ in range(40):
        middle = (slow + fast) / 2
        if _at_speed(bills, middle) > target_usd:
            slow = middle
        else:
            fast = middle
    return fast
