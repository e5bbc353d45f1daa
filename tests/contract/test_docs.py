"""The page at `/docs` works with nothing but this server, and its examples run."""

import asyncio
import base64
import hashlib
import re
import shlex
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import httpx
import msgspec

from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Target
from alive_core.service import Service
from alive_core.testing.server import Served, serving
from support.described import Described
from support.fake_server import FakeAdapter
from support.made import real_values

RUN_TIMEOUT_S = 30.0
ONLY_VECTORS = """
[profiles.embed]
task = "embed"
description = "Turns text into vectors."
targets = ["able"]

[targets.able]
adapter = "fake"
"""


class VectorsOnly(FakeAdapter):
    """Does one task."""

    @classmethod
    def inspect(cls, target: Target) -> Abilities:
        return msgspec.structs.replace(super().inspect(target), tasks=frozenset({"embed"}))


class Page(HTMLParser):
    """What a page holds: its links and anchors, its tags, and its code samples by language."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert not {name for name in found if name.startswith("on") or name == "style"}
        self.links += [value for name in ("href", "src") if (value := found.get(name))]
        self.anchors |= {value for value in [found.get("id")] if value}
        self.tags.append(tag)
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def samples(page: str, language: str) -> list[str]:
    return [unescape(each) for each in re.findall(rf'<code class="{language}">(.*?)</code>', page, re.DOTALL)]


async def page_of(client: httpx.AsyncClient, **headers: str) -> str:
    answer = await client.get("/docs", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    return answer.text


async def test_it_is_well_formed_and_every_link_leads_somewhere_on_this_server(client: httpx.AsyncClient) -> None:
    page = Page(await page_of(client))
    assert page.open == []
    for link in page.links:
        assert link == "/openapi.json" or link.removeprefix("#") in page.anchors, link


async def test_it_needs_no_script_and_no_other_address(fake: Served, client: httpx.AsyncClient) -> None:
    text = await page_of(client)
    assert {"script", "link", "img", "iframe", "object", "form"}.isdisjoint(Page(text).tags)
    assert set(re.findall(r"https?://[^/\"'<\s]+", unescape(text))) == {fake.url}
    assert "url(" not in text
    assert "@import" not in text


async def test_its_policy_allows_its_own_style_and_nothing_else(client: httpx.AsyncClient) -> None:
    answer = await client.get("/docs")
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    other = await client.get("/v1/models")
    assert other.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_it_shows_every_functionality_endpoint_field_and_type(
    client: httpx.AsyncClient, described: Described
) -> None:
    text = await page_of(client)
    page = Page(text)
    assert "Talks with &lt;you&gt; &amp; calls tools." in text
    assert "Is not installed. (not available on this server now)" in text
    for path, operations in described.document["paths"].items():
        assert f"<code>{path}</code>" in text
        for operation in operations.values():
            assert operation["operationId"] in page.anchors
    for name, schema in described.document["components"]["schemas"].items():
        assert f"type-{name}" in page.anchors
        for field in schema["properties"]:
            assert f"<code>{field}</code>" in text


async def test_it_says_types_limits_and_defaults_in_words(client: httpx.AsyncClient) -> None:
    text = unescape(re.sub(r"<[^>]+>", "", (await page_of(client)).replace("</td>", " | ")))
    assert "temperature | number | 0 is the most predictable, higher is more varied. 0 to 2 |" in text
    assert "input required | text or list of text or integer or list of integer |" in text
    assert "seed | integer | The same number with the same request asks for the same answer. |" in text
    assert "load | if_loaded or load or wait | Where the model is not in memory" in text
    assert 'default "load" |' in text


async def test_every_shell_example_works_as_it_stands(
    fake: Served, client: httpx.AsyncClient, threaded: httpx.Client, described: Described
) -> None:
    for source in samples(await page_of(client), "shell"):
        program, url, *options = shlex.split(source.replace("\\\n", ""))
        assert program == "curl"
        told = dict(zip(options[::2], options[1::2], strict=True))
        assert url.startswith(f"{fake.url}/")
        body = told.get("-d")
        method = told.get("-X", "POST" if body else "GET")
        path = await filled(threaded, described, method, url.removeprefix(fake.url))
        headers = [told["-H"].split(": ")] if body else []
        answer = await client.request(method, path, content=body, headers=headers)
        assert answer.status_code == 200, answer.text


async def filled(threaded: httpx.Client, described: Described, method: str, path: str) -> str:
    """A path of the page, with something real for each word in capitals."""
    words = re.findall(r"[A-Z_]{3,}", path)
    template = re.sub(r"([A-Z_]{3,})", lambda word: f"{{{word[1].lower()}}}", path)
    if not words:
        return path
    values = await asyncio.to_thread(real_values, described, threaded, (method, template))
    assert [word.lower() for word in words] == list(values)
    return template.format(**values)


async def test_every_word_in_capitals_is_explained_where_it_stands(
    client: httpx.AsyncClient, described: Described
) -> None:
    page = await page_of(client)
    explained = {
        (where, word): (field, maker)
        for where, text in re.findall(r'<h3 id="(\w+)">(.*?)(?=<h[23]|$)', page, re.DOTALL)
        for word, field, maker in re.findall(
            r'For <code>(\w+)</code> write the <code>(\w+)</code> that <a href="#(\w+)">', text
        )
    }
    shown = {
        (where, word)
        for where, text in re.findall(r'<h3 id="(\w+)">(.*?)(?=<h[23]|$)', page, re.DOTALL)
        for source in samples(text, "shell")
        for word in re.findall(r"/([A-Z_]{3,})", source)
    }
    assert explained.keys() == shown
    assert explained["delete_item", "CONVERSATION_ID"] == ("id", "create_conversation")
    assert explained["delete_item", "ITEM_ID"] == ("first_id", "create_items")


async def test_every_operation_has_examples_unless_it_refuses_everything(
    client: httpx.AsyncClient, described: Described
) -> None:
    page = await page_of(client)
    parts = dict(re.findall(r'<h3 id="(\w+)">(.*?)(?=<h[23]|$)', page, re.DOTALL))
    bare = {name for name in described.operation_ids() if not samples(parts[name], "shell")}
    assert bare == {"cancel_response"}
    assert "None: every request is refused." in parts["cancel_response"]
    assert all(samples(parts[name], "python") for name in described.operation_ids() if name != "cancel_response")


async def test_without_a_functionality_for_it_no_example_pretends_to_work(tmp_path: Path) -> None:
    (tmp_path / "profiles.toml").write_text(ONLY_VECTORS)
    service = Service("vectors", "1.2.3", 0, {"fake": VectorsOnly}, tmp_path)
    async with serving(service) as served, httpx.AsyncClient(base_url=served.url, timeout=20) as http:
        page = await page_of(http)
    shown = "".join(samples(page, "shell") + samples(page, "python"))
    assert "/v1/embeddings" in shown
    assert "conversations" in shown
    assert "/v1/chat/completions" not in shown
    assert "responses" not in shown  # nobody answers, so nothing is stored that could be shown


async def test_every_python_example_works_as_it_stands(client: httpx.AsyncClient) -> None:
    found = samples(await page_of(client), "python")
    done = await asyncio.to_thread(_run_python, "\n".join(found))
    assert done.returncode == 0, done.stderr
    for words in (
        "Say hello in one sentence.",
        "and so on",
        "Model(id='chat'",
        "alive",
        "<!doctype html>",
        "relevance_score",
        "prediction",
        "object='response'",
        "ConversationDeletedResource(",
        "My name is Ada.",
        "I live in Lisbon.",
        "'topic': 'names'",
    ):
        assert words in done.stdout


def _run_python(source: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", source]
    return subprocess.run(command, capture_output=True, text=True, timeout=RUN_TIMEOUT_S, check=False)


async def test_it_shows_the_address_that_the_reader_used(client: httpx.AsyncClient) -> None:
    assert "http://models.example:8080/v1/chat/completions" in await page_of(client, host="models.example:8080")


async def test_an_address_that_is_none_does_not_get_into_the_page(client: httpx.AsyncClient) -> None:
    text = await page_of(client, host="<b>evil</b>")
    assert "evil" not in text
    assert "http://localhost/v1/chat/completions" in text


async def test_where_a_key_is_needed_the_examples_carry_one_and_the_page_is_open(
    guarded: httpx.AsyncClient,
) -> None:
    text = await page_of(guarded)
    assert "This server needs an API key" in text
    shell = {source.partition("\n")[0]: source for source in samples(text, "shell")}
    for first, source in shell.items():
        is_open = re.search(r"/(health|docs|openapi)", first) is not None
        assert ("Authorization: Bearer YOUR_KEY" in source) is not is_open
    assert 'api_key="YOUR_KEY"' in "".join(samples(text, "python"))
