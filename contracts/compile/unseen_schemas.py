"""The schemas of a document that nobody here has looked at: cleaned, named, and bounded in what they cost.

Every schema that is reached becomes one of ``schemas``, whatever place of the document it stands at, so that references
that lead in circles, or that double at every step, cost nothing twice.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

import orjson

from contracts import documents
from contracts.compile import keywords
from contracts.compile.document import CompileError, Schema
from contracts.compile.openapi import modern, plain_name

#: Which way a schema's values go: what is read-only is not asked of callers, what is write-only never answered.
Side = Literal["request", "response"]

#: Schemas of one document, and the characters of an example that is kept.
_MOST_SCHEMAS: Final = 50_000
_MOST_EXAMPLE: Final = 100_000
_COMPONENTS: Final = "#/components/schemas/"


class UnseenSchemas:
    """Compiles schemas as they are reached. ``tell`` hears of what is not looked at, with its place."""

    def __init__(self, document: Mapping[str, Any], tell: Callable[[str, str], None]) -> None:
        self.document = document
        self.old = str(document["openapi"]).startswith("3.0")
        self.schemas: dict[str, Schema] = {}
        self._tell = tell
        self._names: dict[tuple[str, Side], str] = {}
        self._waiting: list[tuple[str, Any, Side, str]] = []
        components = document.get("components")
        found = components.get("schemas") if isinstance(components, Mapping) else None
        self._found: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
        #: Only where a required member goes one way, the two sides of a schema differ.
        self._sided = _one_way(document)
        #: What is a part of others refuses no members that are theirs.
        self._parts = _parts(document)

    def schema(self, node: Any, side: Side, place: str) -> Schema:
        """A schema that stands at ``place``; what it refers to is compiled by ``finish``."""
        if not isinstance(node, Mapping):
            return {}
        if isinstance(node.get("$ref"), str):
            return self._reference(node, side, place)
        compiled: Schema = {}
        for keyword, value in node.items():
            self._keyword(compiled, keyword, value, node, side, place)
        if self.old:
            compiled = modern(compiled) if isinstance(compiled.get("type", ""), str) else compiled
            compiled.pop("nullable", None)
        for keyword in ("exclusiveMinimum", "exclusiveMaximum"):
            if isinstance(compiled.get(keyword), bool):
                del compiled[keyword]
        return keywords.settle(compiled)

    def _keyword(
        self, compiled: Schema, keyword: str, value: Any, node: Mapping[str, Any], side: Side, place: str
    ) -> None:
        """One keyword of ``node`` into ``compiled``."""
        here = f"{place}/{keyword}"
        if keyword in keywords.KEPT:
            # 3.0's exclusive limits are yes or no, and become numbers below.
            if (self.old and keyword.startswith("exclusive") and isinstance(value, bool)) or keywords.kept(
                keyword, value, lambda words: self._tell(place, words)
            ):
                compiled[keyword] = value
        elif keyword == "type":
            if (found := keywords.typed(value)) is not None:
                compiled["type"] = found
        elif keyword == "nullable":
            compiled["nullable"] = value is True
        elif keyword == "enum":
            if isinstance(value, list) and value:
                compiled["enum"] = value
        elif keyword == "required":
            if isinstance(value, list):
                compiled["required"] = self._required(value, node, side)
        elif keyword == "properties":
            if isinstance(value, Mapping):
                compiled["properties"] = {
                    name: self.schema(part, side, f"{here}/{name}") for name, part in value.items()
                }
        elif keyword in ("anyOf", "oneOf"):
            parts = [self.schema(part, side, here) for part in value] if isinstance(value, list) else []
            if parts:
                # What fits one variant often fits another, too: that exactly one fits is not promised.
                name = "anyOf" if "anyOf" not in compiled else "oneOf"
                compiled[name] = parts
        elif keyword == "allOf":
            parts = [self._part(self.schema(part, side, here)) for part in value] if isinstance(value, list) else []
            if parts:
                compiled["allOf"] = parts
        elif keyword == "items":
            compiled["items"] = self.schema(value, side, here)
        elif keyword == "additionalProperties":
            if isinstance(value, bool):
                if value or place not in self._parts:
                    compiled[keyword] = value
            elif isinstance(value, Mapping) and place not in self._parts:
                compiled[keyword] = self.schema(value, side, here) or True
        elif keyword in ("example", "examples"):
            self._examples(compiled, keyword, value)
        elif keyword in keywords.UNCHECKED:
            self._tell(place, f"{keyword} is not checked")

    @staticmethod
    def _part(schema: Schema) -> Schema:
        """A part of an ``allOf`` says nothing about the members of the other parts."""
        if schema.get("additionalProperties") is not True:
            schema.pop("additionalProperties", None)
        return schema

    @staticmethod
    def _examples(compiled: Schema, keyword: str, value: Any) -> None:
        values = [value] if keyword == "example" else value if isinstance(value, list) else []
        for one in values[:1]:
            if len(orjson.dumps(one)) <= _MOST_EXAMPLE:
                compiled.setdefault("examples", [one])

    def _required(self, names: list[Any], node: Mapping[str, Any], side: Side) -> list[str]:
        """https://spec.openapis.org/oas/v3.0.3#fixed-fields-20: a required member that is read-only is required of
        answers only, and one that is write-only of requests."""
        mark = "readOnly" if side == "request" else "writeOnly"
        properties = node.get("properties")
        known: Mapping[str, Any] = properties if isinstance(properties, Mapping) else {}
        return [
            name
            for name in dict.fromkeys(name for name in names if isinstance(name, str))
            if not (isinstance(known.get(name), Mapping) and known[name].get(mark) is True)
        ]

    def _reference(self, node: Mapping[str, Any], side: Side, place: str) -> Schema:
        reference = node["$ref"]
        if not reference.startswith("#"):
            self._tell(place, f"{reference[:200]} leads out of the document: anything is taken there")
            return {}
        compiled: Schema = {"$ref": f"#/$defs/{self.named(reference, side, place)}"}
        if not self.old:
            siblings = self.schema({key: value for key, value in node.items() if key != "$ref"}, side, place)
            compiled |= siblings
        return compiled

    def named(self, reference: str, side: Side, place: str) -> str:
        """The name of the schema that a reference leads to; it is compiled once for each side that differs."""
        side = side if self._sided else "response"
        found = self._names.get((reference, side))
        if found is not None:
            return found
        if len(self._names) >= _MOST_SCHEMAS:
            raise CompileError(f"{place}: the document has more than {_MOST_SCHEMAS:,} schemas")
        wanted = plain_name(reference.removeprefix(_COMPONENTS).removeprefix("#/"))[-100:]
        if side == "request":
            wanted += ".request"
        name = wanted if wanted not in self.schemas else f"{wanted}.{zlib.crc32(reference.encode()):08x}"
        if name in self.schemas:
            raise CompileError(f"{reference[:200]}: two schemas are called alike")
        self._names[(reference, side)] = name
        self.schemas[name] = {}
        try:
            target = documents.at(self.document, reference)
        except CompileError as wrong:
            self._tell(place, f"{wrong}: anything is taken there")
            target = {}
        self._waiting.append((name, target, side, reference))
        return name

    def finish(self) -> None:
        """Compile all that was reached."""
        while self._waiting:
            name, target, side, place = self._waiting.pop()
            self.schemas[name] = self.schema(target, side, place)


def _one_way(document: Mapping[str, Any]) -> bool:
    """Whether some member goes one way only."""
    return any(node.get("readOnly") is True or node.get("writeOnly") is True for node in _mappings(document))


def _parts(document: Mapping[str, Any]) -> frozenset[str]:
    """The references that some ``allOf`` is made of."""
    return frozenset(
        part["$ref"]
        for node in _mappings(document)
        if isinstance(node.get("allOf"), list)
        for part in node["allOf"]
        if isinstance(part, Mapping) and isinstance(part.get("$ref"), str)
    )


def _mappings(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every mapping of a document, each once."""
    found: list[Mapping[str, Any]] = []
    seen: set[int] = set()
    waiting: list[Any] = [document]
    while waiting:
        node = waiting.pop()
        if type(node) is dict:
            if id(node) in seen:
                continue
            seen.add(id(node))
            found.append(node)
            waiting += [inner for inner in node.values() if type(inner) is dict or type(inner) is list]
        elif type(node) is list:
            waiting += [inner for inner in node if type(inner) is dict or type(inner) is list]
    return found
