"""The header that names what was left out is a valid, bounded header whatever the client called its fields."""

import re

from hypothesis import given
from hypothesis import strategies as st

from alive_core.constants import IGNORED_HEADER_MAX_CHARS
from alive_core.http.leniency import format_paths


@given(st.lists(st.text()))
def test_any_names_make_a_short_plain_header(paths: list[str]) -> None:
    header = format_paths(paths)
    assert len(header) <= IGNORED_HEADER_MAX_CHARS
    assert re.fullmatch(r"[A-Za-z0-9_.\-~%\[\],]*", header)


@given(st.lists(st.from_regex(r"[a-z]{1,9}(\[[0-9]\]\.[a-z]{1,9})?", fullmatch=True), max_size=50))
def test_plain_names_are_repeated_as_they_are(paths: list[str]) -> None:
    assert format_paths(paths) == ",".join(paths)


def test_what_does_not_fit_is_said_to_be_left_out() -> None:
    header = format_paths(f"field_{number}" for number in range(1000))
    assert header.startswith("field_0,field_1,")
    assert header.endswith(",...")
    assert len(header) > IGNORED_HEADER_MAX_CHARS - 20


def test_a_comma_in_a_name_is_no_separator() -> None:
    assert format_paths(["a,b", "c\r\nset-cookie: x", "é"]) == "a%2Cb,c%0D%0Aset-cookie%3A%20x,%C3%A9"


def test_one_endless_name_is_cut() -> None:
    header = format_paths(["x" * 10_000, "y"])
    assert header.endswith("x...,y")
