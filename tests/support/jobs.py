"""Jobs for scripted adapters, and what came of them."""

from collections.abc import AsyncIterator, Iterable

from alive_core.adapters.events import Event, TextDelta
from alive_core.adapters.jobs import ChatJob, Job, Message
from alive_core.engines.engine import Engine


def chat_job(script: str, job_id: str = "job") -> ChatJob:
    return ChatJob(job_id, (Message("user", script),))


def text_of(events: Iterable[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def all_events(engine: Engine, job: Job) -> list[Event]:
    return [event async for event in engine.run(job)]


async def next_word(events: AsyncIterator[Event]) -> str:
    """What is said next, whatever signs come before it."""
    async for event in events:
        if isinstance(event, TextDelta):
            return event.text
    raise AssertionError("nothing was said")


async def say(engine: Engine, script: str, job_id: str = "job") -> str:
    """The text of the whole answer."""
    return text_of(await all_events(engine, chat_job(script, job_id)))
