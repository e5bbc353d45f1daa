"""What each model costs in memory, what there is to spend, and who holds what. Sizes are bytes.

An estimate before the first load, a measurement ever after. Memory is reserved before a load begins, and all servers
of the machine reserve from the same stock: they share a `Book`. What other programs use counts too, because the
machine is asked what it still has.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from alive_core.cache.book import Book, Holder, Instance, Measurement
from alive_core.cache.estimate import estimated_load_s, estimated_size, model_key
from alive_core.cache.status import MemoryPicture
from alive_core.constants import GPU_BUDGET_SHARE, MEMORY_RESERVE_BYTES, ROOM_AGE_S
from alive_core.engines.gpu_memory import DeviceMemory
from alive_core.profiles.profile import Target
from alive_core.utils.sizes import format_bytes

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
Otherwise = TypeVar("Otherwise")


@dataclass(frozen=True, slots=True)
class Share:
    """What the models of one server take: `reserved` in the ledger, of it `held` already and for good.

    The difference is memory that a load has yet to take, or files that are mapped: in use, though the machine counts
    them as available.
    """

    reserved: int
    held: int

    @property
    def pending(self) -> int:
        """What is reserved but still counts as available on the machine."""
        return max(self.reserved - self.held, 0)


def room_of(budget: int, own: Share, others: Sequence[Share], available: int | None) -> int:
    """What the models of this server may take in total, now: never more than

    1. the budget, less what other servers reserved,
    2. what they have, and what the machine can still give after every reservation is used up and a reserve is kept;
       where the machine does not tell what is `available`, only 1 counts.
    """
    shared = budget - sum(other.reserved for other in others)
    if available is None:
        return max(shared, 0)
    pending = own.pending + sum(other.pending for other in others)
    return max(min(shared, own.reserved + available - pending - MEMORY_RESERVE_BYTES), 0)


def measured_gpu(by_process: int | None, free_before: int | None, free_after: int | None) -> int | None:
    """What a model takes of a GPU, after its load: what the driver tells of its process, else by how much less is
    free. `None` where neither says that it takes anything."""
    if by_process:
        return by_process
    if free_before is None or free_after is None:
        return None
    return max(free_before - free_after, 0) or None


class Ledger:
    """The books of one server. Alone with a budget it counts only its own; with a `book` it shares the machine.

    `available` tells the machine's memory that can still be had, `held` what the children of a process keep for good
    (see `engines/memory.py`), `clock` seconds. Where the book cannot be used for a while, the machine's own figures
    still hold. `gpu` tells what GPUs have; without it none is used, and every amount of GPU memory is 0.
    """

    def __init__(
        self,
        budget: int,
        *,
        book: Book | None = None,
        available: Callable[[], int | None] = lambda: None,
        held: Callable[[int], int] = lambda _: 0,
        clock: Callable[[], float] = time.monotonic,
        gpu: Callable[[], DeviceMemory | None] | None = None,
    ) -> None:
        self.budget, self.room = budget, budget
        """`room` is what this server's models may take in total, as it was at the last look."""
        self.gpu_budget, self.gpu_room = 0, 0
        """The same for the GPU; nothing before the first look."""
        self._gpu = gpu
        self._gpu_free: int | None = None
        self._gpu_before: dict[str, int | None] = {}
        """What was free when the load of each target began."""
        self._book, self._available, self._held, self._clock = book, available, held, clock
        self._me = Instance("this server", 0, "") if book is None else book.me
        self._own: dict[str, Holder] = {}
        self._others: list[Holder] = []
        self._known: dict[str, Measurement] = {}
        self._sizes: dict[str, int] = {}
        self._looked = float("-inf")
        self._is_cut_off = False

    # --- What a model takes --------------------------------------------------------------------------------

    def expected_size(self, target: Target) -> int:
        """What loading `target` will take: measured where it was loaded before, else estimated."""
        size = self._sizes.get(target.name)
        if size is None:
            measured = self._measurement(target).bytes
            size = self._sizes[target.name] = estimated_size(target) if measured is None else measured
        return size

    def expected_gpu(self, target: Target) -> int:
        """What loading `target` will take of a GPU; 0 where there is none, or it uses none."""
        if self._gpu is None or target.gpu_bytes is None:
            return 0
        measured = self._measurement(target).gpu_bytes
        return target.gpu_bytes if measured is None else measured

    def expected_load_s(self, target: Target) -> float | None:
        """Seconds that loading `target` will take, from its earlier loads, else from its size; `None` if unknown."""
        seconds = self._measurement(target).load_s
        return estimated_load_s(target) if seconds is None else seconds

    def record(
        self, target: Target, measured: int | None, load_s: float | None = None, *, gpu: int | None = None
    ) -> None:
        """Remember what loading `target` took, for every later estimate."""
        model = model_key(target)
        known = self._known[model] = self._measurement(target).joined(Measurement(measured, load_s, gpu))
        self._sizes.pop(target.name, None)
        self._ask(lambda book: book.remember(model, known), None)

    # --- What is reserved ----------------------------------------------------------------------------------

    def reserve(self, target: Target, size: int, *, gpu: int = 0) -> bool:
        """Take `size` bytes, and `gpu` of a GPU, for `target` right before its load; `False` where there are no
        longer so many.

        Servers that ask at the same time get an answer one after the other. `room` is anew afterwards.
        """
        self._sizes.pop(target.name, None)  # its files may change before the next load

        def is_granted(others: Sequence[Holder]) -> bool:
            self._look(others)
            has_room = not size or self._used + size <= self.room
            return has_room and (not gpu or self._used_gpu + gpu <= self.gpu_room)

        granted = self._ask(lambda book: book.reserve(target.name, size, is_granted, gpu=gpu), None)
        if granted is None:  # nobody to share with, or nobody can be asked
            granted = is_granted(self._others)
        if granted:
            self._own[target.name] = self._holder(target.name, size, gpu, is_loading=True)
            self._gpu_before[target.name] = self._gpu_free
        return granted

    def settle(
        self, target: Target, measured: int | None, load_s: float | None = None, *, gpu: int | None = None
    ) -> Holder:
        """Replace what was reserved by what was `measured`, and by the `gpu` memory of its process, and remember it;
        returns what counts from now on.

        `None` where it cannot be told apart from the server's own memory: the reservation stays.
        """
        free_before = self._gpu_before.pop(target.name, None)
        on_gpu = measured_gpu(gpu, free_before, self._free_gpu()) if self.expected_gpu(target) else None
        self.record(target, measured, load_s, gpu=on_gpu)
        reserved = self._own.get(target.name)
        size = measured if measured is not None else reserved.bytes if reserved else self.expected_size(target)
        gpu_size = self.expected_gpu(target) if on_gpu is None else on_gpu
        holder = self._own[target.name] = self._holder(target.name, size, gpu_size, is_inside=measured is None)
        self._ask(lambda book: book.settle(target.name, size, is_inside=holder.is_inside, gpu=gpu_size), None)
        return holder

    def release(self, target: Target) -> None:
        """Give back what `target` held; nothing where it held nothing."""
        self._gpu_before.pop(target.name, None)
        if self._own.pop(target.name, None) is not None:
            self._ask(lambda book: book.release(target.name), None)

    def refresh(self) -> None:
        """Look what other servers hold and what the machine has, unless that was done a moment ago."""
        if self._clock() - self._looked >= ROOM_AGE_S:
            self._look(self._ask(lambda book: book.others(), self._others))

    def picture(self) -> MemoryPicture:
        """What operators see, as it was at the last look."""
        return MemoryPicture(self.budget, self.room, self._used, tuple(self._others))

    def holders(self) -> list[Holder]:
        """Everything that holds memory on this machine for a server, as far as known at the last look."""
        return [*self._own.values(), *self._others]

    def shortage(self, missing: int, *, pinned: int = 0) -> str:
        """Why something does not fit that needs `missing` bytes more than there are. Names servers, never models.

        `pinned` are bytes of this server that do not come free.
        """
        remedy = "Raise ALIVE_MEMORY_BUDGET, free memory or choose a smaller model."
        amounts = missing, self.room, self.budget
        return _shortage("memory", *amounts, pinned, self._held_by(lambda holder: holder.bytes), remedy)

    def gpu_shortage(self, missing: int, *, pinned: int = 0) -> str:
        """The same for GPU memory."""
        remedy = "Free GPU memory, choose a smaller model, or keep it off the GPU in its options."
        amounts = missing, self.gpu_room, self.gpu_budget
        return _shortage("GPU memory", *amounts, pinned, self._held_by(lambda holder: holder.gpu_bytes), remedy)

    def _held_by(self, amount: Callable[[Holder], int]) -> dict[str, int]:
        """What each server holds."""
        held: dict[str, int] = {}
        for holder in self.holders():
            name = f"{holder.service} (pid {holder.pid})" if holder.pid else holder.service
            held[name] = held.get(name, 0) + amount(holder)
        return held

    def close(self) -> None:
        """Give everything back and let go of the book."""
        self._ask(lambda book: book.close(), None)
        self._book = None

    # --- Inside --------------------------------------------------------------------------------------------

    @property
    def _used(self) -> int:
        return sum(holder.bytes for holder in self._own.values())

    @property
    def _used_gpu(self) -> int:
        return sum(holder.gpu_bytes for holder in self._own.values())

    def _measurement(self, target: Target) -> Measurement:
        model = model_key(target)
        if model not in self._known:
            self._known[model] = self._ask(lambda book: book.measurement(model), Measurement())
        return self._known[model]

    def _look(self, others: Sequence[Holder]) -> None:
        """Find out what there is room for, given what `others` hold."""
        self._looked, self._others = self._clock(), list(others)
        by_pid: dict[int, list[Holder]] = {}
        for holder in others:
            by_pid.setdefault(holder.pid, []).append(holder)
        shares = [self._share(holders, pid) for pid, holders in by_pid.items()]
        own = self._share(list(self._own.values()), self._me.pid)
        self.room = room_of(self.budget, own, shares, self._available())
        self._look_at_gpu(others)

    def _look_at_gpu(self, others: Sequence[Holder]) -> None:
        """What is loaded holds its GPU memory for good; what is loading has yet to take it."""
        memory = self._gpu() if self._gpu is not None else None
        if memory is None:
            return  # none, or the driver does not tell now: then what was last seen counts
        self._gpu_free, self.gpu_budget = memory.free, int(memory.total * GPU_BUDGET_SHARE)
        own, shared = _gpu_share(self._own.values()), _gpu_share(others)
        self.gpu_room = room_of(self.gpu_budget, own, [shared], memory.free)

    def _free_gpu(self) -> int | None:
        memory = self._gpu() if self._gpu is not None else None
        return memory.free if memory is not None else None

    def _share(self, holders: Sequence[Holder], pid: int) -> Share:
        """A model inside the server's own process is taken to hold all of its memory."""
        inside = sum(holder.bytes for holder in holders if holder.is_inside)
        return Share(sum(holder.bytes for holder in holders), self._held(pid) + inside)

    def _holder(
        self, target: str, size: int, gpu: int, *, is_loading: bool = False, is_inside: bool = False
    ) -> Holder:
        return Holder(self._me.service, self._me.pid, target, size, is_loading, is_inside, gpu)

    def _ask(self, work: Callable[[Book], Result], otherwise: Otherwise) -> Result | Otherwise:
        """What the book says; `otherwise` where there is none, or it cannot be used now."""
        if self._book is None:
            return otherwise
        try:
            result = work(self._book)
        except sqlite3.Error as error:
            if not self._is_cut_off:
                logger.warning("the memory ledger cannot be used now, other servers are not seen: %s", error)
            self._is_cut_off = True
            return otherwise
        self._is_cut_off = False
        return result


def _gpu_share(holders: Iterable[Holder]) -> Share:
    held = list(holders)
    return Share(sum(holder.gpu_bytes for holder in held), sum(h.gpu_bytes for h in held if not h.is_loading))


def _shortage(
    kind: str, missing: int, room: int, budget: int, pinned: int, held: Mapping[str, int], remedy: str
) -> str:
    holding = ", ".join(f"{name} {format_bytes(size)}" for name, size in held.items() if size) or "nothing"
    for_good = f", of which {format_bytes(pinned)} are pinned here" if pinned else ""
    return (
        f"This model needs {format_bytes(missing)} more {kind} than there is: models may take {format_bytes(room)} "
        f"here now, of a budget of {format_bytes(budget)}. Held for models: {holding}{for_good}. {remedy}"
    )
