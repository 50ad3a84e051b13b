"""Own for what fits, rent for the rest: which jobs of a list run at home."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.hybrid import Job, own_and_rent


def places(plan_jobs_frame: pd.DataFrame) -> dict[str, str]:
    return dict(zip(plan_jobs_frame["job"], plan_jobs_frame["where"], strict=True))


def test_what_fits_runs_at_home_and_the_rest_is_rented() -> None:
    jobs = [Job("small", 300, 24), Job("large", 50, 24.1), Job("wide", 10, 8, gpus=2), Job("cheap", 40, 8)]
    plan = own_and_rent(jobs, [0.5, 2.0, 3.0, 0.1], owning_usd_per_month=90, owned_usd_per_hour=0.1)
    assert plan.jobs["where"].tolist() == ["home", "rented", "rented", "rented"]
    assert plan.jobs["why"].tolist() == [
        "",
        "needs 24.1 GB a GPU, the build has 24 GB",
        "needs 2 GPUs, the build has 1",
        "costs no more rented",
    ]
    # 90 + 300 * 0.1 + 50 * 2 + 10 * 3 + 40 * 0.1, against 150 + 100 + 30 + 4.
    assert plan.own_and_rent_usd_per_month == pytest.approx(254)
    assert plan.rent_all_usd_per_month == pytest.approx(284)
    assert plan.saving_usd_per_month == pytest.approx(30)
    assert plan.jobs["home_usd_per_month"].isna().tolist() == [False, True, True, False]


def test_the_earliest_deadline_goes_first() -> None:
    jobs = [Job("late", 100, 8), Job("soon", 50, 8, deadline_hours=60), Job("middle", 200, 8, 1, 260)]
    plan = own_and_rent(jobs, 1.0, 0)
    assert plan.jobs["where"].tolist() == ["home"] * 3
    assert plan.jobs["done_at_hours"].tolist() == [350, 50, 250]


def test_of_two_jobs_for_the_same_hours_the_one_that_saves_more_stays() -> None:
    jobs = [Job("dull", 60, 8, deadline_hours=100), Job("dear", 60, 8, deadline_hours=110)]
    plan = own_and_rent(jobs, [1.0, 1.2], 0, 0.2)
    assert plan.jobs["where"].tolist() == ["rented", "home"]
    assert plan.jobs["why"].tolist() == ["no room before its deadline", ""]


def test_two_short_jobs_can_be_worth_more_than_the_one_that_saves_most() -> None:
    jobs = [Job("long", 700, 8), Job("one", 400, 8), Job("two", 330, 8)]
    plan = own_and_rent(jobs, [1.0, 1.2, 1.2], 0)
    assert places(plan.jobs) == {"long": "rented", "one": "home", "two": "home"}


def test_a_build_that_is_held_half_of_the_time_needs_twice_as_long() -> None:
    jobs = [Job("a", 100, 8), Job("b", 100, 8, deadline_hours=199)]
    plan = own_and_rent(jobs, 1.0, 0, room_hours_per_month=365)
    assert plan.jobs["where"].tolist() == ["home", "rented"]
    assert plan.jobs["done_at_hours"].tolist()[0] == pytest.approx(200)
    assert own_and_rent(jobs, 1.0, 0, room_hours_per_month=0).jobs["where"].tolist() == ["rented"] * 2


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.integers(1, 100), st.integers(0, 50).map(lambda tenth: tenth / 10)),
        min_size=1,
        max_size=7,
    )
)
def test_no_other_set_of_jobs_that_meets_its_deadlines_saves_more(
    drawn: list[tuple[int, int, float]],
) -> None:
    jobs = [Job(f"job {i}", hours, 8, 1, deadline) for i, (hours, deadline, _) in enumerate(drawn)]
    prices = [price for _, _, price in drawn]
    plan = own_and_rent(jobs, prices, 7.0, 1.0)

    def is_done(chosen: tuple[int, ...]) -> bool:
        ordered = sorted(chosen, key=lambda i: jobs[i].deadline_hours)
        ends = np.cumsum([jobs[i].hours_per_month for i in ordered])
        return all(end <= jobs[i].deadline_hours for end, i in zip(ends, ordered, strict=True))

    every = [s for size in range(len(jobs) + 1) for s in combinations(range(len(jobs)), size) if is_done(s)]
    least = min(
        7.0 + sum(job.hours_per_month * (1.0 if i in chosen else prices[i]) for i, job in enumerate(jobs))
        for chosen in every
    )
    assert plan.own_and_rent_usd_per_month == pytest.approx(least)
    assert tuple(np.flatnonzero(plan.jobs["where"] == "home")) in every


@pytest.mark.parametrize(
    ("jobs", "changed", "sentence"),
    [
        ([], {}, "the list is empty"),
        ([Job("a", 1, 8), Job("a", 2, 8)], {}, "'a' stands twice"),
        ([Job("a", 0, 8)], {}, "of 'a' hours_per_month must be above 0, not 0"),
        ([Job("a", 1, -8)], {}, "of 'a' vram_gb must be 0 or more, not -8"),
        ([Job("a", 1, 8, 0)], {}, "gpus of 'a' must be a whole number from 1, not 0"),
        ([Job._make(("a", 1, 8, 1.5, 730))], {}, "gpus of 'a' must be a whole number from 1, not 1.5"),
        ([Job._make(("a", 1, 8, np.inf, 730))], {}, "gpus of 'a' must be a whole number from 1, not inf"),
        ([Job("a", 1e16, 8)], {}, r"of 'a' hours_per_month must be from 0 to 1e\+15, not 1e\+16"),
        ([Job("a", 1, 8, 1, np.nan)], {}, "of 'a' deadline_hours must be finite"),
        ([Job("a", 1, 8)], {"rental_usd_per_hour": [1.0, 2.0]}, "one price or one for each of 1 jobs"),
        ([Job("a", 1, 8)], {"rental_usd_per_hour": -1.0}, "rental_usd_per_hour must be 0 or more"),
        ([Job("a", 1, 8)], {"room_hours_per_month": 731}, "room_hours_per_month must be at most 730"),
        ([Job("a", 1, 8)], {"gpus": -1.5}, "^gpus must be a whole number from 1, not -1.5$"),
        ([Job("a", 1, 8)], {"gpus": 0}, "^gpus must be a whole number from 1, not 0$"),
    ],
)
def test_a_list_of_jobs_that_makes_no_sense_is_refused(
    jobs: list[Job], changed: dict[str, Any], sentence: str
) -> None:
    values: dict[str, Any] = {"rental_usd_per_hour": 1.0, "owning_usd_per_month": 10.0} | changed
    with pytest.raises(ValueError, match=sentence):
        own_and_rent(jobs, **values)
