"""A dated table is replaced by a file of the reader's own: listed, copied, checked, and used."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import cli
from models import load_figures
from models.ci_rates import with_runner_rates
from pricing import check_offers, load_offers
from pricing.own_tables import TABLES, load_runner_tables

Run = Callable[..., Result]

MINUTES = ("--set", "workload.ci_minutes_per_month.linux=12000")


@pytest.fixture
def run() -> Run:
    runner = CliRunner()
    return lambda *words: runner.invoke(cli.cli, list(words))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "settings of mine"
    monkeypatch.setenv("RIG_OR_RENT_CONFIG_DIR", str(place))
    return place


def change(folder: Path, name: str, row: str, **cells: str) -> None:
    """Put a copy of a bundled table, with other cells in one row, into the folder."""
    folder.mkdir(exist_ok=True)
    table = pd.read_csv(Path("data") / f"{name}.csv", dtype="str", keep_default_na=False)
    key = table.columns[0]
    assert row in set(table[key])
    for column, cell in cells.items():
        table.loc[table[key] == row, column] = cell
    table.to_csv(folder / f"{name}.csv", index=False)


def hosted_ci_usd(run: Run) -> str:
    """What the notes say that GitHub's runners cost a month beside a rental."""
    found = re.findall(r"GitHub's runners cost \$([\d.,]+) a month", run("compare", *MINUTES).stdout)
    assert len(found) == 1
    return str(found[0])


def test_without_a_name_the_tables_are_listed_with_age_and_place(run: Run, folder: Path) -> None:
    done = run("offers", "--override")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines[: len(TABLES)]] == list(TABLES)
    assert set(TABLES) == {"colab_plans", "colab_rates", "actions_runners", "actions_plans"}
    for line in lines[: len(TABLES)]:
        assert re.search(
            r": bundled, the newest row of 20\d\d-\d\d-\d\d \((today|1 day old|\d+ days old)\): /", line
        )
    assert not folder.exists()


@pytest.mark.parametrize("name", list(TABLES))
def test_a_table_is_copied_once_and_changes_nothing_until_it_is_edited(
    run: Run, folder: Path, root: Path, name: str
) -> None:
    before = run("compare", "--json", *MINUTES).stdout
    done = run("offers", "--override", name)
    copy = folder / f"{name}.csv"
    assert done.exit_code == 0
    assert copy.read_bytes() == (root / "data" / f"{name}.csv").read_bytes()
    lines = done.stdout.splitlines()
    assert str(copy) in lines[0]
    header = copy.read_text(encoding="utf-8").splitlines()[0].split(",")
    assert [line.strip().partition(": ")[0] for line in lines[1:]] == header
    assert all(len(line.partition(": ")[2]) > 5 for line in lines[1:])
    assert run("compare", "--json", *MINUTES).stdout == before
    listed = run("offers", "--override").stdout
    assert f"{name}: your own, the newest row of " in listed
    assert listed.count(": your own") == 1
    copy.write_text("edited", encoding="utf-8")
    again = run("offers", "--override", name)
    assert again.exit_code == 2
    assert "is there already" in again.stderr
    assert len(again.stderr.splitlines()) == 1
    assert copy.read_text(encoding="utf-8") == "edited"


def test_own_prices_of_runners_and_own_minutes_of_plans_reach_the_bill(run: Run, folder: Path) -> None:
    assert hosted_ci_usd(run) == "60.00"
    change(folder, "actions_runners", "linux", usd_per_minute="0.01")
    assert hosted_ci_usd(run) == "100.00"
    change(folder, "actions_plans", "free", included_minutes_per_month="7000")
    assert hosted_ci_usd(run) == "50.00"
    shutil.rmtree(folder)
    assert hosted_ci_usd(run) == "60.00"


def test_offers_say_how_old_the_tables_are_and_whose(run: Run, folder: Path) -> None:
    change(folder, "colab_rates", "L4", offered="yes")
    last = run("offers").stdout.splitlines()[-1]
    assert last.startswith("Dated tables: colab_plans bundled, the newest row of ")
    assert "; colab_rates your own, the newest row of " in last


