"""What is stored is read back as it was, or not at all; the last good prices outlive every damaged file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing import find_offers, load_offers, price_ages, price_problems, price_status
from pricing.cache import Stored, read_status, read_stored, sealed, store, stored_files, write_status
from pricing.catalogue import offers_state
from pricing.files import UNFINISHED_KEPT_S, file_state, remove_leftovers, write_whole

PLACE = ["provider", "region"]
LATER = "2026-11-23T10:00:00+00:00"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder of this test."""
    monkeypatch.setenv("RIG_OR_RENT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def bundled(provider: str = "aws", region: str = "us-east-1", term: str = "on_demand") -> pd.DataFrame:
    found = find_offers(load_offers(), provider=provider, region=region, term=term)
    assert len(found) > 10
    return found.sort_values(["instance_type"], ignore_index=True)


def keep(folder: Path, offers: pd.DataFrame, **changed: Any) -> Path:
    given: dict[str, Any] = {
        "provider": "aws",
        "region": "us-east-1",
        "retrieved_at": LATER,
        "terms": ["on_demand"],
        "validators": {"https://example.org/a": {"etag": '"1"', "last_modified": ""}},
    }
    return store(folder, offers, **(given | changed))


def read(path: Path) -> Stored | str:
    state = file_state(path)
    assert state is not None
    return read_stored(state)


def test_without_a_cache_folder_the_bundled_prices_are_there(folder: Path) -> None:
    assert not folder.exists()
    assert len(load_offers()) > 800
    assert set(price_status()["retrieved_at"]) == {""}


def test_what_is_stored_is_read_back_to_the_last_bit(folder: Path) -> None:
    offers = bundled()
    stored = read(keep(folder, offers))
    assert isinstance(stored, Stored)
    pd.testing.assert_frame_equal(stored.offers(), offers, check_exact=True)
    assert (stored.provider, stored.region, stored.terms) == ("aws", "us-east-1", ("on_demand",))
    assert stored.retrieved_at == LATER
    assert stored.validators == {"https://example.org/a": {"etag": '"1"', "last_modified": ""}}
    assert stored.source == "; ".join(sorted(set(offers["source"])))


def test_the_file_says_about_itself_what_it_holds(folder: Path) -> None:
    path = keep(folder, bundled())
    assert path.name == "aws.us-east-1.parquet"
    said = json.loads(pq.read_schema(path).metadata[b"rig_or_rent"])
    assert said["schema_version"] == 2
    assert set(said) == {
        "schema_version",
        "provider",
        "region",
        "retrieved_at",
        "terms",
        "validators",
        "source",
        "shapes_id",
        "sha256",
    }


def test_stored_rows_replace_the_bundled_ones_of_their_region_and_terms_as_a_whole(folder: Path) -> None:
    before = load_offers()
    offers = bundled().head(3).assign(usd_per_hour=[1.5, 2.5, 3.5], as_of="2026-11-23")
    keep(folder, offers)
    after = load_offers()
    is_replaced = (
        (before["provider"] == "aws") & (before["region"] == "us-east-1") & (before["term"] == "on_demand")
    )
    expected = pd.concat([before[~is_replaced], offers]).sort_values(
        ["provider", "instance_type", "region", "term"], ignore_index=True
    )
    assert is_replaced.sum() > 3
    pd.testing.assert_frame_equal(after, expected, check_exact=True)


def test_a_term_that_is_replaced_by_nothing_is_gone(folder: Path) -> None:
    keep(folder, bundled(), terms=["on_demand", "spot"])
    assert find_offers(load_offers(), provider="aws", region="us-east-1", term="spot").empty


def test_a_stored_region_without_bundled_prices_is_added(folder: Path) -> None:
    keep(folder, bundled().assign(region="eu-west-3"), region="eu-west-3")
    assert len(find_offers(load_offers(), region="eu-west-3")) == len(bundled())


def test_a_price_without_a_region_gives_way_to_any_region_of_its_provider(folder: Path) -> None:
    before = load_offers()
    listed = before[(before["provider"] == "vast") & (before["region"] == "global")]
    assert {"on_demand", "spot"} <= set(listed["term"])
    fresh = listed[listed["term"] == "on_demand"].head(2).assign(region="europe", as_of="2026-11-23")
    keep(folder, fresh, provider="vast", region="europe", terms=["on_demand"])
    now = find_offers(load_offers(), provider="vast")
    assert set(now.loc[now["term"] == "on_demand", "region"]) == {"europe"}
    # What was not asked for stays, and so do other providers that name no region.
    assert set(now.loc[now["term"] == "spot", "region"]) == {"global"}
    others = before["provider"] != "vast"
    pd.testing.assert_frame_equal(
        load_offers().query("provider != 'vast'").reset_index(drop=True),
        before[others].reset_index(drop=True),
    )


def test_the_table_follows_the_files_and_every_caller_has_his_own(folder: Path) -> None:
    bundled_price = bundled()["usd_per_hour"].tolist()
    path = keep(folder, bundled().assign(usd_per_hour=7.0))
    state = offers_state()
    mine = load_offers()
    mine.loc[:, "usd_per_hour"] = 0.0
    assert set(bundled()["usd_per_hour"]) == {7.0}
    assert offers_state() == state
    keep(folder, bundled().assign(usd_per_hour=8.0))
    assert offers_state() != state
    assert set(bundled()["usd_per_hour"]) == {8.0}
    path.unlink()
    assert bundled()["usd_per_hour"].tolist() == bundled_price


TEXTS = st.text(st.sampled_from("aAzZ0-_ é\uffff\U00010000"), max_size=3)


@given(stored=st.dictionaries(st.sampled_from("abcde"), st.lists(TEXTS, max_size=6), max_size=4))
@settings(max_examples=40, deadline=None)
def test_the_table_is_what_sorting_all_rows_gives(
    stored: dict[str, list[str]], tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("sorted")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RIG_OR_RENT_CACHE_DIR", str(folder))
        parts = [load_offers()]
        row = bundled().iloc[:1]
        for region, names in stored.items():
            rows = row.loc[row.index.repeat(len(names))].assign(region=region, instance_type=names)
            # The price tells equal names apart: their order is to stay.
            parts.append(
                rows.assign(usd_per_hour=np.arange(1.0, len(names) + 1)).astype(row.dtypes.to_dict())
            )
            keep(folder, parts[-1], region=region)
        expected = pd.concat([parts[0], *(part for _, part in sorted(zip(stored, parts[1:], strict=True)))])
        expected = expected.sort_values(
            ["provider", "instance_type", "region", "term"], ignore_index=True, kind="stable"
        )
        found = load_offers()
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    assert isinstance(found.index, pd.RangeIndex)


def changed_metadata(path: Path, **changes: Any) -> None:
    table = pq.read_table(path)
    said = json.loads(table.schema.metadata[b"rig_or_rent"]) | changes
    pq.write_table(table.replace_schema_metadata({b"rig_or_rent": json.dumps(said)}), path)
    path.write_bytes(sealed(path.read_bytes()))


def changed_rows(path: Path, **columns: Any) -> None:
    table = pq.read_table(path)
    for name, cell in columns.items():
        values = [cell, *table.column(name).to_pylist()[1:]]
        table = table.set_column(
            table.column_names.index(name), name, pa.array(values, table.column(name).type)
        )
    pq.write_table(table, path)
    path.write_bytes(sealed(path.read_bytes()))


def without_a_column(path: Path) -> None:
    pq.write_table(pq.read_table(path).drop_columns(["as_of"]), path)
    path.write_bytes(sealed(path.read_bytes()))


def as_the_version_before_wrote_it(path: Path) -> None:
    """Without the columns that the second version of the table brought."""
    table = pq.read_table(path)
    said = json.loads(table.schema.metadata[b"rig_or_rent"]) | {"schema_version": 1}
    older = table.select(table.column_names[: table.column_names.index("tier")])
    assert older.column_names[-1] == "source"
    pq.write_table(older.replace_schema_metadata({b"rig_or_rent": json.dumps(said)}), path)
    path.write_bytes(sealed(path.read_bytes()))


def with_another_table(path: Path) -> None:
    said = pq.read_schema(path).metadata
    pq.write_table(pa.table({"a": [1]}).replace_schema_metadata(said), path)


DAMAGES: Mapping[str, Any] = {
    "not a Parquet file": lambda path: path.write_bytes(b"PAR1 no more"),
    "damaged, or": lambda path: path.write_bytes(path.read_bytes()[:-200]),
    "or not a Parquet": lambda path: path.write_bytes(b""),
    "not written by Rig or Rent": lambda path: pq.write_table(pa.table({"a": [1]}), path),
    "schema version is 1": as_the_version_before_wrote_it,
    "schema version is 3": lambda path: changed_metadata(path, schema_version=3),
    "it holds gcp us-east-1": lambda path: changed_metadata(path, provider="gcp"),
    "says about itself cannot be read": lambda path: changed_metadata(path, validators=[1]),
    "about itself cannot": lambda path: changed_metadata(path, retrieved_at="yesterday"),
    "itself cannot be read": lambda path: changed_metadata(path, terms=["hourly"]),
    "the term 'spot'": lambda path: changed_rows(path, term="spot"),
    "the region 'us-east-2'": lambda path: changed_rows(path, region="us-east-2"),
    "price that is not above 0": lambda path: changed_rows(path, usd_per_hour=0.0),
    "a price that is not": lambda path: changed_rows(path, usd_per_hour=float("nan")),
    "column usd_per_hour holds": lambda path: changed_rows(path, usd_per_hour=None),
    "columns are not those": without_a_column,
    "damaged": with_another_table,
}


@pytest.mark.parametrize("said", DAMAGES)
def test_a_damaged_or_foreign_file_is_ignored_and_named(folder: Path, said: str) -> None:
    before = load_offers()
    path = keep(folder, bundled().assign(usd_per_hour=7.0))
    assert not load_offers().equals(before)
    DAMAGES[said](path)
    pd.testing.assert_frame_equal(load_offers(), before, check_exact=True)
    status = price_status().set_index(PLACE)
    problem = str(status.loc[("aws", "us-east-1"), "problem"])
    assert said in problem
    assert "aws.us-east-1.parquet" in problem
    assert status.loc[("aws", "us-east-1"), "retrieved_at"] == ""
    assert (status["problem"] != "").sum() == 1


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_flipped_byte_never_becomes_another_price(data: st.DataObject, tmp_path_factory: Any) -> None:
    place = tmp_path_factory.getbasetemp() / "flipped"
    path = place / "aws.us-east-1.parquet"
    if not (place / "sound").exists():
        offers = bundled()
        keep(place, offers)
        path.rename(place / "sound")
        offers.to_pickle(place / "truth")
    body = bytearray((place / "sound").read_bytes())
    # The end of the file holds what tells where everything else is.
    at = data.draw(st.integers(0, len(body) - 1) | st.integers(len(body) - 500, len(body) - 1))
    body[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(body))
    found = read(path)
    if isinstance(found, Stored):
        truth: pd.DataFrame = pd.read_pickle(place / "truth")
        pd.testing.assert_frame_equal(found.offers(), truth, check_exact=True)
    else:
        assert "aws.us-east-1.parquet" in found


def test_a_file_of_another_name_is_left_alone_and_named(folder: Path) -> None:
    folder.mkdir()
    (folder / "my notes.parquet").write_bytes(b"notes")
    assert len(load_offers()) > 800
    (problem,) = set(price_status()["problem"]) - {""}
    assert "my notes.parquet" in problem
    assert (folder / "my notes.parquet").read_bytes() == b"notes"


def test_a_cache_folder_that_is_a_file_is_named(folder: Path) -> None:
    folder.write_text("no folder")
    assert len(load_offers()) > 800
    (problem,) = set(price_status()["problem"]) - {""}
    assert str(folder) in problem


def test_a_write_that_fails_leaves_what_was_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = keep(folder, bundled())
    body = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        keep(folder, bundled().assign(usd_per_hour=7.0))
    assert path.read_bytes() == body
    assert os.listdir(folder) == [path.name]


def test_what_a_killed_process_left_is_ignored_and_removed_after_a_day(folder: Path) -> None:
    keep(folder, bundled())
    new, old = (folder / f"aws.us-east-1.parquet.{name}.unfinished" for name in ("new", "old"))
    for path in (new, old):
        path.write_bytes(b"PAR1")
    day_old = time.time() - UNFINISHED_KEPT_S - 1
    os.utime(old, (day_old, day_old))
    assert len(stored_files(folder)) == 1
    assert set(price_status()["problem"]) == {""}
    remove_leftovers(folder)
    assert (new.exists(), old.exists()) == (True, False)


def test_two_writers_leave_a_whole_file_of_one_of_them(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "aws.us-east-1.parquet"
    whole = {letter * 50_000 for letter in (b"a", b"b")}
    write_whole(path, min(whole))
    program = (
        "import sys; from pathlib import Path; from pricing.files import write_whole\n"
        "for _ in range(200): write_whole(Path(sys.argv[1]), sys.argv[2].encode() * 50_000)"
    )
    commands = [[sys.executable, "-c", program, str(path), letter] for letter in ("a", "b")]
    writers = [subprocess.Popen(command, cwd=root) for command in commands]
    reads = 0
    while any(writer.poll() is None for writer in writers):
        assert path.read_bytes() in whole
        reads += 1
    assert [writer.wait() for writer in writers] == [0, 0]
    assert reads > 0
    assert os.listdir(tmp_path) == [path.name]


def test_the_status_tells_age_and_trouble_until_newer_prices_come(folder: Path) -> None:
    keep(folder, bundled())
    note = {"at": "2026-11-23T11:00:00+00:00", "outcome": "failed", "sentence": "The network is down."}
    write_status(folder, {("aws", "us-east-1"): note, ("azure", "eastus"): note, ("gcp", "us-west9"): note})
    status = price_status().set_index(PLACE)
    assert status.loc[("aws", "us-east-1"), "retrieved_at"] == LATER
    assert status.loc[("aws", "us-east-1"), "problem"] == "The network is down."
    assert status.loc[("gcp", "us-west9"), "offers"] == 0
    ages = price_ages(price_status(), pd.Timestamp("2026-11-24").date())
    assert ages["aws"] == (
        "1 of 8 regions retrieved 2026-11-23 (1 day old), the others bundled, the newest of 2026-09-25"
    )
    assert price_problems(price_status()) == {
        "aws": ["us-east-1: The network is down."],
        "azure": ["eastus: The network is down."],
        "gcp": ["us-west9: The network is down."],
    }
    keep(folder, bundled(), retrieved_at="2026-11-23T12:00:00+00:00")
    assert price_status().set_index(PLACE).loc[("aws", "us-east-1"), "problem"] == ""


def test_a_note_of_one_refresh_keeps_those_of_others(folder: Path) -> None:
    note = {"at": LATER, "outcome": "failed", "sentence": "No."}
    write_status(folder, {("aws", "us-east-1"): note})
    write_status(folder, {("gcp", "us-central1"): note})
    assert set(read_status(folder)) == {("aws", "us-east-1"), ("gcp", "us-central1")}
    (folder / "status.json").write_text("[")
    assert read_status(folder) == {}
    assert set(price_status()["problem"]) == {""}


def test_sixty_thousand_stored_offers_are_loaded_quickly(folder: Path) -> None:
    offers = bundled()
    many = pd.concat([offers] * 50, ignore_index=True)
    many["instance_type"] = many["instance_type"] + "." + (many.index // len(offers)).astype(str)
    regions = [f"xx-test-{number}" for number in range(60_000 // len(many) + 1)]
    for region in regions:
        keep(folder, many.assign(region=region), region=region)
    loaded_s = []
    for _ in range(3):
        read_stored.cache_clear()
        # A new time makes it another state, so that nothing is remembered.
        os.utime(folder / f"aws.{regions[0]}.parquet")
        start = time.perf_counter()
        found = load_offers()
        loaded_s.append(time.perf_counter() - start)
        assert len(found) > 60_000
    # The goal is 0.1 s on a quiet machine; the benchmark measures it. Here other work may go on beside it.
    assert min(loaded_s) < 0.5
