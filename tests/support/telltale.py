"""An adapter that logs, fails and calls others while it works, importable by name so that a child finds it."""

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator

from alive_core import Busy, ChatJob, ChoiceFinished, Event, Finished, TextDelta, Usage, trail_headers
from support.adapters import Plain

logger = logging.getLogger("telltale")

GREETING = "at work on a job"


class Telltale(Plain):
    """Says which headers a request of its own to another server would carry.

    The last message, up to its first space, says more: `fail` fails before the answer, `break` in the middle of it,
    each with the whole message as the words of a foreign exception; `linger` never ends; `die` ends the process.
    """

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        logger.info(GREETING)
        words = job.messages[-1].content
        wanted = words.partition(" ")[0]
        if wanted == "die":
            os._exit(3)
        if wanted == "fail":
            raise ValueError(words)
        yield TextDelta(json.dumps(trail_headers()))
        if wanted == "linger":
            await asyncio.Event().wait()
        if wanted == "break":
            raise ValueError(words)
        yield ChoiceFinished("stop")
        yield Finished(Usage(7, 5, cached_tokens=3))


class Unwell(Plain):
    """Has no room for anybody."""

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        raise Busy("Somebody else is at work.")
        yield  # it is a generator
