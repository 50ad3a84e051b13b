"""What nobody knows in advance: how far each input may lie off, which move together, and draws of them.

A range is where an input lies in nine cases of ten: below its low end in 5 %, above its high end in 5 %.
The ranges are those of data/assumptions.csv, laid around what the scenario says.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .case import Case
from .checks import FloatArray, ends
from .draws import even_draws
from .figures import Figure
from .resolve import known

Shape = Literal["amount", "growth", "loss"]
Range = tuple[float, float]

HOURS = "workload.busy_hours_per_week"
GROWTH = "yearly_usage_growth_fraction"
END = "yearly_end_fraction"
RENT_DRIFT = "rental.yearly_price_drift_fraction"
LOSS = "workstation.parts.gpu_yearly_loss_fraction"
ELECTRICITY = "electricity.usd_per_kwh"
FAILURES = "failures_per_year"

# What varies evenly on a logarithmic scale: the amount itself, 1 + a growth, or 1 - a loss.
SHAPES: dict[str, Shape] = {
    HOURS: "amount",
    GROWTH: "growth",
    END: "loss",
    RENT_DRIFT: "growth",
    LOSS: "loss",
    ELECTRICITY: "amount",
    FAILURES: "amount",
}
NAMES = tuple(SHAPES)
# Assumptions. Where cloud prices fall fast, used cards do too; work that grows is given up later (the draw
# behind the end is high where the end is late); dear electricity makes dear rentals.
_END_CASE, _FAILURE_CASE = "end", "failure"
CORRELATIONS = {
    (RENT_DRIFT, LOSS): -0.5,
    (GROWTH, _END_CASE): 0.3,
    (RENT_DRIFT, ELECTRICITY): 0.2,
}
_COLUMNS = (*NAMES, _END_CASE, _FAILURE_CASE)

# Rows of data/assumptions.csv; that of failures is made of two.
ASSUMED = {
    HOURS: "busy_hours_factor",
    GROWTH: "yearly_usage_factor",
    END: END,
    RENT_DRIFT: "yearly_rental_price_factor",
    LOSS: "gpu_yearly_loss_fraction",
    ELECTRICITY: "electricity_price_factor",
}
_AT_95 = NormalDist().inv_cdf(0.95)
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Spread:
    """A range and its shape; the value is fixed where both ends are the same."""

    low: float
    high: float
    shape: Shape

    def at(self, normal: FloatArray) -> FloatArray:
        """Values where a standard normal variable has the given ones."""
        if self.low == self.high:
            return np.full(np.shape(normal), self.low)
        low, high = (self._log(end) for end in (self.low, self.high))
        logs = (low + high) / 2 + (high - low) / 2 / _AT_95 * normal
        if self.shape == "amount":
            return np.exp(logs)
        return np.expm1(logs) if self.shape == "growth" else -np.expm1(logs)

    def _log(self, value: float) -> float:
        if self.shape == "amount":
            return math.log(value)
        return math.log1p(value if self.shape == "growth" else -value)


@dataclass(frozen=True, slots=True)
class Draws:
    """One number a draw, shape (draws,).

    ``last_month`` is the one in which the work ends, ``failures`` how often a part fails until then.
    """

    busy_hours_per_week: FloatArray
    yearly_usage_growth_fraction: FloatArray
    last_month: FloatArray
    yearly_rent_drift_fraction: FloatArray
    gpu_yearly_loss_fraction: FloatArray
    usd_per_kwh: FloatArray
    failures_per_year: FloatArray
    failures: FloatArray

    def part(self, cut: slice | NDArray[np.intp]) -> Draws:
        """Some of the draws."""
        return Draws(*(getattr(self, name)[cut] for name in self.__slots__))


def spreads(case: Case, ranges: Mapping[str, Range] | None = None) -> dict[str, Spread]:
    """Ranges around what the scenario says, replaced where the reader has others.

    ``ValueError`` names an input that is not known, and a range that makes no sense.
    """
    scenario, assumed = case.scenario, case.figures.assumptions
    stated = {
        HOURS: scenario.workload.busy_hours_per_week,
        GROWTH: 0.0,
        END: assumed[ASSUMED[END]].value,
        RENT_DRIFT: scenario.rental.yearly_price_drift_fraction,
        LOSS: central_loss_fraction(case),
        ELECTRICITY: known(scenario.electricity.usd_per_kwh),
    }
    central = {name: range_around(assumed[ASSUMED[name]], stated[name], SHAPES[name]) for name in stated}
    central[FAILURES] = _failures_range(case)
    for name in ranges or {}:
        if name not in central:
            raise ValueError(f"ranges knows {', '.join(NAMES)}, not {name!r}")
    return {name: _spread(name, *ends(name, (central | dict(ranges or {}))[name])) for name in NAMES}


def range_around(figure: Figure, value: float, shape: Shape) -> Range:
    """A figure's range laid around a value: as wide on the scale on which the shape is even.

    The figure of an amount is one of its kind, or a factor around 1; that of a growth is a year's factor.
    """
    if shape == "growth":
        low, high = ((1.0 + value) * end / figure.value - 1.0 for end in (figure.low, figure.high))
        # 1.05 less 1 is 0.05, and not 0.05000000000000004.
        return round(low, 12), round(high, 12)
    if value == figure.value or (shape == "amount" and not figure.value):
        return figure.low, figure.high
    if shape == "amount":
        return value * figure.low / figure.value, value * figure.high / figure.value
    kept = (1.0 - value) / (1.0 - figure.value)
    return 1.0 - kept * (1.0 - figure.low), 1.0 - kept * (1.0 - figure.high)


def drawn(of: Mapping[str, Spread], draws: int, seed: int, months: int, months_without_repairs: int) -> Draws:
    """Draws of all inputs that cover their chances evenly, the same ones for the same seed.

    Parameters
    ----------
    of : ranges by name, as `spreads` gives them.
    draws : how many.
    seed : whole number from 0; another one gives other draws.
    months : the horizon, at which every project ends.
    months_without_repairs : months from the first on in which failures cost nothing.
    """
    chances = dict(zip(_COLUMNS, correlated(draws, seed), strict=True))
    values = {name: of[name].at(chances[name]) for name in NAMES}
    last = _last_month(_chance(chances[_END_CASE]), np.clip(values[END], 0.0, 1.0 - _TINY), months)
    expected = values[FAILURES] / 12.0 * np.maximum(last - months_without_repairs, 0)
    return Draws(
        values[HOURS],
        values[GROWTH],
        last,
        values[RENT_DRIFT],
        values[LOSS],
        values[ELECTRICITY],
        values[FAILURES],
        poisson(_chance(chances[_FAILURE_CASE]), expected),
    )


def correlated(draws: int, seed: int) -> FloatArray:
    """Standard normal variables that move together as ``CORRELATIONS`` says, shape (inputs, draws).

    A Gaussian copula: R. Nelsen, An Introduction to Copulas (2006).
    """
    from scipy.special import ndtri

    together = np.eye(len(_COLUMNS))
    for (one, other), correlation in CORRELATIONS.items():
        i, j = _COLUMNS.index(one), _COLUMNS.index(other)
        together[i, j] = together[j, i] = correlation
    normal = ndtri(even_draws(draws, len(_COLUMNS), seed)).T
    return np.asarray(np.linalg.cholesky(together) @ normal)


def poisson(chance: FloatArray, expected: FloatArray) -> FloatArray:
    """How many events there are in the case at a share of all cases, when so many are expected."""
    from scipy.stats import poisson as distribution

    # At a share of 0 SciPy counts -1.
    return np.asarray(np.maximum(distribution.ppf(chance, expected), 0.0))


def central_loss_fraction(case: Case) -> float:
    """What the build's card loses in a year as the scenario says."""
    cards = [part.yearly_loss_fraction for part in case.owned.parts if part.is_card]
    assumed = case.figures.assumptions[ASSUMED[LOSS]].value
    return min(cards[0] if cards else assumed, 1.0 - _TINY)


