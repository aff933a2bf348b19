"""Whose records a call sees: those of the account that the environment's own keys belong to, its parent account, or
those of one of its subusers.

https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/on-behalf-of (2026-11): the header
makes a call "as if the Subuser is making the call"; the parent's key is sent with it, and Mail Send does not know it
(sendgrid-nodejs issue 886: the mail goes through the parent account).
"""

from __future__ import annotations

from typing import Final

from mocks.base import Call, Handler, Record, Result, State
from mocks.scoped import Scoped
from mocks.sendgrid.errors import forbidden

#: The subusers, by username.
KIND: Final = "subuser"

#: Records that all accounts share: what is the parent's alone, and what time has to find in all of them at once. A
#: record of these kinds says in a member of its own whose it is.
SHARED: Final = frozenset([KIND, "agenda"])

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


async def around(call: Call, handler: Handler) -> Result:
    """The call with the records of the account that it acts for."""
    behalf = call.request.headers.get(HEADER)
    if behalf and call.operation.id not in _DEAF:
        record = await subuser(call.state, behalf.strip())
        if record is None or record.get("disabled"):
            raise forbidden()
        call.state = of(call.state, record["account"])
    return await handler(call)
