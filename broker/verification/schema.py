"""The language of matches as one JSON Schema, for editors and generators; ``language.py`` is what reads it."""

from __future__ import annotations

from typing import Any

from broker.verification.language import KINDS, OPERATORS

_WANTED: dict[str, Any] = {"$ref": "#/$defs/expected"}
_TEXT: dict[str, Any] = {"type": "string"}
_LIMIT: dict[str, Any] = {"type": ["number", "string"]}
_SEVERAL: dict[str, Any] = {"type": "array", "minItems": 1, "items": _WANTED}

#: What each operator takes, and what it says.
_OPERANDS: dict[str, dict[str, Any]] = {
    "$eq": {"description": "The whole value, and nothing more."},
    "$ne": {"description": "Anything else; of an array, that no entry is it."},
    "$in": {"type": "array", "description": "One of these values."},
    "$exists": {"type": "boolean", "description": "There is something, or nothing."},
    "$type": {"enum": list(KINDS), "description": "A JSON type."},
    "$regex": {
        **_TEXT,
        "maxLength": 1000,
        "description": "Found in the text; no look-around, no back-references.",
    },
    "$contains": {**_WANTED, "description": "A text has this part; some entry of an array is so."},
    "$icontains": {**_TEXT, "description": "A text has this part, in any case."},
    "$startsWith": {**_TEXT, "description": "A text begins so."},
    "$endsWith": {**_TEXT, "description": "A text ends so."},
    "$gt": {**_LIMIT, "description": "More than this number, or after this text."},
    "$gte": {**_LIMIT, "description": "At least this."},
    "$lt": {**_LIMIT, "description": "Less than this."},
    "$lte": {**_LIMIT, "description": "At most this."},
    "$size": {**_WANTED, "description": "The length of a text, or how many entries there are."},
    "$each": {**_WANTED, "description": "Every entry of an array is so, and there is one."},
    "$unordered": {"type": "array", "items": _WANTED, "description": "Exactly these entries in any order."},
    "$json": {**_WANTED, "description": "A text that is JSON of this kind."},
    "$not": {**_WANTED, "description": "It is not so."},
    "$and": {**_SEVERAL, "description": "All of it is so."},
    "$or": {**_SEVERAL, "description": "Some of it is so."},
}

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A match of preview-broker's verifications",
    "description": "Places of a document, and what is expected there: docs/verification.md.",
    "$ref": "#/$defs/asked",
    "$defs": {
        "asked": {"anyOf": [{"$ref": "#/$defs/members"}, {"$ref": "#/$defs/operators"}]},
        "expected": {
            "anyOf": [
                {"type": ["string", "number", "boolean", "null"]},
                {"type": "array", "items": _WANTED},
                {"$ref": "#/$defs/members"},
                {"$ref": "#/$defs/operators"},
            ]
        },
        "members": {
            "type": "object",
            "propertyNames": {"pattern": "^[^$]|^\\$\\.", "maxLength": 500},
            "additionalProperties": _WANTED,
            "description": "Places like request.body.items[0].price, to[*], custom['a.b'].",
        },
        "operators": {
            "type": "object",
            "minProperties": 1,
            "properties": {name: _OPERANDS[name] for name in OPERATORS},
            "additionalProperties": False,
        },
    },
}
