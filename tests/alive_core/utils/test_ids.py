"""Identifiers: a prefix for each kind, never twice the same, and what a client may choose."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.utils.ids import (
    chat_completion_id,
    classification_id,
    completion_id,
    conversation_id,
    embedding_id,
    function_call_item_id,
    function_output_item_id,
    is_request_id,
    message_item_id,
    reasoning_item_id,
    request_id,
    rerank_id,
    response_id,
    tokens_id,
    tool_call_id,
)

LIMIT = 128


PREFIXES: dict[Callable[[], str], str] = {
    chat_completion_id: "chatcmpl-",
    classification_id: "classify-",
    completion_id: "cmpl-",
    conversation_id: "conv_",
    embedding_id: "embd-",
    function_call_item_id: "fc_",
    function_output_item_id: "fco_",
    message_item_id: "msg_",
    reasoning_item_id: "rs_",
    request_id: "req_",
    rerank_id: "rerank-",
    response_id: "resp_",
    tokens_id: "tok-",
    tool_call_id: "call_",
}


@pytest.mark.parametrize(("make", "prefix"), PREFIXES.items())
def test_ids_say_what_they_name_and_never_repeat(make: Callable[[], str], prefix: str) -> None:
    made = {make() for _ in range(100)}
    assert len(made) == 100
    assert all(one.startswith(prefix) and len(one) > len(prefix) + 20 for one in made)


def test_no_two_kinds_of_ids_can_be_taken_for_each_other() -> None:
    for make, prefix in PREFIXES.items():
        assert [one for one in PREFIXES.values() if make().startswith(one)] == [prefix]


def test_own_request_ids_are_acceptable_ones() -> None:
    assert is_request_id(request_id(), max_chars=LIMIT)


@pytest.mark.parametrize(
    "text", ["a", "4bf92f3577b34da6a3ce929d0e0e4736", "trace:1/span=2+3@host_a.b-c", "x" * LIMIT]
)
def test_customary_request_ids_are_kept(text: str) -> None:
    assert is_request_id(text, max_chars=LIMIT)


@pytest.mark.parametrize(
    "text", ["", "a b", "a\n", "a\r\nSet-Cookie: x", 'a"b', "é", "\u0660", "{}", "x" * (LIMIT + 1)]
)
def test_request_ids_that_could_break_a_log_or_header_are_refused(text: str) -> None:
    assert not is_request_id(text, max_chars=LIMIT)


@given(st.text(max_size=8))
def test_what_is_accepted_is_printable_ascii_without_spaces(text: str) -> None:
    if is_request_id(text, max_chars=LIMIT):
        assert text.isascii() and text.isprintable() and " " not in text
