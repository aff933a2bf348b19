"""Schemas to compiled jsonschema-rs validators, and their errors to violations in our words.

Validators are compiled on first use, each with only the schemas that it reaches. Where another object of the API may
stand (in place of its id, or of null), its schema is reached only when a value really holds it: without that, nearly
every object of a large API would reach all others.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs
import orjson

from contracts.contract import Place, RuleName, Violation

Schema = Mapping[str, Any]
Pointer = tuple[str | int, ...]

#: Without it jsonschema-rs looks every keyword's meaning up again, and compiling takes minutes.
DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: Compiled validators that are kept; the one that was unused for longest goes first.
_KEPT = 256
#: How many violations of one value are put into words: a caller can send thousands, and nobody reads them.
_WORDED = 1_000

_DECIMAL = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?")
_INT64 = re.compile(r"-?\d{1,19}")
_FORMATS: dict[str, Callable[..., bool]] = {
    "decimal": lambda text: _DECIMAL.fullmatch(text) is not None,
    "int64": lambda text: _INT64.fullmatch(text) is not None,
}


@dataclass(slots=True)
class Validators:
    """Compiled validators over ``schemas`` (name -> schema, which refer to each other as ``#/$defs/<name>``).

    ``objects`` tells that every schema is an object whose member ``object`` names its type.
    """

    schemas: Mapping[str, Schema]
    objects: bool = False
    _compiled: OrderedDict[bytes, jsonschema_rs.Draft202012Validator] = field(default_factory=OrderedDict)

    def compile(self, schema: Schema) -> jsonschema_rs.Draft202012Validator:
        """The validator of one schema; equal schemas share one."""
        key = orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)
        found = self._compiled.get(key)
        if found is not None:
            self._compiled.move_to_end(key)
            return found
        found = self._compile(schema)
        self._compiled[key] = found
        if len(self._compiled) > _KEPT:
            self._compiled.popitem(last=False)
        return found

    def _compile(self, schema: Schema) -> jsonschema_rs.Draft202012Validator:
        reached: dict[str, Any] = {}
        root = self._cut(schema)
        waiting = list(references(root))
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached[name] = self._cut(self.schemas[name])
                waiting += references(reached[name])
        outer = self

        class WholeObject:
            """The keyword ``x-object``: the instance is one of the named objects, whole."""

            def __init__(self, parent: dict[str, Any], names: Any, path: list[str | int]) -> None:
                self.names: list[str] = names

            def validate(self, instance: Any) -> None:
                if not outer.named(outer.meant(self.names, instance)).is_valid(instance):
                    raise ValueError(" ".join(self.names))  # read back by `_worded`

        return jsonschema_rs.Draft202012Validator(
            {"$schema": DIALECT, "$defs": reached, **root},
            formats=_FORMATS,
            validate_formats=True,
            keywords={"x-object": WholeObject},
            offline=True,
        )

    def _cut(self, schema: Any) -> Any:
        """The schema with optional objects cut off: ``x-object`` then names every one that may stand there."""
        if not self.objects:
            return schema
        if isinstance(schema, list):
            return [self._cut(element) for element in schema]
        if not isinstance(schema, Mapping):
            return schema
        names = [variant["$ref"].removeprefix("#/$defs/") for variant in schema.get("anyOf", ()) if "$ref" in variant]
        if not names:
            return {name: self._cut(value) for name, value in schema.items()}
        variants = [self._cut(variant) for variant in schema["anyOf"] if "$ref" not in variant]
        return {"anyOf": [*variants, {"type": "object", "x-object": names}]}

    def named(self, name: str) -> jsonschema_rs.Draft202012Validator:
        """The validator of the schema with this name."""
        return self.compile({"$ref": f"#/$defs/{name}"})

    def meant(self, names: Sequence[str], instance: Any) -> str:
        """Which of the named schemas an object means to be, by the values that only one of them allows."""
        if len(names) == 1 or not isinstance(instance, Mapping):
            return names[0]
        told = [member for member in ("object", "deleted") if member in instance]
        for name in names:
            schema = self.schemas[name]
            properties = schema.get("properties", {})
            gone = "deleted" in schema.get("required", ())
            if gone == ("deleted" in told) and all(_allows(properties.get(one), instance[one]) for one in told):
                return name
        return names[0]

    def violations(
        self, validator: jsonschema_rs.Draft202012Validator, value: Any, place: Place, pointer: Pointer = ()
    ) -> list[Violation]:
        """What ``value`` breaks, up to a thousand things; ``pointer`` is where the value itself stands."""
        found: list[Violation] = []
        for error in validator.iter_errors(value):
            found += self._worded(error, place, pointer)
            if len(found) >= _WORDED:
                break
        return found

    def _worded(self, error: jsonschema_rs.ValidationError, place: Place, pointer: Pointer) -> Iterator[Violation]:
        at = (*pointer, *error.instance_path)
        kind, value = error.kind, error.instance
        match kind.as_dict():
            case {"unexpected": unexpected}:
                for name in unexpected:
                    member = value.get(name) if isinstance(value, Mapping) else None
                    yield Violation(place, (*at, name), "unknown", "is not a known member", None, member)
            case {"property": name} if kind.name == "required":
                yield Violation(place, (*at, name), "required", "is required")
            case {"context": context}:
                yield from self._union(error, context, place, pointer)
            case {"error": inner} if kind.name == "propertyNames":
                yield Violation(place, at, "pattern", f"has a member whose name is not allowed: {inner.kind.name}")
            case {"keyword": "x-object", "message": names}:
                yield from self.violations(self.named(self.meant(names.split(), value)), value, place, at)
            case facts:
                rule, message, expected = _plainly(kind.name, facts)
                yield Violation(place, at, rule, message, expected, value)

    def _union(
        self,
        error: jsonschema_rs.ValidationError,
        context: Sequence[Sequence[jsonschema_rs.ValidationError]],
        place: Place,
        pointer: Pointer,
    ) -> Iterator[Violation]:
        """Of a union's branches only the one that was meant is telling: one of the right type, with fewest errors."""
        at = (*pointer, *error.instance_path)
        depth = len(error.instance_path)
        if error.kind.name == "oneOf" and not any(context):
            yield Violation(place, at, "conflict", "fits more than one variant", None, error.instance)
            return
        right, wanted = [], []
        for branch in context:
            types = [e for e in branch if e.kind.name == "type" and len(e.instance_path) == depth]
            unset = [e for e in branch if e.kind.name == "enum" and e.kind.as_dict()["options"] == [""]]
            if types:
                wanted += types[0].kind.as_dict()["types"]
            elif branch and not (unset and len(branch) == 1):
                right.append(branch)
        wanted = [name for name in wanted if name != "null"]
        if right:
            # A member with another constant than the branch's (a discriminator) tells that it was not meant.
            for inner in min(right, key=lambda branch: (_mismatches(branch, depth + 1), len(branch))):
                yield from self._worded(inner, place, pointer)
        elif wanted:
            expected = tuple(dict.fromkeys(wanted))
            message = f"must be of type {' or '.join(expected)}"
            yield Violation(place, at, "type", message, expected[0] if len(expected) == 1 else expected, error.instance)
        else:
            yield Violation(place, at, "conflict", "fits none of the variants", None, error.instance)


#: Which rule a keyword is, its words, and the member of the error's facts that holds what was expected.
_RULES: Mapping[str, tuple[RuleName, str, str | None]] = {
    "type": ("type", "must be of type {}", "types"),
    "enum": ("enum", "must be one of {}", "options"),
    "const": ("enum", "must be {}", "expected_value"),
    "minimum": ("minimum", "must be at least {}", "limit"),
    "exclusiveMinimum": ("minimum", "must be more than {}", "limit"),
    "maximum": ("maximum", "must be at most {}", "limit"),
    "exclusiveMaximum": ("maximum", "must be less than {}", "limit"),
    "multipleOf": ("format", "must be a multiple of {}", "multiple_of"),
    "minLength": ("min_length", "must have at least {} characters", "limit"),
    "maxLength": ("max_length", "must have at most {} characters", "limit"),
    "minItems": ("min_items", "must have at least {} elements", "limit"),
    "maxItems": ("max_items", "must have at most {} elements", "limit"),
    "minProperties": ("min_items", "must have at least {} members", "limit"),
    "maxProperties": ("max_items", "must have at most {} members", "limit"),
    "uniqueItems": ("conflict", "must not hold an element twice", None),
    "pattern": ("pattern", "must match {}", "pattern"),
    "format": ("format", "must be a {}", "format"),
    "not": ("conflict", "is excluded", None),
    "falseSchema": ("unknown", "is not a known member", None),
}


def _plainly(keyword: str, facts: Mapping[str, Any]) -> tuple[RuleName, str, Any]:
    rule, words, member = _RULES.get(keyword, ("conflict", f"breaks {keyword}", None))
    expected = facts.get(member) if member else None
    if keyword == "type" and isinstance(expected, list):
        shown = [name for name in expected if name != "null"] or expected
        expected = shown[0] if len(shown) == 1 else tuple(shown)
        return rule, words.format(" or ".join(shown)), expected
    if keyword == "enum" and isinstance(expected, list):
        return rule, words.format(", ".join(str(option) for option in expected)), tuple(expected)
    if keyword == "const":
        return rule, words.format(expected), (expected,)
    return rule, words.format(expected), expected


def references(schema: Any) -> Iterator[str]:
    """The names of the schemas that a schema refers to."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Mapping):
            reference = node.get("$ref")
            if isinstance(reference, str):
                yield reference.removeprefix("#/$defs/")
            waiting += [value for name, value in node.items() if name != "discriminator"]
        elif isinstance(node, list):
            waiting += node


def _mismatches(branch: Sequence[jsonschema_rs.ValidationError], depth: int) -> int:
    return sum(error.kind.name in ("enum", "const") and len(error.instance_path) == depth for error in branch)


def _allows(schema: Any, value: Any) -> bool:
    """Whether a member's schema allows a constant."""
    if not isinstance(schema, Mapping):
        return False
    if "const" in schema:
        return bool(schema["const"] == value)
    return value in schema.get("enum", (value,))
