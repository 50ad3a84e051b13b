"""What a user installs works: the wheel built through the sdist, beside a foreign `models` package."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

START_UP_SECONDS = 60
SHUT_DOWN_SECONDS = 20


@pytest.fixture
def foreign_project(tmp_path: Path) -> Path:
    """A folder of somebody else that has a `models` of its own, as deep-learning projects often do."""
    for name in ("models", "pricing"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("OWNER = 'somebody else'\n")
    return tmp_path


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def run(command: list[str | Path], folder: Path) -> str:
    done = subprocess.run(
        command, cwd=folder, env=clean_environment(), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
            return bool(answer.read() == b"ok")
    except (URLError, ConnectionError, TimeoutError):
        return False


def wait_until_it_answers(server: subprocess.Popen[str], port: int) -> bool:
    deadline = time.monotonic() + START_UP_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if answers(port):
            return True
        time.sleep(0.25)
    return False


@contextmanager
def serving(command: list[str | Path], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The program in a process group of its own, which is gone afterwards whatever the program did."""
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            yield server
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def test_the_libraries_are_imported_beside_a_foreign_models(
    installed_wheel: Path, foreign_project: Path
) -> None:
    code = (
        "import models, pricing, rig_or_rent.models, rig_or_rent.pricing\n"
        "assert models.OWNER == pricing.OWNER == 'somebody else'\n"
        "print(rig_or_rent.models.__file__, rig_or_rent.pricing.__file__, sep='\\n')"
    )
    places = run([installed_wheel, "-c", code], foreign_project).splitlines()
    environment = installed_wheel.parent.parent
    assert len(places) == 2
    assert all(Path(place).is_relative_to(environment) for place in places)


def test_the_installed_libraries_compare_without_the_programs(
    installed_wheel: Path, foreign_project: Path
) -> None:
    code = (
        "from rig_or_rent.models import Scenario, compare\n"
        "from rig_or_rent.pricing import load_offers\n"
        "print(len(compare(Scenario(), load_offers()).table))"
    )
    assert int(run([installed_wheel, "-c", code], foreign_project)) > 1


def test_the_wheel_holds_every_bundled_table_and_both_type_markers(installed_wheel: Path, root: Path) -> None:
    (installed,) = installed_wheel.parent.parent.glob("lib/python*/site-packages/rig_or_rent")
    wanted = {file.relative_to(root) for file in (root / "data").iterdir() if file.is_file()}
    assert wanted, "there is no table in data/"
    wanted |= {Path("models/py.typed"), Path("pricing/py.typed")}
    assert {file for file in wanted if not (installed / file).is_file()} == set()


def test_the_installed_program_prints_one_json_document(installed_wheel: Path, foreign_project: Path) -> None:
    program = installed_wheel.parent / "rig-or-rent"
    comparison = json.loads(run([program, "compare", "--json"], foreign_project))
    assert comparison["options"]
    assert comparison["verdict"]


def test_the_installed_page_is_served_until_its_program_is_ended(
    installed_wheel: Path, foreign_project: Path
) -> None:
    port = free_port()
    program = installed_wheel.parent / "rig-or-rent"
    with serving([program, "app", "--port", str(port)], foreign_project) as server:
        assert wait_until_it_answers(server, port), (foreign_project / "log.txt").read_text()
        server.terminate()
        server.wait(timeout=SHUT_DOWN_SECONDS)
        assert not answers(port), "the server outlives the program that started it"
    # Streamlit asks a service on the internet for this machine's address unless it is told which one to show.
    assert "External" not in (foreign_project / "log.txt").read_text()
    assert "external IP" not in (foreign_project / "log.txt").read_text()
