"""API keys: made, listed, changed and deleted. A key opens the environment that it was made in for what its scopes
allow, from the answer that shows it, once, to its deletion; its hash alone is kept.

https://www.twilio.com/docs/sendgrid/api-reference/api-keys (2026-11). Where that tells no sentence the wording is ours.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

from mocks.base import Call, Grant, Record, State
from mocks.sendgrid import accounts, scopes
from mocks.sendgrid.errors import told
from mocks.sendgrid.wire import API_KEY, made_id

KIND: Final = "api_key"

#: "There is a limit of 100 API Keys on your account", beyond which the answer is a 403.
MOST: Final = 100
_PAGE: Final = 100


async def create(call: Call) -> Record:
    """A new key, whole. Without scopes it may do everything that whoever makes it may."""
    sent = call.params.body or {}
    name, account = _name(sent), accounts.name(call)
    wanted = _scopes(call, sent)
    if await call.state.count(KIND, {"account": account}) >= MOST:
        raise told(403, "Cannot create more than 100 API Keys")
    key_id = call.new_id("", 22)
    key = f"SG.{key_id}.{call.new_id('', 43)}"
    whole = wanted is None and scopes.held(call) is None
    record = {
        "api_key_id": key_id,
        "name": name,
        "scopes": scopes.full(call) if wanted is None else wanted,
        "account": account,
        "hash": _hash(key),
        "whole": whole or bool(wanted is None and call.grant.get("whole")),
    }
    await call.state.put(KIND, key_id, record, {"account": account})
    return {"api_key": key, **_shown(record)}


async def list_all(call: Call) -> Record:
    """Ids and names of all keys; an account has at most a hundred."""
    limit = call.params.query.get("limit")
    if limit is not None and limit < 1:
        raise told(400, "limit must be greater than zero", "limit")
    found = await _of(call.state, accounts.name(call), _PAGE if limit is None else min(limit, _PAGE))
    return {"result": [_named(record) for record in found]}


async def retrieve(call: Call) -> Record:
    """One key with its scopes, in a list of one: the contract wraps it so."""
    return {"result": [_shown(await _stored(call))]}


async def rename(call: Call) -> Record:
    """PATCH: another name."""
    sent = call.params.body or {}
    record = {**await _stored(call), "name": _name(sent)}
    await call.state.put(KIND, record["api_key_id"], record)
    return _named(record)


async def replace(call: Call) -> Record:
    """PUT: another name and other scopes, "a scopes array containing at least one scope"."""
    sent = call.params.body or {}
    record = {**await _stored(call), "name": _name(sent)}
    if "scopes" in sent:
        wanted = _scopes(call, sent)
        if wanted is None:
            raise told(400, "at least one scope is required", "scopes")
        record |= {"scopes": wanted, "whole": False}
    await call.state.put(KIND, record["api_key_id"], record)
    return _shown(record)


async def delete(call: Call) -> None:
    """204, once."""
    record = await _stored(call)
    await call.state.delete(KIND, record["api_key_id"])


async def find(state: State, key: str) -> Grant | None:
    """What a key may do that was made here, and for whom. One of a disabled subuser may do nothing."""
    key_id = made_id(key)
    record = None if key_id is None else await state.get(KIND, key_id)
    if record is None or not hmac.compare_digest(record.get("hash", ""), _hash(key)):
        return None
    terms = {"scopes": record["scopes"], "account": record["account"], "whole": record["whole"]}
    if record["account"]:
        owner = await accounts.holder(state, record["account"])
        terms["disabled"] = owner is None or owner["disabled"]
    return Grant(f"{API_KEY}:{record['api_key_id']}", terms)


async def forget(state: State, account: str) -> None:
    """The account is gone, and its keys with it."""
    while found := await _of(state, account, _PAGE):
        for record in found:
            await state.delete(KIND, record["api_key_id"])


async def _of(state: State, account: str, limit: int) -> Sequence[Record]:
    return await state.page(KIND, limit=limit, where={"account": account})


async def _stored(call: Call) -> Record:
    key_id = str(call.params.path["api_key_id"])
    record = await call.state.get(KIND, key_id)
    if record is None or record["account"] != accounts.name(call):
        raise told(404, "unable to find API Key")
    return record


def _name(sent: Record) -> str:
    name = str(sent.get("name") or "")
    if not name.strip():
        raise told(400, "missing or empty name", "name")
    return name


def _scopes(call: Call, sent: Record) -> list[str] | None:
    """The scopes that are asked for, each once; None for none."""
    wanted = list(dict.fromkeys(sent.get("scopes") or ()))
    if not scopes.assignable(call, wanted):
        # Seen in terraform-provider-sendgrid's notes on refused scopes.
        raise told(400, "invalid or unassignable scopes were given", "scopes")
    return wanted or None


def _hash(key: str) -> str:
    # A key is random enough: nothing is won by a slow hash.
    return hashlib.blake2b(key.encode(), digest_size=32).hexdigest()


def _shown(record: Record) -> Record:
    return {"api_key_id": record["api_key_id"], "name": record["name"], "scopes": record["scopes"]}


def _named(record: Record) -> Record:
    return {"api_key_id": record["api_key_id"], "name": record["name"]}
