"""How to call an operation, as code: for a shell, and for Python with the official client. Pure, from the document.

Where a path names something that another operation makes, a Python sample makes it first. A shell sample has a word
in capitals in its place, and `Blank` says where to get what belongs there.
"""

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from alive_core.http.document import Document, Operation

ADDRESS_MARK: Final = "\ue000"
"""Stands wherever the server's address belongs: a character that no text of ours contains."""

YOUR_KEY: Final = "YOUR_KEY"
_ANY_KEY: Final = "any"  # the official client demands one even where the server needs none
_BODY_MARK: Final = "$response.body#/"


class Call(Struct, frozen=True):
    """An operation with everything that is needed to call it."""

    method: str
    path: str
    operation: Operation
    body: Mapping[str, object]


class Maker(Struct, frozen=True):
    """What has to be called before: where its answer has each part of the path, by the part's name."""

    call: Call
    fields: Mapping[str, str]


class Blank(Struct, frozen=True):
    """A word to be replaced: by this field of that operation's answer."""

    word: str
    field: str
    operation: Operation


class Samples(Struct, frozen=True):
    """One operation's samples."""

    shell: str
    python: str
    blanks: Sequence[Blank] = ()


def samples_of(document: Document, operation_id: str) -> Samples | None:
    """How to call an operation; `None` where nothing that works can be shown.

    That is so where every request is refused, and where no functionality does what has to be done for it.
    """
    call = _call(document, operation_id)
    makers = _makers(document, operation_id)
    if call is None or makers is None or call.operation.answer is None:
        return None
    has_key = bool(document.security) and call.operation.security != []
    blanks = [
        Blank(name.upper(), field, maker.call.operation) for maker in makers for name, field in maker.fields.items()
    ]
    return Samples(_curl(call, has_key=has_key), _python(call, makers, has_key=has_key), blanks)


def _call(document: Document, operation_id: str) -> Call | None:
    """An operation with a body that works; `None` where it needs one and has none."""
    for path, operations in document.paths.items():
        for method, operation in operations.items():
            if operation.id == operation_id:
                body = operation.smallest_body
                return None if operation.body and body is None else Call(method, path, operation, body or {})
    return None


def _makers(document: Document, operation_id: str) -> list[Maker] | None:
    """What has to be called before, in this order; `None` where one of them cannot be called."""
    for maker_id, parameters in _links_to(document, operation_id):
        fields = {
            name: found.removeprefix(_BODY_MARK) for name, found in parameters.items() if found.startswith(_BODY_MARK)
        }
        call, before = _call(document, maker_id), _makers(document, maker_id)
        return None if call is None or before is None else [*before, Maker(call, fields)]
    return []


def _links_to(document: Document, operation_id: str) -> Iterable[tuple[str, Mapping[str, str]]]:
    for operations in document.paths.values():
        for operation in operations.values():
            for link in operation.answer.links.values() if operation.answer else ():
                if link.operation == operation_id:
                    yield operation.id, link.parameters


# --- Shell ---------------------------------------------------------------------------------------------
def _curl(call: Call, *, has_key: bool) -> str:
    lines = [f"curl {shlex.quote(ADDRESS_MARK + _filled(call))}"]
    if call.method != ("post" if call.operation.body else "get"):  # what curl takes by itself
        lines.append(f"-X {call.method.upper()}")
    if has_key:
        lines.append(f"-H 'Authorization: Bearer {YOUR_KEY}'")
    if call.operation.body:
        lines += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(json.dumps(call.body, indent=2))}"]
    return " \\\n  ".join(lines)


# --- Python --------------------------------------------------------------------------------------------
def _python(call: Call, makers: Sequence[Maker], *, has_key: bool) -> str:
    if call.method == "get" and not call.path.startswith("/v1/"):
        return f'from urllib.request import urlopen\n\nprint(urlopen("{ADDRESS_MARK}{call.path}").read().decode())'
    values: dict[str, str] = {}
    lines = []
    for maker in makers:
        variable = _variable(maker)
        lines.append(_statement(variable, maker.call, values))
        values |= {name: f"{variable}.{field}" for name, field in maker.fields.items()}
    return "\n".join(
        (
            "from openai import OpenAI\n",
            f'client = OpenAI(base_url="{ADDRESS_MARK}/v1", api_key="{YOUR_KEY if has_key else _ANY_KEY}")',
            *lines,
            _statement("answer", call, values),
            "print(answer)",
        )
    )


def _statement(variable: str, call: Call, values: Mapping[str, str]) -> str:
    """A call as an assignment; an operation that the official client does not know is called by its path."""
    if call.operation.client:
        known = {**values} | {name: repr(value) for name, value in _examples(call).items()}
        named = {name: known[name] for name in _path_names(call)}
        arguments = [f"{name}={value}" for name, value in named.items()]
        arguments += [f"{name}={value!r}" for name, value in call.body.items()]
        method = call.operation.client
    else:
        arguments = [repr(_filled(call).removeprefix("/v1")), "cast_to=object"]
        arguments += [f"body={dict(call.body)!r}"] if call.operation.body else []
        method = call.method
    inside = "".join(f"\n    {argument}," for argument in arguments)
    return f"{variable} = client.{method}({inside}{chr(10) if inside else ''})"


def _variable(maker: Maker) -> str:
    """What to call a maker's answer: `response` after `responses.create`; `items` where it is a list of them."""
    noun = (maker.call.operation.client or maker.call.operation.id).split(".")[-2]
    return noun.removesuffix("s") if "id" in maker.fields.values() else noun


def _filled(call: Call) -> str:
    """The path with an example in each pair of braces, or a word in capitals where the document has none."""
    path = call.path
    for name in _path_names(call):
        path = path.replace(f"{{{name}}}", _examples(call).get(name, name.upper()))
    return path


def _path_names(call: Call) -> list[str]:
    return [each.name for each in call.operation.parameters if each.place == "path"]


def _examples(call: Call) -> dict[str, str]:
    return {each.name: each.example for each in call.operation.parameters if each.place == "path" and each.example}
