"""A profile is a functionality that clients ask for; a target is what can keep its promise.

These Structs are the shape of `profiles.toml`; `load.py` reads them, `checks.py` holds them against each other.
"""

from typing import Annotated, Literal, TypeAlias, get_args

import msgspec
from msgspec import Meta

from alive_core.constants import (
    BODY_LIMIT_BYTES,
    BREAKER_FAILURES,
    BREAKER_OPEN_S,
    BREAKER_WINDOW_S,
    DEADLINE_S,
    DEFAULT_PARALLEL,
    KEEP_ALIVE_S,
    MIN_LOADED_S,
    QUEUE_LIMIT,
    RETRIES,
    RETRIES_LIMIT,
    SCHEMA_LIMIT_BYTES,
)
from alive_core.schemas.common import Temperature, TopP
from alive_core.schemas.models import Task as Task

TASKS: tuple[Task, ...] = get_args(Task)

EnginePlace = Literal["inline", "child"]
StrategyName = Literal["ordered", "warm_first", "cheapest", "hedged"]
Condition = Literal["down", "busy", "rate_limited", "too_long", "refused"]
"""Why a request may go on to another target; `routing/conditions.py` says which error is which."""
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
Count: TypeAlias = Annotated[int, Meta(ge=1)]


class Promises(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every target of a profile must be able to do. Absent means nothing is promised."""

    context: Count | None = None
    """Tokens of prompt and answer together."""
    tools: bool = False
    """Tool calls, with every form of `tool_choice`."""
    json_schema: bool = False
    """`response_format` enforced while decoding."""
    dimensions: Count | None = None
    """Length of each embedding vector."""


class Defaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a request gets where it does not say."""

    temperature: Temperature | None = None
    top_p: TopP | None = None
    max_tokens: Count | None = None
    deadline_s: Annotated[float, Meta(gt=0.0)] = DEADLINE_S


class RequestLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The most that one request may ask for; a larger one is refused, never cut down."""

    max_tokens: Count | None = None
    """Tokens of an answer. A request that names no maximum gets the default, and where there is none, this."""
    body_bytes: Annotated[int, Meta(ge=1, le=BODY_LIMIT_BYTES)] = BODY_LIMIT_BYTES
    """The whole body."""
    schema_bytes: Count = SCHEMA_LIMIT_BYTES
    """The JSON of the answer's format, and likewise of all tools together."""


class Routing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a profile chooses among its targets, and when it goes on to another."""

    strategy: StrategyName = "ordered"
    fallback_on: tuple[Condition, ...] = CONDITIONS
    hedge_after_s: Annotated[float, Meta(gt=0.0)] | None = None
    """Only for `hedged`: seconds without an answer event after which a second target starts as well."""
    retries: Annotated[int, Meta(ge=0, le=RETRIES_LIMIT)] = RETRIES
    """How often targets are tried again whose failure passes by itself, once all have been tried."""


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One functionality: what it does, what it promises, and which targets keep the promise, in order."""

    task: Task
    description: str
    targets: tuple[str, ...]
    name: str = ""
    promises: Promises = Promises()
    defaults: Defaults = Defaults()
    limits: RequestLimits = RequestLimits()
    lenient: bool = False
    """Fields that are unknown or cannot be honoured are left out and named in the answer's header, not refused."""
    routing: Routing = Routing()
    show_target: bool = False
    """Whether a header of the answer says which target made it."""


class BreakerLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a target that fails is spared for a while."""

    failures: Annotated[int, Meta(ge=0)] = BREAKER_FAILURES
    """Failures within `window_s`, if they are half of all outcomes; 0 never spares the target."""
    window_s: Annotated[float, Meta(gt=0.0)] = BREAKER_WINDOW_S
    open_s: Annotated[float, Meta(gt=0.0)] = BREAKER_OPEN_S
    """How long it is spared the first time; each probe that fails doubles it."""


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to keep a promise: an adapter, a model, and where and how it runs."""

    adapter: str
    name: str = ""
    model: str | None = None
    """An entry of the catalogue; `None` for adapters that need no file."""
    path: str | None = None
    """Where the model's file or folder lies; filled in from the catalogue at start."""
    engine: EnginePlace = "inline"
    context: Count | None = None
    """Tokens per sequence; `None` takes what the model was made for."""
    parallel: Count = DEFAULT_PARALLEL
    """Jobs the engine works on at once."""
    queue_limit: Annotated[int, Meta(ge=0)] = QUEUE_LIMIT
    """Requests that may wait for it; more are refused with 429."""
    keep_alive_s: Annotated[float, Meta(ge=0.0)] = KEEP_ALIVE_S
    """How long it stays in memory unused."""
    min_loaded_s: Annotated[float, Meta(ge=0.0)] = MIN_LOADED_S
    """How long it stays, once loaded, before another model may take its place."""
    pinned: bool = False
    """Once loaded it stays: never evicted for another model, never unloaded for being idle."""
    preload: bool = False
    """Loaded when the server starts, in the background."""
    warm: bool = False
    """Kept loaded where memory allows: from the start, past its keep-alive, again after a crash or an eviction."""
    memory_bytes: Count | None = None
    """Weights, caches and scratch together; filled in at start where the adapter can read it from the file."""
    gpu_bytes: Count | None = None
    """GPU memory it takes where there is a GPU; filled in at start where the adapter knows. `None`: it uses none."""
    demo: bool = False
    """Exempt from the context promise only, and shown as a demo wherever it serves."""
    cost: Annotated[float, Meta(ge=0.0)] | None = None
    """Price of a million tokens, in whatever currency all targets use; `None` is free, as what runs here is."""
    breaker: BreakerLimits = BreakerLimits()
    options: dict[str, str | int | float | bool] = {}
    """What only this adapter understands; it refuses names it does not know."""
