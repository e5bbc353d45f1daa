"""A real server over a real socket whose engine is a fake: every shape of answer, no model."""

import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from alive_core.adapters.events import (
    ChoiceFinished,
    Event,
    Finished,
    FinishReason,
    Labels,
    LabelScore,
    Scores,
    TextDelta,
    TokenLogprob,
    Tokens,
    ToolCallDelta,
    TopLogprob,
    Usage,
    Vectors,
)
from alive_core.adapters.jobs import (
    ChatJob,
    ClassifyJob,
    CompleteJob,
    DetokenizeJob,
    EmbedJob,
    RerankJob,
    Sampling,
    TokenizeJob,
)
from alive_core.adapters.protocols import TASK_OF_JOB
from alive_core.constants import GIB
from alive_core.errors import Busy
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Target
from alive_core.profiles.support import CHAT, CLASSIFY, COMPLETE
from alive_core.service import Service
from alive_core.settings import Settings
from alive_core.testing.server import Served, serving

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

[profiles.rerank]
task = "rerank"
description = "Sorts documents."
targets = ["able"]

[profiles.classify]
task = "classify"
description = "Finds the label."
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
PARAMETERS: frozenset[str] = frozenset().union(
    *(rules.request.__struct_fields__ for rules in (CHAT, COMPLETE, CLASSIFY))
)
LABELS = ("good", "bad")


def reason_of(job: ChatJob) -> FinishReason:
    """It calls a tool when it must. What it says is no JSON, so where that is wanted it was cut off too early."""
    if job.tools and job.tool_choice == "required":
        return "tool_calls"
    return "length" if job.json_output else "stop"


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
            yield ChoiceFinished(reason_of(job), index=index)
        yield Finished(Usage(1, 1))

    async def close(self) -> None:
        pass


class FakeAdapter(PlainAdapter):
    """Does every task and honours every field."""

    @classmethod
    def inspect(cls, target: Target) -> Abilities:
        return Abilities(
            tasks=frozenset(TASK_OF_JOB.values()),
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

    async def rerank(self, job: RerankJob) -> AsyncIterator[Event]:
        yield Scores(0, tuple(1 / (1 + place) for place in range(len(job.documents))))
        yield Finished(Usage(len(job.documents)))

    async def classify(self, job: ClassifyJob) -> AsyncIterator[Event]:
        labels = job.labels or LABELS
        for index in range(len(job.inputs)):
            yield Labels(index, tuple(LabelScore(label, 1 / len(labels)) for label in labels))
        yield Finished(Usage(len(job.inputs)))

    async def tokenize(self, job: TokenizeJob) -> AsyncIterator[Event]:
        yield Tokens(tuple(job.text.encode()))
        yield Finished(Usage(1))

    async def detokenize(self, job: DetokenizeJob) -> AsyncIterator[Event]:
        yield TextDelta("and so on")
        yield Finished(Usage(1))


def logprobs(sampling: Sampling) -> tuple[TokenLogprob, ...]:
    """One made-up token, where log probabilities are asked for."""
    if sampling.top_logprobs is None:
        return ()
    return (TokenLogprob("a", -0.5, (97,), tuple(TopLogprob("b", -1.0) for _ in range(sampling.top_logprobs))),)


@asynccontextmanager
async def fake_server(
    folder: Path, *keys: str, settings: Settings | None = None, state: Path | None = None
) -> AsyncIterator[Served]:
    """A fake server that runs while the block does; `folder` takes its profiles."""
    (folder / "profiles.toml").write_text(PROFILES)
    service = Service("fake_server", "1.2.3", 0, {"fake": FakeAdapter, "plain": PlainAdapter}, folder)
    settings = settings or Settings(memory_budget=GIB, api_keys=keys)
    async with serving(service, settings=settings, state=state) as served:
        yield served
