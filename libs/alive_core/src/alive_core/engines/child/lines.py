"""A child's log lines: written on its output, and read by the server, which knows from them whose request it was.

What native libraries print themselves carries no id: they work on many requests at once.
"""

import logging
import re
from typing import Final

from alive_core.utils.tracebacks import traceback_without_words
from alive_core.utils.trail import current_trail

_MARK: Final = " request_id="
_MARKED: Final = re.compile(rf"(.*){_MARK}([A-Za-z0-9._:/+=@-]+)")


def set_up_child_logs() -> None:
    """Print whatever is logged in this process, from `info` on."""
    handler = logging.StreamHandler()
    handler.setFormatter(ChildLines("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


class ChildLines(logging.Formatter):
    """One line with the request's id at its end, then the exception: without its words where it met a request."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name that logging gave it
        """The first line."""
        trail = current_trail()
        line = super().formatMessage(record)
        return line if trail is None else f"{line}{_MARK}{trail.request_id}"

    def formatException(self, ei: "logging._SysExcInfoType") -> str:  # noqa: N802 - the name that logging gave it
        """What stands below it."""
        if ei[1] is not None and current_trail() is not None:
            return traceback_without_words(ei[1])
        return super().formatException(ei)


def request_of(line: str) -> tuple[str, str | None]:
    """A line that a child printed, and the id of its request where it carries one."""
    marked = _MARKED.fullmatch(line)
    return (line, None) if marked is None else (marked[1], marked[2])
