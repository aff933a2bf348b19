"""Answers that are not JSON, and which of them a caller accepts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_JSON: Final = "application/json"
_XML: Final = b'<?xml version="1.0" encoding="UTF-8"?><response/>'


def is_json(described: Mapping[str, Any]) -> bool:
    """Whether an answer, as compiled, is JSON."""
    kind = str(described.get("content_type", ""))
    return kind == _JSON or kind.endswith("+json")


def opaque(described: Mapping[str, Any], example: Any) -> bytes | None:
    """The body of an answer that is not JSON: the declared example, else as little as its type allows; None where the
    answer has no body."""
    kind = described.get("content_type")
    if kind is None:
        return None
    if isinstance(example, str):
        return example.encode("utf-8", "replace")
    if kind.endswith("xml"):
        return _XML
    return b"text" if kind.startswith("text/") else b"\0"


def accepted(accept: str | None, described: Mapping[str, Any]) -> bool:
    """Whether a field Accept (RFC 9110, section 12.5.1) takes the answer that a mock gives."""
    kind = described.get("content_type")
    if not accept or kind is None:
        return True
    main = kind.partition("/")[0]
    for one in accept.lower().split(","):
        wanted, *parameters = (part.strip() for part in one.split(";"))
        if any(parameter.replace(" ", "") in ("q=0", "q=0.0") for parameter in parameters):
            continue
        if wanted in ("*/*", "*", kind, f"{main}/*") or (is_json(described) and wanted.endswith("json")):
            return True
    return False
