"""Exchange rates: the bank's document becomes rates as a whole, or a sentence says why nothing changed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing import RefreshReport, load_currencies, price_ages, price_problems, price_status, refresh
from pricing.asking import Board
from pricing.currencies import (
    CORE,
    FILE_NAME,
    Rates,
    StoredRates,
    bundled_rates,
    check_rates,
    doubt_rates,
    read_stored_rates,
    store_rates,
)
from pricing.ecb import MOST_BYTES, PATH, parse_rates
from pricing.errors import UnknownShape
from pricing.registry import ADAPTERS, is_passed_over
from tests.live.json_pages import BAD_BODIES
from tests.live.server import (
    Answer,
    Fault,
    Server,
    cut,
    cut_with_matching_length,
    delay,
    endless,
    gzip_bomb,
    hang_up,
    html,
    redirect,
    status,
    trickle,
    truncated_gzip,
)

TODAY = date(2026, 11, 23)
DAY = date(2026, 11, 20)
SOURCE = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"

# What is planted: every bundled currency, each a little dearer; the digits end in a 7 to be told apart.
PLANTED = {
    currency: f"{rate * 1.01:.4f}7"
    for currency, rate in sorted(bundled_rates().units_per_eur.items())
    if currency != "EUR"
}
TRUTH = {currency: float(rate) for currency, rate in PLANTED.items()} | {"EUR": 1.0}


def document(rates: Mapping[str, str] = PLANTED, day: str = DAY.isoformat(), extra: str = "") -> bytes:
    """The bank's document, written anew: single quotes, tabs, an outer Cube without fields."""
    rows = "".join(f"\t\t\t<Cube currency='{name}' rate='{rate}'/>\n" for name, rate in rates.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<gesmes:Envelope '
        'xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" '
        'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">\n'
        "\t<gesmes:subject>Planted rates</gesmes:subject>\n"
        "\t<gesmes:Sender>\n\t\t<gesmes:name>A test</gesmes:name>\n\t</gesmes:Sender>\n"
        f"\t<Cube>\n\t\t<Cube time='{day}'>\n{rows}\t\t</Cube>\n{extra}\t</Cube>\n</gesmes:Envelope>"
    ).encode()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RIG_OR_RENT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def bank(server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv("RIG_OR_RENT_ECB_URL", server.url)
    # Between attempts nobody waits here.
    monkeypatch.setattr(Board, "sleep", lambda self, seconds: None)
    server.plant(PATH, document(), content_type="text/xml", packed="gzip")
    return server


def ask(*, force: bool = False, on: date = TODAY) -> RefreshReport:
    return refresh(["ecb"], force=force, on=on)


def ended(report: RefreshReport) -> tuple[str, str]:
    (result,) = report.results
    assert (result.provider, result.region, result.offers) == ("ecb", "global", 0)
    return result.outcome, result.sentence


def shown() -> dict[str, str]:
    """What the status says of the rates."""
    status = price_status()
    (row,) = status[status["provider"] == "ecb"].to_dict("records")
    return {str(name): str(value) for name, value in row.items()}


def problem() -> str:
    return shown()["problem"]


def test_a_document_is_read_to_the_last_digit() -> None:
    rates = parse_rates(document(), SOURCE)
    assert len(TRUTH) > 25
    assert rates == Rates(TRUTH, DAY, SOURCE)


def test_a_day_of_rates_as_the_bank_writes_it_is_read() -> None:
    day = {
        "USD": "1.1130", "JPY": "175.92", "GBP": "0.83578", "CHF": "0.9222",
        "AUD": "1.5842", "CAD": "1.5577", "INR": "106.0345",
    }  # fmt: skip
    rates = parse_rates(document(day, "2026-10-29"), SOURCE)
    assert rates.units_per_eur == {
        "EUR": 1.0, "USD": 1.113, "JPY": 175.92, "GBP": 0.83578, "CHF": 0.9222,
        "AUD": 1.5842, "CAD": 1.5577, "INR": 106.0345,
    }  # fmt: skip
    assert rates.as_of == date(2026, 10, 29)


def test_the_planted_rates_are_in_force_and_say_when_they_came(bank: Server, folder: Path) -> None:
    outcome, sentence = ended(ask())
    assert (outcome, sentence) == ("refreshed", f"{len(TRUTH)} exchange rates of 2026-11-20.")
    rates = load_currencies()
    assert rates == (TRUTH, DAY, f"{bank.url}{PATH}")
    assert {path.name for path in folder.iterdir()} == {FILE_NAME, "status.json"}
    said = shown()
    day = said.pop("retrieved_at")[:10]
    assert said == {
        "provider": "ecb",
        "region": "global",
        "as_of": "2026-11-20",
        "offers": "0",
        "problem": "",
    }
    assert price_ages(price_status(), date.fromisoformat(day))["ecb"] == f"retrieved {day} (today)"


def test_a_refresh_of_everything_takes_the_rates_along() -> None:
    assert "ecb" in ADAPTERS
    assert not is_passed_over("ecb")


def test_without_a_refresh_the_bundled_rates_are_in_force_with_their_day(folder: Path) -> None:
    rates = load_currencies()
    assert rates == bundled_rates()
    assert rates.as_of == date(2026, 10, 30)
    assert rates.units_per_eur["USD"] == 1.1172
    status = price_status()
    assert price_ages(status, TODAY)["ecb"] == "bundled, the newest of 2026-10-30"
    assert price_problems(status) == {}


def test_each_caller_has_rates_of_his_own(folder: Path) -> None:
    load_currencies().units_per_eur["USD"] = 7.0
    assert load_currencies().units_per_eur["USD"] == 1.1172


def test_the_newer_of_stored_and_bundled_counts(folder: Path) -> None:
    day_before = bundled_rates().as_of - timedelta(days=1)
    store_rates(folder, Rates(TRUTH, day_before, SOURCE), retrieved_at="2026-10-29T15:00:00+00:00")
    assert load_currencies() == bundled_rates()
    assert shown()["retrieved_at"] == ""
    same_day = Rates(TRUTH, bundled_rates().as_of, SOURCE)
    store_rates(folder, same_day, retrieved_at="2026-10-30T16:00:00+00:00")
    assert load_currencies() == same_day


PASSING: dict[str, Fault] = {
    "cut": cut(40),
    "hang up": hang_up(),
    "late": delay(0.05),
    "slow": trickle(0.00001),
    "truncated gzip": truncated_gzip(),
    "429": status(429, retry_after="1"),
    "503": status(503),
}


@pytest.mark.parametrize("name", PASSING)
def test_a_fault_that_passes_changes_nothing_about_the_rates(bank: Server, name: str) -> None:
    bank.fault(PATH, PASSING[name], PASSING[name])
    assert ended(ask())[0] == "refreshed"
    assert load_currencies().units_per_eur == TRUTH


def without(*names: str) -> dict[str, str]:
    return {name: rate for name, rate in PLANTED.items() if name not in names}


def broken(name: str, rate: str) -> Fault:
    return body(document({**PLANTED, name: rate}))


def body(content: bytes) -> Fault:
    """The same answer with another body, unpacked."""
    return lambda answer: Answer(content, content_type="text/xml")


PLAIN = document()
LASTING: dict[str, Fault] = {
    **{name: fault for name, fault in BAD_BODIES.items() if not name.startswith("cut")},
    "always cut": cut(40),
    "cut in a row, with a length that matches": body(PLAIN[: PLAIN.index(b"JPY")]),
    "cut after a row, with a length that matches": body(PLAIN[: PLAIN.index(b"\t\t\t<Cube currency='JPY'")]),
    "cut before its last sign": body(PLAIN[:-1]),
    "packed and cut, with a length that matches": cut_with_matching_length(200),
    "only blanks": body(b" \n\t "),
    "HTML in small letters": html(b"<html><body>Sign in</body></html>"),
    "not there": status(404),
    "always 500": status(500),
    "a key is asked": status(403),
    "elsewhere": redirect("http://example.org/rates.xml"),
    "endless": endless(),
    "a bomb": gzip_bomb(2**26),
    "too large": body(PLAIN + b" " * MOST_BYTES),
    "other names": body(PLAIN.replace(b"eurofxref", b"eurofxref-2")),
    "another envelope": body(PLAIN.replace(b"Envelope", b"Letter")),
    "the history of 90 days": body(document(extra="\t\t<Cube time='2026-11-19'/>\n")),
    "no day": body(PLAIN.replace(b" time='2026-11-20'", b"")),
    "another day's form": body(PLAIN.replace(b"2026-11-20", b"20 November 2026")),
    "a day that is none": body(PLAIN.replace(b"2026-11-20", b"2026-11-31")),
    "a week": body(PLAIN.replace(b"2026-11-20", b"2026-W47-5")),
    "tomorrow": body(document(day="2026-11-24")),
    "older than what is in force": body(document(day="2026-11-19")),
    "no rows": body(document({})),
    "no dollar": body(document(without("USD"))),
    "no franc": body(document(without("CHF"))),
    "twice": body(PLAIN.replace(b"'GBP'", b"'USD'")),
    "the euro itself": broken("EUR", "1"),
    "small letters": body(PLAIN.replace(b"'GBP'", b"'gbp'")),
    "a name": body(PLAIN.replace(b"'GBP'", b"'Pound'")),
    "a multiplier": body(PLAIN.replace(b"<Cube currency='JPY'", b"<Cube multiplier='100' currency='JPY'")),
    "no rate": body(PLAIN.replace(b"rate='" + PLANTED["JPY"].encode() + b"'", b"")),
    "another element": body(PLAIN.replace(b"<Cube currency='JPY'", b"<Rate currency='JPY'")),
    "something in a row": body(
        PLAIN.replace(
            b"<Cube currency='JPY' rate='" + PLANTED["JPY"].encode() + b"'/>",
            b"<Cube currency='JPY' rate='175'><Cube currency='XXX' rate='1'/></Cube>",
        )
    ),
    "an entity": body(
        PLAIN.replace(b"?>\n", b"?>\n<!DOCTYPE rates [<!ENTITY rate '1.1172'>]>\n", 1).replace(
            PLANTED["USD"].encode(), b"&rate;"
        )
    ),
    "another encoding": body(PLAIN.decode().replace("UTF-8", "UTF-16").encode("utf-16")),
    "no text": body(b"\xff\xfe\x00" * 50),
    **{
        f"a rate of {rate or 'nothing'}": broken("GBP", rate)
        for rate in (
            "", "0", "0.0", "-0.83", "NaN", "Infinity", "N/A", "1e300", "0,83380", "1,000.5", "0.83 ",
            "+0.83", "9" * 400, "\u0661", ".83", "83.",
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("name", LASTING)
def test_a_fault_that_lasts_leaves_the_last_good_rates_and_says_so(
    bank: Server, folder: Path, name: str
) -> None:
    assert ended(ask())[0] == "refreshed"
    kept, stored = load_currencies(), (folder / FILE_NAME).read_bytes()
    bank.always(PATH, LASTING[name])
    outcome, sentence = ended(ask(force=True))
    assert outcome == "failed", sentence
    assert "a fault of Rig or Rent" not in sentence
    assert len(sentence) > 20
    assert sentence.endswith(".")
    assert problem() == sentence
    assert load_currencies() == kept
    assert (folder / FILE_NAME).read_bytes() == stored


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("empty", "the body is empty instead of XML"),
        ("a web page", "the body is HTML instead of XML"),
        ("HTML in small letters", "the body is HTML instead of XML"),
        ("cut before its last sign", "the body is no XML from line"),
        ("the history of 90 days", "not one day of exchange rates"),
        ("no franc", "there is no rate for CHF"),
        ("a rate of 0", "the rate of GBP is 0.0; allowed is a finite number above 0"),
        ("a rate of N/A", "rate of GBP is 'N/A'"),
        ("a multiplier", "the row is 'currency, multiplier, rate'"),
        ("an entity", "a document type of its own"),
        ("tomorrow", "of 2026-11-24, but today is 2026-11-23"),
        ("older than what is in force", "of 2026-11-19, older than those of 2026-11-20 in force"),
        ("twice", "currency is 'USD'; allowed is each but EUR once"),
    ],
)
def test_the_sentence_names_what_was_wrong(bank: Server, name: str, said: str) -> None:
    ask()
    bank.always(PATH, LASTING[name])
    assert said in ended(ask())[1]


def test_a_problem_is_over_with_the_next_good_answer(bank: Server) -> None:
    bank.always(PATH, status(500))
    assert ended(ask())[0] == "failed"
    assert "status 500" in problem()
    bank.fault(PATH)
    assert ended(ask())[0] == "refreshed"
    assert problem() == ""


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        (without("ISK"), "the rate of ISK would vanish"),
        (PLANTED | {"TRY": "140"}, "1 of 30 exchange rates would move by more than a factor of 2"),
        (PLANTED | {"TRY": "20.1"}, "TRY from 55.8015 to 20.1 for 1 EUR"),
        (PLANTED | {"JPY": "0.0057"}, "JPY from 175.68 to 0.0057"),
    ],
)
def test_odd_rates_are_held_back_until_they_are_wanted(
    bank: Server, rates: dict[str, str], said: str
) -> None:
    bank.plant(PATH, document(rates))
    outcome, sentence = ended(ask())
    assert outcome == "held_back"
    assert said in sentence
    assert "--force" in sentence
    assert problem() == sentence
    assert load_currencies() == bundled_rates()
    assert ended(ask(force=True))[0] == "refreshed"
    assert load_currencies().units_per_eur == {name: float(rate) for name, rate in rates.items()} | {"EUR": 1}
    assert ended(ask())[0] == "refreshed"


