"""A web server on this machine that answers as planted and misbehaves as told.

    server.plant("/prices.json", body, etag='"1"', packed="gzip")
    server.plant_handler("/skus", lambda request: Answer(page(request.query.get("pageToken", ""))))
    server.fault("/prices.json", status(503), cut(100))      # two attempts; from the third on all is well
    server.fault("/prices.json", None, cut(100))             # None: one attempt without a fault
    server.always("/prices.json", html())                    # every attempt
    server.asked("/prices.json")                             # the requests, in the order of arrival
    server.latency_s, server.bytes_per_second = 0.05, 2.5e6  # one link that all connections share

A path may be planted with its query, `"/skus?pageToken=2"`, in any order and encoding; it goes before the
same path without one. A path that ends in `*` stands for all that begin so. Everything else is a 404.
"""

from __future__ import annotations

import gzip
import io
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

Packed = Literal["", "gzip", "gzip unnamed", "deflate"]
Framing = Literal["length", "chunked", "close"]
Key = tuple[str, frozenset[tuple[str, str]] | None]
T = TypeVar("T")

PIECE_BYTES = 16 * 1024
HTML = b"<!DOCTYPE html><html><body><h1>Sign in</h1><form><input name=user></form></body></html>"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked. Header names are in small letters; `query` holds the last value of each name.

    `body` is what came along with a POST.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    connection: int
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes over the wire. `body` is what is sent, already packed; a `Path` is sent from the file.

    `framing` is how the end of the body is told. `cut_after_bytes` closes the connection in the middle,
    `stall_after_bytes` pauses there for `stall_s`; `trickle_s` is the pause after every byte of the body,
    `header_trickle_s` that after every byte of the headers.
    """

    body: bytes | Path = b""
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    framing: Framing = "length"
    delay_s: float = 0.0
    cut_after_bytes: int | None = None
    stall_after_bytes: int | None = None
    stall_s: float = 0.0
    trickle_s: float = 0.0
    header_trickle_s: float = 0.0
    header_cut_after_bytes: int | None = None
    is_endless: bool = False
    is_silent: bool = False


Fault = Callable[[Answer], Answer]
Handler = Callable[[Request], Answer]


def status(code: int, *, retry_after: str = "", body: bytes = b'{"error": "planted"}') -> Fault:
    """Another status; `retry_after` in seconds or as an HTTP date."""
    headers = {"Retry-After": retry_after} if retry_after else {}
    return lambda answer: Answer(body, status=code, headers=headers)


def delay(seconds: float) -> Fault:
    """Nothing at all for so long, then the answer."""
    return lambda answer: replace(answer, delay_s=seconds)


def stall(seconds: float, *, after_bytes: int = 10) -> Fault:
    """A pause in the middle of the body."""
    return lambda answer: replace(answer, stall_after_bytes=after_bytes, stall_s=seconds)


def trickle(pause_s: float) -> Fault:
    """The body byte by byte, with a pause after each."""
    return lambda answer: replace(answer, trickle_s=pause_s)


def trickle_headers(pause_s: float) -> Fault:
    """The headers byte by byte, with a pause after each."""
    return lambda answer: replace(answer, header_trickle_s=pause_s)


def cut_headers(after_bytes: int) -> Fault:
    """The connection closes in the middle of the headers."""
    return lambda answer: replace(answer, header_cut_after_bytes=after_bytes)


def hang_up() -> Fault:
    """The connection closes before a word is said."""
    return lambda answer: replace(answer, is_silent=True)


def cut(after_bytes: int = 10, *, framing: Framing = "length") -> Fault:
    """The connection closes in the middle of the body."""
    return lambda answer: replace(answer, cut_after_bytes=after_bytes, framing=framing)


def cut_with_matching_length(after_bytes: int = 10) -> Fault:
    """The body ends in the middle, and its length says that this is all."""
    return lambda answer: replace(answer, body=_bytes(answer.body)[:after_bytes])


def empty() -> Fault:
    """Status 200 and no body."""
    return lambda answer: replace(answer, body=b"")


def html(body: bytes = HTML) -> Fault:
    """Status 200 and a web page, as from a network that wants a sign-in."""
    return lambda answer: Answer(body, content_type="text/html")


def other_body(body: bytes) -> Fault:
    """Status 200, the same headers, another body."""
    return lambda answer: replace(answer, body=body)


def other_content_type(content_type: str) -> Fault:
    """The same body under another type."""
    return lambda answer: replace(answer, content_type=content_type)


def truncated_gzip(keep_fraction: float = 0.5) -> Fault:
    """A gzip body whose end is missing, under a length that matches."""

    def fault(answer: Answer) -> Answer:
        body = _gzipped(answer)
        headers = {**answer.headers, "Content-Encoding": "gzip"}
        return replace(answer, body=body[: int(len(body) * keep_fraction)], headers=headers)

    return fault


def damaged_gzip() -> Fault:
    """A gzip body that unpacks, but whose checksum is another."""

    def fault(answer: Answer) -> Answer:
        body = bytearray(_gzipped(answer))
        body[-8] ^= 0xFF
        return replace(answer, body=bytes(body), headers={**answer.headers, "Content-Encoding": "gzip"})

    return fault


def gzip_bomb(size_bytes: int = 2**30) -> Fault:
    """A small body that unpacks to a huge one."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    blanks = b" " * 2**20
    body = b"".join(packer.compress(blanks) for _ in range(size_bytes // len(blanks))) + packer.flush()
    return lambda answer: replace(answer, body=body, headers={**answer.headers, "Content-Encoding": "gzip"})


def endless() -> Fault:
    """A body that repeats itself for ever."""
    return lambda answer: replace(answer, is_endless=True, framing="chunked")


def redirect(to: str, *, code: int = 302) -> Fault:
    """Go elsewhere."""
    return lambda answer: Answer(status=code, headers={"Location": to})


class Server:
    """A running server; `close` it, or use it in a `with`."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.errors: list[Exception] = []
        self.latency_s = 0.0
        self.bytes_per_second = 0.0
        self._routes: dict[Key, Handler] = {}
        self._faults: dict[Key, deque[Fault | None]] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._link_free_at = 0.0
        self._connections = 0
        self._web = _Web(self)
        self.url = f"http://127.0.0.1:{self._web.server_address[1]}"
        self._thread = threading.Thread(target=self._web.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop; every connection ends."""
        self._stopping.set()
        self._web.shutdown()
        self._thread.join()
        self._web.hang_up()
        self._web.server_close()

    def plant(
        self,
        path: str,
        body: bytes | Path,
        *,
        content_type: str = "application/json",
        etag: str = "",
        last_modified: str = "",
        packed: Packed = "",
        framing: Framing = "length",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer a path with a body; with validators, to whoever names one of them, with *unchanged*."""
        sent = dict(headers or {})
        if etag:
            sent["ETag"] = etag
        if last_modified:
            sent["Last-Modified"] = last_modified
        if packed in {"gzip", "deflate"}:
            sent["Content-Encoding"] = packed
        if packed == "deflate":
            body = zlib.compress(_bytes(body))
        elif packed:
            body = gzip.compress(_bytes(body), mtime=0)
        answer = Answer(body, content_type=content_type, headers=sent, framing=framing)
        self.plant_handler(path, lambda request: answer)

    def plant_handler(self, path: str, handler: Handler) -> None:
        """Answer a path with what a function makes of the request. Validators among its headers count too."""
        with self._lock:
            self._routes[_key(path)] = handler

    def fault(self, path: str, *faults: Fault | None) -> None:
        """Misbehave at the next requests for a path, one fault each; it needs not be planted."""
        with self._lock:
            self._faults[_key(path)] = deque(faults)

    def always(self, path: str, fault: Fault) -> None:
        """Misbehave at every request for a path."""
        self.fault(path, *[fault] * 100)

    def asked(self, path: str) -> list[Request]:
        """The requests for a path, in the order of arrival."""
        with self._lock:
            return [request for request in self.requests if request.path == path]

    def answer(self, request: Request) -> Answer:
        """What to send; the request is noted."""
        query = frozenset(request.query.items())
        with self._lock:
            self.requests.append(request)
            handler = _best(self._routes, request.path, query)
            faults = _best(self._faults, request.path, query)
            fault = faults.popleft() if faults else None
        answer = Answer(b'{"error": "nothing is planted here"}', status=404)
        if handler is not None:
            try:
                answer = handler(request)
            except Exception as error:
                self.errors.append(error)
                answer = Answer(str(error).encode(), status=500)
        if fault is not None:
            return fault(answer)
        named = {request.headers.get("if-none-match"), request.headers.get("if-modified-since")}
        validators = {answer.headers.get("ETag"), answer.headers.get("Last-Modified")} - {None}
        if answer.status == 200 and named & validators:
            return Answer(status=304, headers=answer.headers)
        return answer

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than the server runs."""
        if seconds > 0:
            self._stopping.wait(seconds)

    def next_connection(self) -> int:
        """A number for a connection, from 1 on."""
        with self._lock:
            self._connections += 1
            return self._connections

    def take_link(self, size_bytes: int) -> None:
        """Wait until the shared link has carried so many bytes."""
        if not self.bytes_per_second:
            return
        with self._lock:
            now = time.monotonic()
            self._link_free_at = max(now, self._link_free_at) + size_bytes / self.bytes_per_second
            wait_s = self._link_free_at - now
        self.pause(wait_s)

    @property
    def is_stopping(self) -> bool:
        """Whether `close` was called."""
        return self._stopping.is_set()


class _Web(ThreadingHTTPServer):
    """One thread a connection, all of which end with the server."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, server: Server) -> None:
        self.planted = server
        self._open: set[_Talk] = set()
        self._open_lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Talk)

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked has gone: that is what some tests do."""

    def note(self, talk: _Talk, *, is_open: bool) -> None:
        with self._open_lock:
            if is_open:
                self._open.add(talk)
            else:
                self._open.discard(talk)

    def hang_up(self) -> None:
        with self._open_lock:
            talks = list(self._open)
        for talk in talks:
            with suppress(OSError):
                talk.connection.shutdown(2)


class _Talk(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    # Small writes must not wait for one another: it would look like latency.
    disable_nagle_algorithm = True
    server: _Web

    def setup(self) -> None:
        super().setup()
        self.number = self.server.planted.next_connection()
        self.server.note(self, is_open=True)
        # Setting up a connection takes a round trip of its own.
        self.server.planted.pause(self.server.planted.latency_s)

    def finish(self) -> None:
        self.server.note(self, is_open=False)
        with suppress(OSError):
            super().finish()

    def log_message(self, format: str, *args: object) -> None:
        """Tests read `Server.requests`."""

    def do_GET(self) -> None:
        self._talk(b"")

    def do_POST(self) -> None:
        self._talk(self.rfile.read(int(self.headers["Content-Length"])))

    def _talk(self, body: bytes) -> None:
        planted = self.server.planted
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = planted.answer(Request(self.command, unquote(parts.path), query, headers, self.number, body))
        planted.pause(planted.latency_s + answer.delay_s)
        if answer.is_silent:
            self.close_connection = True
            return
        try:
            self._send(answer)
        except OSError:
            self.close_connection = True

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        has_body = answer.status != 304
        if has_body:
            self.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if has_body and answer.framing == "length":
            self.send_header("Content-Length", str(_length(answer.body)))
        elif has_body and answer.framing == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
        elif has_body:
            self.send_header("Connection", "close")
            self.close_connection = True
        if not self._send_headers(answer) or not has_body:
            return
        sent = 0
        for piece in _pieces(answer):
            if self.server.planted.is_stopping or sent == answer.cut_after_bytes:
                self.close_connection = True
                return
            if answer.stall_after_bytes is not None and sent == answer.stall_after_bytes:
                self.server.planted.pause(answer.stall_s)
            self.server.planted.take_link(len(piece))
            if answer.framing == "chunked":
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            else:
                self.wfile.write(piece)
            sent += len(piece)
            self.server.planted.pause(answer.trickle_s)
        if answer.framing == "chunked":
            self.wfile.write(b"0\r\n\r\n")

    def _send_headers(self, answer: Answer) -> bool:
        """Send the headers as the answer wants it; False where they break off."""
        if not answer.header_trickle_s and answer.header_cut_after_bytes is None:
            self.end_headers()
            return True
        wire, self.wfile = self.wfile, io.BytesIO()
        self.end_headers()
        headers, self.wfile = self.wfile.getvalue(), wire
        for byte in headers[: answer.header_cut_after_bytes]:
            if self.server.planted.is_stopping:
                break
            self.wfile.write(bytes([byte]))
            self.server.planted.pause(answer.header_trickle_s)
        self.close_connection = answer.header_cut_after_bytes is not None
        return not self.close_connection


def _pieces(answer: Answer) -> Iterator[bytes]:
    """The body in pieces that end where something is to happen."""
    marks = {mark for mark in (answer.cut_after_bytes, answer.stall_after_bytes) if mark is not None}
    sent = 0
    while True:
        for piece in _read(answer.body):
            rest = piece
            while rest:
                size = 1 if answer.trickle_s else min(len(rest), PIECE_BYTES)
                size = min([size, *(mark - sent for mark in marks if mark > sent)])
                yield rest[:size]
                sent += size
                rest = rest[size:]
        if not answer.is_endless or not _length(answer.body):
            return


def _read(body: bytes | Path) -> Iterator[bytes]:
    if isinstance(body, bytes):
        yield body
        return
    with body.open("rb") as file:
        while piece := file.read(256 * 1024):
            yield piece


def _length(body: bytes | Path) -> int:
    return len(body) if isinstance(body, bytes) else body.stat().st_size


def _bytes(body: bytes | Path) -> bytes:
    return body if isinstance(body, bytes) else body.read_bytes()


def _gzipped(answer: Answer) -> bytes:
    body = _bytes(answer.body)
    return body if body.startswith(b"\x1f\x8b") else gzip.compress(body, mtime=0)


def _key(path: str) -> Key:
    parts = urlsplit(path)
    query = frozenset(parse_qsl(parts.query, keep_blank_values=True)) if parts.query else None
    return unquote(parts.path), query


def _best(table: Mapping[Key, T], path: str, query: frozenset[tuple[str, str]]) -> T | None:
    """The entry with this query, else the one of the path, else that of the longest beginning."""
    for key in ((path, query), (path, None)):
        if key in table:
            return table[key]
    beginnings = [key for key in table if key[0].endswith("*") and path.startswith(key[0][:-1])]
    return table[max(beginnings, key=lambda key: len(key[0]))] if beginnings else None
