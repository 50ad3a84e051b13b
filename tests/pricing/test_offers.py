"""The gate: what an offers table must be to get in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pandas as pd
import pytest

from pricing import OFFER_COLUMNS, check_offers, load_offers

TODAY = date(2026, 11, 23)
KEY = "provider 'gcp', region 'us-central1', term 'on_demand', instance_type 'g2-standard-4'"


def _offers() -> pd.DataFrame:
    """Two offers as the gate wants them, the second a commitment."""
    on_demand = {
        "provider": "gcp",
        "instance_type": "g2-standard-4",
        "gpu": "L4",
        "gpu_count": 1.0,
        "vram_gb": 24.0,
        "vcpus": 4.0,
        "ram_gb": 16.0,
        "region": "us-central1",
        "term": "on_demand",
        "access": "vm",
        "usd_per_hour": 0.7,
        "billing_increment_s": 1.0,
        "minimum_billing_s": 60.0,
        "kind": "published",
        "as_of": "2026-11-23",
        "source": "a price list",
        "tier": "",
        "listed_currency": "USD",
        "listed_per_hour": 0.7,
    }
    reserved = on_demand | {
        "term": "reserved_1y",
        "usd_per_hour": 0.5,
        "listed_per_hour": 0.5,
        "committed_hours_per_month": 730.0,
        "commitment_months": 12.0,
    }
    frame = pd.DataFrame([on_demand, reserved], columns=list(OFFER_COLUMNS))
    unknown = [name for name in OFFER_COLUMNS if frame[name].isna().all()]
    return frame.astype(dict.fromkeys(unknown, "float64"))


def _with(column: str, value: str | float, row: int = 0) -> pd.DataFrame:
    frame = _offers()
    frame.loc[row, column] = value
    return frame


def test_a_sound_table_passes_unchanged() -> None:
    offers = _offers()
    pd.testing.assert_frame_equal(check_offers(offers, today=TODAY), offers)


def test_the_bundled_table_passes() -> None:
    offers = load_offers()
    assert len(offers) > 800
    check_offers(offers)


def test_a_table_without_rows_passes() -> None:
    assert check_offers(_offers().iloc[:0], today=TODAY).empty


def test_a_free_offer_may_cost_nothing() -> None:
    free = _with("usd_per_hour", 0.0)
    free.loc[0, "listed_per_hour"] = 0.0
    free.loc[0, "term"] = "free"
    check_offers(free, today=TODAY)


@pytest.mark.parametrize("tier", ["", "secure", "verified"])
def test_a_provider_may_have_tiers_or_none(tier: str) -> None:
    check_offers(_with("tier", tier), today=TODAY)


@pytest.mark.parametrize(
    "column",
    [
        "storage_usd_per_gb_month",
        "stopped_storage_usd_per_gb_month",
        "upload_usd_per_gb",
        "download_usd_per_gb",
    ],
)
def test_a_host_may_give_disk_and_traffic_away(column: str) -> None:
    check_offers(_with(column, 0.0), today=TODAY)


def test_a_price_may_be_listed_in_another_currency() -> None:
    in_euros = _with("listed_currency", "EUR")
    in_euros.loc[0, "listed_per_hour"] = 0.6
    check_offers(in_euros, today=TODAY)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("usd_per_hour", 0.0, "usd_per_hour is 0.0"),
        ("usd_per_hour", -0.7, "usd_per_hour is -0.7"),
        ("usd_per_hour", float("inf"), "usd_per_hour is inf"),
        ("usd_per_hour", float("nan"), "usd_per_hour is empty"),
        ("vram_gb", 0.0, "vram_gb is 0.0"),
        ("vram_gb", float("nan"), "vram_gb is empty"),
        ("gpu_count", 0.0, "gpu_count is 0.0"),
        ("vcpus", -4.0, "vcpus is -4.0"),
        ("billing_increment_s", 0.0, "billing_increment_s is 0.0"),
        ("interruptions_per_hour", -0.1, "interruptions_per_hour is -0.1"),
        ("gpu", "", "gpu is ''"),
        ("source", " ", "source is ' '"),
        ("kind", "guess", "kind is 'guess'"),
        ("access", "desktop", "access is 'desktop'"),
        ("as_of", "2026-11-24", "as_of is '2026-11-24'"),
        ("as_of", "2026-9-01", "as_of is '2026-9-01'"),
        ("as_of", "2026-09", "as_of is '2026-09'"),
        ("hosts", 0.0, "hosts is 0.0"),
        ("hosts", -3.0, "hosts is -3.0"),
        ("storage_usd_per_gb_month", -0.1, "storage_usd_per_gb_month is -0.1"),
        ("stopped_storage_usd_per_gb_month", float("inf"), "stopped_storage_usd_per_gb_month is inf"),
        ("upload_usd_per_gb", -0.01, "upload_usd_per_gb is -0.01"),
        ("download_usd_per_gb", -0.01, "download_usd_per_gb is -0.01"),
        ("tier", " secure", "tier is ' secure'"),
        ("listed_currency", "", "listed_currency is ''"),
        ("listed_currency", "euro", "listed_currency is 'euro'"),
        ("listed_currency", "EUR ", "listed_currency is 'EUR '"),
        ("listed_currency", "EUR\n", r"listed_currency is 'EUR\n'"),
        ("listed_per_hour", 0.0, "listed_per_hour is 0.0"),
        ("listed_per_hour", -0.7, "listed_per_hour is -0.7"),
        ("listed_per_hour", float("nan"), "listed_per_hour is empty"),
    ],
)
def test_a_wrong_cell_is_refused_with_its_column_value_and_row(
    column: str, value: str | float, said: str
) -> None:
    with pytest.raises(ValueError, match=r"^offers: ") as refusal:
        check_offers(_with(column, value), today=TODAY)
    sentence = str(refusal.value)
    assert sentence.startswith(f"offers: {said} in the row of {KEY}; allowed is ")
    assert "\n" not in sentence


def test_an_unknown_term_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"term is 'hourly'.*allowed is one of on_demand, spot, reserved_1y"):
        check_offers(_with("term", "hourly"), today=TODAY)


@pytest.mark.parametrize("column", ["committed_hours_per_month", "commitment_months"])
def test_a_commitment_says_how_much_and_how_long(column: str) -> None:
    with pytest.raises(ValueError, match=rf"{column} is empty.*reserved_1y.*for every commitment"):
        check_offers(_with(column, float("nan"), row=1), today=TODAY)


@pytest.mark.parametrize("column", ["pack_usd", "pack_hours"])
def test_a_prepaid_offer_says_what_the_pack_costs_and_holds(column: str) -> None:
    prepaid = _with("term", "prepaid")
    prepaid.loc[0, ["pack_usd", "pack_hours"]] = [9.99, 18.6]
    check_offers(prepaid, today=TODAY)
    prepaid.loc[0, column] = float("nan")
    with pytest.raises(ValueError, match=rf"{column} is empty.*for every prepaid offer"):
        check_offers(prepaid, today=TODAY)


def test_one_instance_type_has_one_price_in_a_region_and_term() -> None:
    twice = pd.concat([_offers(), _offers().iloc[:1]], ignore_index=True)
    with pytest.raises(ValueError, match=r"instance_type is 'g2-standard-4'.*allowed is one row for each"):
        check_offers(twice, today=TODAY)


Change = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda frame: frame.drop(columns="vcpus"), "column 'vcpus' is missing"),
        (lambda frame: frame.assign(currency="USD"), "column 'currency' is unknown"),
        (lambda frame: frame[[*OFFER_COLUMNS[1:], "provider"]], "column 'instance_type' is out of place"),
        (lambda frame: frame.astype({"gpu_count": "int64"}), "column 'gpu_count' holds int64"),
        (lambda frame: frame.assign(as_of=pd.to_datetime(frame["as_of"])), "column 'as_of' holds datetime"),
    ],
)
def test_the_columns_their_order_and_their_types_are_fixed(change: Change, said: str) -> None:
    with pytest.raises(ValueError, match=r"^offers: ") as refusal:
        check_offers(change(_offers()), today=TODAY)
    assert said in str(refusal.value)
    assert "allowed" in str(refusal.value)


def test_the_row_is_found_whatever_the_index_says() -> None:
    offers = _with("usd_per_hour", -1.0, row=1)
    offers.index = pd.Index([7, 7])
    with pytest.raises(ValueError, match=r"usd_per_hour is -1\.0.*term 'reserved_1y'"):
        check_offers(offers, today=TODAY)
