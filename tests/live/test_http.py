"""The transport over real HTTP: every way in which a network or a server fails, and what is said about it."""

from __future__ import annotations

import gzip
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
import weakref
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from pricing.deadline import stopped_after
from pricing.errors import CannotReach, PricingError, Refused, UnknownShape
from pricing.http import Client, Limits, Reply, Validators
from tests.live import server as faults
from tests.live.server import Answer, Fault, Packed, Request, Server

# Long enough to be sent in many pieces, and no text that packs to nothing.
BODY = b"sku,price\n" + b"".join(b"%d,%d\n" % (row, row * 7919 % 10007) for row in range(60_000))
QUICK = Limits(connect_s=2, read_s=0.5, deadline_s=20, backoff_s=0.01)
SECRET = "AIza-not-a-real-key"


def whole(reply: Reply) -> bytes:
    return b"".join(reply.chunks())


def quick(server: Server, limits: Limits = QUICK, sleep: Callable[[float], object] | None = None) -> Client:
    return Client(server.url, limits=limits, sleep=sleep or (lambda seconds: None))


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with quick(server) as client:
        yield client


# What arrives


@pytest.mark.parametrize("packed", ["", "gzip", "gzip unnamed", "deflate"])
@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_a_body_arrives_as_it_was_sent(
    server: Server, client: Client, packed: Packed, framing: faults.Framing
) -> None:
    server.plant("/prices.csv", BODY, packed=packed, framing=framing)
    assert client.read("/prices.csv", whole) == BODY
    assert len(server.requests) == 1


def test_raw_deflate_arrives_too(server: Server, client: Client) -> None:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(BODY) + packer.flush()
    server.plant("/prices.csv", packed, headers={"Content-Encoding": "deflate"})
    assert client.read("/prices.csv", whole) == BODY


def test_gzip_in_several_members_with_padding_arrives_whole(server: Server, client: Client) -> None:
    members = [gzip.compress(BODY[:1000]), gzip.compress(BODY[1000:]), b"\0" * 512]
    server.plant("/prices.csv", b"".join(members), headers={"Content-Encoding": "gzip"})
    assert client.read("/prices.csv", whole) == BODY


def test_a_large_body_comes_in_bounded_pieces(server: Server, client: Client) -> None:
    body = random.Random(1).randbytes(2**20) * 8
    for packed in ("", "gzip"):
        server.plant("/large", body, packed="gzip" if packed else "")
        sizes = client.read("/large", lambda reply: [len(piece) for piece in reply.chunks()])
        assert sizes is not None
        assert sum(sizes) == len(body)
        assert min(sizes) > 0
        assert max(sizes) <= 2**20


@pytest.mark.parametrize("size", [0, 1, 2])
def test_the_shortest_bodies_arrive(server: Server, client: Client, size: int) -> None:
    server.plant("/short", BODY[:size])
    assert client.read("/short", whole) == BODY[:size]


def test_json_arrives_as_its_values(server: Server, client: Client) -> None:
    server.plant("/prices.json", b'\xef\xbb\xbf{"price": 0.526, "name": "T4"}')
    assert client.read("/prices.json", lambda reply: reply.json()) == {"price": 0.526, "name": "T4"}


def test_the_query_is_sent_and_kept_without_its_secrets(server: Server, client: Client) -> None:
    server.plant("/api/prices", b"{}")
    filter_text = "serviceName eq 'Virtual Machines' and armRegionName eq 'westeurope'"
    url = client.read(
        "api/prices?page=1&Key=hidden", lambda reply: reply.url, params={"$filter": filter_text}
    )
    assert dict(server.requests[0].query) == {"page": "1", "Key": "hidden", "$filter": filter_text}
    assert url is not None
    assert url.startswith(f"{server.url}/api/prices?page=1&%24filter=serviceName%20eq%20")
    assert "hidden" not in url


def test_spaces_and_brackets_in_a_path_are_sent_once_encoded(server: Server, client: Client) -> None:
    server.plant("/US East (N. Virginia)/index.json", b"{}")
    for path in ("/US East (N. Virginia)/index.json", "/US%20East%20%28N.%20Virginia%29/index.json"):
        assert client.read(path, lambda reply: reply.json()) == {}


def test_the_project_says_who_asks(server: Server, client: Client) -> None:
    server.plant("/prices.json", b"{}")
    client.read("/prices.json", whole)
    headers = server.requests[0].headers
    assert headers["user-agent"].startswith("rig-or-rent/")
    assert headers["accept-encoding"] == "gzip"


