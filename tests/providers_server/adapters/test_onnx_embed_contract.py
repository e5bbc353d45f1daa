"""The embedding adapter keeps the contract, with the real model."""

from pathlib import Path

from alive_core import EmbedJob, Job, Target
from alive_core.testing import AdapterContract
from providers_server.adapters.onnx_embed import OnnxEmbedAdapter
from support.embed_model import real_model


class TestOnnxEmbedAdapter(AdapterContract):
    adapter = OnnxEmbedAdapter

    def target(self, folder: Path) -> Target:
        return Target("onnx-embed", name="embed", path=str(real_model()), options={"threads": 1})

    def refused_jobs(self, target: Target) -> list[Job]:
        return [
            EmbedJob("nothing", ()),
            EmbedJob("empty", ("a", "")),
            EmbedJob("cut", ("a",), dimensions=7),
            EmbedJob("long", ("word " * 5000,)),
        ]
