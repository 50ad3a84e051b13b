"""Defects that were found in other calculators of this kind, as statements that they are not here."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models import (
    Comparison,
    Scenario,
    break_even_months,
    compare,
    energy_cost_usd,
    relative_hours,
    straight_line,
)
from pricing import find_offers, load_offers

Offers = Callable[..., pd.DataFrame]
Row = Callable[..., dict[str, Any]]

WEEKS_PER_MONTH = 730 / 168


def bill(comparison: Comparison, option: str) -> dict[str, float]:
    """What each component of an option's bill costs in all."""
    flows = comparison.cash_flows_of([option])
    assert len(flows)
    by_component = flows.groupby("component")["usd"].sum()
    return {str(component): float(usd) for component, usd in by_component.items()}


# --- 1. a sixth of an A10 with 4 GB was sold as a whole A10 with 24 GB, and won as the cheapest


@pytest.mark.parametrize(
    ("instance_type", "share", "vram_gb"),
    [
        ("Standard_NV6ads_A10_v5", 1 / 6, 4),
        ("Standard_NV12ads_A10_v5", 1 / 3, 8),
        ("Standard_NV18ads_A10_v5", 1 / 2, 12),
        ("Standard_NV36ads_A10_v5", 1, 24),
    ],
)
def test_a_fraction_of_a_gpu_has_its_share_of_memory_and_speed(
    bundled: pd.DataFrame, row_of: Row, instance_type: str, share: float, vram_gb: int
) -> None:
    one = bundled[
        (bundled["instance_type"] == instance_type)
        & (bundled["region"] == "eastus")
        & (bundled["term"] == "on_demand")
    ]
    whole = "Standard_NV36ads_A10_v5"
    small_work = Scenario().with_settings({"workload.vram_gb": "4", "workload.longest_run_hours": "1"})
    row = row_of(compare(small_work, one), instance_type=instance_type)
    of_whole = bundled[(bundled["instance_type"] == whole) & (bundled["region"] == "eastus")]
    assert one["vram_gb"].tolist() == [vram_gb]
    assert row["fits"]
    speed_of_whole = compare(small_work, of_whole).table["relative_throughput"].iloc[-1]
    assert row["relative_throughput"] == pytest.approx(speed_of_whole * share, rel=1e-3)


def test_a_fraction_of_a_gpu_is_never_the_cheapest_for_work_that_needs_a_whole_one(
    bundled: pd.DataFrame,
) -> None:
    fractions = bundled[(bundled["gpu"] == "A10") & (bundled["gpu_count"] < 1)]
    assert len(fractions)
    table = compare(Scenario().with_settings({"workload.vram_gb": "20"}), fractions).table
    rented = table[table["provider"] != "own"]
    assert not rented["fits"].any()
    assert rented["present_value_usd"].isna().all()
    assert rented["reason"].str.contains("GB a GPU, 20 GB needed").all()
    assert (find_offers(bundled, gpu="A10", min_vram_gb=20)["gpu_count"] >= 1).all()


# --- 2. an example in a README showed $98.32 for a machine that its own price list had at $55.04

CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def test_no_price_of_a_machine_is_typed_into_the_texts_by_hand(root: Path, bundled: pd.DataFrame) -> None:
    # Prices may stand in the blocks of code: those are run, and must print what is shown.
    texts = [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").rglob("*.md"))]
    types = "|".join(re.escape(name) for name in sorted(set(bundled["instance_type"]), key=len, reverse=True))
    said = re.compile(rf"(?<![\w.-])({types})(?![\w-])")
    assert said.search("p5.48xlarge costs")
    assert len(texts) > 3
    for text in texts:
        prose = CODE.sub("", text.read_text(encoding="utf-8"))
        priced = [line for line in prose.splitlines() if said.search(line) and re.search(r"\$ ?\d", line)]
        assert priced == [], text


def test_the_machine_of_that_example_has_its_dated_price(bundled: pd.DataFrame) -> None:
    found = find_offers(bundled, provider="aws", region="us-east-1", term="on_demand")
    found = found[found["instance_type"] == "p5.48xlarge"]
    assert found["usd_per_hour"].tolist() == [55.04]
    assert found["as_of"].iloc[0] > "2026"


# --- 3. a page stated $46 a month and 22 months where its own formulas give $99.51 and 54 months

MAYA_HOURS_PER_MONTH = 6 * 22
MAYA_CARD_USD, MAYA_YEARS = 1899, 2
MAYA_UPKEEP_USD_PER_MONTH = MAYA_CARD_USD * 0.08 / 12  # 12.66
MAYA_RENT_USD_PER_MONTH = 0.42 * MAYA_HOURS_PER_MONTH  # 55.44


def maya(months: int) -> Scenario:
    """Six hours on 22 days a month: a card of 450 W at $0.13/kWh, 8 % upkeep a year, nothing sold."""
    return Scenario.model_validate(
        {
            "workload": {
                "busy_hours_per_week": MAYA_HOURS_PER_MONTH / WEEKS_PER_MONTH,
                "attended_idle_hours_per_week": 0,
                "sessions_per_week": 22 / WEEKS_PER_MONTH,
                "storage_gb": 0,
                "download_gb_per_month": 0,
            },
            "workstation": {
                "parts": [{"name": "gpu", "price_usd": MAYA_CARD_USD, "new_to_used_fraction": 1}],
                "load_w": 450,
                "idle_w": 0,
                "asleep_w": 0,
                "left_on_hours_per_week": 0,
                "upkeep_usd_per_month": MAYA_UPKEEP_USD_PER_MONTH,
            },
            "electricity": {"usd_per_kwh": 0.13},
            "rental": {
                "start_up_hours": 0,
                "own_offers": [{"name": "market", "gpu": "RTX 4090", "usd_per_hour": 0.42}],
            },
            "money": {"horizon_months": months, "yearly_discount_fraction": 0},
        }
    )


def test_the_formulas_give_the_month_of_that_person() -> None:
    power_usd = energy_cost_usd(450, MAYA_HOURS_PER_MONTH, 0.13)
    month_usd = straight_line(MAYA_CARD_USD, 0, MAYA_YEARS)[0] / 12 + power_usd + MAYA_UPKEEP_USD_PER_MONTH
    assert float(month_usd) == pytest.approx(79.125 + 7.722 + 12.66)
    assert float(month_usd) == pytest.approx(99.51, abs=0.005)

    month = np.arange(61)
    owned_usd = MAYA_CARD_USD + month * (power_usd + MAYA_UPKEEP_USD_PER_MONTH)
    assert float(break_even_months(owned_usd, month * MAYA_RENT_USD_PER_MONTH)) == pytest.approx(
        54.17, abs=0.01
    )


def test_the_comparison_gives_the_same_month_and_says_rent(offers_of: Offers, row_of: Row) -> None:
    nothing_else = offers_of().iloc[:0]
    two_years = compare(maya(24), nothing_else)
    assert row_of(two_years, provider="own")["monthly_usd"] == pytest.approx(99.507)
    assert row_of(two_years, instance_type="market")["monthly_usd"] == pytest.approx(55.44)
    assert two_years.verdict[0].startswith("Rent")
    assert two_years.break_even["months"] == np.inf

    assert compare(maya(60), nothing_else).break_even["months"] == pytest.approx(54.17, abs=0.01)


# --- 4. home electricity on rented hours; none at all; owned machines at $0


def test_home_electricity_never_stands_on_a_rented_bill(one_of_each: pd.DataFrame) -> None:
    cheap, dear = (
        compare(
            Scenario.model_validate(
                {
                    "workload": {"vram_gb": 4, "longest_run_hours": 1},
                    "rental": {"terms": ["on_demand", "spot", "reserved_1y", "prepaid"]},
                    "electricity": {"usd_per_kwh": usd_per_kwh, "yearly_price_drift_fraction": drift},
                }
            ),
            one_of_each,
        )
        for usd_per_kwh, drift in ((0.05, 0.0), (0.90, 0.10))
    )
    columns = ["option", "total_usd", "present_value_usd"]
    rented = [
        comparison.table.loc[comparison.table["provider"] != "own", columns].reset_index(drop=True)
        for comparison in (cheap, dear)
    ]
    has_bill = rented[0][rented[0]["total_usd"].notna()]
    assert len(has_bill) >= 6
    pd.testing.assert_frame_equal(rented[0], rented[1])
    for option in has_bill["option"]:
        assert not any("electricity" in component for component in bill(dear, option)), option


@pytest.mark.parametrize("busy_hours", ["0", "1", "20", "120"])
def test_home_electricity_always_stands_on_the_owned_bill(bundled: pd.DataFrame, busy_hours: str) -> None:
    comparison = compare(Scenario().with_settings({"workload.busy_hours_per_week": busy_hours}), bundled)
    owned = comparison.table["option"].iloc[0]
    power_usd = sum(usd for name, usd in bill(comparison, owned).items() if name.startswith("electricity"))
    assert power_usd > 0


def test_a_machine_that_is_there_already_still_costs_its_power(bundled: pd.DataFrame, row_of: Row) -> None:
    parts = [{"name": "gpu: RTX 4090 and the PC around it", "price_usd": 4000, "already_own": True}]
    row = row_of(compare(Scenario.model_validate({"workstation": {"parts": parts}}), bundled), provider="own")
    # 15.312 kWh a week (test_totals.py) at $0.1844 over 36 months, and no other cost.
    assert row["total_usd"] == pytest.approx(15.312 * WEEKS_PER_MONTH * 0.1844 * 36)
    assert row["usd_per_useful_hour"] > 0


# --- 5. invented prices, shown with a confidence


def test_every_price_says_where_it_is_from_how_old_it_is_and_how_far_to_trust_it() -> None:
    offers = load_offers()
    assert len(offers) > 800
    assert offers["source"].str.strip().str.len().gt(5).all()
    assert offers["as_of"].str.fullmatch(r"20\d\d-\d\d-\d\d").all()
    assert set(offers["kind"]) <= {"published", "measured", "derived", "estimate"}
    # Nothing is drawn by chance: the same table every time.
    pd.testing.assert_frame_equal(offers, load_offers())


def test_a_rate_that_the_reader_typed_is_not_passed_off_as_a_price(offers_of: Offers, row_of: Row) -> None:
    row = row_of(compare(maya(24), offers_of()), instance_type="market")
    assert row["source"] == "typed in by the reader"


def test_an_estimated_price_is_called_so_in_the_verdict(offers_of: Offers) -> None:
    estimated, published = (
        compare(Scenario(), offers_of({"usd_per_hour": 0.3, "kind": kind})).verdict[0]
        for kind in ("estimate", "published")
    )
    assert "estimated" in estimated
    assert "estimated" not in published


# --- 6. an owned hour set against a rented one, whichever GPU the rate belongs to


def test_at_one_price_the_slower_gpu_takes_more_hours_and_costs_more(offers_of: Offers, row_of: Row) -> None:
    gpus = ("RTX 4090", "A10G", "T4")
    work = Scenario.model_validate(
        {"workload": {"vram_gb": 8, "longest_run_hours": 1, "attended_idle_hours_per_week": 0}}
    )
    rows = [{"gpu": gpu, "instance_type": gpu} for gpu in gpus]
    comparison = compare(work, offers_of(*rows))
    found = [row_of(comparison, instance_type=gpu) for gpu in gpus]
    for row in found:
        hours_per_week = float(relative_hours(20, row["relative_throughput"])) + 5 * 0.1  # five start-ups
        assert row["hours_per_month"] == pytest.approx(hours_per_week * WEEKS_PER_MONTH)
    hours, costs_usd = ([row[column] for row in found] for column in ("hours_per_month", "present_value_usd"))
    assert hours == sorted(set(hours))
    assert costs_usd == sorted(set(costs_usd))


def test_a_useful_hour_is_the_same_work_on_every_gpu(offers_of: Offers, row_of: Row) -> None:
    work = Scenario.model_validate(
        {
            "workload": {
                "vram_gb": 8,
                "longest_run_hours": 1,
                "attended_idle_hours_per_week": 0,
                "storage_gb": 0,
                "download_gb_per_month": 0,
            },
            "rental": {"start_up_hours": 0},
        }
    )
    comparison = compare(work, offers_of({"gpu": "T4", "instance_type": "slow", "usd_per_hour": 0.4}))
    slow = row_of(comparison, instance_type="slow")
    # A billed second more or less a session is all that rounding may add.
    expected_usd = 0.4 / slow["relative_throughput"]
    assert slow["usd_per_useful_hour"] == pytest.approx(expected_usd, rel=1e-4)
    assert expected_usd > 1
