"""How much work a schema can make."""

import pytest

from alive_core.utils.json_schema import heaviest_place


def doubling(levels: int) -> dict[str, object]:
    """A few lines that come to two to the power of `levels`."""
    steps: dict[str, object] = {
        f"s{level}": {"allOf": [{"$ref": f"#/$defs/s{level - 1}"}] * 2} for level in range(1, levels + 1)
    }
    return {"$defs": {"s0": {"type": "object"}, **steps}, "$ref": f"#/$defs/s{levels}"}


@pytest.mark.parametrize(
    ("schema", "weight"),
    [
        ({}, 1),
        ({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}, 1),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 3),
        ({"properties": {"a": {"oneOf": [{}, {}, {}]}}}, 4),
        ({"if": {}, "then": {}, "else": {"not": {}}}, 5),
        ({"dependentSchemas": {"a": {}, "b": {}}}, 3),
        ({"enum": list(range(1000))}, 1),
        ({"$ref": "#"}, 1),
        ({"$ref": "#/$defs/a/0", "$defs": {"a": [{"allOf": [{}]}]}}, 3),
        ({"$ref": "#/$defs/a~1b~0c", "$defs": {"a/b~c": {"allOf": [{}]}}}, 3),
        ({"$ref": "#/$defs/nowhere/at/all"}, 1),
        ({"$ref": "#/$defs/7", "$defs": [{}]}, 1),
        ({"$ref": "#/title/x", "title": "t"}, 1),
        ({"$ref": "#x", "$defs": {"a": {"$anchor": "x", "allOf": [{}]}}}, 3),
        ({"$ref": "http://x/y", "$defs": {"a": {"$id": "http://x/y", "allOf": [{}]}}}, 3),
        ({"allOf": True, "dependencies": 3, "$ref": 4, "not": True}, 1),
    ],
)
def test_what_looks_at_one_value_is_counted(schema: dict[str, object], weight: int) -> None:
    assert heaviest_place(schema) == weight


def test_references_multiply() -> None:
    assert heaviest_place(doubling(3)) > 2**3
    assert heaviest_place(doubling(100)) > 2**100


def test_a_tree_that_only_refers_to_itself_inside_its_values_is_light() -> None:
    tree: dict[str, object] = {"properties": {"children": {"type": "array", "items": {"$ref": "#"}}}}
    assert heaviest_place(tree) == 2


def test_a_schema_nested_too_deeply_is_told() -> None:
    schema: dict[str, object] = {}
    for _ in range(100_000):
        schema = {"items": schema}
    with pytest.raises(RecursionError):
        heaviest_place(schema)
