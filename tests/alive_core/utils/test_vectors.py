"""Vectors on the wire: the same bytes on every machine, the same numbers back."""

import base64
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.utils.vectors import from_base64, pack_floats, split_rows, to_base64, unpack_floats

VECTORS = st.lists(st.floats(width=32, allow_nan=False), max_size=20)


def test_bytes_are_little_endian_float32() -> None:
    assert pack_floats([1.0, -2.0]) == b"\x00\x00\x80\x3f\x00\x00\x00\xc0"


@given(VECTORS)
def test_numbers_come_back_as_they_were(vector: list[float]) -> None:
    assert unpack_floats(pack_floats(vector)) == vector


@given(VECTORS)
def test_bytes_are_what_official_clients_decode(vector: list[float]) -> None:
    decoded = np.frombuffer(base64.b64decode(to_base64(pack_floats(vector))), dtype="<f4").tolist()
    assert decoded == vector


def test_undefined_number_stays_undefined() -> None:
    assert math.isnan(unpack_floats(pack_floats([math.nan]))[0])


def test_number_beyond_float32_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit a 32-bit float"):
        pack_floats([1e39])


def test_bytes_that_are_no_whole_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="5 bytes are no whole number"):
        unpack_floats(b"12345")


@given(st.lists(st.lists(st.floats(width=32, allow_nan=False), min_size=3, max_size=3), max_size=5))
def test_rows_come_apart_as_they_were_put_together(rows: list[list[float]]) -> None:
    packed = b"".join(pack_floats(row) for row in rows)
    assert [unpack_floats(row) for row in split_rows(packed, 3)] == rows


@pytest.mark.parametrize(
    ("size", "dimensions", "reason"), [(12, 2, "2 dimensions"), (8, 0, "at least one dimension")]
)
def test_rows_that_do_not_fit_are_refused(size: int, dimensions: int, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        split_rows(bytes(size), dimensions)


@given(st.binary(max_size=50))
def test_base64_comes_back_as_it_was(data: bytes) -> None:
    assert from_base64(to_base64(data)) == data


@pytest.mark.parametrize("text", ["a", "ab=c", "a b=", "é", "-_-_"])
def test_what_is_no_base64_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not valid base64"):
        from_base64(text)
