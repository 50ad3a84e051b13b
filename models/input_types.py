"""What the fields of a scenario can hold: names to choose from, and numbers within bounds."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

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
RunnerPlan = Literal["free", "pro", "team", "enterprise_cloud"]
WhenFull = Literal["refuse", "add_builds", "rent_the_rest"]

WORKLOAD_CLASSES: tuple[str, ...] = get_args(WorkloadClass)
TERMS: tuple[str, ...] = get_args(Term)

# Nothing that a person types is near this; beyond it sums would leave the range of numbers.
MOST = 1e12

Amount = Annotated[float, Field(ge=0, le=MOST, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, le=MOST, allow_inf_nan=False)]
# Minutes and jobs of CI a month, GPUs of a machine, speeds: their products must stay within the range too.
Count = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
GpuCount = Annotated[float, Field(ge=0.001, le=10_000, allow_inf_nan=False)]
Speed = Annotated[float, Field(ge=1e-6, le=1e6, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0.001, le=MOST, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
# Used cards have sold above their first price before.
ValueFraction = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
Rate = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Drift = Annotated[float, Field(ge=-0.9, le=1, allow_inf_nan=False)]
WeekHours = Annotated[float, Field(ge=0, le=WEEK_HOURS, allow_inf_nan=False)]


def _as_a_number(value: object) -> object:
    """A choice among numbers comes as text from a link."""
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else value


Volts = Annotated[Literal[115, 230], BeforeValidator(_as_a_number)]


class Frozen(BaseModel):
    """Never changes, and refuses fields that it does not know."""

    # Schemas are built on first use: importing the model should cost little more than importing pandas.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
