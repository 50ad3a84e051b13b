"""What the saving hangs on: how far each input swings it, and two inputs at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from .case import case_of
from .checks import ends, whole
from .contour import zero_lines
from .figures import Figures
from .numeric_inputs import INPUTS, NUMERIC_NAMES, NumericInput, searched_range
from .plausible_ranges import PLAUSIBLE
from .scenario import Scenario
from .trials import Trials, with_input
from .uncertain_inputs import Range

TORNADO_COLUMNS = ("input", "low", "high", "saving_usd_at_low", "saving_usd_at_high")
# A bar that is shorter than this moves nothing.
SAME_USD = 1e-7


def tornado(
    scenario: Scenario,
    offers: pd.DataFrame,
    ranges: Mapping[str, Range] | None = None,
    figures: Figures | None = None,
) -> pd.DataFrame:
    """How far each input alone swings what building saves, over its own plausible range.

    Parameters
    ----------
    scenario, offers, figures : as for ``compare``.
    ranges : lowest and highest value by input, ``section.field``, in place of all default ranges; any
        field that holds a number may be among them, requirements such as ``workload.vram_gb`` too. By default
        each input of ``flip_points`` that has a value and moves the saving goes over the range of its figure:
        electricity from the cheapest to the dearest state (or country of the continent), value-added tax from
        0 to the country's, watts and losses of value from low to high, busy hours and the drift of rental
        prices as in ``simulate``; where there is no such range, amounts go half and prices a fifth more and
        less, months a year.

    Returns
    -------
    One row an input, largest swing first: ``input``, ``low``, ``high`` and the saving against the compared
    rental at both [USD], as in ``flip_points``. NaN where one side has no bill there; of the default ranges
    those without a saving at either end have no row, so that work which does not fit the build has none at
    all. ``ValueError`` names an input that is not there, and a value that is not allowed.
    """
    trials = Trials(scenario, offers, figures)
    wanted = _default_ranges(trials) if ranges is None else ranges
    if ranges is not None:
        _refuse_wrong_ranges(scenario, offers, ranges, trials.figures)

    def saving_usd(name: str, value: float) -> float:
        if name in NUMERIC_NAMES:
            return trials.saving_usd({name: value})
        # A requirement decides what is considered: everything is worked out anew.
        return Trials(*with_input(scenario, offers, name, value, figures), figures).saving_usd({})

    bars = [
        (name, float(low), float(high), saving_usd(name, low), saving_usd(name, high))
        for name, (low, high) in wanted.items()
    ]
    if ranges is None:
        bars = [bar for bar in bars if not np.isnan(bar[3:]).all() and not abs(bar[4] - bar[3]) < SAME_USD]
    # Unknown swings come last; names decide between equal ones.
    bars.sort(key=lambda bar: (np.nan_to_num(-abs(bar[4] - bar[3]), nan=np.inf), bar[0]))
    frame = pd.DataFrame(bars, columns=list(TORNADO_COLUMNS))
    return frame.astype({name: "str" if name == "input" else "float64" for name in TORNADO_COLUMNS})


def two_way(
    scenario: Scenario,
    offers: pd.DataFrame,
    first: str = "workload.busy_hours_per_week",
    second: str = "electricity.usd_per_kwh",
    steps: int = 21,
    ranges: Mapping[str, Range] | None = None,
    figures: Figures | None = None,
) -> pd.DataFrame:
    """What building saves over a map of two inputs.

    Parameters
    ----------
    scenario, offers, figures : as for ``compare``.
    first, second : two different inputs, as in ``flip_points``.
    steps : values on each axis, a whole number from 2.
    ranges : lowest and highest value of these inputs; by default where ``flip_points`` looks for flips.

    Returns
    -------
    Columns ``first``, ``second`` (the inputs' values) and ``saving_usd``, one row a point of the grid, in
    rising order; NaN where one side has no bill, or the week has no room for both values. ``ValueError``
    names an input that is not there, or that has a range but no axis.
    """
    steps = whole("steps", steps, least=2)
    if first == second:
        raise ValueError(f"second: {second!r} is the first input already, name another one")
    trials = Trials(scenario, offers, figures)
    given = ranges or {}
    if others := sorted(given.keys() - {first, second}):
        raise ValueError(f"ranges: {others[0]!r} is no axis of this map; its axes are {first} and {second}")
    _refuse_wrong_ranges(scenario, offers, given, trials.figures)
    axes = [_axis(trials, name, given.get(name), steps) for name in (first, second)]
    # What changes the rental is the outer loop: its bill is then worked out once for all of the inner one.
    turned = _moves_the_rental(second) and not _moves_the_rental(first)
    names = (second, first) if turned else (first, second)
    outer, inner = axes[::-1] if turned else axes
    saving_usd = np.array([[trials.saving_usd({names[0]: x, names[1]: y}) for y in inner] for x in outer])
    if turned:
        saving_usd = saving_usd.T
    return pd.DataFrame(
        {
            "first": np.repeat(axes[0], len(axes[1])),
            "second": np.tile(axes[1], len(axes[0])),
            "saving_usd": saving_usd.ravel(),
        }
    )


def break_even_line(saving: pd.DataFrame) -> pd.DataFrame:
    """Where a map of ``two_way`` crosses 0, linear between its points.

    Columns ``line`` (0, 1, ...), ``first`` and ``second``, in the order in which to draw them; no rows where
    one side wins everywhere.
    """
    table = saving.pivot(index="first", columns="second", values="saving_usd")
    lines = zero_lines(
        table.index.to_numpy(dtype=float), table.columns.to_numpy(dtype=float), table.to_numpy(dtype=float)
    )
    points = [(number, *point) for number, line in enumerate(lines) for point in line]
    return pd.DataFrame(points, columns=["line", "first", "second"]).astype(
        {"line": "int64", "first": "float64", "second": "float64"}
    )


def _axis(trials: Trials, name: str, given: Range | None, steps: int) -> list[float]:
    field = _field(name)
    low, high = searched_range(field, trials.scenario, trials.figures) if given is None else given
    values = np.linspace(low, high, steps)
    return sorted({*(np.round(values) if field.whole else values).tolist()})


def _moves_the_rental(name: str) -> bool:
    return name.startswith(("workload.", "rental.", "money."))


def _field(name: str) -> NumericInput:
    for field in INPUTS:
        if field.name == name:
            return field
    names = ", ".join(field.name for field in INPUTS)
    raise ValueError(f"there is no numeric input {name!r}; known are {names}")


def _refuse_wrong_ranges(
    scenario: Scenario, offers: pd.DataFrame, ranges: Mapping[str, Range], figures: Figures
) -> None:
    for name, given in ranges.items():
        low, high = ends(name, given)
        if not low <= high:
            raise ValueError(f"ranges: {name} goes from {low:g} to {high:g}, but low must be at most high")
        for value in (low, high):
            # Some values are refused only beside the others, such as more watts than the supply gives.
            case_of(*with_input(scenario, offers, name, value, figures), figures)


def _default_ranges(trials: Trials) -> dict[str, Range]:
    """Each input that has a value now, over its plausible range with today's value in it."""
    ranges = {}
    for field in INPUTS:
        value = trials.value_of(field.name)
        if value is None:
            continue
        low, high = PLAUSIBLE[field.name](value, trials.scenario, trials.figures)
        least, most = searched_range(field, trials.scenario, trials.figures)
        ends = max(min(low, value), least), min(max(high, value), most)
        ranges[field.name] = (float(round(ends[0])), float(round(ends[1]))) if field.whole else ends
    return ranges
