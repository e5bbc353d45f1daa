"""What every engine holds an adapter to, wherever it runs: only our errors come out, and events end as promised."""

import asyncio
import inspect
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import get_args

from alive_core.adapters.events import Event, Finished, Progress
from alive_core.adapters.jobs import Job
from alive_core.adapters.progress import reporting_to
from alive_core.adapters.protocols import TASK_OF_JOB, Adapter
from alive_core.errors import AliveError, EngineCrashed, LoadFailed, ModelUnavailable, OutOfMemory
from alive_core.profiles.profile import Target

logger = logging.getLogger(__name__)

EVENT_TYPES: frozenset[type] = frozenset(get_args(Event))

OnProgress = Callable[[Progress], None]


async def load_adapter(adapter: type[Adapter], target: Target, *, on_progress: OnProgress | None = None) -> Adapter:
    """Load `target`; `on_progress` is called in this loop's thread. Raises errors of the AliveError tree only."""
    loop = asyncio.get_running_loop()

    def report(progress: Progress) -> None:
        if on_progress is not None:
            loop.call_soon_threadsafe(on_progress, progress)

    with reporting_to(report), _only_our_errors(LoadFailed, "Loading this model failed", target):
        loaded = await adapter.load(target)
    if not callable(getattr(loaded, "close", None)):
        raise LoadFailed(
            f"Loading this model failed: `{adapter.__name__}.load` returned a {type(loaded).__name__}, "
            "not the loaded adapter."
        )
    return loaded


async def run_adapter(adapter: Adapter, target: Target, job: Job) -> AsyncGenerator[Event, None]:
    """The events of `job`, held to the contract: exactly one `Finished`, nothing after it, only our errors.

    Ends the adapter's iterator in every case: when it is through, when it failed, and when the reader leaves.
    """
    with _only_our_errors(EngineCrashed, "The engine of this model failed", target):
        events = _begin(adapter, job)
        try:
            finished = False
            async for event in events:
                if type(event) not in EVENT_TYPES:
                    raise EngineCrashed(
                        f"The engine of this model gave a {type(event).__name__}, no event: "
                        f"`{_method(adapter, job)}` must yield events of alive_core only, such as TextDelta."
                    )
                if finished:
                    raise EngineCrashed("The engine of this model went on after `Finished`: nothing may follow it.")
                finished = isinstance(event, Finished)
                yield event
            if not finished:
                raise EngineCrashed(
                    "The engine of this model stopped before its answer was complete: "
                    f"the last thing that `{_method(adapter, job)}` yields must be Finished."
                )
        finally:
            if isinstance(events, AsyncGenerator):
                await events.aclose()


async def close_adapter(adapter: Adapter, target: Target) -> None:
    """Close it. A close that fails is logged and no more: nobody could act on it."""
    try:
        await adapter.close()
    except Exception:
        logger.exception("The engine of target %r did not close cleanly.", target.name)


def _begin(adapter: Adapter, job: Job) -> AsyncIterator[Event]:
    task = TASK_OF_JOB[type(job)]
    kind = type(adapter).__name__
    work: Callable[[Job], AsyncIterator[Event]] | None = getattr(adapter, task, None)
    if work is None:
        raise ModelUnavailable(f"This model cannot do {task!r}: its adapter {kind} has no such method.")
    events: object = work(job)
    if isinstance(events, AsyncIterator):
        return events
    if inspect.iscoroutine(events):
        events.close()
    raise EngineCrashed(
        f"The engine of this model gave a {type(events).__name__} instead of events: "
        f"`{_method(adapter, job)}` must be `async def` and give each event with `yield`."
    )


def _method(adapter: Adapter, job: Job) -> str:
    return f"{type(adapter).__name__}.{TASK_OF_JOB[type(job)]}"


@contextmanager
def _only_our_errors(kind: type[AliveError], sentence: str, target: Target) -> Iterator[None]:
    """Log a foreign error with its traceback and raise `kind` without its words: a prompt may be in them.

    The log names the target; clients do not hear of it.
    """
    try:
        yield
    except AliveError:
        raise
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        logger.exception(
            "Target %r: %s.", target.name, sentence
        )  # nobody cancelled us: the adapter awaited something that was cancelled
        raise kind(f"{sentence}: it cancelled itself; the server's log has the details.") from error
    except MemoryError as error:
        logger.exception("Target %r: %s.", target.name, sentence)
        raise OutOfMemory(f"{sentence}: there was not enough memory.") from error
    except Exception as error:
        logger.exception("Target %r: %s.", target.name, sentence)
        raise kind(f"{sentence} with {type(error).__name__}; the server's log has the details.") from error
