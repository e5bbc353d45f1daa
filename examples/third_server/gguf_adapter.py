"""Any GGUF model through llama.cpp: text, tool calls and JSON held to a schema, as the engine itself does them."""

import asyncio
import json
import os
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from alive_core import (
    Abilities,
    ChatJob,
    ChoiceFinished,
    ContextLengthExceeded,
    EngineCrashed,
    Event,
    Finished,
    InvalidRequest,
    LoadFailed,
    Message,
    Progress,
    ReasoningDelta,
    Target,
    TextDelta,
    ToolCallDelta,
    Usage,
    adapter_errors,
    find_gpu,
    tool_call_id,
)

MAGIC = b"GGUF"
HONOURED = {"max_tokens", "temperature", "top_p", "seed", "stop", "frequency_penalty", "presence_penalty"}


class GgufAdapter:
    """One loaded model. Each job has a thread in which the engine calls back; the engine works on all at once."""

    def __init__(self, server: Any, parallel: int) -> None:
        self._server, self._threads = server, ThreadPoolExecutor(parallel)
        self._stops: set[threading.Event] = set()

    @classmethod
    def inspect(cls, target: Target) -> Abilities:
        """What this can do. Whether the model calls tools, its operator has to say."""
        if not target.path or not is_gguf(Path(target.path)):
            raise LoadFailed(f"{target.path} is no GGUF file.")
        tools = bool(target.options.get("tools"))
        parameters = HONOURED | ({"tools", "tool_choice"} if tools else set())
        return Abilities(
            frozenset({"chat"}),
            target.context,
            tools,
            json_schema=True,
            parameters=frozenset(parameters),
            gpu_bytes=Path(target.path).stat().st_size,
        )

    @classmethod
    async def load(cls, target: Target) -> "GgufAdapter":
        """Put the whole model on the GPU; on the CPU only where the GPU is hidden (`--cpu`)."""
        cls.inspect(target)
        from xllamacpp import CommonParams, Server, get_device_info, ggml_backend_dev_type  # heavy, so only here

        gpu = ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_GPU
        if find_gpu(os.environ) and not any(device["type"] == gpu for device in get_device_info()):
            raise LoadFailed("This build of xllamacpp has no GPU support: install its build for your GPU.")
        wanted = CommonParams()
        wanted.model.path, wanted.n_gpu_layers = target.path, -1
        wanted.n_parallel, wanted.n_ctx = target.parallel, (target.context or 4096) * target.parallel
        wanted.api_keys = [secrets.token_hex()]  # the engine opens a port of its own on this machine
        wanted.endpoint_metrics = True
        with adapter_errors({RuntimeError: LoadFailed, ValueError: LoadFailed}):
            return cls(await asyncio.to_thread(started, Server, wanted), target.parallel)

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        """Ask the engine for a stream and turn each chunk into events."""
        loop, stop, usage = asyncio.get_running_loop(), threading.Event(), Usage(0)
        heard: asyncio.Queue[bytes | None] = asyncio.Queue()

        def on_chunk(chunk: bytes) -> bool:
            loop.call_soon_threadsafe(heard.put_nowait, chunk)
            return stop.is_set()  # true ends the work on this job

        self._stops.add(stop)
        asking = json.dumps(request(job)).encode()
        work = loop.run_in_executor(self._threads, self._server.handle_chat_completions, asking, on_chunk)
        work.add_done_callback(lambda _: heard.put_nowait(None))
        try:
            with adapter_errors({ValueError: InvalidRequest, RuntimeError: EngineCrashed}):
                while (data := await heard.get()) is not None:
                    chunk = json.loads(data)
                    usage = usage_of(chunk) or usage
                    for event in events_of(chunk):
                        yield event
                await work
            yield Finished(usage)
        finally:
            stop.set()
            await asyncio.wait({work})
            self._stops.discard(stop)

    async def close(self) -> None:
        """Stop what runs and let go of the model: its destructor frees the GPU's memory."""
        for stop in self._stops:
            stop.set()
        await asyncio.to_thread(self._threads.shutdown)
        self._server = None


def started(server_of: Callable[[Any], Any], wanted: Any) -> Any:
    """The engine at work: its loop has answered. Freed in the moment before that, it would hang forever."""
    server = server_of(wanted)
    server.handle_metrics()
    return server


def is_gguf(path: Path) -> bool:
    """Whether a file begins as GGUF files do."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def request(job: ChatJob) -> dict[str, Any]:
    """The job as llama.cpp's server wants it, which is as OpenAI's API has it."""
    body: dict[str, Any] = {
        "messages": [message_of(message) for message in job.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        "return_progress": True,
    }
    body |= {name: value for name in HONOURED if (value := getattr(job.sampling, name)) not in (None, ())}
    if job.tools:
        functions = [
            {"name": t.name, "description": t.description or "", "parameters": t.parameters} for t in job.tools
        ]
        body |= {"tools": [{"type": "function", "function": function} for function in functions]}
        body |= {"tool_choice": job.tool_choice, "parallel_tool_calls": job.parallel_tool_calls}
    if job.json_output is not None:
        wanted = {"name": job.json_output.name, "schema": job.json_output.schema or {"type": "object"}}
        body |= {"response_format": {"type": "json_schema", "json_schema": wanted}}
    return body


def message_of(message: Message) -> dict[str, Any]:
    """One turn, tool calls and their results included."""
    calls = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in message.tool_calls
    ]
    optional = {"tool_calls": calls, "tool_call_id": message.tool_call_id, "name": message.name}
    return {"role": message.role, "content": message.content} | {name: it for name, it in optional.items() if it}


def events_of(chunk: dict[str, Any]) -> Iterator[Event]:
    """What one chunk of the engine's stream says. Raises what it complains about."""
    if error := chunk.get("error"):
        too_long = error.get("type") == "exceed_context_size_error"
        raise (ContextLengthExceeded if too_long else InvalidRequest)(error["message"], param="messages")
    if progress := chunk.get("prompt_progress"):
        yield Progress("prompt", progress["processed"], progress["total"])
    for choice in chunk.get("choices", ()):
        delta = choice["delta"]
        if delta.get("reasoning_content"):
            yield ReasoningDelta(delta["reasoning_content"])
        if delta.get("content"):
            yield TextDelta(delta["content"])
        for call in delta.get("tool_calls", ()):
            name = call["function"].get("name")
            own_id = tool_call_id() if name else None  # models make up ids that repeat
            yield ToolCallDelta(call["index"], call["function"].get("arguments", ""), id=own_id, name=name)
        if choice["finish_reason"]:
            yield ChoiceFinished(choice["finish_reason"])


def usage_of(chunk: dict[str, Any]) -> Usage | None:
    """The counts, which come with the last chunk."""
    if not (usage := chunk.get("usage")):
        return None
    return Usage(
        usage["prompt_tokens"],
        usage["completion_tokens"],
        cached_tokens=usage["prompt_tokens_details"]["cached_tokens"],
    )
