"""Grammars that hold a model to tools and schemas while it decodes, in LLGuidance's dialect of Lark.

Dialect: https://github.com/guidance-ai/llguidance/blob/main/docs/syntax.md. It embeds JSON schemas (`%json`), each
with references of its own, and knows special tokens. Some engines drop a grammar that they cannot compile and go on
without one, so every schema is compiled first, by the same library, and refused with its reason.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from alive_core.adapters.jobs import ChatJob, Tool
from alive_core.constants import GRAMMAR_LIMIT_BYTES, GRAMMAR_SPACE
from alive_core.dialects.dialect import Dialect
from alive_core.dialects.markup import Markup
from alive_core.errors import InvalidRequest

HEAD: Final = "%llguidance {}\n"
Schema = Mapping[str, object]
FaultFinder = Callable[[str], str | None]
"""Compiles a grammar and says, in the compiler's words, why that cannot be done."""
_ANY_OBJECT: Final[Schema] = {"type": "object"}
# One way to write JSON, as `json.dumps` does: a pattern for white space may repeat, and a weak model never stops it.
_STRICT: Final[Schema] = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
_LENIENT: Final[Schema] = {**_STRICT, "lenient": True}


def chat_grammar(job: ChatJob, dialect: Dialect, *, find_fault: FaultFinder, in_thought: bool = False) -> str | None:
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
        rules += _action(tools, dialect, many=job.parallel_tool_calls, find_fault=find_fault)
        answers.append("action")
    if job.tool_choice != "required" or not tools:
        answers.append("response")
        rules += _response(job, dialect, find_fault=find_fault)
    grammar = f"{HEAD}start: {lead} ({' | '.join(answers)})\n" + "\n".join(rules)
    _check_size(grammar)
    return grammar


def check_schema(schema: Schema, *, param: str, find_fault: FaultFinder) -> None:
    """Raise InvalidRequest, naming `param`, where `schema` cannot be enforced while decoding."""
    fault = _fault(_json(schema), find_fault)
    if fault is not None:
        raise InvalidRequest(f"This JSON schema cannot be enforced: {fault}", param=param)


def _thinking(dialect: Dialect, *, in_thought: bool) -> list[str]:
    start, end = dialect.markup.thinking
    if start not in dialect.markers:
        return []
    opening = "" if in_thought else dialect.spell(start)
    return [f"thinking: {opening} THOUGHT? {dialect.spell(end)}", f"THOUGHT: {_free_text(dialect, end)}"]


def _response(job: ChatJob, dialect: Dialect, *, find_fault: FaultFinder) -> list[str]:
    markup = dialect.markup
    if job.json_output is not None:
        schema = job.json_output.schema or _ANY_OBJECT
        check_schema(schema, param="response_format", find_fault=find_fault)
        opening = " ".join(dialect.spell_optional(start) for start, _ in markup.texts)
        closing = " ".join(dialect.spell_optional(end) for _, end in reversed(markup.texts))
        return [f"response: {opening} {_json(schema)} {closing}"]
    spoken = [marker for pair in (*markup.texts, markup.thinking) for marker in pair]
    marks = [] if dialect.as_text else [marker for marker in spoken if marker in dialect.markers]
    return [
        "response: piece* action?",
        f"piece: {' | '.join(['WORDS', *marks])}",
        f"WORDS: {_free_text(dialect, markup.action[0])}",
    ]


def _action(tools: Sequence[Tool], dialect: Dialect, *, many: bool, find_fault: FaultFinder) -> list[str]:
    calls = [f"call_{number}" for number in range(len(tools))]
    written = [
        f"{call}: {_call(tool, position, markup=dialect.markup, find_fault=find_fault)}"
        for position, (call, tool) in enumerate(zip(calls, tools, strict=True))
    ]
    return [f"action: {_calls(dialect, many=many)}", f"call: {' | '.join(calls)}", *written]


def _calls(dialect: Dialect, *, many: bool) -> str:
    """Calls within the marks: one list of them, or each between marks of its own."""
    start, end = map(dialect.spell, dialect.markup.action)
    space = f"/{GRAMMAR_SPACE}/"
    if dialect.markup.calls == "list":
        more = f" (/,{GRAMMAR_SPACE}/ call)*" if many else ""
        return f"{start} /\\[{GRAMMAR_SPACE}/ call{more} /{GRAMMAR_SPACE}\\]/ {end}"
    one = f"{start} {space} call {space} {end}"
    return f"{one} ({space} {one})*" if many else one


def _call(tool: Tool, position: int, *, markup: Markup, find_fault: FaultFinder) -> str:
    space = GRAMMAR_SPACE
    name = json.dumps(json.dumps(tool.name))
    number = f'"{markup.id_key}":{space}"[0-9]{{1,3}}",{space}' if markup.id_key is not None else ""
    opening = f'/\\{{{space}{number}"{markup.name_key}":{space}/'
    between = f'/,{space}"{markup.arguments_key}":{space}/'
    return f"{opening} {name} {between} {_parameters(tool, position, find_fault)} /{space}\\}}/"


def _parameters(tool: Tool, position: int, find_fault: FaultFinder) -> str:
    """The tool's schema; where it is not `strict` and has parts that cannot be enforced, the rest of it."""
    schema = {**tool.parameters, "type": "object"}
    if tool.strict:
        check_schema(schema, param=f"tools[{position}].function.parameters", find_fault=find_fault)
        return _json(schema)
    candidates = (_json(schema), _json(schema, _LENIENT))
    return next((candidate for candidate in candidates if _fault(candidate, find_fault) is None), _json(_ANY_OBJECT))


def _json(schema: Schema, guidance: Schema = _STRICT) -> str:
    """The schema as a part of a grammar; options for the compiler are ours alone, a request cannot bring its own."""
    return "%json " + json.dumps({**schema, "x-guidance": guidance})


def _fault(embedded: str, find_fault: FaultFinder) -> str | None:
    """Why an embedded schema cannot be compiled, or None."""
    grammar = f"{HEAD}start: {embedded}\n"
    _check_size(grammar)
    fault = find_fault(grammar)
    return None if fault is None else _first_sentence(fault)


def _first_sentence(fault: str) -> str:
    """The compiler's reason without its drawing of where in our grammar it stopped."""
    reason = fault.split("\n   ", 1)[0]
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
    escaped = re.escape(ending).replace("/", "\\/")
    return f"/(?s:.+)/ & ~/(?s:.*){escaped}(?s:.*)/"
