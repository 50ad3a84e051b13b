"""What a simulation draws, in words: each input and the range in which nine cases of ten lie."""

from __future__ import annotations

from models import Simulation
from models.currency import Exchange
from models.uncertain_inputs import END, FAILURES, GROWTH

from .input_words import input_name, input_value

# What is no input of the question.
_DRAWN_ALONE = {
    GROWTH: "Growth of the busy hours",
    END: "Projects given up",
    FAILURES: "Failures of the build's parts",
}


def drawn_name(field: str) -> str:
    """What is drawn, as the page calls it."""
    return _DRAWN_ALONE.get(field) or input_name(field)


def drawn_ranges(futures: Simulation, rate: Exchange) -> list[tuple[str, str]]:
    """Every input and its range, amounts in the reader's currency; one value where it is the same in all."""
    return [
        (
            field,
            f"always {_value(field, spread.low, rate)}"
            if spread.low == spread.high
            else f"{_value(field, spread.low, rate)} and {_value(field, spread.high, rate)}",
        )
        for field, spread in futures.ranges.items()
    ]


def _value(field: str, value: float, rate: Exchange) -> str:
    if field == FAILURES:
        return f"{value:.3g} a year"
    if field in _DRAWN_ALONE:
        return f"{value:.1%} a year".replace("-", "−")
    return input_value(field, value, rate)
