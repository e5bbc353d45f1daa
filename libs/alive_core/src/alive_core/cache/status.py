"""What an operator may know of models and their memory: frozen pictures, taken in one moment."""

from typing import Literal

import msgspec

from alive_core.cache.book import Holder

TargetState = Literal["absent", "loading", "ready", "closing", "cooling"]


class TargetStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One target as the cache sees it now. Times are seconds, sizes bytes; `None` is unknown or does not apply."""

    target: str
    state: TargetState
    bytes: int
    """What it holds, or would take where it is not loaded."""
    gpu_bytes: int
    """The same of GPU memory; 0 where it takes none."""
    is_measured: bool
    """Whether `bytes` was measured on the loaded model; else it is reserved or expected."""
    leases: int
    parallel: int
    waiting: int
    """Requests in line for it."""
    progress: float | None
    """How much of its load is done, from 0 to 1."""
    expected_s: float | None
    """Until it is loaded: what is left of a load under way, else what a load takes; `None` where it is ready."""
    load_s: float | None
    """What its last load took, where it is loaded."""
    pinned: bool
    preload: bool
    warm: bool
    idle_s: float | None
    """Since it was last used; `None` while it is in use or not loaded."""
    keep_alive_s: float
    cooling_s: float | None
    """Until it may be loaded again."""
    error: str | None
    """Why it cools down."""
    restarts: int
    """How often its engine ended by itself since the server started."""


class MemoryPicture(msgspec.Struct, frozen=True):
    """The ledger as it was at the last look, a second ago at most. Sizes are bytes."""

    budget: int
    """What the models of all servers may take together."""
    room: int
    """What those of this server may take in total, now."""
    used: int
    """What they take."""
    others: tuple[Holder, ...]
    """Every model of another server."""
