"""The chat adapter keeps the contract, with models of random weights."""

from pathlib import Path

from alive_core import ChatJob, JsonOutput, Message, Sampling, Target
from alive_core.testing import AdapterContract
from providers_server.adapters.onnx_chat import OnnxChatAdapter
from support.random_chat_model import COMMAND, QWEN, Family, write_random_chat_model

HELLO = (Message("user", "Hello"),)


class TestOnnxChatAdapter(AdapterContract):
    adapter = OnnxChatAdapter
    family: Family = COMMAND

    def target(self, folder: Path) -> Target:
        model = folder / "random"
        if not model.exists():
            write_random_chat_model(model, family=self.family)
        return Target("onnx-chat", name="random", path=str(model), context=512, parallel=2, options={"threads": 1})

    def refused_jobs(self, target: Target) -> list[ChatJob]:
        return [
            ChatJob("long", (Message("user", "word " * 5000),)),
            ChatJob("asks too much", HELLO, Sampling(max_tokens=600, asked_tokens=600)),
            ChatJob("nothing", HELLO, Sampling(max_tokens=0)),
            ChatJob("no such token", HELLO, Sampling(logit_bias={100_000: 1.0})),
            ChatJob("no schema", HELLO, json_output=JsonOutput({"type": "object", "unevaluatedProperties": False})),
        ]


class TestOnnxChatAdapterInHermesForm(TestOnnxChatAdapter):
    family = QWEN
