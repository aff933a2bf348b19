"""Text to the types that a schema promises."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.coercion import Coercion, elements_of

TREE = {"type": "object", "properties": {"value": {"type": "integer"}, "child": {"$ref": "tree"}}}


def _coerce(schema: Any, raw: Any, *, lone: bool = False) -> Any:
    return Coercion({"tree": TREE}.__getitem__, lone=lone).coercer(schema)(raw)


@pytest.mark.parametrize(
    ("schema", "raw", "value"),
    [
        ({"type": "integer"}, "10", 10),
        ({"type": "integer"}, "-3", -3),
        ({"type": "integer"}, "007", 7),
        ({"type": "integer"}, "1.0", "1.0"),
        ({"type": "integer"}, "1_000", "1_000"),
        ({"type": "integer"}, " 1", " 1"),
        ({"type": "integer"}, "\u0661", "\u0661"),
        ({"type": "integer"}, "", ""),
        ({"type": "integer"}, "9" * 10_000, "9" * 10_000),
        ({"type": "integer"}, str(2**63), str(2**63)),
        ({"type": "integer"}, str(-(2**63)), -(2**63)),
        ({"type": "number"}, str(2**63), float(2**63)),
        ({"type": "number"}, "1.5", 1.5),
        ({"type": "number"}, "2", 2),
        ({"type": "number"}, "1e3", 1000.0),
        ({"type": "number"}, "1e999", "1e999"),
        ({"type": "number"}, "nan", "nan"),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "False", False),
        ({"type": "boolean"}, "1", "1"),
        ({"type": "string"}, "10", "10"),
        ({"type": "string"}, ["a", "b"], "b"),
        ({"type": ["integer", "null"]}, "5", 5),
        ({"const": True}, "true", True),
        ({}, "10", "10"),
        (True, "10", "10"),
        ({"type": "array", "items": {"type": "integer"}}, {"": ["1", "2"]}, [1, 2]),
        ({"type": "array", "items": {"type": "integer"}}, {"10": "3", "2": "1"}, [1, 3]),
        ({"type": "array", "items": {"type": "integer"}}, ["1", "2"], [1, 2]),
        ({"type": "array", "items": {"type": "integer"}}, "1", "1"),
        ({"type": "array"}, {"x": "1"}, {"x": "1"}),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"0": "1", "x": "2"}, {"0": 1, "x": 2}),
        ({"type": "object", "properties": {"a": {"type": "boolean"}}}, {"a": "true", "b": "1"}, {"a": True, "b": "1"}),
        ({"type": "object"}, "", ""),
        ({"$ref": "tree"}, {"child": {"child": {"value": "3"}}}, {"child": {"child": {"value": 3}}}),
        # Unions: a listed value first, then the narrowest type that fits.
        ({"anyOf": [{"type": "integer"}, {"type": "string", "enum": ["now"]}]}, "now", "now"),
        ({"anyOf": [{"type": "integer"}, {"type": "string", "enum": ["now"]}]}, "12", 12),
        ({"anyOf": [{"type": "integer"}, {"type": "string", "enum": ["now"]}]}, "later", "later"),
        ({"anyOf": [{"type": "boolean"}, {"type": "string", "enum": ["one_off"]}]}, "true", True),
        ({"anyOf": [TREE, {"type": "string", "enum": [""]}]}, "", ""),
        ({"anyOf": [TREE, {"type": "integer"}]}, {"value": "1"}, {"value": 1}),
        ({"anyOf": [TREE, {"type": "integer"}]}, "1", 1),
        (
            {"anyOf": [{"type": "array", "items": TREE}, {"type": "string", "enum": [""]}]},
            {"0": {"value": "1"}},
            [{"value": 1}],
        ),
        (
            {"allOf": [TREE, {"properties": {"b": {"type": "boolean"}}}]},
            {"value": "1", "b": "true"},
            {"value": 1, "b": True},
        ),
    ],
)
def test_coerces_what_it_can(schema: Any, raw: Any, value: Any) -> None:
    found = _coerce(schema, raw)
    assert found == value
    assert type(found) is type(value)


def test_the_variant_that_knows_most_members_is_meant() -> None:
    by_id = {"type": "object", "properties": {"id": {"type": "integer"}, "x": {"type": "string"}}}
    by_name = {"type": "object", "properties": {"name": {"type": "string"}, "x": {"type": "integer"}}}
    union = {"oneOf": [by_id, by_name]}
    assert _coerce(union, {"id": "1", "x": "2"}) == {"id": 1, "x": "2"}
    assert _coerce(union, {"name": "1", "x": "2"}) == {"name": "1", "x": 2}


def test_a_lone_value_stands_for_an_array_where_a_style_says_so() -> None:
    array = {"type": "array", "items": {"type": "integer"}}
    assert _coerce(array, "1", lone=True) == [1]
    assert _coerce({"type": "object", "properties": {"a": array}}, {"a": "1"}, lone=True) == {"a": [1]}


def test_elements() -> None:
    assert elements_of({"": "x"}) == ["x"]
    assert elements_of({"a": "x"}) is None
    assert elements_of("x") is None
    assert elements_of({"99999999999": "x"}) is None
