"""What leaves the program: a CSV that reads back as the table, JSON that says never, files that are whole."""

from __future__ import annotations

import csv
import io
import json
import math
import resource
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import Comparison, Scenario, __version__, compare
from models.export import csv_text

Offers = Callable[..., pd.DataFrame]

# The fixed order of the columns.
COLUMNS = [
    "option",
    "provider",
    "instance_type",
    "gpu",
    "gpu_count",
    "gpus_used",
    "instances",
    "region",
    "term",
    "access",
    "fits",
    "reason",
    "considered",
    "relative_throughput",
    "throughput_kind",
    "hours_per_month",
    "monthly_usd",
    "total_usd",
    "present_value_usd",
    "usd_per_useful_hour",
    "break_even_months",
    "break_even_months_if_sold",
    "break_even_hours_per_week",
    "break_even_direction",
    "break_even_usd_per_hour",
    "as_of",
    "source",
    "tier",
    "hosts",
    "what_you_get",
    "listed_currency",
    "listed_per_hour",
    "currency",
    "units_per_usd",
    "rate_as_of",
]
HOSTILE_SOURCE = 'a "list", 50 % off #1\nsecond line # of it;\ttabs, and "quotes"'
FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1"]


@pytest.fixture(scope="module")
def everything(bundled: pd.DataFrame) -> Comparison:
    """The default question against the bundled offers."""
    return compare(Scenario(), bundled)


def _read(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), comment="#")


def _texts(table: pd.DataFrame) -> list[str]:
    """The columns that hold text."""
    return [name for name in table.columns if table[name].map(lambda value: isinstance(value, str)).any()]


# --- CSV ----------------------------------------------------------------------------------------------------


def test_the_columns_have_their_fixed_order(everything: Comparison) -> None:
    assert list(everything.table.columns) == COLUMNS
    header = next(line for line in everything.to_csv().splitlines() if not line.startswith("#"))
    assert next(csv.reader([header])) == COLUMNS


def test_the_csv_reads_back_as_the_table_to_the_last_digit(everything: Comparison) -> None:
    table = everything.table
    read = _read(everything.to_csv())
    assert list(read.columns) == COLUMNS
    assert len(read) == len(table) > 800
    texts = _texts(table)
    assert len(texts) > 10
    for name in COLUMNS:
        if name in texts:
            assert read[name].fillna("").tolist() == table[name].tolist(), name
        else:
            assert np.array_equal(
                read[name].to_numpy(dtype=float), table[name].to_numpy(dtype=float), equal_nan=True
            ), name


def test_never_stays_inf_and_unknown_stays_empty(everything: Comparison) -> None:
    table, read = everything.table, _read(everything.to_csv())
    never = np.isinf(table["break_even_months"])
    unknown = table["total_usd"].isna()
    assert 0 < never.sum() < len(table)
    assert 0 < unknown.sum() < len(table)
    assert np.isinf(read.loc[never, "break_even_months"]).all()
    assert read.loc[unknown, "total_usd"].isna().all()
    assert read["break_even_months"].dtype == float  # a column of numbers stays one
    body = [line for line in everything.to_csv().splitlines() if not line.startswith("#")]
    assert not any(",nan," in line.lower() for line in body)


def test_the_head_carries_the_inputs_the_prices_and_the_version(everything: Comparison) -> None:
    head = [line for line in everything.to_csv().splitlines() if line.startswith("#")]
    joined = "\n".join(head)
    assert __version__ in joined
    assert everything.snapshot_id in joined
    (scenario,) = [line for line in head if line.startswith("# scenario ")]
    assert Scenario.model_validate_json(scenario.removeprefix("# scenario ")) == everything.scenario
    considered = everything.table.loc[everything.table["considered"], "as_of"]
    assert considered.min() in joined
    assert considered.max() in joined


def test_the_head_of_the_csv_gives_the_same_table_again(
    everything: Comparison, bundled: pd.DataFrame
) -> None:
    head = everything.to_csv().splitlines()
    (line,) = [line for line in head if line.startswith("# scenario ")]
    again = compare(Scenario.model_validate_json(line.removeprefix("# scenario ")), bundled)
    assert again.to_csv() == everything.to_csv()


