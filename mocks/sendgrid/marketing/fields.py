"""Fields of contacts: those that every account has, and those that it defines itself.

https://www.twilio.com/docs/sendgrid/api-reference/custom-fields (2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from mocks.base import Call, Record, State
from mocks.sendgrid.marketing.answers import itself, missing, wrong

KIND: Final = "mc_field"
_COUNTER: Final = "mc_field.counter"

#: "You can have up to 120 custom fields": the page of the endpoint.
MOST: Final = 120
_LONGEST_TEXT: Final = 1_000
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

#: (name, whether callers may set it). Ids count them: ``_rf0_T``.
_TEXTS: Final = (
    ("first_name", True),
    ("last_name", True),
    ("email", True),
    ("alternate_emails", True),
    ("address_line_1", True),
    ("address_line_2", True),
    ("city", True),
    ("state_province_region", True),
    ("postal_code", True),
    ("country", True),
    ("phone_number", True),
    ("whatsapp", True),
    ("line", True),
    ("facebook", True),
    ("unique_name", True),
    ("email_domains", False),
)
_MORE: Final = (
    ("last_clicked", "Date"),
    ("last_opened", "Date"),
    ("last_emailed", "Date"),
    ("singlesend_id", "Text"),
    ("automation_id", "Text"),
    ("created_at", "Date"),
    ("updated_at", "Date"),
    ("contact_id", "Text"),
)
RESERVED: Final[tuple[tuple[str, str, bool], ...]] = (
    *((name, "Text", free) for name, free in _TEXTS),
    *((name, kind, False) for name, kind in _MORE),
    ("phone_number_id", "Text", True),
    ("external_id", "Text", True),
    ("anonymous_id", "Text", True),
)


async def custom(state: State) -> list[Record]:
    """The account's own fields, the oldest first: ``id``, ``name``, ``field_type``."""
    return list(await state.page(KIND, order="oldest", limit=MOST))


def reserved() -> list[Record]:
    """The fields that every account has."""
    return [
        {
            "id": f"_rf{number}_{kind[0]}",
            "name": name,
            "field_type": kind,
            **({} if free else {"read_only": True}),
        }
        for number, (name, kind, free) in enumerate(RESERVED)
    ]


async def list_all(call: Call) -> Record:
    """All fields."""
    return {
        "custom_fields": [_shown(call, field) for field in await custom(call.state)],
        "reserved_fields": reserved(),
        "_metadata": itself(call, "field_definitions"),
    }


async def create(call: Call) -> Record:
    """A new field; its name is no other's, whatever the case."""
    sent = call.params.body or {}
    known = await custom(call.state)
    _check_name(sent["name"], known)
    if len(known) >= MOST:
        raise wrong(f"an account has at most {MOST} custom fields", "name")
    counter = await call.state.get(_COUNTER, "last")
    number = int(counter["number"]) + 1 if counter else 1
    await call.state.put(_COUNTER, "last", {"number": number})
    field = {"id": f"e{number}_{sent['field_type'][0]}", "name": sent["name"], "field_type": sent["field_type"]}
    await call.state.put(KIND, field["id"], field)
    return _shown(call, field)


async def update(call: Call) -> Record:
    """Another name."""
    field = await _named(call)
    name = call.params.body["name"]
    _check_name(name, [other for other in await custom(call.state) if other["id"] != field["id"]])
    field = {**field, "name": name}
    await call.state.put(KIND, field["id"], field)
    return _shown(call, field)


async def delete(call: Call) -> None:
    """204: contacts lose what they had in the field."""
    await call.state.delete(KIND, (await _named(call))["id"])


def fault_of(field: Mapping[str, Any], value: Any) -> str | None:
    """What is wrong with a value of a custom field."""
    if field["field_type"] == "Number":
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        return None if fits else f"custom field {field['id']} is a number"
    if not isinstance(value, str):
        return f"custom field {field['id']} is a text"
    return None if len(value) <= _LONGEST_TEXT else f"custom field {field['id']} is too long"


def _check_name(name: str, known: list[Record]) -> None:
    if not _NAME.fullmatch(name):
        raise wrong("name may have letters, digits and underscores, and begins with no digit", "name")
    taken = {other["name"].lower() for other in known} | {reserved_name for reserved_name, _, _ in RESERVED}
    if name.lower() in taken:
        raise wrong("a field with that name already exists", "name")


async def _named(call: Call) -> Record:
    field_id = str(call.params.path["custom_field_id"])
    field = await call.state.get(KIND, field_id)
    if field is None:
        raise missing("custom field", field_id)
    return field


def _shown(call: Call, field: Record) -> Record:
    return {**field, "_metadata": itself(call, f"field_definitions/{field['id']}")}
