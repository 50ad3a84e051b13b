"""Every figure says where it is from, and how old it is."""

from __future__ import annotations

from datetime import date

import pytest

from models import Scenario, compare, input_sources, price_dates
from pricing import load_offers


def test_every_provider_has_its_dates_and_its_age() -> None:
    offers = load_offers()
    dates = price_dates(compare(Scenario(), offers), date(2026, 11, 23)).set_index("provider")
    assert dates["offers"].sum() == len(offers)
    assert (dates["oldest"] <= dates["newest"]).all()
    newest = offers.loc[offers["provider"] == "aws", "as_of"].max()
    assert dates["newest"]["AWS"] == newest
    assert dates["newest_age_days"]["AWS"] == (date(2026, 11, 23) - date.fromisoformat(newest)).days
    assert (dates["sources"] != "").all()


def test_every_input_has_a_kind_a_date_and_a_source() -> None:
    sources = input_sources(compare(Scenario(), load_offers()))
    assert len(sources) > 20
    assert set(sources["kind"]) <= {"published", "measured", "derived", "estimate", "assumption"}
    assert not sources[["as_of", "source"]].isin([""]).any(axis=None)


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("workstation.load_w", "444", "build under load"),
        ("electricity.usd_per_kwh", "0.5", "electricity, United States"),
        ("workstation.sale_fee_fraction", "0", "sale fee"),
        ("money.yearly_discount_fraction", "0.07", "discount rate"),
        ("workstation.parts", '[{"name": "all of it", "price_usd": 999}]', "all of it"),
    ],
)
def test_what_the_reader_changed_is_called_theirs(field: str, value: str, name: str) -> None:
    sources = input_sources(compare(Scenario().with_settings({field: value}), load_offers()))
    (row,) = sources[sources["input"] == name].itertuples()
    assert row.kind == "yours"
    assert row.source == ""
