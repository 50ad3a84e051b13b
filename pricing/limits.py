"""How long, how often and how much is asked of a network."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 2**20


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


def size_text(count_bytes: int) -> str:
    """A size as it may stand in a message."""
    return f"{count_bytes / MIB:,.0f} MiB" if count_bytes >= MIB else f"{count_bytes:,} bytes"
