"""Which answers a caller accepts, and what stands in those that are not JSON."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.generic import media


@pytest.mark.parametrize(
    ("kind", "example", "body"),
    [
        ("text/csv", "a,b\n", b"a,b\n"),
        ("text/csv", {"no": "text"}, b"text"),
        ("text/html", None, b"text"),
        ("application/pdf", None, b"\0"),
        ("application/xml", None, b'<?xml version="1.0" encoding="UTF-8"?><response/>'),
        (None, None, None),
    ],
)
def test_as_little_as_the_type_allows(kind: str | None, example: Any, body: bytes | None) -> None:
    assert media.opaque({} if kind is None else {"content_type": kind}, example) == body


@pytest.mark.parametrize(("kind", "found"), [("application/json", True), ("a/b+json", True), ("text/csv", False)])
def test_what_is_json(kind: str, found: bool) -> None:
    assert media.is_json({"content_type": kind}) is found


@pytest.mark.parametrize(
    ("accept", "kind", "taken"),
    [
        (None, "text/csv", True),
        ("*/*", "text/csv", True),
        ("text/*", "text/csv", True),
        ("image/png, text/csv;q=0.5", "text/csv", True),
        ("text/csv;q=0", "text/csv", False),
        ("text/csv; q=0.0, image/png", "text/csv", False),
        ("application/vnd.x+json", "application/json", True),
        ("image/png", None, True),
        ("image/png", "application/json", False),
    ],
)
def test_what_is_accepted(accept: str | None, kind: str | None, taken: bool) -> None:
    assert media.accepted(accept, {} if kind is None else {"content_type": kind}) is taken
