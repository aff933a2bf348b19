"""Unsubscribe groups: kinds of mail that people can leave one by one.

https://www.twilio.com/docs/sendgrid/api-reference/suppressions-unsubscribe-groups (2026-11).
"""

from __future__ import annotations

from typing import Final

from mocks.base import Call, Missing, Record
from mocks.sendgrid import suppressing
from mocks.sendgrid.errors import Fault, refused

KIND: Final = "asm_group"

#: "You can create and retrieve up to 200 suppression groups": the overview of the endpoints.
MOST: Final = 200
_FIRST_ID: Final = 20_001
_COUNTER: Final = "asm_group.counter"


async def group(call: Call, group_id: int | None) -> Record | None:
    """The stored group with ``group_id``: ``id``, ``name``, ``description``, ``is_default``, ``last_email_sent_at``."""
    return None if group_id is None else await call.state.get(KIND, str(group_id))


async def mailed(call: Call, group_id: int) -> None:
    """A mail of the group left."""
    record, now = await group(call, group_id), int(call.now.timestamp())
    if record is not None and record["last_email_sent_at"] != now:
        await call.state.put(KIND, str(group_id), {**record, "last_email_sent_at": now})


async def every(call: Call) -> list[Record]:
    """All groups, the oldest first."""
    return list(await call.state.page(KIND, order="oldest", limit=MOST))


async def list_all(call: Call) -> list[Record]:
    """All groups, or those with one of the query's ``id``, with how many people left each."""
    wanted = call.params.query.get("id")
    found = await every(call)
    if wanted:
        found = [record for record in found if record["id"] in wanted]
    return [await _counted(call, record) for record in found]


async def create(call: Call) -> Record:
    """A new group. Names are the account's own, and one group at most is the default."""
    sent = call.params.body or {}
    for member in ("name", "description"):
        if not sent.get(member):
            raise refused([Fault(f"{member} is required", member)])  # wording ours
    known = await every(call)
    _refuse_twin(sent["name"], known)
    if len(known) >= MOST:
        raise refused([Fault(f"an account has at most {MOST} unsubscribe groups")])
    record = {
        "id": await _next_id(call),
        "name": sent["name"],
        "description": sent["description"],
        "is_default": bool(sent.get("is_default")),
        "last_email_sent_at": None,
    }
    await _stored(call, record, known)
    return record


async def retrieve(call: Call) -> Record:
    """One group, with how many people left it."""
    return await _counted(call, await named(call))


async def update(call: Call) -> Record:
    """Another name, description or default: what is not told stays."""
    sent = call.params.body or {}
    record = await named(call)
    known = [other for other in await every(call) if other["id"] != record["id"]]
    if sent.get("name"):
        _refuse_twin(sent["name"], known)
    told = {name: sent[name] for name in ("name", "description", "is_default") if sent.get(name) not in (None, "")}
    record = {**record, **told}
    await _stored(call, record, known)
    return await _counted(call, record)


async def delete(call: Call) -> None:
    """204: the group goes, and with it the suppressions that it held."""
    record = await named(call)
    await suppressing.clear(call.state, suppressing.list_name("group", record["id"]))
    await call.state.delete(KIND, str(record["id"]))


async def _stored(call: Call, record: Record, others: list[Record]) -> None:
    """Store ``record``; where it is the default, the one before it is that no longer."""
    if record["is_default"]:
        for other in others:
            if other["is_default"]:
                await call.state.put(KIND, str(other["id"]), {**other, "is_default": False})
    await call.state.put(KIND, str(record["id"]), record)


async def _next_id(call: Call) -> int:
    counter = await call.state.get(_COUNTER, "last")
    number = int(counter["id"]) + 1 if counter else _FIRST_ID
    await call.state.put(_COUNTER, "last", {"id": number})
    return number


async def named(call: Call) -> Record:
    """The group that the path names. Raises Missing."""
    group_id = str(call.params.path["group_id"])
    record = await call.state.get(KIND, group_id)
    if record is None:
        raise Missing("unsubscribe group", group_id, "group_id")
    return record


async def _counted(call: Call, record: Record) -> Record:
    return {**record, "unsubscribes": await suppressing.size(call.state, suppressing.list_name("group", record["id"]))}


def _refuse_twin(name: str, known: list[Record]) -> None:
    if any(other["name"].lower() == name.lower() for other in known):
        # All that the API says of it (sendgrid-csharp issue 183).
        raise refused([Fault("Sorry, some unexpected error occurred: Failed to add group")])
