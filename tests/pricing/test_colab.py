"""What a plan of Google Colab and a measured rate make of an hour."""

from __future__ import annotations

import pandas as pd
import pytest

from pricing import OFFER_COLUMNS, check_offers, load_offers
from pricing.colab import colab_offers


def _plans() -> pd.DataFrame:
    rows = [
        ("Free", "free", 0.0, None, None, 12.0, 0.0, "2026-09-30", "the FAQ"),
        ("Pay As You Go 100", "prepaid", 10.0, 100.0, 90.0, 24.0, 0.0, "2026-06-30", "the signup page"),
        ("Pro", "prepaid", 10.0, 100.0, 90.0, 24.0, 1.0, "2026-06-30", "the signup page"),
    ]
    columns = ["plan", "term", "usd", "compute_units", "valid_days", "max_session_hours"]
    return pd.DataFrame(rows, columns=[*columns, "commitment_months", "as_of", "source"])


def _rates() -> pd.DataFrame:
    rows = [
        ("T4", "T4", 15.0, 2.0, "yes", "2022-09-30", "an old note", "measured"),
        ("T4", "T4", 15.0, 1.0, "yes", "2026-09-27", "a new note", "measured"),
        ("A100 40GB", "A100 40GB SXM", 40.0, 5.0, "yes", "2026-03-31", "a blog", "measured"),
        ("V100", "V100 SXM2 16GB", 16.0, 4.91, "no", "2024-04-10", "a blog", "measured"),
        ("CPU", "", float("nan"), 0.08, "yes", "2026-09-27", "a note", "measured"),
    ]
    columns = [
        "accelerator",
        "gpu",
        "vram_gb",
        "compute_units_per_hour",
        "offered",
        "as_of",
        "source",
        "kind",
    ]
    return pd.DataFrame(rows, columns=columns)


def _offer(instance_type: str) -> pd.Series:
    offers = colab_offers(_plans(), _rates())
    found = offers[offers["instance_type"] == instance_type]
    assert len(found) == 1
    return found.iloc[0]


def test_the_offers_pass_the_gate() -> None:
    offers = colab_offers(_plans(), _rates())
    assert tuple(offers.columns) == OFFER_COLUMNS
    check_offers(offers)


def test_every_paid_plan_draws_every_offered_gpu_and_the_free_one_a_t4() -> None:
    assert list(colab_offers(_plans(), _rates())["instance_type"]) == [
        "T4, Free",
        "A100 40GB, Pay As You Go 100",
        "T4, Pay As You Go 100",
        "A100 40GB, Pro",
        "T4, Pro",
    ]


def test_a_pack_lasts_its_units_over_the_rate_and_an_hour_costs_its_share() -> None:
    offer = _offer("A100 40GB, Pay As You Go 100")
    # 100 units at 5 an hour are 20 hours; 10 dollars for them are half a dollar an hour.
    assert (offer["pack_usd"], offer["pack_hours"], offer["usd_per_hour"]) == (10.0, 20.0, 0.5)
    assert (offer["pack_valid_days"], offer["max_session_hours"]) == (90.0, 24.0)
    assert (offer["term"], offer["access"], offer["region"]) == ("prepaid", "notebook", "global")


def test_the_newest_rate_of_an_accelerator_counts() -> None:
    assert _offer("T4, Pay As You Go 100")["pack_hours"] == 100.0


def test_an_offer_is_as_old_as_the_older_of_plan_and_rate_and_names_both_sources() -> None:
    assert _offer("T4, Pro")["as_of"] == "2026-06-30"
    assert _offer("A100 40GB, Pro")["as_of"] == "2026-03-31"
    assert _offer("T4, Pro")["source"] == "plan: the signup page; rate: a new note"


def test_only_a_monthly_plan_is_a_commitment() -> None:
    assert _offer("T4, Pro")["commitment_months"] == 1.0
    assert pd.isna(_offer("T4, Pay As You Go 100")["commitment_months"])


def test_the_free_plan_costs_nothing_and_has_no_pack() -> None:
    free = _offer("T4, Free")
    assert (free["term"], free["usd_per_hour"], free["max_session_hours"]) == ("free", 0.0, 12.0)
    assert free[["pack_usd", "pack_hours", "pack_valid_days", "commitment_months"]].isna().all()


def test_the_bundled_figures_price_a_colab_a100_at_a_fraction_of_a_dollar() -> None:
    offers = load_offers()
    colab = offers[offers["provider"] == "colab"]
    (hour,) = colab.loc[colab["instance_type"] == "A100 40GB, Pay As You Go 100", "usd_per_hour"]
    # 100 units for 9.99 dollars, 5.37 units an hour.
    assert hour == pytest.approx(9.99 * 5.37 / 100)
    # Five accelerators on four paid plans, and the free T4.
    assert len(colab) == 21
