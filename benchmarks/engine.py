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

from alive_core import Target
from benchmarks.figure import Figure, spread
from benchmarks.startup import MIB, proportional_mib
from command_server.adapters.inspection import inspect_file
from command_server.adapters.native import NativeEngine
from command_server.adapters.parameters import read_options
from support.random_model import BENCHMARK, write_random_model
from support.servers import Server, running

ROUNDS = 5
STREAMS = 8
TOKENS = 48
CONTEXT = 2048
MESSAGES = [{"role": "user", "content": "Tell me about the sea."}]
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
    """One request, timed: seconds to the first token and to the end, and how many tokens came."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.first = self.ended = 0.0
        self.tokens = 0

    def token(self) -> None:
        """A token has come."""
        self.first = self.first or time.perf_counter()
        self.tokens += 1

    def done(self) -> "Run":
        """The answer is complete."""
        self.ended = time.perf_counter()
        return self


def figures() -> Iterator[Figure]:
    """First token and speed with one stream and with eight; the child's own memory."""
    with tempfile.TemporaryDirectory() as folder:
        model = write_random_model(Path(folder) / "random.gguf", BENCHMARK)
        profiles = Path(folder) / "profiles.toml"
        profiles.write_text(PROFILES.format(path=model, context=CONTEXT, streams=STREAMS))
        with running("command_server", Path(folder) / "home", "--profiles", str(profiles)) as server:
            engine = _load(model)
            try:
                yield from _compare(lambda: _ask_engine(engine), lambda: _ask_server(server))
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
    return sum(run.tokens for run in runs) / (max(run.ended for run in runs) - began)


def _load(model: Path) -> NativeEngine:
    target = Target(adapter="llamacpp", name="random", path=str(model), context=CONTEXT, parallel=STREAMS)
    _, abilities = inspect_file(target)
    return NativeEngine.load(target, options=read_options(target), model=model, window=abilities.context or CONTEXT)


def _ask_engine(engine: NativeEngine) -> Run:
    run = Run()
    prompt = engine.render({"messages": MESSAGES})
    body = {"prompt": prompt, "n_predict": TOKENS, "temperature": 0, "stream": True, "cache_prompt": True}

    def on_chunk(data: bytes) -> bool:
        if json.loads(data).get("content"):
            run.token()
        return False

    engine.stream(body, on_chunk)
    return run.done()


def _ask_server(server: Server) -> Run:
    run = Run()
    body = {"model": "chat", "messages": MESSAGES, "max_tokens": TOKENS, "temperature": 0, "stream": True}
    with httpx.stream("POST", f"{server.api}/chat/completions", json=body, timeout=120) as response:
        for line in response.iter_lines():
            if line.startswith("data: {") and json.loads(line[6:])["choices"][0]["delta"].get("content"):
                run.token()
    return run.done()


def _memory(server: Server, model: Path) -> Figure:
    """The child's memory over its weights and its KV cache, which the model needs wherever it runs."""
    (child,) = server.children()
    cache = BENCHMARK.blocks * 2 * BENCHMARK.kv_heads * (BENCHMARK.width // BENCHMARK.heads) * 2 * CONTEXT * STREAMS
    over = proportional_mib(child) - (model.stat().st_size + cache) / MIB
    return Figure("a child's memory over weights and KV cache", over, "MiB", 60)
