"""Only some paths have pages."""

from __future__ import annotations

from contracts.exchange import Request
from mocks.sendgrid.pages import WRITERS, pages


def test_what_has_a_page() -> None:
    assert pages(Request(method="GET", path="/downloads/x")) is not None
    assert pages(Request(method="GET", path="/verify_sender")) is not None
    assert pages(Request(method="GET", path="/v3/scopes")) is None
    assert "messages" in WRITERS