def test_a_hostile_source_survives(offers_of: Offers) -> None:
    comparison = compare(Scenario(), offers_of({"source": HOSTILE_SOURCE, "instance_type": 'x, "y" #z'}))
    read = _read(comparison.to_csv())
    assert len(read) == 2
    assert read["source"].iloc[1] == HOSTILE_SOURCE
    assert read["instance_type"].iloc[1] == 'x, "y" #z'
    assert read["present_value_usd"].tolist() == comparison.table["present_value_usd"].tolist()


def test_a_line_of_a_cell_that_begins_with_a_hash_survives(offers_of: Offers) -> None:
    source = "first\n# second, which is no comment\nthird"
    comparison = compare(Scenario(), offers_of({"source": source}))
    assert _read(comparison.to_csv())["source"].iloc[1] == source


def test_a_name_in_the_head_cannot_begin_a_line_of_its_own(offers_of: Offers) -> None:
    parts = [{"name": 'gpu\n"x",1\r\ny', "price_usd": 10}]
    comparison = compare(Scenario.model_validate({"workstation": {"parts": parts}}), offers_of({}))
    assert len(_read(comparison.to_csv())) == 2


@pytest.mark.parametrize("formula", FORMULAS)
def test_text_that_a_spreadsheet_would_run_is_neutralised(offers_of: Offers, formula: str) -> None:
    comparison = compare(Scenario(), offers_of({"source": formula, "instance_type": formula}))
    rows = list(csv.reader(io.StringIO(comparison.to_csv(), newline="")))
    header = next(row for row in rows if row[0] == "option")
    cells = dict(zip(header, rows[-1], strict=True))
    assert cells["source"] == "'" + formula
    assert cells["instance_type"] == "'" + formula


def test_no_text_cell_of_the_csv_begins_as_a_formula(everything: Comparison) -> None:
    rows = list(csv.reader(io.StringIO(everything.to_csv(), newline="")))
    body = rows[[row[:1] for row in rows].index(["option"]) + 1 :]
    assert len(body) == len(everything.table)
    texts = [COLUMNS.index(name) for name in _texts(everything.table)]
    assert not [
        row[at] for row in body for at in texts if row[at].startswith(("=", "+", "-", "@", "\t", "\r"))
    ]


def test_numbers_are_never_touched_negative_ones_neither(offers_of: Offers) -> None:
    comparison = compare(Scenario(), offers_of({}))
    table = comparison.table.assign(total_usd=-comparison.table["total_usd"])
    assert (table["total_usd"] < 0).all()
    text = csv_text(table, ["a head"])
    assert "'-" not in text
    assert _read(text)["total_usd"].tolist() == table["total_usd"].tolist()


def test_only_the_chosen_rows_are_written_in_their_order(everything: Comparison, tmp_path: Path) -> None:
    chosen = [0, 7, 3, 800]
    path = tmp_path / "some.csv"
    text = everything.to_csv(path, rows=chosen)
    assert path.read_text(encoding="utf-8") == text
    assert _read(text)["option"].tolist() == everything.table["option"].iloc[chosen].tolist()
    assert [
        row["option"] for row in json.loads(everything.to_json(rows=chosen))["options"]
    ] == everything.table["option"].iloc[chosen].tolist()
    assert len(_read(everything.to_csv(rows=[]))) == 0


# --- the file is whole or not there -------------------------------------------------------------------------


def test_the_file_holds_what_is_returned_and_no_other_file_is_left(
    everything: Comparison, tmp_path: Path
) -> None:
    path = tmp_path / "answer.csv"
    path.write_text("an older answer")
    text = everything.to_csv(str(path))
    with path.open(encoding="utf-8", newline="") as file:
        assert file.read() == text == everything.to_csv()
    assert [file.name for file in tmp_path.iterdir()] == ["answer.csv"]


