"""Between building and renting: jobs at home, cards that share a load with rentals, a later purchase."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import Scenario, compare, simulate
from models.buy_later import best_month_of_case, best_month_to_buy
from models.cards import cards_to_own
from models.hybrid import Job, own_and_rent
from models.plans import plan_jobs
from models.uncertain_inputs import (
    ELECTRICITY,
    END,
    FAILURES,
    GROWTH,
    HOURS,
    LOSS,
    NAMES,
    RENT_DRIFT,
    central_loss_fraction,
)
from tests.models.plain import PLAIN, ask, changed

Offers = Callable[..., pd.DataFrame]

CENT = 0.005
WEEKS = 730 / 168
PART = {"name": "gpu", "price_usd": 2400, "new_to_used_fraction": 0, "yearly_loss_fraction": 0.5}
asked = partial(ask, changed(PLAIN, workstation={"parts": [PART]}))

# Every input fixed: no growth, no drift, no early end, no failure.
SURE: dict[str, tuple[float, float]] = dict.fromkeys(NAMES, (0.0, 0.0)) | {
    LOSS: (0.5, 0.5),
    ELECTRICITY: (0.2, 0.2),
}

# An hour of an RTX 4090 for a dollar, with nothing rounded up.
EXACT = {"billing_increment_s": 0.001}


def places(plan_jobs_frame: pd.DataFrame) -> dict[str, str]:
    return dict(zip(plan_jobs_frame["job"], plan_jobs_frame["where"], strict=True))


# Jobs -------------------------------------------------------------------------------------------------------


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
    ],
)
def test_a_list_of_jobs_that_makes_no_sense_is_refused(
    jobs: list[Job], changed: dict[str, Any], sentence: str
) -> None:
    values: dict[str, Any] = {"rental_usd_per_hour": 1.0, "owning_usd_per_month": 10.0} | changed
    with pytest.raises(ValueError, match=sentence):
        own_and_rent(jobs, **values)


def test_each_job_is_rented_where_its_need_costs_least(offers_of: Offers) -> None:
    offers = offers_of(
        EXACT | {"instance_type": "one", "usd_per_hour": 1.0},
        EXACT | {"instance_type": "big", "gpu": "A100 80GB SXM", "vram_gb": 80.0, "usd_per_hour": 4.0},
        EXACT | {"instance_type": "four", "gpu_count": 4.0, "usd_per_hour": 5.0},
    )
    jobs = [Job("small", 100, 20), Job("wide", 10, 20, gpus=4), Job("large", 30, 70)]
    plan = plan_jobs(asked(workload={"workload_class": "wall_clock"}), offers, jobs)
    assert [name.split()[1] for name in plan.jobs["offer"]] == ["one", "four", "big"]
    assert plan.jobs["rented_usd_per_month"].tolist() == pytest.approx([100, 50, 120], abs=CENT)
    # 2,400 USD lose three quarters in two years: 75 USD a month; a kilowatt at 20 cents.
    assert plan.jobs["home_usd_per_month"].tolist()[0] == pytest.approx(100 * 0.2)
    assert plan.own_and_rent_usd_per_month == pytest.approx(75 + 20 + 50 + 120, abs=CENT)
    assert plan.rent_all_usd_per_month == pytest.approx(270, abs=CENT)


def test_a_single_job_costs_what_the_comparison_says(bundled: pd.DataFrame) -> None:
    scenario = Scenario().with_settings({"workload.busy_hours_per_week": "40"})
    answer = compare(scenario, bundled)
    plan = plan_jobs(scenario, bundled, [Job("all", 40 * WEEKS, 20)])
    case = answer.case
    monthly = case.owned.discount[1:].sum()
    assert case.best is not None
    assert plan.jobs["offer"].tolist() == [case.offers.names[case.best]]
    assert plan.rent_all_usd_per_month * monthly == pytest.approx(
        case.present_value_usd[case.row_of(case.best)], abs=CENT
    )
    assert plan.jobs["where"].tolist() == ["home"]
    assert plan.own_and_rent_usd_per_month * monthly == pytest.approx(
        case.owned.present_value_usd(40), abs=CENT
    )


def test_jobs_share_the_data_and_the_sessions_of_the_work(bundled: pd.DataFrame) -> None:
    # Packs are left out, for each job buys whole ones.
    scenario = Scenario().with_settings({"rental.terms": "on_demand"})
    whole = plan_jobs(scenario, bundled, [Job("all", 90, 20)])
    halves = plan_jobs(scenario, bundled, [Job("one", 45, 20), Job("two", 45, 20)])
    assert halves.jobs["offer"].tolist() == whole.jobs["offer"].tolist() * 2
    assert halves.rent_all_usd_per_month == pytest.approx(whole.rent_all_usd_per_month, abs=CENT)
    assert halves.own_and_rent_usd_per_month == pytest.approx(whole.own_and_rent_usd_per_month, abs=CENT)


def test_no_run_is_longer_than_its_job(offers_of: Offers) -> None:
    scenario, offers = asked(workload={"longest_run_hours": 10}), offers_of({"max_session_hours": 6.0})
    assert plan_jobs(scenario, offers, [Job("short", 5, 20)]).jobs["job"].tolist() == ["short"]
    with pytest.raises(ValueError, match="no considered offer fits 'long'"):
        plan_jobs(scenario, offers, [Job("long", 50, 20)])


def test_a_slowed_card_has_less_room(offers_of: Offers) -> None:
    offers, jobs = offers_of({}), [Job("all month", 725, 20)]
    assert plan_jobs(asked(), offers, jobs).jobs["where"].tolist() == ["home"]
    slowed = asked(workstation={"power_limit_w": 250})
    assert plan_jobs(slowed, offers, jobs).jobs["where"].tolist() == ["rented"]


@pytest.mark.parametrize(
    ("settings_of", "jobs", "sentence"),
    [
        ({}, [Job("huge", 10, 100)], "no considered offer fits 'huge', which needs 1 GPU with 100 GB"),
        ({"workstation": {"count": 2}}, [Job("a", 10, 8)], "planned for 1 build, not 2"),
        (
            {"workload": {"min_compute_capability": 12.0}},
            [Job("a", 10, 8)],
            "does not fit the build, its RTX 4090 has compute capability 8.9, 12 needed",
        ),
        ({}, [], "the list is empty"),
    ],
)
def test_a_plan_without_a_build_or_an_offer_is_refused(
    settings_of: dict[str, dict[str, object]], jobs: list[Job], sentence: str, offers_of: Offers
) -> None:
    with pytest.raises(ValueError, match=sentence):
        plan_jobs(asked(**settings_of), offers_of({}), jobs)


# Cards ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("owning", "fractile"), [(12.6, 0.9), (63.0, 0.5), (100.8, 0.2), (126.5, 0.0)])
def test_the_number_of_cards_is_the_critical_fractile_of_the_newsvendor(
    owning: float, fractile: float
) -> None:
    # Each of 0 to 19 cards' worth of hours is as likely. A card too many costs `owning`, one too few
    # 168 * (0.85 - 0.10) - owning: the least k with P(need <= k) >= underage / (underage + overage).
    need = np.arange(20)
    overage, underage = owning, 168 * 0.75 - owning
    assert max(underage / (underage + overage), 0.0) == pytest.approx(fractile, abs=1e-9)
    textbook = int(np.searchsorted((need + 1) / 20, fractile - 1e-9)) if fractile else 0
    answer = cards_to_own(need * 168.0, owning, 0.85, 0.10)
    assert answer.cards == textbook
    assert answer.usd_by_cards.shape == (20,)


def test_the_cost_of_each_number_of_cards_is_that_of_the_hours_at_home_and_beyond() -> None:
    answer = cards_to_own([100, 400], 20, 1.0, 0.25, capacity_hours_per_card=150)
    # Two cards: 4 card weeks, 100 + 300 hours at home, 100 rented.
    assert answer.usd_by_cards.tolist() == [500, 352.5, 280, 245]
    assert answer.cards == 3


def test_no_card_is_owned_where_its_hour_costs_more_than_a_rented_one() -> None:
    answer = cards_to_own([500, 500], 0, 0.1, 0.2)
    assert answer.cards == 0
    assert (answer.usd_by_cards == 100).all()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (([], 1, 1), "must name a week"),
        (([-1], 1, 1), "hours_by_week must be 0 or more, not -1"),
        (([1e9], 1, 1), "at most 10,000 cards"),
        (([1], 1, 1, 0, 0), "capacity_hours_per_card must be above 0"),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused(values: tuple[Any, ...], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        cards_to_own(*values)


# The month to buy -------------------------------------------------------------------------------------------


def test_each_month_costs_its_rent_and_what_the_build_loses_in_the_months_that_are_left(
    offers_of: Offers,
) -> None:
    answer = best_month_to_buy(asked(workload={"busy_hours_per_week": 30}), offers_of(EXACT))
    hours = 30 * WEEKS
    month = np.arange(25)
    left = 24 - month
    lost = 2400 * (1 - 0.5 ** (left / 12))
    assert answer.usd_by_month == pytest.approx(month * hours + left * hours * 0.2 + lost, abs=CENT)
    assert answer.best_month == 0
    assert answer.value_of_waiting_usd == 0


def test_who_expects_parts_to_get_cheaper_waits(offers_of: Offers) -> None:
    answer = best_month_to_buy(
        asked(workload={"busy_hours_per_week": 21}), offers_of(EXACT), yearly_parts_drift_fraction=-0.5
    )
    hours, month = 21 * WEEKS, np.arange(25)
    left = 24 - month
    price = 2400 * 0.5 ** (month / 12)
    usd = month * hours + left * hours * 0.2 + price * (1 - 0.5 ** (left / 12))
    assert answer.usd_by_month == pytest.approx(usd, abs=CENT)
    assert answer.best_month == int(np.argmin(usd))
    assert 0 < answer.best_month < 24
    # To rent throughout is the better of the two decisions that today has.
    assert usd[-1] < usd[0]
    assert answer.value_of_waiting_usd == pytest.approx(min(usd[0], usd[-1]) - usd.min(), abs=CENT)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"rental.against": "aws", "money.horizon_months": "60"},
        {"rental.terms": "reserved_1y", "rental.yearly_price_drift_fraction": "-0.2"},
        {"money.loan_fraction": "0.5", "money.marginal_tax_rate_fraction": "0.3"},
        {"money.tax_schedule": "germany_three_years", "money.marginal_tax_rate_fraction": "0.3"},
        {
            "workstation.lease_usd_per_month": "200",
            "rental.set_up_hours": "3",
            "money.value_per_hour_usd": "50",
        },
        {"workstation.new_generation_month": "12", "workstation.new_generation_loss_fraction": "0.3"},
        {"workload.busy_hours_per_week": "130", "workload.hours_measured_on": "A100 80GB SXM"}
        | {"workstation.when_full": "rent_the_rest"},
    ],
)
def test_the_first_and_the_last_month_are_the_two_sides_of_the_comparison(
    changes: dict[str, str], bundled: pd.DataFrame
) -> None:
    answer = compare(Scenario().with_settings(changes), bundled)
    case = answer.case
    found = best_month_of_case(case)
    assert case.against is not None
    assert found.usd_by_month[0] == pytest.approx(
        float(case.owned.present_value_usd(case.owned.busy_hours_per_week)), abs=CENT
    )
    assert found.usd_by_month[-1] == pytest.approx(
        case.present_value_usd[case.row_of(case.against)], abs=CENT
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"workload.busy_hours_per_week": "60", "rental.against": "aws"},
        {"rental.terms": "reserved_1y", "rental.yearly_price_drift_fraction": "-0.2"},
        {"electricity.yearly_price_drift_fraction": "0.1", "workstation.sale_delay_months": "2"},
        {"workstation.new_generation_month": "12", "workstation.new_generation_loss_fraction": "0.3"},
        {
            "workstation.lease_usd_per_month": "200",
            "rental.set_up_hours": "3",
            "money.value_per_hour_usd": "50",
        },
    ],
)
def test_with_nothing_uncertain_the_expected_costs_are_the_plain_ones(
    changes: dict[str, str], bundled: pd.DataFrame
) -> None:
    case = compare(Scenario().with_settings(changes), bundled).case
    scenario = case.scenario
    points = {
        HOURS: scenario.workload.busy_hours_per_week,
        RENT_DRIFT: scenario.rental.yearly_price_drift_fraction,
        LOSS: central_loss_fraction(case),
        ELECTRICITY: scenario.electricity.usd_per_kwh or 0.0,
    }
    fixed = SURE | {name: (point, point) for name, point in points.items()}
    plain = best_month_of_case(case, -0.1)
    drawn = best_month_of_case(case, -0.1, draws=2, ranges=fixed)
    assert drawn.usd_by_month == pytest.approx(plain.usd_by_month, abs=CENT)
    assert drawn.best_month == plain.best_month


@pytest.mark.parametrize(
    "changes",
    [
        {"workload.busy_hours_per_week": "80"},
        {"workload.busy_hours_per_week": "120", "workstation.when_full": "rent_the_rest"},
    ],
)
def test_over_many_futures_buying_today_saves_on_average_what_the_simulation_says(
    changes: dict[str, str], bundled: pd.DataFrame
) -> None:
    scenario = Scenario().with_settings(changes)
    simulated = simulate(scenario, bundled, draws=300, seed=4)
    found = best_month_to_buy(scenario, bundled, draws=300, seed=4)
    assert found.usd_by_month[-1] - found.usd_by_month[0] == pytest.approx(
        simulated.saving_usd.mean(), abs=CENT
    )
    assert found.value_of_waiting_usd >= 0


@pytest.mark.parametrize("month", [1, 7, 18])
def test_who_buys_later_pays_what_a_comparison_that_begins_on_that_day_says(
    month: int, offers_of: Offers
) -> None:
    def tariff(first_month: int, factor: float) -> dict[str, object]:
        summer = {"usd_per_kwh": 0.5 * factor, "months": [6, 7, 8]}
        drift = {"yearly_price_drift_fraction": 0.2, "first_month": first_month}
        return {"usd_per_kwh": 0.2 * factor, "time_of_use": [summer]} | drift

    build: dict[str, object] = {"sale_delay_months": 1, "yearly_failure_fraction": 0.1, "warranty_months": 6}
    coming: dict[str, object] = {"new_generation_month": 12, "new_generation_loss_fraction": 0.4}
    money = {"horizon_months": 36, "yearly_discount_fraction": 0.05, "loan_fraction": 0.5}

    def question(months: int, **changed: Mapping[str, object]) -> Scenario:
        return asked(
            electricity=changed.get("electricity", tariff(11, 1.0)),
            workstation={**build, **coming, **changed.get("workstation", {})},
            money=money | {"horizon_months": months},
        )

    found = best_month_of_case(compare(question(36), offers_of(EXACT)).case)
    is_out = month > 12
    later = question(
        36 - month,
        electricity=tariff((10 + month) % 12 + 1, 1.2 ** (month / 12)),
        workstation={
            "new_generation_month": None if is_out else 12 - month,
        },
    )
    worth = 1.05 ** (-month / 12)
    rented = compare(question(month), offers_of(EXACT)).case
    owned = compare(later, offers_of(EXACT)).case.owned
    usd = float(rented.present_value_usd[0]) + float(owned.present_value_usd(21)) * worth
    assert found.usd_by_month[month] == pytest.approx(usd, abs=CENT)


def test_a_project_that_may_end_soon_costs_the_rent_and_the_loss_of_the_months_that_it_lasts(
    offers_of: Offers,
) -> None:
    scenario = asked(workload={"busy_hours_per_week": 40}, money={"horizon_months": 36})
    points = SURE | {HOURS: (40, 40), END: (0.7, 0.7)}
    found = best_month_to_buy(scenario, offers_of(EXACT), draws=500, ranges=points)
    # The work goes on after a month at the chance 0.3 to the power of a twelfth.
    goes_on = 0.3 ** (np.arange(36) / 12)
    hours = 40 * WEEKS
    for month in (0, 6, 12):
        reached = goes_on[month:]
        ends = np.append(reached[:-1] - reached[1:], reached[-1])
        lost = 2400 * (1 - 0.5 ** (np.arange(1, 37 - month) / 12)) @ ends
        rent = goes_on[:month].sum() * hours
        usd = rent + reached.sum() * hours * 0.2 + lost
        assert found.usd_by_month[month] == pytest.approx(usd, rel=0.01)
    assert found.usd_by_month[-1] == pytest.approx(goes_on.sum() * hours, rel=0.01)


def test_work_that_grows_is_rented_at_first_and_waiting_is_worth_what_it_saves(offers_of: Offers) -> None:
    scenario = asked(workload={"busy_hours_per_week": 3}, money={"horizon_months": 36})
    points = SURE | {HOURS: (3, 3), GROWTH: (2.0, 2.0)}
    found = best_month_to_buy(scenario, offers_of(EXACT), draws=2, ranges=points)
    months = np.arange(37)
    hours = 3 * WEEKS * 3.0 ** (months / 12) * (months > 0)
    left = 36 - months
    lost = 2400 * (1 - 0.5 ** (left / 12))
    usd = hours.cumsum() + (hours.sum() - hours.cumsum()) * 0.2 + lost
    assert found.usd_by_month == pytest.approx(usd, abs=CENT)
    assert 0 < found.best_month < 36
    assert found.best_month == int(np.argmin(usd))
    assert found.value_of_waiting_usd == pytest.approx(min(usd[0], usd[-1]) - usd.min(), abs=CENT)


def test_failures_after_the_warranty_are_shared_by_the_months_that_are_left(offers_of: Offers) -> None:
    scenario = asked(workstation={"warranty_months": 6}, money={"horizon_months": 30})
    calm = SURE | {HOURS: (21, 21)}
    without = best_month_to_buy(scenario, offers_of(EXACT), draws=400, ranges=calm)
    found = best_month_to_buy(scenario, offers_of(EXACT), draws=400, ranges=calm | {FAILURES: (0.5, 0.5)})
    repairs_usd = found.usd_by_month - without.usd_by_month
    # Half a failure a year in the 24 months after the warranty, and none once there are six months left.
    assert repairs_usd[0] > 0
    assert (np.diff(repairs_usd[:25]) < 0).all()
    assert repairs_usd[24:] == pytest.approx(np.zeros(7), abs=CENT)


def test_a_month_to_buy_needs_both_bills(offers_of: Offers) -> None:
    with pytest.raises(ValueError, match="no month to buy: the work does not fit the build, its RTX 4090"):
        best_month_to_buy(asked(workload={"vram_gb": 40}), offers_of(EXACT))
    none = offers_of({"vram_gb": 8.0})
    with pytest.raises(ValueError, match="no month to buy: no offer is considered"):
        best_month_to_buy(asked(), none)
