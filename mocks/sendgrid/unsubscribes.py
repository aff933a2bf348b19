"""Who left: everything (the global list), or one unsubscribe group.

https://www.twilio.com/docs/sendgrid/api-reference/suppressions-global-suppressions and
https://www.twilio.com/docs/sendgrid/api-reference/suppressions-suppressions (2026-11).
"""

from __future__ import annotations

from typing import Final

from mocks.base import Call, Record
from mocks.sendgrid import groups, suppressing

GLOBAL: Final = "unsubscribes"


async def add_global(call: Call) -> Record:
    """201 with the addresses, which no mail goes to any more."""
    return await _added(call, GLOBAL)


async def find_global(call: Call) -> Record:
    """The address when it is on the list, an empty object otherwise."""
    record = await suppressing.entry(call.state, GLOBAL, _address(call))
    return {"recipient_email": record["email"]} if record else {}


async def remove_global(call: Call) -> None:
    """204, whether or not the address was on the list (SendGrid's docs, issue 6194)."""
    await suppressing.remove(call.state, GLOBAL, _address(call))


async def add(call: Call) -> Record:
    """201 with the addresses that left the group. "If you attempt to add suppressions to a group that has been deleted
    or does not exist, the suppressions will be added to the global suppressions list": the page of the endpoint."""
    record = await call.state.get(groups.KIND, _group(call))
    return await _added(call, suppressing.list_name("group", record["id"]) if record else GLOBAL)


async def of_group(call: Call) -> list[str]:
    """The addresses that left the group."""
    record = await groups.named(call)
    entries = await suppressing.entries(call.state, suppressing.list_name("group", record["id"]))
    return [entry["email"] for entry in entries]


async def search(call: Call) -> list[str]:
    """Those of the given addresses that left the group."""
    name = suppressing.list_name("group", (await groups.named(call))["id"])
    addresses = dict.fromkeys(call.params.body["recipient_emails"])
    return [address for address in addresses if await suppressing.entry(call.state, name, address)]


async def remove(call: Call) -> None:
    """204, whether or not the address had left the group."""
    record = await groups.named(call)
    await suppressing.remove(call.state, suppressing.list_name("group", record["id"]), _address(call))


async def every(call: Call) -> list[Record]:
    """Each address with each group that it left."""
    return [
        {
            "email": entry["email"],
            "group_id": group["id"],
            "group_name": group["name"],
            "created_at": entry["created"],
        }
        for group in await groups.every(call)
        for entry in await suppressing.entries(call.state, suppressing.list_name("group", group["id"]))
    ]


async def of_address(call: Call) -> Record:
    """All groups, and whether the address left each."""
    left = {record["list"] for record in await suppressing.of(call.state, _address(call))}
    return {
        "suppressions": [
            {
                "id": group["id"],
                "name": group["name"],
                "description": group["description"],
                "is_default": group["is_default"],
                "suppressed": suppressing.list_name("group", group["id"]) in left,
            }
            for group in await groups.every(call)
        ]
    }


async def _added(call: Call, name: str) -> Record:
    addresses = list(dict.fromkeys(call.params.body["recipient_emails"]))
    for address in addresses:
        await suppressing.add(call.state, name, address, int(call.now.timestamp()))
    return {"recipient_emails": addresses}


def _address(call: Call) -> str:
    return str(call.params.path["email"])


def _group(call: Call) -> str:
    return str(call.params.path["group_id"])
