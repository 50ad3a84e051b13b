"""The packaging says what lies in the folders, and no file names the machine it was written on."""

from __future__ import annotations

import ast
import os
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

# Folders of Python files that are not installed.
NOT_INSTALLED = {"benchmarks", "docs", "notebooks", "tests"}
INSTALLED_CODE = ("models/*.py", "pricing/*.py", "views/*.py", "*.py")
LOCK_FILES = {"Pipfile.lock", "pdm.lock", "pixi.lock", "poetry.lock", "pylock.toml", "uv.lock"}
TRACES = {
    "package index": re.compile(
        r"--(extra-)?index-url|PIP_(EXTRA_)?INDEX_URL|pypi\.org/simple|/simple/\s|artifact[o]ry",
        re.IGNORECASE,
    ),
    # A folder of one machine, at the start of a path; `example.org/home/` is none.
    "machine path": re.compile(r"(?<![\w.:/~$}-])/(home|root|tmp|work|Users|mnt|opt)/\w|\b[C-Z]:\\\w"),
    "private host": re.compile(
        r"://(?!127\.|0\.0\.0\.0)\d+\.\d+\.\d+\.\d+|://[\w.-]+\.(internal|corp|lan)\b", re.IGNORECASE
    ),
    "password in an address": re.compile(r"://[^/\s:@\"']+:[^/\s:@\"']+@"),
}