def failures_of_parts(case: Case) -> FloatArray:
    """Failures a year of each part: the scenario's, or the assumed ones where it counts none.

    The assumption speaks of the card and of all the other parts together.
    """
    own = np.array([part.yearly_failure_fraction for part in case.owned.parts])
    if own.any():
        return own
    card = np.array([part.is_card for part in case.owned.parts])
    assumed, cards = case.figures.assumptions, max(int(card.sum()), 1)
    others = max(len(card) - int(card.sum()), 1)
    return np.where(
        card,
        assumed["gpu_yearly_failure_fraction"].value / cards,
        assumed["other_parts_yearly_failure_fraction"].value / others,
    )


def _failures_range(case: Case) -> Range:
    """Range of failures a year of the whole build: as wide as that of the assumptions."""
    assumed = case.figures.assumptions
    pair = assumed["gpu_yearly_failure_fraction"], assumed["other_parts_yearly_failure_fraction"]
    value, low, high = (sum(getattr(one, end) for one in pair) for end in ("value", "low", "high"))
    failures = float(failures_of_parts(case).sum())
    return failures * low / value, failures * high / value


def _spread(name: str, low: float, high: float) -> Spread:
    shape = SHAPES[name]
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise ValueError(f"ranges of {name} must be a low and a high number, not {low:g} to {high:g}")
    least, allowed = {
        # Both ends may be 0: then it is 0 in every draw.
        "amount": (0.0 if low == high else _TINY, "above 0, or both at 0"),
        "growth": (-1.0 + _TINY, "above -1"),
        "loss": (0.0 if name == END else -1.0, f"from {0 if name == END else -1} to below 1"),
    }[shape]
    if low < least or (shape == "loss" and high >= 1.0):
        raise ValueError(f"ranges of {name} must lie {allowed}, not {low:g} to {high:g}")
    return Spread(low, high, shape)


def _chance(normal: FloatArray) -> FloatArray:
    """Share of cases below the values of a standard normal variable."""
    from scipy.special import ndtr

    return np.asarray(ndtr(normal))


def _last_month(chance: FloatArray, yearly_end_fraction: FloatArray, months: int) -> FloatArray:
    """Month in which the work ends, at the same chance every month."""
    with np.errstate(divide="ignore"):
        after = 12.0 * np.log1p(-chance) / np.log1p(-yearly_end_fraction)
    return np.clip(np.ceil(after), 1, months)
