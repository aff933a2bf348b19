"""Exchanges as tests write them down."""

from __future__ import annotations

import hashlib
from typing import Any

from hypothesis import strategies as st

from broker.cassettes.masking import Masker
from broker.cassettes.recorded import Body, Recorded
from broker.redact import HIDDEN, Redactor

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


#: Texts that are masked, wholly or in part, and such that are not.
_WORDS = st.sampled_from(
    [
        "ada@b.org",
        "Ada <ada@b.org>",
        "a@b.org,c@d.org",
        "+44 20 7946 0000",
        "4242 4242 4242 4242",
        "Ada Lovelace",
        "x" * 50,
        "test_YWNjdF8xTTJKVGtMa2RJd0h1N2l4LF9PNFZ6abcdefGHIJ0123",
        "sk_" + "test_abcdefgh12345678",
        "masked-name-01234567",
        HIDDEN,
        "https://u:p@x.org/?client_secret=abc&b=1",
        "",
        " ",
        "é\n",
        "11111111-2222-3333-4444-555555555555",
        "1790000000",
        "2026-01-01T00:00:00Z",
    ]
)
VALUES = st.lists(_WORDS | st.text(max_size=20), max_size=3).map(" ".join)
NAMES = st.sampled_from(
    [
        "name",
        "email",
        "phone",
        "description",
        "line1",
        "dob[day]",
        "shipping[name]",
        "card[number]",
        "cvc",
        "ip",
        "a[]",
        "x",
    ]
)
_MEMBERS = st.sampled_from(["name", "email", "phone", "address", "dob", "number", "password", "x"])
JSON = st.recursive(
    VALUES | st.integers(0, 10**16) | st.booleans() | st.none() | st.just(4242424242424242),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_MEMBERS, inner, max_size=4),
    max_leaves=8,
)
