"""Keys, over real sockets and real processes: who comes in, as whom, and how often."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import httpx
import pytest
from openai import AuthenticationError, OpenAI, RateLimitError

from support.issuer import AUDIENCE, local_issuer
from support.servers import Server, alive, refused, running

SERVICE = "alive_core.testing.scripted_server"
TIMEOUT_S = 30.0
CLIENTS = 50
LIMIT = 20


def made(home: Path, *arguments: str) -> str:
    """Make a key, as an operator does; only the key stands on standard output."""
    done = alive("keys", "add", *arguments, home=home)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    return done.stdout.strip()


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def status(server: Server, key: str | None = None, path: str = "/v1/models") -> int:
    headers = {} if key is None else bearer(key)
    return httpx.get(f"{server.url}{path}", headers=headers, timeout=TIMEOUT_S).status_code


def chat(server: Server, key: str | None, *, stream: bool) -> httpx.Response:
    return httpx.post(
        f"{server.api}/chat/completions",
        json={"model": "chat", "messages": [{"role": "user", "content": "hello"}], "stream": stream},
        headers={} if key is None else bearer(key),
        timeout=TIMEOUT_S,
    )


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Two instances of one user on one machine."""
    with ExitStack() as stack:
        first = stack.enter_context(running(SERVICE, tmp_path))
        second = stack.enter_context(running(SERVICE, tmp_path))
        yield first, second


def test_every_instance_knows_a_key_from_the_moment_it_is_made_until_it_is_taken_back(
    tmp_path: Path, pair: tuple[Server, Server]
) -> None:
    assert [status(server) for server in pair] == [200, 200], "without keys everyone on this machine comes in"
    key = made(tmp_path, "app")
    for server in pair:
        assert status(server) == 401
        assert status(server, "wrong") == 401
        assert status(server, key) == 200
        assert httpx.get(f"{server.api}/models", headers={"x-api-key": key}, timeout=TIMEOUT_S).status_code == 200
    done = alive("keys", "revoke", "app", home=tmp_path)
    assert "opens nothing any more" in done.stdout
    for server in pair:
        answer = httpx.get(f"{server.api}/models", headers=bearer(key), timeout=TIMEOUT_S)
        assert answer.status_code == 401
        assert answer.json()["error"]["message"] == "This API key was revoked."
        assert status(server) == 401, "taking the last key away opens no door"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_an_answer_is_for_those_with_a_key(tmp_path: Path, pair: tuple[Server, Server], stream: bool) -> None:
    key = made(tmp_path, "app")
    short = made(tmp_path, "short", "--expires", "1ms")  # over before its maker is
    for server in pair:
        for stranger in (None, "sk-alive-00000000-" + "A" * 43, key[:-1], key.upper(), short):
            answer = chat(server, stranger, stream=stream)
            assert answer.status_code == 401
            assert answer.json()["error"]["code"] == "invalid_api_key"
            assert answer.headers["content-type"] == "application/json"
        assert chat(server, key, stream=stream).status_code == 200


def test_the_official_client_sees_what_it_expects(tmp_path: Path, pair: tuple[Server, Server]) -> None:
    key = made(tmp_path, "bot", "--requests-per-minute", "1")
    with OpenAI(base_url=pair[0].api, api_key="wrong", max_retries=0) as stranger, pytest.raises(AuthenticationError):
        stranger.models.list()
    with OpenAI(base_url=pair[0].api, api_key=key, max_retries=0) as client:
        assert client.models.with_raw_response.list().headers["x-ratelimit-remaining-requests"] == "0"
        with pytest.raises(RateLimitError) as caught:
            client.models.list()
    error = caught.value
    assert (error.type, error.code) == ("rate_limit_error", "rate_limit_exceeded")
    assert 1 <= int(error.response.headers["retry-after"]) <= 60


