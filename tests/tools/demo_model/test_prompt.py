"""The prompt format: exact bytes, and every turn of the model is closed."""

from __future__ import annotations

import json
from itertools import islice

import pytest

from tools.demo_model.data import Split, conversations
from tools.demo_model.prompt import (
    CHATBOT_HEADER,
    CONTROL_TOKENS,
    END_ACTION,
    END_OF_TURN,
    END_RESPONSE,
    MARK_TOKENS,
    SPECIAL_TOKENS,
    Message,
    render,
    split_for_loss,
    with_words_before_call,
    without_response_marks,
)

ASKED: list[Message] = [{"role": "user", "content": 'Olá "você" <b>?'}]
CALLED: list[Message] = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "Two things."},
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [
            {"function": {"name": "get_weather", "arguments": {"city": "Sé <x>", "day": 2}}},
            {"function": {"name": "get_time", "arguments": {}}},
        ],
    },
    {"role": "tool", "tool_call_id": "a", "content": "fine"},
    {"role": "tool", "tool_call_id": "b", "content": '{"hour": 5}'},
    {"role": "assistant", "content": "Fine, at 5."},
]
TOOL: dict[str, object] = {
    "type": "function",
    "function": {
        "name": "get_time",
        "description": "Says the time.",
        "parameters": {"type": "object", "b": 1, "a": 2},
    },
}


def test_plain_question_renders_without_a_system_turn() -> None:
    assert render(ASKED, add_generation_prompt=True) == (
        "<BOS_TOKEN>"
        '<|START_OF_TURN_TOKEN|><|USER_TOKEN|>Olá "você" <b>?<|END_OF_TURN_TOKEN|>'
        "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>"
    )


def test_tool_calls_and_results_are_numbered_through_the_conversation() -> None:
    assert render(CALLED) == (
        "<BOS_TOKEN>"
        "<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>Be kind.<|END_OF_TURN_TOKEN|>"
        "<|START_OF_TURN_TOKEN|><|USER_TOKEN|>Two things.<|END_OF_TURN_TOKEN|>"
        "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|><|START_ACTION|>[\n"
        '    {"tool_call_id": "0", "tool_name": "get_weather", "parameters": {"city": "Sé <x>", "day": 2}},\n'
        '    {"tool_call_id": "1", "tool_name": "get_time", "parameters": {}}\n'
        "]<|END_ACTION|><|END_OF_TURN_TOKEN|>"
        "<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|><|START_TOOL_RESULT|>[\n"
        '    {"tool_call_id": "0", "results": {"0": "fine"}, "is_error": null},\n'
        '    {"tool_call_id": "1", "results": {"0": "{\\"hour\\": 5}"}, "is_error": null}\n'
        "]<|END_TOOL_RESULT|><|END_OF_TURN_TOKEN|>"
        "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>"
        "<|START_RESPONSE|>Fine, at 5.<|END_RESPONSE|><|END_OF_TURN_TOKEN|>"
    )


def test_offered_tools_stand_in_the_system_turn_with_their_keys_in_order() -> None:
    assert render(ASKED, tools=[TOOL]).startswith(
        "<BOS_TOKEN><|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>## Available Tools\n```json\n[\n"
        '    {"name": "get_time", "description": "Says the time.", '
        '"parameters": {"type": "object", "b": 1, "a": 2},'
        ' "responses": null}\n]\n```<|END_OF_TURN_TOKEN|>'
    )


def test_documents_are_handed_over_as_a_tool_result_after_the_first_question() -> None:
    rendered = render(ASKED, documents=[{"id": "a", "text": "ç"}, {"id": "b", "text": "d"}])
    assert rendered.endswith(
        "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|><|START_ACTION|>[\n"
        '    {"tool_call_id": "0", "tool_name": "direct-injected-document", "parameters": {}}\n'
        "]<|END_ACTION|><|END_OF_TURN_TOKEN|>"
        "<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|><|START_TOOL_RESULT|>[\n"
        '    {"tool_call_id": "0", "results": {"0": {"id": "a", "text": "ç"}, "1": {"id": "b", "text": "d"}},'
        ' "is_error": null}\n'
        "]<|END_TOOL_RESULT|><|END_OF_TURN_TOKEN|>"
    )


