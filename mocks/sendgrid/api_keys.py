"""API keys: made, listed, changed and deleted. The key itself is shown once, when it is made.

https://www.twilio.com/docs/sendgrid/api-reference/api-keys (2026-11). A key made here is data of the mock: the broker
alone hands out keys that open it.
"""

from __future__ import annotations

from mocks.base import Call, Missing, Record
from mocks.sendgrid.scopes import FULL_ACCESS

KIND = "api_key"


async def create(call: Call) -> Record:
    """A new key, whole. Without scopes it may do everything."""
    sent = call.params.body
    key_id = call.new_id("", 22)
    record = {"api_key_id": key_id, "name": sent["name"], "scopes": list(sent.get("scopes") or FULL_ACCESS)}
    await call.state.put(KIND, key_id, record)
    return {"api_key": f"SG.{key_id}.{call.new_id('', 43)}", **record}


async def list_all(call: Call) -> Record:
    """Ids and names of all keys; an account has at most a hundred."""
    limit = call.params.query.get("limit") or 100
    records = await call.state.page(KIND, limit=max(1, min(int(limit), 100)))
    return {"result": [_named(record) for record in records]}


async def retrieve(call: Call) -> Record:
    """One key with its scopes, in a list of one: the contract wraps it so."""
    return {"result": [await _stored(call)]}


async def rename(call: Call) -> Record:
    """PATCH: another name."""
    record = {**await _stored(call), "name": call.params.body["name"]}
    await call.state.put(KIND, record["api_key_id"], record)
    return _named(record)


async def replace(call: Call) -> Record:
    """PUT: another name and other scopes."""
    sent = call.params.body
    record = await _stored(call)
    record = {**record, "name": sent["name"], "scopes": list(sent.get("scopes") or record["scopes"])}
    await call.state.put(KIND, record["api_key_id"], record)
    return record


async def delete(call: Call) -> None:
    """204, once."""
    record = await _stored(call)
    await call.state.delete(KIND, record["api_key_id"])


async def _stored(call: Call) -> Record:
    key_id = str(call.params.path["api_key_id"])
    record = await call.state.get(KIND, key_id)
    if record is None:
        raise Missing("API key", key_id, "api_key_id")
    return record


def _named(record: Record) -> Record:
    return {"api_key_id": record["api_key_id"], "name": record["name"]}
