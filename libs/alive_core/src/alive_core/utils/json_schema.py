"""How much work a JSON Schema can make for whoever checks a value against it.

Keywords: https://json-schema.org/draft/2020-12/json-schema-core#name-keywords-for-applying-subschemas-in-place
"""

from collections.abc import Iterator, Mapping
from typing import Final

Node = Mapping[str, object]

_LISTS: Final = ("allOf", "anyOf", "oneOf")
_SINGLE: Final = ("not", "if", "then", "else")
_NAMED: Final = ("dependentSchemas", "dependencies")
_REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")
_NAMES: Final = ("$anchor", "$dynamicAnchor", "$id", "id")


def heaviest_place(schema: Node) -> int:
    """The most subschemas that can have a say about one and the same value.

    A reference counts as often as it is followed, so a few lines can come to billions. One that leads nowhere, or
    back to where it is followed from, counts nothing. Raises RecursionError for a schema nested too deeply.
    """
    nodes = list(_nodes(schema))
    named = {
        f"#{name}" if key.endswith("nchor") else name: node
        for node in nodes
        for key in _NAMES
        if isinstance(name := node.get(key), str)
    }
    weights: dict[int, int] = {}

    def weight(node: Node) -> int:
        known = weights.get(id(node))
        if known is None:
            weights[id(node)] = 0  # what leads back here adds nothing
            known = weights[id(node)] = 1 + sum(map(weight, _in_place(node, schema, named)))
        return known

    return max(map(weight, nodes))


def _nodes(value: object) -> Iterator[Node]:
    """Every object in `value`, itself included: each could be a schema."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _nodes(inner)


def _in_place(node: Node, root: Node, named: Mapping[str, Node]) -> Iterator[Node]:
    """The subschemas that look at the same value as `node`."""
    inner: list[object] = [node.get(key) for key in _SINGLE]
    for key in _LISTS:
        found = node.get(key)
        inner += found if isinstance(found, list) else ()
    for key in _NAMED:
        found = node.get(key)
        inner += found.values() if isinstance(found, dict) else ()
    for key in _REFERENCES:
        reference = node.get(key)
        inner.append(named.get(reference, _at(root, reference)) if isinstance(reference, str) else None)
    yield from (each for each in inner if isinstance(each, dict))


def _at(root: Node, reference: str) -> object:
    """What a reference within one schema points to, such as `#/$defs/name`; `None` where that is nothing."""
    place: object = root
    path = reference.partition("#")[2].split("/")[1:]
    for step in path:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(place, dict):
            place = place.get(name)
        elif isinstance(place, list) and name.isdigit() and int(name) < len(place):
            place = place[int(name)]
        else:
            return None
    return place
