"""Looks over the shoulder of an official Python client and holds every answer against the official types, strictly.

A client built on `Watched` or `WatchedAsync` works as ever; whatever passes is judged when its body ends. Strictly
means: no value of another type, no field that the types do not have (but our own `alive` in a model object), and what
no type can say about a stream: role first, one finish reason per choice, usage once and only where asked for.
"""

import base64
import binascii
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
from openai import BaseModel
from openai.types import Completion, CreateEmbeddingResponse, Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent, ResponseTextDeltaEvent
from pydantic import TypeAdapter, ValidationError

Json = Any  # a JSON document as `json` has it
OWN_FIELDS = {
    (Model, "alive"),
    (Response, "store"),  # OpenAI sends it; its Python type forgot it
    (ResponseTextDeltaEvent, "obfuscation"),  # likewise
    (Completion, "obfuscation"),  # the type of the request offers it
}
ERROR_FIELDS = ["message", "type", "param", "code"]
WHOLE: dict[str, TypeAdapter[Any]] = {
    "/v1/chat/completions": TypeAdapter(ChatCompletion),
    "/v1/completions": TypeAdapter(Completion),
    "/v1/embeddings": TypeAdapter(CreateEmbeddingResponse),
    "/v1/responses": TypeAdapter(Response),
}
CHUNKS: dict[str, TypeAdapter[Any]] = {
    "/v1/chat/completions": TypeAdapter(ChatCompletionChunk),
    "/v1/completions": TypeAdapter(Completion),
    "/v1/responses": TypeAdapter(ResponseStreamEvent),
}
MODEL = TypeAdapter(Model)


class Witness:
    """What was seen, and what was wrong with it."""

    def __init__(self) -> None:
        self.judged: Counter[str] = Counter()
        """How many answers each path gave."""
        self.complaints: list[str] = []
        self.last_request: Json = None
        """The body that the client sent last."""

    def judge(self, request: httpx2.Request, response: httpx2.Response, body: bytes) -> None:
        """Hold one answer against the types and remember what is wrong."""
        path, sent = request.url.path, json.loads(request.content or b"null")
        self.judged[path] += 1
        if not response.headers.get("x-request-id"):
            self._complain(path, "there is no x-request-id")
        if response.headers["content-type"].startswith("text/event-stream"):
            self._stream(path, sent, body)
        elif response.is_success:
            self._whole(path, json.loads(body))
        else:
            self._error(path, json.loads(body))

    def _whole(self, path: str, answer: Json) -> None:
        if path == "/v1/models":
            for model in answer["data"]:
                self._hold(path, MODEL, model)
        elif path.startswith("/v1/models/"):
            self._hold(path, MODEL, answer)
        elif path in WHOLE:
            self._hold(path, WHOLE[path], _numbers_for_base64(answer))

    def _error(self, path: str, answer: Json, *, may_have: str = "") -> None:
        error = answer.get("error", {})
        if (
            not {"error"} <= answer.keys() <= {"error", may_have}
            or sorted(error) != sorted(ERROR_FIELDS)
            or not error["message"]
        ):
            self._complain(path, f"the error has another shape: {answer}")

    def _stream(self, path: str, sent: Json, body: bytes) -> None:
        events, is_done = _events_of(body)
        for event in events:
            if "error" in event and "id" not in event:
                self._error(path, event, may_have="usage")
            elif path in CHUNKS:
                self._hold(path, CHUNKS[path], _as_typed(path, event))
        if path != "/v1/responses" and is_done:
            for complaint in _complaints_about(path, sent, events):
                self._complain(path, complaint)
        if is_done and any("error" in event and "id" not in event for event in events):
            self._complain(path, "a stream with an error event ended with [DONE]")

    def _hold(self, path: str, kind: TypeAdapter[Any], value: Json) -> None:
        try:
            model = kind.validate_json(json.dumps(value), strict=True)
        except ValidationError as error:
            self._complain(path, f"{error}\n{value}")
            return
        for extra in _extras(model):
            self._complain(path, f"the official types have no {extra}")

    def _complain(self, path: str, words: str) -> None:
        self.complaints.append(f"{path}: {words}")


def _events_of(body: bytes) -> tuple[list[Json], bool]:
    """The complete events of a stream, and whether it ended with `[DONE]`."""
    blocks = body.decode().split("\n\n")[:-1]
    data = [
        line.removeprefix("data:").strip()
        for block in blocks
        for line in block.split("\n")
        if line.startswith("data:")
    ]
    return [json.loads(item) for item in data if item != "[DONE]"], data[-1:] == ["[DONE]"]


