"""Cash flows: every component of a bill in every month, adding up to the table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from models import Scenario, compare

Offers = Callable[..., pd.DataFrame]

CENT = 0.005

# Every kind of cost at once, on both sides.
EVERYTHING: dict[str, dict[str, object]] = {
    "workload": {
        "busy_hours_per_week": 30,
        "gpus_measured_on": 2,
        "parallel_efficiency": 0.9,
        "ci_minutes_per_month": {"linux": 9000, "windows": 500, "macos": 900},
        "ci_jobs_per_month": {"linux": 1500, "windows": 80, "macos": 100},
        "longest_run_hours": 1,
    },
    "workstation": {
        "power_limit_w": 350,
        "off_hours_per_week": 40,
        "sale_delay_months": 2,
        "scrap_fraction": 0.05,
        "new_generation_month": 20,
        "new_generation_loss_fraction": 0.15,
        "warranty_usd": 120,
        "warranty_months": 12,
        "yearly_failure_fraction": 0.05,
        "insurance_usd_per_year": 48,
        "upkeep_usd_per_month": 4,
        "building_hours": 6,
        "upkeep_hours_per_month": 0.5,
    },
    "electricity": {
        "usd_per_kwh": 0.25,
        "time_of_use": [{"usd_per_kwh": 0.4, "from_hour": 17, "to_hour": 22, "months": [6, 7, 8]}],
        "busy_hour_weights": [0.5] * 9 + [2] * 9 + [1] * 6,
        "first_month": 11,
        "yearly_price_drift_fraction": 0.03,
        "standing_charge_usd_per_month": 2,
        "solar_fraction": 0.3,
        "feed_in_usd_per_kwh": 0.08,
        "cooling_share_of_year_fraction": 0.25,
        "heating_share_of_year_fraction": 0.4,
        "heating_usd_per_kwh": 0.09,
    },
    "rental": {
        "terms": ["on_demand", "spot", "reserved_1y", "prepaid"],
        "yearly_price_drift_fraction": -0.1,
        "data_loading_hours": 0.1,
        "object_storage_gb": 200,
        "snapshot_gb": 50,
        "public_ip_usd_per_hour": 0.005,
        "set_up_hours": 2,
        "upkeep_hours_per_month": 0.5,
        "free_credits": [
            {"provider": "aws", "usd": 100, "months": 12},
            {"provider": "colab", "usd": 5, "months": 12, "every_month": True},
        ],
    },
    "money": {
        "horizon_months": 30,
        "value_per_hour_usd": 35,
        "loan_fraction": 0.5,
        "loan_yearly_rate_fraction": 0.08,
        "loan_months": 48,
        "vat_fraction": 0.19,
        "vat_reclaimed": True,
        "marginal_tax_rate_fraction": 0.35,
        "tax_schedule": "macrs_half_year",
    },
}


def test_every_row_of_the_table_that_has_a_bill_is_the_sum_of_its_flows(one_of_each: pd.DataFrame) -> None:
    comparison = compare(Scenario.model_validate(EVERYTHING), one_of_each)
    billed = comparison.table[comparison.table["total_usd"].notna()].set_index("option")
    assert len(billed) == 8  # not the one of unknown speed, nor the one with too little memory
    flows = comparison.cash_flows_of(list(billed.index))
    sums = flows.groupby("option")[["usd", "present_value_usd"]].sum().loc[billed.index]
    assert sums["usd"].tolist() == pytest.approx(billed["total_usd"].tolist(), abs=CENT)
    assert sums["present_value_usd"].tolist() == pytest.approx(billed["present_value_usd"].tolist(), abs=CENT)
    # Month by month too: the build's flows without the sale are the curve of the chart.
    for role in ("build", "against"):
        curve = comparison.cost_by_month[comparison.cost_by_month["role"] == role]
        own = flows[flows["option"] == curve["option"].iloc[0]]
        of_the_sale = own["component"].str.startswith(("resale", "sale fee", "loan paid off")) | own[
            "component"
        ].isin(["wait for the sale", "VAT on the sale", "tax on the sale"])
        by_month = own[~of_the_sale].groupby("month")["present_value_usd"].sum().cumsum()
        assert by_month.tolist() == pytest.approx(curve["usd"].tolist(), abs=CENT)


def test_everything_that_costs_something_is_a_line(one_of_each: pd.DataFrame) -> None:
    comparison = compare(Scenario.model_validate(EVERYTHING), one_of_each)
    option = comparison.table["option"].iloc[0]
    flows = comparison.cash_flows_of([option])
    build = set(flows.loc[flows["usd"] != 0, "component"])
    assert {name for name in build if not name.startswith(("part ", "resale "))} == {
        "VAT given back on parts",
        "loan received",
        "loan payments",
        "tax saved on loan interest",
        "electricity busy",
        "electricity idle",
        "electricity asleep",
        "VAT given back on electricity",
        "tax saved on electricity",
        "warranty",
        "VAT given back on warranty",
        "tax saved on warranty",
        "repairs",
        "VAT given back on repairs",
        "tax saved on repairs",
        "upkeep",
        "VAT given back on upkeep",
        "tax saved on upkeep",
        "standing charge",
        "VAT given back on standing charge",
        "tax saved on standing charge",
        "hosted CI",
        "tax saved on hosted CI",
        "insurance",
        "tax saved on insurance",
        "building time",
        "upkeep time",
        "tax saved by writing off",
        "loan paid off",
        "sale fee",
        "wait for the sale",
        "VAT on the sale",
        "tax on the sale",
    }
    aws = comparison.table.loc[comparison.table["instance_type"] == "metered", "option"].tolist()
    assert len(aws) == 1
    rented = comparison.cash_flows_of(aws)
    assert set(rented.loc[rented["usd"] != 0, "component"]) == {
        "hours",
        "storage",
        "kept all month",
        "free credit",
        "hosted CI",
        "tax saved on renting",
        "set-up time",
        "upkeep time",
    }


def test_the_flows_name_every_component_in_every_month(one_of_each: pd.DataFrame) -> None:
    comparison = compare(Scenario(), one_of_each)
    flows = comparison.cash_flows
    assert list(flows.columns) == ["option", "component", "month", "usd", "present_value_usd"]
    assert flows["option"].unique().tolist()[:2] == [
        comparison.table["option"].iloc[0],
        comparison.break_even["against"],
    ]
    months = flows.groupby(["option", "component"])["month"].agg(list)
    assert len(months) > 10
    assert all(of_one == list(range(37)) for of_one in months)
    assert np.isfinite(flows[["usd", "present_value_usd"]]).all(axis=None)
    discounted = flows["usd"] * 1.04 ** (-flows["month"] / 12)
    assert flows["present_value_usd"].tolist() == pytest.approx(discounted.tolist())


def test_the_flows_of_any_option_can_be_asked_for(one_of_each: pd.DataFrame) -> None:
    comparison = compare(Scenario(), one_of_each)
    billed = comparison.table.loc[comparison.table["total_usd"].notna(), "option"].tolist()
    assert len(billed) > 3
    for option in billed:
        assert comparison.cash_flows_of([option])["option"].unique().tolist() == [option]
    assert set(comparison.cash_flows_of(billed)["option"]) == set(billed)


def test_an_option_without_a_bill_is_named(one_of_each: pd.DataFrame) -> None:
    comparison = compare(Scenario(), one_of_each)
    (unknown,) = comparison.table.loc[comparison.table["instance_type"] == "unknown speed", "option"]
    for option in (unknown, "aws teapot"):
        with pytest.raises(ValueError, match="no bill of"):
            comparison.cash_flows_of([option])


def test_a_build_that_does_not_fit_has_no_flows(one_of_each: pd.DataFrame) -> None:
    comparison = compare(Scenario().with_settings({"workload.vram_gb": "30"}), one_of_each)
    assert "own" not in set(comparison.cash_flows["option"].str.partition(" ")[0])
    with pytest.raises(ValueError, match="no bill of"):
        comparison.cash_flows_of([comparison.table["option"].iloc[0]])


def test_without_a_build_and_without_offers_there_are_no_flows(offers_of: Offers) -> None:
    offers = offers_of({"vram_gb": 8.0})
    comparison = compare(Scenario().with_settings({"workload.vram_gb": "30"}), offers)
    assert comparison.cash_flows.empty
    assert list(comparison.cash_flows.columns) == [
        "option",
        "component",
        "month",
        "usd",
        "present_value_usd",
    ]
