"""What the bundled tables say about each other and about the world."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pricing import load_offers

DATA = Path(__file__).resolve().parent.parent.parent / "data"


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows, f"{name} is empty"
    return rows


def test_an_offer_has_the_shape_of_its_instance_type() -> None:
    shape = ("gpu", "gpu_count", "vram_gb", "vcpus", "ram_gb", "access")
    instances = {(row["provider"], row["instance_type"]): row for row in _rows("instances.csv")}
    offers = [row for row in _rows("offers.csv") if row["provider"] in ("aws", "azure", "gcp")]
    assert offers
    for offer in offers:
        instance = instances[offer["provider"], offer["instance_type"]]
        assert [offer[name] for name in shape] == [instance[name] for name in shape], offer


def test_every_region_of_an_offer_is_on_the_map() -> None:
    mapped = {(row["provider"], row["region"]) for row in _rows("regions.csv")}
    offers = load_offers()
    used = set(zip(offers["provider"], offers["region"], strict=True))
    assert used
    assert used <= mapped


def test_only_government_clouds_are_marked_as_such() -> None:
    marked = {row["region"] for row in _rows("regions.csv") if row["government"] == "yes"}
    assert marked == {row["region"] for row in _rows("regions.csv") if "gov" in row["region"]}
    assert "us-gov-west-1" in marked


def test_every_offered_gpu_has_a_speed_or_a_stand_in_that_has_one() -> None:
    stand_ins = {row["gpu"]: row["throughput_gpu"] for row in _rows("gpus.csv")}
    measured = {row["gpu"] for row in _rows("throughput.csv")}
    offered = set(load_offers()["gpu"])
    assert offered
    assert {stand_ins[gpu] or gpu for gpu in offered} <= measured


def test_a_stand_in_is_never_named_for_a_gpu_with_its_own_speed() -> None:
    measured = {row["gpu"] for row in _rows("throughput.csv")}
    with_stand_in = {row["gpu"] for row in _rows("gpus.csv") if row["throughput_gpu"]}
    assert with_stand_in
    assert not with_stand_in & measured


def test_the_rtx_4090_is_the_unit_of_speed() -> None:
    own = [row for row in _rows("throughput.csv") if row["gpu"] == "RTX 4090"]
    assert own
    assert {float(row["relative_throughput"]) for row in own} == {1.0}


def test_a_complete_machine_has_every_part_once_and_a_disk() -> None:
    parts: dict[str, list[str]] = {}
    for row in _rows("builds.csv"):
        if row["role"] == "complete":
            parts.setdefault(row["build"], []).append(row["part"])
    assert {"rtx4090_ws_2023-12_usd", "rtx4090_ws_2025-07_usd", "rtx4090_used_ws_2026_usd"} <= set(parts)
    for build, names in parts.items():
        for part in ("gpu", "cpu", "motherboard", "memory", "psu", "case", "cooler"):
            assert names.count(part) == 1, (build, part)
        assert any(name.startswith("ssd") for name in names), build


def test_a_complete_machine_is_priced_in_one_currency_and_has_a_known_gpu() -> None:
    complete = [row for row in _rows("builds.csv") if row["role"] == "complete"]
    assert complete
    for row in complete:
        assert bool(row["price_eur"]) == ("_eur" in row["build"]), row
        assert bool(row["gpu"]) == (row["part"] == "gpu"), row


def test_a_part_has_one_price() -> None:
    for row in _rows("builds.csv"):
        assert bool(row["price_usd"]) != bool(row["price_eur"]), row


def test_a_fraction_of_an_a10_has_its_share_of_the_memory() -> None:
    fractions = {
        (row["gpu_count"], row["vram_gb"])
        for row in _rows("offers.csv")
        if row["gpu"] == "A10" and float(row["gpu_count"]) < 1
    }
    assert fractions == {("0.1667", "4"), ("0.3333", "8"), ("0.5", "12")}


def test_a_commitment_is_paid_around_the_clock_for_its_term() -> None:
    months = {"reserved_1y": "12", "reserved_3y": "36"}
    commitments = [row for row in _rows("offers.csv") if row["term"] in months]
    assert commitments
    for row in commitments:
        assert row["committed_hours_per_month"] == "730"
        assert row["commitment_months"] == months[row["term"]]


def test_download_tiers_start_at_nothing_and_rise() -> None:
    tiers: dict[tuple[str, str], list[float]] = {}
    for row in _rows("egress.csv"):
        tiers.setdefault((row["provider"], row["region"]), []).append(float(row["from_gb_per_month"]))
    assert tiers
    for place, starts in tiers.items():
        assert starts[0] == 0, place
        assert starts == sorted(set(starts)), place


@pytest.mark.parametrize("name", ["storage.csv", "egress.csv"])
def test_the_rows_that_stand_in_for_other_regions_come_first(name: str) -> None:
    first: dict[str, str] = {}
    for row in _rows(name):
        first.setdefault(row["provider"], row["region"])
    assert first == {
        "*": "global",
        "aws": "us-east-1",
        "azure": "eastus",
        "colab": "global",
        "gcp": "us-central1",
    }


def test_an_assumption_lies_within_its_own_range() -> None:
    for row in _rows("assumptions.csv"):
        assert float(row["low"]) <= float(row["value"]) <= float(row["high"]), row


def test_a_power_lies_within_its_own_range() -> None:
    for row in _rows("workstation_power.csv"):
        assert float(row["low_w"]) <= float(row["typical_w"]) <= float(row["high_w"]), row


def test_a_price_listed_in_dollars_is_not_converted() -> None:
    listed = [row for row in _rows("electricity.csv") if row["listed_currency"] == "USD"]
    assert listed
    for row in listed:
        assert row["usd_per_kwh"] == row["listed_price_per_kwh"], row


def test_a_resale_fraction_is_the_price_over_the_launch_price() -> None:
    for row in _rows("resale.csv"):
        fraction = float(row["price_usd"]) / float(row["launch_price_usd"])
        assert float(row["fraction_of_launch_price"]) == pytest.approx(fraction, abs=2e-3), row


def test_a_rented_accelerator_of_colab_is_the_gpu_that_its_alias_says() -> None:
    aliases = {row["alias"]: row["gpu"] for row in _rows("gpu_aliases.csv") if row["provider"] == "colab"}
    with_gpu = [row for row in _rows("colab_rates.csv") if row["gpu"]]
    assert with_gpu
    for row in with_gpu:
        assert row["gpu"] == aliases[row["accelerator"]], row


def test_a_name_that_leaves_the_form_open_is_a_proxy_and_says_so() -> None:
    open_names = [row for row in _rows("gpu_aliases.csv") if row["form_stated"] == "no"]
    assert open_names
    for row in open_names:
        assert row["note"].startswith("proxy: "), row


def test_every_gpu_that_a_refresh_can_bring_has_price_bounds() -> None:
    bounded = {row["gpu"] for row in _rows("price_bounds.csv")}
    # Google's P100 is put together from parts and has no instance type of its own.
    assert {row["gpu"] for row in _rows("instances.csv")} | {"P100 PCIe 16GB"} <= bounded
    assert set(load_offers()["gpu"]) <= bounded


def test_bundled_prices_lie_far_within_the_bounds() -> None:
    bounds = {row["gpu"]: row for row in _rows("price_bounds.csv")}
    offers = load_offers()
    paid = offers[offers["usd_per_hour"] > 0]
    assert len(paid) > 800
    # The bounds have two digits.
    rounding = 1.05
    for gpu, usd in (paid["usd_per_hour"] / paid["gpu_count"]).groupby(paid["gpu"]):
        assert float(bounds[str(gpu)]["low_usd_per_gpu_hour"]) <= usd.min() / 3 * rounding, gpu
        assert float(bounds[str(gpu)]["high_usd_per_gpu_hour"]) >= usd.max() * 5 / rounding, gpu


def test_the_table_that_carries_foreign_terms_says_so() -> None:
    # Share-alike rows keep their licence: whoever passes them on must be able to find them.
    shared = [row for row in _rows("offers.csv") if "CC BY-SA 4.0" in row["source"]]
    assert shared
    assert f"{len(shared)} rows" in (DATA / "README.md").read_text()
