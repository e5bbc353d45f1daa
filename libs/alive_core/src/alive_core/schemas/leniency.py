"""Bodies with fields too many, for clients that asked for leniency: what we know is read, the rest is named.

Pure. The types say what is known, so one walk over the parsed JSON finds every extra field, and nothing else changes.
"""

from functools import cache
from typing import TypeVar

import msgspec
from msgspec.inspect import CollectionType, DictType, Metadata, StructType, Type, UnionType, type_info

from alive_core.schemas.decoding import DECODE_FAILURES, decode, refusal

AnyStruct = TypeVar("AnyStruct", bound=msgspec.Struct)

_type_info = cache(type_info)


def parse(body: bytes) -> object:
    """A body as plain JSON. Raises `InvalidRequest` where it is none."""
    try:
        return msgspec.json.decode(body)
    except DECODE_FAILURES as error:
        raise refusal(error) from error


def read_known(sent: object, kind: type[AnyStruct]) -> tuple[AnyStruct, list[str]]:
    """Plain JSON as a Struct, and the paths of the fields that were left out, such as `messages[0].mood`.

    Everything else is held to the same rules as ever. Raises `InvalidRequest`.
    """
    ignored: list[str] = []
    known = _known(sent, _type_info(kind), "", ignored)
    return decode(msgspec.json.encode(known), kind), ignored  # by way of bytes, so that refusals read the same


def _known(value: object, kind: Type, path: str, ignored: list[str]) -> object:
    """`value` without the fields that `kind` does not know; their paths are added to `ignored`."""
    match value, _shape_of(value, kind):
        case dict(), StructType() as struct:
            return _known_fields(value, struct, path, ignored)
        case dict(), DictType() as mapping:
            return {key: _known(item, mapping.value_type, _join(path, key), ignored) for key, item in value.items()}
        case list(), CollectionType() as items:
            return [_known(item, items.item_type, f"{path}[{i}]", ignored) for i, item in enumerate(value)]
        case _:
            return value


def _known_fields(value: dict[str, object], struct: StructType, path: str, ignored: list[str]) -> dict[str, object]:
    types = {field.encode_name: field.type for field in struct.fields}
    known = {}
    for name, item in value.items():
        if name in types:
            known[name] = _known(item, types[name], _join(path, name), ignored)
        elif name == struct.tag_field:
            known[name] = item
        else:
            ignored.append(_join(path, name))
    return known


def _shape_of(value: object, kind: Type) -> Type | None:
    """The type that speaks about `value`: in a union at most one does, as msgspec demands; None where none does."""
    while isinstance(kind, Metadata):
        kind = kind.type
    if isinstance(kind, UnionType):
        shapes = (_shape_of(value, option) for option in kind.types)
        return next((shape for shape in shapes if shape is not None), None)
    match value, kind:
        case dict(), StructType(tag_field=str() as field, tag=tag):
            return kind if value.get(field) == tag else None
        case (dict(), StructType() | DictType()) | (list(), CollectionType()):
            return kind
        case _:
            return None


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
