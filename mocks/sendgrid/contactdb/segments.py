"""Segments: the recipients that conditions are true of; and the same without keeping the conditions.

https://www.twilio.com/docs/sendgrid/api-reference/contacts-api-segments (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from mocks.base import Call, Missing, Record, State
from mocks.sendgrid import numbers
from mocks.sendgrid.contactdb import conditions, fields, lists, recipients
from mocks.sendgrid.errors import Fault, refused

KIND: Final = lists.SEGMENTS
#: How many segments an account has at most: a limit of ours.
MOST: Final = 1_000
_DAY: Final = 86_400


async def create(call: Call) -> Record:
    """A new segment, of all recipients or of those on a list."""
    sent = call.params.body or {}
    if not sent.get("name"):
        raise refused([Fault("name is required", "name")])
    await lists.refuse_twin(call.state, sent["name"])
    if await call.state.count(KIND) >= MOST:
        raise refused([Fault(f"an account has at most {MOST} segments")])
    await _check(call.state, sent)
    segment = {"id": await numbers.following(call.state, KIND), **_told(sent)}
    await _store(call.state, segment)
    return await _shown(call, segment)


async def list_all(call: Call) -> Record:
    """All segments, the oldest first."""
    found = await call.state.page(KIND, order="oldest", limit=MOST)
    return {"segments": [await _shown(call, segment) for segment in found]}


async def retrieve(call: Call) -> Record:
    """One segment."""
    return await _shown(call, await _named(call))


async def update(call: Call) -> Record:
    """Another name, other conditions, another list."""
    sent, segment = call.params.body or {}, await _named(call)
    if sent.get("name") and sent["name"].lower() != segment["name"].lower():
        await lists.refuse_twin(call.state, sent["name"])
    segment = {**segment, **_told(sent)}
    await _check(call.state, segment)
    await _store(call.state, segment)
    return await _shown(call, segment)


async def delete(call: Call) -> None:
    """204: the segment goes; with ``delete_contacts`` who is in it, too."""
    segment = await _named(call)
    if call.params.query.get("delete_contacts"):
        for recipient in await _members(call, segment):
            await call.state.delete(recipients.KIND, recipient["id"])
    await call.state.delete(KIND, numbers.key(segment["id"]))


async def recipients_of(call: Call) -> Record:
    """A page of who is in the segment."""
    return await recipients.paged(call, await _members(call, await _named(call)))


async def search(call: Call) -> Record:
    """Who the conditions are true of, without keeping them."""
    sent = call.params.body or {}
    await _check(call.state, sent)
    return await recipients.paged(call, await _members(call, _told(sent)))


async def search_by_fields(call: Call) -> Record:
    """Who has these values in these fields: of a date, on that day."""
    asked = parse_qsl(call.request.query, keep_blank_values=True)
    types = await fields.types(call.state)
    if not asked:
        raise refused([Fault("no search params are specified")])
    if unknown := [name for name, _ in asked if name not in types]:
        raise refused([Fault(f"{unknown[0]} is no field", "field")])
    custom = await fields.custom(call.state)
    found = []
    async for recipient in recipients.every(call.state):
        row = conditions.row_of(recipient, custom)
        if all(_is(row.get(name), value, types[name]) for name, value in asked):
            found.append(recipient)
    return await recipients.paged(call, found)


def _is(held: Any, value: str, kind: str) -> bool:
    if held in (None, ""):
        return value == ""
    if kind == "date":
        day, wanted = conditions.moment(held), conditions.moment(value)
        return day is not None and wanted is not None and day // _DAY == wanted // _DAY
    if kind == "number":
        return str(float(held)) == value or str(held) == value
    return str(held).lower() == value.lower()


async def status(call: Call) -> Record:
    """How long uploads take: no time."""
    return {"status": [{"id": "worker_delay", "value": "OK"}]}


def _told(sent: Mapping[str, Any]) -> Record:
    return {name: sent[name] for name in ("name", "list_id", "conditions") if sent.get(name)}


async def _check(state: State, sent: Mapping[str, Any]) -> None:
    if sent.get("list_id") and not await lists.exists(state, int(sent["list_id"])):
        raise refused([Fault("list_id is not valid", "list_id")])
    conditions.check(sent.get("conditions") or (), await fields.types(state))


async def _members(call: Call, segment: Mapping[str, Any]) -> list[Record]:
    types, custom = await fields.types(call.state), await fields.custom(call.state)
    now = int(call.now.timestamp())
    asked: Sequence[Mapping[str, Any]] = segment["conditions"]
    if any(each["field"] not in types and "." not in each["field"] for each in asked):
        return []  # a field of theirs is gone
    return [
        recipient
        async for recipient in recipients.every(call.state, segment.get("list_id"))
        if conditions.holds(asked, conditions.row_of(recipient, custom), types, now)
    ]


async def _store(state: State, segment: Record) -> None:
    await state.put(KIND, numbers.key(segment["id"]), segment, {"name": segment["name"].lower()})


async def _named(call: Call) -> Record:
    text = str(call.params.path["segment_id"])
    if not (text.isascii() and text.isdigit()) or len(text) > lists.LONGEST_ID:
        raise refused([Fault("segment_id is not valid", "segment_id")])
    segment = await call.state.get(KIND, numbers.key(int(text)))
    if segment is None:
        raise Missing("segment", text, "segment_id")
    return segment


async def _shown(call: Call, segment: Record) -> Record:
    return {**segment, "recipient_count": len(await _members(call, segment))}