async def test_many_clients_at_once_get_exactly_the_limit_from_all_instances_together(
    tmp_path: Path, pair: tuple[Server, Server]
) -> None:
    key = made(tmp_path, "bot", "--requests-per-minute", str(LIMIT))
    async with httpx.AsyncClient(headers=bearer(key), timeout=TIMEOUT_S) as http:
        urls = [f"{pair[number % 2].api}/models" for number in range(CLIENTS)]
        answers = await asyncio.gather(*(http.get(url) for url in urls))
    assert Counter(answer.status_code for answer in answers) == {200: LIMIT, 429: CLIENTS - LIMIT}
    left = sorted(int(each.headers["x-ratelimit-remaining-requests"]) for each in answers if each.status_code == 200)
    assert left == list(range(LIMIT)), "each answer tells its own place"
    for answer in answers:
        assert answer.headers["x-ratelimit-limit-requests"] == str(LIMIT)
        assert answer.headers["x-ratelimit-reset-requests"].endswith("s")
        assert "x-ratelimit-limit-tokens" not in answer.headers
        if answer.status_code == 429:
            assert answer.json()["error"]["type"] == "rate_limit_error"
            assert 1 <= int(answer.headers["retry-after"]) <= 60


def ask(server: Server, key: str, words: str, *, stream: bool = False, **more: object) -> httpx.Response:
    body = {"model": "chat", "messages": [{"role": "user", "content": words}], "stream": stream, **more}
    return httpx.post(f"{server.api}/chat/completions", json=body, headers=bearer(key), timeout=TIMEOUT_S)


def left(answer: httpx.Response) -> int:
    """How many tokens of the key are left, as the answer says."""
    return int(answer.headers["x-ratelimit-remaining-tokens"])


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_tokens_are_reserved_before_an_answer_and_put_right_after_it(
    tmp_path: Path, pair: tuple[Server, Server], stream: bool
) -> None:
    key = made(tmp_path, "bot", "--tokens-per-minute", "1000")
    first, second = pair
    answer = ask(first, key, "one two three", max_tokens=500, stream=stream)
    assert answer.status_code == 200
    assert left(answer) < 500, "the most it could have been"
    usage = ask(first, key, "one two three", max_tokens=10).json()["usage"]["total_tokens"]
    assert left(httpx.get(f"{second.api}/models", headers=bearer(key), timeout=TIMEOUT_S)) == 1000 - 2 * usage
    refused = ask(second, key, "one", max_tokens=2000, stream=stream)
    assert refused.status_code == 429
    assert "Send less, or a smaller maximum" in refused.json()["error"]["message"]
    assert left(refused) == 1000 - 2 * usage, "what is refused costs nothing"


def test_an_error_costs_no_tokens(tmp_path: Path, pair: tuple[Server, Server]) -> None:
    key = made(tmp_path, "bot", "--tokens-per-minute", "1000")
    assert ask(pair[0], key, '/fail {"kind": "model_unavailable"}', max_tokens=500).status_code == 503
    assert left(httpx.get(f"{pair[1].api}/models", headers=bearer(key), timeout=TIMEOUT_S)) == 1000


async def test_answers_at_once_never_reserve_more_tokens_than_there_are(
    tmp_path: Path, pair: tuple[Server, Server]
) -> None:
    """Each reserves its maximum, and those that are let in go on until their client leaves."""
    key = made(tmp_path, "bot", "--tokens-per-minute", "10000")
    body = {"model": "chat", "max_tokens": 1000, "messages": [{"role": "user", "content": "/wait"}]}
    async with httpx.AsyncClient(headers=bearer(key), timeout=TIMEOUT_S) as http:
        urls = [f"{pair[number % 2].api}/chat/completions" for number in range(CLIENTS)]
        asking = [asyncio.ensure_future(http.post(url, json=body)) for url in urls]
        refused = [await next_one for next_one in islice(asyncio.as_completed(asking), CLIENTS - 9)]
        assert {answer.status_code for answer in refused} == {429}
        let_in = [task for task in asking if not task.done()]
        assert len(let_in) == 9
        spent = 10_000 - left(await http.get(f"{pair[0].api}/models"))
        assert spent > 9000 and spent % 9 == 0
        for task in let_in:
            task.cancel()
        await asyncio.wait(let_in)


def test_what_is_for_operators_opens_to_operators(tmp_path: Path, pair: tuple[Server, Server]) -> None:
    assert status(pair[0], None, "/alive/status") == 200, "on this machine, and no operator has a key"
    user, operator = made(tmp_path, "app"), made(tmp_path, "ops", "--role", "admin")
    for server in pair:
        assert [status(server, key, "/alive/status") for key in (None, "wrong", user, operator)] == [
            401,
            401,
            403,
            200,
        ]
        answer = httpx.post(f"{server.url}/alive/models/chat/unload", headers=bearer(user), timeout=TIMEOUT_S)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "insufficient_permissions")
    alive("keys", "revoke", "ops", home=tmp_path)
    assert [status(pair[0], key, "/alive/status") for key in (user, operator)] == [403, 401]


