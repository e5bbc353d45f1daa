"""A stream of server-sent events that is never silent for long.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html; `framing` knows what each resource adds.
"""

import asyncio
from collections.abc import Callable, Iterable
from types import TracebackType

from starlette.types import Send

from alive_core.constants import COMMENT_INTERVAL_S
from alive_core.errors import AliveError
from alive_core.http.framing import Framing
from alive_core.schemas.common import ResponseStruct
from alive_core.utils.sse import encode_comment

STREAM_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",  # proxies pass each event on at once
}


class EventStream:
    """One response body. The status is sent with the first event, or with the first comment in a long silence.

    `headers` is asked once, when the status is sent. `framing` may be exchanged until the first event. `describe`
    says in a word what is going on; comments carry it. Enter it before sending.
    """

    def __init__(
        self, send: Send, headers: Callable[[], dict[str, str]], framing: Framing, *, describe: Callable[[], str]
    ) -> None:
        self._send, self._headers, self.framing, self._describe = send, headers, framing, describe
        self._lock = asyncio.Lock()  # an event and a comment must not interleave
        self._clock = asyncio.get_running_loop().time
        self._last_sent = self._clock()
        self.has_begun = False
        """Whether the status is fixed."""

    async def __aenter__(self) -> "EventStream":
        self._beat = asyncio.ensure_future(self._break_silence())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop_beating()

    async def send_all(self, chunks: Iterable[ResponseStruct]) -> None:
        """Send each chunk as one event, together."""
        data = b"".join(map(self.framing.frame, chunks))
        if data:
            await self._write(data)

    async def finish(self) -> None:
        """End a complete stream."""
        await self._stop_beating()
        await self._write(self.framing.end(), more=False)

    async def break_off(self, error: AliveError) -> None:
        """End a broken stream with a typed error event."""
        await self._stop_beating()
        await self._write(self.framing.broken(error), more=False)

    async def _write(self, data: bytes, *, more: bool = True) -> None:
        async with self._lock:
            if not self.has_begun:
                self.has_begun = True
                await self._send({"type": "http.response.start", "status": 200, "headers": self._all_headers()})
            await self._send({"type": "http.response.body", "body": data, "more_body": more})
            self._last_sent = self._clock()

    def _all_headers(self) -> list[tuple[bytes, bytes]]:
        return [(name.encode(), value.encode()) for name, value in (STREAM_HEADERS | self._headers()).items()]

    async def _break_silence(self) -> None:
        while True:
            silence = self._clock() - self._last_sent
            if silence >= COMMENT_INTERVAL_S:
                await self._write(encode_comment(self._describe()))
            else:
                await asyncio.sleep(COMMENT_INTERVAL_S - silence)

    async def _stop_beating(self) -> None:
        self._beat.cancel()
        await asyncio.wait((self._beat,))
