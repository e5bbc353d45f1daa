"""The error tree: what its docstring draws is what it is, and foreign errors become ours at the edge."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core import errors
from alive_core.errors import (
    AliveError,
    Busy,
    EngineCrashed,
    LoadFailed,
    ModelUnavailable,
    OutOfMemory,
    adapter_errors,
)


def drawn() -> list[tuple[str, str | None, str | None]]:
    """Name, parent and `status code` of each line of the drawing."""
    lines: list[tuple[str, str | None, str | None]] = []
    parents: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"(?P<branch>[│├└─ ]*)(?P<name>[A-Z]\w+)\s+(?P<rest>\d{3} \w+|raised at start)", line)
        if found:
            depth = len(found["branch"]) // 4
            parents = [*parents[:depth], found["name"]]
            lines.append((found["name"], parents[depth - 1] if depth else None, found["rest"]))
    return lines


def test_the_drawing_shows_the_whole_tree() -> None:
    ours = [kind for kind in AliveError.tree() if kind.__module__ == errors.__name__]
    assert [name for name, _, _ in drawn()] == [kind.__name__ for kind in ours]


@pytest.mark.parametrize(("name", "parent", "rest"), drawn())
def test_each_error_is_where_the_drawing_has_it(name: str, parent: str | None, rest: str) -> None:
    kind = AliveError.named(name)
    assert kind.__name__ == name
    assert parent is None or kind.__base__ is AliveError.named(parent)
    if rest != "raised at start":
        status, code = rest.split()
        assert kind.status == int(status)
        assert code in (kind.code, kind.error_type)


def test_a_client_error_is_the_clients_and_a_server_error_ours() -> None:
    for kind in AliveError.tree():
        assert (kind.error_type == "server_error") == (kind.status >= 500)


@given(st.sampled_from([kind.__name__ for kind in AliveError.tree()]))
def test_a_name_finds_its_class(name: str) -> None:
    assert AliveError.named(name).__name__ == name


def test_an_unknown_name_is_the_class_that_was_asked() -> None:
    assert AliveError.named("Nonsense") is AliveError
    assert ModelUnavailable.named("Busy") is ModelUnavailable


def test_an_error_carries_what_the_client_needs() -> None:
    error = Busy("Full.", param="model", retry_after=2.5)
    assert (str(error), error.message, error.param, error.retry_after) == ("Full.", "Full.", "model", 2.5)


def test_a_foreign_error_becomes_ours_and_keeps_its_cause() -> None:
    with pytest.raises(LoadFailed, match="corrupt") as caught, adapter_errors({RuntimeError: LoadFailed}):
        raise RuntimeError("corrupt")
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_the_most_specific_entry_wins_whatever_the_order() -> None:
    kinds = {Exception: EngineCrashed, OSError: LoadFailed, MemoryError: OutOfMemory}
    with pytest.raises(LoadFailed), adapter_errors(kinds):
        raise FileNotFoundError("gone")
    with pytest.raises(EngineCrashed), adapter_errors(kinds):
        raise ValueError("odd")


def test_a_silent_error_is_called_by_its_name() -> None:
    with pytest.raises(OutOfMemory, match="MemoryError"), adapter_errors({MemoryError: OutOfMemory}):
        raise MemoryError


def test_our_own_errors_pass_unchanged() -> None:
    ours = Busy("Full.")
    with pytest.raises(Busy) as caught, adapter_errors({Exception: EngineCrashed}):
        raise ours
    assert caught.value is ours


def test_what_is_not_named_passes_unchanged() -> None:
    with pytest.raises(KeyError), adapter_errors({OSError: LoadFailed}):
        raise KeyError("x")
    with adapter_errors({}):
        pass


def test_whoever_may_try_again_hears_when_to() -> None:
    silent = {
        kind.__name__
        for kind in AliveError.tree()
        if kind.__module__ == AliveError.__module__ and kind.status in (429, 503) and kind.pause_s is None
    }
    # A model that is not installed, for which waiting alone never helps; and one that is raised with its own time.
    assert silent == {"ModelUnavailable", "IssuerUnavailable"}
