"""What the answer says, case by case, and what it never says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from models import PERSONAS, Comparison, Scenario, compare

Offers = Callable[..., pd.DataFrame]
Row = Callable[..., dict[str, Any]]

# The default question by hand: the build costs 3,540.47 today (test_totals.py). A rented RTX 4090 in
# us-east-1 at 1 USD is held 25.5 h a week: 25.5 * 730 / 168 * 33.9073 = 3,757.15 USD today, and its storage
# costs 271.26.
BUILD_USD = 3540.47
WEEKS = 730 / 168
ANNUITY = sum(1.04 ** (-month / 12) for month in range(1, 37))
HOURS_USD_AT_1 = 25.5 * WEEKS * ANNUITY
STORAGE_USD = 100 * 0.08 * ANNUITY
# Within 10 % and 30 % a year instead of 20 %, the card of 2,805 USD fetches more or less after three years.
BETTER_RESALE_USD = 2805 * (0.9**3 - 0.8**3) * 0.9 / 1.04**3
WORSE_RESALE_USD = 2805 * (0.8**3 - 0.7**3) * 0.9 / 1.04**3


def _ask(**sections: dict[str, object]) -> Scenario:
    return Scenario.model_validate(sections)


def _assert_is_worded(comparison: Comparison) -> None:
    """Sentences are there, begin and end as sentences do, and hold no number that is none."""
    sentences = comparison.verdict + comparison.judgement.notes
    assert len(comparison.verdict) >= 1
    for sentence in sentences:
        assert re.fullmatch(r"[A-Z].*\.", sentence), sentence
        assert not re.search(r"\b(nan|inf|infinity)\b", sentence, re.IGNORECASE), sentence
        assert "None" not in sentence


# --- the cases ----------------------------------------------------------------------------------------------


def test_the_hand_worked_figures_of_this_file_hold(offers_of: Offers) -> None:
    own, rental = compare(Scenario(), offers_of({})).table["present_value_usd"]
    assert own == pytest.approx(BUILD_USD, abs=0.01)
    assert rental == pytest.approx(HOURS_USD_AT_1 + STORAGE_USD, abs=0.01)


def test_the_build_wins(offers_of: Offers) -> None:
    # 1.10 USD: 4,404 against 3,540, beyond what a bad resale (379) could change.
    comparison = compare(Scenario(), offers_of({"usd_per_hour": 1.1}))
    judgement = comparison.judgement
    assert judgement.outcome == "build"
    assert judgement.saving_usd == pytest.approx(HOURS_USD_AT_1 * 1.1 + STORAGE_USD - BUILD_USD, abs=0.01)
    assert judgement.saving_low_usd == pytest.approx(judgement.saving_usd - WORSE_RESALE_USD, abs=0.01)
    assert judgement.saving_high_usd == pytest.approx(judgement.saving_usd + BETTER_RESALE_USD, abs=0.01)
    assert judgement.saving_low_usd > 0
    assert comparison.verdict[0] == (
        "Build: 36 months cost $3,540 today, AWS (plain with RTX 4090, us-east-1, on demand) $4,404."
    )
    _assert_is_worded(comparison)


def test_rent_wins(offers_of: Offers) -> None:
    # 0.50 USD: 2,150 against 3,540, beyond what a good resale (487) could change.
    comparison = compare(Scenario(), offers_of({"usd_per_hour": 0.5}))
    assert comparison.judgement.outcome == "rent"
    assert comparison.judgement.saving_high_usd < 0
    assert comparison.verdict[0] == (
        "Rent from AWS (plain with RTX 4090, us-east-1, on demand): 36 months cost $2,150 today, "
        "the build $3,540."
    )
    _assert_is_worded(comparison)


@pytest.mark.parametrize("usd_per_hour", [0.80, 0.87, 0.95])
def test_too_close_to_call_within_the_error_of_the_resale(offers_of: Offers, usd_per_hour: float) -> None:
    saving_usd = HOURS_USD_AT_1 * usd_per_hour + STORAGE_USD - BUILD_USD
    assert -BETTER_RESALE_USD < saving_usd < WORSE_RESALE_USD  # 487 below, 379 above
    comparison = compare(Scenario(), offers_of({"usd_per_hour": usd_per_hour}))
    assert comparison.judgement.outcome == "too_close"
    assert comparison.judgement.saving_usd == pytest.approx(saving_usd, abs=0.01)
    assert comparison.verdict[0].startswith("Too close to call: over 36 months the build costs $3,540 today")
    _assert_is_worded(comparison)


@pytest.mark.parametrize(("usd_per_hour", "outcome"), [(0.73, "rent"), (0.76, "too_close"), (0.98, "build")])
def test_the_bounds_of_too_close(offers_of: Offers, usd_per_hour: float, outcome: str) -> None:
    # 3,540.47 - 487 = 3,053 is a rate of 74.1 cents, 3,540.47 + 379 = 3,920 one of 97.1 cents.
    assert compare(Scenario(), offers_of({"usd_per_hour": usd_per_hour})).judgement.outcome == outcome


def test_too_close_to_call_within_the_error_of_the_speed(offers_of: Offers) -> None:
    # An A10G (0.40, within 20 %): 50 h at the stated speed, 62.5 h if it is slower, 41.7 h if it is faster.
    comparison = compare(Scenario(), offers_of({"gpu": "A10G", "usd_per_hour": 0.35}))
    slower, stated, faster = (
        (20 / (0.40 * factor) + 5.5) * WEEKS * ANNUITY * 0.35 + STORAGE_USD for factor in (0.8, 1.0, 1.2)
    )
    judgement = comparison.judgement
    assert judgement.saving_usd == pytest.approx(stated - BUILD_USD, abs=0.05)
    assert judgement.saving_high_usd == pytest.approx(slower - BUILD_USD, abs=0.05)
    assert judgement.saving_low_usd == pytest.approx(
        min(faster - BUILD_USD, stated - BUILD_USD - WORSE_RESALE_USD), abs=0.05
    )
    assert judgement.saving_usd < 0 < judgement.saving_high_usd
    assert judgement.outcome == "too_close"
    assert "within the stated error of speed and resale" in comparison.verdict[0]


def test_work_that_does_not_fit_in_24_gb_is_rented(bundled: pd.DataFrame) -> None:
    comparison = compare(_ask(workload={"vram_gb": 25}), bundled)
    assert comparison.judgement.outcome == "does_not_fit"
    assert comparison.verdict[0].startswith(
        "Rent: the work does not fit the build (its RTX 4090 has 24 GB, 25 GB needed). Cheapest is "
    )
    assert not any("flips" in sentence or "pays for itself" in sentence for sentence in comparison.verdict)
    _assert_is_worded(comparison)


def test_nothing_is_left_after_the_filters(bundled: pd.DataFrame) -> None:
    # No offer of Azure in Asia is in the table.
    comparison = compare(_ask(rental={"providers": ["azure"], "regions": ["asia"]}), bundled)
    assert comparison.judgement.outcome == "nothing_left"
    assert comparison.verdict[0].startswith("Nothing is left to rent: none of the ")
    assert "The build costs $3,540 today over 36 months." in comparison.verdict[0]
    (azure,) = [sentence for sentence in comparison.verdict if sentence.startswith("Azure: ")]
    assert re.search(r"region \w+ is not chosen", azure)
    _assert_is_worded(comparison)


def test_neither_way_works(bundled: pd.DataFrame) -> None:
    comparison = compare(
        _ask(workload={"vram_gb": 25, "needs_own_environment": True}, rental={"providers": ["colab"]}),
        bundled,
    )
    assert comparison.judgement.outcome == "nothing_fits"
    assert comparison.verdict[0].startswith("Neither way works: the work does not fit the build (")
    assert "25 GB needed" in comparison.verdict[0]
    assert "a notebook" in comparison.verdict[0]
    _assert_is_worded(comparison)


def test_without_any_offer_there_is_still_a_verdict(offers_of: Offers) -> None:
    comparison = compare(Scenario(), offers_of({}).iloc[:0])
    assert comparison.judgement.outcome == "nothing_left"
    _assert_is_worded(comparison)


# --- the flip -----------------------------------------------------------------------------------------------


def test_the_answer_flips_at_hours_that_are_named(offers_of: Offers) -> None:
    comparison = compare(Scenario(), offers_of({"usd_per_hour": 0.5}))
    hours = comparison.break_even["hours_per_week"]
    assert isinstance(hours, float)
    assert 20 < hours < 148
    assert comparison.verdict[1] == (
        f"The answer flips at {hours:.1f} busy hours a week (RTX 4090): the build wins above that, "
        "else AWS (plain with RTX 4090, us-east-1, on demand)."
    )


def test_the_answer_never_flips(offers_of: Offers) -> None:
    cheap, dear = (compare(Scenario(), offers_of({"usd_per_hour": usd})) for usd in (0.10, 9.0))
    # 168 less the 5 held and the 15 left on.
    assert cheap.verdict[1].startswith(
        "However many hours a week the GPU works, up to the 148 that the week has room for, AWS"
    )
    assert cheap.verdict[1].endswith("stays cheaper than the build.")
    assert dear.verdict[1].startswith(
        "However few hours a week the GPU works, the build stays cheaper than AWS"
    )
    assert dear.break_even["hours_per_week"] == 0


def test_the_build_wins_below(offers_of: Offers, reserved: dict[str, object]) -> None:
    scenario = _ask(
        workstation={"parts": [{"name": "all of it", "price_usd": 3000, "already_own": True}]},
        electricity={"usd_per_kwh": 0.30},
        rental={"terms": ["reserved_1y"]},
    )
    comparison = compare(scenario, offers_of(reserved | {"usd_per_hour": 0.05}))
    assert comparison.break_even["direction"] == "below"
    assert "the build wins below that" in comparison.verdict[1]


def test_a_build_that_wins_only_at_no_hours_is_not_said_to_win_always(offers_of: Offers) -> None:
    # All parts are there, nothing runs or is kept when nothing is done: at 0 hours neither way costs a cent.
    # An hour of the build is 12 cents of power (0.65 kW at 18.44 cents), one of the rental 5 cents.
    scenario = _ask(
        workload={"attended_idle_hours_per_week": 0, "storage_gb": 0, "download_gb_per_month": 0},
        workstation={
            "parts": [{"name": "all of it", "price_usd": 3000, "already_own": True}],
            "asleep_w": 0,
            "left_on_hours_per_week": 0,
        },
    )
    comparison = compare(scenario, offers_of({"usd_per_hour": 0.05}))
    assert comparison.judgement.saving_usd < 0
    assert comparison.judgement.outcome == "rent"
    assert not any("the build stays cheaper" in sentence for sentence in comparison.verdict)
    # Five starts of 0.1 h cost 2.5 cents, so the first 0.36 h are cheaper: h * 0.12 = (h + 0.5) * 0.05.
    assert comparison.break_even["hours_per_week"] == pytest.approx(
        0.5 * 0.05 / (0.65 * 0.1844 - 0.05), abs=0.001
    )


# --- one line a provider ------------------------------------------------------------------------------------


def test_the_overall_answer_comes_first_and_each_provider_has_one_line(bundled: pd.DataFrame) -> None:
    comparison = compare(Scenario(), bundled)
    assert comparison.verdict[0].startswith(("Rent from ", "Build: ", "Too close to call: "))
    for name in ("AWS (", "Azure (", "GCP (", "Colab (", "RunPod (", "Vast.ai ("):
        assert sum(sentence.startswith(f"Against {name}") for sentence in comparison.verdict) == 1
    _assert_is_worded(comparison)


def test_a_providers_line_says_in_which_month_the_build_has_paid_for_itself(
    offers_of: Offers, row_of: Row
) -> None:
    offers = offers_of(
        {"usd_per_hour": 2.0},
        {"provider": "gcp", "region": "us-central1", "usd_per_hour": 0.4},
    )
    comparison = compare(Scenario(), offers)
    lines = [sentence for sentence in comparison.verdict if sentence.startswith("Against ")]
    assert len(lines) == 2
    # 5,326.75 USD of parts; 12.27 USD of power a month against 25.5 h a week at 2 USD and 8 USD of storage.
    saved_a_month_usd = 25.5 * WEEKS * 2 + 8 - (13 + 1.8 + 0.512) * WEEKS * 0.1844
    worth_usd = [saved_a_month_usd * sum(1.04 ** (-k / 12) for k in range(1, t + 1)) for t in range(37)]
    after = next(month for month in range(37) if worth_usd[month] >= 5326.75)
    step_usd = worth_usd[after] - worth_usd[after - 1]
    months = after - (worth_usd[after] - 5326.75) / step_usd
    assert row_of(comparison, provider="aws")["break_even_months"] == pytest.approx(months, abs=0.001)
    assert any(
        "Against AWS" in line and f"the build pays for itself in month {months:.0f}" in line for line in lines
    )
    assert any(
        "Against GCP" in line and "the build never pays for itself within 36 months" in line for line in lines
    )


def test_a_provider_of_whom_nothing_is_left_says_why(bundled: pd.DataFrame) -> None:
    comparison = compare(PERSONAS["cuda"], bundled)
    (colab,) = [sentence for sentence in comparison.verdict if sentence.startswith("Colab")]
    assert "none of the 20 offers" in colab
    assert "a notebook" in colab


def test_comparing_with_a_provider_changes_the_flip_and_not_the_overall_answer(bundled: pd.DataFrame) -> None:
    cheapest = compare(Scenario(), bundled)
    with_aws = compare(_ask(rental={"against": "aws"}), bundled)
    assert with_aws.verdict[0] == cheapest.verdict[0]
    assert "AWS (" in with_aws.verdict[1]
    assert str(with_aws.break_even["against"]).startswith("aws ")
    assert set(with_aws.receipt["option"]) == {"own rtx4090_used_ws_2026_usd", with_aws.break_even["against"]}


def test_a_provider_without_a_considered_offer_cannot_be_compared_with(bundled: pd.DataFrame) -> None:
    comparison = compare(_ask(rental={"against": "colab"}, workload={"needs_runner": True}), bundled)
    assert comparison.break_even["against"] is None
    assert comparison.verdict[1].startswith("There is nothing to compare with from Colab: ")
    _assert_is_worded(comparison)


# --- marks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offer", "mark"),
    [
        ({"gpu": "H100 NVL 94GB", "vram_gb": 94.0}, "rental speed derived, within 10%"),
        ({"kind": "estimate", "as_of": "2026-05-31"}, "rental price estimated 2026-05-31"),
    ],
)
def test_a_weak_figure_is_marked_wherever_it_decides(
    offers_of: Offers, offer: dict[str, object], mark: str
) -> None:
    comparison = compare(Scenario(), offers_of(offer | {"usd_per_hour": 0.3}))
    assert mark in comparison.verdict[0]
    (line,) = [sentence for sentence in comparison.verdict if sentence.startswith("Against ")]
    assert mark in line


def test_an_old_price_is_marked(offers_of: Offers) -> None:
    offers = offers_of(
        {"usd_per_hour": 0.3, "as_of": "2024-02-21"},
        {"provider": "gcp", "region": "us-central1", "as_of": "2026-11-01", "usd_per_hour": 3.0},
    )
    comparison = compare(Scenario(), offers)
    assert "price of 2024-02-21 is more than 365 days old" in comparison.verdict[0]


def test_a_sound_figure_carries_no_mark(offers_of: Offers) -> None:
    verdict = compare(Scenario(), offers_of({"usd_per_hour": 0.3})).verdict
    assert not any("derived" in line or "estimate" in line or "days old" in line for line in verdict)


def test_a_gpu_of_unknown_speed_says_how_fast_it_must_be_to_win(offers_of: Offers) -> None:
    offers = offers_of(
        {"usd_per_hour": 0.8},
        {"gpu": "A40", "vram_gb": 48.0, "instance_type": "unknown", "usd_per_hour": 0.3},
    )
    # The rented RTX 4090 costs (25.5 h * 0.80 + storage): as much as (20 / speed + 5.5) h at 0.30.
    speed = 20 / (25.5 * 0.8 / 0.3 - 5.5)
    assert HOURS_USD_AT_1 * 0.8 + STORAGE_USD < BUILD_USD
    verdict = compare(Scenario(), offers).verdict
    (sentence,) = [line for line in verdict if line.startswith("The speed of A40 is not known")]
    assert f"if it were at least {speed:.2f} times as fast as an RTX 4090" in sentence


def test_a_gpu_of_unknown_speed_that_could_not_win_is_not_mentioned(offers_of: Offers) -> None:
    # Even at the ratio of its memory bandwidth or arithmetic an A40 at 30 USD is far dearer.
    offers = offers_of(
        {"usd_per_hour": 0.8},
        {"gpu": "A40", "vram_gb": 48.0, "instance_type": "unknown", "usd_per_hour": 30.0},
    )
    assert not any("speed of A40" in line for line in compare(Scenario(), offers).verdict)


# --- edges --------------------------------------------------------------------------------------------------

EDGES: dict[str, dict[str, dict[str, object]]] = {
    "no busy hours": {"workload": {"busy_hours_per_week": 0}},
    "nothing at all": {
        "workload": {
            "busy_hours_per_week": 0,
            "attended_idle_hours_per_week": 0,
            "sessions_per_week": 0,
            "storage_gb": 0,
            "download_gb_per_month": 0,
        },
        "workstation": {"left_on_hours_per_week": 0},
    },
    "168 busy hours": {
        "workload": {"busy_hours_per_week": 168, "attended_idle_hours_per_week": 0},
        "workstation": {"left_on_hours_per_week": 0},
    },
    "25 GB": {"workload": {"vram_gb": 25}},
    "more than any GPU": {"workload": {"vram_gb": 5000}},
    "one provider left": {"rental": {"providers": ["gcp"]}},
    "one month": {"money": {"horizon_months": 1}},
    "twenty years": {"money": {"horizon_months": 240}},
    "free power": {"electricity": {"usd_per_kwh": 0}},
    "no speed for the class": {"workload": {"workload_class": "fp32_training", "vram_gb": 0}},
    "64 GPUs": {"workload": {"gpus": 64}},
    "no sessions": {"workload": {"sessions_per_week": 0}},
    "every term": {
        "rental": {
            "terms": [
                "on_demand", "spot", "reserved_1y", "reserved_3y", "savings_1y", "savings_3y", "prepaid",
                "free", "included"
            ]
        }
    },
}  # fmt: skip


@pytest.mark.parametrize("edge", EDGES)
def test_every_edge_has_a_verdict_in_words(bundled: pd.DataFrame, edge: str) -> None:
    comparison = compare(Scenario.model_validate(EDGES[edge]), bundled)
    _assert_is_worded(comparison)
    bills = comparison.table[comparison.table["fits"] & comparison.table["relative_throughput"].notna()]
    assert bills[["total_usd", "present_value_usd", "hours_per_month"]].notna().all(axis=None)


@pytest.mark.parametrize("edge", EDGES)
def test_an_always_or_never_agrees_with_the_answer(bundled: pd.DataFrame, edge: str) -> None:
    comparison = compare(Scenario.model_validate(EDGES[edge]), bundled)
    joined = " ".join(comparison.verdict)
    if "the build stays cheaper than" in joined:
        assert comparison.judgement.saving_usd >= 0
    if "stays cheaper than the build" in joined:
        assert comparison.judgement.saving_usd <= 0


def test_without_busy_hours_there_is_no_price_of_a_useful_hour(bundled: pd.DataFrame) -> None:
    table = compare(_ask(workload={"busy_hours_per_week": 0}), bundled).table
    assert table["usd_per_useful_hour"].isna().all()
    assert table.loc[table["considered"], "present_value_usd"].notna().all()


def test_only_the_provider_that_is_left_has_a_line(bundled: pd.DataFrame) -> None:
    comparison = compare(_ask(rental={"providers": ["gcp"]}), bundled)
    assert sum("GCP (" in sentence for sentence in comparison.verdict) >= 2
    assert not any(
        name in sentence
        for sentence in comparison.verdict
        for name in ("AWS", "Azure", "Colab", "RunPod", "Vast")
    )


# --- notes --------------------------------------------------------------------------------------------------


def _notes(scenario: Scenario, offers: pd.DataFrame) -> str:
    return " ".join(compare(scenario, offers).judgement.notes)


def test_what_is_not_counted_is_said(bundled: pd.DataFrame) -> None:
    notes = _notes(Scenario(), bundled)
    assert "tax" in notes
    assert "repairs" in notes


def test_a_total_below_the_present_value_is_explained(bundled: pd.DataFrame) -> None:
    build = compare(Scenario(), bundled).table.iloc[0]
    assert build["total_usd"] < build["present_value_usd"]
    assert "Undiscounted the build costs $3,291, less than its cost today" in _notes(Scenario(), bundled)
    flat = _ask(money={"yearly_discount_fraction": 0})
    assert "Undiscounted" not in _notes(flat, bundled)


def test_who_needs_a_runner_learns_about_public_repositories(bundled: pd.DataFrame) -> None:
    assert "public repositories" in _notes(PERSONAS["maintainer"], bundled)
    assert "public repositories" not in _notes(Scenario(), bundled)


def test_who_needs_an_own_environment_learns_what_colab_can_do(bundled: pd.DataFrame) -> None:
    assert "tunnel from VS Code" in _notes(PERSONAS["cuda"], bundled)


def test_borrowed_prices_of_storage_and_download_are_said(offers_of: Offers) -> None:
    known, borrowed = {"region": "us-east-1"}, {"region": "us-west-1"}
    assert "borrowed" not in _notes(Scenario(), offers_of(known))
    assert "borrowed" in _notes(Scenario(), offers_of(borrowed))
    details = compare(Scenario(), offers_of(borrowed)).receipt.set_index("component")["detail"]
    assert "price of another region or an assumption" in details["storage"]


def test_the_verdict_of_a_comparison_is_its_judgement(one_of_each: pd.DataFrame) -> None:
    comparison = compare(Scenario(), one_of_each)
    judgement: Any = comparison.judgement
    assert comparison.verdict == judgement.sentences
    assert judgement.saving_low_usd <= judgement.saving_usd <= judgement.saving_high_usd
