"""A real server around the scripted adapter: what a message says is what the engine does."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from alive_core import ChatJob, ChoiceFinished, Event, Finished, Service, Usage
from alive_core.testing.scripted import ScriptedAdapter
from alive_core.testing.server import Served, serving
from support.adapters import Plain

PROFILES = """
[profiles.chat]
task = "chat"
description = "Says what it is told."
targets = ["inline"]
routing = {{ retries = 0 }}

[profiles.child]
task = "chat"
description = "The same in a process of its own."
targets = ["child"]

[profiles.hasty]
task = "chat"
description = "Gives up soon."
targets = ["inline"]
routing = {{ retries = 0 }}
defaults = {{ deadline_s = 0.2 }}

[profiles.embed]
task = "embed"
description = "Vectors."
targets = ["inline"]
routing = {{ retries = 0 }}

[profiles.rerank]
task = "rerank"
description = "Sorts."
targets = ["inline"]
routing = {{ retries = 0 }}

[profiles.classify]
task = "classify"
description = "Labels."
targets = ["inline"]
routing = {{ retries = 0 }}

[profiles.plain]
task = "chat"
description = "Only chats."
targets = ["plain"]

[targets.plain]
adapter = "plain"

[targets.inline]
adapter = "scripted"
parallel = 4
options = {{ journal = "{journal}" }}

[targets.child]
adapter = "scripted"
engine = "child"
parallel = 4
options = {{ journal = "{journal}" }}
"""


class ChatOnly(Plain):
    """Has one method, so it does one task."""

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        yield ChoiceFinished("stop")
        yield Finished(Usage(1))


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """What the engine saw, a line each."""
    return tmp_path / "journal"


@pytest.fixture
def service(tmp_path: Path, journal: Path) -> Service:
    (tmp_path / "profiles.toml").write_text(PROFILES.format(journal=journal))
    return Service("scripted", "1.2.3", 0, {"scripted": ScriptedAdapter, "plain": ChatOnly}, tmp_path)


@pytest.fixture
async def server(service: Service) -> AsyncIterator[Served]:
    async with serving(service) as served:
        yield served


@pytest.fixture
async def client(server: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as http:
        yield http
