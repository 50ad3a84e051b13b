"""What the command line prints for people; JSON and CSV are written elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Literal

import pandas as pd
from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bars
from rich.table import Table

from models import Comparison, Simulation
from models.currency import Exchange
from models.uncertainty import share_of_cases
from pricing import Progress, RefreshReport, price_ages, price_problems, price_status
from pricing.own_tables import column_meanings, dated_tables, load_runner_tables

from . import currency
from .drawn_inputs import drawn_ranges
from .input_words import side_of
from .words import measure, provider_name

OFFERS_SHOWN = 40


def show_comparison(answer: Comparison, rows: int) -> None:
    """The verdict, the table, the measures, the notes, and how old the prices are."""
    console, rate = _console(), currency.rate_of(answer)
    whole, cents = partial(currency.cell, rate=rate, decimals=0), partial(currency.cell, rate=rate)
    first, *others = answer.verdict
    console.print(first, style="bold", soft_wrap=True)
    for sentence in others:
        console.print(sentence, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("option", "GPU", "today", "a month", "a useful hour", "pays back", "level at"):
        table.add_column(
            heading, justify="left" if heading in ("option", "GPU") else "right", overflow="fold"
        )
    for row in answer.table.head(rows).to_dict("records"):
        table.add_row(
            row["option"],
            row["gpu"],
            whole(row["present_value_usd"]),
            whole(row["monthly_usd"]),
            cents(row["usd_per_useful_hour"]),
            _number(row["break_even_months"], "{:.0f} months"),
            _number(row["break_even_hours_per_week"], "{:.1f} h a week"),
        )
    console.print()
    console.print(table)
    if len(answer.measures):
        console.print(_measures(answer, rate), soft_wrap=True, markup=False)
    console.print(
        f"{len(answer.table)} options, {answer.table['considered'].sum()} considered; "
        f"snapshot {answer.snapshot_id}; --csv FILE or --json for all columns.",
        soft_wrap=True,
    )
    for note in answer.judgement.notes:
        console.print(note, style="dim", soft_wrap=True)
    status = price_status()
    problems = price_problems(status)
    said = [
        "; ".join((f"{provider_name(provider)} {age}", *problems.get(provider, ())))
        for provider, age in price_ages(status, date.today()).items()
    ]
    said.extend(load_runner_tables().problems)
    console.print(f"Prices: {'; '.join(said).rstrip('.')}.", style="dim", soft_wrap=True, markup=False)


def _measures(answer: Comparison, rate: Exchange) -> str:
    """The build against the compared rental in one line: payback, rate of return, cost of a useful hour."""
    said = {name: measure(value, unit, rate) for name, unit, value in answer.measures.itertuples(index=False)}
    against = answer.labels[str(answer.break_even["against"])]
    return (
        f"Building in place of {against}: simple payback {said['simple payback']}, rate of return "
        f"{said['internal rate of return']}, levelised cost {said['levelised cost, build']} against "
        f"{said['levelised cost, rental']}."
    )


def show_flip_points(flips: pd.DataFrame, answer: Comparison) -> None:
    """Each input with its value, and from or up to which other value building wins; the others by name."""
    console = _console()
    console.print()
    if flips.empty:
        console.print("Nothing can flip: one side has no bill, or no input moves the saving.", soft_wrap=True)
        return
    found = flips[flips["direction"] != "none"]
    if len(found):
        table = _columns({"input": "left", "now": "right", "building wins": "right", "unit": "left"})
        for row in found.to_dict("records"):
            table.add_row(
                row["input"],
                _short(row["value"]),
                f"{side_of(row['input'], row['direction'])} {_short(row['flips_at'])}",
                str(row["unit"]),
            )
        console.print(table)
    else:
        console.print("No input alone flips the answer.")
    fixed = flips.loc[flips["direction"] == "none", "input"].tolist()
    if fixed:
        console.print(
            f"No flip in the plausible range of {', '.join(fixed)}.",
            style="dim",
            soft_wrap=True,
            markup=False,
        )
    against = answer.scenario.rental.against
    whom = "considered rental" if against == "cheapest" else f"offer of {provider_name(against)}"
    console.print(
        f"Each input alone, in US dollars where it is money, against the {whom} that is cheapest there.",
        style="dim",
        soft_wrap=True,
    )


def show_tornado(swings: pd.DataFrame, answer: Comparison) -> None:
    """What building saves at both ends of each input's range, the largest swing first."""
    console, whole = _console(), partial(currency.amount, rate=currency.rate_of(answer))
    console.print()
    if swings.empty:
        console.print("No input moves the saving: one side has no bill.", soft_wrap=True)
        return
    console.print("What building saves at both ends of each input's range, the others as they are:")
    table = _columns(
        {"input": "left", "low": "right", "high": "right", "saved at low": "right", "saved at high": "right"}
    )
    for row in swings.to_dict("records"):
        table.add_row(
            row["input"],
            _short(row["low"]),
            _short(row["high"]),
            whole(row["saving_usd_at_low"]),
            whole(row["saving_usd_at_high"]),
        )
    console.print(table)


