"""Text to the types that a schema promises, as far as the text allows.

What cannot be coerced stays as it is, so that the validator that follows names the broken promise. Coercers are built
on first use, member by member: a call pays for the parameters that it has.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

#: Raw text, tree or list in; the coerced value out.
Coercer = Callable[[Any], Any]
Schema = Mapping[str, Any]

#: Where an object's coercer keeps the one of its other members; no form can name a member so.
_OTHERS = "\0"
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
#: An integer takes 64 bits: more digits than that stay text, and so does a number that no API takes.
_MIN_INTEGER, _MAX_INTEGER, _MAX_DIGITS = -(2**63), 2**63 - 1, 100


@dataclass(slots=True)
class Coercion:
    """Makes coercers for schemas. ``resolve`` answers the schema that a ``$ref`` means.

    ``lone`` tells that a single plain value may stand for an array of one, as in OpenAPI's exploded form style.
    """

    resolve: Callable[[str], Schema]
    lone: bool = False
    _known: dict[str, Coercer] = field(default_factory=dict)

    def coercer(self, schema: Schema | bool) -> Coercer:
        """The coercer of one schema."""
        if not isinstance(schema, Mapping):
            return _plain
        reference = schema.get("$ref")
        if reference is not None:
            return self._referred(reference)
        variants = self.variants(schema)
        if len(variants) == 1:
            return self._one(variants[0])
        return self._choice(variants)

    def variants(self, schema: Schema) -> list[Schema]:
        """The alternatives of a schema: those of its unions, flat, and one for each of its types."""
        if "$ref" in schema:
            return self.variants(self.resolve(schema["$ref"]))
        if "allOf" in schema:
            return [self._merged(schema)]
        found: list[Schema] = []
        for keyword in ("anyOf", "oneOf"):
            for variant in schema.get(keyword, ()):
                if isinstance(variant, Mapping):
                    found += self.variants(variant)
        if found:
            return found
        kind = schema.get("type")
        if isinstance(kind, list):
            return [{**schema, "type": one} for one in kind]
        return [schema]

    def _merged(self, schema: Schema) -> Schema:
        """An ``allOf`` with the members of all its parts together; other keywords from the first part that has them."""
        merged: dict[str, Any] = {name: value for name, value in schema.items() if name != "allOf"}
        for part in schema["allOf"]:
            for variant in self.variants(part) if isinstance(part, Mapping) else ():
                for name, value in variant.items():
                    if name == "properties":
                        merged["properties"] = {**merged.get("properties", {}), **value}
                    else:
                        merged.setdefault(name, value)
        return merged

    def _referred(self, reference: str) -> Coercer:
        known = self._known.get(reference)
        if known is not None:
            return known

        def later(raw: Any) -> Any:
            return self._known[reference](raw)

        # Stands in while a schema that contains itself is built.
        self._known[reference] = later
        made = self._known[reference] = self.coercer(self.resolve(reference))
        return made

    def _one(self, schema: Schema) -> Coercer:
        kind = kind_of(schema)
        if kind == "object":
            return self._object(schema)
        if kind == "array":
            return self._array(schema)
        if kind is None and "const" in schema:
            return _constant(schema["const"])
        return _SCALARS.get(kind or "", _plain)

    def _object(self, schema: Schema) -> Coercer:
        properties: Schema = schema.get("properties", {})
        others = schema.get("additionalProperties", True)
        made: dict[str, Coercer] = {}

        def coerce(raw: Any) -> Any:
            if type(raw) is not dict:
                return raw
            result = {}
            for name, value in raw.items():
                member = made.get(name)
                if member is None:
                    if name in properties:
                        member = made[name] = self.coercer(properties[name])
                    else:  # kept as well, but not under a name that the caller chose
                        member = made.get(_OTHERS) or made.setdefault(_OTHERS, self.coercer(others))
                result[name] = member(value)
            return result

        return coerce

    def _array(self, schema: Schema) -> Coercer:
        items = schema.get("items", True)
        made: list[Coercer] = []

        def coerce(raw: Any) -> Any:
            elements = elements_of(raw)
            if elements is None:
                if not self.lone or not isinstance(raw, str):
                    return raw
                elements = [raw]
            if not made:
                made.append(self.coercer(items))
            item = made[0]
            return [item(element) for element in elements]

        return coerce

    def _choice(self, variants: Sequence[Schema]) -> Coercer:
        scalars = [variant for variant in variants if kind_of(variant) not in ("object", "array")]
        arrays = [self._one(variant) for variant in variants if kind_of(variant) == "array"]
        objects = [variant for variant in variants if kind_of(variant) == "object"]
        made: dict[int, Coercer] = {}

        def coerce(raw: Any) -> Any:
            if isinstance(raw, str):
                if self.lone and arrays and not scalars:
                    return arrays[0](raw)
                return _best(raw, scalars)
            if arrays and elements_of(raw) is not None and (raw or not objects):
                return arrays[0](raw)
            if type(raw) is list:
                return coerce(raw[-1])
            if not objects or type(raw) is not dict:
                return raw
            chosen = 0 if len(objects) == 1 else _closest(raw, objects)
            if chosen not in made:
                made[chosen] = self._one(objects[chosen])
            return made[chosen](raw)

        return coerce


def kind_of(schema: Schema) -> str | None:
    """The type of a schema that has at most one, also when only its keywords tell."""
    kind = schema.get("type")
    if isinstance(kind, str):
        return kind
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    return "array" if "items" in schema else None


def elements_of(raw: Any) -> list[Any] | None:
    """The elements of an array that was written as ``a[]``, ``a[0]`` (in any order, with gaps) or by repeating the
    key; None when it was not written as an array."""
    if type(raw) is list:
        return raw
    if type(raw) is not dict:
        return None
    if len(raw) == 1 and "" in raw:
        found = raw[""]
        return found if type(found) is list else [found]
    if all(name.isascii() and name.isdigit() and len(name) < 10 for name in raw):
        return [raw[name] for name in sorted(raw, key=int)]
    return None


def _plain(raw: Any) -> Any:
    """A schema without a type: text stays text, a repeated key means its last value."""
    return raw[-1] if type(raw) is list and raw else raw


def _integer(raw: Any) -> Any:
    raw = _plain(raw)
    if type(raw) is str and raw.isascii() and len(raw) < _MAX_DIGITS and raw.removeprefix("-").isdigit():
        value = int(raw)
        if _MIN_INTEGER <= value <= _MAX_INTEGER:
            return value
    return raw


def _number(raw: Any) -> Any:
    raw = _plain(raw)
    if type(raw) is not str or len(raw) >= _MAX_DIGITS or not _NUMBER.fullmatch(raw):
        return raw
    if raw.removeprefix("-").isdigit() and _MIN_INTEGER <= int(raw) <= _MAX_INTEGER:
        return int(raw)
    value = float(raw)
    return value if math.isfinite(value) else raw


def _boolean(raw: Any) -> Any:
    raw = _plain(raw)
    if type(raw) is str:
        # Recorded traffic: Stripe takes `True` as well, which is what Python's str(True) sends.
        lower = raw.lower()
        if lower == "true":
            return True
        if lower == "false":
            return False
    return raw


_SCALARS: Mapping[str, Coercer] = {
    "string": _plain,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
}


def _constant(value: Any) -> Coercer:
    """Text that spells a constant becomes it."""
    spelled = str(value).lower() if isinstance(value, bool) else str(value)

    def coerce(raw: Any) -> Any:
        raw = _plain(raw)
        return value if raw == spelled else raw

    return coerce


def _best(raw: str, scalars: Sequence[Schema]) -> Any:
    """The reading of a text that a union of scalars prefers: a listed value, then the narrowest type that fits."""
    for schema in scalars:
        if raw in schema.get("enum", ()) or schema.get("const") == raw:
            return raw
    kinds = {kind_of(schema) for schema in scalars if "enum" not in schema}
    for kind in ("integer", "boolean", "number"):
        if kind in kinds:
            value = _SCALARS[kind](raw)
            if value is not raw:
                return value
    return raw


def _closest(raw: Mapping[str, Any], objects: Sequence[Schema]) -> int:
    """The object variant that knows the most of the members."""

    def known(position: int) -> tuple[int, int]:
        properties = objects[position].get("properties", {})
        return sum(name in properties for name in raw), -position

    return max(range(len(objects)), key=known)
