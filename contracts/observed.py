"""What one real answer says that its contract does not, as findings: the words of passive drift.

``before`` is the contract's side and ``after`` the answer's, in short facts: names of types, limits, words of enums.
Never a value that may be somebody's. Pure.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts import comparison
from contracts.contract import Violation
from contracts.drift import Finding, Severity

#: Every rule of this module, how much it matters, and what it means: documentation is made from it. The severities are
#: those that a diff of two contracts gives the same change.
RULES: Mapping[str, tuple[Severity, str]] = {
    "success-status-undocumented": ("risky", "An answer below 400 has a status that the contract does not list."),
    "error-status-undocumented": ("safe", "An error has a status that the contract does not list: few list all."),
    "media-type-changed": ("breaking", "The body is of another media type."),
    "body-malformed": ("breaking", "The body cannot be read as what it says it is."),
    "field-missing": ("breaking", "A field that the contract promises is missing."),
    "type-changed": ("breaking", "A field has another type."),
    "null-unpromised": ("breaking", "A field is null, and the contract does not let it."),
    "enum-value-added": ("risky", "A value that the contract's enum does not list, be it closed or open."),
    "limit-broken": ("risky", "A value breaks a limit: length, range, pattern, format."),
    "variant-unknown": ("risky", "A value fits none of the variants of a union, or more than one."),
    "field-undocumented": ("safe", "A field that the contract does not name."),
    "error-code-undocumented": ("safe", "An error's code that the contract does not name for the operation."),
}

_LONGEST_FACT = 60
#: Places of error codes.
_CODES = frozenset({"body.Code"})
_TYPES = {"structure": "object", "list": "array", "map": "object", "integer": "number", "long": "number"}


@dataclass(frozen=True, slots=True)
class Sighting:
    """A finding, and what was seen: where, of which type, and the word if it is one of an enum's."""

    finding: Finding
    type: str
    word: str | None = None

    def example(self) -> dict[str, str | int]:
        """What may be kept of it."""
        told: dict[str, str | int] = {"place": self.finding.place, "type": self.type}
        return told if self.word is None else {**told, "value": self.word}


def shape(violation: Violation) -> tuple[Hashable, ...]:
    """The same for two violations of one operation and status that are the same finding, and cheap: whoever counts many
    of them words each shape once."""
    steps = tuple([0 if type(step) is int else step for step in violation.pointer])
    value = violation.value
    told: str | None = type(value).__name__
    if violation.rule == "enum":
        told = comparison.word(value)
    elif violation.rule == "content_type" and isinstance(value, str):
        told = value.partition(";")[0]
    return violation.rule, violation.place, steps, told


def sightings(service: str, operation: str, status: int, violations: Sequence[Violation]) -> list[Sighting]:
    """Each difference once. Of a provider's own failures (500 and above) only that the status is not listed: their
    bodies are whatever stood in between could say."""
    found: dict[Finding, Sighting] = {}
    for violation in violations:
        if status >= 500 and violation.rule != "status":
            continue
        sighting = _sighting(service, operation, status, violation)
        found.setdefault(sighting.finding, sighting)
    return list(found.values())


def _sighting(service: str, operation: str, status: int, violation: Violation) -> Sighting:
    place = _place(violation)
    rule, message, before, after = _told(status, place, violation)
    whole = f"response.{status}" if rule.endswith("status-undocumented") else f"response.{status}.{place}"
    finding = Finding(
        service=service,
        operation=operation,
        rule=rule,
        place=whole,
        severity=RULES[rule][0],
        message=f"{place.rpartition('.')[2]}: {message}" if whole.endswith(place) else message,
        before=before,
        after=after,
    )
    kind = "none" if violation.rule in ("required", "status") else comparison.json_type(violation.value)
    return Sighting(finding, kind, after if rule in _WORDED else None)


#: Rules whose ``after`` is a word of an enum.
_WORDED = frozenset({"enum-value-added", "error-code-undocumented"})


def _told(status: int, place: str, violation: Violation) -> tuple[str, str, Any, Any]:
    """Rule, message, before and after."""
    value, expected = violation.value, violation.expected
    match violation.rule:
        case "status" if status < 400:
            return "success-status-undocumented", f"answers {status}, which the contract does not list", None, status
        case "status":
            return "error-status-undocumented", f"answers {status}, which the contract does not list", None, status
        case "content_type":
            media = str(value).partition(";")[0].strip() if value else None
            return "media-type-changed", f"is {media or 'without a media type'}", _fact(expected), _fact(media)
        case "malformed" | "too_deep":
            return "body-malformed", violation.message, _fact(expected), None
        case "required":
            return "field-missing", "is promised, and missing", None, None
        case "type" if value is None and not place.startswith("header"):
            return "null-unpromised", "is null, and never promised to be", _type(expected), "null"
        case "type":
            seen = comparison.json_type(value)
            return "type-changed", f"is {seen} and not {_type(expected)}", _type(expected), seen
        case "enum":
            seen_word = comparison.word(value)
            message = (
                f"is {seen_word}, which the contract does not list"
                if seen_word
                else "has a value that the contract does not list"
            )
            return ("error-code-undocumented" if place in _CODES else "enum-value-added"), message, None, seen_word
        case "unknown":
            return "field-undocumented", "is not in the contract", None, None
        case "conflict":
            return "variant-unknown", violation.message, None, None
        case _:
            return "limit-broken", violation.message[:_LONGEST_FACT], _fact(expected), None


def _place(violation: Violation) -> str:
    """As comparison.place says it, without what may be somebody's: a name that is an id, an address, a sentence."""
    steps = ("[]" if isinstance(step, int) else f".{comparison.word(step) or '*'}" for step in violation.pointer)
    return violation.place + "".join(steps)


def _type(expected: Any) -> str:
    names = expected if isinstance(expected, tuple | list) else (expected,)
    return " or ".join(dict.fromkeys(_TYPES.get(str(name), str(name)) for name in names))


def _fact(expected: Any) -> str | int | float | None:
    """A limit as it is; a text if it is short."""
    if expected is None or isinstance(expected, int | float):
        return expected
    text = str(expected)
    return text if len(text) <= _LONGEST_FACT else text[: _LONGEST_FACT - 1] + "…"
