"""Answers of an AWS rest-xml service: a value as headers and an XML body.

Writers are compiled once per shape, because a list answer holds a thousand structures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from contracts import xml
from contracts.aws_model import Member, Shape, Side
from contracts.aws_values import to_text
from contracts.exchange import Response

#: Appends the XML of a value to the pieces.
Emit = Callable[[Any, list[str]], None]

#: A member's name; what writes it, or else its tags and what makes its text, None where that is the value itself.
_Row = tuple[str, Emit | None, str, str, Callable[[Any], str] | None]

_XML = ("content-type", "application/xml")
_special = xml.SPECIAL.search


class Writer:
    """Writes the answers of one operation."""

    def __init__(self, side: Side | None, namespace: str, compiled: dict[tuple[str, str], Emit]) -> None:
        self.side = side
        self._namespace = namespace
        #: Shared by all operations of a contract: (shape, element) -> emitter.
        self._compiled = compiled
        #: By the member's name: the field, and the shape of a value that is not written as it is.
        self._headers = {
            member.name: (wire, None if member.shape.type == "string" else member.shape)
            for wire, member in (() if side is None else side.headers.items())
        }

    def write(self, value: Mapping[str, Any], status: int) -> Response:
        """The answer that carries ``value``; members of None are left out."""
        response = Response(status, value=value)
        side = self.side
        if side is None:
            return response
        for name, held in value.items():
            found = self._headers.get(name)
            if found is not None and held is not None:
                wire, shape = found
                response.headers.append((wire, held if shape is None else _header_text(shape, held)))
        for member in side.prefixed:
            for name, text in (value.get(member.name) or {}).items():
                response.headers.append((f"{member.wire.lower()}{name.lower()}", text))
        response.body = self._body(side, value)
        # A text of its own (a bucket's policy) is of the type that its service says.
        text = side.payload is not None and side.payload.shape.type == "string"
        if response.body and not text and response.header("content-type") is None:
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
        rows = [self._row(member) for member in members.values() if not member.attribute]

        def emit(value: Any, pieces: list[str]) -> None:
            for name, write, opening, closing, text in rows:
                held = value.get(name)
                if held is None:
                    continue
                if write is not None:
                    write(held, pieces)
                elif text is None:
                    pieces.append(f"{opening}{held}{closing}")
                elif type(held) is str:
                    pieces.append(f"{opening}{held if _special(held) is None else xml.escape(held)}{closing}")
                else:
                    pieces.append(f"{opening}{text(held)}{closing}")

        return emit

    def _row(self, member: Member) -> _Row:
        """How one member is written: single values here and now, because a list has seven thousand of them."""
        shape = member.shape
        if shape.type in ("structure", "list", "map"):
            return member.name, self._member(member), "", "", None
        # Numbers and the words of an enum are written as they are.
        as_it_is = shape.type in ("integer", "long") or shape.enum is not None
        return member.name, None, f"<{member.wire}>", f"</{member.wire}>", None if as_it_is else partial(_text, shape)

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
        pieces.append(f"{opening}{xml.escape(value) if type(value) is str else _text(shape, value)}{closing}")

    return emit


def _text(shape: Shape, value: Any) -> str:
    return xml.escape(to_text(shape, value))


def _header_text(shape: Shape, value: Any) -> str:
    if shape.type == "list":
        assert shape.element is not None  # noqa: S101 - every list of a model has an element
        element = shape.element.shape
        return ",".join(to_text(element, item, header=True) for item in value)
    return to_text(shape, value, header=True)
