"""At which value of each input the answer flips, everything else fixed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from .figures import Figures
from .numeric_inputs import INPUTS, NumericInput, searched_range
from .scenario import Scenario
from .trials import Trials

SCANNED_CELLS = 16
# Of a difference that is this small nobody can say which side it favors.
SAME_USD = 1e-7
_SECANTS = 10
# Share of the searched range to which a jump of the saving is found.
_RESOLUTION = 1e-10

Costs = Callable[[float], tuple[float, float]]


class FlipPoint(NamedTuple):
    """A flip of one input beside its value today; NaN and ``none`` where there is none in its range."""

    input: str
    value: float
    flips_at: float
    direction: str
    unit: str


class Flip(NamedTuple):
    """A value from which on (``above``) or up to which (``below``) building is no dearer."""

    at: float
    direction: str


def flip_points(scenario: Scenario, offers: pd.DataFrame, figures: Figures | None = None) -> pd.DataFrame:
    """The values at which building and the compared rental cost the same, input by input.

    The saving is the present value of the rental that ``rental.against`` names less the build's. With
    ``cheapest`` it is the cheapest considered one of each trial, so that dearer hours of one provider send
    the reader to the next, not to the build.

    Parameters
    ----------
    scenario, offers, figures : as for ``compare``.

    Returns
    -------
    One row a flip, columns ``input`` (its field), ``value`` (today's), ``flips_at``, ``direction`` and
    ``unit``. Building wins ``above`` or ``below`` that value. An input without a flip in its plausible range
    has one row with NaN and ``none``; one that does not move the saving has no row, and without a bill on
    both sides there are none at all.

    The saving at ``flips_at`` is 0 to the cent. Where it jumps (a pack, a billed second, a whole month), it
    is the first value at which building is no dearer, as for the break-even hours. Flips inside one
    sixteenth of the range can be taken for one.
    """
    return flips_table(flip for flips in flips_by_input(scenario, offers, figures) for flip in flips)


def flips_table(flips: Iterable[FlipPoint]) -> pd.DataFrame:
    """One row a flip, as ``flip_points`` gives them."""
    return pd.DataFrame(flips, columns=list(FlipPoint._fields)).astype(
        {"input": "str", "value": float, "flips_at": float, "direction": "str", "unit": "str"}
    )


def flips_by_input(
    scenario: Scenario, offers: pd.DataFrame, figures: Figures | None = None
) -> Iterator[list[FlipPoint]]:
    """The rows of ``flip_points``, one input after the other; none for one that does not move the saving."""
    trials = Trials(scenario, offers, figures)
    for field in INPUTS:
        value = trials.value_of(field.name)
        if value is not None:
            flips = _flips_of(trials, field, value)
            yield [FlipPoint(field.name, value, flip.at, flip.direction, field.unit) for flip in flips]


def _flips_of(trials: Trials, field: NumericInput, value: float) -> list[Flip]:
    low, high = searched_range(field, trials.scenario, trials.figures)

    @cache
    def costs(at: float) -> tuple[float, float]:
        return trials.costs_usd({field.name: at})

    today, *others = (_saving(costs, at) for at in (value, low, high))
    if all(abs(other - today) < SAME_USD for other in others) or np.isnan([today, *others]).all():
        return []
    found = _whole_flips(costs, low, high) if field.whole else _flips_between(costs, low, value, high)
    return found or [Flip(np.nan, "none")]


def _flips_between(costs: Costs, low: float, value: float, high: float) -> list[Flip]:
    low, high = _billed_range(costs, low, value, high)
    if np.isnan(low):
        return []
    linear = _linear_flips(costs, low, high)
    if linear is not None:
        return linear
    points = sorted({*np.linspace(low, high, SCANNED_CELLS + 1).tolist(), min(max(value, low), high)})
    points = _with_hidden_peaks(costs, points)
    flips = []
    for left, right in pairwise(points):
        before, after = _saving(costs, left), _saving(costs, right)
        if (before >= 0) != (after >= 0):
            flips.append(_flip_in(costs, left, right, (high - low) * _RESOLUTION))
    return flips


def _saving(costs: Costs, at: float) -> float:
    rented_usd, owned_usd = costs(at)
    saving_usd = rented_usd - owned_usd
    return 0.0 if abs(saving_usd) < SAME_USD else saving_usd


def _billed_range(costs: Costs, low: float, value: float, high: float) -> tuple[float, float]:
    """The part of the range around today's value in which both sides have a bill."""
    if np.isnan(_saving(costs, value)):
        inside = [at for at in np.linspace(low, high, SCANNED_CELLS + 1) if not np.isnan(_saving(costs, at))]
        if not inside:
            return np.nan, np.nan
        value = float(inside[0])
    ends = []
    for end in (low, high):
        known, unknown = value, end
        if not np.isnan(_saving(costs, end)):
            known = end
        while np.isnan(_saving(costs, unknown)) and abs(unknown - known) > (high - low) * 1e-6:
            middle = (known + unknown) / 2.0
            if np.isnan(_saving(costs, middle)):
                unknown = middle
            else:
                known = middle
        ends.append(known)
    return ends[0], ends[1]


def _linear_flips(costs: Costs, low: float, high: float) -> list[Flip] | None:
    """The flip of a straight line, solved; ``None`` where the saving is no straight line."""
    at_low, at_high = _saving(costs, low), _saving(costs, high)
    scale = max(abs(cost) for at in (low, high) for cost in costs(at))
    # Uneven places: a line that bends on both sides of the middle would pass a test at the middle alone.
    for share in (0.37, 0.71):
        on_line = at_low + share * (at_high - at_low)
        if abs(_saving(costs, low + share * (high - low)) - on_line) > SAME_USD + 1e-11 * scale:
            return None
    if (at_low >= 0) == (at_high >= 0):
        return []
    at = low + (high - low) * at_low / (at_low - at_high)
    if abs(_saving(costs, at)) > 10 * SAME_USD + 1e-11 * scale:
        return None
    return [Flip(at, "above" if at_high > at_low else "below")]


def _with_hidden_peaks(costs: Costs, points: list[float]) -> list[float]:
    """The same points and those between which the saving might cross 0 and come back.

    Where the lines through the neighbors on both sides meet beyond 0, the saving is looked at there too.
    """
    saving = [_saving(costs, at) for at in points]
    more = []
    for i in range(1, len(points) - 2):
        (x0, x1, x2, x3), (y0, y1, y2, y3) = points[i - 1 : i + 3], saving[i - 1 : i + 3]
        rising, falling = (y1 - y0) / (x1 - x0), (y3 - y2) / (x3 - x2)
        if (y1 >= 0) != (y2 >= 0) or rising == falling:
            continue
        at = (y2 - y1 + rising * x1 - falling * x2) / (rising - falling)
        if x1 < at < x2 and ((y1 + rising * (at - x1)) >= 0) != (y1 >= 0):
            more.append(at)
    return sorted({*points, *more})


def _flip_in(costs: Costs, left: float, right: float, resolution: float) -> Flip:
    """The one flip between two points on different sides of 0."""
    wins_above = _saving(costs, right) >= 0
    low, high = left, right
    y_low, y_high = _saving(costs, low), _saving(costs, high)
    for _ in range(_SECANTS):
        at = high - y_high * (high - low) / (y_high - y_low)
        if not low < at < high:
            at = (low + high) / 2.0
        y = _saving(costs, at)
        if y == 0:
            return Flip(at, "above" if wins_above else "below")
        # The side that stays loses weight, or the other would creep (the Illinois rule).
        if (y >= 0) == wins_above:
            high, y_high, y_low = at, y, y_low / 2.0
        else:
            low, y_low, y_high = at, y, y_high / 2.0
    if wins_above:
        return Flip(_end_of_loss(costs, left, right, resolution), "above")

    def mirrored(at: float) -> tuple[float, float]:
        return costs(left + right - at)

    return Flip(left + right - _end_of_loss(mirrored, left, right, resolution), "below")


def _end_of_loss(costs: Costs, low: float, high: float, resolution: float) -> float:
    """Least value from which building is no dearer up to ``high``; building is dearer at ``low``.

    Each side's cost is monotonic, so between two points each stays between its values there: where the lesser
    rent is no less than the greater cost of the build, the cell holds no loss, steps inside it included.
    """
    cells = [(low, high)]
    while cells:
        left, right = cells.pop()
        (rent_left, build_left), (rent_right, build_right) = costs(left), costs(right)
        if min(rent_left, rent_right) >= max(build_left, build_right):
            continue
        if right - left <= resolution:
            if rent_left < build_left:
                return right
            continue
        middle = (left + right) / 2.0
        cells += [(left, middle), (middle, right)]
    return low


def _whole_flips(costs: Costs, low: float, high: float) -> list[Flip]:
    """Flips of an input that comes in whole numbers: the first or last at which building is no dearer."""
    numbers = [float(number) for number in range(round(low), round(high) + 1)]
    flips = []
    for left, right in pairwise(numbers):
        before, after = _saving(costs, left), _saving(costs, right)
        if np.isfinite([before, after]).all() and (before >= 0) != (after >= 0):
            flips.append(Flip(right, "above") if after >= 0 else Flip(left, "below"))
    return flips
