"""Every engine keeps the contract, wherever its adapter runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from alive_core.adapters.events import ChoiceFinished, Finished, Progress, PromptRead, TextDelta, Usage, Vectors
from alive_core.adapters.jobs import ChatJob, EmbedJob, Message, Sampling
from alive_core.engines.engine import Engine
from alive_core.engines.start import start_engine
from alive_core.errors import EngineCrashed, InvalidRequest, LoadFailed, ModelUnavailable, RateLimited
from alive_core.profiles.profile import EnginePlace, Target
from alive_core.testing.scripted import ScriptedAdapter, vector_of
from support.adapters import Grudging, Liar, SelfCancelled, Stubborn
from support.jobs import all_events, chat_job, next_word, say, text_of

StartEngine = Callable[..., Awaitable[Engine]]
WITHIN_S = 5.0


async def test_an_answer_is_its_events_in_order_and_one_finished(start: StartEngine) -> None:
    engine = await start()
    assert await all_events(engine, chat_job("hello there")) == [
        PromptRead(2),
        TextDelta("hello", tokens=1),
        TextDelta(" there", tokens=1),
        ChoiceFinished("stop"),
        Finished(Usage(prompt_tokens=2, completion_tokens=2)),
    ]


async def test_a_job_arrives_as_it_was_sent(start: StartEngine) -> None:
    engine = await start()
    job = ChatJob("a", (Message("system", "x"), Message("user", "one two three")), Sampling(max_tokens=2, n=2))
    events = await all_events(engine, job)
    assert text_of(events) == "oneone two two"  # the choices speak in turns
    assert [event for event in events if isinstance(event, ChoiceFinished)] == [
        ChoiceFinished("length", 0),
        ChoiceFinished("length", 1),
    ]


async def test_vectors_cross_unchanged_however_big(start: StartEngine) -> None:
    engine = await start()
    dimensions = 200_000
    *vectors, _ = await all_events(engine, EmbedJob("a", ("red", "blue", (1, 2)), dimensions))
    assert vectors == [
        Vectors(number, dimensions, vector_of(text, dimensions)) for number, text in enumerate(("red", "blue", "1 2"))
    ]


async def test_many_jobs_at_once_do_not_mix(start: StartEngine) -> None:
    engine = await start()
    names = [f"job{number}" for number in range(30)]
    answers = await asyncio.gather(*(say(engine, f"/repeat 100 {name}.", name) for name in names))
    assert answers == [f"{name}." * 100 for name in names]


async def test_two_jobs_of_one_id_do_not_mix(start: StartEngine) -> None:
    engine = await start()
    first, second = await asyncio.gather(say(engine, "/repeat 50 a"), say(engine, "/repeat 50 b"))
    assert (first, second) == ("a" * 50, "b" * 50)


async def test_a_reader_that_leaves_stops_the_work(start: StartEngine, journal: Path) -> None:
    engine = await start()
    async with aclosing(engine.run(chat_job("begun\n/wait", "left"))) as events:
        assert await next_word(events) == "begun"
    assert "leave left" in journal.read_text().splitlines()
    assert await say(engine, "next") == "next"


async def test_a_reader_that_is_cancelled_stops_the_work(start: StartEngine, journal: Path) -> None:
    engine = await start()
    begun = asyncio.Event()

    async def read() -> None:
        async with aclosing(engine.run(chat_job("begun\n/wait", "left"))) as events:
            async for _ in events:
                begun.set()

    reader = asyncio.ensure_future(read())
    await begun.wait()
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert "leave left" in journal.read_text().splitlines()


async def test_a_job_that_was_left_before_it_began_leaves_nothing(start: StartEngine) -> None:
    engine = await start()
    reader = asyncio.ensure_future(say(engine, "/wait"))
    await asyncio.sleep(0)  # so that the job is on its way
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert await say(engine, "next") == "next"


async def test_an_adapter_that_ignores_the_cancel_does_not_keep_the_reader(start: StartEngine) -> None:
    engine = await start(Stubborn)
    begun = asyncio.Event()

    async def read() -> None:
        async for _ in engine.run(chat_job("")):
            begun.set()

    async with asyncio.timeout(WITHIN_S):
        reader = asyncio.ensure_future(read())
        await begun.wait()
        reader.cancel()
        await asyncio.wait({reader})
    assert engine.is_alive


async def test_our_errors_arrive_with_everything_they_carry(start: StartEngine) -> None:
    engine = await start()
    script = '/fail {"kind": "RateLimited", "message": "Slow.", "param": "messages", "retry_after": 2.5}'
    with pytest.raises(RateLimited) as caught:
        await say(engine, f"begun\n{script}")
    assert (caught.value.message, caught.value.param, caught.value.retry_after) == ("Slow.", "messages", 2.5)


async def test_a_foreign_error_is_ours_without_its_words_and_the_engine_goes_on(
    start: StartEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    engine = await start()
    with pytest.raises(EngineCrashed) as caught:
        await say(engine, "/raise a secret prompt")
    assert "'actor'" in caught.value.message
    assert "RuntimeError" in caught.value.message
    assert "secret" not in caught.value.message
    assert await say(engine, "still here") == "still here"
    await engine.close()
    assert "a secret prompt" in caplog.text


@pytest.mark.parametrize(
    ("script", "complaint"),
    [("a\n/end", "before its answer was complete"), ("a\n/encore", "went on after `Finished`")],
)
async def test_a_wrong_end_is_noticed(start: StartEngine, script: str, complaint: str) -> None:
    engine = await start()
    with pytest.raises(EngineCrashed, match=complaint):
        await say(engine, script)


async def test_what_is_no_event_is_noticed(start: StartEngine) -> None:
    engine = await start(Liar)
    with pytest.raises(EngineCrashed, match="str"):
        await say(engine, "")


async def test_an_adapter_that_cancels_itself_is_noticed(start: StartEngine) -> None:
    engine = await start(SelfCancelled)
    with pytest.raises(EngineCrashed, match="cancelled itself"):
        await say(engine, "")


async def test_a_task_without_a_method_is_refused(start: StartEngine) -> None:
    engine = await start(Liar)
    with pytest.raises(ModelUnavailable, match=r"'embed'.*Liar"):
        await all_events(engine, EmbedJob("a", ("text",)))


async def test_a_load_tells_how_far_it_is(place: EnginePlace) -> None:
    heard: list[Progress] = []
    target = Target("scripted", name="actor", engine=place, options={"load_steps": 3})
    engine = await start_engine(ScriptedAdapter, target, on_progress=heard.append)
    assert heard == [Progress("load", done, 3) for done in (1, 2, 3)]
    await engine.close()


@pytest.mark.parametrize(("outcome", "words"), [("fail", "The script says so"), ("raise", "RuntimeError")])
async def test_a_load_that_fails_says_why(start: StartEngine, outcome: str, words: str) -> None:
    with pytest.raises(LoadFailed, match=words):
        await start(load=outcome)


async def test_wrong_options_fail_the_load(start: StartEngine) -> None:
    with pytest.raises(LoadFailed, match="colour"):
        await start(colour="red")


async def test_closing_twice_is_fine_and_ends_for_good(start: StartEngine, journal: Path) -> None:
    engine = await start()
    assert engine.is_alive
    await engine.close()
    await engine.close()
    assert not engine.is_alive
    await asyncio.wait_for(engine.wait_ended(), WITHIN_S)
    assert journal.read_text().splitlines() == ["load", "close"]
    with pytest.raises(EngineCrashed, match="closed"):
        await say(engine, "hello")


async def test_closing_ends_the_jobs_that_run(start: StartEngine) -> None:
    engine = await start()
    events = engine.run(chat_job("begun\n/wait"))
    await next_word(events)
    _, ended = await asyncio.gather(engine.close(), anext(events), return_exceptions=True)
    assert isinstance(ended, EngineCrashed)


async def test_a_close_that_fails_is_logged_and_no_more(start: StartEngine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    engine = await start(Grudging)
    await engine.close()
    assert "did not close cleanly" in caplog.text


async def test_an_unknown_direction_is_the_callers_mistake(start: StartEngine) -> None:
    engine = await start()
    with pytest.raises(InvalidRequest, match="/dance"):
        await say(engine, "/dance")
