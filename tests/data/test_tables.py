"""The bundled tables: what holds for every one of them, and that a defect does not get in."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from pricing import OFFER_COLUMNS

DATA = Path(__file__).resolve().parent.parent.parent / "data"
TODAY = date.today()

PROVENANCE = "as_of source kind"


class Table(NamedTuple):
    columns: str
    key: str
    # Columns that are filled in every row, beside the key and the provenance.
    filled: str = ""


TABLES = {
    "actions_plans.csv": Table(
        f"plan included_minutes_per_month storage_gb {PROVENANCE} note",
        "plan",
        "included_minutes_per_month storage_gb",
    ),
    "actions_runners.csv": Table(
        f"sku label system usd_per_minute included_minutes_apply free_in_public gpu {PROVENANCE} note",
        "sku",
        "label system usd_per_minute included_minutes_apply free_in_public",
    ),
    "assumptions.csv": Table("name value low high kind as_of source note", "name", "value low high note"),
    "builds.csv": Table(
        f"build role part model gpu price_usd price_eur condition {PROVENANCE} note",
        "build part",
        "role model condition",
    ),
    "carbon.csv": Table(
        f"country name grams_co2_per_kwh {PROVENANCE} note", "country", "name grams_co2_per_kwh"
    ),
    "colab_plans.csv": Table(
        "plan term usd compute_units valid_days max_session_hours commitment_months background_execution "
        f"{PROVENANCE} note",
        "plan",
        "term usd max_session_hours commitment_months background_execution",
    ),
    "colab_rates.csv": Table(
        f"accelerator gpu vram_gb compute_units_per_hour offered {PROVENANCE} note",
        "accelerator as_of source",
        "compute_units_per_hour offered",
    ),
    "countries.csv": Table(f"country name currency {PROVENANCE} note", "country", "name currency"),
    "currencies.csv": Table(f"currency name units_per_eur {PROVENANCE}", "currency", "name units_per_eur"),
    "egress.csv": Table(
        f"provider region from_gb_per_month term usd_per_gb {PROVENANCE} note",
        "provider region from_gb_per_month",
        "term usd_per_gb",
    ),
    "electricity.csv": Table(
        "country period name continent usd_per_kwh listed_price_per_kwh listed_currency taxes_included basis "
        f"{PROVENANCE} note",
        "country period as_of",
        "name continent usd_per_kwh listed_price_per_kwh listed_currency taxes_included basis",
    ),
    "gpu_aliases.csv": Table(
        f"provider alias vram_gb instance_prefix gpu form_stated {PROVENANCE} note",
        "provider alias vram_gb instance_prefix",
        "gpu form_stated",
    ),
    "gpus.csv": Table(
        "gpu gpu_class form vram_gb compute_capability memory_type memory_bandwidth_gb_per_s "
        "tensor_fp16_tflops fp32_tflops board_power_w launched_on launch_price_usd throughput_gpu "
        f"{PROVENANCE} note",
        "gpu",
        "gpu_class form vram_gb compute_capability memory_bandwidth_gb_per_s fp32_tflops board_power_w "
        "launched_on",
    ),
    "instances.csv": Table(
        f"provider instance_type gpu gpu_count vram_gb vcpus ram_gb local_ssd_gb access {PROVENANCE} note",
        "provider instance_type",
        "gpu gpu_count vram_gb vcpus ram_gb access",
    ),
    "interest.csv": Table(
        f"country item yearly_rate_fraction {PROVENANCE} note", "country item", "yearly_rate_fraction note"
    ),
    "offers.csv": Table(
        " ".join(OFFER_COLUMNS),
        "provider region term instance_type",
        "gpu gpu_count vram_gb access usd_per_hour listed_currency listed_per_hour",
    ),
    "power_limits.csv": Table(
        f"gpu curve power_limit_w relative_throughput relative_throughput_error {PROVENANCE} note",
        "gpu curve power_limit_w",
        "relative_throughput",
    ),
    "price_bounds.csv": Table(
        f"gpu low_usd_per_gpu_hour high_usd_per_gpu_hour {PROVENANCE}",
        "gpu",
        "low_usd_per_gpu_hour high_usd_per_gpu_hour",
    ),
    "psu_efficiency.csv": Table(
        f"grade volts load_fraction efficiency_fraction {PROVENANCE} note",
        "grade volts load_fraction",
        "efficiency_fraction",
    ),
    "regions.csv": Table(
        f"provider region continent government name {PROVENANCE}",
        "provider region",
        "continent government name",
    ),
    "resale.csv": Table(
        f"gpu age_months price_usd launch_price_usd fraction_of_launch_price {PROVENANCE} note",
        "gpu as_of",
        "age_months price_usd launch_price_usd fraction_of_launch_price",
    ),
    "storage.csv": Table(
        f"provider region storage product usd_per_gb_month {PROVENANCE} note",
        "provider region storage",
        "product usd_per_gb_month",
    ),
    "tax_rules.csv": Table(f"rule country value {PROVENANCE} note", "rule", "country value note"),
    "throughput.csv": Table(
        "gpu workload relative_throughput error_fraction raw_value raw_unit kind as_of source note",
        "gpu workload",
        "relative_throughput error_fraction",
    ),
    "vat.csv": Table(f"country vat_fraction {PROVENANCE} note", "country", "vat_fraction"),
    "workstation_power.csv": Table(
        f"item low_w typical_w high_w {PROVENANCE} note", "item", "low_w typical_w high_w note"
    ),
}

TEXT_COLUMNS = """
    accelerator access alias as_of background_execution basis build condition continent country currency curve
    form form_stated free_in_public government gpu gpu_class grade included_minutes_apply instance_prefix
    instance_type item kind label launched_on listed_currency memory_type model name note offered part period
    plan product provider raw_unit region role rule sku source storage system taxes_included term
    throughput_gpu tier workload
