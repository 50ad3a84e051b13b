"""The build's bill worked by hand, one kind of cost at a time.

The base is a machine with round numbers: 21 busy hours a week are 91.25 a month, so at 1,000 W and 0.20 USD
the busy hours cost 18.25 USD a month. Money later counts as money today.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models import Comparison, compare
from tests.models.plain import PLAIN, ask, changed

Offers = Callable[..., pd.DataFrame]

WEEKS = 730 / 168
CENT = 0.005
PARTS: list[dict[str, object]] = [
    {"name": "gpu", "price_usd": 2000, "new_to_used_fraction": 0, "yearly_loss_fraction": 0.2},
    {"name": "rest", "price_usd": 1000, "new_to_used_fraction": 0, "yearly_loss_fraction": 0.5},
]
asked = partial(ask, changed(PLAIN, workstation={"parts": PARTS, "idle_w": 100, "asleep_w": 10, "off_w": 1}))
BUSY_USD, ASLEEP_USD = 91.25 * 0.20, 147 * WEEKS * 0.01 * 0.20
RESALE_USD = 2000 * 0.8**2 + 1000 * 0.5**2


@pytest.fixture
def answer(offers_of: Offers) -> Callable[..., Comparison]:
    """Compare the changed base question with one plain offer: an RTX 4090 at 1 USD an hour."""
    return lambda **sections: compare(asked(**sections), offers_of({}))


def flows(comparison: Comparison) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """What each component of the build's bill costs month by month; the sums are those of the table."""
    build = comparison.table.iloc[0]
    all_flows = comparison.cash_flows
    own = all_flows[all_flows["option"] == build["option"]]
    assert len(own)
    assert own["usd"].sum() == pytest.approx(build["total_usd"], abs=CENT)
    assert own["present_value_usd"].sum() == pytest.approx(build["present_value_usd"], abs=CENT)
    return {
        str(component): rows.sort_values("month")["usd"].to_numpy(dtype=float)
        for component, rows in own.groupby("component")
    }


def bill(comparison: Comparison) -> dict[str, float]:
    """What each component costs in all."""
    return {component: float(usd.sum()) for component, usd in flows(comparison).items()}


def energy_usd(comparison: Comparison) -> float:
    """Monthly electricity, all states."""
    return sum(usd for name, usd in bill(comparison).items() if name.startswith("electricity")) / 24


# --- the base -----------------------------------------------------------------------------------------------


def test_the_base_is_parts_electricity_and_the_sale(answer: Callable[..., Comparison]) -> None:
    assert bill(answer()) == pytest.approx(
        {
            "part gpu": 2000,
            "part rest": 1000,
            "electricity busy": 24 * BUSY_USD,
            "electricity idle": 0,
            "electricity asleep": 24 * ASLEEP_USD,
            "resale gpu": -1280,
            "resale rest": -250,
            "sale fee": 0,
        }
    )


def test_hours_switched_off_take_the_watts_of_a_machine_that_is_off(
    answer: Callable[..., Comparison],
) -> None:
    # Of 147 hours without work 47 are off at 1 W, 100 asleep at 10 W.
    off = answer(workstation={"off_hours_per_week": 47})
    assert bill(off)["electricity asleep"] == pytest.approx(24 * (100 * 10 + 47 * 1) / 1000 * WEEKS * 0.20)
    (detail,) = off.receipt.loc[off.receipt["component"] == "electricity asleep", "detail"]
    assert f"{47 * WEEKS:.1f} h of them off at 1 W" in detail
    asleep = answer().receipt
    assert not asleep["detail"].str.contains("off at").any()


def test_the_machine_is_never_off_longer_than_it_rests(answer: Callable[..., Comparison]) -> None:
    # Two builds rest 315 hours a week in all; 147 for each are 294 off, and 21 remain asleep.
    two = answer(workstation={"count": 2, "off_hours_per_week": 147})
    assert bill(two)["electricity asleep"] == pytest.approx(24 * (294 * 1 + 21 * 10) / 1000 * WEEKS * 0.20)


# --- the tariff ---------------------------------------------------------------------------------------------

EVENING = {"usd_per_kwh": 0.40, "from_hour": 16, "to_hour": 21, "days": "weekdays"}
BUSY_IN_THE_EVENING = [0.0] * 16 + [1.0] * 5 + [0.0] * 3


