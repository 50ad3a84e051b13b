"""What the bundled figures look like once they are read, and how they are looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

REFERENCE_GPU = "RTX 4090"
ANY_PROVIDER = "*"

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
    board_power_w: float


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
class Runner:
    """A hosted CI runner; a larger one never uses included minutes, and is paid in public repositories too.

    ``system`` is ``linux``, ``windows`` or ``macos``; ``gpu`` is empty without one.
    """

    sku: str
    label: str
    system: str
    usd_per_minute: float
    included_minutes_apply: bool
    free_in_public: bool
    gpu: str
    kind: str
    as_of: str
    source: str


@dataclass(frozen=True, slots=True)
class ResalePoint:
    """What used cards of an age fetched in the month that ends on ``as_of``."""

    age_months: float
    price_usd: float
    launch_price_usd: float
    kind: str
    as_of: str
    source: str


@dataclass(frozen=True, slots=True)
class Figures:
    """All bundled figures, looked up by name. Replace a table to ask *what if* of a whole table.

    ``carbon`` is in grams of CO2 per kilowatt-hour, ``runner_plans`` in included minutes a month. A curve of
    ``power_limits`` is ``(limit_w, relative_throughput)`` in rising order by GPU and kind of work, one of
    ``psu_efficiency`` ``(load_fraction, efficiency_fraction)`` by grade and mains voltage. ``currencies`` is
    in units for 1 EUR. ``currency_of`` is by country, state or province; a country whose currency is not in
    ``currencies`` is left out.
    """

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
    carbon: Mapping[str, Figure]
    power_limits: Mapping[tuple[str, str], tuple[tuple[float, float], ...]]
    psu_efficiency: Mapping[tuple[str, int], tuple[tuple[float, float], ...]]
    vat: Mapping[str, Figure]
    interest: Mapping[tuple[str, str], Figure]
    tax_rules: Mapping[str, Figure]
    runners: Mapping[str, Runner]
    runner_plans: Mapping[str, Figure]
    resale_points: Mapping[str, tuple[ResalePoint, ...]]
    currencies: Mapping[str, Figure]
    currency_of: Mapping[str, str]

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

    def carbon_of(self, country: str) -> Figure | None:
        """Grams of CO2 per kilowatt-hour of a country, or of a state or province (``US-CA``, else ``US``).

        ``None`` where nothing is known: a grid is never guessed.
        """
        whole, _, _ = country.partition("-")
        return self.carbon.get(country) or self.carbon.get(whole)

    def side_prices(self, provider: str, region: str) -> SidePrices:
        """Storage and download prices; a region without a row takes its provider's first row.

        A provider without any row takes the row for any provider, an assumption.
        """
        storage, storage_borrowed = _of_region(self.storage, provider, region)
        egress, egress_borrowed = _of_region(self.egress, provider, region)
        return SidePrices(storage[0], egress[0], storage[1], egress[1], storage_borrowed or egress_borrowed)


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