def test_what_was_stored_for_one_key_is_not_there_for_another(tmp_path: Path, pair: tuple[Server, Server]) -> None:
    mine, yours = made(tmp_path, "mine"), made(tmp_path, "yours")
    made_here = httpx.post(f"{pair[0].api}/conversations", json={}, headers=bearer(mine), timeout=TIMEOUT_S).json()
    path = f"/v1/conversations/{made_here['id']}"
    assert status(pair[1], mine, path) == 200, "the other instance, the same key"
    assert status(pair[0], yours, path) == 404


def test_the_list_of_keys_shows_no_key(tmp_path: Path, pair: tuple[Server, Server]) -> None:
    key = made(tmp_path, "bot", "--role", "admin", "--tokens-per-day", "9", "--expires", "2099-12-31")
    before = alive("keys", "list", home=tmp_path).stdout
    assert status(pair[0], key) == 200
    after = alive("keys", "list", home=tmp_path).stdout
    for words in (before, after):
        assert key[18:] not in words
        assert "bot" in words and "admin" in words and "9 tokens/day" in words and "2099-12-31" in words
    assert before != after, "it was used"
    log = "".join(file.read_text() for file in (tmp_path / "alive" / "logs").iterdir())
    assert key[18:] not in log
    assert key[9:17] in log, "the id of the key stands in the line of its request"


def test_the_network_is_served_only_where_a_key_opens_the_door(tmp_path: Path) -> None:
    assert "task keys:add" in refused(SERVICE, tmp_path, "--host", "0.0.0.0")
    key = made(tmp_path, "app")
    with running(SERVICE, tmp_path, "--host", "0.0.0.0") as server:
        assert (status(server), status(server, key)) == (401, 200)
    alive("keys", "revoke", "app", home=tmp_path)
    assert "task keys:add" in refused(SERVICE, tmp_path, "--host", "0.0.0.0")


def test_tokens_of_the_issuer_open_the_door_and_no_others(tmp_path: Path) -> None:
    with (
        local_issuer() as issuer,
        local_issuer() as foreign,
        running(SERVICE, tmp_path, ALIVE_OIDC_ISSUER=issuer.url, ALIVE_OIDC_AUDIENCE=AUDIENCE) as server,
    ):
        good = issuer.token()
        for stream in (False, True):
            assert chat(server, good, stream=stream).status_code == 200
            for bad in (
                issuer.token(exp=1),
                issuer.token(aud="somebody else"),
                issuer.token("thief", headers={"kid": "one"}),
                foreign.token(),
                foreign.token("other", iss=issuer.url),
                good[:-8] + "AAAAAAAA",
            ):
                answer = chat(server, bad, stream=stream)
                assert answer.status_code == 401
                assert answer.json()["error"]["code"] == "invalid_api_key"
        assert status(server) == 401
        assert status(server, made(tmp_path, "app")) == 200, "keys and tokens stand beside each other"
        kept = httpx.post(f"{server.api}/conversations", json={}, headers=bearer(good), timeout=TIMEOUT_S).json()
        issuer.is_down = True
        path = f"/v1/conversations/{kept['id']}"
        assert status(server, issuer.token(jti="the next one"), path) == 200, "the same subject, and known keys go on"
        assert status(server, issuer.token(sub="bob"), path) == 404
        assert not foreign.asked


def test_without_the_keys_of_the_issuer_a_token_has_to_wait(tmp_path: Path) -> None:
    with local_issuer() as issuer:
        issuer.is_down = True
        with running(SERVICE, tmp_path, ALIVE_OIDC_ISSUER=issuer.url, ALIVE_OIDC_AUDIENCE=AUDIENCE) as server:
            answer = httpx.get(f"{server.api}/models", headers=bearer(issuer.token()), timeout=TIMEOUT_S)
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "issuer_unavailable")
            assert int(answer.headers["retry-after"]) > 0
            assert status(server, made(tmp_path, "app")) == 200
