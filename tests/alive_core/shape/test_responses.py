"""The stream of a response: numbered without gaps, in the documented order, and its sum is the whole response."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import Response as OfficialResponse
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from alive_core.adapters import events
from alive_core.adapters.jobs import Sampling
from alive_core.errors import AliveError, EngineCrashed, InvalidRequest, RateLimited
from alive_core.schemas import response_events as stream
from alive_core.schemas.common import ResponseStruct, encode
from alive_core.schemas.responses import (
    AnswerItem,
    CallItem,
    ConversationReference,
    ReasoningOptions,
    Response,
    ResponseRequest,
    ResponseTool,
    TextOptions,
    ThinkingItem,
)
from alive_core.shape.responses import ResponseChunks, WholeResponse, opening_response
from alive_core.shape.shape import Chunks, Head, Whole

OFFICIAL_EVENT: TypeAdapter[object] = TypeAdapter(ResponseStreamEvent)
HEAD = Head("resp_1", 1741569952, "chat", None)
ENDED_AT = 1741569999.5
USAGE = events.Usage(prompt_tokens=7, completion_tokens=5, cached_tokens=3, reasoning_tokens=2)

LOGPROB = events.TokenLogprob("a", -0.5, (97,), (events.TopLogprob("b", -1.5, (98,)),))
TEXTS = st.builds(
    events.TextDelta,
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    logprobs=st.sampled_from([(), (LOGPROB,)]),
)
THOUGHTS = st.builds(events.ReasoningDelta, st.text("xyz ", max_size=4))
CALLS = st.builds(events.ToolCallDelta, st.integers(0, 3), st.text('{"a":1}', max_size=4))
NOISE = st.just(events.Progress("prompt", 1, 2))
REASONS: st.SearchStrategy[events.FinishReason] = st.sampled_from(["stop", "length", "tool_calls", "content_filter"])


def named(deltas: Sequence[events.Event]) -> list[events.Event]:
    """The same with an id and a name on the first delta of each call, as the contract says."""
    seen: set[int] = set()
    result: list[events.Event] = []
    for delta in deltas:
        if isinstance(delta, events.ToolCallDelta) and delta.call not in seen:
            seen.add(delta.call)
            delta = events.ToolCallDelta(delta.call, delta.arguments, f"call_{delta.call}", f"tool_{delta.call}")
        result.append(delta)
    return result


ANSWERS = st.builds(
    lambda deltas, reason: [*named(deltas), events.ChoiceFinished(reason), events.Finished(USAGE)],
    st.lists(st.one_of(TEXTS, THOUGHTS, CALLS, NOISE), max_size=12),
    REASONS,
)


def chunks_of(**request: object) -> ResponseChunks:
    body = ResponseRequest(**({"model": "chat", "input": "Hi"} | request))
    return ResponseChunks(opening_response(HEAD, body, Sampling(), is_stored=True), clock=lambda: ENDED_AT)


def streamed(answer: Sequence[events.Event]) -> tuple[list[stream.StreamEvent], Response]:
    chunks = chunks_of()
    sent: list[ResponseStruct] = [chunk for event in answer for chunk in chunks.of(event)]
    return [chunk for chunk in sent if isinstance(chunk, stream.StreamEvent)], chunks.response


def summed(sent: Sequence[stream.StreamEvent]) -> list[dict[str, object]]:
    """The items that a client has after following the stream, from the smallest pieces alone."""
    items: list[dict[str, object]] = []
    for event in sent:
        match event:
            case stream.ItemAdded():
                assert event.output_index == len(items)
                items.append({"id": event.item.id, "text": "", "logprobs": 0})
            case stream.TextDelta() | stream.ThinkingDelta() | stream.ArgumentsDelta():
                item = items[event.output_index]
                assert item["id"] == event.item_id
                item["text"] = str(item["text"]) + event.delta
                if isinstance(event, stream.TextDelta):
                    item["logprobs"] = int(str(item["logprobs"])) + len(event.logprobs)
    return items


def flattened(response: Response) -> list[dict[str, object]]:
    """The items of a whole response in the same form."""
    found: list[dict[str, object]] = []
    for item in response.output:
        match item:
            case AnswerItem():
                (part,) = item.content
                found.append({"id": item.id, "text": part.text, "logprobs": len(part.logprobs)})
            case ThinkingItem():
                found.append({"id": item.id, "text": item.content[0].text, "logprobs": 0})
            case CallItem():
                found.append({"id": item.id, "text": item.arguments, "logprobs": 0})
    return found


# --- For every answer ----------------------------------------------------------------------------------
@given(ANSWERS)
def test_the_sum_of_the_stream_is_the_whole_response(answer: list[events.Event]) -> None:
    sent, whole = streamed(answer)
    assert summed(sent) == flattened(whole)
    done = {event.output_index: event.item for event in sent if isinstance(event, stream.ItemDone)}
    assert [done[index] for index in range(len(whole.output))] == whole.output
    last = sent[-1]
    assert isinstance(last, stream.ResponseCompleted | stream.ResponseIncomplete)
    assert last.response == whole


@given(ANSWERS)
def test_sequence_numbers_have_no_gaps(answer: list[events.Event]) -> None:
    sent, _ = streamed(answer)
    assert [event.sequence_number for event in sent] == list(range(len(sent)))


@given(ANSWERS)
def test_every_event_stands_where_the_documentation_puts_it(answer: list[events.Event]) -> None:
    sent, _ = streamed(answer)
    names = [event.name for event in sent]
    assert names[:2] == ["response.created", "response.in_progress"]
    assert names[-1] in ("response.completed", "response.incomplete")
    assert sum(name.startswith("response.") and name.count(".") == 1 for name in names) == 3
    for index in range(len([name for name in names if name == "response.output_item.added"])):
        own = [event.name for event in sent if getattr(event, "output_index", None) == index]
        assert own[0] == "response.output_item.added"
        assert own[-1] == "response.output_item.done"
        deltas = [name for name in own if name.endswith(".delta")]
        assert own == documented(own, deltas)


def documented(own: list[str], deltas: list[str]) -> list[str]:
    """The order of one item's events, with as many deltas as there are."""
    kind = next(name for name in own if name.endswith(".done")).removesuffix(".done")
    inside = [*deltas, f"{kind}.done"]
    if kind != "response.function_call_arguments":
        inside = ["response.content_part.added", *inside, "response.content_part.done"]
    return ["response.output_item.added", *inside, "response.output_item.done"]


