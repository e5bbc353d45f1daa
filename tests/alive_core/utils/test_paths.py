"""Where files of this user lie."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.utils.paths import cache_dir, state_dir

environments = st.dictionaries(
    st.sampled_from(("HOME", "ALIVE_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")),
    st.sampled_from(("", "relative", "/absolute", "~", "../up")),
)


def test_without_any_wish_the_home_folder_holds_both() -> None:
    environment = {"HOME": "/home/ada"}
    assert cache_dir(environment) == Path("/home/ada/.cache/alive")
    assert state_dir(environment) == Path("/home/ada/.local/state/alive")


def test_without_a_home_in_the_environment_the_systems_word_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/system")
    assert cache_dir({}) == cache_dir({"HOME": ""}) == Path("/home/system/.cache/alive")


def test_xdg_variables_move_each_on_its_own() -> None:
    environment = {"HOME": "/home/ada", "XDG_CACHE_HOME": "/fast"}
    assert cache_dir(environment) == Path("/fast/alive")
    assert state_dir(environment) == Path("/home/ada/.local/state/alive")
    assert state_dir({"XDG_STATE_HOME": "/safe"}) == Path("/safe/alive")


@pytest.mark.parametrize("value", ["", "relative/folder", "."])
def test_a_relative_xdg_path_counts_as_not_set(value: str) -> None:
    assert cache_dir({"HOME": "/home/ada", "XDG_CACHE_HOME": value}) == Path("/home/ada/.cache/alive")


def test_alive_home_puts_both_into_one_folder() -> None:
    environment = {"ALIVE_HOME": "/data/alive", "XDG_CACHE_HOME": "/fast", "HOME": "/home/ada"}
    assert cache_dir(environment) == Path("/data/alive/cache")
    assert state_dir(environment) == Path("/data/alive/state")


def test_alive_home_may_be_written_with_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert state_dir({"ALIVE_HOME": "~/alive"}) == Path("/home/ada/alive/state")


@given(environments)
def test_a_folder_is_always_absolute(environment: dict[str, str]) -> None:
    environment["HOME"] = "/home/ada"
    assert cache_dir(environment).is_absolute()
    assert state_dir(environment).is_absolute()
