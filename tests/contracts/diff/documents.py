"""Small OpenAPI documents to compare: one as it was, and changed copies of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from contracts import openapi
from contracts.compile.openapi import compile_document
from contracts.contract import Contract
from contracts.diff import Diff, diff

CUSTOMER = {
    "type": "object",
    "required": ["id", "email"],
    "properties": {
        "id": {"type": "string"},
        "email": {"type": "string", "maxLength": 100},
        "name": {"type": "string", "nullable": True},
        "status": {"type": "string", "enum": ["active", "gone"]},
        "friend": {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/customer"}]},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 5},
    },
}
BODY = {
    "type": "object",
    "required": ["email"],
    "additionalProperties": False,
    "properties": {
        "email": {"type": "string", "maxLength": 100},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
        "plan": {"type": "string", "enum": ["free", "paid"], "default": "free"},
        "code": {"type": "string", "pattern": "^[a-z]+$"},
    },
}


def document() -> dict[str, Any]:
    """A document of three operations, a copy of its own for each caller."""
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/customer"}}}}
    found: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {"title": "Small", "version": "1"},
        "paths": {
            "/customers": {
                "get": {
                    "operationId": "listCustomers",
                    "parameters": [
                        {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
                        {"name": "order", "in": "query", "schema": {"type": "string", "enum": ["asc", "desc"]}},
                    ],
                    "responses": {
                        "200": {
                            "content": {
                                "application/json": {
                                    "schema": {"type": "array", "items": {"$ref": "#/components/schemas/customer"}}
                                }
                            }
                        }
                    },
                },
                "post": {
                    "operationId": "createCustomer",
                    "requestBody": {"required": True, "content": {"application/json": {"schema": BODY}}},
                    "responses": {"201": answer, "400": {"description": "no"}},
                },
            },
            "/customers/{id}": {
                "get": {
                    "operationId": "getCustomer",
                    "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                    "responses": {"200": answer},
                },
            },
        },
        "components": {"schemas": {"customer": CUSTOMER}},
    }
    return copy.deepcopy(found)


def compiled(source: dict[str, Any], name: str = "small") -> Contract:
    """The contract of a document."""
    return openapi.from_files(compile_document(name, copy.deepcopy(source)).files())


def changed(change: Callable[[dict[str, Any]], object]) -> Diff:
    """What a change of the document is found to be."""
    after = document()
    change(after)
    return diff(compiled(document()), compiled(after))


def customer(source: dict[str, Any]) -> dict[str, Any]:
    """The schema of the object that answers hold."""
    found: dict[str, Any] = source["components"]["schemas"]["customer"]
    return found


def body(source: dict[str, Any]) -> dict[str, Any]:
    """The schema of what createCustomer takes."""
    found: dict[str, Any] = source["paths"]["/customers"]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    return found


def query(source: dict[str, Any], place: int) -> dict[str, Any]:
    """A parameter of listCustomers."""
    found: dict[str, Any] = source["paths"]["/customers"]["get"]["parameters"][place]
    return found