def test_the_hours_at_which_the_machine_is_busy_have_their_price(answer: Callable[..., Comparison]) -> None:
    """21 of the 35 hours from 16 to 21 o'clock: 15 on weekdays at 0.40, 6 on weekends at 0.20."""
    by_the_hour = answer(
        electricity={"time_of_use": [EVENING], "busy_hour_weights": BUSY_IN_THE_EVENING},
    )
    busy_week_usd = 15 * 0.40 + 6 * 0.20
    # A kilowatt all week costs 25 hours at 0.40 and 143 at 0.20; what is not busy is asleep at 10 W.
    asleep_week_usd = (25 * 0.40 + 143 * 0.20 - busy_week_usd) * 0.010
    assert bill(by_the_hour)["electricity busy"] == pytest.approx(24 * busy_week_usd * WEEKS)
    assert bill(by_the_hour)["electricity asleep"] == pytest.approx(24 * asleep_week_usd * WEEKS)


def test_without_a_profile_the_busy_hours_are_spread_over_the_week(
    answer: Callable[..., Comparison],
) -> None:
    by_the_hour = answer(electricity={"time_of_use": [EVENING]})
    mean_usd_per_kwh = (25 * 0.40 + 143 * 0.20) / 168
    assert bill(by_the_hour)["electricity busy"] == pytest.approx(24 * 91.25 * mean_usd_per_kwh)
    assert bill(by_the_hour)["electricity asleep"] == pytest.approx(
        24 * 147 * WEEKS * 0.01 * mean_usd_per_kwh
    )


def test_a_season_counts_from_the_calendar_month_in_which_the_comparison_begins(
    answer: Callable[..., Comparison],
) -> None:
    summer = {"usd_per_kwh": 0.40, "months": [6, 7, 8]}
    monthly = flows(answer(electricity={"time_of_use": [summer], "first_month": 8}))["electricity busy"]
    # Month 1 is August; months 11 to 13 are June to August again.
    dear = [month for month in range(1, 25) if monthly[month] == pytest.approx(2 * BUSY_USD)]
    assert dear == [1, 11, 12, 13, 23, 24]
    assert monthly[0] == 0
    assert monthly[2] == pytest.approx(BUSY_USD)


def test_a_night_tariff_passes_midnight(answer: Callable[..., Comparison]) -> None:
    night = {"usd_per_kwh": 0.05, "from_hour": 22, "to_hour": 6}
    at_night = [1.0] * 6 + [0.0] * 16 + [1.0] * 2
    cheap = answer(electricity={"time_of_use": [night], "busy_hour_weights": at_night})
    assert bill(cheap)["electricity busy"] == pytest.approx(24 * 91.25 * 0.05)


def test_the_household_fills_the_tiers_first(answer: Callable[..., Comparison]) -> None:
    """The household uses 20 of the 50 cheap kWh; the machine takes 30, and pays 0.30 for the others."""
    tiers = [{"upper_kwh": 50, "usd_per_kwh": 0.10}, {"usd_per_kwh": 0.30}]
    tiered = answer(electricity={"tiers": tiers, "household_kwh_per_month": 20})
    kwh = 91.25 + 147 * WEEKS * 0.01
    monthly_usd = 30 * 0.10 + (kwh - 30) * 0.30
    assert energy_usd(tiered) == pytest.approx(monthly_usd)
    assert bill(tiered)["electricity busy"] == pytest.approx(24 * monthly_usd * 91.25 / kwh)


def test_a_standing_charge_is_paid_every_month(answer: Callable[..., Comparison]) -> None:
    charged = flows(answer(electricity={"standing_charge_usd_per_month": 5}))["standing charge"]
    assert charged.tolist() == [0.0] + [5.0] * 24


def test_the_price_drifts_a_little_each_month(answer: Callable[..., Comparison]) -> None:
    monthly = flows(answer(electricity={"yearly_price_drift_fraction": 0.21}))["electricity busy"]
    assert monthly[[6, 12, 24]] == pytest.approx([BUSY_USD * 1.1, BUSY_USD * 1.21, BUSY_USD * 1.21**2])


