"""What a reader can say of the work, of renting and of money.

Every field has its default, its bounds and its meaning here. ``None`` stands for the dated figure from
``data/``. What is 0 by default is left out of the bill until the reader says otherwise, and the receipt shows
it as soon as it is not 0.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from .input_types import (
    Access,
    Amount,
    Count,
    Drift,
    Fraction,
    Frozen,
    GpuCount,
    OwnTerm,
    Positive,
    Rate,
    RunnerPlan,
    Seconds,
    Speed,
    Term,
    WeekHours,
    WorkloadClass,
)
from .tax import TaxSchedule

LEAST_SESSIONS_PER_WEEK = 0.001


class CiMinutes(Frozen):
    """Minutes (or jobs) of continuous integration a month, by the runner's system."""

    linux: Count = 0.0
    windows: Count = 0.0
    macos: Count = 0.0


class CiRunners(Frozen):
    """Which hosted runner does the minutes of each system: a sku of data/actions_runners.csv."""

    linux: str = Field("linux", min_length=1)
    windows: str = Field("windows", min_length=1)
    macos: str = Field("macos", min_length=1)


class Workload(Frozen):
    """The work, counted on a GPU that the reader knows."""

    hours_measured_on: str = Field("RTX 4090", description="the GPU on which the busy hours are counted")
    busy_hours_per_week: WeekHours = Field(20.0, description="hours a week in which the GPU works")
    attended_idle_hours_per_week: WeekHours = Field(
        5.0, description="hours a week in which the machine is held while a person reads or edits"
    )
    sessions_per_week: Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)] = Field(
        5.0, description="times a week at which a machine is started"
    )
    workload_class: WorkloadClass = Field(
        "transformer_training", description="the kind of work, which decides how GPUs compare"
    )
    gpus: int = Field(1, ge=1, le=64, description="GPUs that the work needs at once")
    gpus_measured_on: int | None = Field(
        None, ge=1, le=64, description="GPUs with which the busy hours were counted; none = as many as needed"
    )
    parallel_efficiency: float = Field(
        1.0,
        ge=0.001,
        le=1,
        allow_inf_nan=False,
        description="share of the joint speed that several GPUs keep",
    )
    vram_gb: Amount = Field(20.0, description="memory that one process needs on its GPU")
    storage_gb: Amount = Field(100.0, description="data kept all month")
    download_gb_per_month: Amount = Field(20.0, description="data brought home a month")
    upload_gb_per_month: Amount = Field(
        0.0, description="data sent to the rented machine a month, where a host charges for it"
    )
    longest_run_hours: Amount = Field(10.0, description="longest run that must not be cut")
    needs_own_environment: bool = Field(
        False, description="root, own drivers and containers, a debugger, still there tomorrow"
    )
    needs_runner: bool = Field(False, description="the machine must serve as a CI runner")
    min_compute_capability: float | None = Field(
        None, gt=0, le=99, allow_inf_nan=False, description="least CUDA compute capability, such as 8.9"
    )
    ci_minutes_per_month: CiMinutes = Field(
        default_factory=CiMinutes, description="minutes of CI jobs a month, by the runner's system"
    )
    ci_jobs_per_month: CiMinutes = Field(
        default_factory=CiMinutes,
        description="CI jobs a month: each is billed in whole minutes; 0 = not known",
    )
    ci_runners: CiRunners = Field(default_factory=CiRunners, description="hosted runners that do them today")
    ci_plan: RunnerPlan = Field("free", description="GitHub plan, which decides the included minutes")
    ci_public_repositories: bool = Field(
        False, description="the jobs are those of public repositories, where standard runners are free"
    )
    relative_throughput: dict[str, Speed] = Field(
        default_factory=dict, description="own speeds by GPU, the RTX 4090 being 1"
    )

    @model_validator(mode="after")
    def _starts_now_and_then(self) -> Self:
        # Sessions that last for years would leave the range of numbers.
        if 0 < self.sessions_per_week < LEAST_SESSIONS_PER_WEEK:
            raise ValueError(
                f"workload.sessions_per_week: must be 0 or at least {LEAST_SESSIONS_PER_WEEK:g}, "
                f"not {self.sessions_per_week:g}"
            )
        return self


