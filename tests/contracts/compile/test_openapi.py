"""OpenAPI documents: resolved, merged, brought to JSON Schema 2020-12, and rid of their prose."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.compile.document import CompileError
from contracts.compile.openapi import compile_document, parse
from tests.contracts import small


def _compiled(version: str = "3.0.3", **document: Any) -> Any:
    return compile_document("x", {"openapi": version, "info": {"version": "1"}, "paths": {}, **document})


def _schema(schema: Any, version: str = "3.0.3") -> Any:
    return _compiled(version, components={"schemas": {"S": schema, "T": {"type": "string"}}}).schemas["S"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        ({"nullable": True}, {}),
        ({"type": "string", "enum": ["a"], "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"$ref": "#/components/schemas/T", "description": "gone"}, {"$ref": "#/$defs/T"}),
        (
            {"properties": {"description": {"type": "string", "description": "gone", "example": "gone"}}},
            {"properties": {"description": {"type": "string"}}},
        ),
        ({"type": "object", "x-prose": "gone", "title": "gone"}, {"type": "object"}),
        ({"allOf": [{"nullable": True, "type": "integer"}]}, {"allOf": [{"type": ["integer", "null"]}]}),
        ({"items": {"type": "string", "nullable": True}}, {"items": {"type": ["string", "null"]}}),
        (
            {"oneOf": [], "discriminator": {"propertyName": "k", "mapping": {"t": "#/components/schemas/T"}}},
            {"oneOf": [], "discriminator": {"propertyName": "k", "mapping": {"t": "#/$defs/T"}}},
        ),
        ({"type": "string", "default": "x", "enum": ["x"]}, {"type": "string", "default": "x", "enum": ["x"]}),
    ],
)  # fmt: skip
def test_schemas_of_3_0(old: Any, new: Any) -> None:
    assert _schema(old) == new


def test_schemas_of_3_1_are_2020_12_already() -> None:
    schema = {"type": ["string", "null"], "exclusiveMinimum": 3, "nullable": True}
    assert _schema(schema, "3.1.0") == schema
    assert _schema({"$ref": "#/components/schemas/T", "maxLength": 3}, "3.1.0") == {"$ref": "#/$defs/T", "maxLength": 3}


def test_a_reference_to_anything_else_is_written_out() -> None:
    schema = {"properties": {"a": {"$ref": "#/components/schemas/T/properties/b"}}}
    document = {"schemas": {"S": schema, "T": {"properties": {"b": {"type": "integer"}}}}}
    assert _compiled(components=document).schemas["S"] == {"properties": {"a": {"type": "integer"}}}


@pytest.mark.parametrize("reference", ["#/components/schemas/Nowhere", "other.yaml#/S", "#/info/version"])
def test_references_that_lead_nowhere(reference: str) -> None:
    with pytest.raises(CompileError):
        _schema({"$ref": reference})


def test_references_in_a_circle() -> None:
    circle = {"A": {"$ref": "#/components/parameters/B"}, "B": {"$ref": "#/components/parameters/A"}}
    paths = {"/a": {"get": {"parameters": [{"$ref": "#/components/parameters/A"}], "responses": {}}}}
    with pytest.raises(CompileError, match="circle"):
        _compiled(components={"parameters": circle}, paths=paths)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"paths": {"/x": {"get": {"operationId": "x"}}}}, "GET /x is no operation"),
        ({"paths": {"/x": {"get": {"responses": []}}}}, "GET /x is no operation"),
        ({"paths": {}, "components": {"schemas": []}}, "components.schemas"),
    ],
)
def test_what_is_formed_in_another_way_is_refused_with_its_place(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(CompileError, match=words):
        compile_document("odd", {"openapi": "3.0.0", **changes})


def test_an_operation_in_full() -> None:
    compiled = compile_document("small", small.document())
    (operation,) = [one for one in compiled.operations if one["id"] == "signThing"]
    assert {name: operation[name] for name in ("method", "path", "action", "encoding", "success_status")} == {
        "method": "POST", "path": "/s1/things/{id}", "action": "other", "encoding": "form", "success_status": 200,
    }  # fmt: skip
    (parameter,) = operation["parameters"]
    assert parameter == {
        "name": "id", "in": "path", "required": True, "style": "simple", "explode": False,
        "schema": {"type": "integer", "minimum": 1},
    }  # fmt: skip
    assert operation["body"]["required"]
    assert operation["body"]["style"] == "form"
    assert operation["responses"]["200"] == {"content_type": "application/json", "schema": {"type": "object"}}


def test_referred_bodies_and_answers_are_resolved() -> None:
    compiled = {one["id"]: one for one in compile_document("small", small.document()).operations}
    assert compiled["makeThing"]["body"]["schema"] == {"$ref": "#/$defs/NewThing"}
    assert compiled["makeThing"]["success_status"] == 201
    assert compiled["makeThing"]["responses"]["4XX"]["schema"]["required"] == ["error"]
    assert compiled["myThing"]["responses"] == {"204": {}}
    assert compiled["myThing"]["parameters"][0]["content"] == "application/json"


def test_an_operations_own_parameter_wins_over_its_paths() -> None:
    shared = [
        {"name": "a", "in": "query", "schema": {"type": "string"}},
        {"name": "c", "in": "cookie", "schema": {"type": "string"}},
    ]
    own = [{"name": "a", "in": "query", "required": True, "schema": {"type": "integer"}}]
    paths = {"/x": {"parameters": shared, "get": {"parameters": own, "responses": {"200": {"description": ""}}}}}
    (operation,) = _compiled(paths=paths).operations
    assert operation["id"] == "get_x"
    assert [(one["schema"], one["required"]) for one in operation["parameters"]] == [({"type": "integer"}, True)]


def test_a_document_that_lists_refusals_only() -> None:
    paths = {"/x": {"patch": {"responses": {"400": {"description": ""}}}, "get": {"responses": {"default": {}}}}}
    answers = {one["method"]: list(one["responses"]) for one in _compiled(paths=paths).operations}
    assert answers == {"PATCH": ["400", "200"], "GET": ["default"]}


@pytest.mark.parametrize("content", [b"{", b"a: [", b"[]", b'{"swagger": "2.0"}', b"openapi: 2.0", b""])
def test_what_is_no_openapi_3(content: bytes) -> None:
    with pytest.raises(CompileError):
        parse(content)


def test_yaml_dates_stay_text() -> None:
    assert parse(b"openapi: 3.0.0\ninfo: {version: 2026-11-21}")["info"]["version"] == "2026-11-21"


def test_a_path_style_that_nobody_reads_is_refused() -> None:
    parameter = {"name": "a", "in": "path", "required": True, "style": "matrix", "schema": {}}
    with pytest.raises(CompileError, match="matrix"):
        _compiled(paths={"/{a}": {"get": {"parameters": [parameter], "responses": {}}}})
