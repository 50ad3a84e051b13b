"""Continuous integration: what hosted minutes cost, and what a machine of one's own takes over."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from models.ci import (
    billed_minutes,
    billed_minutes_of_jobs,
    hosted_ci_usd_per_month,
    own_runner_can_serve,
    own_runner_hours_per_week,
    paid_minutes,
)
from models.figures import load_figures

LINUX, WINDOWS, MACOS = 0.006, 0.010, 0.062
STANDARD = [LINUX, WINDOWS, MACOS]
CAREFUL = [1, 2, 10]

quick = settings(max_examples=100, deadline=None)
month_minutes = st.floats(0, 1e5)
three_runners = st.tuples(month_minutes, month_minutes, month_minutes)
quota = st.floats(0, 1e5)


# --- whole minutes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "jobs", "billed"),
    [
        (250, 100, 300),
        (300, 100, 300),
        (10, 100, 100),
        (0, 100, 0),
        (0, 0, 0),
        (1234.5, 0, 1234.5),
        (6.01, 2, 8),
    ],
)
def test_each_job_is_billed_in_whole_minutes(minutes: float, jobs: float, billed: float) -> None:
    assert billed_minutes(minutes, jobs) == billed


def test_arithmetic_noise_is_no_further_minute() -> None:
    assert billed_minutes(0.1 * 3 * 10, 1) == 3
    assert billed_minutes_of_jobs([0.1 * 3 * 10]) == 3


def test_a_list_of_jobs_is_rounded_job_by_job() -> None:
    assert billed_minutes_of_jobs([0.2, 1.0, 4.5]) == 7
    assert billed_minutes_of_jobs([[0.2, 1.0], [2.5, 2.5]]).tolist() == [2, 6]
    assert billed_minutes_of_jobs(59.5) == 60


@quick
@given(length=st.floats(0.01, 300), jobs=st.integers(1, 500))
def test_totals_of_equal_jobs_are_billed_as_the_list_of_them(length: float, jobs: int) -> None:
    # Totals carry rounding noise, so that a job a hair above whole minutes may round either way.
    listed = billed_minutes_of_jobs([round(length, 2)] * jobs)
    assert billed_minutes(round(length, 2) * jobs, jobs) == pytest.approx(float(listed))


@quick
@given(lengths=st.lists(st.floats(0, 300), min_size=1, max_size=50))
def test_totals_of_uneven_jobs_are_off_by_less_than_a_minute_a_job(lengths: list[float]) -> None:
    listed = float(billed_minutes_of_jobs(lengths))
    totals = float(billed_minutes(math.fsum(lengths), len(lengths)))
    assert abs(totals - listed) <= len(lengths) * (1 + 1e-5)


@quick
@given(minutes=month_minutes, jobs=st.floats(0, 1e4))
def test_rounding_never_takes_minutes_off_and_adds_at_most_one_a_job(minutes: float, jobs: float) -> None:
    billed = float(billed_minutes(minutes, jobs))
    # A millionth of a minute above a whole one is noise.
    assert minutes - jobs * 1e-6 <= billed <= (minutes + jobs) * (1 + 1e-9)


# --- the hosted bill ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "included", "usd"),
    [
        (5000, 3000, 12.0),  # Team: 2,000 minutes are left
        (5000, 2000, 18.0),  # Free
        (2000, 2000, 0.0),
        (2001, 2000, 0.006),
        (5000, 0, 30.0),
        (0, 3000, 0.0),
    ],
)
def test_linux_minutes_beyond_the_included_ones_are_paid(minutes: float, included: float, usd: float) -> None:
    assert hosted_ci_usd_per_month(minutes, LINUX, included_minutes=included) == pytest.approx(usd)


def test_without_included_minutes_each_runner_has_its_price() -> None:
    # 3,000 x 0.006 + 2,000 x 0.010 + 100 x 0.062
    assert hosted_ci_usd_per_month([3000, 2000, 100], STANDARD) == pytest.approx(18 + 20 + 6.2)


def test_in_the_careful_reading_included_minutes_serve_first_where_they_save_least() -> None:
    # An included minute saves 0.6 cents on Linux, 0.5 on Windows, 0.62 on macOS: 2,000 x 2 of 5,000 go to
    # Windows, the other 1,000 to Linux.
    paid = paid_minutes([3000, 2000, 100], STANDARD, included_minutes=5000, included_per_minute=CAREFUL)
    assert paid.tolist() == [2000, 0, 100]
    usd = hosted_ci_usd_per_month(
        [3000, 2000, 100], STANDARD, included_minutes=5000, included_per_minute=CAREFUL
    )
    assert usd == pytest.approx(12 + 6.2)


def test_as_plain_minutes_the_included_ones_serve_the_cheapest_runner_first() -> None:
    assert paid_minutes([3000, 2000, 100], STANDARD, included_minutes=4000).tolist() == [0, 1000, 100]


def test_ten_included_minutes_go_for_one_on_macos() -> None:
    # Free: 2,000 included minutes are 200 on macOS.
    usd = hosted_ci_usd_per_month(500, MACOS, included_minutes=2000, included_per_minute=10)
    assert usd == pytest.approx(300 * 0.062)


def test_a_larger_runner_never_uses_included_minutes() -> None:
    # 1,000 minutes on a T4 at 5.2 cents, and 1,000 standard minutes that the plan includes.
    paid = paid_minutes([1000, 1000], [0.052, LINUX], included_minutes=3000, included_apply=[False, True])
    assert paid.tolist() == [1000, 0]


def test_a_standard_runner_in_public_repositories_is_free_and_leaves_the_included_minutes_alone() -> None:
    paid = paid_minutes([9000, 4000], [LINUX, WINDOWS], included_minutes=3000, free=[True, False])
    assert paid.tolist() == [0, 1000]


def test_a_larger_runner_is_paid_in_public_repositories_too() -> None:
    usd = hosted_ci_usd_per_month(
        [9000, 100], [LINUX, 0.052], included_apply=[True, False], free=[True, False]
    )
    assert usd == pytest.approx(5.2)


def test_what_the_own_machine_takes_over_leaves_the_included_minutes_to_macos() -> None:
    everything = hosted_ci_usd_per_month(
        [2000, 0, 300], STANDARD, included_minutes=3000, included_per_minute=CAREFUL
    )
    rest = hosted_ci_usd_per_month([0, 0, 300], STANDARD, included_minutes=3000, included_per_minute=CAREFUL)
    # With Linux on the bill it takes 2,000 of the 3,000, and 100 minutes of macOS get the rest.
    assert everything == pytest.approx(200 * 0.062)
    assert rest == 0


def test_months_and_plans_broadcast() -> None:
    months = [[1000, 0], [5000, 100]]
    usd = hosted_ci_usd_per_month(months, [LINUX, WINDOWS], included_minutes=[1000, 3000])
    assert usd == pytest.approx([0, 12 + 1])
    plans = hosted_ci_usd_per_month(5000, LINUX, included_minutes=[2000, 3000, 50_000])
    assert plans == pytest.approx([18, 12, 0])
    assert hosted_ci_usd_per_month(5000, LINUX).shape == ()


def _bill(minutes: ArrayLike, included: float, per_minute: ArrayLike = CAREFUL) -> float:
    return float(
        hosted_ci_usd_per_month(minutes, STANDARD, included_minutes=included, included_per_minute=per_minute)
    )


@quick
@given(minutes=three_runners, included=quota)
def test_a_bill_is_never_negative_nor_above_that_without_included_minutes(
    minutes: tuple[float, float, float], included: float
) -> None:
    assert 0 <= _bill(minutes, included) <= _bill(minutes, 0) * (1 + 1e-9)


@quick
@given(minutes=three_runners, more=three_runners, included=quota)
def test_more_minutes_are_never_cheaper(
    minutes: tuple[float, float, float], more: tuple[float, float, float], included: float
) -> None:
    assert _bill(np.add(minutes, more), included) >= _bill(minutes, included) - 1e-6


@quick
@given(minutes=three_runners, included=quota, more=quota)
def test_a_plan_that_includes_more_is_never_dearer(
    minutes: tuple[float, float, float], included: float, more: float
) -> None:
    assert _bill(minutes, included + more) <= _bill(minutes, included) + 1e-6


@quick
@given(minutes=three_runners, included=quota)
def test_the_careful_reading_is_never_the_cheaper_one(
    minutes: tuple[float, float, float], included: float
) -> None:
    assert _bill(minutes, included, CAREFUL) >= _bill(minutes, included, 1) - 1e-6


@quick
@given(minutes=three_runners, included=quota, order=st.permutations([0, 1, 2]))
def test_the_order_in_which_runners_are_named_changes_nothing(
    minutes: tuple[float, float, float], included: float, order: list[int]
) -> None:
    def paid(places: list[int]) -> list[float]:
        found = paid_minutes(
            [minutes[place] for place in places],
            [STANDARD[place] for place in places],
            included_minutes=included,
            included_per_minute=[CAREFUL[place] for place in places],
        )
        return [float(value) for value in found]

    in_order = paid([0, 1, 2])
    assert paid(order) == pytest.approx([in_order[place] for place in order], abs=1e-6)


@quick
@given(minutes=three_runners, included=quota)
def test_every_included_minute_is_used_before_any_is_paid(
    minutes: tuple[float, float, float], included: float
) -> None:
    paid = paid_minutes(minutes, STANDARD, included_minutes=included, included_per_minute=CAREFUL)
    used = float(((np.array(minutes) - paid) * CAREFUL).sum())
    assert used == pytest.approx(min(included, float(np.dot(minutes, CAREFUL))), rel=1e-9, abs=1e-6)


@quick
@given(linux=month_minutes, part=st.floats(0, 1), included=quota)
def test_minutes_in_two_workflows_cost_what_they_cost_in_one(
    linux: float, part: float, included: float
) -> None:
    split = hosted_ci_usd_per_month([linux * part, linux * (1 - part)], LINUX, included_minutes=included)
    together = hosted_ci_usd_per_month(linux, LINUX, included_minutes=included)
    assert float(split) == pytest.approx(float(together), rel=1e-9, abs=1e-6)


def test_the_published_rates_make_the_published_bill() -> None:
    figures = load_figures()
    runners = [figures.runners[sku] for sku in ("linux", "windows", "linux_4_core_gpu")]
    usd = hosted_ci_usd_per_month(
        [5000, 0, 60],
        [runner.usd_per_minute for runner in runners],
        included_minutes=figures.runner_plans["team"].value,
        included_apply=[runner.included_minutes_apply for runner in runners],
        included_per_minute=[1, figures.assumptions["ci_included_minutes_per_windows_minute"].value, 1],
    )
    # 2,000 minutes at 0.6 cents, and an hour of the T4 at 3.12 USD.
    assert usd == pytest.approx(12 + 3.12)


# --- a machine of one's own ---------------------------------------------------------------------------------


def test_a_month_of_minutes_is_a_week_of_hours() -> None:
    assert own_runner_hours_per_week(43_800) == pytest.approx(168)
    assert own_runner_hours_per_week(0) == 0


def test_a_machine_that_is_twice_as_fast_works_half_as_long() -> None:
    hours = own_runner_hours_per_week([3000, 6000], [1, 2])
    assert hours[0] == pytest.approx(3000 / 60 / (730 / 168))
    assert hours[1] == pytest.approx(hours[0])


def test_a_machine_of_ones_own_serves_linux_and_windows_and_never_macos() -> None:
    assert own_runner_can_serve("linux")
    assert own_runner_can_serve("windows")
    assert not own_runner_can_serve("macos")


@pytest.mark.parametrize("system", ["Linux", "freebsd", ""])
def test_an_unknown_system_is_refused(system: str) -> None:
    with pytest.raises(ValueError, match=r"^system must be one of linux, windows, macos, not '"):
        own_runner_can_serve(system)


# --- bad input ----------------------------------------------------------------------------------------------

Formula = Callable[..., object]
BAD = [
    (-1.0, "must be 0 or more, not -1"),
    (math.nan, "must be finite, not nan"),
    (math.inf, "must be finite, not inf"),
    (-math.inf, "must be finite, not -inf"),
    (1e308, "must be at most 1e+12, not 1e+308"),
    ([], "must hold at least one number, not none"),
]
AMOUNTS = [
    (billed_minutes, {"minutes": 10, "jobs": 2}, "minutes"),
    (billed_minutes, {"minutes": 10, "jobs": 2}, "jobs"),
    (billed_minutes_of_jobs, {"job_minutes": [1]}, "job_minutes"),
    (own_runner_hours_per_week, {"minutes": 10}, "minutes"),
] + [
    (formula, {"minutes": 10, "usd_per_minute": 1, "included_minutes": 5}, name)
    for formula in (paid_minutes, hosted_ci_usd_per_month)
    for name in ("minutes", "usd_per_minute", "included_minutes")
]


@pytest.mark.parametrize(("formula", "good", "name"), AMOUNTS)
@pytest.mark.parametrize(("bad", "sentence"), BAD)
def test_a_bad_amount_gets_a_sentence_that_names_it(
    formula: Formula, good: dict[str, ArrayLike], name: str, bad: ArrayLike, sentence: str
) -> None:
    formula(**good)
    with pytest.raises(ValueError, match=f"^{name} ") as refusal:
        formula(**(good | {name: bad}))
    assert str(refusal.value).startswith(f"{name} {sentence}")


RATIOS = [
    (own_runner_hours_per_week, {"minutes": 10}, "relative_speed"),
    (paid_minutes, {"minutes": 10, "usd_per_minute": 1}, "included_per_minute"),
    (hosted_ci_usd_per_month, {"minutes": 10, "usd_per_minute": 1}, "included_per_minute"),
]


@pytest.mark.parametrize(("formula", "good", "name"), RATIOS)
@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (0.0, "must be above 0, not 0.0"),
        (-1.0, "must be above 0, not -1.0"),
        (math.nan, "must be finite, not nan"),
        (math.inf, "must be finite, not inf"),
        (1e308, "must be at most 1e+12, not 1e+308"),
        (1e-308, "must be at least 1e-12, not 1e-308"),
        ([], "must hold at least one number, not none"),
    ],
)
def test_a_bad_ratio_gets_a_sentence_that_names_it(
    formula: Formula, good: dict[str, ArrayLike], name: str, bad: ArrayLike, sentence: str
) -> None:
    formula(**good)
    with pytest.raises(ValueError, match=f"^{name} ") as refusal:
        formula(**good, **{name: bad})
    assert str(refusal.value) == f"{name} {sentence}"


@pytest.mark.parametrize("name", ["included_apply", "free"])
@pytest.mark.parametrize("bad", ["yes", 1, [], None, math.nan])
def test_a_flag_is_true_or_false(name: str, bad: object) -> None:
    flags: dict[str, object] = {name: bad}
    formula: Formula = hosted_ci_usd_per_month
    with pytest.raises(ValueError, match=f"^{name} must be true or false for each runner, not "):
        formula(10, LINUX, **flags)


def test_inputs_that_do_not_match_are_named() -> None:
    with pytest.raises(
        ValueError, match=r"^the shapes of these inputs must match: minutes \(3,\), jobs \(2,\)$"
    ):
        billed_minutes([1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match=r"shapes .* minutes \(2,\), usd_per_minute \(3,\)"):
        hosted_ci_usd_per_month([1, 2], STANDARD)


def test_the_largest_numbers_that_are_allowed_stay_numbers() -> None:
    assert np.isfinite(billed_minutes(1e12, 1e-12))
    assert np.isfinite(billed_minutes(1e12, 1e12))
    assert np.isfinite(own_runner_hours_per_week(1e12, 1e-12))
    largest = hosted_ci_usd_per_month(
        [1e12] * 3, 1e12, included_minutes=1e12, included_per_minute=[1e12, 1e-12, 1]
    )
    assert np.isfinite(largest)
