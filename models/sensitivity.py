"""What the saving hangs on: how far each input swings it, and two inputs at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from .contour import zero_lines
from .figures import Figure, Figures
from .numeric_inputs import (
    CARD_LOSS,
    INPUTS,
    NEW_TO_USED,
    NUMERIC_NAMES,
    OTHER_LOSS,
    PARTS_PRICE,
    PRICE_FACTOR,
    NumericInput,
    searched_range,
)
from .scenario import Scenario
from .trials import Trials, with_input

TORNADO_COLUMNS = ("input", "low", "high", "saving_usd_at_low", "saving_usd_at_high")
# A bar that is shorter than this moves nothing.
SAME_USD = 1e-7

Range = tuple[float, float]
RangeRule = Callable[[float, Scenario, Figures], Range]


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
        each input that moves the saving goes over the range of its figure: electricity from the
        cheapest to the dearest state (or country of the continent), watts and losses of value from low to
        high; where there is no such range, half or a fifth more and less.

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
    steps : values on each axis, at least 2.
    ranges : lowest and highest value by input; by default the range in which ``flip_points`` looks for flips.

    Returns
    -------
    Columns ``first``, ``second`` (the inputs' values) and ``saving_usd``, one row a point of the grid, in
    rising order; NaN where one side has no bill, or the week has no room for both values. ``ValueError``
    names an input that is not there.
    """
    if steps < 2:
        raise ValueError(f"steps: a map needs at least 2 values on each axis, not {steps}")
    if first == second:
        raise ValueError(f"second: {second!r} is the first input already, name another one")
    trials = Trials(scenario, offers, figures)
    given = ranges or {}
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
    for name, (low, high) in ranges.items():
        if not low <= high:
            raise ValueError(f"ranges: {name} goes from {low:g} to {high:g}, but low must be at most high")
        for value in (low, high):
            with_input(scenario, offers, name, value, figures)


def _default_ranges(trials: Trials) -> dict[str, Range]:
    """Each input that has a value now, over its plausible range with today's value in it."""
    ranges = {}
    for field in INPUTS:
        value = trials.value_of(field.name)
        if value is None or field.name not in _PLAUSIBLE:
            continue
        low, high = _PLAUSIBLE[field.name](value, trials.scenario, trials.figures)
        least, most = searched_range(field, trials.scenario, trials.figures)
        ends = max(min(low, value), least), min(max(high, value), most)
        ranges[field.name] = (float(round(ends[0])), float(round(ends[1]))) if field.whole else ends
    return ranges


def _around(share: float) -> RangeRule:
    return lambda value, scenario, figures: (value * (1.0 - share), value * (1.0 + share))


def _within(low: float, high: float) -> RangeRule:
    return lambda value, scenario, figures: (low, high)


def _months_around(months: float) -> RangeRule:
    return lambda value, scenario, figures: (max(value - months, 1.0), value + months)


def _assumed(name: str) -> RangeRule:
    return lambda value, scenario, figures: _scaled(figures.assumptions[name], value)


def _range_of(name: str) -> RangeRule:
    return lambda value, scenario, figures: (figures.assumptions[name].low, figures.assumptions[name].high)


def _watts(state: str) -> RangeRule:
    return lambda value, scenario, figures: _scaled(figures.workstation_power[state], value)


def _scaled(figure: Figure, value: float) -> Range:
    """A figure's own range; for another value than the figure's, a range as wide in proportion."""
    if value == figure.value or not figure.value:
        return figure.low, figure.high
    return value * figure.low / figure.value, value * figure.high / figure.value


def _failures(value: float, scenario: Scenario, figures: Figures) -> Range:
    card, others = (
        figures.assumptions[name]
        for name in ("gpu_yearly_failure_fraction", "other_parts_yearly_failure_fraction")
    )
    return card.low, others.high


def _tariffs(value: float, scenario: Scenario, figures: Figures) -> Range:
    """The cheapest and the dearest state of the country, else country of the continent."""
    here = figures.tariff(scenario.electricity.country)
    whole, _, _ = here.country.partition("-")
    states = [tariff for place, tariff in figures.tariffs.items() if place.partition("-")[0] == whole]
    continent = [
        tariff
        for place, tariff in figures.tariffs.items()
        if tariff.continent == here.continent and "-" not in place
    ]
    prices = [tariff.usd_per_kwh for tariff in (states if len(states) > 1 else continent)]
    return min(prices), max(prices)


_PLAUSIBLE: dict[str, RangeRule] = {
    "workload.busy_hours_per_week": _around(0.5),
    "workload.attended_idle_hours_per_week": _around(0.5),
    "workload.sessions_per_week": _around(0.5),
    "workload.parallel_efficiency": _within(0.7, 1.0),
    "workload.storage_gb": _around(0.5),
    "workload.download_gb_per_month": _around(0.5),
    "workload.upload_gb_per_month": _around(0.5),
    "workload.ci_minutes_per_month.linux": _around(0.5),
    "workload.ci_minutes_per_month.windows": _around(0.5),
    PARTS_PRICE: _around(0.2),
    CARD_LOSS: _assumed("gpu_yearly_loss_fraction"),
    OTHER_LOSS: _assumed("other_parts_yearly_loss_fraction"),
    NEW_TO_USED: _assumed("new_to_used_fraction"),
    "workstation.load_w": _watts("load"),
    "workstation.idle_w": _watts("idle"),
    "workstation.asleep_w": _watts("asleep"),
    "workstation.off_w": _watts("off"),
    "workstation.left_on_hours_per_week": _around(0.5),
    "workstation.sale_fee_fraction": _assumed("sale_fee_fraction"),
    "workstation.sale_delay_months": _within(0.0, 3.0),
    "workstation.yearly_failure_fraction": _failures,
    "workstation.insurance_usd_per_year": _around(0.5),
    "workstation.upkeep_usd_per_month": _around(0.5),
    "workstation.building_hours": _around(0.5),
    "workstation.upkeep_hours_per_month": _around(0.5),
    "workstation.lease_usd_per_month": _around(0.2),
    "electricity.usd_per_kwh": _tariffs,
    "electricity.household_kwh_per_month": _around(0.5),
    "electricity.yearly_price_drift_fraction": _within(-0.02, 0.06),
    "electricity.solar_fraction": _around(0.5),
    "electricity.cooling_cop": _assumed("cooling_cop"),
    "electricity.cooling_share_of_year_fraction": _around(0.5),
    "electricity.heating_share_of_year_fraction": _around(0.5),
    PRICE_FACTOR: _around(0.2),
    "rental.start_up_hours": _assumed("start_up_hours"),
    "rental.data_loading_hours": _around(0.5),
    "rental.checkpoint_interval_hours": _assumed("checkpoint_interval_hours"),
    "rental.restart_hours": _assumed("restart_hours"),
    "rental.yearly_price_drift_fraction": _within(-0.2, 0.05),
    "rental.object_storage_gb": _around(0.5),
    "rental.snapshot_gb": _around(0.5),
    "rental.set_up_hours": _around(0.5),
    "rental.upkeep_hours_per_month": _around(0.5),
    "money.horizon_months": _months_around(12.0),
    "money.yearly_discount_fraction": _range_of("yearly_discount_fraction"),
    "money.value_per_hour_usd": _around(0.5),
    "money.loan_yearly_rate_fraction": _around(0.5),
    "money.marginal_tax_rate_fraction": _around(0.2),
}
