"""The examples in the docstrings of the model run and are right."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import models

MODULES = ["models", *sorted(f"models.{module.name}" for module in pkgutil.iter_modules(models.__path__))]
# The formulas whose docstring shows an example.
WITH_EXAMPLES = (
    "break_even",
    "cards",
    "ci",
    "depreciation",
    "draws",
    "electricity",
    "finance",
    "grid",
    "hybrid",
    "investment",
    "power",
    "resale",
    "slots",
    "tariffs",
    "tax",
    "usage",
)


def _examples(name: str) -> list[doctest.Example]:
    module = importlib.import_module(name)
    return [
        example
        for found in doctest.DocTestFinder().find(module, name)
        for example in found.examples
        if not example.options.get(doctest.SKIP)
    ]


def test_the_modules_are_found() -> None:
    assert len(MODULES) > 10
    assert "models.comparison" in MODULES


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_a_module_of_formulas_shows_an_example(name: str) -> None:
    assert _examples(f"models.{name}")


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_right(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
    assert result.attempted >= len(_examples(name))
