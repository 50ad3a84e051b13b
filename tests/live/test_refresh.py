"""A refresh takes over what can be believed; else the last good prices stay, and it says why."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

from pricing import Progress, RefreshReport, find_offers, load_offers, price_status, refresh
from pricing.adapter import Ask, Fetched
from pricing.cache import Stored, read_stored, stored_files
from pricing.errors import CannotReach, Refused, UnknownShape
from pricing.http import Validators
from pricing.plausibility import price_bounds
from pricing.registry import ADAPTERS, adapter_of

TODAY = date(2026, 11, 23)
URL = "https://example.org/prices"

Answer = Callable[[Ask], Fetched | None]


@dataclass
class Fake:
    """An adapter that answers as told, and remembers what it was asked."""

    name: str
    answers: dict[str, Answer]
    asked: list[Ask] = field(default_factory=list)

    @property
    def default_regions(self) -> tuple[str, ...]:
        return tuple(self.answers)

    def fetch(self, ask: Ask) -> Fetched | None:
        self.asked.append(ask)
        return self.answers[ask.region](ask)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RIG_OR_RENT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def provide(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Fake]]:
    """Puts fakes in the place of all adapters: answers by provider and region."""

    def put(**answers: Mapping[str, Answer]) -> dict[str, Fake]:
        fakes = {name: Fake(name, dict(of_provider)) for name, of_provider in answers.items()}
        module = import_module("pricing.refresh")
        monkeypatch.setattr(module, "ADAPTERS", {name: ADAPTERS[name] for name in fakes})
        monkeypatch.setattr(module, "adapter_of", fakes.__getitem__)
        return fakes

    return put


def prices(
    provider: str = "aws", region: str = "us-east-1", terms: tuple[str, ...] = ("on_demand",)
) -> pd.DataFrame:
    """The prices in force, as an adapter would give them."""
    found = find_offers(load_offers(), provider=provider, region=region, term=terms)
    assert not found.empty
    return found.sort_values(["instance_type", "term"], ignore_index=True).assign(as_of=TODAY.isoformat())


def fetched(offers: pd.DataFrame, terms: tuple[str, ...] = ("on_demand",), etag: str = '"1"') -> Answer:
    return lambda ask: Fetched(offers, terms, {URL: Validators(etag)}, ("x9.large",))


def fails(error: Exception) -> Answer:
    def answer(ask: Ask) -> Fetched | None:
        raise error

    return answer


def outcomes(report: RefreshReport) -> dict[str, str]:
    return {f"{result.provider} {result.region}": result.outcome for result in report.results}


def sentence(report: RefreshReport) -> str:
    (result,) = report.results
    return result.sentence


def assert_unchanged(before: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(load_offers(), before, check_exact=True)


def stored(folder: Path) -> dict[str, Stored]:
    found = {Path(file.path).name: read_stored(file) for file in stored_files(folder)}
    assert all(isinstance(of_region, Stored) for of_region in found.values())
    return {name: of_region for name, of_region in found.items() if isinstance(of_region, Stored)}


def test_prices_that_pass_are_in_force_at_once(provide: Callable[..., object], folder: Path) -> None:
    offers = prices()
    offers["usd_per_hour"] *= 1.25
    provide(aws={"us-east-1": fetched(offers)})
    report = refresh(on=TODAY)
    assert report.ok
    (result,) = report.results
    assert (result.outcome, result.offers, result.left_out) == ("refreshed", len(offers), ("x9.large",))
    pd.testing.assert_frame_equal(prices(), offers, check_exact=True)
    status = price_status().set_index(["provider", "region"])
    assert status.loc[("aws", "us-east-1"), "as_of"] == "2026-11-23"
    assert status.loc[("aws", "us-east-1"), "retrieved_at"] != ""
    assert set(status["problem"]) == {""}
    assert stored(folder)["aws.us-east-1.parquet"].validators == {URL: {"etag": '"1"', "last_modified": ""}}


@pytest.mark.parametrize(
    "error",
    [CannotReach("The network is down."), Refused("The key is bad."), UnknownShape("This is HTML.")],
    ids=lambda error: type(error).__name__,
)
def test_a_provider_that_fails_disturbs_no_other(
    provide: Callable[..., object], folder: Path, error: Exception
) -> None:
    before = load_offers()
    offers = prices("azure", "eastus")
    offers["usd_per_hour"] *= 1.25
    provide(
        aws={"us-east-1": fails(error), "us-west-2": fetched(prices(region="us-west-2"))},
        azure={"eastus": fetched(offers)},
    )
    report = refresh(on=TODAY)
    assert outcomes(report) == {
        "aws us-east-1": "failed",
        "aws us-west-2": "refreshed",
        "azure eastus": "refreshed",
    }
    assert not report.ok
    assert report.results[0].sentence == str(error)
    assert set(stored(folder)) == {"aws.us-west-2.parquet", "azure.eastus.parquet"}
    pd.testing.assert_frame_equal(prices("azure", "eastus"), offers, check_exact=True)
    now, was = (find_offers(offers, provider="aws", region="us-east-1") for offers in (load_offers(), before))
    pd.testing.assert_frame_equal(now, was, check_exact=True)
    problems = price_status().set_index(["provider", "region"])["problem"]
    assert problems["aws", "us-east-1"] == str(error)


def test_a_fault_of_an_adapter_is_told_without_its_words(provide: Callable[..., object]) -> None:
    before = load_offers()
    provide(aws={"us-east-1": fails(KeyError("secret-key"))})
    report = refresh(on=TODAY)
    assert outcomes(report) == {"aws us-east-1": "failed"}
    assert "KeyError in test_refresh.py, line" in sentence(report)
    assert "secret-key" not in sentence(report)
    assert_unchanged(before)


def with_cell(column: str, cell: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Another value in one row that is not the first."""

    def change(offers: pd.DataFrame) -> pd.DataFrame:
        cells = offers[column].tolist()
        return offers.assign(**{column: [*cells[:3], cell, *cells[4:]]})

    return change


