"""When a child counts as hung. Its own progress is the only sign of life: nothing in it beats without working.

A child owes progress while it loads and while a job has room for more events. It then has to send something within
the limit, anything: a token, prompt tokens read, the end of a cancelled job. A stopped process and a blocked engine
both fall silent; a job whose reader is slow owes nothing.
"""

from collections.abc import Awaitable, Callable

import msgspec

from alive_core.constants import (
    CHILD_CLOSE_TIMEOUT_S,
    CHILD_HELLO_TIMEOUT_S,
    CHILD_STALL_TIMEOUT_S,
    LATE_LOOK_S,
)


class Patience(msgspec.Struct, frozen=True):
    """How long a child may take, in seconds."""

    hello_s: float = CHILD_HELLO_TIMEOUT_S
    """From its start to its first frame: interpreter and imports."""
    stall_s: float = CHILD_STALL_TIMEOUT_S
    """Without any progress while it owes some."""
    close_s: float = CHILD_CLOSE_TIMEOUT_S
    """From being asked to end to being killed."""


def owing_since(before: float | None, *, owes: bool, gave_sign: bool, now: float) -> float | None:
    """Since when a child owes progress.

    1. It owes nothing: `None`.
    2. It just gave a sign, or just began to owe: now.
    3. Otherwise nothing changes.
    """
    if not owes:
        return None
    if gave_sign or before is None:
        return now
    return before


def patience_left(since: float | None, *, limit_s: float, now: float) -> float:
    """Seconds until a child that owes progress since `since` counts as hung; 0 or less: it does."""
    return limit_s if since is None else since + limit_s - now


class ProgressWatch:
    """Remembers since when a child owes progress, and waits until it owed for too long."""

    def __init__(
        self, limit_s: float, *, now: Callable[[], float], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._limit_s = limit_s
        self._now = now
        self._sleep = sleep
        self._since: float | None = None

    def note(self, *, owes: bool, gave_sign: bool) -> None:
        """Something happened: a frame came, a job was sent, a reader took something."""
        self._since = owing_since(self._since, owes=owes, gave_sign=gave_sign, now=self._now())

    async def wait_hung(self) -> None:
        """Return when the limit has passed without a sign. Wakes once per limit where all is well.

        A look that comes late says nothing: this process was held up itself, and has not read what came meanwhile.
        """
        while (left := patience_left(self._since, limit_s=self._limit_s, now=self._now())) > 0:
            due = self._now() + left
            await self._sleep(left)
            if self._now() > due + LATE_LOOK_S and self._since is not None:
                self._since = self._now()
