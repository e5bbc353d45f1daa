"""Logs: JSON lines for machines, one plain coloured line for a person at a terminal. Never prompts, never keys.

Whatever is logged while a request is served carries its id, and an exception met then is logged without its words.
"""

import json
import logging
import logging.handlers
import time
from pathlib import Path
from typing import Final, TextIO

import msgspec

from alive_core.constants import LOG_FILE_BYTES, LOG_FILES
from alive_core.observability.off_loop import OffLoop, Outlet
from alive_core.utils.tracebacks import traceback_without_words
from alive_core.utils.trail import current_trail

STANDARD_FIELDS: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
COLOURS: Final = {"WARNING": "\033[33m", "ERROR": "\033[31m", "CRITICAL": "\033[31m"}
GREY, RESET = "\033[90m", "\033[0m"
EVENT_LOOP_LOGGER: Final = "asyncio"
"""It logs exceptions that nobody took, outside the request they belong to."""

_encoder = msgspec.json.Encoder(enc_hook=str)


class JsonLines(logging.Formatter):
    """One JSON object per line: time (UTC, ISO 8601), level, logger, message, and whatever `extra` carried."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        entry: dict[str, object] = {
            "time": _utc(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
        }
        trail = current_trail()
        if trail is not None:
            entry["request_id"] = trail.request_id
        entry |= extra_of(record)
        if record.exc_info:
            entry["exception"] = exception_of(self, record)
        try:
            return _encoder.encode(entry).decode()
        except UnicodeEncodeError:  # half a character, from a file name for instance
            return json.dumps(entry, default=str)


class PlainLines(logging.Formatter):
    """For a person: the time, what happened, and in grey the details."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line, and the exception below it where there is one."""
        colour = COLOURS.get(record.levelname, "")
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        message = message_of(record)
        details = [f"{name}={value}" for name, value in extra_of(record).items() if str(value) not in message]
        line = f"{GREY}{clock}{RESET} {colour}{message}{RESET}" + (
            f" {GREY}{' '.join(details)}{RESET}" if details else ""
        )
        return f"{line}\n{exception_of(self, record)}" if record.exc_info else line


def set_up_logs(level: str, stream: TextIO | None, file: Path) -> OffLoop:
    """Send everything of `level` and above to `stream`, and as JSON lines to `file`, which is rotated.

    Lines are written by a thread; the handler that is returned has `flush`, and Python calls it at the end.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    rotating = logging.handlers.RotatingFileHandler(
        file, maxBytes=LOG_FILE_BYTES, backupCount=LOG_FILES - 1, encoding="utf-8", delay=True
    )
    json_lines = JsonLines()
    outlets = [Outlet.to_file(rotating, json_lines)]
    if stream is not None:
        outlets.append(Outlet.to_stream(stream, PlainLines() if stream.isatty() else json_lines))
    handler = OffLoop(outlets)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    return handler


def extra_of(record: logging.LogRecord) -> dict[str, object]:
    """What the caller passed as `extra`."""
    return {name: value for name, value in vars(record).items() if name not in STANDARD_FIELDS}


def message_of(record: logging.LogRecord) -> str:
    """What happened. The event loop shows below its first line what a task was made of; that is left out."""
    message = record.getMessage()
    return message.partition("\n")[0] if record.name == EVENT_LOOP_LOGGER else message


def exception_of(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    """The traceback of a record. Its words are left out where a client's own could be among them."""
    assert record.exc_info
    error = record.exc_info[1]
    if error is not None and (current_trail() is not None or record.name == EVENT_LOOP_LOGGER):
        return traceback_without_words(error)
    return formatter.formatException(record.exc_info)


def _utc(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{milliseconds:03d}Z"
