"""Contacts as they are stored and shown, and how they are found."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, Final

from mocks.base import Call, Record, State
from mocks.sendgrid import paging
from mocks.sendgrid.marketing import fields
from mocks.sendgrid.marketing.answers import itself, moment

KIND: Final = "mc_contact"
#: Samples and searches show so many.
SAMPLE: Final = 50

#: What tells contacts apart, the first that a contact has.
IDENTIFIERS: Final = ("email", "phone_number_id", "external_id", "anonymous_id")
_TEXTS: Final = (
    "first_name",
    "last_name",
    "unique_name",
    "email",
    "address_line_1",
    "address_line_2",
    "city",
    "state_province_region",
    "country",
    "postal_code",
    "phone_number",
    "whatsapp",
    "line",
    "facebook",
)
#: What a caller may say of a contact, custom fields apart.
TOLD: Final = (*_TEXTS, "alternate_emails", "phone_number_id", "external_id", "anonymous_id")


async def store(state: State, contact: Record) -> None:
    """Write a contact, found from then on by its addresses, its other identifiers and its lists."""
    index = {f"list:{list_id}": "1" for list_id in contact["list_ids"]}
    index.update({f"address:{address}": "1" for address in addresses(contact)})
    index.update({name: contact[name] for name in IDENTIFIERS if contact.get(name)})
    await state.put(KIND, contact["id"], contact, index)


def addresses(contact: Mapping[str, Any]) -> list[str]:
    """The contact's addresses, in lower case."""
    found = [contact.get("email"), *(contact.get("alternate_emails") or ())]
    return list(dict.fromkeys(address.lower() for address in found if address))


def every(state: State, list_id: str | None = None) -> AsyncIterator[Record]:
    """All contacts, or those on a list, the oldest first."""
    where = {f"list:{list_id}": "1"} if list_id else None
    return paging.every(state, KIND, lambda contact: str(contact["id"]), where=where)


async def count(state: State, list_id: str | None = None) -> int:
    """How many there are, or are on a list."""
    return await state.count(KIND, {f"list:{list_id}": "1"} if list_id else None)


async def newest(state: State, list_id: str | None = None) -> list[Record]:
    """The sample that answers show: the newest fifty, by address."""
    where = {f"list:{list_id}": "1"} if list_id else None
    found = await state.page(KIND, where=where, limit=SAMPLE)
    return sorted(found, key=lambda contact: contact.get("email") or "")


async def known_as(state: State, name: str, value: str) -> Record | None:
    """The contact with that identifier."""
    found = await state.page(KIND, where={name: value}, limit=1)
    return found[0] if found else None


async def at(state: State, address: str) -> Record | None:
    """The contact with that address, as its own or as an alternate one."""
    own = await known_as(state, "email", address.lower())
    if own is not None:
        return own
    found = await state.page(KIND, where={f"address:{address.lower()}": "1"}, limit=1)
    return found[0] if found else None


def shown(call: Call, contact: Mapping[str, Any], custom: Sequence[Record], segment_ids: Iterable[str] = ()) -> Record:
    """A contact as answers show it, its custom fields by name."""
    held = contact["custom_fields"]
    return {
        "id": contact["id"],
        **{name: contact.get(name) or "" for name in _TEXTS},
        **{name: contact[name] for name in IDENTIFIERS[1:] if contact.get(name)},
        "alternate_emails": list(contact.get("alternate_emails") or ()),
        "list_ids": list(contact["list_ids"]),
        "segment_ids": list(segment_ids),
        "custom_fields": {field["name"]: held[field["id"]] for field in custom if field["id"] in held},
        "created_at": moment(contact["created"]),
        "updated_at": moment(contact["updated"]),
        "_metadata": itself(call, f"contacts/{contact['id']}"),
    }


async def custom_of(call: Call) -> list[Record]:
    """The fields that ``shown`` needs."""
    return await fields.custom(call.state)