def _complaints_about(path: str, sent: Json, chunks: list[Json]) -> Iterator[str]:
    """What is wrong with a whole stream of chunks."""
    spoken = [choice for chunk in chunks for choice in chunk["choices"]]
    for index in {choice["index"] for choice in spoken}:
        own = [choice for choice in spoken if choice["index"] == index]
        if path == "/v1/chat/completions" and own[0]["delta"].get("role") != "assistant":
            yield f"choice {index} does not begin with its role"
        if any("role" in choice.get("delta", {}) for choice in own[1:]):
            yield f"choice {index} says its role again"
        if [bool(choice["finish_reason"]) for choice in own] != [False] * (len(own) - 1) + [True]:
            yield f"choice {index} does not end with its only finish reason"
    if (sent.get("stream_options") or {}).get("include_usage"):
        if [chunk["usage"] is not None for chunk in chunks] != [False] * (len(chunks) - 1) + [True]:
            yield "usage is not in the last chunk alone"
        if chunks[-1]["choices"]:
            yield "the usage chunk has choices"
    elif any("usage" in chunk for chunk in chunks):
        yield "usage was sent unasked"
    if len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks}) != 1:
        yield "the chunks do not belong together"


def _extras(value: object, where: str = "") -> Iterator[str]:
    """Every field that no official type knows."""
    if isinstance(value, BaseModel):
        for name in value.model_extra or {}:
            if (type(value), name) not in OWN_FIELDS:
                yield f"{where}{type(value).__name__}.{name}"
        for name in type(value).model_fields:
            yield from _extras(getattr(value, name), f"{where}{type(value).__name__}.")
    elif isinstance(value, list):
        for item in value:
            yield from _extras(item, where)


def _as_typed(path: str, chunk: Json) -> Json:
    """A chunk as its type wants it: OpenAI streams completions with `finish_reason: null`, which the type forbids."""
    if path != "/v1/completions":
        return chunk
    choices = [choice | {"finish_reason": choice["finish_reason"] or "stop"} for choice in chunk["choices"]]
    return chunk | {"choices": choices}


def _numbers_for_base64(answer: Json) -> Json:
    """Vectors as the official client hands them on: it asks for base64 by itself, and unpacks it."""
    for item in answer.get("data", []) if isinstance(answer, dict) else []:
        if isinstance(item.get("embedding"), str):
            try:
                raw = base64.b64decode(item["embedding"], validate=True)
            except binascii.Error:
                continue  # the types will complain
            item["embedding"] = [0.5] * (len(raw) // 4)
    return answer


class Watched(httpx2.BaseTransport):
    """A transport with a witness."""

    def __init__(self, witness: Witness) -> None:
        self._witness, self._inner = witness, httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = self._inner.handle_request(request)
        self._witness.last_request = json.loads(request.read() or b"null")
        assert isinstance(response.stream, httpx2.SyncByteStream)
        response.stream = _Tee(self._witness, request, response, response.stream)
        return response

    def close(self) -> None:
        self._inner.close()


class WatchedAsync(httpx2.AsyncBaseTransport):
    """The same for asynchronous clients."""

    def __init__(self, witness: Witness) -> None:
        self._witness, self._inner = witness, httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        self._witness.last_request = json.loads(await request.aread() or b"null")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _AsyncTee(self._witness, request, response, response.stream)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Tee(httpx2.SyncByteStream):
    def __init__(
        self, witness: Witness, request: httpx2.Request, response: httpx2.Response, inner: httpx2.SyncByteStream
    ) -> None:
        self._witness, self._request, self._response, self._inner = witness, request, response, inner
        self._body, self._is_whole = bytearray(), False  # the client does not read a refusal that it retries

    def __iter__(self) -> Iterator[bytes]:
        for part in self._inner:
            self._body += part
            yield part
        self._is_whole = True

    def close(self) -> None:
        self._inner.close()
        if self._is_whole or self._response.is_success:
            self._witness.judge(self._request, self._response, bytes(self._body))


class _AsyncTee(httpx2.AsyncByteStream):
    def __init__(
        self, witness: Witness, request: httpx2.Request, response: httpx2.Response, inner: httpx2.AsyncByteStream
    ) -> None:
        self._witness, self._request, self._response, self._inner = witness, request, response, inner
        self._body, self._is_whole = bytearray(), False  # the client does not read a refusal that it retries

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._inner:
            self._body += part
            yield part
        self._is_whole = True

    async def aclose(self) -> None:
        await self._inner.aclose()
        if self._is_whole or self._response.is_success:
            self._witness.judge(self._request, self._response, bytes(self._body))
