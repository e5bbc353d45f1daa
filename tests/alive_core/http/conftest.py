"""A real server around the scripted adapter: what a message says is what the engine does."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from alive_core import Service
from alive_core.testing.scripted import ScriptedAdapter
from alive_core.testing.serving import Served, serving

PROFILES = """
[profiles.chat]
task = "chat"
description = "Says what it is told."
targets = ["inline"]

[profiles.child]
task = "chat"
description = "The same in a process of its own."
targets = ["child"]

[profiles.hasty]
task = "chat"
description = "Gives up soon."
targets = ["inline"]
defaults = {{ deadline_s = 0.2 }}

[profiles.embed]
task = "embed"
description = "Vectors."
targets = ["inline"]

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


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """What the engine saw, a line each."""
    return tmp_path / "journal"


@pytest.fixture
def service(tmp_path: Path, journal: Path) -> Service:
    (tmp_path / "profiles.toml").write_text(PROFILES.format(journal=journal))
    return Service("scripted", "1.2.3", 0, {"scripted": ScriptedAdapter}, tmp_path)


@pytest.fixture
async def server(service: Service) -> AsyncIterator[Served]:
    async with serving(service) as served:
        yield served


@pytest.fixture
async def client(server: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as http:
        yield http
