"""Lists of recipients.

https://www.twilio.com/docs/sendgrid/api-reference/contacts-api-lists (2026-11).
"""

from __future__ import annotations

from typing import Final

from mocks.base import Call, Missing, Record, Reply, State
from mocks.sendgrid import numbers
from mocks.sendgrid.contactdb import recipients
from mocks.sendgrid.errors import Fault, refused

KIND: Final = "cdb_list"
#: Segments have their names beside those of lists.
SEGMENTS: Final = "cdb_segment"
#: Ids have so many digits at most.
LONGEST_ID: Final = 18
#: How many lists an account has at most: "1,000" in the older product's limits.
MOST: Final = 1_000


async def create(call: Call) -> Record:
    """A new list; its name is no other list's, and no segment's."""
    name = (call.params.body or {}).get("name")
    if not name:
        raise refused([Fault("name is required", "name")])
    await refuse_twin(call.state, name)
    if await call.state.count(KIND) >= MOST:
        raise refused([Fault(f"an account has at most {MOST} lists")])
    record = {"id": await numbers.following(call.state, KIND), "name": name}
    await _store(call.state, record)
    return await _shown(call.state, record)


async def list_all(call: Call) -> Record:
    """All lists, the oldest first."""
    found = await call.state.page(KIND, order="oldest", limit=MOST)
    return {"lists": [await _shown(call.state, record) for record in found]}


async def retrieve(call: Call) -> Record:
    """One list."""
    return await _shown(call.state, await named(call))


async def rename(call: Call) -> Record:
    """Another name."""
    record, name = await named(call), (call.params.body or {}).get("name")
    if not name:
        raise refused([Fault("name is required", "name")])
    if name.lower() != record["name"].lower():
        await refuse_twin(call.state, name)
    record = {**record, "name": name}
    await _store(call.state, record)
    return await _shown(call.state, record)


async def delete(call: Call) -> Reply:
    """202: the list goes; with ``delete_contacts`` who was on it, too."""
    record = await named(call)
    await _remove(call.state, record["id"], with_recipients=bool(call.params.query.get("delete_contacts")))
    return Reply(status=202)


async def delete_many(call: Call) -> None:
    """204 where at least one of them was there."""
    wanted = [number for number in dict.fromkeys(call.params.body or ()) if await _known(call.state, number)]
    if not wanted:
        raise refused([Fault("None of the list ids is valid.", "id")])
    for number in wanted:
        await _remove(call.state, number)


async def recipients_of(call: Call) -> Record:
    """A page of who is on the list."""
    record = await named(call)
    return await recipients.paged(call, [each async for each in recipients.every(call.state, record["id"])])


async def add_many(call: Call) -> Reply:
    """201: recipients are on the list, by their ids; 400 where none of them is there."""
    record = await named(call)
    found = [
        recipient
        for key in dict.fromkeys(call.params.body or ())
        if (recipient := await call.state.get(recipients.KIND, key))
    ]
    if not found:
        raise refused([Fault("No recipients were added.")])
    for recipient in found:
        await _put_on(call.state, recipient, record["id"])
    return Reply(status=201)


async def add_one(call: Call) -> Reply:
    """201: a recipient is on the list."""
    record, recipient = await named(call), await recipients.named(call)
    await _put_on(call.state, recipient, record["id"])
    return Reply(status=201)


async def remove_one(call: Call) -> None:
    """204: a recipient is no longer on the list."""
    record, recipient = await named(call), await recipients.named(call)
    await _take_off(call.state, recipient, record["id"])


async def of_recipient(call: Call) -> Record:
    """The lists that a recipient is on."""
    found = [await _known(call.state, number) for number in (await recipients.named(call))["lists"]]
    return {"lists": [await _shown(call.state, record) for record in found if record]}


async def named(call: Call) -> Record:
    """The list that the path names. Raises Missing, or ServiceError for what is no number."""
    text = str(call.params.path["list_id"])
    if not (text.isascii() and text.isdigit()) or len(text) > LONGEST_ID:
        raise refused([Fault("list_id is not valid", "list_id")])
    record = await _known(call.state, int(text))
    if record is None:
        raise Missing("list", text, "list_id")
    return record


async def refuse_twin(state: State, name: str) -> None:
    """Raises ServiceError where a list or a segment is called so already."""
    for kind in (KIND, SEGMENTS):
        if await state.page(kind, where={"name": name.lower()}, limit=1):
            raise refused([Fault("a list or segment with that name already exists", "name")])


async def exists(state: State, number: int) -> bool:
    """Whether there is a list of that number."""
    return await _known(state, number) is not None


async def _known(state: State, number: int) -> Record | None:
    return await state.get(KIND, numbers.key(number)) if number > 0 else None


async def _remove(state: State, number: int, *, with_recipients: bool = False) -> None:
    for recipient in [each async for each in recipients.every(state, number)]:
        if with_recipients:
            await state.delete(recipients.KIND, recipient["id"])
        else:
            await _take_off(state, recipient, number)
    await state.delete(KIND, numbers.key(number))


async def _put_on(state: State, recipient: Record, number: int) -> None:
    if number not in recipient["lists"]:
        await recipients.store(state, {**recipient, "lists": [*recipient["lists"], number]})


async def _take_off(state: State, recipient: Record, number: int) -> None:
    left = [other for other in recipient["lists"] if other != number]
    await recipients.store(state, {**recipient, "lists": left})


async def _store(state: State, record: Record) -> None:
    await state.put(KIND, numbers.key(record["id"]), record, {"name": record["name"].lower()})


async def _shown(state: State, record: Record) -> Record:
    return {**record, "recipient_count": await recipients.count(state, record["id"])}