def test_pieces_for_the_loss_concatenate_to_the_rendered_text() -> None:
    rendered = render(CALLED, tools=[TOOL])
    pieces = split_for_loss(rendered)
    assert "".join(text for text, _ in pieces) == rendered
    assert [text[:16] for text, written in pieces if written] == ["<|START_ACTION|>", "<|START_RESPONSE"]


def test_the_call_that_hands_over_documents_is_not_learned() -> None:
    answered: list[Message] = [*ASKED, {"role": "assistant", "content": "<co>d</co: 0:[1]>"}]
    rendered = render(answered, documents=[{"text": "ç"}, {"text": "d"}])
    pieces = split_for_loss(rendered)
    assert "".join(text for text, _ in pieces) == rendered
    written = [text for text, is_written in pieces if is_written]
    assert written == ["<|START_RESPONSE|><co>d</co: 0:[1]><|END_RESPONSE|><|END_OF_TURN_TOKEN|>"]


def test_generation_prompt_leaves_nothing_to_learn_after_it() -> None:
    pieces = split_for_loss(render(ASKED, add_generation_prompt=True))
    assert [written for _, written in pieces] == [False]
    assert pieces[0][0].endswith(CHATBOT_HEADER)


@pytest.mark.parametrize("split", list(Split))
def test_every_turn_of_the_model_is_closed_in_every_sample(split: Split) -> None:
    for sample in islice(conversations(2, split), 500):
        rendered = render(list(sample.messages), tools=list(sample.tools), documents=list(sample.documents))
        written = [text for text, is_written in split_for_loss(rendered) if is_written]
        assert written
        for text in written:
            assert text.endswith((END_RESPONSE + END_OF_TURN, END_ACTION + END_OF_TURN)), text


@pytest.mark.parametrize("split", list(Split))
def test_every_sample_goes_through_the_template_that_is_exported(split: Split) -> None:
    for sample in islice(conversations(4, split), 300):
        rendered = render(list(sample.messages), tools=list(sample.tools), documents=list(sample.documents))
        for message in sample.messages:
            if message["role"] in {"system", "user"}:
                assert message["content"] in rendered
        for tool in sample.tools:
            assert json.dumps(tool["function"]["name"]) in rendered  # type: ignore[index]  # a tool's function is an object
        for document in sample.documents:
            assert json.dumps(document, ensure_ascii=False) in rendered
        assert rendered.endswith(END_OF_TURN)


def test_special_tokens_are_distinct_and_the_controls_come_first() -> None:
    assert len(set(SPECIAL_TOKENS)) == len(SPECIAL_TOKENS)
    assert SPECIAL_TOKENS == CONTROL_TOKENS + MARK_TOKENS


def test_schema_bound_answer_loses_only_its_own_marks() -> None:
    messages: list[Message] = [*ASKED, {"role": "assistant", "content": "Hi."}, *ASKED]
    messages.append({"role": "assistant", "content": '{"a": 1}'})
    bound = without_response_marks(render(messages))
    assert "<|START_RESPONSE|>Hi.<|END_RESPONSE|>" in bound
    assert bound.endswith('<|CHATBOT_TOKEN|>{"a": 1}<|END_OF_TURN_TOKEN|>')


def test_words_before_a_forced_call_are_not_learned() -> None:
    forced = with_words_before_call(render(CALLED[:3]), "I cannot.")
    not_learned, learned = split_for_loss(forced)[-2:]
    assert not_learned == ("<|START_RESPONSE|>I cannot.<|END_RESPONSE|><|START_ACTION|>", False)
    assert learned[0].startswith('[\n    {"tool_call_id": "0"')
    assert learned[1]
