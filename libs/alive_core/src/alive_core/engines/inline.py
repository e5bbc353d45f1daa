"""An adapter in this process: for fakes, remote providers, and inside the child process itself."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from alive_core.adapters.events import Event
from alive_core.adapters.jobs import Job
from alive_core.adapters.protocols import Adapter
from alive_core.engines.contract import close_adapter, run_adapter
from alive_core.errors import EngineCrashed
from alive_core.profiles.profile import Target


class InlineEngine:
    """An `Engine` around a loaded adapter. Its jobs share this loop, so an adapter must never block it."""

    def __init__(self, adapter: Adapter, target: Target) -> None:
        self._adapter = adapter
        self._target = target
        self._ended = asyncio.Event()

    def __repr__(self) -> str:
        return f"<InlineEngine {self._target.name!r} {'alive' if self.is_alive else 'ended'}>"

    @property
    def is_alive(self) -> bool:
        return not self._ended.is_set()

    async def run(self, job: Job) -> AsyncGenerator[Event, None]:
        self._check_alive()
        async with aclosing(run_adapter(self._adapter, self._target, job)) as events:
            async for event in events:
                self._check_alive()
                yield event

    async def wait_ended(self) -> None:
        await self._ended.wait()

    def memory_bytes(self) -> int | None:
        return None

    def gpu_bytes(self) -> int | None:
        return None

    async def close(self) -> None:
        self._ended.set()
        await close_adapter(self._adapter, self._target)

    def _check_alive(self) -> None:
        if not self.is_alive:
            raise EngineCrashed(
                f"The engine of target {self._target.name!r} was closed; please send the request again."
            )
