"""Schemas of any document: named once, cleaned, with what goes one way only on its side."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.compile.document import CompileError
from contracts.compile.unseen_schemas import UnseenSchemas


def compiled(schemas: Any, node: Any, side: Any = "response", version: str = "3.0.3") -> tuple[Any, Any, list[str]]:
    """The schema of ``node``, all that it reaches, and what was told."""
    told: list[str] = []
    reader = UnseenSchemas(
        {"openapi": version, "components": {"schemas": schemas}}, lambda place, words: told.append(f"{place}: {words}")
    )
    found = reader.schema(node, side, "here")
    reader.finish()
    return found, reader.schemas, told


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def test_prose_goes_and_the_old_dialect_becomes_the_new() -> None:
    found, _, told = compiled(
        {},
        {
            "type": "number",
            "title": "A",
            "description": "b",
            "nullable": True,
            "minimum": 0,
            "exclusiveMinimum": True,
            "maximum": 9,
            "exclusiveMaximum": False,
            "x-secret": 1,
            "xml": {},
            "example": 4,
        },
    )
    assert found == {"type": ["number", "null"], "exclusiveMinimum": 0, "maximum": 9, "examples": [4]}
    assert told == []


def test_a_schema_is_compiled_once_wherever_it_stands() -> None:
    schemas = {"Node": {"type": "object", "properties": {"next": ref("Node"), "inner": {"type": "string"}}}}
    node = {"anyOf": [ref("Node"), {"$ref": "#/components/schemas/Node/properties/inner"}]}
    found, reached, _ = compiled(schemas, node)
    assert found == {
        "anyOf": [{"$ref": "#/$defs/Node"}, {"$ref": "#/$defs/Node_properties_inner"}],
    }
    assert reached["Node"]["properties"]["next"] == {"$ref": "#/$defs/Node"}
    assert reached["Node_properties_inner"] == {"type": "string"}


def test_required_members_that_go_one_way_are_required_that_way() -> None:
    schemas = {
        "User": {
            "type": "object",
            "required": ["id", "password", "name"],
            "properties": {
                "id": {"type": "string", "readOnly": True},
                "password": {"type": "string", "writeOnly": True},
                "name": {"type": "string"},
            },
        }
    }
    _, answered, _ = compiled(schemas, ref("User"))
    assert answered["User"]["required"] == ["id", "name"]
    found, asked, _ = compiled(schemas, ref("User"), "request")
    assert found == {"$ref": "#/$defs/User.request"}
    assert asked["User.request"]["required"] == ["password", "name"]


def test_parts_refuse_no_members_of_the_others() -> None:
    schemas = {
        "Base": {"type": "object", "properties": {"a": {}}, "additionalProperties": {"type": "object"}},
        "Alone": {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
    }
    whole = {"allOf": [ref("Base"), {"properties": {"b": ref("Alone")}, "additionalProperties": False}]}
    _, reached, _ = compiled({**schemas, "Whole": whole}, ref("Whole"))
    assert "additionalProperties" not in reached["Base"]
    assert reached["Alone"]["additionalProperties"] is False
    assert reached["Whole"]["allOf"][1] == {"properties": {"b": {"$ref": "#/$defs/Alone"}}}


def test_exactly_one_becomes_any_and_nonsense_is_left_out() -> None:
    found, _, told = compiled(
        {},
        {
            "oneOf": [{"type": "string"}, {"type": "object", "properties": [], "required": True}],
            "items": [{}],
            "not": {"type": "null"},
            "pattern": "(?!x)y",
            "enum": [],
            "additionalProperties": "no",
        },
    )
    assert found == {"anyOf": [{"type": "string"}, {"type": "object"}], "items": {}}
    assert told == [
        "here: not is not checked",
        "here: pattern is not looked at: '(?!x)y' is nothing that a mock can keep",
    ]


@pytest.mark.parametrize("reference", ["#/nowhere", "other.yaml#/a", "http://example.com/a"])
def test_what_leads_nowhere_takes_anything_and_is_told(reference: str) -> None:
    found, reached, told = compiled({}, {"$ref": reference})
    assert found == {} or reached == {found["$ref"].removeprefix("#/$defs/"): {}}
    assert len(told) == 1
    assert "anything is taken there" in told[0]


def test_names_that_become_alike_stay_apart() -> None:
    schemas = {"A b": {"type": "string"}, "A_b": {"type": "integer"}}
    found, reached, _ = compiled(schemas, {"anyOf": [ref("A b"), ref("A_b")]})
    kinds = {reached[part["$ref"].removeprefix("#/$defs/")]["type"] for part in found["anyOf"]}
    assert kinds == {"string", "integer"}


def test_schemas_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contracts.compile.unseen_schemas._MOST_SCHEMAS", 3)
    schemas = {f"S{n}": {"properties": {"next": ref(f"S{n + 1}")}} for n in range(9)}
    with pytest.raises(CompileError, match="more than 3 schemas"):
        compiled(schemas, ref("S0"))
