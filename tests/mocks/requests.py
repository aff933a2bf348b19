"""Makes a request that an operation's contract accepts, from the contract itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from contracts import generate
from contracts.contract import Operation
from contracts.openapi import OpenApiContract


def request_of(contract: OpenApiContract, operation: Operation, ids: tuple[str, ...] = ()) -> dict[str, Any]:
    """Arguments of ``Harness.call``: required parameters only; ``ids`` fill the path's parameters in order."""
    facts = contract.details(operation)
    path, query, headers = operation.path, [], {}
    places = iter(ids)
    for parameter in _in_order(facts["parameters"], operation.path):
        made = next(places, None) if parameter["in"] == "path" else None
        if made is None:
            made = generate.example(parameter.get("schema", True), contract.schemas, seed=5)
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(str(made), safe=""))
        elif parameter.get("required") and parameter["in"] == "query":
            repeated = isinstance(made, list) and parameter.get("style") == "form"
            query += [(parameter["name"], each) for each in made] if repeated else pairs(made, parameter["name"])
        elif parameter.get("required"):
            headers[parameter["name"]] = str(made)
    arguments: dict[str, Any] = {"method": operation.method, "path": path, "query": dict(query), "headers": headers}
    if facts.get("body"):
        arguments["json" if operation.encoding == "json" else "form"] = body_of(contract, operation)
    return arguments


def body_of(contract: OpenApiContract, operation: Operation) -> Any:
    """The smallest body that ``operation`` accepts: a value for JSON, pairs for a form."""
    schema = contract.details(operation)["body"]["schema"]
    value = _filled(schema, contract.schemas, whole=True)
    return list(pairs(value, "")) if operation.encoding == "form" else value


def _in_order(parameters: list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
    return sorted(parameters, key=lambda parameter: path.find(f"{{{parameter['name']}}}"))


def _filled(schema: generate.Schema, schemas: Mapping[str, generate.Schema], *, whole: bool = False) -> Any:
    """A value with the required members only. Below the ``whole`` body nothing required is empty: a form cannot say
    that something is there and empty."""
    flat = generate.flattened(schema, schemas)
    value = generate.example(flat, schemas, seed=3)
    if isinstance(value, dict):
        required = flat.get("required", ())
        members = flat.get("properties", {})
        kept = {name: _filled(members.get(name, True), schemas) for name in value if name in required}
        if kept or whole:
            return kept
        return {name: _filled(members[name], schemas) for name in list(members)[:1]} or {"key": "value"}
    if value == [] and "items" in flat:
        return [_filled(flat["items"], schemas)]
    return value


def pairs(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """``value`` as bracketed names: ``a[b]``, ``a[0]``."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from pairs(part, f"{name}[{key}]" if name else key)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from pairs(part, f"{name}[{place}]")
    elif value is not None:
        yield name, str(value).lower() if isinstance(value, bool) else str(value)
