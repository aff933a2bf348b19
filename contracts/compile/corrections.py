"""Facts that a provider's own document gets wrong or leaves out, put over it when it is compiled.

They are data beside the compiled contract: ``corrections.toml``, each with its source and its reason, among them whole
operations that the document lacks, and ``limits.toml``, the most characters that a parameter may have, all from one
source.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from contracts.compile import openapi
from contracts.compile.document import CompiledDocument, CompileError

FILE = "corrections.toml"
LIMITS = "limits.toml"

#: A schema that a fact refers to, as OpenAPI documents or as compiled contracts write it.
_REFERENCE = re.compile(r'"#/(?:components/schemas|\$defs)/([^"]+)"')


def correct(document: CompiledDocument, folder: Path, *, of_today: bool = True) -> dict[str, bytes]:
    """Apply what ``folder`` holds of corrections and limits to ``document``, in place. Answers the files that it had,
    by name; raises CompileError for a fact that fits nothing in the document: in a document that is not ``of_today``
    such a one is left out."""
    if (folder / FILE).is_file():
        _additions(tomllib.loads((folder / FILE).read_text()), document, of_today)
    operations = {str(operation["id"]): operation for operation in document.operations}
    found: dict[str, bytes] = {}
    for name, put in ((FILE, _corrections), (LIMITS, _limits)):
        if (folder / name).is_file():
            found[name] = (folder / name).read_bytes()
            put(tomllib.loads(found[name].decode()), operations, document.schemas, of_today)
    return found


def _additions(read: dict[str, Any], document: CompiledDocument, of_today: bool) -> None:
    """Put the operations that the document lacks beside its own, as an OpenAPI document would write them."""
    known = {(operation.get("method"), operation.get("path")) for operation in document.operations}
    for entry in read.get("addition", ()):
        name, method, path = entry["operation"], entry["method"].upper(), entry["path"]
        if not entry.get("source") or not entry.get("reason"):
            raise CompileError(f"{FILE}: the addition {name} names no source or no reason")
        if (method, path) in known:
            if not of_today:
                continue
            raise CompileError(f"{FILE}: the document has {method} {path} itself")
        if not of_today and not _stands(entry["value"], document.schemas):
            continue
        described = {"operationId": name, **orjson.loads(entry["value"])}
        document.operations.append(openapi.compile_operation(path, method, described, document.schemas))


def _stands(value: str, schemas: dict[str, Any]) -> bool:
    """Whether the document has every schema that a fact refers to."""
    return all(name in schemas for name in _REFERENCE.findall(value))


def _corrections(
    read: dict[str, Any], operations: dict[str, dict[str, Any]], schemas: dict[str, Any], of_today: bool
) -> None:
    for entry in read.get("correction", ()):
        kind = "schema" if "schema" in entry else "operation"
        name = entry[kind]
        facts = (schemas if kind == "schema" else operations).get(name)
        if facts is None:
            if not of_today:
                continue
            raise CompileError(f"{FILE}: the document has no {kind} {name}")
        if not entry.get("source") or not entry.get("reason"):
            raise CompileError(f"{FILE}: a correction of {name} names no source or no reason")
        if entry["at"][0] == "parameters" and len(entry["at"]) == 2:
            _parameter(facts, entry["at"][1], orjson.loads(entry["value"]))
            continue
        if not of_today and not _stands(entry["value"], schemas):
            continue
        place = _place(facts, entry["at"])
        if place is not None:
            place[entry["at"][-1]] = orjson.loads(entry["value"])
        elif of_today:
            raise CompileError(f"{FILE}: {name} has nothing at {'.'.join(entry['at'])}")


def _parameter(operation: dict[str, Any], name: str, value: dict[str, Any] | None) -> None:
    """Put one parameter in its place, as an OpenAPI document would write it; None takes it away."""
    place = (value or {}).get("in", "query")
    kept = [each for each in operation["parameters"] if (each["in"], each["name"]) != (place, name)]
    if value is not None:
        kept.append(openapi.compile_parameter({"name": name, "in": place, **value}))
    operation["parameters"] = sorted(kept, key=lambda parameter: (parameter["in"], parameter["name"]))


def _limits(
    read: dict[str, Any], operations: dict[str, dict[str, Any]], schemas: dict[str, Any], of_today: bool
) -> None:
    if not read.get("source") or not read.get("licence"):
        raise CompileError(f"{LIMITS}: it names no source or no licence")
    for name, limits in read["limit"].items():
        body = operations.get(name, {}).get("body") or {}
        for parameter, most in limits.items():
            texts = list(_texts(body.get("schema") or {}, parameter.split(".")))
            if not texts and of_today:
                raise CompileError(f"{LIMITS}: {name} has no text {parameter}")
            for text in texts:
                text["maxLength"] = most


def _texts(schema: dict[str, Any], steps: list[str]) -> Iterator[dict[str, Any]]:
    """The schemas of the texts at ``steps``, of which ``[]`` is any item of a list."""
    for choice in schema.get("anyOf", ()):
        yield from _texts(choice, steps)
    if not steps:
        if schema.get("type") == "string" and "enum" not in schema:
            yield schema
    elif steps[0] == "[]":
        yield from _texts(schema.get("items") or {}, steps[1:])
    else:
        yield from _texts((schema.get("properties") or {}).get(steps[0]) or {}, steps[1:])


def _place(facts: dict[str, Any], at: list[str]) -> dict[str, Any] | None:
    """What holds the last step of ``at``; None where there is no such thing."""
    place: Any = facts
    for step in at[:-1]:
        place = place.get(step) if isinstance(place, dict) else None
    return place if isinstance(place, dict) else None