@pytest.mark.parametrize(
    ("fields", "usd_per_kwh"),
    [
        # Half comes from the roof and would have earned 0.10.
        ({"solar_fraction": 0.5, "feed_in_usd_per_kwh": 0.10}, 0.15),
        # Half of the year 4 kWh of heat are moved with 1 kWh.
        ({"cooling_cop": 4, "cooling_share_of_year_fraction": 0.5}, 0.20 * 1.125),
        # Half of the year a kWh saves one of heat at 0.08.
        ({"heating_share_of_year_fraction": 0.5, "heating_usd_per_kwh": 0.08}, 0.16),
        # Heat that is dearer than electricity saves no more than a plain heater would cost.
        ({"heating_share_of_year_fraction": 0.5, "heating_usd_per_kwh": 0.50}, 0.10),
        # All at once: 0.15 from the mix, 0.15 x 0.25 / 3 to cool, 0.5 x 0.08 saved.
        (
            {
                "solar_fraction": 0.5,
                "feed_in_usd_per_kwh": 0.10,
                "cooling_cop": 3,
                "cooling_share_of_year_fraction": 0.25,
                "heating_share_of_year_fraction": 0.5,
                "heating_usd_per_kwh": 0.08,
            },
            0.15 * (1 + 0.25 / 3) - 0.04,
        ),
    ],
)
def test_what_a_kilowatt_hour_costs_in_the_end(
    answer: Callable[..., Comparison], fields: dict[str, object], usd_per_kwh: float
) -> None:
    assert energy_usd(answer(electricity=fields)) == pytest.approx((91.25 + 147 * WEEKS * 0.01) * usd_per_kwh)


def test_own_panels_and_cooling_reach_every_hour_and_every_tier(answer: Callable[..., Comparison]) -> None:
    climate = {"cooling_cop": 4, "cooling_share_of_year_fraction": 0.5, "usd_per_kwh": 0.2}
    for tariff in (
        {"time_of_use": [EVENING], "busy_hour_weights": BUSY_IN_THE_EVENING},
        {"tiers": [{"upper_kwh": 50, "usd_per_kwh": 0.10}, {"usd_per_kwh": 0.30}]},
    ):
        plain, cooled = answer(electricity=tariff), answer(electricity=tariff | climate)
        assert energy_usd(cooled) == pytest.approx(energy_usd(plain) * 1.125)


# --- the power limit ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("work", "limit_w", "speed"),
    [
        ("transformer_training", 300, 0.90),
        ("transformer_training", 325, 0.925),
        ("llm_inference", 300, 0.98),
        ("wall_clock", 300, 1.0),
        ("transformer_training", 450, 1.0),
        ("transformer_training", 600, 1.0),  # above the stock limit nothing changes
    ],
)
def test_a_power_limit_saves_watts_and_costs_hours(
    answer: Callable[..., Comparison], work: str, limit_w: float, speed: float
) -> None:
    """The supply is 90 % efficient near half load: 150 W less for the card are 167 W at the wall."""
    limited = answer(workload={"workload_class": work}, workstation={"power_limit_w": limit_w})
    watts = 1000 - max(450 - limit_w, 0) / 0.90
    hours = 21 / speed
    assert bill(limited)["electricity busy"] == pytest.approx(24 * hours * WEEKS * watts / 1000 * 0.20)
    assert bill(limited)["electricity asleep"] == pytest.approx(24 * (168 - hours) * WEEKS * 0.01 * 0.20)
    assert limited.table["hours_per_month"].iloc[0] == pytest.approx(hours * WEEKS)
    # The rental does the same work at its own pace.
    assert limited.table["hours_per_month"].iloc[1] == pytest.approx(91.25)


# --- paying: loan and lease ---------------------------------------------------------------------------------


def test_a_loan_is_received_today_and_repaid_in_level_payments(answer: Callable[..., Comparison]) -> None:
    """Half of 3,000 at 12 %: 1,500 x 0.01 / (1 - 1.01^-24) = 70.61 a month, 1,694.645 in all."""
    lent = answer(
        money={"loan_fraction": 0.5, "loan_yearly_rate_fraction": 0.12, "loan_months": 24},
    )
    assert flows(lent)["loan received"][0] == -1500
    assert flows(lent)["loan payments"].tolist() == pytest.approx([0.0] + [70.6102] * 24, abs=1e-4)
    assert bill(lent)["loan payments"] == pytest.approx(1694.645, abs=CENT)
    assert "loan paid off" not in bill(lent)
    # A sale after 12 months pays the bank what is left: 70.61 x (1 - 1.01^-12) / 0.01.
    early = answer(
        money={
            "loan_fraction": 0.5,
            "loan_yearly_rate_fraction": 0.12,
            "loan_months": 24,
            "horizon_months": 12,
        },
    )
    owed_usd = 70.610208 * (1 - 1.01**-12) / 0.01
    assert bill(early)["loan payments"] == pytest.approx(12 * 70.610208, abs=CENT)
    assert flows(early)["loan paid off"][12] == pytest.approx(owed_usd, abs=CENT)