"""
TEXTS = set(TEXT_COLUMNS.split())
# A key may hold an empty cell only here: all hours, or any size, or any family.
MAY_BE_EMPTY = {"period", "vram_gb", "instance_prefix"}
PRICES = {
    "high_usd_per_gpu_hour",
    "launch_price_usd",
    "listed_per_hour",
    "listed_price_per_kwh",
    "low_usd_per_gpu_hour",
    "pack_usd",
    "price_eur",
    "price_usd",
    "units_per_eur",
    "usd",
    "usd_per_gb",
    "usd_per_gb_month",
    "usd_per_hour",
    "usd_per_kwh",
    "usd_per_minute",
}
UNPAID = {"free", "included"}
YES_NO = {"yes", "no"}
WORDS = {
    "access": {"vm", "container", "notebook", "runner"},
    "background_execution": YES_NO,
    "condition": {"new", "used"},
    "continent": {"africa", "asia", "europe", "global", "north_america", "oceania", "south_america"},
    "curve": {"training", "prefill", "decode", "llm_inference", "gaming"},
    "form": {"card", "SXM", "PCIe", "NVL", "superchip", "unspecified"},
    "form_stated": YES_NO,
    "free_in_public": YES_NO,
    "government": YES_NO,
    "gpu_class": {"consumer", "workstation", "datacenter"},
    "grade": {"bronze", "gold", "platinum", "titanium"},
    "included_minutes_apply": YES_NO,
    "kind": {"published", "measured", "derived", "estimate", "assumption"},
    "offered": YES_NO,
    "period": {
        "",
        "off_peak",
        "mid_peak",
        "on_peak",
        "summer_peak",
        "summer_off_peak",
        "winter_peak",
        "winter_off_peak",
    },
    "role": {"complete", "prices"},
    "storage": {"block", "object"},
    "system": {"linux", "windows", "macos"},
    "taxes_included": {"yes", "mostly", "no"},
    "term": {
        "on_demand",
        "spot",
        "reserved_1y",
        "reserved_3y",
        "savings_1y",
        "savings_3y",
        "prepaid",
        "free",
        "included",
        "metered",
    },
}

Lines = list[list[str]]
Row = dict[str, str]


def _lines(path: Path) -> Lines:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file, strict=True))


def _faults(path: Path, known_gpus: set[str], today: date) -> list[str]:
    """Say what is wrong with a table; nothing if it is sound."""
    table = TABLES[path.name]
    header, *body = _lines(path)
    if header != table.columns.split():
        return [f"columns: {header}"]
    if ragged := [line for line in body if len(line) != len(header)]:
        return [f"ragged: {line}" for line in ragged]
    rows = [dict(zip(header, line, strict=True)) for line in body]
    keys = Counter(tuple(_same(row[name]) for name in table.key.split()) for row in rows)
    faults = [f"duplicate: {key}" for key, count in keys.items() if count > 1]
    return faults + [fault for row in rows for fault in _row_faults(table, row, known_gpus, today)]


def _same(cell: str) -> str | float:
    """Two ways to write one number are the same key: 100 and 100.0."""
    return cell if _number(cell) is None else float(cell)


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _row_faults(table: Table, row: Row, known_gpus: set[str], today: date) -> list[str]:
    needed = ({*table.key.split(), *PROVENANCE.split()} - MAY_BE_EMPTY) | set(table.filled.split())
    faults = [f"empty: {name} in {row}" for name in row if name in needed and not row[name].strip()]
    for name, cell in row.items():
        if cell and not _is_fine(name, cell, row, known_gpus, today):
            faults.append(f"{name}: {cell!r} in {row}")
    return faults


def _is_fine(name: str, cell: str, row: Row, known_gpus: set[str], today: date) -> bool:
    """Say whether a filled cell can stand in this column of this row."""
    if name in ("gpu", "throughput_gpu"):
        return cell in known_gpus
    if name in ("as_of", "launched_on"):
        return _is_past_day(cell, today)
    if name in WORDS:
        return cell in WORDS[name]
    if name in TEXTS:
        return cell == cell.strip()
    number = _number(cell)
    if number is None or not math.isfinite(number) or number < 0:
        return False
    if name in PRICES:
        return number > 0 or row.get("term") in UNPAID
    named = row.get("name", "") or row.get("rule", "")
    is_fraction = name.endswith("_fraction") or named.endswith("_fraction")
    return number <= 1 if is_fraction else True


def _is_past_day(cell: str, today: date) -> bool:
    try:
        day = date.fromisoformat(cell)
    except ValueError:
        return False
    return day.isoformat() == cell and day <= today


@pytest.fixture(scope="module")
def known_gpus() -> set[str]:
    names = {line[0] for line in _lines(DATA / "gpus.csv")[1:]}
    assert "RTX 4090" in names
    return names


def test_every_table_on_disk_has_its_rules() -> None:
    assert {path.name for path in DATA.glob("*.csv")} == set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_a_bundled_table_is_sound(name: str, known_gpus: set[str]) -> None:
    assert len(_lines(DATA / name)) > 1
    assert _faults(DATA / name, known_gpus, TODAY) == []


@pytest.mark.parametrize("name", TABLES)
def test_a_bundled_table_is_plain_utf8_with_lf(name: str) -> None:
    body = (DATA / name).read_bytes()
    assert body.decode("utf-8").endswith("\n")
    assert b"\r" not in body
    assert not body.startswith(b"\xef\xbb\xbf")


Defect = Callable[[Lines], Lines]


def _with(column: str, cell: str) -> Defect:
    """Write a cell into the first row."""

    def defect(lines: Lines) -> Lines:
        changed = [line.copy() for line in lines]
        changed[1][lines[0].index(column)] = cell
        return changed

    return defect


def _without_column(column: str) -> Defect:
    def defect(lines: Lines) -> Lines:
        place = lines[0].index(column)
        return [line[:place] + line[place + 1 :] for line in lines]

    return defect


def _added_column(lines: Lines) -> Lines:
    return [[*line, "comment" if number == 0 else ""] for number, line in enumerate(lines)]


def _swapped_columns(lines: Lines) -> Lines:
    return [[line[1], line[0], *line[2:]] for line in lines]


def _long_line(lines: Lines) -> Lines:
    return [*lines[:-1], [*lines[-1], "more"]]


def _short_line(lines: Lines) -> Lines:
    return [*lines[:-1], lines[-1][:-1]]


def _repeated_row(lines: Lines) -> Lines:
    return [*lines, lines[1]]


def _repeated_key_written_otherwise(lines: Lines) -> Lines:
    place = lines[0].index("from_gb_per_month")
    return [*lines, [f"{cell}.0" if place == number else cell for number, cell in enumerate(lines[1])]]


DEFECTS: list[tuple[str, Defect, str]] = [
    ("offers.csv", _added_column, "columns"),
    ("offers.csv", _without_column("source"), "columns"),
    ("offers.csv", _swapped_columns, "columns"),
    ("offers.csv", _long_line, "ragged"),
    ("offers.csv", _short_line, "ragged"),
    ("offers.csv", _repeated_row, "duplicate"),
    ("egress.csv", _repeated_key_written_otherwise, "duplicate"),
    ("offers.csv", _with("source", ""), "empty: source"),
    ("offers.csv", _with("source", "  "), "empty: source"),
    ("offers.csv", _with("as_of", ""), "empty: as_of"),
    ("offers.csv", _with("as_of", "2026-09"), "as_of"),
    ("offers.csv", _with("as_of", "20260901"), "as_of"),
    ("offers.csv", _with("as_of", "2999-01-01"), "as_of"),
    ("gpus.csv", _with("launched_on", "autumn 2022"), "launched_on"),
    ("offers.csv", _with("kind", ""), "empty: kind"),
    ("offers.csv", _with("kind", "guess"), "kind"),
    ("offers.csv", _with("usd_per_hour", ""), "empty: usd_per_hour"),
    ("offers.csv", _with("usd_per_hour", "0"), "usd_per_hour"),
    ("offers.csv", _with("usd_per_hour", "-1.2"), "usd_per_hour"),
    ("offers.csv", _with("usd_per_hour", "inf"), "usd_per_hour"),
    ("offers.csv", _with("usd_per_hour", "$1.20"), "usd_per_hour"),
    ("offers.csv", _with("vcpus", "unknown"), "vcpus"),
    ("builds.csv", _with("price_usd", "0"), "price_usd"),
    ("electricity.csv", _with("usd_per_kwh", "0"), "usd_per_kwh"),
    ("storage.csv", _with("usd_per_gb_month", "0"), "usd_per_gb_month"),
    ("colab_plans.csv", _with("term", "prepaid"), "usd"),
    ("egress.csv", _with("term", "metered"), "usd_per_gb"),
    ("offers.csv", _with("gpu", "RTX 4090 Super"), "gpu"),
    ("builds.csv", _with("gpu", "GeForce RTX 4090"), "gpu"),
    ("colab_rates.csv", _with("gpu", "A100 40GB"), "gpu"),
    ("gpu_aliases.csv", _with("gpu", "A100"), "gpu"),
    ("gpus.csv", _with("throughput_gpu", "H100"), "throughput_gpu"),
    ("instances.csv", _with("gpu", "T4g"), "gpu"),
    ("price_bounds.csv", _with("gpu", "H100"), "gpu"),
    ("price_bounds.csv", _with("low_usd_per_gpu_hour", "0"), "low_usd_per_gpu_hour"),
    ("resale.csv", _with("gpu", "1080 Ti"), "gpu"),
    ("throughput.csv", _with("gpu", "A100"), "gpu"),
    ("throughput.csv", _with("error_fraction", "10"), "error_fraction"),
    ("assumptions.csv", _with("name", "sale_fee_fraction"), "high"),
    ("offers.csv", _with("term", "hourly"), "term"),
    ("offers.csv", _with("access", "desktop"), "access"),
    ("electricity.csv", _with("continent", "atlantis"), "continent"),
    ("electricity.csv", _with("period", "night"), "period"),
    ("regions.csv", _with("government", "maybe"), "government"),
    ("instances.csv", _with("ram_gb", ""), "empty: ram_gb"),
    ("actions_runners.csv", _with("usd_per_minute", "0"), "usd_per_minute"),
    ("actions_runners.csv", _with("system", "freebsd"), "system"),
    ("actions_runners.csv", _with("included_minutes_apply", "true"), "included_minutes_apply"),
    ("actions_plans.csv", _with("included_minutes_per_month", ""), "empty: included_minutes_per_month"),
    ("carbon.csv", _with("grams_co2_per_kwh", "-1"), "grams_co2_per_kwh"),
    ("interest.csv", _with("yearly_rate_fraction", "7.56"), "yearly_rate_fraction"),
    ("power_limits.csv", _with("gpu", "4090"), "gpu"),
    ("power_limits.csv", _with("curve", "mining"), "curve"),
    ("psu_efficiency.csv", _with("efficiency_fraction", "90"), "efficiency_fraction"),
    ("tax_rules.csv", _with("rule", "uk_writing_down_fraction"), "value"),
    ("vat.csv", _with("vat_fraction", "19"), "vat_fraction"),
    ("currencies.csv", _with("units_per_eur", "0"), "units_per_eur"),
    ("currencies.csv", _repeated_row, "duplicate"),
    ("countries.csv", _with("currency", ""), "empty: currency"),
]


@pytest.mark.parametrize(("name", "defect", "fault"), DEFECTS)
def test_a_defect_is_refused(
    name: str, defect: Defect, fault: str, known_gpus: set[str], tmp_path: Path
) -> None:
    sound = _lines(DATA / name)[:4]
    assert _faults(_written(tmp_path / name, sound), known_gpus, TODAY) == []
    found = _faults(_written(tmp_path / name, defect(sound)), known_gpus, TODAY)
    assert [text for text in found if text.startswith(fault)], found


def _written(path: Path, lines: Lines) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)
    return path


def test_every_table_is_described_in_the_readme() -> None:
    headings = [line for line in (DATA / "README.md").read_text().splitlines() if line.startswith("### ")]
    assert headings
    described = {name.strip() for line in headings for name in line.removeprefix("### ").split(",")}
    assert described == set(TABLES)
