"""An answer's body as the value that is compared."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.answer import read
from contracts.exchange import Response


@pytest.mark.parametrize(
    ("media", "body", "kind", "value"),
    [
        ("application/json", b'{"a": 1}', "json", {"a": 1}),
        ("text/plain", b"[1]", "json", [1]),
        ("application/json", b"{", "bytes", b"{"),
        ("application/xml", b"<Error><Code>x</Code></Error>", "xml", {"Error": {"Code": "x"}}),
        ("text/plain", b"<?xml version='1.0'?><A><B>1</B><B>2</B></A>", "xml", {"A": {"B": ["1", "2"]}}),
        ("application/xml", b"<Error>", "bytes", b"<Error>"),
        ("application/octet-stream", b"x", "bytes", b"x"),
        ("application/json", b"", "none", None),
    ],
)
def test_a_body_is_what_it_can_be_read_as(media: str, body: bytes, kind: str, value: Any) -> None:
    answer = read(Response(200, [("content-type", media), ("x", "1"), ("x", "2")]), body, {"thing": "th_1"})
    assert (answer.kind, answer.value) == (kind, value)
    assert (answer.headers["x"], answer.captured) == ("1", {"thing": "th_1"})
