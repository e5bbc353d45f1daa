"""Tables between marks: filled in, left alone, refused."""

import pytest

from alive_core.errors import ModelNotFound, NotFound, RateLimited
from tools.docs import errors, ports
from tools.docs.tables import END, TABLES, fill, markdown


def test_a_marked_table_is_filled_and_everything_else_stays() -> None:
    page = f"before\n<!-- table: ports -->\nold\n{END}\nafter\n"
    filled = fill(page)
    assert filled.startswith("before\n<!-- table: ports -->\n| port | who |\n| --- | --- |\n| 11435 | ")
    assert filled.endswith(f"|\n{END}\nafter\n")
    assert "old" not in filled


def test_filling_twice_changes_nothing_more() -> None:
    page = "".join(f"<!-- table: {name} -->\n{END}\n" for name in TABLES)
    assert fill(fill(page)) == fill(page)


def test_an_unknown_table_is_refused_with_the_known_names() -> None:
    with pytest.raises(ValueError, match="no table called 'prots'; known: bundled-models, errors"):
        fill(f"<!-- table: prots -->\n{END}\n")


def test_a_mark_without_an_end_is_refused() -> None:
    with pytest.raises(ValueError, match="not followed by"):
        fill("<!-- table: ports -->\n| port |\n")


def test_a_bar_in_a_cell_does_not_break_the_table() -> None:
    assert markdown([("a",), ("x | y",)]) == "| a |\n| --- |\n| x \\| y |\n"


def test_errors_that_a_client_can_meet_are_listed_and_others_are_not() -> None:
    codes = [row[1] for row in errors.error_table()[1:]]
    assert "`model_not_found`" in codes
    assert "`configuration_error`" not in codes


def test_a_kind_of_error_is_met_once_the_code_makes_one() -> None:
    code = "class Special(RateLimited):\n    ...\nraise ModelNotFound('x')\n"
    assert errors.is_made(ModelNotFound, code)
    assert not errors.is_made(NotFound, code)
    assert not errors.is_made(RateLimited, code)


def test_ports_are_in_order() -> None:
    numbers = [row[0] for row in ports.port_table()[1:]]
    assert numbers == sorted(numbers)
