"""Several targets behind one profile, over real sockets: whoever answers, the client hears one honest answer."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import openai
import pytest

from alive_core import Service
from alive_core.http import stream as stream_module
from alive_core.testing.scripted import ScriptedAdapter
from alive_core.testing.server import Served, serving

WITHIN_S = 5.0
OPEN_S = 0.3
Json = dict[str, object]


class Stage:
    """A server whose profile `chat` has the targets that a test wants, and what it takes to watch them."""

    def __init__(self, served: Served, http: httpx.AsyncClient, folder: Path) -> None:
        self.served, self.http, self._folder = served, http, folder

    def seen(self, target: str, what: str = "start") -> int:
        """How often a target noted something in its journal."""
        journal = self._folder / f"{target}.journal"
        lines = journal.read_text().splitlines() if journal.exists() else []
        return sum(line.split()[0] == what for line in lines)

    def fail(self, target: str, **failure: object) -> None:
        """From now on every job of the target fails."""
        (self._folder / f"{target}.failing").write_text(json.dumps(failure))

    def heal(self, target: str) -> None:
        """From now on it works."""
        (self._folder / f"{target}.failing").unlink()

    def phase(self, target: str) -> str:
        """How its breaker stands."""
        routes = {route.target.name: route for offer in self.served.context.roster for route in offer.routes}
        return self.served.context.router.phase_of(routes[target].target)

    async def ask(self, script: str = "hello", **more: object) -> httpx.Response:
        body = {"model": "chat", "messages": [{"role": "user", "content": script}], **more}
        return await self.http.post("/v1/chat/completions", json=body)

    @property
    def failovers(self) -> dict[tuple[str, str, str], int]:
        """From, to, why: how often."""
        counted = self.served.context.router.counters.failovers
        return {(each.origin, each.target, each.reason): times for each, times in counted.items()}

    async def until_idle(self) -> None:
        """Return when every lease is back."""
        async with asyncio.timeout(WITHIN_S):
            while "| 0 leases, 0 waiting" not in repr(self.served.context.cache):
                await asyncio.sleep(0.005)


@asynccontextmanager
async def staged(
    folder: Path, targets: dict[str, str], *, task: str = "chat", routing: str = "", more: str = ""
) -> AsyncIterator[Stage]:
    """Serve the profile `chat` with `targets`: their names, and what their tables say besides."""
    text = f'[profiles.chat]\ntask = "{task}"\ndescription = "Says."\ntargets = {json.dumps(list(targets))}\n'
    text += f"routing = {{ {routing} }}\n{more}\n"
    for name, table in targets.items():
        own = f'options.journal = "{folder / name}.journal"\noptions.failing = "{folder / name}.failing"\n'
        own += f'options.fingerprint = "model-{name}"\n' if "fingerprint" not in table else ""
        text += f'[targets.{name}]\nadapter = "scripted"\nbreaker.open_s = {OPEN_S}\n{own}{table}\n'
    (folder / "profiles.toml").write_text(text)
    service = Service("scripted", "1.2.3", 0, {"scripted": ScriptedAdapter}, folder)
    async with serving(service) as served, httpx.AsyncClient(base_url=served.url, timeout=20) as http:
        yield Stage(served, http, folder)


def said(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    content = answer.json()["choices"][0]["message"]["content"]
    assert isinstance(content, str)
    return content


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


# --- fallback ---------------------------------------------------------------------------------------------------
async def test_a_target_that_does_not_load_is_followed_by_the_next(tmp_path: Path) -> None:
    async with staged(tmp_path, {"a": 'options.load = "fail"', "b": ""}) as stage:
        answer = await stage.ask()
        assert said(answer) == "hello"
        assert answer.headers["x-alive-fingerprint"] == answer.json()["system_fingerprint"] == "model-b"
        assert stage.failovers == {("a", "b", "down"): 1}


async def test_each_failover_is_one_warning_with_the_requests_id_and_the_request_line_tells_who_answered(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with staged(tmp_path, {"a": 'options.load = "fail"', "b": ""}) as stage:
        answer = await stage.ask()
    (warning,) = [each for each in caplog.records if each.name == "alive_core.routing.dispatch"]
    details = vars(warning)
    assert warning.levelno == logging.WARNING
    assert (details["from_target"], details["to_target"], details["reason"]) == ("a", "b", "down")
    assert details["request_id"] == answer.headers["x-request-id"]
    (line,) = [vars(each) for each in caplog.records if each.name == "alive_core.access"]
    assert (line["target"], line["failovers"], line["profile"]) == ("b", 1, "chat")


async def test_who_answered_stands_in_the_answer_only_where_the_operator_says_so(tmp_path: Path) -> None:
    targets = {"a": 'options.load = "fail"', "b": ""}
    async with staged(tmp_path, targets) as stage:
        assert "x-alive-target" not in (await stage.ask()).headers
    async with staged(tmp_path, targets, more="show_target = true") as stage:
        assert (await stage.ask()).headers["x-alive-target"] == "b"
        assert (await stage.ask(stream=True)).headers["x-alive-target"] == "b"


async def test_a_stream_whose_first_target_fails_after_a_comment_goes_on_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "COMMENT_INTERVAL_S", 0.05)
    slow = 'options.load = "fail"\noptions.load_steps = 4\noptions.load_s = 0.4'
    async with staged(tmp_path, {"a": slow, "b": ""}, more="show_target = true") as stage:
        answer = await stage.ask(stream=True)
        assert answer.text.startswith(": ")
        chunks = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: {")]
        assert {chunk["system_fingerprint"] for chunk in chunks} == {"model-b"}
        assert answer.text.rstrip().endswith("[DONE]")
        assert "x-alive-fingerprint" not in answer.headers, "it was not certain yet"
        assert "x-alive-target" not in answer.headers


async def test_nothing_is_tried_again_after_the_first_word(tmp_path: Path) -> None:
    async with staged(tmp_path, {"a": "", "b": ""}) as stage:
        answer = await stage.ask('begun\n/fail {"kind": "EngineCrashed"}', stream=True)
        assert '"code":"engine_crashed"' in answer.text
        assert (stage.seen("a"), stage.seen("b")) == (1, 0)
        whole = await stage.ask('begun\n/fail {"kind": "EngineCrashed"}')
        assert code(whole) == (503, "engine_crashed")
        assert (stage.seen("a"), stage.seen("b")) == (2, 0)


async def test_an_engine_that_crashes_is_tried_once_more_then_the_next_target(tmp_path: Path) -> None:
    async with staged(tmp_path, {"a": 'engine = "child"', "b": "options.guarded = true"}) as stage:
        answer = await stage.ask("/exit 3")
        assert code(answer) == (503, "engine_crashed")  # the guarded one refuses the script: not worth waiting for
        assert (stage.seen("a"), stage.failovers) == (2, {("a", "b", "down"): 1})


async def test_a_full_queue_leads_to_the_next_target(tmp_path: Path) -> None:
    async with staged(tmp_path, {"a": "parallel = 1\nqueue_limit = 1", "b": "parallel = 4"}) as stage:
        assert said(await stage.ask()) == "hello"  # loaded, so that nobody waits for that
        held = [asyncio.ensure_future(stage.ask("/sleep 0.5\ndone")) for _ in range(2)]
        async with asyncio.timeout(WITHIN_S):
            while "1 leases, 1 waiting" not in repr(stage.served.context.cache):
                await asyncio.sleep(0.005)
        answer = await stage.ask()
        assert answer.headers["x-alive-fingerprint"] == "model-b"
        assert stage.failovers == {("a", "b", "busy"): 1}
        assert [said(each) for each in await asyncio.gather(*held)] == ["done", "done"]


async def test_what_is_too_long_for_one_goes_to_a_larger_window(tmp_path: Path) -> None:
    async with staged(tmp_path, {"a": "context = 4", "b": "context = 64"}) as stage:
        assert (await stage.ask("short")).headers["x-alive-fingerprint"] == "model-a"
        assert (await stage.ask("one two three four five six")).headers["x-alive-fingerprint"] == "model-b"
        assert stage.failovers == {("a", "b", "too_long"): 1}
        assert code(await stage.ask("word " * 100)) == (400, "context_length_exceeded")
        model = (await stage.http.get("/v1/models/chat")).json()
        assert model["alive"]["context_window"] == 64


async def test_a_field_that_one_refuses_goes_to_one_that_honours_it(tmp_path: Path) -> None:
    targets = {"a": 'options.parameters = "none"', "b": ""}
    async with staged(tmp_path, targets) as stage:
        assert (await stage.ask(temperature=0.5)).headers["x-alive-fingerprint"] == "model-b"
        assert stage.failovers == {("a", "b", "refused"): 1}
        assert (stage.seen("a"), stage.seen("b")) == (0, 1)
        table = (await stage.http.get("/v1/models/chat")).json()["alive"]["support"]
        assert table["temperature"] == "honoured"
        assert code(await stage.ask(verbosity="high")) == (400, "unsupported_parameter")
    async with staged(tmp_path, targets, routing='fallback_on = ["down"]') as stage:
        refused = await stage.ask(temperature=0.5)
        assert code(refused) == (400, "unsupported_parameter")
        assert refused.json()["error"]["param"] == "temperature"
        table = (await stage.http.get("/v1/models/chat")).json()["alive"]["support"]
        assert table["temperature"] == "refused"


async def test_a_contradiction_in_the_request_is_refused_before_anyone_is_asked(tmp_path: Path) -> None:
    async with staged(tmp_path, {"a": "", "b": ""}) as stage:
        answer = await stage.ask(tool_choice="required")
        assert answer.status_code == 400
        assert (stage.seen("a"), stage.seen("b")) == (0, 0)


async def test_what_leniency_left_out_is_told_of_the_target_that_answered(tmp_path: Path) -> None:
    targets = {"a": 'options.parameters = "none"\noptions.load = "fail"', "b": ""}
    async with staged(tmp_path, targets) as stage:
        answer = await stage.ask(temperature=0.5, alive={"lenient": True})
        assert said(answer) == "hello"
        assert "x-alive-ignored" not in answer.headers
    targets = {"a": 'options.load = "fail"', "b": 'options.parameters = "none"'}
    async with staged(tmp_path, targets) as stage:
        assert (await stage.ask(temperature=0.5, alive={"lenient": True})).headers["x-alive-ignored"] == "temperature"


async def test_what_the_headers_did_not_tell_is_not_left_out_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "COMMENT_INTERVAL_S", 0.05)
    slow = 'options.load = "fail"\noptions.load_steps = 4\noptions.load_s = 0.4'
    async with staged(tmp_path, {"a": slow, "b": 'options.parameters = "none"'}) as stage:
        answer = await stage.ask(temperature=0.5, alive={"lenient": True}, stream=True)
        assert answer.text.startswith(": ")
        assert '"code":"load_failed"' in answer.text
        assert stage.seen("b") == 0


async def test_a_response_begins_anew_on_the_next_target(tmp_path: Path) -> None:
    async with (
        staged(tmp_path, {"a": 'options.load = "fail"', "b": ""}) as stage,
        openai.AsyncOpenAI(base_url=stage.served.api, api_key="any", max_retries=0) as client,
    ):
        events = [event async for event in await client.responses.create(model="chat", input="Hi", stream=True)]
        assert [event.sequence_number for event in events] == list(range(len(events)))
        assert events[-1].type == "response.completed"
        kept = await client.responses.retrieve(events[-1].response.id)
        assert kept.output_text == "Hi"


# --- which model --------------------------------------------------------------------------------------------------
async def test_a_request_that_relies_on_a_fingerprint_is_answered_by_that_model_alone(tmp_path: Path) -> None:
    async with staged(tmp_path, {"a": "", "b": ""}) as stage:
        answer = await stage.ask(alive={"fingerprint": "model-b"})
        assert answer.headers["x-alive-fingerprint"] == answer.json()["system_fingerprint"] == "model-b"
        stage.fail("b", kind="LoadFailed")
        assert code(await stage.ask(alive={"fingerprint": "model-b"})) == (503, "load_failed")
        assert stage.seen("a") == 0
        assert code(await stage.ask(alive={"fingerprint": "model-c"})) == (412, "fingerprint_mismatch")


async def test_vectors_come_from_one_model_whatever_the_strategy(tmp_path: Path) -> None:
    targets = {"a": "cost = 9", "twin": 'cost = 5\noptions.fingerprint = "model-a"', "b": "cost = 1"}
    body = {"model": "chat", "input": "text"}
    async with staged(tmp_path, targets, task="embed", routing='strategy = "cheapest"') as stage:
        assert (await stage.http.post("/v1/embeddings", json=body)).headers["x-alive-fingerprint"] == "model-a"
        assert stage.seen("twin") == 1
        stage.fail("twin", kind="LoadFailed")
        assert (await stage.http.post("/v1/embeddings", json=body)).headers["x-alive-fingerprint"] == "model-a"
        stage.fail("a", kind="LoadFailed")
        assert code(await stage.http.post("/v1/embeddings", json=body)) == (503, "load_failed")
        assert stage.seen("b") == 0


# --- strategies -----------------------------------------------------------------------------------------------------
async def test_cheapest_begins_with_the_lowest_cost(tmp_path: Path) -> None:
    targets = {"dear": "cost = 10.0", "fair": "cost = 0.5"}
    async with staged(tmp_path, targets, routing='strategy = "cheapest"') as stage:
        assert (await stage.ask()).headers["x-alive-fingerprint"] == "model-fair"


async def test_warm_first_prefers_what_is_loaded_and_free(tmp_path: Path) -> None:
    async with staged(tmp_path, {"a": "", "b": ""}, routing='strategy = "warm_first"') as stage:
        assert (await stage.ask(alive={"fingerprint": "model-b"})).status_code == 200
        assert (await stage.ask()).headers["x-alive-fingerprint"] == "model-b"
        held = asyncio.ensure_future(stage.ask("/sleep 0.5", alive={"fingerprint": "model-b"}))
        assert (await stage.ask(alive={"fingerprint": "model-a"})).status_code == 200
        async with asyncio.timeout(WITHIN_S):
            while "1 leases" not in repr(stage.served.context.cache):
                await asyncio.sleep(0.005)
        assert (await stage.ask()).headers["x-alive-fingerprint"] == "model-a"
        await held


async def test_a_quick_target_overtakes_a_slow_one_which_is_cancelled(tmp_path: Path) -> None:
    routing = 'strategy = "hedged", hedge_after_s = 0.05'
    async with staged(tmp_path, {"a": "options.pause_s = 60.0", "b": ""}, routing=routing) as stage:
        for stream in (False, True):
            async with asyncio.timeout(WITHIN_S):
                answer = await stage.ask(stream=stream)
            assert answer.headers["x-alive-fingerprint"] == "model-b"
            await stage.until_idle()
        assert (stage.seen("a"), stage.seen("a", "leave"), stage.seen("b", "end")) == (2, 2, 2)
        assert sum(stage.served.context.router.counters.hedges_won.values()) == 2


async def test_a_quick_first_target_is_never_hedged(tmp_path: Path) -> None:
    routing = 'strategy = "hedged", hedge_after_s = 5'
    async with staged(tmp_path, {"a": "", "b": ""}, routing=routing) as stage:
        assert (await stage.ask()).headers["x-alive-fingerprint"] == "model-a"
        assert stage.seen("b") == 0


async def test_a_client_that_leaves_ends_both_of_a_race(tmp_path: Path) -> None:
    routing = 'strategy = "hedged", hedge_after_s = 0.05'
    targets = {"a": "options.pause_s = 60.0", "b": "options.pause_s = 60.0"}
    async with staged(tmp_path, targets, routing=routing) as stage:
        asking = asyncio.ensure_future(stage.ask())
        async with asyncio.timeout(WITHIN_S):
            while not stage.seen("b"):
                await asyncio.sleep(0.005)
        asking.cancel()
        await asyncio.wait((asking,))
        await stage.until_idle()
        assert (stage.seen("a", "leave"), stage.seen("b", "leave")) == (1, 1)


# --- time ---------------------------------------------------------------------------------------------------------
async def test_one_deadline_covers_all_targets(tmp_path: Path) -> None:
    slow = 'options.load = "fail"\noptions.load_steps = 4\noptions.load_s = 0.2'
    targets = {"a": slow, "b": "options.pause_s = 60.0"}
    async with staged(tmp_path, targets, more="defaults = { deadline_s = 0.5 }") as stage:
        async with asyncio.timeout(WITHIN_S):
            assert code(await stage.ask()) == (504, "deadline_exceeded")
        assert stage.seen("b", "start") == 1
        await stage.until_idle()


async def test_what_a_caller_would_wait_is_one_time_for_all_targets(tmp_path: Path) -> None:
    slow = "options.load_steps = 4\noptions.load_s = 60.0"
    async with staged(tmp_path, {"a": slow, "b": slow}) as stage:
        async with asyncio.timeout(WITHIN_S):
            refused = await stage.ask(alive={"max_wait_s": 0.2})
        assert code(refused) == (503, "model_unavailable")
        assert refused.headers["retry-after"]


async def test_the_rest_that_an_upstream_asks_for_is_given_and_the_client_hears_nothing_of_it(tmp_path: Path) -> None:
    async with staged(tmp_path, {"a": ""}) as stage:
        answer = await stage.ask('/fail {"kind": "RateLimited", "retry_after": 0.2, "times": 1}\nwelcome')
        assert said(answer) == "welcome"
        assert stage.seen("a") == 2
    async with staged(tmp_path, {"a": ""}, routing="retries = 0") as stage:
        refused = await stage.ask('/fail {"kind": "RateLimited", "retry_after": 1.5, "times": 1}\nwelcome')
        assert (code(refused), refused.headers["retry-after"]) == ((429, "rate_limit_exceeded"), "2")


# --- breakers -----------------------------------------------------------------------------------------------------
async def test_a_breaker_opens_half_opens_and_closes(tmp_path: Path) -> None:
    async with staged(tmp_path, {"a": "", "b": ""}, routing="retries = 0") as stage:
        stage.fail("a", kind="UpstreamFailed")
        for _ in range(5):
            assert (await stage.ask()).headers["x-alive-fingerprint"] == "model-b"
        assert (stage.phase("a"), stage.seen("a")) == ("open", 5)
        status = (await stage.http.get("/alive/status")).json()
        assert [each["breaker"] for each in status["models"]] == ["open", "closed"]
        (chat,) = status["profiles"]
        assert (chat["serving"], chat["answered"], chat["failovers"]) == ("b", {"b": 5}, 5)

        assert (await stage.ask()).headers["x-alive-fingerprint"] == "model-b"  # spared: not even asked
        assert (stage.seen("a"), stage.failovers[("a", "b", "open")]) == (5, 1)

        async with asyncio.timeout(WITHIN_S):
            while stage.phase("a") == "open":
                await asyncio.sleep(OPEN_S / 10)
        assert stage.phase("a") == "half_open"
        assert (await stage.ask()).headers["x-alive-fingerprint"] == "model-b"  # the probe, and it fails
        assert (stage.seen("a"), stage.phase("a")) == (6, "open")

        stage.heal("a")
        async with asyncio.timeout(WITHIN_S):
            while stage.phase("a") == "open":
                await asyncio.sleep(OPEN_S / 10)
        assert (await stage.ask()).headers["x-alive-fingerprint"] == "model-a"  # the probe, and it is answered
        assert stage.phase("a") == "closed"


async def test_a_sole_upstream_that_is_spared_is_refused_at_once_with_a_time(tmp_path: Path) -> None:
    async with staged(tmp_path, {"a": "breaker.failures = 2"}, routing="retries = 0") as stage:
        stage.fail("a", kind="UpstreamFailed", message="It is down.")
        for _ in range(3):
            refused = await stage.ask()
            assert code(refused) == (502, "upstream_failed")
        assert stage.seen("a") == 2
        assert refused.headers["retry-after"] == "1"
        model = (await stage.http.get("/v1/models/chat")).json()
        assert model["alive"]["state"] == "cooling_down"


async def test_a_profile_is_as_well_as_the_target_that_would_serve_next(tmp_path: Path) -> None:
    async with staged(tmp_path, {"a": 'options.load = "fail"', "b": ""}) as stage:
        assert (await stage.http.get("/v1/models/chat")).json()["alive"]["state"] == "idle"
        assert said(await stage.ask()) == "hello"
        assert (await stage.http.get("/v1/models/chat")).json()["alive"]["state"] == "ready"
        assert (await stage.http.get("/health/ready")).status_code == 200
