"""What native libraries print in a child ends up as lines in the server's log, at a bounded cost."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from alive_core.constants import CHILD_LAST_WORDS, CHILD_OUTPUT_LINE_BYTES, CHILD_OUTPUT_LINES_PER_S
from alive_core.engines.child.lines import request_of

logger = logging.getLogger(__name__)


class LineSplitter:
    """Cuts a stream of bytes into lines of text of bounded length."""

    def __init__(self, *, limit: int = CHILD_OUTPUT_LINE_BYTES) -> None:
        self._limit = limit
        self._pending = b""

    def feed(self, data: bytes) -> list[str]:
        """The lines now complete; one over the limit comes in pieces. Bytes that are not UTF-8 are escaped."""
        *whole, rest = (self._pending + data).replace(b"\r", b"\n").split(b"\n")
        cut = len(rest) - len(rest) % self._limit
        self._pending = rest[cut:]
        return [_text(piece) for line in (*whole, rest[:cut]) for piece in self._pieces(line)]

    def rest(self) -> list[str]:
        """What stands after the last line break."""
        line, self._pending = self._pending, b""
        return [_text(piece) for piece in self._pieces(line)]

    def _pieces(self, line: bytes) -> list[bytes]:
        return [line[start : start + self._limit] for start in range(0, len(line), self._limit)]


class OutputLog(asyncio.Protocol):
    """The reading end of a child's output: logs lines under the target's name, up to so many a second."""

    def __init__(self, name: str, *, now: Callable[[], float]) -> None:
        self._name = name
        self._now = now
        self._splitter = LineSplitter()
        self._second = 0
        self._logged = 0
        self._dropped = 0
        self._ended = asyncio.Event()
        self.last_words: deque[str] = deque(maxlen=CHILD_LAST_WORDS)

    async def wait_ended(self) -> None:
        """Return when nothing more can come."""
        await self._ended.wait()

    def data_received(self, data: bytes) -> None:
        self._take(self._splitter.feed(data))

    def connection_lost(self, _reason: Exception | None) -> None:
        self._take(self._splitter.rest())
        self._tell_dropped()
        self._ended.set()

    def _take(self, lines: list[str]) -> None:
        if int(self._now()) != self._second:
            self._tell_dropped()
            self._second = int(self._now())
            self._logged = 0
        room = CHILD_OUTPUT_LINES_PER_S - self._logged
        for line in lines[:room]:
            words, request = request_of(line)
            logger.info("[%s] %s", self._name, words, extra={"request_id": request} if request else None)
        self._logged += len(lines[:room])
        self._dropped += len(lines[room:])
        self.last_words.extend(lines)

    def _tell_dropped(self) -> None:
        if self._dropped:
            logger.warning("[%s] printed too fast: %d lines are not shown.", self._name, self._dropped)
            self._dropped = 0


def _text(line: bytes) -> str:
    return line.decode("utf-8", "backslashreplace")