@given(ANSWERS)
def test_every_event_is_valid_for_the_official_types(answer: list[events.Event]) -> None:
    sent, whole = streamed(answer)
    for event in sent:
        parsed = OFFICIAL_EVENT.validate_json(encode(event))
        assert getattr(parsed, "type", None) == event.name
    OfficialResponse.model_validate_json(encode(whole), strict=True)


@given(
    ANSWERS,
    st.integers(0, 14),
    st.sampled_from([EngineCrashed("Gone."), RateLimited("Slow."), InvalidRequest("No.")]),
)
def test_a_stream_that_breaks_anywhere_ends_with_error_and_failed(
    answer: list[events.Event], cut: int, error: AliveError
) -> None:
    chunks = chunks_of()
    told = [event for event in answer[:cut] if not isinstance(event, events.Finished)]
    sent = [chunk for event in told for chunk in chunks.of(event)] + chunks.broken(error)
    numbered = [event for event in sent if isinstance(event, stream.StreamEvent)]
    assert [event.sequence_number for event in numbered] == list(range(len(sent)))
    assert numbered[0].name == "response.created"
    problem, failed = numbered[-2:]
    assert isinstance(problem, stream.ErrorEvent)
    assert isinstance(failed, stream.ResponseFailed)
    assert problem.message == error.message
    assert failed.response.status == "failed"
    assert failed.response.error is not None
    assert not failed.response.store
    assert summed(numbered) == flattened(failed.response)
    for event in numbered:
        OFFICIAL_EVENT.validate_json(encode(event))


@given(ANSWERS)
def test_a_whole_response_is_what_the_stream_comes_to(answer: list[events.Event]) -> None:
    chunks = chunks_of()
    whole = WholeResponse(chunks)
    for event in answer:
        whole.add(event)
    result = whole.result()
    assert [item["text"] for item in flattened(result)] == [item["text"] for item in flattened(streamed(answer)[1])]
    assert result.status in ("completed", "incomplete")


# --- Particular answers --------------------------------------------------------------------------------
def test_forms_are_told_apart() -> None:
    chunks = chunks_of()
    assert isinstance(chunks, Chunks)
    assert not isinstance(chunks, Whole)
    assert isinstance(WholeResponse(chunks), Whole)
    assert not isinstance(WholeResponse(chunks), Chunks)


def test_a_text_is_told_as_in_openai_documentation() -> None:
    sent, whole = streamed(
        [events.TextDelta("Hi"), events.TextDelta(" there"), events.ChoiceFinished("stop"), events.Finished(USAGE)]
    )
    assert [event.name for event in sent] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    added = json.loads(encode(sent[2]))
    assert added["item"]["content"] == []
    assert added["item"]["status"] == "in_progress"
    assert whole.completed_at == 1741569999
    usage = json.loads(encode(whole))["usage"]
    assert usage == {
        "input_tokens": 7,
        "input_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 0},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 12,
    }


def test_an_answer_that_reached_its_limit_is_incomplete() -> None:
    sent, whole = streamed([events.TextDelta("Hi"), events.ChoiceFinished("length"), events.Finished(USAGE)])
    assert sent[-1].name == "response.incomplete"
    assert whole.incomplete_details is not None
    assert whole.incomplete_details.reason == "max_output_tokens"
    assert whole.output[0].status == "incomplete"
    assert whole.completed_at is None


def test_an_empty_answer_is_an_empty_message() -> None:
    _, whole = streamed([events.ChoiceFinished("stop"), events.Finished(USAGE)])
    assert [item["text"] for item in flattened(whole)] == [""]


