"""The rules of a diff, by kind of change: how much each matters to a client, on the request's side and on the answer's.

A finding's rule is the subject and the kind: ``request-property-enum-value-removed``. The names are those of oasdiff
(github.com/oasdiff/oasdiff, checker/localizations_src/en/messages.yaml, read 2026-11) wherever it has one;
``contracts.diff.coverage`` holds each of its rules against these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from contracts.drift import Severity

Direction = Literal["request", "response"]

_B: Severity = "breaking"
_R: Severity = "risky"
_S: Severity = "safe"

#: Changes of an operation as a whole, and of a message's frame: the whole rule.
OPERATION: Mapping[str, Severity] = {
    "api-path-removed-without-deprecation": _B,
    "api-removed-without-deprecation": _B,
    "api-path-changed": _B,
    "endpoint-added": _S,
    "api-operation-id-removed": _S,
    "new-required-request-parameter": _B,
    "new-optional-request-parameter": _S,
    "new-request-path-parameter": _B,
    "request-parameter-removed": _B,
    "request-parameter-removed-where-unknown-ones-pass": _R,
    "request-parameter-became-required": _B,
    "request-parameter-became-optional": _S,
    "request-parameter-serialization-changed": _B,
    "request-body-added-required": _B,
    "request-body-added-optional": _S,
    "request-body-removed": _R,
    "request-body-became-required": _B,
    "request-body-became-optional": _S,
    "request-body-media-type-changed": _B,
    "request-body-media-type-schema-added": _R,
    "request-body-media-type-schema-removed": _S,
    "response-body-media-type-schema-added": _S,
    "response-body-media-type-schema-removed": _R,
    "response-success-status-removed": _B,
    "response-success-status-added": _R,
    "response-non-success-status-removed": _R,
    "response-non-success-status-added": _S,
    "response-media-type-removed": _B,
    "response-media-type-added": _R,
    "response-media-type-name-changed": _B,
    "required-response-header-removed": _B,
    "optional-response-header-removed": _R,
    "response-header-added": _S,
    "response-header-became-optional": _B,
    "response-header-became-required": _S,
    "response-error-added": _R,
    "response-error-removed": _S,
}

#: Changes of an object's members: the whole rule.
PROPERTY: Mapping[str, Severity] = {
    "request-property-removed": _B,
    "request-property-removed-where-unknown-ones-pass": _R,
    "new-required-request-property": _B,
    "new-required-request-property-with-default": _R,
    "new-optional-request-property": _S,
    "request-property-became-required": _B,
    "request-property-became-required-with-default": _R,
    "request-property-became-optional": _S,
    "response-required-property-removed": _B,
    "response-optional-property-removed": _R,
    "response-required-property-added": _S,
    "response-optional-property-added": _S,
    "response-property-became-optional": _B,
    "response-property-became-required": _S,
}

#: Changes of a value, wherever it stands: (in a request, in an answer). What narrows is breaking in a request and safe
#: in an answer, what widens the other way round.
VALUE: Mapping[str, tuple[Severity, Severity]] = {
    "type-changed": (_B, _B),
    "type-generalized": (_S, _B),
    "type-specialized": (_B, _S),
    "became-nullable": (_S, _B),
    "became-not-nullable": (_B, _S),
    "became-enum": (_B, _S),
    "became-not-enum": (_S, _R),
    "enum-value-removed": (_B, _S),
    "enum-value-added": (_S, _R),
    "any-of-added": (_S, _R),
    "any-of-removed": (_B, _S),
    "restructured": (_B, _B),
    "pattern-added": (_B, _S),
    "pattern-changed": (_R, _R),
    "pattern-removed": (_S, _R),
    "format-added": (_R, _S),
    "format-changed": (_B, _B),
    "format-removed": (_S, _R),
    "default-value-added": (_R, _S),
    "default-value-changed": (_R, _R),
    "default-value-removed": (_R, _S),
    "became-read-only": (_R, _S),
    "became-not-read-only": (_S, _S),
    "became-write-only": (_S, _B),
    "became-not-write-only": (_S, _S),
    "deprecated": (_S, _S),
    "reactivated": (_S, _S),
    "unique-items-set": (_B, _S),
    "unique-items-unset": (_S, _R),
    "multiple-of-set": (_B, _S),
    "multiple-of-unset": (_S, _R),
    "multiple-of-changed": (_B, _R),
    "multiple-of-generalized": (_S, _R),
    "multiple-of-specialized": (_B, _S),
    "unknown-members-refused": (_R, _S),
    "unknown-members-accepted": (_S, _S),
    "discriminator-added": (_R, _S),
    "discriminator-removed": (_R, _R),
    "discriminator-property-name-changed": (_B, _B),
    "discriminator-mapping-added": (_S, _R),
    "discriminator-mapping-deleted": (_B, _S),
    "discriminator-mapping-changed": (_R, _R),
}

#: Limits, by keyword, as they are called in rules: with ``set``, ``unset``, ``increased`` and ``decreased``.
LIMITS: Mapping[str, str] = {
    "maximum": "max",
    "minimum": "min",
    "exclusiveMaximum": "exclusive-max",
    "exclusiveMinimum": "exclusive-min",
    "maxLength": "max-length",
    "minLength": "min-length",
    "maxItems": "max-items",
    "minItems": "min-items",
    "maxProperties": "max-properties",
    "minProperties": "min-properties",
    "maxContains": "max-contains",
    "minContains": "min-contains",
}

#: Keywords that are compared as a whole, as they are called in rules: with ``added``, ``removed`` and ``changed``.
WHOLE: Mapping[str, str] = {
    "not": "not",
    "if": "if",
    "then": "then",
    "else": "else",
    "contains": "contains",
    "prefixItems": "prefix-items",
    "dependentRequired": "dependent-required",
    "dependentSchemas": "dependent-schema",
    "patternProperties": "pattern-property",
    "propertyNames": "property-names",
    "unevaluatedItems": "unevaluated-items",
    "unevaluatedProperties": "unevaluated-properties",
    "contentSchema": "content-schema",
    "contentMediaType": "content-media-type",
    "contentEncoding": "content-encoding",
}

_NARROWED: tuple[Severity, Severity] = (_B, _S)
_WIDENED: tuple[Severity, Severity] = (_S, _R)


def of_limit(name: str, change: str) -> tuple[Severity, Severity]:
    """A limit that was ``set``, ``unset``, ``increased`` or ``decreased``: in a request, in an answer."""
    narrower = change == "set" or (change == "decreased") == ("max" in name.split("-"))
    return _NARROWED if narrower and change != "unset" else _WIDENED


def of_keyword(change: str) -> tuple[Severity, Severity]:
    """A keyword that was ``added``, ``removed`` or ``changed``."""
    return {"added": _NARROWED, "removed": _WIDENED}.get(change, (_R, _R))


def kinds() -> dict[str, tuple[Severity, Severity]]:
    """Every change of a value that a diff can tell."""
    limits = {
        f"{name}-{change}": of_limit(name, change)
        for name in LIMITS.values()
        for change in ("set", "unset", "increased", "decreased")
    }
    whole = {
        f"{name}-{change}": of_keyword(change) for name in WHOLE.values() for change in ("added", "removed", "changed")
    }
    return {**VALUE, **limits, **whole}


KINDS: Mapping[str, tuple[Severity, Severity]] = kinds()


def severity(kind: str, direction: Direction) -> Severity:
    """How much a change of a value matters to a client."""
    return KINDS[kind][0 if direction == "request" else 1]
