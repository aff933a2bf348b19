"""Condition operators: one condition of a statement, compiled once and asked of every request.

Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
reference_policies_condition-single-vs-multi-valued-context-keys.html (ForAllValues, ForAnyValue).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from operator import eq, ge, gt, le, lt
from typing import Any, Literal

from mocks.s3.access.patterns import Kind, Lookup, Pattern

#: Compares one value of the request with one of the policy.
Check = Callable[[str, Lookup], bool]


class UnknownOperator(ValueError):
    """The policy names an operator that there is not."""


@dataclass(frozen=True, slots=True)
class Condition:
    """``operator``: {``key``: ``values``}. Several values are alternatives; a negated operator wants none of them."""

    operator: str
    key: str
    values: tuple[str, ...]
    checks: tuple[Check, ...]
    negated: bool = False
    if_exists: bool = False
    quantifier: Literal["", "ForAllValues", "ForAnyValue"] = ""

    def holds(self, lookup: Lookup) -> bool:
        """Whether the request meets the condition."""
        held = lookup(self.key)
        if self.operator == "Null":
            return (not held) == (self.values[0].lower() == "true")
        if not held:
            return self._holds_absent()
        matches = [any(check(value, lookup) for check in self.checks) != self.negated for value in held]
        # Several values under a plain operator: none may match what is excluded, one must match what is wanted.
        every = self.quantifier == "ForAllValues" or (not self.quantifier and self.negated)
        return all(matches) if every else any(matches)

    def _holds_absent(self) -> bool:
        if self.if_exists or self.quantifier == "ForAllValues":
            return True
        return self.negated and not self.quantifier


def condition(operator: str, key: str, values: Sequence[str], *, variables: bool = True) -> Condition:
    """Raises UnknownOperator, or ValueError for a value that is none of the operator's."""
    rest, quantifier = operator, ""
    first, colon, after = operator.partition(":")
    if colon and first.lower() in _QUANTIFIERS:
        quantifier, rest = _QUANTIFIERS[first.lower()], after
    if_exists = rest.lower().endswith("ifexists")
    name = rest[: -len("IfExists")] if if_exists else rest
    found = _OPERATORS.get(name.lower())
    if found is None or (name.lower() == "null" and if_exists):
        raise UnknownOperator(operator)
    proper, make, negated = found
    checks = tuple(make(value, variables) for value in values)
    return Condition(
        proper,
        key.lower(),
        tuple(values),
        checks,
        negated,
        if_exists,
        quantifier,  # type: ignore[arg-type]  # one of the mapping's values
    )


_QUANTIFIERS = {"forallvalues": "ForAllValues", "foranyvalue": "ForAnyValue"}


def _text(kind: Kind, *, ignore_case: bool = False) -> Callable[[str, bool], Check]:
    def make(value: str, variables: bool) -> Check:
        return Pattern(value, kind, variables=variables, ignore_case=ignore_case).matches

    return make


def _ordered(read: Callable[[str], float], compare: Callable[[Any, Any], bool]) -> Callable[[str, bool], Check]:
    def make(value: str, variables: bool) -> Check:
        wanted = read(value)

        def check(held: str, lookup: Lookup) -> bool:
            try:
                return compare(read(held), wanted)
            except ValueError:
                return False

        return check

    return make


def moment(text: str) -> float:
    """Seconds since 1970 of an ISO 8601 date or of that number itself. Raises ValueError."""
    try:
        return float(text)
    except ValueError:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _boolean(value: str, variables: bool) -> Check:
    wanted = value.lower()
    if wanted not in ("true", "false"):
        raise ValueError(value)
    return lambda held, lookup: held.lower() == wanted


def _binary(value: str, variables: bool) -> Check:
    try:
        wanted = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(value) from error
    return lambda held, lookup: held == base64.b64encode(wanted).decode()


def _address(value: str, variables: bool) -> Check:
    network = ip_network(value, strict=False)

    def check(held: str, lookup: Lookup) -> bool:
        try:
            return ip_address(held) in network
        except ValueError:
            return False

    return check


def _null(value: str, variables: bool) -> Check:
    return _boolean(value, variables)


_Made = tuple[str, Callable[[str, bool], Check], bool]


def _numbers(word: str, read: Callable[[str], float]) -> Mapping[str, _Made]:
    comparisons: Mapping[str, tuple[Callable[[Any, Any], bool], bool]] = {
        "Equals": (eq, False),
        "NotEquals": (eq, True),
        "LessThan": (lt, False),
        "LessThanEquals": (le, False),
        "GreaterThan": (gt, False),
        "GreaterThanEquals": (ge, False),
    }
    return {
        f"{word}{name}".lower(): (f"{word}{name}", _ordered(read, compare), negated)
        for name, (compare, negated) in comparisons.items()
    }


#: By their names in lower case, since they are read without regard to it: (name, how a value compares, negated).
_OPERATORS: Mapping[str, _Made] = {
    "stringequals": ("StringEquals", _text("exact"), False),
    "stringnotequals": ("StringNotEquals", _text("exact"), True),
    "stringequalsignorecase": ("StringEqualsIgnoreCase", _text("exact", ignore_case=True), False),
    "stringnotequalsignorecase": ("StringNotEqualsIgnoreCase", _text("exact", ignore_case=True), True),
    "stringlike": ("StringLike", _text("like"), False),
    "stringnotlike": ("StringNotLike", _text("like"), True),
    **_numbers("Numeric", float),
    **_numbers("Date", moment),
    "bool": ("Bool", _boolean, False),
    "binaryequals": ("BinaryEquals", _binary, False),
    "ipaddress": ("IpAddress", _address, False),
    "notipaddress": ("NotIpAddress", _address, True),
    "arnequals": ("ArnEquals", _text("arn"), False),
    "arnlike": ("ArnLike", _text("arn"), False),
    "arnnotequals": ("ArnNotEquals", _text("arn"), True),
    "arnnotlike": ("ArnNotLike", _text("arn"), True),
    "null": ("Null", _null, False),
}
