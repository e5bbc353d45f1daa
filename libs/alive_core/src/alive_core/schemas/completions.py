"""`/v1/completions`: the request, and the answer, which is also the chunk of its stream."""

from typing import Annotated, Literal, TypeAlias

from msgspec import UNSET, Meta, UnsetType

from alive_core.constants import BEST_OF_LIMIT, COMPLETION_LOGPROBS_LIMIT
from alive_core.schemas.common import (
    ITEMS_OF_ONE_KIND,
    AliveOptions,
    ChoiceCount,
    LogitBias,
    Penalty,
    RequestStruct,
    ResponseStruct,
    Seed,
    Stop,
    StreamOptions,
    Temperature,
    TokenId,
    TopP,
    Usage,
    prompt_problem,
)

PromptInput: TypeAlias = (
    str
    | Annotated[
        list[str | TokenId | Annotated[list[TokenId], Meta(min_length=1)]],
        Meta(min_length=1, extra_json_schema=ITEMS_OF_ONE_KIND),
    ]
)
"""`common.as_prompts` turns the four forms into one."""


class CompletionRequest(RequestStruct, frozen=True, kw_only=True):
    """Body of `POST /v1/completions`: every official field, and our extension `alive`.

    `prompt` has to be sent but may be `null`: the model then begins a new document.
    `max_tokens: 0` with `echo` only scores the prompt.
    """

    model: str
    prompt: PromptInput | None

    best_of: Annotated[int, Meta(ge=1, le=BEST_OF_LIMIT)] | None = None
    echo: bool | None = None
    frequency_penalty: Penalty | None = None
    logit_bias: LogitBias | None = None
    logprobs: Annotated[int, Meta(ge=0, le=COMPLETION_LOGPROBS_LIMIT)] | None = None
    max_tokens: Annotated[int, Meta(ge=0)] | None = None
    n: ChoiceCount | None = None
    presence_penalty: Penalty | None = None
    seed: Seed | None = None
    stop: Stop | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    suffix: str | None = None
    temperature: Temperature | None = None
    top_p: TopP | None = None
    user: str | None = None

    alive: AliveOptions | None = None

    def __post_init__(self) -> None:
        """Refuse a prompt that mixes texts and tokens."""
        problem = None if self.prompt is None else prompt_problem(self.prompt)
        if problem:
            raise ValueError(f"`prompt` {problem}")


class CompletionLogprobs(ResponseStruct, frozen=True, kw_only=True):
    """Four parallel lists, one entry for each token; the first token of an echoed prompt has no probability.

    `text_offset` counts characters from the start of the text that is returned.
    """

    tokens: list[str]
    token_logprobs: list[float | None]
    top_logprobs: list[dict[str, float] | None] | None
    text_offset: list[int]


class CompletionChoice(ResponseStruct, frozen=True, kw_only=True):
    """One answer, or in a stream its next piece; `finish_reason` is `null` until the last piece."""

    text: str
    index: int
    logprobs: CompletionLogprobs | None = None
    finish_reason: Literal["stop", "length", "content_filter"] | None


class Completion(ResponseStruct, frozen=True, kw_only=True):
    """The whole answer or one event of a stream. `created` is in Unix seconds.

    In a stream `usage` is left out unless the client asked for it; then it is `null` until the last event.
    """

    id: str
    object: Literal["text_completion"] = "text_completion"
    created: int
    model: str
    system_fingerprint: str | UnsetType = UNSET
    choices: list[CompletionChoice]
    usage: Usage | UnsetType | None = UNSET
    obfuscation: str | UnsetType = UNSET
    """Noise; only in a stream that asked for it."""
