"""Whose records a call sees: those of the account that the environment's own keys belong to, its parent account, or
those of one of its subusers.

https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/on-behalf-of (2026-11): the header
makes a call "as if the Subuser is making the call"; the parent's key is sent with it, and Mail Send does not know it
(sendgrid-nodejs issue 886: the mail goes through the parent account).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import Final

from mocks.base import Call, Handler, Record, Result, State
from mocks.scoped import Scoped
from mocks.sendgrid import paging
from mocks.sendgrid.errors import forbidden

#: The subusers, by username.
KIND: Final = "subuser"

#: Records that all accounts share: what is the parent's alone, and what time has to find in all of them at once. A
#: record of these kinds says in a member of its own whose it is.
SHARED: Final = frozenset([KIND, "api_key", "agenda", "event_webhook", "invitation", "parse_setting"])

#: Between a username and the number of its holder, from the second on: no name contains it.
AGAIN: Final = "~"

#: What no username may hold: it names records, and stands in paths and headers.
_USERNAME: Final = re.compile(r"[\w.@+-]{1,64}")
#: How often a username was taken, and the last user id that was given.
_LIVES: Final = "subuser_lives"
_NUMBERS: Final = "subuser_numbers"
_FIRST_ID: Final = 1000

#: The policy's option ``subusers: any`` makes a subuser of whoever the header names.
OPTION: Final = "subusers"
HEADER: Final = "on-behalf-of"

#: Operations that act for the account of the key, whatever the header says.
_DEAF: Final = frozenset(["POST_mail-send"])


def name(call: Call) -> str:
    """The account that the call acts for, as ``of`` takes it: "" for the parent."""
    return call.state.account if isinstance(call.state, Scoped) else ""


def parent(state: State) -> State:
    """The parent account's records, whoever's ``state`` is."""
    return state.whole if isinstance(state, Scoped) else state


def of(state: State, account: str) -> State:
    """The records of that account."""
    whole = parent(state)
    return Scoped(whole, account, SHARED) if account else whole


async def subuser(state: State, username: str) -> Record | None:
    """The subuser of that name."""
    return await state.get(KIND, username)


async def subusers(state: State) -> list[Record]:
    """All of the subusers, the oldest first."""
    return [each async for each in paging.every(state, KIND, lambda each: str(each["username"]))]


def is_username(text: str) -> bool:
    """Whether an account can be called so."""
    return _USERNAME.fullmatch(text) is not None


async def number(state: State, kind: str, key: str, first: int) -> int:
    """The next number, counted from ``first`` on, of what the record ``key`` of that kind counts."""
    known = await state.get(kind, key)
    found = first if known is None else int(known["last"]) + 1
    await state.put(kind, key, {"last": found})
    return found


async def holder(state: State, account: str) -> Record | None:
    """The subuser whose records ``of`` that account are, as long as it is there. A name that was given up and taken
    again is another account."""
    record = await parent(state).get(KIND, username(account))
    return record if record is not None and record["account"] == account else None


async def make(state: State, username: str, email: str, ips: Sequence[str] = (), region: str = "global") -> Record:
    """A new subuser of that name, which is free. What its records are kept under is another each time."""
    life = await number(state, _LIVES, username, 1)
    record = {
        "username": username,
        "id": await number(state, _NUMBERS, "id", _FIRST_ID),
        "email": email,
        "ips": list(ips),
        "region": region,
        "disabled": False,
        "website_access": True,
        "account": username if life == 1 else f"{username}{AGAIN}{life}",
    }
    await state.put(KIND, username, record)
    return record


def username(account: str) -> str:
    """Who that account is: the name of its subuser."""
    return account.partition(AGAIN)[0]


async def around(call: Call, handler: Handler) -> Result:
    """The call with the records of the account that it acts for: the key's, or the one that the header names."""
    account = call.grant.get("account", "")
    behalf = (call.request.headers.get(HEADER) or "").strip()
    if behalf and call.operation.id not in _DEAF:
        record = await subuser(call.state, behalf)
        if record is None and not account and call.options.get(OPTION) == "any" and is_username(behalf):
            record = await make(call.state, behalf, f"{zlib.crc32(behalf.encode())}@example.com")
        if account or record is None or record["disabled"]:
            raise forbidden()
        account = record["account"]
    if account:
        call.state = of(call.state, account)
    return await handler(call)
