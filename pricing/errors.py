"""Why live prices could not be had: three kinds, each with a sentence that says what to do."""

from __future__ import annotations

# What to do about it: the second half of a message.
CHECK_NETWORK = "check the network connection, then refresh again"
TRY_LATER = "refresh again later"
LOOK_FOR_NEWER = "look for a newer version of Rig or Rent, because the address or the format may have changed"


class PricingError(Exception):
    """A refresh failed; the last good prices stay. The message is one sentence and never holds a key."""


class CannotReach(PricingError):
    """Nothing, or only part of an answer, came back: the network, a time-out, a body that was cut."""


class Refused(PricingError):
    """The answer was no: a status that stays, a missing or bad key, a body over the limit.

    ``status`` is the HTTP status, 0 where none is to blame. ``body`` is the start of what the server said
    beside it; it is for reading its reason, not for showing.
    """

    def __init__(self, message: str, *, status: int = 0, body: bytes = b"") -> None:
        super().__init__(message)
        self.status = status
        self.body = body


class UnknownShape(PricingError):
    """The answer came in a shape that is not known here: another schema, HTML, broken rows."""
