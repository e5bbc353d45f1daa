"""Spans of time: read as people write them, written as people read them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.utils.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("12.5", 12.5),
        ("90s", 90.0),
        ("10m", 600.0),
        ("10 min", 600.0),
        ("1h30m", 5400.0),
        (" 1.5 H ", 5400.0),
        ("250ms", 0.25),
        ("2d 1h", 176400.0),
    ],
)
def test_durations_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "-1s", "1x", "1e3", "10m5", "inf", "1h and more", "\u0661s", "9" * 5000])
def test_what_is_no_duration_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="a duration is a number and a unit such as 90s"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.0001, "0 ms"),
        (0.25, "250 ms"),
        (0.9996, "1 s"),
        (12.34, "12.3 s"),
        (59.96, "1 min"),
        (90, "1 min 30 s"),
        (3599.6, "1 h"),
        (5400, "1 h 30 min"),
        (86_390, "1 d"),
        (270_000, "3 d 3 h"),
    ],
)
def test_durations_are_written_for_people(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize("seconds", [-0.1, math.inf, math.nan])
def test_what_is_no_duration_is_not_written(seconds: float) -> None:
    with pytest.raises(ValueError, match="from 0 up"):
        format_duration(seconds)


@given(st.floats(min_value=0, max_value=1e9))
def test_written_duration_reads_back_within_its_rounding(seconds: float) -> None:
    """The steps of the last digit are 1 ms, 0.1 s, 1 s, 1 min and 1 h; half of one may be lost."""
    step = next((step for below, step in [(1, 0.001), (60, 0.1), (3600, 1), (86_400, 60)] if seconds < below), 3600)
    assert abs(parse_duration(format_duration(seconds)) - seconds) <= step / 2 + 1e-6


@given(st.text(max_size=12))
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        assert "not" in str(error)
    else:
        assert 0 <= seconds < math.inf
