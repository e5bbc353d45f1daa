"""A child process: started with one end of a socket and a pipe for its output, ended and reaped without a trace."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress

from alive_core.constants import CHILD_SETTLE_S
from alive_core.engines.child.output import OutputLog
from alive_core.errors import LoadFailed

SECRET_ENDINGS = (
    *("_API_KEY", "_API_KEYS", "_ADMIN_KEYS", "_TOKEN", "_SECRET", "_PASSWORD", "_ACCESS_KEY"),
    *("_DSN", "_OTLP_HEADERS", "_OTLP_TRACES_HEADERS"),
)


def child_environment(environment: Mapping[str, str], search_path: Sequence[str]) -> dict[str, str]:
    """The server's environment without its secrets, so that a child finds every module that the server finds."""
    kept = {name: value for name, value in environment.items() if not name.upper().endswith(SECRET_ENDINGS)}
    return kept | {"PYTHONPATH": os.pathsep.join(path for path in search_path if path)}


def exit_sentence(code: int) -> str:
    """What an exit status says about the end of a process, as the rest of a sentence about it."""
    if code >= 0:
        return f"ended by itself with exit status {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "unknown"
    hint = ", which is also what the kernel's memory killer sends" if -code == signal.SIGKILL else ""
    return f"was ended by signal {-code} ({name}{hint})"


class ChildProcess:
    """A running child in a process group of its own: Ctrl-C in the server's terminal does not reach it."""

    def __init__(self, process: Process, output: OutputLog, pipe: asyncio.ReadTransport) -> None:
        self._process = process
        self._output = output
        self._pipe = pipe

    @classmethod
    async def start(cls, module: str, arguments: Sequence[str], *, end: socket.socket, name: str) -> "ChildProcess":
        """Start `python -m module FD PARENT_PID *arguments`; `end` becomes the child's and is closed here.

        Raises LoadFailed where the system starts no more processes.
        """
        loop = asyncio.get_running_loop()
        reading, writing = os.pipe()
        output = OutputLog(name, now=loop.time)
        pipe, _ = await loop.connect_read_pipe(lambda: output, os.fdopen(reading, "rb", buffering=0))
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-X", "faulthandler", "-m", module, str(end.fileno()), str(os.getpid())),
                *arguments,
                stdin=DEVNULL,
                stdout=writing,
                stderr=writing,
                pass_fds=(end.fileno(),),
                start_new_session=True,
                env=child_environment(os.environ, sys.path),
            )
        except OSError as error:
            pipe.close()
            raise LoadFailed(f"The system started no child process for target {name!r}: {error}.") from error
        except BaseException:
            pipe.close()
            raise
        finally:
            os.close(writing)
            end.close()
        return cls(process, output, pipe)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def last_words(self) -> str:
        """The last lines it printed."""
        return "\n".join(self._output.last_words)

    def kill(self) -> None:
        """End it and whatever it started, now. Does nothing where it has ended."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def wait(self) -> int:
        """Its exit status, as soon as it has ended and is reaped."""
        return await self._process.wait()

    async def release(self) -> None:
        """After its end: read what it still printed and let go of the pipe."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CHILD_SETTLE_S):  # a process it started may hold the pipe open for ever
                await self._output.wait_ended()
        self._pipe.close()
