"""What is wrong with an adapter class, seen by looking at it: mistakes are told at start, with what to do."""

import inspect
from collections.abc import Iterator

from alive_core.adapters.protocols import TASK_OF_JOB
from alive_core.profiles.profile import TASKS

_LOAD = "`@classmethod` and `async def load(cls, target)`, which returns the loaded adapter"
_CLOSE = "`async def close(self)`, which frees everything"


def mistakes_in(adapter: type) -> list[str]:
    """One sentence for each mistake. What its methods do shows only when they run."""
    return [*_method_mistakes(adapter), *_task_mistakes(adapter)]


def _method_mistakes(adapter: type) -> Iterator[str]:
    name = adapter.__name__
    for method, shape in (("load", _LOAD), ("close", _CLOSE)):
        found = getattr(adapter, method, None)
        if found is None:
            yield f"{name} has no method `{method}`: write {shape}."
        elif not inspect.iscoroutinefunction(found) or (method == "load") is not inspect.ismethod(found):
            yield f"`{name}.{method}` is not what it should be: write {shape}."


def _task_mistakes(adapter: type) -> Iterator[str]:
    name = adapter.__name__
    methods = {
        task: getattr(adapter, task) for task in TASK_OF_JOB.values() if callable(getattr(adapter, task, None))
    }
    if not methods.keys() & set(TASKS):
        yield f"{name} can do nothing: write one of the methods {', '.join(TASKS)}, which gives events."
    for task, method in methods.items():
        if inspect.isgeneratorfunction(method):
            yield f"`{name}.{task}` is a plain generator: write `async def {task}(self, job)`."
        elif inspect.iscoroutinefunction(method):
            yield f"`{name}.{task}` has no `yield`: give each event with `yield`, and `Finished` as the last one."
