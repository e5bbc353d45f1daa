"""Runs calls on the engine: each in its own thread, never more than there are sequences, all of them stoppable."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from alive_core import EngineCrashed, InvalidRequest, Progress, adapter_errors
from command_server.adapters.chunks import Chunk, alive_error, decode_chunk
from command_server.adapters.inbox import Inbox
from command_server.adapters.native import NativeEngine
from command_server.adapters.request import Call
from command_server.adapters.slots import Slots
from command_server.constants import QUEUE_PROGRESS_S


class Said(msgspec.Struct, frozen=True):
    """One thing the engine said about one call."""

    call: Call
    chunk: Chunk


class _Ended(msgspec.Struct, frozen=True):
    """Nothing more comes from this call."""

    error: BaseException | None


class _Run:
    """A call on its way: waiting for sequences, in the engine, or through."""

    def __init__(self, call: Call, inbox: "Inbox[tuple[_Run, bytes | _Ended]]") -> None:
        self.call = call
        self.inbox = inbox
        self.is_started = False
        self.is_stopped = False
        self.choices_left = call.choices
        self.task: asyncio.Task[None] | None = None

    def stop(self) -> None:
        """The engine is told with its next chunk; a call that still waits leaves at once."""
        self.is_stopped = True
        if self.task is not None and not self.is_started:
            self.task.cancel()

    def hear(self, data: bytes) -> bool:
        """Called by the engine, in its thread; returns whether it should stop."""
        if not self.is_stopped:
            self.inbox.put((self, data))
        return self.is_stopped


class Runner:
    """The engine's threads and sequences."""

    def __init__(self, engine: NativeEngine, *, parallel: int) -> None:
        self.slots = Slots(parallel)
        self._engine = engine
        self._threads = ThreadPoolExecutor(parallel, thread_name_prefix="llamacpp")
        self._runs: set[_Run] = set()
        self._is_closed = False
        self._signs_of_life = 0

    async def run(self, calls: Sequence[Call], *, param: str) -> AsyncGenerator[list[Said] | Progress, None]:
        """What the engine says about `calls`, until all their choices are complete.

        Closing the generator stops the calls and returns when the engine has let go of them. Raises errors of the
        AliveError tree; `param` is the field they name.
        """
        self.check_open()
        inbox: Inbox[tuple[_Run, bytes | _Ended]] = Inbox()
        runs = [self._start(_Run(call, inbox)) for call in calls]
        try:
            unfinished = len(runs)
            while unfinished:
                items = await self._next(inbox, runs)
                if isinstance(items, Progress):
                    yield items
                    continue
                said = [_read(run, item, param=param) for run, item in items if isinstance(item, bytes)]
                if said:
                    yield said
                for run, item in items:
                    if isinstance(item, _Ended):
                        self._check_end(run, item)
                        unfinished -= 1
        finally:
            await self._stop(runs)

    def check_open(self) -> None:
        """Raise EngineCrashed once `close` has begun."""
        if self._is_closed:
            raise EngineCrashed("The model was unloaded; please send the request again.")

    async def close(self) -> None:
        """Stop every call and wait for the engine to let go of them."""
        self._is_closed = True
        await self._stop(list(self._runs))
        self._threads.shutdown(wait=False)

    def _start(self, run: _Run) -> _Run:
        self._runs.add(run)
        run.task = asyncio.create_task(self._work(run))
        run.task.add_done_callback(lambda task: self._end(run, task))
        return run

    async def _work(self, run: _Run) -> None:
        async with self.slots.held(run.call.choices):
            run.is_started = True
            await asyncio.get_running_loop().run_in_executor(self._threads, self._drive, run)

    def _drive(self, run: _Run) -> None:
        """In a thread: everything the engine does for this call."""

        def on_chunk(data: bytes) -> bool:
            self._signs_of_life += 1
            return run.hear(data)

        with adapter_errors({ValueError: InvalidRequest, RuntimeError: EngineCrashed}):
            self._engine.stream(run.call.body, on_chunk)

    def _end(self, run: _Run, task: asyncio.Task[None]) -> None:
        self._runs.discard(run)
        run.inbox.put((run, _Ended(None if task.cancelled() else task.exception())))

    def _check_end(self, run: _Run, ended: _Ended) -> None:
        if ended.error is not None:
            raise ended.error
        if run.choices_left:
            self.check_open()
            raise EngineCrashed("The engine stopped in the middle of its answer. Please send the request again.")

    async def _next(
        self, inbox: "Inbox[tuple[_Run, bytes | _Ended]]", runs: Sequence[_Run]
    ) -> "list[tuple[_Run, bytes | _Ended]] | Progress":
        """What has come; or, while calls wait for sequences and the engine is at work, word of that."""
        if all(run.is_started for run in runs):
            return await inbox.take()
        while True:
            seen = self._signs_of_life
            try:
                async with asyncio.timeout(QUEUE_PROGRESS_S):
                    return await inbox.take()
            except TimeoutError:
                if self._signs_of_life != seen:
                    return Progress("queue", done=0)

    async def _stop(self, runs: Sequence[_Run]) -> None:
        for run in runs:
            run.stop()
        tasks = [run.task for run in runs if run.task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)


def _read(run: _Run, data: bytes, *, param: str) -> Said:
    chunk = decode_chunk(data)
    if chunk.error is not None:
        raise alive_error(chunk.error, param=param)
    run.choices_left -= sum(choice.finish_reason is not None for choice in chunk.choices)
    return Said(run.call, chunk)
