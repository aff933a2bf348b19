"""Bounds what it costs to look at one value: schemas that stand for themselves, or for too many others.

A schema may hold itself through a member or an element, as often as the value is deep. Through ``$ref``, ``allOf`` and
``anyOf`` alone it would be looked at for ever; and a chain of twos doubles at every step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from contracts.compile.document import Schema

#: How many schemas stand for one value at the most.
MOST: Final = 2_000

_UNIONS: Final = ("allOf", "anyOf", "oneOf")
_DEFS: Final = "#/$defs/"


def bound(schemas: dict[str, Schema], tell: Callable[[str, str], None]) -> None:
    """Cut the references that lead in circles without leaving the value, and those that lead to too many schemas. Where
    one is cut, the plain part of what it meant remains. Changes ``schemas``."""
    edges = {name: set(_targets(schema)) for name, schema in schemas.items()}
    for name in [name for name, targets in edges.items() if not targets]:
        del edges[name]
    for ring in _rings(edges):
        members = set(ring)
        for name in ring:
            # First what a schema is made of: a child that names its parent, which names its children.
            _cut(schemas[name], members, schemas, only="allOf")
    edges = {name: set(_targets(schema)) for name, schema in schemas.items()}
    for ring in _rings(edges):
        members = set(ring)
        for name in ring:
            tell(f"{_DEFS}{name}", "stands for itself; that is cut off")
            _cut(schemas[name], members, schemas)
    _weigh(schemas, tell)


def _targets(schema: Mapping[str, Any]) -> Iterator[str]:
    """The schemas that a value of ``schema`` is a value of, too."""
    waiting: list[Any] = [schema]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Mapping):
            continue
        if "$ref" in node:
            yield node["$ref"].removeprefix(_DEFS)
        for union in _UNIONS:
            waiting += node.get(union, ())


def _cut(schema: Schema, members: set[str], schemas: Mapping[str, Schema], only: str | None = None) -> None:
    """Replace references to ``members`` by their plain parts."""

    def plain(node: Any) -> Any:
        name = node["$ref"].removeprefix(_DEFS) if isinstance(node, dict) and "$ref" in node else None
        if name not in members:
            return node
        rest = {key: value for key, value in node.items() if key != "$ref"}
        return {**{k: v for k, v in schemas[name].items() if k not in (*_UNIONS, "$ref", "discriminator")}, **rest}

    for union in (only,) if only else _UNIONS:
        if union in schema:
            schema[union] = [plain(part) for part in schema[union]]
    if "$ref" in schema and only is None and schema["$ref"].removeprefix(_DEFS) in members:
        made = plain(dict(schema))
        schema.clear()
        schema.update(made)
    for union in _UNIONS:
        for part in schema.get(union, ()):
            if isinstance(part, dict) and "$ref" not in part:
                _cut(part, members, schemas, only)


def _rings(edges: Mapping[str, set[str]]) -> list[list[str]]:
    """The strongly connected components that hold a circle (Tarjan 1972), without recursion."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    held: list[str] = []
    holding: set[str] = set()
    found: list[list[str]] = []
    for start in edges:
        if start in number:
            continue
        way: list[tuple[str, Iterator[str]]] = []

        def enter(name: str, way: list[tuple[str, Iterator[str]]] = way) -> None:
            number[name] = low[name] = len(number)
            held.append(name)
            holding.add(name)
            way.append((name, iter(edges.get(name, ()))))

        enter(start)
        while way:
            name, rest = way[-1]
            following = next(rest, None)
            if following is not None:
                if following not in number:
                    enter(following)
                elif following in holding:
                    low[name] = min(low[name], number[following])
                continue
            way.pop()
            if way:
                low[way[-1][0]] = min(low[way[-1][0]], low[name])
            if low[name] == number[name]:
                ring = []
                while True:
                    member = held.pop()
                    holding.discard(member)
                    ring.append(member)
                    if member == name:
                        break
                if len(ring) > 1 or name in edges.get(name, ()):
                    found.append(ring)
    return found


def _weigh(schemas: dict[str, Schema], tell: Callable[[str, str], None]) -> None:
    """Cut where a value would be looked at by too many schemas; nothing leads in circles any more."""
    weights: dict[str, int] = {}
    for start in schemas:
        way = [start]
        while way:
            name = way[-1]
            targets = list(_targets(schemas[name]))
            waiting = [target for target in targets if target not in weights]
            if waiting and name not in weights:
                way += waiting
                continue
            way.pop()
            if name in weights:
                continue
            weight = 1 + sum(weights[target] for target in targets)
            if weight > MOST:
                tell(f"{_DEFS}{name}", f"stands for more than {MOST:,} schemas; that is cut off")
                _cut(schemas[name], set(targets), schemas)
                weight = 1 + len(targets)
            weights[name] = weight