def test_a_loan_without_interest_costs_nothing(answer: Callable[..., Comparison]) -> None:
    free = {"loan_fraction": 1.0, "loan_yearly_rate_fraction": 0.0, "loan_months": 48}
    lent = answer(money=free)
    assert flows(lent)["loan payments"][1:] == pytest.approx([62.5] * 24)
    assert flows(lent)["loan paid off"][24] == pytest.approx(1500)
    assert lent.table["total_usd"].iloc[0] == pytest.approx(answer().table["total_usd"].iloc[0])
    # Where money later is worth less, borrowing it for nothing is a gain.
    discounted = [
        answer(money={**how, "yearly_discount_fraction": 0.1}).table["present_value_usd"].iloc[0]
        for how in (free, {})
    ]
    assert discounted[0] < discounted[1]


def test_a_loan_at_the_discount_rate_changes_no_present_value(answer: Callable[..., Comparison]) -> None:
    # 1 % a month for the bank is 1.01^12 - 1 a year for the reader.
    money = {"yearly_discount_fraction": 1.01**12 - 1, "loan_yearly_rate_fraction": 0.12}
    paid, lent, early = (
        answer(money=money | how).table["present_value_usd"].iloc[0]
        for how in (
            {},
            {"loan_fraction": 0.7, "loan_months": 24},
            {"loan_fraction": 0.7, "loan_months": 60},
        )
    )
    assert lent == pytest.approx(paid)
    assert early == pytest.approx(paid)


def test_a_lease_takes_the_place_of_parts_and_sale(answer: Callable[..., Comparison]) -> None:
    leased = answer(workstation={"lease_usd_per_month": 100, "lease_months": 24})
    assert bill(leased) == pytest.approx(
        {
            "lease": 2400,
            "electricity busy": 24 * BUSY_USD,
            "electricity idle": 0,
            "electricity asleep": 24 * ASLEEP_USD,
            "sale fee": 0,
        }
    )
    assert flows(leased)["lease"][0] == 0
    assert leased.break_even["months"] == leased.break_even["months_if_sold"]


def test_a_lease_goes_on_where_nothing_is_bought_out(answer: Callable[..., Comparison]) -> None:
    assert bill(answer(workstation={"lease_usd_per_month": 100, "lease_months": 12}))["lease"] == 2400


def test_what_is_bought_out_of_a_lease_is_sold_at_its_age(answer: Callable[..., Comparison]) -> None:
    leased = answer(
        workstation={"lease_usd_per_month": 100, "lease_months": 12, "lease_buyout_usd": 500},
    )
    assert bill(leased)["lease"] == 1200
    assert np.flatnonzero(flows(leased)["lease buyout"]).tolist() == [12]
    assert bill(leased)["lease buyout"] == 500
    assert bill(leased)["resale gpu"] + bill(leased)["resale rest"] == pytest.approx(-RESALE_USD)


def test_a_lease_signed_beyond_the_end_is_owed(answer: Callable[..., Comparison]) -> None:
    leased = answer(
        workstation={"lease_usd_per_month": 100, "lease_months": 36, "lease_buyout_usd": 500},
    )
    assert bill(leased)["lease"] == 2400
    assert flows(leased)["lease beyond the end"][24] == 1200
    assert not [name for name in bill(leased) if name.startswith(("resale", "lease buyout", "part"))]


