"""What a reader can say of the build: its parts, its week, what keeping it costs, and its electricity."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .input_types import (
    MOST,
    Amount,
    Drift,
    Fraction,
    Frozen,
    Positive,
    ValueFraction,
    Volts,
    WeekHours,
    WhenFull,
)
from .resale import ResaleMethod


class Part(Frozen):
    """One part of the build. ``None`` takes the assumption for its kind of part."""

    name: str = Field(min_length=1)
    price_usd: Amount
    already_own: bool = False
    new_to_used_fraction: Fraction | None = None
    yearly_loss_fraction: Fraction | None = None
    resale_method: ResaleMethod = "market"
    life_years: int = Field(5, ge=1, le=40)
    salvage_fraction: Fraction = 0.0
    # Used cards have risen above their price before.
    value_by_year_fraction: tuple[ValueFraction, ...] | None = None
    yearly_failure_fraction: Fraction | None = None

    @model_validator(mode="after")
    def _has_its_table(self) -> Self:
        if self.resale_method == "own_table" and not self.value_by_year_fraction:
            raise ValueError(
                f"workstation.parts: {self.name!r} is sold by its own table, but value_by_year_fraction is "
                "empty; give fractions of the price from today on, year by year"
            )
        return self


class Workstation(Frozen):
    """The build, its week, and what keeping it costs."""

    build: str = Field("rtx4090_used_ws_2026_usd", description="a build of data/builds.csv")
    parts: tuple[Part, ...] | None = Field(None, description="own parts list in place of the build's")
    count: int = Field(1, ge=1, le=64, description="how many such builds are bought")
    when_full: WhenFull = Field(
        "refuse",
        description="what happens with work beyond 168 hours a week: refuse, add_builds, rent_the_rest",
    )
    load_w: Amount | None = Field(None, description="watts at the wall while the GPU works")
    idle_w: Amount | None = Field(None, description="watts at the wall while on but idle")
    asleep_w: Amount | None = Field(None, description="watts at the wall while asleep")
    off_w: Amount | None = Field(None, description="watts at the wall while switched off")
    psu_rated_w: Positive | None = Field(
        None,
        description="rating of the power supply: watts are then those at its output; none = at the wall",
    )
    psu_grade: Literal["bronze", "gold", "platinum", "titanium"] = Field(
        "gold", description="80 PLUS grade of the power supply"
    )
    psu_volts: Volts = Field(115, description="mains voltage")
    power_limit_w: Annotated[float, Field(ge=100, le=2000, allow_inf_nan=False)] | None = Field(
        None, description="power limit of the card: fewer watts under load, and a little less speed"
    )
    left_on_hours_per_week: WeekHours = Field(15.0, description="hours a week left on beyond the held hours")
    off_hours_per_week: WeekHours = Field(0.0, description="hours a week switched off instead of asleep")
    sale_fee_fraction: Fraction | None = Field(None, description="share of the sale price that selling costs")
    sale_delay_months: float = Field(
        0.0, ge=0, le=60, allow_inf_nan=False, description="months until the parts are sold"
    )
    scrap_fraction: Fraction = Field(0.0, description="share of its price below which no part falls")
    new_generation_month: float | None = Field(
        None, ge=0, le=240, allow_inf_nan=False, description="month in which a new generation of cards comes"
    )
    new_generation_loss_fraction: Fraction = Field(
        0.0, description="share of its value that the card loses on that day"
    )
    warranty_usd: Amount = Field(0.0, description="price of an extended warranty, paid with the parts")
    warranty_months: Annotated[float, Field(ge=0, le=240, allow_inf_nan=False)] = Field(
        0.0, description="months in which failures cost nothing"
    )
    yearly_failure_fraction: Fraction = Field(0.0, description="share of the parts that fail in a year")
    insurance_usd_per_year: Amount = Field(0.0, description="insurance premium")
    upkeep_usd_per_month: Amount = Field(0.0, description="any other cost of keeping it: colocation, network")
    building_hours: Amount = Field(0.0, description="hours of a person to choose, build and install")
    upkeep_hours_per_month: Amount = Field(0.0, description="hours of a person to keep it running")
    lease_usd_per_month: Amount | None = Field(None, description="lease in place of buying the parts")
    lease_months: int = Field(36, ge=1, le=240, description="months for which the lease is signed")
    lease_buyout_usd: Amount | None = Field(
        None, description="price for which the parts are bought at the lease's end; none = the lease goes on"
    )

    @model_validator(mode="after")
    def _names_parts_once(self) -> Self:
        names = [part.name for part in self.parts or ()]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(
                f"workstation.parts: the name {twice[0]!r} stands twice, each part needs its own"
            )
        if self.parts is not None and not self.parts:
            raise ValueError("workstation.parts: the list is empty, a build needs at least one part")
        return self


class TariffPeriod(Frozen):
    """Hours of the week, in some months or all, with a price of their own. 22 to 6 passes midnight."""

    usd_per_kwh: Amount
    from_hour: int = Field(0, ge=0, le=24)
    to_hour: int = Field(24, ge=0, le=24)
    days: Literal["all", "weekdays", "weekends"] = "all"
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = ()


class Tier(Frozen):
    """A block of a month's consumption; the last one has no upper bound."""

    upper_kwh: Positive | None = None
    usd_per_kwh: Amount


