"""The dated figures behind the model: the only place in ``models`` that reads files.

Every figure keeps its date, its source and its kind (published, measured, derived, estimate, assumption).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

DATA_FOLDER = Path(__file__).resolve().parent.parent / "data"
REFERENCE_GPU = "RTX 4090"
ANY_PROVIDER = "*"

Row = Mapping[str, str]
Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its plausible range, its date and where it is from."""

    value: float
    low: float
    high: float
    kind: str
    as_of: str
    source: str


@dataclass(frozen=True, slots=True)
class Gpu:
    """A model of the vocabulary; ``stand_in`` names the GPU whose measured speed it borrows, if any.

    ``ceiling`` is the greatest of its memory and arithmetic ratios to the RTX 4090: no work runs faster.
    """

    name: str
    vram_gb: float
    compute_capability: float
    stand_in: str
    ceiling: float


@dataclass(frozen=True, slots=True)
class Throughput:
    """Speed relative to the RTX 4090 for one workload, and by which fraction it may be off."""

    relative: float
    kind: str
    error_fraction: float


@dataclass(frozen=True, slots=True)
class BuildPart:
    """One priced part of a build."""

    part: str
    model: str
    gpu: str
    price_usd: float
    used: bool
    kind: str
    as_of: str
    source: str


@dataclass(frozen=True, slots=True)
class Tariff:
    """Electricity price of a country or state, taxes included."""

    country: str
    name: str
    continent: str
    usd_per_kwh: float
    kind: str
    as_of: str
    source: str


@dataclass(frozen=True, slots=True)
class SidePrices:
    """Storage and download prices of a provider's region; ``borrowed`` where they are another region's."""

    storage_usd_per_gb_month: float
    egress_tiers: tuple[tuple[float, float], ...]
    storage_kind: str
    egress_kind: str
    borrowed: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """All bundled figures, looked up by name. Replace a table to ask *what if* of a whole table."""

    gpus: Mapping[str, Gpu]
    gpu_aliases: Mapping[str, str]
    throughput: Mapping[tuple[str, str], Throughput]
    builds: Mapping[str, tuple[BuildPart, ...]]
    workstation_power: Mapping[str, Figure]
    tariffs: Mapping[str, Tariff]
    storage: Mapping[tuple[str, str], tuple[float, str]]
    egress: Mapping[tuple[str, str], tuple[tuple[tuple[float, float], ...], str]]
    continents: Mapping[tuple[str, str], str]
    government: frozenset[tuple[str, str]]
    assumptions: Mapping[str, Figure]

    def gpu_name(self, name: str) -> str:
        """The vocabulary's name for a GPU or one of its common names; ``ValueError`` lists the known ones."""
        if name in self.gpus:
            return name
        if name in self.gpu_aliases:
            return self.gpu_aliases[name]
        raise ValueError(f"workload.hours_measured_on: {name!r} is not a known GPU; {_known(self.gpus)}")

    def build(self, name: str) -> tuple[BuildPart, ...]:
        """The parts of a build; ``ValueError`` lists the known ones."""
        if name not in self.builds:
            raise ValueError(f"workstation.build: {name!r} is not a known build; {_known(self.builds)}")
        return self.builds[name]

    def tariff(self, country: str) -> Tariff:
        """The newest tariff of a country; ``ValueError`` lists the known ones."""
        if country not in self.tariffs:
            raise ValueError(
                f"electricity.country: there is no tariff for {country!r}; {_known(self.tariffs)}; "
                "or give electricity.usd_per_kwh and a country near by"
            )
        return self.tariffs[country]

    def side_prices(self, provider: str, region: str) -> SidePrices:
        """Storage and download prices; a region without a row takes its provider's first row.

        A provider without any row takes the row for any provider, an assumption.
        """
        storage, storage_borrowed = _of_region(self.storage, provider, region)
        egress, egress_borrowed = _of_region(self.egress, provider, region)
        return SidePrices(storage[0], egress[0], storage[1], egress[1], storage_borrowed or egress_borrowed)


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
    return {
        row[name]: Figure(
            value=float(row[value]),
            low=float(row[low] or row[value]),
            high=float(row[high] or row[value]),
            kind=row["kind"],
            as_of=row["as_of"],
            source=row["source"],
        )
        for row in rows
    }


def _egress(
    rows: list[dict[str, str]],
) -> dict[tuple[str, str], tuple[tuple[tuple[float, float], ...], str]]:
    tiers = defaultdict(list)
    kinds: dict[tuple[str, str], str] = {}
    for row in rows:
        key = (row["provider"], row["region"])
        tiers[key].append((float(row["from_gb_per_month"]), float(row["usd_per_gb"])))
        kinds[key] = row["kind"]
    return {key: (tuple(sorted(steps)), kinds[key]) for key, steps in tiers.items()}


def _first(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, Value]:
    table: dict[Key, Value] = {}
    for key, value in pairs:
        table.setdefault(key, value)
    return table


def _of_region(table: Mapping[tuple[str, str], Value], provider: str, region: str) -> tuple[Value, bool]:
    if (provider, region) in table:
        return table[provider, region], False
    for wanted in (provider, ANY_PROVIDER):
        for (name, _), value in table.items():
            if name == wanted:
                return value, True
    raise LookupError(f"data/ has neither a row for {provider!r} nor one for any provider ({ANY_PROVIDER!r})")


def _known(names: Iterable[str]) -> str:
    return "known are " + ", ".join(sorted(names))
