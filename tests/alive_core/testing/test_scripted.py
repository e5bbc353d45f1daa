"""Scripts say and do what they are told."""

import pytest

from alive_core.adapters.events import (
    ChoiceFinished,
    Event,
    Finished,
    Progress,
    PromptRead,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
    Vectors,
)
from alive_core.adapters.jobs import ChatJob, CompleteJob, EmbedJob, Job, Message, Sampling
from alive_core.errors import Busy, ContextLengthExceeded, InvalidRequest, LoadFailed
from alive_core.profiles.profile import Target
from alive_core.testing import scripted
from alive_core.testing.script import floats_to_bytes
from alive_core.testing.scripted import ScriptedAdapter
from support.jobs import chat_job, text_of


async def play(job: Job, adapter: ScriptedAdapter | None = None) -> list[Event]:
    actor = adapter or await ScriptedAdapter.load(Target("scripted", name="actor"))
    match job:
        case ChatJob():
            events = actor.chat(job)
        case CompleteJob():
            events = actor.complete(job)
        case _:
            events = actor.embed(job)
    return [event async for event in events]


def chat(script: str, sampling: Sampling) -> ChatJob:
    return ChatJob("j", (Message("user", script),), sampling)


async def test_everything_an_engine_can_say_can_be_scripted() -> None:
    script = '/progress 3 10\n/think hm hm\nwell\n/call look {"at": 1}\n/call look {}\n/repeat 2 x'
    assert await play(chat_job(script, "j")) == [
        PromptRead(17),
        Progress("prompt", 3, 10),
        ReasoningDelta("hm", tokens=1),
        ReasoningDelta(" hm", tokens=1),
        TextDelta("well", tokens=1),
        ToolCallDelta(0, "", "call_j_0_0", "look", tokens=1),
        ToolCallDelta(0, '{"at":', tokens=1),
        ToolCallDelta(0, " 1}", tokens=1),
        ToolCallDelta(1, "", "call_j_0_1", "look", tokens=1),
        ToolCallDelta(1, "{}", tokens=1),
        TextDelta("x", tokens=1),
        TextDelta("x", tokens=1),
        ChoiceFinished("tool_calls"),
        Finished(Usage(17, 10, reasoning_tokens=2)),
    ]


async def test_choices_are_numbered_prompt_by_prompt() -> None:
    events = await play(CompleteJob("j", ("a b", (7, 8)), Sampling(n=2, max_tokens=1)))
    assert [event for event in events if isinstance(event, ChoiceFinished)] == [
        ChoiceFinished("length", index) for index in range(4)
    ]
    assert text_of(events) == "aa77"


async def test_choices_speak_in_turns_and_each_says_its_own_part() -> None:
    script = "a b\n/choice 1\n c\n/choice all\nd"
    events = await play(chat(script, Sampling(n=2)))
    said = [(event.index, event.text) for event in events if isinstance(event, TextDelta)]
    assert said[:4] == [(0, "a"), (1, "a"), (0, " b"), (1, " b")]
    assert "".join(text for index, text in said if index == 0) == "a bd"
    assert "".join(text for index, text in said if index == 1) == "a b cd"


async def test_a_conversation_without_messages_is_silent() -> None:
    assert text_of(await play(ChatJob("j", ()))) == ""
    assert text_of(await play(ChatJob("j", (Message("user"),)))) == ""


async def test_a_stop_sequence_ends_the_choice_and_never_shows() -> None:
    events = await play(chat("one two three", Sampling(stop=("o th",))))
    assert text_of(events) == "one tw"
    assert events[-2] == ChoiceFinished("stop")


async def test_what_only_began_like_a_stop_sequence_is_said_in_the_end() -> None:
    for sampling in (Sampling(stop=("e!",)), Sampling(stop=("o !",), max_tokens=2)):
        events = await play(chat("one two", sampling))
        assert text_of(events) == "one two"
    assert text_of(await play(chat("o\n/call look {}", Sampling(stop=("o!",))))) == "o"


