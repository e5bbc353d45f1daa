"""Notices an adapter that blocks the event loop, while it does, and names the line that it stands at.

A thread looks whether the loop still beats. When it does not, the stack of the loop's own thread tells who holds it:
the innermost line in the module of an adapter. A loop that is late for another reason is no adapter's fault and is
not told.
"""

import asyncio
import logging
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import FrameType
from typing import Self

import msgspec

from alive_core.constants import LOOP_BEAT_S, LOOP_BLOCKED_S

logger = logging.getLogger(__name__)


class Place(msgspec.Struct, frozen=True):
    """Where an adapter's code stands."""

    adapter: str
    file: str
    line: int
    function: str


def adapter_place(frame: FrameType | None, adapters: Mapping[str, str]) -> Place | None:
    """The innermost line of an adapter's module below `frame`; `adapters` are modules and the class in each."""
    while frame is not None:
        adapter = adapters.get(frame.f_globals.get("__name__", ""))
        if adapter is not None:
            code = frame.f_code
            return Place(adapter, Path(code.co_filename).name, frame.f_lineno, code.co_name)
        frame = frame.f_back
    return None


class LoopWatch:
    """Watches the loop it is entered in, until the block ends: `async with LoopWatch([EchoAdapter]): ...`."""

    def __init__(
        self, adapters: Iterable[type], *, blocked_s: float = LOOP_BLOCKED_S, beat_s: float = LOOP_BEAT_S
    ) -> None:
        self._adapters = {adapter.__module__: adapter.__name__ for adapter in adapters}
        self._blocked_s, self._beat_s = blocked_s, beat_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="loop-watch", daemon=True)

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._beat()
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ended.set()
        self._timer.cancel()
        self._thread.join()

    def _beat(self) -> None:
        self._last_beat = time.monotonic()
        self._timer = self._loop.call_later(self._beat_s, self._beat)

    def _look(self) -> None:
        """In a thread of its own: tell each time that the loop is held up, once."""
        told = 0.0
        while not self._ended.wait(self._beat_s):
            last_beat = self._last_beat
            if last_beat == told or time.monotonic() - last_beat < self._blocked_s:
                continue
            place = adapter_place(sys._current_frames().get(self._loop_thread), self._adapters)
            if place is not None:
                told = last_beat
                logger.warning(
                    "the adapter %s blocks the event loop (%s, line %d, in %s): nothing else is served meanwhile. "
                    "Await what takes long, hand it to `asyncio.to_thread`, or set engine = %r on its targets.",
                    *(place.adapter, place.file, place.line, place.function),
                    "child",
                )