def show_simulation(futures: Simulation, answer: Comparison, seed: int) -> None:
    """In how many futures building is cheaper, what it saves there, and when the bills meet."""
    console = _console()
    rate = currency.rate_of(answer)
    (middle_usd,) = futures.saving_quantiles_usd([0.5]).tolist()
    console.print()
    console.print(futures.sentence, style="bold", soft_wrap=True, markup=False)
    console.print(
        "One case in twenty is worse than the bad one, one better than the good one; in the middle case "
        f"building saves {currency.amount(middle_usd, rate)}.",
        soft_wrap=True,
        markup=False,
    )
    (months,) = futures.break_even_quantiles_months([0.5]).tolist()
    middle_month = _number(months, "it does in month {:.0f}")
    console.print(
        f"Nothing sold, the build never pays for itself within {futures.case.owned.months} months in "
        f"{share_of_cases(futures.never_fraction)} of cases; in the middle case {middle_month}.",
        soft_wrap=True,
        markup=False,
    )
    table = _columns({"input": "left", "nine cases of ten lie between": "left"})
    for row in drawn_ranges(futures, rate):
        table.add_row(*row)
    console.print(table)
    console.print(f"{len(futures.saving_usd):,} draws, seed {seed}.", style="dim", soft_wrap=True)


@contextmanager
def bars() -> Iterator[Callable[[Progress], None]]:
    """A bar for each provider on the terminal; what is not a terminal gets nothing."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[size]}"),
    )
    with Bars(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks = {}

        def show(now: Progress) -> None:
            if now.provider not in tasks:
                name = provider_name(now.provider)
                tasks[now.provider] = bars.add_task(name, total=now.regions, size="")
            size = decimal(now.received_bytes) if now.received_bytes else ""
            bars.update(tasks[now.provider], completed=now.regions_done, size=size)

        yield show


def show_report(report: RefreshReport) -> None:
    """A line for each region that was asked."""
    console = _console()
    for result in report.results:
        outcome = result.outcome.replace("_", " ")
        left_out = f" GPU types that are not known here, left out: {', '.join(result.left_out)}."
        console.print(
            f"{result.provider} {result.region}: {outcome}: {result.sentence}"
            + (left_out if result.left_out else ""),
            soft_wrap=True,
            markup=False,
        )


def show_offers(found: pd.DataFrame) -> None:
    """The cheapest offers, and how old the tables without a price service are."""
    console = _console()
    if found.empty:
        console.print("No offer matches.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    numbers = {"GPUs", "GB each", "USD an hour"}
    for heading in (
        "provider",
        "instance",
        "GPU",
        "GPUs",
        "GB each",
        "region",
        "term",
        "USD an hour",
        "as of",
    ):
        table.add_column(heading, justify="right" if heading in numbers else "left", overflow="fold")
    for row in found.head(OFFERS_SHOWN).to_dict("records"):
        table.add_row(
            row["provider"],
            row["instance_type"],
            row["gpu"],
            f"{row['gpu_count']:g}",
            f"{row['vram_gb']:g}",
            row["region"],
            row["term"],
            f"{row['usd_per_hour']:.4f}",
            row["as_of"],
        )
    console.print(table)
    shown = min(len(found), OFFERS_SHOWN)
    console.print(f"{shown} of {len(found)} offers; --csv FILE or --json for all, with their sources.")
    tables = [f"{table.name} {table.said}" for table in dated_tables(date.today())]
    console.print(f"Dated tables: {'; '.join(tables)}.", style="dim", soft_wrap=True, markup=False)


def show_tables() -> None:
    """Which tables can be replaced, which are in force, how old they are and where they lie."""
    console, tables = _console(), dated_tables(date.today())
    for table in tables:
        console.print(f"{table.name}: {table.said}: {table.path}", soft_wrap=True, markup=False)
    for problem in dict.fromkeys(table.problem for table in tables if table.problem):
        console.print(f"{problem}.", soft_wrap=True, markup=False)
    console.print("rig-or-rent offers --override TABLE copies a bundled one to a place of your own.")


def show_copied(name: str, path: Path) -> None:
    """Where the copy of a table lies, and what its columns mean."""
    console = _console()
    console.print(f"{path} holds a copy of the bundled {name}, to be edited:", soft_wrap=True, markup=False)
    for column, meaning in column_meanings(name).items():
        console.print(f"  {column}: {meaning}", soft_wrap=True, markup=False)


def _console() -> Console:
    """A terminal as wide as it is; a pipe gets lines that are not folded."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 200)


def _columns(headings: dict[str, Literal["left", "right"]]) -> Table:
    """A table without lines, its headings with the side on which each column stands."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading, side in headings.items():
        table.add_column(heading, justify=side, overflow="fold")
    return table


def _short(value: float) -> str:
    """An input with four digits, a large one without decimals."""
    return (f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}").replace("-", "−")


def _number(value: float, form: str) -> str:
    if pd.isna(value):
        return ""
    return "never" if value == float("inf") else form.format(value)
