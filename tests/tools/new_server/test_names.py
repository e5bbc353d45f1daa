"""Names, ports and lines of a new server."""

import tomllib
from pathlib import Path

import pytest

from tools.new_server.names import Refused, free_port, ports_in, server_name, with_project, with_tasks

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("asked", "name"), [("weather", "weather"), ("weather_server", "weather"), ("gpt_2", "gpt_2")]
)
def test_a_name_is_taken_with_or_without_its_ending(asked: str, name: str) -> None:
    assert server_name(asked, {"command"}) == name


@pytest.mark.parametrize("asked", ["", "Weather", "2fast", "my-server", "a__b", "_a", "a/b", "../a", "a b", "x" * 31])
def test_what_is_no_name_is_refused_with_an_example(asked: str) -> None:
    with pytest.raises(Refused, match=r"cannot be a server's name: .* for example: \./task new:server weather"):
        server_name(asked, set())


@pytest.mark.parametrize("asked", ["command", "command_server"])
def test_a_taken_name_is_refused(asked: str) -> None:
    with pytest.raises(Refused, match="There is a server `command` already"):
        server_name(asked, {"command"})


def test_ports_are_read_from_the_constants() -> None:
    assert ports_in(["PORT: Final = 11450  # the first\n", "LIMIT: Final = 7\nOTHER_PORT: Final = 11452\n"]) == {
        11450,
        11452,
    }


def test_the_lowest_free_port_is_taken() -> None:
    assert free_port(11450, {11450, 11452}) == 11451


def test_no_free_port_is_a_sentence() -> None:
    with pytest.raises(Refused, match="Every port is taken"):
        free_port(65535, {65535})


def test_the_project_names_the_new_server_wherever_it_names_the_old_ones() -> None:
    project = tomllib.loads(with_project((ROOT / "pyproject.toml").read_text(), "my_own"))
    assert project["project"]["optional-dependencies"]["my-own"] == [
        "my-own-server @ file:///${PROJECT_ROOT}/services/my_own_server"
    ]
    assert "my_own_server" in project["tool"]["mypy"]["packages"]
    assert "services/my_own_server/src" in project["tool"]["mypy"]["mypy_path"]
    linter = project["tool"]["importlinter"]
    assert "my_own_server" in linter["root_packages"]
    assert any("| my_own_server" in layer for rule in linter["contracts"] for layer in rule.get("layers", []))
    (forbidden,) = [rule for rule in linter["contracts"] if rule["type"] == "forbidden"]
    assert "my_own_server" in forbidden["source_modules"]
    assert "my_own_server.** -> alive_core.constants" in forbidden["ignore_imports"]


def test_a_second_new_server_stands_beside_the_first() -> None:
    once = with_project((ROOT / "pyproject.toml").read_text(), "one")
    assert {"one_server", "two_server"} <= set(tomllib.loads(with_project(once, "two"))["tool"]["mypy"]["packages"])


def test_a_project_file_that_was_rebuilt_is_refused() -> None:
    with pytest.raises(Refused, match="has no line like"):
        with_project("[project]\n", "weather")


def test_tasks_of_several_servers_share_one_file() -> None:
    text = with_tasks(with_tasks("", "one", 11450), "two", 11451)
    assert text.count("tasks:\n") == 1
    assert [line.strip() for line in text.splitlines() if line.startswith("  up:")] == ["up:one:", "up:two:"]
    assert "127.0.0.1:11451" in text
