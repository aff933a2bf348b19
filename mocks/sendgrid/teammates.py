"""Teammates: those of the account beside its owner. Who is invited gets a mail, and joins by the link in it.

https://www.twilio.com/docs/sendgrid/api-reference/teammates and .../single-sign-on-teammates (2026-11), and the answers
in the examples of SendGrid's document. Other wording is ours. What a teammate may do is kept: nobody can log in here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from mocks.base import Call, Handler, Record, ServiceError
from mocks.sendgrid import accounts, scopes, user
from mocks.sendgrid.errors import told

KIND: Final = "teammate"
#: Those who are asked to become one: mocks/sendgrid/invitations.py.
INVITATION: Final = "invitation"

#: "Each account may have no more than 1,000 teammates".
MOST: Final = 1000
_PERSON: Final = ("first_name", "last_name")
_PLACE: Final = ("phone", "website", "company", "address", "address2", "city", "state", "country", "zip")


def unknown() -> ServiceError:
    """The refusal of a teammate that is not there."""
    return told(404, "username not found", "username")


async def list_all(call: Call) -> Record:
    """The owner and the teammates, in the order in which they came."""
    query = call.params.query
    offset, limit = query.get("offset") or 0, query.get("limit")
    found = [_listed(await _owner(call)), *(_listed(record) for record in await every(call))]
    return {"result": found[offset : offset + (500 if limit is None else limit)]}


async def every(call: Call) -> Sequence[Record]:
    """The teammates without the owner, oldest first."""
    return await call.state.page(KIND, order="oldest", limit=MOST)


async def retrieve(call: Call) -> Record:
    """One teammate, or the owner."""
    name, owner = _name(call), await _owner(call)
    return owner if name == owner["username"] else _whole(await _stored(call))


async def change(call: Call) -> Record:
    """PATCH: an admin may do everything; others what their scopes say."""
    record = await _stored(call)
    sent = call.params.body or {}
    record = {**record, **rights(sent, "one or more of given scopes are invalid")}
    await call.state.put(KIND, record["username"], record)
    return _whole(record)


async def delete(call: Call) -> None:
    """204, once. The owner stays."""
    if _name(call) == (await _owner(call))["username"]:
        raise told(403, "the owner of the account cannot be deleted", "username")
    record = await _stored(call)
    await call.state.delete(KIND, record["username"])


async def create_sso(call: Call) -> Record:
    """One who logs in by an identity provider is there at once; the address is the username."""
    sent = call.params.body or {}
    record = await join(call, sent["email"], sent["email"], sent, sso=True)
    return _sso(record) | {"is_read_only": bool(sent.get("is_read_only"))}


async def change_sso(call: Call) -> Record:
    """PATCH: what is sent."""
    record = await _stored(call)
    sent = call.params.body or {}
    record |= {name: sent[name] for name in _PERSON if name in sent}
    if "scopes" in sent or "is_admin" in sent:
        record |= rights(sent, "one or more of given scopes are invalid")
    await call.state.put(KIND, record["username"], record)
    return {**_listed(record), "is_sso": record["sso"]}


async def join(call: Call, username: str, email: str, sent: Mapping[str, Any], *, sso: bool = False) -> Record:
    """A new teammate. Raises ServiceError where the name or the address is taken, or there are too many."""
    if not accounts.is_username(username):
        raise told(400, "invalid username", "username")
    known = await every(call)
    if len(known) >= MOST:
        raise told(403, f"an account has {MOST} teammates at the most")
    taken = [await _owner(call), *known]
    if any(username == each["username"] for each in taken):
        raise told(400, "username exists", "username")
    if any(email.lower() == each["email"].lower() for each in taken):
        raise told(400, "a teammate with this email exists", "email")
    record = {
        "username": username,
        "email": email,
        "sso": sso,
        **{name: sent.get(name) or "" for name in _PERSON},
        **rights(sent, _UNASSIGNABLE),
    }
    await call.state.put(KIND, username, record)
    return record


#: Seen in terraform-provider-sendgrid's notes on refused scopes.
_UNASSIGNABLE: Final = "invalid or unassignable scopes were given"


def rights(sent: Mapping[str, Any], wrong: str = _UNASSIGNABLE) -> Record:
    """What somebody may do: an admin everything, so that no scope is kept. Raises ServiceError."""
    asked = list(dict.fromkeys(sent.get("scopes") or ()))
    if not set(asked) <= scopes.KNOWN:
        raise told(400, wrong, "scopes")
    admin = bool(sent.get("is_admin"))
    return {"is_admin": admin, "scopes": [] if admin else asked}


async def invited(call: Call, email: str) -> bool:
    """Whether the address is a teammate's, the owner's, or that of somebody who was asked already."""
    address = email.lower()
    pending = await call.state.page(INVITATION, limit=MOST, where={"account": accounts.name(call)})
    now = call.now.timestamp()
    asked = [each for each in pending if each["until"] > now]
    return any(address == each["email"].lower() for each in [*asked, await _owner(call), *await every(call)])


def _name(call: Call) -> str:
    return str(call.params.path["username"])


async def _stored(call: Call) -> Record:
    record = await call.state.get(KIND, _name(call))
    if record is None:
        raise unknown()
    return dict(record)


async def _owner(call: Call) -> Record:
    profile = await user.profile(call)
    return {
        "username": (await user.username(call))["username"],
        "email": (await user.email(call))["email"],
        **{name: profile[name] for name in (*_PERSON, *_PLACE)},
        "scopes": list(scopes.FULL_ACCESS),
        "user_type": "owner",
        "is_admin": True,
    }


def _listed(record: Record) -> Record:
    return {name: value for name, value in _whole(record).items() if name != "scopes"}


def _whole(record: Record) -> Record:
    kind = record.get("user_type") or ("admin" if record["is_admin"] else "teammate")
    granted = list(scopes.FULL_ACCESS) if record["is_admin"] else record["scopes"]
    names = ("username", "email", *_PERSON, "is_admin")
    shown = {name: record[name] for name in names} | {name: record.get(name, "") for name in _PLACE}
    return {**shown, "scopes": granted, "user_type": kind}


def _sso(record: Record) -> Record:
    names = ("username", "email", *_PERSON, "is_admin")
    return {name: record[name] for name in names} | {"is_sso": record["sso"]}


OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_v3-teammates": list_all,
    "GET_v3-teammates-username": retrieve,
    "PATCH_v3-teammates-username": change,
    "DELETE_v3-teammates-username": delete,
    "POST_sso-teammates": create_sso,
    "PATCH_sso-teammates-username": change_sso,
}
