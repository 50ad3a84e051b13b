"""Which offers can do the work, which of them are considered, and what is known of their speed."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models import PERSONAS, Comparison, Scenario, compare, load_figures
from models.options import columns_of, options

Offers = Callable[..., pd.DataFrame]
Row = Callable[..., dict[str, Any]]

FIGURES = [
    "instances",
    "hours_per_month",
    "monthly_usd",
    "total_usd",
    "present_value_usd",
    "usd_per_useful_hour",
    "break_even_months",
    "break_even_months_if_sold",
    "break_even_hours_per_week",
    "break_even_usd_per_hour",
]


def _ask(**sections: dict[str, object]) -> Scenario:
    return Scenario.model_validate(sections)


def _only(comparison: Comparison) -> dict[str, Any]:
    """The one rental of a comparison."""
    assert len(comparison.table) == 2
    return {str(name): value for name, value in comparison.table.iloc[1].items()}


# --- fits ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("need", "offer", "said"),
    [
        ({"vram_gb": 24.1}, {}, "24 GB a GPU, 24.1 GB needed"),
        ({"gpus": 2}, {}, "has 1 GPUs, 2 needed"),
        ({"gpus": 3}, {"gpu_count": 2.0}, "has 2 GPUs, 3 needed"),
        ({"longest_run_hours": 12.5}, {"max_session_hours": 12.0}, "sessions end after 12 h"),
        ({"needs_own_environment": True}, {"access": "notebook"}, "a notebook"),
        ({"needs_runner": True}, {"access": "container"}, "a container cannot serve as a CI runner"),
        ({"needs_runner": True}, {"access": "notebook"}, "a notebook cannot serve as a CI runner"),
        ({"min_compute_capability": 9.0}, {}, "compute capability 8.9, 9 needed"),
        ({"min_compute_capability": 8.9}, {"gpu": "A10G"}, "compute capability 8.6, 8.9 needed"),
        ({"min_compute_capability": 5.0}, {"gpu": "Voodoo 2"}, "compute capability of Voodoo 2 is not known"),
    ],
)
def test_an_offer_that_cannot_do_the_work_says_why_and_has_no_figure(
    offers_of: Offers, need: dict[str, object], offer: dict[str, object], said: str
) -> None:
    row = _only(compare(_ask(workload=need), offers_of(offer)))
    assert not row["fits"]
    assert not row["considered"]
    assert said in row["reason"]
    assert all(math.isnan(row[figure]) for figure in FIGURES)
    assert row["break_even_direction"] == ""


@pytest.mark.parametrize(
    ("need", "offer"),
    [
        ({"vram_gb": 24}, {}),
        ({"gpus": 8}, {"gpu_count": 8.0}),
        ({"longest_run_hours": 12}, {"max_session_hours": 12.0}),
        ({"longest_run_hours": 1000}, {}),  # without a limit nothing is cut
        ({"needs_own_environment": True}, {"access": "vm"}),
        ({"needs_own_environment": True}, {"access": "container"}),
        ({"needs_own_environment": True}, {"access": "runner"}),
        ({"needs_runner": True}, {"access": "vm"}),
        ({"needs_runner": True}, {"access": "runner"}),
        ({}, {"access": "notebook"}),
        ({"min_compute_capability": 8.9}, {}),
    ],
)
def test_an_offer_that_just_suffices_fits(
    offers_of: Offers, need: dict[str, object], offer: dict[str, object]
) -> None:
    row = _only(compare(_ask(workload=need), offers_of(offer)))
    assert row["fits"]
    assert row["considered"]
    assert row["reason"] == ""
    assert row["total_usd"] > 0


def test_every_failing_need_is_named(offers_of: Offers) -> None:
    need: dict[str, object] = {"vram_gb": 30, "gpus": 2, "needs_runner": True}
    reason = _only(compare(_ask(workload=need), offers_of({"access": "notebook"})))["reason"]
    assert [word in reason for word in ("30 GB needed", "2 needed", "CI runner")] == [True] * 3


def test_a_part_of_a_gpu_is_one_gpu_with_its_own_share_of_the_memory(
    bundled: pd.DataFrame, row_of: Row
) -> None:
    scenario = _ask(workload={"vram_gb": 4})
    comparison = compare(scenario, bundled)
    sixth = row_of(comparison, instance_type="Standard_NV6ads_A10_v5", region="eastus", term="on_demand")
    assert sixth["fits"]
    assert sixth["relative_throughput"] == pytest.approx(0.452 * 0.1667)  # an A10 at that share of its speed
    too_much = compare(_ask(workload={"vram_gb": 5}), bundled)
    assert not row_of(too_much, instance_type="Standard_NV6ads_A10_v5", region="eastus", term="on_demand")[
        "fits"
    ]


def test_slow_gpus_need_longer_for_the_longest_run(offers_of: Offers) -> None:
    # Ten hours on the RTX 4090 are 25 on an A10G (0.40): too long for a session of 24 h.
    offers = offers_of({"gpu": "A10G", "max_session_hours": 24.0})
    assert (
        "sessions end after 24 h"
        in _only(compare(_ask(workload={"longest_run_hours": 10}), offers))["reason"]
    )
    assert _only(compare(_ask(workload={"longest_run_hours": 9.6}), offers))["fits"]


def test_fast_gpus_get_no_credit_for_the_longest_run(offers_of: Offers) -> None:
    # 30 h on the RTX 4090 would be 22.7 h on an A100 40GB SXM (1.321), but that speed is an estimate.
    offers = offers_of({"gpu": "A100 40GB SXM", "vram_gb": 40.0, "max_session_hours": 24.0})
    reason = _only(compare(_ask(workload={"longest_run_hours": 30}), offers))["reason"]
    assert "sessions end after 24 h, the longest run takes 30 h" in reason


# --- work, GPUs and instances -------------------------------------------------------------------------------


def test_an_offer_does_the_work_of_the_gpus_needed_and_the_rest_is_paid_and_idle(offers_of: Offers) -> None:
    one, eight = offers_of({"usd_per_hour": 4.0}), offers_of({"usd_per_hour": 4.0, "gpu_count": 8.0})
    on_one, on_eight = _only(compare(Scenario(), one)), _only(compare(Scenario(), eight))
    assert (on_one["gpus_used"], on_eight["gpus_used"]) == (1, 1)
    assert on_eight["total_usd"] == on_one["total_usd"]  # same hours, whole price of the machine
    assert _only(compare(_ask(workload={"gpus": 4}), eight))["gpus_used"] == 4


def test_more_than_730_hours_a_month_take_more_machines(
    offers_of: Offers, reserved: dict[str, object]
) -> None:
    # Held hours a week on an A10G (0.40): busy / 0.40 + 5 + 0.5. 65 h busy just fit into the week.
    offers = offers_of({"gpu": "A10G"}, reserved | {"gpu": "A10G", "instance_type": "year"})
    side_usd = 100 * 0.08  # storage of a month
    for busy, machines in ((65.0, 1), (65.1, 2), (120.0, 2)):
        table = compare(_ask(workload={"busy_hours_per_week": busy}), offers).table.set_index("instance_type")
        assert table.loc[["plain", "year"], "instances"].tolist() == [machines, machines]
        # A commitment is bought whole for each machine, whatever is used of it.
        assert table.loc["year", "monthly_usd"] == pytest.approx(730 * machines + side_usd)
        clock = busy / 0.40 + 5 + 0.5
        assert table.loc["plain", "monthly_usd"] == pytest.approx(clock * 730 / 168 + side_usd, abs=0.01)
        assert table.loc["year", "hours_per_month"] == pytest.approx(clock * 730 / 168)


def test_a_limit_on_sessions_forces_more_starts(offers_of: Offers) -> None:
    # 25 h held in sessions of 8 h, of which 0.1 h start the machine, take four: three would hold 23.7 h.
    offers = offers_of({"max_session_hours": 8.0, "usd_per_hour": 1.0})
    row = _only(compare(_ask(workload={"sessions_per_week": 1, "longest_run_hours": 5}), offers))
    assert row["hours_per_month"] == pytest.approx((25 + 4 * 0.1) * 730 / 168)


def test_an_unknown_increment_is_a_second_and_an_unknown_minimum_a_minute(offers_of: Offers) -> None:
    # Five sessions of 7.2 s are billed as five minutes; five of 72.5 s as five of 73 s.
    for seconds, billed_s in ((36, 5 * 60), (362.5, 5 * 73)):
        scenario = _ask(
            workload={
                "busy_hours_per_week": seconds / 3600,
                "attended_idle_hours_per_week": 0,
                "storage_gb": 0,
            },
            rental={"start_up_hours": 0},
        )
        row = _only(compare(scenario, offers_of({"usd_per_hour": 100.0})))
        assert row["monthly_usd"] == pytest.approx(billed_s / 3600 * 730 / 168 * 100)


def test_free_hours_are_free_as_long_as_they_last(offers_of: Offers) -> None:
    free = {"term": "free", "usd_per_hour": 0.0, "free_hours_per_month": 100.0}
    for busy, fits in ((15.0, True), (20.0, False)):  # 20.5 h a week are 89 h a month, 25.5 are 111
        scenario = _ask(workload={"busy_hours_per_week": busy}, rental={"terms": ["free"]})
        row = _only(compare(scenario, offers_of(free)))
        assert row["considered"] == fits
        if fits:
            assert row["monthly_usd"] == pytest.approx(8)  # storage alone
        else:
            assert "100 h a month" in row["reason"]


def test_hours_measured_on_a_t4_shrink_on_the_build(bundled: pd.DataFrame, row_of: Row) -> None:
    # transformer_train_fp16: the T4 has 0.15 of the speed, so 20 h on it are 3 h on the RTX 4090.
    comparison = compare(_ask(workload={"hours_measured_on": "T4"}), bundled)
    weeks = 730 / 168
    build = row_of(comparison, provider="own")
    assert build["hours_per_month"] == pytest.approx((3 + 5 + 15) * weeks)
    energy = comparison.receipt.set_index("component")["total_usd"]["electricity busy"]
    assert energy == pytest.approx(36 * 3 * weeks * 0.650 * 0.1844)
    # A useful hour is one on the build's GPU: 3 a week.
    annuity = sum(1.04 ** (-month / 12) for month in range(1, 37))
    per_hour = build["present_value_usd"] / (3 * weeks * annuity)
    assert build["usd_per_useful_hour"] == pytest.approx(per_hour)
    # And 20 h on a T4 are 7.5 h on an A10G.
    row = row_of(comparison, instance_type="g5.xlarge", region="us-east-1", term="on_demand")
    assert row["hours_per_month"] == pytest.approx((7.5 + 5.5) * weeks)


def test_a_common_name_of_a_gpu_is_understood(bundled: pd.DataFrame) -> None:
    comparison = compare(_ask(workload={"hours_measured_on": "Tesla T4"}), bundled)
    assert comparison.scenario.workload.hours_measured_on == "T4"


def test_by_the_wall_clock_all_gpus_are_equally_fast(bundled: pd.DataFrame) -> None:
    table = compare(_ask(workload={"workload_class": "wall_clock", "vram_gb": 0}), bundled).table
    assert len(table) == len(bundled) + 1
    assert (table["relative_throughput"] == 1).all()


# --- speeds -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("workload_class", "gpu", "speed", "kind"),
    [
        ("transformer_training", "A100 40GB PCIe", 1.258, "measured"),
        ("vision_training", "A100 40GB PCIe", 1.073, "measured"),
        ("fp32_training", "A100 40GB PCIe", 1.213, "derived"),
        ("llm_inference", "A100 80GB PCIe", 1.083, "measured"),  # decoding measured in 4 bits
        ("llm_inference", "A100 40GB PCIe", 1.543, "derived"),  # not measured: the ratio of the bandwidths
    ],
)
def test_each_class_of_work_has_its_row_of_speeds(
    offers_of: Offers, workload_class: str, gpu: str, speed: float, kind: str
) -> None:
    row = _only(
        compare(_ask(workload={"workload_class": workload_class}), offers_of({"gpu": gpu, "vram_gb": 80.0}))
    )
    assert row["relative_throughput"] == speed
    assert row["throughput_kind"] == kind


@pytest.mark.parametrize(
    ("gpu", "borrows_from", "speed"),
    [("H100 NVL 94GB", "H100 PCIe 80GB", 2.194), ("V100 SXM2 32GB", "V100 SXM2 16GB", 0.613)],
)
def test_a_stand_ins_speed_is_borrowed_and_marked_derived(
    offers_of: Offers, gpu: str, borrows_from: str, speed: float
) -> None:
    assert load_figures().gpus[gpu].stand_in == borrows_from
    row = _only(compare(Scenario(), offers_of({"gpu": gpu, "vram_gb": 32.0})))
    assert row["relative_throughput"] == speed
    assert row["throughput_kind"] == "derived"
    assert row["considered"]


def test_an_unknown_speed_fits_but_is_not_considered_and_has_no_figure(offers_of: Offers) -> None:
    row = _only(compare(Scenario(), offers_of({"gpu": "A40", "vram_gb": 48.0})))
    assert row["fits"]
    assert not row["considered"]
    assert "speed of A40 for transformer_training is not known" in row["reason"]
    assert math.isnan(row["relative_throughput"])
    assert row["throughput_kind"] == ""
    assert all(math.isnan(row[figure]) for figure in FIGURES)


def test_an_unknown_speed_can_be_given(offers_of: Offers) -> None:
    offers = offers_of({"gpu": "A40", "vram_gb": 48.0})
    row = _only(compare(_ask(workload={"relative_throughput": {"A40": 0.5}}), offers))
    assert row["considered"]
    assert row["relative_throughput"] == 0.5
    assert row["throughput_kind"] == "assumption"
    # As 20 h / 0.5 + 5 h + 0.5 h of an offer at a dollar, and 8 dollars of storage.
    assert row["monthly_usd"] == pytest.approx(45.5 * 730 / 168 + 8)


def test_a_given_speed_replaces_the_table(offers_of: Offers) -> None:
    row = _only(
        compare(_ask(workload={"relative_throughput": {"NVIDIA A10G": 0.8}}), offers_of({"gpu": "A10G"}))
    )
    assert row["relative_throughput"] == 0.8


# --- considered: providers, regions, terms ------------------------------------------------------------------


def _considered(comparison: Comparison) -> pd.DataFrame:
    table = comparison.table.iloc[1:]
    return table[table["considered"]]


def _continent_of(provider: str, region: str) -> str:
    return load_figures().continents[provider, region]


@pytest.mark.parametrize(
    ("country", "continent"), [("US", "north_america"), ("DE", "europe"), ("JP", "asia")]
)
def test_by_default_the_countrys_continent_and_offers_without_a_region_are_considered(
    bundled: pd.DataFrame, country: str, continent: str
) -> None:
    considered = _considered(compare(_ask(electricity={"country": country}), bundled))
    places = {
        _continent_of(str(provider), str(region))
        for provider, region in zip(considered["provider"], considered["region"], strict=True)
    }
    assert places == {continent, "global"}
    assert "colab" in set(considered["provider"])


def test_by_default_what_is_bought_by_the_hour_or_in_units_is_considered(bundled: pd.DataFrame) -> None:
    considered = _considered(compare(Scenario(), bundled))
    assert set(considered["term"]) == {"on_demand", "prepaid"}
    assert set(considered["provider"]) == {"aws", "azure", "gcp", "colab", "lambda", "runpod", "vast"}


def test_a_hosted_runner_is_considered_once_the_work_fits_its_16_gb(bundled: pd.DataFrame) -> None:
    for vram_gb, fits in ((20, False), (16, True)):
        table = compare(_ask(workload={"vram_gb": vram_gb}), bundled).table
        runners = table[table["access"] == "runner"]
        assert len(runners) == 2
        assert set(runners["provider"]) == {"github"}
        assert (runners["considered"] == fits).all()
        assert (runners["reason"].str.contains("16 GB a GPU") != fits).all()


def test_the_table_keeps_every_offer_whatever_is_chosen(bundled: pd.DataFrame) -> None:
    narrow = _ask(rental={"providers": ["azure"], "regions": ["eastus"], "terms": ["spot"]})
    comparison = compare(narrow, bundled)
    assert len(comparison.table) == len(bundled) + 1
    considered = _considered(comparison)
    assert len(considered) >= 1
    assert set(considered["provider"]) == {"azure"}
    assert set(considered["region"]) == {"eastus"}
    assert set(considered["term"]) == {"spot"}
    # A price that is not chosen is worked out all the same.
    others = comparison.table.iloc[1:].drop(index=considered.index)
    assert others.loc[others["fits"] & others["relative_throughput"].notna(), "total_usd"].notna().all()


@pytest.mark.parametrize(
    ("rental", "said"),
    [
        ({"providers": ["gcp"]}, "provider aws is not chosen"),
        ({"regions": ["europe"]}, "region us-east-1 is not chosen"),
        ({"terms": ["spot"]}, "term on_demand is not chosen"),
    ],
)
def test_what_is_not_chosen_says_so(
    offers_of: Offers, row_of: Row, rental: dict[str, object], said: str
) -> None:
    offers = offers_of({}, {"provider": "gcp", "region": "us-central1"})
    row = row_of(compare(_ask(rental=rental), offers), provider="aws")
    assert not row["considered"]
    assert row["fits"]
    assert row["reason"] == said
    assert row["total_usd"] > 0


@pytest.mark.parametrize("regions", [None, ["north_america"], ["us-gov-west-1"]])
def test_a_government_cloud_is_never_considered(bundled: pd.DataFrame, regions: list[str] | None) -> None:
    comparison = compare(_ask(rental={"regions": regions}), bundled)
    closed = comparison.table[comparison.table["region"].str.startswith("us-gov")]
    assert len(closed) > 0
    assert not closed["considered"].any()
    assert closed["reason"].str.contains("government").all()


# --- considered: the age of a price -------------------------------------------------------------------------

TODAY = date(2026, 11, 23)
FRESH, LAST_FRESH, OLD = "2026-11-01", "2025-11-23", "2025-11-22"


def test_an_old_price_is_dropped_where_its_provider_has_a_newer_one(offers_of: Offers, row_of: Row) -> None:
    offers = offers_of({"instance_type": "old", "as_of": OLD, "usd_per_hour": 0.1}, {"instance_type": "new"})
    comparison = compare(Scenario(), offers, on=TODAY)
    old = row_of(comparison, instance_type="old")
    assert not old["considered"]
    assert "more than 365 days old" in old["reason"]
    assert old["fits"]
    assert row_of(comparison, instance_type="new")["considered"]


def test_an_old_price_stands_and_is_marked_where_there_is_nothing_newer(
    offers_of: Offers, row_of: Row
) -> None:
    offers = offers_of(
        {"instance_type": "old", "as_of": OLD},
        # Neither another provider's price nor one in other regions helps.
        {"instance_type": "elsewhere", "as_of": FRESH, "region": "eu-central-1"},
        {"instance_type": "other", "as_of": FRESH, "provider": "gcp", "region": "us-central1"},
    )
    comparison = compare(Scenario(), offers, on=TODAY)
    old = row_of(comparison, instance_type="old")
    assert old["considered"]
    assert "more than 365 days old" in old["reason"]
    assert row_of(comparison, instance_type="other")["reason"] == ""


def test_a_price_of_365_days_is_not_old(offers_of: Offers) -> None:
    row = _only(compare(Scenario(), offers_of({"as_of": LAST_FRESH}), on=TODAY))
    assert row["considered"]
    assert row["reason"] == ""


def test_without_a_day_prices_age_from_the_newest_of_them(offers_of: Offers) -> None:
    offers = offers_of({"instance_type": "old", "as_of": "2020-01-01"}, {"as_of": "2020-06-01"})
    assert compare(Scenario(), offers).table["considered"].all()


def test_the_bundled_prices_of_2024_are_dropped_where_newer_ones_exist(bundled: pd.DataFrame) -> None:
    table = compare(_ask(electricity={"country": "DE"}, workload={"vram_gb": 8}), bundled, on=TODAY).table
    old = table[(table["as_of"] < OLD) & (table["provider"] == "aws") & table["region"].str.startswith("eu-")]
    assert len(old) > 5
    assert not old["considered"].any()


# --- offers of one's own ------------------------------------------------------------------------------------


def test_an_own_rate_is_one_more_option(offers_of: Offers, row_of: Row) -> None:
    scenario = _ask(rental={"own_offers": [{"gpu": "RTX 4090", "usd_per_hour": 0.45, "access": "container"}]})
    comparison = compare(scenario, offers_of({}))
    row = row_of(comparison, provider="own rate")
    assert row["considered"]
    assert (row["gpu"], row["access"], row["term"]) == ("RTX 4090", "container", "on_demand")
    assert compare(comparison.scenario, offers_of({})).table.equals(comparison.table)
    # 25.5 h a week at 45 cents, storage at the price for any provider, 2 cents; downloads are free.
    assert row["monthly_usd"] == pytest.approx(25.5 * 730 / 168 * 0.45 + 100 * 0.02)
    assert comparison.break_even["against"] == row["option"]


def test_columns_that_are_read_again_do_not_keep_an_own_rate(one_of_each: pd.DataFrame) -> None:
    own = {"gpu": "RTX 4090", "usd_per_hour": 0.45}
    with_own = compare(_ask(rental={"own_offers": [own]}), one_of_each).scenario
    without, figures = compare(Scenario(), one_of_each).scenario, load_figures()
    columns = columns_of(one_of_each)
    for scenario, rows in [(with_own, 10), (with_own, 10), (without, 9)]:
        judged = options(scenario, columns, figures, date(2026, 11, 23))
        assert len(judged.names) == len(judged.terms.usd_per_hour) == rows
    assert len(one_of_each) == 9


def test_an_own_rate_can_be_compared_with(offers_of: Offers) -> None:
    own = {"gpu": "RTX 4090", "usd_per_hour": 2.0, "name": "the lab"}
    comparison = compare(_ask(rental={"own_offers": [own], "against": "own rate"}), offers_of({}))
    assert comparison.break_even["against"] == "own rate the lab global on_demand"


def test_an_own_rate_passes_every_filter_but_must_fit(offers_of: Offers, row_of: Row) -> None:
    own = {"gpu": "RTX 4090", "usd_per_hour": 0.45, "access": "container"}
    rental = {"providers": ["aws"], "regions": ["europe"], "terms": ["spot"], "own_offers": [own]}
    assert row_of(compare(_ask(rental=rental), offers_of({})), provider="own rate")["considered"]
    misfit = compare(_ask(rental=rental, workload={"vram_gb": 25}), offers_of({}))
    assert "24 GB a GPU, 25 GB needed" in row_of(misfit, provider="own rate")["reason"]


def test_an_own_rate_of_an_unknown_gpu_can_say_what_it_is(offers_of: Offers, row_of: Row) -> None:
    own = {
        "gpu": "Cluster GPU",
        "usd_per_hour": 1.0,
        "vram_gb": 48,
        "relative_throughput": 2.0,
        "compute_capability": 9.0,
        "storage_usd_per_gb_month": 0.05,
        "egress_usd_per_gb": 0.10,
    }
    scenario = _ask(workload={"min_compute_capability": 9.0}, rental={"own_offers": [own]})
    row = row_of(compare(scenario, offers_of({})), provider="own rate")
    assert row["considered"]
    assert row["monthly_usd"] == pytest.approx((10 + 5.5) * 730 / 168 + 100 * 0.05 + 20 * 0.10)
    bare = _ask(rental={"own_offers": [{"gpu": "Cluster GPU", "usd_per_hour": 1.0}]})
    assert not row_of(compare(bare, offers_of({})), provider="own rate")["fits"]


def test_an_own_commitment_is_paid_around_the_clock(offers_of: Offers, row_of: Row) -> None:
    own = {"gpu": "RTX 4090", "usd_per_hour": 0.3, "term": "savings_1y"}
    scenario = _ask(rental={"own_offers": [own]}, money={"horizon_months": 18})
    row = row_of(compare(scenario, offers_of({})), provider="own rate")
    assert row["total_usd"] == pytest.approx(24 * 730 * 0.3 + 18 * 2)


# --- the build ----------------------------------------------------------------------------------------------


def test_work_above_24_gb_does_not_fit_the_build_and_rentals_stand(bundled: pd.DataFrame) -> None:
    table = compare(_ask(workload={"vram_gb": 25}), bundled).table
    build, rentals = table.iloc[0], table.iloc[1:]
    assert not build["fits"]
    assert not build["considered"]
    assert "24 GB, 25 GB needed" in build["reason"]
    assert all(math.isnan(build[figure]) for figure in FIGURES)
    considered = rentals[rentals["considered"]]
    assert len(considered) > 0
    assert considered["present_value_usd"].notna().all()
    meets = [
        column for column in table.columns if column.startswith("break_even") and "direction" not in column
    ]
    assert table[meets].isna().all(axis=None)
    assert (table["break_even_direction"] == "").all()


@pytest.mark.parametrize(
    ("need", "said"),
    [
        ({"gpus": 2}, "1 GPU, 2 needed"),
        ({"min_compute_capability": 9.0}, "compute capability 8.9, 9 needed"),
        # 60 h on an H100 (3.344) are 200 h on the RTX 4090.
        ({"hours_measured_on": "H100 SXM 80GB", "busy_hours_per_week": 60}, "201 busy hours"),
    ],
)
def test_the_build_says_why_the_work_does_not_fit_it(
    bundled: pd.DataFrame, need: dict[str, object], said: str
) -> None:
    build = compare(_ask(workload=need), bundled).table.iloc[0]
    assert not build["fits"]
    assert said in build["reason"]


def test_nothing_considered_leaves_the_builds_break_evens_empty(bundled: pd.DataFrame) -> None:
    scenario = _ask(rental={"providers": ["colab"]}, workload={"needs_runner": True})
    build = compare(scenario, bundled).table.iloc[0]
    assert build["fits"]
    assert build["present_value_usd"] > 0
    assert all(math.isnan(build[figure]) for figure in FIGURES if figure.startswith("break_even"))


# --- personas -----------------------------------------------------------------------------------------------


def test_the_personas_are_those_of_the_first_screen() -> None:
    assert set(PERSONAS) == {"experimenter", "cuda", "maintainer"}
    assert PERSONAS["experimenter"] == Scenario()
    cuda, maintainer = PERSONAS["cuda"].workload, PERSONAS["maintainer"]
    assert (cuda.busy_hours_per_week, cuda.attended_idle_hours_per_week) == (4, 25)
    assert cuda.workload_class == "wall_clock"
    assert cuda.needs_own_environment
    assert cuda.min_compute_capability == 8.9
    assert maintainer.workload.needs_runner
    assert (
        maintainer.workload.busy_hours_per_week
        + maintainer.workload.attended_idle_hours_per_week
        + maintainer.workstation.left_on_hours_per_week
        == 168
    )
    assert maintainer.workload.ci_minutes_per_month.linux > 0


@pytest.mark.parametrize("provider", [None, "colab", "aws", "gcp", "azure"])
def test_the_cuda_persona_is_never_advised_a_notebook(bundled: pd.DataFrame, provider: str | None) -> None:
    asked = PERSONAS["cuda"]
    if provider:
        asked = asked.with_settings({"rental.providers": provider})
    comparison = compare(asked, bundled)
    notebooks = comparison.table[comparison.table["access"] == "notebook"]
    assert len(notebooks) > 0
    assert not notebooks["fits"].any()
    assert not notebooks["considered"].any()
    assert comparison.break_even["against"] not in set(notebooks["option"])
    assert not any(
        option in sentence for option in notebooks["instance_type"] for sentence in comparison.verdict
    )


@pytest.mark.parametrize("provider", [None, "colab", "runpod", "aws", "gcp"])
def test_the_maintainer_is_never_advised_an_offer_without_a_runner(
    bundled: pd.DataFrame, provider: str | None
) -> None:
    asked = PERSONAS["maintainer"]
    if provider:
        asked = asked.with_settings({"rental.providers": provider})
    comparison = compare(asked, bundled)
    hostless = comparison.table[comparison.table["access"].isin(["container", "notebook"])]
    assert len(hostless) > 0
    assert not hostless["considered"].any()
    assert comparison.break_even["against"] not in set(hostless["option"])
    assert not any(name in sentence for name in hostless["instance_type"] for sentence in comparison.verdict)


def test_the_cheapest_is_the_least_present_value_of_the_considered(bundled: pd.DataFrame) -> None:
    comparison = compare(Scenario(), bundled)
    considered = _considered(comparison)
    cheapest = considered.sort_values(["present_value_usd", "option"]).iloc[0]
    assert comparison.break_even["against"] == cheapest["option"]
    build = comparison.table.iloc[0]
    for column in ("break_even_months", "break_even_hours_per_week", "break_even_usd_per_hour"):
        assert np.array_equal(build[column], cheapest[column])


@pytest.mark.parametrize("count", [2, 3, 4, 5, 9])
def test_equal_offers_stand_in_the_order_of_their_names(
    offers_of: Offers, pack: dict[str, object], count: int
) -> None:
    names = [f"same {letter}" for letter in "abcdefghi"[:count]]
    # Colab's 100 units for 9.99 USD, 5.37 of them an hour.
    units = pack | {"pack_usd": 9.99, "pack_hours": 100 / 5.37, "usd_per_hour": 9.99 * 5.37 / 100}
    offers = offers_of(*[units | {"instance_type": name} for name in names])
    table = compare(Scenario(), offers).table.iloc[1:]
    assert table["present_value_usd"].nunique() == 1
    assert table["instance_type"].tolist() == names


def test_of_equal_offers_the_first_by_name_is_compared_with(offers_of: Offers) -> None:
    offers = offers_of({"instance_type": "b"}, {"instance_type": "a"}, {"instance_type": "c"})
    assert compare(Scenario(), offers).break_even["against"] == "aws a us-east-1 on_demand"
