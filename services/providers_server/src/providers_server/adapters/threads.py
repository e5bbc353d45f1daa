"""How many CPU threads a model may use."""

import os
import sys

from alive_core import LoadFailed, Target


def usable_cores() -> int:
    """Cores this process may run on: fewer than the machine has where a container or `taskset` says so."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def read_threads(target: Target) -> int | None:
    """The option `threads`, the only one; None where it is absent. Raises LoadFailed for any other name or value."""
    unknown = sorted(target.options.keys() - {"threads"})
    if unknown:
        raise LoadFailed(
            f"Target {target.name!r}: unknown option {unknown[0]!r}; `{target.adapter}` knows `threads`."
        )
    threads = target.options.get("threads")
    if threads is None:
        return None
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise LoadFailed(f"Target {target.name!r}: `threads` is {threads!r}, but must be a whole number from 1 on.")
    return threads
