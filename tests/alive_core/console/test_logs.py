"""`task logs`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from alive_core.console import logs
from alive_core.console.logs import show_logs
from alive_core.constants import LOG_TAIL_LINES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    return tmp_path / "logs"


def rounds(monkeypatch: pytest.MonkeyPatch, *happenings: Callable[[], object]) -> None:
    """Between two looks at the files one thing happens; after the last one Ctrl-C is pressed."""
    script = iter(happenings)

    def sleep(seconds: float) -> None:
        happening = next(script, None)
        if happening is None:
            raise KeyboardInterrupt
        happening()

    monkeypatch.setattr(logs.time, "sleep", sleep)


def test_without_logs_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show_logs(tmp_path, [], follow=False) == 1
    assert show_logs(tmp_path, ["a", "b"], follow=True) == 1
    assert capsys.readouterr().err == "There is no log of any server yet.\nThere is no log of a or b yet.\n"


def test_the_last_lines_of_a_log_are_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"line {number}\n" for number in range(LOG_TAIL_LINES + 3)]
    (folder / "command_server-11435.log").write_text("".join(lines))
    assert show_logs(folder.parent, [], follow=False) == 0
    assert capsys.readouterr().out == "".join(lines[3:])


def test_lines_of_several_logs_say_where_they_are_from(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a-1.log").write_text("one\n")
    (folder / "b-2.log").write_text("two\n")
    (folder / "b-2.log.1").write_text("rotated away\n")
    assert show_logs(folder.parent, [], follow=False) == 0
    assert capsys.readouterr().out == "a-1: one\nb-2: two\n"


def test_only_the_servers_that_are_named_are_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a-1.log").write_text("one\n")
    (folder / "my-server-2.log").write_text("two\n")
    assert show_logs(folder.parent, ["my-server"], follow=False) == 0
    assert capsys.readouterr().out == "two\n"


def test_bytes_that_are_no_text_are_shown_as_such(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a-1.log").write_bytes(b"\xff\n")
    assert show_logs(folder.parent, [], follow=False) == 0
    assert capsys.readouterr().out == "\ufffd\n"


def test_following_shows_what_comes_until_it_is_interrupted(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "a-1.log"
    file.write_text("one\n")

    def more() -> None:
        with file.open("a") as writer:
            writer.write("two\n")

    rounds(monkeypatch, more, lambda: None)
    assert show_logs(folder.parent, [], follow=True) == 0
    assert capsys.readouterr().out == "one\ntwo\n"


@pytest.mark.parametrize("new", ["two\n", "a line that is longer than all of the old file\n"])
def test_following_goes_on_in_the_file_that_takes_the_place_of_a_full_one(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, new: str
) -> None:
    file = folder / "a-1.log"
    file.write_text("one\n")

    def end_and_rename() -> None:
        with file.open("a") as writer:
            writer.write("last\n")
        file.rename(folder / "a-1.log.1")

    rounds(monkeypatch, end_and_rename, lambda: file.write_text(new), lambda: None)
    assert show_logs(folder.parent, [], follow=True) == 0
    assert capsys.readouterr().out == f"one\nlast\n{new}"
