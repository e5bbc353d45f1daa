"""Log lines are made where something happens, and written by a thread: a slow disk or pipe holds up no request.

The thread takes whatever has gathered and writes it at once, so that a busy server pays one write for many lines.
What a server that is killed outright had not yet written, LOG_BATCH_S at most, is lost; any other end writes it.
"""

import logging
import logging.handlers
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TextIO

from alive_core.constants import LOG_BATCH_S, LOG_PENDING_LINES


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where lines go, and in which form. `write` gets whole lines; it may block, and raises OSError or ValueError."""

    form: logging.Formatter
    write: Callable[[str], object]
    close: Callable[[], object]

    @classmethod
    def to_stream(cls, stream: TextIO, form: logging.Formatter) -> "Outlet":
        """To a stream that somebody else opened and will close."""

        def write(text: str) -> None:
            stream.write(text)
            stream.flush()

        return cls(form, write, lambda: None)

    @classmethod
    def to_file(cls, file: logging.handlers.RotatingFileHandler, form: logging.Formatter) -> "Outlet":
        """To a file that is put aside when it is full. `file` is used for its rotation only."""

        def write(text: str) -> None:
            if file.stream is None:
                file.stream = file._open()
            if file.stream.tell() and file.stream.tell() + len(text.encode(errors="replace")) > file.maxBytes:
                file.doRollover()
                file.stream = file.stream or file._open()
            file.stream.write(text)
            file.stream.flush()

        return cls(form, write, file.close)


class OffLoop(logging.Handler):
    """Formats each record at once, in the context it was made in; a thread writes it to every outlet.

    Where nobody takes the lines, at most LOG_PENDING_LINES wait; more are counted in `dropped` and lost.
    """

    def __init__(self, outlets: Sequence[Outlet]) -> None:
        super().__init__()
        self._outlets = outlets
        self._forms = list(dict.fromkeys(outlet.form for outlet in outlets))
        self._pending: deque[list[str]] = deque()
        self._has_lines, self._is_closing = threading.Event(), threading.Event()
        self._writing = threading.Lock()
        self.dropped = 0
        """Lines lost so far because nothing could be written."""
        self._thread = threading.Thread(target=self._write_on, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record. Never waits, never raises."""
        if len(self._pending) >= LOG_PENDING_LINES:
            self.dropped += 1
            return
        try:
            self._pending.append([form.format(record) for form in self._forms])
        except Exception as error:  # noqa: BLE001 - a line that cannot be made must not break what it tells of
            _complain(f"a log line of {record.name} at {record.lineno} could not be made: {type(error).__name__}")
            return
        if not self._has_lines.is_set():
            self._has_lines.set()

    def flush(self) -> None:
        """Write what is pending, now."""
        with self._writing:
            self._write_pending()

    def close(self) -> None:
        """Write what is pending and stop."""
        self._is_closing.set()
        self._has_lines.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(LOG_BATCH_S)
        self.flush()
        for outlet in self._outlets:
            outlet.close()
        super().close()

    def _write_on(self) -> None:
        while not self._is_closing.is_set():
            self._has_lines.wait()
            self._is_closing.wait(LOG_BATCH_S)
            self._has_lines.clear()
            self.flush()

    def _write_pending(self) -> None:
        taken = [self._pending.popleft() for _ in range(len(self._pending))]
        if not taken:
            return
        for outlet in self._outlets:
            place = self._forms.index(outlet.form)
            try:
                outlet.write("".join(f"{lines[place]}\n" for lines in taken))
            except (OSError, ValueError) as error:  # a full disk, a reader that is gone
                self.dropped += len(taken)
                _complain(f"{len(taken)} log lines could not be written: {error}")


def _complain(words: str) -> None:
    """Say on standard error what no log can say; where that is gone as well, nobody can be told."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"{words}\n")
