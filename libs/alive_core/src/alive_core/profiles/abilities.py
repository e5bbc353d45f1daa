"""What a target can really do, as its adapter found by looking at it."""

import msgspec

from alive_core.schemas.models import Skill


class Abilities(msgspec.Struct, frozen=True):
    """The facts that promises are held against. Found without loading weights."""

    tasks: frozenset[Skill]
    context: int | None = None
    """Tokens of prompt and answer together; `None` where the task knows no such limit."""
    tools: bool = False
    json_schema: bool = False
    dimensions: int | None = None
    parameters: frozenset[str] = frozenset()
    """Names of the optional request fields that are honoured; every other one is refused by name."""
    memory_bytes: int | None = None
    """What weights, caches and scratch will take together; `None` where only the files' size is known."""
    gpu_bytes: int | None = None
    """What of that, or besides, it will take of a GPU where there is one; `None` where it uses none."""
    recipe: str = ""
    """What decides answers besides the model's files: pooling, precision. Part of the fingerprint."""
    fingerprint: str | None = None
    """Identity of weights, quantisation, tokenizer and pooling; changes whenever an answer could. Filled in from
    the target's files; an adapter without files may give its own."""
