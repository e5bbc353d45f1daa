"""The example that needs no model: its adapter keeps the contract, the server answers the official client."""

from pathlib import Path

import pytest
from openai import BadRequestError, OpenAI

from alive_core import ChatJob, Job, Message, Target
from alive_core.testing import AdapterContract
from support.examples import EXAMPLES, import_from, running_script

EchoAdapter = import_from(EXAMPLES / "echo_server", "echo").EchoAdapter


class TestEchoAdapter(AdapterContract):
    adapter = EchoAdapter

    def target(self, folder: Path) -> Target:
        return Target("echo", name="echo", context=100)

    def refused_jobs(self, target: Target) -> list[Job]:
        return [ChatJob("long", (Message("user", "word " * 51),))]


def test_it_answers_streams_and_refuses(tmp_path: Path) -> None:
    question = {"model": "chat", "messages": [{"role": "user", "content": "Hello you"}]}
    with (
        running_script(EXAMPLES / "echo_server" / "main.py", tmp_path) as server,
        OpenAI(base_url=server.api, api_key="any", max_retries=0) as client,
    ):
        answer = client.chat.completions.create(**question)  # type: ignore[call-overload]
        chunks = list(client.chat.completions.create(**question, stream=True))  # type: ignore[call-overload]
        long = question | {"messages": [{"role": "user", "content": "word " * 3000}]}
        with pytest.raises(BadRequestError, match=r"3000 words and their echo do not fit .* 4096 words"):
            client.chat.completions.create(**long)  # type: ignore[call-overload]
    assert answer.choices[0].message.content == "Hello you"
    assert answer.usage.total_tokens == 4
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hello you"
