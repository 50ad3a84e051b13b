"""A rental's bill worked by hand, one kind of cost at a time.

The base rents an RTX 4090 at 1 USD an hour for 21 hours a week, which are 91.25 hours and dollars a month.
Nothing is kept or brought home, nothing starts up, and money later counts as money today.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models import Comparison, compare
from tests.models.plain import PLAIN, Sections, ask

Offers = Callable[..., pd.DataFrame]
Flows = dict[str, np.ndarray[Any, np.dtype[np.float64]]]

WEEKS = 730 / 168
CENT = 0.005
BASE: Sections = {
    "workload": PLAIN["workload"],
    "workstation": {"left_on_hours_per_week": 0},
    "rental": {"start_up_hours": 0, "terms": ["on_demand", "spot", "reserved_1y", "prepaid"]},
    "money": PLAIN["money"],
}
asked = partial(ask, BASE)


def flows_of(comparison: Comparison, instance_type: str = "plain") -> Flows:
    """What each component costs month by month; the sums are those of the table."""
    (row,) = comparison.table[comparison.table["instance_type"] == instance_type].to_dict("records")
    flows = comparison.cash_flows_of([str(row["option"])])
    assert len(flows)
    assert flows["usd"].sum() == pytest.approx(row["total_usd"], abs=CENT)
    assert flows["present_value_usd"].sum() == pytest.approx(row["present_value_usd"], abs=CENT)
    return {
        str(component): rows.sort_values("month")["usd"].to_numpy(dtype=float)
        for component, rows in flows.groupby("component")
    }


def bill_of(comparison: Comparison, instance_type: str = "plain") -> dict[str, float]:
    """What each component costs in all, without those that cost nothing."""
    sums = {name: float(usd.sum()) for name, usd in flows_of(comparison, instance_type).items()}
    return {name: usd for name, usd in sums.items() if usd}


@pytest.fixture
def rented(offers_of: Offers) -> Callable[..., Comparison]:
    """Compare the changed base question with offers, a plain one unless told."""
    return lambda *offers, **sections: compare(asked(**sections), offers_of(*(offers or ({},))))


def test_the_base_is_hours_and_nothing_else(rented: Callable[..., Comparison]) -> None:
    assert bill_of(rented()) == pytest.approx({"hours": 24 * 91.25})


# --- hours --------------------------------------------------------------------------------------------------


def test_loading_data_holds_the_machine_in_each_session(rented: Callable[..., Comparison]) -> None:
    loading = rented(rental={"data_loading_hours": 0.5})
    assert bill_of(loading) == pytest.approx({"hours": 24 * (21 + 5 * 0.5) * WEEKS})
    both = rented(rental={"data_loading_hours": 0.5, "start_up_hours": 0.1})
    assert bill_of(both) == pytest.approx({"hours": 24 * (21 + 5 * 0.6) * WEEKS})


def test_a_session_shorter_than_its_start_and_its_data_does_not_fit(
    rented: Callable[..., Comparison],
) -> None:
    short = rented({"max_session_hours": 2.0}, rental={"data_loading_hours": 2})
    assert "before the start-up of 2 h is over" in short.table["reason"].iloc[1]


@pytest.mark.parametrize(
    ("gpus", "measured_on", "efficiency", "hours"),
    [
        (4, 4, 0.8, 21),  # counted as they are used
        (4, None, 0.8, 21),
        (4, 1, 0.8, 21 / (4 * 0.8)),
        (4, 1, 1.0, 21 / 4),
        (1, 4, 0.8, 21 * 4 * 0.8),
        (4, 2, 0.8, 21 / 2),  # both lose the same share
    ],
)
def test_hours_counted_on_other_gpus_shrink_with_more_of_them(
    rented: Callable[..., Comparison], gpus: int, measured_on: int | None, efficiency: float, hours: float
) -> None:
    joint = rented(
        {"gpu_count": 4.0},
        workload={"gpus": gpus, "gpus_measured_on": measured_on, "parallel_efficiency": efficiency},
    )
    row = joint.table.iloc[1]
    assert row["hours_per_month"] == pytest.approx(hours * WEEKS)
    # Each of 5 sessions a week is billed to the full second.
    assert row["total_usd"] == pytest.approx(24 * hours * WEEKS, abs=5 / 3600 * WEEKS * 24 + CENT)


def test_a_persons_clock_runs_no_faster_with_more_gpus(rented: Callable[..., Comparison]) -> None:
    clock = rented(
        {"gpu_count": 4.0}, workload={"gpus": 4, "gpus_measured_on": 1, "workload_class": "wall_clock"}
    )
    assert clock.table["hours_per_month"].iloc[1] == pytest.approx(91.25)


@pytest.mark.parametrize(("needed", "idle_share"), [(1, 7 / 8), (2, 6 / 8), (8, 0)])
def test_gpus_that_are_paid_and_not_used_are_a_line_of_their_own(
    rented: Callable[..., Comparison], needed: int, idle_share: float
) -> None:
    eight = bill_of(rented({"gpu_count": 8.0, "usd_per_hour": 8.0}, workload={"gpus": needed}))
    assert eight.pop("idle GPUs", 0.0) == pytest.approx(24 * 91.25 * 8 * idle_share)
    assert eight == pytest.approx({"hours": 24 * 91.25 * 8 * (1 - idle_share)})


# --- prices that move ---------------------------------------------------------------------------------------


def test_a_falling_price_is_followed_month_by_month(rented: Callable[..., Comparison]) -> None:
    falling = flows_of(rented(rental={"yearly_price_drift_fraction": -0.19}))["hours"]
    assert falling[[6, 12, 24]] == pytest.approx([91.25 * 0.9, 91.25 * 0.81, 91.25 * 0.81**2])


def test_a_commitment_keeps_the_price_of_the_day_on_which_it_was_signed(
    rented: Callable[..., Comparison], reserved: dict[str, object]
) -> None:
    """Signed today at 0.50, after 12 months at 0.81 of it; the rest of that term is due at the end."""
    committed = flows_of(
        rented(
            reserved | {"usd_per_hour": 0.5},
            rental={"yearly_price_drift_fraction": -0.19},
            money={"horizon_months": 18},
        )
    )["commitment"]
    assert committed[0] == 0
    assert committed[1:13] == pytest.approx([365.0] * 12)
    assert committed[13:18] == pytest.approx([365.0 * 0.81] * 5)
    assert committed[18] == pytest.approx(365.0 * 0.81 * 7)


def test_packs_cost_what_they_cost_when_they_are_bought(
    rented: Callable[..., Comparison], pack: dict[str, object]
) -> None:
    """An A100 does 21 hours of work in 15.9: 69.08 hours a month are a pack of 20 hours each 0.29 months."""
    bought = flows_of(rented(pack, rental={"yearly_price_drift_fraction": -0.19}), "plain")["packs"]
    steady = flows_of(rented(pack), "plain")["packs"]
    assert steady[12] in (30.0, 40.0)
    assert bought[12] == pytest.approx(steady[12] * 0.81)


# --- free credits -------------------------------------------------------------------------------------------


def credit(**fields: object) -> dict[str, object]:
    return {"free_credits": [{"provider": "aws", "usd": 100} | fields]}


@pytest.mark.parametrize(
    ("given", "taken_off"),
    [
        ({"usd": 100}, [91.25, 8.75]),
        ({"usd": 1000, "months": 2}, [91.25, 91.25]),  # the rest expires
        ({"usd": 50, "months": 3, "every_month": True}, [50, 50, 50]),
        ({"usd": 500, "months": 3, "every_month": True}, [91.25, 91.25, 91.25]),
    ],
)
def test_a_credit_is_used_as_bills_fall_due_until_it_ends(
    rented: Callable[..., Comparison], given: dict[str, object], taken_off: list[float]
) -> None:
    used = flows_of(rented(rental=credit(**given)))["free credit"]
    assert used[1 : len(taken_off) + 1] == pytest.approx([-usd for usd in taken_off])
    assert used.sum() == pytest.approx(-sum(taken_off))
    assert used[0] == 0


def test_a_credit_pays_for_disks_too_and_only_with_its_provider(
    rented: Callable[..., Comparison],
) -> None:
    """1,000 GB cost 80 USD a month beside 91.25 for the hours, before 100 of credit."""
    both = rented(
        {},
        {"provider": "runpod", "region": "global", "instance_type": "other"},
        workload={"storage_gb": 1000},
        rental=credit(every_month=True, months=24),
    )
    assert bill_of(both)["free credit"] == -2400
    assert bill_of(both)["hours"] + bill_of(both)["storage"] == pytest.approx(24 * (91.25 + 80))
    assert "free credit" not in bill_of(both, "other")


def test_a_credit_of_the_first_month_moves_no_line_but_its_own(rented: Callable[..., Comparison]) -> None:
    without, with_credit = bill_of(rented()), bill_of(rented(rental=credit(usd=40, months=1)))
    assert with_credit.pop("free credit") == -40
    assert with_credit == without


# --- kept all month, and a person's hours -------------------------------------------------------------------


def test_bucket_snapshots_and_address_are_paid_around_the_clock(rented: Callable[..., Comparison]) -> None:
    kept = rented(
        rental={
            "object_storage_gb": 500,
            "object_storage_usd_per_gb_month": 0.023,
            "snapshot_gb": 80,
            "public_ip_usd_per_hour": 0.005,
        }
    )
    monthly_usd = 500 * 0.023 + 80 * 0.05 + 0.005 * 730
    assert flows_of(kept)["kept all month"].tolist() == pytest.approx([0.0] + [monthly_usd] * 24)


def test_a_bucket_without_a_price_has_the_assumed_one(rented: Callable[..., Comparison]) -> None:
    bucket = rented(rental={"object_storage_gb": 500})
    assert bill_of(bucket)["kept all month"] == pytest.approx(24 * 500 * 0.02)
    assert bucket.scenario.rental.object_storage_usd_per_gb_month == 0.02


def test_setting_up_and_upkeep_cost_a_persons_hours(rented: Callable[..., Comparison]) -> None:
    hours = {"set_up_hours": 3, "upkeep_hours_per_month": 0.25}
    valued = flows_of(rented(rental=hours, money={"value_per_hour_usd": 40}))
    assert valued["set-up time"].tolist() == [120.0] + [0.0] * 24
    assert valued["upkeep time"].tolist() == [0.0] + [10.0] * 24
    assert bill_of(rented(rental=hours)) == bill_of(rented())


# --- the tax office -----------------------------------------------------------------------------------------


def test_who_does_not_reclaim_vat_pays_it_on_top_of_listed_prices(
    rented: Callable[..., Comparison],
) -> None:
    private = rented(
        rental=credit(usd=40, months=1) | {"set_up_hours": 1, "object_storage_gb": 100},
        money={"vat_fraction": 0.25, "value_per_hour_usd": 30},
    )
    listed_usd = 24 * (91.25 + 2) - 40
    assert bill_of(private)["VAT"] == pytest.approx(0.25 * listed_usd)
    assert private.table["total_usd"].iloc[1] == pytest.approx(1.25 * listed_usd + 30)


def test_who_reclaims_vat_pays_listed_prices(rented: Callable[..., Comparison]) -> None:
    business = rented(money={"vat_fraction": 0.25, "vat_reclaimed": True})
    assert bill_of(business) == bill_of(rented())


def test_rental_is_deducted_when_it_is_paid(rented: Callable[..., Comparison]) -> None:
    taxed = rented(
        rental={"set_up_hours": 1},
        money={"marginal_tax_rate_fraction": 0.4, "vat_fraction": 0.25, "value_per_hour_usd": 30},
    )
    saved = flows_of(taxed)["tax saved on renting"]
    assert saved.tolist() == pytest.approx([0.0] + [-0.4 * 1.25 * 91.25] * 24)
    assert taxed.table["total_usd"].iloc[1] == pytest.approx(0.6 * 1.25 * 24 * 91.25 + 30)


def test_a_commitment_that_stops_owes_its_rest_after_tax(
    rented: Callable[..., Comparison], reserved: dict[str, object]
) -> None:
    """Against a build for which nothing is paid, stopping today owes twelve months in either case."""
    parts = [{"name": "all", "price_usd": 1.2 * 365 * 12, "yearly_loss_fraction": 1}]
    station = {"parts": parts, "load_w": 0, "idle_w": 0, "asleep_w": 0, "left_on_hours_per_week": 0}
    meets = []
    for money in ({}, {"vat_fraction": 0.2}):
        committed = rented(reserved | {"usd_per_hour": 0.5}, workstation=station, money=money)
        meets.append(committed.break_even["months_if_sold"])
    # With a fifth more to owe, the build is no dearer from the first day.
    assert meets[1] == 0
    assert isinstance(meets[0], float)
    assert meets[0] > 0
