"""What the whole chain costs: ids, headers, log line, metrics, access and limits, around a route that does nothing.

Two servers run side by side, the same route on the same hypercorn: in a bare Starlette application, and inside the
whole chain, asked with a stored key that has limits. They are asked in turns. The cost is processor time of the
server process, threads included, so a busy machine disturbs it little; requests per second come from the same run.
"""

import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alive_core.access.keys import FILE_NAME as KEYS_FILE
from alive_core.access.keys import KeyBook
from alive_core.access.limits import Limits
from benchmarks.chain_server import CHUNKS
from benchmarks.figure import Figure, spread
from support.servers import ready_url

CONNECTIONS = 16
ROUNDS = 7
REQUESTS = 4000
STREAMS = 24
WARM_UP = 500
PLENTY = 10**9
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
CHAT = {"model": "chat", "messages": [{"role": "user", "content": "Go!"}], "stream": True}


@dataclass(frozen=True)
class Asked:
    """A server and how it is asked."""

    pid: int
    port: int
    key: str

    def get(self, path: str) -> bytes:
        """A request without a body."""
        return f"GET {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {self.key}\r\n\r\n".encode()

    def chat(self) -> bytes:
        """A request for a stream of CHUNKS chunks."""
        body = json.dumps(CHAT)
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {self.key}\r\n"
        return f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()


@dataclass(frozen=True)
class Took:
    """One round: processor time and time on the clock, both for one of what was asked, in µs."""

    cpu_us: float
    wall_us: float


def figures() -> Iterator[Figure]:
    """A request, then a chunk of a stream."""
    with tempfile.TemporaryDirectory() as folder:
        book = KeyBook(Path(folder) / KEYS_FILE)
        limits = Limits(PLENTY, PLENTY, PLENTY, PLENTY)
        _, key = book.add("bench", "user", now=time.time(), limits=limits)
        book.close()
        with _server("bare", folder, key) as bare, _server("whole", folder, key) as whole:
            yield from asyncio.run(_requests(bare, whole))
            yield asyncio.run(_chunks(bare, whole))


async def _requests(bare: Asked, whole: Asked) -> list[Figure]:
    pairs = ((bare, bare.get("/plain")), (whole, whole.get("/plain")))
    for asked, request in pairs:
        await _round(asked, request, WARM_UP)
    alone, chained = await _in_turns(pairs, REQUESTS)
    costs = [after.cpu_us - before.cpu_us for before, after in zip(alone, chained, strict=True)]
    ratios = [before.wall_us / after.wall_us for before, after in zip(alone, chained, strict=True)]
    bare_us = statistics.median(took.cpu_us for took in alone)
    per_s = 1e6 / statistics.median(took.wall_us for took in chained)
    return [
        Figure(
            "the chain around a request",
            statistics.median(costs),
            "µs",
            150,
            note=f"bare {bare_us:.0f} µs; {spread(costs)}",
        ),
        Figure(
            "requests per second, of those of the bare route",
            100 * statistics.median(ratios),
            "%",
            60,
            "at least",
            note=f"{per_s:.0f} per second through the chain",
        ),
    ]


async def _chunks(bare: Asked, whole: Asked) -> Figure:
    size = len(await _answer(whole, whole.chat())) // CHUNKS
    pairs = ((bare, bare.get(f"/chunks?size={size}")), (whole, whole.chat()))
    alone, chained = await _in_turns(pairs, STREAMS)
    costs = [(after.cpu_us - before.cpu_us) / CHUNKS for before, after in zip(alone, chained, strict=True)]
    bare_us = statistics.median(took.cpu_us for took in alone) / CHUNKS
    return Figure(
        "a streamed chunk, over the same bytes from the bare route",
        statistics.median(costs),
        "µs",
        40,
        note=f"bare {bare_us:.1f} µs, {size} bytes; {spread(costs)}",
    )


async def _in_turns(
    pairs: tuple[tuple[Asked, bytes], tuple[Asked, bytes]], count: int
) -> tuple[list[Took], list[Took]]:
    """ROUNDS rounds of each, one after the other, so that both meet the same machine."""
    (bare, first), (whole, second) = pairs
    rounds = [(await _round(bare, first, count), await _round(whole, second, count)) for _ in range(ROUNDS)]
    return [alone for alone, _ in rounds], [chained for _, chained in rounds]


async def _round(asked: Asked, request: bytes, count: int) -> Took:
    """Ask `count` times over CONNECTIONS connections."""
    left = iter(range(count))

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", asked.port)
        for _ in left:
            writer.write(request)
            await _read(reader)
        writer.close()

    began, cpu = time.perf_counter(), _cpu_s(asked.pid)
    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    wall = time.perf_counter() - began
    return Took((_cpu_s(asked.pid) - cpu) / count * 1e6, wall / count * 1e6)


async def _answer(asked: Asked, request: bytes) -> bytes:
    """The body of one answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", asked.port)
    writer.write(request)
    body = await _read(reader)
    writer.close()
    return body


async def _read(reader: asyncio.StreamReader) -> bytes:
    """One answer: its body by its length, or everything up to its last chunk."""
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    _, found, rest = head.lower().partition(b"content-length: ")
    if found:
        return await reader.readexactly(int(rest.partition(b"\r\n")[0]))
    parts = []
    while size := int(await reader.readline(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readexactly(2)
    return b"".join(parts)


def _cpu_s(pid: int) -> float:
    """Processor time of a process, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


@contextmanager
def _server(kind: str, folder: str, key: str) -> Iterator[Asked]:
    home = Path(folder)
    log = home / f"{kind}.stderr"
    with log.open("w") as words:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.chain_server", kind, folder],
            stdout=subprocess.PIPE,
            stderr=words,
            text=True,
        )
        try:
            yield Asked(process.pid, int(ready_url(process, log).rpartition(":")[2]), key)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()
            assert process.stdout is not None
            process.stdout.close()
