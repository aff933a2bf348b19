"""Signing of an event webhook's deliveries, on and off, with a key pair of its own.

https://www.twilio.com/docs/sendgrid/api-reference/webhooks/toggle-signature-verification-for-an-event-webhook
(2026-11).
"""

from __future__ import annotations

from mocks.base import Call, Record
from mocks.sendgrid import event_webhooks as webhooks
from mocks.sendgrid import signing


async def retrieve(call: Call) -> Record:
    """The public key of one; empty where it does not sign."""
    return _shown(await webhooks.named(call))


async def toggle(call: Call) -> Record:
    """The same key is there when it is switched on again."""
    return _shown(await _toggled(call, await webhooks.named(call)))


async def retrieve_oldest(call: Call) -> Record:
    """Without an id: the oldest one's."""
    record = await webhooks.oldest(call)
    return {"id": "", "public_key": ""} if record is None else _shown(record)


async def toggle_oldest(call: Call) -> Record:
    """The oldest one, which is made, hearing nothing, where there was none."""
    record = await webhooks.oldest(call)
    return _shown(await _toggled(call, webhooks.new(call) if record is None else record))


async def _toggled(call: Call, record: Record) -> Record:
    signed = bool((call.params.body or {})["enabled"])
    changed = {**record, "signed": signed}
    if signed and "key" not in record:
        key, _ = signing.new_key(lambda length, letters: call.new_id("", length))
        changed.update(key=call.seal(key), public_key=signing.public_key(key))
    await webhooks.store(call, changed)
    return changed


def _shown(record: Record) -> Record:
    return {"id": record["id"], "public_key": record["public_key"] if record.get("signed") else ""}
