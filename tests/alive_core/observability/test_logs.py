"""Logs: one JSON object per line, whatever is logged; plain words for a person."""

import io
import json
import logging
import re
import sys
import warnings
from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.observability import logs
from alive_core.observability.logs import JsonLines, PlainLines, extra_of, set_up_logs
from alive_core.utils.trail import Trail, follow

WORDS = "odd"
NAMES = st.sampled_from(("request_id", "status", "took_s"))
VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.builds(Path, st.just("a"))
)


class Terminal(io.StringIO):
    """A stream that a person reads."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, as it was before when the test ends."""
    logger = logging.getLogger()
    handlers, level = list(logger.handlers), logger.level
    yield logger
    for handler in [handler for handler in logger.handlers if handler not in handlers]:
        handler.close()
    logger.handlers[:], logger.level = handlers, level
    logging.captureWarnings(capture=False)


def record(
    message: str = "It %s.", *arguments: object, level: int = logging.INFO, **extra: object
) -> logging.LogRecord:
    made = logging.getLogger("test").makeRecord("test", level, "f.py", 1, message, arguments, None, extra=extra)
    made.created = 1_700_000_000.0005
    return made


def failed() -> logging.LogRecord:
    made = record("Failed", level=logging.ERROR)
    try:
        raise ValueError(WORDS)
    except ValueError:
        made.exc_info = sys.exc_info()
    return made


def test_a_record_is_one_json_object_with_what_extra_carried() -> None:
    line = JsonLines().format(record("It %s.", "works", request_id="r1", status=200))
    assert json.loads(line) == {
        "time": "2023-11-14T22:13:20.000Z",
        "level": "info",
        "logger": "test",
        "message": "It works.",
        "request_id": "r1",
        "status": 200,
    }


def test_milliseconds_are_rounded_and_carried() -> None:
    made = record("x")
    made.created = 1_700_000_000.9996
    assert json.loads(JsonLines().format(made))["time"] == "2023-11-14T22:13:21.000Z"


@given(st.text(), st.dictionaries(NAMES, VALUES | st.text(st.characters(categories=["Cs", "L"]))))
def test_whatever_is_logged_is_one_line_of_json(message: str, extra: dict[str, object]) -> None:
    made = record("%s", message, **extra)
    line = JsonLines().format(made)
    assert "\n" not in line
    assert json.loads(line)["message"] == message
    assert set(extra) <= set(json.loads(line))
    assert extra_of(made) == extra or any(value != value for value in extra.values())


def test_half_a_character_does_not_lose_the_line() -> None:
    assert json.loads(JsonLines().format(record("%s", "file\udcff")))["message"] == "file\udcff"


def test_an_exception_stands_in_the_same_object() -> None:
    entry = json.loads(JsonLines().format(failed()))
    assert entry["exception"].endswith("ValueError: odd")


def test_a_person_reads_the_time_the_message_and_the_details() -> None:
    line = PlainLines().format(record("It %s.", "works", status=200))
    assert re.fullmatch(r"\x1b\[90m\d\d:\d\d:\d\d\x1b\[0m It works\.\x1b\[0m \x1b\[90mstatus=200\x1b\[0m", line)


@pytest.mark.parametrize(("level", "colour"), [(logging.WARNING, "\033[33m"), (logging.ERROR, "\033[31m")])
def test_trouble_is_coloured(level: int, colour: str) -> None:
    assert f" {colour}It went.\033[0m" in PlainLines().format(record("It %s.", "went", level=level))


def test_a_person_reads_the_exception_below() -> None:
    first, *rest = PlainLines().format(failed()).splitlines()
    assert "Failed" in first
    assert rest[-1] == "ValueError: odd"


def test_logs_go_to_the_stream_and_to_a_file(tmp_path: Path, root: logging.Logger) -> None:
    stream, file = io.StringIO(), tmp_path / "logs" / "server.log"
    handler = set_up_logs("warning", stream, file)
    logging.getLogger("a").warning("one")
    logging.getLogger("a").info("too quiet")
    handler.flush()
    assert [json.loads(line)["message"] for line in stream.getvalue().splitlines()] == ["one"]
    assert file.read_text() == stream.getvalue()


def test_a_full_file_is_put_aside_and_so_many_are_kept(
    tmp_path: Path, root: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "LOG_FILE_BYTES", 400)
    monkeypatch.setattr(logs, "LOG_FILES", 3)
    handler = set_up_logs("info", None, tmp_path / "server.log")
    for number in range(40):
        logging.getLogger("a").info("line %d", number)
        handler.flush()
    kept = sorted(tmp_path.iterdir())
    assert [file.name for file in kept] == ["server.log", "server.log.1", "server.log.2"]
    assert all(file.stat().st_size <= 400 for file in kept)
    assert json.loads((tmp_path / "server.log").read_text().splitlines()[-1])["message"] == "line 39"


def test_a_terminal_gets_plain_lines_and_the_file_still_json(tmp_path: Path, root: logging.Logger) -> None:
    stream, file = Terminal(), tmp_path / "server.log"
    handler = set_up_logs("info", stream, file)
    logging.getLogger("a").info("one")
    handler.flush()
    assert "one" in stream.getvalue()
    assert not stream.getvalue().startswith("{")
    assert json.loads(file.read_text())["message"] == "one"


def test_in_the_background_there_is_only_the_file(
    tmp_path: Path, root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = set_up_logs("info", None, tmp_path / "server.log")
    logging.getLogger("a").info("one")
    handler.flush()
    assert (tmp_path / "server.log").read_text()
    assert capsys.readouterr() == ("", "")


def test_warnings_of_libraries_are_logged(tmp_path: Path, root: logging.Logger) -> None:
    handler = set_up_logs("info", None, tmp_path / "server.log")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        logging.captureWarnings(capture=False)
    handler.flush()
    assert json.loads((tmp_path / "server.log").read_text())["logger"] == "py.warnings"


def test_what_is_logged_for_a_request_carries_its_id_and_no_words_of_an_exception() -> None:
    def in_a_request() -> tuple[str, str]:
        follow(Trail("req_1"))
        return JsonLines().format(failed()), PlainLines().format(failed())

    line, plain = copy_context().run(in_a_request)
    entry = json.loads(line)
    assert entry["request_id"] == "req_1"
    assert entry["exception"].endswith("builtins.ValueError")
    assert WORDS not in plain


def test_an_exception_that_nobody_took_is_logged_without_its_words() -> None:
    made = failed()
    made.name, made.msg = "asyncio", "Task exception was never retrieved\nfuture: <Task exception=ValueError('odd')>"
    line = JsonLines().format(made)
    assert WORDS not in line
    assert json.loads(line)["message"] == "Task exception was never retrieved"