def test_what_is_owed_on_a_lease_is_taxed_as_what_was_paid(answer: Callable[..., Comparison]) -> None:
    """A fifth of the lease is VAT that comes back, and 40 % of the rest is saved as tax."""
    leased = answer(
        workstation={"lease_usd_per_month": 100, "lease_months": 36},
        money={"vat_fraction": 0.25, "vat_reclaimed": True, "marginal_tax_rate_fraction": 0.4},
    )
    paid = bill(leased)
    net = paid["lease"] + paid["VAT given back on lease"] + paid["tax saved on lease"]
    assert net == pytest.approx(2400 * 0.8 * 0.6)
    assert paid["lease beyond the end"] == pytest.approx(1200 * 0.8 * 0.6)


# --- keeping it ---------------------------------------------------------------------------------------------


def test_repairs_begin_after_the_warranty_at_what_a_used_part_costs_then(
    answer: Callable[..., Comparison],
) -> None:
    """1 % of the parts fail a month; in months 23 and 24 they are replaced at their market value."""
    kept = flows(
        answer(
            workstation={"yearly_failure_fraction": 0.12, "warranty_usd": 150, "warranty_months": 22},
        )
    )
    assert kept["warranty"].tolist() == [150.0] + [0.0] * 24
    expected = [0.01 * (2000 * 0.8 ** (month / 12) + 1000 * 0.5 ** (month / 12)) for month in (23, 24)]
    assert kept["repairs"].tolist() == pytest.approx([0.0] * 23 + expected)


def test_a_part_fails_at_its_own_rate(answer: Callable[..., Comparison]) -> None:
    parts = [PARTS[0], PARTS[1] | {"yearly_failure_fraction": 0.24}]
    kept = flows(answer(workstation={"parts": parts}))
    assert kept["repairs"][12] == pytest.approx(0.02 * 500)
    assert kept["repairs"][0] == 0


def test_insurance_and_other_upkeep_are_paid_by_the_month(answer: Callable[..., Comparison]) -> None:
    kept = flows(answer(workstation={"insurance_usd_per_year": 60, "upkeep_usd_per_month": 7}))
    assert kept["insurance"].tolist() == [0.0] + [5.0] * 24
    assert kept["upkeep"].tolist() == [0.0] + [7.0] * 24


def test_hours_of_a_person_cost_what_they_are_worth(answer: Callable[..., Comparison]) -> None:
    hours = {"building_hours": 8, "upkeep_hours_per_month": 2}
    valued = flows(answer(workstation=hours, money={"value_per_hour_usd": 25}))
    assert valued["building time"].tolist() == [200.0] + [0.0] * 24
    assert valued["upkeep time"].tolist() == [0.0] + [50.0] * 24
    # Hours that are worth nothing to the reader are no line.
    assert bill(answer(workstation=hours)) == bill(answer())


# --- the tax office -----------------------------------------------------------------------------------------


def test_reclaimed_vat_comes_back_on_all_but_insurance_and_is_owed_on_the_sale(
    answer: Callable[..., Comparison],
) -> None:
    """25 % on top is a fifth of the price."""
    plain = bill(answer(workstation={"insurance_usd_per_year": 60}))
    business = bill(
        answer(
            workstation={"insurance_usd_per_year": 60},
            money={"vat_fraction": 0.25, "vat_reclaimed": True},
        )
    )
    back = {
        "VAT given back on parts": -600.0,
        "VAT given back on electricity": -24 * (BUSY_USD + ASLEEP_USD) / 5,
        "VAT on the sale": RESALE_USD / 5,
    }
    assert business == pytest.approx(plain | back)
    # Who does not reclaim it has paid it in every price already.
    private = bill(answer(workstation={"insurance_usd_per_year": 60}, money={"vat_fraction": 0.25}))
    assert private == plain


def test_without_a_schedule_running_costs_are_deducted_and_neither_parts_nor_sale(
    answer: Callable[..., Comparison],
) -> None:
    taxed = bill(answer(money={"marginal_tax_rate_fraction": 0.4}))
    saved = {"tax saved on electricity": -0.4 * 24 * (BUSY_USD + ASLEEP_USD)}
    assert taxed == pytest.approx(bill(answer()) | saved)


