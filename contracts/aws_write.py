"""Answers of an AWS rest-xml service: a value as headers and an XML body, and the same value checked.

Writers are compiled once per shape, because a list answer holds a thousand structures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from contracts import xml
from contracts.aws_model import Member, Shape, Side
from contracts.aws_read import limits
from contracts.aws_values import ISO_8601, to_text
from contracts.contract import Place, Violation
from contracts.exchange import Response

#: Appends the XML of a value to the pieces.
Emit = Callable[[Any, list[str]], None]

_XML = ("content-type", "application/xml")


class Writer:
    """Writes the answers of one operation."""

    def __init__(self, side: Side | None, namespace: str, compiled: dict[tuple[str, str], Emit]) -> None:
        self.side = side
        self._namespace = namespace
        #: Shared by all operations of a contract: (shape, element) -> emitter.
        self._compiled = compiled

    def write(self, value: Mapping[str, Any], status: int) -> Response:
        """The answer that carries ``value``; members of None are left out."""
        response = Response(status, value=value)
        side = self.side
        if side is None:
            return response
        for wire, member in side.headers.items():
            held = value.get(member.name)
            if held is not None:
                response.headers.append((wire, _header_text(member.shape, held)))
        for member in side.prefixed:
            for name, text in (value.get(member.name) or {}).items():
                response.headers.append((f"{member.wire.lower()}{name.lower()}", text))
        response.body = self._body(side, value)
        if response.body and response.header("content-type") is None:
            response.headers.append(_XML)
        return response

    def _body(self, side: Side, value: Mapping[str, Any]) -> bytes:
        payload = side.payload
        if payload is None:
            return self._document(side.root, side.shape, side.body, value) if side.body else b""
        held = value.get(payload.name)
        if held is None or payload.shape.event_stream:
            return b""
        if payload.streaming:
            # Opaque bytes that are small enough to be handed over whole; larger ones are the answer's stream.
            return held if isinstance(held, bytes) else b""
        if payload.shape.type == "structure":
            return self._document(side.root, payload.shape, payload.shape.by_wire, held)
        return held if isinstance(held, bytes) else str(held).encode()

    def _document(self, root: str, shape: Shape, members: Mapping[str, Member], value: Mapping[str, Any]) -> bytes:
        pieces = [xml.DECLARATION, f'<{root} xmlns="{self._namespace}">']
        if root in members and len(members) == 1 and members[root].shape.type not in ("structure", "list"):
            # GetBucketLocation's outermost element is the value itself
            # (docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html, response syntax).
            text = value.get(members[root].name)
            pieces.append("" if text is None else xml.escape(to_text(members[root].shape, text)))
        else:
            self._members(members)(value, pieces)
        pieces.append(f"</{root}>")
        return "".join(pieces).encode()

    def _members(self, members: Mapping[str, Member]) -> Emit:
        emitters = [(member.name, self._member(member)) for member in members.values() if not member.attribute]

        def emit(value: Any, pieces: list[str]) -> None:
            for name, write in emitters:
                held = value.get(name)
                if held is not None:
                    write(held, pieces)

        return emit

    def _member(self, member: Member) -> Emit:
        shape = member.shape
        if shape.type == "list":
            assert shape.element is not None  # noqa: S101 - every list of a model has an element
            if member.flattened:
                return _each(self._element(shape.element.shape, member.wire))
            inner = _each(self._element(shape.element.shape, shape.element.wire or "member"))
            return _wrapped(member.wire, inner)
        return self._element(shape, member.wire)

    def _element(self, shape: Shape, wire: str) -> Emit:
        key = (shape.name, wire)
        if key not in self._compiled:
            # Looked up when it runs, so that a shape that contains itself does not recurse here.
            self._compiled[key] = lambda value, pieces: self._compiled[key](value, pieces)
            self._compiled[key] = self._structure(shape, wire) if shape.type == "structure" else _scalar(shape, wire)
        return self._compiled[key]

    def _structure(self, shape: Shape, wire: str) -> Emit:
        inner = self._members(shape.by_wire)
        attributes = [member for member in shape.members if member.attribute]
        if not attributes:
            return _wrapped(wire, inner)

        def emit(value: Any, pieces: list[str]) -> None:
            held = "".join(f' {m.wire}="{xml.escape(str(value[m.name]))}"' for m in attributes if m.name in value)
            pieces.append(f'<{wire} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"{held}>')
            inner(value, pieces)
            pieces.append(f"</{wire}>")

        return emit


def _wrapped(wire: str, inner: Emit) -> Emit:
    opening, closing = f"<{wire}>", f"</{wire}>"

    def emit(value: Any, pieces: list[str]) -> None:
        pieces.append(opening)
        inner(value, pieces)
        pieces.append(closing)

    return emit


def _each(inner: Emit) -> Emit:
    def emit(values: Any, pieces: list[str]) -> None:
        for value in values:
            inner(value, pieces)

    return emit


def _scalar(shape: Shape, wire: str) -> Emit:
    opening, closing = f"<{wire}>", f"</{wire}>"

    def emit(value: Any, pieces: list[str]) -> None:
        text = value if type(value) is str else to_text(shape, value)
        pieces.append(f"{opening}{xml.escape(text)}{closing}")

    return emit


def _header_text(shape: Shape, value: Any) -> str:
    if shape.type == "list":
        assert shape.element is not None  # noqa: S101 - every list of a model has an element
        element = shape.element.shape
        return ",".join(to_text(element, item, header=True) for item in value)
    return to_text(shape, value, header=True)


_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "blob": (bytes,),
    "timestamp": (datetime, str),
}


def check_value(side: Side, value: Any) -> list[Violation]:
    """What ``value`` breaks of the answer's shape. Opaque bodies are not looked at."""
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
