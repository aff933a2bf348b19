"""One side's answer, read for comparison: its status, its header fields, and its body as a value. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from contracts import xml
from contracts.exchange import Response

Kind = Literal["none", "json", "xml", "bytes"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One side's answer, read. ``captured`` are its own ids by the names that the probe gave them."""

    status: int
    kind: Kind
    value: Any
    headers: Mapping[str, str]
    captured: Mapping[str, str] = field(default_factory=dict)


def read(response: Response, body: bytes, captured: Mapping[str, str] | None = None) -> Answer:
    """The answer with its body's value: JSON as it is, XML as ``{root: {...}}``, other bytes as they are."""
    headers: dict[str, str] = {}
    for name, value in response.headers:
        headers.setdefault(name, value)
    kind, value = _body(headers.get("content-type", ""), body)
    return Answer(response.status, kind, value, headers, captured or {})


def _body(media: str, body: bytes) -> tuple[Kind, Any]:
    if not body:
        return "none", None
    if "json" in media or ("xml" not in media and body[:1] in (b"{", b"[")):
        try:
            return "json", orjson.loads(body)
        except orjson.JSONDecodeError:
            return "bytes", body
    if "xml" in media or body.startswith(b"<?xml"):
        try:
            root = xml.parse(body)
        except xml.MalformedXML:
            return "bytes", body
        return "xml", {xml.local_name(root): _element(root)}
    return "bytes", body


def _element(element: Any) -> Any:
    """Children by name, repeated ones as a list; the text of one without children."""
    found: dict[str, Any] = {}
    for child in element:
        name, value = xml.local_name(child), _element(child)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found or (element.text or "").strip()
