"""`task models:load`, `unload`, `pin` and `unpin`: what running servers keep in memory."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal, TextIO

from alive_core.catalog.progress import ERASE_LINE
from alive_core.console.model_table import NO_SERVER, progress_words
from alive_core.console.servers import Refused, Seen, Servers
from alive_core.constants import UNLOAD_POLL_S, UNLOAD_TIMEOUT_S
from alive_core.errors import NotFound
from alive_core.operations.runfiles import RunFile
from alive_core.schemas.status import ModelReport, ModelStatus, ServerStatus
from alive_core.utils.durations import format_duration
from alive_core.utils.sizes import format_bytes

Action = Literal["load", "unload", "pin", "unpin"]


def change_model(state: Path, action: Action, profile: str, *, target: str | None, server: str | None) -> int:
    """Do it in every running server that serves `profile`, or in `server` alone, and say what became of it.

    `server` is a service, or one instance such as `command_server-11441`. Returns 1 where one of them refused. Raises
    NotFound, with the names that exist.
    """
    with Servers(state, os.environ) as servers:
        failures = 0
        for run, status in serving(servers.look(), profile, server):
            try:
                _ACTIONS[action](servers, run, status, profile, target)
            except Refused as refusal:
                sys.stderr.write(f"{refusal}\n")
                failures += 1
        return 1 if failures else 0


def serving(seen: Sequence[Seen], profile: str, server: str | None) -> Iterator[tuple[RunFile, ServerStatus]]:
    """The servers of `seen` that serve `profile`: at least one, else NotFound or Refused says why."""
    meant = [each for each in seen if server in (None, each.run.service, each.run.name)]
    if not meant:
        names = ", ".join(each.run.name for each in seen)
        raise NotFound(f"{server} does not run. Running: {names}." if seen else NO_SERVER.rstrip())
    able = [(each.run, each.status) for each in meant if each.status and profile in _profiles(each.status)]
    if able:
        yield from able
        return
    mute = [each.problem for each in meant if each.problem]
    if mute:
        raise Refused("\n".join(mute))
    known = ", ".join(dict.fromkeys(name for each in meant if each.status for name in _profiles(each.status)))
    raise NotFound(f"No running server serves `{profile}`. Known: {known}.")


class LoadLine:
    """How far a load is: one line that changes on a terminal, nothing anywhere else."""

    def __init__(self, out: TextIO, words: str) -> None:
        self._out, self._words, self._is_terminal = out, words, out.isatty()

    def show(self, model: ModelStatus) -> None:
        """The load as it is now."""
        if self._is_terminal:
            self._out.write(f"{ERASE_LINE}{self._words}{progress_words(model)}")
            self._out.flush()

    def end(self, words: str) -> None:
        """The last word, also where nothing was shown before."""
        self._out.write(f"{ERASE_LINE if self._is_terminal else ''}{words}\n")


def _load(servers: Servers, run: RunFile, _: ServerStatus, profile: str, target: str | None) -> None:
    line = LoadLine(sys.stdout, f"Loading {profile} in {run.name}")
    last: ModelStatus | None = None
    try:
        for report in servers.load(run, profile, target):
            (last,) = report.models
            line.show(last)
    except BaseException:
        line.end(f"{profile} was not loaded in {run.name}.")
        raise
    assert last is not None, "a load that ends well has said so"
    took = "" if last.load_s is None else f" in {format_duration(last.load_s)}"
    line.end(f"{profile} is loaded in {run.name}: {last.target}, {format_bytes(last.bytes or 0)}{took}.")


def _unload(servers: Servers, run: RunFile, before: ServerStatus, profile: str, target: str | None) -> None:
    report = servers.wish(run, profile, "unload", target)
    closing = {model.target for model in report.models if model.state == "closing"}
    if not closing:
        sys.stdout.write(f"{profile} was not loaded in {run.name}.\n")
        return
    held = sum(model.bytes or 0 for model in before.models if model.target in closing)
    left = _wait_until_gone(servers, run, closing)
    words = f"; {', '.join(sorted(left))} still closes" if left else ""
    sys.stdout.write(f"{profile} is unloaded in {run.name}: {format_bytes(held)} came back{words}.\n")


def _wait_until_gone(servers: Servers, run: RunFile, names: set[str]) -> set[str]:
    """Which of the models are still closing after UNLOAD_TIMEOUT_S; none, mostly."""
    until = time.monotonic() + UNLOAD_TIMEOUT_S
    while True:
        left = {model.target for model in servers.status_of(run).models if model.state == "closing"} & names
        if not left or time.monotonic() >= until:
            return left
        time.sleep(UNLOAD_POLL_S)


def _pin(servers: Servers, run: RunFile, _: ServerStatus, profile: str, target: str | None) -> None:
    report = servers.wish(run, profile, "pin", target)
    sys.stdout.write(
        f"{profile} is pinned in {run.name} ({_names(report)}), until it is unpinned or the server ends.\n"
    )
    if any(model.state not in ("ready", "loading") for model in report.models):
        sys.stdout.write(f"It is not loaded yet: `task models:load -- {profile}` does that.\n")


def _unpin(servers: Servers, run: RunFile, _: ServerStatus, profile: str, target: str | None) -> None:
    report = servers.wish(run, profile, "unpin", target)
    sys.stdout.write(f"{profile} is no longer pinned in {run.name} ({_names(report)}).\n")


_ACTIONS: dict[Action, Callable[[Servers, RunFile, ServerStatus, str, str | None], None]] = {
    "load": _load,
    "unload": _unload,
    "pin": _pin,
    "unpin": _unpin,
}


def _profiles(status: ServerStatus) -> list[str]:
    return [each.profile for each in status.profiles]


def _names(report: ModelReport) -> str:
    return ", ".join(model.target for model in report.models)