@pytest.mark.parametrize(
    ("name", "row", "column", "cell", "allowed"),
    [
        ("actions_runners", "linux", "usd_per_minute", "cheap", "a number from 0 to 1,000,000"),
        ("actions_runners", "linux", "usd_per_minute", "-0.01", "a number from 0 to 1,000,000"),
        ("actions_runners", "linux", "usd_per_minute", "nan", "a number from 0 to 1,000,000"),
        ("actions_runners", "linux", "usd_per_minute", "", "a number from 0 to 1,000,000"),
        ("actions_runners", "linux", "system", "amiga", "one of linux, windows, macos"),
        ("actions_runners", "linux", "included_minutes_apply", "perhaps", "one of yes, no"),
        ("actions_runners", "linux", "gpu", "RTX 9999", "a name in gpus.csv, or nothing"),
        ("actions_runners", "linux", "as_of", "2999-01-01", "a day as YYYY-MM-DD"),
        ("actions_runners", "linux", "source", "", "a text"),
        ("actions_runners", "linux", "kind", "rumour", "one of published, measured"),
        ("actions_runners", "linux_4_core", "sku", "linux", "a second time; allowed is one row for each"),
        ("actions_plans", "free", "included_minutes_per_month", "1e9", "a number from 0 to 1,000,000"),
        ("actions_plans", "free", "as_of", "yesterday", "a day as YYYY-MM-DD"),
        ("actions_plans", "free", "plan", "gratis", "is missing; allowed is a table with free, pro"),
    ],
)
def test_a_bad_table_is_ignored_and_said_in_one_sentence(
    run: Run, folder: Path, name: str, row: str, column: str, cell: str, allowed: str
) -> None:
    change(folder, name, row, **{column: cell})
    assert load_runner_tables()[:2] == ((), ())
    (problem,) = load_runner_tables().problems
    assert problem.startswith(f"{name}.csv of your own ignored: ")
    assert column in problem
    assert allowed in problem
    assert hosted_ci_usd(run) == "60.00"
    assert f"{problem}." in run("compare").stdout
    listed = run("offers", "--override").stdout
    assert listed.count(f"{problem}.") == 1
    assert "your own, the newest" not in listed


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"a,b\n1,2\n", b'"\n'])
def test_a_file_that_is_no_such_table_is_ignored_and_named(run: Run, folder: Path, body: bytes) -> None:
    folder.mkdir()
    (folder / "actions_runners.csv").write_bytes(body)
    assert hosted_ci_usd(run) == "60.00"
    (problem,) = load_runner_tables().problems
    assert problem.startswith("actions_runners.csv of your own ignored: ")


def test_the_line_of_a_bad_cell_is_named(folder: Path) -> None:
    change(folder, "actions_plans", "pro", included_minutes_per_month="many")
    (problem,) = load_runner_tables().problems
    assert "line 4: included_minutes_per_month is 'many'" in problem


def test_rows_of_ones_own_replace_the_runners_as_a_whole() -> None:
    figures = load_figures()
    row = {"label": "mine", "included_minutes_apply": "no", "free_in_public": "yes", "gpu": ""}
    row |= {"kind": "measured", "as_of": "2026-11-01", "source": "my bill", "usd_per_minute": "0.5"}
    rows = [{"sku": system, "system": system, **row} for system in ("linux", "windows", "macos")]
    changed = with_runner_rates(figures, rows)
    assert set(changed.runners) == {"linux", "windows", "macos"}
    assert changed.runners["macos"].usd_per_minute == 0.5
    assert not changed.runners["macos"].included_minutes_apply
    assert changed.runners["macos"].free_in_public
    assert changed.runner_plans == figures.runner_plans
    assert figures.runners["macos"].usd_per_minute != 0.5
    assert with_runner_rates(figures) == figures
    with pytest.raises(ValueError, match="there is no row for macos"):
        with_runner_rates(figures, rows[:2])
    with pytest.raises(ValueError, match="usd_per_minute"):
        with_runner_rates(figures, [{**rows[0], "usd_per_minute": "-1"}, *rows[1:]])
    with pytest.raises(ValueError, match="system is 'amiga'"):
        with_runner_rates(figures, [{**rows[0], "system": "amiga"}, *rows[1:]])


def test_json_of_a_question_with_own_tables_is_still_one_document(run: Run, folder: Path) -> None:
    change(folder, "actions_runners", "linux", usd_per_minute="cheap")
    assert json.loads(run("compare", "--json", "--top", "1").stdout)["options"]


def test_own_prices_of_the_runners_are_those_of_the_gpu_offers(folder: Path) -> None:
    before = load_offers().set_index("instance_type").loc[["linux_4_core_gpu", "windows_4_core_gpu"]]
    assert before["usd_per_hour"].tolist() == [3.12, 6.12]
    change(folder, "actions_runners", "linux_4_core_gpu", usd_per_minute="0.05", source="my bill")
    after = load_offers().set_index("instance_type").loc[["linux_4_core_gpu", "windows_4_core_gpu"]]
    assert after["usd_per_hour"].tolist() == [3.0, 6.12]
    assert after["listed_per_hour"].tolist() == [3.0, 6.12]
    assert after["source"].iloc[0] == "my bill"
    check_offers(load_offers())


def test_a_runner_that_costs_nothing_is_no_offer(folder: Path) -> None:
    change(folder, "actions_runners", "windows_4_core_gpu", usd_per_minute="0")
    github = load_offers().query("provider == 'github'")
    assert github["instance_type"].tolist() == ["linux_4_core_gpu"]
