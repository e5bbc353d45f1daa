"""A response request becomes a job: every field honoured or refused by name, items in order."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.adapters.jobs import ChatJob, JsonOutput, Message, ToolCall
from alive_core.errors import AliveError, InvalidRequest, UnsupportedParameter
from alive_core.prepare.items import keepable, reference_ids, refuse_twins, sent_items
from alive_core.prepare.responses import ENCRYPTED, LOGPROBS, prepare_response, refuse_include, without_details
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Defaults, Profile
from alive_core.schemas.foreign import FOREIGN_ITEMS, FOREIGN_TOOLS, decode_with_items
from alive_core.schemas.items import (
    FunctionCallItem,
    FunctionCallOutputItem,
    InputItem,
    InputText,
    ItemReference,
    KeptItem,
    MessageItem,
    OutputText,
    ReasoningItem,
    SummaryText,
)
from alive_core.schemas.responses import ResponseRequest

ABLE = Abilities(
    tasks=frozenset({"chat"}),
    tools=True,
    json_schema=True,
    parameters=frozenset({"temperature", "top_p", "max_tokens", "logprobs", "tool_choice"}),
)
UNABLE = Abilities(tasks=frozenset({"chat"}))
CALLER = Abilities(tasks=frozenset({"chat"}), tools=True)
PROFILE = Profile("chat", "Talks.", ("t",), name="chat", defaults=Defaults(temperature=0.3, max_tokens=64))
LOOK = {"type": "function", "name": "look", "parameters": {"type": "object"}}
LOOK_ONLY = {"type": "function", "name": "look"}
FIND = {"type": "function", "name": "find", "parameters": None, "strict": True}


def request(**fields: object) -> ResponseRequest:
    return decode_with_items(msgspec.json.encode({"model": "chat", "input": "Hi"} | fields), ResponseRequest)


def job(history: tuple[KeptItem, ...] = (), abilities: Abilities = ABLE, **fields: object) -> ChatJob:
    body = request(**fields)
    new = [keepable(item) for item in sent_items(body.input) if not isinstance(item, ItemReference)]
    return prepare_response(body, history, new, PROFILE, abilities, job_id="resp_1")


def refusal(**fields: object) -> AliveError:
    with pytest.raises(AliveError) as refused:
        job(**fields)
    return refused.value


# --- Items ---------------------------------------------------------------------------------------------
def test_a_string_is_what_the_user_says() -> None:
    assert job().messages == (Message("user", "Hi"),)


def test_instructions_stand_first() -> None:
    history = (MessageItem(role="developer", content="Old rules."),)
    assert job(history, instructions="Be brief.").messages == (
        Message("system", "Be brief."),
        Message("system", "Old rules."),
        Message("user", "Hi"),
    )


def test_calls_of_one_turn_stand_in_one_message() -> None:
    items = [
        {"role": "user", "content": "Go"},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "I look.", "annotations": []}],
        },
        {"type": "function_call", "call_id": "a", "name": "look", "arguments": "{}"},
        {"type": "function_call", "call_id": "b", "name": "find", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "a", "output": "red"},
        {"type": "function_call_output", "call_id": "b", "output": [{"type": "input_text", "text": "blue"}]},
    ]
    assert job(input=items).messages == (
        Message("user", "Go"),
        Message("assistant", "I look.", tool_calls=(ToolCall("a", "look", "{}"), ToolCall("b", "find", "{}"))),
        Message("tool", "red", tool_call_id="a"),
        Message("tool", "blue", tool_call_id="b"),
    )


def test_a_call_without_words_before_it_begins_a_message() -> None:
    history = (
        MessageItem(role="user", content="Go"),
        FunctionCallItem(call_id="a", name="look", arguments="{}"),
    )
    answer = {"type": "function_call_output", "call_id": "a", "output": "red"}
    assert job(history, input=[answer]).messages[1] == Message("assistant", tool_calls=(ToolCall("a", "look", "{}"),))


def test_parts_are_joined_and_a_refusal_is_text() -> None:
    parts = [{"type": "output_text", "text": "No, ", "annotations": []}, {"type": "refusal", "refusal": "never."}]
    items = [{"role": "assistant", "content": parts}, {"role": "user", "content": "Why?"}]
    assert job(input=items).messages[0] == Message("assistant", "No, never.")


@pytest.mark.parametrize("call_id", ["nowhere", None])
def test_an_output_that_no_call_asked_for_is_refused(call_id: str | None) -> None:
    error = refusal(input=[{"type": "function_call_output", "call_id": call_id, "output": "red"}])
    assert (type(error), error.param) == (InvalidRequest, "input[0].call_id")


def test_such_an_output_in_the_history_names_the_input() -> None:
    with pytest.raises(InvalidRequest) as refused:
        job((FunctionCallOutputItem(call_id="nowhere", output="red"),))
    assert refused.value.param == "input"


def test_an_image_is_refused_with_its_place() -> None:
    image = {"type": "input_image", "detail": "auto", "image_url": "http://127.0.0.1/secret.png"}
    error = refusal(input=[{"role": "user", "content": [{"type": "input_text", "text": "Look"}, image]}])
    assert (type(error), error.param) == (UnsupportedParameter, "input[0].content[1]")


def test_thinking_alone_is_nothing_to_answer() -> None:
    assert refusal(input=[{"type": "reasoning", "id": "rs_1", "summary": []}]).param == "input"


@pytest.mark.parametrize(
    ("item", "prefix"),
    [
        (MessageItem(role="user", content="Hi"), "msg_"),
        (FunctionCallItem(call_id="a", name="look", arguments="{}"), "fc_"),
        (FunctionCallOutputItem(call_id="a", output="red"), "fco_"),
        (ReasoningItem(summary=[SummaryText(text="Hm")]), "rs_"),
    ],
)
def test_what_is_kept_has_an_id_of_its_kind(item: KeptItem, prefix: str) -> None:
    kept = keepable(item)
    assert (kept.id or "").startswith(prefix)
    assert keepable(kept) == kept


def test_what_is_kept_has_parts_of_its_role() -> None:
    said, written = (keepable(MessageItem(role=role, content="Hi")) for role in ("user", "assistant"))
    assert isinstance(said, MessageItem)
    assert said.content == [InputText(text="Hi")]
    assert isinstance(written, MessageItem)
    assert written.content == [OutputText(text="Hi")]


def test_an_item_is_sent_once() -> None:
    one, two = (MessageItem(role="user", content="Hi", id=name) for name in ("msg_1", "msg_2"))
    refuse_twins([one], [two], param="input")
    with pytest.raises(InvalidRequest) as refused:
        refuse_twins([one], [two, one], param="input")
    assert refused.value.param == "input[1].id"
    with pytest.raises(InvalidRequest):
        refuse_twins([], [two, two], param="input")


def test_references_are_told_from_what_is_sent_whole() -> None:
    sent: list[InputItem] = [
        ItemReference(id="msg_1"),
        MessageItem(role="user", content="Hi", id="msg_2"),
        ItemReference(id="fc_3"),
    ]
    assert reference_ids(sent) == ["msg_1", "fc_3"]


# --- Decoding ------------------------------------------------------------------------------------------
def test_a_message_and_a_reference_may_lack_their_type() -> None:
    body = request(input=[{"role": "user", "content": "Hi"}, {"id": "msg_1"}, {"type": None, "id": "msg_2"}])
    assert body.input == [
        MessageItem(role="user", content="Hi"),
        ItemReference(id="msg_1"),
        ItemReference(id="msg_2"),
    ]


@pytest.mark.parametrize("kind", sorted(FOREIGN_TOOLS))
def test_a_tool_that_only_openai_runs_is_refused_by_name(kind: str) -> None:
    error = refusal(tools=[LOOK, {"type": kind, "anything": 1}])
    assert (error.code, error.param) == ("unsupported_parameter", "tools[1]")
    assert f"`{kind}`" in error.message


@pytest.mark.parametrize("kind", sorted(FOREIGN_ITEMS))
def test_an_item_that_only_openai_makes_is_refused_by_name(kind: str) -> None:
    error = refusal(input=[{"type": kind, "anything": 1}])
    assert (error.code, error.param) == ("unsupported_parameter", "input[0]")
    assert f"`{kind}`" in error.message


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": [{"role": "user", "content": 3}]}, "input[0].content"),
        ({"input": [{"role": "user"}]}, "input[0].content"),
        ({"input": [{"role": "user", "content": "Hi", "shout": True}]}, "input[0].shout"),
        ({"input": [{"type": "song"}]}, "input[0].type"),
        ({"input": [{"words": 1}]}, "input[0].type"),
        ({"input": [3]}, "input[0]"),
        ({"input": None}, "input"),
        ({"input": ""}, "input"),
        ({"model": ""}, "model"),
        ({"tools": [{"type": "function"}]}, "tools[0].name"),
        ({"conversation": "conv_1", "previous_response_id": "resp_1"}, "previous_response_id"),
        ({"temperature": 3}, "temperature"),
        ({"shout": True}, "shout"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"text": {"format": {"type": "json_schema", "name": "x"}}}, "text.format.schema"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(fields: dict[str, object], param: str) -> None:
    error = refusal(**fields)
    assert (error.status, error.param) == (400, param)


@pytest.mark.parametrize("body", [b"[]", b"3", b"{", b'{"input": [{"role": "user"', b"\xff"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        decode_with_items(body, ResponseRequest)


# --- Fields --------------------------------------------------------------------------------------------
def test_what_a_request_says_goes_before_the_defaults() -> None:
    assert job().sampling.temperature == 0.3
    assert job().sampling.max_tokens == 64
    said = job(temperature=0.9, top_p=0.5, max_output_tokens=7).sampling
    assert (said.temperature, said.top_p, said.max_tokens) == (0.9, 0.5, 7)


def test_defaults_of_the_api_say_nothing() -> None:
    plain = job(abilities=UNABLE)
    defaults = job(
        abilities=UNABLE,
        background=False,
        image={"context_compression": "auto"},
        include=["file_search_call.results", "web_search_call.action.sources", "message.input_image.image_url"],
        max_tool_calls=3,
        metadata={"a": "b"},
        parallel_tool_calls=True,
        prompt_cache_options={"mode": "implicit", "ttl": "30m"},
        prompt_cache_retention="in_memory",
        reasoning={"effort": None, "summary": None, "context": "auto", "mode": "standard"},
        safety_identifier="me",
        service_tier="auto",
        store=False,
        stream=True,
        stream_options={"include_obfuscation": True},
        temperature=1.0,
        text={"format": {"type": "text"}, "verbosity": "medium"},
        tool_choice="auto",
        tools=[],
        top_logprobs=0,
        top_p=1.0,
        truncation="disabled",
        user="me",
    )
    assert defaults.messages == plain.messages
    assert defaults.json_output is None
    assert defaults.sampling.top_logprobs is None


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"background": True}, "background"),
        ({"truncation": "auto"}, "truncation"),
        ({"prompt": {"id": "pmpt_1"}}, "prompt"),
        ({"moderation": {"model": "m"}}, "moderation"),
        ({"context_management": [{"type": "compaction"}]}, "context_management"),
        ({"access_programs": {"cyber": "standard"}}, "access_programs"),
        ({"image": {"context_compression": "enabled"}}, "image"),
        ({"prompt_cache_options": {"mode": "explicit"}}, "prompt_cache_options"),
        ({"prompt_cache_retention": "24h"}, "prompt_cache_retention"),
        ({"service_tier": "ultrafast"}, "service_tier"),
        ({"include": ["message.output_text.logprobs", "reasoning.encrypted_content"]}, "include[1]"),
        ({"text": {"verbosity": "low"}}, "text.verbosity"),
        ({"reasoning": {"effort": "high"}}, "reasoning.effort"),
        ({"reasoning": {"summary": "auto"}}, "reasoning.summary"),
        ({"reasoning": {"generate_summary": "auto"}}, "reasoning.generate_summary"),
        ({"reasoning": {"context": "all_turns"}}, "reasoning.context"),
        ({"reasoning": {"mode": "pro"}}, "reasoning.mode"),
        ({"tools": [LOOK | {"async": True}]}, "tools[0].async"),
        ({"tools": [LOOK | {"defer_loading": True}]}, "tools[0].defer_loading"),
        ({"tools": [LOOK | {"allowed_callers": ["programmatic"]}]}, "tools[0].allowed_callers"),
        ({"tools": [LOOK | {"output_schema": {}}]}, "tools[0].output_schema"),
        ({"tool_choice": {"type": "mcp", "server_label": "x"}}, "tool_choice"),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(fields: dict[str, object], param: str) -> None:
    error = refusal(**fields)
    assert (error.code, error.param) == ("unsupported_parameter", param)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"temperature": 0.5}, "temperature"),
        ({"max_output_tokens": 5}, "max_output_tokens"),
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"include": ["message.output_text.logprobs"]}, "include[0]"),
        ({"tools": [LOOK]}, "tools"),
        ({"text": {"format": {"type": "json_object"}}}, "text.format"),
    ],
)
def test_what_only_this_engine_cannot_is_refused_by_name(fields: dict[str, object], param: str) -> None:
    error = refusal(abilities=UNABLE, **fields)
    assert (error.code, error.param) == ("unsupported_parameter", param)


def test_stream_options_need_a_stream() -> None:
    assert refusal(stream_options={"include_obfuscation": False}).param == "stream_options"


@pytest.mark.parametrize(
    ("fields", "alternatives"),
    [
        ({"include": ["message.output_text.logprobs"]}, 0),
        ({"top_logprobs": 3}, 3),
        ({"include": ["message.output_text.logprobs"], "top_logprobs": 2}, 2),
        ({}, None),
    ],
)
def test_logprobs_come_where_they_were_asked_for(fields: dict[str, object], alternatives: int | None) -> None:
    assert job(**fields).sampling.top_logprobs == alternatives


@pytest.mark.parametrize(
    ("sent", "output"),
    [
        ({"type": "text"}, None),
        ({"type": "json_object"}, JsonOutput()),
        (
            {"type": "json_schema", "name": "colour", "schema": {"type": "string"}},
            JsonOutput({"type": "string"}, "colour"),
        ),
    ],
)
def test_the_format_says_what_the_text_must_be(sent: object, output: JsonOutput | None) -> None:
    assert job(text={"format": sent}).json_output == output


@pytest.mark.parametrize(
    ("choice", "names", "word"),
    [
        (None, ["look", "find"], "auto"),
        ("none", ["look", "find"], "none"),
        ("required", ["look", "find"], "required"),
        ({"type": "function", "name": "find"}, ["find"], "required"),
        (
            {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "look"}]},
            ["look"],
            "auto",
        ),
    ],
)
def test_every_form_of_tool_choice(choice: object, names: list[str], word: str) -> None:
    made = job(tools=[LOOK, FIND], tool_choice=choice)
    assert ([tool.name for tool in made.tools], made.tool_choice) == (names, word)


def test_strict_is_what_the_tool_says() -> None:
    assert [tool.strict for tool in job(tools=[LOOK, FIND]).tools] == [False, True]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tools": [LOOK], "tool_choice": {"type": "function", "name": "find"}}, "tool_choice"),
        ({"tools": [LOOK, LOOK]}, "tools[1].name"),
    ],
)
def test_a_choice_that_contradicts_the_tools_is_refused(fields: dict[str, object], param: str) -> None:
    assert refusal(**fields).param == param


# --- Including -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("include", [None, [], [LOGPROBS, "file_search_call.results"]])
def test_what_stands_in_kept_items_anyway_may_be_included(include: list[Any] | None) -> None:
    refuse_include(include)


def test_thinking_in_cipher_cannot_be_included() -> None:
    with pytest.raises(UnsupportedParameter) as refused:
        refuse_include([LOGPROBS, ENCRYPTED])
    assert refused.value.param == "include[1]"


# --- Leniency ------------------------------------------------------------------------------------------
def each_or_not(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


ONE_TOOL = each_or_not(
    **{"async": st.booleans()},
    defer_loading=st.booleans(),
    allowed_callers=st.sampled_from([["direct"], ["direct", "programmatic"]]),
    output_schema=st.just({"type": "string"}),
)
DETAILS = each_or_not(
    include=st.lists(st.sampled_from([ENCRYPTED, LOGPROBS, "file_search_call.results"]), max_size=14),
    stream_options=each_or_not(include_obfuscation=st.booleans()),
    text=each_or_not(
        format=st.sampled_from([{"type": "text"}, {"type": "json_object"}]),
        verbosity=st.sampled_from(["low", "medium"]),
    ),
    reasoning=each_or_not(
        effort=st.sampled_from([None, "high"]),
        context=st.sampled_from(["auto", "all_turns"]),
        mode=st.sampled_from(["standard", "pro"]),
        summary=st.sampled_from([None, "auto"]),
        generate_summary=st.just("auto"),
    ),
    tools=st.lists(ONE_TOOL, max_size=12).map(
        lambda extras: [LOOK | {"name": f"look_{index}"} | extra for index, extra in enumerate(extras)]
    ),
)


@given(DETAILS, st.sampled_from([ABLE, CALLER]))
def test_what_leniency_leaves_is_accepted_and_what_it_drops_was_not(
    details: dict[str, Any], abilities: Abilities
) -> None:
    body = request(stream=True, **details)
    kept, ignored = without_details(body, abilities)
    assert without_details(kept, abilities) == (kept, [])
    prepare_response(kept, (), [MessageItem(role="user", content="Hi")], PROFILE, abilities, job_id="resp_1")
    if ignored:
        assert refusal(abilities=abilities, stream=True, **details).param == ignored[0]
    else:
        assert kept is body


@given(st.lists(st.sampled_from([ENCRYPTED, LOGPROBS, "file_search_call.results"]), max_size=14))
def test_of_a_list_only_what_cannot_be_honoured_goes(include: list[str]) -> None:
    kept, ignored = without_details(request(include=include), UNABLE)
    assert kept.include == [wanted for wanted in include if wanted not in (ENCRYPTED, LOGPROBS)]
    assert ignored == [f"include[{index}]" for index, wanted in enumerate(include) if wanted in (ENCRYPTED, LOGPROBS)]
