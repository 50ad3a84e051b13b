"""What the reader says: the work, the build, the electricity, the renting, the money.

A scenario is frozen and travels unchanged through JSON, TOML, a link and ``--set``. ``None`` stands for the
dated figure from ``data/``; ``comparison.scenario`` shows which figure that was.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self, get_args
from urllib.parse import parse_qsl, urlencode

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from .usage import WEEK_HOURS

WorkloadClass = Literal[
    "transformer_training", "vision_training", "fp32_training", "llm_inference", "wall_clock"
]
Term = Literal[
    "on_demand",
    "spot",
    "reserved_1y",
    "reserved_3y",
    "savings_1y",
    "savings_3y",
    "prepaid",
    "free",
    "included",
]
OwnTerm = Literal["on_demand", "spot", "reserved_1y", "reserved_3y", "savings_1y", "savings_3y"]
Access = Literal["vm", "container", "notebook", "runner"]

WORKLOAD_CLASSES: tuple[str, ...] = get_args(WorkloadClass)
TERMS: tuple[str, ...] = get_args(Term)

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Frozen(BaseModel):
    # Schemas are built on first use: importing the model should cost little more than importing pandas.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class CiMinutes(_Frozen):
    """Minutes of continuous integration a month, by the runner's system."""

    linux: Amount = 0.0
    windows: Amount = 0.0
    macos: Amount = 0.0


class Workload(_Frozen):
    """The work, counted on a GPU that the reader knows."""

    hours_measured_on: str = Field("RTX 4090", description="the GPU on which the busy hours are counted")
    busy_hours_per_week: Amount = Field(20.0, description="hours a week in which the GPU works")
    attended_idle_hours_per_week: Amount = Field(
        5.0, description="hours a week in which the machine is held while a person reads or edits"
    )
    sessions_per_week: Amount = Field(5.0, description="times a week at which a machine is started")
    workload_class: WorkloadClass = Field(
        "transformer_training", description="the kind of work, which decides how GPUs compare"
    )
    gpus: int = Field(1, ge=1, le=64, description="GPUs that the work needs at once")
    vram_gb: Amount = Field(20.0, description="memory that one process needs on its GPU")
    storage_gb: Amount = Field(100.0, description="data kept all month")
    download_gb_per_month: Amount = Field(20.0, description="data brought home a month")
    longest_run_hours: Amount = Field(10.0, description="longest run that must not be cut")
    needs_own_environment: bool = Field(
        False, description="root, own drivers and containers, a debugger, still there tomorrow"
    )
    needs_runner: bool = Field(False, description="the machine must serve as a CI runner")
    min_compute_capability: float | None = Field(
        None, gt=0, le=99, allow_inf_nan=False, description="least CUDA compute capability, such as 8.9"
    )
    ci_minutes_per_month: CiMinutes = Field(
        default_factory=CiMinutes, description="CI minutes a month: kept with the scenario, not yet priced"
    )
    relative_throughput: dict[str, Positive] = Field(
        default_factory=dict, description="own speeds by GPU, the RTX 4090 being 1"
    )


class Part(_Frozen):
    """One part of the build. ``None`` takes the assumption for its kind of part."""

    name: str = Field(min_length=1)
    price_usd: Amount
    already_own: bool = False
    new_to_used_fraction: Fraction | None = None
    yearly_loss_fraction: Fraction | None = None


class Workstation(_Frozen):
    """The build and its week."""

    build: str = Field("rtx4090_used_ws_2026_usd", description="a build of data/builds.csv")
    parts: tuple[Part, ...] | None = Field(None, description="own parts list in place of the build's")
    load_w: Amount | None = Field(None, description="watts at the wall while the GPU works")
    idle_w: Amount | None = Field(None, description="watts at the wall while on but idle")
    asleep_w: Amount | None = Field(None, description="watts at the wall while asleep")
    left_on_hours_per_week: Amount = Field(15.0, description="hours a week left on beyond the held hours")
    sale_fee_fraction: Fraction | None = Field(None, description="share of the sale price that selling costs")

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


class Electricity(_Frozen):
    """Where the build is plugged in."""

    country: str = Field("US", description="a country code of data/electricity.csv")
    usd_per_kwh: Amount | None = Field(None, description="own price of a further kilowatt-hour, with taxes")


class OwnOffer(_Frozen):
    """A rate of the reader's own: a quote, a lab cluster, a friend's machine."""

    gpu: str = Field(min_length=1)
    usd_per_hour: Positive
    name: str = Field("own rate", min_length=1)
    vram_gb: Positive | None = None
    gpu_count: Positive = 1.0
    access: Access = "vm"
    term: OwnTerm = "on_demand"
    relative_throughput: Positive | None = None
    compute_capability: Positive | None = None
    max_session_hours: Positive | None = None
    billing_increment_s: Positive | None = None
    minimum_billing_s: Amount | None = None
    interruptions_per_hour: Amount | None = None
    storage_usd_per_gb_month: Amount | None = None
    egress_usd_per_gb: Amount | None = None


