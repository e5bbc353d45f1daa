"""Which servers of this user run: one small file each, `run/<service>-<port>.json` in the state directory."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from alive_core.operations.processes import identity


class RunFile(msgspec.Struct, frozen=True):
    """One running server. `identity` says which process `pid` was, so that a reused pid is not mistaken for it."""

    service: str
    version: str
    host: str
    port: int
    pid: int
    identity: str
    started: float
    """When it became ready, Unix seconds."""
    log: str
    """Where its log lines go."""
    models: tuple[str, ...] = ()
    """Entries of the catalogue that it serves, loaded or not."""

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"{self.service}-{self.port}"

    @property
    def is_running(self) -> bool:
        """Whether this very process still exists."""
        return identity(self.pid) == self.identity

    def ask_to_end(self) -> bool:
        """Send SIGTERM, after making sure that the pid is still this server. Returns whether it was there."""
        if not self.is_running:
            return False
        try:
            os.kill(self.pid, signal.SIGTERM)
        except ProcessLookupError:
            return False  # it ended since we looked
        return True


def run_folder(state: Path) -> Path:
    """Where run files lie in the state directory."""
    return state / "run"


def log_file(state: Path, service: str, port: int) -> Path:
    """Where a server's log lies in the state directory."""
    return state / "logs" / f"{service}-{port}.log"


@contextmanager
def written(folder: Path, run: RunFile) -> Iterator[None]:
    """The run file is there while the block runs. It is written whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{run.name}.json"
    draft = file.with_suffix(f".{run.pid}.tmp")
    draft.write_bytes(msgspec.json.encode(run))
    draft.replace(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def running_servers(folder: Path) -> Iterator[RunFile]:
    """Every server that runs, by name. Files of servers that are gone, or that cannot be read, are removed."""
    for file in sorted(folder.glob("*.json")):
        try:
            run = msgspec.json.decode(file.read_bytes(), type=RunFile)
        except FileNotFoundError:
            continue
        except (msgspec.DecodeError, UnicodeDecodeError):
            run = None
        if run is not None and run.is_running:
            yield run
        else:
            file.unlink(missing_ok=True)
