"""Requests of an AWS rest-xml service as parameters: members by where they travel, coerced and validated.

Unknown query parameters and headers are ignored, as S3 does (signatures and tracing travel there);
unknown XML elements are violations, because S3 validates bodies against its schema (MalformedXML).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from lxml import etree

from contracts import xml
from contracts.aws_model import LENIENT_DATES, Member, Shape, Side
from contracts.aws_values import NotCoercible, from_text
from contracts.contract import Params, Place, Violation
from contracts.exchange import Request, Response

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def query_pairs(query: str) -> Iterator[tuple[str, str]]:
    """The query's names and values, decoded; a name without ``=`` has the value "".

    Bytes that are no UTF-8 come out as lone surrogates, for the caller to refuse.
    """
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            yield unescape(name), unescape(value)


def unescape(text: str) -> str:
    """Percent-decoded query text, where ``+`` is a space."""
    if "%" not in text and "+" not in text:
        return text
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "surrogateescape")


class Reader:
    """Reads the requests of one operation."""

    def __init__(self, side: Side | None) -> None:
        self.side = side

    def read(self, path: Mapping[str, str], request: Request) -> tuple[Params, list[Violation]]:
        """The parameters, and everything that is wrong with them."""
        side = self.side
        broken: list[Violation] = []
        if side is None:
            return Params(path=path), broken
        params = Params(path=self._path(path, broken))
        params.query = self._query(request.query, broken) if request.query and side.query else {}
        params.header = self._headers(request, broken)
        if side.payload is not None or side.body:
            params.body = self._body(request, broken)
        params.settle()
        for member in side.required:
            self._demand(member, params, broken)
        return params, broken

    def _path(self, path: Mapping[str, str], broken: list[Violation]) -> dict[str, str]:
        assert self.side is not None  # noqa: S101 - narrowed by read()
        found: dict[str, str] = {}
        for wire, value in path.items():
            member = self.side.uri.get(wire)
            if member is not None:
                found[member.name] = _single(member, value, "path", broken)
        return found

    def _query(self, query: str, broken: list[Violation]) -> dict[str, Any]:
        assert self.side is not None  # noqa: S101 - narrowed by read()
        found: dict[str, Any] = {}
        for name, value in query_pairs(query):
            member = self.side.query.get(name)
            if member is not None and member.name not in found:
                found[member.name] = _single(member, value, "query", broken)
        return found

    def _headers(self, request: Request, broken: list[Violation]) -> dict[str, Any]:
        assert self.side is not None  # noqa: S101 - narrowed by read()
        known = self.side.headers
        found: dict[str, Any] = {}
        for name, value in request.headers:
            member = known.get(name)
            if member is None:
                for prefixed in self.side.prefixed:
                    _collect(prefixed, name, value, found)
            elif member.shape.type == "list":
                element = member.shape.element
                assert element is not None  # noqa: S101 - every list of a model has an element
                texts = (text.strip() for text in value.split(","))
                items = [_checked(element.shape, text, "header", (member.name,), broken) for text in texts if text]
                found.setdefault(member.name, []).extend(items)
            elif member.name not in found:
                found[member.name] = _single(member, value, "header", broken)
        return {name: value for name, value in found.items() if value is not None}

    def _body(self, request: Request, broken: list[Violation]) -> dict[str, Any] | None:
        side = self.side
        assert side is not None  # noqa: S101 - narrowed by read()
        payload = side.payload
        if payload is not None and (payload.streaming or request.stream is not None):
            return None
        if payload is not None and payload.shape.type == "blob":
            return {payload.name: request.body}
        if not request.body:
            return None
        if payload is not None and payload.shape.type == "string":
            return {payload.name: _decoded(request.body, payload, broken)}
        try:
            root = xml.parse(request.body)
        except xml.MalformedXML as error:
            broken.append(Violation("body", (), "malformed", str(error), expected="xml"))
            return None
        if xml.local_name(root) != side.root:
            message = f"the document's element must be {side.root}"
            broken.append(Violation("body", (), "unknown", message, expected=side.root))
            return None
        if payload is not None:
            return {payload.name: structure(root, payload.shape.by_wire, payload.shape, (payload.name,), broken)}
        return structure(root, side.body, None, (), broken)

    def _demand(self, member: Member, params: Params, broken: list[Violation]) -> None:
        if member.streaming or member.name in params:
            return
        place: Place = _PLACES[member.location]
        if place == "body" and any(violation.place == "body" for violation in broken):
            return
        broken.append(Violation(place, (member.name,), "required", "is required", expected=member.wire))


def received(side: Side, response: Response, broken: list[Violation]) -> dict[str, Any]:
    """The output members of an answer that came as bytes; what cannot be read is added to ``broken``."""
    found: dict[str, Any] = {}
    for name, text in response.headers:
        member = side.headers.get(name.lower())
        if member is not None and member.shape.type != "list":
            found[member.name] = _checked(member.shape, text, "header", (member.name,), broken)
        for prefixed in side.prefixed:
            _collect(prefixed, name.lower(), text, found)
    payload = side.payload
    if not response.body or (payload is not None and (payload.streaming or payload.shape.event_stream)):
        return found
    if payload is not None and payload.shape.type != "structure":
        return {**found, payload.name: response.body.decode("utf-8", "replace")}
    try:
        root = xml.parse(response.body)
    except xml.MalformedXML as error:
        broken.append(Violation("body", (), "malformed", str(error), expected="xml"))
        return found
    if payload is not None:
        found[payload.name] = structure(root, payload.shape.by_wire, payload.shape, (payload.name,), broken)
    elif len(root) == 0 and side.root in side.body:
        # The outermost element is the value itself (GetBucketLocation).
        found[side.body[side.root].name] = root.text
    else:
        found.update(structure(root, side.body, None, (), broken))
    return found


_PLACES: Mapping[str, Place] = {
    "uri": "path",
    "querystring": "query",
    "header": "header",
    "headers": "header",
    "body": "body",
}


def _collect(member: Member, name: str, value: str, found: dict[str, Any]) -> None:
    prefix = member.wire.lower()
    if name.startswith(prefix):
        held = found.setdefault(member.name, {})
        key = name[len(prefix) :]
        # Repeated fields are one, joined by commas (RFC 9110, 5.2).
        held[key] = f"{held[key]},{value}" if key in held else value


def _single(member: Member, text: str, place: Place, broken: list[Violation]) -> Any:
    if place == "header" and member.shape.type == "timestamp":
        return _date(member, text, broken)
    return _checked(member.shape, text, place, (member.name,), broken)


def _date(member: Member, text: str, broken: list[Violation]) -> Any:
    if member.wire.lower() in LENIENT_DATES:
        try:
            return from_text(member.shape, text)
        except NotCoercible:
            return None
    return _checked(member.shape, text, "header", (member.name,), broken)


def _checked(shape: Shape, text: str, place: Place, pointer: tuple[str | int, ...], broken: list[Violation]) -> Any:
    """``text`` as a value of ``shape``, None when it is none."""
    if place != "header" and not _is_unicode(text):
        broken.append(Violation(place, pointer, "malformed", "is not valid UTF-8", expected="utf-8"))
        return None
    try:
        value = from_text(shape, text)
    except NotCoercible as error:
        broken.append(Violation(place, pointer, "type", f"must be a {error.expected}", error.expected, text))
        return None
    limits(shape, value, place, pointer, broken)
    return value


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def limits(shape: Shape, value: Any, place: Place, pointer: tuple[str | int, ...], broken: list[Violation]) -> None:
    """Enum, length and range of one value."""
    if shape.enum is not None and value not in shape.enum:
        allowed = sorted(shape.enum)
        broken.append(Violation(place, pointer, "enum", f"must be one of {', '.join(allowed)}", allowed, value))
    if shape.minimum is None and shape.maximum is None:
        return
    size, low, high = (
        (len(value), "min_length", "max_length")
        if isinstance(value, str | bytes)
        else (
            value,
            "minimum",
            "maximum",
        )
    )
    if shape.minimum is not None and size < shape.minimum:
        message = f"must be at least {shape.minimum}" + (" long" if low == "min_length" else "")
        broken.append(Violation(place, pointer, low, message, shape.minimum, value))  # type: ignore[arg-type]  # low and high are two RuleNames, which a tuple loses
    if shape.maximum is not None and size > shape.maximum:
        message = f"must be at most {shape.maximum}" + (" long" if high == "max_length" else "")
        broken.append(Violation(place, pointer, high, message, shape.maximum, value))  # type: ignore[arg-type]  # as above


def _decoded(body: bytes, member: Member, broken: list[Violation]) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        broken.append(Violation("body", (member.name,), "malformed", "is not valid UTF-8", expected="utf-8"))
        return None


def structure(
    element: etree._Element,
    by_wire: Mapping[str, Member],
    shape: Shape | None,
    pointer: tuple[str | int, ...],
    broken: list[Violation],
) -> dict[str, Any]:
    """The members of an XML element by name; ``shape`` tells which are required."""
    found: dict[str, Any] = {}
    for child in element:
        name = xml.local_name(child)
        member = by_wire.get(name)
        if member is None:
            broken.append(Violation("body", (*pointer, name), "unknown", "is not an element of this document"))
        elif member.flattened and member.shape.type == "list":
            items = found.setdefault(member.name, [])
            assert member.shape.element is not None  # noqa: S101 - every list of a model has an element
            items.append(_value(child, member.shape.element.shape, (*pointer, member.name, len(items)), broken))
        elif member.name in found:
            broken.append(Violation("body", (*pointer, member.name), "conflict", "appears more than once"))
        else:
            found[member.name] = _value(child, member.shape, (*pointer, member.name), broken)
    for member in by_wire.values():
        if member.attribute:
            _attribute(element, member, found, pointer, broken)
    missing = [name for name in shape.required if name not in found] if shape is not None else ()
    broken.extend(Violation("body", (*pointer, name), "required", "is required", name) for name in missing)
    return found


def _attribute(
    element: etree._Element,
    member: Member,
    found: dict[str, Any],
    pointer: tuple[str | int, ...],
    broken: list[Violation],
) -> None:
    # The model writes the attribute with its prefix (xsi:type); lxml gives it with its namespace.
    text = element.get(_XSI + member.wire.rpartition(":")[2])
    if text is not None:
        found[member.name] = _checked(member.shape, str(text), "body", (*pointer, member.name), broken)


def _value(element: etree._Element, shape: Shape, pointer: tuple[str | int, ...], broken: list[Violation]) -> Any:
    if shape.type == "structure":
        return structure(element, shape.by_wire, shape, pointer, broken)
    if shape.type == "list":
        return _list(element, shape, pointer, broken)
    if len(element):
        broken.append(Violation("body", pointer, "type", f"must be a {shape.type}", shape.type, {}))
        return None
    return _checked(shape, element.text or "", "body", pointer, broken)


def _list(element: etree._Element, shape: Shape, pointer: tuple[str | int, ...], broken: list[Violation]) -> list[Any]:
    assert shape.element is not None  # noqa: S101 - every list of a model has an element
    wire = shape.element.wire or "member"
    items: list[Any] = []
    for child in element:
        if xml.local_name(child) != wire:
            broken.append(Violation("body", (*pointer, xml.local_name(child)), "unknown", f"must be {wire}", wire))
        else:
            items.append(_value(child, shape.element.shape, (*pointer, len(items)), broken))
    return items