class Electricity(Frozen):
    """Where the build is plugged in, and what a kilowatt-hour costs there."""

    country: str = Field("US", description="a country code of data/electricity.csv")
    usd_per_kwh: Amount | None = Field(None, description="own price of a further kilowatt-hour, with taxes")
    time_of_use: tuple[TariffPeriod, ...] = Field(
        (), description="periods with prices of their own; usd_per_kwh holds for all other hours"
    )
    tiers: tuple[Tier, ...] = Field((), description="prices by the month's consumption, lowest block first")
    household_kwh_per_month: Amount = Field(
        0.0, description="what the household uses anyway, which fills the tiers first"
    )
    standing_charge_usd_per_month: Amount = Field(
        0.0, description="standing charge, only where the workstation causes it"
    )
    yearly_price_drift_fraction: Drift = Field(0.0, description="by how much the price rises a year")
    busy_hour_weights: tuple[Amount, ...] | None = Field(
        None, description="24 weights, one an hour of the day: when the machine is busy; none = at any hour"
    )
    first_month: int = Field(1, ge=1, le=12, description="calendar month in which the comparison begins")
    solar_fraction: Fraction = Field(0.0, description="share of the energy from own panels")
    feed_in_usd_per_kwh: Amount = Field(0.0, description="what a kilowatt-hour fed into the grid would earn")
    # As the formula has it: below a tenth no machine cools.
    cooling_cop: Annotated[float, Field(ge=0.1, le=MOST, allow_inf_nan=False)] | None = Field(
        None, description="heat moved per kilowatt-hour of cooling"
    )
    cooling_share_of_year_fraction: Fraction = Field(
        0.0, description="share of the year in which the heat must be cooled away"
    )
    heating_share_of_year_fraction: Fraction = Field(
        0.0, description="share of the year in which the heat replaces other heating"
    )
    heating_usd_per_kwh: Amount = Field(0.0, description="price of the heat that it replaces")
    grams_co2_per_kwh: Amount | None = Field(None, description="carbon intensity of the grid")

    @model_validator(mode="after")
    def _is_one_kind_of_tariff(self) -> Self:
        if self.time_of_use and self.tiers:
            raise ValueError(
                "electricity.tiers: prices by the hour (electricity.time_of_use) and by blocks cannot both "
                "be given, leave one of them out"
            )
        weights = self.busy_hour_weights
        if weights is not None and (len(weights) != 24 or not sum(weights)):
            raise ValueError(
                f"electricity.busy_hour_weights: needs 24 weights that are not all 0, not {len(weights)}"
            )
        uppers = [tier.upper_kwh for tier in self.tiers]
        bounds = [upper for upper in uppers[:-1] if upper is not None]
        if uppers and (
            uppers[-1] is not None or len(bounds) < len(uppers) - 1 or bounds != sorted(set(bounds))
        ):
            raise ValueError(
                "electricity.tiers: upper_kwh must rise from block to block and be left out in the last, "
                f"not {uppers}"
            )
        if self.cooling_share_of_year_fraction + self.heating_share_of_year_fraction > 1:
            raise ValueError(
                "electricity.cooling_share_of_year_fraction "
                f"({self.cooling_share_of_year_fraction:g}) and electricity.heating_share_of_year_fraction "
                f"({self.heating_share_of_year_fraction:g}) make more than the whole year, "
                "allowed is at most 1 together"
            )
        return self
