"""Lists of contacts.

https://www.twilio.com/docs/sendgrid/api-reference/lists (2026-11).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mocks.base import Call, Record, Reply, UnknownCursor
from mocks.sendgrid import ids
from mocks.sendgrid.marketing import jobs, people
from mocks.sendgrid.marketing.answers import itself, link, missing, wrong

KIND: Final = "mc_list"
#: How many lists an account has at most: a limit of ours, far above anybody's need.
MOST: Final = 10_000
_USUAL: Final = 100


async def known(call: Call, list_ids: Sequence[str]) -> list[str]:
    """``list_ids`` without doubles. Raises ServiceError, 404, where one of them is no list's."""
    found = list(dict.fromkeys(list_ids))
    for list_id in found:
        if await call.state.get(KIND, list_id) is None:
            raise wrong("one of the specified lists does not exist", "list_ids", 404)
    return found


async def create(call: Call) -> Record:
    """A new list; its name is no other's."""
    sent = call.params.body or {}
    await _refuse_twin(call, sent["name"])
    if await call.state.count(KIND) >= MOST:
        raise wrong(f"an account has at most {MOST} lists")
    record = {"id": ids.uuid(call), "name": sent["name"]}
    await call.state.put(KIND, record["id"], record, {"name": sent["name"].lower()})
    return await _shown(call, record)


async def list_all(call: Call) -> Record:
    """A page of lists, the oldest first; ``page_token`` goes on after another one's."""
    size, token = int(call.params.query.get("page_size") or _USUAL), call.params.query.get("page_token") or None
    try:
        found = list(await call.state.page(KIND, order="oldest", after=token, limit=size + 1))
    except UnknownCursor:
        raise wrong("page_token is none of this account's", "page_token") from None
    shown = found[:size]
    metadata: Record = {
        "self": link(call, "lists", page_size=size, page_token=token or ""),
        "count": await call.state.count(KIND),
    }
    if token is not None:
        earlier = await call.state.page(KIND, order="oldest", before=shown[0]["id"] if shown else token, limit=size + 1)
        first = earlier[0]["id"] if len(earlier) > size else ""
        metadata["prev"] = link(call, "lists", page_size=size, page_token=first)
    if len(found) > size:
        metadata["next"] = link(call, "lists", page_size=size, page_token=shown[-1]["id"])
    return {"result": [await _shown(call, record) for record in shown], "_metadata": metadata}


async def retrieve(call: Call) -> Record:
    """One list; with ``contact_sample`` the newest fifty on it."""
    record = await _named(call)
    found = await _shown(call, record)
    if call.params.query.get("contact_sample"):
        custom = await people.custom_of(call)
        sample = await people.newest(call.state, record["id"])
        found["contact_sample"] = [people.shown(call, contact, custom) for contact in sample]
    return found


async def rename(call: Call) -> Record:
    """Another name."""
    record = await _named(call)
    name = (call.params.body or {}).get("name")
    if not name:
        raise wrong("name is required", "name")
    if name.lower() != record["name"].lower():
        await _refuse_twin(call, name)
    record = {**record, "name": name}
    await call.state.put(KIND, record["id"], record, {"name": name.lower()})
    return await _shown(call, record)


async def delete(call: Call) -> Reply:
    """204: the list goes; with ``delete_contacts`` 200, and a job deletes who was on it, too."""
    record = await _named(call)
    contacts = [contact async for contact in people.every(call.state, record["id"])]
    await call.state.delete(KIND, record["id"])
    if not call.params.query.get("delete_contacts"):
        for contact in contacts:
            await _take_off(call, contact, record["id"])
        return Reply(status=204)
    for contact in contacts:
        await call.state.delete(people.KIND, contact["id"])
    told = await jobs.done(call, "delete", requested_count=len(contacts), deleted_count=len(contacts))
    return Reply(told, 200)


async def counted(call: Call) -> Record:
    """How many are on the list."""
    number = await people.count(call.state, (await _named(call))["id"])
    return {"contact_count": number, "billable_count": number}


async def remove(call: Call) -> Record:
    """202: contacts are taken off the list. 404 where one of them is nobody."""
    record = await _named(call)
    wanted = [key.strip() for key in call.params.query["contact_ids"].split(",") if key.strip()]
    contacts = []
    for key in dict.fromkeys(wanted):
        contact = await call.state.get(people.KIND, key)
        if contact is None:
            raise missing("contact", key)
        contacts.append(contact)
    if not contacts:
        raise wrong("contact_ids is required", "contact_ids")
    for contact in contacts:
        await _take_off(call, contact, record["id"])
    return await jobs.done(call, "upsert", requested_count=len(contacts), updated_count=len(contacts))


async def _take_off(call: Call, contact: Record, list_id: str) -> None:
    if list_id in contact["list_ids"]:
        left = [other for other in contact["list_ids"] if other != list_id]
        await people.store(call.state, {**contact, "list_ids": left, "updated": int(call.now.timestamp())})


async def _refuse_twin(call: Call, name: str) -> None:
    if await call.state.page(KIND, where={"name": name.lower()}, limit=1):
        raise wrong("a list with that name already exists", "name")


async def _named(call: Call) -> Record:
    list_id = str(call.params.path["id"])
    record = await call.state.get(KIND, list_id)
    if record is None:
        raise missing("list", list_id)
    return record


async def _shown(call: Call, record: Record) -> Record:
    return {
        "id": record["id"],
        "name": record["name"],
        "contact_count": await people.count(call.state, record["id"]),
        "_metadata": itself(call, f"lists/{record['id']}"),
    }
