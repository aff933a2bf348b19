"""Schemas made at random: none differs from itself, and each planted change is found on the right side."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.diff.nodes import Nodes
from contracts.diff.rules import Direction
from contracts.diff.walk import Spot, Told, Walk

NAMES = st.sampled_from(["id", "name", "size", "items"])
SCALARS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({"type": "boolean"}),
    st.builds(lambda high: {"type": "integer", "maximum": high}, st.integers(1, 99)),
    st.builds(lambda high: {"type": "string", "maxLength": high}, st.integers(1, 99)),
    st.builds(lambda n: {"type": "string", "enum": ["a", "b", "c"][:n]}, st.integers(1, 3)),
    st.just({"type": ["string", "null"]}),
    st.just({"$ref": "#/$defs/tree"}),
    st.just({"anyOf": [{"$ref": "#/$defs/tree"}, {"type": "null"}]}),
)


def objects(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda members, some: {
            "type": "object",
            "properties": members,
            "required": sorted(members)[: len(members) * some],
        },
        st.dictionaries(NAMES, inner, min_size=1, max_size=3),
        st.booleans(),
    )


SCHEMAS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        objects(inner),
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(lambda one: {"anyOf": [one, {"type": "number"}]}, inner),
    ),
    max_leaves=8,
)
COMPONENTS = {"tree": {"type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}, "value": {"type": "string"}}}}


def told(before: Any, after: Any, direction: Direction, components: Any = COMPONENTS) -> list[Told]:
    walk = Walk(Nodes(COMPONENTS), Nodes(components))
    walk.compare(Spot("op", direction, f"{direction}-body", direction), before, after)
    walk.finish()
    return [each for tellings in walk.told.values() for each in tellings]


@given(SCHEMAS)
def test_nothing_differs_from_itself(schema: Any) -> None:
    for direction in ("request", "response"):
        assert told(schema, copy.deepcopy(schema), direction) == []


@given(objects(SCHEMAS))
def test_a_member_that_is_gone(schema: Any) -> None:
    name = min(schema["properties"])
    after = copy.deepcopy(schema)
    del after["properties"][name]
    after["required"] = [each for each in after["required"] if each != name]
    (found,) = told(schema, after, "response")
    needed = name in schema["required"]
    assert (found.rule, found.severity) == (
        ("response-required-property-removed", "breaking")
        if needed
        else ("response-optional-property-removed", "risky")
    )
    (found,) = told(after, schema, "request")
    assert found.severity == ("breaking" if needed else "safe")


@given(SCHEMAS, st.integers(1, 3))
def test_a_planted_value_is_found_however_deep_it_stands(schema: Any, depth: int) -> None:
    def deep(leaf: Any) -> Any:
        for level in range(depth):
            leaf = {"type": "object", "properties": {"beside": schema, f"in{level}": leaf}}
        return leaf

    before, after = deep({"type": "string", "enum": ["a"]}), deep({"type": "string", "enum": ["a", "b"]})
    (found,) = told(before, after, "response")
    assert (found.rule, found.severity, found.after) == ("response-property-enum-value-added", "risky", "b")
    (found,) = told(after, before, "request")
    assert (found.rule, found.severity) == ("request-property-enum-value-removed", "breaking")


def test_a_recursive_component_is_compared_once() -> None:
    changed = {
        "tree": {"type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}, "value": {"type": "integer"}}}
    }
    reference = {"$ref": "#/$defs/tree"}
    before = {"type": "object", "properties": {"a": reference, "b": {"type": "array", "items": reference}}}
    (found,) = told(before, before, "response", changed)
    assert (found.rule, found.place) == ("response-property-type-changed", "response.#tree.value")


def test_a_component_written_out_is_the_same() -> None:
    inline = {"type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}, "value": {"type": "string"}}}
    assert told({"$ref": "#/$defs/tree"}, inline, "request") == []


def test_integers_are_numbers() -> None:
    (found,) = told({"type": "integer"}, {"type": "number"}, "request")
    assert (found.rule, found.severity) == ("request-body-type-generalized", "safe")
    (found,) = told({"type": "integer"}, {"type": "number"}, "response")
    assert (found.rule, found.severity) == ("response-body-type-generalized", "breaking")


def test_discriminators_and_multiples() -> None:
    def one(mapping: dict[str, str], name: str = "kind") -> dict[str, Any]:
        return {"type": "object", "discriminator": {"propertyName": name, "mapping": mapping}}

    assert [each.rule for each in told(one({"a": "#/$defs/tree"}), one({"b": "#/$defs/tree"}), "request")] == [
        "request-body-discriminator-mapping-deleted",
        "request-body-discriminator-mapping-added",
    ]
    (found,) = told(one({}), one({}, "type"), "response")
    assert found.severity == "breaking"
    number = {"type": "integer", "multipleOf": 4}
    assert told(number, {**number, "multipleOf": 2}, "request")[0].severity == "safe"
    assert told(number, {**number, "multipleOf": 3}, "request")[0].severity == "breaking"