REFUSED: Mapping[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], tuple[str, ...]]] = {
    "price 0": (with_cell("usd_per_hour", 0.0), ("usd_per_hour is 0.0", "instance_type")),
    "negative price": (with_cell("usd_per_hour", -1.0), ("usd_per_hour is -1.0", "instance_type")),
    "no price": (with_cell("usd_per_hour", float("nan")), ("usd_per_hour is empty", "instance_type")),
    "endless price": (with_cell("usd_per_hour", float("inf")), ("usd_per_hour is inf", "instance_type")),
    "price in the millions": (with_cell("usd_per_hour", 3e6), ("usd_per_hour is 3e+06", "allowed is")),
    "price in fractions of a cent": (
        with_cell("usd_per_hour", 1e-5),
        ("usd_per_hour is 1e-05", "allowed is"),
    ),
    "GPU without bounds": (with_cell("gpu", "RTX 9999"), ("no price bounds", "RTX 9999")),
    "other provider": (with_cell("provider", "gcp"), ("the provider 'gcp'",)),
    "other region": (with_cell("region", "us-east-2"), ("the region 'us-east-2'",)),
    "term that is not replaced": (with_cell("term", "spot"), ("the term 'spot'",)),
    "unknown term": (with_cell("term", "hourly"), ("term is 'hourly'",)),
    "price of tomorrow": (with_cell("as_of", "2026-11-24"), ("as_of is '2026-11-24'",)),
    "row twice": (lambda offers: pd.concat([offers, offers.head(1)]), ("one row for each",)),
    "column missing": (lambda offers: offers.drop(columns="vcpus"), ("'vcpus' is missing",)),
    "prices as texts": (lambda offers: offers.astype({"usd_per_hour": "str"}), ("usd_per_hour",)),
}


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("case", REFUSED)
def test_one_row_that_cannot_be_believed_refuses_all(
    provide: Callable[..., object], folder: Path, case: str, force: bool
) -> None:
    before = load_offers()
    change, said = REFUSED[case]
    provide(aws={"us-east-1": fetched(change(prices()))})
    report = refresh(on=TODAY, force=force)
    assert outcomes(report) == {"aws us-east-1": "failed"}
    assert all(words in sentence(report) for words in said), sentence(report)
    assert_unchanged(before)
    assert stored(folder) == {}


def test_an_answer_about_a_term_that_does_not_exist_is_refused(provide: Callable[..., object]) -> None:
    provide(aws={"us-east-1": fetched(prices(), ("on_demand", "hourly"))})
    assert "the term 'hourly'" in sentence(refresh(on=TODAY))


def test_the_row_with_an_absurd_price_is_named(provide: Callable[..., object]) -> None:
    offers = with_cell("usd_per_hour", 4000.0)(prices())
    provide(aws={"us-east-1": fetched(offers)})
    said = sentence(refresh(on=TODAY))
    name, gpu = (offers[column].tolist()[3] for column in ("instance_type", "gpu"))
    assert f"instance_type {name!r}" in said
    assert f"to {price_bounds()[gpu].high_usd_per_gpu_hour:g}" in said


