"""Noise that hides how long the pieces of a stream are."""

import json

from hypothesis import given
from hypothesis import strategies as st

from alive_core.adapters import events
from alive_core.constants import OBFUSCATION_STEP_BYTES
from alive_core.schemas.common import encode
from alive_core.schemas.errors import ErrorBody, ErrorDetail
from alive_core.schemas.response_events import ArgumentsDelta
from alive_core.shape.chat import ChatChunks
from alive_core.shape.obfuscation import padded
from alive_core.shape.shape import Head


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_padded_delta_has_a_size_that_tells_nothing(text: str) -> None:
    for chunk in ChatChunks(Head("chatcmpl-1", 1, "chat"), include_usage=False).of(events.TextDelta(text)):
        sent = json.loads(encode(padded(chunk)))
        assert len(encode(padded(chunk))) % OBFUSCATION_STEP_BYTES == 0
        assert len(sent.pop("obfuscation")) < OBFUSCATION_STEP_BYTES
        assert sent == json.loads(encode(chunk))


def test_noise_is_never_the_same_twice() -> None:
    delta = ArgumentsDelta(sequence_number=1, item_id="fc_1", output_index=0, delta="{}")
    assert padded(delta) != padded(delta)


def test_what_is_no_delta_stays_as_it_is() -> None:
    error = ErrorBody(error=ErrorDetail(message="m", type="t"))
    assert padded(error) is error
