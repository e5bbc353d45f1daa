"""Tables for a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.utils.tables import clip, format_bar, format_table

CELL = st.text("abcde-.", min_size=1, max_size=9)
ROWS = st.integers(1, 5).flatmap(lambda columns: st.lists(st.lists(CELL, min_size=columns, max_size=columns)))


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert format_table([("NAME", "PID"), ("a", "1234"), ("longer", "5")]) == "NAME    PID\na       1234\nlonger  5\n"


def test_no_rows_are_no_text() -> None:
    assert format_table([]) == ""


@given(ROWS)
def test_every_cell_stands_at_its_place_and_columns_line_up(rows: list[list[str]]) -> None:
    lines = format_table(rows).splitlines()
    assert [line.split() for line in lines] == rows
    for column in range(len(rows[0]) if rows else 0):
        before = sum(max(len(row[earlier]) for row in rows) + 2 for earlier in range(column))
        for row, line in zip(rows, lines, strict=True):
            assert line[before:].startswith(row[column])


@pytest.mark.parametrize(
    ("share", "bar"), [(0.0, "░░░░"), (0.5, "██░░"), (0.99, "████"), (1.0, "████"), (-1.0, "░░░░"), (2.0, "████")]
)
def test_a_bar_is_as_full_as_its_share(share: float, bar: str) -> None:
    assert format_bar(share, 4) == bar


def test_what_does_not_fit_the_screen_is_cut_visibly() -> None:
    assert clip("short\nexactly ten\ntoo long by far\nbelow", 11, 3) == "short\nexactly ten\ntoo long b…\n"


@given(st.text("ab\n", max_size=60), st.integers(1, 20), st.integers(1, 5))
def test_a_clipped_text_fits_and_is_a_text_of_whole_lines(text: str, columns: int, lines: int) -> None:
    clipped = clip(text, columns, lines)
    assert len(clipped.splitlines()) <= lines
    assert all(len(line) <= columns for line in clipped.splitlines())
    assert not clipped or clipped.endswith("\n")
