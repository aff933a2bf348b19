"""A schema as it is compared: references followed, ``allOf`` merged, unions flattened, null apart.

Two ways to write one thing become the same node: ``type: [string, null]``, ``anyOf`` with null, a null among the enum's
values; a union of one; ``const`` and an enum of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

Schema = Mapping[str, Any]

_DEFS = "#/$defs/"
#: References that lead to references, and ``allOf`` in ``allOf``: beyond it a schema says nothing.
_DEEPEST = 24
#: Members whose one value names the kind of an object.
_TELLING = ("object", "type", "kind")
_JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


@dataclass(slots=True)
class Node:
    """``facts`` are the schema's own keywords after merging; ``types`` is None where any type may stand;
    ``variants`` are a union's members as schemas, null left out."""

    facts: dict[str, Any]
    types: frozenset[str] | None
    nullable: bool
    enum: tuple[Any, ...] | None
    variants: list[Schema] = field(default_factory=list)

    @property
    def properties(self) -> Mapping[str, Schema]:
        """The members that it names."""
        found: Mapping[str, Schema] = self.facts.get("properties") or {}
        return found

    @property
    def required(self) -> frozenset[str]:
        """The members that must be there."""
        return frozenset(self.facts.get("required") or ())

    @property
    def closed(self) -> bool:
        """Unknown members are refused."""
        return self.facts.get("additionalProperties") is False

    @property
    def worded(self) -> str:
        """Its type for people."""
        if self.variants and self.types is None:
            return "one of several"
        return "any" if self.types is None else " or ".join(sorted(self.types))


