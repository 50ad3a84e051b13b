"""The table of all options, column order fixed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .case import BILL_DECIMALS, Case
from .checks import FloatArray
from .currency import exchange
from .finance import levelized_usd_per_hour
from .resolve import build_gpu, build_gpu_count
from .speed import throughput
from .usage import WEEKS_PER_MONTH
from .wall_plug import limited_speed
from .what_you_get import what_you_get

TABLE_COLUMNS = (
    "option",
    "provider",
    "instance_type",
    "gpu",
    "gpu_count",
    "gpus_used",
    "instances",
    "region",
    "term",
    "access",
    "fits",
    "reason",
    "considered",
    "relative_throughput",
    "throughput_kind",
    "hours_per_month",
    "monthly_usd",
    "total_usd",
    "present_value_usd",
    "usd_per_useful_hour",
    "break_even_months",
    "break_even_months_if_sold",
    "break_even_hours_per_week",
    "break_even_direction",
    "break_even_usd_per_hour",
    "as_of",
    "source",
    "tier",
    "hosts",
    "what_you_get",
    "listed_currency",
    "listed_per_hour",
    "currency",
    "units_per_usd",
    "rate_as_of",
)
BREAK_EVEN_COLUMNS = (
    "break_even_months",
    "break_even_months_if_sold",
    "break_even_hours_per_week",
    "break_even_usd_per_hour",
)
BUILD_PROVIDER = "own"


def table_of(case: Case) -> pd.DataFrame:
    """One row an option: the build, then considered offers by present value, then the others."""
    offers, rented, rows = case.offers, case.rented, case.rows
    count = len(offers.names)

    def spread(values: FloatArray) -> FloatArray:
        column = np.full(count, np.nan)
        column[rows] = values
        return column

    months = case.owned.months
    total_usd = rented.flows_usd.sum(axis=-1)
    meets = case.break_evens
    unknown = np.full(len(rows), np.nan)
    directions = np.full(count, "", dtype=object)
    if meets:
        directions[rows] = meets.direction
    columns: dict[str, object] = {
        "option": offers.names,
        "provider": offers.text["provider"],
        "instance_type": offers.text["instance_type"],
        "gpu": offers.text["gpu"],
        "gpu_count": offers.number["gpu_count"],
        "gpus_used": np.minimum(offers.number["gpu_count"], case.scenario.workload.gpus),
        "instances": spread(rented.hours.instances),
        "region": offers.text["region"],
        "term": offers.text["term"],
        "access": offers.text["access"],
        "fits": offers.fits,
        "reason": offers.reasons,
        "considered": offers.considered,
        "relative_throughput": offers.relative_throughput,
        "throughput_kind": [speed.kind if speed else "" for speed in offers.speeds],
        "hours_per_month": spread(rented.hours.held_per_month),
        "monthly_usd": spread(total_usd / months),
        "total_usd": spread(total_usd),
        "present_value_usd": spread(case.present_value_usd),
        "usd_per_useful_hour": spread(usd_per_useful_hour(case, case.present_value_usd)),
        "break_even_months": spread(meets.months if meets else unknown),
        "break_even_months_if_sold": spread(meets.months_if_sold if meets else unknown),
        "break_even_hours_per_week": spread(meets.hours_per_week if meets else unknown),
        "break_even_direction": directions,
        "break_even_usd_per_hour": spread(meets.usd_per_hour if meets else unknown),
        "as_of": offers.text["as_of"],
        "source": offers.text["source"],
        "tier": offers.text["tier"],
        "hosts": offers.number["hosts"],
        "what_you_get": what_you_get(case),
        "listed_currency": offers.text["listed_currency"],
        "listed_per_hour": offers.number["listed_per_hour"],
        **_rate(case),
    }
    rentals = pd.DataFrame(columns)
    rentals["rank"] = np.where(offers.considered, 0, np.where(offers.usable, 1, 2))
    rentals["bill"] = rentals["present_value_usd"].round(BILL_DECIMALS)
    rentals = rentals.sort_values(["rank", "bill", "option"], kind="stable")
    build = pd.DataFrame([_build_row(case)])
    return pd.concat([build, rentals[list(TABLE_COLUMNS)]], ignore_index=True)


def _build_row(case: Case) -> dict[str, object]:
    scenario, figures, owned = case.scenario, case.figures, case.owned
    name, gpu = scenario.workstation.build, build_gpu(scenario, figures)
    speed = throughput(gpu, scenario.workload, figures)
    fits = not case.build_misfit
    pv_usd = float(owned.present_value_usd(owned.busy_hours_per_week))
    listed = figures.build(name)
    row: dict[str, object] = {
        "option": f"{BUILD_PROVIDER} {name}",
        "provider": BUILD_PROVIDER,
        "instance_type": name,
        "gpu": gpu,
        "gpu_count": float(build_gpu_count(scenario, figures)),
        "gpus_used": float(min(build_gpu_count(scenario, figures), scenario.workload.gpus)),
        "instances": float(owned.week.count) if fits else np.nan,
        "region": scenario.electricity.country,
        "term": "",
        "access": "",
        "fits": fits,
        "reason": case.build_misfit,
        "considered": fits,
        "relative_throughput": speed.relative * limited_speed(scenario, figures) if speed else np.nan,
        "throughput_kind": speed.kind if speed else "",
        "hours_per_month": owned.hours_per_month if fits else np.nan,
        "monthly_usd": owned.total_usd / owned.months if fits else np.nan,
        "total_usd": owned.total_usd if fits else np.nan,
        "present_value_usd": pv_usd if fits else np.nan,
        "usd_per_useful_hour": float(usd_per_useful_hour(case, np.array(pv_usd))) if fits else np.nan,
        "break_even_direction": "",
        "as_of": min(part.as_of for part in listed),
        "source": "; ".join(dict.fromkeys(part.source for part in listed)),
        "tier": "",
        "hosts": np.nan,
        "what_you_get": "the machine, all week",
        "listed_currency": "USD",
        "listed_per_hour": np.nan,
        **_rate(case),
    }
    for column, value in against_values(case).items():
        row[column] = value
    return {column: row[column] for column in TABLE_COLUMNS}


def usd_per_useful_hour(case: Case, present_value_usd: FloatArray) -> FloatArray:
    """A useful hour is a busy hour of the build's GPU, wherever the work is done; unknown without any."""
    workload, money = case.scenario.workload, case.scenario.money
    hours = workload.busy_hours_per_week * case.owned.hours_per_busy_hour * WEEKS_PER_MONTH
    if hours == 0:
        return np.full_like(present_value_usd, np.nan)
    return levelized_usd_per_hour(
        present_value_usd, hours, money.yearly_discount_fraction, money.horizon_months
    )


def _rate(case: Case) -> dict[str, object]:
    """The reader's currency, and the rate at which dollars become it."""
    rate = exchange(case.scenario.money.currency, case.figures)
    return {"currency": rate.currency, "units_per_usd": rate.units_per_usd, "rate_as_of": rate.as_of}


def against_values(case: Case) -> dict[str, float]:
    """The break-evens against the rental that the build is compared with; NaN where there is none."""
    meets = case.break_evens
    if meets is None or case.against is None:
        return dict.fromkeys(BREAK_EVEN_COLUMNS, np.nan)
    row = case.row_of(case.against)
    values = (meets.months, meets.months_if_sold, meets.hours_per_week, meets.usd_per_hour)
    return {column: float(value[row]) for column, value in zip(BREAK_EVEN_COLUMNS, values, strict=True)}
