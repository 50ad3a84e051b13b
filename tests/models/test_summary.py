"""The brief telling of a comparison adds up to the same figures as the full one."""

from __future__ import annotations

import math

import pytest

from models import Scenario, compare
from pricing import load_offers


@pytest.mark.parametrize("settings", [{}, {"rental.against": "azure"}, {"workload.vram_gb": "25"}])
def test_the_short_bills_end_in_the_totals_of_the_table(settings: dict[str, str]) -> None:
    comparison = compare(Scenario().with_settings(settings), load_offers())
    totals = comparison.bills[comparison.bills["component"] == "total"].set_index("option")
    table = comparison.table.set_index("option")
    assert len(totals) == (1 if settings.get("workload.vram_gb") else 2)
    for option in totals.index:
        for column in ("total_usd", "present_value_usd"):
            assert totals[column][option] == pytest.approx(table[column][option], abs=1e-9)


def test_the_lines_of_a_short_bill_add_up_to_its_total() -> None:
    bills = compare(Scenario(), load_offers()).bills
    is_total = bills["component"] == "total"
    summed = bills[~is_total].groupby("option")["present_value_usd"].sum()
    assert summed.to_dict() == pytest.approx(
        bills[is_total].set_index("option")["present_value_usd"].to_dict(), abs=1e-9
    )


def test_the_short_bill_of_a_build_has_one_line_a_kind() -> None:
    bills = compare(Scenario(), load_offers()).bills
    lines = bills[bills["option"].str.startswith("own ")]["component"]
    assert list(lines) == ["parts", "electricity", "resale", "sale fee", "total"]


def test_every_option_has_a_name_in_words() -> None:
    comparison = compare(Scenario(), load_offers())
    assert set(comparison.labels) == set(comparison.table["option"])
    assert comparison.labels[comparison.table["option"].iloc[0]] == "The build (RTX 4090)"


def test_the_cost_where_the_bills_meet_is_unknown_if_they_never_do() -> None:
    never = compare(Scenario(), load_offers())
    assert never.break_even["months"] == math.inf
    assert math.isnan(never.break_even_months_usd)
    once = compare(Scenario().with_settings({"rental.against": "aws"}), load_offers())
    build = once.cost_by_month.query("role == 'build'")["usd"]
    assert build.min() < once.break_even_months_usd < build.max()