class OwnOffer(Frozen):
    """A rate of the reader's own: a quote, a lab cluster, a friend's machine."""

    gpu: str = Field(min_length=1)
    usd_per_hour: Positive
    name: str = Field("own rate", min_length=1)
    vram_gb: Positive | None = None
    gpu_count: GpuCount = 1.0
    access: Access = "vm"
    term: OwnTerm = "on_demand"
    relative_throughput: Speed | None = None
    compute_capability: Positive | None = None
    max_session_hours: Positive | None = None
    billing_increment_s: Seconds | None = None
    minimum_billing_s: Amount | None = None
    interruptions_per_hour: Amount | None = None
    storage_usd_per_gb_month: Amount | None = None
    egress_usd_per_gb: Amount | None = None


class FreeCredit(Frozen):
    """Money that a provider gives away, once or every month, until it ends."""

    provider: str = Field(min_length=1)
    usd: Positive
    months: int = Field(12, ge=1, le=240)
    every_month: bool = False


class Rental(Frozen):
    """Which rentals are considered, what they cost beside the hours, and with whom the build is compared."""

    providers: tuple[str, ...] | None = Field(None, description="providers to consider; none = all")
    regions: tuple[str, ...] | None = Field(
        None, description="regions or continents to consider; none = the country's continent"
    )
    terms: tuple[Term, ...] = Field(("on_demand", "prepaid"), min_length=1, description="ways of buying")
    against: str = Field("cheapest", description="'cheapest' or the provider to compare with")
    start_up_hours: Amount | None = Field(None, description="hours a session takes to start")
    data_loading_hours: Amount = Field(0.0, description="hours a session takes to load its data")
    checkpoint_interval_hours: Amount | None = Field(None, description="hours between checkpoints on spot")
    restart_hours: Amount | None = Field(None, description="hours lost to a restart after an interruption")
    yearly_price_drift_fraction: Drift = Field(0.0, description="by how much hourly prices rise a year")
    object_storage_gb: Amount = Field(0.0, description="data kept in a bucket all month")
    object_storage_usd_per_gb_month: Amount | None = Field(None, description="price of a bucket")
    snapshot_gb: Amount = Field(0.0, description="snapshots of disks kept all month")
    snapshot_usd_per_gb_month: Amount = Field(0.05, description="price of a snapshot")
    public_ip_usd_per_hour: Amount = Field(
        0.0, description="price of a public address, paid around the clock"
    )
    set_up_hours: Amount = Field(0.0, description="hours of a person to set the rental up, once")
    upkeep_hours_per_month: Amount = Field(0.0, description="hours of a person a month to keep it usable")
    free_credits: tuple[FreeCredit, ...] = Field((), description="credits of providers, with their end")
    grams_co2_per_kwh: Amount | None = Field(
        None, description="carbon intensity where the rented machine stands; none = that of the country"
    )
    own_offers: tuple[OwnOffer, ...] = Field((), description="rates of your own")

    @model_validator(mode="after")
    def _names_offers_once(self) -> Self:
        for field in ("providers", "regions"):
            if getattr(self, field) == ():
                raise ValueError(f"rental.{field}: the list is empty, leave it out to consider all")
        names = [offer.name for offer in self.own_offers]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(
                f"rental.own_offers: the name {twice[0]!r} stands twice, each rate needs its own"
            )
        credited = [credit.provider for credit in self.free_credits]
        again = sorted({name for name in credited if credited.count(name) > 1})
        if again:
            raise ValueError(
                f"rental.free_credits: {again[0]!r} stands twice, allowed is one credit a provider"
            )
        return self


class Money(Frozen):
    """How long, what money later is worth today, and who pays a part: the bank, the tax office."""

    horizon_months: int = Field(36, ge=1, le=240, description="months over which both bills run")
    yearly_discount_fraction: Rate = Field(0.04, description="effective yearly discount rate")
    currency: str = Field("USD", min_length=3, max_length=3, description="currency of the answer")
    value_per_hour_usd: Amount = Field(0.0, description="what an hour of a person's time is worth")
    loan_fraction: Fraction = Field(0.0, description="share of the parts' price that is borrowed")
    loan_yearly_rate_fraction: Rate | None = Field(None, description="nominal yearly rate of the loan")
    loan_months: int = Field(36, ge=1, le=240, description="months over which the loan is repaid")
    vat_fraction: Fraction = Field(0.0, description="value-added tax in the prices that the reader pays")
    vat_reclaimed: bool = Field(False, description="the tax office gives the value-added tax back")
    marginal_tax_rate_fraction: Fraction = Field(
        0.0, description="income tax on the last dollar earned; 0 = costs are private"
    )
    tax_schedule: TaxSchedule = Field("none", description="how the tax office writes the parts off")
    tax_quarter: int = Field(4, ge=1, le=4, description="quarter of purchase, for macrs_mid_quarter")
