"""The misbehaving server for the tests of live prices."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.server import Server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server on this machine that knows no path yet; `server.url` is its address."""
    # A proxy that is set for this machine must not come between.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server() as running:
        yield running
    assert running.errors == [], "a planted handler failed"
