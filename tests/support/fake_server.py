"""A real server over a real socket whose engine is a fake: every shape of answer, no model."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette

from alive_core.adapters.events import (
    ChoiceFinished,
    Event,
    Finished,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    TopLogprob,
    Usage,
    Vectors,
)
from alive_core.adapters.jobs import ChatJob, CompleteJob, EmbedJob, Sampling
from alive_core.cache.cache import ModelCache
from alive_core.cache.ledger import Ledger
from alive_core.constants import DEFAULT_HOST, GIB
from alive_core.engines.start import start_engine
from alive_core.errors import Busy
from alive_core.http.app import create_app
from alive_core.http.context import Context
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.load import load_profiles
from alive_core.profiles.profile import Target
from alive_core.profiles.support import CHAT, COMPLETE
from alive_core.routing.roster import build_roster
from alive_core.server import open_socket, serve_until, url_of
from alive_core.settings import Settings

PROFILES = """
[profiles.chat]
task = "chat"
description = "Talks with <you> & calls tools."
targets = ["able"]

[profiles.plain]
task = "chat"
description = "Honours nothing that is optional."
targets = ["plain"]

[profiles.forgiving]
task = "chat"
description = "The same, and forgives."
targets = ["plain"]
lenient = true

[profiles.embed]
task = "embed"
description = "Turns text into vectors."
targets = ["able"]

[profiles.away]
task = "chat"
description = "Is not installed."
targets = ["away"]

[targets.able]
adapter = "fake"
parallel = 64

[targets.plain]
adapter = "plain"
parallel = 64

[targets.away]
adapter = "plain"
path = "/nowhere/at-all"
"""
DIMENSIONS = 3
PARAMETERS = frozenset({*CHAT.request.__struct_fields__, *COMPLETE.request.__struct_fields__})


class PlainAdapter:
    """Repeats the last message. The message `fail` fails before the answer, `break` in the middle of it."""

    @classmethod
    async def load(cls, target: Target) -> "PlainAdapter":
        return cls()

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        words = job.messages[-1].content
        if words == "fail":
            raise Busy("The queue is full.", retry_after=1.0)
        for index in range(job.sampling.n):
            yield TextDelta(words, index=index, logprobs=logprobs(job.sampling))
        if words == "break":
            raise Busy("The queue is full.", retry_after=1.0)
        for index in range(job.sampling.n):
            if job.tools and job.tool_choice == "required":
                yield ToolCallDelta(0, id="call_1", name=job.tools[0].name, index=index)
                yield ToolCallDelta(0, arguments="{}", index=index)
            yield ChoiceFinished("tool_calls" if job.tools and job.tool_choice == "required" else "stop", index=index)
        yield Finished(Usage(1, 1))

    async def close(self) -> None:
        pass


class FakeAdapter(PlainAdapter):
    """Does every task and honours every field."""

    @classmethod
    def inspect(cls, target: Target) -> Abilities:
        return Abilities(
            tasks=frozenset({"chat", "complete", "embed"}),
            context=4096,
            tools=True,
            json_schema=True,
            dimensions=DIMENSIONS,
            parameters=PARAMETERS,
            fingerprint="fp_fake",
        )

    @classmethod
    async def load(cls, target: Target) -> "FakeAdapter":
        return cls()

    async def complete(self, job: CompleteJob) -> AsyncIterator[Event]:
        for index in range(len(job.prompts) * job.sampling.n):
            yield TextDelta("and so on", index=index, logprobs=logprobs(job.sampling))
            yield ChoiceFinished("length", index=index)
        yield Finished(Usage(1, 1))

    async def embed(self, job: EmbedJob) -> AsyncIterator[Event]:
        row = struct.pack(f"<{DIMENSIONS}f", *range(DIMENSIONS))
        yield Vectors(0, DIMENSIONS, row * len(job.inputs))
        yield Finished(Usage(len(job.inputs)))


def logprobs(sampling: Sampling) -> tuple[TokenLogprob, ...]:
    """One made-up token, where log probabilities are asked for."""
    if sampling.top_logprobs is None:
        return ()
    return (TokenLogprob("a", -0.5, (97,), tuple(TopLogprob("b", -1.0) for _ in range(sampling.top_logprobs))),)


@dataclass(frozen=True)
class Fake:
    """A running fake server: its address, and its insides for assertions."""

    url: str
    app: Starlette
    context: Context


@asynccontextmanager
async def fake_server(folder: Path, *keys: str) -> AsyncIterator[Fake]:
    """A fake server that runs while the block does; `folder` takes its profiles."""
    file = folder / "profiles.toml"
    file.write_text(PROFILES)
    adapters = {"fake": FakeAdapter, "plain": PlainAdapter}
    roster = build_roster(load_profiles(file, adapters), adapters, lambda _: None)
    clock = asyncio.get_running_loop().time
    settings = Settings(memory_budget=GIB, api_keys=keys)
    cache = ModelCache(
        lambda target, on_progress: start_engine(adapters[target.adapter], target, on_progress=on_progress),
        Ledger(settings.memory_budget),
        clock,
    )
    with closing(open_socket(DEFAULT_HOST, 0)) as listener:
        async with cache:
            context = Context("fake_server", "1.2.3", roster, cache, settings)
            app, drain = create_app(context), asyncio.Event()
            work = asyncio.ensure_future(serve_until(app, listener, drain))
            try:
                yield Fake(url_of(listener), app, context)
            finally:
                drain.set()
                await work
