"""Frames survive the wire, however it cuts them."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.adapters import events
from alive_core.adapters.events import Finished, Progress, TextDelta, TokenLogprob, Usage, Vectors
from alive_core.adapters.jobs import ChatJob, CompleteJob, EmbedJob, Message, Sampling, Tool
from alive_core.constants import FRAME_HEADER_BYTES
from alive_core.engines.child import frames
from alive_core.engines.child.frames import (
    Cancel,
    Close,
    Emitted,
    Ended,
    Failed,
    FrameSplitter,
    FrameTooLarge,
    FromChild,
    Hello,
    Load,
    Loaded,
    Loading,
    More,
    Run,
    ToChild,
    encode_frame,
    wire_version,
)
from alive_core.errors import AliveError, RateLimited
from alive_core.profiles.profile import Target

TO_CHILD = (
    Load(Target("scripted", name="actor", options={"a": 1, "b": 2.5, "c": "text", "d": True})),
    Run(1, ChatJob("a", (Message("user", "hé"),), Sampling(stop=("x",), logit_bias={5: -1.0}), (Tool("f"),))),
    Run(2, CompleteJob("b", ("text", (1, 2)))),
    Run(3, EmbedJob("c", ("text", (1, 2)), 8)),
    More(1, 1000),
    Cancel(1),
    Close(),
)
FROM_CHILD = (
    Hello("version", "module:Class"),
    Loading(Progress("load", 1, 2)),
    Loaded(),
    Emitted(1, TextDelta("hé", 1, (TokenLogprob("h", -0.5, (104,)),))),
    Emitted(2, Vectors(0, 1, b"\x00\x00\x80\x3f")),
    Emitted(3, Finished(Usage(1, 2, 3, 4))),
    Ended(1),
    Failed(2, "RateLimited", "Slow.", "messages", 1.5),
    Failed(None, "LoadFailed", "No."),
)


def bodies_of(parts: list[bytes], *, limit: int = 1000) -> list[bytes]:
    splitter = FrameSplitter(limit=limit)
    return [body for part in parts for body in splitter.feed(part)]


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(FRAME_HEADER_BYTES, "little") + body


def test_every_frame_crosses_unchanged() -> None:
    for frame in TO_CHILD:
        (body,) = bodies_of([bytes(encode_frame(frame))])
        assert msgspec.msgpack.decode(body, type=ToChild) == frame
    for answer in FROM_CHILD:
        (body,) = bodies_of([bytes(encode_frame(answer))])
        assert msgspec.msgpack.decode(body, type=FromChild) == answer


@given(st.lists(st.binary(max_size=50), max_size=8), st.lists(st.integers(0, 500), max_size=12))
def test_bodies_are_the_same_for_every_way_the_stream_is_cut(bodies: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(framed(body) for body in bodies)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    assert bodies_of([stream[start:end] for start, end in pairwise(edges)]) == bodies


def test_a_stream_may_come_byte_by_byte() -> None:
    stream = b"".join(bytes(encode_frame(frame)) for frame in FROM_CHILD)
    bodies = bodies_of([stream[at : at + 1] for at in range(len(stream))])
    assert tuple(msgspec.msgpack.decode(body, type=FromChild) for body in bodies) == FROM_CHILD


def test_a_frame_at_the_limit_passes_and_one_byte_more_is_refused_by_its_length_alone() -> None:
    assert bodies_of([framed(b"x" * 10)], limit=10) == [b"x" * 10]
    with pytest.raises(FrameTooLarge, match="11 bytes"):
        bodies_of([framed(b"x" * 11)[:FRAME_HEADER_BYTES]], limit=10)


def test_a_frame_over_the_limit_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "FRAME_LIMIT_BYTES", 100)
    with pytest.raises(FrameTooLarge):
        encode_frame(Emitted(1, TextDelta("x" * 100)))


def test_a_number_over_64_bits_has_no_form() -> None:
    with pytest.raises(ValueError, match="64"):
        encode_frame(Run(1, ChatJob("a", (), tools=(Tool("f", parameters={"maximum": 2**64}),))))


def test_errors_keep_their_kind_and_words() -> None:
    error = Failed.of(1, RateLimited("Slow.", param="model", retry_after=2.0)).error()
    assert type(error) is RateLimited
    assert (error.message, str(error), error.param, error.retry_after) == ("Slow.", "Slow.", "model", 2.0)


def test_an_error_of_an_unknown_kind_is_still_ours() -> None:
    error = Failed(1, "NeverHeardOf", "Words.").error()
    assert type(error) is AliveError
    assert error.message == "Words."


def test_an_error_that_is_made_differently_arrives_all_the_same() -> None:
    class Particular(AliveError):
        def __init__(self) -> None:
            super().__init__("always the same")

    assert Failed.of(1, Particular()).error().message == "always the same"


def test_the_version_is_stable_and_changes_with_any_struct(monkeypatch: pytest.MonkeyPatch) -> None:
    before = wire_version()
    assert wire_version() == before
    monkeypatch.setattr(events, "Usage", msgspec.defstruct("Usage", [("prompt_tokens", int), ("new", int)]))
    assert wire_version() != before
