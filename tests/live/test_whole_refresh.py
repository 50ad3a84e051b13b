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
from tests.live import lambda_fixtures as lambda_cloud
from tests.live import runpod_fixtures as runpod
from tests.live import vast_fixtures as vast
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
REGIONS = {
    "aws": "us-east-1",
    "azure": azure.REGION,
    "gcp": "us-central1",
    "lambda": lambda_cloud.REGION,
    "runpod": runpod.REGION,
    "vast": "global",
}
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
    "lambda": lambda_cloud.TRUTH,
    "runpod": runpod.TRUTH,
    "vast": vast.TRUTH["global"],
}
PATHS = {
    "aws": SPOT,
    "azure": azure.PATH,
    "gcp": gcp.PATH,
    "lambda": lambda_cloud.PATH,
    "runpod": runpod.PATH,
    "vast": vast.PATH,
}
KEYS = {
    "gcp": ("RIG_OR_RENT_GCP_API_KEY", gcp.KEY),
    "lambda": ("RIG_OR_RENT_LAMBDA_API_KEY", lambda_cloud.KEY),
}


@pytest.fixture(autouse=True)
def _planted(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIG_OR_RENT_CACHE_DIR", str(tmp_path))
    for name in ("AWS", "AWS_FEED", "AWS_SPOT", "AZURE", "GCP", "LAMBDA", "RUNPOD", "VAST"):
        monkeypatch.setenv(f"RIG_OR_RENT_{name}_URL", server.url)
    for variable, key in KEYS.values():
        monkeypatch.setenv(variable, key)
    # Between attempts nobody waits here.
    monkeypatch.setattr(Board, "sleep", lambda self, seconds: None)
    server.plant(FEED, aws.feed("us-east-1", ON_DEMAND_USD), etag='"feed"')
    server.plant(SPOT, aws.spot({"us-east-1": SPOT_USD}), etag='"spot"')
    server.plant_handler(azure.PATH, azure.pages(server.url, azure.truth_rows(), page_size=20))
    server.plant_handler(gcp.PATH, gcp.pages(gcp.truth_skus(), page_size=100))
    server.plant_handler(lambda_cloud.PATH, lambda_cloud.answers(lambda_cloud.truth_types()))
    server.plant_handler(runpod.PATH, runpod.answers(runpod.truth_rows()))
    server.plant_handler(vast.PATH, vast.search(vast.truth_rows(), cut=10))


def ask(*providers: str, force: bool = True) -> RefreshReport:
    chosen = providers or tuple(REGIONS)
    report = refresh(chosen, [REGIONS[provider] for provider in chosen], force=force, on=TODAY)
    # The region of one provider may be a region of another too.
    return RefreshReport(tuple(one for one in report.results if one.region == REGIONS[one.provider]))


def in_force(provider: str) -> dict[tuple[str, str], float]:
    """The prices of today in the region that was asked."""
    offers = find_offers(load_offers(), provider=provider, region=REGIONS[provider])
    of_today = offers[offers["as_of"] == TODAY.isoformat()]
    keys = zip(of_today["instance_type"], of_today["term"], strict=True)
    return dict(zip(keys, of_today["usd_per_hour"], strict=True))


def outcomes(report: RefreshReport) -> list[str]:
    """How each provider fared in its own region: the name of one may be that of another's too."""
    return [result.outcome for result in report.results if REGIONS[result.provider] == result.region]


def test_the_planted_prices_are_in_force_exactly() -> None:
    report = ask()
    assert outcomes(report) == ["refreshed"] * len(REGIONS), report
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
    assert {result.provider for result in report.results if result.outcome == "failed"} == {provider}
    assert outcomes(report).count("refreshed") == len(REGIONS) - 1
    now, was = (find_offers(table, provider=provider) for table in (load_offers(), offers))
    pd.testing.assert_frame_equal(now, was, check_exact=True)
    problem = price_status().set_index(["provider", "region"])["problem"][provider, REGIONS[provider]]
    assert len(str(problem)) > 20


@pytest.mark.parametrize("provider", KEYS)
@pytest.mark.parametrize("code", [401, 500])
def test_the_key_is_in_no_file_and_no_sentence(
    server: Server, tmp_path: Path, provider: str, code: int
) -> None:
    _, key = KEYS[provider]
    ask(provider)
    server.always(PATHS[provider], status(code, body=key.encode()))
    report = ask(provider)
    assert outcomes(report) == ["failed"]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    stored = f"{provider}.{REGIONS[provider]}.parquet"
    assert {path.name for path in files} == {stored, "status.json"}
    assert [path for path in files if key.encode() in path.read_bytes()] == []
    assert key not in str(report)
    assert key not in "".join(load_offers()["source"])
    assert all(key not in str(dict(request.query)) for request in server.requests)


@pytest.mark.parametrize("provider", KEYS)
def test_without_a_key_the_last_good_prices_stay_and_nothing_failed(
    server: Server, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable, _ = KEYS[provider]
    ask(provider)
    monkeypatch.delenv(variable)
    asked = len(server.requests)
    report = ask(provider)
    assert outcomes(report) == ["skipped"]
    assert report.ok
    assert variable in report.results[0].sentence
    assert len(server.requests) == asked
    assert in_force(provider) == TRUTH[provider]


def test_an_answer_with_the_bundled_prices_replaces_them_unforced(server: Server) -> None:
    bundled = find_offers(load_offers(), provider="runpod")
    assert len(bundled) > 20
    usd = dict(zip(bundled["instance_type"], bundled["usd_per_hour"], strict=True))
    names = {gpu: name for name, gpu in runpod.NAMES.items()}
    types = [
        runpod.row(*names[gpu], usd.get(f"{gpu} secure"), usd.get(f"{gpu} community"))
        for gpu in sorted(set(bundled["gpu"]))
    ]
    server.plant_handler(runpod.PATH, runpod.answers(types))
    assert outcomes(ask("runpod", force=False)) == ["refreshed"]
    assert in_force("runpod") == {(name, "on_demand"): price for name, price in usd.items()}
