"""What SendGrid has for a browser, which comes without a key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from contracts.exchange import Request
from mocks.base import Page
from mocks.sendgrid import activity, downloads, invitations, sender_pages
from mocks.sendgrid.linked import routes
from mocks.sendgrid.marketing import exports, imports

WRITERS: Final[Mapping[str, downloads.Writer]] = {
    "messages": activity.file,
    exports.WHAT: exports.file,
    imports.WHAT: imports.errors,
}


def pages(request: Request) -> Page | None:
    """The page that a request is for, if it is for one."""
    return (
        routes.page(request)
        or downloads.page(request, WRITERS)
        or imports.page(request)
        or sender_pages.page(request)
        or invitations.page(request)
    )
