"""The only place that asks a network (through `connections`): bounded, and honest about what went wrong.

A body counts only once it is whole. Whatever cuts it short (a closed connection, a wrong length, broken gzip)
starts the whole read again, so that part of an answer never becomes fewer prices.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from threading import Lock, local
from typing import NoReturn, TypeVar

import requests
import urllib3

from .addresses import absolute, checked_base, origin, redirected, shown, without_secrets
from .body import decoded, drain
from .connections import Session
from .deadline import stopped_after
from .errors import LOOK_FOR_NEWER, TRY_LATER, PricingError, Refused
from .faults import RETRIED_STATUSES, Fault, failure, refusal, retry_after_s
from .headers import checked_headers, usual_headers
from .limits import MIB, Limits
from .reply import Reply, Validators

__all__ = ["LOOK_FOR_NEWER", "Client", "Limits", "Reply", "Validators"]

T = TypeVar("T")

REDIRECTS = frozenset({301, 302, 303, 307, 308})
RAW_CHUNK_BYTES = 256 * 1024
REASON_BYTES = 64 * 1024
# So much more is read of a body that a parser cannot read, to tell damage on the way from another format.
DRAINED_BYTES = 64 * MIB


class Client:
    """Reads from one provider. Safe to use from several threads: each has connections of its own.

    Parameters
    ----------
    base_url : http or https, without query. Other addresses than those below it are asked by https only.
    headers : sent to the host of ``base_url`` only, never after a redirect to another. They may hold a key.
    limits : see `Limits`.
    on_bytes : called with the number of bytes each time some came in, before decompression. Those of an
        attempt that failed count too: it tells what came over the wire, not the share of a document.
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
        self._headers = checked_headers(headers or {})
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

    def pause(self, seconds: float) -> None:
        """Wait between two questions, where a provider is not to be asked faster."""
        self._sleep(seconds)

    def read(
        self,
        path: str,
        consume: Callable[[Reply], T],
        *,
        params: Mapping[str, str] | None = None,
        validators: Validators | None = None,
        body: Mapping[str, object] | None = None,
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
        body : a question that goes along as JSON, by POST. It must change nothing at the other end, because
            it is repeated like any other. It is never sent on: every redirect is refused.

        Raises
        ------
        CannotReach : every attempt failed, or the deadline came first.
        Refused : a status that stays, a redirect that leads elsewhere, a body over the limits.
        UnknownShape : from `consume`, or an encoding that is not known.
        """
        url = absolute(path, self.base_url, params)
        question = None if body is None else json.dumps(body, allow_nan=False).encode()
        deadline = self._clock() + self.limits.deadline_s
        attempt = 0
        while True:
            attempt += 1
            outcome = self._attempt(url, consume, validators, question, deadline)
            if not isinstance(outcome, Fault):
                return outcome
            if attempt >= self.limits.attempts:
                raise failure(url, outcome, attempt)
            wait_s = max(outcome.retry_after_s, self.limits.backoff_s * 2 ** (attempt - 1))
            if wait_s > deadline - self._clock():
                raise failure(url, outcome, attempt, ", and no time is left for another")
            self._sleep(wait_s)

    def _attempt(
        self,
        url: str,
        consume: Callable[[Reply], T],
        validators: Validators | None,
        question: bytes | None,
        deadline: float,
    ) -> T | Fault | None:
        """One request with all of its body: what `consume` made, None for unchanged, or the fault."""
        try:
            response = self._ask(url, validators, question, deadline)
        except Fault as fault:
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
                drain(body, DRAINED_BYTES)
                if not broken:
                    raise
        if not broken:
            return made
        if isinstance(broken[0], Fault):
            return broken[0]
        raise broken[0]

    def _ask(
        self, url: str, validators: Validators | None, question: bytes | None, deadline: float
    ) -> requests.Response:
        """The response with status 200 or 304, its body unread; redirects are followed here, one by one."""
        target = url
        for _ in range(self.limits.max_redirects + 1):
            response = self._send(target, validators, question, deadline)
            status = response.status_code
            if status in {200, 304}:
                return response
            if status not in REDIRECTS:
                self._refuse_status(url, response, deadline)
            location = response.headers.get("Location", "")
            response.close()
            if question is not None:
                # As a GET it would ask something else, and as a POST it would tell somebody else.
                message = f"{shown(url)}: redirected to {shown(location) or 'nowhere'}, but a question with a"
                raise Refused(f"{message} body is not sent on; {LOOK_FOR_NEWER}.", status=status)
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

    def _send(
        self, url: str, validators: Validators | None, question: bytes | None, deadline: float
    ) -> requests.Response:
        """Send one request and wait for the headers of its response."""
        limits = self.limits
        left_s = deadline - self._clock()
        if left_s <= 0:
            raise Fault(f"no whole answer within {limits.deadline_s:g} s")
        connect_s, read_s = min(limits.connect_s, left_s), min(limits.read_s, left_s)
        # The errors of requests hold the whole address, so what they say is not passed on.
        try:
            return self._session().request(
                "GET" if question is None else "POST",
                url,
                data=question,
                headers=self._request_headers(url, validators, question),
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
        raise Fault(fault)

    @contextmanager
    def _in_time(self, response: requests.Response, deadline: float) -> Iterator[Callable[[], bool]]:
        """A response that ends with the block, or at the deadline; what is given tells if it was late."""
        left_s = deadline - self._clock()
        with closing(response), stopped_after(left_s, response.raw.shutdown) as expired:
            yield lambda: expired.is_set() or self._clock() > deadline

    def _request_headers(
        self, url: str, validators: Validators | None, question: bytes | None = None
    ) -> dict[str, str]:
        """What goes with one request. The given headers, which may hold a key, stay with the base's host."""
        sent = usual_headers(validators)
        if question is not None:
            sent["Content-Type"] = "application/json"
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
            wait_s = retry_after_s(response.headers, self._now())
            raise Fault(f"the answer was status {status}", retry_after_s=wait_s, status=status, body=body)
        raise refusal(url, status, body)

    def _body(
        self,
        url: str,
        response: requests.Response,
        is_late: Callable[[], bool],
        broken: list[PricingError],
    ) -> Iterator[bytes]:
        """The decoded body; what breaks it is noted in ``broken`` too."""
        encoding = response.headers.get("Content-Encoding", "")
        return decoded(self._raw(response, is_late), encoding, url, self.limits, broken)

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
                raise Fault(fault)
            if not piece:
                return
            is_empty_whole = True
            if self._on_bytes is not None:
                self._on_bytes(len(piece))
            yield piece

    def _session(self) -> requests.Session:
        """The session of this thread."""
        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = Session()
            with self._lock:
                self._sessions.append(session)
        return session


def _validators(response: requests.Response) -> Validators:
    return Validators(response.headers.get("ETag", ""), response.headers.get("Last-Modified", ""))
