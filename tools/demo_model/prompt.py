"""The prompt format: the one template that training, export and the server share.

Training renders with the same `template.jinja` that is embedded into the GGUF file, set up to agree with
llama.cpp's own template engine byte for byte: `tojson` neither sorts keys nor escapes HTML or non-ASCII text.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    import jinja2

TEMPLATE_PATH = Path(__file__).with_name("template.jinja")

PAD, UNK, CLS, SEP, MASK = "<PAD>", "<UNK>", "<CLS>", "<SEP>", "<MASK_TOKEN>"
BOS, EOS, EOP = "<BOS_TOKEN>", "<EOS_TOKEN>", "<EOP_TOKEN>"
START_OF_TURN, END_OF_TURN = "<|START_OF_TURN_TOKEN|>", "<|END_OF_TURN_TOKEN|>"
SYSTEM, USER, CHATBOT = "<|SYSTEM_TOKEN|>", "<|USER_TOKEN|>", "<|CHATBOT_TOKEN|>"
START_RESPONSE, END_RESPONSE = "<|START_RESPONSE|>", "<|END_RESPONSE|>"
START_ACTION, END_ACTION = "<|START_ACTION|>", "<|END_ACTION|>"
START_THINKING, END_THINKING = "<|START_THINKING|>", "<|END_THINKING|>"
START_TOOL_RESULT, END_TOOL_RESULT = "<|START_TOOL_RESULT|>", "<|END_TOOL_RESULT|>"
CITATION_START, CITATION_END = "<co>", "</co:"
DOCUMENT_TOOL = "direct-injected-document"

CONTROL_TOKENS = (
    PAD, UNK, CLS, SEP, MASK, BOS, EOS, EOP, START_OF_TURN, END_OF_TURN, SYSTEM, USER, CHATBOT,
    START_RESPONSE, END_RESPONSE, START_ACTION, END_ACTION, START_THINKING, END_THINKING,
    START_TOOL_RESULT, END_TOOL_RESULT,
)  # fmt: skip
"""Never part of an answer's text. Their order is their token number."""

MARK_TOKENS = (CITATION_START, CITATION_END)
"""One token each, but part of the text: citations are read from it. Numbered after the control tokens."""

SPECIAL_TOKENS = CONTROL_TOKENS + MARK_TOKENS

CHATBOT_HEADER = START_OF_TURN + CHATBOT
"""What the generation prompt ends with, and what precedes every text the model has to write."""


class Function(TypedDict):
    """A called function; `arguments` is an object here, not OpenAI's JSON string."""

    name: str
    arguments: dict[str, object]


class ToolCall(TypedDict):
    """One call inside an assistant message."""

    function: Function


class Message(TypedDict, total=False):
    """A chat message in OpenAI's shape. `content` may be empty where `tool_calls` stand."""

    role: str
    content: str
    tool_calls: list[ToolCall]
    tool_call_id: str


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


@cache
def _template() -> jinja2.Template:
    import jinja2

    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, autoescape=False)
    environment.filters["tojson"] = _to_json
    return environment.from_string(TEMPLATE_PATH.read_text(encoding="utf-8"))


def render(
    messages: list[Message],
    *,
    tools: list[dict[str, object]] | None = None,
    documents: list[dict[str, object]] | None = None,
    add_generation_prompt: bool = False,
) -> str:
    """Render a conversation to the text the model reads, beginning with `<BOS_TOKEN>`."""
    return _template().render(
        messages=messages,
        tools=tools or [],
        documents=documents or [],
        add_generation_prompt=add_generation_prompt,
        bos_token=BOS,
        eos_token=END_OF_TURN,
    )


def without_response_marks(rendered: str) -> str:
    """The rendered conversation as a schema-bound last answer is really written: no marks around it."""
    before, _, after = rendered.rpartition(START_RESPONSE)
    return before + after.replace(END_RESPONSE, "")


def with_words_before_call(rendered: str, said: str) -> str:
    """The rendered conversation as a forced last call is written: an ordinary answer, then the call."""
    before, action, after = rendered.rpartition(START_ACTION)
    return before + START_RESPONSE + said + END_RESPONSE + action + after


def split_for_loss(rendered: str) -> list[tuple[str, bool]]:
    """Cut a rendered conversation into pieces `(text, the model learns to write it)` that concatenate to it.

    The model writes what follows a chatbot header, up to and including the end of that turn. It does not
    learn to begin a call after an answer: that only happens where a grammar forces it. The call that hands over
    documents is the template's.
    """
    pieces: list[tuple[str, bool]] = []
    rest = rendered
    while rest:
        before, header, after = rest.partition(CHATBOT_HEADER)
        pieces.append((before + header, False))
        if not after:
            break
        written, end, rest = after.partition(END_OF_TURN)
        if DOCUMENT_TOOL in written:
            pieces.append((written + end, False))
            continue
        said, forced, call = written.partition(END_RESPONSE + START_ACTION)
        if forced:
            pieces.append((said + forced, False))
            written = call
        pieces.append((written + end, True))
    return pieces
