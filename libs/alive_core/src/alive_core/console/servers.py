"""Asks the servers that run how they are, and tells them what an operator wishes, over HTTP."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from alive_core.constants import LOAD_SILENCE_S, STATUS_TIMEOUT_S
from alive_core.errors import AliveError
from alive_core.operations.runfiles import RunFile, run_folder, running_servers
from alive_core.schemas.errors import ErrorBody
from alive_core.schemas.status import ModelReport, ServerStatus
from alive_core.utils.addresses import http_url
from alive_core.utils.sse import SSEParser

KEY_VARIABLES: Final = ("ALIVE_ADMIN_KEYS", "ALIVE_API_KEYS")
"""Where the operator's key is found, the best first."""

Body = TypeVar("Body", ModelReport, ServerStatus)
Decoded = TypeVar("Decoded", ModelReport, ServerStatus, ErrorBody)


class Refused(AliveError):
    """A server did not do what the operator wished; the message is its own, or says why it cannot be heard."""


class Seen(msgspec.Struct, frozen=True):
    """A server that runs, and how it is; where it does not say, why."""

    run: RunFile
    status: ServerStatus | None = None
    problem: str | None = None


class Servers:
    """Every server of this user. Use it as a context manager; it speaks with the key of the environment."""

    def __init__(self, state: Path, environment: Mapping[str, str]) -> None:
        self._folder = run_folder(state)
        key = operator_key(environment)
        headers = {} if key is None else {"authorization": f"Bearer {key}"}
        self._http = httpx.Client(headers=headers, timeout=STATUS_TIMEOUT_S, trust_env=False)  # never by a proxy

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def look(self) -> list[Seen]:
        """How each of them is now."""
        return [self._look_at(run) for run in running_servers(self._folder)]

    def status_of(self, run: RunFile) -> ServerStatus:
        """How one of them is. Raises Refused."""
        with _heard(run):
            answer = self._http.get(f"{http_url(run.host, run.port)}/alive/status")
        return _body(run, answer, ServerStatus)

    def wish(self, run: RunFile, profile: str, action: str, target: str | None) -> ModelReport:
        """Tell a server what to do with a profile's model. Raises Refused."""
        with _heard(run):
            answer = self._http.post(_address(run, profile, action), json={"target": target})
        return _body(run, answer, ModelReport)

    def load(self, run: RunFile, profile: str, target: str | None) -> Iterator[ModelReport]:
        """Load a profile's model: how far that is, now and then, and how it is at the end. Raises Refused."""
        reader = SSEParser()
        ask = self._http.stream(
            "POST", _address(run, profile, "load"), json={"target": target, "stream": True}, timeout=LOAD_SILENCE_S
        )
        with _heard(run), ask as answer:
            if answer.is_error:
                answer.read()
                _body(run, answer, ModelReport)
            for piece in answer.iter_bytes():
                for event in reader.feed(piece):
                    if event.is_done:
                        return
                    yield _report(run, event.data)
        raise Refused(f"{run.name} broke off in the middle of the load. Its log: {run.log}")

    def _look_at(self, run: RunFile) -> Seen:
        try:
            return Seen(run, self.status_of(run))
        except Refused as problem:
            return Seen(run, problem=str(problem))


def operator_key(environment: Mapping[str, str]) -> str | None:
    """The first key of the first variable that has one; `None` where there is none."""
    for variable in KEY_VARIABLES:
        for key in environment.get(variable, "").split(","):
            if key.strip():
                return key.strip()
    return None


@contextmanager
def _heard(run: RunFile) -> Iterator[None]:
    """What keeps a server from being heard, in words."""
    try:
        yield
    except httpx.TimeoutException:
        raise Refused(f"{run.name} does not answer: it is busy or stopped. Its log: {run.log}") from None
    except httpx.TransportError:
        raise Refused(f"{run.name} cannot be reached: it is just starting, or ending. Its log: {run.log}") from None


def _address(run: RunFile, profile: str, action: str) -> str:
    return f"{http_url(run.host, run.port)}/alive/models/{quote(profile, safe='')}/{action}"


def _body(run: RunFile, answer: httpx.Response, kind: type[Body]) -> Body:
    """What a server answered. Raises Refused with its own words, or with what they mean for an operator."""
    if answer.is_success:
        return _decoded(run, answer.content, kind)
    match answer.status_code:
        case HTTPStatus.UNAUTHORIZED:
            raise Refused(f"{run.name} asks for a key: set ALIVE_ADMIN_KEYS to that of an operator.")
        case HTTPStatus.FORBIDDEN:
            raise Refused(f"{run.name} wants the key of an operator: set ALIVE_ADMIN_KEYS to one.")
        case _:
            raise Refused(_decoded(run, answer.content, ErrorBody).error.message)


def _report(run: RunFile, data: str) -> ModelReport:
    """One event of a load. Raises Refused where it says that the load failed."""
    try:
        return msgspec.json.decode(data, type=ModelReport)
    except msgspec.ValidationError:
        raise Refused(_decoded(run, data.encode(), ErrorBody).error.message) from None


def _decoded(run: RunFile, data: bytes, kind: type[Decoded]) -> Decoded:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.DecodeError:
        raise Refused(f"{run.name} is of version {run.version}, which answers otherwise than this program.") from None
