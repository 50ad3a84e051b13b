"""What the bundled tables say about each other and about the world."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pricing import load_offers

DATA = Path(__file__).resolve().parent.parent.parent / "data"


# Who sells machines by name; the others sell GPUs.
INSTANCES = ("aws", "azure", "gcp", "github", "lambda")


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows, f"{name} is empty"
    return rows


def test_an_offer_has_the_shape_of_its_instance_type() -> None:
    shape = ("gpu", "gpu_count", "vram_gb", "vcpus", "ram_gb", "access")
    instances = {(row["provider"], row["instance_type"]): row for row in _rows("instances.csv")}
    offers = [row for row in _rows("offers.csv") if row["provider"] in INSTANCES]
    assert offers
    for offer in offers:
        instance = instances[offer["provider"], offer["instance_type"]]
        assert [offer[name] for name in shape] == [instance[name] for name in shape], offer


def test_a_bundled_price_in_dollars_is_listed_as_what_it_is() -> None:
    offers = load_offers()
    in_usd = offers[offers["listed_currency"] == "USD"]
    assert len(in_usd) > 800
    assert (in_usd["listed_per_hour"] == in_usd["usd_per_hour"]).all()


def test_a_bundled_offer_of_hosts_names_their_tier() -> None:
    tiers = {"runpod": {"secure", "community"}, "vast": {"verified", "unverified", ""}}
    offers = [row for row in _rows("offers.csv") if row["provider"] in tiers]
    assert {row["provider"] for row in offers} == set(tiers)
    for row in offers:
        assert row["tier"] in tiers[row["provider"]], row
        assert row["tier"] in row["instance_type"], row


def test_community_hosts_cost_less_than_secure_ones() -> None:
    usd = {row["instance_type"]: float(row["usd_per_hour"]) for row in _rows("offers.csv")}
    both = [name for name in usd if name.endswith(" secure") and name.replace("secure", "community") in usd]
    assert len(both) > 10
    for name in both:
        assert usd[name.replace("secure", "community")] < usd[name], name


def test_an_hour_of_a_runner_is_sixty_of_its_minutes() -> None:
    minute = {row["sku"]: float(row["usd_per_minute"]) for row in _rows("actions_runners.csv")}
    runners = [row for row in _rows("offers.csv") if row["provider"] == "github"]
    assert {row["instance_type"] for row in runners} == {"linux_4_core_gpu", "windows_4_core_gpu"}
    for row in runners:
        assert float(row["usd_per_hour"]) == pytest.approx(60 * minute[row["instance_type"]]), row


def test_every_region_of_an_offer_is_on_the_map() -> None:
    mapped = {(row["provider"], row["region"]) for row in _rows("regions.csv")}
    offers = load_offers()
    used = set(zip(offers["provider"], offers["region"], strict=True))
    assert used
    assert used <= mapped


def test_only_government_clouds_are_marked_as_such() -> None:
    marked = {row["region"] for row in _rows("regions.csv") if row["government"] == "yes"}
    assert marked == {row["region"] for row in _rows("regions.csv") if "gov" in row["region"]}
    assert "us-gov-west-1" in marked


def test_every_offered_gpu_has_a_speed_or_a_stand_in_that_has_one() -> None:
    stand_ins = {row["gpu"]: row["throughput_gpu"] for row in _rows("gpus.csv")}
    measured = {row["gpu"] for row in _rows("throughput.csv")}
    offered = set(load_offers()["gpu"])
    assert offered
    assert {stand_ins[gpu] or gpu for gpu in offered} <= measured


def test_a_stand_in_is_never_named_for_a_gpu_with_its_own_speed() -> None:
    measured = {row["gpu"] for row in _rows("throughput.csv")}
    with_stand_in = {row["gpu"] for row in _rows("gpus.csv") if row["throughput_gpu"]}
    assert with_stand_in
    assert not with_stand_in & measured


def test_the_rtx_4090_is_the_unit_of_speed() -> None:
    own = [row for row in _rows("throughput.csv") if row["gpu"] == "RTX 4090"]
    assert own
    assert {float(row["relative_throughput"]) for row in own} == {1.0}


# A card into a PC that is there already: the rest of the machine is neither bought nor sold.
UPGRADES = {
    "rtx4090_card_only_used_2026_usd": ["gpu"],
    "rtx4090_card_and_psu_used_2026_usd": ["gpu", "psu"],
}


def _complete_builds() -> dict[str, dict[str, dict[str, str]]]:
    """Part by part what can be bought as a whole."""
    builds: dict[str, dict[str, dict[str, str]]] = {}
    for row in _rows("builds.csv"):
        if row["role"] == "complete":
            builds.setdefault(row["build"], {})[row["part"]] = row
    return builds


def test_a_complete_machine_has_every_part_once_and_a_disk() -> None:
    machines = {build: set(parts) for build, parts in _complete_builds().items() if build not in UPGRADES}
    assert {"rtx4090_ws_2023-12_usd", "rtx4090_ws_2025-07_usd", "rtx4090_used_ws_2026_usd"} <= set(machines)
    for build, names in machines.items():
        assert names >= {"gpu", "cpu", "motherboard", "memory", "psu", "case", "cooler"}, build
        assert any(name.startswith("ssd") for name in names), build


def test_an_upgrade_is_parts_of_the_whole_machine_at_the_same_prices() -> None:
    builds = _complete_builds()
    whole = builds["rtx4090_used_ws_2026_usd"]
    for build, names in UPGRADES.items():
        assert sorted(builds[build]) == names
        for name, row in builds[build].items():
            assert row | {"build": ""} == whole[name] | {"build": ""}, (build, name)


def test_a_complete_machine_is_priced_in_one_currency_and_has_a_known_gpu() -> None:
    complete = [row for row in _rows("builds.csv") if row["role"] == "complete"]
    assert complete
    for row in complete:
        assert bool(row["price_eur"]) == ("_eur" in row["build"]), row
        assert bool(row["gpu"]) == (row["part"] == "gpu"), row


def test_a_part_has_one_price() -> None:
    for row in _rows("builds.csv"):
        assert bool(row["price_usd"]) != bool(row["price_eur"]), row


def test_a_fraction_of_an_a10_has_its_share_of_the_memory() -> None:
    fractions = {
        (row["gpu_count"], row["vram_gb"])
        for row in _rows("offers.csv")
        if row["gpu"] == "A10" and float(row["gpu_count"]) < 1
    }
    assert fractions == {("0.1667", "4"), ("0.3333", "8"), ("0.5", "12")}


def test_a_commitment_is_paid_around_the_clock_for_its_term() -> None:
    months = {"reserved_1y": "12", "reserved_3y": "36"}
    commitments = [row for row in _rows("offers.csv") if row["term"] in months]
    assert commitments
    for row in commitments:
        assert row["committed_hours_per_month"] == "730"
        assert row["commitment_months"] == months[row["term"]]


def test_download_tiers_start_at_nothing_and_rise() -> None:
    tiers: dict[tuple[str, str], list[float]] = {}
    for row in _rows("egress.csv"):
        tiers.setdefault((row["provider"], row["region"]), []).append(float(row["from_gb_per_month"]))
    assert tiers
    for place, starts in tiers.items():
        assert starts[0] == 0, place
        assert starts == sorted(set(starts)), place


@pytest.mark.parametrize("name", ["storage.csv", "egress.csv"])
def test_the_rows_that_stand_in_for_other_regions_come_first(name: str) -> None:
    first: dict[str, str] = {}
    for row in _rows(name):
        first.setdefault(row["provider"], row["region"])
    assert first == {
        "*": "global",
        "aws": "us-east-1",
        "azure": "eastus",
        "colab": "global",
        "gcp": "us-central1",
    }


def test_an_assumption_lies_within_its_own_range() -> None:
    for row in _rows("assumptions.csv"):
        assert float(row["low"]) <= float(row["value"]) <= float(row["high"]), row


def test_a_power_lies_within_its_own_range() -> None:
    for row in _rows("workstation_power.csv"):
        assert float(row["low_w"]) <= float(row["typical_w"]) <= float(row["high_w"]), row


def test_a_price_listed_in_dollars_is_not_converted() -> None:
    listed = [row for row in _rows("electricity.csv") if row["listed_currency"] == "USD"]
    assert listed
    for row in listed:
        assert row["usd_per_kwh"] == row["listed_price_per_kwh"], row


def test_a_resale_fraction_is_the_price_over_the_launch_price() -> None:
    for row in _rows("resale.csv"):
        fraction = float(row["price_usd"]) / float(row["launch_price_usd"])
        assert float(row["fraction_of_launch_price"]) == pytest.approx(fraction, abs=2e-3), row


def test_a_rented_accelerator_of_colab_is_the_gpu_that_its_alias_says() -> None:
    aliases = {row["alias"]: row["gpu"] for row in _rows("gpu_aliases.csv") if row["provider"] == "colab"}
    with_gpu = [row for row in _rows("colab_rates.csv") if row["gpu"]]
    assert with_gpu
    for row in with_gpu:
        assert row["gpu"] == aliases[row["accelerator"]], row


def test_a_name_that_leaves_the_form_open_is_a_proxy_and_says_so() -> None:
    open_names = [row for row in _rows("gpu_aliases.csv") if row["form_stated"] == "no"]
    assert open_names
    for row in open_names:
        assert row["note"].startswith("proxy: "), row


def test_every_gpu_that_a_refresh_can_bring_has_price_bounds() -> None:
    bounded = {row["gpu"] for row in _rows("price_bounds.csv")}
    assert {row["gpu"] for row in _rows("instances.csv")} <= bounded
    assert set(load_offers()["gpu"]) <= bounded


def test_bundled_prices_lie_far_within_the_bounds() -> None:
    bounds = {row["gpu"]: row for row in _rows("price_bounds.csv")}
    offers = load_offers()
    paid = offers[offers["usd_per_hour"] > 0]
    assert len(paid) > 800
    # The bounds have two digits.
    rounding = 1.05
    for gpu, usd in (paid["usd_per_hour"] / paid["gpu_count"]).groupby(paid["gpu"]):
        assert float(bounds[str(gpu)]["low_usd_per_gpu_hour"]) <= usd.min() / 3 * rounding, gpu
        assert float(bounds[str(gpu)]["high_usd_per_gpu_hour"]) >= usd.max() * 5 / rounding, gpu


def test_the_table_that_carries_foreign_terms_says_so() -> None:
    # Share-alike rows keep their licence: whoever passes them on must be able to find them.
    shared = [row for row in _rows("offers.csv") if "CC BY-SA 4.0" in row["source"]]
    assert shared
    assert f"{len(shared)} rows" in (DATA / "README.md").read_text()


def test_a_power_limit_never_makes_a_gpu_faster_and_the_stock_limit_is_the_unit() -> None:
    board_w = {row["gpu"]: float(row["board_power_w"]) for row in _rows("gpus.csv")}
    curves: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for row in _rows("power_limits.csv"):
        point = float(row["power_limit_w"]), float(row["relative_throughput"])
        curves.setdefault((row["gpu"], row["curve"]), []).append(point)
    for (gpu, curve), points in curves.items():
        speeds = [speed for _, speed in sorted(points)]
        assert speeds == sorted(speeds), (gpu, curve)
        assert max(points)[0] <= board_w[gpu], (gpu, curve)
        assert all(speed <= 1 for speed in speeds), (gpu, curve)
        assert all(speed == 1 for watts, speed in points if watts == board_w[gpu]), (gpu, curve)


def test_the_limits_that_the_model_offers_are_on_both_planning_curves() -> None:
    for curve in ("training", "decode"):
        limits = {
            row["power_limit_w"]
            for row in _rows("power_limits.csv")
            if (row["gpu"], row["curve"]) == ("RTX 4090", curve)
        }
        assert limits == {"450", "400", "350", "300", "250"}, curve


def test_a_power_supply_is_best_at_half_load_and_on_high_mains_voltage() -> None:
    labels: dict[tuple[str, str], dict[str, float]] = {}
    for row in _rows("psu_efficiency.csv"):
        of_label = labels.setdefault((row["grade"], row["volts"]), {})
        of_label[row["load_fraction"]] = float(row["efficiency_fraction"])
    assert {volts for _, volts in labels} == {"115", "230"}
    for (grade, volts), points in labels.items():
        assert set(points) >= {"0.2", "0.5", "1"}, (grade, volts)
        assert max(points, key=lambda load: points[load]) == "0.5", (grade, volts)
        if volts == "230":
            assert all(points[load] >= labels[grade, "115"][load] for load in points), grade


def test_a_better_grade_of_power_supply_wastes_no_more() -> None:
    half_load = {
        (row["volts"], row["grade"]): float(row["efficiency_fraction"])
        for row in _rows("psu_efficiency.csv")
        if row["load_fraction"] == "0.5"
    }
    for volts in ("115", "230"):
        grades = [half_load[volts, grade] for grade in ("bronze", "gold", "platinum", "titanium")]
        assert grades == sorted(grades), volts


# Nothing was found for these, and the euro area and the European Union are no countries.
WITHOUT_CARBON = {"EA", "EU27", "LI", "XK"}


def test_every_country_with_a_tariff_has_a_carbon_intensity() -> None:
    known = {row["country"] for row in _rows("carbon.csv")}
    tariffs = {row["country"] for row in _rows("electricity.csv")}
    without = {country for country in tariffs if {country, country.partition("-")[0]}.isdisjoint(known)}
    assert without == WITHOUT_CARBON


def test_every_state_with_a_tariff_has_its_own_carbon_intensity() -> None:
    known = {row["country"] for row in _rows("carbon.csv")}
    states = {row["country"] for row in _rows("electricity.csv") if row["country"][:3] == "US-"}
    assert len(states) > 51
    # A utility's tariff is not a state: it takes the country's.
    assert states - known == {"US-CA-PGE"}


def test_a_carbon_intensity_of_a_state_is_its_pounds_converted() -> None:
    states = [row for row in _rows("carbon.csv") if "-" in row["country"]]
    assert states
    for row in states:
        pounds = float(row["note"].split()[0])
        assert float(row["grams_co2_per_kwh"]) == pytest.approx(pounds * 0.45359237, abs=0.051), row


def test_a_carbon_intensity_is_in_grams() -> None:
    grams = sorted(float(row["grams_co2_per_kwh"]) for row in _rows("carbon.csv"))
    assert 200 < grams[len(grams) // 2] < 700
    assert grams[-1] < 1500


EUROPEAN_UNION = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"


def test_every_member_of_the_european_union_has_a_value_added_tax_of_at_least_15_percent() -> None:
    rates = {row["country"]: float(row["vat_fraction"]) for row in _rows("vat.csv")}
    members = EUROPEAN_UNION.split()
    assert len(members) == 27
    assert all(rates[country] >= 0.15 for country in members)
    assert "US" not in rates


def test_borrowing_costs_more_than_saving_brings() -> None:
    rates: dict[str, dict[bool, list[float]]] = {}
    for row in _rows("interest.csv"):
        is_saving = "savings" in row["item"] or "deposit" in row["item"]
        of_country = rates.setdefault(row["country"], {True: [], False: []})
        of_country[is_saving].append(float(row["yearly_rate_fraction"]))
    assert set(rates) == {"DE", "US"}
    for country, of_country in rates.items():
        assert max(of_country[True]) < min(of_country[False]), country


def test_a_tax_rule_says_its_unit() -> None:
    for row in _rows("tax_rules.csv"):
        assert row["rule"].endswith(("_usd", "_gbp", "_fraction", "_years")), row


def test_a_standard_runner_uses_included_minutes_and_is_free_in_public_a_larger_one_neither() -> None:
    rows = _rows("actions_runners.csv")
    standard = {row["sku"] for row in rows if row["included_minutes_apply"] == "yes"}
    assert standard == {"linux_slim", "linux", "windows", "macos"}
    assert standard == {row["sku"] for row in rows if row["free_in_public"] == "yes"}


def test_a_runner_is_named_after_its_system() -> None:
    for row in _rows("actions_runners.csv"):
        assert row["sku"].split("_")[0] == row["system"], row
        assert row["label"].lower().startswith(row["system"]), row


def test_a_larger_runner_of_the_same_kind_costs_more_a_minute() -> None:
    usd = {row["sku"]: float(row["usd_per_minute"]) for row in _rows("actions_runners.csv")}
    for kind in ("linux_{}_core", "linux_{}_core_arm", "windows_{}_core", "windows_{}_core_arm"):
        prices = [usd[kind.format(cores)] for cores in (4, 8, 16, 32, 64)]
        assert prices == sorted(set(prices)), kind


def test_only_the_gpu_runners_have_a_gpu() -> None:
    rows = _rows("actions_runners.csv")
    assert {row["sku"]: row["gpu"] for row in rows if row["gpu"]} == {
        "linux_4_core_gpu": "T4",
        "windows_4_core_gpu": "T4",
    }


def test_a_larger_plan_never_includes_less() -> None:
    plans = {row["plan"]: row for row in _rows("actions_plans.csv")}
    assert set(plans) == {"free", "pro", "team", "enterprise_cloud"}
    for column in ("included_minutes_per_month", "storage_gb"):
        amounts = [float(plans[plan][column]) for plan in ("free", "pro", "team", "enterprise_cloud")]
        assert amounts == sorted(amounts), column


def test_the_exchange_rates_are_of_one_day_and_one_source_and_the_euro_is_one() -> None:
    rows = _rows("currencies.csv")
    assert len(rows) > 25
    assert len({(row["as_of"], row["source"], row["kind"]) for row in rows}) == 1
    rates = {row["currency"]: float(row["units_per_eur"]) for row in rows}
    assert rates["EUR"] == 1
    assert {"USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD", "INR"} <= set(rates)


def test_an_exchange_rate_is_of_the_size_that_everybody_knows() -> None:
    rates = {row["currency"]: float(row["units_per_eur"]) for row in _rows("currencies.csv")}
    for currency, low, high in (("USD", 0.9, 1.4), ("GBP", 0.7, 1), ("CHF", 0.8, 1.2), ("JPY", 100, 220)):
        assert low < rates[currency] < high, currency
    # The Danish krone is tied to the euro at 7.46038, within 2.25 %.
    assert rates["DKK"] == pytest.approx(7.46038, rel=0.0225)


def test_every_country_with_a_tariff_or_a_tax_has_a_currency() -> None:
    countries = {row["country"] for row in _rows("countries.csv")}
    tariffs = {row["country"].partition("-")[0] for row in _rows("electricity.csv")}
    assert countries == tariffs | {row["country"] for row in _rows("vat.csv")}


def test_the_euro_is_the_currency_of_the_euro_area_and_of_no_neighbour_with_its_own() -> None:
    currencies = {row["country"]: row["currency"] for row in _rows("countries.csv")}
    # Bulgaria is the youngest of its 21 members, since 2026.
    area = {"AT", "BE", "BG", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "HR"}
    area |= {"IE", "IT", "LT", "LU", "LV", "MT", "NL", "PT", "SI", "SK"}
    assert len(area) == 21
    assert {currencies[country] for country in area} == {"EUR"}
    others = {country for country, currency in currencies.items() if currency == "EUR"} - area
    assert others == {"EA", "EU27", "ME", "XK"}


def test_a_currency_is_a_code_of_three_letters_everywhere() -> None:
    codes = {row["currency"] for name in ("countries.csv", "currencies.csv") for row in _rows(name)}
    assert codes > {"USD", "EUR"}
    assert [code for code in codes if len(code) != 3 or not code.isascii() or not code.isupper()] == []
