"""Log lines are written by a thread: together, in order, all of them at the end, and never at a request's cost."""

import logging
import threading

import pytest

from alive_core.observability import off_loop
from alive_core.observability.off_loop import OffLoop, Outlet

WITHIN_S = 5.0


class Pipe:
    """Takes lines, once its reader reads."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.taken: list[str] = []
        self.has_come, self.reader = threading.Event(), threading.Event()
        if is_open:
            self.reader.set()

    def write(self, text: str) -> None:
        self.has_come.set()
        assert self.reader.wait(WITHIN_S)
        self.taken.append(text)

    def outlet(self, form: logging.Formatter | None = None) -> Outlet:
        return Outlet(form or logging.Formatter("%(message)s"), self.write, lambda: None)


def record(message: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("a", logging.INFO, "f.py", 7, message, arguments, None)


def test_lines_are_written_without_anybody_asking() -> None:
    pipe = Pipe()
    handler = OffLoop([pipe.outlet()])
    handler.handle(record("one"))
    assert pipe.has_come.wait(WITHIN_S)
    handler.close()
    assert "".join(pipe.taken) == "one\n"


def test_lines_that_come_together_are_written_together_and_in_order() -> None:
    pipe = Pipe(is_open=False)
    handler = OffLoop([pipe.outlet()])
    handler.handle(record("first"))
    assert pipe.has_come.wait(WITHIN_S)  # the thread is stuck in the pipe now
    for number in range(3):
        handler.handle(record("%d", number))
    pipe.reader.set()
    handler.close()
    assert pipe.taken == ["first\n", "0\n1\n2\n"]


def test_a_pipe_that_nobody_reads_holds_up_nobody_and_costs_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(off_loop, "LOG_PENDING_LINES", 10)
    pipe = Pipe(is_open=False)
    handler = OffLoop([pipe.outlet()])
    handler.handle(record("first"))
    assert pipe.has_come.wait(WITHIN_S)
    for number in range(25):
        handler.handle(record("%d", number))
    assert handler.dropped == 15
    pipe.reader.set()
    handler.close()
    assert pipe.taken[1].splitlines() == [str(number) for number in range(10)]


def test_closing_writes_everything_and_ends_the_thread() -> None:
    pipe = Pipe()
    handler = OffLoop([pipe.outlet()])
    handler.handle(record("last words"))
    handler.close()
    assert pipe.taken == ["last words\n"]
    assert not handler._thread.is_alive()


def test_a_full_disk_is_told_on_standard_error_and_other_outlets_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    def full(_: str) -> None:
        raise OSError("No space left on device")

    pipe = Pipe()
    handler = OffLoop([Outlet(logging.Formatter("%(message)s"), full, lambda: None), pipe.outlet()])
    handler.handle(record("one"))
    handler.close()
    assert pipe.taken == ["one\n"]
    assert handler.dropped == 1
    assert "1 log lines could not be written: No space left" in capsys.readouterr().err


def test_a_line_that_cannot_be_made_breaks_nothing_and_shows_no_argument(capsys: pytest.CaptureFixture[str]) -> None:
    pipe = Pipe()
    handler = OffLoop([pipe.outlet()])
    handler.handle(record("%d", "a prompt"))
    handler.handle(record("two"))
    handler.close()
    assert pipe.taken == ["two\n"]
    said = capsys.readouterr().err
    assert said == "a log line of a at 7 could not be made: TypeError\n"


def test_each_outlet_has_its_form() -> None:
    plain, shouting = Pipe(), Pipe()
    handler = OffLoop([plain.outlet(), shouting.outlet(logging.Formatter("! %(message)s"))])
    handler.handle(record("one"))
    handler.close()
    assert (plain.taken, shouting.taken) == (["one\n"], ["! one\n"])
