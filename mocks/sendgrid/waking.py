"""What happens in SendGrid by time alone: see the agenda."""

from __future__ import annotations

from typing import Final

from mocks.base import Call
from mocks.sendgrid import accounts, agenda, delivering, purging
from mocks.sendgrid.marketing import campaigns
from mocks.sendgrid.scheduling import LEAVES, Leaving
from mocks.waking import Waking

#: Entries of the agenda that are kept in one transaction: calls to the environment have their turn in between.
MOST: Final = 50

#: What happens, by the agenda's word for it.
_WHAT: Final = {
    delivering.ARRIVES: delivering.arrive,
    purging.FORGOTTEN: purging.forget,
    campaigns.LEAVES: campaigns.leave,
}


async def act(call: Call) -> None:
    """What is due, or a part of it."""
    whole = call.state
    leaving = Leaving(call)
    for entry in await agenda.now_due(call, MOST):
        call.state, call.scope = accounts.of(whole, entry["account"]), entry.get("scope", "")
        await agenda.drop(call.state, entry)
        if entry["what"] == LEAVES:
            await leaving.leave(entry)
        else:
            await _WHAT[entry["what"]](call, entry)


WAKING: Final = Waking(agenda.due, act)
