"""The dated figures behind the model: the only place in ``models`` that reads files.

Every figure keeps its date, its source and its kind (published, measured, derived, estimate, assumption).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from .figure_types import (
    ANY_PROVIDER,
    REFERENCE_GPU,
    BuildPart,
    Figure,
    Figures,
    Gpu,
    ResalePoint,
    Runner,
    SidePrices,
    Tariff,
    Throughput,
)

__all__ = [
    "ANY_PROVIDER",
    "DATA_FOLDER",
    "REFERENCE_GPU",
    "BuildPart",
    "Figure",
    "Figures",
    "Gpu",
    "ResalePoint",
    "Runner",
    "SidePrices",
    "Tariff",
    "Throughput",
    "load_figures",
]

DATA_FOLDER = Path(__file__).resolve().parent.parent / "data"

Row = Mapping[str, str]
Key = TypeVar("Key")
Value = TypeVar("Value")


@lru_cache(maxsize=1)
def load_figures() -> Figures:
    """Read the bundled tables once. No network, no clock."""
    gpus = _read("gpus")
    return Figures(
        gpus=_gpus(gpus),
        gpu_aliases={
            row["alias"]: row["gpu"] for row in _read("gpu_aliases") if row["provider"] == ANY_PROVIDER
        },
        throughput={
            (row["gpu"], row["workload"]): Throughput(
                float(row["relative_throughput"]), row["kind"], float(row["error_fraction"])
            )
            for row in _read("throughput")
        },
        builds=_builds(_read("builds")),
        workstation_power=_ranges(_read("workstation_power"), "item", "typical_w", "low_w", "high_w"),
        tariffs=_tariffs(_read("electricity")),
        storage=_first(
            ((row["provider"], row["region"]), (float(row["usd_per_gb_month"]), row["kind"]))
            for row in _read("storage")
        ),
        egress=_egress(_read("egress")),
        continents={(row["provider"], row["region"]): row["continent"] for row in _read("regions")},
        government=frozenset(
            (row["provider"], row["region"]) for row in _read("regions") if row["government"] == "yes"
        ),
        assumptions=_ranges(_read("assumptions"), "name", "value", "low", "high"),
        carbon=_single(_read("carbon"), "country", "grams_co2_per_kwh"),
        power_limits=_curves(
            ((row["gpu"], row["curve"]), (float(row["power_limit_w"]), float(row["relative_throughput"])))
            for row in _read("power_limits")
        ),
        psu_efficiency=_curves(
            (
                (row["grade"], int(row["volts"])),
                (float(row["load_fraction"]), float(row["efficiency_fraction"])),
            )
            for row in _read("psu_efficiency")
        ),
        vat=_single(_read("vat"), "country", "vat_fraction"),
        interest={
            (row["country"], row["item"]): _figure(row, "yearly_rate_fraction") for row in _read("interest")
        },
        tax_rules=_single(_read("tax_rules"), "rule", "value"),
        runners={row["sku"]: runner_of(row) for row in _read("actions_runners")},
        runner_plans=_single(_read("actions_plans"), "plan", "included_minutes_per_month"),
        resale_points=_resale_points(_read("resale")),
        currencies=_single(_read("currencies"), "currency", "units_per_eur"),
        currency_of=_currency_of(_read("countries"), _read("electricity"), _read("currencies")),
    )


def _read(table: str) -> list[dict[str, str]]:
    with (DATA_FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _gpus(rows: list[dict[str, str]]) -> dict[str, Gpu]:
    reference = next(row for row in rows if row["gpu"] == REFERENCE_GPU)
    measures = ("memory_bandwidth_gb_per_s", "tensor_fp16_tflops", "fp32_tflops")
    return {
        row["gpu"]: Gpu(
            name=row["gpu"],
            vram_gb=float(row["vram_gb"]),
            compute_capability=float(row["compute_capability"]),
            stand_in=row["throughput_gpu"],
            board_power_w=float(row["board_power_w"] or "nan"),
            ceiling=max(float(row[m]) / float(reference[m]) for m in measures if row[m]),
        )
        for row in rows
    }


def _builds(rows: list[dict[str, str]]) -> dict[str, tuple[BuildPart, ...]]:
    builds = defaultdict(list)
    for row in rows:
        if row["role"] == "complete" and row["price_usd"]:
            builds[row["build"]].append(
                BuildPart(
                    part=row["part"],
                    model=row["model"],
                    gpu=row["gpu"],
                    price_usd=float(row["price_usd"]),
                    used=row["condition"] == "used",
                    kind=row["kind"],
                    as_of=row["as_of"],
                    source=row["source"],
                )
            )
    return {name: tuple(parts) for name, parts in builds.items()}


def _tariffs(rows: list[dict[str, str]]) -> dict[str, Tariff]:
    """One flat tariff a country: the newest published row, an estimate only where nothing is published."""
    newest: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["period"]:
            continue
        known = newest.get(row["country"])
        if known is None or _rank(row) > _rank(known):
            newest[row["country"]] = row
    return {
        country: Tariff(
            country=country,
            name=row["name"],
            continent=row["continent"],
            usd_per_kwh=float(row["usd_per_kwh"]),
            kind=row["kind"],
            as_of=row["as_of"],
            source=row["source"],
        )
        for country, row in newest.items()
    }


def _rank(row: Row) -> tuple[bool, str]:
    return row["kind"] == "published", row["as_of"]


def _ranges(rows: list[dict[str, str]], name: str, value: str, low: str, high: str) -> dict[str, Figure]:
    return {row[name]: _figure(row, value, low, high) for row in rows}


def _single(rows: list[dict[str, str]], name: str, value: str) -> dict[str, Figure]:
    return {row[name]: _figure(row, value) for row in rows}


def _figure(row: Row, value: str, low: str = "", high: str = "") -> Figure:
    """A figure of one row; without a range of its own, or with an empty one, the value is the range."""
    return Figure(
        value=float(row[value]),
        low=float(row.get(low) or row[value]),
        high=float(row.get(high) or row[value]),
        kind=row["kind"],
        as_of=row["as_of"],
        source=row["source"],
    )


def _curves(points: Iterable[tuple[Key, tuple[float, float]]]) -> dict[Key, tuple[tuple[float, float], ...]]:
    """Points of one key, in rising order."""
    curves = defaultdict(list)
    for key, point in points:
        curves[key].append(point)
    return {key: tuple(sorted(found)) for key, found in curves.items()}


def runner_of(row: Row) -> Runner:
    """A hosted runner from its row in the table of GitHub's runners, bundled or the reader's own."""
    return Runner(
        sku=row["sku"],
        label=row["label"],
        system=row["system"],
        usd_per_minute=float(row["usd_per_minute"]),
        included_minutes_apply=row["included_minutes_apply"] == "yes",
        free_in_public=row["free_in_public"] == "yes",
        gpu=row["gpu"],
        kind=row["kind"],
        as_of=row["as_of"],
        source=row["source"],
    )


def _resale_points(rows: list[dict[str, str]]) -> dict[str, tuple[ResalePoint, ...]]:
    """Prices of used cards by GPU, in the order of their age."""
    points = defaultdict(list)
    for row in sorted(rows, key=lambda row: float(row["age_months"])):
        points[row["gpu"]].append(
            ResalePoint(
                age_months=float(row["age_months"]),
                price_usd=float(row["price_usd"]),
                launch_price_usd=float(row["launch_price_usd"]),
                kind=row["kind"],
                as_of=row["as_of"],
                source=row["source"],
            )
        )
    return {gpu: tuple(found) for gpu, found in points.items()}


def _currency_of(
    countries: list[dict[str, str]], tariffs: list[dict[str, str]], currencies: list[dict[str, str]]
) -> dict[str, str]:
    """The currency of countries, and of states and provinces with a tariff, where its rate is known."""
    rated = {row["currency"] for row in currencies}
    of_country = {row["country"]: row["currency"] for row in countries if row["currency"] in rated}
    of_state = {
        place: of_country[country]
        for place in (row["country"] for row in tariffs)
        if (country := place.partition("-")[0]) in of_country
    }
    return of_country | of_state


def _egress(
    rows: list[dict[str, str]],
) -> dict[tuple[str, str], tuple[tuple[tuple[float, float], ...], str]]:
    tiers = _curves(
        ((row["provider"], row["region"]), (float(row["from_gb_per_month"]), float(row["usd_per_gb"])))
        for row in rows
    )
    kinds = {(row["provider"], row["region"]): row["kind"] for row in rows}
    return {place: (steps, kinds[place]) for place, steps in tiers.items()}


def _first(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, Value]:
    table: dict[Key, Value] = {}
    for key, value in pairs:
        table.setdefault(key, value)
    return table
