"""Prices become offers: what a price says, and what it leaves unsaid."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from pricing import OFFER_COLUMNS, check_offers
from pricing.instances import Price, Shape, priced_offers

TODAY = date(2026, 11, 23)
CARD = Shape("RTX 4090", 1.0, 24.0, float("nan"), float("nan"), float("nan"), "container")


def _offers(*prices: Price) -> pd.DataFrame:
    known = {price.instance_type: CARD for price in prices}
    return check_offers(priced_offers("vast", "europe", TODAY, prices, known), today=TODAY)


def test_a_price_that_says_no_more_is_one_in_dollars_without_a_tier() -> None:
    (offer,) = _offers(Price("RTX 4090", "on_demand", 0.34, "a listing")).to_dict("records")
    assert tuple(offer) == OFFER_COLUMNS
    assert (offer["tier"], offer["listed_currency"], offer["listed_per_hour"]) == ("", "USD", 0.34)
    unsaid = [
        "hosts",
        "storage_usd_per_gb_month",
        "stopped_storage_usd_per_gb_month",
        "upload_usd_per_gb",
        "download_usd_per_gb",
    ]
    assert all(pd.isna(offer[name]) for name in unsaid)


def test_what_a_price_says_stands_in_its_offer() -> None:
    price = Price(
        "RTX 4090 verified, median",
        "spot",
        0.34,
        "a listing",
        "derived",
        tier="verified",
        hosts=21.0,
        storage_usd_per_gb_month=0.15,
        stopped_storage_usd_per_gb_month=0.2,
        upload_usd_per_gb=0.0,
        download_usd_per_gb=0.004,
        listed_currency="EUR",
        listed_per_hour=0.3,
        quantile=0.5,
    )
    (offer,) = _offers(price).to_dict("records")
    assert {name: offer[name] for name in Price._fields} == price._asdict()
    assert {name: offer[name] for name in ("gpu", "gpu_count", "vram_gb", "access")} == {
        "gpu": "RTX 4090",
        "gpu_count": 1.0,
        "vram_gb": 24.0,
        "access": "container",
    }


def test_the_offers_are_sorted_by_instance_type_and_term() -> None:
    prices = [
        Price(name, term, usd, "a listing")
        for name, term, usd in (("b", "spot", 0.1), ("a", "spot", 0.2), ("b", "on_demand", 0.3))
    ]
    offers = _offers(*prices)
    assert list(zip(offers["instance_type"], offers["term"], strict=True)) == [
        ("a", "spot"),
        ("b", "on_demand"),
        ("b", "spot"),
    ]


def test_an_instance_type_without_a_known_shape_is_no_offer() -> None:
    with pytest.raises(KeyError, match="RTX 4090"):
        priced_offers("vast", "europe", TODAY, [Price("RTX 4090", "on_demand", 0.34, "a listing")], {})
