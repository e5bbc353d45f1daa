"""The contract between the core and an engine: plain classes that have these methods. No base class, no registry.

A class offers a task by having the method of that name. Which classes exist is a dict of names, written in each
service's `main.py`. The same class runs inline or in a child process; see `alive_core.engines`.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Protocol, Self, runtime_checkable

from alive_core.adapters.events import Event
from alive_core.adapters.jobs import (
    ChatJob,
    ClassifyJob,
    CompleteJob,
    DetokenizeJob,
    EmbedJob,
    Job,
    RerankJob,
    TokenizeJob,
)
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Target
from alive_core.schemas.models import Skill

TASK_OF_JOB: Mapping[type[Job], Skill] = {
    ChatJob: "chat",
    CompleteJob: "complete",
    EmbedJob: "embed",
    RerankJob: "rerank",
    ClassifyJob: "classify",
    TokenizeJob: "tokenize",
    DetokenizeJob: "detokenize",
}
"""The task of each job, which is also the name of the method that works on it."""


class Adapter(Protocol):
    """One loaded model. Every method but `load` may be called only between `load` and `close`."""

    @classmethod
    async def load(cls, target: Target) -> Self:
        """Load the model of `target` and return it ready to work. Heavy imports belong here, not at module level.

        A long load reports its progress (`adapters.progress.load_reporter`) and runs its blocking part in a thread.
        Raises LoadFailed where the file is missing, corrupt or not understood. When it raises, nothing stays behind.
        """
        ...

    async def close(self) -> None:
        """Free everything. May be called twice; ends jobs that are still running."""
        ...


@runtime_checkable
class ChatAdapter(Protocol):
    """Continues conversations."""

    def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        """Work on `job` until exactly one `Finished`. May run up to `target.parallel` times at once.

        Closing the iterator cancels the work at once; a generator within it needs `aclosing` to hear of that. Long
        work without an answer event gives `Progress`, its only sign of life. Raises errors of our tree only.
        """
        ...


@runtime_checkable
class CompleteAdapter(Protocol):
    """Continues raw text."""

    def complete(self, job: CompleteJob) -> AsyncIterator[Event]:
        """As `ChatAdapter.chat`; choices are numbered prompt by prompt, `n` for each."""
        ...


@runtime_checkable
class EmbedAdapter(Protocol):
    """Turns text into vectors."""

    def embed(self, job: EmbedJob) -> AsyncIterator[Event]:
        """As `ChatAdapter.chat`, with `Vectors` that cover every input once."""
        ...


@runtime_checkable
class RerankAdapter(Protocol):
    """Scores documents against a query."""

    def rerank(self, job: RerankJob) -> AsyncIterator[Event]:
        """As `ChatAdapter.chat`, with `Scores` that cover every document once."""
        ...


@runtime_checkable
class ClassifyAdapter(Protocol):
    """Tells which labels fit a text."""

    def classify(self, job: ClassifyJob) -> AsyncIterator[Event]:
        """As `ChatAdapter.chat`, with one `Labels` for each input."""
        ...


@runtime_checkable
class TokenizeAdapter(Protocol):
    """Shows its tokens. Offered beside another task, never alone."""

    def tokenize(self, job: TokenizeJob) -> AsyncIterator[Event]:
        """As `ChatAdapter.chat`, with one `Tokens`."""
        ...

    def detokenize(self, job: DetokenizeJob) -> AsyncIterator[Event]:
        """As `ChatAdapter.chat`, with the text as `TextDelta`. Raises InvalidRequest for a token that is none."""
        ...


@runtime_checkable
class InspectingAdapter(Protocol):
    """Can tell what a target is able to do without loading it."""

    @classmethod
    def inspect(cls, target: Target) -> Abilities:
        """Look at the model's headers and return what it can do. Fast: no weights, no heavy imports.

        Raises LoadFailed where the file is not what it should be.
        """
        ...


def abilities_of(adapter: type[Adapter], target: Target) -> Abilities:
    """What `target` can do: the adapter's own word where it gives one, else the tasks it has methods for."""
    if isinstance(adapter, InspectingAdapter):
        return adapter.inspect(target)
    offered = frozenset(task for task in TASK_OF_JOB.values() if callable(getattr(adapter, task, None)))
    return Abilities(tasks=offered, context=target.context)
