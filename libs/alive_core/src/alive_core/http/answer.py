"""The response that owns everything it uses: it acquires the model, streams, and gives the model back.

One `async with` block holds the lease and the engine's events, so leaving it in any way, the client's leaving
included, releases both. Starlette's StreamingResponse is no alternative: it never closes its iterator.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from alive_core.adapters.events import Event, Finished, Sign
from alive_core.cache.cache import Lease, ModelCache
from alive_core.errors import AliveError, DeadlineExceeded, UnsupportedParameter
from alive_core.http.assignment import Assignment, Prepared, note_assignment
from alive_core.http.failures import error_response
from alive_core.http.leaving import until_left
from alive_core.http.limits import reserve_tokens
from alive_core.http.record import record_of
from alive_core.http.stream import EventStream
from alive_core.profiles.profile import Profile
from alive_core.routing.dispatch import Begin, Dispatch
from alive_core.routing.roster import Route
from alive_core.routing.router import Router
from alive_core.schemas.common import AliveOptions, encode
from alive_core.shape.shape import Chunks, Whole

FINGERPRINT_HEADER = "x-alive-fingerprint"
TARGET_HEADER = "x-alive-target"

Take = Callable[[Assignment, Event], Awaitable[None]]
"""Makes one event of an assignment's job a part of the answer."""


class Answer:
    """An ASGI response made from a request. Its form says whether it is a stream (`Chunks`) or one body (`Whole`).

    Until the first byte is sent an error is a real HTTP error; after that it is one typed event that ends the stream.
    """

    def __init__(
        self, cache: ModelCache, router: Router, profile: Profile, prepared: Prepared, *, options: AliveOptions | None
    ) -> None:
        self._cache, self._router, self._profile, self._prepared = cache, router, profile, prepared
        self._options = options or AliveOptions()
        self._route, self._assignment = prepared.routes[0], prepared.first
        """Which target is tried, or answers, and with what."""
        self._is_decided = len(prepared.routes) == 1
        """Whether it is certain that no other target will answer."""
        self._announced: Collection[str] | None = None
        """What the headers, once they are sent, say was left out."""
        self._place: Lease | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Work and answer; stop at once when the client leaves."""
        reserve_tokens(scope, self._assignment.job)
        await until_left(self._respond(scope, receive, send), receive)

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
                record_of(scope).note_error(failure)
                await stream.break_off(failure)
                return
        await error_response(failure)(scope, receive, send)

    def _headers(self) -> dict[str, str]:
        """What the answer says of who made it, as far as that is certain: a comment may be sent before."""
        self._announced = self._assignment.ignored
        possible = [self._route] if self._is_decided else self._prepared.routes
        fingerprints = {route.abilities.fingerprint for route in possible}
        fingerprint = fingerprints.pop() if len(fingerprints) == 1 else None
        headers = {FINGERPRINT_HEADER: fingerprint} if fingerprint else {}
        if self._profile.show_target and self._is_decided:
            headers[TARGET_HEADER] = self._route.target.name
        return headers

    async def _work(self, scope: Scope, take: Take) -> None:
        """Find the target that answers, and hand each event of its job to `take`. The deadline is one for all."""
        record, deadline_s = record_of(scope), self._profile.defaults.deadline_s
        record.profile = self._profile.name
        loop = asyncio.get_running_loop()
        began = loop.time()
        ends = began + deadline_s

        async def attempt(route: Route, begin: Begin) -> None:
            await self._attempt(route, scope, begin, take, waited_s=loop.time() - began)

        dispatch = Dispatch(
            self._router,
            self._profile,
            attempt,
            time_left=lambda: ends - loop.time(),
            request_id=record.request_id,
        )
        try:
            async with asyncio.timeout_at(ends):
                await dispatch.run(self._prepared.routes)
        except TimeoutError:
            raise DeadlineExceeded(
                f"The answer was not complete after {deadline_s:g} seconds and was stopped."
            ) from None
        finally:
            record.failovers = dispatch.failovers or None

    async def _attempt(self, route: Route, scope: Scope, begin: Begin, take: Take, *, waited_s: float) -> None:
        """One block owns a place on the model and the work on it."""
        assignment = self._prepared.take(route)
        self._refuse_unannounced(assignment)
        self._turn_to(route, assignment, scope)
        wish, max_wait_s = self._options.load, self._options.max_wait_s
        if max_wait_s is not None:
            max_wait_s = max(0.0, max_wait_s - waited_s)
        has_begun = False
        self._place = place = self._cache.acquire(route.target, wish=wish, max_wait_s=max_wait_s)
        record = record_of(scope)
        with record.attempt(place) as noted:
            async with place as engine, aclosing(engine.run(assignment.job)) as events:
                noted.note_place()
                async for event in events:
                    if not has_begun and not isinstance(event, Sign):
                        has_begun = self._is_decided = True
                        begin()
                        self._turn_to(route, assignment, scope)
                    record.note_event(event)
                    if assignment.before_end is not None and isinstance(event, Finished):
                        await assignment.before_end(event)
                    await take(assignment, event)

    def _turn_to(self, route: Route, assignment: Assignment, scope: Scope) -> None:
        """From now on the answer, as far as it goes, is about `route`."""
        self._route, self._assignment = route, assignment
        record_of(scope).target = route.target.name
        note_assignment(scope, assignment)

    def _refuse_unannounced(self, assignment: Assignment) -> None:
        """Raise where this target would leave out what headers already sent do not name (P1)."""
        if self._announced is None:
            return
        for path in assignment.ignored:
            if path not in self._announced:
                message = f"`{path}` is not supported by the model that is left to answer. Leave it out."
                raise UnsupportedParameter(message, param=path)

    def _describe_wait(self) -> str:
        """What a silent client may know about its waiting, for an SSE comment."""
        return "waiting" if self._place is None else self._place.describe()
