"""`task soak:server`: real servers under everything that wears them out, and their memory over time.

Two servers share one ledger whose budget holds fewer models than they have. Clients ask for models at random, stream
or not, and often leave in the middle; engines are killed; idle models hibernate and come back. Every answer has to be
right or an error that belongs to such a life, and the servers' own memory, open files and processes may not grow.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import httpx

from support.servers import Server, is_running, running

MODEL = Path(__file__).parents[2] / "services/command_server/src/command_server/models/demo-command.gguf"
MODELS = 4
SERVERS = 2
BUDGET = "400MiB"  # some 65 MiB are measured for each model, and more is reserved before its first load
CLIENTS = 4  # of each server
LEAVING = 0.25  # of all requests
LEAVE_AFTER_S = 0.3
KILL_EVERY_S = 7.0  # at most two crashes in a row of one model, or its pauses would keep it from working
SAMPLE_EVERY_S = 1.0
TELL_EVERY_S = 30.0
WARM_UP = 0.25  # of the time: allocators and caches find their size
GROWTH_LIMIT = 0.05
FILES_LIMIT = 32  # more than at the beginning: connections and engines come and go
SETTLED_WITHIN_S = 30.0
POLL_S = 0.1
KIB = 1024
MIB = 1024 * KIB
EXPECTED = {
    "engine_crashed",  # it was killed under an answer, or is in a pause
    "insufficient_memory",  # the other server holds it
    "load_failed",  # it was killed while it loaded
    "model_unavailable",  # `if_loaded`, or not in time
}
WISHES = (None, None, {"load": "if_loaded"}, {"load": "load", "max_wait_s": 5})
PROFILE = """
[profiles.model-{number}]
task = "chat"
description = "One of several."
targets = ["model-{number}"]
defaults = {{ deadline_s = 60 }}

[targets.model-{number}]
adapter = "llamacpp"
path = "{path}"
engine = "child"
context = 1024
parallel = 2
keep_alive_s = {keep_alive_s}
min_loaded_s = 0.5
"""

Ending = Literal["answered", "left"]


class Wrong(Exception):
    """Something that must never happen did."""


@dataclass(frozen=True)
class Sample:
    """What one server took at one moment."""

    at_s: float
    memory: int
    files: int


@dataclass
class Life:
    """What one server went through."""

    server: Server
    endings: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    engines: set[int] = field(default_factory=set)
    samples: list[Sample] = field(default_factory=list)

    def look(self, at_s: float) -> None:
        """Take a sample."""
        process = Path(f"/proc/{self.server.process.pid}")
        self.engines.update(self.server.children())
        self.samples.append(Sample(at_s, resident_bytes((process / "status").read_text()), len(files_of(process))))


def resident_bytes(status: str) -> int:
    """The `VmRSS:` line of `/proc/PID/status`."""
    return next(int(line.split()[1]) * KIB for line in status.splitlines() if line.startswith("VmRSS:"))


def files_of(process: Path) -> list[str]:
    return os.listdir(process / "fd")  # noqa: PTH208 - names only, and the folder changes meanwhile


def growth(samples: Sequence[Sample]) -> float:
    """By which share the memory grew from the end of the warm-up to the end: medians of the first and last third."""
    warm = samples[int(len(samples) * WARM_UP) :]
    third = max(len(warm) // 3, 1)
    before, after = (statistics.median(sample.memory for sample in part) for part in (warm[:third], warm[-third:]))
    return after / before - 1.0


def complaints(samples: Sequence[Sample], *, limit: float = GROWTH_LIMIT) -> list[str]:
    """What is wrong with one server's samples."""
    found = []
    if (grown := growth(samples)) > limit:
        found.append(f"memory grew by {grown:.1%} after the warm-up, more than {limit:.0%}")
    warm = samples[int(len(samples) * WARM_UP) :]
    if warm[-1].files > warm[0].files + FILES_LIMIT:
        found.append(f"{warm[-1].files} open files at the end, {warm[0].files} after the warm-up")
    return found


