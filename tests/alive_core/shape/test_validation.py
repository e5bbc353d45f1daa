"""A finished answer is held against the schemas that its request asked for."""

import subprocess
import sys
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.adapters import events
from alive_core.adapters.jobs import ChatJob, JsonOutput, Sampling, Tool
from alive_core.constants import SCHEMA_LIMIT_BYTES
from alive_core.errors import InvalidAnswer, InvalidRequest
from alive_core.shape.chat import ChatChunks, WholeChat
from alive_core.shape.shape import Chunks, Head, Whole
from alive_core.shape.validation import Proof, proved

CITY: dict[str, object] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
HEAD = Head("chatcmpl-1", 1, "chat")


def job_of(schema: dict[str, object] | None = CITY, **more: Any) -> ChatJob:
    return ChatJob("j", (), json_output=JsonOutput(schema), **more)


def with_tool(*, strict: bool = True, **more: Any) -> ChatJob:
    return ChatJob("j", (), tools=(Tool("weather", parameters=CITY, strict=strict),), **more)


def proof_of(job: ChatJob) -> Proof:
    return Proof(job, answer_param="response_format", tools_param="tools")


def tell(job: ChatJob, *told: events.Event) -> None:
    proof = proof_of(job)
    for event in told:
        proof.take(event)


def say(job: ChatJob, text: str, reason: events.FinishReason = "stop") -> None:
    tell(job, *(events.TextDelta(letter) for letter in text), events.ChoiceFinished(reason))


def call(job: ChatJob, arguments: str, reason: events.FinishReason = "tool_calls") -> None:
    pieces = [events.ToolCallDelta(0, letter) for letter in arguments]
    tell(job, events.ToolCallDelta(0, id="call_1", name="weather"), *pieces, events.ChoiceFinished(reason))


# --- What is held to a schema --------------------------------------------------------------------------
def test_an_answer_that_keeps_its_schema_passes() -> None:
    say(job_of(), ' {"city": "Lisboa"}\n')


@pytest.mark.parametrize("text", ["", "Lisboa", '{"city": "Lis', '{"city": 1}', "{}", '{"city": "a", "b": 1}', "[]"])
def test_an_answer_that_breaks_its_schema_is_an_error_that_says_so(text: str) -> None:
    with pytest.raises(InvalidAnswer, match=r"not keep the schema.*Please send the request again") as caught:
        say(job_of(), text)
    assert (caught.value.status, caught.value.code) == (502, "invalid_answer")


def test_the_error_names_the_place_and_quotes_little() -> None:
    with pytest.raises(InvalidAnswer, match=r"at \['city'\]: .*not of type"):
        say(job_of(), '{"city": 1}')
    with pytest.raises(InvalidAnswer) as caught:
        say(job_of(), msgspec.json.encode({"city": ["x" * 100_000]}).decode())
    assert len(caught.value.message) < 1000


def test_json_without_a_schema_must_be_an_object() -> None:
    say(job_of(None), '{"anything": [1]}')
    with pytest.raises(InvalidAnswer):
        say(job_of(None), "[1]")


def test_what_a_limit_cut_off_passes() -> None:
    say(job_of(), '{"city": "Lis', "length")
    say(job_of(), '{"city": "Lis', "content_filter")
    call(with_tool(), '{"ci', "length")


def test_a_text_that_the_clients_own_stop_sequence_may_have_cut_passes() -> None:
    say(job_of(sampling=Sampling(stop=("}",))), '{"city": "Lisboa"')


def test_each_choice_is_held_for_itself() -> None:
    good = (events.TextDelta('{"city": "a"}', 1), events.ChoiceFinished("stop", 1))
    tell(job_of(), *good)
    with pytest.raises(InvalidAnswer):
        tell(job_of(), events.TextDelta("x", 0), *good, events.ChoiceFinished("stop", 0))


def test_arguments_of_a_strict_tool_are_held_to_its_parameters() -> None:
    call(with_tool(), '{"city": "Lisboa"}')
    for arguments in ("", "{}", '{"city": 1}', "no"):
        with pytest.raises(InvalidAnswer, match="arguments of the call to `weather`"):
            call(with_tool(), arguments)


def test_arguments_of_another_tool_are_the_clients_to_judge() -> None:
    call(with_tool(strict=False), "no")
    call(with_tool(strict=True, tool_choice="none"), "no")


