"""Event webhooks as SendGrid sends them: signed arrays of events.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event (2026-11); how they are signed is in
mocks/sendgrid/signing.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from contracts.exchange import Headers, Request
from mocks.base import Target
from mocks.posting import Batching
from mocks.sendgrid import inbound, webhook_secrets
from mocks.sendgrid.happenings import posted
from mocks.sendgrid.signing import Seal

#: Events that a request holds: SendGrid posts what it has each second, or as soon as it is 768 KB
#: (https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook, 2026-11).
_MOST: Final = 1000


def sign_batch(payloads: Sequence[Mapping[str, Any]], target: Target, time: datetime) -> Request:
    """The delivery of events: SendGrid sends arrays of them. The line end belongs to the signed bytes, as it does in
    SendGrid's own (their page on verification warns of parsers that drop it). A target without a key has signing
    switched off."""
    body = orjson.dumps([posted(payload) for payload in payloads]) + b"\r\n"
    headers = [
        ("accept-encoding", "gzip"),
        ("content-type", "application/json; charset=utf-8"),
        ("user-agent", "SendGrid Event API"),
    ]
    if key := webhook_secrets.read(target.secret).key:
        seal = Seal(key, time)
        seal.update(body)
        headers += seal.headers()
    url = urlsplit(target.url)
    return Request(
        method="POST",
        path=url.path or "/",
        query=url.query,
        headers=Headers(headers),
        body=body,
        host=url.netloc,
        scheme=url.scheme,
    )


def sign_event(payload: Mapping[str, Any], target: Target, time: datetime) -> Request:
    """The delivery of one event, an array of one; or the head of a mail that arrived."""
    return inbound.posted(payload, target) if inbound.is_one(payload) else sign_batch([payload], target, time)


BATCHING: Final = Batching(sign=sign_batch, most=_MOST, of=lambda payload: not inbound.is_one(payload))