async def soak(seconds: float, *, seed: int, limit: float = GROWTH_LIMIT, tell_every_s: float = TELL_EVERY_S) -> int:
    """Run it for `seconds`; prints how it goes and what it found. Returns how many things were wrong."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        home = Path(folder)
        servers = [stack.enter_context(_serve(home, number, keep_alive_s=seconds / 100)) for number in range(SERVERS)]
        lives = [Life(server) for server in servers]
        began = time.monotonic()
        async with asyncio.timeout(seconds + SETTLED_WITHIN_S + KILL_EVERY_S):
            await _live(lives, random.Random(seed), began, seconds, tell_every_s)
        wrong = []
        for number, life in enumerate(lives, 1):
            _tell(f"server {number}: {_summary(life)}; memory {growth(life.samples):+.1%} since the warm-up")
            wrong += [f"server {number}: {words}" for words in complaints(life.samples, limit=limit)]
            wrong += [f"server {number}: nothing was answered"] if not life.endings["answered"] else []
            wrong += [f"server {number}: nobody left"] if not life.endings["left"] else []
            wrong += [f"server {number}: no engine was killed"] if not life.kills else []
            wrong += [f"server {number}: its engines did not hibernate"] if life.server.children() else []
            wrong += [f"server {number}: engine {pid} outlived it all" for pid in life.engines if is_running(pid)]
    for words in wrong:
        _tell(words)
    _tell("nothing grew, nothing was lost" if not wrong else f"{len(wrong)} wrong")
    return len(wrong)


def _serve(home: Path, number: int, *, keep_alive_s: float) -> AbstractContextManager[Server]:
    profiles = home / f"profiles-{number}.toml"
    tables = (PROFILE.format(number=each, path=MODEL, keep_alive_s=keep_alive_s) for each in range(MODELS))
    profiles.write_text("\n".join(tables))
    return running("command_server", home, "--profiles", str(profiles), ALIVE_MEMORY_BUDGET=BUDGET)


async def _live(lives: list[Life], draw: random.Random, began: float, seconds: float, tell_every_s: float) -> None:
    """Everything at once until the time is over; then wait until every engine hibernates."""
    async with asyncio.TaskGroup() as group:
        until = began + seconds
        for life in lives:
            for _ in range(CLIENTS):
                group.create_task(_ask_again_and_again(life, random.Random(draw.random()), until))
            group.create_task(_kill_again_and_again(life, random.Random(draw.random()), until))
        group.create_task(_watch(lives, began, until, tell_every_s))
    settled_by = time.monotonic() + SETTLED_WITHIN_S
    while any(life.server.children() for life in lives) and time.monotonic() < settled_by:
        await asyncio.sleep(POLL_S)


async def _ask_again_and_again(life: Life, draw: random.Random, until: float) -> None:
    async with httpx.AsyncClient(base_url=life.server.api, timeout=90) as http:
        while time.monotonic() < until:
            body = {
                "model": f"model-{draw.randrange(MODELS)}",
                "messages": [{"role": "user", "content": f"Tell me about number {draw.randrange(1000)}."}],
                "max_tokens": draw.choice((1, 20, 200)),
                "stream": draw.random() < 0.5,
            }
            wish = draw.choice(WISHES)
            body |= {"alive": wish} if wish else {}
            patience = draw.random() * LEAVE_AFTER_S if draw.random() < LEAVING else None
            try:
                async with asyncio.timeout(patience):
                    life.endings[await _ask(http, body)] += 1
            except TimeoutError:
                life.endings["left"] += 1
            await asyncio.sleep(draw.random() * 2 * POLL_S)


async def _ask(http: httpx.AsyncClient, body: dict[str, object]) -> str:
    """One request to its end: `answered`, or the code of an error that is to be expected. Raises Wrong."""
    if not body["stream"]:
        response = await http.post("/chat/completions", json=body)
        answer = response.json()
        return "answered" if response.status_code == httpx.codes.OK else _expected(answer)
    async with http.stream("POST", "/chat/completions", json=body) as response:
        if response.status_code != httpx.codes.OK:
            return _expected(json.loads(await response.aread()))
        lines = [line.removeprefix("data: ") async for line in response.aiter_lines() if line.startswith("data:")]
    if lines[-1] == "[DONE]":
        return "answered"
    return _expected(json.loads(lines[-1]))


def _expected(answer: dict[str, dict[str, str]]) -> str:
    code = answer["error"]["code"]
    if code not in EXPECTED:
        raise Wrong(f"an error that does not belong here: {answer}")
    return code


async def _kill_again_and_again(life: Life, draw: random.Random, until: float) -> None:
    """One of its engines, with no warning."""
    while time.monotonic() + (pause := KILL_EVERY_S * draw.uniform(0.5, 1.0)) < until:
        await asyncio.sleep(pause)
        children = life.server.children()
        if children:
            os.kill(draw.choice(children), signal.SIGKILL)
            life.kills += 1


async def _watch(lives: list[Life], began: float, until: float, tell_every_s: float) -> None:
    told = began
    while (now := time.monotonic()) < until:
        for number, life in enumerate(lives, 1):
            life.look(now - began)
            if life.server.process.poll() is not None:
                raise Wrong(f"server {number} ended by itself")
        if now - told >= tell_every_s:
            told = now
            for number, life in enumerate(lives, 1):
                _tell(f"{now - began:5.0f} s  server {number}: {_summary(life)}")
        await asyncio.sleep(SAMPLE_EVERY_S)


def _summary(life: Life) -> str:
    last = life.samples[-1]
    counted = ", ".join(f"{count} {ending}" for ending, count in sorted(life.endings.items()))
    return (
        f"{last.memory / MIB:.1f} MiB, {last.files} files, {life.kills} engines killed, "
        f"{len(life.engines)} seen; {counted}"
    )


def _tell(words: str) -> None:
    print(words, flush=True)  # noqa: T201  # a command for people


def main() -> int:
    """Soak for as long as the command line says."""
    parser = argparse.ArgumentParser(prog="soak:server", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long, without start and end")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), help="what is asked and killed when")
    options = parser.parse_args()
    _tell(f"{SERVERS} servers, {MODELS} models each, {options.minutes:g} minutes, seed {options.seed}")
    return 1 if asyncio.run(soak(options.minutes * 60, seed=options.seed)) else 0


if __name__ == "__main__":
    sys.exit(main())
