"""Holds a finished answer against the schemas that its request asked for.

An engine enforces them while it decodes; this is the proof. What a limit cut off is no proof of anything and passes:
its finish reason says so. The library is imported where the first schema comes: most servers never see one.
"""

from collections.abc import Callable, Mapping
from typing import NoReturn, Protocol, cast

import msgspec

from alive_core.adapters import events
from alive_core.adapters.jobs import ChatJob
from alive_core.constants import SCHEMA_FAULT_MAX_CHARS, SCHEMA_LIMIT_BYTES, SCHEMA_WEIGHT_LIMIT
from alive_core.errors import InvalidAnswer, InvalidRequest
from alive_core.schemas.common import ResponseStruct
from alive_core.shape.shape import Chunks, Whole
from alive_core.utils.json_schema import heaviest_place

_ANY_OBJECT: Mapping[str, object] = {"type": "object"}


class _Fault(Protocol):
    """What is used of the library's ValidationError."""

    message: str
    instance_path: list[str | int]


Validator = Callable[[object], _Fault | None]
"""Why a value does not fit; `None` where it does."""


def validator_of(schema: Mapping[str, object], *, param: str) -> Validator:
    """Reads the schema once. It opens no address and no file: a reference must lead to a part of the schema itself.

    Raises InvalidRequest, naming `param`, for what is no JSON Schema or could keep the server from its work. Patterns
    are run by an engine that takes linear time, whatever they are.
    """
    from jsonschema_rs import RegexOptions, ValidationError, validator_for

    _check_size(schema, param=param)
    try:
        validator = validator_for(dict(schema), retriever=_retrieve_nothing, pattern_options=RegexOptions())
    except (ValidationError, ValueError) as error:
        reason = str(getattr(error, "message", error))[:SCHEMA_FAULT_MAX_CHARS]
        raise InvalidRequest(f"This JSON schema cannot be used: {reason}", param=param) from error

    def fault(value: object) -> _Fault | None:
        try:
            validator.validate(value)
        except ValidationError as error:
            return cast("_Fault", error)
        return None

    return fault


def _check_size(schema: Mapping[str, object], *, param: str) -> None:
    try:
        size, weight = len(msgspec.json.encode(schema)), heaviest_place(schema)
    except RecursionError:
        raise InvalidRequest("This JSON schema is nested too deeply.", param=param) from None
    if size > SCHEMA_LIMIT_BYTES:
        raise InvalidRequest(
            f"This JSON schema takes {size} bytes; at most {SCHEMA_LIMIT_BYTES} can be enforced.", param=param
        )
    if weight > SCHEMA_WEIGHT_LIMIT:
        raise InvalidRequest(
            f"This JSON schema cannot be used: its references multiply to more than {SCHEMA_WEIGHT_LIMIT} parts that "
            "look at one value.",
            param=param,
        )


def _retrieve_nothing(address: str) -> NoReturn:
    raise ValueError(f"`{address}` is not part of the schema, and no address is opened")


class Proof:
    """Takes the events of one answer, and raises InvalidAnswer at the end of a choice that broke its word."""

    def __init__(self, job: ChatJob, *, answer_param: str, tools_param: str) -> None:
        """Raises InvalidRequest, naming the parameter, where a schema of the job cannot be used."""
        self._answer: Validator | None = None
        if job.json_output is not None:
            self._answer = validator_of(job.json_output.schema or _ANY_OBJECT, param=answer_param)
        strict = {tool.name: tool.parameters for tool in job.tools if tool.strict and job.tool_choice != "none"}
        self._tools = {name: validator_of(schema, param=tools_param) for name, schema in strict.items()}
        self._may_be_cut = bool(job.sampling.stop)
        self._texts: dict[int, list[str]] = {}
        self._calls: dict[int, dict[int, list[events.ToolCallDelta]]] = {}

    @property
    def is_needed(self) -> bool:
        """Whether the job asked for anything that can be proved."""
        return self._answer is not None or bool(self._tools)

    def take(self, event: events.Event) -> None:
        """Take the next event. A text that one of the client's own stop sequences may have cut passes."""
        match event:
            case events.TextDelta():
                self._texts.setdefault(event.index, []).append(event.text)
            case events.ToolCallDelta():
                self._calls.setdefault(event.index, {}).setdefault(event.call, []).append(event)
            case events.ChoiceFinished(reason="stop" | "tool_calls"):
                self._check(event.index)
            case _:
                pass  # nothing else is held to a schema

    def _check(self, index: int) -> None:
        calls = self._calls.get(index, {})
        for deltas in calls.values():
            name = "".join(delta.name or "" for delta in deltas)
            if name in self._tools:
                arguments = "".join(delta.arguments for delta in deltas)
                _prove(arguments, self._tools[name], what=f"The arguments of the call to `{name}` do")
        if self._answer is not None and not calls and not self._may_be_cut:
            _prove("".join(self._texts.get(index, ())), self._answer, what="The model's answer does")


def _prove(text: str, validator: Validator, *, what: str) -> None:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise InvalidAnswer(f"{what} not keep the schema: it is not JSON. Please send the request again.") from None
    fault = validator(value)
    if fault is not None:
        place = "".join(f"[{step!r}]" for step in fault.instance_path)
        where = f" at {place}" if place else ""
        reason = fault.message[:SCHEMA_FAULT_MAX_CHARS]
        raise InvalidAnswer(f"{what} not keep the schema{where}: {reason}. Please send the request again.")


class ProvedChunks:
    """A stream that breaks off where a choice would end well without having kept its schema."""

    def __init__(self, chunks: Chunks, proof: Proof) -> None:
        self._chunks, self._proof = chunks, proof

    def of(self, event: events.Event) -> list[ResponseStruct]:
        """See `Chunks`. Raises InvalidAnswer."""
        self._proof.take(event)
        return self._chunks.of(event)


class ProvedWhole:
    """A whole answer, likewise."""

    def __init__(self, whole: Whole, proof: Proof) -> None:
        self._whole, self._proof = whole, proof

    def add(self, event: events.Event) -> None:
        """See `Whole`. Raises InvalidAnswer."""
        self._proof.take(event)
        self._whole.add(event)

    def result(self) -> ResponseStruct:
        """See `Whole`."""
        return self._whole.result()


def proved(form: Chunks | Whole, proof: Proof) -> Chunks | Whole:
    """`form`, which ends only with an answer that `proof` accepts."""
    if not proof.is_needed:
        return form
    return ProvedChunks(form, proof) if isinstance(form, Chunks) else ProvedWhole(form, proof)
