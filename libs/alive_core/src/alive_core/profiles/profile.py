"""A profile is a functionality that clients ask for; a target is what can keep its promise.

These Structs are the shape of `profiles.toml`; `load.py` reads them, `checks.py` holds them against each other.
"""

from typing import Annotated, Literal, TypeAlias, get_args

import msgspec
from msgspec import Meta

from alive_core.constants import DEADLINE_S, DEFAULT_PARALLEL, KEEP_ALIVE_S, MIN_LOADED_S, QUEUE_LIMIT
from alive_core.schemas.common import Temperature, TopP
from alive_core.schemas.models import Task as Task

TASKS: tuple[Task, ...] = get_args(Task)

EnginePlace = Literal["inline", "child"]
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


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One functionality: what it does, what it promises, and which targets keep the promise, in order."""

    task: Task
    description: str
    targets: tuple[str, ...]
    name: str = ""
    promises: Promises = Promises()
    defaults: Defaults = Defaults()
    lenient: bool = False
    """Fields that are unknown or cannot be honoured are left out and named in the answer's header, not refused."""


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
    options: dict[str, str | int | float | bool] = {}
    """What only this adapter understands; it refuses names it does not know."""
