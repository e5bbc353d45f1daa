"""What the wire costs per request: bytes to job, and answer to bytes, in this process."""

import time
from collections.abc import Iterator

from alive_core.adapters import events
from alive_core.prepare.chat import prepare_chat
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Profile
from alive_core.schemas.chat import ChatRequest
from alive_core.schemas.common import encode
from alive_core.schemas.decoding import decode
from alive_core.shape.chat import WholeChat
from alive_core.shape.shape import Head
from benchmarks.figure import Figure, median_of

ROUNDS = 2000
RUNS = 9
PROFILE = Profile(task="chat", description="", targets=("t",), name="chat")
ABILITIES = Abilities(
    tasks=frozenset({"chat"}), tools=True, json_schema=True, parameters=frozenset({"max_tokens", "temperature"})
)
HEAD = Head("chatcmpl-1", 1, "chat")


def figures() -> Iterator[Figure]:
    """A chat request with ten messages and two tools."""
    body = encode(_request())
    yield Figure(
        "decode, prepare and encode a chat of 10 messages, 2 tools", median_of(lambda: _us(body), RUNS), "µs", 60
    )


def _us(body: bytes) -> float:
    began = time.perf_counter()
    for _ in range(ROUNDS):
        prepare_chat(decode(body, ChatRequest), PROFILE, ABILITIES, job_id="chatcmpl-1")
        whole = WholeChat(HEAD, n=1)
        whole.add(events.TextDelta("The weather in Lisbon is mild and sunny today."))
        whole.add(events.ChoiceFinished("stop"))
        whole.add(events.Finished(events.Usage(200, 10)))
        encode(whole.result())
    return (time.perf_counter() - began) / ROUNDS * 1e6


def _request() -> dict[str, object]:
    turns = [
        {"role": role, "content": f"Turn {number}: " + "some words of a conversation " * 8}
        for number in range(5)
        for role in ("user", "assistant")
    ]
    parameters = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
        "required": ["city"],
    }
    tools = [
        {
            "type": "function",
            "function": {"name": name, "description": "Looks something up.", "parameters": parameters},
        }
        for name in ("get_weather", "get_traffic")
    ]
    return {"model": "chat", "messages": turns, "tools": tools, "temperature": 0.3, "max_tokens": 200}
