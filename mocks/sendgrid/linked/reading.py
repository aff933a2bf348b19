"""The picture that tells of an open, and the links that tell of a click and lead on.

https://www.twilio.com/docs/sendgrid/ui/account-and-settings/tracking (2026-11). A link leads where the mail's own link
led, which stands in the message's record, and nowhere else.
"""

from __future__ import annotations

import base64
from typing import Final

from contracts.exchange import Response
from mocks.base import Call, Page, ServiceError
from mocks.sendgrid import tracking
from mocks.sendgrid.linked import markup, visits

#: One transparent dot.
_DOT: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_HEADERS: Final = (
    ("content-type", "image/gif"),
    ("cache-control", "no-cache, no-store, max-age=0"),
    ("x-content-type-options", "nosniff"),
)


async def _opened(call: Call, refused: ServiceError | None) -> Response:
    visit = await visits.found(call)
    if visit is None:
        return markup.nowhere()
    if call.request.method == "GET":
        await visit.happen("open", **visit.agent())
    return Response(200, list(_HEADERS), _DOT)


async def _clicked(call: Call, refused: ServiceError | None) -> Response:
    visit = await visits.found(call)
    target = None if visit is None else tracking.url(visit.sent, visit.token)
    if visit is None or target is None:
        return markup.nowhere()
    if call.request.method == "GET":
        offset = {"index": visit.token.link, "type": "html"}
        await visit.happen("click", **visit.agent(), url=target, url_offset=offset)
    return markup.onward(target)


OPEN: Final = Page(_opened)
CLICK: Final = Page(_clicked)
