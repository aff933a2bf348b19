"""Two ways to write one thing are one node."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.diff.nodes import Nodes

SCHEMAS: dict[str, Any] = {
    "card": {"type": "object", "properties": {"object": {"enum": ["card"]}, "last4": {"type": "string"}}},
    "loop": {"$ref": "#/$defs/loop"},
}


@pytest.fixture
def nodes() -> Nodes:
    return Nodes(SCHEMAS)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["string", "null"]},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"oneOf": [{"type": "null"}, {"type": "string"}]},
        {"anyOf": [{"anyOf": [{"type": "string"}, {"type": "null"}]}]},
    ],
)
def test_null_stands_apart(nodes: Nodes, schema: Any) -> None:
    node = nodes.of(schema)
    assert (node.types, node.nullable, node.variants) == (frozenset({"string"}), True, [])


def test_null_among_values(nodes: Nodes) -> None:
    node = nodes.of({"type": ["string", "null"], "enum": ["a", None]})
    assert (node.enum, node.nullable) == (("a",), True)
    assert not nodes.of({"type": ["string", "null"], "enum": ["a"]}).nullable


def test_a_const_is_an_enum_of_one(nodes: Nodes) -> None:
    assert nodes.of({"const": "card"}).enum == ("card",)
    assert nodes.of({"const": True}).types == frozenset({"boolean"})


def test_parts_are_merged(nodes: Nodes) -> None:
    node = nodes.of({"allOf": [{"$ref": "#/$defs/card"}, {"required": ["last4"]}], "properties": {"more": {}}})
    assert set(node.properties) == {"object", "last4", "more"}
    assert node.required == {"last4"}


def test_what_wraps_a_component_is_taken_off(nodes: Nodes) -> None:
    reference = {"$ref": "#/$defs/card"}
    assert nodes.unwrapped({"anyOf": [reference, {"type": "null"}]}) == (reference, True)
    assert nodes.unwrapped({"allOf": [reference]}) == (reference, False)
    two = {"anyOf": [reference, {"type": "string"}]}
    assert nodes.unwrapped(two) == (two, False)


def test_signs_tell_variants_apart(nodes: Nodes) -> None:
    assert nodes.signs({"$ref": "#/$defs/card"}) == ("component:card", "object:card")
    assert nodes.signs(SCHEMAS["card"]) == ("object:card",)
    assert nodes.signs({"enum": [""]}) == ("value:''",)
    assert nodes.signs({"type": "integer"}) == ("type:integer",)


def test_a_reference_to_itself_ends(nodes: Nodes) -> None:
    assert nodes.of({"$ref": "#/$defs/loop"}).types is None


def test_types_are_told_by_other_keywords(nodes: Nodes) -> None:
    assert nodes.of({"properties": {}}).types == frozenset({"object"})
    assert nodes.of({"items": {}}).types == frozenset({"array"})
    assert nodes.of({"enum": ["a", 1]}).types == frozenset({"string", "integer"})
    assert nodes.of({}).types is None
