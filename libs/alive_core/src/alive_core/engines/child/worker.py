"""The child's side: `python -m alive_core.engines.child.worker FD PARENT_PID package.module:Adapter TARGET_NAME`.

FD is one end of a socket pair. The target's name stands there for who looks at the list of processes. The adapter
runs in an `InlineEngine`, so it behaves here as it does in the server's own process.
"""

import asyncio
import os
import socket
import sys
from contextlib import AsyncExitStack, aclosing, suppress
from functools import partial

import msgspec

from alive_core.adapters.events import Progress
from alive_core.adapters.jobs import Job
from alive_core.adapters.protocols import Adapter
from alive_core.constants import CHILD_CLOSE_TIMEOUT_S
from alive_core.engines.child.flight import Window
from alive_core.engines.child.frames import (
    Cancel,
    Close,
    Emitted,
    Ended,
    Failed,
    FrameTooLarge,
    Hello,
    Load,
    Loaded,
    Loading,
    More,
    Run,
    ToChild,
    wire_version,
)
from alive_core.engines.child.guard import bind_to_parent
from alive_core.engines.child.imports import adapter_at
from alive_core.engines.child.lines import set_up_child_logs
from alive_core.engines.child.wire import Wire
from alive_core.engines.contract import load_adapter
from alive_core.engines.inline import InlineEngine
from alive_core.engines.loop_watch import LoopWatch
from alive_core.errors import AliveError, EngineCrashed, PayloadTooLarge
from alive_core.profiles.profile import Target
from alive_core.utils.trail import Trail, follow

DECODER = msgspec.msgpack.Decoder(ToChild)


class Worker:
    """One adapter, one target, many jobs at once, until the server says close or is gone."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._wire = Wire(DECODER, on_frame=self._receive)
        self._adapter: type[Adapter] | None = None
        self._engine: InlineEngine | None = None
        self._loading: asyncio.Task[None] | None = None
        self._works: dict[int, asyncio.Task[None]] = {}
        self._windows: dict[int, Window] = {}
        self._close_asked = asyncio.Event()
        self._watching = AsyncExitStack()

    async def serve(self, end: socket.socket) -> None:
        """Say hello over `end`, then do as the server says. Returns when everything is closed."""
        await self._wire.connect(end)
        self._wire.post(self._introduce())
        closed = [asyncio.ensure_future(self._close_asked.wait()), asyncio.ensure_future(self._wire.wait_lost())]
        await asyncio.wait(closed, return_when=asyncio.FIRST_COMPLETED)
        with suppress(TimeoutError):
            async with asyncio.timeout(CHILD_CLOSE_TIMEOUT_S):
                await self._close()

    def _introduce(self) -> Hello | Failed:
        try:
            self._adapter = adapter_at(self._path)
        except AliveError as error:
            return Failed.of(None, error)
        return Hello(wire_version(), self._path)

    def _receive(self, frame: ToChild, _size: int) -> None:
        match frame:
            case Run(number, job, trail):
                self._windows[number] = Window()
                self._works[number] = asyncio.ensure_future(self._work(number, job, trail))
                self._works[number].add_done_callback(partial(self._end_work, number))
            case More(number, room):
                if number in self._windows:
                    self._windows[number].widen(room)
            case Cancel(number):
                if number in self._works:
                    self._works[number].cancel()
            case Load(target):
                self._loading = asyncio.ensure_future(self._load(target))
            case Close():
                self._close_asked.set()

    async def _load(self, target: Target) -> None:
        assert self._adapter is not None  # the server sends no Load before it has read our Hello
        try:
            adapter = await load_adapter(self._adapter, target, on_progress=self._tell_progress)
        except AliveError as error:
            self._wire.post(Failed.of(None, error))
            return
        self._engine = InlineEngine(adapter, target)
        await self._watching.enter_async_context(LoopWatch([self._adapter]))
        self._wire.post(Loaded())

    def _tell_progress(self, progress: Progress) -> None:
        self._wire.post(Loading(progress))

    async def _work(self, number: int, job: Job, trail: Trail | None) -> None:
        follow(trail)
        assert self._engine is not None  # the server sends no Run before it has read our Loaded
        window = self._windows[number]
        async with aclosing(self._engine.run(job)) as events:
            async for event in events:
                try:
                    window.spend(await self._wire.send(Emitted(number, event)))
                except FrameTooLarge as error:
                    raise PayloadTooLarge(f"The answer is too large: {error}. Ask for less at a time.") from error
                except (TypeError, ValueError) as error:
                    raise EngineCrashed(f"The engine gave an answer that cannot be sent on: {error}.") from error
                await window.wait_room()

    def _end_work(self, number: int, work: "asyncio.Task[None]") -> None:
        """Tell the end of a job by exactly one frame, also where it was cancelled before it began."""
        del self._works[number], self._windows[number]
        error = None if work.cancelled() else work.exception()
        self._wire.post(Failed.of(number, error) if isinstance(error, AliveError) else Ended(number))

    async def _close(self) -> None:
        tasks = [*self._works.values(), *([self._loading] if self._loading else [])]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._watching.aclose()
        if self._engine is not None:
            await self._engine.close()


def main() -> None:
    """Serve the socket that the server handed over, then leave without a destructor of a native library running."""
    descriptor, parent, path, _ = sys.argv[1:]
    bind_to_parent(int(parent))
    end = socket.socket(fileno=int(descriptor))
    end.set_inheritable(False)  # what the adapter starts must not keep the server waiting for the socket's end
    set_up_child_logs()
    asyncio.run(_serve_and_leave(path, end))


async def _serve_and_leave(path: str, end: socket.socket) -> None:
    await Worker(path).serve(end)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(os.EX_OK)


if __name__ == "__main__":
    main()
