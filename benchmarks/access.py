"""What the door costs per request: from the headers to who asks, and the counts of a key that has limits."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alive_core.access.callers import Callers
from alive_core.access.keys import KeyBook
from alive_core.access.limits import Limits
from alive_core.access.tokens import reading_tokens
from alive_core.access.usage import Usage
from alive_core.http.context import Context
from alive_core.http.door import Door
from alive_core.http.record import STATE_KEY, RequestRecord
from alive_core.settings import Oidc, Settings
from benchmarks.figure import Figure

ROUNDS = 2000
RUNS = 9
MANY = Limits(requests_per_minute=10**9, tokens_per_minute=10**9)


def figures() -> Iterator[Figure]:
    """Each is what the door adds to an answer without it."""
    yield from asyncio.run(_figures())


async def _figures() -> list[Figure]:
    from support.issuer import AUDIENCE, local_issuer

    found = []
    with TemporaryDirectory() as folder, local_issuer() as issuer:
        async with _callers(Path(folder), Oidc(issuer.url, AUDIENCE, "roles", "admin")) as (callers, book):
            now = time.time()
            keys = {
                "a key of the environment": ("three", 15),
                "a stored key": (book.add("plain", "user", now=now)[1], 15),
                "a token that was seen before": (issuer.token(), 15),
                "a stored key with limits, and its headers": (book.add("bot", "user", now=now, limits=MANY)[1], 75),
            }
            context = cast(Context, SimpleNamespace(callers=callers, is_draining=False))  # all that the door asks for
            door = Door(_answer, context, (), ())
            for words, (key, goal) in keys.items():
                found.append(Figure(f"the door, with {words}", await _added(door, key), "µs", goal))
            tokens = [issuer.token(jti=str(number)) for number in range(200)]
            began = time.perf_counter()
            for token in tokens:
                await callers.identify(token)
            each = (time.perf_counter() - began) / len(tokens) * 1e6
            found.append(Figure("a token that was never seen: RS256, checked", each, "µs", 500))
    return found


@asynccontextmanager
async def _callers(folder: Path, oidc: Oidc) -> AsyncIterator[tuple[Callers, KeyBook]]:
    settings = Settings(api_keys=("one", "two", "three"))
    with (
        closing(KeyBook(folder / "keys.sqlite")) as book,
        closing(KeyBook(folder / "keys.sqlite")) as other,
        closing(Usage(folder / "usage.map")) as usage,
    ):
        async with reading_tokens(oidc) as tokens:
            yield Callers(settings, book, usage, tokens=tokens), other


async def _added(door: Door, key: str) -> float:
    """The median of what the door adds, in microseconds; the first run is a warm-up."""
    added = [await _us(door, key) - await _us(_answer, key) for _ in range(RUNS + 1)]
    return sorted(added[1:])[RUNS // 2]


async def _us(app: ASGIApp, key: str) -> float:
    headers = [
        (b"host", b"127.0.0.1:11435"),
        (b"user-agent", b"bench"),
        (b"content-type", b"application/json"),
        (b"authorization", f"Bearer {key}".encode()),
    ]
    began = time.perf_counter()
    for _ in range(ROUNDS):
        record = RequestRecord("POST", "/v1/chat/completions", "req_1", 499)
        scope = {"type": "http", "path": record.path, "headers": headers, "state": {STATE_KEY: record}}
        await app(scope, _hear, _speak)
    return (time.perf_counter() - began) / ROUNDS * 1e6


async def _answer(_: Scope, receive: Receive, send: Send) -> None:
    """The shortest application."""
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


async def _hear() -> Message:
    return {"type": "http.request", "body": b"{}", "more_body": False}


async def _speak(_: Message) -> None:
    pass
