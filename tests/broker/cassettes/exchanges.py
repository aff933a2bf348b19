"""Exchanges as tests write them down."""

from __future__ import annotations

import hashlib
from typing import Any

from broker.cassettes.masking import Masker
from broker.cassettes.recorded import Body, Recorded
from broker.redact import Redactor

REDACTOR = Redactor()


def digest(value: str) -> str:
    """Eight hexadecimal digits, the same for the same value."""
    return hashlib.sha256(value.encode()).hexdigest()[:8]


def masker() -> Masker:
    """Of a cassette of its own."""
    return Masker(REDACTOR, digest)


def asked(method: str = "POST", path: str = "/v1/things", status: int = 200, **changes: Any) -> Recorded:
    """One exchange; ``form`` and ``json`` are the request's body, ``answer`` the answer's value."""
    request = Body("form", changes.pop("form")) if "form" in changes else Body()
    if "json" in changes:
        request = Body("json", changes.pop("json"))
    if "answer" in changes:
        changes["response"] = Body("json", changes.pop("answer"))
    changes.setdefault("operation", "things.create")
    changes.setdefault("request", request)
    return Recorded(method=method, path=path, status=status, **changes)
