"""The response that owns everything it uses: it acquires the model, streams, and gives the model back.

One `async with` block holds the lease and the engine's events, so leaving it in any way, the client's leaving
included, releases both. Starlette's StreamingResponse is no alternative: it never closes its iterator.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from alive_core.adapters.events import Event, Finished, Progress
from alive_core.cache.cache import Lease, ModelCache
from alive_core.errors import AliveError, DeadlineExceeded, EngineCrashed
from alive_core.http.assignment import Assignment, Prepare, note_assignment
from alive_core.http.failures import error_response
from alive_core.http.record import record_of
from alive_core.http.stream import EventStream
from alive_core.routing.roster import Route
from alive_core.schemas.common import AliveOptions, encode
from alive_core.shape.shape import Chunks, Whole

FINGERPRINT_HEADER = "x-alive-fingerprint"

Take = Callable[[Assignment, Event], Awaitable[None]]
"""Makes one event of an assignment's job a part of the answer."""


class Answer:
    """An ASGI response made from a request. Its form says whether it is a stream (`Chunks`) or one body (`Whole`).

    Until the first byte is sent an error is a real HTTP error; after that it is one typed event that ends the stream.
    """

    def __init__(
        self,
        cache: ModelCache,
        route: Route,
        first: Assignment,
        prepare: Prepare,
        *,
        deadline_s: float,
        options: AliveOptions | None = None,
    ) -> None:
        self._cache, self._route, self._prepare = cache, route, prepare
        self._assignment, self._is_used = first, False
        self._deadline_s = deadline_s
        self._options = options or AliveOptions()
        self._place: Lease | None = None

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
        if isinstance(self._assignment.form, Chunks):
            await self._stream(scope, receive, send)
        else:
            await self._send_whole(scope, receive, send)

    async def _send_whole(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def collect(assignment: Assignment, event: Event) -> None:
            assert isinstance(assignment.form, Whole)
            assignment.form.add(event)

        response: Response
        try:
            await self._work(scope, collect)
            whole = self._assignment.form
            assert isinstance(whole, Whole)
            response = Response(encode(whole.result()), media_type="application/json", headers=self._headers())
        except AliveError as error:
            response = error_response(error)
        await response(scope, receive, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def pass_on(assignment: Assignment, event: Event) -> None:
            assert isinstance(assignment.form, Chunks)
            stream.framing = assignment.framing
            await stream.send_all(assignment.form.of(event))

        framing = self._assignment.framing
        async with EventStream(send, self._headers, framing, describe=self._describe_wait) as stream:
            try:
                await self._work(scope, pass_on)
                await stream.finish()
                return
            except AliveError as error:
                failure = error
            if stream.has_begun:
                await stream.break_off(failure)
                return
        await error_response(failure)(scope, receive, send)

    def _headers(self) -> dict[str, str]:
        """What the answer says of who made it."""
        fingerprint = self._route.abilities.fingerprint
        return {FINGERPRINT_HEADER: fingerprint} if fingerprint else {}

    async def _work(self, scope: Scope, take: Take) -> None:
        """Hand each event of the job to `take`.

        A crash costs only what was begun: while no answer event has come, the job is tried once more.
        """
        try:
            async with asyncio.timeout(self._deadline_s):
                if not await self._attempt(scope, take, is_last=False):
                    await self._attempt(scope, take, is_last=True)
        except TimeoutError:
            raise DeadlineExceeded(
                f"The answer was not complete after {self._deadline_s:g} seconds and was stopped."
            ) from None

    async def _attempt(self, scope: Scope, take: Take, *, is_last: bool) -> bool:
        """One block owns a place on the model and the work on it. False where it should be tried again."""
        assignment = self._take_assignment()
        note_assignment(scope, assignment)
        target = self._route.target
        has_answered = False
        wish, max_wait_s = self._options.load, self._options.max_wait_s
        self._place = place = self._cache.acquire(target, wish=wish, max_wait_s=max_wait_s)
        try:
            async with place as engine, aclosing(engine.run(assignment.job)) as events:
                async for event in events:
                    has_answered = has_answered or not isinstance(event, Progress)
                    if assignment.before_end is not None and isinstance(event, Finished):
                        await assignment.before_end(event)
                    await take(assignment, event)
        except EngineCrashed:
            if is_last or has_answered:
                raise
            return False
        finally:
            note_wait(scope, place)
        return True

    def _take_assignment(self) -> Assignment:
        """A fresh assignment: the first was made before the answer began."""
        if self._is_used:
            self._assignment = self._prepare(self._route)
        self._is_used = True
        return self._assignment

    def _describe_wait(self) -> str:
        """What a silent client may know about its waiting, for an SSE comment."""
        return "waiting" if self._place is None else self._place.describe()


def note_wait(scope: Scope, place: Lease) -> None:
    """Tell the request's record how long it waited for `place`; where it was tried twice, both waits count."""
    record = record_of(scope)
    record.queue_ms = round((record.queue_ms or 0.0) + place.waited_s * 1000, 1)
    record.load_ms = round((record.load_ms or 0.0) + place.load_s * 1000, 1)


async def _client_left(receive: Receive) -> None:
    """Return when the client has gone. The body is already read, so nothing else can come."""
    while (await receive())["type"] != "http.disconnect":
        pass
