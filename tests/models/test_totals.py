"""Totals worked by hand, step by step, to the cent.

Nothing here calls a formula of the model: prices and speeds are written down from ``data/``, the arithmetic
is plain. Each offer is worked for the default question and for another one.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any

import pandas as pd
import pytest

from models import Scenario, compare

Row = Callable[..., dict[str, Any]]

WEEKS_PER_MONTH = 730 / 168
CENT = 0.005

# The default question.
BUSY, ATTENDED, LEFT_ON, SESSIONS = 20, 5, 15, 5
STORAGE_GB, DOWNLOAD_GB, MONTHS = 100, 20, 36
# 1.04 to the power of -1/12, -2/12, ... -36/12, summed: what a dollar at each month's end is worth today.
ANNUITY = sum(1.04 ** (-month / 12) for month in range(1, MONTHS + 1))
START_UP_HOURS = 0.1

# The other question.
OTHER = Scenario.model_validate(
    {
        "workload": {
            "busy_hours_per_week": 40,
            "attended_idle_hours_per_week": 6,
            "sessions_per_week": 7,
            "workload_class": "vision_training",
            "vram_gb": 12,
            "storage_gb": 250,
            "download_gb_per_month": 150,
        },
        "workstation": {"left_on_hours_per_week": 10},
        "electricity": {"country": "DE"},
        "money": {"horizon_months": 24, "yearly_discount_fraction": 0},
    }
)
OTHER_BUSY, OTHER_ATTENDED, OTHER_LEFT_ON, OTHER_SESSIONS = 40, 6, 10, 7
OTHER_STORAGE_GB, OTHER_DOWNLOAD_GB, OTHER_MONTHS = 250, 150, 24

# data/offers.csv
G5_XLARGE_USD_PER_HOUR = 1.006  # aws, us-east-1, on demand, 2026-07-20
G5_XLARGE_SPOT_USD_PER_HOUR = 0.4423  # aws, us-east-1, spot, 2026-07-09
G6F_4XLARGE_USD_PER_HOUR = 0.95  # aws, us-east-1, on demand, half an L4 with 12 GB, 2026-07-20
G2_STANDARD_4_YEAR_USD_PER_HOUR = 0.445304  # gcp, us-central1, reserved_1y, 2026-07-30
# data/colab_plans.csv and colab_rates.csv: 100 units for 9.99 USD; an A100 40GB takes 5.37 units an hour.
PACK_USD, PACK_HOURS = 9.99, 100 / 5.37
PACK_LASTS_AT_MOST_MONTHS = 90 / (730 / 24)

# data/storage.csv (first row of the region) and data/egress.csv
AWS_STORAGE, GCP_STORAGE, COLAB_STORAGE = 0.08, 0.10, 0.02
AWS_EGRESS, AWS_FREE_GB = 0.09, 100
GCP_EGRESS, GCP_FREE_GB = 0.12, 1

# data/throughput.csv, the RTX 4090 being 1: transformer_train_fp16 and cnn_train_fp16
A10G_TRANSFORMER, A10G_VISION = 0.40, 0.49
L4_TRANSFORMER, L4_VISION = 0.32, 0.34
A100_TRANSFORMER, A100_VISION = 1.321, 1.127


def billed_hours_per_month(clock_hours_per_week: float, sessions: int) -> float:
    """Billed by the second: the mean session rounded up to a whole second."""
    session_s = ceil(round(clock_hours_per_week * 3600 / sessions, 6))
    return session_s * sessions / 3600 * WEEKS_PER_MONTH


def assert_bill(
    row: dict[str, Any],
    *,
    total_usd: float,
    present_value_usd: float,
    months: int,
    hours_per_month: float,
    useful_hours_worth_today: float,
) -> None:
    assert row["total_usd"] == pytest.approx(total_usd, abs=CENT)
    assert row["present_value_usd"] == pytest.approx(present_value_usd, abs=CENT)
    assert row["monthly_usd"] == pytest.approx(total_usd / months, abs=CENT)
    assert row["hours_per_month"] == pytest.approx(hours_per_month, abs=1e-6)
    per_hour = present_value_usd / useful_hours_worth_today
    assert row["usd_per_useful_hour"] == pytest.approx(per_hour, abs=1e-6)


USEFUL_HOURS = BUSY * WEEKS_PER_MONTH * ANNUITY
OTHER_USEFUL_HOURS = OTHER_BUSY * WEEKS_PER_MONTH * OTHER_MONTHS


# --- the build ----------------------------------------------------------------------------------------------

# data/builds.csv, rtx4090_used_ws_2026_usd: the card is used, the other parts are new.
CARD_USD = 2805
OTHER_PARTS_USD = 204.99 + 179.95 + 533.83 + 715 + 517.99 + 219.99 + 150  # 2,521.75
CARD_LOSS, PARTS_LOSS, NEW_TO_USED, SALE_FEE = 0.20, 0.15, 0.15, 0.10
LOAD_W, IDLE_W, ASLEEP_W = 650, 90, 4


def test_the_default_build(bundled: pd.DataFrame, row_of: Row) -> None:
    kwh_per_week = (
        BUSY * LOAD_W + (ATTENDED + LEFT_ON) * IDLE_W + (168 - BUSY - ATTENDED - LEFT_ON) * ASLEEP_W
    ) / 1000
    assert kwh_per_week == pytest.approx(13 + 1.8 + 0.512)
    monthly_usd = kwh_per_week * WEEKS_PER_MONTH * 0.1844  # 12.27 a month
    sold_usd = CARD_USD * 0.8**3 + OTHER_PARTS_USD * 0.85 * 0.85**3
    received_usd = sold_usd * 0.9  # the sale fee is a tenth of what is fetched

    total_usd = CARD_USD + OTHER_PARTS_USD + monthly_usd * MONTHS - received_usd
    present_value_usd = CARD_USD + OTHER_PARTS_USD + monthly_usd * ANNUITY - received_usd / 1.04**3
    assert total_usd == pytest.approx(3291.15, abs=CENT)
    assert present_value_usd == pytest.approx(3540.47, abs=CENT)

    assert_bill(
        row_of(compare(Scenario(), bundled), provider="own"),
        total_usd=total_usd,
        present_value_usd=present_value_usd,
        months=MONTHS,
        hours_per_month=(BUSY + ATTENDED + LEFT_ON) * WEEKS_PER_MONTH,
        useful_hours_worth_today=USEFUL_HOURS,
    )


def test_the_build_of_another_week_in_germany(bundled: pd.DataFrame, row_of: Row) -> None:
    kwh_per_week = (40 * LOAD_W + (6 + 10) * IDLE_W + (168 - 40 - 6 - 10) * ASLEEP_W) / 1000
    assert kwh_per_week == pytest.approx(26 + 1.44 + 0.448)
    monthly_usd = kwh_per_week * WEEKS_PER_MONTH * 0.4488  # Germany, 2025-12-31
    received_usd = (CARD_USD * 0.8**2 + OTHER_PARTS_USD * 0.85 * 0.85**2) * 0.9

    total_usd = CARD_USD + OTHER_PARTS_USD + monthly_usd * OTHER_MONTHS - received_usd
    assert total_usd == pytest.approx(3622.52, abs=CENT)

    assert_bill(
        row_of(compare(OTHER, bundled), provider="own"),
        total_usd=total_usd,
        present_value_usd=total_usd,  # without discounting the two are one
        months=OTHER_MONTHS,
        hours_per_month=(40 + 6 + 10) * WEEKS_PER_MONTH,
        useful_hours_worth_today=OTHER_USEFUL_HOURS,
    )


def test_a_build_of_ones_own_parts_some_of_which_are_there_already(
    bundled: pd.DataFrame, row_of: Row
) -> None:
    scenario = Scenario.model_validate(
        {
            "workstation": {
                "parts": [
                    {"name": "gpu: RTX 4090 of a friend", "price_usd": 2000, "new_to_used_fraction": 0},
                    {"name": "case and power supply", "price_usd": 400, "already_own": True},
                    {"name": "the rest", "price_usd": 1000, "yearly_loss_fraction": 0.5},
                ],
                "load_w": 500,
                "idle_w": 60,
                "asleep_w": 0,
                "sale_fee_fraction": 0.05,
            },
            "electricity": {"usd_per_kwh": 0.30},
            "money": {"horizon_months": 12, "yearly_discount_fraction": 0.10},
        }
    )
    monthly_usd = (20 * 500 + 20 * 60) / 1000 * WEEKS_PER_MONTH * 0.30
    annuity = sum(1.10 ** (-month / 12) for month in range(1, 13))
    # What is owned already is neither bought nor sold. The rest was bought new: 15 % go at once, then half.
    received_usd = (2000 * 0.8 + 1000 * 0.85 * 0.5) * 0.95
    assert_bill(
        row_of(compare(scenario, bundled), provider="own"),
        total_usd=3000 + monthly_usd * 12 - received_usd,
        present_value_usd=3000 + monthly_usd * annuity - received_usd / 1.10,
        months=12,
        hours_per_month=40 * WEEKS_PER_MONTH,
        useful_hours_worth_today=20 * WEEKS_PER_MONTH * annuity,
    )


# --- metered by the second: aws g5.xlarge, us-east-1, on demand ---------------------------------------------


def test_g5_xlarge_on_demand(bundled: pd.DataFrame, row_of: Row) -> None:
    clock_hours = BUSY / A10G_TRANSFORMER + ATTENDED + SESSIONS * START_UP_HOURS
    assert clock_hours == pytest.approx(50 + 5 + 0.5)
    hours_usd = billed_hours_per_month(clock_hours, SESSIONS) * G5_XLARGE_USD_PER_HOUR
    monthly_usd = hours_usd + STORAGE_GB * AWS_STORAGE  # 20 GB of download are free
    assert monthly_usd * MONTHS == pytest.approx(9021.88, abs=CENT)
    assert monthly_usd * ANNUITY == pytest.approx(8497.43, abs=CENT)

    assert_bill(
        row_of(compare(Scenario(), bundled), instance_type="g5.xlarge", region="us-east-1", term="on_demand"),
        total_usd=monthly_usd * MONTHS,
        present_value_usd=monthly_usd * ANNUITY,
        months=MONTHS,
        hours_per_month=clock_hours * WEEKS_PER_MONTH,
        useful_hours_worth_today=USEFUL_HOURS,
    )


def test_g5_xlarge_on_demand_for_another_week(bundled: pd.DataFrame, row_of: Row) -> None:
    clock_hours = 40 / A10G_VISION + 6 + 7 * START_UP_HOURS
    billed = billed_hours_per_month(clock_hours, 7)
    assert billed > clock_hours * WEEKS_PER_MONTH  # here the second is rounded up
    storage_usd = 250 * AWS_STORAGE
    egress_usd = (150 - AWS_FREE_GB) * AWS_EGRESS
    total_usd = 24 * (billed * G5_XLARGE_USD_PER_HOUR + storage_usd + egress_usd)
    assert total_usd == pytest.approx(9855.26, abs=CENT)

    assert_bill(
        row_of(compare(OTHER, bundled), instance_type="g5.xlarge", region="us-east-1", term="on_demand"),
        total_usd=total_usd,
        present_value_usd=total_usd,
        months=24,
        hours_per_month=clock_hours * WEEKS_PER_MONTH,
        useful_hours_worth_today=OTHER_USEFUL_HOURS,
    )


# --- packs: Colab, A100 40GB, Pay As You Go 100 and the plan Pro --------------------------------------------


def packs_bought_by(month: int, billed_hours: float) -> int:
    lasts_months = min(PACK_HOURS / billed_hours, PACK_LASTS_AT_MOST_MONTHS)
    return ceil(month / lasts_months)


def test_colab_a100_with_units(bundled: pd.DataFrame, row_of: Row) -> None:
    clock_hours = BUSY / A100_TRANSFORMER + ATTENDED + SESSIONS * START_UP_HOURS
    billed = billed_hours_per_month(clock_hours, SESSIONS)
    packs = [packs_bought_by(month, billed) for month in range(MONTHS + 1)]
    assert packs[:4] == [0, 5, 10, 15]
    assert packs[-1] == 174
    total_usd = 174 * PACK_USD + MONTHS * STORAGE_GB * COLAB_STORAGE
    bought = [packs[month] - packs[month - 1] for month in range(1, MONTHS + 1)]
    present_value_usd = (
        sum(count * PACK_USD * 1.04 ** (-month / 12) for month, count in enumerate(bought, start=1))
        + STORAGE_GB * COLAB_STORAGE * ANNUITY
    )
    assert total_usd == pytest.approx(1810.26, abs=CENT)
    assert present_value_usd == pytest.approx(1705.22, abs=CENT)

    assert_bill(
        row_of(compare(Scenario(), bundled), instance_type="A100 40GB, Pay As You Go 100"),
        total_usd=total_usd,
        present_value_usd=present_value_usd,
        months=MONTHS,
        hours_per_month=clock_hours * WEEKS_PER_MONTH,
        useful_hours_worth_today=USEFUL_HOURS,
    )


def test_colab_a100_with_units_for_another_week(bundled: pd.DataFrame, row_of: Row) -> None:
    clock_hours = 40 / A100_VISION + 6 + 7 * START_UP_HOURS
    billed = billed_hours_per_month(clock_hours, 7)
    packs = packs_bought_by(24, billed)
    assert packs == 237
    total_usd = packs * PACK_USD + 24 * 250 * COLAB_STORAGE

    assert_bill(
        row_of(compare(OTHER, bundled), instance_type="A100 40GB, Pay As You Go 100"),
        total_usd=total_usd,
        present_value_usd=total_usd,
        months=24,
        hours_per_month=clock_hours * WEEKS_PER_MONTH,
        useful_hours_worth_today=OTHER_USEFUL_HOURS,
    )


def test_units_expire_after_90_days_and_a_plan_is_paid_every_month(
    bundled: pd.DataFrame, row_of: Row
) -> None:
    scenario = Scenario.model_validate(
        {
            "workload": {
                "busy_hours_per_week": 0.5,
                "attended_idle_hours_per_week": 0,
                "sessions_per_week": 1,
                "storage_gb": 0,
            }
        }
    )
    comparison = compare(scenario, bundled)
    # Two hours a month: 90 days (2.96 months) are over before the 18.6 hours are. 36 months take 13 packs.
    units = row_of(comparison, instance_type="A100 40GB, Pay As You Go 100")
    assert units["total_usd"] == pytest.approx(13 * PACK_USD, abs=CENT)
    # The first is paid at the end of month 1, then one whenever another 90 days have begun.
    due = [1, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36]
    worth = sum(PACK_USD * 1.04 ** (-month / 12) for month in due)
    assert units["present_value_usd"] == pytest.approx(worth, abs=CENT)
    plan = row_of(comparison, instance_type="A100 40GB, Pro")
    assert plan["total_usd"] == pytest.approx(36 * PACK_USD, abs=CENT)
    assert plan["present_value_usd"] == pytest.approx(PACK_USD * ANNUITY, abs=CENT)


# --- a commitment: gcp g2-standard-4, us-central1, reserved for a year --------------------------------------


def test_a_year_signed_three_times_for_thirty_months(bundled: pd.DataFrame, row_of: Row) -> None:
    months = 30
    clock_hours = BUSY / L4_TRANSFORMER + ATTENDED + SESSIONS * START_UP_HOURS
    assert clock_hours == pytest.approx(62.5 + 5 + 0.5)
    month_usd = 730 * G2_STANDARD_4_YEAR_USD_PER_HOUR  # around the clock, whatever is used
    side_usd = STORAGE_GB * GCP_STORAGE + (DOWNLOAD_GB - GCP_FREE_GB) * GCP_EGRESS
    assert side_usd == pytest.approx(10 + 2.28)
    annuity = sum(1.04 ** (-month / 12) for month in range(1, months + 1))
    # Three whole years are signed: the six months beyond the horizon fall due at its end.
    total_usd = 36 * month_usd + months * side_usd
    present_value_usd = (month_usd + side_usd) * annuity + 6 * month_usd * 1.04 ** (-months / 12)
    assert total_usd == pytest.approx(12070.99, abs=CENT)
    assert present_value_usd == pytest.approx(11392.73, abs=CENT)

    scenario = Scenario.model_validate({"money": {"horizon_months": months}})
    row = row_of(
        compare(scenario, bundled), instance_type="g2-standard-4", region="us-central1", term="reserved_1y"
    )
    assert_bill(
        row,
        total_usd=total_usd,
        present_value_usd=present_value_usd,
        months=months,
        hours_per_month=clock_hours * WEEKS_PER_MONTH,  # used, not paid
        useful_hours_worth_today=BUSY * WEEKS_PER_MONTH * annuity,
    )
    assert row["instances"] == 1


def test_two_whole_years_on_two_machines_for_a_week_that_one_cannot_hold(
    bundled: pd.DataFrame, row_of: Row
) -> None:
    scenario = OTHER.with_settings({"workload.busy_hours_per_week": "60", "money.horizon_months": "14"})
    clock_hours = 60 / L4_VISION + 6 + 7 * START_UP_HOURS
    assert 168 < clock_hours < 2 * 168
    month_usd = 2 * 730 * G2_STANDARD_4_YEAR_USD_PER_HOUR
    side_usd = 250 * GCP_STORAGE + (150 - GCP_FREE_GB) * GCP_EGRESS
    total_usd = 24 * month_usd + 14 * side_usd  # 14 months touch two years
    assert total_usd == pytest.approx(16203.77, abs=CENT)

    row = row_of(
        compare(scenario, bundled), instance_type="g2-standard-4", region="us-central1", term="reserved_1y"
    )
    assert_bill(
        row,
        total_usd=total_usd,
        present_value_usd=total_usd,
        months=14,
        hours_per_month=clock_hours * WEEKS_PER_MONTH,
        useful_hours_worth_today=60 * WEEKS_PER_MONTH * 14,
    )
    assert row["instances"] == 2


# --- a part of a GPU: aws g6f.4xlarge, us-east-1, half an L4 ------------------------------------------------


def test_half_a_gpu_runs_at_half_its_speed(bundled: pd.DataFrame, row_of: Row) -> None:
    scenario = Scenario().with_settings({"workload.vram_gb": "12"})
    clock_hours = BUSY / (L4_TRANSFORMER / 2) + ATTENDED + SESSIONS * START_UP_HOURS
    assert clock_hours == pytest.approx(125 + 5 + 0.5)
    monthly_usd = (
        billed_hours_per_month(clock_hours, SESSIONS) * G6F_4XLARGE_USD_PER_HOUR + STORAGE_GB * AWS_STORAGE
    )
    assert monthly_usd * ANNUITY == pytest.approx(18537.15, abs=CENT)

    row = row_of(compare(scenario, bundled), instance_type="g6f.4xlarge", region="us-east-1")
    assert_bill(
        row,
        total_usd=monthly_usd * MONTHS,
        present_value_usd=monthly_usd * ANNUITY,
        months=MONTHS,
        hours_per_month=clock_hours * WEEKS_PER_MONTH,
        useful_hours_worth_today=USEFUL_HOURS,
    )
    assert row["relative_throughput"] == pytest.approx(0.16)
    assert row["gpus_used"] == 0.5


def test_half_a_gpu_for_another_week_takes_two_machines(bundled: pd.DataFrame, row_of: Row) -> None:
    clock_hours = 40 / (L4_VISION / 2) + 6 + 7 * START_UP_HOURS
    assert 168 < clock_hours < 2 * 168
    monthly_usd = (
        billed_hours_per_month(clock_hours, 7) * G6F_4XLARGE_USD_PER_HOUR
        + 250 * AWS_STORAGE
        + (150 - AWS_FREE_GB) * AWS_EGRESS
    )
    row = row_of(compare(OTHER, bundled), instance_type="g6f.4xlarge", region="us-east-1")
    assert_bill(
        row,
        total_usd=24 * monthly_usd,
        present_value_usd=24 * monthly_usd,
        months=24,
        hours_per_month=clock_hours * WEEKS_PER_MONTH,
        useful_hours_worth_today=OTHER_USEFUL_HOURS,
    )
    assert row["instances"] == 2


# --- spot: aws g5.xlarge, us-east-1 -------------------------------------------------------------------------

# One interruption in a hundred hours (assumed), each costing half of half an hour and a restart of 0.1 h.
KEPT_ON_SPOT = 1 - 0.01 * (0.5 / 2 + 0.1)  # 0.9965


def test_g5_xlarge_spot(bundled: pd.DataFrame, row_of: Row) -> None:
    clock_hours = BUSY / A10G_TRANSFORMER / KEPT_ON_SPOT + ATTENDED + SESSIONS * START_UP_HOURS
    monthly_usd = (
        billed_hours_per_month(clock_hours, SESSIONS) * G5_XLARGE_SPOT_USD_PER_HOUR + STORAGE_GB * AWS_STORAGE
    )
    assert monthly_usd * ANNUITY == pytest.approx(3899.49, abs=CENT)

    assert_bill(
        row_of(compare(Scenario(), bundled), instance_type="g5.xlarge", region="us-east-1", term="spot"),
        total_usd=monthly_usd * MONTHS,
        present_value_usd=monthly_usd * ANNUITY,
        months=MONTHS,
        hours_per_month=clock_hours * WEEKS_PER_MONTH,
        useful_hours_worth_today=USEFUL_HOURS,
    )


def test_g5_xlarge_spot_for_another_week_with_slow_restarts(bundled: pd.DataFrame, row_of: Row) -> None:
    scenario = OTHER.with_settings(
        {
            "rental.checkpoint_interval_hours": "4",
            "rental.restart_hours": "1",
            "rental.start_up_hours": "0.25",
        }
    )
    clock_hours = 40 / A10G_VISION / (1 - 0.01 * (4 / 2 + 1)) + 6 + 7 * 0.25
    monthly_usd = (
        billed_hours_per_month(clock_hours, 7) * G5_XLARGE_SPOT_USD_PER_HOUR
        + 250 * AWS_STORAGE
        + (150 - AWS_FREE_GB) * AWS_EGRESS
    )
    assert_bill(
        row_of(compare(scenario, bundled), instance_type="g5.xlarge", region="us-east-1", term="spot"),
        total_usd=24 * monthly_usd,
        present_value_usd=24 * monthly_usd,
        months=24,
        hours_per_month=clock_hours * WEEKS_PER_MONTH,
        useful_hours_worth_today=OTHER_USEFUL_HOURS,
    )


# --- the receipt shows the same -----------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", [Scenario(), OTHER], ids=["default", "other"])
@pytest.mark.parametrize("against", ["colab", "gcp", "aws", "azure"])
def test_the_receipt_sums_to_both_totals(bundled: pd.DataFrame, scenario: Scenario, against: str) -> None:
    comparison = compare(scenario.with_settings({"rental.against": against}), bundled)
    totals = comparison.table.set_index("option")
    sums = comparison.receipt.groupby("option")[["total_usd", "present_value_usd"]].sum()
    assert len(sums) == 2
    for option in sums.index:
        for column in ("total_usd", "present_value_usd"):
            assert sums.loc[option, column] == pytest.approx(totals.loc[option, column], abs=CENT)


def test_the_receipt_of_the_default_question_against_colab(bundled: pd.DataFrame) -> None:
    comparison = compare(Scenario().with_settings({"rental.against": "colab"}), bundled)
    lines = comparison.receipt
    build = lines[lines["option"] == "own rtx4090_used_ws_2026_usd"].set_index("component")["total_usd"]
    month_kwh_usd = WEEKS_PER_MONTH * 0.1844 / 1000
    expected = {
        "electricity busy": 36 * 20 * 650 * month_kwh_usd,
        "electricity idle": 36 * 20 * 90 * month_kwh_usd,
        "electricity asleep": 36 * 128 * 4 * month_kwh_usd,
        "sale fee": 0.1 * (2805 * 0.8**3 + OTHER_PARTS_USD * 0.85**4),
    }
    for component, usd in expected.items():
        assert build[component] == pytest.approx(usd, abs=CENT)
    assert build[build.index.str.startswith("part ")].sum() == pytest.approx(5326.75, abs=CENT)
    colab = lines[lines["option"] != "own rtx4090_used_ws_2026_usd"].set_index("component")["total_usd"]
    assert colab.to_dict() == pytest.approx({"packs": 174 * 9.99, "storage": 72.0, "egress": 0.0}, abs=CENT)
