"""The page at `/docs`: one HTML file for people, made from the OpenAPI document. No script, no other address."""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

import msgspec

from alive_core.constants import SEED_MAX
from alive_core.http.document import Content, Document, Operation, Response, Schema
from alive_core.http.samples import ADDRESS_MARK, YOUR_KEY, samples_of

_CODE: Final = re.compile(r"`([^`]+)`")
_TYPE_WORDS: Final = {"string": "text", "boolean": "true or false", "object": "object", "null": "null"}


@cache
def stylesheet() -> str:
    """The page's one style, as it stands in the page."""
    return Path(__file__).with_name("docs.css").read_text(encoding="utf-8")


@cache
def content_security_policy() -> str:
    """Allows exactly the page's own style, by its hash, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(stylesheet().encode()).digest()).decode()
    nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return f"{nothing}; style-src 'sha256-{digest}'"


def render(encoded: bytes) -> str:
    """The whole page, with ADDRESS_MARK for the server's address."""
    document = msgspec.json.decode(encoded, type=Document)
    title = f"{escape(document.info.title)} {escape(document.info.version)}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{stylesheet()}</style>\n</head>\n<body>\n"
        f"{_navigation(document)}\n<main>\n<h1>{title}</h1>\n{_introduction(document)}\n"
        f"{_functionalities(document)}\n{_operations(document)}\n{_types(document)}\n</main>\n</body>\n</html>\n"
    )


# --- Sections ------------------------------------------------------------------------------------------
def _navigation(document: Document) -> str:
    operations = (
        f'<li><a href="#{operation.id}">{escape(operation.summary)}</a></li>' for _, _, operation in _all(document)
    )
    return (
        '<nav>\n<h2>Start</h2><ul><li><a href="#functionalities">Functionalities</a></li></ul>\n'
        f"<h2>Endpoints</h2><ul>{''.join(operations)}</ul>\n"
        '<h2>Reference</h2><ul><li><a href="#types">Types</a></li><li><a href="/openapi.json">openapi.json</a></li>'
        "</ul>\n</nav>"
    )


def _introduction(document: Document) -> str:
    key = (
        f"<p>This server needs an API key: write yours for <code>{YOUR_KEY}</code> in the examples.</p>"
        if document.security
        else ""
    )
    return (
        "<p>This server speaks OpenAI's API, so programs and libraries made for that API work with it: give them "
        f"the address <code>{ADDRESS_MARK}/v1</code>. You ask for a <em>functionality</em> by its name in the field "
        "<code>model</code>; which model stands behind it is the server's concern.</p>\n"
        "<p>Every field is honoured, or refused with status 400 and its name in <code>param</code>. Nothing is "
        "silently ignored. The examples below work as they are: copy, paste, run. Where one needs something of "
        f"yours, a word in capitals stands in its place.</p>\n{key}"
    )


def _functionalities(document: Document) -> str:
    rows = (
        (
            f"<code>{escape(each.name)}</code>",
            _text(each.description) + ("" if each.is_available else " (not available on this server now)"),
            escape(", ".join(each.tasks)),
        )
        for each in document.functionalities
    )
    return f'<h2 id="functionalities">Functionalities</h2>\n{_table(("Name", "What it does", "Tasks"), rows)}'


def _operations(document: Document) -> str:
    parts, group = [], ""
    for method, path, operation in _all(document):
        if operation.tags[0] != group:
            group = operation.tags[0]
            parts.append(f"<h2>{escape(group)}</h2>")
        parts.append(_operation(document, method, path, operation))
    return "\n".join(parts)


def _operation(document: Document, method: str, path: str, operation: Operation) -> str:
    parts = [
        f'<h3 id="{operation.id}">{escape(operation.summary)}</h3>',
        f'<p><span class="method">{method.upper()}</span> <code>{escape(path)}</code></p>',
        _paragraphs(operation.description),
        *_samples(document, operation),
    ]
    if operation.parameters:
        rows = ((f"<code>{escape(p.name)}</code>", p.place, _text(p.description)) for p in operation.parameters)
        parts += ["<h4>In the address and the headers</h4>", _table(("Name", "Where", "What it is for"), rows)]
    if operation.body:
        parts += ["<h4>Request</h4>", _fields_of(document, operation.body.content)]
    parts += ["<h4>Answer</h4>", *_answers(operation.answer)]
    failures = ((status, _text(each.description)) for status, each in operation.responses.items() if status != "200")
    parts += ["<h4>What can go wrong</h4>", _table(("Status", "Why"), failures)]
    return "\n".join(parts)


def _answers(answer: Response | None) -> list[str]:
    if answer is None:
        return ["<p>None: every request is refused.</p>"]
    return [_answer(media, content) for media, content in answer.content.items()]