class Nodes:
    """The nodes of one contract's schemas, made once."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas
        self._made: dict[int, tuple[Schema, Node]] = {}

    def name(self, schema: Schema) -> str | None:
        """The component that the schema is a plain reference to."""
        reference = schema.get("$ref") if isinstance(schema, Mapping) else None
        if isinstance(reference, str) and reference.startswith(_DEFS) and len(schema) == 1:
            name = reference[len(_DEFS) :]
            return name if name in self._schemas else None
        return None

    def of(self, schema: Any) -> Node:
        """The node of a schema. The schema is held, so that its id stays its own."""
        known = self._made.get(id(schema))
        if known is not None:
            return known[1]
        node = self._node(self._flat(schema, 0))
        self._made[id(schema)] = (schema, node)
        return node

    def unwrapped(self, schema: Schema) -> tuple[Schema, bool]:
        """The one schema that is left of a union with null, of a union or an ``allOf`` of one; and whether null may
        stand for it. A component in such a wrapping is compared as itself."""
        nullable = False
        for _ in range(_DEEPEST):
            keys = schema.keys() - {"x-expands"} if isinstance(schema, Mapping) else ()
            wrapping = next((key for key in ("anyOf", "oneOf", "allOf") if keys == {key}), None)
            if wrapping is None:
                break
            members = [member for member in schema[wrapping] if not self._is_null(member)]
            if len(members) != 1 or (wrapping == "allOf" and len(schema[wrapping]) != 1):
                break
            nullable = nullable or len(members) < len(schema[wrapping])
            schema = members[0]
        return schema, nullable

    def component(self, name: str) -> Schema:
        """A component by its name."""
        return self._schemas[name]

    def signs(self, schema: Schema) -> tuple[str, ...]:
        """What tells a union's member from the others, the most telling first: the component's name, the value of a
        member that has one, its own only value; its type where there is nothing else."""
        found: list[str] = []
        name = self.name(schema)
        if name is not None:
            found.append(f"component:{name}")
        node = self.of(schema)
        if "object" in (node.types or ()):
            for member in _TELLING:
                inner = node.properties.get(member)
                values = self.of(inner).enum if inner is not None else None
                if values is not None and len(values) == 1:
                    found.append(f"{member}:{values[0]}" + (" (deleted)" if "deleted" in node.properties else ""))
        if node.enum is not None and len(node.enum) == 1:
            found.append(f"value:{node.enum[0]!r}")
        return tuple(found) or (f"type:{node.worded}",)

    def _flat(self, schema: Any, depth: int) -> dict[str, Any]:
        """The schema's keywords with references followed and ``allOf`` merged in."""
        if schema is False:
            return {"not": {}}
        if not isinstance(schema, Mapping) or depth > _DEEPEST:
            return {}
        flat: dict[str, Any] = {}
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith(_DEFS):
            flat = self._flat(self._schemas.get(reference[len(_DEFS) :]), depth + 1)
        own = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
        flat = _merged(flat, own)
        for part in schema.get("allOf", ()):
            flat = _merged(flat, self._flat(part, depth + 1))
        return flat

    def _node(self, flat: dict[str, Any]) -> Node:
        types = _types(flat)
        enum = tuple(flat["enum"]) if "enum" in flat else (flat["const"],) if "const" in flat else None
        nullable = types is not None and "null" in types
        if enum is not None and types is None:
            nullable = None in enum
        elif enum is not None:
            nullable = nullable and None in enum
        variants: list[Schema] = []
        null_member = False
        for member in self._members(flat, 0):
            if self._is_null(member):
                null_member = True
            else:
                variants.append(member)
        if len(variants) == 1:
            inner = self._flat(variants[0], 1)
            rest = {key: value for key, value in flat.items() if key not in ("anyOf", "oneOf", "x-expands")}
            node = self._node(_merged(rest, inner))
            node.nullable = node.nullable or null_member
            return node
        if enum is not None:
            enum = tuple(value for value in enum if value is not None)
        plain = None if types is None else types - {"null"} or types
        return Node(flat, plain, nullable or null_member, enum, self._joined(variants))

    def _members(self, flat: Mapping[str, Any], depth: int) -> Iterator[Schema]:
        """The members of a union, of the unions in it too."""
        for union in ("anyOf", "oneOf"):
            for member in flat.get(union, ()):
                if (
                    isinstance(member, Mapping)
                    and depth < _DEEPEST
                    and set(member) & {"anyOf", "oneOf"} == set(member) - {"x-expands"}
                ):
                    yield from self._members(member, depth + 1)
                else:
                    yield member

    def _joined(self, variants: list[Schema]) -> list[Schema]:
        """Members that are nothing but a scalar type stand once."""
        seen: set[bytes] = set()
        kept: list[Schema] = []
        for variant in variants:
            key = orjson.dumps(variant, option=orjson.OPT_SORT_KEYS)
            if key not in seen:
                seen.add(key)
                kept.append(variant)
        return kept

    def _is_null(self, schema: Any) -> bool:
        return isinstance(schema, Mapping) and (schema.get("type") == "null" or schema.get("enum") == [None])


def _types(flat: Mapping[str, Any]) -> frozenset[str] | None:
    """The types that may stand; told by other keywords where ``type`` is left out."""
    given = flat.get("type")
    if isinstance(given, str):
        return frozenset((given,))
    if isinstance(given, Sequence):
        return frozenset(given)
    if "enum" in flat:
        return frozenset("null" if value is None else _JSON_TYPES[type(value)] for value in flat["enum"]) or None
    if "const" in flat:
        return frozenset(("null" if flat["const"] is None else _JSON_TYPES[type(flat["const"])],))
    if "properties" in flat or "required" in flat or isinstance(flat.get("additionalProperties"), Mapping):
        return frozenset(("object",))
    return frozenset(("array",)) if "items" in flat else None


def _merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Both schemas' keywords: members and required ones of both, else the second's word."""
    merged = {**first, **second}
    if "properties" in first and "properties" in second:
        merged["properties"] = {**first["properties"], **second["properties"]}
    if "required" in first and "required" in second:
        merged["required"] = [*first["required"], *second["required"]]
    if "enum" in first and "enum" in second:
        merged["enum"] = [value for value in first["enum"] if value in second["enum"]]
    if "type" in first and "type" in second:
        one, two = _types({"type": first["type"]}), _types({"type": second["type"]})
        both = (one or frozenset()) & (two or frozenset())
        merged["type"] = sorted(both) if both else second["type"]
    return merged
