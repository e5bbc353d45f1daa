"""Logs: JSON lines for machines, one plain coloured line for a person at a terminal. Never prompts, never keys."""

import json
import logging
import logging.handlers
import time
from pathlib import Path
from typing import Final, TextIO

import msgspec

from alive_core.constants import LOG_FILE_BYTES, LOG_FILES

STANDARD_FIELDS: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
COLOURS: Final = {"WARNING": "\033[33m", "ERROR": "\033[31m", "CRITICAL": "\033[31m"}
GREY, RESET = "\033[90m", "\033[0m"


class JsonLines(logging.Formatter):
    """One JSON object per line: time (UTC, ISO 8601), level, logger, message, and whatever `extra` carried."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        entry: dict[str, object] = {
            "time": _utc(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry |= extra_of(record)
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        try:
            return msgspec.json.encode(entry, enc_hook=str).decode()
        except UnicodeEncodeError:  # half a character, from a file name for instance
            return json.dumps(entry, default=str)


class PlainLines(logging.Formatter):
    """For a person: the time, what happened, and in grey the details."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line, and the exception below it where there is one."""
        colour = COLOURS.get(record.levelname, "")
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        message = record.getMessage()
        details = [f"{name}={value}" for name, value in extra_of(record).items() if str(value) not in message]
        line = f"{GREY}{clock}{RESET} {colour}{message}{RESET}" + (
            f" {GREY}{' '.join(details)}{RESET}" if details else ""
        )
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def set_up_logs(level: str, stream: TextIO | None, file: Path) -> None:
    """Send everything of `level` and above to `stream`, and as JSON lines to `file`, which is rotated."""
    file.parent.mkdir(parents=True, exist_ok=True)
    rotating = logging.handlers.RotatingFileHandler(
        file, maxBytes=LOG_FILE_BYTES, backupCount=LOG_FILES - 1, encoding="utf-8", delay=True
    )
    rotating.setFormatter(JsonLines())
    handlers: list[logging.Handler] = [rotating]
    if stream is not None:
        handler = logging.StreamHandler(stream)
        handler.setFormatter(PlainLines() if stream.isatty() else JsonLines())
        handlers.append(handler)
    logging.basicConfig(level=level.upper(), handlers=handlers, force=True)
    logging.captureWarnings(capture=True)


def extra_of(record: logging.LogRecord) -> dict[str, object]:
    """What the caller passed as `extra`."""
    return {name: value for name, value in vars(record).items() if name not in STANDARD_FIELDS}


def _utc(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{milliseconds:03d}Z"
