"""The server's side of an engine in a child process."""

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator
from itertools import count
from typing import Self

import msgspec

from alive_core.adapters.events import Event
from alive_core.adapters.jobs import Job
from alive_core.adapters.protocols import Adapter
from alive_core.constants import CHILD_LOADING_GROWTH_BYTES, CHILD_SETTLE_S
from alive_core.engines.child.flight import Flight
from alive_core.engines.child.frames import (
    Cancel,
    Close,
    Emitted,
    Ended,
    Failed,
    FrameTooLarge,
    FromChild,
    Hello,
    Load,
    Loaded,
    Loading,
    More,
    Run,
    wire_version,
)
from alive_core.engines.child.imports import path_of
from alive_core.engines.child.process import ChildProcess, exit_sentence
from alive_core.engines.child.supervision import Patience, ProgressWatch
from alive_core.engines.child.wire import Wire
from alive_core.engines.contract import OnProgress
from alive_core.engines.gpu_memory import find_nvml, gpu_memory_bytes
from alive_core.engines.memory import process_memory_bytes
from alive_core.errors import AliveError, EngineCrashed, InvalidRequest, LoadFailed, PayloadTooLarge
from alive_core.profiles.profile import Target
from alive_core.utils.trail import current_trail

logger = logging.getLogger(__name__)

WORKER = "alive_core.engines.child.worker"
DECODER = msgspec.msgpack.Decoder(FromChild)
DEFAULT_PATIENCE = Patience()


