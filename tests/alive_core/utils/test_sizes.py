"""Amounts of memory: read as people write them, written as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.utils.sizes import format_bytes, parse_bytes


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (0, 0),
        (1 << 70, 1 << 70),
        ("0", 0),
        ("1000", 1000),
        ("12 b", 12),
        ("8GB", 8 * 1000**3),
        ("512MiB", 512 * 1024**2),
        ("1.5 g", 3 * 1024**3 // 2),
        (" 2 kB ", 2000),
        ("1KIB", 1024),
        ("1t", 1024**4),
        ("1 PiB", 1024**5),
        ("0.1KB", 100),
        ("1.0009 kb", 1000),
    ],
)
def test_sizes_are_read_as_people_write_them(text: int | str, size: int) -> None:
    assert parse_bytes(text) == size


@pytest.mark.parametrize(
    "text", ["", "GB", "-1", "1e3", "1.GB", ".5GB", "8 GBB", "8XB", "1,5GB", "nan", "1 000", "\u0661GB", "9" * 5000]
)
def test_what_is_no_size_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="a size is a number and a unit such as 8GB"):
        parse_bytes(text)


@pytest.mark.parametrize("number", [-1, True, False])
def test_numbers_that_are_no_size_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="from 0 up"):
        parse_bytes(number)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (1024**2 - 1, "1 MiB"),
        (8 * 1024**3, "8 GiB"),
        (8_000_000_000, "7.5 GiB"),
        (3 * 1024**6, "3072 PiB"),
    ],
)
def test_sizes_are_written_for_people(size: int, text: str) -> None:
    assert format_bytes(size) == text


def test_negative_size_is_not_written() -> None:
    with pytest.raises(ValueError, match="from 0 up, not -1"):
        format_bytes(-1)


@given(st.integers(min_value=0, max_value=1 << 70))
def test_written_size_reads_back_within_its_rounding(size: int) -> None:
    text = format_bytes(size)
    unit = parse_bytes("1" + text.split()[1])
    assert abs(parse_bytes(text) - size) <= unit / 20 + 1


@given(st.text(max_size=12))
def test_any_text_is_a_size_or_refused(text: str) -> None:
    try:
        size = parse_bytes(text)
    except ValueError as error:
        assert "not" in str(error)
    else:
        assert size >= 0
