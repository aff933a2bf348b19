"""The language of matches: a JSON object of places, and what is expected there.

A plain value is expected as it is; an object expects its members and leaves the others free; an array expects exactly
its entries. An object whose names begin with ``$`` asks more: see OPERATORS, and docs/verification.md.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from broker.verification.conditions import (
    All,
    Condition,
    Difference,
    Entries,
    Members,
    Some,
    compared,
    containing,
    each,
    exactly,
    like,
    negated,
    of_kind,
    one_of,
    same,
    sized,
    textual,
    there,
    written,
)
from broker.verification.patterns import InvalidPattern, pattern
from broker.verification.places import InvalidPlace, Place

#: How much one match may ask for.
_LEAVES, _DEPTH, _PATTERNS = 500, 20, 50
KINDS = ("string", "number", "integer", "boolean", "array", "object", "null", "missing")


class InvalidMatch(ValueError):
    """A match that says nothing: where, and why."""

    def __init__(self, place: str, message: str) -> None:
        self.place = place
        self.message = message
        super().__init__(f"{place}: {message}")


@dataclass(slots=True)
class _Reading:
    """How far the reading of a match is."""

    leaves: int = 0
    patterns: int = 0
    depth: int = 0
    where: list[str] = field(default_factory=list)

    def wrong(self, message: str) -> InvalidMatch:
        return InvalidMatch(".".join(self.where), message)


class Match:
    """A match that was read: of a document it tells what differs."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        """Raises InvalidMatch."""
        self.said = said
        self._condition = _condition(said, _Reading(where=["match"]))
        self.leaves = self._condition.leaves

    def differences(self, document: Mapping[str, Any]) -> list[Difference]:
        """What a document lacks of it; nothing when it matches."""
        return list(self._condition.differences(document, ""))

    def score(self, differences: list[Difference]) -> float:
        """From 0 to 1: the share of what was asked for that is so."""
        lost = sum(difference.lost for difference in differences)
        return round(max(0.0, 1 - lost / self.leaves), 3)


def _members(said: Mapping[str, Any], reading: _Reading) -> Members:
    asked: list[tuple[Place, Condition]] = []
    for name, wanted in said.items():
        reading.where.append(name)
        try:
            place = Place(name)
        except InvalidPlace as wrong:
            raise reading.wrong(str(wrong)) from None
        asked.append((place, _condition(wanted, reading)))
        reading.where.pop()
    return Members(said, asked)


def _condition(said: Any, reading: _Reading) -> Condition:
    reading.depth += 1
    reading.leaves += 1
    if reading.depth > _DEPTH:
        raise reading.wrong(f"is more than {_DEPTH} deep")
    if reading.leaves > _LEAVES:
        raise reading.wrong(f"asks for more than {_LEAVES} things")
    try:
        if isinstance(said, list):
            return Entries(said, [_condition(entry, reading) for entry in said])
        if not isinstance(said, Mapping):
            return exactly(said)
        asking = [name for name in said if name.startswith("$") and not name.startswith("$.")]
        if not asking:
            return _members(said, reading)
        if len(asking) != len(said):
            raise reading.wrong("has operators ($...) and plain members: write $and, or one of them")
        found = [_operator(name, said[name], reading) for name in said]
        return found[0] if len(found) == 1 else All(said, found)
    finally:
        reading.depth -= 1


def _operator(name: str, operand: Any, reading: _Reading) -> Condition:
    make = OPERATORS.get(name)
    reading.where.append(name)
    if make is None:
        raise reading.wrong(f"is no operator; there are {', '.join(OPERATORS)}")
    found = make(operand, reading)
    reading.where.pop()
    return found


def _list(operand: Any, reading: _Reading) -> list[Condition]:
    if not isinstance(operand, list) or not operand:
        raise reading.wrong("wants an array with at least one entry")
    return [_condition(entry, reading) for entry in operand]


def _text(operand: Any, reading: _Reading) -> str:
    if not isinstance(operand, str):
        raise reading.wrong("wants a text")
    return operand


def _like(operand: Any, reading: _Reading) -> Condition:
    reading.patterns += 1
    if reading.patterns > _PATTERNS:
        raise reading.wrong(f"is more than the {_PATTERNS}th pattern")
    try:
        return like(pattern(_text(operand, reading)))
    except InvalidPattern as wrong:
        raise reading.wrong(str(wrong)) from None


def _plain(value: Any, reading: _Reading, depth: int = 0) -> Any:
    """A value that is compared whole."""
    reading.leaves += 1
    if depth > _DEPTH:
        raise reading.wrong(f"is more than {_DEPTH} deep")
    if reading.leaves > _LEAVES:
        raise reading.wrong(f"asks for more than {_LEAVES} things")
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for entry in inside:
        _plain(entry, reading, depth + 1)
    return value


def _one_of(operand: Any, reading: _Reading) -> Condition:
    if not isinstance(operand, list):
        raise reading.wrong("wants an array of values")
    return one_of(_plain(operand, reading))


def _there(operand: Any, reading: _Reading) -> Condition:
    if not isinstance(operand, bool):
        raise reading.wrong("wants true or false")
    return there(operand)


def _kind(operand: Any, reading: _Reading) -> Condition:
    if operand not in KINDS:
        raise reading.wrong(f"is none of {', '.join(KINDS)}")
    return of_kind(operand)


def _containing(operand: Any, reading: _Reading) -> Condition:
    text = operand if isinstance(operand, str) else None
    return containing({"$contains": operand}, _condition(operand, reading), text)


def _compared(name: str, ask: Callable[[Any, Any], bool]) -> Callable[[Any, _Reading], Condition]:
    def make(operand: Any, reading: _Reading) -> Condition:
        if isinstance(operand, bool) or not isinstance(operand, int | float | str):
            raise reading.wrong("wants a number or a text")
        return compared(name, operand, ask)

    return make


def _unordered(operand: Any, reading: _Reading) -> Condition:
    if not isinstance(operand, list):
        raise reading.wrong("wants an array")
    entries = [_condition(entry, reading) for entry in operand]
    return Entries({"$unordered": operand}, entries, ordered=False)


#: By name: what makes a condition of the operand.
OPERATORS: Mapping[str, Callable[[Any, _Reading], Condition]] = {
    "$eq": lambda operand, reading: same(_plain(operand, reading)),
    "$ne": lambda operand, reading: negated({"$ne": operand}, exactly(_plain(operand, reading))),
    "$in": _one_of,
    "$exists": _there,
    "$type": _kind,
    "$regex": _like,
    "$contains": _containing,
    "$icontains": lambda operand, reading: textual(
        "$icontains", _text(operand, reading), lambda actual, wanted: wanted in actual, folded=True
    ),
    "$startsWith": lambda operand, reading: textual("$startsWith", _text(operand, reading), str.startswith),
    "$endsWith": lambda operand, reading: textual("$endsWith", _text(operand, reading), str.endswith),
    "$gt": _compared("$gt", operator.gt),
    "$gte": _compared("$gte", operator.ge),
    "$lt": _compared("$lt", operator.lt),
    "$lte": _compared("$lte", operator.le),
    "$size": lambda operand, reading: sized({"$size": operand}, _condition(operand, reading)),
    "$each": lambda operand, reading: each({"$each": operand}, _condition(operand, reading)),
    "$unordered": _unordered,
    "$json": lambda operand, reading: written({"$json": operand}, _condition(operand, reading)),
    "$not": lambda operand, reading: negated({"$not": operand}, _condition(operand, reading)),
    "$and": lambda operand, reading: All({"$and": operand}, _list(operand, reading)),
    "$or": lambda operand, reading: Some({"$or": operand}, _list(operand, reading)),
}
