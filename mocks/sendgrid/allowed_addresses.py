"""The list of IP addresses that may use the account. It is kept, and opens or shuts nothing: keys alone do that here.

https://www.twilio.com/docs/sendgrid/api-reference/ip-access-management (2026-11); wording ours.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Final

from mocks.base import Call, Handler, Record
from mocks.sendgrid import accounts
from mocks.sendgrid.errors import told

KIND: Final = "allowed_address"
_NUMBERS: Final = "allowed_address_numbers"
#: As many as an account can list here.
MOST: Final = 1000


async def add(call: Call) -> Record:
    """All of them or none. One that is listed already stays as it is."""
    listed = {record["ip"]: record for record in await _all(call)}
    wanted = dict.fromkeys(_network(entry["ip"]) for entry in (call.params.body or {}).get("ips") or ())
    if not wanted:
        raise told(400, "ips is required", "ips")
    if len(listed) + len(wanted) > MOST:
        raise told(400, f"an account can list {MOST} addresses", "ips")
    at = int(call.now.timestamp())
    for ip in wanted:
        if ip not in listed:
            number = await accounts.number(call.state, _NUMBERS, "id", 1)
            listed[ip] = {"id": number, "ip": ip, "created_at": at, "updated_at": at}
            await call.state.put(KIND, str(number), listed[ip])
    return {"result": [listed[ip] for ip in wanted]}


async def list_all(call: Call) -> Record:
    """All that are listed, oldest first."""
    return {"result": await _all(call)}


async def retrieve(call: Call) -> Record:
    """One of them, in a list of one: the contract wraps it so."""
    return {"result": [await _stored(call, str(call.params.path["rule_id"]))]}


async def delete(call: Call) -> None:
    """204, once."""
    record = await _stored(call, str(call.params.path["rule_id"]))
    await call.state.delete(KIND, str(record["id"]))


async def delete_several(call: Call) -> None:
    """All of the ids, or none."""
    ids = [str(each) for each in (call.params.body or {}).get("ids") or ()]
    if not ids:
        raise told(400, "ids is required", "ids")
    for each in ids:
        await _stored(call, each)
    for each in ids:
        await call.state.delete(KIND, each)


async def activity(call: Call) -> Record:
    """Who tried to enter from where: nobody is asked for an address here."""
    return {"result": []}


async def _all(call: Call) -> list[Record]:
    return list(await call.state.page(KIND, order="oldest", limit=MOST))


async def _stored(call: Call, key: str) -> Record:
    record = await call.state.get(KIND, key)
    if record is None:
        raise told(404, "not found")
    return record


def _network(text: str) -> str:
    """An address or a range as lists show it: ``192.*.*.*`` is ``192.0.0.0/8`` (the page's examples)."""
    parts = text.strip().split(".")
    known = [part for part in parts if part != "*"]
    if len(known) < len(parts) == 4 and parts == known + ["*"] * (4 - len(known)):
        text = ".".join(known + ["0"] * (4 - len(known))) + f"/{8 * len(known)}"
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        raise told(400, f"{text[:80]} is not a valid IP address", "ips") from None


OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_access_settings-activity": activity,
    "GET_access_settings-whitelist": list_all,
    "POST_access_settings-whitelist": add,
    "DELETE_access_settings-whitelist": delete_several,
    "GET_access_settings-whitelist-rule_id": retrieve,
    "DELETE_access_settings-whitelist-rule_id": delete,
}
