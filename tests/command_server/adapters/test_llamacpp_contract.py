"""The llama.cpp adapter keeps the contract, with a model of random weights."""

from pathlib import Path

from alive_core import ChatJob, CompleteJob, Job, Message, Target
from alive_core.testing import AdapterContract
from command_server.adapters.llamacpp import LlamaCppAdapter
from support.random_model import write_random_model


class TestLlamaCppAdapter(AdapterContract):
    adapter = LlamaCppAdapter

    def target(self, folder: Path) -> Target:
        model = folder / "random.gguf"
        if not model.exists():
            write_random_model(model)
        return Target("llamacpp", name="random", path=str(model), context=512, parallel=2, options={"threads": 1})

    def refused_jobs(self, target: Target) -> list[Job]:
        return [
            ChatJob("long", (Message("user", "word " * 5000),)),
            CompleteJob("long", ("word " * 5000,)),
        ]
