"""The notebook runs against the wheel as users install it, and gives the same cents as the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from models import Scenario, compare, simulate
from pricing import load_offers

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "rent_or_build.ipynb"

# The kernel's own plumbing: it warns of its event loop and of a temporary folder it leaves to the system.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def executed(installed_kernel: str, tmp_path: Path) -> Any:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(
        notebook, kernel_name=installed_kernel, timeout=120, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    return notebook


def test_the_notebook_runs_and_shows_what_it_promises(executed: Any) -> None:
    outputs = [output for cell in executed.cells for output in cell.get("outputs", [])]
    printed = "".join(output.get("text", "") for output in outputs)
    charts = [output for output in outputs if "application/vnd.plotly.v1+json" in output.get("data", {})]
    tables = [output for output in outputs if "<table" in output.get("data", {}).get("text/html", "")]
    scenario = Scenario().with_settings(
        {"workload.busy_hours_per_week": "30", "electricity.country": "DE", "rental.against": "aws"}
    )
    answer = compare(scenario, load_offers())
    assert all(sentence in printed for sentence in answer.verdict)
    assert simulate(scenario, load_offers()).sentence in printed
    # By months, by hours, and by months with the band of nine futures of ten.
    assert len(charts) == 3
    assert len(tables) == 6


def test_the_notebook_is_kept_without_outputs_and_imports_what_users_import() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert "from rig_or_rent.models import" in code[0].source