@pytest.mark.parametrize(
    ("schedule", "off_in_years"),
    [
        ("germany_one_year", [3000, 0]),
        ("germany_three_years", [1000, 1000]),
        ("bonus_100", [3000, 0]),
        ("section_179", [3000, 0]),
        ("uk_annual_investment_allowance", [3000, 0]),
        ("uk_writing_down", [420, 361.2]),
        ("macrs_half_year", [600, 960]),
        ("macrs_mid_quarter", [150, 1140]),  # bought in the last quarter
    ],
)
def test_parts_are_written_off_at_year_ends_and_the_gain_of_the_sale_is_taxed(
    answer: Callable[..., Comparison], schedule: str, off_in_years: list[float]
) -> None:
    taxed = flows(answer(money={"marginal_tax_rate_fraction": 0.4, "tax_schedule": schedule}))
    saved = np.zeros(25)
    saved[[12, 24]] = [-0.4 * usd for usd in off_in_years]
    assert taxed["tax saved by writing off"].tolist() == pytest.approx(saved.tolist())
    # The sale brings 1,530; what is not written off yet is no gain.
    gain_usd = RESALE_USD - (3000 - sum(off_in_years))
    assert taxed["tax on the sale"][24] == pytest.approx(0.4 * gain_usd)


def test_the_quarter_of_purchase_decides_the_first_year(answer: Callable[..., Comparison]) -> None:
    money = {"marginal_tax_rate_fraction": 0.4, "tax_schedule": "macrs_mid_quarter", "tax_quarter": 1}
    assert flows(answer(money=money))["tax saved by writing off"][12] == pytest.approx(-0.4 * 0.35 * 3000)


def test_the_cost_that_is_written_off_is_without_the_vat_that_came_back(
    answer: Callable[..., Comparison],
) -> None:
    taxed = bill(
        answer(
            money={
                "marginal_tax_rate_fraction": 0.4,
                "tax_schedule": "germany_one_year",
                "vat_fraction": 0.25,
                "vat_reclaimed": True,
            },
        )
    )
    assert taxed["tax saved by writing off"] == pytest.approx(-0.4 * 2400)
    assert taxed["tax on the sale"] == pytest.approx(0.4 * RESALE_USD * 0.8)
    assert taxed["tax saved on electricity"] == pytest.approx(-0.4 * 0.8 * 24 * (BUSY_USD + ASLEEP_USD))


def test_interest_is_deducted_and_repayment_is_not(answer: Callable[..., Comparison]) -> None:
    taxed = bill(
        answer(
            money={
                "marginal_tax_rate_fraction": 0.4,
                "loan_fraction": 0.5,
                "loan_yearly_rate_fraction": 0.12,
                "loan_months": 24,
            },
        )
    )
    assert taxed["tax saved on loan interest"] == pytest.approx(-0.4 * (1694.645 - 1500), abs=CENT)


# --- selling it ---------------------------------------------------------------------------------------------


def resale(comparison: Comparison) -> tuple[float, float]:
    paid = bill(comparison)
    return -paid["resale gpu"], -paid["resale rest"]


def test_a_sale_that_takes_time_is_made_at_the_later_price_and_costs_interest(
    answer: Callable[..., Comparison],
) -> None:
    wait = {"sale_delay_months": 6, "sale_fee_fraction": 0.1}
    late = answer(workstation=wait)
    worth = (2000 * 0.8**2.5, 1000 * 0.5**2.5)
    assert resale(late) == pytest.approx(worth)
    assert bill(late)["sale fee"] == pytest.approx(0.1 * sum(worth))
    assert "wait for the sale" not in bill(late)
    # At 21 % a year half a year takes a factor of 1.1.
    dear = answer(workstation=wait, money={"yearly_discount_fraction": 0.21})
    assert bill(dear)["wait for the sale"] == pytest.approx(0.9 * sum(worth) * (1 - 1 / 1.1))


@pytest.mark.parametrize(
    ("fields", "gpu_usd", "rest_usd"),
    [
        ({"scrap_fraction": 0.4}, 1280, 400),
        ({"new_generation_month": 12, "new_generation_loss_fraction": 0.5}, 640, 250),
        ({"new_generation_month": 24, "new_generation_loss_fraction": 0.5}, 640, 250),
        ({"new_generation_month": 25, "new_generation_loss_fraction": 0.5}, 1280, 250),
    ],
)
def test_the_floor_holds_for_every_part_and_the_new_generation_hits_the_card(
    answer: Callable[..., Comparison], fields: dict[str, object], gpu_usd: float, rest_usd: float
) -> None:
    assert resale(answer(workstation=fields)) == pytest.approx((gpu_usd, rest_usd))


