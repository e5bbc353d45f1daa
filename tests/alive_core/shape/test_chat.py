"""Chat answers: the stream and the whole answer are the same answer, in the official shape."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion as OfficialCompletion
from openai.types.chat import ChatCompletionChunk as OfficialChunk

from alive_core.adapters import events
from alive_core.schemas.chat import ChatCompletion, ChatCompletionChunk
from alive_core.schemas.common import encode
from alive_core.shape.chat import ChatChunks, WholeChat, shape_logprobs
from alive_core.shape.shape import Chunks, Head, Whole
from support.answers import answers

HEAD = Head("chatcmpl-1", 1_700_000_000, "chat", "fp-1")
CHOICES = 2


def stream(told: list[events.Event], *, include_usage: bool = True) -> list[ChatCompletionChunk]:
    chunks = ChatChunks(HEAD, include_usage=include_usage)
    return [msgspec.convert(chunk, ChatCompletionChunk) for event in told for chunk in chunks.of(event)]


def whole(told: list[events.Event], *, n: int = CHOICES) -> ChatCompletion:
    form = WholeChat(HEAD, n=n)
    for event in told:
        form.add(event)
    return form.result()


def wire(struct: msgspec.Struct) -> dict[str, object]:
    """What a client reads."""
    return msgspec.json.decode(encode(struct), type=dict[str, object])


def official(told: list[events.Event]) -> list[OfficialChunk]:
    return [OfficialChunk.model_validate_json(encode(chunk), strict=True) for chunk in stream(told)]


EXAMPLES = settings(max_examples=40)  # an answer is long: many of them take long
some_answer = answers(n=CHOICES, with_tools=True)


def test_both_forms_satisfy_their_protocols() -> None:
    assert isinstance(ChatChunks(HEAD, include_usage=False), Chunks)
    assert isinstance(WholeChat(HEAD, n=1), Whole)


@EXAMPLES
@given(some_answer)
def test_the_sum_of_the_stream_is_the_whole_answer(told: list[events.Event]) -> None:
    answer = whole(told)
    for choice in answer.choices:
        own = [piece for chunk in stream(told) for piece in chunk.choices if piece.index == choice.index]
        text = "".join(piece.delta.content or "" for piece in own)
        calls: dict[int, dict[str, str]] = {}
        for piece in own:
            for delta in piece.delta.tool_calls or []:
                call = calls.setdefault(delta.index, {"id": "", "name": "", "arguments": ""})
                call["id"] += delta.id or ""
                call["name"] += delta.function.name or ""
                call["arguments"] += delta.function.arguments or ""
        assert text == (choice.message.content or "")
        assert list(calls.values()) == [
            {"id": call.id, "name": call.function.name, "arguments": call.function.arguments}
            for call in choice.message.tool_calls or []
        ]
        assert [token for piece in own if piece.logprobs for token in piece.logprobs.content or []] == (
            choice.logprobs.content if choice.logprobs else []
        )
        assert [piece.finish_reason for piece in own if piece.finish_reason] == [choice.finish_reason]
    assert stream(told)[-1].usage == answer.usage


@EXAMPLES
@given(some_answer)
def test_each_choice_begins_with_its_role_and_says_it_once(told: list[events.Event]) -> None:
    for index in range(CHOICES):
        own = [piece for chunk in stream(told) for piece in chunk.choices if piece.index == index]
        assert [piece.delta.role for piece in own] == ["assistant"] + [msgspec.UNSET] * (len(own) - 1)


@EXAMPLES
@given(some_answer)
def test_each_choice_ends_with_its_reason_and_nothing_else(told: list[events.Event]) -> None:
    for index in range(CHOICES):
        own = [piece for chunk in stream(told) for piece in chunk.choices if piece.index == index]
        assert [piece.finish_reason is not None for piece in own] == [False] * (len(own) - 1) + [True]
        assert wire(own[-1].delta) == {}


@EXAMPLES
@given(some_answer)
def test_usage_comes_once_at_the_end_and_only_when_asked(told: list[events.Event]) -> None:
    *before, last = stream(told, include_usage=True)
    assert all(chunk.usage is None and chunk.choices for chunk in before)
    assert last.choices == []
    assert last.usage is not None
    silent = stream(told, include_usage=False)
    assert all("usage" not in wire(chunk) and chunk.choices for chunk in silent)
    assert len(silent) == len(before)


@EXAMPLES
@given(some_answer)
def test_all_chunks_share_one_head(told: list[events.Event]) -> None:
    heads = {(chunk.id, chunk.created, chunk.model, chunk.system_fingerprint) for chunk in stream(told)}
    assert heads == {("chatcmpl-1", 1_700_000_000, "chat", "fp-1")}


@EXAMPLES
@given(some_answer)
def test_the_official_types_read_every_chunk(told: list[events.Event]) -> None:
    text = "".join(
        choice.delta.content or "" for chunk in official(told) for choice in chunk.choices if choice.index == 0
    )
    assert text == (whole(told).choices[0].message.content or "")


@EXAMPLES
@given(some_answer)
def test_the_official_types_read_the_whole_answer(told: list[events.Event]) -> None:
    answer = OfficialCompletion.model_validate_json(encode(whole(told)), strict=True)
    assert [choice.index for choice in answer.choices] == list(range(CHOICES))
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_a_stream_of_text_on_the_wire() -> None:
    told = [events.TextDelta("Hi"), events.ChoiceFinished("stop"), events.Finished(events.Usage(3, 1))]
    assert [wire(chunk)["choices"] for chunk in stream(told, include_usage=False)] == [
        [
            {
                "index": 0,
                "delta": {"role": "assistant", "content": "", "refusal": None},
                "logprobs": None,
                "finish_reason": None,
            }
        ],
        [{"index": 0, "delta": {"content": "Hi"}, "logprobs": None, "finish_reason": None}],
        [{"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}],
    ]


def test_a_stream_of_a_tool_call_on_the_wire() -> None:
    told = [
        events.ToolCallDelta(0, "", "call_1", "f"),
        events.ToolCallDelta(0, '{"a"'),
        events.ToolCallDelta(0, ": 1}"),
    ]
    deltas = [piece.delta for chunk in stream(told) for piece in chunk.choices]
    assert [wire(delta) for delta in deltas] == [
        {"role": "assistant", "content": None, "refusal": None},
        {
            "tool_calls": [
                {"index": 0, "id": "call_1", "type": "function", "function": {"name": "f", "arguments": ""}}
            ]
        },
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"a"'}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": ": 1}"}}]},
    ]


@pytest.mark.parametrize(
    ("told", "content"),
    [
        ([], ""),
        ([events.ToolCallDelta(0, "{}", "c", "f")], None),
        ([events.TextDelta("Look:"), events.ToolCallDelta(0, "{}", "c", "f")], "Look:"),
    ],
)
def test_content_is_null_only_where_there_are_calls_and_no_text(
    told: list[events.Event], content: str | None
) -> None:
    assert whole(told, n=1).choices[0].message.content == content


def test_a_whole_answer_without_calls_does_not_mention_them() -> None:
    message = wire(whole([events.TextDelta("Hi")], n=1).choices[0].message)
    assert message == {"role": "assistant", "content": "Hi", "refusal": None, "annotations": []}


def test_without_a_fingerprint_none_is_sent() -> None:
    form = WholeChat(Head("i", 1, "chat"), n=1)
    assert "system_fingerprint" not in wire(form.result())


def test_log_probabilities_keep_bytes_and_alternatives() -> None:
    shaped = shape_logprobs((events.TokenLogprob("é", -0.5, (195, 169), (events.TopLogprob("e", -1.0, (101,)),)),))
    assert shaped is not None
    assert wire(shaped) == {
        "content": [
            {
                "token": "é",
                "logprob": -0.5,
                "bytes": [195, 169],
                "top_logprobs": [{"token": "e", "logprob": -1.0, "bytes": [101]}],
            }
        ],
        "refusal": None,
    }


@given(st.lists(st.builds(events.ReasoningDelta, st.text())))
def test_thinking_is_no_part_of_the_answer(thoughts: list[events.Event]) -> None:
    assert stream(thoughts) == []
    assert whole(thoughts, n=1) == whole([], n=1)


CITATION = events.Citation(3, 8, "07:45", (events.CitedDocument("d1", title="Gates"), events.CitedDocument("d2")))


def test_a_citation_is_one_annotation_for_each_source_and_one_span_of_ours() -> None:
    told: list[events.Event] = [events.TextDelta("At 07:45."), CITATION, events.ChoiceFinished("stop")]
    message = OfficialCompletion.model_validate_json(encode(whole(told, n=1)), strict=True).choices[0].message
    assert message.content is not None
    assert message.annotations is not None
    cited = [note.url_citation for note in message.annotations]
    assert [(note.url, note.title) for note in cited] == [("document:d1", "Gates"), ("document:d2", "d2")]
    assert {message.content[note.start_index : note.end_index] for note in cited} == {"07:45"}
    span = {"text": "07:45", "start_index": 3, "end_index": 8, "document_ids": ["d1", "d2"]}
    assert message.model_extra == {"alive": {"citations": [span]}}


def test_a_stream_carries_each_citation_after_its_text() -> None:
    told: list[events.Event] = [events.TextDelta("At 07:45"), CITATION, events.ChoiceFinished("stop")]
    deltas = [wire(chunk)["choices"] for chunk in stream(told)]
    notes = [choice["delta"] for (choice,) in deltas if "annotations" in choice["delta"]]  # type: ignore[attr-defined]  # plain JSON
    assert [len(note["annotations"]) for note in notes] == [2]
    assert notes[0]["alive"]["citations"][0]["document_ids"] == ["d1", "d2"]
    assert official(told)


def test_an_answer_without_citations_says_nothing_of_them() -> None:
    message = wire(whole([events.TextDelta("x"), events.ChoiceFinished("stop")], n=1))["choices"]
    assert '"alive"' not in msgspec.json.encode(message).decode()
