"""What an offer's price includes, and what disks and traffic cost beside it."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import Comparison, Scenario, compare

Offers = Callable[..., pd.DataFrame]
Row = Callable[..., dict[str, Any]]

HOURS_A_MONTH = 25.5 * 730 / 168
# data/storage.csv and data/egress.csv; the last for a provider without a row
AWS_STORAGE, AWS_EGRESS, AWS_FREE_GB = 0.08, 0.09, 100
ANY_STORAGE = 0.02
# What an offer with prices of its own charges.
OWN_PRICES: dict[str, object] = {
    "instance_type": "own prices",
    "storage_usd_per_gb_month": 0.10,
    "stopped_storage_usd_per_gb_month": 0.20,
    "upload_usd_per_gb": 0.01,
    "download_usd_per_gb": 0.03,
}
OWN_OFFER: dict[str, object] = {
    "name": "the lab's",
    "gpu": "Cluster GPU",
    "usd_per_hour": 0.6,
    "vram_gb": 40,
    "access": "container",
    "relative_throughput": 1.5,
    "storage_usd_per_gb_month": 0.05,
    "egress_usd_per_gb": 0.02,
    "billing_increment_s": 3600,
    "minimum_billing_s": 3600,
}


def _ask(**sections: dict[str, object]) -> Scenario:
    return Scenario.model_validate(sections)


def _beside_usd(row: dict[str, Any]) -> float:
    """What a month costs beside the hours at a dollar."""
    return float(row["monthly_usd"]) - HOURS_A_MONTH


def _said(comparison: Comparison, row_of: Row, **columns: object) -> str:
    return str(row_of(comparison, **columns)["what_you_get"])


# --- in words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offer", "said"),
    [
        (
            # data/instances.csv: 4 vCPUs and 16 GB; its disk and its downloads as above.
            {"instance_type": "g5.xlarge", "region": "us-east-1", "term": "on_demand"},
            "a machine of your own; 4 vCPUs and 16 GB RAM; "
            "disk $0.08 a GB-month, download $0.09 a GB after 100 GB; billed by 1 s, at least 1 min",
        ),
        (
            {"instance_type": "A100 40GB, Pay As You Go 100"},
            "a notebook; disk $0.02 a GB-month, download free; units by the pack, valid 90 days",
        ),
        (
            # Stopped it charges the double, and it is stopped most of the month.
            {"instance_type": "RTX 4090 secure"},
            "a container of the tier secure; disk $0.2 a GB-month, download free; "
            "billed by 1 s, at least 1 min",
        ),
        (
            {"instance_type": "linux_4_core_gpu"},
            "a CI runner; 4 vCPUs and 28 GB RAM; disk $0.02 a GB-month, download free; "
            "billed by 1 min, at least 1 min",
        ),
    ],
)
def test_what_an_hour_buys_by_hand(
    bundled: pd.DataFrame, row_of: Row, offer: dict[str, object], said: str
) -> None:
    assert _said(compare(Scenario(), bundled), row_of, **offer) == said


def test_what_an_own_rate_buys(offers_of: Offers, row_of: Row) -> None:
    comparison = compare(_ask(rental={"own_offers": [OWN_OFFER]}), offers_of({}))
    assert _said(comparison, row_of, provider="own rate") == (
        "a container; disk $0.05 a GB-month, download $0.02 a GB; billed by 1 h, at least 1 h"
    )
    bare = compare(_ask(rental={"own_offers": [{"gpu": "RTX 4090", "usd_per_hour": 1}]}), offers_of({}))
    assert _said(bare, row_of, provider="own rate").startswith(
        "a machine of your own; disk $0.02 a GB-month, download free; billed by"
    )


@pytest.mark.parametrize(
    ("offer", "said"),
    [
        ({"tier": "verified", "hosts": 21.0}, "a machine of your own of the tier verified; one of 21 hosts"),
        ({"vcpus": 4.0}, "a machine of your own; disk"),  # half a machine is not said
        ({"ram_gb": 16.0}, "a machine of your own; disk"),
        (OWN_PRICES, "disk $0.2 a GB-month, download $0.03 a GB, upload $0.01 a GB; billed"),
        ({"term": "reserved_1y", "commitment_months": 12.0}, "signed for 12 months"),
        ({"billing_increment_s": 90.0, "minimum_billing_s": 5400.0}, "billed by 1.5 min, at least 1.5 h"),
        ({"billing_increment_s": 1.0, "minimum_billing_s": 0.0}, "billed by 1 s"),
    ],
)
def test_a_line_says_what_is_known(
    offers_of: Offers, row_of: Row, offer: dict[str, object], said: str
) -> None:
    line = _said(compare(Scenario(), offers_of(offer)), row_of, provider="aws")
    assert said in line
    assert "nan" not in line


def test_every_bundled_offer_says_what_one_gets(bundled: pd.DataFrame) -> None:
    table = compare(Scenario(), bundled).table
    lines = table["what_you_get"].iloc[1:]
    assert len(lines) == len(bundled)
    assert lines.str.contains(r"^a .*; disk \$[\d.]+ a GB-month, download .*; [a-z]").all()
    assert not lines.str.contains("nan|inf").any()
    assert table["what_you_get"].iloc[0] == "the machine, all week"


# --- tier and hosts in the table ----------------------------------------------------------------------------


def test_tier_and_hosts_stand_in_the_table(offers_of: Offers, row_of: Row) -> None:
    offers = offers_of(
        {"provider": "vast", "region": "global", "tier": "verified", "hosts": 21.0},
        {"instance_type": "no tier"},
    )
    comparison = compare(Scenario(), offers)
    assert row_of(comparison, provider="vast")["tier"] == "verified"
    assert row_of(comparison, provider="vast")["hosts"] == 21
    for without in (row_of(comparison, provider="aws"), row_of(comparison, provider="own")):
        assert without["tier"] == ""
        assert math.isnan(without["hosts"])


def test_secure_and_community_are_two_offers(bundled: pd.DataFrame, row_of: Row) -> None:
    comparison = compare(Scenario(), bundled)
    secure, community = (
        row_of(comparison, provider="runpod", gpu="RTX 4090", tier=tier) for tier in ("secure", "community")
    )
    assert secure["listed_per_hour"] == 0.74
    assert community["listed_per_hour"] == 0.34
    assert secure["considered"]
    assert community["considered"]


# --- an offer's own prices of disks and traffic -------------------------------------------------------------


def test_own_prices_are_charged_and_others_pay_their_providers(offers_of: Offers, row_of: Row) -> None:
    work: dict[str, object] = {"storage_gb": 50, "download_gb_per_month": 150, "upload_gb_per_month": 70}
    comparison = compare(_ask(workload=work), offers_of({}, OWN_PRICES))
    # The disk at the dearer of its two prices: between sessions the machine is stopped.
    own = _beside_usd(row_of(comparison, instance_type="own prices"))
    assert own == pytest.approx(50 * 0.20 + 150 * 0.03 + 70 * 0.01)
    # Nobody says that AWS charges what is sent there.
    plain = _beside_usd(row_of(comparison, instance_type="plain"))
    assert plain == pytest.approx(50 * AWS_STORAGE + (150 - AWS_FREE_GB) * AWS_EGRESS)


@pytest.mark.parametrize(
    ("running", "stopped", "paid"),
    [(0.10, 0.20, 0.20), (0.20, 0.10, 0.20), (0.15, None, 0.15), (0.0, 0.0, 0.0), (0.0, None, 0.0)],
)
def test_the_dearer_of_running_and_stopped_counts_all_month(
    offers_of: Offers, row_of: Row, running: float, stopped: float | None, paid: float
) -> None:
    offer = {"storage_usd_per_gb_month": running, "stopped_storage_usd_per_gb_month": stopped}
    row = row_of(compare(Scenario(), offers_of(offer)), provider="aws")
    assert _beside_usd(row) == pytest.approx(100 * paid)


def test_each_price_that_is_missing_is_the_providers(offers_of: Offers, row_of: Row) -> None:
    offers = offers_of(
        {"instance_type": "disk only", "storage_usd_per_gb_month": 0.5},
        {"instance_type": "download only", "download_usd_per_gb": 0.5},
        {"instance_type": "upload only", "upload_usd_per_gb": 0.5},
    )
    work: dict[str, object] = {"storage_gb": 10, "download_gb_per_month": 110, "upload_gb_per_month": 4}
    comparison = compare(_ask(workload=work), offers)
    storage_usd, download_usd = 10 * AWS_STORAGE, 10 * AWS_EGRESS
    for name, beside_usd in (
        ("disk only", 10 * 0.5 + download_usd),
        ("download only", storage_usd + 110 * 0.5),
        ("upload only", storage_usd + download_usd + 4 * 0.5),
    ):
        assert _beside_usd(row_of(comparison, instance_type=name)) == pytest.approx(beside_usd), name


def test_a_provider_without_any_price_takes_the_assumed_one(offers_of: Offers, row_of: Row) -> None:
    offers = offers_of({"provider": "vast", "region": "global"})
    row = row_of(compare(_ask(workload={"upload_gb_per_month": 1000}), offers), provider="vast")
    assert _beside_usd(row) == pytest.approx(100 * ANY_STORAGE)


def test_the_receipt_tells_what_is_sent_where_it_is_charged(offers_of: Offers) -> None:
    sent: dict[str, object] = {"upload_gb_per_month": 70}
    for work, offer, detail, usd in (
        (sent, OWN_PRICES, "20 GB a month and 70 GB sent", 20 * 0.03 + 70 * 0.01),
        ({}, OWN_PRICES, "20 GB a month", 20 * 0.03),
        (sent, OWN_PRICES | {"upload_usd_per_gb": None}, "20 GB a month", 20 * 0.03),
    ):
        receipt = compare(_ask(workload=work), offers_of(offer)).receipt.set_index("component")
        assert receipt.loc["egress", "detail"] == detail
        assert receipt.loc["egress", "total_usd"] == pytest.approx(36 * usd)


def test_prices_of_its_own_are_not_borrowed(offers_of: Offers) -> None:
    elsewhere = {"region": "us-west-1"}  # data/storage.csv has no row of it
    for offer, is_borrowed in ((elsewhere, True), (elsewhere | OWN_PRICES, False)):
        notes = compare(Scenario(), offers_of(offer)).judgement.notes
        assert any("borrowed or assumed" in note for note in notes) == is_borrowed


@settings(max_examples=60, deadline=None)
@given(
    upload=st.floats(0, 1e4),
    more=st.floats(0, 1e4),
    price=st.floats(0, 1),
    storage=st.floats(0, 1),
    stopped=st.floats(0, 1),
)
def test_more_sent_and_dearer_disks_never_cost_less(
    offers_of: Offers, upload: float, more: float, price: float, storage: float, stopped: float
) -> None:
    offer = OWN_PRICES | {
        "upload_usd_per_gb": price,
        "storage_usd_per_gb_month": storage,
        "stopped_storage_usd_per_gb_month": stopped,
    }
    few, many = (
        float(compare(_ask(workload={"upload_gb_per_month": gb}), offers_of(offer)).table["monthly_usd"][1])
        for gb in (upload, upload + more)
    )
    assert many - few == pytest.approx(more * price, abs=1e-6)
    disk_usd = few - HOURS_A_MONTH - 20 * 0.03 - upload * price
    assert disk_usd == pytest.approx(100 * max(storage, stopped), abs=1e-6)


def test_one_offer_alone_has_the_prices_that_it_has_among_all(bundled: pd.DataFrame) -> None:
    together = compare(Scenario(), bundled).case.offers.side_prices
    assert len(together) == len(bundled)
    assert len(set(together)) > 5
    for offer in range(0, len(bundled), 40):
        asked = _ask(rental={"terms": ["spot"], "regions": ["global"]})
        alone = compare(asked, bundled.iloc[[offer]]).case.offers.side_prices
        assert alone == [together[offer]]


def test_with_offers_or_without_a_table_says_yes_or_no(bundled: pd.DataFrame) -> None:
    for offers in (bundled, bundled.iloc[:0]):
        table = compare(_ask(rental={"regions": ["north_america"]}), offers).table
        assert len(table) == len(offers) + 1
        assert table[["fits", "considered"]].dtypes.tolist() == [bool, bool]


# --- own rates ----------------------------------------------------------------------------------------------


def _through_the_head_of_a_csv(scenario: Scenario, offers: pd.DataFrame) -> Scenario:
    lines = io.StringIO(compare(scenario, offers).to_csv()).readlines()
    (line,) = [line for line in lines if line.startswith("# scenario ")]
    return Scenario.model_validate_json(line.removeprefix("# scenario "))


@pytest.mark.parametrize(
    "way",
    [
        lambda scenario, offers: Scenario.from_query(scenario.to_query()),
        lambda scenario, offers: Scenario.from_toml(scenario.to_toml()),
        _through_the_head_of_a_csv,
    ],
    ids=["link", "TOML", "head of a CSV"],
)
def test_an_own_rate_comes_back_with_all_that_was_typed(
    offers_of: Offers, row_of: Row, way: Callable[[Scenario, pd.DataFrame], Scenario]
) -> None:
    offers = offers_of({})
    asked = _ask(rental={"own_offers": [OWN_OFFER, {"gpu": "RTX 4090", "usd_per_hour": 0.9}]})
    back = way(asked, offers)
    assert back.rental.own_offers == asked.rental.own_offers
    kept = back.rental.own_offers[0].model_dump(exclude_unset=True)
    assert kept | OWN_OFFER == kept
    comparison = compare(back, offers)
    row = row_of(comparison, instance_type="the lab's")
    assert (row["gpu"], row["access"], row["relative_throughput"]) == ("Cluster GPU", "container", 1.5)
    assert (row["listed_per_hour"], row["listed_currency"]) == (0.6, "USD")
    # 20 h / 1.5 of work, 5 h held and 0.5 h of starts in five sessions, each billed by whole hours: 4 h.
    assert row["monthly_usd"] == pytest.approx(5 * 4 * 730 / 168 * 0.6 + 100 * 0.05 + 20 * 0.02)
    # Its 40 GB count: one more does not fit.
    more = compare(back.with_settings({"workload.vram_gb": "41"}), offers)
    assert "has 40 GB a GPU, 41 GB needed" in row_of(more, instance_type="the lab's")["reason"]
    pd.testing.assert_frame_equal(comparison.table, compare(asked, offers).table)
