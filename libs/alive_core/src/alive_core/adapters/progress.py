"""How a load tells how far it is, without a parameter that every adapter would have to carry.

Inside `load`, take the reporter once and call it, from any thread:

    report = load_reporter()
    report(Progress("load", done=3, total=10))
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from alive_core.adapters.events import Progress

Reporter = Callable[[Progress], None]


def _nobody_listens(progress: Progress) -> None:
    """Outside a load that is watched, progress is of no interest."""


_current: ContextVar[Reporter] = ContextVar("alive_load_reporter", default=_nobody_listens)


def load_reporter() -> Reporter:
    """Who wants to know how far this load is. Take it in `load` itself; it may then be called from any thread.

    Each call proves that the load is alive; a load that stays silent and does not grow counts as hung in the end.
    """
    return _current.get()


@contextmanager
def reporting_to(reporter: Reporter) -> Iterator[None]:
    """Send the progress of loads within the block to `reporter`."""
    token = _current.set(reporter)
    try:
        yield
    finally:
        _current.reset(token)
