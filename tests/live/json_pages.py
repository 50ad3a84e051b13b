"""What the tests of providers that answer with pages of JSON have in common."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from hypothesis import strategies as st

from tests.live.server import Answer, Fault, cut_with_matching_length, empty, html, other_body

Prices = dict[tuple[str, str], float]

# Whatever JSON can hold.
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


def prices(offers: pd.DataFrame) -> Prices:
    """The prices of offers by instance type and term. [USD/h]"""
    keys = zip(offers["instance_type"], offers["term"], strict=True)
    found = dict(zip(keys, offers["usd_per_hour"], strict=True))
    assert len(found) == len(offers), "an offer is there twice"
    return found


def _without_its_last_sign(answer: Answer) -> Answer:
    assert isinstance(answer.body, bytes)
    return replace(answer, body=answer.body[:-1])


# Bodies that are no page, although they arrive whole.
BAD_BODIES: dict[str, Fault] = {
    "cut, with a length that matches": cut_with_matching_length(5000),
    "cut before its last sign": _without_its_last_sign,
    "empty": empty(),
    "a web page": html(),
    "another document of the service": other_body(b'{"services": []}'),
    "an error": other_body(b'{"error": {"code": "BadRequest"}}'),
    "a list": other_body(b"[]"),
    "null": other_body(b"null"),
}
