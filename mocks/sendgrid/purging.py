"""Bounces that are forgotten after some days, where the account wants that: its setting ``bounce_purge``.

https://www.twilio.com/docs/sendgrid/ui/account-and-settings/mail (bounce purge, 2026-11): hard bounces are the list of
bounces, soft ones that of blocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mocks.base import Call
from mocks.sendgrid import accounts, agenda, settings, suppressing
from mocks.sendgrid.settings import Settings, enabled

#: By list: how the setting calls its days.
_DAYS: Final = {"bounces": "hard_bounces", "blocks": "soft_bounces"}
_DAY: Final = 86_400

#: The agenda's word for an address that is forgotten.
FORGOTTEN: Final = "forgotten"


def _seconds(account: Settings, listed: str) -> int | None:
    """How long an address stays on a list; None for ever."""
    days = (enabled(account, "bounce_purge") or {}).get(_DAYS.get(listed, ""))
    return days * _DAY if days else None


async def plan(call: Call, account: Settings, listed: str, address: str, since: int) -> None:
    """An address came onto a list at the Unix time ``since``: it goes when the account's time is over."""
    after = _seconds(account, listed)
    if after is not None:
        name = f"{accounts.name(call)}/{listed}/{address.lower()}"
        told = {"account": accounts.name(call), "list": listed, "address": address}
        await agenda.put(call.state, since + after, FORGOTTEN, name, **told)


async def plan_all(call: Call) -> None:
    """The account changed its mind: all addresses of both lists go by it."""
    account = await settings.read(call.state)
    for listed in _DAYS:
        if _seconds(account, listed) is not None:
            for entry in await suppressing.entries(call.state, listed):
                await plan(call, account, listed, entry["email"], entry["created"])


async def forget(call: Call, entry: Mapping[str, Any]) -> None:
    """The time of one address is over, unless the account changed its mind or the address came anew."""
    after = _seconds(await settings.read(call.state), entry["list"])
    found = await suppressing.entry(call.state, entry["list"], entry["address"])
    if after is not None and found is not None and found["created"] + after <= call.now.timestamp():
        await suppressing.remove(call.state, entry["list"], entry["address"])
