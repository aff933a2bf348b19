"""The values of answers held against their shapes.

Nearly all are right, and a list's answer holds a thousand structures: each shape has a test, compiled once, that tells
right from wrong. What is wrong is looked at a second time, to say where and why.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from contracts.aws_model import Shape, Side
from contracts.aws_read import limits
from contracts.aws_values import ISO_8601
from contracts.contract import Place, Violation

#: Whether a value is right.
Test = Callable[[Any], bool]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "blob": (bytes,),
    "timestamp": (datetime, str),
}


class Checker:
    """Checks the answers of one operation. ``tests`` are those of the contract, by the shape's name."""

    def __init__(self, side: Side, tests: dict[str, Test]) -> None:
        self._side = side
        streamed = side.payload.name if side.payload is not None and side.payload.streaming else None
        # Opaque bodies are not looked at.
        self._right = _structure_test(side.shape, tests, streamed)

    def check(self, value: Any) -> list[Violation]:
        """What ``value`` breaks of the answer's shape."""
        return [] if self._right(value) else _violations(self._side, value)


def _anything(value: Any) -> bool:
    return True


def _test(shape: Shape, tests: dict[str, Test]) -> Test:
    """The shape's test. One that says yes where ``_check`` finds something would be wrong; the other way costs time."""
    found = tests.get(shape.name)
    if found is None:
        # Looked up when it runs, so that a shape that contains itself does not recurse here.
        tests[shape.name] = lambda value: tests[shape.name](value)
        found = tests[shape.name] = _compiled(shape, tests)
    return found


def _compiled(shape: Shape, tests: dict[str, Test]) -> Test:
    kind = shape.type
    if kind == "structure":
        return _structure_test(shape, tests)
    if kind == "list":
        assert shape.element is not None  # noqa: S101 - every list of a model has an element
        element = _test(shape.element.shape, tests)
        return lambda value: isinstance(value, list | tuple) and all(map(element, value))
    if kind == "timestamp":
        return lambda value: ISO_8601.match(value) is not None if type(value) is str else isinstance(value, datetime)
    exact, enum = _EXACT.get(kind), shape.enum
    if exact is str:
        low, high = shape.minimum or 0, shape.maximum if shape.maximum is not None else sys.maxsize
        if enum is not None:
            return lambda value: type(value) is str and value in enum and low <= len(value) <= high
        return lambda value: type(value) is str and low <= len(value) <= high
    if exact is not None and _unlimited(shape):
        return lambda value: type(value) is exact

    def test(value: Any) -> bool:
        broken: list[Violation] = []
        _check(shape, value, "body", (), broken)
        return not broken

    return test


_EXACT: Mapping[str, type] = {"string": str, "integer": int, "long": int, "boolean": bool, "blob": bytes}


def _structure_test(shape: Shape, tests: dict[str, Test], unseen: str | None = None) -> Test:
    """``unseen`` is the member that is not looked at."""
    required = shape.required
    members = {m.name: _anything if m.name == unseen else _test(m.shape, tests) for m in shape.members}
    #: Members of which all values of the type are right: most, and a call apiece is most of the time.
    exact = {m.name: _EXACT[m.shape.type] for m in shape.members if m.name != unseen and _unlimited(m.shape)}

    def test(value: Any) -> bool:
        if type(value) is not dict:
            return False
        for name, held in value.items():
            if type(held) is exact.get(name) or (held is None and name in members):
                continue
            right = members.get(name)
            if right is None or not right(held):
                return False
        return not required or all(value.get(name) is not None for name in required)

    return test


def _unlimited(shape: Shape) -> bool:
    return shape.type in _EXACT and shape.enum is None and shape.minimum is None and shape.maximum is None


def _violations(side: Side, value: Any) -> list[Violation]:
    broken: list[Violation] = []
    if not isinstance(value, Mapping):
        return [Violation("body", (), "type", "must be a structure", "structure")]
    streamed = side.payload.name if side.payload is not None and side.payload.streaming else None
    places: dict[str, Place] = {m.name: "header" for m in (*side.headers.values(), *side.prefixed)}
    by_name = {member.name: member for member in side.shape.members}
    for name, held in value.items():
        place = places.get(name, "body")
        if name not in by_name:
            broken.append(Violation(place, (name,), "unknown", "is not part of the answer"))
        elif held is not None and name != streamed:
            _check(by_name[name].shape, held, place, (name,), broken)
    missing = [name for name in side.shape.required if value.get(name) is None]
    broken.extend(Violation(places.get(name, "body"), (name,), "required", "is required") for name in missing)
    return broken


def _check(shape: Shape, value: Any, place: Place, pointer: tuple[str | int, ...], broken: list[Violation]) -> None:
    kind = shape.type
    if kind == "structure":
        _check_structure(shape, value, place, pointer, broken)
    elif kind == "list":
        if not isinstance(value, list | tuple):
            broken.append(Violation(place, pointer, "type", "must be a list", "list", value))
            return
        assert shape.element is not None  # noqa: S101 - every list of a model has an element
        for index, item in enumerate(value):
            _check(shape.element.shape, item, place, (*pointer, index), broken)
    elif kind == "map":
        if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
            broken.append(Violation(place, pointer, "type", "must be a map of texts", "map", value))
    elif not isinstance(value, _TYPES[kind]) or (kind in ("integer", "long") and isinstance(value, bool)):
        broken.append(Violation(place, pointer, "type", f"must be a {kind}", kind, value))
    elif kind == "timestamp" and isinstance(value, str) and not ISO_8601.match(value):
        broken.append(Violation(place, pointer, "format", "must be an ISO 8601 time", "timestamp"))
    else:
        limits(shape, value, place, pointer, broken)


def _check_structure(
    shape: Shape, value: Any, place: Place, pointer: tuple[str | int, ...], broken: list[Violation]
) -> None:
    if not isinstance(value, Mapping):
        broken.append(Violation(place, pointer, "type", "must be a structure", "structure", value))
        return
    known = 0
    for member in shape.members:
        held = value.get(member.name)
        known += member.name in value
        if held is not None:
            _check(member.shape, held, place, (*pointer, member.name), broken)
    if known != len(value):
        names = {member.name for member in shape.members}
        extra = [name for name in value if name not in names]
        broken.extend(Violation(place, (*pointer, name), "unknown", "is not part of the answer") for name in extra)
    missing = [name for name in shape.required if value.get(name) is None]
    broken.extend(Violation(place, (*pointer, name), "required", "is required") for name in missing)
