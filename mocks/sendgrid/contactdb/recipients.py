"""Recipients: added and changed by their addresses, listed, searched, deleted.

https://www.twilio.com/docs/sendgrid/api-reference/contacts-api-recipients (2026-11).
"""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from mocks.base import Call, Missing, Record, State
from mocks.sendgrid import paging
from mocks.sendgrid.contactdb import fields
from mocks.sendgrid.errors import Fault, refused

KIND: Final = "cdb_recipient"
#: "You can upload 1000 contacts per request": the page of the endpoint.
MOST: Final = 1_000
_USUAL: Final = 100
_ADDRESS: Final = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
_TOLD: Final = ("email", "first_name", "last_name")


def id_of(email: str) -> str:
    """A recipient's id is its address in lower case, in URL-safe base64: the overview of the endpoints."""
    return base64.urlsafe_b64encode(email.lower().encode()).decode()


async def add(call: Call) -> Record:
    """201: what became of each recipient of the request; the good ones are added, or changed."""
    return await _put(call, new=True)


async def update(call: Call) -> Record:
    """201: as ``add``, but nobody is added who is not there."""
    return await _put(call, new=False)


async def _put(call: Call, *, new: bool) -> Record:
    told: Sequence[Any] = call.params.body or ()
    if len(told) > MOST:
        raise refused([Fault(f"a request has at most {MOST} recipients")])
    types = await fields.types(call.state)
    ids = {field["name"]: field["id"] for field in await fields.custom(call.state)}
    errors: dict[str, list[int]] = {}
    kept: list[str] = []
    made = changed = 0
    same: list[int] = []
    for place, each in enumerate(told):
        if fault := _fault(each, types):
            errors.setdefault(fault, []).append(place)
            continue
        key = id_of(each["email"])
        known = await call.state.get(KIND, key)
        if known is None and not new:
            errors.setdefault("Recipient does not exist.", []).append(place)
            continue
        kept.append(key)
        after = _changed(known, each, ids, int(call.now.timestamp()))
        made += known is None
        if known is not None and {**after, "updated": known["updated"]} == known:
            same.append(place)
            continue
        changed += known is not None
        await store(call.state, after)
    return {
        "error_count": sum(map(len, errors.values())),
        "error_indices": sorted(place for places in errors.values() for place in places),
        "unmodified_indices": same,
        "new_count": made,
        "persisted_recipients": kept,
        "updated_count": changed,
        "errors": [{"message": message, "error_indices": places} for message, places in errors.items()],
    }


def _fault(told: Any, types: Mapping[str, str]) -> str | None:
    if not isinstance(told, Mapping):
        return "Invalid recipient."
    email = told.get("email")
    if not isinstance(email, str) or not _ADDRESS.fullmatch(email):
        return "Invalid email."
    if unknown := [name for name in told if name not in types]:
        return f"The following parameters are not custom fields or reserved fields: [{', '.join(unknown)}]"
    for name, value in told.items():
        if value is not None and not fields.fits(types[name], value):
            return f"Invalid value of {name}."
    return None


def _changed(known: Record | None, told: Mapping[str, Any], ids: Mapping[str, int], now: int) -> Record:
    base = known or {"id": id_of(told["email"]), "created": now, "lists": [], "custom": {}}
    said = {name: told[name] for name in _TOLD if name in told}
    own = {str(ids[name]): value for name, value in told.items() if name in ids}
    return {**base, **said, "custom": {**base["custom"], **own}, "updated": now}


async def store(state: State, recipient: Record) -> None:
    """Write a recipient, found from then on by its lists."""
    await state.put(KIND, recipient["id"], recipient, {f"list:{number}": "1" for number in recipient["lists"]})


def every(state: State, list_id: int | None = None) -> AsyncIterator[Record]:
    """All recipients, or those on a list, the oldest first."""
    where = {f"list:{list_id}": "1"} if list_id else None
    return paging.every(state, KIND, lambda recipient: str(recipient["id"]), where=where)


async def count(state: State, list_id: int | None = None) -> int:
    """How many there are, or are on a list."""
    return await state.count(KIND, {f"list:{list_id}": "1"} if list_id else None)


async def list_all(call: Call) -> Record:
    """A page of all recipients; 404 past the last page."""
    return await paged(call, [recipient async for recipient in every(call.state)], ends=True)


async def paged(call: Call, found: Sequence[Record], *, ends: bool = False) -> Record:
    """The page that ``page`` and ``page_size`` ask for. With ``ends``, 404 past the last."""
    query = call.params.query
    page, size = query.get("page") or 1, query.get("page_size") or _USUAL
    start = (page - 1) * size
    if ends and start >= len(found) and page > 1:
        raise refused([Fault("not found")], 404)
    custom = await fields.custom(call.state)
    shown = [_shown(recipient, custom) for recipient in found[start : start + size]]
    return {"recipients": shown, "recipient_count": len(found)}


async def total(call: Call) -> Record:
    """How many there are; and as many are billed."""
    return {"recipient_count": await count(call.state)}


async def retrieve(call: Call) -> Record:
    """One recipient."""
    return _shown(await named(call), await fields.custom(call.state))


async def delete(call: Call) -> None:
    """204, once."""
    await call.state.delete(KIND, (await named(call))["id"])


async def delete_many(call: Call) -> Record:
    """200 where at least one of them was there."""
    gone = 0
    for key in dict.fromkeys(call.params.body or ()):
        gone += await call.state.delete(KIND, key)
    if not gone:
        raise refused([Fault("No recipients were deleted.")])
    return {}


async def named(call: Call) -> Record:
    """The recipient that the path names. Raises Missing."""
    key = str(call.params.path["recipient_id"])
    recipient = await call.state.get(KIND, key)
    if recipient is None:
        raise Missing("recipient", key, "recipient_id")
    return recipient


def _shown(recipient: Record, custom: Sequence[Record]) -> Record:
    held = recipient["custom"]
    return {
        "id": recipient["id"],
        "email": recipient["email"],
        "first_name": recipient.get("first_name"),
        "last_name": recipient.get("last_name"),
        "created_at": recipient["created"],
        "updated_at": recipient["updated"],
        "last_emailed": None,
        "last_clicked": None,
        "last_opened": None,
        "custom_fields": [{**field, "value": held.get(str(field["id"]))} for field in custom],
    }
