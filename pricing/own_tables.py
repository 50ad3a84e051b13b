"""The dated tables that no price service renews, and the files of the user's own that stand in for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd

from .colab import TABLES as COLAB_TABLES
from .colab import load_colab
from .colab import own_tables as own_colab_tables
from .files import FileState, file_state
from .tables import DATA, config_folder, read_table

Rows = tuple[Mapping[str, str], ...]

COMMON_COLUMNS = {
    "as_of": "day on which it was read, YYYY-MM-DD",
    "source": "where it is from: an address, or your own reading",
    "kind": "published, measured, derived or estimate",
    "note": "anything else",
}
# What each column of a table means; the first one or two name the row.
TABLES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "colab_plans": {
            "plan": "name of the plan",
            "term": "free or prepaid",
            "usd": "price of the pack, or of a month",
            "compute_units": "compute units in it",
            "valid_days": "days for which they are valid",
            "max_session_hours": "hours after which a session is cut",
            "commitment_months": "months that are signed for, 0 for none",
            "background_execution": "yes if a notebook runs on without its tab",
        }
        | COMMON_COLUMNS,
        "colab_rates": {
            "accelerator": "what Colab calls it",
            "gpu": "a name in gpus.csv; empty for a TPU",
            "vram_gb": "memory of the GPU",
            "compute_units_per_hour": "units an hour, as the page of a session's resources shows them",
            "offered": "yes if it can be chosen today; the newest such row of an accelerator counts",
        }
        | COMMON_COLUMNS,
        "actions_runners": {
            "sku": "short name of the runner; linux, windows and macos are needed",
            "label": "its name for a reader",
            "system": "linux, windows or macos",
            "usd_per_minute": "price of a minute",
            "included_minutes_apply": "yes if a plan's included minutes count",
            "free_in_public": "yes if it is free in public repositories",
            "gpu": "a name in gpus.csv; empty without a GPU",
        }
        | COMMON_COLUMNS,
        "actions_plans": {
            "plan": "short name of the plan; free, pro, team and enterprise_cloud are needed",
            "included_minutes_per_month": "minutes of CI that it includes",
            "storage_gb": "storage that it includes",
        }
        | COMMON_COLUMNS,
    }
)
NUMBERS = {"actions_runners": ("usd_per_minute",), "actions_plans": ("included_minutes_per_month",)}
NEEDED_ROWS = {
    "actions_runners": ("linux", "windows", "macos"),
    "actions_plans": ("free", "pro", "team", "enterprise_cloud"),
}
CHOICES = {
    "system": ("linux", "windows", "macos"),
    "included_minutes_apply": ("yes", "no"),
    "free_in_public": ("yes", "no"),
    "kind": ("published", "measured", "derived", "estimate"),
}
FILLED = ("sku", "label", "plan", "source")


class DatedTable(NamedTuple):
    """One table without a price service: the file in force, the day of its newest row, why yours is not."""

    name: str
    path: Path
    is_own: bool
    newest: str
    age_days: int
    problem: str

    @property
    def said(self) -> str:
        """Whose file it is and how old, in words."""
        days = "today" if self.age_days <= 0 else f"{self.age_days} day{'s' * (self.age_days != 1)} old"
        return f"{'your own' if self.is_own else 'bundled'}, the newest row of {self.newest} ({days})"


class RunnerTables(NamedTuple):
    """GitHub's tables of the user's own, as texts; empty where the bundled one holds, with the reason."""

    runners: Rows
    plans: Rows
    problems: tuple[str, ...]


def dated_tables(on: date) -> list[DatedTable]:
    """Say of each table that can be replaced which file is in force on a day, and how old it is."""
    return [_dated(name, on) for name in TABLES]


def copy_table(name: str) -> Path:
    """Copy a bundled table into the user's configuration folder, to be edited there.

    Returns
    -------
    The path of the copy. ``ValueError`` names the tables that can be replaced, or the file that is there
    already: it is never overwritten. ``OSError`` if it cannot be written.
    """
    _known(name)
    path = config_folder() / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    body = (DATA / path.name).read_bytes()
    try:
        with path.open("xb") as file:
            file.write(body)
    except FileExistsError:
        raise ValueError(f"{path} is there already; edit it, or remove it to begin anew") from None
    return path


def column_meanings(name: str) -> dict[str, str]:
    """What each column of a table means, in the order of the file; ``ValueError`` names the tables."""
    meanings = TABLES[_known(name)]
    return {column: meanings[column] for column in read_table(DATA / f"{name}.csv", ()).columns}


def load_runner_tables() -> RunnerTables:
    """The user's own tables of GitHub's runners and plans, checked; a bad one is left out, and named."""
    (runners, runner_problem), (plans, plan_problem) = (_own(name) for name in NUMBERS)
    return RunnerTables(runners, plans, tuple(filter(None, (runner_problem, plan_problem))))


def _known(name: str) -> str:
    if name not in TABLES:
        raise ValueError(f"the table is {name!r}; those that can be replaced are {', '.join(TABLES)}")
    return name


def _dated(name: str, on: date) -> DatedTable:
    own = config_folder() / f"{name}.csv"
    problem = _problem(name) if own.exists() else ""
    is_own = own.exists() and not problem
    path = own if is_own else DATA / own.name
    newest = str(max(read_table(path, ())["as_of"]))
    return DatedTable(name, path, is_own, newest, (on - date.fromisoformat(newest)).days, problem)


def _problem(name: str) -> str:
    """Why a file of the user's own does not count; empty if it does."""
    if name in NUMBERS:
        return _own(name)[1]
    # Colab's two tables make its offers together: a fault of one leaves both aside.
    assert f"{name}.csv" in COLAB_TABLES
    return load_colab(own_colab_tables())[1]


