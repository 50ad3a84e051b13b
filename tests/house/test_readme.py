"""What README.md shows is what the installed program prints, and its two commands exist."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def blocks(root: Path) -> list[tuple[str, str]]:
    found = BLOCK.findall((root / "README.md").read_text(encoding="utf-8"))
    assert found
    return [(language, text) for language, text in found]


def output_of(words: list[str], folder: Path) -> str:
    # What the developer has refreshed or set would change what is printed.
    clean = {"PATH": "/usr/bin:/bin"} | {
        name: os.environ[name] for name in ("RIG_OR_RENT_CACHE_DIR", "RIG_OR_RENT_CONFIG_DIR")
    }
    done = subprocess.run(words, cwd=folder, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def without_trailing_spaces(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


def test_each_command_shown_prints_what_is_shown(
    blocks: list[tuple[str, str]], installed_wheel: Path, tmp_path: Path
) -> None:
    shown = [text for language, text in blocks if language == "console"]
    assert shown
    for text in shown:
        command, _, output = text.removeprefix("$ ").partition("\n")
        program, *words = command.split()
        printed = output_of([str(installed_wheel.parent / program), *words], tmp_path)
        assert without_trailing_spaces(printed) == without_trailing_spaces(output)


def test_the_notebook_example_prints_what_is_shown(
    blocks: list[tuple[str, str]], installed_wheel: Path, tmp_path: Path
) -> None:
    examples = [
        (code, blocks[i + 1]) for i, (language, code) in enumerate(blocks[:-1]) if language == "python"
    ]
    assert examples
    for code, (language, output) in examples:
        assert language == "text"
        assert len(code.strip().splitlines()) <= 5
        printed = output_of([str(installed_wheel), "-c", code], tmp_path)
        assert without_trailing_spaces(printed) == without_trailing_spaces(output)


def test_no_number_of_dollars_or_hours_stands_outside_the_blocks(root: Path) -> None:
    prose = BLOCK.sub("", (root / "README.md").read_text(encoding="utf-8"))
    assert len(prose) > 1000
    assert re.findall(r"\$\d[\d,.]*|\d+(?:\.\d+)? (?:hours|months|h a week)", prose) == []


def test_the_two_commands_are_targets_of_make(root: Path, blocks: list[tuple[str, str]]) -> None:
    commands = re.findall(r"^make (\w+)", blocks[0][1], re.MULTILINE)
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    assert commands == ["app", "test"]
    assert all(re.search(rf"^{name}:", makefile, re.MULTILINE) for name in commands)


def test_every_file_that_the_readme_links_to_is_there(root: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (root / "README.md").read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (root / link).exists()] == []
