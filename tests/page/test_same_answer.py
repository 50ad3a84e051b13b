"""One question, four doors: the page, the CSV, the command line and a notebook give the same cents."""

from __future__ import annotations

import io
import json
import math
import subprocess
from collections.abc import Callable
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

from models import PERSONAS, Scenario

Figures = dict[str, float | None]

QUESTIONS = {
    "the default question": Scenario(),
    "the CUDA programmer in Germany": PERSONAS["cuda"].with_settings(
        {"electricity.country": "DE", "rental.against": "gcp"}
    ),
    "a busy month with parts and a rate of one's own": Scenario().with_settings(
        {
            "workload.busy_hours_per_week": "61.5",
            "workload.workload_class": "vision_training",
            "workload.hours_measured_on": "RTX 3090",
            "workstation.parts": '[{"name": "gpu", "price_usd": 1899.99},'
            ' {"name": "case", "price_usd": 120, "already_own": true}]',
            "rental.own_offers": '[{"gpu": "RTX 4090", "usd_per_hour": 0.45, "name": "lab"}]',
            "rental.terms": "on_demand,spot",
            "money.horizon_months": "31",
        }
    ),
}


def program(installed_wheel: Path, folder: Path, *words: str) -> str:
    command = [str(installed_wheel.parent / "rig-or-rent"), *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def from_command_line(installed_wheel: Path, folder: Path, scenario: Scenario) -> Figures:
    (folder / "question.toml").write_text(scenario.to_toml(), encoding="utf-8")
    answer = json.loads(program(installed_wheel, folder, "compare", "--json", "--scenario", "question.toml"))
    against = next(row for row in answer["options"] if row["option"] == answer["break_even"]["against"])
    never = {"never": math.inf}
    return {
        "build-usd": answer["options"][0]["present_value_usd"],
        "rent-usd": against["present_value_usd"],
        "months": never.get(answer["break_even"]["months"], answer["break_even"]["months"]),
        "hours-per-week": never.get(
            answer["break_even"]["hours_per_week"], answer["break_even"]["hours_per_week"]
        ),
        "flips-at": never.get(answer["flips_at"]["hours_per_week"], answer["flips_at"]["hours_per_week"]),
    }


def from_csv(installed_wheel: Path, folder: Path, scenario: Scenario, against: str) -> Figures:
    words = [word for name, text in scenario.settings().items() for word in ("--set", f"{name}={text}")]
    table = pd.read_csv(
        io.StringIO(program(installed_wheel, folder, "compare", "--csv", "-", *words)), comment="#"
    )
    build, rent = table.iloc[0], table[table["option"] == against].iloc[0]
    return {
        "build-usd": float(build["present_value_usd"]),
        "rent-usd": float(rent["present_value_usd"]),
        "months": float(build["break_even_months"]),
        "hours-per-week": float(build["break_even_hours_per_week"]),
    }


def from_notebook(kernel: str, folder: Path, scenario: Scenario) -> tuple[Figures, str]:
    code = f"""
import json
from rig_or_rent.models import Scenario, compare
from rig_or_rent.pricing import load_offers
answer = compare(Scenario.from_query({scenario.to_query()!r}), load_offers())
table = answer.table.set_index("option")["present_value_usd"]
against = answer.break_even["against"]
print(json.dumps([table.iloc[0], table[against], answer.break_even["months"],
                  answer.break_even["hours_per_week"], answer.flips_at[0], against]))
"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(
        notebook, kernel_name=kernel, timeout=120, resources={"metadata": {"path": str(folder)}}
    ).execute()
    build, rent, months, hours, flips_at, against = json.loads(notebook.cells[0].outputs[0]["text"])
    figures = {"build-usd": build, "rent-usd": rent, "months": months, "hours-per-week": hours}
    return figures | {"flips-at": flips_at}, against


# The kernel's own plumbing warns of its event loop and of sockets that it leaves to the system.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.browser
@pytest.mark.parametrize("name", QUESTIONS)
def test_the_same_question_has_the_same_cents_everywhere(
    name: str,
    ask_page: Callable[[str], Figures],
    installed_wheel: Path,
    installed_kernel: str,
    tmp_path: Path,
) -> None:
    scenario = QUESTIONS[name]
    notebook, against = from_notebook(installed_kernel, tmp_path, scenario)
    page = ask_page(scenario.to_query())
    assert {field: page[field] for field in notebook} == notebook
    assert from_command_line(installed_wheel, tmp_path, scenario) == notebook
    # The file has the hours against each offer, and not those against all.
    in_file = {field: value for field, value in notebook.items() if field != "flips-at"}
    assert from_csv(installed_wheel, tmp_path, scenario, against) == in_file
    assert page["build-total"] == pytest.approx(notebook["build-usd"], abs=0.005)
    assert page["rent-total"] == pytest.approx(notebook["rent-usd"], abs=0.005)
