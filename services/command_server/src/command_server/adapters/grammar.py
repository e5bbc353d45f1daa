"""Grammars that hold a model to tools and schemas while it decodes, in LLGuidance's dialect of Lark.

Dialect: https://github.com/guidance-ai/llguidance/blob/main/docs/syntax.md. It embeds JSON schemas (`%json`), each
with references of its own, and knows special tokens. llama.cpp drops a grammar that it cannot compile and goes on
without one, so every grammar is compiled here first, by the same library, and refused with its reason.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from alive_core import ChatJob, InvalidRequest, Tool
from command_server.adapters.actions import ARGUMENTS_KEY, NAME_KEY
from command_server.adapters.dialect import Dialect
from command_server.adapters.markers import (
    END_ACTION,
    END_RESPONSE,
    END_TEXT,
    END_THINKING,
    START_ACTION,
    START_RESPONSE,
    START_TEXT,
    START_THINKING,
)
from command_server.constants import GRAMMAR_LIMIT_BYTES, GRAMMAR_SPACE

_HEAD: Final = "%llguidance {}\n"
Schema = Mapping[str, object]
_ANY_OBJECT: Final[Schema] = {"type": "object"}
# One way to write JSON, as `json.dumps` does: a pattern for white space may repeat, and a weak model never stops it.
_STRICT: Final[Schema] = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
_LENIENT: Final[Schema] = {**_STRICT, "lenient": True}


def chat_grammar(job: ChatJob, dialect: Dialect, *, in_thought: bool = False) -> str | None:
    """The grammar that `job` asks for, or None where the model may write what it likes.

    `in_thought`: the prompt ends where the model begins to think.

    Raises InvalidRequest, with the reason, for schemas that cannot be enforced.
    """
    tools = job.tools if job.tool_choice != "none" else ()
    if not tools and job.json_output is None:
        return None
    rules = _thinking(dialect, in_thought=in_thought)
    lead = ("thinking" if in_thought else "thinking?") if rules else ""
    answers = []
    if tools:
        rules += _action(tools, dialect, many=job.parallel_tool_calls)
        answers.append("action")
    if job.tool_choice != "required" or not tools:
        answers.append("response")
        rules += _response(job, dialect)
    grammar = f"{_HEAD}start: {lead} ({' | '.join(answers)})\n" + "\n".join(rules)
    _check_size(grammar)
    return grammar


def _thinking(dialect: Dialect, *, in_thought: bool) -> list[str]:
    if START_THINKING not in dialect.markers:
        return []
    start, end = "" if in_thought else dialect.spell(START_THINKING), dialect.spell(END_THINKING)
    return [f"thinking: {start} THOUGHT? {end}", f"THOUGHT: {_free_text(dialect, END_THINKING)}"]


def _response(job: ChatJob, dialect: Dialect) -> list[str]:
    if job.json_output is not None:
        schema = job.json_output.schema or _ANY_OBJECT
        check_schema(schema, param="response_format")
        opening = f"{dialect.spell_optional(START_RESPONSE)} {dialect.spell_optional(START_TEXT)}"
        closing = f"{dialect.spell_optional(END_TEXT)} {dialect.spell_optional(END_RESPONSE)}"
        return [f"response: {opening} {_json(schema)} {closing}"]
    spoken = [START_RESPONSE, END_RESPONSE, START_TEXT, END_TEXT, START_THINKING, END_THINKING]
    marks = [] if dialect.as_text else [marker for marker in spoken if marker in dialect.markers]
    return [
        "response: piece* action?",
        f"piece: {' | '.join(['WORDS', *marks])}",
        f"WORDS: {_free_text(dialect, START_ACTION)}",
    ]


def _action(tools: Sequence[Tool], dialect: Dialect, *, many: bool) -> list[str]:
    calls = [f"call_{number}" for number in range(len(tools))]
    more = f" (/,{GRAMMAR_SPACE}/ call)*" if many else ""
    return [
        f"action: {dialect.spell(START_ACTION)} /\\[{GRAMMAR_SPACE}/ call{more} /{GRAMMAR_SPACE}\\]/ "
        f"{dialect.spell(END_ACTION)}",
        f"call: {' | '.join(calls)}",
        *(f"{call}: {_call(tool, position)}" for position, (call, tool) in enumerate(zip(calls, tools, strict=True))),
    ]


def _call(tool: Tool, position: int) -> str:
    space = GRAMMAR_SPACE
    name = json.dumps(json.dumps(tool.name))
    opening = f'/\\{{{space}"tool_call_id":{space}"[0-9]{{1,3}}",{space}"{NAME_KEY}":{space}/'
    between = f'/,{space}"{ARGUMENTS_KEY}":{space}/'
    return f"{opening} {name} {between} {_parameters(tool, position)} /{space}\\}}/"


def _parameters(tool: Tool, position: int) -> str:
    """The tool's schema; where it is not `strict` and has parts that cannot be enforced, the rest of it."""
    schema = {**tool.parameters, "type": "object"}
    if tool.strict:
        check_schema(schema, param=f"tools[{position}].function.parameters")
        return _json(schema)
    candidates = (_json(schema), _json(schema, _LENIENT))
    return next((candidate for candidate in candidates if _fault(candidate) is None), _json(_ANY_OBJECT))


def check_schema(schema: Schema, *, param: str) -> None:
    """Raise InvalidRequest, naming `param`, where `schema` cannot be enforced while decoding."""
    fault = _fault(_json(schema))
    if fault is not None:
        raise InvalidRequest(f"This JSON schema cannot be enforced: {fault}", param=param)


def _json(schema: Schema, guidance: Schema = _STRICT) -> str:
    """The schema as a part of a grammar; options for the compiler are ours alone, a request cannot bring its own."""
    return "%json " + json.dumps({**schema, "x-guidance": guidance})


def _fault(embedded: str) -> str | None:
    """Why an embedded schema cannot be compiled, or None."""
    from llguidance import LLMatcher  # heavy: only a process that serves a model needs it

    grammar = f"{_HEAD}start: {embedded}\n"
    _check_size(grammar)
    is_error, messages = LLMatcher.validate_grammar_with_warnings(grammar, None)
    return _first_sentence(messages) if is_error else None


def _first_sentence(messages: Sequence[str]) -> str:
    """The compiler's reason without its drawing of where in our grammar it stopped."""
    text = messages[0] if messages else "it does not compile"
    reason = text.split("\n   ", 1)[0]
    return reason.split("failed to compile JSON schema: ", 1)[-1].strip()


def _check_size(grammar: str) -> None:
    if len(grammar) > GRAMMAR_LIMIT_BYTES:
        raise InvalidRequest(
            f"The schemas of this request take {len(grammar)} bytes; at most {GRAMMAR_LIMIT_BYTES} can be enforced."
        )


def _free_text(dialect: Dialect, ending: str) -> str:
    """Any text; where markers are text themselves, text without the marker that ends it."""
    if not dialect.as_text:
        return "/(?s:.+)/"
    escaped = ending.replace("|", "\\|")
    return f"/(?s:.+)/ & ~/(?s:.*){escaped}(?s:.*)/"
