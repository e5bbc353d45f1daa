"""Where an adapter runs. The cache and everything above it know only this."""

from collections.abc import AsyncGenerator
from typing import Protocol

from alive_core.adapters.events import Event
from alive_core.adapters.jobs import Job


class Engine(Protocol):
    """A loaded model that takes jobs. Made by `start_engine`, ended by `close`."""

    @property
    def is_alive(self) -> bool:
        """Whether it can take another job. Once false, it stays false."""
        ...

    def run(self, job: Job) -> AsyncGenerator[Event, None]:
        """Work on `job` until exactly one `Finished`.

        Closing the generator cancels the work and returns only when the engine has let go of it. Raises errors of
        the AliveError tree only: EngineCrashed where the engine ended under the job or made no progress for too long.
        """
        ...

    async def wait_ended(self) -> None:
        """Return when the engine is no longer alive, for whatever reason."""
        ...

    def memory_bytes(self) -> int | None:
        """Memory that would come back if it were closed; `None` where that cannot be told apart from ours."""
        ...

    def gpu_bytes(self) -> int | None:
        """GPU memory that would come back, likewise; asked only where there is a GPU."""
        ...

    async def close(self) -> None:
        """End it and free everything. May be called twice; jobs still running end with EngineCrashed."""
        ...
