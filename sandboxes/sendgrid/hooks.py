"""SendGrid's event webhooks: the account's one endpoint, and what arrives there.

https://www.twilio.com/docs/sendgrid/api-reference/webhooks (2026-11). The compiled contract's document is older than
the endpoints with an id; those without one would change the webhook that the account's owner made first.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from contracts.exchange import Request
from sandboxes.base import BadSignature, HookEndpoint, HookEvent, Hooks, Refused, Upstream
from sandboxes.sendgrid.mail import ARGUMENT
from sandboxes.sendgrid.wire import ask, decoded, members

_SETTINGS: Final = "/v3/user/webhooks/event/settings"

SIGNATURE: Final = "x-twilio-email-event-webhook-signature"
TIMESTAMP: Final = "x-twilio-email-event-webhook-timestamp"

#: SendGrid names no tolerance; what is older is a copy.
TOLERANCE: Final = timedelta(minutes=10)

_EVENTS: Final = (
    "bounce",
    "click",
    "deferred",
    "delivered",
    "dropped",
    "group_resubscribe",
    "group_unsubscribe",
    "open",
    "processed",
    "spam_report",
    "unsubscribe",
)


async def ensure(url: str, known: HookEndpoint | None, send: Upstream) -> HookEndpoint:
    """The webhook with our address, made or switched on again, with every event and a signature."""
    wanted: dict[str, Any] = {"enabled": True, "url": url, **dict.fromkeys(_EVENTS, True)}
    found = await _found(url, known, send)
    if found is None:
        try:
            made = await ask(send, "POST", _SETTINGS, value={**wanted, "friendly_name": "preview-broker"})
        except Refused as refused:
            raise Refused(
                refused.status,
                f"no event webhook could be made: {refused}. A plan allows a few of them: remove one, or use "
                "an account of another plan",
            ) from None
        found = members(made, "id")
    elif any(found.get(name) != value for name, value in wanted.items()):
        await ask(send, "PATCH", f"{_SETTINGS}/{quote(str(found['id']), safe='')}", value=wanted)
    return HookEndpoint(str(found["id"]), await _key(str(found["id"]), send))


async def _found(url: str, known: HookEndpoint | None, send: Upstream) -> dict[str, Any] | None:
    webhooks: list[dict[str, Any]] = members(await ask(send, "GET", f"{_SETTINGS}/all")).get("webhooks") or []
    for each in webhooks:
        if each.get("url") == url or (known is not None and each.get("id") == known.id):
            return each
    return None


async def _key(webhook: str, send: Upstream) -> str:
    """The key that verifies. Signing is switched on where it is off, never off and on: that would make a new pair."""
    path = f"{_SETTINGS}/signed/{quote(webhook, safe='')}"
    value = decoded((await ask(send, "GET", path, accept=(404,))).body)
    if not isinstance(value, dict) or not value.get("public_key"):
        value = members(await ask(send, "PATCH", path, value={"enabled": True}), "public_key")
    return str(value["public_key"])


async def remove(endpoint: HookEndpoint, send: Upstream) -> None:
    """Idempotent."""
    await ask(send, "DELETE", f"{_SETTINGS}/{quote(endpoint.id, safe='')}", accept=(404,))


def verify(request: Request, secret: str, now: datetime) -> Sequence[HookEvent]:
    """The events of one delivery, a JSON array. ``secret`` is the public key, base64 DER."""
    stamp = request.headers.get(TIMESTAMP) or ""
    try:
        signature = base64.b64decode(request.headers.get(SIGNATURE) or "", validate=True)
    except ValueError:  # of letters that no header has, as well as of what is no base64
        raise BadSignature("the signature is not base64") from None
    if not stamp.isdecimal() or len(stamp) > 12:
        raise BadSignature("the timestamp is missing or no number")
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        raise BadSignature("the timestamp is more than ten minutes away from now")
    if not _signed(secret, signature, stamp.encode() + request.body):
        raise BadSignature("the signature is not of this account's webhook key")
    value = decoded(request.body)
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ValueError("the body is not an array of events")
    return [_event(each) for each in value]


def _signed(key: str, signature: bytes, message: bytes) -> bool:
    # Imported here: a server without SendGrid's webhooks never loads the curves.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        # Somebody may have given it by hand, with PEM's lines around it.
        public = load_der_public_key(base64.b64decode(re.sub(r"-----[A-Z ]+-----|\s", "", key)))
    except ValueError:
        raise BadSignature("what is kept as the webhook's public key is none: give it again") from None
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise BadSignature("what is kept as the webhook's public key is of another kind: give it again")
    try:
        public.verify(signature, message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _event(item: Mapping[str, Any]) -> HookEvent:
    """Custom arguments stand beside the event's own members; ours is taken out again, so that the application gets
    what it would get without the broker. ``sg_message_id`` begins with the ``X-Message-Id`` of the send."""
    payload = {name: value for name, value in item.items() if name != ARGUMENT}
    message = str(item.get("sg_message_id") or "").partition(".")[0]
    named = [message, *(str(item[name]) for name in ("batch_id", "asm_group_id", "template_id") if item.get(name))]
    type_ = str(item.get("event") or "")
    marker = item.get(ARGUMENT)
    return HookEvent(
        # Every event of SendGrid's has an id; what has none is told apart by what it says.
        id=str(item.get("sg_event_id") or f"{message}:{type_}:{item.get('email')}:{item.get('timestamp')}"),
        type=type_,
        payload=payload,
        ids=[each for each in named if each],
        markers=[marker] if isinstance(marker, str) else [],
    )


HOOKS: Final = Hooks(ensure=ensure, remove=remove, verify=verify)
