"""A refresh over real HTTP: what was planted is in force, under no fault and under those that pass."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from pricing import RefreshReport, find_offers, load_offers, price_status, refresh
from pricing.asking import Board
from tests.live import aws_fixtures as aws
from tests.live import azure_fixtures as azure
from tests.live import gcp_fixtures as gcp
from tests.live.server import (
    Fault,
    Server,
    cut,
    cut_with_matching_length,
    delay,
    empty,
    hang_up,
    html,
    other_body,
    status,
    truncated_gzip,
)

TODAY = date(2026, 11, 23)
REGIONS = {"aws": "us-east-1", "azure": azure.REGION, "gcp": "us-central1"}
FEED = (
    "/pricing/2.0/meteredUnitMaps/ec2/USD/current/ec2-ondemand-without-sec-sel"
    "/US East (N. Virginia)/Linux/index.json"
)
SPOT = "/spot.json"
ON_DEMAND_USD = {"g5.xlarge": "1.0060000000", "p5.48xlarge": "55.0400000000", "g6f.large": "0.2020000000"}
SPOT_USD = {"g5.xlarge": "0.4512", "p4d.24xlarge": "N/A*"}
TRUTH = {
    "aws": {
        **{(name, "on_demand"): float(usd) for name, usd in ON_DEMAND_USD.items()},
        ("g5.xlarge", "spot"): 0.4512,
    },
    "azure": azure.TRUTH,
    "gcp": gcp.TRUTH["us-central1"],
}
PATHS = {"aws": SPOT, "azure": azure.PATH, "gcp": gcp.PATH}


@pytest.fixture(autouse=True)
def _planted(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIG_OR_RENT_CACHE_DIR", str(tmp_path))
    for name in ("AWS", "AWS_FEED", "AWS_SPOT", "AZURE", "GCP"):
        monkeypatch.setenv(f"RIG_OR_RENT_{name}_URL", server.url)
    monkeypatch.setenv("RIG_OR_RENT_GCP_API_KEY", gcp.KEY)
    # Between attempts nobody waits here.
    monkeypatch.setattr(Board, "sleep", lambda self, seconds: None)
    server.plant(FEED, aws.feed("us-east-1", ON_DEMAND_USD), etag='"feed"')
    server.plant(SPOT, aws.spot({"us-east-1": SPOT_USD}), etag='"spot"')
    server.plant_handler(azure.PATH, azure.pages(server.url, azure.truth_rows(), page_size=20))
    server.plant_handler(gcp.PATH, gcp.pages(gcp.truth_skus(), page_size=100))


def ask(*providers: str, force: bool = True) -> RefreshReport:
    chosen = providers or tuple(REGIONS)
    return refresh(chosen, [REGIONS[provider] for provider in chosen], force=force, on=TODAY)


def in_force(provider: str) -> dict[tuple[str, str], float]:
    """The prices of today in the region that was asked."""
    offers = find_offers(load_offers(), provider=provider, region=REGIONS[provider])
    of_today = offers[offers["as_of"] == TODAY.isoformat()]
    keys = zip(of_today["instance_type"], of_today["term"], strict=True)
    return dict(zip(keys, of_today["usd_per_hour"], strict=True))


def outcomes(report: RefreshReport) -> list[str]:
    return [result.outcome for result in report.results]


def test_the_planted_prices_are_in_force_exactly() -> None:
    report = ask()
    assert outcomes(report) == ["refreshed"] * 3, report
    for provider, truth in TRUTH.items():
        assert len(truth) > 3
        assert in_force(provider) == truth
    assert set(price_status()["problem"]) == {""}


def test_what_is_unchanged_is_not_read_again(server: Server) -> None:
    ask("aws")
    offers = load_offers()
    assert outcomes(ask("aws", force=False)) == ["unchanged"]
    pd.testing.assert_frame_equal(load_offers(), offers, check_exact=True)
    assert [request.headers.get("if-none-match", "") for request in server.asked(SPOT)] == ["", '"spot"']


PASSING: dict[str, Fault] = {
    "cut": cut(40),
    "hang up": hang_up(),
    "late": delay(0.05),
    "truncated gzip": truncated_gzip(),
    "429": status(429, retry_after="1"),
    "503": status(503),
}


@pytest.mark.parametrize("provider", REGIONS)
@pytest.mark.parametrize("name", PASSING)
def test_a_fault_that_passes_changes_nothing_about_the_prices(
    server: Server, provider: str, name: str
) -> None:
    server.fault(PATHS[provider], PASSING[name], PASSING[name])
    assert outcomes(ask(provider)) == ["refreshed"]
    assert in_force(provider) == TRUTH[provider]


LASTING: dict[str, Fault] = {
    "always cut": cut(40),
    "cut at a length that matches": cut_with_matching_length(40),
    "empty": empty(),
    "web page": html(),
    "another schema": other_body(b'{"prices": []}'),
    "a list": other_body(b"[]"),
    "not there": status(404),
    "always 500": status(500),
}


@pytest.mark.parametrize("provider", REGIONS)
@pytest.mark.parametrize("name", LASTING)
def test_a_fault_that_lasts_leaves_the_last_good_prices_and_says_so(
    server: Server, provider: str, name: str
) -> None:
    assert outcomes(ask(provider)) == ["refreshed"]
    offers = load_offers()
    server.always(PATHS[provider], LASTING[name])
    report = ask()
    assert [result.provider for result in report.results if result.outcome == "failed"] == [provider]
    assert outcomes(report).count("refreshed") == 2
    now, was = (find_offers(table, provider=provider) for table in (load_offers(), offers))
    pd.testing.assert_frame_equal(now, was, check_exact=True)
    problem = price_status().set_index(["provider", "region"])["problem"][provider, REGIONS[provider]]
    assert len(str(problem)) > 20


def test_the_key_is_in_no_file_and_no_sentence(server: Server, tmp_path: Path) -> None:
    ask("gcp")
    server.always(gcp.PATH, status(500, body=gcp.KEY.encode()))
    report = ask("gcp")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"gcp.us-central1.parquet", "status.json"}
    assert [path for path in files if gcp.KEY.encode() in path.read_bytes()] == []
    assert gcp.KEY not in str(report)
    assert gcp.KEY not in "".join(load_offers()["source"])
    assert all(gcp.KEY not in str(dict(request.query)) for request in server.requests)
