"""What several resources share: the two base Structs, limits as types, usage, our extension key, prompts.

Source of the request shapes: https://platform.openai.com/docs/api-reference, as typed by the `openai` package.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from alive_core.constants import (
    CHOICES_LIMIT,
    LOGIT_BIAS_LIMIT,
    PENALTY_LIMIT,
    SAFETY_IDENTIFIER_MAX_CHARS,
    SEED_MAX,
    SEED_MIN,
    STOP_SEQUENCE_MAX_CHARS,
    STOP_SEQUENCES_LIMIT,
    TEMPERATURE_MAX,
    TOKEN_ID_KEY_PATTERN,
    TOOL_NAME_MAX_CHARS,
    TOOL_NAME_PATTERN,
)


class RequestStruct(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of everything a client sends. An unknown field fails the decoding and is named.

    `None` is the documented default of nearly every optional field, so absent and `null` are one thing.
    Encoding one leaves such fields out again. A `__post_init__` that refuses raises `ValueError` with a sentence
    that begins with the field in backquotes; `decoding.describe` makes it `param`. `rules` says the same as JSON
    Schema, for the document, where the fields' own types cannot.
    """

    rules: ClassVar[Mapping[str, object]] = MappingProxyType({})


class ResponseStruct(Struct, frozen=True, kw_only=True):
    """Base of everything we send: fields in OpenAI's order; `UNSET` is left out, `None` is sent as `null`."""


encode: Final = msgspec.json.Encoder().encode
"""Any Struct of this package to UTF-8 JSON without line breaks: one encoder for all."""

# --- Values with documented limits ---------------------------------------------------------------------
Temperature: TypeAlias = Annotated[float, Meta(ge=0.0, le=TEMPERATURE_MAX)]
TopP: TypeAlias = Annotated[float, Meta(ge=0.0, le=1.0)]
Penalty: TypeAlias = Annotated[float, Meta(ge=-PENALTY_LIMIT, le=PENALTY_LIMIT)]
ChoiceCount: TypeAlias = Annotated[int, Meta(ge=1, le=CHOICES_LIMIT)]
Seed: TypeAlias = Annotated[int, Meta(ge=SEED_MIN, le=SEED_MAX)]
TokenId: TypeAlias = Annotated[int, Meta(ge=0, le=SEED_MAX)]
NonEmpty: TypeAlias = Annotated[str, Meta(min_length=1)]
StopSequence: TypeAlias = Annotated[str, Meta(min_length=1, max_length=STOP_SEQUENCE_MAX_CHARS)]
Stop: TypeAlias = StopSequence | Annotated[list[StopSequence], Meta(max_length=STOP_SEQUENCES_LIMIT)]
LogitBias: TypeAlias = Annotated[
    dict[TokenId, Annotated[float, Meta(ge=-LOGIT_BIAS_LIMIT, le=LOGIT_BIAS_LIMIT)]],
    Meta(extra_json_schema={"propertyNames": {"pattern": TOKEN_ID_KEY_PATTERN}}),
]
SafetyIdentifier: TypeAlias = Annotated[str, Meta(max_length=SAFETY_IDENTIFIER_MAX_CHARS)]
ToolName: TypeAlias = Annotated[str, Meta(pattern=TOOL_NAME_PATTERN, max_length=TOOL_NAME_MAX_CHARS)]
JsonSchema: TypeAlias = dict[str, object]
"""A JSON Schema as the client wrote it, key order kept: a dict can be handed on, and validated against."""

ServiceTier: TypeAlias = Literal["auto", "default", "flex", "scale", "priority", "fast"]

ITEMS_OF_ONE_KIND: Final = {"anyOf": [{"items": {"type": kind}} for kind in ("string", "integer", "array")]}
"""`prompt_problem`'s rule for a list, as JSON Schema; msgspec's own types cannot say it."""

Prompts: TypeAlias = list[str] | list[list[int]]
"""Several prompts of one kind: texts, or token lists."""


class StreamOptions(RequestStruct, frozen=True, kw_only=True):
    """What a stream carries besides the answer."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class AliveOptions(RequestStruct, frozen=True, kw_only=True):
    """Our one extension key in request bodies, `alive`."""

    lenient: bool = False
    """Fields that are unknown or cannot be honoured are ignored and listed in a header, not refused."""
    load: Literal["load", "wait", "if_loaded"] = "load"
    """`load` loads where needed; `wait` waits for a load in flight or a place; `if_loaded` is refused at once."""
    max_wait_s: Annotated[float, Meta(ge=0.0)] | None = None
    """Longest time in seconds from arrival until the model begins; then 503 with `Retry-After`."""
    fingerprint: NonEmpty | None = None
    """The model identity the caller relies on; another one is answered with 412."""


# --- Usage ---------------------------------------------------------------------------------------------
class PromptTokensDetails(ResponseStruct, frozen=True, kw_only=True):
    """Where the prompt's tokens came from; `cached_tokens` were in the engine's prompt cache."""

    cached_tokens: int = 0
    audio_tokens: int = 0


class CompletionTokensDetails(ResponseStruct, frozen=True, kw_only=True):
    """What the answer's tokens were spent on."""

    reasoning_tokens: int = 0
    audio_tokens: int = 0
    accepted_prediction_tokens: int = 0
    rejected_prediction_tokens: int = 0


class Usage(ResponseStruct, frozen=True, kw_only=True):
    """Tokens of one request, counted by the engine's tokenizer."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptTokensDetails = PromptTokensDetails()
    completion_tokens_details: CompletionTokensDetails = CompletionTokensDetails()

    @classmethod
    def of(
        cls, prompt_tokens: int, completion_tokens: int, *, cached_tokens: int = 0, reasoning_tokens: int = 0
    ) -> "Usage":
        """The usage of a text answer; the total is the sum of the first two."""
        return cls(
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            total_tokens=prompt_tokens + completion_tokens,
            prompt_tokens_details=PromptTokensDetails(cached_tokens=cached_tokens),
            completion_tokens_details=CompletionTokensDetails(reasoning_tokens=reasoning_tokens),
        )


# --- Prompts as text or tokens -------------------------------------------------------------------------
def prompt_problem(value: str | list[str | int | list[int]]) -> str | None:
    """Why `value` is not one of OpenAI's four prompt forms, or None where it is.

    The forms: a string, strings, token ids, lists of token ids. msgspec checks the items; the mix is checked here.
    """
    if isinstance(value, str) or len({type(item) for item in value}) <= 1:
        return None
    return "must hold only strings, only token ids or only lists of token ids, not a mix"


def as_prompts(value: str | list[str | int | list[int]]) -> Prompts:
    """A decoded prompt in any of the four forms as a list of prompts of one kind.

    `"a"` is `["a"]` and `[1, 2]` is `[[1, 2]]`. Expects what `prompt_problem` accepts.
    """
    if isinstance(value, str):
        return [value]
    tokens = [item for item in value if isinstance(item, int)]
    if tokens:
        return [tokens]
    token_lists = [item for item in value if isinstance(item, list)]
    return token_lists or [item for item in value if isinstance(item, str)]
