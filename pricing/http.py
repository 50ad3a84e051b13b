"""The only place that talks to a network: bounded in time and size, honest about what went wrong.

A body counts only once it is whole. Whatever cuts it short (a closed connection, a wrong length, broken gzip)
starts the whole read again, so that part of an answer never becomes fewer prices.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from socket import SHUT_RD
from threading import Event, Lock, Timer, local
from typing import Any, NoReturn, TypeVar

import requests
import requests.adapters
import urllib3
import urllib3.connection

from .addresses import absolute, checked_base, origin, redirected, shown, without_secrets
from .errors import CHECK_NETWORK, TRY_LATER, CannotReach, PricingError, Refused, UnknownShape
from .errors import LOOK_FOR_NEWER as LOOK_FOR_NEWER
from .unpack import BrokenBody, UnknownEncoding, unpacked

T = TypeVar("T")

RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MIB = 2**20
RAW_CHUNK_BYTES = 256 * 1024
REASON_BYTES = 64 * 1024
# An expansion is judged only from here on: a short body of blanks is no bomb.
EXPANSION_JUDGED_FROM_BYTES = 64 * MIB
CONTENT_BYTES = 256 * MIB
# So much more is read of a body that a parser cannot read, to tell damage on the way from another format.
DRAINED_BYTES = 64 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, how often and how much. Seconds and bytes; ``deadline_s`` spans all attempts of one read.

    ``max_expansion`` is how many times larger than its compressed form a body may be. Price lists compress
    about 30 times.
    """

    connect_s: float = 10.0
    read_s: float = 30.0
    deadline_s: float = 1800.0
    attempts: int = 4
    max_redirects: int = 3
    max_body_bytes: int = 4096 * MIB
    max_decoded_bytes: int = 16384 * MIB
    max_expansion: float = 200.0
    backoff_s: float = 0.5


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask later whether the answer changed; empty texts where it gave nothing."""

    etag: str = ""
    last_modified: str = ""


class _Fault(CannotReach):
    """One attempt failed in a way that the next may not; ``retry_after_s`` is the wait that was asked for."""

    def __init__(self, what: str, *, retry_after_s: float = 0.0, status: int = 0, body: bytes = b"") -> None:
        super().__init__(what)
        self.retry_after_s = retry_after_s
        self.status = status
        self.body = body


class Reply:
    """One answer whose body is read once, piece by piece. It exists only while its `consume` runs.

    ``url`` is what was asked for, without user, password and secret parameters; ``validators`` belong to it.
    """

    def __init__(self, url: str, validators: Validators, body: Iterator[bytes]) -> None:
        self.url = url
        self.validators = validators
        self._body = body

    def chunks(self) -> Iterator[bytes]:
        """The decoded body in pieces of at most 1 MiB, none of them empty; a second call goes on, not back.

        Raises
        ------
        CannotReach : the body was cut or its compression is broken. `Client.read` tries again.
        Refused : the body is over the limit.
        """
        return self._body

    def content(self, max_bytes: int = CONTENT_BYTES) -> bytes:
        """The whole decoded body, refused beyond ``max_bytes``."""
        pieces: list[bytes] = []
        size = 0
        for piece in self._body:
            size += len(piece)
            if size > max_bytes:
                raise Refused(f"{shown(self.url)}: the body is over {_size(max_bytes)}; {LOOK_FOR_NEWER}.")
            pieces.append(piece)
        return b"".join(pieces)

    def json(self, max_bytes: int = CONTENT_BYTES) -> object:
        """The body as JSON. Numbers that JSON does not know (NaN, Infinity) are refused.

        Raises
        ------
        UnknownShape : the body is empty, HTML, cut at its end or otherwise no JSON.
        """
        content = self.content(max_bytes)
        try:
            return json.loads(content, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            reason = _why_not_json(content, error)
        raise UnknownShape(f"{shown(self.url)}: {reason}; {LOOK_FOR_NEWER}.")


class Client:
    """Reads from one provider. Safe to use from several threads: each has connections of its own.

    Parameters
    ----------
    base_url : http or https, without query. Other addresses than those below it are asked by https only.
    headers : sent to the host of ``base_url`` only, never after a redirect to another. They may hold a key.
    limits : see `Limits`.
    on_bytes : called with the number of bytes each time some came in, before decompression.
    sleep, clock, now : how to wait, seconds that only grow, and seconds since 1970; replaced in tests.

    Raises
    ------
    Refused : the base URL is none, or a header holds characters that cannot be sent.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        on_bytes: Callable[[int], None] | None = None,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.base_url = checked_base(base_url)
        self.limits = Limits() if limits is None else limits
        self._headers = _checked_headers(headers or {})
        self._on_bytes = on_bytes
        self._sleep = sleep
        self._clock = clock
        self._now = now
        self._own = local()
        self._sessions: list[requests.Session] = []
        self._lock = Lock()

    def with_headers(self, headers: Mapping[str, str]) -> Client:
        """A client for the same address, with headers of its own and everything else alike."""
        return Client(
            self.base_url,
            headers=headers,
            limits=self.limits,
            on_bytes=self._on_bytes,
            sleep=self._sleep,
            clock=self._clock,
            now=self._now,
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection. Reading again opens new ones."""
        with self._lock:
            sessions, self._sessions = self._sessions, []
            self._own = local()
        for session in sessions:
            session.close()

    def read(
        self,
        path: str,
        consume: Callable[[Reply], T],
        *,
        params: Mapping[str, str] | None = None,
        validators: Validators | None = None,
    ) -> T | None:
        """Ask for one document and give what `consume` makes of it; None where it is unchanged.

        What may pass is tried again from the start, with a new call of `consume`: no connection, a time-out,
        a status of 429, 500, 502, 503 or 504, a body cut short, broken gzip. The body is read to its end even
        where `consume` stops early, so that nothing is made of a part.

        Parameters
        ----------
        path : appended to the base URL, or an absolute URL that is https or begins with the base URL.
        consume : called once an attempt; it must keep nothing from an attempt that failed.
        params : added to the query.
        validators : of the answer that is kept, to be told *unchanged* instead of being sent it again.

        Raises
        ------
        CannotReach : every attempt failed, or the deadline came first.
        Refused : a status that stays, a redirect that leads elsewhere, a body over the limits.
        UnknownShape : from `consume`, or an encoding that is not known.
        """
        url = absolute(path, self.base_url, params)
        deadline = self._clock() + self.limits.deadline_s
        attempt = 0
        while True:
            attempt += 1
            outcome = self._attempt(url, consume, validators, deadline)
            if not isinstance(outcome, _Fault):
                return outcome
            if attempt >= self.limits.attempts:
                raise _failure(url, outcome, attempt)
            wait_s = max(outcome.retry_after_s, self.limits.backoff_s * 2 ** (attempt - 1))
            if wait_s > deadline - self._clock():
                raise _failure(url, outcome, attempt, ", and no time is left for another")
            self._sleep(wait_s)

    def _attempt(
        self, url: str, consume: Callable[[Reply], T], validators: Validators | None, deadline: float
    ) -> T | _Fault | None:
        """One request with all of its body: what `consume` made, None for unchanged, or the fault."""
        try:
            response = self._ask(url, validators, deadline)
        except _Fault as fault:
            return fault
        broken: list[PricingError] = []
        with self._in_time(response, deadline) as is_late:
            if response.status_code == 304:
                if validators is None or validators == Validators():
                    message = f"{shown(url)}: the answer was unchanged (status 304), which was not asked"
                    raise Refused(f"{message}; {TRY_LATER}.", status=304)
                return None
            body = self._body(url, response, is_late, broken)
            try:
                made = consume(Reply(without_secrets(url), _validators(response), body))
                for _ in body:
                    pass
            except Refused:
                raise
            except Exception:
                # Whoever trips over a body may do so because it is damaged, which shows at its end.
                _drain(body, DRAINED_BYTES)
                if not broken:
                    raise
        if not broken:
            return made
        if isinstance(broken[0], _Fault):
            return broken[0]
        raise broken[0]

    def _ask(self, url: str, validators: Validators | None, deadline: float) -> requests.Response:
        """The response with status 200 or 304, its body unread; redirects are followed here, one by one."""
        target = url
        for _ in range(self.limits.max_redirects + 1):
            response = self._send(target, validators, deadline)
            status = response.status_code
            if status in {200, 304}:
                return response
            if status not in REDIRECTS:
                self._refuse_status(url, response, deadline)
            location = response.headers.get("Location", "")
            response.close()
            target = redirected(target, location, self.base_url)
            if not target:
                message = f"{shown(url)}: redirected to {shown(location) or 'nowhere'}, but only https and"
                raise Refused(
                    f"{message} the configured address are followed; {LOOK_FOR_NEWER}.", status=status
                )
        raise Refused(
            f"{shown(url)}: redirected over {self.limits.max_redirects} times, last to {shown(target)};"
            f" {LOOK_FOR_NEWER}.",
            status=status,
        )

    def _send(self, url: str, validators: Validators | None, deadline: float) -> requests.Response:
        """Send one request and wait for the headers of its response."""
        limits = self.limits
        left_s = deadline - self._clock()
        if left_s <= 0:
            raise _Fault(f"no whole answer within {limits.deadline_s:g} s")
        connect_s, read_s = min(limits.connect_s, left_s), min(limits.read_s, left_s)
        # The errors of requests hold the whole address, so what they say is not passed on.
        try:
            return self._session().get(
                url,
                headers=self._request_headers(url, validators),
                timeout=(connect_s, read_s),
                allow_redirects=False,
                stream=True,
            )
        except requests.ConnectTimeout:
            fault = f"no connection within {round(connect_s, 1):g} s"
        except requests.Timeout:
            fault = f"no answer within {round(read_s, 1):g} s"
        except requests.exceptions.SSLError:
            fault = "no safe connection, because the certificate or the encryption is not accepted,"
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema):
            raise Refused(f"{shown(url)}: this is no address that can be asked; {LOOK_FOR_NEWER}.") from None
        except requests.exceptions.ProxyError:
            fault = "no answer from the proxy"
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError):
            fault = "no connection, or one that closed before an answer came,"
        raise _Fault(fault)

    @contextmanager
    def _in_time(self, response: requests.Response, deadline: float) -> Iterator[Callable[[], bool]]:
        """A response that ends with the block, or at the deadline; what is given tells if it was late."""
        left_s = deadline - self._clock()
        with closing(response), _stopped_after(left_s, response.raw.shutdown) as expired:
            yield lambda: expired.is_set() or self._clock() > deadline

    def _request_headers(self, url: str, validators: Validators | None) -> dict[str, str]:
        """What goes with one request. The given headers, which may hold a key, stay with the base's host."""
        sent = {"User-Agent": _user_agent(), "Accept-Encoding": "gzip", "Accept": "*/*"}
        if validators is not None and validators.etag:
            sent["If-None-Match"] = validators.etag
        if validators is not None and validators.last_modified:
            sent["If-Modified-Since"] = validators.last_modified
        if origin(url) == origin(self.base_url):
            sent.update(self._headers)
        return sent

    def _refuse_status(self, url: str, response: requests.Response, deadline: float) -> NoReturn:
        """Say no with the status: for now (a fault) or for good."""
        status = response.status_code
        # What is said beside a no is worth a moment, not the whole time; cut, it is as good as none.
        until = min(deadline, self._clock() + self.limits.connect_s)
        body = b""
        with self._in_time(response, until) as is_late, suppress(PricingError):
            for piece in self._body(url, response, is_late, []):
                body += piece
                if len(body) >= REASON_BYTES:
                    break
        body = body[:REASON_BYTES]
        if status in RETRIED_STATUSES:
            wait_s = _retry_after_s(response.headers, self._now())
            raise _Fault(f"the answer was status {status}", retry_after_s=wait_s, status=status, body=body)
        raise Refused(
            f"{shown(url)}: the answer was status {status} after 1 attempt; {_advice(status)}.",
            status=status,
            body=body,
        )

    def _body(
        self,
        url: str,
        response: requests.Response,
        is_late: Callable[[], bool],
        broken: list[PricingError],
    ) -> Iterator[bytes]:
        """The decoded body within the limits; what breaks it is noted too, in case a parser swallows it."""
        limits = self.limits
        received = 0
        decoded = 0

        def raw() -> Iterator[bytes]:
            nonlocal received
            for piece in self._raw(response, is_late):
                received += len(piece)
                if received > limits.max_body_bytes:
                    raise Refused(
                        f"{shown(url)}: the body is over {_size(limits.max_body_bytes)}; {LOOK_FOR_NEWER}."
                    )
                if self._on_bytes is not None:
                    self._on_bytes(len(piece))
                yield piece

        encoding = response.headers.get("Content-Encoding", "").strip().lower()
        try:
            for piece in unpacked(raw(), encoding):
                decoded += len(piece)
                is_bomb = decoded > max(EXPANSION_JUDGED_FROM_BYTES, limits.max_expansion * received)
                if decoded > limits.max_decoded_bytes or is_bomb:
                    message = f"{shown(url)}: {_size(received)} unpack to {_size(decoded)} and more"
                    raise Refused(f"{message}; {LOOK_FOR_NEWER}.")
                yield piece
        except BrokenBody as error:
            broken.append(_Fault(str(error)))
        except UnknownEncoding:
            message = f"{shown(url)}: the body is packed as {encoding[:40]!r}, allowed are gzip and deflate"
            broken.append(UnknownShape(f"{message}; {LOOK_FOR_NEWER}."))
        except PricingError as error:
            broken.append(error)
        if broken:
            raise broken[0]

    def _raw(self, response: requests.Response, is_late: Callable[[], bool]) -> Iterator[bytes]:
        """What comes over the wire, a few packets at a time."""
        raw = response.raw
        # Headers that break off look like headers without a length, before a body of nothing.
        is_empty_whole = raw.chunked or raw.length_remaining is not None
        while True:
            fault = ""
            piece = b""
            try:
                # read1 gives what is there; read would wait for all of it, however slowly it comes.
                piece = raw.read1(RAW_CHUNK_BYTES, decode_content=False)
            except urllib3.exceptions.ReadTimeoutError:
                fault = f"the body stopped for {self.limits.read_s:g} s"
            except (urllib3.exceptions.HTTPError, OSError):
                fault = "the body was cut short"
            if is_late():
                fault = f"no whole answer within {self.limits.deadline_s:g} s"
            elif not piece and not is_empty_whole:
                fault = fault or "the answer was cut short"
            if fault:
                raise _Fault(fault)
            if not piece:
                return
            is_empty_whole = True
            yield piece

    def _session(self) -> requests.Session:
        """The session of this thread."""
        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            session = _Session()
            session.mount("http://", _Adapter())
            session.mount("https://", _Adapter())
            self._own.session = session
            with self._lock:
                self._sessions.append(session)
        return session


class _Session(requests.Session):
    """A session that leaves redirects alone: even where none is followed, requests would read one's body."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


@contextmanager
def _stopped_after(seconds: float, stop: Callable[[], object]) -> Iterator[Event]:
    """Call `stop` from another thread unless the block ends in time; the event tells that it was too late.

    A time-out of the socket starts anew with every byte, so a trickle could hold it up for days.
    """
    expired = Event()

    def expire() -> None:
        expired.set()
        # The connection may have ended by itself in this very moment.
        with suppress(Exception):
            stop()

    timer = Timer(max(0.0, seconds), expire)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()


class _Connection(urllib3.connection.HTTPConnection):
    """A connection on which the headers have to come within the read time-out, not only each byte of them."""

    def getresponse(self) -> Any:
        return _head_in_time(self, super().getresponse)


class _SafeConnection(urllib3.connection.HTTPSConnection):
    """The same, encrypted."""

    def getresponse(self) -> Any:
        return _head_in_time(self, super().getresponse)


def _head_in_time(connection: urllib3.connection.HTTPConnection, get: Callable[[], Any]) -> Any:
    # urllib3 has just set the read time-out, in seconds; it is a number whenever `Client` asks.
    timeout_s = connection.timeout if isinstance(connection.timeout, int | float) else Limits().read_s
    response = None
    with _stopped_after(timeout_s, lambda: connection.sock.shutdown(SHUT_RD)) as expired:
        try:
            response = get()
        except Exception:
            if not expired.is_set():
                raise
    if expired.is_set():
        # Headers that were stopped may look whole.
        if response is not None:
            response.close()
        raise TimeoutError("the headers did not come in time")
    return response


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SafePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SafeConnection


POOLS = {"http": _Pool, "https": _SafePool}


class _Adapter(requests.adapters.HTTPAdapter):
    """What lets requests use these connections, with a proxy and without."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager


def _drain(body: Iterator[bytes], max_bytes: int) -> None:
    """Read what is left, to learn whether it is whole; what breaks it is noted by the body itself."""
    size = 0
    with suppress(PricingError):
        for piece in body:
            size += len(piece)
            if size > max_bytes:
                return


def _validators(response: requests.Response) -> Validators:
    return Validators(response.headers.get("ETag", ""), response.headers.get("Last-Modified", ""))


def _retry_after_s(headers: Mapping[str, str], now_s: float) -> float:
    """How long to wait in seconds, from whole seconds or an HTTP date; 0 where nothing readable is said."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    asked_s = _seconds_since_1970(text)
    if asked_s is None:
        return 0.0
    # The server's own clock is the one that its date goes by.
    server_s = _seconds_since_1970(headers.get("Date", ""))
    return max(0.0, asked_s - (now_s if server_s is None else server_s))


def _seconds_since_1970(http_date: str) -> float | None:
    try:
        return parsedate_to_datetime(http_date).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def _failure(url: str, fault: _Fault, attempts: int, more: str = "") -> PricingError:
    """What to raise after the last attempt: a status is a no, everything else did not arrive."""
    tried = f"after {attempts} attempt{'s' if attempts > 1 else ''}{more}"
    if fault.status:
        message = f"{shown(url)}: {fault} {tried}; {_advice(fault.status)}."
        return Refused(message, status=fault.status, body=fault.body)
    return CannotReach(f"{shown(url)}: {fault} {tried}; {CHECK_NETWORK}.")


def _advice(status: int) -> str:
    if status in {400, 401, 403}:
        return "check the key, if one is needed, and whether this network may ask"
    if status == 407:
        return "sign in to the proxy"
    if status == 429:
        return f"too many questions were asked, {TRY_LATER}"
    if status >= 500:
        return f"the provider has a fault, {TRY_LATER}"
    return LOOK_FOR_NEWER


def _why_not_json(content: bytes, error: Exception) -> str:
    start = content[:REASON_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if not content.strip():
        return "the body is empty instead of JSON"
    if start.startswith(b"<"):
        return "the body is HTML instead of JSON, perhaps a sign-in page of the network"
    if isinstance(error, RecursionError):
        return "the body is JSON nested too deep"
    if isinstance(error, json.JSONDecodeError):
        return f"the body is no JSON from character {error.pos} of {len(content)} on, perhaps it was cut"
    return "the body is no JSON: it holds characters or numbers that JSON does not allow"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers, without blanks around the values. A value is never shown: it may be a key."""
    checked = {name: value.strip() for name, value in headers.items()}
    for name, value in checked.items():
        if not re.fullmatch(r"[\x21-\x7e]+( +[\x21-\x7e]+)*", value):
            raise Refused(f"The header {name} is empty or holds signs that cannot be sent; check the key.")
    return checked


def _size(count_bytes: int) -> str:
    return f"{count_bytes / MIB:,.0f} MiB" if count_bytes >= MIB else f"{count_bytes:,} bytes"


@cache
def _user_agent() -> str:
    try:
        number = version("rig-or-rent")
    except PackageNotFoundError:
        number = "dev"
    return f"rig-or-rent/{number} (GPU cost calculator)"