class ChildEngine:
    """An `Engine` whose adapter lives in a process of its own: whatever happens there ends that process and no other.

    Its end has one cause, the first that is seen, and every job in flight hears it. Two tasks go with the child: one
    waits for its end and clears up, one ends it when it falls silent.
    """

    def __init__(
        self, process: ChildProcess, target: Target, *, on_progress: OnProgress | None, patience: Patience
    ) -> None:
        loop = asyncio.get_running_loop()
        self._process = process
        self._target = target
        self._on_progress = on_progress
        self._patience = patience
        self._wire = Wire(DECODER, on_frame=self._receive)
        self._replies: asyncio.Queue[Hello | Loaded | AliveError] = asyncio.Queue()
        self._is_loading = True
        self._bytes_seen = 0
        self._numbers = count(1)
        self._flights: dict[int, Flight] = {}
        self._cause: str | None = None
        self._ended = asyncio.Event()
        self._watch = ProgressWatch(patience.stall_s, now=loop.time, sleep=asyncio.sleep)
        self._undertaker = loop.create_task(self._see_it_end())
        self._watchman = loop.create_task(self._end_when_hung())

    def __repr__(self) -> str:
        state = self._cause or ("loading" if self._is_loading else f"{len(self._flights)} jobs")
        return f"<ChildEngine {self._target.name!r} pid {self.pid} | {state}>"

    @classmethod
    async def start(
        cls,
        adapter: type[Adapter],
        target: Target,
        *,
        on_progress: OnProgress | None = None,
        patience: Patience = DEFAULT_PATIENCE,
        worker: str = WORKER,
    ) -> Self:
        """Start a child, load `target` in it and return it ready for jobs. `worker` is the module that it runs.

        Raises ConfigurationError where no child can import `adapter`; else what the load raised, and LoadFailed where
        the child ended or fell silent. When it raises or is cancelled, the child is gone.
        """
        path = path_of(adapter)
        ours, theirs = socket.socketpair()
        try:
            process = await ChildProcess.start(worker, (path, target.name), end=theirs, name=target.name)
        except BaseException:
            ours.close()
            raise
        engine = cls(process, target, on_progress=on_progress, patience=patience)
        try:
            await engine._wire.connect(ours)
            await engine._greet(path)
            await engine._load()
        except BaseException:
            engine._end("was given up before it had loaded")
            await engine._bury()
            raise
        return engine

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._cause is None

    async def run(self, job: Job) -> AsyncGenerator[Event, None]:
        number, flight = self._take_off(job)
        try:
            while (arrival := await flight.take()) is not None:
                event, size = arrival
                yield event
                self._make_room(number, flight, size)
        finally:
            await self._let_go(number, flight)

    async def wait_ended(self) -> None:
        await self._ended.wait()

    def memory_bytes(self) -> int | None:
        return process_memory_bytes(self.pid)

    def gpu_bytes(self) -> int | None:
        return gpu_memory_bytes(self.pid, find_nvml())

    async def close(self) -> None:
        self._end("was closed")
        self._wire.post(Close())
        try:
            await asyncio.wait({self._undertaker}, timeout=self._patience.close_s)
        finally:
            await self._bury()

    # --- The start ---

    async def _greet(self, path: str) -> None:
        """Wait for the hello, and refuse a child that is not the one we mean."""
        try:
            async with asyncio.timeout(self._patience.hello_s):
                hello = await self._reply()
        except TimeoutError as error:
            raise LoadFailed(f"{self._name} said nothing within {self._patience.hello_s:g} s.") from error
        if hello != Hello(wire_version(), path):
            raise LoadFailed(
                f"{self._name} and this server are not of one version ({hello} came, "
                f"not {wire_version()} {path}): the installation changed while the server ran. Restart the server."
            )

    async def _load(self) -> None:
        self._bytes_seen = self.memory_bytes() or 0
        self._note(gave_sign=True)
        self._wire.post(Load(self._target))
        await self._reply()
        self._is_loading = False
        self._note(gave_sign=True)

    async def _reply(self) -> Hello | Loaded:
        """The next answer of a child that starts. Raises what it failed with, and LoadFailed where it ended."""
        reply = await self._replies.get()
        if isinstance(reply, AliveError):
            raise reply
        return reply

    # --- Jobs ---

    def _take_off(self, job: Job) -> tuple[int, Flight]:
        """Send `job` on its way. Raises InvalidRequest or PayloadTooLarge where it does not fit a frame."""
        if self._cause is not None:
            raise self._crash(self._cause)
        number, flight = next(self._numbers), Flight()
        try:
            self._wire.post(Run(number, job, current_trail()))
        except FrameTooLarge as error:
            raise PayloadTooLarge(f"The request is too large for an engine: {error}. Send less at a time.") from error
        except (TypeError, ValueError) as error:
            raise InvalidRequest(f"The request holds a value that no engine can be given: {error}.") from error
        self._flights[number] = flight
        self._note()
        return number, flight

    def _make_room(self, number: int, flight: Flight, size: int) -> None:
        """The reader came back for more: tell the child, now and then, how much it took."""
        room = flight.room_after(size)
        if room and not flight.is_over:
            self._wire.post(More(number, room))
            self._note()

    async def _let_go(self, number: int, flight: Flight) -> None:
        """Cancel the job unless it is over, and wait until the child has let go of it, or has ended."""
        if flight.is_over:
            return
        flight.cancel()
        self._wire.post(Cancel(number))
        self._note()
        await flight.wait_landed()

    def _land(self, number: int, error: AliveError | None) -> None:
        flight = self._flights.pop(number, None)
        if flight is not None:
            flight.land(error)

    def _receive(self, frame: FromChild, size: int) -> None:
        match frame:
            case Emitted(number, event):
                if number in self._flights:
                    self._flights[number].arrive(event, size)
            case Ended(number):
                self._land(number, None)
            case Failed(None):
                self._replies.put_nowait(frame.error())
            case Failed(int(number)):
                self._land(number, frame.error())
            case Loading(progress):
                if self._on_progress is not None:
                    self._on_progress(progress)
            case Hello() | Loaded():
                self._replies.put_nowait(frame)
        self._note(gave_sign=True)

    def _note(self, *, gave_sign: bool = False) -> None:
        """Tell the watch what the child owes now."""
        owes = self._is_loading or any(flight.owes_progress for flight in self._flights.values())
        self._watch.note(owes=owes, gave_sign=gave_sign)

    # --- The end ---

    def _end(self, cause: str) -> None:
        """It takes no more jobs, and those in flight fail. The first cause stays."""
        if self._cause is not None:
            return
        self._cause = cause
        self._replies.put_nowait(LoadFailed(f"{self._name} {cause}; its output in the server's log may say why."))
        for number in list(self._flights):
            self._land(number, self._crash(cause))
        self._ended.set()

    def _crash(self, cause: str) -> EngineCrashed:
        return EngineCrashed(f"{self._name} {cause}. Please send the request again.")

    @property
    def _name(self) -> str:
        return f"The engine of target {self._target.name!r}"

    async def _bury(self) -> None:
        """End it by force where it has not ended, and wait until nothing of it is left."""
        self._process.kill()
        await asyncio.wait({self._undertaker})

    async def _see_it_end(self) -> None:
        """Wait for the end, whatever its reason: socket and exit status. Tell it to all, then clear up."""
        exited = asyncio.ensure_future(self._process.wait())
        lost = asyncio.ensure_future(self._wire.wait_lost())
        await asyncio.wait({exited, lost}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({exited, lost}, timeout=CHILD_SETTLE_S)  # the last frames, or the last breath
        self._process.kill()
        cause = exit_sentence(await exited)
        is_unexpected = self.is_alive
        self._end(self._wire.fault or cause)
        lost.cancel()
        self._watchman.cancel()
        self._wire.abort()
        await self._process.release()
        if is_unexpected:
            logger.error("%s %s. Its last output:\n%s", self._name, self._cause, self._process.last_words)

    async def _end_when_hung(self) -> None:
        """End the child once it is silent for too long. A load that takes more and more memory is not silent."""
        await self._watch.wait_hung()
        while self._is_loading and self._has_grown():
            self._note(gave_sign=True)
            await self._watch.wait_hung()
        self._end(f"made no progress for {self._patience.stall_s:g} s and was ended")
        logger.error("%s %s.", self._name, self._cause)
        self._process.kill()

    def _has_grown(self) -> bool:
        before, self._bytes_seen = self._bytes_seen, self.memory_bytes() or 0
        return self._bytes_seen >= before + CHILD_LOADING_GROWTH_BYTES
