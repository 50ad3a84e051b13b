"""Power at the wall, power limits, the climate of the room, and emissions."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.electricity import energy_cost_usd
from models.power import (
    climate_usd_per_kwh,
    emissions_kg,
    power_limited,
    psu_efficiency,
    rented_energy_kwh,
    wall_power_at_limit_w,
    wall_power_w,
)

quick = settings(max_examples=60, deadline=None)

INF, NAN = float("inf"), float("nan")
# 80 PLUS Gold, 115 V internal: the least efficiency at 20, 50 and 100 % load.
GOLD = [(0.20, 0.87), (0.50, 0.90), (1.00, 0.87)]
# Throughput in training by power limit, highest limit first.
TRAINING = [(450.0, 1.0), (400.0, 0.98), (350.0, 0.95), (300.0, 0.90), (250.0, 0.80)]


# --- the power supply ---------------------------------------------------------------------------------------


def test_a_supply_is_as_efficient_as_its_certificate_says() -> None:
    assert psu_efficiency([0.2, 0.5, 1.0], GOLD).tolist() == [0.87, 0.90, 0.87]
    assert psu_efficiency([0.35, 0.75], GOLD) == pytest.approx([0.885, 0.885])


def test_below_the_table_the_efficiency_is_that_of_its_lowest_load() -> None:
    assert psu_efficiency([0.0, 0.1], GOLD).tolist() == [0.87, 0.87]
    with_low_load = [(0.02, 0.60), *GOLD]
    assert float(psu_efficiency(0.05, with_low_load)) < 0.70


def test_the_order_of_the_points_does_not_matter() -> None:
    loads = np.linspace(0, 1, 21)
    assert psu_efficiency(loads, GOLD[::-1]).tolist() == psu_efficiency(loads, GOLD).tolist()


def test_one_point_is_a_constant_efficiency() -> None:
    assert psu_efficiency([0.0, 0.3, 1.0], [(0.5, 0.9)]).tolist() == [0.9, 0.9, 0.9]


def test_the_wall_gives_what_the_supply_loses() -> None:
    assert float(wall_power_w(450, 900, GOLD)) == pytest.approx(500)
    assert wall_power_w([[170.0], [850.0]], [850.0, 1700.0], GOLD).tolist() == [
        pytest.approx([170 / 0.87, 170 / 0.87]),
        pytest.approx([850 / 0.87, 850 / 0.90]),
    ]
    assert float(wall_power_w(0, 850, GOLD)) == 0


@quick
@given(st.floats(0, 1), st.floats(1, 3000))
def test_the_wall_never_gives_less_than_the_parts_draw(load: float, rated: float) -> None:
    output = load * rated
    assert output <= float(wall_power_w(output, rated, GOLD)) <= output / 0.87 + 1e-9


# --- the power limit ----------------------------------------------------------------------------------------


def test_a_limit_costs_what_was_measured() -> None:
    limits = [450, 400, 350, 300, 250]
    assert power_limited(limits, 450, TRAINING).tolist() == [1.0, 0.98, 0.95, 0.90, 0.80]
    assert float(power_limited(325, 450, TRAINING)) == pytest.approx(0.925)


def test_a_limit_above_stock_changes_nothing() -> None:
    assert power_limited([450, 500, 600], 450, TRAINING).tolist() == [1.0, 1.0, 1.0]
    assert float(wall_power_at_limit_w(650, 450, 600, 0.9)) == 650


def test_throughput_is_relative_to_the_cards_own_stock_limit() -> None:
    # A card that comes with 350 W runs at 0.95 of the one that was measured.
    assert power_limited([350, 300], 350, TRAINING) == pytest.approx([1.0, 0.90 / 0.95])


@quick
@given(st.floats(250, 600), st.floats(250, 600))
def test_a_lower_limit_is_never_faster_but_does_more_work_for_its_power(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    slow, fast = power_limited([low, high], 450, TRAINING)
    assert 0 < slow <= fast <= 1
    assert slow / min(low, 450) >= fast / min(high, 450) - 1e-12


def test_a_limit_saves_its_watts_and_the_losses_of_the_supply() -> None:
    # Facts of 2026: 650 W at the wall with 450 W, about 500 W (420 to 560) when limited to 300 W.
    limited = float(wall_power_at_limit_w(650, 450, 300, 0.91))
    assert limited == pytest.approx(650 - 150 / 0.91)
    assert 420 < limited < 560
    assert wall_power_at_limit_w(650, 450, [450, 400, 250], 1.0).tolist() == [650, 600, 450]


# --- the climate of the room --------------------------------------------------------------------------------


def test_without_cooling_or_heating_a_kilowatt_hour_costs_its_tariff() -> None:
    assert float(climate_usd_per_kwh(0.30)) == 0.30


def test_cooling_takes_a_share_of_the_energy_again() -> None:
    assert float(climate_usd_per_kwh(0.30, 3, 0.5)) == pytest.approx(0.35)
    # A university: cooling costs half the electricity, 4 of 8 cents, so the COP is 2 all year.
    assert float(climate_usd_per_kwh(0.08, 2, 1)) == pytest.approx(0.12)
    # A data center's own figures: 12 cents of electricity and 18 cents of cooling.
    assert float(climate_usd_per_kwh(0.12, 2 / 3, 1)) == pytest.approx(0.30)


def test_in_winter_the_computer_heats() -> None:
    assert float(climate_usd_per_kwh(0.30, 3, 0, 0.5, 0.10)) == pytest.approx(0.25)
    assert float(climate_usd_per_kwh(0.30, 3, 0.5, 0.5, 0.10)) == pytest.approx(0.30)


def test_heat_that_is_dearer_than_electricity_saves_no_more_than_electric_heat() -> None:
    assert float(climate_usd_per_kwh(0.10, 3, 0, 1, 0.50)) == 0
    assert float(climate_usd_per_kwh(0.10, 3, 0, 0.5, 0.50)) == pytest.approx(0.05)


def test_a_negative_price_of_an_hour_earns_no_credit_for_heat() -> None:
    assert float(climate_usd_per_kwh(-0.05, 3, 0, 1, 0.10)) == -0.05


def test_prices_by_hour_and_shares_by_month_broadcast() -> None:
    prices = np.full((12, 2, 24), 0.20)
    summer = np.zeros((12, 1, 1))
    summer[5:8] = 1
    effective = climate_usd_per_kwh(prices, 4, summer, 1 - summer, 0.08)
    assert effective.shape == (12, 2, 24)
    assert effective[6] == pytest.approx(0.25)
    assert effective[0] == pytest.approx(0.12)


@quick
@given(st.floats(0, 2), st.floats(0.1, 20), st.floats(0, 1), st.floats(0, 1), st.floats(0, 2))
def test_more_energy_never_lowers_the_bill(
    tariff: float, cop: float, cooled: float, rest: float, heat: float
) -> None:
    heated = (1 - cooled) * rest
    effective = float(climate_usd_per_kwh(tariff, cop, cooled, heated, heat))
    assert effective >= 0
    assert effective <= tariff * (1 + cooled / cop) + 1e-12


# --- emissions ----------------------------------------------------------------------------------------------


def test_emissions_by_hand() -> None:
    assert float(emissions_kg(1000, 380)) == 380
    assert emissions_kg([[100.0], [200.0]], [24.0, 400.0]).tolist() == [
        pytest.approx([2.4, 40]),
        pytest.approx([4.8, 80]),
    ]


def test_a_rented_gpu_uses_energy_with_its_share_of_machine_and_building() -> None:
    assert float(rented_energy_kwh(400, 1, 100)) == 40
    assert float(rented_energy_kwh(400, 1, 100, rest_w=100, pue=1.2)) == pytest.approx(60)
    # Who needs one GPU of eight and holds all eight uses the energy of all eight.
    assert float(rented_energy_kwh(400, 8, 100)) == pytest.approx(8 * 40)


# --- published bills of devices -----------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "usd_a_day"), [(4, 0.27), (8, 0.54), (12, 0.81), (24, 1.62)])
def test_a_card_of_450_watts_costs_what_a_published_calculator_says(hours: float, usd_a_day: float) -> None:
    assert float(energy_cost_usd(450, hours, 0.15)) == pytest.approx(usd_a_day, abs=0.005)


def test_other_published_bills_of_devices() -> None:
    # 10 kW all month of 720 hours at 19 cents; 450 W at 15 % of a year's hours: 591 kWh, 71 USD at 12 cents.
    assert float(energy_cost_usd(10_000, 720, 0.19)) == pytest.approx(1370, abs=3)
    assert float(energy_cost_usd(450, 0.15 * 8760, 1.0)) == pytest.approx(591, abs=0.5)
    assert float(energy_cost_usd(450, 0.15 * 8760, 0.12)) == pytest.approx(71, abs=0.5)


# --- input that is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (lambda: psu_efficiency(-0.1, GOLD), "load_fraction must be 0 or more, not -0.1"),
        (lambda: psu_efficiency(1.1, GOLD), "load_fraction is a fraction from 0 to 1, not 1.1"),
        (lambda: psu_efficiency(NAN, GOLD), "load_fraction must be finite, not nan"),
        (lambda: psu_efficiency(0.5, []), "points must be pairs, at least one, not "),
        (lambda: psu_efficiency(0.5, cast(list[tuple[float, float]], [0.9])), "points must be pairs"),
        (lambda: psu_efficiency(0.5, [(0.5, NAN)]), "points must be finite, not nan"),
        (lambda: psu_efficiency(0.5, [(0.5, 0.9), (0.5, 0.8)]), "points must not hold an argument twice"),
        (lambda: psu_efficiency(0.5, [(20, 0.9)]), "load_fraction is a fraction from 0 to 1, not 20"),
        (lambda: psu_efficiency(0.5, [(0.5, 90)]), "efficiency must be from 0.01 to 1, not 90"),
        (lambda: psu_efficiency(0.5, [(0.5, 0)]), "efficiency must be from 0.01 to 1, not 0"),
        (lambda: wall_power_w(900, 850, GOLD), "output_w must not exceed the rated 850 W, not 900"),
        (lambda: wall_power_w(1, 0, GOLD), "rated_w must be above 0, not 0"),
        (lambda: wall_power_w(1, 1e308, GOLD), r"rated_w must be from .* not 1e\+308"),
        (lambda: wall_power_w(1e308, 850, GOLD), r"output_w must be from 0 to 1e\+15, not 1e\+308"),
        (lambda: wall_power_w(1e-320, 1e-320, GOLD), "rated_w must be from"),
        (lambda: power_limited(200, 450, TRAINING), "limit_w must be at least 250, .*, not 200"),
        (lambda: power_limited(300, 150, TRAINING), "stock_w must be at least 250, .*, not 150"),
        (lambda: power_limited(-1, 450, TRAINING), "limit_w must be 0 or more, not -1"),
        (lambda: power_limited(INF, 450, TRAINING), "limit_w must be finite, not inf"),
        (lambda: power_limited(450, 450, []), "points must be pairs, at least one"),
        (lambda: power_limited(450, 450, [(450, 0)]), "relative_throughput must be from 1e-09 to .*, not 0"),
        (
            lambda: wall_power_at_limit_w(100, 450, 300, 0.9),
            "load_w must be at least the 166.667 W .* not 100",
        ),
        (lambda: wall_power_at_limit_w(650, 450, 300, 0), "efficiency must be from 0.01 to 1, not 0"),
        (lambda: wall_power_at_limit_w(650, 450, 300, 1.2), "efficiency must be from 0.01 to 1, not 1.2"),
        (lambda: wall_power_at_limit_w(NAN, 450, 300, 0.9), "load_w must be finite, not nan"),
        (lambda: climate_usd_per_kwh(NAN), "usd_per_kwh must be finite, not nan"),
        (lambda: climate_usd_per_kwh(0.3, 0), "cooling_cop must be from 0.1 to .*, not 0"),
        (lambda: climate_usd_per_kwh(0.3, 3, 1.2), "cooling_share_of_year is a fraction .*, not 1.2"),
        (lambda: climate_usd_per_kwh(0.3, 3, 0, -0.2), "heating_share_of_year must be 0 or more, not -0.2"),
        (lambda: climate_usd_per_kwh(0.3, 3, 0.7, 0.7), "must be at most 1 together, not 1.4"),
        (lambda: climate_usd_per_kwh(0.3, 3, 0, 1, -0.1), "heat_usd_per_kwh must be 0 or more, not -0.1"),
        (lambda: climate_usd_per_kwh(1e308), r"usd_per_kwh must be from .*, not 1e\+308"),
        (lambda: emissions_kg(-1, 1), "kwh must be 0 or more, not -1"),
        (lambda: emissions_kg(1, INF), "grams_per_kwh must be finite, not inf"),
        (lambda: emissions_kg(1e308, 1e308), r"kwh must be from 0 to 1e\+15, not 1e\+308"),
        (lambda: rented_energy_kwh(400, -1, 1), "gpus must be 0 or more, not -1"),
        (lambda: rented_energy_kwh(400, 1, 1, 0, 0.9), "pue must be from 1 to .*, not 0.9"),
        (lambda: rented_energy_kwh(400, 1, NAN), "hours must be finite, not nan"),
    ],
)
def test_a_power_that_makes_no_sense_is_refused_by_name(refused: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        refused()
