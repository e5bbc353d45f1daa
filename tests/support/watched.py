"""A real server whose adapter logs and fails, in this process and in a child; and what the server logs."""

import asyncio
import json
import logging
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

import httpx
import msgspec

from alive_core import Service
from alive_core.observability.logs import JsonLines, PlainLines
from alive_core.testing.server import Served
from support.telltale import Telltale, Unwell

WITHIN_S = 10.0
PROFILES = """
[profiles.chat]
task = "chat"
description = "Works here."
targets = ["inline"]

[profiles.child]
task = "chat"
description = "Works in a process of its own."
targets = ["child"]

[profiles.careful]
task = "chat"
description = "Has somebody to turn to."
targets = ["fragile", "inline"]

[targets.inline]
adapter = "telltale"
parallel = 4

[targets.child]
adapter = "telltale"
engine = "child"
parallel = 4
cost = 2.5

[targets.fragile]
adapter = "unwell"
"""


class Watched(msgspec.Struct):
    """A server, a client of it, and what it logs."""

    served: Served
    http: httpx.AsyncClient
    log: "Log"

    async def chat(self, words: str, model: str = "chat", **more: object) -> httpx.Response:
        """Ask, whatever comes of it."""
        body = {"model": model, "messages": [{"role": "user", "content": words}], **more}
        headers = more.pop("headers", {})
        assert isinstance(headers, dict)
        body.pop("headers", None)
        return await self.http.post("/v1/chat/completions", json=body, headers=headers)


class Log(logging.Handler):
    """What a server logs, as the lines of its file."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines: list[str] = []
        self.plain: list[str] = []
        """The same for a person."""
        self._has_come = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(("httpx", "httpcore")):
            return  # the test's own client
        self.lines.append(self.format(record))
        self.plain.append(PlainLines().format(record))
        self._has_come.set()

    def entries(self, logger: str) -> list[dict[str, object]]:
        """Each line of `logger`."""
        return [entry for entry in map(json.loads, self.lines) if entry["logger"] == logger]

    async def requests(self, count: int = 1) -> list[dict[str, object]]:
        """The lines of `count` requests, waited for: an answer is there a moment before its line is."""
        async with asyncio.timeout(WITHIN_S):
            while len(found := self.entries("alive_core.access")) < count:
                self._has_come.clear()
                await self._has_come.wait()
        return found


class Watch(Protocol):
    def __call__(self, **settings: object) -> AbstractAsyncContextManager[Watched]: ...


def telltale(folder: Path) -> Service:
    """The service; `folder` takes its profiles."""
    (folder / "profiles.toml").write_text(PROFILES)
    return Service("telltale", "1.2.3", 0, {"telltale": Telltale, "unwell": Unwell}, folder)
