"""Bodies with fields too many, for clients that asked for leniency: what we know is read, the rest is named.

Pure. The types say what is known, so one walk over the parsed JSON finds every extra field, and nothing else changes.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

import msgspec
from msgspec.inspect import CollectionType, DictType, Metadata, StructType, Type, UnionType, type_info

from alive_core.schemas.decoding import DECODE_FAILURES, decode, refusal

AnyStruct = TypeVar("AnyStruct", bound=msgspec.Struct)
Place = tuple["Place", str | int] | None
"""Where a value stands: the place around it, and its key there. Written out only for what is left out."""


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
    ignored: list[Place] = []
    known = _known(sent, _shape_of_struct(kind), None, ignored)
    body = msgspec.json.encode(known)  # by way of bytes, so that refusals read the same
    return decode(body, kind), [_written(place) for place in ignored]


# --- What a type knows ---------------------------------------------------------------------------------
@dataclass(slots=True)
class _Shape:
    """What may stand inside a value: at most one kind of object for each tag, and one kind of list."""

    tag_field: str | None = None
    objects: dict[object, dict[str, "_Shape | None"]] = field(default_factory=dict)
    """By tag, None without one: the known fields, each with its own shape; None where nothing is inside."""
    values: "_Shape | None" = None
    """Of the values of an object whose keys are the client's own."""
    items: "_Shape | None" = None


@cache
def _shape_of_struct(kind: type[msgspec.Struct]) -> _Shape | None:
    return _shape_of(type_info(kind))


def _shape_of(kind: Type) -> _Shape | None:
    """None where no field can be too many anywhere inside."""
    shape = _Shape()
    for option in _options(kind):
        match option:
            case StructType():
                fields = {each.encode_name: _shape_of(each.type) for each in option.fields}
                if option.tag_field is not None:
                    shape.tag_field = option.tag_field
                    fields[option.tag_field] = None
                shape.objects[option.tag] = fields
            case DictType():
                shape.values = _shape_of(option.value_type)
            case CollectionType():
                shape.items = _shape_of(option.item_type)
            case _:
                pass  # a number, a text: nothing inside
    return shape if shape.objects or shape.values or shape.items else None


def _options(kind: Type) -> list[Type]:
    while isinstance(kind, Metadata):
        kind = kind.type
    return [found for option in kind.types for found in _options(option)] if isinstance(kind, UnionType) else [kind]


# --- The walk ------------------------------------------------------------------------------------------
def _known(value: object, shape: _Shape | None, place: Place, ignored: list[Place]) -> object:
    """`value` without the fields that `shape` does not know; their places are added to `ignored`."""
    if shape is None:
        return value
    if isinstance(value, list) and shape.items:
        return [_known(item, shape.items, (place, index), ignored) for index, item in enumerate(value)]
    if isinstance(value, dict):
        return _known_object(value, shape, place, ignored)
    return value


def _known_object(value: dict[str, object], shape: _Shape, place: Place, ignored: list[Place]) -> dict[str, object]:
    if shape.values:
        return {name: _known(item, shape.values, (place, name), ignored) for name, item in value.items()}
    tag = value.get(shape.tag_field) if shape.tag_field else None
    fields = shape.objects.get(tag) if tag is None or isinstance(tag, str) else None
    if fields is None:
        return value  # a tag that nobody knows is a wrong value, not a field too many
    known = {}
    for name, item in value.items():
        if name not in fields:
            ignored.append((place, name))
        elif fields[name] is None:
            known[name] = item
        else:
            known[name] = _known(item, fields[name], (place, name), ignored)
    return known


def _written(place: Place) -> str:
    parts: list[str] = []
    while place is not None:
        place, key = place
        parts.append(f"[{key}]" if isinstance(key, int) else f".{key}")
    return "".join(reversed(parts)).removeprefix(".")
