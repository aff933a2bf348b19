"""Mocks that are made from a document alone: how fast one answers, and how soon a large document is one."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from bench.results import Result
from bench.windows import Failed
from bench.wire import request

if TYPE_CHECKING:
    from bench.measure import Bench

#: Of the bare app's throughput, and seconds.
_PROMISE = 0.30
_READY = 2.0
_LARGE = 5_000_000
_OBJECTS = 50

_TEXT = {"type": "string"}
#: A contact with what such objects usually have: texts, choices, moments, lists and an object.
CONTACT: Mapping[str, Any] = {
    "type": "object",
    "required": ["id", "name", "created_at"],
    "properties": {
        "id": {**_TEXT, "readOnly": True},
        "name": _TEXT,
        "email": {**_TEXT, "format": "email"},
        "phone": _TEXT,
        "stage": {**_TEXT, "enum": ["lead", "customer", "former"]},
        "score": {"type": "integer", "minimum": 0},
        "tags": {"type": "array", "items": _TEXT},
        "address": {"type": "object", "properties": dict.fromkeys(("line", "city", "zip", "country"), _TEXT)},
        "owner_id": _TEXT,
        "created_at": {**_TEXT, "format": "date-time", "readOnly": True},
        "updated_at": {**_TEXT, "format": "date-time", "readOnly": True},
    },
}


def document(resources: int) -> dict[str, Any]:
    """An OpenAPI document with so many resources, each with its own schema and prose, as documents have."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for number in range(resources):
        noun = f"contact{number}" if number else "contact"
        schemas[noun] = {
            **CONTACT,
            "properties": {
                name: {**part, "description": f"What is known of the {name} of a {noun}. " * 4}
                for name, part in CONTACT["properties"].items()
            },
        }
        answer = {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{noun}"}}}}
        listed = {"type": "array", "items": {"$ref": f"#/components/schemas/{noun}"}}
        operation = {"description": f"Everything about a {noun}. " * 10}
        paths[f"/{noun}s"] = {
            "get": {**operation, "responses": {"200": {"content": {"application/json": {"schema": listed}}}}},
            "post": {**operation, "requestBody": answer, "responses": {"201": answer}},
        }
        paths[f"/{noun}s/{{id}}"] = {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": _TEXT}],
            "get": {**operation, "responses": {"200": answer}},
            "patch": {**operation, "requestBody": answer, "responses": {"200": answer}},
            "delete": {**operation, "responses": {"204": {}}},
        }
    security = {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "CRM", "version": "1"},
        "security": [{"key": []}],
        "components": {**security, "schemas": schemas},
        "paths": paths,
    }


def large(size: int) -> bytes:
    """A document of at least so many bytes."""
    one = len(orjson.dumps(document(11))) - len(orjson.dumps(document(10)))
    return orjson.dumps(document(size // one + 2))


def generic(bench: Bench) -> Iterator[Result]:
    """See the module."""
    folder = bench.served.broker.data / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "crm.json").write_bytes(orjson.dumps(document(1)))
    variables = _open(bench, "generic", "crm.json")
    base = urlsplit(variables["CRM_BASE_URL"])
    headers = {"Host": base.netloc, "Authorization": f"Bearer {variables['CRM_API_KEY']}", "Accept": "*/*"}
    sent = orjson.dumps({"name": "Jenny Rosen", "email": "jenny.rosen@example.com", "tags": ["gold"], "score": 7})
    json = {**headers, "Content-Type": "application/json"}
    create = request("POST", f"{base.path}/contacts", json, sent)
    made = bench.collect([create], _OBJECTS)
    retrieve = [request("GET", f"{base.path}/contacts/{one}", headers) for one in made]
    yield bench.compare("a document's mock: retrieve one of fifty", lambda: retrieve, _PROMISE)[0]
    yield bench.compare("a document's mock: create", lambda: [create])[0]
    yield _ready(bench, folder)


def _open(bench: Bench, name: str, contract: str) -> Mapping[str, str]:
    policy = {"version": 1, "services": {"crm": {"contract": contract}}}
    bundle: dict[str, Any] = bench.served.broker.control("PUT", f"environments/{name}", {"policy": policy})
    variables: Mapping[str, str] = bundle["variables"]
    return variables


def _ready(bench: Bench, folder: Any) -> Result:
    """From a large document that nobody has seen to its first answer."""
    content = large(_LARGE)
    took = []
    for turn in range(bench.size.rounds):
        # Another document each time: what was seen once is kept.
        (folder / f"large-{turn}.json").write_bytes(
            content.replace(b'"version":"1"', b'"version":"%d"' % (turn + 2), 1)
        )
        begun = time.perf_counter()
        variables = _open(bench, f"large-{turn}", f"large-{turn}.json")
        base = urlsplit(variables["CRM_BASE_URL"])
        headers = {"Host": base.netloc, "Authorization": f"Bearer {variables['CRM_API_KEY']}"}
        asked = {**headers, "Content-Type": "application/json"}
        if not bench.collect([request("POST", f"{base.path}/contacts", asked, b'{"name":"Ada"}')], 1):
            raise Failed("the first call to a large document's mock")
        took.append(time.perf_counter() - begun)
        bench.served.broker.control("DELETE", f"environments/large-{turn}")
    return Result(
        name="a document of 5 MB is a mock that has answered",
        unit="s",
        ours=median(took),
        target=_READY,
        want="at most",
        note=f"{len(content) / 1e6:.1f} MB of JSON, opened and called",
        details={"bytes": len(content), "seconds": took},
    )