def test_one_connection_carries_many_reads(server: Server, client: Client) -> None:
    server.plant("/prices.json", BODY, packed="gzip")
    for _ in range(5):
        client.read("/prices.json", whole)
    assert {request.connection for request in server.requests} == {1}


def test_bytes_are_told_as_they_come_over_the_wire(server: Server) -> None:
    server.plant("/prices.csv", BODY, packed="gzip")
    told: list[int] = []
    with Client(server.url, on_bytes=told.append) as client:
        client.read("/prices.csv", whole)
    assert sum(told) == len(gzip.compress(BODY, mtime=0))


def test_bytes_of_a_failed_attempt_are_told_too(server: Server) -> None:
    """What came over the wire came, although it was of no use."""
    server.plant("/prices.csv", BODY)
    server.fault("/prices.csv", faults.cut(5000))
    told: list[int] = []
    with Client(server.url, limits=QUICK, on_bytes=told.append) as client:
        assert client.read("/prices.csv", whole) == BODY
    assert min(told) > 0
    assert sum(told) == 5000 + len(BODY)


def test_threads_read_side_by_side(server: Server, client: Client) -> None:
    server.plant("/prices.csv", BODY)
    server.latency_s = 0.1
    read: list[bytes | None] = []
    threads = [
        threading.Thread(target=lambda: read.append(client.read("/prices.csv", whole))) for _ in range(8)
    ]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == [BODY] * 8
    assert time.monotonic() - started < 8 * 0.2


# What is unchanged


def test_an_unchanged_document_is_not_read_again(server: Server, client: Client) -> None:
    server.plant("/a", BODY, etag='"7"', last_modified="Mon, 23 Nov 2026 08:00:00 GMT")
    validators = client.read("/a", lambda reply: reply.validators)
    assert validators == Validators('"7"', "Mon, 23 Nov 2026 08:00:00 GMT")
    assert client.read("/a", whole, validators=validators) is None
    server.plant("/a", b"new", etag='"8"', last_modified="Mon, 23 Nov 2026 09:00:00 GMT")
    assert client.read("/a", whole, validators=validators) == b"new"


@pytest.mark.parametrize(
    "validators", [Validators(etag='"7"'), Validators(last_modified="Mon, 23 Nov 2026 08:00:00 GMT")]
)
def test_either_validator_is_enough(server: Server, client: Client, validators: Validators) -> None:
    server.plant("/a", BODY, etag=validators.etag, last_modified=validators.last_modified)
    assert client.read("/a", whole, validators=validators) is None


@pytest.mark.parametrize("validators", [None, Validators()])
def test_unchanged_without_a_question_is_refused(
    server: Server, client: Client, validators: Validators | None
) -> None:
    server.fault("/a", faults.status(304))
    with pytest.raises(Refused, match="unchanged"):
        client.read("/a", whole, validators=validators)


# What passes

