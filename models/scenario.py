"""What the reader says: the work, the build, the electricity, the renting, the money.

A scenario is frozen and travels unchanged through JSON, TOML, a link and ``--set``. ``None`` stands for the
dated figure from ``data/``; ``comparison.scenario`` shows which figure that was.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from typing import Self, get_args
from urllib.parse import parse_qsl, urlencode

import tomli_w
from pydantic import BaseModel, Field, ValidationError, model_validator

from .input_types import TERMS, WORKLOAD_CLASSES, Access, Frozen, OwnTerm, Term, WorkloadClass
from .inputs import CiMinutes, Money, OwnOffer, Rental, Workload
from .inputs_owning import Electricity, Part, Workstation
from .usage import WEEK_HOURS

__all__ = [
    "TERMS",
    "WORKLOAD_CLASSES",
    "Access",
    "CiMinutes",
    "Electricity",
    "Money",
    "OwnOffer",
    "OwnTerm",
    "Part",
    "Rental",
    "Scenario",
    "Term",
    "Workload",
    "WorkloadClass",
    "Workstation",
    "explain",
]


class Scenario(Frozen):
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
        off = self.workstation.off_hours_per_week
        if total + off > WEEK_HOURS * (1 + 1e-12):
            raise ValueError(
                f"workstation.off_hours_per_week ({off:g}) and the {total:g} hours in which the machine is "
                f"on make {total + off:g} hours, but a week has {WEEK_HOURS:g}"
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
