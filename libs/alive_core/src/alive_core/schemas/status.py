"""`/alive/status` and what operators do with models: who serves what, and what it takes. Only operators see targets.

Sizes are bytes, spans of time seconds; `null` is unknown, or does not apply.
"""

from typing import Literal, TypeAlias

from alive_core.schemas.common import NonEmpty, RequestStruct, ResponseStruct
from alive_core.schemas.models import State, Task

ModelState: TypeAlias = State | Literal["closing"]
"""Of a target. `idle` is on disk and loads on demand; `closing` is on its way out of memory."""


class ModelStatus(ResponseStruct, frozen=True, kw_only=True):
    """A target: a model as it is set up to serve, and where it stands now."""

    target: str
    profiles: list[str]
    """Which functionalities it serves, or would."""
    state: ModelState
    reason: str | None = None
    """Why it is unavailable or cools down."""
    help: str | None = None
    """What the operator can do about it."""
    model: str | None = None
    """Its name in the catalogue."""
    adapter: str | None = None
    engine: Literal["inline", "child"] | None = None
    """Whether it runs in the server's own process or in one of its own."""
    fingerprint: str | None = None
    demo: bool = False
    bytes: int | None = None
    """What it holds, or would take where it is not loaded."""
    measured: bool = False
    """Whether `bytes` was measured on the loaded model; else it is reserved or expected."""
    leases: int = 0
    """Requests that work on it now."""
    parallel: int | None = None
    """How many can at once."""
    waiting: int = 0
    """Requests in line for it."""
    queue_limit: int | None = None
    """How long that line may become."""
    progress: float | None = None
    """How much of its load is done, from 0 to 1."""
    expected_s: float | None = None
    """Until it is ready: what is left of a load under way, else what one takes."""
    load_s: float | None = None
    """What its last load took, where it is loaded."""
    idle_s: float | None = None
    """Since it was last used."""
    keep_alive_s: float | None = None
    """How long it stays unused before it is unloaded."""
    pinned: bool = False
    preload: bool = False
    warm: bool = False
    cooling_s: float | None = None
    """Until it may be loaded or asked again."""
    restarts: int = 0
    """How often its engine ended by itself since the server started."""
    breaker: Literal["closed", "open", "half_open"] = "closed"
    """`open` spares it after failures for `cooling_s`, where another target can answer; `half_open` lets one request
    probe it."""


class ProfileStatus(ResponseStruct, frozen=True, kw_only=True):
    """A functionality: what it does, and who does it."""

    profile: str
    task: Task
    state: State
    serving: str | None = None
    """The target that the next request goes to first; `null` where none is available."""
    targets: list[str]
    """All of them, in order."""
    strategy: str
    """How one of them is chosen."""
    answered: dict[str, int]
    """How many answers each of them has begun since the server started."""
    failovers: int
    """How often a request went on from one of them to another."""


class MemoryShare(ResponseStruct, frozen=True, kw_only=True):
    """What one model of another server on this machine holds."""

    service: str
    pid: int
    target: str
    bytes: int
    loading: bool
    """Whether it is still reserved, not taken."""


class MemoryStatus(ResponseStruct, frozen=True, kw_only=True):
    """What models take on this machine, of how much."""

    budget_bytes: int
    """What the models of all servers may take together."""
    used_bytes: int
    """What the models of this server take."""
    others_bytes: int
    """What the models of other servers take."""
    available_bytes: int
    """What models of this server may take besides, now: the machine has to have it, too."""
    others: list[MemoryShare]


class ServerStatus(ResponseStruct, frozen=True, kw_only=True):
    """One server, from its memory in one moment."""

    service: str
    version: str
    instance: str
    """Its name among the servers of this machine, as its log and its run file have it."""
    pid: int
    started: int
    """Unix seconds."""
    uptime_s: float
    draining: bool
    memory: MemoryStatus
    profiles: list[ProfileStatus]
    models: list[ModelStatus]


class ModelReport(ResponseStruct, frozen=True, kw_only=True):
    """A functionality, and those of its targets that an operator's wish was about, as they are now."""

    profile: str
    models: list[ModelStatus]


class ModelAction(RequestStruct, frozen=True, kw_only=True):
    """What an operator wishes of a functionality's model; the address says what."""

    target: NonEmpty | None = None


class LoadRequest(ModelAction, frozen=True, kw_only=True):
    """The wish to load one."""

    stream: bool | None = None
