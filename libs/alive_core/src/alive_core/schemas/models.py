"""`/v1/models`: what is served. A "model" of the API is one of our profiles."""

from typing import Literal, TypeAlias

from msgspec import UNSET, UnsetType, field

from alive_core.schemas.common import ResponseStruct

Task: TypeAlias = Literal["chat", "complete", "embed", "rerank", "classify"]
Skill: TypeAlias = Task | Literal["tokenize", "detokenize"]
"""What an engine may offer: the tasks that a profile can be made of, and what comes along with them."""

State: TypeAlias = Literal["ready", "loading", "idle", "cooling_down", "unavailable"]
Support: TypeAlias = Literal["honoured", "hint", "refused"]
"""What happens to a parameter that differs from its documented default; a `hint` may stay without effect."""


class AliveModel(ResponseStruct, frozen=True, kw_only=True):
    """Our one extension key in model objects, `alive`.

    `idle` is on disk and loads on demand. `unavailable` and `cooling_down` come with a `reason`, and where
    something helps with a `help` (a command). `context_window` is the effective one, in tokens.
    """

    description: str
    task: Task
    context_window: int | None = None
    state: State
    reason: str | UnsetType = UNSET
    help: str | UnsetType = UNSET
    fingerprint: str | None = None
    demo: bool = False
    support: dict[str, Support] = field(default_factory=dict)


class Model(ResponseStruct, frozen=True, kw_only=True):
    """A profile as OpenAI describes a model. `created` is in Unix seconds."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str
    alive: AliveModel | UnsetType = UNSET


class ModelList(ResponseStruct, frozen=True, kw_only=True):
    """Everything that is served."""

    object: Literal["list"] = "list"
    data: list[Model]
