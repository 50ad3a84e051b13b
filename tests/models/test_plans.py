"""Plans with the scenario's own build and prices: its work as a job, and cards that share it with rentals."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import PERSONAS, Scenario, compare
from models.cards import cards_to_own
from models.hybrid import Job
from models.plans import example_weeks, own_work, plan_cards, plan_jobs
from tests.models.plain import PLAIN, ask, changed

Offers = Callable[..., pd.DataFrame]

CENT = 0.005
WEEKS = 730 / 168
# One part that loses half of its worth a year, a kilowatt at 20 cents, two years, no dollars lost to time.
PART = {"name": "gpu", "price_usd": 2400, "new_to_used_fraction": 0, "yearly_loss_fraction": 0.5}
asked = partial(ask, changed(PLAIN, workstation={"parts": [PART]}))
EXACT = {"billing_increment_s": 0.001}


# The scenario's own work ------------------------------------------------------------------------------------


def test_the_own_work_is_a_job_of_its_hours_memory_and_gpus() -> None:
    offers = pd.DataFrame({"provider": [], "region": []})
    job = own_work(asked(workload={"busy_hours_per_week": 21, "vram_gb": 11}), offers)
    assert job == Job("my work", job.hours_per_month, 11, 1, 730)
    assert job.hours_per_month == pytest.approx(21 * WEEKS)


@pytest.mark.parametrize(
    "settings",
    [
        {"workload.busy_hours_per_week": "40"},
        {"workload.hours_measured_on": "T4", "workload.busy_hours_per_week": "100"},
        {"workload.hours_measured_on": "A100 40GB SXM", "workstation.power_limit_w": "250"},
        {"workload.gpus_measured_on": "2", "workload.busy_hours_per_week": "30"},
        {"workload.gpus": "2", "workload.gpus_measured_on": "1"},
        {"workload.vram_gb": "40", "rental.yearly_price_drift_fraction": "-0.2"},
    ],
)
def test_the_plan_for_the_own_work_alone_costs_what_the_comparison_says(
    settings: dict[str, str], bundled: pd.DataFrame
) -> None:
    scenario = Scenario().with_settings(settings)
    answer = compare(scenario, bundled)
    case, plan = answer.case, plan_jobs(scenario, bundled, [own_work(scenario, bundled)])
    monthly = case.owned.discount[1:].sum()
    assert case.best is not None
    rented_usd = case.present_value_usd[case.row_of(case.best)]
    assert plan.jobs["offer"].tolist() == [case.offers.names[case.best]]
    assert plan.rent_all_usd_per_month * monthly == pytest.approx(rented_usd, abs=CENT)
    assert plan.jobs["where"].tolist() == ["rented" if case.build_misfit else "home"]
    if not case.build_misfit:
        owned_usd = case.owned.present_value_usd(scenario.workload.busy_hours_per_week)
        assert plan.own_and_rent_usd_per_month * monthly == pytest.approx(float(owned_usd), abs=CENT)


# Jobs -------------------------------------------------------------------------------------------------------


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


def test_each_further_build_costs_what_it_loses_and_serves_a_week_of_hours(offers_of: Offers) -> None:
    plan = plan_cards(asked(), offers_of(EXACT | {"instance_type": "one"}), [100, 100, 400])
    # 2,400 USD lose three quarters in two years: 75 USD a month.
    assert plan.owning_usd_per_card_week == pytest.approx(75 / WEEKS)
    assert plan.owned_usd_per_hour == pytest.approx(0.2)
    assert plan.rental_usd_per_hour == pytest.approx(1.0, abs=1e-6)
    assert plan.offer.split()[1] == "one"
    assert plan.capacity_hours_per_card == 168
    card = 3 * 75 / WEEKS
    expected = [
        600,
        card + 368 * 0.2 + 232,
        2 * card + 536 * 0.2 + 64,
        3 * card + 600 * 0.2,
    ]
    assert plan.usd_by_cards == pytest.approx(expected, abs=CENT)
    assert plan.cards == 2


def test_the_plan_is_that_of_the_same_amounts_given_by_hand(bundled: pd.DataFrame) -> None:
    weeks = [500, 10, 1000, 480]
    plan = plan_cards(Scenario(), bundled, weeks)
    by_hand = cards_to_own(
        weeks,
        plan.owning_usd_per_card_week,
        plan.rental_usd_per_hour,
        plan.owned_usd_per_hour,
        plan.capacity_hours_per_card,
    )
    assert plan.cards == by_hand.cards == 3
    assert plan.usd_by_cards.tolist() == by_hand.usd_by_cards.tolist()
    # The machine is held 5 hours a week.
    assert plan.capacity_hours_per_card == 163


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"electricity.country": "DE", "workstation.insurance_usd_per_year": "120"},
        {"rental.terms": "on_demand", "money.loan_fraction": "0.5", "money.yearly_discount_fraction": "0.1"},
        {"workstation.power_limit_w": "300", "rental.yearly_price_drift_fraction": "0.1"},
    ],
)
def test_a_load_that_never_changes_costs_what_the_comparison_says(
    settings: dict[str, str], bundled: pd.DataFrame
) -> None:
    scenario = Scenario().with_settings({"workload.busy_hours_per_week": "40"} | settings)
    case = compare(scenario, bundled).case
    plan = plan_cards(scenario, bundled, [40, 40])
    assert case.best is not None
    by_weeks = plan.usd_by_cards / 2 * WEEKS * case.owned.discount[1:].sum()
    assert plan.offer == case.offers.names[case.best]
    assert by_weeks[0] == pytest.approx(case.present_value_usd[case.row_of(case.best)], abs=CENT)
    assert by_weeks[1] == pytest.approx(float(case.owned.present_value_usd(40)), abs=CENT)


def test_who_pays_more_for_rentals_never_owns_fewer_cards(offers_of: Offers) -> None:
    weeks = [20, 60, 300, 150, 700]
    cards = [
        plan_cards(asked(), offers_of(EXACT | {"usd_per_hour": price}), weeks).cards
        for price in (0.1, 0.25, 0.4, 0.7, 1.5, 5.0)
    ]
    assert cards == sorted(cards)
    assert (cards[0], cards[-1]) == (0, 5)


@given(
    st.lists(st.floats(0, 1000), min_size=1, max_size=8),
    st.floats(0, 100),
    st.tuples(st.floats(0, 5), st.floats(0, 5)),
    st.floats(0, 1),
)
def test_dearer_rentals_never_mean_fewer_cards_whatever_the_load(
    weeks: list[float], owning: float, prices: tuple[float, float], running: float
) -> None:
    cheap, dear = sorted(prices)
    # Costs that differ by less than a millionth of a dollar count as the same.
    least = cards_to_own(weeks, owning, cheap, running)
    most = cards_to_own(weeks, owning, dear, running)
    assert least.cards <= most.cards or most.usd_by_cards[least.cards] == pytest.approx(
        most.usd_by_cards[most.cards], abs=1e-5
    )


def test_a_build_that_brings_in_more_than_it_costs_is_owned_as_often_as_it_is_needed() -> None:
    answer = cards_to_own([400, 100], -5, 0.2, -0.01)
    assert answer.cards == 3
    assert answer.usd_by_cards[3] == pytest.approx(3 * 2 * -5 + 500 * -0.01)


def test_the_number_of_builds_that_is_asked_for_changes_no_plan_of_cards(bundled: pd.DataFrame) -> None:
    three = Scenario().with_settings({"workstation.count": "3"})
    assert plan_cards(three, bundled, [300, 20]).usd_by_cards == pytest.approx(
        plan_cards(Scenario(), bundled, [300, 20]).usd_by_cards
    )


def test_the_example_has_three_quiet_weeks_a_busy_one_and_the_own_hours_on_average() -> None:
    offers = pd.DataFrame({"provider": [], "region": []})
    weeks = example_weeks(own_work(asked(workload={"busy_hours_per_week": 21}), offers))
    assert np.mean(weeks) == pytest.approx(21)
    assert weeks[0] == weeks[1] == weeks[2] < 21 < weeks[3]


@pytest.mark.parametrize(
    ("settings_of", "weeks", "sentence"),
    [
        ({}, [0, 0], "hours_by_week must name a week with more than 0 hours"),
        ({}, [], "hours_by_week must name a week"),
        ({}, [10, -1], "hours_by_week must be 0 or more, not -1"),
        ({}, [10, np.nan], "hours_by_week must be finite, not nan"),
        ({}, [1e14], "need at most 10,000 cards"),
        ({"workload": {"vram_gb": 40}}, [10], "does not fit the build, its RTX 4090 has 24 GB, 40 GB needed"),
        ({"workload": {"gpus": 2}}, [10], "does not fit the build, it has 1 GPU, 2 needed"),
        ({"workload": {"longest_run_hours": 50}}, [60], "no considered offer fits 'the mean week'"),
    ],
)
def test_a_plan_of_cards_without_hours_a_build_or_a_rental_is_refused(
    settings_of: dict[str, dict[str, object]], weeks: list[float], sentence: str, offers_of: Offers
) -> None:
    with pytest.raises(ValueError, match=sentence):
        plan_cards(asked(**settings_of), offers_of({"max_session_hours": 6.0}), weeks)


def test_ci_that_the_build_serves_counts_for_it_as_in_the_comparison(bundled: pd.DataFrame) -> None:
    minutes = '{"linux": 2500, "windows": 8000}'
    scenario = PERSONAS["maintainer"].with_settings({"workload.ci_minutes_per_month": minutes})
    answer = compare(scenario, bundled)
    plan = plan_jobs(scenario, bundled, [own_work(scenario, bundled)])
    months = answer.case.owned.discount[1:].sum()
    assert plan.saving_usd_per_month == pytest.approx(answer.judgement.saving_usd / months)
    assert plan.saving_usd_per_month > 0


def test_plans_rent_from_whom_the_build_is_compared_with(bundled: pd.DataFrame) -> None:
    scenario = Scenario().with_settings({"rental.against": "aws"})
    jobs = plan_jobs(scenario, bundled, [own_work(scenario, bundled), Job("large", 10, 40)]).jobs
    assert [offer.partition(" ")[0] for offer in jobs["offer"]] == ["aws", "aws"]
    assert plan_cards(scenario, bundled, [20]).offer.startswith("aws ")
    with pytest.raises(ValueError, match="no considered offer of Lambda fits"):
        plan_jobs(scenario.with_settings({"rental.against": "lambda"}), bundled, [Job("huge", 10, 10_000)])


def test_a_persons_time_is_in_neither_plan(bundled: pd.DataFrame) -> None:
    dear = Scenario().with_settings(
        {"money.value_per_hour_usd": "40", "workstation.upkeep_hours_per_month": "5"}
    )
    mine = [own_work(dear, bundled)]
    assert plan_jobs(dear, bundled, mine)[1:] == plan_jobs(Scenario(), bundled, mine)[1:]
