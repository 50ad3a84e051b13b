"""The worked numbers of docs/model.md are what the model gives, and no formula is missing there."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
from pathlib import Path

import pytest

import models

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# They ask, move or answer a question, read figures or explain an error; all other public ones are formulas.
NOT_FORMULAS = {"compare", "explain", "in_country", "input_sources", "load_figures", "price_dates"}


@pytest.fixture(scope="module")
def document(root: Path) -> str:
    return (root / "docs" / "model.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def session(document: str) -> doctest.DocTest:
    """All examples in their order, each at its line of the document, with the checkout's packages."""
    # Everything outside the blocks becomes empty lines, so that a failure names the line of the document.
    kept, end = [], 0
    for block in BLOCK.finditer(document):
        kept += [re.sub(r"[^\n]", "", document[end : block.start(1)]), block.group(1)]
        end = block.end(1)
    text = "".join(kept).replace("rig_or_rent.", "")
    return doctest.DocTestParser().get_doctest(text, {}, "docs/model.md", "docs/model.md", 0)


def _formulas() -> set[str]:
    return {
        name
        for name in models.__all__
        if inspect.isfunction(getattr(models, name)) and name not in NOT_FORMULAS
    }


def test_the_formulas_are_found() -> None:
    assert set(models.__all__) >= NOT_FORMULAS
    assert len(_formulas()) > 60
    assert {"energy_cost_usd", "macrs", "break_even_months", "paid_minutes"} <= _formulas()


def test_every_block_of_code_is_part_of_the_session(document: str, session: doctest.DocTest) -> None:
    blocks = BLOCK.findall(document)
    assert len(blocks) > 30
    assert all(block.startswith(">>> ") for block in blocks)
    assert len(session.examples) == sum(block.count("\n>>> ") + 1 for block in blocks)
    assert document.count("```") == 2 * len(blocks)


def test_the_worked_numbers_are_right(session: doctest.DocTest) -> None:
    said: list[str] = []
    result = doctest.DocTestRunner().run(session, out=said.append, clear_globs=False)
    assert result.attempted == len(session.examples)
    assert result.failed == 0, "".join(said)


def test_every_formula_is_explained_and_worked_out(document: str, session: doctest.DocTest) -> None:
    prose = BLOCK.sub("", document)
    called = {
        node.func.id
        for example in session.examples
        for node in ast.walk(ast.parse(example.source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert sorted(name for name in _formulas() if f"`{name}`" not in prose) == []
    assert sorted(_formulas() - called) == []


def test_a_formula_that_is_named_exists(document: str) -> None:
    public = set(models.__all__)
    for example in re.findall(r"from rig_or_rent\.models import (\([^)]*\)|[^\n]*)", document):
        names = set(re.findall(r"\w+", example))
        assert names
        assert names <= public
