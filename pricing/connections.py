"""Connections on which the headers have to come in time; `http` alone asks through them."""

from __future__ import annotations

from collections.abc import Callable
from socket import SHUT_RD
from typing import Any

import requests
import requests.adapters
import urllib3
import urllib3.connection

from .deadline import stopped_after
from .limits import Limits


class Session(requests.Session):
    """A session that leaves redirects alone: even where none is followed, requests would read one's body."""

    def __init__(self) -> None:
        super().__init__()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter())

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere."""


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
    with stopped_after(timeout_s, lambda: connection.sock.shutdown(SHUT_RD)) as expired:
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
