"""Whoever knows Colab's rates of today puts a table of his own into the configuration folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from pricing import find_offers, load_offers, price_problems, price_status


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RIG_OR_RENT_CONFIG_DIR", str(tmp_path))
    return tmp_path


def colab() -> pd.DataFrame:
    return find_offers(load_offers(), provider="colab")


def changed_rates(root: Path, folder: Path, **columns: str) -> None:
    rates = pd.read_csv(root / "data" / "colab_rates.csv", dtype="str", keep_default_na=False)
    has_gpu = rates["gpu"] != ""
    changed = {name: rates[name].where(~has_gpu, cell) for name, cell in columns.items()}
    rates.assign(**changed).to_csv(folder / "colab_rates.csv", index=False)


def test_own_rates_replace_the_bundled_ones_at_once(root: Path, folder: Path) -> None:
    before = colab()
    changed_rates(root, folder, compute_units_per_hour="2")
    prepaid = find_offers(load_offers(), provider="colab", term="prepaid")
    assert len(prepaid) == len(before) - 1
    assert set(prepaid["usd_per_hour"] * 50) == {9.99, 9.998}
    assert price_problems(price_status()) == {}
    (folder / "colab_rates.csv").unlink()
    pd.testing.assert_frame_equal(colab(), before)


def test_a_copy_of_the_bundled_tables_changes_nothing(root: Path, folder: Path) -> None:
    before = load_offers()
    for name in ("colab_plans.csv", "colab_rates.csv"):
        shutil.copy(root / "data" / name, folder)
    pd.testing.assert_frame_equal(load_offers(), before)
    assert price_problems(price_status()) == {}


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("compute_units_per_hour", "", "usd_per_hour is empty"),
        ("compute_units_per_hour", "0", "float division by zero"),
        ("compute_units_per_hour", "-1", "usd_per_hour"),
        ("compute_units_per_hour", "fast", "fast"),
        ("gpu", "RTX 9999", "gpu is 'RTX 9999'"),
        ("as_of", "2999-01-01", "as_of is '2999-01-01', which is still to come"),
        ("as_of", "yesterday", "yesterday"),
    ],
)
def test_a_table_of_ones_own_that_is_not_sound_is_ignored_and_named(
    root: Path, folder: Path, column: str, cell: str, said: str
) -> None:
    before = colab()
    changed_rates(root, folder, **{column: cell})
    pd.testing.assert_frame_equal(colab(), before)
    ((problem,),) = price_problems(price_status()).values()
    assert "colab_rates.csv" in problem
    assert said in problem


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"a,b\n1,2\n", b'"\n'])
def test_a_file_that_is_no_such_table_is_ignored_and_named(folder: Path, body: bytes) -> None:
    before = colab()
    (folder / "colab_plans.csv").write_bytes(body)
    pd.testing.assert_frame_equal(colab(), before)
    assert "colab_plans.csv" in str(price_problems(price_status()))