def test_a_call_stands_for_the_answer_in_json() -> None:
    call(with_tool(json_output=JsonOutput(CITY)), '{"city": "Lisboa"}')


# --- Schemas -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("schema", "word"),
    [
        ({"type": "foo"}, "foo"),
        ({"pattern": "(a"}, "regex"),
        ({"pattern": "(?=a)"}, "regex"),
        ({"$ref": "#/$defs/nowhere"}, "nowhere"),
        ({"$ref": "http://127.0.0.1:9/schema.json"}, "no address is opened"),
        ({"$ref": "file:///etc/hostname"}, "no address is opened"),
        ({"enum": ["x" * SCHEMA_LIMIT_BYTES]}, "bytes"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused_at_once_and_by_name(schema: dict[str, object], word: str) -> None:
    with pytest.raises(InvalidRequest, match=word) as caught:
        proof_of(job_of(schema))
    assert caught.value.param == "response_format"
    with pytest.raises(InvalidRequest, match=word) as caught:
        proof_of(ChatJob("j", (), tools=(Tool("t", parameters=schema, strict=True),)))
    assert caught.value.param == "tools"


def test_a_deep_schema_works_or_is_refused() -> None:
    schema: dict[str, object] = {"type": "object"}
    for depth in range(2000):
        schema = {"properties": {"a": schema}}
        if depth == 100:
            say(job_of(schema), "{}")
    with pytest.raises(InvalidRequest, match=r"deeply|[Rr]ecursion"):
        proof_of(job_of(schema))


def test_a_recursive_schema_works() -> None:
    tree: dict[str, object] = {"properties": {"children": {"items": {"$ref": "#"}}}, "required": ["children"]}
    say(job_of(tree), '{"children": [{"children": []}]}')
    with pytest.raises(InvalidAnswer, match=r"\['children'\]\[0\]"):
        say(job_of(tree), '{"children": [{}]}')


def test_a_schema_that_multiplies_is_refused_at_once() -> None:
    steps = {f"s{level}": {"allOf": [{"$ref": f"#/$defs/s{level - 1}"}] * 2} for level in range(1, 60)}
    schema: dict[str, object] = {"$defs": {"s0": {}, **steps}, "$ref": "#/$defs/s59"}
    began = time.perf_counter()
    with pytest.raises(InvalidRequest, match="multiply"):
        proof_of(job_of(schema))
    assert time.perf_counter() - began < 1


def test_a_pattern_that_would_backtrack_for_ever_takes_no_time() -> None:
    schema: dict[str, object] = {"properties": {"a": {"anyOf": [{"pattern": "^(a|a)*b$"}, {"type": "string"}]}}}
    began = time.perf_counter()
    say(job_of(schema), '{"a": "' + "a" * 10_000 + '"}')
    assert time.perf_counter() - began < 1


# --- Forms ---------------------------------------------------------------------------------------------
@given(st.booleans())
def test_a_form_is_proved_only_where_something_was_asked_for(streams: bool) -> None:
    form = ChatChunks(HEAD, include_usage=False) if streams else WholeChat(HEAD, n=1)
    assert proved(form, proof_of(ChatJob("j", ()))) is form
    kept = proved(form, proof_of(job_of()))
    assert isinstance(kept, Chunks if streams else Whole)
    assert not isinstance(kept, Whole if streams else Chunks)


def test_a_stream_tells_no_good_end_of_an_answer_that_broke_its_schema() -> None:
    form = proved(ChatChunks(HEAD, include_usage=False), proof_of(job_of()))
    assert isinstance(form, Chunks)
    assert len(form.of(events.TextDelta("{}"))) == 2  # the role, and the text
    with pytest.raises(InvalidAnswer):
        form.of(events.ChoiceFinished("stop"))


def test_a_whole_answer_passes_as_it_is() -> None:
    form = proved(WholeChat(HEAD, n=1), proof_of(job_of()))
    assert isinstance(form, Whole)
    for event in (events.TextDelta('{"city": "a"}'), events.ChoiceFinished("stop"), events.Finished(events.Usage(1))):
        form.add(event)
    plain = WholeChat(HEAD, n=1)
    for event in (events.TextDelta('{"city": "a"}'), events.ChoiceFinished("stop"), events.Finished(events.Usage(1))):
        plain.add(event)
    assert form.result() == plain.result()


def test_the_library_is_loaded_with_the_first_schema_and_not_before() -> None:
    code = "import alive_core.http.app, sys; print('jsonschema_rs' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