def test_a_new_currency_is_welcome() -> None:
    before = bundled_rates()
    after = before._replace(units_per_eur={**before.units_per_eur, "ARS": 1700.0})
    assert doubt_rates(before, after) == ""


def test_the_core_is_bundled_and_a_set_without_one_of_it_is_refused() -> None:
    rates = bundled_rates().units_per_eur
    assert set(CORE) < set(rates)
    for currency in CORE:
        with pytest.raises(ValueError, match=f"no rate for {currency}"):
            check_rates({name: rate for name, rate in rates.items() if name != currency})
    with pytest.raises(ValueError, match="the rate of EUR is 2"):
        check_rates({**rates, "EUR": 2.0})


def put_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


# Whatever stands in the place of the stored rates.
STORED_DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-20]),
    "another digit": lambda path: path.write_bytes(path.read_bytes().replace(b'"USD": 1.', b'"USD": 2.')),
    "a list": lambda path: path.write_text("[]"),
    "no fingerprint": lambda path: path.write_text('{"schema_version": 1}'),
    "deep": lambda path: path.write_text("[" * 100_000),
    "no text": lambda path: path.write_bytes(b"\xff\xfe"),
    "a folder": put_a_folder,
}


@pytest.mark.parametrize("name", STORED_DAMAGES)
def test_a_damaged_file_is_ignored_and_named(folder: Path, name: str) -> None:
    path = store_rates(folder, Rates(TRUTH, DAY, SOURCE), retrieved_at="2026-11-20T16:00:00+00:00")
    assert load_currencies().units_per_eur == TRUTH
    STORED_DAMAGES[name](path)
    # The clock of a file system ticks too slowly to tell the two apart for sure.
    os.utime(path, (1, 1))
    assert load_currencies() == bundled_rates()
    assert problem().startswith("currencies.json ")
    assert problem().endswith("; the bundled rates stand in for it.")
    assert price_problems(price_status()).keys() == {"ecb"}


