"""The response that owns everything it uses: it acquires the model, streams, and gives the model back.

One `async with` block holds the lease and the engine's events, so leaving it in any way, the client's leaving
included, releases both. Starlette's StreamingResponse is no alternative: it never closes its iterator.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from alive_core.adapters.events import Event, Finished, Sign
from alive_core.adapters.jobs import Job
from alive_core.cache.cache import ModelCache
from alive_core.errors import AliveError, DeadlineExceeded, EngineCrashed
from alive_core.http.failures import error_response
from alive_core.http.framing import DataFraming, Framing
from alive_core.http.stream import EventStream
from alive_core.profiles.profile import Target
from alive_core.schemas.common import AliveOptions, encode
from alive_core.shape.shape import Chunks, Whole

FINGERPRINT_HEADER = "x-alive-fingerprint"

BeforeEnd = Callable[[Finished], Awaitable[None]]
"""Called with the last event before the client gets it. It must not raise: the answer is already there."""


class Answer:
    """An ASGI response made from a job. Its form says whether it is a stream (`Chunks`) or one body (`Whole`).

    Until the first byte is sent an error is a real HTTP error; after that it is one typed event that ends the stream.
    """

    def __init__(
        self,
        cache: ModelCache,
        target: Target,
        job: Job,
        form: Chunks | Whole,
        *,
        deadline_s: float,
        fingerprint: str | None,
        options: AliveOptions | None = None,
        framing: Framing | None = None,
        before_end: BeforeEnd | None = None,
    ) -> None:
        self._cache, self._target, self._job, self._form = cache, target, job, form
        self._deadline_s = deadline_s
        self._options = options or AliveOptions()
        self._framing = framing or DataFraming()
        self._before_end = before_end
        self._headers = {FINGERPRINT_HEADER: fingerprint} if fingerprint else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Work and answer; stop at once when the client leaves."""
        work = asyncio.ensure_future(self._respond(scope, receive, send))
        left = asyncio.ensure_future(_client_left(receive))
        try:
            await asyncio.wait((work, left), return_when=asyncio.FIRST_COMPLETED)
        finally:
            work.cancel()
            left.cancel()
            await asyncio.wait((work, left))
        if not work.cancelled():
            work.result()

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        if isinstance(self._form, Chunks):
            await self._stream(self._form, scope, receive, send)
        else:
            await self._send_whole(self._form, scope, receive, send)

    async def _send_whole(self, whole: Whole, scope: Scope, receive: Receive, send: Send) -> None:
        async def collect(event: Event) -> None:
            whole.add(event)

        response: Response
        try:
            await self._work(collect)
            response = Response(encode(whole.result()), media_type="application/json", headers=self._headers)
        except AliveError as error:
            response = error_response(error)
        await response(scope, receive, send)

    async def _stream(self, chunks: Chunks, scope: Scope, receive: Receive, send: Send) -> None:
        async def pass_on(event: Event) -> None:
            await stream.send_all(chunks.of(event))

        async with EventStream(send, self._headers, self._framing, describe=self._describe_wait) as stream:
            try:
                await self._work(pass_on)
                await stream.finish()
                return
            except AliveError as error:
                failure = error
            if stream.has_begun:
                await stream.break_off(failure)
                return
        await error_response(failure)(scope, receive, send)

    async def _work(self, take: Callable[[Event], Awaitable[None]]) -> None:
        """Hand each event of the job to `take`.

        A crash costs only what was begun: while no answer event has come, the job is tried once more.
        """
        try:
            async with asyncio.timeout(self._deadline_s):
                if not await self._attempt(take, is_last=False):
                    await self._attempt(take, is_last=True)
        except TimeoutError:
            raise DeadlineExceeded(
                f"The answer was not complete after {self._deadline_s:g} seconds and was stopped."
            ) from None

    async def _attempt(self, take: Callable[[Event], Awaitable[None]], *, is_last: bool) -> bool:
        """One block owns a place on the model and the work on it. False where it should be tried again."""
        has_answered = False
        try:
            place = self._cache.acquire(self._target, wish=self._options.load, max_wait_s=self._options.max_wait_s)
            async with place as engine, aclosing(engine.run(self._job)) as events:
                async for event in events:
                    has_answered = has_answered or not isinstance(event, Sign)
                    if self._before_end is not None and isinstance(event, Finished):
                        await self._before_end(event)
                    await take(event)
        except EngineCrashed:
            if is_last or has_answered:
                raise
            return False
        return True

    def _describe_wait(self) -> str:
        """What a silent client may know about its waiting, for an SSE comment."""
        state = self._cache.state_of(self._target)
        progress = self._cache.progress_of(self._target)
        if progress is None or not progress.total:
            return "working" if state == "ready" else state
        return f"{state} {progress.done / progress.total:.0%}"


async def _client_left(receive: Receive) -> None:
    """Return when the client has gone. The body is already read, so nothing else can come."""
    while (await receive())["type"] != "http.disconnect":
        pass
