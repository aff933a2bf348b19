"""Pools of addresses.

https://www.twilio.com/docs/sendgrid/api-reference/ip-pools (2026-11), whose document has the sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mocks.base import Call, Handler, Record, Reply
from mocks.sendgrid import ip_addresses
from mocks.sendgrid.errors import told
from mocks.sendgrid.ip_addresses import MOST_POOLS as MOST
from mocks.sendgrid.ip_addresses import POOL as KIND

_UNKNOWN: Final = "Unable to locate specified IPs Pool"


async def create(call: Call) -> Record:
    """A new pool, empty."""
    name = _name(call)
    if await call.state.get(KIND, name) is not None:
        raise told(400, "ip pool with this name exists already", "name")  # wording ours
    if await call.state.count(KIND) >= MOST:
        raise told(400, f"an account has at most {MOST} ip pools")  # wording ours
    await call.state.put(KIND, name, {"name": name, "ips": []})
    return {"name": name}


def _name(call: Call) -> str:
    name = str((call.params.body or {}).get("name") or "").strip()
    if not name:
        raise told(400, "name is required", "name")
    return name


async def list_all(call: Call) -> list[Record]:
    return [{"name": pool["name"]} for pool in await call.state.page(KIND, order="oldest", limit=MOST)]


async def retrieve(call: Call) -> Record:
    """The pool's addresses."""
    pool = await _stored(call)
    if pool is None:
        raise told(404, _UNKNOWN, "error")
    return {"pool_name": pool["name"], "ips": pool["ips"]}


async def rename(call: Call) -> Record:
    pool = await _stored(call)
    if pool is None:
        raise told(404, "ip pool not found")
    name = _name(call)
    if name != pool["name"]:
        if await call.state.get(KIND, name) is not None:
            raise told(400, "ip pool with this name exists already", "name")  # wording ours
        await call.state.delete(KIND, pool["name"])
        await call.state.put(KIND, name, {**pool, "name": name})
    return {"name": name}


async def delete(call: Call) -> Any:
    """204; its addresses stay the account's."""
    pool = await _stored(call)
    if pool is None:
        return Reply({"error": _UNKNOWN}, status=404)
    await call.state.delete(KIND, pool["name"])
    return None


async def add(call: Call) -> Record:
    """An address of the account joins the pool."""
    pool = await _stored(call)
    if pool is None:
        raise told(404, "resource not found")
    one = await ip_addresses.found(call, str((call.params.body or {}).get("ip") or ""))
    if one["ip"] not in pool["ips"]:
        await call.state.put(KIND, pool["name"], {**pool, "ips": [*pool["ips"], one["ip"]]})
    return ip_addresses.brief(one, await ip_addresses.pools_of(call))


async def remove(call: Call) -> Any:
    """204: the address leaves the pool."""
    pool, address = await _stored(call), str(call.params.path["ip"])
    if pool is None or address not in pool["ips"]:
        return Reply({"error": _UNKNOWN}, status=404)
    await call.state.put(KIND, pool["name"], {**pool, "ips": [one for one in pool["ips"] if one != address]})
    return None


async def _stored(call: Call) -> Record | None:
    return await call.state.get(KIND, str(call.params.path["pool_name"]))


OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_ips-pools": list_all,
    "POST_ips-pools": create,
    "GET_ips-pools-pool_name": retrieve,
    "PUT_ips-pools-pool_name": rename,
    "DELETE_ips-pools-pool_name": delete,
    "POST_ips-pools-pool_name-ips": add,
    "DELETE_ips-pools-pool_name-ips-ip": remove,
}
