"""Messages of every role and form, in the one form that engines read."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.adapters.jobs import Document, Message, ToolCall
from alive_core.errors import UnsupportedParameter
from alive_core.prepare.messages import prepare_documents, prepare_messages
from alive_core.schemas import chat, messages

TEXT = {"type": "text", "text": "Hello"}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}
AUDIO = {"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}
FILE = {"type": "file", "file": {"file_id": "f"}}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
CUSTOM_CALL = {"id": "c2", "type": "custom", "custom": {"name": "f", "input": "x"}}


def prepare(*sent: dict[str, object]) -> tuple[Message, ...]:
    return prepare_messages(msgspec.convert(list(sent), list[messages.Message]))


@pytest.mark.parametrize(
    ("sent", "role"),
    [("developer", "system"), ("system", "system"), ("user", "user")],
)
def test_plain_text_keeps_its_words_and_name(sent: str, role: str) -> None:
    assert prepare({"role": sent, "content": "Hello", "name": "Ada"}) == (Message(role, "Hello", name="Ada"),)  # type: ignore[arg-type]  # parametrised


@pytest.mark.parametrize("role", ["developer", "system", "user", "assistant"])
def test_parts_are_joined_without_anything_between(role: str) -> None:
    parts = [{"type": "text", "text": "One"}, {"type": "text", "text": " two"}]
    assert prepare({"role": role, "content": parts})[0].content == "One two"


@given(st.lists(st.text(), min_size=1))
def test_joined_parts_are_the_same_as_one_text(texts: list[str]) -> None:
    in_parts = prepare({"role": "user", "content": [{"type": "text", "text": text} for text in texts]})
    assert in_parts == prepare({"role": "user", "content": "".join(texts)})


def test_a_tools_answer_names_its_call() -> None:
    sent = {"role": "tool", "tool_call_id": "c1", "content": [TEXT]}
    assert prepare(sent) == (Message("tool", "Hello", tool_call_id="c1"),)


def test_earlier_calls_are_handed_on_as_the_model_wrote_them() -> None:
    assert prepare({"role": "assistant", "tool_calls": [CALL]}) == (
        Message("assistant", "", tool_calls=(ToolCall("c1", "f", '{"a": 1}'),)),
    )


@pytest.mark.parametrize(
    "sent",
    [
        {"content": None, "refusal": "No."},
        {"content": "", "refusal": "No."},
        {"content": [{"type": "refusal", "refusal": "No."}]},
    ],
)
def test_an_earlier_refusal_is_what_the_model_said(sent: dict[str, object]) -> None:
    assert prepare({"role": "assistant"} | sent)[0].content == "No."


def test_what_clients_append_from_an_answer_is_accepted() -> None:
    sent = {"role": "assistant", "content": "Hi", "tool_calls": [], "refusal": None, "annotations": [], "audio": None}
    assert prepare(sent) == (Message("assistant", "Hi"),)


def test_a_conversation_keeps_its_order() -> None:
    roles = ["system", "user", "assistant", "user"]
    assert [message.role for message in prepare(*({"role": role, "content": "."} for role in roles))] == roles


@pytest.mark.parametrize(
    ("sent", "param"),
    [
        ({"role": "user", "content": [TEXT, IMAGE]}, "messages[1].content[1]"),
        ({"role": "user", "content": [AUDIO]}, "messages[1].content[0]"),
        ({"role": "user", "content": [FILE]}, "messages[1].content[0]"),
        ({"role": "assistant", "tool_calls": [CALL, CUSTOM_CALL]}, "messages[1].tool_calls[1]"),
        ({"role": "assistant", "function_call": {"name": "f", "arguments": ""}}, "messages[1].function_call"),
        ({"role": "assistant", "audio": {"id": "a"}}, "messages[1].audio"),
        ({"role": "function", "name": "f", "content": None}, "messages[1].role"),
    ],
)
def test_what_is_not_text_is_refused_with_its_place(sent: dict[str, object], param: str) -> None:
    with pytest.raises(UnsupportedParameter) as caught:
        prepare({"role": "user", "content": "Hello"}, sent)
    assert caught.value.param == param


@pytest.mark.parametrize(("part", "kind"), [(IMAGE, "image_url"), (AUDIO, "input_audio"), (FILE, "file")])
def test_a_refused_part_is_called_by_its_type(part: dict[str, object], kind: str) -> None:
    with pytest.raises(UnsupportedParameter, match=f"`{kind}`"):
        prepare({"role": "user", "content": [part]})


def test_documents_without_an_id_are_numbered_by_their_place() -> None:
    sent = ["a", chat.Document(text="b"), chat.Document(text="c", id="own", title="C")]
    assert prepare_documents(sent) == (Document("0", "a"), Document("1", "b"), Document("own", "c", title="C"))


def test_no_documents_are_none() -> None:
    assert prepare_documents(None) == prepare_documents([]) == ()
