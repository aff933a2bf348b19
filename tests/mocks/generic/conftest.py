"""A small API of our own, and its mock from the contract alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts import openapi
from contracts.compile.openapi import compile_document
from contracts.openapi import OpenApiContract
from mocks import generic
from tests.harness import Harness

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
TIME = {"type": "string", "format": "date-time"}
BOOK = {
    "type": "object",
    "required": ["id", "title", "created_at", "updated_at", "tags"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "title": TEXT,
        "pages": {"type": "integer", "minimum": 1},
        "state": {"type": "string", "enum": ["archived", "draft", "published"]},
        "shelf": {"type": ["string", "null"]},
        "tags": {"type": "array", "items": TEXT},
        "metadata": {"type": "object", "additionalProperties": TEXT},
        "created_at": TIME,
        "updated_at": TIME,
    },
}
NOTE = {"type": "object", "properties": {"id": NUMBER, "text": TEXT, "created": NUMBER}, "required": ["id", "text"]}
SEALED = {"type": "object", "properties": {"id": TEXT, "deleted": {"type": "boolean"}}, "required": ["id", "deleted"]}


def _answer(schema: Any, status: str = "200") -> dict[str, Any]:
    return {status: {"description": "", "content": {"application/json": {"schema": schema}}}}


def _operation(
    name: str, responses: dict[str, Any], *, body: Any = None, query: tuple[str, ...] = ()
) -> dict[str, Any]:
    made: dict[str, Any] = {"operationId": name, "responses": responses, "parameters": []}
    for parameter in query:
        schema = NUMBER if parameter in ("limit", "offset", "page", "page_size") else TEXT
        made["parameters"].append({"name": parameter, "in": "query", "schema": schema})
    if body is not None:
        made["requestBody"] = {"content": {"application/json": {"schema": body}}}
    return made


def _path(parameter: str) -> dict[str, Any]:
    return {"name": parameter, "in": "path", "required": True, "schema": TEXT}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


PAGING = ("limit", "offset", "page", "page_size", "page_token", "starting_after", "ending_before", "state")
LISTED = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "data": {"type": "array", "items": _ref("Book")},
        "has_more": {"type": "boolean"},
        "next_page_token": {"type": ["string", "null"]},
        "count": NUMBER,
    },
}
CHANGES = {"type": "object", "properties": {**BOOK["properties"], "secret": TEXT}}

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Books", "version": "1"},
    "components": {"schemas": {"Book": BOOK, "Note": NOTE}},
    "paths": {
        "/books": {
            "get": _operation("listBooks", _answer(LISTED), query=PAGING),
            "post": _operation("makeBook", _answer(_ref("Book"), "201"), body=CHANGES),
        },
        "/books/{book_id}": {
            "parameters": [_path("book_id")],
            "get": _operation("getBook", _answer(_ref("Book"))),
            "patch": _operation("changeBook", _answer(_ref("Book")), body=CHANGES),
            "put": _operation("replaceBook", _answer(_ref("Book")), body=CHANGES),
            "delete": _operation("burnBook", _answer(SEALED)),
        },
        "/books/{book_id}/publish": {
            "parameters": [_path("book_id")],
            "post": _operation("publishBook", _answer(_ref("Book")), body=CHANGES),
        },
        "/books/{book_id}/reviews": {
            "parameters": [_path("book_id")],
            "get": _operation("reviews", _answer({"type": "object", "properties": {"stars": NUMBER}})),
        },
        "/books/{book_id}/notes": {
            "parameters": [_path("book_id")],
            "get": _operation("listNotes", _answer({"type": "array", "items": _ref("Note")})),
            "post": _operation("makeNote", _answer(_ref("Note"), "201"), body={"type": "object"}),
        },
        "/books/{book_id}/notes/{id}": {
            "parameters": [_path("book_id"), _path("id")],
            "get": _operation("getNote", _answer(_ref("Note"))),
            "delete": _operation("dropNote", {"204": {"description": ""}}),
        },
        "/settings": {
            "get": _operation("getSettings", _answer({"type": "object", "properties": {"dark": {"type": "boolean"}}})),
            "put": _operation(
                "putSettings",
                _answer({"type": "object", "properties": {"dark": {"type": "boolean"}}}),
                body={"type": "object", "properties": {"dark": {"type": "boolean"}}},
            ),
        },
        "/shelves": {
            "post": _operation(
                "makeShelf",
                _answer({"type": "object", "properties": {"name": TEXT}, "required": ["name"]}, "201"),
                body={"type": "object", "properties": {"name": TEXT}},
            ),
        },
        "/shelves/{name}": {
            "parameters": [_path("name")],
            "get": _operation("getShelf", _answer({"type": "object", "properties": {"name": TEXT}})),
        },
        "/weather/{city}": {
            "parameters": [_path("city")],
            "get": _operation(
                "weather",
                _answer({"type": "object", "required": ["city", "sky"], "properties": {"city": TEXT, "sky": TEXT}}),
            ),
        },
    },
}


@pytest.fixture(scope="session")
def books() -> OpenApiContract:
    """The contract of the small API."""
    document: dict[str, Any] = orjson.loads(orjson.dumps(DOCUMENT))
    return openapi.from_files(compile_document("books", document).files())


@pytest.fixture
async def shop(books: OpenApiContract, tmp_path: Path) -> AsyncIterator[Harness]:
    """A mock of it with no handler at all."""
    made = Harness(generic.service("books", lambda: books), tmp_path)
    yield made
    await made.close()
