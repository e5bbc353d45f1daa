"""Several models in one memory. `plan.py` decides; this carries out.

Everything that changes happens in `_step`, which is synchronous: it asks `plan` and acts at once, so between two
awaits the books are always in order. Loads, watches and closings are tasks that end by calling `_step` again.

Where nobody waits for memory, the policy for a loaded model is only "first come, first served". Then places are given
and handed on without a plan, at a cost that does not grow with the number of those who wait.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextvars import Context

from alive_core.adapters.events import Progress
from alive_core.cache.cooldowns import Cooldowns
from alive_core.cache.entry import Entry
from alive_core.cache.forecast import load_left_s, load_words, share_of, wait_s, wait_words
from alive_core.cache.ledger import Ledger
from alive_core.cache.plan import LoadWish, Plan, Shortage, WaiterView, WishView, plan
from alive_core.cache.queue import Queue, Waiter
from alive_core.cache.status import MemoryPicture, TargetState, TargetStatus
from alive_core.cache.tally import Tally
from alive_core.cache.wishes import Wishes
from alive_core.constants import QUEUE_TOTAL_LIMIT, READY_MODEL_RETRY_S, SWEEP_INTERVAL_S
from alive_core.engines.engine import Engine
from alive_core.errors import AliveError, Busy, LoadFailed, ModelInUse, ModelUnavailable, OutOfMemory
from alive_core.profiles.profile import Target
from alive_core.utils.sizes import format_bytes

logger = logging.getLogger(__name__)

OnProgress = Callable[[Progress], None]
Start = Callable[[Target, OnProgress], Awaitable[Engine]]
"""Loads a target and returns its engine; in a server, `engines.start.start_engine`."""


class Lease:
    """The right to use a model until the block ends. A class, because a generator takes twice as long."""

    __slots__ = ("_cache", "_entry", "_waiter", "load_s", "max_wait_s", "target", "waited_s", "wish")

    def __init__(self, cache: "ModelCache", target: Target, wish: LoadWish, max_wait_s: float | None) -> None:
        self._cache = cache
        self.target, self.wish, self.max_wait_s = target, wish, max_wait_s
        self.waited_s = 0.0
        """Seconds from asking for the place to getting it, or to the refusal; the load included."""
        self.load_s = 0.0
        """The part of them in which the model was being loaded."""
        self._waiter: Waiter | None = None
        self._entry: Entry | None = None

    async def __aenter__(self) -> Engine:
        self._entry = await self._cache._place_on(self)
        assert self._entry.engine is not None, "a granted entry is ready"
        return self._entry.engine

    async def __aexit__(self, *_: object) -> None:
        assert self._entry is not None, "it was entered"
        self._cache._give_back(self._entry)

    def describe(self) -> str:
        """What a silent client may know about its waiting, in a few words; never a model's name."""
        if self._entry is not None:
            return "working"
        return "waiting" if self._waiter is None else self._cache._describe(self._waiter)


