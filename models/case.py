"""One scenario worked out on both sides: what the table, the verdict, the receipt and the charts read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .bills import BreakEvens, OwnedBill, RentedBills, break_evens
from .checks import FloatArray
from .figures import Figures
from .finance import discount_factors
from .fit import rented_week
from .options import Options, options
from .ownership import OwnedPart, OwnedWeek
from .resolve import build_gpu, build_gpu_count, known
from .scenario import Scenario
from .speed import measured_speed, throughput
from .usage import WEEK_HOURS

# Bills that differ by less than a millionth of a dollar are the same bill, added up in another order.
BILL_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Case:
    """A resolved scenario with both sides worked out; what the verdict, the receipt and the charts read.

    ``rows`` are the offers with a bill, as indices into ``offers``; the arrays of ``rented`` and
    ``break_evens`` follow them. ``best`` and ``against`` are indices into ``offers``, None where nothing is
    left.
    """

    scenario: Scenario
    figures: Figures
    owned: OwnedBill
    build_misfit: str
    offers: Options
    rows: NDArray[np.intp]
    rented: RentedBills
    present_value_usd: FloatArray
    break_evens: BreakEvens | None
    best: int | None
    against: int | None
    best_by_provider: dict[str, int]

    def row_of(self, offer: int) -> int:
        """Where an offer stands among the rows with a bill."""
        return int(np.flatnonzero(self.rows == offer)[0])

    def rented_only(self, chosen: list[int]) -> RentedBills:
        """The bills of a few offers."""
        at = [self.row_of(offer) for offer in chosen]
        return RentedBills(
            self.rented.terms.take(at),
            self.rented.week,
            self.rented.busy_hours_per_week,
            self.rented.discount,
        )


def work_out(scenario: Scenario, offers: pd.DataFrame, figures: Figures, on: date) -> Case:
    """Both sides of a resolved scenario; ``on`` is the day from which the age of prices counts."""
    judged = options(scenario, offers, figures, on)
    owned = _owned_bill(scenario, figures)
    misfit = _build_misfit(scenario, figures, owned)
    rows = np.flatnonzero(judged.usable)
    rented = RentedBills(
        judged.terms.take(rows), rented_week(scenario), scenario.workload.busy_hours_per_week, owned.discount
    )
    present_value_usd = (rented.flows_usd * owned.discount).sum(axis=-1)
    ranked = sorted(
        (offer for offer in rows if judged.considered[offer]),
        key=lambda offer: (
            round(float(present_value_usd[np.searchsorted(rows, offer)]), BILL_DECIMALS),
            judged.names[offer],
        ),
    )
    best_by_provider: dict[str, int] = {}
    for offer in ranked:
        best_by_provider.setdefault(judged.text["provider"][offer], int(offer))
    best = int(ranked[0]) if ranked else None
    wanted = scenario.rental.against
    return Case(
        scenario=scenario,
        figures=figures,
        owned=owned,
        build_misfit=misfit,
        offers=judged,
        rows=rows,
        rented=rented,
        present_value_usd=present_value_usd,
        break_evens=None if misfit else break_evens(owned, rented),
        best=best,
        against=best if wanted == "cheapest" else best_by_provider.get(wanted),
        best_by_provider=best_by_provider,
    )


def _owned_bill(scenario: Scenario, figures: Figures) -> OwnedBill:
    workload, station, money = scenario.workload, scenario.workstation, scenario.money
    gpu = build_gpu(scenario, figures)
    speed = throughput(gpu, workload, figures)
    # Without a figure for the build's GPU there is no bill; the misfit says so.
    ratio = measured_speed(workload, figures).relative / speed.relative if speed else 1.0
    return OwnedBill(
        parts=tuple(
            OwnedPart(
                part.name,
                0.0 if part.already_own else part.price_usd,
                known(part.new_to_used_fraction),
                known(part.yearly_loss_fraction),
            )
            for part in station.parts or ()
        ),
        week=OwnedWeek(
            known(station.load_w),
            known(station.idle_w),
            known(station.asleep_w),
            workload.attended_idle_hours_per_week,
            station.left_on_hours_per_week,
            known(scenario.electricity.usd_per_kwh),
        ),
        sale_fee_fraction=known(station.sale_fee_fraction),
        busy_hours_per_week=workload.busy_hours_per_week,
        hours_per_busy_hour=ratio,
        discount=discount_factors(money.yearly_discount_fraction, money.horizon_months),
    )


def _build_misfit(scenario: Scenario, figures: Figures, owned: OwnedBill) -> str:
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
    busy = need.busy_hours_per_week * owned.hours_per_busy_hour
    if busy + need.attended_idle_hours_per_week > WEEK_HOURS * (1 + 1e-12):
        why.append(
            f"the work takes {busy:.0f} busy hours a week on it and holds it "
            f"{need.attended_idle_hours_per_week:g} h more, but a week has {WEEK_HOURS:g}"
        )
    return "; ".join(why)
