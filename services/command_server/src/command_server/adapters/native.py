"""llama.cpp's server engine inside this process: load, stream, ask, free. Every call blocks; none belongs on a loop.

The engine always opens an HTTP listener. Here that is a Unix socket in a directory only this user can enter, with a
random key; it answers the few questions for which the Python binding has no method.
"""

import http.client
import json
import secrets
import shutil
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, Self

from alive_core import EngineCrashed, LoadFailed, Target
from command_server.adapters.chunks import EngineError, alive_error, decode_chunk
from command_server.adapters.engine_directory import SOCKET_NAME, make_engine_directory
from command_server.adapters.parameters import EngineOptions, engine_parameters
from command_server.adapters.plain_text import Pieces
from command_server.constants import ENGINE_KEY_BYTES, ENGINE_SOCKET_TIMEOUT_S

OnChunk = Callable[[bytes], bool]
"""Takes a chunk and returns whether to stop."""


class _Server(Protocol):
    """What is used of `xllamacpp.Server`."""

    def handle_completions(self, body: bytes, callback: OnChunk) -> None: ...


class NativeEngine:
    """A loaded model. Every method may be called from any thread, several at once, until `close`."""

    def __init__(self, server: _Server, *, directory: Path, key: str) -> None:
        self._server: _Server | None = server
        self._directory = directory
        self._key = key

    @classmethod
    def load(cls, target: Target, *, options: EngineOptions, model: Path, weights: int, window: int) -> Self:
        """Load the model of `weights` bytes. Raises LoadFailed; nothing stays behind then."""
        from xllamacpp import Server  # type: ignore[import-untyped]  # a binary module without stubs

        directory = make_engine_directory()
        key = secrets.token_hex(ENGINE_KEY_BYTES)
        address = str(directory / SOCKET_NAME)
        try:
            parameters = engine_parameters(
                target, options=options, model=str(model), weights=weights, window=window, socket=address, key=key
            )
            return cls(Server(parameters), directory=directory, key=key)
        except (RuntimeError, ValueError, MemoryError) as error:
            shutil.rmtree(directory, ignore_errors=True)
            raise LoadFailed(
                f"The engine could not load {model}: the file is not a sound Command-R model, "
                f"or there is no memory for it. ({error})"
            ) from error

    def stream(self, body: Mapping[str, object], on_chunk: OnChunk) -> None:
        """Work on a completion request, calling `on_chunk` in this thread, until it is complete or told to stop."""
        if self._server is not None:
            self._server.handle_completions(json.dumps(body).encode(), on_chunk)

    def render(self, body: Mapping[str, object]) -> str:
        """The conversation as the model's chat template writes it. Raises InvalidRequest where it cannot."""
        return str(self._ask("/apply-template", body)["prompt"])

    def tokenize(self, text: str, *, parse_special: bool) -> list[int]:
        """The token ids of `text`."""
        answer = self._ask("/tokenize", {"content": text, "add_special": False, "parse_special": parse_special})
        return [int(token) for token in _list(answer["tokens"])]

    def count(self, pieces: Pieces) -> int:
        """How many tokens a prompt takes in the engine."""
        body = {"content": pieces, "add_special": True, "parse_special": True}
        return len(_list(self._ask("/tokenize", body)["tokens"]))

    def detokenize(self, tokens: tuple[int, ...]) -> str:
        """The text of token ids, special ones included."""
        return str(self._ask("/detokenize", {"tokens": list(tokens)})["content"])

    def close(self) -> None:
        """Free the model. May be called twice, but only when no `stream` is running."""
        self._server = None  # the last reference: the engine's destructor ends its threads
        shutil.rmtree(self._directory, ignore_errors=True)

    def _ask(self, path: str, body: Mapping[str, object]) -> Mapping[str, object]:
        connection = _SocketConnection(str(self._directory / SOCKET_NAME))
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        try:
            connection.request("POST", path, json.dumps(body).encode(), headers)
            response = connection.getresponse()
            data = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise EngineCrashed("The engine does not answer; please send the request again.") from error
        finally:
            connection.close()
        if response.status != http.client.OK:
            refusal = decode_chunk(data).error or EngineError(message=response.reason)
            raise alive_error(refusal, param="messages")
        answer: Mapping[str, object] = json.loads(data)
        return answer


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=ENGINE_SOCKET_TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _list(value: object) -> list[int]:
    return value if isinstance(value, list) else []