@pytest.mark.parametrize(
    ("how", "left"),
    [
        ({"resale_method": "own_table", "value_by_year_fraction": [1.0, 0.9, 0.6]}, 0.6),
        ({"resale_method": "own_table", "value_by_year_fraction": [1.2]}, 1.2),
        ({"resale_method": "straight_line", "life_years": 4, "salvage_fraction": 0.2}, 0.6),
        ({"resale_method": "straight_line", "life_years": 1}, 0.0),
        ({"resale_method": "sum_of_years_digits", "life_years": 3}, 1 / 6),
        ({"resale_method": "declining_balance", "life_years": 5}, 0.36),
    ],
)
def test_each_part_loses_value_in_its_own_way(
    answer: Callable[..., Comparison], how: dict[str, object], left: float
) -> None:
    rest = {name: value for name, value in PARTS[1].items() if name != "yearly_loss_fraction"} | how
    assert resale(answer(workstation={"parts": [PARTS[0], rest]})) == pytest.approx((1280, 1000 * left))


def test_a_part_that_is_there_already_costs_and_fetches_nothing(answer: Callable[..., Comparison]) -> None:
    owned = bill(answer(workstation={"parts": [PARTS[0], PARTS[1] | {"already_own": True}]}))
    assert owned["part rest"] == 0
    assert "resale rest" not in owned
    assert owned["part gpu"] == 2000


# --- more than one build ------------------------------------------------------------------------------------


def test_several_builds_cost_their_parts_and_upkeep_and_share_the_work(
    answer: Callable[..., Comparison],
) -> None:
    kept = {
        "warranty_usd": 100,
        "insurance_usd_per_year": 60,
        "upkeep_usd_per_month": 7,
        "building_hours": 4,
    }
    two = bill(answer(workstation=kept | {"count": 2}, money={"value_per_hour_usd": 10}))
    assert two["part gpu"] == 4000
    assert two["resale gpu"] == pytest.approx(-2560)
    assert (two["warranty"], two["insurance"], two["upkeep"], two["building time"]) == (200, 240, 336, 80)
    assert two["electricity busy"] == pytest.approx(24 * BUSY_USD)
    assert two["electricity asleep"] == pytest.approx(24 * (336 - 21) * WEEKS * 0.01 * 0.20)


# Counted on a card that is twice as fast, 100 hours a week are 200 on the build.
TWICE_THE_WEEK: dict[str, object] = {
    "busy_hours_per_week": 100,
    "hours_measured_on": "A100 40GB SXM",
    "relative_throughput": {"A100 40GB SXM": 2.0},
}


def test_more_than_a_week_is_refused_or_shared_or_rented(answer: Callable[..., Comparison]) -> None:
    refused = answer(workload=TWICE_THE_WEEK)
    build = refused.table.iloc[0]
    assert not build["fits"]
    assert "200 busy hours a week" in build["reason"]
    assert "add_builds or rent_the_rest" in build["reason"]
    assert np.isnan(build["total_usd"])

    shared = answer(workload=TWICE_THE_WEEK, workstation={"when_full": "add_builds"})
    assert shared.table["instances"].iloc[0] == 2
    assert bill(shared)["part gpu"] == 4000
    assert bill(shared)["electricity busy"] == pytest.approx(24 * 200 * WEEKS * 0.20)
    assert bill(shared)["electricity asleep"] == pytest.approx(24 * 136 * WEEKS * 0.01 * 0.20)

    rented = answer(workload=TWICE_THE_WEEK, workstation={"when_full": "rent_the_rest"})
    assert bill(rented)["part gpu"] == 2000
    assert bill(rented)["electricity busy"] == pytest.approx(24 * 730 * 0.20)
    # 32 of the 200 hours are rented at 1 USD an hour.
    assert bill(rented)["rented rest"] == pytest.approx(24 * 32 * WEEKS)
    assert rented.table["total_usd"].iloc[0] == pytest.approx(3000 - RESALE_USD + 24 * (146 + 32 * WEEKS))


def test_nothing_is_added_or_rented_where_the_week_has_room(answer: Callable[..., Comparison]) -> None:
    for when_full in ("add_builds", "rent_the_rest"):
        assert bill(answer(workstation={"when_full": when_full})) == bill(answer())


