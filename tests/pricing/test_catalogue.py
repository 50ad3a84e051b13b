"""The catalogue: every offer in one table, and the search in it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pricing
from pricing import OFFER_COLUMNS, find_offers, load_offers

TEXTS = [
    "provider",
    "instance_type",
    "gpu",
    "region",
    "term",
    "access",
    "kind",
    "as_of",
    "source",
    "tier",
    "listed_currency",
]


@pytest.fixture
def offers() -> pd.DataFrame:
    return load_offers()


def test_the_public_names_are_listed_and_sorted() -> None:
    assert pricing.__all__ == sorted(pricing.__all__)
    assert all(hasattr(pricing, name) for name in pricing.__all__)


def test_every_provider_is_in_the_table(offers: pd.DataFrame) -> None:
    assert set(offers["provider"]) == {
        "aws",
        "azure",
        "colab",
        "gcp",
        "github",
        "lambda",
        "runpod",
        "vast",
    }


def test_the_columns_have_their_order_and_types(offers: pd.DataFrame) -> None:
    assert tuple(offers.columns) == OFFER_COLUMNS
    types = offers.dtypes.astype(str).to_dict()
    assert types == {name: "str" if name in TEXTS else "float64" for name in OFFER_COLUMNS}


def test_an_unknown_text_would_be_empty_and_an_unknown_number_is_nan(offers: pd.DataFrame) -> None:
    assert offers[TEXTS].notna().all(axis=None)
    (community,) = offers.index[offers["instance_type"] == "RTX 4090 community"]
    assert pd.isna(offers.loc[community, "vcpus"])


def test_the_rows_come_in_one_order(offers: pd.DataFrame) -> None:
    order = ["provider", "instance_type", "region", "term"]
    pd.testing.assert_frame_equal(offers, offers.sort_values(order).reset_index(drop=True))
    assert not offers.duplicated(order).any()


def test_every_caller_gets_a_table_of_its_own(offers: pd.DataFrame) -> None:
    offers.loc[:, "usd_per_hour"] = 0.0
    assert (load_offers()["usd_per_hour"] > 0).sum() > 800


def test_loading_does_not_wait_for_the_checks() -> None:
    program = "import sys, pricing; pricing.load_offers(); sys.exit('pandera' in sys.modules)"
    root = Path(pricing.__file__).parent.parent
    assert subprocess.run([sys.executable, "-c", program], cwd=root).returncode == 0


def test_without_conditions_everything_is_found_and_the_cheapest_comes_first(offers: pd.DataFrame) -> None:
    found = find_offers(offers)
    assert len(found) == len(offers)
    assert found["usd_per_hour"].is_monotonic_increasing
    assert list(found.index) == list(range(len(found)))


def test_every_condition_narrows_the_search(offers: pd.DataFrame) -> None:
    found = find_offers(
        offers, gpu="L4", provider="gcp", region="us-central1", term="on_demand", max_usd_per_hour=1.0
    )
    assert set(found["instance_type"]) == {"g2-standard-4", "g2-standard-8"}


@pytest.mark.parametrize("names", [["aws", "azure"], ("azure", "aws"), np.array(["aws", "azure"])])
def test_several_names_mean_any_of_them(offers: pd.DataFrame, names: list[str]) -> None:
    assert set(find_offers(offers, provider=names)["provider"]) == {"aws", "azure"}


def test_memory_is_what_one_process_sees(offers: pd.DataFrame) -> None:
    a10 = find_offers(offers, gpu="A10", min_vram_gb=24)
    assert not a10.empty
    assert (a10["gpu_count"] >= 1).all()
    assert "Standard_NV6ads_A10_v5" not in set(a10["instance_type"])
    assert "Standard_NV6ads_A10_v5" in set(find_offers(offers, gpu="A10")["instance_type"])


def test_a_limit_is_met_by_what_equals_it(offers: pd.DataFrame) -> None:
    found = find_offers(offers, gpu="RTX 4090", min_vram_gb=24, max_usd_per_hour=0.34)
    assert list(found["usd_per_hour"]) == [0.31, 0.34]


def test_a_region_without_offers_gives_no_rows(offers: pd.DataFrame) -> None:
    found = find_offers(offers, region="ca-central-1")
    assert found.empty
    assert tuple(found.columns) == OFFER_COLUMNS


Search = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.mark.parametrize(
    ("search", "said"),
    [
        (
            lambda offers: find_offers(offers, provider="amazon"),
            "provider is 'amazon'; allowed are aws, azure, colab, gcp, github, lambda, runpod, vast",
        ),
        (
            lambda offers: find_offers(offers, term=["spot", "hourly"]),
            "term is 'hourly'; allowed are free, included, on_demand, prepaid, reserved_1y, reserved_3y, "
            "savings_1y, savings_3y, spot",
        ),
        (lambda offers: find_offers(offers, gpu="4090"), "gpu is '4090'; allowed are A10, A100 40GB PCIe, "),
        (lambda offers: find_offers(offers[:0], gpu="L4"), "gpu is 'L4'; allowed are none: no offers"),
    ],
)
def test_a_name_that_no_offer_has_is_refused_with_the_known_ones(
    offers: pd.DataFrame, search: Search, said: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
        search(offers)


@pytest.mark.parametrize("value", [-1, float("nan"), "24", True])
def test_a_limit_that_is_no_number_from_zero_up_is_refused(offers: pd.DataFrame, value: float) -> None:
    allowed = f"is {value!r}; allowed is a number from 0 up$"
    with pytest.raises(ValueError, match=f"^min_vram_gb {allowed}"):
        find_offers(offers, min_vram_gb=value)
    with pytest.raises(ValueError, match=f"^max_usd_per_hour {allowed}"):
        find_offers(offers, max_usd_per_hour=value)


def test_a_limit_may_come_from_a_table(offers: pd.DataFrame) -> None:
    (limit,) = np.array([24], dtype="int64")
    assert not find_offers(offers, min_vram_gb=limit).empty


@given(
    data=st.data(),
    min_vram_gb=st.sampled_from([0.0, 16.0, 24.0, 80.0, 81.0]),
    max_usd_per_hour=st.none() | st.floats(0, 50),
    seed=st.integers(0, 1000),
)
@settings(max_examples=100, deadline=None)
def test_the_search_finds_what_a_plain_filter_finds(
    data: st.DataObject, min_vram_gb: float, max_usd_per_hour: float | None, seed: int
) -> None:
    offers = load_offers().sample(frac=1, random_state=seed)
    choices = {column: sorted(set(offers[column])) for column in ("gpu", "provider", "term", "region")}
    choices["region"].append("ca-central-1")
    names_of = {column: st.lists(st.sampled_from(names), max_size=7) for column, names in choices.items()}
    wanted = data.draw(st.fixed_dictionaries({}, optional=names_of))
    # Equal prices, whose order is to stay.
    offers["usd_per_hour"] = offers["usd_per_hour"].round(0)
    expected = offers[offers["vram_gb"] >= min_vram_gb]
    if max_usd_per_hour is not None:
        expected = expected[expected["usd_per_hour"] <= max_usd_per_hour]
    for column, names in wanted.items():
        expected = expected[expected[column].isin(names)]
    expected = expected.sort_values("usd_per_hour", kind="stable", ignore_index=True)
    found = find_offers(offers, min_vram_gb=min_vram_gb, max_usd_per_hour=max_usd_per_hour, **wanted)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    assert isinstance(found.index, pd.RangeIndex)
    found["usd_per_hour"] = -1.0
    assert (offers["usd_per_hour"] >= 0).all()
