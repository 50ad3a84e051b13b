"""The layers keep their distance: who may import whom, who may read a file or a clock, who may calculate."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

Finding = tuple[int, str]
Rule = Callable[[ast.Module], Iterator[Finding]]

VIEW_LIBRARIES = {"plotly", "streamlit"}
NETWORK_LIBRARIES = {
    "aiohttp",
    "ftplib",
    "http.client",
    "httpx",
    "requests",
    "socket",
    "urllib.request",
    "urllib3",
}
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)


def imported_names(tree: ast.Module) -> Iterator[tuple[int, str, int]]:
    """Line, dotted name and level (0 = absolute) of everything that is imported, functions included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # `from http import client` must count as `http.client`.
            base = f"{node.module}." if node.module else ""
            yield from ((node.lineno, base + alias.name, node.level) for alias in node.names)


def is_of(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def refuse_imports(packages: set[str]) -> Rule:
    def rule(tree: ast.Module) -> Iterator[Finding]:
        for line, name, level in imported_names(tree):
            if level == 0 and is_of(name, packages):
                yield line, f"imports {name}"
            if level > 1:
                yield line, f"imports {name} from outside its package"

    return rule


def refuse_file_reading(tree: ast.Module) -> Iterator[Finding]:
    for call, name in named_calls(tree):
        if (
            (name == "open" and not is_open_for_writing(call))
            or name.startswith("read_")
            or name == "loadtxt"
        ):
            yield call.lineno, f"reads a file with {name}"


def refuse_clock(tree: ast.Module) -> Iterator[Finding]:
    for call, name in named_calls(tree):
        if name in {"now", "today", "utcnow", "localtime", "gmtime", "monotonic", "perf_counter", "time"}:
            yield call.lineno, f"asks the clock with {name}"


def named_calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node, node.func.id
            elif isinstance(node.func, ast.Attribute):
                yield node, node.func.attr


def is_open_for_writing(call: ast.Call) -> bool:
    modes = [word.value for word in call.keywords if word.arg == "mode"] + call.args
    return any(isinstance(mode, ast.Constant) and mode.value in {"w", "x", "wb", "xb"} for mode in modes)


def refuse_arithmetic(tree: ast.Module) -> Iterator[Finding]:
    """Arithmetic on anything but texts, lists and paths; whole numbers inside a `_layout…` function pass."""
    for node, function in with_function(tree):
        if isinstance(node, ast.BinOp):
            sides: list[ast.expr] = [node.left, node.right]
        elif isinstance(node, ast.AugAssign):
            sides = [node.value]
        else:
            continue
        if not isinstance(node.op, ARITHMETIC) or any(is_text_or_list(side) for side in sides):
            continue
        is_about_whole_numbers = not isinstance(node.op, ast.Div | ast.Pow) and not any(
            isinstance(part, ast.Constant) and isinstance(part.value, float) for part in ast.walk(node)
        )
        if not (function.startswith("_layout") and is_about_whole_numbers):
            yield node.lineno, f"calculates {ast.unparse(node)}"


def is_text_or_list(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.BinOp):
        return is_text_or_list(node.left) or is_text_or_list(node.right)
    return isinstance(node, ast.JoinedStr | ast.List | ast.ListComp | ast.Tuple)


def with_function(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Every node, with the name of the innermost function around it."""
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, function = waiting.pop()
        yield node, function
        inner = node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else function
        waiting.extend((child, inner) for child in ast.iter_child_nodes(node))


def findings(rule: Rule, root: Path, *patterns: str, but: Iterable[str] = ()) -> list[str]:
    files = sorted(
        {file for pattern in patterns for file in root.glob(pattern)} - {root / name for name in but}
    )
    assert files, f"no file matches {patterns}"
    return [
        f"{file.relative_to(root)}:{line} {what}"
        for file in files
        for line, what in rule(ast.parse(file.read_text(encoding="utf-8")))
    ]


PROGRAMS = ("app.py", "cli.py", "charts.py")


def test_the_programs_are_where_the_rules_look_for_them(root: Path) -> None:
    assert [name for name in PROGRAMS if not (root / name).is_file()] == []


def test_models_imports_neither_prices_nor_views(root: Path) -> None:
    forbidden = refuse_imports({"models", "pricing", "rig_or_rent", "charts"} | VIEW_LIBRARIES)
    assert findings(forbidden, root, "models/*.py") == []


def test_pricing_imports_neither_models_nor_views(root: Path) -> None:
    forbidden = refuse_imports({"models", "pricing", "rig_or_rent", "charts"} | VIEW_LIBRARIES)
    assert findings(forbidden, root, "pricing/*.py") == []


def test_the_charts_know_neither_models_nor_prices(root: Path) -> None:
    forbidden = refuse_imports({"models", "pricing", "rig_or_rent", "streamlit"})
    assert findings(forbidden, root, "charts.py") == []


def test_the_programs_import_the_packages_by_their_names_in_the_checkout(root: Path) -> None:
    assert findings(refuse_imports({"rig_or_rent"}), root, "app.py", "cli.py", "views/*.py") == []


def test_the_transport_alone_talks_to_a_network(root: Path) -> None:
    rule = refuse_imports(NETWORK_LIBRARIES)
    everywhere = ("models/*.py", "pricing/*.py", "views/*.py", *PROGRAMS)
    assert findings(rule, root, *everywhere, but=("pricing/http.py", "pricing/connections.py")) == []


def test_one_file_alone_asks_through_the_connections(root: Path) -> None:
    imports = {
        file.name: [name for _, name, _ in imported_names(ast.parse(file.read_text(encoding="utf-8")))]
        for file in root.glob("pricing/*.py")
    }
    assert {file for file, names in imports.items() if any("connections" in name for name in names)} == {
        "http.py"
    }


def test_figures_alone_reads_files_in_models(root: Path) -> None:
    assert (root / "models" / "figures.py").is_file()
    assert findings(refuse_file_reading, root, "models/*.py", but=["models/figures.py"]) == []


def test_models_never_asks_the_clock(root: Path) -> None:
    assert findings(refuse_clock, root, "models/*.py") == []


def test_the_programs_do_no_arithmetic_that_a_user_could_disagree_with(root: Path) -> None:
    assert findings(refuse_arithmetic, root, *PROGRAMS, "views/*.py") == []


IMPORT_RULE = refuse_imports({"models", "streamlit", "requests", "http.client"})


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (IMPORT_RULE, "import models"),
        (IMPORT_RULE, "from models.figures import load_figures"),
        (IMPORT_RULE, "def draw():\n    import streamlit as st"),
        (IMPORT_RULE, "from http import client"),
        (IMPORT_RULE, "from ..pricing import load_offers"),
        (IMPORT_RULE, "from .. import pricing"),
        (refuse_file_reading, "open('offers.csv')"),
        (refuse_file_reading, "pd.read_csv(path)"),
        (refuse_file_reading, "path.read_text()"),
        (refuse_file_reading, "path.open()"),
        (refuse_clock, "date.today()"),
        (refuse_clock, "datetime.now(tz=UTC)"),
        (refuse_clock, "time.time()"),
        (refuse_arithmetic, "saving_usd = rent_usd - build_usd"),
        (refuse_arithmetic, "total_usd += part_usd"),
        (refuse_arithmetic, "label = f'{hours / 730}'"),
        (refuse_arithmetic, "def _layout_width(columns):\n    return 0.5 * columns"),
        (refuse_arithmetic, "def _layout(columns):\n    return total_usd / columns"),
    ],
)
def test_a_breach_is_found(rule: Rule, code: str) -> None:
    assert list(rule(ast.parse(code)))


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (IMPORT_RULE, "from . import figures"),
        (IMPORT_RULE, "from .models import figures"),
        (IMPORT_RULE, "import http"),
        (IMPORT_RULE, "import requests_mock"),
        (refuse_file_reading, "frame.to_csv(path)"),
        (refuse_file_reading, "path.open('w', newline='')"),
        (refuse_file_reading, "path.write_text(text)"),
        (refuse_clock, "date.fromisoformat('2026-11-23')"),
        (refuse_arithmetic, "label = 'USD ' + text"),
        (refuse_arithmetic, "label += f'{hours} h'"),
        (refuse_arithmetic, "file = folder / 'offers.csv'"),
        (refuse_arithmetic, "names = ['build'] + rentals"),
        (refuse_arithmetic, "lowest = -1"),
        (refuse_arithmetic, "price: float | None"),
        (refuse_arithmetic, "def _layout_row(index):\n    return index // 2 + 1"),
    ],
)
def test_what_keeps_the_rule_passes(rule: Rule, code: str) -> None:
    assert list(rule(ast.parse(code))) == []
