"""Every example of the README and the tutorial runs, in both languages, against real servers."""

import json
import re
import socket
import tomllib
from pathlib import Path

import pytest

from alive_core.constants import COMMAND_PORT, DEFAULT_HOST, PROVIDERS_PORT, SCRIPTED_PORT
from support.pages import Reader
from support.servers import Server
from tools.checks.docs import pages
from tools.docs.pages import EXECUTABLE, SHOWN, blocks

ROOT = Path(__file__).parents[2]
TRANSLATED = [("README.md", "README.pt-BR.md"), ("docs/tutorial.md", "docs/tutorial.pt-BR.md")]
EXECUTED = [
    *(page for pair in TRANSLATED for page in pair),
    "docs/api-extensions.md",
    "docs/scripted-server.md",
    "docs/writing-a-server.md",
    "docs/writing-an-adapter.md",
]
OWN_PORT = 11500
"""The port that the tutorial takes for a server of the reader's own."""
NOTES = re.compile(r"|not run: .{10,}|answers with an error|prints exactly|prints the same shape")


@pytest.fixture
def reader(command_server: Server, providers_server: Server, scripted_server: Server, tmp_path: Path) -> Reader:
    with socket.create_server((DEFAULT_HOST, 0)) as free:
        own_port = free.getsockname()[1]
    return Reader(
        tmp_path,
        {
            f"{DEFAULT_HOST}:{COMMAND_PORT}": f"{DEFAULT_HOST}:{command_server.port}",
            f"{DEFAULT_HOST}:{PROVIDERS_PORT}": f"{DEFAULT_HOST}:{providers_server.port}",
            f"{DEFAULT_HOST}:{SCRIPTED_PORT}": f"{DEFAULT_HOST}:{scripted_server.port}",
            str(OWN_PORT): str(own_port),
        },
    )


@pytest.mark.parametrize("page", EXECUTED)
def test_every_example_of_the_page_runs(page: str, reader: Reader) -> None:
    assert reader.read(ROOT / page) > 0


@pytest.mark.parametrize("page", pages(ROOT), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_says_what_it_is(page: Path) -> None:
    for block in blocks(page.read_text(encoding="utf-8")):
        where = f"{page.relative_to(ROOT)}:{block.line}"
        assert block.language in EXECUTABLE | SHOWN | {"sh", ""}, where
        assert NOTES.fullmatch(block.note), f"{where}: {block.note}"


@pytest.mark.parametrize("page", EXECUTED)
def test_what_is_only_shown_is_well_formed(page: str) -> None:
    for block in blocks((ROOT / page).read_text(encoding="utf-8")):
        assert block.language, f"{page}:{block.line} has no language"
        if block.language == "json":
            json.loads(block.text)
        if block.language == "toml":
            tomllib.loads(block.text)


@pytest.mark.parametrize(("one", "other"), TRANSLATED)
def test_both_languages_show_the_same_steps(one: str, other: str) -> None:
    first, second = (list(blocks((ROOT / page).read_text(encoding="utf-8"))) for page in (one, other))
    assert [(block.language, block.is_run) for block in first] == [(block.language, block.is_run) for block in second]
