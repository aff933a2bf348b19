"""How a single send leaves: a mail to each of its contacts, some at a time, through the pipeline of Mail Send.

Contents are dynamic templates whose values are the contact's fields, the account's own among them, and the sender's
``Sender_Name``, ``Sender_Address``, ``Sender_City``, ``Sender_State``, ``Sender_Zip`` and ``Sender_Country``
(https://www.twilio.com/docs/sendgrid/ui/sending-email/editor, substitution tags, 2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mocks.base import Call, Record
from mocks.sendgrid import accounts, agenda, delivering, sender_identities
from mocks.sendgrid.marketing import fields, people, queries, segments
from mocks.sendgrid.templates import Version

KIND: Final = "mc_single_send"
#: The agenda's word for a single send that leaves.
LEAVES: Final = "single_send"
#: How many contacts are written to in one transaction.
EACH: Final = 100
_SENDER: Final = ("address", "city", "state", "zip", "country")


def name_of(call: Call, send_id: str) -> str:
    """What the agenda knows a single send by."""
    return f"{accounts.name(call)}/{send_id}"


async def plan(call: Call, send_id: str, at: int, after: str | None = None) -> None:
    """It leaves at the Unix time ``at``, to the contacts after ``after``."""
    told = {"account": accounts.name(call), "single_send": send_id, "after": after}
    await agenda.put(call.state, at, LEAVES, name_of(call, send_id), **told)


async def leave(call: Call, entry: Mapping[str, Any]) -> None:
    """Write to the next of the contacts, and plan the rest."""
    record = await call.state.get(KIND, entry["single_send"])
    if record is None:
        return
    if record["status"] == "scheduled":
        record = {**record, "status": "triggered"}
        await call.state.put(KIND, record["id"], record)
    contacts = await call.state.page(people.KIND, order="oldest", after=entry["after"], limit=EACH)
    sender = await sender_identities.found(call, record["email_config"]["sender_id"])
    if sender is not None:
        chosen = await _chosen(call, record, contacts)
        custom = await fields.custom(call.state)
        for contact in contacts:
            if contact["id"] in chosen and contact.get("email"):
                await _send(call, record, sender, contact, custom)
    if len(contacts) == EACH:
        await plan(call, record["id"], entry["at"], contacts[-1]["id"])


async def _chosen(call: Call, record: Record, contacts: Any) -> set[str]:
    """The ids of those of ``contacts`` that the single send is for."""
    to = record["send_to"]
    lists = set(to["list_ids"])
    chosen = {contact["id"] for contact in contacts if to["all"] or lists & set(contact["list_ids"])}
    if to["segment_ids"] and not to["all"]:
        world = await queries.world(call, contacts)
        for segment in await segments.every(call.state):
            if segment["id"] in to["segment_ids"]:
                chosen |= {contact["id"] for contact in segments.members(segment, world)}
    return chosen


async def _send(call: Call, record: Record, sender: Record, contact: Record, custom: Any) -> None:
    config = record["email_config"]
    body: Record = {
        "personalizations": [{"to": [_person(contact)], "dynamic_template_data": values(contact, sender, custom)}],
        "from": _sender(sender["from"]),
        "reply_to": _sender(sender["reply_to"]),
        "categories": record["categories"],
        "custom_args": {"singlesend_id": record["id"], "singlesend_name": record["name"], "mc_stats": "singlesend"},
    }
    if config["suppression_group_id"]:
        body["asm"] = {"group_id": config["suppression_group_id"]}
    if config["ip_pool"]:
        body["ip_pool_name"] = config["ip_pool"]
    sending = await delivering.begun(call, body, call.new_id("", 22), ())
    text = config["plain_content"]
    sending.version = Version(
        record["id"], record["id"], record["name"], config["subject"], config["html_content"], text, dynamic=True
    )
    own = config["custom_unsubscribe_url"]
    if own:
        body["personalizations"][0]["dynamic_template_data"] |= {"unsubscribe": own, "unsubscribe_preferences": own}
    await delivering.deliver(sending, 0)


def _person(contact: Record) -> Record:
    name = " ".join(filter(None, (contact.get("first_name"), contact.get("last_name"))))
    return {"email": contact["email"], **({"name": name} if name else {})}


def _sender(person: Record) -> Record:
    return {name: value for name, value in person.items() if name in ("email", "name") and value}


def values(contact: Record, sender: Record, custom: Any) -> dict[str, Any]:
    """What the tags of a mail to that contact stand for."""
    held = contact["custom_fields"]
    found: dict[str, Any] = {name: contact.get(name) or "" for name in people.TOLD if name != "alternate_emails"}
    found |= {field["name"]: held[field["id"]] for field in custom if field["id"] in held}
    found["Sender_Name"] = sender["from"].get("name") or sender["nickname"]
    return found | {f"Sender_{name.capitalize()}": sender[name] for name in _SENDER}