def test_calls_that_an_engine_writes_side_by_side_stay_apart() -> None:
    deltas: list[events.Event] = [
        events.ToolCallDelta(0, '{"a"', "call_a", "first"),
        events.ToolCallDelta(1, "{", "call_b", "second"),
        events.ToolCallDelta(0, ":1}"),
        events.ToolCallDelta(1, "}"),
    ]
    _, whole = streamed([*deltas, events.ChoiceFinished("tool_calls"), events.Finished(USAGE)])
    calls = [item for item in whole.output if isinstance(item, CallItem)]
    assert [(call.name, call.call_id, call.arguments) for call in calls] == [
        ("first", "call_a", '{"a":1}'),
        ("second", "call_b", "{}"),
    ]
    assert len({call.id for call in calls}) == 2


def test_a_response_says_what_was_asked_for() -> None:
    body = ResponseRequest(
        model="chat",
        input="Hi",
        instructions="Be brief.",
        conversation=ConversationReference(id="conv_1"),
        metadata={"a": "b"},
        reasoning=ReasoningOptions(effort="low"),
        text=TextOptions(verbosity="low"),
        tools=[ResponseTool(name="look", parameters={"type": "object"}, strict=True)],
        tool_choice="required",
        max_output_tokens=9,
        user="me",
    )
    sent = json.loads(encode(opening_response(HEAD, body, Sampling(temperature=0.3, top_p=0.9), is_stored=False)))
    assert sent["tools"] == [
        {"type": "function", "name": "look", "description": None, "parameters": {"type": "object"}, "strict": True}
    ]
    expected = {
        "status": "in_progress",
        "instructions": "Be brief.",
        "conversation": {"id": "conv_1"},
        "metadata": {"a": "b"},
        "temperature": 0.3,
        "top_p": 0.9,
        "tool_choice": "required",
        "max_output_tokens": 9,
        "text": {"format": {"type": "text"}, "verbosity": "low"},
        "reasoning": {"effort": "low", "summary": None},
        "user": "me",
        "store": False,
        "usage": None,
        "output": [],
    }
    assert {name: sent[name] for name in expected} == expected
    OfficialResponse.model_validate(sent)


def test_a_response_reports_the_documented_defaults_where_nobody_said_otherwise() -> None:
    body = ResponseRequest(model="chat", input="Hi")
    sent = json.loads(encode(opening_response(HEAD, body, Sampling(), is_stored=False)))
    assert (sent["temperature"], sent["top_p"]) == (1.0, 1.0)


def test_completing_twice_changes_nothing() -> None:
    chunks = chunks_of()
    chunks.of(events.TextDelta("Hi"))
    chunks.of(events.ChoiceFinished("stop"))
    first = chunks.complete(events.Finished(USAGE))
    assert chunks.complete(events.Finished(events.Usage(0))) is first


def test_a_response_that_could_not_be_kept_says_so_in_its_last_event() -> None:
    chunks = chunks_of()
    chunks.of(events.ChoiceFinished("stop"))
    chunks.complete(events.Finished(USAGE))
    chunks.not_stored()
    (last,) = chunks.of(events.Finished(USAGE))
    assert isinstance(last, stream.ResponseCompleted)
    assert not last.response.store


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (EngineCrashed("Gone."), "server_error"),
        (RateLimited("Slow down."), "rate_limit_exceeded"),
        (InvalidRequest("Wrong."), "invalid_prompt"),
    ],
)
def test_a_failure_has_a_code_that_official_types_know(error: AliveError, code: str) -> None:
    chunks = chunks_of()
    chunks.broken(error)
    assert chunks.response.error is not None
    assert chunks.response.error.code == code


def test_a_citation_is_an_event_and_stands_in_the_text_it_is_about() -> None:
    told: list[events.Event] = [
        events.TextDelta("Well. "),
        events.ReasoningDelta("hm"),
        events.TextDelta("At 07:45"),
        events.Citation(9, 14, "07:45", (events.CitedDocument("d1"), events.CitedDocument("d2"))),
        events.ChoiceFinished("stop"),
        events.Finished(USAGE),
    ]
    chunks = ResponseChunks(
        opening_response(HEAD, ResponseRequest(model="chat", input="x"), Sampling(), is_stored=False)
    )
    said = [chunk for event in told for chunk in chunks.of(event)]
    added = [chunk for chunk in said if isinstance(chunk, stream.AnnotationAdded)]
    assert [OFFICIAL_EVENT.validate_json(encode(chunk)) for chunk in added]
    assert [(one.annotation_index, one.annotation.url, one.output_index) for one in added] == [
        (0, "document:d1", 2),
        (1, "document:d2", 2),
    ]
    (_, _, item) = chunks.response.output
    assert isinstance(item, AnswerItem)
    (part,) = item.content
    assert {part.text[note.start_index : note.end_index] for note in part.annotations} == {"07:45"}