RETRYABLE: dict[str, Fault] = {
    "429": faults.status(429),
    "500": faults.status(500),
    "502": faults.status(502, body=faults.HTML),
    "503": faults.status(503, retry_after="0"),
    "504": faults.status(504),
    "hung up": faults.hang_up(),
    "cut in the status": faults.cut_headers(9),
    "cut in the headers": faults.cut_headers(60),
    "cut between headers": lambda answer: Answer(
        BODY, headers={"Content-Encoding": "gzip"}, header_cut_after_bytes=17
    ),
    "late": faults.delay(1),
    "stalled": faults.stall(1, after_bytes=100),
    "cut before the first byte": faults.cut(0),
    "cut": faults.cut(5000),
    "cut one byte early": faults.cut(len(BODY) - 1),
    "cut between chunks": faults.cut(5000, framing="chunked"),
    "truncated gzip": faults.truncated_gzip(),
    "gzip without its last byte": faults.truncated_gzip(0.99999),
    "damaged gzip": faults.damaged_gzip(),
    "gzip in name only": lambda answer: Answer(BODY, headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("fault", RETRYABLE.values(), ids=RETRYABLE)
def test_what_may_pass_is_tried_again_from_the_start(server: Server, client: Client, fault: Fault) -> None:
    server.plant("/prices.csv", BODY)
    server.fault("/prices.csv", fault)
    assert client.read("/prices.csv", whole) == BODY
    assert len(server.requests) == 2


def test_the_last_attempt_counts_too(server: Server, client: Client) -> None:
    server.plant("/prices.csv", BODY)
    server.fault("/prices.csv", faults.cut(5000), faults.status(503), faults.truncated_gzip())
    assert client.read("/prices.csv", whole) == BODY
    assert len(server.requests) == 4


@pytest.mark.parametrize("fault", RETRYABLE.values(), ids=RETRYABLE)
def test_what_does_not_pass_ends_in_a_sentence(server: Server, fault: Fault) -> None:
    server.plant("/prices.csv", BODY)
    server.always("/prices.csv", fault)
    with (
        quick(server, Limits(read_s=0.2, attempts=2)) as client,
        pytest.raises((CannotReach, Refused)) as caught,
    ):
        client.read("/prices.csv?key=hidden", whole)
    sentence = str(caught.value)
    assert sentence.startswith(f"{server.url}/prices.csv: ")
    assert "after 2 attempts" in sentence
    assert "refresh again" in sentence
    assert "hidden" not in sentence
    assert len(server.requests) == 2


@pytest.mark.parametrize("swallow", [True, False])
def test_a_parser_cannot_make_prices_of_a_cut_body(server: Server, client: Client, swallow: bool) -> None:
    """Not even one that takes an error for the end, or calls everything an unknown shape."""

    def consume(reply: Reply) -> list[bytes]:
        pieces: list[bytes] = []
        try:
            pieces.extend(reply.chunks())
        except Exception as error:
            if not swallow:
                raise UnknownShape("I cannot read this.") from error
        return pieces

    server.plant("/prices.csv", BODY)
    server.fault("/prices.csv", faults.cut(5000))
    assert b"".join(client.read("/prices.csv", consume) or []) == BODY
    server.always("/prices.csv", faults.cut(5000))
    with pytest.raises(CannotReach, match="cut short"):
        client.read("/prices.csv", consume)


def test_a_cut_is_found_although_the_parser_stops_early(server: Server, client: Client) -> None:
    server.plant("/prices.csv", BODY)
    server.always("/prices.csv", faults.cut(len(BODY) - 1))
    with pytest.raises(CannotReach):
        client.read("/prices.csv", lambda reply: next(reply.chunks()))


def test_damage_that_a_parser_meets_before_the_checksum_is_tried_again(
    server: Server, client: Client
) -> None:
    def consume(reply: Reply) -> bytes:
        body = bytearray()
        for piece in reply.chunks():
            if not body and not piece.startswith(b"sku"):
                raise UnknownShape("The header is another.")
            body += piece
        return bytes(body)

    # Stored, not packed, so that the damage shows as another letter first and as a wrong checksum at the end.
    stored = gzip.compress(BODY, compresslevel=0, mtime=0)
    damaged = stored.replace(b"sku", b"sKu", 1)
    assert damaged != stored
    server.plant("/prices.csv", stored, headers={"Content-Encoding": "gzip"})
    server.fault("/prices.csv", faults.other_body(damaged))
    assert client.read("/prices.csv", consume) == BODY


def test_an_unknown_shape_is_not_tried_again(server: Server, client: Client) -> None:
    def consume(reply: Reply) -> None:
        raise UnknownShape("Another schema.")

    server.plant("/prices.csv", BODY)
    with pytest.raises(UnknownShape, match=r"Another schema\."):
        client.read("/prices.csv", consume)
    assert len(server.requests) == 1


# How long it takes


def waits(server: Server, *planted: Fault, limits: Limits = QUICK) -> list[float]:
    """How long a read waited between its attempts, in seconds."""
    slept: list[float] = []
    server.plant("/prices.csv", BODY)
    server.fault("/prices.csv", *planted)
    with quick(server, limits, slept.append) as client:
        assert client.read("/prices.csv", whole) == BODY
    return slept


def test_waits_double(server: Server) -> None:
    limits = Limits(backoff_s=0.5)
    assert waits(server, *[faults.status(500)] * 3, limits=limits) == [0.5, 1.0, 2.0]


def test_retry_after_in_seconds_is_obeyed(server: Server) -> None:
    assert waits(server, faults.status(429, retry_after="7")) == [7.0]


def test_retry_after_as_a_date_is_obeyed(server: Server) -> None:
    date = format_datetime(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=9), usegmt=True)
    (wait_s,) = waits(server, faults.status(503, retry_after=date))
    assert wait_s == pytest.approx(9, abs=2)


@pytest.mark.parametrize("text", ["soon", "-5", "Mon, 23 Nov 2020 08:00:00 GMT", "", "Mon, 99 Foo 2026"])
def test_a_retry_after_that_says_nothing_leaves_the_usual_wait(server: Server, text: str) -> None:
    assert waits(server, faults.status(503, retry_after=text)) == [QUICK.backoff_s]


@pytest.mark.parametrize("text", ["3600", "9" * 5000])
def test_a_wait_beyond_the_deadline_is_not_begun(server: Server, text: str) -> None:
    slept: list[float] = []
    server.fault("/prices.csv", faults.status(429, retry_after=text))
    with (
        quick(server, Limits(deadline_s=60), slept.append) as client,
        pytest.raises(Refused, match="no time is left") as caught,
    ):
        client.read("/prices.csv", whole)
    assert slept == []
    assert caught.value.status == 429


@pytest.mark.parametrize(
    "fault",
    [faults.trickle(0.05), faults.endless(), faults.trickle_headers(0.05)],
    ids=["trickle", "endless", "headers that trickle"],
)
def test_the_deadline_ends_what_never_stands_still(server: Server, fault: Fault) -> None:
    server.plant("/prices.csv", BODY)
    server.always("/prices.csv", fault)
    started = time.monotonic()
    with (
        quick(server, Limits(read_s=5, deadline_s=0.6)) as client,
        pytest.raises(CannotReach, match=r"within 0\.6 s"),
    ):
        client.read("/prices.csv", lambda reply: sum(len(piece) for piece in reply.chunks()))
    assert time.monotonic() - started < 3


def test_the_deadline_spans_all_attempts(server: Server) -> None:
    server.plant("/prices.csv", BODY)
    server.always("/prices.csv", faults.delay(5))
    started = time.monotonic()
    limits = Limits(read_s=0.4, deadline_s=1, attempts=100, backoff_s=0.01)
    with quick(server, limits, time.sleep) as client, pytest.raises(CannotReach):
        client.read("/prices.csv", whole)
    assert 0.4 < time.monotonic() - started < 2.5
    assert 2 <= len(server.requests) <= 4


def watches() -> int:
    """How many threads watch deadlines."""
    return sum(thread.name == "deadlines" for thread in threading.enumerate())


def test_one_thread_watches_over_all_reads(server: Server, client: Client) -> None:
    server.plant("/prices.json", b"{}")
    seen: set[int] = set()

    def consume(reply: Reply) -> None:
        whole(reply)
        seen.add(watches())

    readers = [threading.Thread(target=client.read, args=("/prices.json", consume)) for _ in range(10)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(server.requests) == 10
    assert seen == {1}


def test_what_is_late_is_stopped_once_and_knows_it() -> None:
    knew: list[bool] = []
    stopped = threading.Event()

    def stop() -> None:
        knew.append(expired.is_set())
        stopped.set()

    with stopped_after(0.05, stop) as expired:
        assert not expired.is_set()
        assert stopped.wait(5)
        time.sleep(0.1)
    assert knew == [True]


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_what_is_late_already_is_stopped_at_once(seconds: float) -> None:
    stopped = threading.Event()
    with stopped_after(seconds, stopped.set):
        assert stopped.wait(5)


def test_a_nearer_deadline_does_not_wait_for_a_farther_one() -> None:
    order: list[str] = []
    near, far = threading.Event(), threading.Event()
    with stopped_after(1e12, far.set), stopped_after(0.05, near.set):
        assert near.wait(5)
        order.append("near")
        with stopped_after(0.05, lambda: order.append("nearest")) as expired:
            assert expired.wait(5)
    assert order == ["near", "nearest"]
    assert not far.is_set()


def test_nothing_is_stopped_after_its_block() -> None:
    """Where a deadline and the end of its block meet, it is one or the other."""
    late: list[int] = []
    stops = 0

    def race(number: int) -> None:
        nonlocal stops
        left = threading.Event()

        def stop() -> None:
            nonlocal stops
            stops += 1
            # Whoever leaves the block in this moment has to wait.
            time.sleep(0.0002)
            if left.is_set():
                late.append(number)

        for turn in range(200):
            left.clear()
            with stopped_after(0.001, stop):
                time.sleep(0.0008 + turn % 5 * 0.0001)
            left.set()

    racers = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert stops > 0
    assert late == []


def test_a_stop_that_fails_leaves_the_other_deadlines_in_force() -> None:
    for _ in range(2):
        with stopped_after(0.01, lambda: 1 / 0) as expired:
            assert expired.wait(5)
    assert watches() == 1


def test_a_deadline_that_was_kept_holds_nothing() -> None:
    class Connection:
        def stop(self) -> None:
            pass

    for seconds in (3600.0, 0.0):
        connection = Connection()
        gone = weakref.ref(connection)
        with stopped_after(seconds, connection.stop) as expired:
            assert seconds or expired.wait(5)
        del connection, expired
        assert gone() is None


def test_an_idle_watch_sleeps() -> None:
    with stopped_after(3600, lambda: None):
        before_s = time.process_time()
        time.sleep(0.3)
        assert time.process_time() - before_s < 0.03


FORKED = """
import os, sys, threading
from pricing.deadline import stopped_after
with stopped_after(3600, print):
    child = os.fork()
    if child == 0:
        with stopped_after(0.01, lambda: None) as expired:
            os._exit(0 if expired.wait(5) else 1)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_deadlines_hold_in_a_forked_process_too(root: Path) -> None:
    # Python warns of every fork beside threads.
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", FORKED], cwd=root, timeout=60, check=False)
    assert done.returncode == 0


def test_nobody_there_is_said(server: Server) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    told = r"no connection.* after 4 attempts; check the network"
    with (
        Client(url, limits=QUICK, sleep=lambda seconds: None) as client,
        pytest.raises(CannotReach, match=told),
    ):
        client.read("/prices.csv", whole)


def test_a_host_without_an_address_is_said() -> None:
    told = r"https://prices\.invalid/a: .* after 1 attempt; "
    with (
        Client("https://prices.invalid", limits=Limits(attempts=1)) as client,
        pytest.raises(CannotReach, match=told),
    ):
        client.read("/a", whole)


def test_plain_http_where_encryption_is_expected_is_said(server: Server) -> None:
    with (
        Client(server.url.replace("http:", "https:"), limits=Limits(attempts=1)) as client,
        pytest.raises(CannotReach, match="encryption"),
    ):
        client.read("/a", whole)


def test_a_proxy_of_the_environment_is_used(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    server.plant("/prices.json", b"{}")
    server.fault("/prices.json", faults.trickle_headers(0.05))
    with Client("http://prices.invalid", limits=Limits(read_s=0.3, backoff_s=0.01)) as client:
        assert client.read("/prices.json", whole) == b"{}"
    assert [request.headers["host"] for request in server.requests] == ["prices.invalid"] * 2


# What is refused


@pytest.mark.parametrize(
    ("code", "advice"),
    [(400, "key"), (401, "key"), (403, "key"), (404, "newer version"), (410, "newer"), (204, "")],
)
def test_a_status_that_stays_is_refused_at_once(
    server: Server, client: Client, code: int, advice: str
) -> None:
    server.fault("/prices.json", faults.status(code, body=b'{"reason": "API_KEY_INVALID"}'))
    with pytest.raises(Refused, match=f"status {code} after 1 attempt; .*{advice}") as caught:
        client.read("/prices.json", whole)
    assert caught.value.status == code
    assert len(server.requests) == 1
    if code != 204:
        assert b"API_KEY_INVALID" in caught.value.body


def test_the_reason_beside_a_refusal_is_bounded(server: Server, client: Client) -> None:
    server.plant("/prices.json", b"no" * 10_000_000)
    server.fault("/prices.json", lambda answer: Answer(answer.body, status=403))
    with pytest.raises(Refused) as caught:
        client.read("/prices.json", whole)
    assert len(caught.value.body) == 64 * 1024


def test_a_reason_that_trickles_holds_nobody_up(server: Server) -> None:
    server.always("/prices.json", lambda answer: Answer(BODY, status=403, trickle_s=0.05))
    started = time.monotonic()
    with quick(server, Limits(connect_s=0.3)) as client, pytest.raises(Refused):
        client.read("/prices.json", whole)
    assert time.monotonic() - started < 3


def test_a_body_over_the_limit_is_refused_before_it_is_read(server: Server) -> None:
    server.plant("/prices.csv", BODY)
    with (
        quick(server, Limits(max_body_bytes=1000)) as client,
        pytest.raises(Refused, match="over 1,000 bytes"),
    ):
        client.read("/prices.csv", whole)
    assert len(server.requests) == 1


@pytest.mark.parametrize("framing", ["chunked", "close"])
def test_a_body_over_the_limit_without_a_length_is_refused(server: Server, framing: faults.Framing) -> None:
    server.plant("/prices.csv", BODY, framing=framing)
    server.fault("/prices.csv", faults.endless() if framing == "chunked" else None)
    with (
        quick(server, Limits(max_body_bytes=100_000)) as client,
        pytest.raises(Refused, match="over 100,000"),
    ):
        client.read("/prices.csv", lambda reply: sum(len(piece) for piece in reply.chunks()))


def test_a_small_body_that_unpacks_to_a_huge_one_is_refused_early(server: Server, client: Client) -> None:
    server.plant("/prices.csv", b"")
    server.always("/prices.csv", faults.gzip_bomb(2**29))
    tracemalloc.start()
    with pytest.raises(Refused, match=r"unpack to 6[45] MiB and more"):
        client.read("/prices.csv", lambda reply: sum(len(piece) for piece in reply.chunks()))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 16 * 2**20
    assert len(server.requests) == 1


def test_a_body_that_unpacks_beyond_the_limit_is_refused(server: Server) -> None:
    server.plant("/prices.csv", BODY, packed="gzip")
    with quick(server, Limits(max_decoded_bytes=100_000)) as client, pytest.raises(Refused, match="unpack"):
        client.read("/prices.csv", whole)


def test_a_parser_that_wants_less_gets_less(server: Server, client: Client) -> None:
    server.plant("/prices.json", BODY)
    with pytest.raises(Refused, match="over 1,000 bytes"):
        client.read("/prices.json", lambda reply: reply.content(max_bytes=1000))


def test_a_packing_that_is_not_known_is_an_unknown_shape(server: Server, client: Client) -> None:
    server.plant("/prices.json", BODY, headers={"Content-Encoding": "br"})
    with pytest.raises(UnknownShape, match="'br'"):
        client.read("/prices.json", whole)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (faults.empty(), "empty"),
        (faults.html(), "HTML"),
        (faults.cut_with_matching_length(20), "perhaps it was cut"),
        (faults.other_body(b'{"price": NaN}'), "no JSON"),
        (faults.other_body(b'{"price": -Infinity}'), "no JSON"),
        (faults.other_body(b"[" * 100_000), "nested too deep"),
        (faults.other_body(b"\xff\xfe\xfa{}"), "no JSON"),
        (faults.other_body(b'{"price": %b}' % (b"9" * 5000)), "no JSON"),
    ],
)
def test_what_is_no_json_is_an_unknown_shape(
    server: Server, client: Client, fault: Fault, reason: str
) -> None:
    server.plant("/prices.json", b'{"items": [{"price": 0.526}, {"price": 1.2}]}')
    server.fault("/prices.json", fault)
    with pytest.raises(UnknownShape, match=reason) as caught:
        client.read("/prices.json", lambda reply: reply.json())
    assert str(caught.value).startswith(f"{server.url}/prices.json: ")
    assert len(server.requests) == 1


def test_a_wrong_content_type_does_not_matter(server: Server, client: Client) -> None:
    server.plant("/prices.json", b"{}")
    server.fault("/prices.json", faults.other_content_type("text/html"))
    assert client.read("/prices.json", lambda reply: reply.json()) == {}


# Where a redirect leads


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_below_the_configured_base_is_followed(server: Server, client: Client, code: int) -> None:
    server.plant("/new", BODY, etag='"7"')
    server.always("/old", faults.redirect("/new", code=code))
    read = client.read("/old", lambda reply: (reply.url, reply.validators, whole(reply)))
    assert read == (f"{server.url}/old", Validators('"7"'), BODY)
    assert client.read("/old", whole, validators=Validators('"7"')) is None


def test_the_body_beside_a_redirect_is_not_read(server: Server, client: Client) -> None:
    server.plant("/new", BODY)
    elsewhere = {"Location": "/new"}
    server.always(
        "/old", lambda answer: Answer(BODY, 302, headers=elsewhere, framing="chunked", is_endless=True)
    )
    assert client.read("/old", whole) == BODY


def test_a_fault_behind_a_redirect_is_tried_again(server: Server, client: Client) -> None:
    server.plant("/new", BODY)
    server.always("/old", faults.redirect("/new"))
    server.fault("/new", faults.cut(100))
    assert client.read("/old", whole) == BODY


def test_a_redirect_in_a_circle_ends(server: Server, client: Client) -> None:
    server.always("/a", faults.redirect("/b"))
    server.always("/b", faults.redirect("/a"))
    with pytest.raises(Refused, match="redirected over 3 times"):
        client.read("/a", whole)
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    "to",
    [
        "http://example.com/prices",
        "ftp://example.com/prices",
        "file:///etc/passwd",
        "//example.com/prices",
        "http://[",
        "",
        "https://user@example.com/",
        "https://evil.example\\@127.0.0.1/",
    ],
)
def test_a_redirect_elsewhere_is_refused(server: Server, client: Client, to: str) -> None:
    server.fault("/prices.json", faults.redirect(to))
    with pytest.raises(Refused, match="redirected to"):
        client.read("/prices.json", whole)
    assert len(server.requests) == 1


def test_a_redirect_to_another_port_is_another_place(server: Server, client: Client) -> None:
    with Server() as other:
        other.plant("/prices.json", b"{}")
        server.fault("/prices.json", faults.redirect(f"{other.url}/prices.json"))
        with pytest.raises(Refused, match="redirected to"):
            client.read("/prices.json", whole)
        assert other.requests == []


# A question with a body

QUESTION = {"query": "{ prices { gpu usd } }", "variables": {"limit": 64, "é": None}}


def test_a_body_goes_along_as_json(server: Server, client: Client) -> None:
    server.plant("/graphql", BODY)
    assert client.read("/graphql", whole, body=QUESTION) == BODY
    (asked,) = server.requests
    assert asked.method == "POST"
    assert asked.headers["content-type"] == "application/json"
    assert json.loads(asked.body) == QUESTION


def test_a_question_without_a_body_is_a_get(server: Server, client: Client) -> None:
    server.plant("/prices.csv", BODY)
    client.read("/prices.csv", whole)
    (asked,) = server.requests
    assert (asked.method, asked.body) == ("GET", b"")
    assert "content-type" not in asked.headers


def test_an_empty_body_is_a_question_too(server: Server, client: Client) -> None:
    server.plant("/search", b"{}")
    client.read("/search", whole, body={})
    (asked,) = server.requests
    assert (asked.method, asked.body) == ("POST", b"{}")


@pytest.mark.parametrize("fault", RETRYABLE.values(), ids=RETRYABLE)
def test_a_question_with_a_body_is_repeated_whole(server: Server, client: Client, fault: Fault) -> None:
    server.plant("/graphql", BODY)
    server.fault("/graphql", fault, fault)
    assert client.read("/graphql", whole, body=QUESTION) == BODY
    assert [json.loads(asked.body) for asked in server.requests] == [QUESTION] * 3
    assert {asked.method for asked in server.requests} == {"POST"}


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("to", ["/new", "https://example.com/", "http://example.com/", ""])
def test_a_question_with_a_body_is_never_sent_on(server: Server, client: Client, code: int, to: str) -> None:
    server.plant("/new", BODY)
    server.always("/graphql", faults.redirect(to, code=code))
    with pytest.raises(Refused, match=r"redirected to .* a question with a body is not sent on") as caught:
        client.read("/graphql", whole, body=QUESTION)
    assert caught.value.status == code
    assert [asked.path for asked in server.requests] == ["/graphql"]


def test_a_body_may_be_asked_below_an_absolute_address(server: Server, client: Client) -> None:
    server.plant("/graphql", b"{}")
    assert client.read(f"{server.url}/graphql", lambda reply: reply.json(), body=QUESTION) == {}


def test_a_key_goes_along_with_a_body_and_is_in_no_error(server: Server) -> None:
    server.always("/graphql", faults.status(404))
    with keyed(server.url) as client, pytest.raises(Refused) as caught:
        client.read("/graphql", whole, body=QUESTION)
    assert server.requests[0].headers["x-goog-api-key"] == SECRET
    assert SECRET not in str(caught.value)
    assert "prices" not in str(caught.value)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_body_that_json_cannot_say_is_not_sent(server: Server, client: Client, number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        client.read("/graphql", whole, body={"limit": number})
    assert server.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x",
        "@".join(["http://127.0.0.1:1", "example.com/x"]),
        "ftp://example.com/x",
        "http://[/x",
        "http:///x",
    ],
)
def test_an_absolute_address_elsewhere_is_refused(client: Client, url: str) -> None:
    with pytest.raises(Refused, match="only https and addresses below"):
        client.read(url, whole)


def test_an_absolute_address_below_the_base_is_asked(server: Server, client: Client) -> None:
    server.plant("/prices.json", b"{}")
    assert client.read(f"{server.url}/prices.json?page=2", lambda reply: reply.json()) == {}
    assert server.requests[0].query == {"page": "2"}


def test_a_base_with_a_path_keeps_to_it(server: Server) -> None:
    server.plant("/mirror/prices.json", b"{}")
    with Client(f"{server.url}/mirror/") as client:
        assert client.base_url == f"{server.url}/mirror"
        assert client.read("/prices.json", lambda reply: reply.json()) == {}
        with pytest.raises(Refused):
            client.read(f"{server.url}/mirrors/prices.json", whole)


@pytest.mark.parametrize(
    "base",
    [
        "",
        "prices.azure.com",
        "ftp://example.com",
        "http://",
        "https://a.example/?sig=hidden",
        "http://[",
        "http://a:x",
    ],
)
def test_a_base_that_is_no_address_is_refused(base: str) -> None:
    with pytest.raises(Refused, match="base URL") as caught:
        Client(base)
    assert "hidden" not in str(caught.value)


# What is never told


def keyed(base_url: str) -> Client:
    headers = {"X-Goog-Api-Key": SECRET}
    return Client(
        base_url, headers=headers, limits=Limits(read_s=0.3, attempts=2), sleep=lambda seconds: None
    )


def test_the_key_goes_to_the_base_in_a_header(server: Server) -> None:
    server.plant("/skus", b"{}")
    with keyed(server.url) as client:
        client.read("/skus", whole)
    (request,) = server.requests
    assert request.headers["x-goog-api-key"] == SECRET
    assert SECRET not in str(request.query)


def test_the_key_stays_with_its_host() -> None:
    with keyed("https://cloudbilling.googleapis.com") as client:
        for url in (
            "https://cloudbilling.googleapis.com/v1/skus",
            "https://cloudbilling.googleapis.com:443/v1/skus",
        ):
            assert client._request_headers(url, None)["X-Goog-Api-Key"] == SECRET
        for url in (
            "https://example.com/v1/skus",
            "https://cloudbilling.googleapis.com.example.com/",
            "https://cloudbilling.googleapis.com:8443/",
            "http://cloudbilling.googleapis.com/",
        ):
            assert "X-Goog-Api-Key" not in client._request_headers(url, None)


ALL_FAULTS = {
    **RETRYABLE,
    "403": faults.status(403),
    "404": faults.status(404),
    "304": faults.status(304),
    "redirect": faults.redirect("http://example.com/"),
    "circle": faults.redirect("/skus"),
    "bomb": faults.gzip_bomb(2**28),
}


@pytest.mark.parametrize("fault", ALL_FAULTS.values(), ids=ALL_FAULTS)
def test_no_error_and_no_log_line_holds_the_key(
    server: Server, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    server.plant("/skus", BODY)
    server.always("/skus", fault)
    with keyed(server.url) as client, pytest.raises(PricingError) as caught:
        client.read("/skus", lambda reply: sum(len(piece) for piece in reply.chunks()))
    error: BaseException | None = caught.value
    while error is not None:
        assert SECRET not in f"{error!r} {error} {vars(error)}"
        error = error.__cause__ or error.__context__
    assert SECRET not in caplog.text


@pytest.mark.parametrize("key", ["", " ", "a\nb", "a\r\nX-Other: 1", "clé", "a\0b"])
def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(Refused, match="X-Goog-Api-Key") as caught:
        Client("https://example.com", headers={"X-Goog-Api-Key": key})
    if key.strip():
        assert key not in str(caught.value)


def test_user_and_password_of_a_mirror_are_sent_but_never_shown(server: Server) -> None:
    server.plant("/prices.json", b"{}")
    scheme, host = server.url.split("//")
    with Client("//".join([scheme, "@".join(["someone:hidden", host])]), limits=Limits(attempts=1)) as client:
        assert client.read("/prices.json", lambda reply: reply.url) == f"{server.url}/prices.json"
        assert server.requests[0].headers["authorization"].startswith("Basic ")
        with pytest.raises(Refused) as caught:
            client.read("/missing.json", whole)
    assert "hidden" not in str(caught.value)


# The server itself


def test_the_link_carries_what_it_is_told(server: Server, client: Client) -> None:
    server.plant("/prices.csv", BODY)
    server.bytes_per_second = len(BODY) / 0.5
    started = time.monotonic()
    client.read("/prices.csv", whole)
    assert 0.4 < time.monotonic() - started < 1.5


def test_the_server_answers_by_query_then_by_path_then_by_beginning(server: Server, client: Client) -> None:
    def page(request: Request) -> Answer:
        return Answer(request.query.get("page", "none").encode())

    server.plant_handler("/skus", page)
    server.plant("/skus?page=2&size=5", b"planted")
    server.plant("/offers/*", b"below")
    read = [
        client.read(path, whole) for path in ("/skus", "/skus?page=1", "/skus?size=5&page=%32", "/offers/a/b")
    ]
    assert read == [b"none", b"1", b"planted", b"below"]
