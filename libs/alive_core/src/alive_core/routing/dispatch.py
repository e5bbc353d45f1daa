"""One request's way through its targets, until one of them begins to answer.

Numbered here and in the body:

1. Targets are tried in the order of the profile's strategy. One whose breaker is open is left out.
2. An engine that crashes before anything of its answer is known is tried once more, for it starts anew.
3. A failure that the profile's `fallback_on` names leads to the next target; any other ends the search.
4. `hedged`: a target that says nothing for a while gets a rival. Who begins first wins, the other is cancelled.
5. Targets that were left out come last, where their failures were of this machine: nobody else is harmed.
6. When all have failed, those whose failure passes by itself are tried again, after a pause, while the deadline, the
   profile's `retries` and its budget allow it.
7. Once an answer has begun, nothing is tried again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from alive_core.constants import RETRY_FIRST_S, RETRY_LONGEST_S
from alive_core.errors import AliveError, EngineCrashed
from alive_core.profiles.profile import Profile
from alive_core.routing.conditions import condition_of, is_passing, rest_of, soonest, verdict
from alive_core.routing.counters import Answered, Failover, Hedge, Reason, Retry
from alive_core.routing.roster import Route
from alive_core.routing.router import Permit, Router
from alive_core.routing.strategies.hedged import patience_s

if TYPE_CHECKING:
    from tenacity import RetryCallState

logger = logging.getLogger(__name__)

Begin = Callable[[], None]
"""To be called when the first answer event is there, before it is used."""
Attempt = Callable[[Route, Begin], Awaitable[None]]
"""Works for the request on one target, to the end. Raises errors of the AliveError tree."""


class Failure(msgspec.Struct, frozen=True):
    """How one target failed the request."""

    route: Route
    error: AliveError
    reason: Reason


class Dispatch:
    """Finds the target that answers. Use it once.

    `time_left` tells the seconds until the request's deadline; `request_id` is for the log.
    """

    def __init__(
        self,
        router: Router,
        profile: Profile,
        attempt: Attempt,
        *,
        time_left: Callable[[], float],
        request_id: str,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._router, self._profile, self._attempt = router, profile, attempt
        self._time_left, self._request_id, self._sleep = time_left, request_id, sleep
        self._failures: dict[str, Failure] = {}
        """The last failure of each target."""
        self._leaving: Failure | None = None
        """The failure after which nobody else has been tried yet."""
        self._winner: Permit | None = None
        self._runners: dict[asyncio.Task[None], tuple[Route, Permit]] = {}
        self._hedge: Hedge | None = None
        self.failovers = 0
        """How often the request went on to another target."""

    async def run(self, routes: Sequence[Route]) -> None:
        """Return when a target has answered. Raises the error that the client should hear."""
        self._router.count_request(self._profile)
        try:
            await self._round(routes)
        except AliveError as error:
            if not self._profile.routing.retries or not self._may_pass(error):
                raise
            await self._persist(error)

    async def _round(self, routes: Sequence[Route]) -> None:
        """Everyone once."""
        self._leaving = None
        if self._profile.routing.strategy == "hedged":
            await self._race(routes)
        else:
            await self._in_turn(routes)

    def _course(self, routes: Sequence[Route]) -> Iterator[tuple[Route, Permit]]:
        """1. and 5. Whom to try next, asked when it is time."""
        spared = []
        for route in routes:
            permit = self._router.admit(route.target)
            if permit is not None:
                yield route, permit
                continue
            spared.append(route)
            if not self._note_failure(route, self._router.refusal(route.target), reason="open"):
                break
        for route in spared:
            permit = self._router.admit_anyway(route.target)
            if permit is not None:
                yield route, permit

    async def _in_turn(self, routes: Sequence[Route]) -> None:
        for route, permit in self._course(routes):
            self._note_failover(route)
            try:
                await self._try(route, permit)
            except AliveError as error:
                if self._winner is not None:  # 7.
                    raise
                if not self._note_failure(route, error):  # 3.
                    break
            else:
                return
        raise self._verdict()

    async def _race(self, routes: Sequence[Route]) -> None:
        """4. One block owns everyone who runs: leaving it in any way ends them all."""
        course = self._course(routes)
        is_course_over = not self._start_next(course)
        try:
            while self._runners:
                patience = patience_s(
                    self._profile.routing, runners=len(self._runners), has_begun=self._winner is not None
                )
                done, _ = await asyncio.wait(
                    self._runners,
                    timeout=None if is_course_over else patience,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                wants_next = not done
                for task in done:
                    route, permit = self._runners.pop(task)
                    error = None if task.cancelled() else task.exception()
                    if self._winner is not None and self._winner is not permit:
                        continue  # it lost
                    if error is None:
                        return
                    if self._winner is permit or not isinstance(error, AliveError):  # 7.
                        raise error
                    wants_next = self._note_failure(route, error)  # 3.
                if wants_next and self._winner is None:
                    is_course_over = not self._start_next(course)
        finally:
            await _end(list(self._runners))
        raise self._verdict()

    def _start_next(self, course: Iterator[tuple[Route, Permit]]) -> bool:
        """Send the next target into the race; False where there is none."""
        route, permit = next(course, (None, None))
        if route is None or permit is None:
            return False
        self._note_failover(route)
        for slow, _ in self._runners.values():
            self._hedge = Hedge(self._profile.name, slow.target.name, route.target.name)
            self._router.counters.hedges[self._hedge] += 1
        self._runners[asyncio.create_task(self._try(route, permit))] = route, permit
        return True

    async def _try(self, route: Route, permit: Permit) -> None:
        """Work on one target to the end, and tell the router how it went."""
        try:
            await self._attempt_twice(route, permit)
        except AliveError as error:
            self._router.failed(permit, error)
            raise
        finally:
            self._router.left(permit)

    async def _attempt_twice(self, route: Route, permit: Permit) -> None:
        def begin() -> None:
            self._begin(permit)

        try:
            await self._attempt(route, begin)
        except EngineCrashed:
            if self._winner is permit:  # 7.
                raise
            await self._attempt(route, begin)  # 2.

    def _begin(self, permit: Permit) -> None:
        """An answer has begun: nobody else is needed."""
        self._winner = permit
        self._router.succeeded(permit)
        self._router.counters.answers[Answered(self._profile.name, permit.target.name)] += 1
        for task, (_, rival) in self._runners.items():
            if rival is not permit:
                task.cancel()
        if self._hedge is not None and self._hedge.target == permit.target.name:
            self._router.counters.hedges_won[self._hedge] += 1

    # --- trying again --------------------------------------------------------------------------------------

    async def _persist(self, first: AliveError) -> None:
        """6. tenacity counts, pauses and gives up."""
        from tenacity import AsyncRetrying, retry_if_exception, wait_random_exponential

        chance = wait_random_exponential(multiplier=RETRY_FIRST_S, max=RETRY_LONGEST_S)

        def pause_s(state: "RetryCallState") -> float:
            return self._rest_s() + chance(state)

        retrying = AsyncRetrying(
            retry=retry_if_exception(self._may_pass),
            wait=pause_s,
            stop=self._is_enough,
            before_sleep=self._note_retry,
            sleep=self._sleep,
            reraise=True,
        )
        async for again in retrying:
            with again:
                if again.retry_state.attempt_number == 1:
                    raise first  # the round that has failed already
                await self._round([failure.route for failure in self._passing()])

    def _may_pass(self, error: BaseException) -> bool:
        """Whether it was a failure of whole rounds, and one of its targets may answer a moment later."""
        return isinstance(error, AliveError) and self._winner is None and bool(self._passing())

    def _passing(self) -> list[Failure]:
        """The failures that pass by themselves."""
        return [failure for failure in self._failures.values() if is_passing(failure.error)]

    def _rest_s(self) -> float:
        """Until the first of the targets may be asked again."""
        return min(rest_of(failure.error) or 0.0 for failure in self._passing())

    def _is_enough(self, state: "RetryCallState") -> bool:
        """Whether to give up. Only where nothing else says so, a retry is taken from the budget."""
        longest = min(RETRY_LONGEST_S, self._time_left())
        is_over = state.attempt_number > self._profile.routing.retries or state.upcoming_sleep > longest
        return is_over or not self._router.may_retry(self._profile)

    # --- what is told --------------------------------------------------------------------------------------

    def _verdict(self) -> AliveError:
        errors = [failure.error for failure in self._failures.values()]
        error = verdict(errors)
        error.retry_after = soonest(errors)
        return error

    def _note_failure(self, route: Route, error: AliveError, *, reason: Reason | None = None) -> bool:
        """Remember it; returns whether the profile wants another target tried after it."""
        condition = condition_of(error)
        self._leaving = self._failures[route.target.name] = Failure(route, error, reason or condition)
        return condition in self._profile.routing.fallback_on

    def _note_failover(self, route: Route) -> None:
        """Log and count where `route` is tried because another target failed."""
        failure, self._leaving = self._leaving, None
        if failure is None or failure.route is route:
            return
        names = self._profile.name, failure.route.target.name, route.target.name
        self.failovers += 1
        self._router.counters.failovers[Failover(*names, failure.reason)] += 1
        logger.warning(
            "%s: from %s on to %s (%s, %s)",
            *names,
            failure.reason,
            failure.error.code,
            extra={
                "request_id": self._request_id,
                "profile": names[0],
                "from_target": names[1],
                "to_target": names[2],
                "reason": failure.reason,
            },
        )

    def _note_retry(self, state: "RetryCallState") -> None:
        """Log and count that targets are tried again."""
        self._router.counters.retries[Retry(self._profile.name)] += 1
        extra = {"request_id": self._request_id, "profile": self._profile.name}
        logger.info("%s: trying again in %.2f s", self._profile.name, state.upcoming_sleep, extra=extra)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel them, and return when they are gone and have given everything back."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.gather(*tasks, return_exceptions=True)
