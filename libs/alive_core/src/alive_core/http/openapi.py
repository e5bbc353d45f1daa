"""The OpenAPI 3.1 document: pure, made from the endpoints and their Structs, so it cannot say anything else.

Format: https://spec.openapis.org/oas/v3.1.1. Three extensions: `x-functionalities` (what `model` may name),
`x-python-client` (how the official client calls an operation), and under `text/event-stream` the schema speaks of the
`data` of each event, as OpenAI's own document does.
"""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from alive_core.errors import AliveError, Draining, Forbidden, Unauthorized
from alive_core.http.answer import FINGERPRINT_HEADER
from alive_core.http.endpoint import Answered, Endpoint, operation_id_of
from alive_core.http.leniency import IGNORED_HEADER, LENIENT_HEADER
from alive_core.schemas.errors import ErrorBody
from alive_core.schemas.models import Skill
from alive_core.schemas.words import words_for

JsonObject = dict[str, object]

OPENAPI_VERSION: Final = "3.1.0"
_REF: Final = "#/components/schemas/{name}"
_ERROR_BODY: Final = {"$ref": _REF.format(name=ErrorBody.__name__)}
_STREAM_MEDIA: Final = "text/event-stream"
_FUNCTIONALITY_NAMES: Final = ("model", "profile")  # parts of paths that name one
_RETRY_STATUSES: Final = frozenset({429, 503})
_NAME_IN_PATH: Final = {"type": "string", "minLength": 1, "pattern": "^[^/](.*[^/])?$"}

EXAMPLES: Final[Mapping[Skill, JsonObject]] = {
    "chat": {"messages": [{"role": "user", "content": "Say hello in one sentence."}]},
    "complete": {"prompt": "Once upon a time"},
    "embed": {"input": ["The cat sat on the mat.", "A kitten rested on the rug."]},
    "rerank": {"query": "Where did the cat sit?", "documents": ["The cat sat on the mat.", "The dog ran away."]},
    "classify": {"input": "What a good day!", "labels": ["good", "bad"]},
    "tokenize": {"prompt": "The cat sat on the mat."},
    "detokenize": {"tokens": [65, 66, 67]},
}
"""The smallest useful request of each task, without `model`."""

