"""The chat model on the real engine: prompts are what the folder's own template makes of a conversation."""

import json
import shutil
from pathlib import Path

import msgspec
import pytest

from alive_core import ChatJob, Document, Message, Target, Tool, ToolCall
from providers_server.adapters.chat_files import read_chat_facts
from providers_server.adapters.chat_model import ChatModel

ASKED = Message("user", "Is it warm in São Paulo?")
TOOL = Tool("weather", "Tells the weather.", {"type": "object", "properties": {"city": {"type": "string"}}})
CALLED = Message("assistant", "", tool_calls=(ToolCall("call_1", "weather", '{"city": "São Paulo"}'),))
JOBS = (
    ChatJob("plain", (ASKED,)),
    ChatJob("long", (Message("system", "Be kind."), ASKED, Message("assistant", "Yes."), ASKED)),
    ChatJob("tools", (ASKED, CALLED, Message("tool", "31", tool_call_id="call_1")), tools=(TOOL,)),
    ChatJob("documents", (ASKED,), documents=(Document("1", "It is warm."),)),
)


@pytest.fixture(params=["command_folder", "qwen_folder"])
def copied(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    found: Path = request.getfixturevalue(request.param)
    return Path(shutil.copytree(found, tmp_path / "model"))


def move_template(folder: Path, *, keep: str | None) -> str:
    """Put the template into a file of its own and `keep` where it was; returns it."""
    path = folder / "tokenizer_config.json"
    config = json.loads(path.read_bytes())
    template: str = config.pop("chat_template")
    path.write_text(json.dumps(config if keep is None else config | {"chat_template": keep}))
    (folder / "chat_template.jinja").write_text(template)
    return template


@pytest.mark.parametrize("place", ["config", "file", "both"])
def test_a_template_that_the_engine_knows_gives_the_same_prompts(copied: Path, place: str) -> None:
    """It is not parsed again for each prompt then, which takes longer than all the rest of a short one."""
    if place != "config":
        move_template(copied, keep=None if place == "file" else "Something else: {{ messages[0].content }}")
    facts = read_chat_facts(Target("onnx-chat", path=str(copied)))
    assert facts.is_template_known is (place != "both")
    model, spelled_out = (
        ChatModel.load(each, threads=1) for each in (facts, msgspec.structs.replace(facts, is_template_known=False))
    )
    for job in JOBS:
        assert model.read(job) == spelled_out.read(job)
        assert "Something else" not in model.read(job).text
