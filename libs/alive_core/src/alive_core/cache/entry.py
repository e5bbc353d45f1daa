"""One model in memory, from the start of its load to the end of its process."""

import asyncio
from dataclasses import dataclass, field

from alive_core.adapters.events import Progress
from alive_core.cache.plan import EntryView, State
from alive_core.constants import PACE_MEMORY
from alive_core.engines.engine import Engine
from alive_core.profiles.profile import Target


@dataclass(slots=True, eq=False)
class Entry:
    """What the cache knows of one model. Only `ModelCache` changes it; everyone else reads `view()`."""

    target: Target
    size: int
    """Bytes: reserved while loading, measured once ready."""
    gpu: int
    """The same of GPU memory; 0 where it takes none."""
    started: float
    """When the load began, on the cache's clock."""
    state: State = "loading"
    engine: Engine | None = None
    leases: int = 0
    last_used: float = 0.0
    load_s: float = 0.0
    ready_since: float = 0.0
    is_pinned: bool = False
    is_measured: bool = False
    """Whether `size` was measured."""
    busy_s: float = 0.0
    """Seconds that places were held, of late; and `served`: how many were given back."""
    served: int = 0
    progress: Progress | None = None
    task: asyncio.Task[None] | None = field(default=None, repr=False)
    """What is under way: the load, then the watch over the engine, then its closing."""

    def view(self) -> EntryView:
        """What the policy may know. An engine that died a moment ago is closing, though nobody has noticed yet."""
        has_died = self.state == "ready" and self.engine is not None and not self.engine.is_alive
        return EntryView(
            name=self.target.name,
            state="closing" if has_died else self.state,
            size=self.size,
            leases=self.leases,
            parallel=self.target.parallel,
            last_used=self.last_used,
            keep_alive_s=self.target.keep_alive_s,
            load_s=self.load_s,
            ready_since=self.ready_since,
            min_loaded_s=self.target.min_loaded_s,
            is_pinned=self.is_pinned,
            is_warm=self.target.warm,
            gpu=self.gpu,
        )

    def take(self, now: float) -> None:
        """One place more is held."""
        self.busy_s += self.leases * (now - self.last_used)
        self.leases, self.last_used = self.leases + 1, now

    def give_back(self, now: float) -> None:
        """One place less is held."""
        self.busy_s += self.leases * (now - self.last_used)
        self.leases, self.served, self.last_used = self.leases - 1, self.served + 1, now
        if self.served == PACE_MEMORY:
            self.busy_s, self.served = self.busy_s / 2, self.served // 2

    @property
    def hold_s(self) -> float | None:
        """How long a place is held, on average of late; `None` where none was given back yet."""
        return self.busy_s / self.served if self.served else None

    def load_since(self, begin: float) -> float:
        """Seconds after `begin` in which this model was being loaded. Ask once it is ready."""
        return max(self.ready_since - max(self.started, begin), 0.0)
