"""Each line of the table of mistakes: the mistake is made, and what it says is what the page says."""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest

from alive_core import AliveError, ChatJob, ConfigurationError, Message, Service, Target
from alive_core.assembly import assemble_roster
from alive_core.engines.child.host import ChildEngine
from alive_core.engines.child.supervision import Patience
from alive_core.testing import client
from support import mistaken
from support.adapters import Liar, Unimportable
from support.broken_import import NeedsLibrary

PAGE = Path(__file__).parents[2] / "docs" / "writing-an-adapter.md"
ROW = re.compile(r"^\| (.+?) \| (.+?) \| (.+) \|$")
PROFILES = """
[profiles.chat]
task = "chat"
description = "Under test."
targets = ["engine"]
promises = { tools = %(tools)s }

[targets.engine]
adapter = "%(name)s"
engine = "%(place)s"
"""
QUESTION = {"model": "chat", "messages": [{"role": "user", "content": "hi"}]}
STALL_S = 0.2


def rows() -> dict[str, tuple[str, str]]:
    """Each mistake of the page, when it is told, and the words."""
    lines = PAGE.read_text(encoding="utf-8").partition("<!-- mistakes -->")[2].strip().splitlines()[2:]
    found = [ROW.fullmatch(line) for line in lines]
    return {row[1]: (row[2], row[3]) for row in found if row is not None}


def pattern(words: str) -> str:
    """A sentence of the page as a pattern: `…` is anything."""
    return ".+".join(re.escape(part) for part in words.split("…"))


def service(
    folder: Path, adapter: type, *, place: str = "inline", tools: str = "false", name: str = "engine"
) -> Service:
    (folder / "profiles.toml").write_text(PROFILES % {"place": place, "tools": tools, "name": name})
    return Service("mistaken", "0.1.0", 0, {"engine": adapter}, folder)


def at_start(adapter: type, **options: str) -> Callable[[Path], Awaitable[str]]:
    async def make(folder: Path) -> str:
        made = service(folder, adapter, **options)
        with pytest.raises(ConfigurationError) as caught:
            assemble_roster(made, made.profiles, state=folder)
        return str(caught.value)

    return make


def at_request(adapter: type, **options: str) -> Callable[[Path], Awaitable[str]]:
    async def make(folder: Path) -> str:
        async with client(service(folder, adapter, **options)) as http:
            answer = await http.post("/v1/chat/completions", json=QUESTION)
        assert answer.status_code >= 500
        return str(answer.json()["error"]["message"])

    return make


async def while_blocking(folder: Path) -> str:
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())
            mistaken.told.set()

    logger, listener = logging.getLogger("alive_core.engines.loop_watch"), Listener()
    logger.addHandler(listener)
    try:
        async with client(service(folder, mistaken.Blocking)) as http:
            assert (await http.post("/v1/chat/completions", json=QUESTION)).status_code == 200
    finally:
        logger.removeHandler(listener)
    return said[0]


async def when_silent(folder: Path) -> str:
    engine = await ChildEngine.start(
        mistaken.Silent, Target("engine", name="engine"), patience=Patience(stall_s=STALL_S)
    )
    with pytest.raises(AliveError) as caught:
        await anext(engine.run(ChatJob("1", (Message("user", "hi"),))))
    await engine.close()
    return str(caught.value)


MAKE: Mapping[str, Callable[[Path], Awaitable[str]]] = {
    "a method is missing": at_start(mistaken.NoClose),
    "`load` is no classmethod": at_start(mistaken.OwnLoad),
    "a method returns instead of yielding": at_start(mistaken.Returning),
    "the class does another task": at_start(mistaken.Embedding),
    "a promise that it cannot keep": at_start(mistaken.Chatting, tools="true"),
    "`inspect` fails": at_start(mistaken.BadInspect),
    "the class cannot be imported in a child": at_start(
        type("Nameless", (mistaken.Chatting,), {"__module__": Unimportable.__module__}), place="child"
    ),
    "the name in `profiles.toml` is not known": at_start(mistaken.Chatting, name="engin"),
    "its module does not import in the child": at_request(NeedsLibrary, place="child"),
    "an exception in `load`": at_request(mistaken.FailingLoad),
    "`load` returns something else": at_request(mistaken.LoadsNothing),
    "the wrong return type": at_request(mistaken.GivesList),
    "something that is no event": at_request(Liar),
    "no `Finished` at the end": at_request(mistaken.NoEnd),
    "an exception in a job": at_request(mistaken.Failing),
    "it blocks the event loop": while_blocking,
    "a child falls silent": when_silent,
}
WHEN = {"start": at_start, "first request": at_request}


@pytest.mark.parametrize("mistake", MAKE)
async def test_a_mistake_says_what_the_page_says(mistake: str, tmp_path: Path) -> None:
    when, words = rows()[mistake]
    said = await MAKE[mistake](tmp_path)
    assert re.fullmatch(pattern(words), said), f"told ({when}): {said}"


def test_every_line_of_the_table_is_tested() -> None:
    assert set(rows()) == set(MAKE)


@pytest.mark.parametrize("mistake", MAKE)
def test_the_table_is_right_about_when_it_is_told(mistake: str) -> None:
    maker = WHEN.get(rows()[mistake][0])
    assert maker is None or MAKE[mistake].__qualname__.startswith(maker.__name__)