def test_a_full_disk_leaves_the_old_file_as_it_was(everything: Comparison, tmp_path: Path) -> None:
    path = tmp_path / "answer.csv"
    path.write_text("an older answer")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            everything.to_csv(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_text() == "an older answer"
    assert [file.name for file in tmp_path.iterdir()] == ["answer.csv"]


def test_a_folder_in_the_place_of_the_file_is_an_error_and_stays(
    everything: Comparison, tmp_path: Path
) -> None:
    folder = tmp_path / "answer.csv"
    folder.mkdir()
    (folder / "kept").write_text("kept")
    with pytest.raises(OSError, match=r"answer\.csv"):
        everything.to_csv(folder)
    assert [file.name for file in tmp_path.iterdir()] == ["answer.csv"]
    assert (folder / "kept").read_text() == "kept"


def test_a_folder_that_is_not_there_is_an_error(everything: Comparison, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        everything.to_csv(tmp_path / "nowhere" / "answer.csv")
    assert not list(tmp_path.iterdir())


# --- JSON ---------------------------------------------------------------------------------------------------


def test_the_json_is_one_document_with_every_part(everything: Comparison) -> None:
    document = json.loads(everything.to_json())
    assert set(document) == {
        "version",
        "snapshot_id",
        "scenario",
        "verdict",
        "break_even",
        "flips_at",
        "receipt",
        "measures",
        "emissions",
        "options",
    }
    assert document["version"] == __version__
    assert document["snapshot_id"] == everything.snapshot_id
    assert Scenario.model_validate(document["scenario"]) == everything.scenario
    assert document["verdict"] == list(everything.verdict)
    assert {"against", "months", "months_if_sold", "hours_per_week", "usd_per_hour"} <= set(
        document["break_even"]
    )
    assert len(document["options"]) == len(everything.table)
    assert list(document["options"][0]) == COLUMNS


def test_in_json_never_is_a_word_and_unknown_is_null(everything: Comparison) -> None:
    options = json.loads(everything.to_json())["options"]
    table = everything.table
    seen = {"never": 0, "null": 0, "number": 0}
    for row, (_, expected) in zip(options, table.iterrows(), strict=True):
        for name in ("total_usd", "break_even_months", "break_even_hours_per_week", "relative_throughput"):
            if math.isnan(expected[name]):
                assert row[name] is None
                seen["null"] += 1
            elif math.isinf(expected[name]):
                assert row[name] == "never"
                seen["never"] += 1
            else:
                assert row[name] == expected[name]
                seen["number"] += 1
    assert all(count > 50 for count in seen.values())
    assert isinstance(options[0]["fits"], bool)


def test_the_json_has_no_word_that_is_not_json(everything: Comparison) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    document = json.loads(everything.to_json(), parse_constant=refuse)
    # The default question: the build never pays for itself against the cheapest rental.
    assert document["break_even"]["months"] == "never"
    assert document["break_even"]["hours_per_week"] == everything.break_even["hours_per_week"]


def test_without_a_rental_the_break_evens_are_null(bundled: pd.DataFrame) -> None:
    asked = Scenario().with_settings({"rental.providers": "colab", "workload.needs_runner": "true"})
    found = json.loads(compare(asked, bundled).to_json())["break_even"]
    assert [
        found[name] for name in ("against", "months", "months_if_sold", "hours_per_week", "usd_per_hour")
    ] == [None] * 5


def test_the_receipt_in_json_sums_to_the_options_totals(everything: Comparison) -> None:
    document = json.loads(everything.to_json())
    totals = {row["option"]: row["total_usd"] for row in document["options"]}
    sums: dict[str, float] = {}
    for line in document["receipt"]:
        sums[line["option"]] = sums.get(line["option"], 0.0) + line["total_usd"]
    assert len(sums) == 2
    for option, usd in sums.items():
        assert usd == pytest.approx(totals[option], abs=0.005)


def test_the_same_question_gives_the_same_bytes(bundled: pd.DataFrame) -> None:
    first, second = (compare(Scenario(), bundled) for _ in range(2))
    assert first.to_csv() == second.to_csv()
    assert first.to_json() == second.to_json()