@pytest.fixture(scope="module")
def pyproject(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def pins(root: Path) -> dict[str, str]:
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    entries = [line for line in lines if line and not line.startswith("#")]
    assert entries, "constraints.txt pins nothing"
    broken = [entry for entry in entries if not re.fullmatch(r"[\w.-]+==[\w.!+]+( ; .+)?", entry)]
    assert broken == []
    return {canonicalize_name(entry.split("==")[0]): entry.split("==")[1].split(" ;")[0] for entry in entries}


def requirements(pyproject: dict[str, Any]) -> list[Requirement]:
    project = pyproject["project"]
    lines = [
        *project["dependencies"],
        *(x for extra in project["optional-dependencies"].values() for x in extra),
    ]
    assert lines, "pyproject.toml declares no dependency"
    return [Requirement(line) for line in lines]


def top_level_imports(file: Path) -> Iterator[str]:
    """The packages that a file imports by their own names, also inside its functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.partition(".")[0]


def traces(files: Iterable[Path]) -> list[str]:
    found = []
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, start=1):
            found += [f"{file}:{number} {name}" for name, trace in TRACES.items() if trace.search(line)]
    return found


def test_every_package_folder_on_disk_is_listed(
    root: Path, pyproject: dict[str, Any], project_files: list[Path]
) -> None:
    paths = [file.relative_to(root) for file in project_files]
    with_python = {path.parts[0] for path in paths if len(path.parts) > 1 and path.suffix == ".py"}
    folders = {name for name in with_python | {"data"} if not name.startswith(".")} - NOT_INSTALLED
    assert folders >= {"models", "pricing", "data"}
    listed = set(pyproject["tool"]["setuptools"]["packages"])
    assert listed == {"rig_or_rent"} | {f"rig_or_rent.{name}" for name in folders}


@pytest.mark.parametrize("name", ["models", "pricing"])
def test_the_library_folders_stay_flat(name: str, root: Path, project_files: list[Path]) -> None:
    inside = [file.relative_to(root / name) for file in project_files if file.is_relative_to(root / name)]
    assert inside
    assert [path for path in inside if len(path.parts) > 1] == []


def test_the_root_is_no_package(root: Path) -> None:
    assert (root / "pyproject.toml").is_file()
    assert not (root / "__init__.py").exists()


@pytest.mark.parametrize("name", ["models", "pricing"])
def test_the_libraries_are_marked_as_typed(name: str, root: Path, pyproject: dict[str, Any]) -> None:
    assert (root / name / "py.typed").is_file()
    assert "py.typed" in pyproject["tool"]["setuptools"]["package-data"][f"rig_or_rent.{name}"]


def test_every_bundled_file_is_shipped(
    root: Path, pyproject: dict[str, Any], project_files: list[Path]
) -> None:
    files = [file.relative_to(root / "data") for file in project_files if file.is_relative_to(root / "data")]
    assert files, "there is no file in data/"
    patterns = pyproject["tool"]["setuptools"]["package-data"]["rig_or_rent.data"]
    missed = [
        str(file) for file in files if len(file.parts) > 1 or not any(fnmatch(file.name, p) for p in patterns)
    ]
    assert missed == []


def test_the_version_has_a_place_in_the_changelog(root: Path) -> None:
    text = (root / "models" / "version.py").read_text(encoding="utf-8")
    (literal,) = re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.split(r"^## \[(.+?)\].*$", changelog, flags=re.MULTILINE)
    texts = dict(zip(sections[1::2], sections[2::2], strict=True))
    released = [Version(name) for name in texts if name != "Unreleased"]
    assert released == sorted(released, reverse=True)
    # Either the version is the newest release, or it is in the making; then its changes are listed.
    if Version(literal) not in released:
        assert all(Version(literal) > version for version in released)
        assert "\n- " in texts["Unreleased"]
    else:
        assert Version(literal) == released[0]


def test_what_is_imported_is_declared_and_what_is_declared_is_imported(
    root: Path, pyproject: dict[str, Any]
) -> None:
    files = [file for pattern in INSTALLED_CODE for file in root.glob(pattern)]
    assert len(files) > 50
    own = {file.stem for file in root.glob("*.py")} | {"models", "pricing", "views"}
    imported = {name for file in files for name in top_level_imports(file)} - own - sys.stdlib_module_names
    declared = {Requirement(line).name for line in pyproject["project"]["dependencies"]}
    assert {canonicalize_name(name) for name in imported} == declared


def test_every_dependency_is_pinned_within_its_bounds(root: Path, pyproject: dict[str, Any]) -> None:
    pinned = pins(root)
    needed = requirements(pyproject)
    assert [needs.name for needs in needed if canonicalize_name(needs.name) not in pinned] == []
    assert [
        str(needs) for needs in needed if pinned[canonicalize_name(needs.name)] not in needs.specifier
    ] == []


def test_every_dependency_states_a_lower_bound_and_no_upper_one(pyproject: dict[str, Any]) -> None:
    bounds = {str(needs): {bound.operator for bound in needs.specifier} for needs in requirements(pyproject)}
    assert {needs: operators for needs, operators in bounds.items() if operators != {">="}} == {}


def test_the_whole_check_can_be_started_and_runs_the_tests(root: Path) -> None:
    script = root / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = [line.strip() for line in script.read_text(encoding="utf-8").splitlines()]
    assert "make lint" in commands
    assert any(re.match(r"(CI=true )?make test\b", command) for command in commands)


def test_there_is_no_lock_file(project_files: list[Path]) -> None:
    assert [file for file in project_files if file.name in LOCK_FILES] == []


def test_no_file_names_a_package_index_or_a_folder_of_one_machine(project_files: list[Path]) -> None:
    assert traces(project_files) == []


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("package index", ["--index", "-url = mirror"]),
        ("package index", ["https://pypi.org", "/simple"]),
        ("machine path", ["see ", "/home", "/ada/notes"]),
        ("machine path", ['"', "/tmp", '/data.csv"']),
        ("private host", ["http://10.0.", "0.7/prices"]),
        ("password in an address", ["https://ada:", "secret@example.org"]),
    ],
)
def test_a_trace_is_found(kind: str, parts: list[str], tmp_path: Path) -> None:
    # The parts are joined only here, or this file would be found itself.
    file = tmp_path / "note.md"
    file.write_text("".join(parts))
    assert traces([file]) == [f"{file}:1 {kind}"]


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/home/prices",
        "http://127.0.0.1:8501",
        "/usr/bin/chromium",
        "notebooks/tmp/",
        "2,000 USD/work week",
    ],
)
def test_an_ordinary_line_is_no_trace(text: str, tmp_path: Path) -> None:
    file = tmp_path / "note.md"
    file.write_text(text)
    assert traces([file]) == []
