"""The door, over real sockets: who comes in, and where to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from alive_core.constants import GIB
from alive_core.http import app
from alive_core.http.door import presented_key
from alive_core.http.endpoint import Endpoint
from alive_core.settings import Settings
from support.fake_server import fake_server

ADMIN_PATH = "/alive/secrets/{name:path}"


async def tell_secret(_: Request) -> PlainTextResponse:
    """For operators."""
    return PlainTextResponse("secret")


@pytest.fixture(autouse=True)
def admin_route(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every server of these tests has one route for operators."""
    secret = Endpoint(
        path=ADMIN_PATH,
        handler=tell_secret,
        group="Operation",
        summary="A secret",
        parameters={"name": "Which."},
        is_admin=True,
    )
    monkeypatch.setattr(app, "ENDPOINTS", (*app.ENDPOINTS, secret))


@asynccontextmanager
async def asking(
    folder: Path, *, host: str = "127.0.0.1", users: tuple[str, ...] = (), admins: tuple[str, ...] = ()
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server with these keys; it listens on loopback, whatever `host` claims."""
    settings = Settings(host=host, memory_budget=GIB, api_keys=users, admin_keys=admins)
    async with (
        fake_server(folder, settings=settings) as served,
        httpx.AsyncClient(base_url=served.url, timeout=20) as http,
    ):
        yield http


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


async def status(http: httpx.AsyncClient, path: str, key: str = "", method: str = "GET") -> int:
    return (await http.request(method, path, headers=bearer(key) if key else {})).status_code


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ([], ""),
        ([(b"authorization", b"Bearer one")], "one"),
        ([(b"authorization", b"bEARER   one ")], "one"),
        ([(b"x-api-key", b"one")], "one"),
        ([(b"authorization", b"Basic abc"), (b"x-api-key", b"one")], "one"),
        ([(b"x-api-key", b"two"), (b"authorization", b"Bearer one")], "one"),
        ([(b"authorization", b"Bearer one"), (b"authorization", b"Bearer two")], "one"),
        ([(b"authorization", b"Bearer")], ""),
        ([(b"authorization", b"Bearer \xff")], "\xff"),
    ],
)
def test_a_key_is_a_bearer_token_or_x_api_key(headers: list[tuple[bytes, bytes]], key: str) -> None:
    assert presented_key(headers) == key


async def test_a_user_key_opens_the_api_and_not_what_is_for_operators(tmp_path: Path) -> None:
    async with asking(tmp_path, users=("one",), admins=("root",)) as http:
        assert await status(http, "/v1/models", "one") == 200
        refused = await http.get("/alive/secrets/a/b", headers=bearer("one"))
        assert refused.status_code == 403
        assert refused.json()["error"]["type"] == "invalid_request_error"
        assert refused.json()["error"]["code"] == "insufficient_permissions"
        assert await status(http, "/alive/secrets/a/b", "root") == 200
        assert await status(http, "/v1/models", "root") == 200


@pytest.mark.parametrize("path", ["/alive/secrets/a", "/alive/secrets/%61", "/alive/secrets//a"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_no_spelling_of_a_path_goes_around_the_rule(tmp_path: Path, path: str, method: str) -> None:
    async with asking(tmp_path, users=("one",), admins=("root",)) as http:
        assert await status(http, path, "one", method) == 403
        assert await status(http, path, "root", method) == 200


async def test_where_only_operators_have_keys_everyone_needs_one(tmp_path: Path) -> None:
    async with asking(tmp_path, admins=("root",)) as http:
        assert await status(http, "/v1/models") == 401
        assert await status(http, "/alive/secrets/a") == 401
        assert await status(http, "/alive/secrets/a", "root") == 200


async def test_off_loopback_what_is_for_operators_needs_an_operator(tmp_path: Path) -> None:
    async with asking(tmp_path, host="0.0.0.0", users=("one",)) as http:
        assert await status(http, "/v1/models", "one") == 200
        assert await status(http, "/alive/secrets/a", "one") == 403


@pytest.mark.parametrize(("users", "key"), [((), ""), (("one",), "one")])
async def test_on_loopback_without_operators_whoever_may_ask_may_see_it(
    tmp_path: Path, users: tuple[str, ...], key: str
) -> None:
    async with asking(tmp_path, users=users) as http:
        assert await status(http, "/alive/secrets/a", key) == 200


async def test_health_and_documentation_ask_for_nothing(tmp_path: Path) -> None:
    async with asking(tmp_path, users=("one",), admins=("root",)) as http:
        for path in ("/health/live", "/health/ready", "/openapi.json", "/docs"):
            assert await status(http, path) == 200


async def test_the_document_says_where_an_operator_is_needed(tmp_path: Path) -> None:
    async with asking(tmp_path) as http:
        paths = (await http.get("/openapi.json")).json()["paths"]
        assert "403" in paths["/alive/secrets/{name}"]["get"]["responses"]
        assert "403" not in paths["/v1/models"]["get"]["responses"]
