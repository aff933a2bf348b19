"""The document of a small CRM, as its maker could have written it, and the mock that is made from it alone."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import orjson

from contracts import documents, openapi
from contracts.compile.unseen import compile_unseen
from contracts.openapi import OpenApiContract
from mocks.base import MockService
from mocks.generic import document
from tests.harness import Harness

KEY = "crm_vk_" + "k" * 32
TEXT = {"type": "string"}


def _json(schema: Any, **more: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema, **more}}}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": TEXT}


FAULT = {"description": "wrong", **_json(_ref("Fault"))}
ADA = {"id": "c-1", "name": "Ada", "email": "ada@example.com", "created_at": "2026-01-02T03:04:05Z"}
CONTACT = {
    "type": "object",
    "required": ["id", "name", "created_at"],
    "properties": {
        "id": {**TEXT, "readOnly": True},
        "name": {**TEXT, "minLength": 1},
        "email": {**TEXT, "format": "email", "nullable": True},
        "pin": {**TEXT, "writeOnly": True},
        "stage": {**TEXT, "enum": ["lead", "customer"], "default": "lead"},
        "created_at": {**TEXT, "format": "date-time", "readOnly": True},
    },
}
NOTE = {
    "type": "object",
    "required": ["id", "text"],
    "properties": {"id": {"type": "integer"}, "contact_id": TEXT, "text": TEXT},
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "CRM", "version": "2"},
    "servers": [{"url": "https://api.crm.example.com/v2"}],
    "security": [{"key": []}, {"login": []}],
    "components": {
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "X-Crm-Key"},
            "login": {"type": "http", "scheme": "basic"},
            "token": {"type": "oauth2", "flows": {}},
        },
        "schemas": {
            "Contact": CONTACT,
            "Note": NOTE,
            "Fault": {
                "type": "object",
                "required": ["status", "error"],
                "properties": {
                    "status": {"type": "integer"},
                    "error": {"type": "object", "required": ["message"], "properties": {"message": TEXT, "code": TEXT}},
                },
            },
        },
    },
    "paths": {
        "/contacts": {
            "get": {
                "operationId": "listContacts",
                "parameters": [
                    {"name": "page", "in": "query", "schema": {"type": "integer"}},
                    {"name": "per_page", "in": "query", "schema": {"type": "integer"}},
                ],
                "responses": {
                    "200": _json(
                        {
                            "type": "object",
                            "required": ["items", "total"],
                            "properties": {
                                "items": {"type": "array", "items": _ref("Contact")},
                                "total": {"type": "integer"},
                            },
                        }
                    )
                },
            },
            "post": {
                "operationId": "makeContact",
                "requestBody": {"required": True, **_json(_ref("Contact"))},
                "responses": {"201": _json(_ref("Contact")), "422": FAULT, "401": FAULT},
            },
        },
        "/contacts/{contact_id}": {
            "parameters": [_path("contact_id")],
            "get": {
                "operationId": "getContact",
                "responses": {
                    "200": _json(
                        _ref("Contact"), examples={"ada": {"value": ADA}, "bob": {"value": {**ADA, "name": "Bob"}}}
                    ),
                    "404": FAULT,
                },
            },
            "patch": {
                "operationId": "changeContact",
                "requestBody": _json({"type": "object", "properties": CONTACT["properties"]}),
                "responses": {"200": _json(_ref("Contact")), "404": FAULT},
            },
            "delete": {"operationId": "dropContact", "responses": {"204": {"description": "gone"}, "404": FAULT}},
        },
        "/contacts/{contact_id}/notes": {
            "parameters": [_path("contact_id")],
            "get": {"operationId": "listNotes", "responses": {"200": _json({"type": "array", "items": _ref("Note")})}},
            "post": {
                "operationId": "makeNote",
                "requestBody": _json({"type": "object", "required": ["text"], "properties": {"text": TEXT}}),
                "responses": {"201": _json(_ref("Note"))},
            },
        },
        "/contacts/{contact_id}/notes/{note_id}": {
            "parameters": [_path("contact_id"), _path("note_id")],
            "get": {"operationId": "getNote", "responses": {"200": _json(_ref("Note")), "404": FAULT}},
        },
        "/export": {
            "get": {
                "operationId": "export",
                "responses": {"200": {"content": {"text/csv": {"schema": TEXT, "example": "id,name\n"}}}},
            }
        },
        "/status": {"get": {"operationId": "status", "security": [], "responses": {"200": _json({"type": "object"})}}},
        "/tokens": {
            "get": {
                "operationId": "tokens",
                "security": [{"token": []}],
                "responses": {"200": _json({"type": "object"})},
            }
        },
    },
}


def made(**changes: Any) -> tuple[OpenApiContract, MockService]:
    """The contract and the mock of the document, with some of its members replaced."""
    files = compile_unseen("crm", documents.read(orjson.dumps({**deepcopy(DOCUMENT), **changes}))).files()
    contract = openapi.from_files(files)
    return contract, document.service("crm", contract, orjson.loads(files["extras.json"]))


def harness(folder: Path, options: Any = None, **changes: Any) -> Harness:
    """One environment with the mock; ``options`` are those of its policy."""
    _, service = made(**changes)
    return Harness(service, folder, policy={"services": {"crm": {"options": options or {}}}})