def _own(name: str) -> tuple[Rows, str]:
    state = file_state(config_folder() / f"{name}.csv")
    return ((), "") if state is None else _read(name, state, date.today())


@lru_cache(maxsize=8)
def _read(name: str, state: FileState, today: date) -> tuple[Rows, str]:
    """The rows of one file, or why it is ignored; ``today`` bounds its days."""
    try:
        rows = _checked(name, read_table(Path(state.path), ()), today)
    except (ValueError, OSError) as error:
        return (), f"{name}.csv of your own ignored: {' '.join(str(error).split())}"
    return rows, ""


def _checked(name: str, table: pd.DataFrame, today: date) -> Rows:
    key, needed = next(iter(TABLES[name])), [column for column in TABLES[name] if column != "note"]
    missing = [column for column in needed if column not in table]
    if missing:
        raise ValueError(f"the column {missing[0]!r} is missing; allowed are {', '.join(TABLES[name])}")
    rows: Rows = tuple({str(column): str(cell) for column, cell in row.items()} for row in _records(table))
    gpus = ("", *read_table(DATA / "gpus.csv", ())["gpu"])
    for line, row in enumerate(rows, start=2):
        for column in needed:
            allowed = _refused(name, column, row[column], gpus, today)
            if allowed:
                raise ValueError(f"line {line}: {column} is {row[column]!r}; allowed is {allowed}")
    names = [row[key] for row in rows]
    for line, found in enumerate(names, start=2):
        if names.index(found) + 2 < line:
            raise ValueError(f"line {line}: {key} is {found!r} a second time; allowed is one row for each")
    absent = [wanted for wanted in NEEDED_ROWS[name] if wanted not in names]
    if absent:
        raise ValueError(
            f"{key} {absent[0]!r} is missing; allowed is a table with {', '.join(NEEDED_ROWS[name])}"
        )
    return rows


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(column): cell for column, cell in row.items()} for row in table.to_dict("records")]


def _refused(name: str, column: str, cell: str, gpus: tuple[str, ...], today: date) -> str:
    """What is allowed in a cell, if it holds something else; empty if it is in order."""
    if column in NUMBERS[name] and not _is_amount(cell):
        return "a number from 0 to 1,000,000"
    if column in CHOICES and cell not in CHOICES[column]:
        return f"one of {', '.join(CHOICES[column])}"
    if column in FILLED and not cell.strip():
        return "a text"
    if column == "gpu" and cell not in gpus:
        return "a name in gpus.csv, or nothing"
    if column == "as_of" and not _is_past(cell, today):
        return f"a day as YYYY-MM-DD, up to {today}"
    return ""


def _is_amount(cell: str) -> bool:
    try:
        return 0 <= float(cell) <= 1e6
    except ValueError:
        return False


def _is_past(cell: str, today: date) -> bool:
    try:
        return len(cell) == len("YYYY-MM-DD") and date.fromisoformat(cell) <= today
    except ValueError:
        return False
