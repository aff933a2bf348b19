"""The rules of Mail Send that depend on the account: its unsubscribe groups and pools of addresses, and who
may send.

https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors (asm.group_id, asm.groups_to_display,
ip_pool_name), and
https://www.twilio.com/docs/sendgrid/for-developers/sending-email/sender-identity for the 403 (2026-11). Only
messages that name a group pay for the one, and only policies that ask for verified senders for the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mocks.base import Call
from mocks.sendgrid import allowances, groups, ip_addresses, senders, wording
from mocks.sendgrid.errors import Fault, refused

#: The policy's options: ``senders: verified``, and ``groups: any`` and ``pools: any`` for applications whose groups and
#: pools are another account's.
SENDERS: Final = "senders"
POOLS: Final = "pools"
GROUPS: Final = "groups"

UNVERIFIED: Final = (
    "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved. "
    "Visit https://sendgrid.com/docs/for-developers/sending-email/sender-identity/ to see the Sender Identity "
    "requirements"
)


async def check(call: Call, body: Mapping[str, Any]) -> None:
    """Raises a refusal for what the account does not have."""
    await allowances.check(call)
    if body.get("asm") and call.options.get(GROUPS) != "any":
        await _groups(call, body["asm"])
    if body.get("ip_pool_name") and call.options.get(POOLS) != "any":
        await _pool(call, body["ip_pool_name"])
    if call.options.get(SENDERS) == "verified":
        await _sender(call, body)


async def _groups(call: Call, asm: Mapping[str, Any]) -> None:
    found = []
    if await groups.group(call, asm["group_id"]) is None:
        message = f"The ASM group ID must be a valid Group ID on your account. You provided {asm['group_id']}."
        found.append(Fault(message, "asm.group_id", wording.link("asm.group_id")))
    unknown = [str(number) for number in asm.get("groups_to_display") or () if await groups.group(call, number) is None]
    if unknown:
        told = ", ".join(unknown)
        message = f"All ASM groups to display must be valid ASM groups IDs on your account. You provided {told}."
        found.append(Fault(message, "asm.groups_to_display", wording.link("asm.groups_to_display")))
    if found:
        raise refused(found)


async def _pool(call: Call, name: str) -> None:
    if await call.state.get(ip_addresses.POOL, name) is None:
        message = f"The IP Pool name must be a valid pool name for your account. You provided {name}."
        raise refused([Fault(message, "ip_pool_name", wording.link("ip_pool_name"))])


async def _sender(call: Call, body: Mapping[str, Any]) -> None:
    named = [body["from"], *(block["from"] for block in body["personalizations"] if block.get("from"))]
    for address in dict.fromkeys(person["email"].lower() for person in named):
        if not await senders.verified(call, address):
            raise refused([Fault(UNVERIFIED, "from")], 403)