async def test_every_word_has_its_log_probability_where_they_are_asked_for() -> None:
    (_, word, *_) = await play(chat("one", Sampling(top_logprobs=2)))
    assert isinstance(word, TextDelta)
    (token,) = word.logprobs
    assert (token.token, token.token_bytes) == ("one", tuple(b"one"))
    assert [top.token for top in token.top] == ["one", "one~1"]
    assert token.top[0].logprob == token.logprob > token.top[1].logprob


async def test_a_failure_that_is_counted_passes_in_between() -> None:
    actor = await ScriptedAdapter.load(Target("scripted", name="actor"))
    job = chat_job('/fail {"kind": "queue_full", "times": 2}\nwell')
    for _ in range(2):
        for _ in range(2):
            with pytest.raises(Busy, match="The script says so"):
                await play(job, actor)
        assert text_of(await play(job, actor)) == "well"


async def test_plays_are_counted_for_so_many_scripts_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripted, "PLAYS_REMEMBERED", 1)
    actor = await ScriptedAdapter.load(Target("scripted", name="actor"))
    job = chat_job('/fail {"kind": "queue_full", "times": 1}')
    for _ in range(2):
        with pytest.raises(Busy):
            await play(job, actor)
        await play(chat_job("something else"), actor)


@pytest.mark.parametrize(
    "script",
    ["/dance", "/sleep long", "/repeat 100001 x", "/repeat x", "/progress 1", '/fail {"kind": "Nobody"}', "/fail x"],
)
async def test_a_direction_that_makes_no_sense_is_the_clients_mistake(script: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        await play(chat_job(script))
    assert script.split()[0] in refusal.value.message
    assert refusal.value.param == "messages"


@pytest.mark.parametrize("script", ["/exit 1", "/kill 9", "/block 1", "/print x"])
async def test_a_guarded_target_refuses_what_would_hurt_others(script: str) -> None:
    actor = await ScriptedAdapter.load(Target("scripted", options={"guarded": True}))
    for job in (chat_job(f"well\n{script}"), CompleteJob("j", (script,)), EmbedJob("j", (script,))):
        with pytest.raises(InvalidRequest, match="hurt the whole server"):
            await play(job, actor)


async def test_what_does_not_fit_the_context_is_refused_with_both_numbers() -> None:
    actor = await ScriptedAdapter.load(Target("scripted", context=4))
    assert text_of(await play(chat("a b", Sampling(max_tokens=2)), actor)) == "a b"
    assert (
        text_of(await play(chat("a b", Sampling(max_tokens=3)), actor)) == "a b"
    )  # a ceiling, which nobody asked for
    with pytest.raises(ContextLengthExceeded, match=r"window is 4 tokens.* has 2.* 3 more"):
        await play(chat("a b", Sampling(max_tokens=3, asked_tokens=3)), actor)
    with pytest.raises(ContextLengthExceeded, match=r"window is 4 tokens.* has 5"):
        await play(EmbedJob("j", ("a b c d e",)), actor)


async def test_vectors_are_made_from_the_text_or_given_by_it() -> None:
    first, same, given, _ = await play(EmbedJob("j", ("a", "a", "/vector 0.5 -2"), dimensions=3))
    assert isinstance(first, Vectors)
    assert isinstance(same, Vectors)
    assert first.data == same.data
    assert first.dimensions == 3
    assert given == Vectors(2, 2, floats_to_bytes([0.5, -2.0]))
    with pytest.raises(InvalidRequest, match="/vector takes numbers"):
        await play(EmbedJob("j", ("/vector a",)))


def test_what_it_can_do_is_known_without_loading() -> None:
    abilities = ScriptedAdapter.inspect(Target("scripted", context=99, options={"dimensions": 4}))
    assert (abilities.context, abilities.dimensions, abilities.tools) == (99, 4, True)
    plain = ScriptedAdapter.inspect(Target("scripted", options={"parameters": "none"}))
    assert (plain.tools, plain.json_schema, plain.parameters) == (False, False, frozenset())


def test_wrong_options_are_named() -> None:
    with pytest.raises(LoadFailed, match=r"'actor'.*`colour`"):
        ScriptedAdapter.inspect(Target("scripted", name="actor", options={"colour": "red"}))