_HEADERS: Final[JsonObject] = {
    "RequestId": {
        "description": "Names this request in the server's log; yours, where you sent one.",
        "schema": {"type": "string"},
    },
    "RetryAfter": {
        "description": "Seconds until trying again may help.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "Fingerprint": {
        "description": "Identity of the model behind the answer; changes whenever the same request could be answered "
        "differently.",
        "schema": {"type": "string"},
    },
    "Ignored": {
        "description": "The fields that were left out because leniency was asked for, with commas between them.",
        "schema": {"type": "string"},
    },
}
_LENIENT: Final[JsonObject] = {
    "name": LENIENT_HEADER,
    "in": "header",
    "description": f"`1` leaves out what is unknown or cannot be honoured, and names it in `{IGNORED_HEADER}`.",
    "schema": {"type": "string"},
    "example": "1",
}
_SECURITY: Final[JsonObject] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer YOUR_KEY`"},
    "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
}


class Functionality(msgspec.Struct, frozen=True):
    """What clients can name in `model`: what it does, and at which endpoints it answers."""

    name: str
    description: str
    tasks: tuple[Skill, ...]
    is_available: bool = True


def openapi(
    endpoints: Sequence[Endpoint],
    functionalities: Sequence[Functionality],
    *,
    service: str,
    version: str,
    needs_key: bool,
) -> JsonObject:
    """The whole document, ready to be encoded."""
    security: JsonObject = {"security": [{name: []} for name in _SECURITY]} if needs_key else {}
    schemes: JsonObject = {"securitySchemes": _SECURITY} if needs_key else {}
    return {
        "openapi": OPENAPI_VERSION,
        "info": {"title": service, "version": version, "description": _introduction(functionalities)},
        "servers": [{"url": "/"}],
        "tags": [{"name": group} for group in dict.fromkeys(endpoint.group for endpoint in endpoints)],
        "paths": _paths(endpoints, functionalities, needs_key=needs_key),
        "components": {"schemas": _schemas(endpoints), "headers": _HEADERS, **schemes},
        "x-functionalities": msgspec.to_builtins(functionalities),
        **security,
    }


def _introduction(functionalities: Sequence[Functionality]) -> str:
    lines = (f"- `{each.name}`: {each.description}" for each in functionalities)
    return "\n".join(
        ("An OpenAI-compatible API. A request names a functionality in `model`:", "", *lines)
        if functionalities
        else ("An OpenAI-compatible API.",)
    )


def _paths(
    endpoints: Sequence[Endpoint], functionalities: Sequence[Functionality], *, needs_key: bool
) -> dict[str, JsonObject]:
    paths: dict[str, JsonObject] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, endpoints, functionalities, needs_key=needs_key)
        paths.setdefault(endpoint.public_path, {})[endpoint.method.lower()] = operation
    return paths


def _operation(
    endpoint: Endpoint, endpoints: Sequence[Endpoint], functionalities: Sequence[Functionality], *, needs_key: bool
) -> JsonObject:
    able = sorted(
        (each for each in functionalities if endpoint.task in each.tasks), key=lambda each: not each.is_available
    )
    operation: JsonObject = {
        "operationId": endpoint.operation_id,
        "summary": endpoint.summary,
        "description": _description(endpoint, able),
        "tags": [endpoint.group],
        "parameters": _parameters(endpoint, functionalities),
        "responses": _successes(endpoint, endpoints) | _failures(_errors_of(endpoint, needs_key=needs_key)),
    }
    if endpoint.request:
        operation["requestBody"] = {
            "required": not endpoint.is_body_optional,
            "content": {
                "application/json": {"schema": _ref(endpoint.request), "examples": _examples(endpoint, able)}
            },
        }
    if endpoint.client:
        operation["x-python-client"] = endpoint.client
    if endpoint.is_open:
        operation["security"] = []
    return operation


def _description(endpoint: Endpoint, able: Sequence[Functionality]) -> str:
    if endpoint.task is None:
        return endpoint.description
    names = ", ".join(f"`{each.name}`" for each in able)
    who = f"Functionalities that answer here: {names}." if names else "No functionality of this server answers here."
    return f"{endpoint.description}\n\n{who}"


def _parameters(endpoint: Endpoint, functionalities: Sequence[Functionality]) -> list[JsonObject]:
    found: list[JsonObject] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": endpoint.parameters[name],
            "schema": _NAME_IN_PATH,
            **({"example": functionalities[0].name} if name in _FUNCTIONALITY_NAMES and functionalities else {}),
        }
        for name in endpoint.path_names
    ]
    found += _query_parameters(endpoint.query) if endpoint.query else []
    return [*found, _LENIENT] if endpoint.request else found


def _query_parameters(query: type) -> list[JsonObject]:
    """What may stand after the `?`, a parameter for each field."""
    _, found = msgspec.json.schema_components([query], ref_template=_REF)
    properties = found[query.__name__]["properties"]
    return [
        {"name": name, "in": "query", "description": words_for(query.__name__, name), "schema": _sayable(schema)}
        for name, schema in properties.items()
    ]


def _sayable(schema: JsonObject) -> JsonObject:
    """A schema without `null`, which no query string can say: there, who wants nothing leaves the name out."""
    options = schema.get("anyOf")
    if not isinstance(options, list):
        return schema
    return _only([option for option in options if option != {"type": "null"}])


def _examples(endpoint: Endpoint, able: Iterable[Functionality]) -> JsonObject:
    body = EXAMPLES.get(endpoint.task) if endpoint.example is None and endpoint.task else endpoint.example
    if body is None:
        return {}
    if endpoint.task is None:
        return {"smallest": {"summary": endpoint.summary, "value": body}}
    return {each.name: {"summary": each.description, "value": {"model": each.name, **body}} for each in able}


# --- Answers -------------------------------------------------------------------------------------------
def _successes(endpoint: Endpoint, endpoints: Iterable[Endpoint]) -> JsonObject:
    """The one status of everything that went well; nothing where everything is refused."""
    if not endpoint.answers:
        return {}
    content: JsonObject = {endpoint.media: {"schema": _only([_answer_schema(kind) for kind in endpoint.answers])}}
    if endpoint.events:
        content[_STREAM_MEDIA] = {"schema": {"anyOf": [*map(_ref, endpoint.events), _ERROR_BODY]}}
    headers = _headers("RequestId")
    if endpoint.request:
        headers |= _headers("Ignored")
    if endpoint.task:
        headers |= _headers("Fingerprint")
    links = _links(endpoint, endpoints)
    answer: JsonObject = {"description": endpoint.summary, "headers": headers, "content": content}
    return {"200": answer | ({"links": links} if links else {})}


def _answer_schema(answer: Answered) -> JsonObject:
    if issubclass(answer, msgspec.Struct):
        return _ref(answer)
    return {"type": "object"} if issubclass(answer, dict) else {"type": "string"}


def _only(options: Sequence[JsonObject]) -> JsonObject:
    """One of several schemas, or the only one."""
    return options[0] if len(options) == 1 else {"anyOf": options}


def _links(endpoint: Endpoint, endpoints: Iterable[Endpoint]) -> JsonObject:
    """The operations that can go on with what `endpoint` answers, and how each part of their path is found."""
    return {
        each.operation_id: {
            "operationId": each.operation_id,
            "parameters": {
                name: f"$response.body#/{each.origin.values[name]}"
                if name in each.origin.values
                else f"$request.path.{name}"
                for name in each.path_names
            },
        }
        for each in endpoints
        if each.origin and operation_id_of(each.origin.operation) == endpoint.operation_id
    }


def _errors_of(endpoint: Endpoint, *, needs_key: bool) -> set[type[AliveError]]:
    """Everything that can go wrong at `endpoint`: its own, the door's, and what nobody foresaw."""
    own = {kind for error in endpoint.errors for kind in error.tree()}
    asked = {Unauthorized} if needs_key else set()
    door = set() if endpoint.is_open else {Draining, *asked, *((Forbidden,) if endpoint.is_admin else ())}
    return {AliveError, *own, *door}


def _failures(errors: Iterable[type[AliveError]]) -> JsonObject:
    by_status: dict[int, list[type[AliveError]]] = {}
    for error in errors:
        by_status.setdefault(error.status, []).append(error)
    return {str(status): _failure(status, kinds) for status, kinds in sorted(by_status.items())}


def _failure(status: int, errors: list[type[AliveError]]) -> JsonObject:
    lines = sorted(f"- `{error.code or error.error_type}`: {_first_line(error)}" for error in errors)
    names = ("RequestId", "RetryAfter") if status in _RETRY_STATUSES else ("RequestId",)
    return {
        "description": "\n".join(lines),
        "headers": _headers(*names),
        "content": {"application/json": {"schema": _ERROR_BODY}},
    }


def _first_line(error: type[AliveError]) -> str:
    if error is AliveError:
        return "The server made a mistake."
    return (inspect.getdoc(error) or "").partition("\n")[0]


def _headers(*names: str) -> JsonObject:
    http_names = {
        "RequestId": "x-request-id",
        "RetryAfter": "retry-after",
        "Fingerprint": FINGERPRINT_HEADER,
        "Ignored": IGNORED_HEADER,
    }
    return {http_names[name]: {"$ref": f"#/components/headers/{name}"} for name in names}


# --- Schemas -------------------------------------------------------------------------------------------
def _ref(struct: type) -> JsonObject:
    return {"$ref": _REF.format(name=struct.__name__)}


def _schemas(endpoints: Sequence[Endpoint]) -> JsonObject:
    """Every Struct that an endpoint uses, directly or inside another, by its name."""
    used = [kind for endpoint in endpoints for kind in (endpoint.request, *endpoint.answers, *endpoint.events)]
    structs = [kind for kind in used if kind and issubclass(kind, msgspec.Struct)]
    _, found = msgspec.json.schema_components([*structs, ErrorBody], schema_hook=_any_json, ref_template=_REF)
    rules = {each.request.__name__: each.request.rules for each in endpoints if each.request}
    return {name: _mend(name, schema, rules.get(name, {})) for name, schema in found.items()}


def _any_json(kind: type) -> JsonObject:
    if kind is object:
        return {"description": "Any JSON value."}
    raise NotImplementedError(kind)


def _mend(name: str, schema: dict[str, object], rules: Mapping[str, object]) -> JsonObject:
    """What msgspec leaves out: words for fields, rules for a whole request, and that our answers always carry every
    field with a default.
    """
    mended = schema | {"description": inspect.cleandoc(str(schema.get("description", "")))}
    properties = schema["properties"]
    assert isinstance(properties, dict)
    mended["properties"] = {field: _with_words(name, field, shape) for field, shape in properties.items()}
    if not schema.get("additionalProperties", True):
        return {**mended, **rules}  # a request: it refuses unknown fields
    required = schema["required"]
    assert isinstance(required, list)
    mended["required"] = [field for field, shape in properties.items() if field in required or "default" in shape]
    return mended


def _with_words(struct: str, field: str, schema: JsonObject) -> JsonObject:
    words = words_for(struct, field)
    return schema | {"description": words} if words else schema
