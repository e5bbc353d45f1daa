"""Scripts say and do what they are told."""

import math
import struct

from hypothesis import given
from hypothesis import strategies as st

from alive_core.adapters.events import ChoiceFinished, Event, Progress, ReasoningDelta, ToolCallDelta
from alive_core.adapters.jobs import ChatJob, CompleteJob, Message, Sampling
from alive_core.profiles.profile import Target
from alive_core.testing.scripted import ScriptedAdapter, Step, steps_of, vector_of, words_of
from support.jobs import chat_job, text_of


async def play(job: ChatJob | CompleteJob) -> list[Event]:
    adapter = await ScriptedAdapter.load(Target("scripted", name="actor"))
    return [event async for event in (adapter.chat(job) if isinstance(job, ChatJob) else adapter.complete(job))]


@given(st.text())
def test_words_joined_are_the_text(text: str) -> None:
    assert "".join(words_of(text)) == text


def test_directions_stand_between_texts() -> None:
    assert list(steps_of("one\ntwo\n/sleep 1\nthree")) == [
        Step("say", "one\ntwo"),
        Step("sleep", "1"),
        Step("say", "three"),
    ]


async def test_everything_an_engine_can_say_can_be_scripted() -> None:
    script = '/progress 3 10\n/think hm hm\nwell\n/call look {"at": 1}\n/call look {}'
    assert (await play(chat_job(script, "j")))[:-1] == [
        Progress("prompt", 3, 10),
        ReasoningDelta("hm"),
        ReasoningDelta(" hm"),
        *(await play(chat_job("well", "j")))[:1],
        ToolCallDelta(0, '{"at": 1}', "call_j_0_0", "look"),
        ToolCallDelta(1, "{}", "call_j_0_1", "look"),
        ChoiceFinished("tool_calls"),
    ]


async def test_choices_are_numbered_prompt_by_prompt() -> None:
    events = await play(CompleteJob("j", ("a b", (7, 8)), Sampling(n=2, max_tokens=1)))
    assert [event for event in events if isinstance(event, ChoiceFinished)] == [
        ChoiceFinished("length", index) for index in range(4)
    ]
    assert text_of(events) == "aa77"


async def test_a_conversation_without_messages_is_silent() -> None:
    assert text_of(await play(ChatJob("j", ()))) == ""
    assert text_of(await play(ChatJob("j", (Message("user"),)))) == ""


@given(st.text(max_size=20), st.integers(1, 64))
def test_vectors_have_length_one_and_depend_on_the_text_alone(text: str, dimensions: int) -> None:
    numbers = struct.unpack(f"<{dimensions}f", vector_of(text, dimensions))
    assert math.isclose(math.fsum(number**2 for number in numbers), 1.0, rel_tol=1e-5)
    assert vector_of(text, dimensions) == vector_of(text, dimensions)


def test_what_it_can_do_is_known_without_loading() -> None:
    abilities = ScriptedAdapter.inspect(Target("scripted", context=99, options={"dimensions": 4}))
    assert (abilities.context, abilities.dimensions, abilities.tools) == (99, 4, True)
