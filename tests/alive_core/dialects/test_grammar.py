"""Grammars compile, hold calls to their schemas, and are refused with a reason where they cannot."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llguidance import LLMatcher

from alive_core.adapters.jobs import ChatJob, JsonOutput, Message, Tool
from alive_core.constants import GRAMMAR_LIMIT_BYTES
from alive_core.dialects import grammar as grammars
from alive_core.dialects.dialect import Dialect
from alive_core.dialects.markup import COMMAND_R, HERMES, START_THINKING
from alive_core.errors import InvalidRequest

CONTROL = Dialect(markers=COMMAND_R.markers, as_text=False)
TEXT = Dialect(markers=COMMAND_R.markers, as_text=True)
PLAIN = Dialect(markers=(), as_text=False)
QWEN = Dialect(markers=HERMES.markers, markup=HERMES, as_text=True)
HERMES_2 = Dialect(markers=HERMES.action, markup=HERMES)
WEATHER = Tool(
    "weather",
    "Tells the weather.",
    {"type": "object", "properties": {"city": {"$ref": "#/$defs/city"}}, "$defs": {"city": {"type": "string"}}},
)
UNENFORCEABLE = {"type": "object", "unevaluatedProperties": False}


def job(**fields: object) -> ChatJob:
    return ChatJob(id="job", messages=(Message("user", "Hi"),), **fields)


def find_fault(grammar: str) -> str | None:
    is_error, messages = LLMatcher.validate_grammar_with_warnings(grammar, None)
    return messages[0] if is_error else None


chat_grammar = partial(grammars.chat_grammar, find_fault=find_fault)
check_schema = partial(grammars.check_schema, find_fault=find_fault)


def compiles(grammar: str | None) -> bool:
    assert grammar is not None
    assert find_fault(grammar) is None
    return True


@pytest.mark.parametrize("fields", [{}, {"tools": (WEATHER,), "tool_choice": "none"}])
def test_who_asks_for_nothing_gets_no_grammar(fields: dict[str, object]) -> None:
    assert chat_grammar(job(**fields), CONTROL) is None


@pytest.mark.parametrize("dialect", [CONTROL, TEXT, PLAIN, QWEN, HERMES_2])
@pytest.mark.parametrize("choice", ["none", "auto", "required"])
@pytest.mark.parametrize("output", [None, JsonOutput(), JsonOutput({"type": "object"})])
@pytest.mark.parametrize("many", [True, False])
@pytest.mark.parametrize("in_thought", [True, False])
def test_every_combination_compiles(
    dialect: Dialect, choice: str, output: JsonOutput | None, many: bool, in_thought: bool
) -> None:
    wanted = job(tools=(WEATHER, Tool("now")), tool_choice=choice, json_output=output, parallel_tool_calls=many)
    grammar = chat_grammar(wanted, dialect, in_thought=in_thought)
    assert grammar is None if choice == "none" and output is None else compiles(grammar)


@given(st.text(min_size=1))
def test_any_tool_name_compiles(name: str) -> None:
    assert compiles(chat_grammar(job(tools=(Tool(name),)), CONTROL))


def test_a_required_call_leaves_no_way_to_answer_in_words() -> None:
    grammar = chat_grammar(job(tools=(WEATHER,), tool_choice="required"), CONTROL)
    assert grammar is not None
    assert "response" not in grammar


def test_one_call_at_a_time_when_parallel_calls_are_off() -> None:
    many = chat_grammar(job(tools=(WEATHER,)), CONTROL)
    one = chat_grammar(job(tools=(WEATHER,), parallel_tool_calls=False), CONTROL)
    assert many is not None and one is not None
    assert "call)*" in many
    assert "call)*" not in one


def test_thinking_is_allowed_where_the_model_knows_it() -> None:
    wanted = job(json_output=JsonOutput())
    assert START_THINKING in (chat_grammar(wanted, CONTROL) or "")
    assert START_THINKING not in (chat_grammar(wanted, PLAIN) or START_THINKING)


def test_a_schema_that_cannot_be_enforced_is_refused_with_the_reason() -> None:
    with pytest.raises(InvalidRequest, match="unevaluatedProperties") as caught:
        chat_grammar(job(json_output=JsonOutput(UNENFORCEABLE)), CONTROL)
    assert caught.value.param == "response_format"


def test_a_strict_tool_that_cannot_be_enforced_is_refused_with_its_place() -> None:
    tools = (WEATHER, Tool("odd", parameters=UNENFORCEABLE, strict=True))
    with pytest.raises(InvalidRequest, match="unevaluatedProperties") as caught:
        chat_grammar(job(tools=tools), CONTROL)
    assert caught.value.param == "tools[1].function.parameters"


@pytest.mark.parametrize(
    "parameters", [UNENFORCEABLE, {"properties": {"a": {"type": "string", "pattern": "(?=a)b"}}}]
)
def test_a_tool_that_is_not_strict_is_enforced_as_far_as_it_goes(parameters: dict[str, object]) -> None:
    assert compiles(chat_grammar(job(tools=(Tool("odd", parameters=parameters),)), CONTROL))


def test_a_request_cannot_bring_options_for_the_compiler() -> None:
    schema = {**UNENFORCEABLE, "x-guidance": {"lenient": True}}
    with pytest.raises(InvalidRequest):
        check_schema(schema, param="response_format")


def test_schemas_beyond_the_limit_are_refused() -> None:
    schema = {"type": "object", "description": "x" * GRAMMAR_LIMIT_BYTES}
    with pytest.raises(InvalidRequest, match="at most"):
        check_schema(schema, param="response_format")


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        {"enum": ["a", 1, None, {"b": []}]},
        {
            "$ref": "#/$defs/node",
            "$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}},
        },
        {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 1},
        {"type": "string", "pattern": "^[a-z]{2,5}$"},
        {"const": 'quote " and \\ backslash'},
    ],
)
def test_the_schemas_people_send_can_be_enforced(schema: dict[str, object]) -> None:
    check_schema(schema, param="response_format")
    assert compiles(chat_grammar(job(json_output=JsonOutput(schema)), CONTROL))
