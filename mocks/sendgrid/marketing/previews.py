"""Mails that show what a dynamic template makes of its test data, before a campaign is sent.

https://www.twilio.com/docs/sendgrid/api-reference/send-test-email (2026-11): to ten addresses, with a template and
either a sender or an address that it is from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from mocks.base import Call, Handler, Record
from mocks.sendgrid import delivering, sender_identities, templates
from mocks.sendgrid.errors import told


async def send(call: Call) -> Record:
    """202: the active version, or the one that is named, to each of the addresses."""
    sent: Mapping[str, Any] = call.params.body or {}
    template_id = str(sent["template_id"])
    version = await _version(call, template_id, sent.get("version_id_override"))
    body: Record = {"from": await _from(call, sent), "personalizations": []}
    if sent.get("suppression_group_id"):
        body["asm"] = {"group_id": sent["suppression_group_id"]}
    known = dict(version["values"])
    if own := sent.get("custom_unsubscribe_url"):
        known |= {"unsubscribe": own, "unsubscribe_preferences": own}
    for address in sent["emails"]:
        body["personalizations"].append({"to": [{"email": address}], "dynamic_template_data": known})
    sending = await delivering.begun(call, body, call.new_id("", 22), ())
    sending.version = version["version"]
    for place in range(len(body["personalizations"])):
        await delivering.deliver(sending, place)
    return {}


async def _version(call: Call, template_id: str, version_id: str | None) -> Record:
    """A version as mails are made of it, and its test data."""
    if not template_id.startswith(templates.DYNAMIC):
        raise told(400, "template_id must be the id of a dynamic template", "template_id")  # wording ours
    found = [one for one in await templates.versions(call.state, template_id) if _is(one, version_id)]
    if not found:
        raise told(400, "the template is not there, or has no such version", "template_id")  # wording ours
    values = orjson.loads(found[0].get("test_data") or "{}")
    return {"version": templates.version_of(found[0]), "values": values if isinstance(values, dict) else {}}


def _is(one: Record, version_id: str | None) -> bool:
    return one["id"] == version_id if version_id else bool(one["active"])


async def _from(call: Call, sent: Mapping[str, Any]) -> Record:
    if sent.get("sender_id") is not None:
        sender = await sender_identities.found(call, int(sent["sender_id"]))
        if sender is None:
            raise told(400, "the sender is not there", "sender_id")  # wording ours
        return {name: value for name, value in sender["from"].items() if value}
    if not sent.get("from_address"):
        raise told(400, "sender_id or from_address is required", "sender_id")  # wording ours
    return {"email": sent["from_address"]}


OPERATIONS: Final[Mapping[str, Handler]] = {"POST_marketing-test-send_email": send}