class ModelCache:
    """Lends loaded models. Use it as an async context manager: leaving it closes every engine.

    `clock` gives seconds and never goes back; tests pass their own.
    """

    def __init__(self, start: Start, ledger: Ledger, clock: Callable[[], float]) -> None:
        self._start, self._ledger, self._clock = start, ledger, clock
        self._entries: dict[str, Entry] = {}
        self._queue = Queue()
        self._is_memory_short = False
        """Whether the last plan left somebody waiting for memory that others hold."""
        self._cooldowns, self._wishes = Cooldowns(), Wishes()
        self._tallies: defaultdict[str, Tally] = defaultdict(Tally)
        self._tasks: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        ready = sum(entry.state == "ready" for entry in self._entries.values())
        loading = sum(entry.state == "loading" for entry in self._entries.values())
        leases = sum(entry.leases for entry in self._entries.values())
        return f"<ModelCache {ready} ready, {loading} loading | {leases} leases, {len(self._queue)} waiting>"

    async def __aenter__(self) -> "ModelCache":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def acquire(self, target: Target, *, wish: LoadWish = "load", max_wait_s: float | None = None) -> Lease:
        """Wait for a place on `target`, load it where needed and wished, and hold it until the block ends.

        A caller cancelled while waiting leaves no trace; a load that nobody waits for any more is cancelled with it.
        One whose `max_wait_s` (seconds) is over leaves the load to go on, so that its next try finds the model ready.
        Raises Busy (queue full), OutOfMemory (budget too small), LoadFailed (and, for a while after, again),
        ModelUnavailable (not loaded, where no load was wished, or not in time). The lease tells how long that took.
        """
        return Lease(self, target, wish, max_wait_s)

    # --- what operators see and do ---------------------------------------------------------------------------

    def state_of(self, target: Target) -> TargetState:
        """What the operator sees, in one word."""
        entry = self._entries.get(target.name)
        if entry is not None:
            return entry.view().state
        return "cooling" if self._cooldowns.present(target.name, self._clock()) else "absent"

    def is_free(self, target: Target) -> bool:
        """Whether a request for `target` would get a place at once."""
        entry = self._entries.get(target.name)
        return entry is not None and self._has_place(entry)

    def progress_of(self, target: Target) -> Progress | None:
        """How far the load under way has come; `None` where there is none, or it does not say."""
        entry = self._entries.get(target.name)
        return entry.progress if entry is not None and entry.state == "loading" else None

    def snapshot(self) -> list[TargetStatus]:
        """Every target that is in memory, waited for, cooling down, or was so before."""
        return [self.status_of(target) for target in self._wishes]

    def tally_of(self, target: str) -> Tally:
        """What happened to the target called so since the server started. To be read only."""
        return self._tallies[target]

    def status_of(self, target: Target) -> TargetStatus:
        """One target as it is now, known here or not."""
        now, state = self._clock(), self.state_of(target)
        entry = self._entries.get(target.name)
        cooldown = self._cooldowns.present(target.name, now)
        is_ready = entry is not None and state == "ready"
        return TargetStatus(
            target=target.name,
            state=state,
            bytes=entry.size if entry else self._ledger.expected_size(target),
            gpu_bytes=entry.gpu if entry else self._ledger.expected_gpu(target),
            is_measured=entry is not None and entry.is_measured,
            leases=entry.leases if entry else 0,
            parallel=target.parallel,
            waiting=self._queue.length(target),
            progress=share_of(self.progress_of(target)),
            expected_s=None if is_ready else self._load_left_s(target),
            load_s=entry.load_s if entry and is_ready else None,
            pinned=self._wishes.is_pinned(target),
            preload=target.preload,
            warm=target.warm,
            idle_s=max(now - entry.last_used, 0.0) if entry and entry.view().is_idle else None,
            keep_alive_s=target.keep_alive_s,
            cooling_s=cooldown.until - now if cooldown else None,
            error=cooldown.error.message if cooldown else None,
            restarts=self._tallies[target.name].restarts,
        )

    def memory(self) -> MemoryPicture:
        """What models take, here and on the rest of the machine."""
        return self._ledger.picture()

    async def load(self, target: Target) -> None:
        """Load `target`, also where it cools down or was told to rest, and return when it is ready.

        Raises what `acquire` raises. Where the caller is cancelled, a load that nobody else waits for is, too.
        """
        self._cooldowns.forgive(target.name)
        self._wishes.wake(target)
        if self.state_of(target) != "ready":
            async with self.acquire(target):
                pass

    def unload(self, target: Target) -> None:
        """Begin to unload `target`, or cancel its load, and return at once. A warm one stays away until it is asked
        for. Nothing happens where it is not in memory.

        Raises ModelInUse where it is pinned, in use or waited for.
        """
        entry, waiting = self._entries.get(target.name), self._queue.length(target)
        if self._wishes.is_pinned(target):
            raise ModelInUse(f"The target {target.name!r} is pinned. Unpin it first.")
        if waiting or (entry is not None and entry.leases):
            used = f"{entry.leases if entry else 0} requests use it and {waiting} wait for it"
            message = f"The target {target.name!r} is in use: {used}. Try again when they are through."
            raise ModelInUse(message, retry_after=READY_MODEL_RETRY_S)
        self._wishes.rest(target)
        if entry is not None:
            self._retire(entry)
        self._step()

    def pin(self, target: Target) -> None:
        """Let `target` stay in memory once it is there, until `unpin`. It is not loaded by that."""
        self._set_pin(target, is_pinned=True)

    def unpin(self, target: Target) -> None:
        """Treat `target` like any other again, also where its profile file pins it, until the server ends."""
        self._set_pin(target, is_pinned=False)

    def keep(self, targets: Iterable[Target]) -> None:
        """Know `targets`, and from now on load in the background those to preload and those to keep warm."""
        for target in targets:
            if target.preload:
                self._wishes.preload(target)
            else:
                self._wishes.know(target)
        self._ledger.refresh()
        self._step()

    def _set_pin(self, target: Target, *, is_pinned: bool) -> None:
        self._wishes.pin(target, is_pinned=is_pinned)
        entry = self._entries.get(target.name)
        if entry is not None:
            entry.is_pinned = is_pinned
        self._step()

    def _load_left_s(self, target: Target) -> float | None:
        """What is left of the load under way, else what one takes."""
        expected_s, entry = self._ledger.expected_load_s(target), self._entries.get(target.name)
        if entry is None or entry.state != "loading":
            return expected_s
        return load_left_s(expected_s, self._clock() - entry.started, share_of(entry.progress))

    # --- the clock -------------------------------------------------------------------------------------------

    async def sweep(self) -> None:
        """Unload what has been idle for longer than its keep-alive, again and again, until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_INTERVAL_S)
            self.tick()

    def tick(self) -> None:
        """Look at the clock and act on it: keep-alives and cool-downs that are over."""
        self._ledger.refresh()
        self._step()

    async def close(self) -> None:
        """Refuse who waits, cancel loads, close every engine, and return when all are gone."""
        self._wishes.end()
        for waiter in list(self._queue):
            self._refuse(waiter, ModelUnavailable("The server is shutting down.", retry_after=READY_MODEL_RETRY_S))
        for entry in list(self._entries.values()):
            self._retire(entry)
        while self._tasks:
            await asyncio.wait(self._tasks)

    # --- the queue -----------------------------------------------------------------------------------------

    async def _place_on(self, lease: Lease) -> Entry:
        """A place that is free, or one waited for."""
        entry = self._entries.get(lease.target.name)
        if entry is None or not self._has_place(entry):
            asked = self._clock()
            try:
                entry = await self._wait_for_place(lease)
                lease.load_s = entry.load_since(asked)
            finally:
                lease.waited_s = self._clock() - asked
            return entry
        entry.take(self._clock())
        return entry

    async def _wait_for_place(self, lease: Lease) -> Entry:
        target, max_wait_s = lease.target, lease.max_wait_s
        if self._queue.is_full_for(target):
            raise self._busy(target)
        self._wishes.know(target)
        if lease.wish == "load":
            self._wishes.wake(target)
        waiter = lease._waiter = self._queue.join(target, lease.wish)
        entry = self._entries.get(target.name)
        if entry is None:
            self._ledger.refresh()
        if entry is None or self._is_memory_short or not self._is_open(entry):
            self._step()
        try:
            if max_wait_s is None:
                return await asyncio.shield(waiter.place)  # whoever is cancelled may have been given a place already
            await asyncio.wait((waiter.place,), timeout=max_wait_s)
        except asyncio.CancelledError:
            self._leave(waiter)
            raise
        if not waiter.place.done():
            words = f"The model was not available within {max_wait_s:g} seconds.{self._load_words(target)}"
            self._refuse(waiter, ModelUnavailable(words, retry_after=self._retry_s(target, waiter)))
            self._step()
        return waiter.place.result()

    def _leave(self, waiter: Waiter) -> None:
        """Undo everything a cancelled request had caused."""
        if waiter in self._queue:
            self._queue.drop(waiter)
        if waiter.place.done() and not waiter.place.cancelled() and waiter.place.exception() is None:
            self._give_back(waiter.place.result())
        entry = self._entries.get(waiter.target.name)
        is_wanted = waiter.target.name in self._queue.lines or self._wishes.is_wished(waiter.target)
        if entry is not None and entry.state == "loading" and not is_wanted:
            self._retire(entry)
        if entry is None or self._is_memory_short or not self._is_open(entry):
            self._step()

    def _is_open(self, entry: Entry) -> bool:
        return entry.state == "ready" and entry.engine is not None and entry.engine.is_alive

    def _has_place(self, entry: Entry) -> bool:
        """Whether `entry` has a place that nobody else could be meant for."""
        is_free = entry.leases < entry.target.parallel and entry.target.name not in self._queue.lines
        return is_free and not self._is_memory_short and self._is_open(entry)

    def _give_back(self, entry: Entry) -> None:
        entry.give_back(self._clock())
        line = self._queue.lines.get(entry.target.name)
        if self._is_memory_short or not entry.target.keep_alive_s or not self._is_open(entry):
            self._step()
        elif line is not None:
            self._grant(next(iter(line.values())), entry)

    # --- what those who wait may know ------------------------------------------------------------------------

    def _describe(self, waiter: Waiter) -> str:
        if waiter not in self._queue:
            return "working"
        target, position = waiter.target, self._queue.position(waiter)
        share, left_s = share_of(self.progress_of(target)), self._load_left_s(target)
        return wait_words(self.state_of(target), position, target.parallel, share=share, left_s=left_s)

    def _wait_s(self, target: Target, position: int) -> float | None:
        """How long the request at `position` of the line waits, by what is known."""
        entry = self._entries.get(target.name)
        loading_s = 0.0 if self.state_of(target) == "ready" else self._load_left_s(target)
        return wait_s(position, target.parallel, entry.hold_s if entry else None, loading_s)

    def _retry_s(self, target: Target, waiter: Waiter | None = None) -> float:
        """After how long another try is worth it: once `waiter`, or somebody new, would have a place."""
        position = self._queue.length(target) + 1 if waiter is None else self._queue.position(waiter)
        return self._wait_s(target, position) or READY_MODEL_RETRY_S

    def _busy(self, target: Target) -> Busy:
        waiting = self._queue.length(target)
        line = f"{waiting} requests are already waiting for this model"
        if waiting < target.queue_limit:
            line = (
                f"{QUEUE_TOTAL_LIMIT} requests are already waiting on this server, {waiting} of them for this model"
            )
        return Busy(f"{line}. Try again later.", retry_after=self._retry_s(target))

    def _load_words(self, target: Target) -> str:
        return load_words(self.state_of(target), self._load_left_s(target))

    # --- one step: ask the policy, act ---------------------------------------------------------------------

    def _step(self) -> None:
        todo = self._plan()
        self._is_memory_short = todo.is_memory_short
        for number in todo.overtaken:
            self._queue[number].overtaken += 1
        for name in todo.load:
            self._begin_load(self._wishes[name])
        for number, name in todo.grant:
            self._grant(self._queue[number], self._entries[name])
        for shortage in todo.refuse:
            waiter = self._queue[shortage.waiter]
            self._refuse(waiter, self._reason(waiter, shortage))
        for name in todo.evict:
            self._count_eviction(self._entries[name])
            self._retire(self._entries[name])
        if todo.evict or any(self._wishes.is_pinned(self._wishes[name]) for name in todo.load):
            self._step()  # who wished for a loaded model, or for the memory now pinned, hears of it at once

    def _plan(self) -> Plan:
        """What the policy would have done now."""
        return plan(
            [entry.view() for entry in self._entries.values()],
            [
                WaiterView(
                    waiter.id,
                    waiter.target.name,
                    self._ledger.expected_size(waiter.target),
                    waiter.overtaken,
                    waiter.wish,
                    self._ledger.expected_gpu(waiter.target),
                )
                for waiter in self._queue
            ],
            self._ledger.room,
            self._clock(),
            cooling=self._cooldowns.ends(),
            wishes=[
                WishView(target.name, self._ledger.expected_size(target), self._ledger.expected_gpu(target))
                for target in self._wishes.wished()
            ],
            gpu_budget=self._ledger.gpu_room,
        )

    def _count_eviction(self, entry: Entry) -> None:
        tally = self._tallies[entry.target.name]
        if entry.view().has_expired(self._clock()):
            tally.hibernations += 1
        else:
            tally.evictions += 1

    def _grant(self, waiter: Waiter, entry: Entry) -> None:
        self._queue.drop(waiter)
        entry.take(self._clock())
        waiter.place.set_result(entry)

    def _refuse(self, waiter: Waiter, error: AliveError) -> None:
        self._queue.drop(waiter)
        if not waiter.place.done():
            waiter.place.set_exception(error)

    def _reason(self, waiter: Waiter, shortage: Shortage) -> AliveError:
        if shortage.missing:
            words = self._ledger.shortage(shortage.missing, pinned=shortage.pinned)
            return OutOfMemory(words, retry_after=READY_MODEL_RETRY_S)
        if shortage.missing_gpu:
            words = self._ledger.gpu_shortage(shortage.missing_gpu, pinned=shortage.pinned_gpu)
            return OutOfMemory(words, retry_after=READY_MODEL_RETRY_S)
        if not shortage.cooling_s:
            words = "The model is not loaded, and the request asks for a loaded one (`alive.load` is `if_loaded`)."
            words += self._load_words(waiter.target)
            return ModelUnavailable(words, param="alive.load", retry_after=self._retry_s(waiter.target, waiter))
        error = self._cooldowns[waiter.target.name].error
        return type(error)(error.message, retry_after=shortage.cooling_s)

    # --- loading, watching, closing ------------------------------------------------------------------------

    def _begin_load(self, target: Target) -> None:
        size, gpu = self._ledger.expected_size(target), self._ledger.expected_gpu(target)
        if not self._ledger.reserve(target, size, gpu=gpu):
            return  # another server was faster; its waiters wait until the next step, which knows the new room
        entry = Entry(target, size, gpu, self._clock(), is_pinned=self._wishes.is_pinned(target))
        self._entries[target.name] = entry
        entry.task = self._spawn(self._load(entry))
        # A cancelled load may never have run a line, so its end is seen from outside.
        entry.task.add_done_callback(lambda task: self._forget(entry) if task.cancelled() else None)

    async def _load(self, entry: Entry) -> None:
        def on_progress(progress: Progress) -> None:
            entry.progress = progress

        try:
            entry.engine = await self._start(entry.target, on_progress)
        except AliveError as error:
            self._load_failed(entry, error)
        except Exception as error:
            logger.exception("loading %s failed", entry.target.name)
            self._load_failed(entry, LoadFailed(f"The model could not be loaded: {type(error).__name__}."))
        else:
            self._loaded(entry)

    def _loaded(self, entry: Entry) -> None:
        assert entry.engine is not None
        now = self._clock()
        entry.state, entry.load_s, entry.last_used, entry.ready_since = "ready", now - entry.started, now, now
        measured = entry.engine.memory_bytes()
        entry.is_measured = measured is not None
        holder = self._ledger.settle(entry.target, measured, entry.load_s, gpu=self._gpu_of(entry))
        entry.size, entry.gpu = holder.bytes, holder.gpu_bytes
        self._wishes.preloaded(entry.target)
        self._cooldowns.loaded(entry.target.name)
        tally = self._tallies[entry.target.name]
        tally.loads, tally.load_s = tally.loads + 1, tally.load_s + entry.load_s
        entry.task = self._spawn(self._watch(entry, entry.engine))
        logger.info("loaded %s in %.2f s, %s", entry.target.name, entry.load_s, format_bytes(entry.size))
        self._step()

    def _load_failed(self, entry: Entry, error: AliveError) -> None:
        logger.error("loading %s failed: %s", entry.target.name, error)
        self._tallies[entry.target.name].failures += 1
        self._cooldowns.load_failed(entry.target.name, error, self._clock())
        self._wishes.preloaded(entry.target)
        self._forget(entry)

    async def _watch(self, entry: Entry, engine: Engine) -> None:
        """Wait for an engine that ends on its own, and make way for the next one."""
        await engine.wait_ended()
        name = entry.target.name
        self._tallies[name].restarts += 1
        pause_s = self._cooldowns.crashed(name, self._clock(), has_worked=entry.has_worked)
        logger.warning("the engine of %s ended; it may be started again in %g s", name, pause_s)
        entry.state = "closing"
        entry.task = self._spawn(self._close(entry))
        self._step()

    def _retire(self, entry: Entry) -> None:
        """Begin to close a model: cancel its load, or end its engine."""
        if entry.state == "closing":
            return
        was_loading, entry.state = entry.state == "loading", "closing"
        if entry.task is not None:
            entry.task.cancel()
        if not was_loading:
            entry.task = self._spawn(self._close(entry))

    async def _close(self, entry: Entry) -> None:
        assert entry.engine is not None
        # It has grown since it was loaded.
        self._ledger.record(entry.target, entry.engine.memory_bytes(), gpu=self._gpu_of(entry))
        try:
            await entry.engine.close()
        finally:
            self._forget(entry)

    def _forget(self, entry: Entry) -> None:
        if self._entries.get(entry.target.name) is entry:
            del self._entries[entry.target.name]
            self._ledger.release(entry.target)
        self._step()

    def _gpu_of(self, entry: Entry) -> int | None:
        """What the driver says that its process takes of a GPU; not asked where it takes nothing."""
        return entry.engine.gpu_bytes() or None if entry.gpu and entry.engine is not None else None

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, context=Context())  # what it does belongs to no single request
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
