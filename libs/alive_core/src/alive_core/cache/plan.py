"""Every policy of the cache, as one pure function: who gets a place, what is loaded, what has to go.

Numbered here and in the body. For each waiting request, first come first served:

1. Refuse, where the target's last load failed and is cooling down.
2. Reuse, where the model is ready and has a free place, and no one who waits longer has been overtaken too often.
3. Wait for a place, where the model is ready and full.
4. Join, where the model is loading, or closing before it can be loaded again.
5. Refuse, where the model is larger than the whole budget.
6. Load, where the budget has room for it.
7. Evict, where idle models can make room: the cheapest to bring back first. Then wait for their memory.
8. Wait, where busy models hold the memory. Later requests for loaded models go ahead, but only `OVERTAKE_LIMIT`
   of them; then places are held back until the swap has happened, so nobody starves.

Besides: an idle model goes when its keep-alive is over. A leased or loading model is never evicted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from alive_core.constants import OVERTAKE_LIMIT

State = Literal["loading", "ready", "closing"]


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

    @property
    def is_idle(self) -> bool:
        return self.state == "ready" and self.leases == 0

    @property
    def has_place(self) -> bool:
        return self.state == "ready" and self.leases < self.parallel

    def has_expired(self, now: float) -> bool:
        return self.is_idle and now - self.last_used >= self.keep_alive_s


@dataclass(frozen=True, slots=True)
class WaiterView:
    """A request that waits for a place: the model it wants, what that would take, how often it was overtaken."""

    id: int
    name: str
    size: int
    overtaken: int = 0


@dataclass(frozen=True, slots=True)
class Shortage:
    """Why a request is refused: bytes that are missing, or seconds until the cool-down is over."""

    waiter: int
    missing: int = 0
    cooling_s: float = 0.0


@dataclass(slots=True)
class Plan:
    """What to do now. Ids are waiters', names are models'."""

    grant: list[tuple[int, str]] = field(default_factory=list)
    load: list[str] = field(default_factory=list)
    evict: list[str] = field(default_factory=list)
    refuse: list[Shortage] = field(default_factory=list)
    overtaken: list[int] = field(default_factory=list)
    """Waiters in front of whom someone else got a place."""


def plan(
    entries: Iterable[EntryView],
    waiters: Sequence[WaiterView],
    budget: int,
    now: float,
    *,
    cooling: dict[str, float] | None = None,
) -> Plan:
    """Decide what happens next. `cooling` maps a model to the time at which it may be loaded again."""
    desk = _Desk({entry.name: entry for entry in entries}, budget, now, cooling or {})
    for name in [entry.name for entry in desk.entries.values() if entry.has_expired(now)]:
        if not any(waiter.name == name for waiter in waiters):
            desk.evict(name)
    for waiter in waiters:
        desk.serve(waiter)
    return desk.plan


class _Desk:
    """The state of one planning: entries as they will be once the plan so far is carried out."""

    def __init__(self, entries: dict[str, EntryView], budget: int, now: float, cooling: dict[str, float]) -> None:
        self.entries, self.budget, self.now, self.cooling = entries, budget, now, cooling
        self.used = sum(entry.size for entry in entries.values())
        self.leases = {name: entry.leases for name, entry in entries.items()}
        self.freed = 0
        self.held_for_swap: list[WaiterView] = []
        self.plan = Plan()

    def serve(self, waiter: WaiterView) -> None:
        entry = self.entries.get(waiter.name)
        if entry is None:
            self._bring_in(waiter)
        elif entry.state == "ready" and waiter.name not in self.plan.evict:
            self._give_place(waiter, entry)
        # 4. join: nothing to do, the load or the closing under way will plan again

    def _give_place(self, waiter: WaiterView, entry: EntryView) -> None:
        if self.leases[entry.name] >= entry.parallel:
            return  # 3. wait for a place
        if any(ahead.overtaken >= OVERTAKE_LIMIT for ahead in self.held_for_swap):
            return  # 8. the swap comes first now
        self.leases[entry.name] += 1  # 2. reuse
        self.plan.grant.append((waiter.id, waiter.name))
        self.plan.overtaken.extend(ahead.id for ahead in self.held_for_swap)

    def _bring_in(self, waiter: WaiterView) -> None:
        if self.cooling.get(waiter.name, self.now) > self.now:  # 1. cooling down
            self.plan.refuse.append(Shortage(waiter.id, cooling_s=self.cooling[waiter.name] - self.now))
        elif waiter.name in self.plan.load:
            return  # 4. join the load decided for someone ahead
        elif waiter.size > self.budget:  # 5. can never fit
            self.plan.refuse.append(Shortage(waiter.id, missing=waiter.size - self.budget))
        elif self.used + waiter.size <= self.budget and not self.held_for_swap:  # 6. there is room
            self.plan.load.append(waiter.name)
            self.used += waiter.size
        else:
            self._make_room(waiter)

    def _make_room(self, waiter: WaiterView) -> None:
        self.held_for_swap.append(waiter)
        closing = sum(entry.size for entry in self.entries.values() if entry.state == "closing")
        missing = self.used + waiter.size - self.budget - closing - self.freed
        idle = sorted(
            (
                e
                for e in self.entries.values()
                if e.is_idle and not self.leases[e.name] and e.name not in self.plan.evict
            ),
            key=lambda entry: eviction_cost(entry, self.now),
        )
        chosen = []
        for entry in idle:
            if missing <= 0:
                break
            chosen.append(entry.name)
            missing -= entry.size
        if missing <= 0:  # 7. idle models make room
            for name in chosen:
                self.evict(name)
        # 8. otherwise busy models hold the memory: wait for them

    def evict(self, name: str) -> None:
        self.plan.evict.append(name)
        self.freed += self.entries[name].size


def eviction_cost(entry: EntryView, now: float) -> float:
    """What it would cost to be wrong about `entry`: seconds to bring it back per byte freed, less the longer idle."""
    idle_s = max(now - entry.last_used, 0.0)
    return entry.load_s / (1.0 + idle_s) / max(entry.size, 1)
