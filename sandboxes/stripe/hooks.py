"""Stripe's webhooks: endpoints that the broker keeps alive, and events that are verified and told apart.

An account has room for sixteen endpoints (https://docs.stripe.com/webhooks), so the broker has one, or two where the
account is a Connect platform: events of connected accounts come to an endpoint of their own (``connect``) only. Both
are one HookEndpoint here, their ids and their secrets joined by a blank.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import orjson

from contracts.exchange import Request
from sandboxes.base import BadSignature, HookEndpoint, HookEvent, Hooks, Refused, Resource, Upstream
from sandboxes.stripe import asking, kinds, making, marking, wire

_PATH = "/v1/webhook_endpoints"
#: Seconds: what the official SDKs tolerate between an event's time and ours (stripe-python, ``_webhook.py``).
TOLERANCE = 300


async def ensure(url: str, known: HookEndpoint | None, send: Upstream) -> HookEndpoint:
    """Alive: as it was, switched on again, or made anew. A secret is told only when an endpoint is made
    (https://docs.stripe.com/api/webhook_endpoints/create), so ones at our address that are not known are made anew."""
    if known is not None and all([await _alive(each, url, send) for each in known.id.split()]):
        return HookEndpoint(known.id)
    async for page in asking.pages(send, _PATH):
        for value in page:
            if value.get("url") == url:
                await _remove(str(value.get("id")), send)
    made = [await _create(url, send)]
    try:
        made.append(await _create(url, send, connect=True))
    except Refused as refused:
        # An account that is no Connect platform has no events of connected accounts.
        if refused.status not in (400, 403):
            raise
    return HookEndpoint(" ".join(key for key, _ in made), " ".join(secret for _, secret in made))


async def _alive(key: str, url: str, send: Upstream) -> bool:
    path = f"{_PATH}/{quote(key, safe='')}"
    answer = await asking.get(send, path)
    if asking.missing(answer):
        return False
    value = wire.read(answer)
    if answer.status != 200 or not isinstance(value, Mapping):
        raise asking.refusal(answer)
    if value.get("url") != url or value.get("enabled_events") != ["*"]:
        return False
    # Stripe switches off what keeps failing (https://docs.stripe.com/webhooks#disable).
    if value.get("status") == "disabled":
        switched = await asking.post(send, path, [("disabled", "false")])
        if switched.status != 200:
            raise asking.refusal(switched)
    return True


async def _create(url: str, send: Upstream, *, connect: bool = False) -> tuple[str, str]:
    """The id and the secret. Raises Refused."""
    form = [("url", url), ("enabled_events[]", "*"), ("description", "preview-broker")]
    answer = await asking.post(send, _PATH, [*form, ("connect", "true")] if connect else form)
    value = wire.read(answer)
    if answer.status != 200 or not isinstance(value, Mapping) or not isinstance(value.get("secret"), str):
        raise asking.refusal(answer)
    return str(value.get("id")), value["secret"]


async def remove(endpoint: HookEndpoint, send: Upstream) -> None:
    for key in endpoint.id.split():
        await _remove(key, send)


async def _remove(key: str, send: Upstream) -> None:
    answer = await asking.delete(send, f"{_PATH}/{quote(key, safe='')}")
    if answer.status != 200 and not asking.missing(answer):
        raise asking.refusal(answer)


def verify(request: Request, secret: str, now: datetime) -> Sequence[HookEvent]:
    """The one event of a webhook, as its application may see it (https://docs.stripe.com/webhooks/signature)."""
    _check(request, secret, now)
    try:
        value = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise ValueError("the body of the webhook is not JSON") from error
    if not isinstance(value, dict) or not isinstance(value.get("id"), str) or not isinstance(value.get("type"), str):
        raise ValueError("the body of the webhook is no event")
    payload = orjson.loads(_clean(request.body))
    ids = tuple(dict.fromkeys(_about(value)))
    return [HookEvent(value["id"], value["type"], payload, ids, tuple(_marks(value)), _told(value))]


def _check(request: Request, secret: str, now: datetime) -> None:
    stamps: list[str] = []
    signatures: list[str] = []
    for part in (request.headers.get("stripe-signature") or "").split(","):
        name, _, value = part.strip().partition("=")
        if name == "t":
            stamps.append(value)
        elif name == "v1":
            signatures.append(value)
    if len(stamps) != 1 or not stamps[0].isascii() or not stamps[0].isdigit() or not signatures:
        raise BadSignature("the webhook has no Stripe-Signature of version v1")
    signed = stamps[0].encode() + b"." + request.body
    # Two secrets while one is rolled, or of two endpoints; every comparison takes the same time.
    genuine = False
    for each in secret.split():
        expected = hmac.new(each.encode(), signed, hashlib.sha256).hexdigest().encode()
        for signature in signatures:
            genuine |= hmac.compare_digest(expected, signature.encode("utf-8", "replace"))
    if not genuine:
        raise BadSignature("the webhook is not signed with this account's secret")
    if abs(now.timestamp() - int(stamps[0])) > TOLERANCE:
        raise BadSignature("the webhook was signed more than five minutes from now")


def _clean(body: bytes) -> bytes:
    """Without markers, and with the application's own idempotency key."""
    return wire.ROOMS.sub(rb"\1", marking.unmarked(body))


def _object(event: Mapping[str, Any]) -> Any:
    details = event.get("data")
    return details.get("object") if isinstance(details, Mapping) else None


def _about(event: Mapping[str, Any]) -> Iterator[str]:
    """The object, what it belongs to, and the connected account. Events of ``/v2`` name their object only."""
    for thing in (_object(event), event.get("related_object")):
        own = making.identity(thing)
        if own:
            yield own
        yield from making.belongs_to(thing)
    account = event.get("account")
    if isinstance(account, str) and account:
        yield account


def _told(event: Mapping[str, Any]) -> tuple[Resource, ...]:
    """The object, where Stripe may have made it by itself (a renewal's invoice), and a session's new customer."""
    thing = _object(event)
    own = making.identity(thing)
    if own is None or not isinstance(thing, Mapping) or thing.get("deleted") is True:
        return ()
    kind = kinds.kind_of(own)
    parent = next(iter(making.belongs_to(thing)), "")
    itself = (Resource(kind, own, parent=parent, derived=True),) if kind in making.DERIVED and kind else ()
    return (*itself, *(each for each in making.derived(thing, own) if each.kind == "customer"))


def _marks(event: Mapping[str, Any]) -> Iterator[str]:
    """The object's own marker, then those inside of it."""
    thing = _object(event)
    if isinstance(thing, Mapping):
        first = marking.own_marker(thing)
        found = dict.fromkeys([*([first] if first else []), *marking.markers(thing)])
        yield from found


HOOKS = Hooks(ensure=ensure, remove=remove, verify=verify)
