"""The sweep that docs/scale.md shows, run on two workers: it writes what one process works out in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dask.distributed import LocalCluster

from models import break_even_month, total_cost_usd

MOST_LINES = 15
# What the example says for a reader: their scheduler, and the package as it is installed.
SCHEDULER = '"scheduler:8786"'
PACKAGE = "from rig_or_rent.models import"


@pytest.fixture
def example(root: Path) -> str:
    text = (root / "docs" / "scale.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(code)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the example writes. The workers that are started after it see the same folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sweep").mkdir()
    return tmp_path / "sweep"


@pytest.fixture
def scheduler(folder: Path) -> Iterator[str]:
    """The address of a scheduler of two processes, which only this machine can reach."""
    # Ports that the machine chooses: the usual one of the status page may be taken.
    status = {"dashboard_address": "127.0.0.1:0", "worker_dashboard_address": "127.0.0.1:0"}
    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", **status) as cluster:
        yield str(cluster.scheduler_address)


def in_memory() -> pd.DataFrame:
    """The same scenarios as arrays of NumPy, all at once."""
    axes = np.arange(1000, 8000, 70), np.arange(10, 610, 6), np.arange(20, 320, 3) / 100
    parts, hours, price = (axis.ravel() for axis in np.meshgrid(*axes, indexing="ij"))
    return pd.DataFrame(
        {
            "parts_usd": parts,
            "hours_per_month": hours,
            "usd_per_hour": price,
            "build_usd": total_cost_usd(parts, 0.08 * hours, 0.3 * parts, 0.04, months=36),
            "rental_usd": total_cost_usd(0, price * hours, 0, 0.04, -0.1, 36),
            "break_even_months": break_even_month(parts, 0.08 * hours, price * hours, 0.04, 0, -0.1, 36),
        }
    )


def test_the_example_has_fifteen_lines(example: str) -> None:
    lines = [line for line in example.splitlines() if line]
    assert 0 < len(lines) <= MOST_LINES


def test_two_workers_write_what_one_process_works_out(example: str, scheduler: str, folder: Path) -> None:
    assert example.count(SCHEDULER) == example.count(PACKAGE) == 1
    code = example.replace(SCHEDULER, repr(scheduler)).replace(PACKAGE, "from models import")
    # Under the name of a program the workers get its function by value; they could not import it.
    exec(code, {"__name__": "__main__"})
    files = sorted(folder.iterdir())
    assert len(files) == 10
    written = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
    assert len(written) == 1_000_000
    # Were none or all of them worth building, equal tables would say little.
    assert 0.05 < np.isinf(written["break_even_months"]).mean() < 0.95
    pd.testing.assert_frame_equal(written, in_memory(), check_exact=True)
