"""The GPU-only example, copied to a folder of its own as a team would take it, with a model of random weights."""

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from openai import BadRequestError, OpenAI

from alive_core import ChatJob, Job, JsonOutput, Message, Sampling, Target, find_gpu
from alive_core.testing import AdapterContract
from support.examples import EXAMPLES, import_from, running_script
from support.random_model import write_random_model
from support.servers import Server, environment

GgufAdapter = import_from(EXAMPLES / "third_server", "gguf_adapter").GgufAdapter
DEMO = Path(__file__).parents[2] / "services/command_server/src/command_server/models/demo-command.gguf"
LINES_OF_MAIN = 30
LINES_OF_ADAPTER = 80
LOADS = 40  # one in seven hung when it was freed too early
WITHIN_S = 60.0
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


class TestGgufAdapter(AdapterContract):
    adapter = GgufAdapter

    def target(self, folder: Path) -> Target:
        model = folder / "model.gguf"
        if not model.exists():
            write_random_model(model)
        return Target("gguf", name="random", path=str(model), context=512, parallel=2)

    def refused_jobs(self, target: Target) -> list[Job]:
        return [ChatJob("long", (Message("user", "word " * 5000),))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy far from the repository, with the demo model put where its README says."""
    folder = tmp_path_factory.mktemp("elsewhere") / "third_server"
    shutil.copytree(EXAMPLES / "third_server", folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(DEMO, folder / "model.gguf")
    profiles = folder / "profiles.toml"
    profiles.write_text(profiles.read_text().replace("tools = false", "tools = true").replace("4096", "1024"))
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with running_script(folder / "main.py", folder.parent / "home", "--cpu") as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[OpenAI]:
    with OpenAI(base_url=server.api, api_key="any", max_retries=0) as client:
        yield client


def ask(text: str) -> dict[str, object]:
    return {"model": "chat", "messages": [{"role": "user", "content": text}], "temperature": 0}


def test_it_is_as_small_as_promised() -> None:
    assert len((EXAMPLES / "third_server" / "main.py").read_text().splitlines()) <= LINES_OF_MAIN
    source = (EXAMPLES / "third_server" / "gguf_adapter.py").read_text()
    (adapter,) = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    assert adapter.end_lineno is not None
    assert adapter.end_lineno - adapter.lineno < LINES_OF_ADAPTER


@pytest.mark.parametrize("hidden", [{"CUDA_VISIBLE_DEVICES": "", "HIP_VISIBLE_DEVICES": ""}])
def test_without_a_gpu_it_refuses_to_start_in_one_sentence(folder: Path, hidden: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, folder / "main.py", "--port", "0"],
        env=environment(folder.parent / "home", **hidden),
        capture_output=True,
        text=True,
        check=False,
    )
    assert find_gpu(hidden) is None
    assert done.returncode == 1
    assert done.stderr == (
        "third_server: third_server needs a GPU, and this machine has none that it may use; "
        "to try it on the CPU, slowly, start it with --cpu.\n"
    )


def test_it_answers_the_official_client(client: OpenAI) -> None:
    answer = client.chat.completions.create(**ask("hello"), max_tokens=8)  # type: ignore[call-overload]
    assert answer.choices[0].message.content
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_it_streams_with_usage(client: OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            **ask("hello"), max_tokens=8, stream=True, stream_options={"include_usage": True}
        )  # type: ignore[call-overload]
    )
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert chunks[-1].usage.completion_tokens <= 8
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "length"


def test_it_holds_an_answer_to_a_schema(client: OpenAI) -> None:
    schema = {
        "type": "object",
        "properties": {"yes": {"type": "boolean"}},
        "required": ["yes"],
        "additionalProperties": False,
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    answer = client.chat.completions.create(**ask("hello"), response_format=wanted, max_tokens=200)  # type: ignore[call-overload]
    assert set(json.loads(answer.choices[0].message.content)) == {"yes"}


def test_it_calls_a_tool_and_takes_its_result(client: OpenAI) -> None:
    question = ask("weather in Rome?") | {"tools": [WEATHER], "tool_choice": "required", "max_tokens": 120}
    message = client.chat.completions.create(**question).choices[0].message  # type: ignore[call-overload]
    call = message.tool_calls[0]
    assert call.id.startswith("call_")
    assert call.function.name == "get_weather"
    assert isinstance(json.loads(call.function.arguments)["city"], str)
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    history = [*question["messages"], message.model_dump(exclude_none=True), result]  # type: ignore[misc]
    again = question | {"messages": history, "tool_choice": "none", "max_tokens": 8}
    assert client.chat.completions.create(**again).choices[0].finish_reason in {"stop", "length"}  # type: ignore[call-overload]


def test_what_it_cannot_do_is_refused_by_name(client: OpenAI) -> None:
    with pytest.raises(BadRequestError) as caught:
        client.chat.completions.create(**ask("hello"), logprobs=True)  # type: ignore[call-overload]
    assert caught.value.param == "logprobs"


def test_a_prompt_that_is_too_long_is_refused_with_both_numbers(client: OpenAI) -> None:
    with pytest.raises(BadRequestError, match=r"\d+ tokens\).*1024 tokens") as caught:
        client.chat.completions.create(**ask("hello " * 3000))  # type: ignore[call-overload]
    assert caught.value.code == "context_length_exceeded"


def test_without_a_model_it_says_where_to_put_one(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "third_server", tmp_path / "third", ignore=shutil.ignore_patterns("*.gguf"))
    with (
        running_script(tmp_path / "third" / "main.py", tmp_path / "home", "--cpu") as server,
        OpenAI(base_url=server.api, api_key="any", max_retries=0) as client,
    ):
        (model,) = client.models.list().data
    reason = model.model_dump()["alive"]["reason"]
    assert reason == f"there is no file at {tmp_path / 'third' / 'model.gguf'}"


def test_a_json_object_without_a_schema_is_an_object() -> None:
    body = import_from(EXAMPLES / "third_server", "gguf_adapter").request(
        ChatJob("a", (Message("user", "hi"),), Sampling(stop=("x",)), json_output=JsonOutput())
    )
    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert body["stop"] == ("x",)


def test_a_model_that_is_closed_as_soon_as_it_is_loaded_is_freed(folder: Path, tmp_path: Path) -> None:
    """In a process of its own, which a hang in the engine's destructor would hold for good."""
    model = write_random_model(tmp_path / "model.gguf")
    program = (
        "import asyncio\n"
        "from alive_core import Target\n"
        "from gguf_adapter import GgufAdapter\n"
        "async def load_and_close():\n"
        f"    adapter = await GgufAdapter.load(Target('gguf', name='random', path={str(model)!r}, context=512))\n"
        "    await asyncio.gather(adapter.close(), adapter.close())\n"
        f"for _ in range({LOADS}):\n"
        "    asyncio.run(load_and_close())\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=folder, check=True, capture_output=True, timeout=WITHIN_S)
