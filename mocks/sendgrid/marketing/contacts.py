"""Contacts: added and changed by their addresses, found, counted, deleted.

https://www.twilio.com/docs/sendgrid/api-reference/contacts (2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from mocks.base import Call, Record
from mocks.sendgrid import ids
from mocks.sendgrid.marketing import fields, jobs, lists, people, segments
from mocks.sendgrid.marketing.answers import itself, missing, wrong

#: "Up to 30,000 contacts, or 6MB of data, whichever is lower": the page of the endpoint. The contract counts them.
MOST_BYTES: Final = 6 * 1024 * 1024
_MOST_SEARCHED: Final = 100
_ADDRESS: Final = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")


async def upsert(call: Call) -> Record:
    """202: each contact is added, or changed where its address is known; what is not told of it stays."""
    if len(call.request.body) > MOST_BYTES:
        raise wrong("the request has more than 6 MB", None, 413)
    sent = call.params.body
    list_ids = await lists.known(call, sent.get("list_ids") or ())
    custom = await fields.custom(call.state)
    for place, contact in enumerate(sent["contacts"]):
        _check(contact, f"contacts[{place}]", custom)
    made = 0
    for contact in sent["contacts"]:
        made += await put(call, contact, list_ids)
    asked = len(sent["contacts"])
    return await jobs.done(call, "upsert", requested_count=asked, created_count=made, updated_count=asked - made)


async def put(call: Call, told: Mapping[str, Any], list_ids: Sequence[str]) -> bool:
    """Add a contact, or change the one with its identifier; whether it was added."""
    told = {**told, "email": (told.get("email") or "").strip().lower()}
    name = next(name for name in people.IDENTIFIERS if told.get(name))
    known = await people.known_as(call.state, name, told[name])
    now = int(call.now.timestamp())
    base: Record = known or {"id": ids.uuid(call), "created": now, "list_ids": [], "custom_fields": {}}
    # An empty text takes away what was there; an identifier stays.
    said = {
        member: told[member]
        for member in people.TOLD
        if told.get(member) is not None and (told[member] != "" or member not in people.IDENTIFIERS)
    }
    if "alternate_emails" in said:
        said["alternate_emails"] = [address.lower() for address in said["alternate_emails"]]
    contact = {
        **base,
        **said,
        "custom_fields": {**base["custom_fields"], **(told.get("custom_fields") or {})},
        "list_ids": list(dict.fromkeys([*base["list_ids"], *list_ids])),
        "updated": now,
    }
    await people.store(call.state, contact)
    return known is None


def fault_of(contact: Mapping[str, Any], custom: Sequence[Record]) -> tuple[str, str] | None:
    """What is wrong with what a caller says of a contact, and where."""
    if not any(contact.get(name) for name in people.IDENTIFIERS):
        return "a contact has an email, phone_number_id, external_id or anonymous_id", "email"
    for name, addresses in (
        ("email", [contact.get("email")]),
        ("alternate_emails", contact.get("alternate_emails") or ()),
    ):
        for address in addresses:
            if address and not _ADDRESS.fullmatch(address.strip()):
                return f"{address} is no valid email address", name
    known = {field["id"]: field for field in custom}
    told = contact.get("custom_fields") or {}
    if unknown := [name for name in told if name not in known]:
        # The sentence is the API's (sendgrid-nodejs issue 953).
        return f"invalid custom field ids supplied - {','.join(unknown)}", "custom_fields"
    faults = (fields.fault_of(known[name], value) for name, value in told.items())
    message = next(filter(None, faults), None)
    return (message, "custom_fields") if message else None


def _check(contact: Mapping[str, Any], place: str, custom: Sequence[Record]) -> None:
    if fault := fault_of(contact, custom):
        raise wrong(fault[0], f"{place}.{fault[1]}")


async def sample(call: Call) -> Record:
    """The newest fifty, by address, and how many there are."""
    found = await people.newest(call.state)
    return {
        "result": await display(call, found),
        "contact_count": await people.count(call.state),
        "_metadata": itself(call, "contacts"),
    }


async def display(call: Call, found: Sequence[Record]) -> list[Record]:
    """Contacts as answers show them, with the segments that they are in."""
    if not found:
        return []
    custom = await fields.custom(call.state)
    held = await segments.of(call, found)
    return [people.shown(call, contact, custom, held.get(contact["id"], ())) for contact in found]


async def total(call: Call) -> Record:
    """How many there are."""
    number = await people.count(call.state)
    return {"contact_count": number, "billable_count": number}


async def retrieve(call: Call) -> Record:
    """One contact."""
    contact_id = str(call.params.path["id"])
    contact = await call.state.get(people.KIND, contact_id)
    if contact is None:
        raise missing("contact", contact_id)
    return (await display(call, [contact]))[0]


async def batch(call: Call) -> Record:
    """Those of up to a hundred ids that there are."""
    wanted = dict.fromkeys(call.params.body["ids"])
    found = [contact for key in wanted if (contact := await call.state.get(people.KIND, key))]
    return {"result": await display(call, found)}


async def by_email(call: Call) -> Record:
    """The contacts at addresses, alternate ones included; 404 where there is none at all."""
    asked = [address.strip() for address in call.params.body["emails"] if address.strip()]
    return await _found_by(call, "email", asked, "emails")


async def by_identifier(call: Call) -> Record:
    """The contacts with identifiers of one kind."""
    name = str(call.params.path["identifier_type"])
    asked = [each[name].strip() for each in call.params.body["identifiers"] if (each.get(name) or "").strip()]
    return await _found_by(call, name, asked, "identifiers")


async def _found_by(call: Call, name: str, asked: Sequence[str], field: str) -> Record:
    if not asked:
        raise wrong(f"{field} must have at least one value", field)
    if len(asked) > _MOST_SEARCHED:
        raise wrong(f"{field} has at most {_MOST_SEARCHED} values", field)
    if name == "email" and (bad := [address for address in asked if not _ADDRESS.fullmatch(address)]):
        raise wrong(f"{bad[0]} is no valid email address", field)
    result: Record = {}
    for value in dict.fromkeys(address.lower() if name == "email" else address for address in asked):
        contact = await (people.at(call.state, value) if name == "email" else people.known_as(call.state, name, value))
        if contact is None:
            result[value] = {"error": "contact not found"}
        else:
            result[value] = {"contact": (await display(call, [contact]))[0]}
    if all("error" in each for each in result.values()):
        raise wrong("contact not found", None, 404)
    return {"result": result}


async def delete(call: Call) -> Record:
    """202: those with ``ids`` are deleted, or all of them."""
    query = call.params.query
    everybody = (query.get("delete_all_contacts") or "").lower() == "true"
    wanted = [key.strip() for key in (query.get("ids") or "").split(",") if key.strip()]
    if everybody == bool(wanted):
        raise wrong("either ids or delete_all_contacts=true is required", "ids")
    found = [contact["id"] async for contact in people.every(call.state)] if everybody else wanted
    gone = 0
    for key in found:
        gone += await call.state.delete(people.KIND, key)
    return await jobs.done(call, "delete", requested_count=len(found), deleted_count=gone)


async def delete_identifier(call: Call) -> Record:
    """202: a contact loses one of its identifiers, but not its last."""
    contact_id = str(call.params.path["contact_id"])
    contact = await call.state.get(people.KIND, contact_id)
    if contact is None:
        raise missing("contact", contact_id)
    sent = call.params.body
    kinds = {name.replace("_", "").upper(): name for name in people.IDENTIFIERS}
    name = kinds.get(sent["identifier_type"].upper())
    if name is None:
        raise wrong(f"identifier_type is one of {', '.join(kinds)}", "identifier_type")
    value = sent["identifier_value"].lower() if name == "email" else sent["identifier_value"]
    alone = sum(1 for each in people.IDENTIFIERS if contact.get(each)) == 1
    failed = contact.get(name) != value or alone
    if not failed:
        left = {member: held for member, held in contact.items() if member != name}
        await people.store(call.state, {**left, "updated": int(call.now.timestamp())})
    return await jobs.done(
        call, "delete", requested_count=1, deleted_count=0 if failed else 1, errored_count=1 if failed else 0
    )
