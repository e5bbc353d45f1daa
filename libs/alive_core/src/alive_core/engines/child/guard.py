"""What a child does first: tie its life to the server's. What only Linux can do stands here."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from alive_core.constants import CHILD_OOM_SCORE

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def bind_to_parent(parent: int) -> None:
    """Live no longer than process `parent`, leave signals to it, and be the first to go when memory ends.

    Linux: the kernel kills this process when the thread that started it ends, even while a native call blocks.
    Elsewhere the end of the socket has to do. Ctrl-C and SIGTERM may reach every process of a service; the server
    drains first and ends its children itself.
    """
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    if sys.platform == "linux":
        _die_with_parent()
        with suppress(OSError):  # a container may forbid it; then all processes are alike
            Path("/proc/self/oom_score_adj").write_text(str(CHILD_OOM_SCORE), encoding="ascii")
    if os.getppid() != parent:  # it ended before the kernel was told
        os._exit(os.EX_OK)


def _die_with_parent() -> None:
    import ctypes  # only here: other systems need not pay for it

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