class Rental(_Frozen):
    """Which rentals are considered, and with whom the build is compared."""

    providers: tuple[str, ...] | None = Field(None, description="providers to consider; none = all")
    regions: tuple[str, ...] | None = Field(
        None, description="regions or continents to consider; none = the country's continent"
    )
    terms: tuple[Term, ...] = Field(("on_demand", "prepaid"), min_length=1, description="ways of buying")
    against: str = Field("cheapest", description="'cheapest' or the provider to compare with")
    start_up_hours: Amount | None = Field(None, description="hours a session takes to start")
    checkpoint_interval_hours: Amount | None = Field(None, description="hours between checkpoints on spot")
    restart_hours: Amount | None = Field(None, description="hours lost to a restart after an interruption")
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
        return self


class Money(_Frozen):
    """How long, and what money later is worth today."""

    horizon_months: int = Field(36, ge=1, le=240, description="months over which both bills run")
    yearly_discount_fraction: float = Field(
        0.04, ge=0, le=1, allow_inf_nan=False, description="effective yearly discount rate"
    )
    currency: Literal["USD"] = Field("USD", description="US dollars")


class Scenario(_Frozen):
    """One person's question. Every field has a default, so ``Scenario()`` is the default question.

    ``pydantic.ValidationError`` (a ``ValueError``) says what is wrong; ``explain`` makes one sentence of it.
    """

    workload: Workload = Field(default_factory=Workload)
    workstation: Workstation = Field(default_factory=Workstation)
    electricity: Electricity = Field(default_factory=Electricity)
    rental: Rental = Field(default_factory=Rental)
    money: Money = Field(default_factory=Money)

    @model_validator(mode="after")
    def _fits_into_the_week(self) -> Self:
        busy = self.workload.busy_hours_per_week
        held = self.workload.attended_idle_hours_per_week
        left_on = self.workstation.left_on_hours_per_week
        total = busy + held + left_on
        if total > WEEK_HOURS * (1 + 1e-12):
            raise ValueError(
                f"workload.busy_hours_per_week ({busy:g}), "
                f"workload.attended_idle_hours_per_week ({held:g}) and "
                f"workstation.left_on_hours_per_week ({left_on:g}) make {total:g} hours, "
                f"but a week has {WEEK_HOURS:g}"
            )
        return self

    def to_toml(self) -> str:
        """The whole scenario as TOML; fields without a value (the dated figure) are left out."""
        return tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))

    @classmethod
    def from_toml(cls, text: str) -> Scenario:
        """Read ``to_toml``; fields that are missing take their defaults."""
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"the scenario is not valid TOML: {error}") from error

    def settings(self) -> dict[str, str]:
        """What differs from the default question, as ``section.field`` and text, lists as JSON."""
        plain = Scenario().model_dump(mode="json")
        return {
            f"{section}.{field}": value if isinstance(value, str) else json.dumps(value)
            for section, values in self.model_dump(mode="json").items()
            for field, value in values.items()
            if value != plain[section][field]
        }

    def with_settings(self, settings: Mapping[str, str]) -> Scenario:
        """Change fields named ``section.field`` to values given as text, as ``--set`` and a link do.

        Numbers and words are written plainly, lists as JSON or with commas, ``none`` for the dated figure.
        """
        values = self.model_dump(mode="json")
        for name, text in settings.items():
            section, _, field = name.partition(".")
            field, _, inner = field.partition(".")
            if section not in values or field not in values[section]:
                known = _known_fields([section] if section in values else [])
                raise ValueError(f"there is no field {name!r}; {known}")
            if inner:
                if not isinstance(values[section][field], dict):
                    raise ValueError(f"there is no field {name!r}; {section}.{field} has no parts")
                values[section][field] = {**values[section][field], inner: text}
            else:
                values[section][field] = _value_of(text, _holds_a_list(section, field))
        return Scenario.model_validate(values)

    def to_query(self) -> str:
        """The scenario as the query of a link: only what differs from the default question."""
        return urlencode(self.settings())

    @classmethod
    def from_query(cls, query: str) -> Scenario:
        """Read ``to_query``."""
        return cls().with_settings(dict(parse_qsl(query.lstrip("?"), keep_blank_values=True)))


def explain(error: ValueError) -> str:
    """One sentence for a value that a scenario refused: the field, the value, and what is allowed."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "value_error":
        return message
    field = ".".join(str(step) for step in first["loc"]) or "the scenario"
    if first["type"] == "extra_forbidden":
        return f"there is no field {field!r}; {_known_fields(first['loc'][:-1])}"
    wanted = message[0].lower() + message[1:]
    return f"{field}: {wanted}, not {_shortly(first['input'])}"


def _shortly(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _value_of(text: str, as_list: bool) -> object:
    stripped = text.strip()
    if stripped.lower() in ("none", "null"):
        return None
    if stripped[:1] in ("[", "{"):
        try:
            return json.loads(stripped)
        except json.JSONDecodeError:
            return text
    return [word.strip() for word in stripped.split(",")] if as_list else text


def _holds_a_list(section: str, field: str) -> bool:
    model = _model_in(Scenario.model_fields[section].annotation)
    return model is not None and "tuple" in str(model.model_fields[field].annotation)


def _known_fields(path: Sequence[int | str]) -> str:
    """Which fields there are where a path leads: a scenario's sections, a section's fields, a part's."""
    model: type[BaseModel] = Scenario
    for step in path:
        if isinstance(step, str) and step in model.model_fields:
            model = _model_in(model.model_fields[step].annotation) or model
        elif isinstance(step, str):
            break
    place = ".".join(str(step) for step in path)
    return f"{place or 'a scenario'} has {', '.join(model.model_fields)}"


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The model inside ``tuple[Model, ...] | None`` and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)
