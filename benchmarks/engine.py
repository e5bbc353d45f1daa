"""What the server adds to its engine: first token, tokens per second, memory. Engine and server take turns.

The peer is the same engine called directly in this process, with the same weights (random, 400 M parameters), the
same settings and the same request.
"""

import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from alive_core import ChatJob, Message, Sampling, Target
from alive_core.dialects import Dialect
from benchmarks.figure import Figure, spread
from benchmarks.startup import MIB, proportional_mib
from command_server.adapters.chunks import decode_chunk
from command_server.adapters.inspection import inspect_file
from command_server.adapters.native import NativeEngine
from command_server.adapters.parameters import read_options
from command_server.adapters.request import chat_calls, template_body
from support.random_model import BENCHMARK, CONTROL_TOKENS, write_random_model
from support.servers import Server, running

ROUNDS = 5
STREAMS = 8
TOKENS = 48
CONTEXT = 2048
# Only whole words may come: random weights would end their turn at any time, or write halves of characters.
BANNED = range(len(CONTROL_TOKENS) + 256)
NO_MARKERS = Dialect(markers=())
MESSAGES = [{"role": "user", "content": "Tell me about the sea."}]
JOB = ChatJob(
    "benchmark",
    (Message("user", str(MESSAGES[0]["content"])),),
    sampling=Sampling(max_tokens=TOKENS, temperature=0, logit_bias=dict.fromkeys(BANNED, -100.0)),
)
PROFILES = """
[profiles.chat]
task = "chat"
description = "Random words."
targets = ["random"]

[targets.random]
adapter = "llamacpp"
path = "{path}"
engine = "child"
context = {context}
parallel = {streams}
"""


class Run:
    """One request for `TOKENS` tokens, timed: when it began, when its first token came, when it ended."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.first = self.ended = 0.0

    def token(self) -> None:
        """A token has come."""
        self.first = self.first or time.perf_counter()

    def done(self, tokens: int) -> "Run":
        """The answer is complete, with as many tokens as were asked for."""
        assert tokens == TOKENS, f"{tokens} tokens instead of {TOKENS}"
        self.ended = time.perf_counter()
        return self


def figures() -> Iterator[Figure]:
    """First token and speed with one stream and with eight; the child's own memory."""
    with tempfile.TemporaryDirectory() as folder:
        model = write_random_model(Path(folder) / "random.gguf", BENCHMARK)
        profiles = Path(folder) / "profiles.toml"
        profiles.write_text(PROFILES.format(path=model, context=CONTEXT, streams=STREAMS))
        with (
            running("command_server", Path(folder) / "home", "--profiles", str(profiles)) as server,
            httpx.Client(base_url=server.api, timeout=120) as client,
        ):
            engine = _load(model)
            try:
                yield from _compare(lambda: _ask_engine(engine), lambda: _ask_server(client))
                yield _memory(server, model)
            finally:
                engine.close()


def _compare(direct: Callable[[], Run], served: Callable[[], Run]) -> Iterator[Figure]:
    direct()
    served()  # warm: both have loaded, and have the prompt in their cache
    pairs = [(direct(), served()) for _ in range(ROUNDS)]
    waits = [((ours.first - ours.began) - (theirs.first - theirs.began)) * 1000 for theirs, ours in pairs]
    yield Figure(
        "first token through the server, later than direct", statistics.median(waits), "ms", 5, note=spread(waits)
    )
    for streams in (1, STREAMS):
        ratios = [_speed(served, streams) / _speed(direct, streams) for _ in range(ROUNDS)]
        name = f"tokens per second, server / direct, {streams} stream{'s' * (streams > 1)}"
        yield Figure(name, statistics.median(ratios), "x", 0.95, "at least", note=spread(ratios))


def _speed(ask: Callable[[], Run], streams: int) -> float:
    """Tokens per second of all streams together."""
    barrier = threading.Barrier(streams)

    def together() -> Run:
        barrier.wait()
        return ask()

    with ThreadPoolExecutor(streams) as threads:
        began = time.perf_counter()
        runs = [future.result() for future in [threads.submit(together) for _ in range(streams)]]
    return TOKENS * streams / (max(run.ended for run in runs) - began)


def _load(model: Path) -> NativeEngine:
    target = Target(adapter="llamacpp", name="random", path=str(model), context=CONTEXT, parallel=STREAMS)
    header, abilities = inspect_file(target)
    return NativeEngine.load(
        target,
        options=read_options(target),
        model=model,
        weights=header.data_bytes,
        window=abilities.context or CONTEXT,
    )


def _ask_engine(engine: NativeEngine) -> Run:
    run = Run()
    prompt = engine.render(template_body(JOB))
    (call,) = chat_calls(JOB, prompt, grammar=None, dialect=NO_MARKERS, parallel=STREAMS)
    tokens = 0

    def on_chunk(data: bytes) -> bool:
        nonlocal tokens
        chunk = decode_chunk(data)
        if any(choice.text for choice in chunk.choices):
            run.token()
        tokens = chunk.usage.completion_tokens if chunk.usage else tokens
        return False

    engine.stream(call.body, on_chunk)
    return run.done(tokens)


def _ask_server(client: httpx.Client) -> Run:
    run = Run()
    body = {"model": "chat", "messages": MESSAGES, "max_tokens": TOKENS, "temperature": 0, "stream": True}
    body |= {"logit_bias": {str(token): -100 for token in BANNED}, "stream_options": {"include_usage": True}}
    tokens = 0
    with client.stream("POST", "/chat/completions", json=body) as response:
        for line in response.iter_lines():
            if not line.startswith("data: {"):
                continue
            chunk = json.loads(line[6:])
            if any(choice["delta"].get("content") for choice in chunk["choices"]):
                run.token()
            tokens = chunk["usage"]["completion_tokens"] if chunk["usage"] else tokens
    return run.done(tokens)


def _memory(server: Server, model: Path) -> Figure:
    """The child's memory over its weights and its KV cache, which the model needs wherever it runs."""
    (child,) = server.children()
    cache = BENCHMARK.blocks * 2 * BENCHMARK.kv_heads * (BENCHMARK.width // BENCHMARK.heads) * 2 * CONTEXT * STREAMS
    over = proportional_mib(child) - (model.stat().st_size + cache) / MIB
    return Figure("a child's memory over weights and KV cache", over, "MiB", 60)
