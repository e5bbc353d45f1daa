"""Every policy of the cache, as one pure function: who gets a place, what is loaded, what has to go.

Numbered here and in the body. For each waiting request, first come first served:

1. Refuse, where the target cools down: its last load failed, or its engine crashed again and again.
2. Reuse, where the model is ready and has a free place.
3. Wait for a place, where the model is ready and full.
4. Join, where the model is loading, or closing before it can be loaded again.
5. Refuse, where the model is larger than the whole budget, or than what pinned models leave of it.
6. Load, where the budget has room for it and nobody ahead waits for memory; at once, where it takes none.
7. Evict, where idle models that nobody waits for can make room: the cheapest to bring back, none needlessly, those
   that should be kept warm last. Then wait for their memory.
8. Wait, where models that are busy, wanted by others or just loaded hold the memory. Later requests for loaded
   models go ahead of the first who waits so: A A A B B, never A B A B. But only `OVERTAKE_LIMIT` of them, so nobody
   starves: then places are held back until the swap has happened, and wanted models may go. A model that takes no
   memory, or keeps it because it is pinned, delays no swap and is never held back.

Memory is handed out strictly in order: whoever is behind someone who waits for memory waits as well, and evicts
nothing. A request may wish not to cause a load: `if_loaded` is refused where the model is not ready, `wait` is served
once others have loaded it. Besides:

9. Bring in, where the budget has room and nobody waits for memory, models that should be loaded though nobody asks
   for them: those to preload, and warm ones that are not loaded. Nothing is evicted for them.
10. An idle model goes when its keep-alive is over, unless it is pinned or warm.
11. Never evicted: a leased or loading model, a pinned one, and one that is loaded for less than its `min_loaded_s`.

Memory is of two kinds, the machine's and the GPUs'. Each has its budget; a model needs room in both of what it takes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Literal, NamedTuple

from alive_core.constants import OVERTAKE_LIMIT

State = Literal["loading", "ready", "closing"]
LoadWish = Literal["load", "wait", "if_loaded"]


class Amount(NamedTuple):
    """Bytes of memory and of GPU memory: two budgets under one set of rules. A lack of less than 0 is room."""

    memory: int = 0
    gpu: int = 0

    def plus(self, other: "Amount") -> "Amount":
        return Amount(self.memory + other.memory, self.gpu + other.gpu)

    def minus(self, other: "Amount") -> "Amount":
        return Amount(self.memory - other.memory, self.gpu - other.gpu)

    @property
    def is_none(self) -> bool:
        """Whether nothing of either is lacking, or taken."""
        return self.memory <= 0 and self.gpu <= 0

    def lack(self, used: "Amount", budget: "Amount") -> "Amount":
        """What is missing to take this much, beside what is used; nothing of a kind that it does not take."""
        wanted = used.plus(self).minus(budget)
        return Amount(wanted.memory if self.memory else 0, wanted.gpu if self.gpu else 0)


@dataclass(frozen=True, slots=True)
class EntryView:
    """What the policy may know of a model in memory. Times are seconds of one clock, sizes are bytes."""

    name: str
    state: State
    size: int
    leases: int = 0
    parallel: int = 1
    last_used: float = 0.0
    keep_alive_s: float = 0.0
    load_s: float = 0.0
    ready_since: float = 0.0
    min_loaded_s: float = 0.0
    is_pinned: bool = False
    is_warm: bool = False
    gpu: int = 0

    @property
    def amount(self) -> Amount:
        return Amount(self.size, self.gpu)

    @property
    def is_idle(self) -> bool:
        return self.state == "ready" and self.leases == 0

    def has_expired(self, now: float) -> bool:
        """10. Whether it goes though nobody needs its memory."""
        is_kept = self.is_pinned or self.is_warm
        return self.is_idle and not is_kept and now - self.last_used >= self.keep_alive_s

    def may_go(self, now: float) -> bool:
        """11. Whether it may go where somebody needs its memory."""
        return self.is_idle and not self.is_pinned and now - self.ready_since >= self.min_loaded_s


@dataclass(frozen=True, slots=True)
class WaiterView:
    """A request that waits for a place: the model it wants, what that would take, how often it was overtaken."""

    id: int
    name: str
    size: int
    overtaken: int = 0
    wish: LoadWish = "load"
    gpu: int = 0

    @property
    def amount(self) -> Amount:
        return Amount(self.size, self.gpu)


@dataclass(frozen=True, slots=True)
class WishView:
    """A model that should be loaded though nobody asks for it, and what that would take."""

    name: str
    size: int
    gpu: int = 0

    @property
    def amount(self) -> Amount:
        return Amount(self.size, self.gpu)


@dataclass(frozen=True, slots=True)
class Shortage:
    """Why a request is refused: bytes that are missing, seconds until the cool-down is over; neither: not loaded."""

    waiter: int
    missing: int = 0
    pinned: int = 0
    """Bytes that pinned models hold, where that is why they are missing."""
    missing_gpu: int = 0
    pinned_gpu: int = 0
    cooling_s: float = 0.0


@dataclass(slots=True)
class Plan:
    """What to do now. Ids are waiters', names are models'."""

    grant: list[tuple[int, str]] = field(default_factory=list)
    load: list[str] = field(default_factory=list)
    evict: list[str] = field(default_factory=list)
    refuse: list[Shortage] = field(default_factory=list)
    overtaken: list[int] = field(default_factory=list)
    """The waiter in front of whom someone else got a place, once for each."""
    is_memory_short: bool = field(default=False, compare=False)
    """Whether someone waits for memory that busy or wanted models hold: then every place matters to them."""


def plan(
    entries: Iterable[EntryView],
    waiters: Sequence[WaiterView],
    budget: int,
    now: float,
    *,
    cooling: dict[str, float] | None = None,
    wishes: Sequence[WishView] = (),
    gpu_budget: int = 0,
) -> Plan:
    """Decide what happens next. `cooling` maps a model to the time at which it may be loaded again.

    `budget` is bytes of memory, `gpu_budget` bytes of GPU memory: whoever takes both needs room in both. `wishes`
    are the models that should be loaded unasked, the most important first.
    """
    wanted = {waiter.name for waiter in waiters}
    desk = _Desk({entry.name: entry for entry in entries}, wanted, Amount(budget, gpu_budget), now, cooling or {})
    desk.plan.evict += [name for name, entry in desk.entries.items() if entry.has_expired(now) and name not in wanted]
    for waiter in waiters:
        desk.serve(waiter)
    desk.end_patience()
    for wish in wishes:
        desk.bring_in_unasked(wish)
    return desk.plan


class _Desk:
    """The state of one planning: entries as they will be once the plan so far is carried out."""

    def __init__(
        self, entries: dict[str, EntryView], wanted: set[str], budget: Amount, now: float, cooling: dict[str, float]
    ) -> None:
        self.entries, self.wanted, self.budget, self.now, self.cooling = entries, wanted, budget, now, cooling
        self.used = _total(entries.values())
        self.pinned = _total(entry for entry in entries.values() if entry.is_pinned and entry.state != "closing")
        self.leases = {name: entry.leases for name, entry in entries.items()}
        self.is_memory_awaited = False
        self.delayed: WaiterView | None = None
        """The first who waits for memory, where others hold it."""
        self.plan = Plan()

    def serve(self, waiter: WaiterView) -> None:
        entry = self.entries.get(waiter.name)
        if waiter.wish == "if_loaded" and (entry is None or entry.state != "ready"):
            self.plan.refuse.append(Shortage(waiter.id))
        elif entry is None:
            self._bring_in(waiter)
        elif entry.state == "ready" and waiter.name not in self.plan.evict:
            self._give_place(waiter, entry)
        # 4. join: nothing to do, the load or the closing under way will plan again

    def _give_place(self, waiter: WaiterView, entry: EntryView) -> None:
        if self.leases[entry.name] >= entry.parallel:
            return  # 3. wait for a place
        if self.delayed is not None and not (entry.amount.is_none or entry.is_pinned):
            if self._is_out_of_patience(self.delayed):
                return  # 8. the swap comes first now
            self.plan.overtaken.append(self.delayed.id)
        self.leases[entry.name] += 1  # 2. reuse
        self.plan.grant.append((waiter.id, waiter.name))

    def _bring_in(self, waiter: WaiterView) -> None:
        if self.cooling.get(waiter.name, self.now) > self.now:  # 1. cooling down
            self.plan.refuse.append(Shortage(waiter.id, cooling_s=self.cooling[waiter.name] - self.now))
        elif waiter.wish == "wait":
            return  # for others to load it
        elif waiter.name in self.plan.load:
            return  # 4. join the load decided for someone ahead
        elif not (missing := waiter.amount.lack(self.pinned, self.budget)).is_none:  # 5. can never fit
            self.plan.refuse.append(self._shortage(waiter, missing))
        elif waiter.amount.is_none or self._has_room(waiter.amount):  # 6. there is room
            self.plan.load.append(waiter.name)
            self.used = self.used.plus(waiter.amount)
        elif not self.is_memory_awaited:
            self.is_memory_awaited = True
            if not self._make_room(waiter, [entry for entry in self._idle() if entry.name not in self.wanted]):
                self.delayed = waiter  # 8. others hold the memory
                self.plan.is_memory_short = True

    def bring_in_unasked(self, wish: WishView) -> None:
        """9. Load what nobody asked for, into memory that nobody waits for."""
        is_cooling = self.cooling.get(wish.name, self.now) > self.now
        if is_cooling or wish.name in self.entries or wish.name in self.plan.load:
            return
        if self._has_room(wish.amount):
            self.plan.load.append(wish.name)
            self.used = self.used.plus(wish.amount)

    def _has_room(self, amount: Amount) -> bool:
        """Whether so much is free, and nobody ahead waits for memory."""
        return not self.is_memory_awaited and amount.lack(self.used, self.budget).is_none

    def _shortage(self, waiter: WaiterView, missing: Amount) -> Shortage:
        """Of each kind, only where some of it is missing."""
        return Shortage(
            waiter.id,
            missing=max(missing.memory, 0),
            pinned=self.pinned.memory if missing.memory > 0 else 0,
            missing_gpu=max(missing.gpu, 0),
            pinned_gpu=self.pinned.gpu if missing.gpu > 0 else 0,
        )

    def end_patience(self) -> None:
        """8. Whoever was overtaken too often gets the memory of wanted models too, once they are idle."""
        if self.delayed is not None and self._is_out_of_patience(self.delayed):
            self._make_room(self.delayed, self._idle())

    def _is_out_of_patience(self, delayed: WaiterView) -> bool:
        return delayed.overtaken + len(self.plan.overtaken) >= OVERTAKE_LIMIT

    def _make_room(self, waiter: WaiterView, idle: list[EntryView]) -> bool:
        """Evict what has to go for `waiter`; returns whether that is enough."""
        leaving = _total(e for e in self.entries.values() if e.state == "closing" or e.name in self.plan.evict)
        missing = waiter.amount.lack(self.used, self.budget).minus(leaving)
        victims = choose_victims(idle, missing.memory, self.now, missing_gpu=missing.gpu)
        self.plan.evict += victims or []  # 7. idle models make room
        return victims is not None

    def _idle(self) -> list[EntryView]:
        free = [entry for entry in self.entries.values() if entry.may_go(self.now) and not self.leases[entry.name]]
        return [entry for entry in free if entry.name not in self.plan.evict]


def _total(entries: Iterable[EntryView]) -> Amount:
    return reduce(Amount.plus, (entry.amount for entry in entries), Amount())


def choose_victims(idle: Iterable[EntryView], missing: int, now: float, *, missing_gpu: int = 0) -> list[str] | None:
    """Which of the `idle` models to evict for `missing` bytes, the cheapest to bring back first, none needlessly.

    Warm ones come last: they would be brought back at once. `missing_gpu` is bytes of GPU memory, wanted as well.
    `None` where all of them together are too few.
    """
    chosen, lack = [], Amount(missing, missing_gpu)
    for entry in sorted(idle, key=lambda entry: (entry.is_warm, eviction_cost(entry, now))):
        if (lack.memory > 0 and entry.size) or (lack.gpu > 0 and entry.gpu):
            chosen.append(entry)
            lack = lack.minus(entry.amount)
    if not lack.is_none:
        return None
    for entry in chosen[::-1]:  # a large one taken late may make up for small ones taken early: the dearest stay
        if lack.plus(entry.amount).is_none:
            chosen.remove(entry)
            lack = lack.plus(entry.amount)
    return [entry.name for entry in chosen]


def eviction_cost(entry: EntryView, now: float) -> float:
    """What it would cost to be wrong about `entry`: seconds to bring it back per byte freed, less the longer idle."""
    idle_s = max(now - entry.last_used, 0.0)
    return entry.load_s / (1.0 + idle_s) / max(entry.size + entry.gpu, 1)
