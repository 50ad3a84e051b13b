"""What others have published comes out of the formulas of the model, case by case.

``reference_cases.toml`` holds the cases. A function here arranges the inputs of one kind of case, calls the
public functions, and returns its answers by name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import (
    break_even_hours,
    break_even_months,
    declining_balance,
    energy_cost_usd,
    levelized_usd_per_hour,
    loan_payment,
    macrs,
    market_value,
    present_value,
    relative_hours,
    straight_line,
    sum_of_years_digits,
    tiered_cost_usd,
    time_of_use_cost_usd,
)
from models.capacity import (
    break_even_utilization,
    metered_usd_per_hour,
    million_tokens,
    mixed_price,
    usd_per_used_hour,
)
from models.depreciation import fixed_declining_balance, units_of_production
from models.draws import even_draws, quantiles
from models.finance import loan_balance, loan_interest
from models.investment import (
    discounted_payback_periods,
    future_value,
    internal_rate_of_return,
    modified_internal_rate_of_return,
    payback_periods,
    present_value_on_dates,
    profitability_index,
)
from models.tariffs import bill_with_charges_usd
from models.usage import MONTH_HOURS, billed_hours

Inputs = dict[str, Any]
Case = dict[str, Any]
# None where the published inputs give nothing to compute an answer from.
Answers = dict[str, float | None]

CASES: list[Case] = tomllib.loads(
    Path(__file__).with_name("reference_cases.toml").read_text(encoding="utf-8")
)["case"]
ANSWERS = [(case, answer) for case in CASES for answer in case["answers"]]

IDS = [
    "LEN26-OPEX",
    "LEN25-BE-OD",
    "LEN25-BE-RES",
    "LEN25-LLAMA",
    "PAN-CAPACITY",
    "DETTMERS-3090",
    "JON-PAYOFF",
    "QRY-SIMPLE",
    "HOST-POD-FLEX",
    "HOST-IDLE-TAIL",
    "AWS-RI-UPFRONT",
    "WIDE-4090",
    "HACE-SCENARIOS",
    "ROIWS-PAYBACK",
    "ROIWS-TCO5",
    "EXC-RUNS",
    "OWNRENT-LOAN",
    "DATA-730",
    "VELINX-4090",
    "UPTIME-33",
    "I2-CORE-HOUR",
    "ALPINE-DGX",
    "OSF-MACHINE",
    "OSF-NPV7",
    "OSF-AUTO-LOAN",
    "OSF-MORTGAGE",
    "OSA-PAYBACK",
    "OSA-LIAM",
    "NPF-PMT",
    "NPF-NPV",
    "NPF-IRR",
    "NPF-MIRR",
    "MS-XIRR",
    "MS-XNPV",
    "FORMULA1-DB",
    "MS-DDB",
    "MS-SLN-SYD",
    "IRS-MACRS5-HY",
    "IRS-MACRS7-HY",
    "MC-SUM-UNIFORM",
    "SEYMOUR-1200",
    "IDAHO-TIERS",
    "PWC-TOU",
]


# --- the arrangements ---------------------------------------------------------------------------------------


def _rent_usd(hours: Any, usd_per_hour: Any) -> float:
    """Rent for hours in one piece, billed by the second without a minimum."""
    return float(billed_hours(hours, 1, 1, 0) * usd_per_hour)


def _kwh(power_w: float, hours: float) -> float:
    """Energy: what it would cost at a dollar a kilowatt-hour."""
    return float(energy_cost_usd(power_w, hours, 1.0))


def _spread_over_hours(usd_per_month: float, hours_per_month: float, months: float = 1) -> float:
    """Cost of each hour when a monthly cost is spread over all of them."""
    total_usd = float(present_value([0.0] + [usd_per_month] * int(months), 0.0))
    return float(levelized_usd_per_hour(total_usd, hours_per_month, 0.0, months))


def _cumulative_usd(at_start_usd: float, usd_per_month: float, months: int) -> Any:
    return at_start_usd + usd_per_month * np.arange(months + 1)


def cost_of_an_owned_hour(given: Inputs) -> Answers:
    answers: Answers = {}
    for name, price_usd in given["price_usd"].items():
        monthly_usd = price_usd * given["yearly_maintenance_fraction"] / 12
        answers[f"maintenance {name}"] = _spread_over_hours(monthly_usd, MONTH_HOURS, 12)
    answers["colocation"] = _spread_over_hours(
        given["colocation_usd_per_month"], given["colocation_hours_per_month"]
    )
    usd_per_kw_hour = energy_cost_usd(1000, 1, given["electricity_usd_per_kwh"]) + energy_cost_usd(
        1000, 1, given["cooling_usd_per_kwh"]
    )
    for name, usd_per_hour in given["power_and_cooling_usd_per_hour"].items():
        answers[f"power {name}, kW"] = usd_per_hour / float(usd_per_kw_hour)
    return answers | {"power and cooling A": None}


def break_even_against_rentals(given: Inputs) -> Answers:
    answers: Answers = {}
    for name, usd_per_hour in given["rental_usd_per_hour"].items():
        hours = float(break_even_hours(given["purchase_usd"], usd_per_hour, given["owning_usd_per_hour"]))
        answers[f"{name}, hours"] = hours
        if "hours_per_month" in given:
            answers[f"{name}, months"] = hours / given["hours_per_month"]
    return answers


def rent_of_gpu_hours(given: Inputs) -> Answers:
    hours = relative_hours(given["gpu_hours"], 1.0, gpus=given["gpus_per_instance"])
    return {"rent": _rent_usd(hours, given["instance_usd_per_hour"])}


def tokens_a_month(given: Inputs) -> Answers:
    return {
        name: float(million_tokens(speed, given["hours_per_month"]))
        for name, speed in given["tokens_per_second"].items()
    }


def desktop_against_instance(given: Inputs) -> Answers:
    power_w = sum(given["power_w"].values())
    price, use = given["electricity_usd_per_kwh"], given["utilization_fraction"]
    hours_of_a_year, hours_compared = 365 * 24 * use, given["compared_days"] * 24 * use
    electricity_usd = float(energy_cost_usd(power_w, hours_of_a_year, price))
    hours = break_even_hours(
        given["desktop_usd"], given["rental_usd_per_hour"], energy_cost_usd(power_w, 1, price)
    )
    return {
        "energy of a year": _kwh(power_w, hours_of_a_year),
        "electricity of a year": electricity_usd,
        "rent of the compared days": _rent_usd(hours_compared, given["rental_usd_per_hour"]),
        "desktop and electricity": float(present_value([given["desktop_usd"], electricity_usd], 0.0)),
        "break-even days": float(usd_per_used_hour(hours, use)) / 24,
    }


def payoff_against_tokens(given: Inputs) -> Answers:
    answers: Answers = {}
    for name, machine in given["machines"].items():
        service = given["service_usd_per_million_tokens"][machine["service"]]
        price = mixed_price(service["input"], service["output"], given["output_fraction"])
        usd_per_hour = metered_usd_per_hour(machine["tokens_per_second"], price)
        hours = break_even_hours(machine["purchase_usd"], usd_per_hour)
        answers[f"{name}, USD/h"] = float(usd_per_hour)
        answers[f"{name}, months"] = float(hours) / given["hours_per_month"]
    return answers


def simple_paybacks(given: Inputs) -> Answers:
    return {
        name: float(payback_periods([-cluster["purchase_usd"]] + [12 * cluster["rental_usd_per_month"]] * 20))
        for name, cluster in given["clusters"].items()
    }


def always_on_against_metered(given: Inputs) -> Answers:
    answers: Answers = {}
    for name, price in given["gpus"].items():
        share = float(break_even_utilization(price["always_usd_per_hour"], price["metered_usd_per_hour"]))
        answers[f"{name}, month"] = _rent_usd(given["hours_per_month"], price["always_usd_per_hour"])
        answers[f"{name}, hours"] = share * given["hours_per_month"]
        answers[f"{name}, percent"] = share * 100
    return answers


def idle_tails(given: Inputs) -> Answers:
    idle_hours = given["calls"] * given["idle_s"] / 3600
    hours = billed_hours(idle_hours, given["calls"], 1, 0)
    return {name: float(hours * price) for name, price in given["usd_per_hour"].items()}


def commitment_with_upfront_payment(given: Inputs) -> Answers:
    hours = given["hours_per_month"]
    month_usd = _rent_usd(hours, given["usd_per_hour"])
    upfront_part_usd = float(loan_payment(given["upfront_usd"], 0.0, given["commitment_months"]))
    return {
        "month as printed": month_usd,
        "month without upfront payment": _rent_usd(hours, given["usd_per_hour_without_upfront"]),
        "month with its part of the upfront payment": month_usd + upfront_part_usd,
    }


def electricity_by_hours_a_day(given: Inputs) -> Answers:
    answers: Answers = {}
    for hours in given["hours_per_day"]:
        answers[f"{hours} h, kWh a day"] = _kwh(given["power_w"], hours)
        for span, days in (("day", 1), ("month", given["days_per_month"]), ("year", given["days_per_year"])):
            cost_usd = energy_cost_usd(given["power_w"], hours * days, given["usd_per_kwh"])
            answers[f"{hours} h, {span}"] = float(cost_usd)
    return answers


def rent_or_own_months(given: Inputs) -> Answers:
    answers: Answers = {}
    for name, person in given["people"].items():
        hours = person.get("gpus", 1) * person["hours_per_day"] * person["days_per_month"]
        answers[f"{name}, rent"] = _rent_usd(hours, person["usd_per_hour"])
        if "price_usd" in person:
            yearly_usd = straight_line(person["price_usd"], 0, person["years"])[0]
            yearly_usd += person["price_usd"] * person["yearly_overhead_fraction"]
            electricity_usd = energy_cost_usd(person["power_w"], hours, person["usd_per_kwh"])
            answers[f"{name}, own"] = float(yearly_usd / 12 + electricity_usd)
    return answers


def paybacks_in_cash(given: Inputs) -> Answers:
    months = given["within_months"]
    return {
        name: float(
            break_even_months(
                _cumulative_usd(given["purchase_usd"], cost["owned"], months),
                _cumulative_usd(0, cost["rented"], months),
            )
        )
        for name, cost in given["usd_per_month"].items()
    }


def totals_of_owning_and_renting(given: Inputs) -> Answers:
    answers: Answers = {}
    for name, cost in given["usd_per_month"].items():
        for side, at_start_usd in (("rented", 0.0), ("owned", given["purchase_usd"])):
            flows_usd = [at_start_usd] + [cost[side]] * given["months"]
            answers[f"{name}, {side}"] = float(present_value(flows_usd, 0.0))
    return answers


def paybacks_in_runs(given: Inputs) -> Answers:
    answers: Answers = {}
    for name, plan in given["plans"].items():
        saved_usd = plan["saved_usd_per_run"] * plan["runs_per_month"]
        rented_usd = _cumulative_usd(0, saved_usd, given["within_months"])
        months = float(break_even_months(np.full_like(rented_usd, plan["purchase_usd"]), rented_usd))
        answers[name] = months / 12 if plan["in"] == "years" else months
    return answers


def financed_purchase(given: Inputs) -> Answers:
    value_usd, months = given["value_usd"], given["months"]
    borrowed_usd = value_usd * given["financed_fraction"]
    payment_usd = float(loan_payment(borrowed_usd, given["loan_yearly_rate_fraction"], months))
    monthly_usd = payment_usd + value_usd * given["yearly_operation_fraction"] / 12
    paid_usd = float(present_value([value_usd - borrowed_usd] + [monthly_usd] * months, 0.0))
    gpus = value_usd / given["gpu_usd"]
    rent_usd = _rent_usd(given["rented_hours"], given["rental_usd_per_gpu_hour"] * gpus)
    answers: Answers = {"paid out": paid_usd}
    for name, loss in given["yearly_loss_fraction"].items():
        left_usd = float(market_value(value_usd, months / 12, loss))
        answers[f"left over, {name}"] = left_usd
        answers[f"saved, {name}"] = rent_usd - paid_usd + left_usd
    return answers


def months_of_one_gpu(given: Inputs) -> Answers:
    months_usd = {
        name: _rent_usd(given["hours_per_month"], price) for name, price in given["usd_per_hour"].items()
    }
    return {**months_usd, "dearest to cheapest": max(months_usd.values()) / min(months_usd.values())}


def home_lab_against_rent(given: Inputs) -> Answers:
    year, price = given["days_per_year"], given["usd_per_kwh"]
    yearly_usd = float(energy_cost_usd(given["power_w"], 24 * year, price))
    answers: Answers = {
        "electricity, day": float(energy_cost_usd(given["power_w"], 24, price)),
        "electricity, year": yearly_usd,
        "electricity, month": yearly_usd / given["months_per_year"],
    }
    for hours in given["hours_per_day"]:
        for span, days in (("month", given["days_per_month"]), ("year", year)):
            answers[f"rent {hours} h, {span}"] = _rent_usd(hours * days, given["rental_usd_per_hour"])
    return answers


def share_of_use_that_pays(given: Inputs) -> Answers:
    rent, use, own = (
        given["rental_usd_per_hour"],
        given["utilization_fraction"],
        given["provisioned_usd_per_hour"],
    )
    printed, implied = own["from the printed costs"], own["from the printed threshold"]
    return {
        "saving at 40 %": 1 - float(usd_per_used_hour(printed, use["good"])) / rent,
        "least use": float(break_even_utilization(printed, rent)),
        "loss 10 points under": float(usd_per_used_hour(implied, use["10 points under"])) - rent,
        "gain 10 points over": rent - float(usd_per_used_hour(implied, use["10 points over"])),
    }


def core_hour(given: Inputs) -> Answers:
    hardware_usd = levelized_usd_per_hour(
        given["server_usd"], given["cores"] * MONTH_HOURS, 0.0, given["life_months"]
    )
    on_top_usd_per_kwh = given["power_equipment_usd_per_kwh"] + given["cooling_usd_per_kwh"]
    price = bill_with_charges_usd(
        energy_cost_usd(1000, 1, given["electricity_usd_per_kwh"]), 1, on_top_usd_per_kwh
    )
    return {
        "hardware of a core hour": float(hardware_usd),
        "energy with its equipment and cooling": float(price),
        "energy of a core hour": float(energy_cost_usd(given["power_w"] / given["cores"], 1, price)),
    }


def appliance_and_instances(given: Inputs) -> Answers:
    hours = given["hours_per_month"]
    electricity_usd = float(energy_cost_usd(given["power_w"], hours, given["usd_per_kwh"]))
    rents = {name: _rent_usd(hours, price) for name, price in given["usd_per_hour"].items()}
    return {"electricity": electricity_usd, **rents}


def measures_of_an_investment(given: Inputs) -> Answers:
    flows_usd, rate = given["cash_flows_usd"], given["rate_fraction"]
    return {
        "present value": float(present_value(flows_usd, rate, periods_per_year=1)),
        "internal rate of return": float(internal_rate_of_return(flows_usd)),
        "modified rate of return": float(modified_internal_rate_of_return(flows_usd, rate, rate)),
        "worth at the end": float(future_value([0, *flows_usd[1:]], rate, periods_per_year=1)),
        "profitability index": float(profitability_index(flows_usd, rate)),
        "payback": float(payback_periods(flows_usd)),
        "discounted payback": float(discounted_payback_periods(flows_usd, rate)),
    }


def net_present_value(given: Inputs) -> Answers:
    worth_usd = present_value(given["cash_flows_usd"], given["rate_fraction"], periods_per_year=1)
    return {"present value": float(worth_usd)}


def loan(given: Inputs) -> Answers:
    terms = (given["principal_usd"], given["yearly_rate_fraction"], given["months"])
    answers: Answers = {"payment": float(loan_payment(*terms))}
    for paid in given["paid_months"]:
        answers[f"owed after {paid}"] = float(loan_balance(*terms, paid))
    if "interest_of_months" in given:
        answers["interest"] = float(loan_interest(*terms))
        for month in given["interest_of_months"]:
            answers[f"interest of month {month}"] = float(loan_interest(*terms, month, month))
    return answers


def payments_as_outflows(given: Inputs) -> Answers:
    return {name: -float(loan_payment(**terms)) for name, terms in given["loans"].items()}


def paybacks_by_year(given: Inputs) -> Answers:
    answers: Answers = {}
    for name, investment in given["investments"].items():
        returns_usd = investment["returns_usd"] + [investment["then_usd_per_year"]] * given["years"]
        answers[name] = float(payback_periods([-investment["invested_usd"], *returns_usd]))
    return answers


def first_years_of_three_schedules(given: Inputs) -> Answers:
    terms = (given["cost_usd"], given["salvage_usd"])
    used = units_of_production(*terms, given["total_units"], given["units_by_year"])
    double = declining_balance(*terms, given["life_years"])
    return {
        "straight line": float(straight_line(*terms, given["life_years"])[0]),
        "units of production, year 1": float(used[0]),
        "units of production, year 2": float(used[1]),
        "double declining, year 1": float(double[0]),
        "double declining, year 2": float(double[1]),
    }


def rates_of_return(given: Inputs) -> Answers:
    rates = [float(internal_rate_of_return(flows_usd)) for flows_usd in given["cash_flows_usd"]]
    return {str(number): rate for number, rate in enumerate(rates, start=1)}


def modified_rates_of_return(given: Inputs) -> Answers:
    return {
        name: float(modified_internal_rate_of_return(**investment))
        for name, investment in given["investments"].items()
    }


def rate_of_return_on_dates(given: Inputs) -> Answers:
    return {"rate of return": float(internal_rate_of_return(given["cash_flows_usd"], given["dates"]))}


def present_value_of_dates(given: Inputs) -> Answers:
    return {"present value": float(present_value_on_dates(**given))}


def charges_of_fixed_declining_balance(given: Inputs) -> Answers:
    answers: Answers = {}
    for name, machine in given["machines"].items():
        terms = (machine["cost_usd"], machine["salvage_usd"], machine["life_years"])
        charges = fixed_declining_balance(*terms, first_year_months=machine["first_year_months"])
        answers[name] = float(charges[machine["year"] - 1])
    return answers


def charges_of_declining_balance(given: Inputs) -> Answers:
    answers: Answers = {}
    for name, terms in given["charges"].items():
        charges = declining_balance(given["cost_usd"], given["salvage_usd"], terms["life"], terms["factor"])
        answers[name] = float(charges[terms["period"] - 1])
    return answers


def charges_of_level_and_digits(given: Inputs) -> Answers:
    digits = sum_of_years_digits(**given)
    return {
        "straight line": float(straight_line(**given)[0]),
        "digits, year 1": float(digits[0]),
        "digits, year 10": float(digits[9]),
    }


def percentages_of_macrs(given: Inputs) -> Answers:
    return {f"year {year}": float(percent) for year, percent in enumerate(macrs(100, **given), start=1)}


def quantiles_of_a_sum(given: Inputs) -> Answers:
    low, high = np.array(given["low_usd_per_hour"]), np.array(given["high_usd_per_hour"])
    prices = low + (high - low) * even_draws(given["draws"], len(low))
    found = quantiles(prices.sum(axis=-1), list(given["fractions"].values()))
    return dict(zip(given["fractions"], found.tolist(), strict=True))


def bill_in_blocks(given: Inputs) -> Answers:
    energy_usd = tiered_cost_usd(given["kwh"], given["tiers"])
    charges = (given["kwh"], given["power_cost_usd_per_kwh"], given["customer_charge_usd"])
    before_tax = float(bill_with_charges_usd(energy_usd, *charges))
    total = float(bill_with_charges_usd(energy_usd, *charges, given["tax_fraction"]))
    return {"before tax": before_tax, "tax": total - before_tax, "total": total}


def bills_in_rising_blocks(given: Inputs) -> Answers:
    answers: Answers = {}
    for kwh in given["kwh"]:
        # Cost up to the end of each block that is used; the differences are what each block costs.
        block_ends = np.minimum(kwh, [0.0, *(upper for upper, _ in given["tiers"])])
        by_block = np.diff(tiered_cost_usd(block_ends, given["tiers"]))
        answers[f"{kwh} kWh"] = float(by_block.round(2).sum())
        answers[f"{kwh} kWh unrounded"] = float(tiered_cost_usd(kwh, given["tiers"]))
    # All of it lies in the first block, and the table does not ask twice.
    del answers["800 kWh unrounded"]
    return answers


def two_prices_by_hour(given: Inputs) -> Answers:
    prices = [given["off_peak_usd_per_kwh"], given["on_peak_usd_per_kwh"]]
    bills = {
        f"{share:.0%}".replace("%", " %"): float(
            time_of_use_cost_usd(given["kwh"] * np.array([share, 1 - share]), prices)
        )
        for share in given["off_peak_fraction"]
    }
    less, more = bills.values()
    return {**bills, "saving": less - more}


ARRANGEMENTS: dict[str, Callable[[Inputs], Answers]] = {
    function.__name__: function
    for function in (
        cost_of_an_owned_hour,
        break_even_against_rentals,
        rent_of_gpu_hours,
        tokens_a_month,
        desktop_against_instance,
        payoff_against_tokens,
        simple_paybacks,
        always_on_against_metered,
        idle_tails,
        commitment_with_upfront_payment,
        electricity_by_hours_a_day,
        rent_or_own_months,
        paybacks_in_cash,
        totals_of_owning_and_renting,
        paybacks_in_runs,
        financed_purchase,
        months_of_one_gpu,
        home_lab_against_rent,
        share_of_use_that_pays,
        core_hour,
        appliance_and_instances,
        measures_of_an_investment,
        net_present_value,
        loan,
        payments_as_outflows,
        paybacks_by_year,
        first_years_of_three_schedules,
        rates_of_return,
        modified_rates_of_return,
        rate_of_return_on_dates,
        present_value_of_dates,
        charges_of_fixed_declining_balance,
        charges_of_declining_balance,
        charges_of_level_and_digits,
        percentages_of_macrs,
        quantiles_of_a_sum,
        bill_in_blocks,
        bills_in_rising_blocks,
        two_prices_by_hour,
    )
}


# --- the comparisons ----------------------------------------------------------------------------------------


@cache
def _computed(case_id: str) -> Answers:
    (case,) = (case for case in CASES if case["id"] == case_id)
    return ARRANGEMENTS[case["calculation"]](case["inputs"])


def test_the_table_holds_every_case_once() -> None:
    assert [case["id"] for case in CASES] == IDS
    assert len(IDS) == len(set(IDS)) == 43


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_every_answer_of_a_case_is_computed_and_none_besides(case: Case) -> None:
    names = [answer["name"] for answer in case["answers"]]
    assert names
    assert len(names) == len(set(names))
    assert set(_computed(case["id"])) == set(names)


def test_every_arrangement_belongs_to_a_case() -> None:
    assert set(ARRANGEMENTS) == {case["calculation"] for case in CASES}


@pytest.mark.parametrize(
    ("case", "answer"), ANSWERS, ids=[f"{case['id']}: {answer['name']}" for case, answer in ANSWERS]
)
def test_the_published_answer_comes_out(case: Case, answer: dict[str, Any]) -> None:
    computed = _computed(case["id"])[answer["name"]]
    match answer:
        case {"status": "reproduced", "published": "none"}:
            assert computed is not None
            assert np.isnan(computed)
        case {"status": "reproduced", "published": published, "tolerance": tolerance}:
            assert computed == pytest.approx(published, rel=0, abs=tolerance)
        case {"status": "reproduced", "published": published, "relative_tolerance": tolerance}:
            assert computed == pytest.approx(published, rel=tolerance, abs=0)
        case {"status": "own_result", "recomputed": recomputed}:
            assert computed == pytest.approx(recomputed, rel=1e-6, abs=0)
        case {"status": "not_reproducible", "reason": reason, "recomputed": recomputed}:
            assert reason
            assert computed == pytest.approx(recomputed, rel=1e-6, abs=0)
            assert computed != pytest.approx(answer["published"], rel=1e-4)
        case {"status": "not_reproducible", "reason": reason}:
            assert reason
            assert computed is None
        case _:
            raise AssertionError(f"nothing can be compared with {answer}")
