"""Which page a request is for. What its address carries lets people in, as at SendGrid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from contracts.exchange import Request
from mocks.base import Page
from mocks.sendgrid import tracking
from mocks.sendgrid.linked import leaving, reading

PAGES: Final[Mapping[str, Page]] = {
    tracking.OPEN: reading.OPEN,
    tracking.CLICK: reading.CLICK,
    tracking.UNSUBSCRIBE: leaving.UNSUBSCRIBE,
    tracking.GROUP: leaving.GROUP,
    tracking.PREFERENCES: leaving.PREFERENCES,
}


def page(request: Request) -> Page | None:
    """The page at that path."""
    found = PAGES.get(request.path)
    if found is None or request.method not in ("GET", "HEAD", "POST"):
        return None
    return None if request.method == "POST" and found.act is None else found