@pytest.mark.parametrize("when_full", ["add_builds", "rent_the_rest"])
def test_the_break_even_hours_are_those_of_a_build_whose_week_has_room(
    answer: Callable[..., Comparison], when_full: str
) -> None:
    """Fewer hours need neither a second build nor a rental, so the bill at the flip has neither."""
    full = answer(workload=TWICE_THE_WEEK, workstation={"when_full": when_full})
    hours = full.break_even["hours_per_week"]
    assert isinstance(hours, float)
    assert 0 < hours < 84
    again = answer(
        workload=TWICE_THE_WEEK | {"busy_hours_per_week": hours}, workstation={"when_full": when_full}
    )
    own, rent = again.table["present_value_usd"]
    # A billed second in each of 5 sessions a week costs 0.15 USD in 24 months.
    assert 0 <= rent - own <= 5 / 3600 * WEEKS * 24 + CENT
    # The chart of the hours shows the same bill.
    curve = full.cost_by_hours
    build = curve[curve["role"] == "build"]
    at = float(np.interp(hours, build["busy_hours_per_week"], build["usd"]))
    assert at == pytest.approx(own, abs=CENT)


# --- CI on the build ----------------------------------------------------------------------------------------


def test_ci_keeps_the_build_on(answer: Callable[..., Comparison]) -> None:
    """5,110 minutes a month are 19.6 hours a week: idle at 100 W in place of asleep at 10 W."""
    ci_hours = 5110 / 60 / WEEKS
    served = answer(workload={"ci_minutes_per_month": {"linux": 5110}})
    assert bill(served)["electricity idle"] == pytest.approx(24 * ci_hours * WEEKS * 0.1 * 0.20)
    assert bill(served)["electricity asleep"] == pytest.approx(24 * (147 - ci_hours) * WEEKS * 0.01 * 0.20)
    # A machine that is on anyway runs them on the side.
    left_on = answer(
        workload={"ci_minutes_per_month": {"linux": 5110}}, workstation={"left_on_hours_per_week": 30}
    )
    assert bill(left_on)["electricity idle"] == pytest.approx(24 * 30 * WEEKS * 0.1 * 0.20)


def test_every_one_of_several_builds_does_its_share_of_the_ci(answer: Callable[..., Comparison]) -> None:
    ci_hours = 5110 / 60 / WEEKS
    two = answer(workload={"ci_minutes_per_month": {"linux": 5110}}, workstation={"count": 2})
    assert bill(two)["electricity idle"] == pytest.approx(24 * ci_hours * WEEKS * 0.1 * 0.20)


def test_more_ci_than_a_week_has_hours_does_not_fit(answer: Callable[..., Comparison]) -> None:
    too_much = answer(workload={"ci_minutes_per_month": {"linux": 60 * 731}}).table.iloc[0]
    assert not too_much["fits"]
    assert "CI jobs run" in too_much["reason"]


def test_watts_at_the_supplys_output_become_more_at_the_wall(answer: Callable[..., Comparison]) -> None:
    # 80 PLUS Gold at 115 V: 0.90 at half load, 0.87 at a fifth and below.
    week = answer(workstation={"psu_rated_w": 1000, "load_w": 500, "idle_w": 100}).case.owned.week
    assert week.load_w == pytest.approx(500 / 0.90)
    assert week.idle_w == pytest.approx(100 / 0.87)
    titanium = {"psu_rated_w": 1000, "load_w": 500, "psu_grade": "titanium", "psu_volts": 230}
    assert answer(workstation=titanium).case.owned.week.load_w == pytest.approx(500 / 0.96)
    assert answer(workstation={"load_w": 500}).case.owned.week.load_w == 500


def test_a_power_limit_saves_its_watts_behind_the_supply(answer: Callable[..., Comparison]) -> None:
    limited = {"psu_rated_w": 1000, "load_w": 650, "power_limit_w": 300}
    assert answer(workstation=limited).case.owned.week.load_w == pytest.approx(500 / 0.90)


def test_a_supply_too_small_for_the_load_is_refused(answer: Callable[..., Comparison]) -> None:
    with pytest.raises(ValueError, match=r"workstation\.load_w: 650 W are more than the 600 W"):
        answer(workstation={"psu_rated_w": 600, "load_w": 650})
