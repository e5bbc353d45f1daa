"""Tables for a terminal."""

from hypothesis import given
from hypothesis import strategies as st

from alive_core.utils.tables import format_table

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
