"""Fixtures that several folders of tests share."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def no_prices_or_settings_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Empty folders instead of the developer's own, for every test and every program that one starts."""
    place = tmp_path_factory.mktemp("nobody")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RIG_OR_RENT_CACHE_DIR", str(place / "cache"))
        patch.setenv("RIG_OR_RENT_CONFIG_DIR", str(place / "config"))
        patch.delenv("RIG_OR_RENT_GCP_API_KEY", raising=False)
        patch.delenv("RIG_OR_RENT_LAMBDA_API_KEY", raising=False)
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def project_files() -> list[Path]:
    """Every file that belongs to the project: what git holds, and what it would hold after `git add .`."""
    # `safe.directory` because a build machine often reads a checkout that another user owns.
    command = "git -c safe.directory=* ls-files -z --cached --others --exclude-standard"
    listing = subprocess.run(command.split(), cwd=ROOT, check=True, capture_output=True, text=True).stdout
    files = [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]
    assert files, "git lists no file of the project"
    return files


@pytest.fixture(scope="session")
def installed_wheel(tmp_path_factory: pytest.TempPathFactory, project_files: list[Path]) -> Path:
    """The Python of a fresh environment that holds the wheel, as a user installs it.

    The program `rig-or-rent` lies beside it. The wheel is built from the sdist, and the sdist from a copy of
    the project's files: neither can pick up what an earlier build left in the checkout. The environment sees
    the declared dependencies and theirs, no others. Start it without PYTHONPATH.
    """
    place = tmp_path_factory.mktemp("wheel")
    wheel = _build_wheel(project_files, place)
    environment = place / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    _run(sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps", wheel)
    (own_packages,) = environment.glob("lib/python*/site-packages")
    (wheel_metadata,) = own_packages.glob("rig_or_rent-*.dist-info")
    # Installing the dependencies again would take minutes, and lending the whole environment that runs the
    # tests would hide an undeclared one. So exactly the declared ones are linked. The checkout, which is
    # often installed there as editable, cannot leak: its files are not theirs.
    _link_packages(_dependencies(Distribution.at(wheel_metadata)), own_packages)
    return python


@pytest.fixture
def installed_kernel(installed_wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a notebook kernel that runs in the environment of `installed_wheel`."""
    kernel_packages = tmp_path / "kernel_packages"
    kernel_packages.mkdir()
    # What whoever opens a notebook has: the kernel, and nbformat, which Plotly asks for before it draws.
    for package in (distribution("ipykernel"), distribution("nbformat")):
        _link_packages([package, *_dependencies(package)], kernel_packages)
    command = [str(installed_wheel), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    # PYTHONPATH holds what the notebook itself needs; the project and its dependencies come with the wheel.
    specification = {
        "argv": command,
        "display_name": "installed",
        "language": "python",
        "env": {"PYTHONPATH": str(kernel_packages)},
    }
    folder = tmp_path / "jupyter" / "kernels" / "installed"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(specification))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    return "installed"


def _run(*command: str | Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def _build_wheel(files: list[Path], place: Path) -> Path:
    source = place / "source"
    for file in files:
        copy = source / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copy)
    # Without isolation the build takes setuptools from this environment: it is quick and needs no network.
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", place / "dist", source)
    (wheel,) = (place / "dist").glob("*.whl")
    return wheel


def _link_packages(packages: list[Distribution], folder: Path) -> None:
    """Link what belongs to `packages`, and nothing else, into `folder`."""
    for package in packages:
        tops = {file.parts[0] for file in package.files or []} - {"..", "__pycache__"}
        assert tops, f"{package.name} does not say which files belong to it"
        for top in tops:
            link = folder / top
            if not link.exists():
                link.symlink_to(Path(str(package.locate_file(top))))


def _dependencies(package: Distribution) -> list[Distribution]:
    """The declared dependencies of `package` and theirs, for this machine, each once."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(package, "")]
    while waiting:
        current, extra = waiting.pop()
        for line in current.requires or []:
            needed = Requirement(line)
            if needed.marker is not None and not needed.marker.evaluate({"extra": extra}):
                continue
            name = canonicalize_name(needed.name)
            found.setdefault(name, distribution(name))
            for wanted in ("", *needed.extras):
                if (name, wanted) not in seen:
                    seen.add((name, wanted))
                    waiting.append((found[name], wanted))
    return list(found.values())
