"""Bodies of Mail Send that come compressed, as sendgrid-go writes them for the header ``Content-Encoding: gzip``.

https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send (mail body compression, 2026-11): there for some
accounts with much mail, here for all.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from contracts.contract import Operation
from contracts.exchange import Request
from mocks.sendgrid import bounds, wording
from mocks.sendgrid.errors import Fault, refused

_SEND: Final = "POST_mail-send"
_FIELD: Final = "content-encoding"


def adapt(operation: Operation, request: Request, options: Mapping[str, Any]) -> Request:
    """The request with the body that was meant; any other request as it is. Raises ServiceError: 400 for what is not
    gzip, 413 for more than a message may have."""
    if operation.id != _SEND or (request.headers.get(_FIELD) or "").strip().lower() != "gzip":
        return request
    return replace(request, body=_unpacked(request.body))


def _unpacked(body: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(body, bounds.MOST_OF_ONE + 1)
    except zlib.error:
        raise refused([Fault("Bad Request")]) from None
    if len(content) > bounds.MOST_OF_ONE:
        raise refused([Fault(wording.TOO_LARGE)], 413)
    if not unpacker.eof:
        raise refused([Fault("Bad Request")])
    return content
