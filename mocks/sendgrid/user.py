"""The account itself: who it belongs to, what it is called, its credits, and whether its mails insist on TLS.

https://www.twilio.com/docs/sendgrid/api-reference/users-api and .../settings-enforced-tls (2026-11); wording ours.
Enforced TLS is kept and changes nothing: no mail leaves from here.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from mocks.base import Call, Handler, Record
from mocks.sendgrid import accounts, allowances, messages
from mocks.sendgrid.addresses import is_address
from mocks.sendgrid.errors import forbidden, told

_KIND: Final = "user"
_KEY: Final = "account"

_PROFILE: Final = (
    "address",
    "address2",
    "city",
    "company",
    "country",
    "first_name",
    "last_name",
    "phone",
    "state",
    "website",
    "zip",
)
_TLS: Final = {"require_tls": False, "require_valid_cert": False}

#: What a plan of the size that paid accounts begin with gives a month.
CREDITS: Final = 100_000


async def account(call: Call) -> Record:
    """The kind of account, and a reputation that nothing here can spoil."""
    return {"type": "paid", "reputation": 100}


async def credit(call: Call) -> Record:
    """A month's credits: every personalization that was sent takes one. A subuser's are those that its parent set."""
    subuser = await _subuser(call)
    given = {} if subuser is None else await allowances.balance(call, subuser)
    used = given["used"] if given else await call.state.count(messages.KIND)
    remain = given.get("remain")
    total = CREDITS if remain is None else remain + used
    return {
        "remain": max(0, total - used),
        "total": total,
        "overage": max(0, used - total),
        "used": used,
        "last_reset": _first(call.now).strftime("%Y-%m-%d"),
        "next_reset": _next(call.now).strftime("%Y-%m-%d"),
        "reset_frequency": given.get("reset_frequency") or "monthly",
    }


async def profile(call: Call) -> Record:
    """Who the account belongs to: empty until it is told."""
    return {name: (await _kept(call)).get(name, "") for name in _PROFILE}


async def change_profile(call: Call) -> Record:
    """PATCH: "you must include at least one"."""
    sent = {name: value for name, value in (call.params.body or {}).items() if name in _PROFILE}
    if not sent:
        raise told(400, "at least one field is required")
    await _keep(call, sent)
    return await profile(call)


async def username(call: Call) -> Record:
    """What the account is called, and its number."""
    subuser = await _subuser(call)
    if subuser is not None:
        return {"username": subuser["username"], "user_id": subuser["id"]}
    return {"username": (await _kept(call)).get("username") or call.realm, "user_id": 1}


async def change_username(call: Call) -> Record:
    """PUT: another name for the parent account. A subuser keeps the one that its parent gave it."""
    name = (call.params.body or {}).get("username") or ""
    if accounts.name(call):
        raise forbidden()
    if not accounts.is_username(name):
        raise told(400, "invalid username", "username")
    if await accounts.subuser(call.state, name) is not None:
        raise told(400, "username exists", "username")
    await _keep(call, {"username": name})
    return {"username": name}


async def email(call: Call) -> Record:
    """Where the account is written to."""
    subuser = await _subuser(call)
    if subuser is not None:
        return {"email": subuser["email"]}
    return {"email": (await _kept(call)).get("email") or f"{call.realm}@example.com"}


async def change_email(call: Call) -> Record:
    """PUT: another address."""
    address = (call.params.body or {}).get("email") or ""
    if not is_address(address):
        raise told(400, "email must be a valid email address", "email")
    subuser = await _subuser(call)
    if subuser is None:
        await _keep(call, {"email": address})
    else:
        await accounts.parent(call.state).put(accounts.KIND, subuser["username"], {**subuser, "email": address})
    return {"email": address}


async def change_password(call: Call) -> Record:
    """PUT: its hash is kept, and the next change must name it. The first may name any: nobody knows one yet."""
    sent = call.params.body or {}
    old, new = sent.get("old_password") or "", sent.get("new_password") or ""
    kept = (await _kept(call)).get("password")
    if kept is not None and not hmac.compare_digest(kept, _hashed(call, old)):
        raise told(400, "old_password is not correct", "old_password")
    if not new:
        raise told(400, "new_password is required", "new_password")
    await _keep(call, {"password": _hashed(call, new)})
    return {}


async def tls(call: Call) -> Record:
    """Whether recipients must support TLS."""
    kept = await _kept(call)
    return {name: kept.get(name, usual) for name, usual in _TLS.items()}


async def change_tls(call: Call) -> Record:
    """PATCH: one of the settings, or both."""
    await _keep(call, {name: value for name, value in (call.params.body or {}).items() if name in _TLS})
    return await tls(call)


async def _subuser(call: Call) -> Record | None:
    own = accounts.name(call)
    return await accounts.holder(call.state, own) if own else None


async def _kept(call: Call) -> Record:
    return await call.state.get(_KIND, _KEY) or {}


async def _keep(call: Call, changes: Mapping[str, Any]) -> None:
    await call.state.put(_KIND, _KEY, {**await _kept(call), **changes})


def _hashed(call: Call, password: str) -> str:
    # Slow enough for a password that nobody can log in with.
    return hashlib.pbkdf2_hmac("sha256", password.encode(), call.realm.encode(), 1000).hex()


def _first(now: datetime) -> datetime:
    return now.replace(day=1)


def _next(now: datetime) -> datetime:
    return now.replace(year=now.year + now.month // 12, month=now.month % 12 + 1, day=1)


OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_user-account": account,
    "GET_user-credits": credit,
    "GET_user-profile": profile,
    "PATCH_user-profile": change_profile,
    "GET_user-username": username,
    "PUT_user-username": change_username,
    "GET_user-email": email,
    "PUT_user-email": change_email,
    "PUT_user-password": change_password,
    "GET_user-settings-enforced_tls": tls,
    "PATCH_user-settings-enforced_tls": change_tls,
}
