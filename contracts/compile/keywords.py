"""The keywords of schemas from a document that nobody here has looked at: what is kept, mended and dropped.

Kept is what the validators take, what a made-up value can keep, and what costs bounded time. Patterns are of the kind
that is matched in linear time (Rust's ``regex``, https://docs.rs/regex/latest/regex/#untrusted-input):
others are dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

import jsonschema_rs

from contracts import scalars
from contracts.generate import types

#: Keywords whose values are schemas, and those of 2020-12 that no made-up value can be held to: they are not checked.
MAPS: Final = ("properties",)
LISTS: Final = ("allOf", "anyOf", "oneOf")
UNCHECKED: Final = frozenset(
    {
        "not", "if", "then", "else", "contains", "minContains", "maxContains", "propertyNames", "dependentSchemas",
        "dependentRequired", "unevaluatedItems", "unevaluatedProperties", "patternProperties", "prefixItems",
        "$dynamicRef",
    }
)  # fmt: skip

#: What a mock makes at the most of one thing: longer texts and lists are not promised.
MOST_CHARACTERS: Final = 100_000
MOST_ITEMS: Final = 1_000
#: Characters of a pattern, and members of an enum that are looked at.
_PATTERN: Final = 4_000
_TYPES: Final = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})
#: Formats that are checked: the others are notes for people (https://spec.openapis.org/oas/v3.1.0#data-types).
_FORMATS: Final = frozenset(
    {"uuid", "date", "date-time", "time", "duration", "email", "uri", "hostname", "ipv4", "ipv6", "byte", "binary"}
)

Tell = Callable[[str], None]


@lru_cache(4096)
def linear(pattern: str) -> bool:
    """Whether a pattern is one that is matched in linear time."""
    if len(pattern) > _PATTERN:
        return False
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=jsonschema_rs.RegexOptions())
    except (ValueError, jsonschema_rs.ValidationError):
        return False
    return True


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _length(most: int) -> Callable[[Any], bool]:
    return lambda value: _number(value) and value == int(value) and 0 <= value <= most


def _size(value: Any) -> bool:
    return _number(value) and value == value and 0 <= value < 2**53 and value == int(value)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


#: Keyword -> whether its value can be kept.
KEPT: Final[Mapping[str, Callable[[Any], bool]]] = {
    "minimum": _number,
    "maximum": _number,
    "exclusiveMinimum": _number,
    "exclusiveMaximum": _number,
    "multipleOf": lambda value: _number(value) and value > 1e-9,
    "minLength": _length(MOST_CHARACTERS),
    "maxLength": _size,
    "minItems": _length(MOST_ITEMS),
    "maxItems": _size,
    "minProperties": _length(MOST_ITEMS),
    "maxProperties": _size,
    "uniqueItems": _flag,
    "readOnly": _flag,
    "writeOnly": _flag,
    "deprecated": _flag,
    "pattern": lambda value: isinstance(value, str) and linear(value),
    "format": lambda value: isinstance(value, str) and value in _FORMATS,
    "const": lambda value: True,
    "default": lambda value: True,
}
#: Kept silently: nothing is lost with them.
_QUIET: Final = frozenset({"format", "deprecated", "default"})


def kept(keyword: str, value: Any, tell: Tell) -> bool:
    """Whether a plain keyword stays; ``tell`` hears of one that does not."""
    fits = KEPT[keyword](value)
    if not fits and keyword not in _QUIET:
        shown = repr(value) if isinstance(value, str | int | float) else "its value"
        tell(f"{keyword} is not looked at: {shown[:100]} is nothing that a mock can keep")
    return fits


def typed(value: Any) -> str | list[str] | None:
    """The ``type`` of a schema as 2020-12 has it; None where it says nothing."""
    if value == "file":  # Swagger 2.0's, left over in documents that were converted
        return "string"
    named = [value] if isinstance(value, str) else value
    if not isinstance(named, list):
        return None
    known = list(dict.fromkeys(kind for kind in named if isinstance(kind, str) and kind in _TYPES))
    if not known:
        return None
    return known[0] if isinstance(value, str) else known


def settle(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without the promises that contradict each other; changed in place."""
    for low, high in (
        ("minimum", "maximum"),
        ("minLength", "maxLength"),
        ("minItems", "maxItems"),
        ("minProperties", "maxProperties"),
    ):
        if low in schema and high in schema and schema[low] > schema[high]:
            del schema[low], schema[high]
    if "enum" in schema:
        _settle_enum(schema)
    if "type" in schema:
        _settle_union(schema)
    if "required" in schema and "additionalProperties" in schema and schema["additionalProperties"] is False:
        schema["required"] = [name for name in schema["required"] if name in schema.get("properties", {})]
    return schema


def _settle_union(schema: dict[str, Any]) -> None:
    """A type beside a union of other types means null where it is that, and nothing where it is not."""
    for union in ("anyOf", "oneOf"):
        parts = schema.get(union)
        if not parts or "type" not in schema or not all("type" in part for part in parts):
            continue
        if schema["type"] == "null":
            del schema["type"]
            schema[union] = [*parts, {"type": "null"}]
        elif types(schema).isdisjoint(kind for part in parts for kind in _wider(types(part))):
            del schema["type"]


def _wider(kinds: frozenset[str]) -> frozenset[str]:
    return kinds | {"number", "integer"} if kinds & {"number", "integer"} else kinds


def _settle_enum(schema: dict[str, Any]) -> None:
    kinds = types(schema)
    nullable = "null" in ((schema["type"],) if isinstance(schema.get("type"), str) else schema.get("type", ()))
    fitting = [
        member
        for member in schema["enum"]
        if (member is None and nullable) or not kinds or scalars.kind_of(member, kinds) is not None
    ]
    if "type" in schema and not [member for member in fitting if member is not None]:
        fitting = []
    if fitting:
        schema["enum"] = fitting
        # One of a few known values keeps to what the document says of texts and numbers in general, or else means more.
        for keyword in ("pattern", "format", "minLength", "maxLength", "minimum", "maximum"):
            schema.pop(keyword, None)
    else:
        del schema["enum"]