def test_a_file_of_another_version_is_ignored_and_says_so(folder: Path) -> None:
    path = store_rates(folder, Rates(TRUTH, DAY, SOURCE), retrieved_at="2026-11-20T16:00:00+00:00")
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema_version": 2}))
    assert load_currencies() == bundled_rates()
    assert "its schema version is 2; this version of Rig or Rent reads 1" in problem()


def test_a_refresh_replaces_a_damaged_file(bank: Server, folder: Path) -> None:
    folder.mkdir()
    (folder / FILE_NAME).write_text("{")
    assert ended(ask())[0] == "refreshed"
    assert problem() == ""
    assert isinstance(read_stored_rates(), StoredRates)


def test_rates_that_cannot_be_stored_are_not_in_force(
    bank: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        outcome, sentence = ended(ask())
    assert outcome == "failed"
    assert "No space left on device" in sentence
    assert load_currencies() == bundled_rates()
    assert not (folder / FILE_NAME).exists()


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_a_document_cut_anywhere_is_no_document(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(PLAIN) - 1))
    with pytest.raises(UnknownShape):
        parse_rates(PLAIN[:at], SOURCE)


@given(
    content=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))
)
@settings(max_examples=200, deadline=None)
def test_whatever_comes_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(UnknownShape, match=r"\.$"):
        parse_rates(content, SOURCE)


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_a_changed_byte_of_the_stored_file_never_becomes_another_rate(
    data: st.DataObject, tmp_path_factory: Any
) -> None:
    place = tmp_path_factory.getbasetemp() / "changed rates"
    path = store_rates(place, Rates(TRUTH, DAY, SOURCE), retrieved_at="2026-11-20T16:00:00+00:00")
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(content))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("RIG_OR_RENT_CACHE_DIR", str(place))
        found = read_stored_rates()
    if isinstance(found, StoredRates):
        assert found.rates == (TRUTH, DAY, SOURCE)
    else:
        assert found is not None
        assert FILE_NAME in found
