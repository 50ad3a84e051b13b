"""Rent now, buy later: what each month of purchase costs, today's answer and under uncertain use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd
import pytest

from models import Scenario, compare, simulate
from models.buy_later import best_month_of_case, best_month_to_buy
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
    small = offers_of(EXACT, {"provider": "gcp", "vram_gb": 8.0})
    with pytest.raises(ValueError, match="no month to buy: no offer of GCP is considered"):
        best_month_to_buy(asked(rental={"against": "gcp"}), small)


@pytest.mark.parametrize(
    ("drift", "said"),
    [
        (-1.0, r"yearly_parts_drift_fraction must be above -1 \(a fraction a year\), not -1"),
        (10.5, "yearly_parts_drift_fraction must be from -1 to 10, not 10.5"),
        (np.nan, "yearly_parts_drift_fraction must be finite, not nan"),
    ],
)
def test_a_drift_of_the_parts_that_no_price_has_is_refused_by_name(
    drift: float, said: str, offers_of: Offers
) -> None:
    with pytest.raises(ValueError, match=f"^{said}"):
        best_month_to_buy(asked(), offers_of(EXACT), yearly_parts_drift_fraction=drift)
