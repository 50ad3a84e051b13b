"""The packing of a body, undone: the same bytes in whatever pieces they come, or an error, never a part."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.unpack import BrokenBody, UnknownEncoding, unpacked

REPEATED = st.builds(lambda body: body * 400_000, st.binary(max_size=9))
BODIES = st.binary(max_size=300) | REPEATED


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw deflate": raw_deflate,
}


@pytest.mark.parametrize("name", PACKERS)
@given(body=BODIES, size=st.integers(1, 5000))
def test_what_was_packed_comes_out_in_whatever_pieces_it_comes(name: str, body: bytes, size: int) -> None:
    packed = PACKERS[name](body)
    found = list(unpacked(pieces(packed, size), name.removeprefix("raw ")))
    assert b"".join(found) == body
    assert all(0 < len(piece) <= 2**20 for piece in found)


@given(body=st.binary(max_size=300), size=st.integers(1, 50), data=st.data())
def test_a_packed_body_without_its_end_is_broken(body: bytes, size: int, data: st.DataObject) -> None:
    packed = gzip.compress(body)
    kept = data.draw(st.integers(1, len(packed) - 1))
    with pytest.raises(BrokenBody):
        list(unpacked(pieces(packed[:kept], size), "gzip"))


@given(body=st.binary(max_size=300), encoding=st.sampled_from(["", "gzip", "deflate", "br"]))
def test_any_bytes_end_in_bytes_or_in_one_of_the_errors(body: bytes, encoding: str) -> None:
    try:
        found = b"".join(unpacked(iter([body] if body else []), encoding))
    except (BrokenBody, UnknownEncoding):
        return
    if not encoding and not body.startswith(b"\x1f\x8b"):
        assert found == body
