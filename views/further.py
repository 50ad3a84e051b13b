"""What `compare` says beyond the answer: where it flips, what it hangs on, and how likely one regrets it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import pandas as pd
import typer

from models import Comparison, Scenario, Simulation, flip_points, tornado
from models.export import json_text, plain, records
from models.uncertainty import BAD_CASE, GOOD_CASE, simulate_case

from . import terminal

MOST_DRAWS = 1_000_000

Flips = Annotated[
    bool,
    typer.Option("--flip-points", help="Say at which value of each input the answer flips, by itself."),
]
Swings = Annotated[
    bool,
    typer.Option("--tornado", help="Say how far each input swings what building saves, largest first."),
]
Draws = Annotated[
    int | None,
    typer.Option(
        "--simulate",
        metavar="N",
        help=f"Say in how many of N possible futures building is cheaper; N is 1 to {MOST_DRAWS:,}.",
    ),
]
Seed = Annotated[
    int | None,
    typer.Option("--seed", metavar="S", help="Of --simulate: the same S, 0 by default, draws the same."),
]


class Further(NamedTuple):
    """The answers to the further questions; ``None`` where one was not asked."""

    flips: pd.DataFrame | None
    swings: pd.DataFrame | None
    futures: Simulation | None
    seed: int


def refuse_wrong_draws(draws: int | None, seed: int | None) -> None:
    if draws is not None and not 1 <= draws <= MOST_DRAWS:
        raise ValueError(f"--simulate: the number of draws must be from 1 to {MOST_DRAWS:,}, not {draws}")
    if seed is not None and draws is None:
        raise ValueError(f"--seed {seed}: there is nothing to draw without --simulate N")
    if seed is not None and seed < 0:
        raise ValueError(f"--seed: must be a whole number from 0, not {seed}")


def work_out(
    question: Scenario,
    offers: pd.DataFrame,
    answer: Comparison,
    *,
    flips: bool,
    swings: bool,
    draws: int | None,
    seed: int | None,
) -> Further:
    """What was asked beyond the answer, about the same question, offers and figures."""
    figures = answer.case.figures
    return Further(
        flip_points(question, offers, figures) if flips else None,
        tornado(question, offers, figures=figures) if swings else None,
        None if draws is None else simulate_case(answer.case, draws=draws, seed=seed or 0),
        seed or 0,
    )


def show(further: Further, answer: Comparison) -> None:
    """Print it for people, beneath the answer."""
    if further.flips is not None:
        terminal.show_flip_points(further.flips, answer)
    if further.swings is not None:
        terminal.show_tornado(further.swings, answer)
    if further.futures is not None:
        terminal.show_simulation(further.futures, answer, further.seed)


def document(further: Further, answer: Comparison, rows: Sequence[int] | None) -> str:
    """The comparison as JSON, with a key for each further question that was asked."""
    more: dict[str, object] = {}
    if further.flips is not None:
        more["flip_points"] = records(further.flips)
    if further.swings is not None:
        more["tornado"] = records(further.swings)
    if further.futures is not None:
        futures, at = further.futures, (BAD_CASE, 0.5, GOOD_CASE)
        more["simulation"] = {
            "draws": len(futures.saving_usd),
            "seed": further.seed,
            "chance_build_wins": futures.chance_build_wins,
            "never_fraction": futures.never_fraction,
            "ranges": {name: [spread.low, spread.high] for name, spread in futures.ranges.items()},
            "saving_usd": {
                str(share): usd
                for share, usd in zip(at, futures.saving_quantiles_usd(at).tolist(), strict=True)
            },
            "break_even_months": {
                str(share): plain(months)
                for share, months in zip(at, futures.break_even_quantiles_months(at).tolist(), strict=True)
            },
        }
    return json_text(answer.document(rows) | more)
