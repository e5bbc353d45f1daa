"""What an engine says while it works. Streaming is the only path: a whole answer is the sum of its events.

Order: any number of signs of life; then answer events; then for generated text one `ChoiceFinished` per choice; then
exactly one `Finished`, after which nothing follows. Signs may come between answer events too. The first answer event
ends the time in which a retry is allowed.
"""

from typing import Literal

import msgspec

FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]
Phase = Literal["queue", "load", "prompt", "batch"]


class Usage(msgspec.Struct, frozen=True):
    """Tokens, as the engine's own tokenizer counted them."""

    prompt_tokens: int
    completion_tokens: int = 0
    cached_tokens: int = 0
    """The part of `prompt_tokens` that was taken from the prompt cache."""
    reasoning_tokens: int = 0
    """The part of `completion_tokens` that was reasoning."""


class TopLogprob(msgspec.Struct, frozen=True):
    """An alternative the model weighed; `logprob` is the natural logarithm of its probability."""

    token: str
    logprob: float
    token_bytes: tuple[int, ...] = ()


class TokenLogprob(msgspec.Struct, frozen=True):
    """A token that was chosen, and its closest alternatives."""

    token: str
    logprob: float
    token_bytes: tuple[int, ...] = ()
    top: tuple[TopLogprob, ...] = ()


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """A sign of life that is no part of the answer: `done` of `total` steps of a phase."""

    phase: Phase
    done: int
    total: int | None = None


class PromptRead(msgspec.Struct, frozen=True, tag="prompt_read"):
    """A sign too: the engine has counted prompt number `prompt`. Where an answer breaks, clients hear this count."""

    tokens: int
    cached_tokens: int = 0
    prompt: int = 0


class TextDelta(msgspec.Struct, frozen=True, tag="text"):
    """More text of choice `index`; never half a character, never part of a stop sequence."""

    text: str
    index: int = 0
    logprobs: tuple[TokenLogprob, ...] = ()
    tokens: int = 0
    """Tokens generated since the choice's last delta, where the engine counts them: heard where an answer breaks."""


class CitedDocument(msgspec.Struct, frozen=True):
    """A document of the request that a piece of the answer rests on."""

    id: str
    title: str | None = None


class Citation(msgspec.Struct, frozen=True, tag="citation"):
    """The characters `[start, end)` of choice `index`, already written, rest on `documents`: one or more."""

    start: int
    end: int
    text: str
    """Those characters."""
    documents: tuple[CitedDocument, ...]
    index: int = 0


class ReasoningDelta(msgspec.Struct, frozen=True, tag="reasoning"):
    """More of the model's thinking, kept apart from the answer."""

    text: str
    index: int = 0
    tokens: int = 0
    """As in `TextDelta`."""


class ToolCallDelta(msgspec.Struct, frozen=True, tag="tool_call"):
    """More of tool call number `call` of choice `index`; the first delta of a call carries `id` and `name`."""

    call: int
    arguments: str = ""
    id: str | None = None
    name: str | None = None
    index: int = 0
    tokens: int = 0
    """As in `TextDelta`."""


class Vectors(msgspec.Struct, frozen=True, tag="vectors"):
    """Embeddings of the inputs from `start` on: rows of `dimensions` little-endian float32, one after another."""

    start: int
    dimensions: int
    data: bytes


class Scores(msgspec.Struct, frozen=True, tag="scores"):
    """Relevance of the documents from `start` on, a number each: higher is more relevant, 0 to 1 where it can be."""

    start: int
    scores: tuple[float, ...]


class LabelScore(msgspec.Struct, frozen=True):
    """How well one label fits: 0 to 1, and 1 over all labels of an input where exactly one can be right."""

    label: str
    score: float


class Labels(msgspec.Struct, frozen=True, tag="labels"):
    """Every label of input `index`, in any order."""

    index: int
    scores: tuple[LabelScore, ...]


class Tokens(msgspec.Struct, frozen=True, tag="tokens"):
    """Token ids of a text, in its order."""

    ids: tuple[int, ...]


class ChoiceFinished(msgspec.Struct, frozen=True, tag="choice_finished"):
    """Choice `index` is complete."""

    reason: FinishReason
    index: int = 0


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """The end of the job and its exact token counts."""

    usage: Usage


AnswerEvent = (
    TextDelta
    | Citation
    | ReasoningDelta
    | ToolCallDelta
    | Vectors
    | Scores
    | Labels
    | Tokens
    | ChoiceFinished
    | Finished
)
Sign = Progress | PromptRead
"""What an engine says besides its answer: it may be said again by another engine, should this one fail."""
Event = Sign | AnswerEvent
