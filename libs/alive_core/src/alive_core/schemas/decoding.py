"""Bytes to Structs, and what a client did wrong as a sentence with the field's name.

Pure. msgspec's messages end with a path such as "- at `$.messages[0].content`"; `param` is that path without `$`.
"""

import re
from functools import cache
from typing import Final, TypeVar, cast

import msgspec

from alive_core.constants import TOOL_NAME_PATTERN
from alive_core.errors import InvalidRequest, UnknownParameter

AnyStruct = TypeVar("AnyStruct", bound=msgspec.Struct)

DECODE_FAILURES: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Everything that decoding bytes can raise; `describe` knows a sentence for each."""

_EXCERPT_MAX_CHARS: Final = 100  # of a client's own words repeated in a message

# The path holds names of our Structs only; `[...]` stands for a dict's key. A client's own words come before it, in
# quotes or backquotes that have to be closed: an unknown field can be named so that it looks like a path.
_PATH: Final = re.compile(
    r"^(?P<what>Object contains unknown field `.*`|(?!Object contains unknown).*)"
    r" - at (?:`key` in )?`\$(?P<path>[\w.\[\]]*)`$",
    re.DOTALL,
)
_AT_KEY: Final = re.compile(r" - at `key` in `\$[\w.\[\]]*`$")
_AT_VALUE: Final = re.compile(r"\[\.\.\.\]`$")
_UNKNOWN_FIELD: Final = re.compile(r"^Object contains unknown field `(?P<name>.*)`$", re.DOTALL)
_MISSING_FIELD: Final = re.compile(r"^Object missing required field `(?P<name>.*)`$", re.DOTALL)
_BAD_VALUE: Final = re.compile(r"^Invalid (?:enum )?value (?P<value>.*)$", re.DOTALL)
_EXPECTED: Final = re.compile(r"^Expected `(?P<wanted>[^`]*)`(?:, got `(?P<got>[^`]*)`)?(?P<limit>.*)$", re.DOTALL)
_OWN_CHECK: Final = re.compile(r"^`(?P<name>\w+)` (?P<problem>.*)$", re.DOTALL)
_MALFORMED: Final = re.compile(r"^JSON is malformed: (?P<problem>.*) \(byte (?P<position>\d+)\)$")

_JSON_WORDS: Final = {
    "int": "an integer",
    "float": "a number",
    "str": "a string",
    "bool": "a boolean",
    "array": "an array",
    "object": "an object",
    "null": "null",
}


@cache
def _decoder(kind: type[msgspec.Struct]) -> msgspec.json.Decoder[msgspec.Struct]:
    return msgspec.json.Decoder(kind)


def decoder_for(kind: type[AnyStruct]) -> msgspec.json.Decoder[AnyStruct]:
    """The one decoder of a type, made when it is first needed."""
    return cast("msgspec.json.Decoder[AnyStruct]", _decoder(kind))


def decode(body: bytes, kind: type[AnyStruct]) -> AnyStruct:
    """A body as a Struct.

    Raises `InvalidRequest` with `param` where it is not one; `UnknownParameter` where that is a field too many.
    """
    try:
        return decoder_for(kind).decode(body)
    except DECODE_FAILURES as error:
        raise refusal(error) from error


def refusal(error: msgspec.DecodeError | UnicodeDecodeError | RecursionError) -> InvalidRequest:
    """A failure to decode, in words for the client."""
    message, param = describe(error)
    is_extra = isinstance(error, msgspec.ValidationError) and _UNKNOWN_FIELD.match(_split(str(error))[0])
    return (UnknownParameter if is_extra else InvalidRequest)(message, param=param)


def describe(error: msgspec.DecodeError | UnicodeDecodeError | RecursionError) -> tuple[str, str | None]:
    """What is wrong with a body, as a sentence for the client, and the field at fault where one is known.

    `param` is a path such as `messages[0].content`, and None where the body as a whole is wrong.
    """
    match error:
        case msgspec.ValidationError():
            return _describe_value(str(error))
        case UnicodeDecodeError():
            return "The request body is not valid UTF-8.", None
        case RecursionError():
            return "The request body is nested too deeply.", None
        case _:
            return _describe_syntax(str(error)), None


def _describe_syntax(message: str) -> str:
    """The body is no JSON."""
    found = _MALFORMED.match(message)
    if found:
        return f"The request body is not valid JSON: {found['problem']} at byte {found['position']}."
    return "The request body is not valid JSON: it ends too early, or an escape sequence in it is incomplete."


def _describe_value(message: str) -> tuple[str, str | None]:
    """The body is JSON of the wrong shape.

    1. A field that must not be there. 2. One that must. 3. A value that is none of the allowed ones.
    4. The wrong type, or a value outside its limits. 5. A number no machine holds. 6. A rule of the Struct itself.
    """
    what, path = _split(message)
    if found := _UNKNOWN_FIELD.match(what):
        param = _join(path, _excerpt(found["name"]))
        return f"Unknown parameter: '{param}'.", param
    if found := _MISSING_FIELD.match(what):
        param = _join(path, found["name"])
        return f"Missing required parameter: '{param}'.", param
    where = f" for '{path}'" if path else " for the request body"
    if found := _BAD_VALUE.match(what):
        return f"Invalid value{where}: {_excerpt(found['value'])} is not one of the supported values.", path
    if found := _EXPECTED.match(what):
        rule = f"{_subject(message)} must be {_wanted(found['wanted'], found['limit'])}"
        return f"Invalid value{where}: {rule}{_got(found['got'])}.", path
    if found := _OWN_CHECK.match(what):
        param = _join(path, found["name"])
        return f"Invalid value for '{param}': it {found['problem']}.", param
    return f"Invalid value{where}: {what[:1].lower()}{what[1:]}.", path


def _split(message: str) -> tuple[str, str | None]:
    """msgspec's message without its path, and the path as `messages[0].content`; None at the top."""
    found = _PATH.match(message)
    if not found:
        return message, None
    return found["what"], found["path"].replace("[...]", "").lstrip(".") or None


def _join(path: str | None, name: str) -> str:
    return f"{path}.{name}" if path else name


def _excerpt(text: str) -> str:
    return text if len(text) <= _EXCERPT_MAX_CHARS else f"{text[:_EXCERPT_MAX_CHARS]}..."


def _subject(message: str) -> str:
    """What the rule is about: the field itself, or all keys or values of the object in it."""
    if _AT_KEY.search(message):
        return "every key"
    return "every value" if _AT_VALUE.search(message) else "it"


def _wanted(types: str, limit: str) -> str:
    """`int | null` and ` >= 1` as words."""
    *others, last = (_JSON_WORDS.get(name, name) for name in types.split(" | "))
    words = f"{', '.join(others)} or {last}" if others else last
    return f"{words}{_limit(limit)}"


def _got(kind: str | None) -> str:
    return f", but is {_JSON_WORDS.get(kind, kind)}" if kind else ""


def _limit(limit: str) -> str:
    """msgspec's ` of length <= 4`, ` >= 0` or ` matching regex '...'` as words."""
    return (
        limit.replace(f" matching regex {TOOL_NAME_PATTERN!r}", " of only letters, digits, underscores and dashes")
        .replace("<=", "at most")
        .replace(">=", "at least")
    )
