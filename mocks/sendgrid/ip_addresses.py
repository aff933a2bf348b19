"""Addresses that mail is sent from: added, assigned to subusers, warmed up.

https://www.twilio.com/docs/sendgrid/api-reference/ip-address-management (2026-11). An account begins without one of its
own; those that are added are of the ranges that are kept for documentation (RFC 5737), and send nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from mocks.base import Call, Handler, Record
from mocks.sendgrid import accounts, numbers, reverse_dns
from mocks.sendgrid.errors import told

KIND: Final = "ip_address"
POOL: Final = "ip_pool"
MOST_POOLS: Final = 100

#: How many addresses an account may add, and where they are from.
MOST: Final = 254
_RANGE: Final = "198.51.100."
_PRICE: Final = 20


async def every(call: Call) -> list[Record]:
    """The addresses that the account may send from, in the order of their addition."""
    found = list(await accounts.parent(call.state).page(KIND, order="oldest", limit=MOST))
    account = accounts.name(call).partition("~")[0]
    return [one for one in found if account in one["subusers"]] if account else found


async def found(call: Call, address: str) -> Record:
    """The address; 404 where the account has no such one."""
    one = next((one for one in await every(call) if one["ip"] == address), None)
    if one is None:
        raise told(404, "resource not found")
    return one


async def pools_of(call: Call) -> Mapping[str, Sequence[str]]:
    """The names of the pools that each address is in."""
    pools: dict[str, list[str]] = {}
    for pool in await call.state.page(POOL, order="oldest", limit=MOST_POOLS):
        for address in pool["ips"]:
            pools.setdefault(address, []).append(pool["name"])
    return pools


async def add(call: Call) -> Record:
    """So many addresses more."""
    sent = call.params.body or {}
    count, subusers = int(sent.get("count") or 0), list(sent.get("subusers") or ())
    for name in subusers:
        if await accounts.subuser(accounts.parent(call.state), name) is None:
            raise told(400, "one or more subusers do not belong to this user")
    remaining = MOST - await accounts.parent(call.state).count(KIND)
    if not 0 < count <= remaining:
        raise told(400, f"count must be between 1 and {remaining}", "count")  # wording ours
    now, made = int(call.now.timestamp()), []
    for _ in range(count):
        number = await numbers.following(accounts.parent(call.state), KIND)
        record: Record = {
            "ip": f"{_RANGE}{number}",
            "subusers": subusers,
            "warmup": bool(sent.get("warmup")),
            "start_date": now if sent.get("warmup") else None,
            "assigned_at": now,
        }
        await _put(call, record)
        made.append({"ip": record["ip"], "subusers": subusers})
    return {"ips": made, "remaining_ips": remaining - count, "warmup": bool(sent.get("warmup"))}


async def _put(call: Call, record: Record) -> None:
    await accounts.parent(call.state).put(KIND, record["ip"], record)


async def list_all(call: Call) -> list[Record]:
    """Addresses with what is known of them, ten unless ``limit`` says otherwise."""
    query = call.params.query
    limit, offset = int(query.get("limit", 10)), int(query.get("offset", 0))
    if limit < 1 or offset < 0:
        raise told(400, "limit and offset must not be negative", "limit")  # wording ours
    shown = [await _shown(call, one) for one in await every(call)]
    if query.get("ip"):
        shown = [one for one in shown if one["ip"] == query["ip"]]
    if query.get("subuser"):
        shown = [one for one in shown if query["subuser"] in one["subusers"]]
    if query.get("exclude_whitelabels"):
        shown = [one for one in shown if not one["whitelabeled"]]
    if query.get("sort_by_direction") == "desc":
        shown.reverse()
    return shown[offset : offset + limit]


async def _shown(call: Call, one: Record) -> Record:
    named: Any = await call.state.page(reverse_dns.KIND, limit=1, where={"ip": one["ip"]})
    valid = bool(named) and named[0]["valid"]
    pools = (await pools_of(call)).get(one["ip"], [])
    return {**one, "pools": list(pools), "whitelabeled": valid, "rdns": named[0]["rdns"] if valid else ""}


async def assigned(call: Call) -> list[Record]:
    """Those of them that the account sends from: all."""
    pools = await pools_of(call)
    return [brief(one, pools) for one in await every(call)]


def brief(one: Record, pools: Mapping[str, Sequence[str]]) -> Record:
    """An address as pools and the list of assigned ones show it."""
    shown = {name: one[name] for name in ("ip", "warmup", "start_date")}
    return {**shown, "pools": list(pools.get(one["ip"], ()))}


async def retrieve(call: Call) -> Record:
    one = await _shown(call, await found(call, str(call.params.path["ip_address"])))
    return {name: value for name, value in one.items() if name != "assigned_at"}


async def remaining(call: Call) -> Record:
    """How many more can be added."""
    left = MOST - await accounts.parent(call.state).count(KIND)
    return {"results": [{"remaining": left, "period": "month", "price_per_ip": _PRICE}]}


async def warming(call: Call) -> list[Record]:
    """The addresses that are being warmed up."""
    return [_warm(one) for one in await every(call) if one["warmup"]]


def _warm(one: Record) -> Record:
    return {"ip": one["ip"], "start_date": one["start_date"]}


async def warm(call: Call) -> list[Record]:
    """The address is warmed up from now on."""
    one = await found(call, str((call.params.body or {}).get("ip") or ""))
    if not one["warmup"]:
        one = {**one, "warmup": True, "start_date": int(call.now.timestamp())}
        await _put(call, one)
    return [_warm(one)]


async def warmth(call: Call) -> list[Record]:
    return [_warm(await _warming(call))]


async def cool(call: Call) -> None:
    """204: the address is no longer warmed up."""
    await _put(call, {**await _warming(call), "warmup": False, "start_date": None})


async def _warming(call: Call) -> Record:
    one = await found(call, str(call.params.path["ip_address"]))
    if not one["warmup"]:
        raise told(404, "resource not found")
    return one


OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_ips": list_all,
    "POST_ips": add,
    "GET_ips-assigned": assigned,
    "GET_ips-remaining": remaining,
    "GET_ips-ip_address": retrieve,
    "GET_ips-warmup": warming,
    "POST_ips-warmup": warm,
    "GET_ips-warmup-ip_address": warmth,
    "DELETE_ips-warmup-ip_address": cool,
}