def _answer(media: str, content: Content) -> str:
    what = (
        f"events, each with the data {_kind(content.schema)}"
        if media == "text/event-stream"
        else _kind(content.schema)
    )
    return f"<p><code>{escape(media)}</code>: {what}</p>"


def _types(document: Document) -> str:
    parts = ['<h2 id="types">Types</h2>']
    for name, schema in document.components.schemas.items():
        table = _fields(schema) if schema.properties else ""
        parts.append(f'<h3 id="type-{name}">{name}</h3>\n{_paragraphs(schema.description)}\n{table}')
    return "\n".join(parts)


def _all(document: Document) -> Iterable[tuple[str, str, Operation]]:
    for path, operations in document.paths.items():
        for method, operation in operations.items():
            yield method, path, operation


# --- Samples -------------------------------------------------------------------------------------------
def _samples(document: Document, operation: Operation) -> list[str]:
    """How to call it from a shell and from Python; nothing where nothing would work."""
    found = samples_of(document, operation.id)
    if found is None:
        return []
    blanks = "".join(
        f"<p>For <code>{blank.word}</code> write the <code>{blank.field}</code> that "
        f'<a href="#{blank.operation.id}">{escape(blank.operation.summary)}</a> answered.</p>'
        for blank in found.blanks
    )
    return [_sample("shell", found.shell), blanks, _sample("python", found.python)]


def _sample(language: str, source: str) -> str:
    return f'<pre><code class="{language}">{escape(source)}</code></pre>'


# --- Fields --------------------------------------------------------------------------------------------
def _fields_of(document: Document, content: Mapping[str, Content]) -> str:
    schema = content["application/json"].schema
    return _fields(document.components.schemas[schema.name]) if schema.name else f"<p>{_kind(schema)}</p>"


def _fields(schema: Schema) -> str:
    required = ' <span class="required">required</span>'
    rows = (
        (f"<code>{escape(name)}</code>{required if name in schema.required else ''}", _kind(field), _notes(field))
        for name, field in sorted(schema.properties.items(), key=lambda item: item[0] not in schema.required)
    )
    return _table(("Field", "Type", "What it is for"), rows)


def _kind(schema: Schema) -> str:
    """A type in words, as HTML: `list of text`, with links to types that have a name."""
    match schema:
        case Schema(ref=str()):
            return f'<a href="#type-{schema.name}">{schema.name}</a>'
        case Schema(type="array", items=Schema() as item):
            return f"list of {_kind(item)}"
        case Schema(any_of=[_, *_]):
            options = [_kind(option) for option in schema.any_of if option.type != "null"]
            return " or ".join(dict.fromkeys(options))
        case Schema(enum=[_, *_]):
            return " or ".join(f"<code>{escape(value)}</code>" for value in schema.enum)
        case Schema(type="object", additional=Schema() as value):
            return f"object of {_kind(value)}"
        case Schema(type=str() as kind):
            return _TYPE_WORDS.get(kind, kind)
        case _:
            return "anything"


def _notes(schema: Schema) -> str:
    limits = "; ".join(dict.fromkeys(limit for option in (schema, *schema.any_of) for limit in _limits(option)))
    default = schema.default if isinstance(schema.default, str | int | float) else None
    notes = [
        _text(schema.description),
        f'<span class="soft">{limits}</span>' if limits else "",
        f'<span class="soft">default</span> <code>{escape(json.dumps(default))}</code>'
        if default is not None
        else "",
    ]
    return " ".join(note for note in notes if note)


def _limits(schema: Schema) -> Iterable[str]:
    is_any = schema.maximum is not None and schema.maximum >= SEED_MAX  # only what 64 bits can hold
    for low, high, unit in (
        (None if is_any else schema.minimum, None if is_any else schema.maximum, ""),
        (schema.min_length, schema.max_length, " characters"),
        (schema.min_items, schema.max_items, " items"),
        (None, schema.max_properties, " keys"),
    ):
        if low is not None and high is not None:
            yield f"{low:.15g} to {high:.15g}{unit}"
        elif low is not None:
            yield f"at least {low:.15g}{unit}"
        elif high is not None:
            yield f"at most {high:.15g}{unit}"


# --- Pieces of HTML ------------------------------------------------------------------------------------
def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{each}</th>" for each in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in rows)
    return f'<div class="scroll"><table>\n<tr>{head}</tr>\n{body}</table></div>'


def _paragraphs(text: str) -> str:
    return "\n".join(f"<p>{_text(part)}</p>" for part in text.split("\n\n") if part)


def _text(text: str) -> str:
    """Our own words as HTML: `code` in backquotes, and lists whose lines begin with a dash."""
    lines = text.split("\n")
    marked = [_CODE.sub(r"<code>\1</code>", escape(line.removeprefix("- "), quote=False)) for line in lines]
    return ("<br>" if text.startswith("- ") else " ").join(marked)
