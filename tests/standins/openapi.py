"""A compiled contract of the library, written as the OpenAPI document that it was made from: for servers and judges
that read such documents. Prose, examples and authentication are not in it, because contracts keep none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LIBRARY = Path(__file__).resolve().parents[2] / "contracts" / "library"

#: Headers that OpenAPI 3 describes elsewhere: as parameters it has them ignored.
ELSEWHERE = frozenset({"accept", "authorization", "content-type"})


def document(name: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the contract ``name``."""
    folder = LIBRARY / name
    contract = json.loads((folder / "contract.json").read_text())
    facts = {each["id"]: each for each in _lines(folder / "operations.jsonl")}
    paths: dict[str, dict[str, Any]] = {}
    for operation in contract["operations"]:
        paths.setdefault(operation["path"], {})[operation["method"].lower()] = _operation(facts[operation["id"]])
    whole = {
        "openapi": "3.1.0",
        "info": {"title": contract["name"], "version": contract["version"]},
        "paths": paths,
        "components": {"schemas": {each["name"]: each["schema"] for each in _lines(folder / "schemas.jsonl")}},
    }
    moved: dict[str, Any] = json.loads(json.dumps(whole).replace('"#/$defs/', '"#/components/schemas/'))
    return moved


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _operation(facts: dict[str, Any]) -> dict[str, Any]:
    written: dict[str, Any] = {
        "operationId": facts["id"],
        "parameters": [
            {key: parameter[key] for key in ("name", "in", "required", "schema", "style", "explode")}
            for parameter in facts["parameters"]
            if parameter["in"] != "header" or parameter["name"].lower() not in ELSEWHERE
        ],
        "responses": {status: _response(status, reply) for status, reply in facts["responses"].items()},
    }
    if body := facts["body"]:
        written["requestBody"] = {
            "required": body["required"],
            "content": {body["content_type"]: {"schema": body["schema"]}},
        }
    return written


def _response(status: str, reply: dict[str, Any]) -> dict[str, Any]:
    written: dict[str, Any] = {"description": status}
    if "content_type" in reply:
        # Of plain text nothing more may be known.
        written["content"] = {reply["content_type"]: {"schema": reply["schema"]} if "schema" in reply else {}}
    return written
