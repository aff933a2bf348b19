"""Fields of recipients: those that every account has, and those that it defines itself.

https://www.twilio.com/docs/sendgrid/api-reference/contacts-api-custom-fields (2026-11).
"""

from __future__ import annotations

from typing import Any, Final

from mocks.base import Call, Missing, Record, Reply, State
from mocks.sendgrid import numbers
from mocks.sendgrid.errors import Fault, refused

KIND: Final = "cdb_field"
#: "You can create up to 120 custom fields": the page of the endpoint.
MOST: Final = 120
TYPES: Final = ("date", "text", "number")

RESERVED: Final = (
    ("first_name", "text"),
    ("last_name", "text"),
    ("email", "text"),
    ("created_at", "date"),
    ("updated_at", "date"),
    ("last_emailed", "date"),
    ("last_clicked", "date"),
    ("last_opened", "date"),
)


async def custom(state: State) -> list[Record]:
    """The account's own fields, the oldest first: ``id``, ``name``, ``type``."""
    return list(await state.page(KIND, order="oldest", limit=MOST))


async def types(state: State) -> dict[str, str]:
    """The type of each field, by its name."""
    return {**dict(RESERVED), **{field["name"]: field["type"] for field in await custom(state)}}


async def reserved(call: Call) -> Record:
    """The fields that every account has."""
    return {"reserved_fields": [{"name": name, "type": kind} for name, kind in RESERVED]}


async def list_all(call: Call) -> Record:
    """The account's own fields."""
    return {"custom_fields": await custom(call.state)}


async def create(call: Call) -> Record:
    """A new field."""
    sent = call.params.body or {}
    name, kind = sent.get("name"), sent.get("type")
    if not name:
        raise refused([Fault("name is required", "name")])  # wording ours, here and below
    if kind not in TYPES:
        raise refused([Fault(f"type must be one of {', '.join(TYPES)}", "type")])
    known = await custom(call.state)
    taken = {field["name"].lower() for field in known} | {reserved_name for reserved_name, _ in RESERVED}
    if name.lower() in taken:
        raise refused([Fault("a field with that name already exists", "name")])
    if len(known) >= MOST:
        raise refused([Fault(f"an account has at most {MOST} custom fields", "name")])
    field = {"id": await numbers.following(call.state, KIND), "name": name, "type": kind}
    await call.state.put(KIND, numbers.key(field["id"]), field)
    return field


async def retrieve(call: Call) -> Record:
    """One field."""
    return await _named(call)


async def delete(call: Call) -> Reply:
    """202: recipients lose what they had in it."""
    await call.state.delete(KIND, numbers.key((await _named(call))["id"]))
    return Reply({"message": "Request Accepted"}, 202)


def fits(kind: str, value: Any) -> bool:
    """Whether a value can stand in a field of that type."""
    if isinstance(value, bool):
        return False
    if kind == "number":
        return isinstance(value, int | float) or (isinstance(value, str) and _is_number(value))
    return isinstance(value, str | int)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


async def _named(call: Call) -> Record:
    field_id = int(call.params.path["custom_field_id"])
    field = await call.state.get(KIND, numbers.key(field_id)) if field_id > 0 else None
    if field is None:
        raise Missing("custom field", str(field_id), "custom_field_id")
    return field
