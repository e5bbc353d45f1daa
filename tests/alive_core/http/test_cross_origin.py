"""Browsers of other origins: nobody by default, and exactly those who are named."""

import re
from pathlib import Path

import httpx
import pytest

import alive_core
from alive_core.constants import GIB
from alive_core.http.cross_origin import EXPOSED_HEADERS
from alive_core.settings import Settings
from support.fake_server import fake_server

PAGE = "https://app.example"
SOURCES = Path(alive_core.__file__).parent


def settings(*origins: str) -> Settings:
    return Settings(memory_budget=GIB, api_keys=("secret",), cors_origins=origins)


async def preflight(url: str, origin: str) -> httpx.Response:
    """What a browser asks before a page may send a request with a key and a body."""
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-stainless-lang",
    }
    async with httpx.AsyncClient(timeout=20) as http:
        return await http.options(f"{url}/v1/chat/completions", headers=headers)


async def test_by_default_no_page_is_told_anything(tmp_path: Path) -> None:
    async with fake_server(tmp_path, settings=settings()) as served:
        answer = await preflight(served.url, PAGE)
        assert answer.status_code == 401
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_a_page_that_is_named_may_ask_and_read(tmp_path: Path) -> None:
    async with fake_server(tmp_path, settings=settings(PAGE, "http://localhost:3000")) as served:
        asked = await preflight(served.url, PAGE)
        assert asked.status_code == 200, "no key is needed to ask beforehand"
        assert asked.headers["access-control-allow-origin"] == PAGE
        assert "x-stainless-lang" in asked.headers["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in asked.headers
        assert "x-request-id" in asked.headers
        async with httpx.AsyncClient(timeout=20, headers={"origin": PAGE}) as http:
            for key, status in (("secret", 200), ("wrong", 401)):
                answer = await http.get(f"{served.api}/models", headers={"authorization": f"Bearer {key}"})
                assert answer.status_code == status, "a page sees an error as well"
                assert answer.headers["access-control-allow-origin"] == PAGE
                assert "x-request-id" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize("origin", ["https://evil.example", "http://app.example", "https://app.example.evil", "null"])
async def test_a_page_that_is_not_named_is_not_let_in(tmp_path: Path, origin: str) -> None:
    async with fake_server(tmp_path, settings=settings(PAGE)) as served:
        answer = await preflight(served.url, origin)
        assert answer.status_code == 400
        assert (
            answer.json()["error"]["message"] == f"Pages of {origin} may not ask this here: Disallowed CORS origin."
        )
        assert "access-control-allow-origin" not in answer.headers


async def test_every_page_may_ask_where_the_operator_says_so(tmp_path: Path) -> None:
    async with fake_server(tmp_path, settings=settings("*")) as served:
        assert (await preflight(served.url, "https://evil.example")).headers["access-control-allow-origin"] == "*"


def test_every_header_of_ours_can_be_read_by_a_page() -> None:
    code = "".join(file.read_text() for file in sorted((SOURCES / "http").glob("*.py")))
    answered = set(re.findall(r'_HEADER(?:: Final)? = "(x-[a-z-]+)"', code)) - {"x-alive-lenient"}
    assert answered <= set(EXPOSED_HEADERS)
    assert len(answered) > 1
