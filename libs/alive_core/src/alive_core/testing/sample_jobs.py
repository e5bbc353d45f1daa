"""Jobs that the adapter contract sends, and what can be counted in their answers."""

from collections.abc import Iterator, Sequence

from alive_core.adapters.events import Event, Finished, Labels, ReasoningDelta, Scores, TextDelta, Usage, Vectors
from alive_core.adapters.jobs import (
    ChatJob,
    ClassifyJob,
    CompleteJob,
    EmbedJob,
    Job,
    Message,
    RerankJob,
    Sampling,
)
from alive_core.adapters.protocols import TASK_OF_JOB
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import TASKS, Task
from alive_core.utils.vectors import split_rows

MAX_TOKENS = 12  # enough to be left in the middle, few enough for a slow model
SENTENCES = ("The cat sat on the mat.", "A dog runs in the garden", "Zwölf Boxkämpfer jagen Viktor. 🐈")


def default_jobs(abilities: Abilities) -> list[Job]:
    """Two jobs or more of every task, with the sampling that the adapter says it honours."""
    sampling = sampling_for(abilities)
    makers: dict[Task, list[Job]] = {
        "chat": [ChatJob(f"chat-{number}", (Message("user", text),), sampling) for number, text in _numbered()],
        "complete": [CompleteJob(f"complete-{number}", (text,), sampling) for number, text in _numbered()],
        "embed": [EmbedJob("embed-all", SENTENCES), EmbedJob("embed-one", SENTENCES[:1])],
        "rerank": [
            RerankJob("rerank-all", "Where did the cat sit?", SENTENCES),
            RerankJob("rerank-one", "dog", SENTENCES[1:2]),
        ],
        "classify": [ClassifyJob("classify-all", SENTENCES), ClassifyJob("classify-one", SENTENCES[1:2])],
    }
    return [job for task in makers if task in abilities.tasks for job in makers[task]]


def sampling_for(abilities: Abilities) -> Sampling:
    """The most predictable sampling that the abilities allow."""
    can = abilities.parameters
    return Sampling(
        max_tokens=MAX_TOKENS if "max_tokens" in can else None,
        temperature=0.0 if "temperature" in can else None,
        seed=1 if "seed" in can else None,
    )


def jobs_without_method(adapter: type) -> list[Job]:
    """One job of each task that `adapter` has no method for."""
    everything = default_jobs(Abilities(tasks=frozenset(TASKS)))
    by_task = {TASK_OF_JOB[type(job)]: job for job in everything}
    return [job for task, job in by_task.items() if not callable(getattr(adapter, task, None))]


def choices_of(job: Job) -> int:
    """How many texts the answer has; 0 where it has none."""
    match job:
        case ChatJob():
            return job.sampling.n
        case CompleteJob():
            return len(job.prompts) * job.sampling.n
        case _:
            return 0


def inputs_of(job: Job) -> int:
    """How many inputs are answered one by one; 0 where there are none."""
    match job:
        case EmbedJob() | ClassifyJob():
            return len(job.inputs)
        case RerankJob():
            return len(job.documents)
        case _:
            return 0


def covered_by(events: Sequence[Event]) -> Iterator[int]:
    """The inputs that the events answer, as often as they do."""
    for event in events:
        match event:
            case Vectors():
                yield from range(event.start, event.start + len(split_rows(event.data, event.dimensions)))
            case Scores():
                yield from range(event.start, event.start + len(event.scores))
            case Labels():
                yield event.index


def usage_of(events: Sequence[Event]) -> Usage:
    """The counts of a complete answer."""
    end = events[-1] if events else None
    assert isinstance(end, Finished), f"the answer does not end with Finished: {events}"
    return end.usage


def usage_mistakes(job: Job, events: Sequence[Event]) -> list[str]:
    """What is wrong with the counts of a complete answer, a sentence each."""
    usage = usage_of(events)
    limit = job.sampling.max_tokens if isinstance(job, ChatJob | CompleteJob) else None
    said = any(isinstance(event, TextDelta | ReasoningDelta) and event.text for event in events)
    rules = {
        "the prompt has no tokens": usage.prompt_tokens > 0,
        "more tokens were cached than read": 0 <= usage.cached_tokens <= usage.prompt_tokens,
        "more tokens are reasoning than answer": 0 <= usage.reasoning_tokens <= usage.completion_tokens,
        "the answer has text and no tokens": not said or usage.completion_tokens > 0,
        "the answer has tokens, but the task has none": choices_of(job) > 0 or usage.completion_tokens == 0,
        "the answer is longer than max_tokens": limit is None or usage.completion_tokens <= limit * choices_of(job),
    }
    return [f"{sentence}: {usage}" for sentence, holds in rules.items() if not holds]


def _numbered() -> Iterator[tuple[int, str]]:
    return enumerate(SENTENCES, start=1)