def test_a_share_of_a_gpu_is_judged_as_the_whole_one(provide: Callable[..., object]) -> None:
    offers = prices("azure", "eastus")
    # 6 USD for one sixth of an A10 is 36 for a whole one, and its bound is 29.
    is_share = offers["instance_type"] == "Standard_NV6ads_A10_v5"
    assert is_share.sum() == 1
    offers["usd_per_hour"] = offers["usd_per_hour"].where(~is_share, 6.0)
    provide(azure={"eastus": fetched(offers)})
    assert "36 for each A10" in sentence(refresh(on=TODAY, force=True)).replace("35.9928", "36")


def dropped(count: int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda offers: offers.iloc[count:].reset_index(drop=True)


def test_a_refresh_that_would_drop_more_than_half_of_the_offers_is_held_back_and_named(
    provide: Callable[..., object],
) -> None:
    before = load_offers()
    offers = prices()
    half = len(offers) // 2
    provide(aws={"us-east-1": fetched(dropped(half + 1)(offers))})
    report = refresh(on=TODAY)
    assert outcomes(report) == {"aws us-east-1": "held_back"}
    assert not report.ok
    said = sentence(report)
    assert f"{half + 1} of {len(offers)} offers would vanish" in said
    assert f"{offers['instance_type'].tolist()[0]} on_demand" in said
    assert "--force" in said
    assert_unchanged(before)
    problems = price_status().set_index(["provider", "region"])["problem"]
    assert problems["aws", "us-east-1"] == said
    provide(aws={"us-east-1": fetched(dropped(half)(offers))})
    assert refresh(on=TODAY).ok
    assert len(prices()) == len(offers) - half


def test_an_answer_without_any_offer_is_held_back(provide: Callable[..., object]) -> None:
    before = load_offers()
    provide(aws={"us-east-1": fetched(prices().iloc[:0])})
    assert outcomes(refresh(on=TODAY)) == {"aws us-east-1": "held_back"}
    assert_unchanged(before)


@pytest.mark.parametrize(
    ("factor", "outcome"), [(5.01, "held_back"), (1 / 5.01, "held_back"), (4.99, "refreshed")]
)
def test_a_price_that_moves_by_more_than_a_factor_of_five_is_held_back_and_named(
    provide: Callable[..., object], factor: float, outcome: str
) -> None:
    offers = prices()
    usd = offers["usd_per_hour"].tolist()
    cheapest = usd.index(min(usd))
    moved = usd[cheapest] * factor
    provide(
        aws={"us-east-1": fetched(offers.assign(usd_per_hour=[*usd[:cheapest], moved, *usd[cheapest + 1 :]]))}
    )
    report = refresh(on=TODAY)
    assert outcomes(report) == {"aws us-east-1": outcome}
    if outcome == "held_back":
        name = offers["instance_type"].tolist()[cheapest]
        assert f"{name} on_demand from {usd[cheapest]:g} to {moved:g}" in sentence(report)


def test_force_takes_over_what_was_held_back(provide: Callable[..., object]) -> None:
    offers = prices().tail(3).reset_index(drop=True)
    offers["usd_per_hour"] /= 6
    provide(aws={"us-east-1": fetched(offers)})
    assert not refresh(on=TODAY).ok
    assert refresh(on=TODAY, force=True).ok
    pd.testing.assert_frame_equal(prices(), offers, check_exact=True)


def test_what_was_stored_last_is_what_new_prices_are_measured_by(provide: Callable[..., object]) -> None:
    offers = prices()
    for factor in (4.0, 4.0):
        offers["usd_per_hour"] /= factor
        provide(aws={"us-east-1": fetched(offers)})
        assert refresh(on=TODAY).ok
    pd.testing.assert_frame_equal(prices(), offers, check_exact=True)


def test_other_ways_of_buying_stay_as_they_were_stored(provide: Callable[..., object], folder: Path) -> None:
    both = ("on_demand", "spot")
    first = prices(terms=both)
    first["usd_per_hour"] *= 1.5
    provide(aws={"us-east-1": fetched(first, both)})
    assert refresh(on=TODAY).ok
    second = prices()
    second["usd_per_hour"] *= 1.5
    provide(aws={"us-east-1": fetched(second)})
    assert refresh(on=TODAY).ok
    pd.testing.assert_frame_equal(prices(), second, check_exact=True)
    spot = first[first["term"] == "spot"].reset_index(drop=True)
    pd.testing.assert_frame_equal(prices(terms=("spot",)), spot, check_exact=True)
    assert stored(folder)["aws.us-east-1.parquet"].terms == both


def test_the_next_refresh_asks_whether_something_changed(provide: Callable[..., dict[str, Fake]]) -> None:
    (fake,) = provide(aws={"us-east-1": fetched(prices())}).values()
    refresh(on=TODAY)
    stored_prices = load_offers()
    fake.answers["us-east-1"] = lambda ask: None
    report = refresh(on=TODAY)
    assert outcomes(report) == {"aws us-east-1": "unchanged"}
    assert report.ok
    assert_unchanged(stored_prices)
    assert [dict(ask.known) for ask in fake.asked] == [{}, {URL: Validators('"1"')}]


def test_forced_or_with_other_instance_types_everything_is_read_anew(
    provide: Callable[..., dict[str, Fake]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (fake,) = provide(aws={"us-east-1": fetched(prices())}).values()
    refresh(on=TODAY)
    refresh(on=TODAY, force=True)
    monkeypatch.setattr(import_module("pricing.asking"), "shapes_id", lambda: "other")
    refresh(on=TODAY)
    assert [dict(ask.known) for ask in fake.asked] == [{}, {}, {}]


def test_unchanged_without_anything_stored_is_a_failure(provide: Callable[..., object]) -> None:
    provide(aws={"us-east-1": lambda ask: None})
    report = refresh(on=TODAY)
    assert outcomes(report) == {"aws us-east-1": "failed"}
    assert "nothing is stored" in sentence(report)


def test_what_was_held_back_is_held_back_again(provide: Callable[..., dict[str, Fake]]) -> None:
    (fake,) = provide(aws={"us-east-1": fetched(prices().head(2))}).values()
    for _ in range(2):
        assert outcomes(refresh(on=TODAY)) == {"aws us-east-1": "held_back"}
    assert [dict(ask.known) for ask in fake.asked] == [{}, {}]


@pytest.mark.parametrize("fault", ["full disk", "unwritable folder", "file in place of the folder"])
def test_what_cannot_be_stored_is_said_and_the_old_prices_stay(
    provide: Callable[..., object], folder: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    before = load_offers()
    offers = prices()
    provide(aws={"us-east-1": fetched(offers.assign(usd_per_hour=offers["usd_per_hour"] * 2))})

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28 if fault == "full disk" else 13, "No space left on device")

    if fault == "full disk":
        monkeypatch.setattr(os, "fsync", refuse)
    elif fault == "unwritable folder":
        # As root, who may write anywhere, tests cannot take the right away.
        monkeypatch.setattr("tempfile.mkstemp", refuse)
    else:
        folder.write_text("no folder")
    report = refresh(on=TODAY)
    assert outcomes(report) == {"aws us-east-1": "failed"}
    assert str(folder) in sentence(report)
    assert "RIG_OR_RENT_CACHE_DIR" in sentence(report)
    assert_unchanged(before)


def test_regions_and_providers_are_asked_side_by_side(provide: Callable[..., object]) -> None:
    meeting = threading.Barrier(4, timeout=10)

    def meet(offers: pd.DataFrame) -> Answer:
        def answer(ask: Ask) -> Fetched | None:
            meeting.wait()
            return fetched(offers)(ask)

        return answer

    provide(
        aws={region: meet(prices(region=region)) for region in ("us-east-1", "us-west-2")},
        azure={region: meet(prices("azure", region)) for region in ("eastus", "westeurope")},
    )
    assert refresh(on=TODAY).ok


def test_regions_of_a_provider_share_what_both_need(provide: Callable[..., object]) -> None:
    made: list[str] = []

    def make() -> pd.DataFrame:
        made.append("made")
        return load_offers()

    def answer(ask: Ask) -> Fetched | None:
        offers = ask.shared.once("both", make)
        own = offers[(offers["provider"] == "aws") & (offers["region"] == ask.region)]
        return Fetched(own[own["term"] == "on_demand"].reset_index(drop=True), ("on_demand",), {})

    provide(aws={"us-east-1": answer, "us-west-2": answer})
    assert refresh(on=TODAY).ok
    assert made == ["made"]


def test_chosen_providers_and_regions_alone_are_asked(provide: Callable[..., dict[str, Fake]]) -> None:
    def answers(provider: str, *regions: str) -> dict[str, Answer]:
        return {region: fetched(prices(provider, region)) for region in regions}

    fakes = provide(
        aws=answers("aws", "us-east-1", "us-west-2"), azure=answers("azure", "eastus", "westeurope")
    )

    def asked() -> dict[str, list[str]]:
        found = {name: [ask.region for ask in fake.asked] for name, fake in fakes.items() if fake.asked}
        for fake in fakes.values():
            fake.asked.clear()
        return found

    refresh(["azure"], on=TODAY)
    assert asked() == {"azure": ["eastus", "westeurope"]}
    refresh(regions=["us-west-2"], on=TODAY)
    assert asked() == {"aws": ["us-west-2"]}
    refresh(["azure", "aws", "aws"], ["us-west-2", "eastus", "eastus"], on=TODAY)
    assert asked() == {"aws": ["us-west-2"], "azure": ["eastus"]}


@pytest.mark.parametrize(
    ("providers", "regions", "said"),
    [
        (["awz"], None, "provider is 'awz'; a refresh can ask aws, azure, .*, colab, ecb"),
        (["github"], None, "provider is 'github'"),
        (None, ["atlantis"], "region is 'atlantis'"),
        (["aws"], ["eastus"], "region is 'eastus'; allowed are regions of aws"),
        (["aws", "colab"], ["us-east-1"], "region is 'us-east-1'; none of them is a region of colab"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(
    providers: list[str] | None, regions: list[str] | None, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        refresh(providers, regions)


def test_an_unknown_source_of_aws_is_refused() -> None:
    with pytest.raises(ValueError, match="aws_source is 'scrolls'; allowed are feed, bulk"):
        refresh(["aws"], aws_source="scrolls")


def test_every_registered_provider_has_an_adapter_of_its_name() -> None:
    assert set(ADAPTERS) == {"aws", "azure", "gcp", "runpod", "lambda", "vast", "colab", "ecb"}
    for name in ADAPTERS:
        adapter = adapter_of(name)
        assert adapter.name == name
        assert adapter.default_regions


def test_colab_is_passed_over_and_says_how_old_its_table_is() -> None:
    before = load_offers()
    report = refresh(["colab"], on=TODAY)
    assert outcomes(report) == {"colab global": "skipped"}
    assert report.ok
    assert "no price service" in sentence(report)
    assert "2026-09-27 (57 days old)" in sentence(report)
    assert "colab_rates.csv" in sentence(report)
    assert_unchanged(before)
    assert set(price_status()["problem"]) == {""}


def test_a_refusal_without_a_key_is_no_failure_and_one_with_a_key_is(
    provide: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    provide(gcp={"us-central1": fails(Refused("A key is needed."))})
    report = refresh(on=TODAY)
    assert outcomes(report) == {"gcp us-central1": "skipped"}
    assert report.ok
    problems = price_status().set_index(["provider", "region"])["problem"]
    assert problems["gcp", "us-central1"] == "A key is needed."
    monkeypatch.setenv("RIG_OR_RENT_GCP_API_KEY", "planted")
    assert outcomes(refresh(on=TODAY)) == {"gcp us-central1": "failed"}


def test_progress_tells_bytes_and_regions(provide: Callable[..., object]) -> None:
    provide(
        aws={region: fetched(prices(region=region)) for region in ("us-east-1", "us-west-2")},
        azure={"eastus": fails(CannotReach("No."))},
    )
    told: list[Progress] = []
    refresh(on=TODAY, progress=told.append)
    last = {now.provider: now for now in told}
    assert last == {"aws": Progress("aws", 2, 2, 0), "azure": Progress("azure", 1, 1, 0)}


BROKEN_OFF = """
import sys, time
from datetime import date
from importlib import import_module
from pricing import find_offers, load_offers, refresh
from pricing.adapter import Fetched
from pricing.registry import ADAPTERS

class Slow:
    name = "aws"
    default_regions = ("us-east-1", "us-west-2")
    def fetch(self, ask):
        if ask.region == "us-west-2":
            print("asked", flush=True)
            time.sleep(60)
        offers = find_offers(load_offers(), provider="aws", region=ask.region, term="on_demand")
        return Fetched(offers, ("on_demand",), {})

module = import_module("pricing.refresh")
module.ADAPTERS = {"aws": ADAPTERS["aws"]}
module.adapter_of = lambda name: Slow()
refresh(progress=lambda now: print(now.regions_done, flush=True))
"""


def test_ctrl_c_ends_at_once_and_leaves_the_last_good_prices(folder: Path, root: Path) -> None:
    before = load_offers()
    with subprocess.Popen(
        [sys.executable, "-c", BROKEN_OFF],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as program:
        assert program.stdout is not None
        assert {program.stdout.readline().strip() for _ in range(3)} == {"0", "asked", "1"}
        start = time.monotonic()
        os.killpg(program.pid, signal.SIGINT)
        _, said = program.communicate(timeout=20)
        assert time.monotonic() - start < 5
    assert "KeyboardInterrupt" in said
    assert program.returncode != 0
    assert set(stored(folder)) == {"aws.us-east-1.parquet"}
    assert len(load_offers()) == len(before)
