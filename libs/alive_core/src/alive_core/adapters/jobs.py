"""What an engine is asked to do: frozen, complete, free of HTTP. Nobody behind this line sees the envelope."""

from typing import Literal

import msgspec

Role = Literal["system", "user", "assistant", "tool"]
ToolChoice = Literal["none", "auto", "required"]


class ToolCall(msgspec.Struct, frozen=True):
    """A call the assistant made earlier in the conversation; `arguments` is JSON text."""

    id: str
    name: str
    arguments: str


class Message(msgspec.Struct, frozen=True):
    """One turn. Content parts are already joined to text; `developer` is already `system`."""

    role: Role
    content: str = ""
    name: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


class Tool(msgspec.Struct, frozen=True):
    """A function the model may call; `parameters` is its JSON Schema."""

    name: str
    description: str | None = None
    parameters: dict[str, object] = {}
    strict: bool = False


class Document(msgspec.Struct, frozen=True):
    """A source for a grounded answer."""

    id: str
    text: str
    title: str | None = None


class JsonOutput(msgspec.Struct, frozen=True):
    """The answer must be JSON; with a schema, JSON that satisfies it."""

    schema: dict[str, object] | None = None
    name: str = "answer"


class Sampling(msgspec.Struct, frozen=True):
    """How tokens are chosen and when to stop. `None` leaves the choice to the engine."""

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    logit_bias: dict[int, float] = {}
    """Token id to a bias of -100 to 100, added to its logit."""
    n: int = 1
    """Independent answers to the same prompt."""
    top_logprobs: int | None = None
    """Alternatives reported per token; 0 reports the chosen token alone, `None` reports nothing."""
    asked_tokens: int | None = None
    """`max_tokens`, where the client itself asked for it: an engine refuses what does not fit its window beside the
    prompt. Where the client said nothing, `max_tokens` is only a ceiling, and the answer may take what is left."""


class ChatJob(msgspec.Struct, frozen=True, tag="chat"):
    """Continue a conversation. `tool_choice` speaks about exactly the tools listed."""

    id: str
    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = "auto"
    parallel_tool_calls: bool = True
    json_output: JsonOutput | None = None
    documents: tuple[Document, ...] = ()
    cache_key: str | None = None


class CompleteJob(msgspec.Struct, frozen=True, tag="complete"):
    """Continue raw text, or token ids, one answer index per prompt and `n`.

    With `echo` each answer begins with its prompt. Where log probabilities are wanted too, the prompt's own tokens
    need theirs only from an engine that says it can `echo+logprobs`.
    """

    id: str
    prompts: tuple[str | tuple[int, ...], ...]
    sampling: Sampling = Sampling()
    echo: bool = False
    suffix: str | None = None


class EmbedJob(msgspec.Struct, frozen=True, tag="embed"):
    """Turn each input, text or token ids, into one vector."""

    id: str
    inputs: tuple[str | tuple[int, ...], ...]
    dimensions: int | None = None


class RerankJob(msgspec.Struct, frozen=True, tag="rerank"):
    """Score each document by how well it answers the query. Sorting and cutting the list is the core's work."""

    id: str
    query: str
    documents: tuple[str, ...]


class ClassifyJob(msgspec.Struct, frozen=True, tag="classify"):
    """Score each label for each input; without `labels`, those that the model was made for."""

    id: str
    inputs: tuple[str, ...]
    labels: tuple[str, ...] = ()


class TokenizeJob(msgspec.Struct, frozen=True, tag="tokenize"):
    """Cut a text into the model's tokens. Nothing is added to it."""

    id: str
    text: str


class DetokenizeJob(msgspec.Struct, frozen=True, tag="detokenize"):
    """Put tokens together to a text again."""

    id: str
    tokens: tuple[int, ...]


Job = ChatJob | CompleteJob | EmbedJob | RerankJob | ClassifyJob | TokenizeJob | DetokenizeJob
