"""Who may send: whether an address is a verified sender of the account, and the mails that verify it.

https://www.twilio.com/docs/sendgrid/for-developers/sending-email/sender-identity (2026-11): a single sender, who
clicked the link in a verification mail, or a domain that is authenticated.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Final

from mocks.base import Call, Mail, Record, State
from mocks.sendgrid import accounts, domains

#: Senders who were made through ``/v3/verified_senders`` and through ``/v3/senders``.
SINGLE: Final = "verified_sender"
IDENTITY: Final = "sender_identity"
TOKEN: Final = "sender_token"  # noqa: S105 - a kind of record

#: Where the link of a verification mail leads.
PATH: Final = "/verify_sender"

_FROM: Final = {"email": "no-reply@sendgrid.com", "name": "SendGrid"}
#: "Your verification link is only valid for 48 hours" (https://github.com/sendgrid/docs/pull/2696).
_LASTS: Final = 48 * 3600


async def verified(call: Call, address: str) -> bool:
    """Whether mail may come from ``address``."""
    where = {"from": address.lower(), "verified": "1"}
    for kind in (SINGLE, IDENTITY):
        if await call.state.count(kind, where):
            return True
    return await domains.authenticated(call, address.rpartition("@")[2].lower())


def index(address: str, is_verified: bool) -> Mapping[str, str]:
    """What a sender's record is found by."""
    return {"from": address.lower(), "verified": "1" if is_verified else "0"}


async def ask(call: Call, kind: str, key: str, address: str, name: str) -> None:
    """Send the mail whose link verifies a sender. Its token opens nothing but that."""
    token = call.new_id("", 32)
    record = {"kind": kind, "key": key, "account": accounts.name(call), "until": call.now.timestamp() + _LASTS}
    # Links are opened without a key, and so by the parent account.
    await accounts.parent(call.state).put(TOKEN, token, record)
    link = f"{call.address}{PATH}?token={token}"
    call.send_mail(
        Mail(
            id=f"{call.new_id('', 22)}.0",
            sender=_FROM,
            to=[{"email": address, **({"name": name} if name else {})}],
            subject="Please verify your sender identity",
            text=f"Verify {address} as a sender: {link}\n",
            html=f'<p>Verify {escape(address)} as a sender: <a href="{escape(link)}">Verify sender identity</a></p>',
            custom={"verification": kind},
        )
    )


async def answer(call: Call, token: str) -> Record | None:
    """Verify the sender of that token; None where there is none, or where it is too late."""
    shared = accounts.parent(call.state)
    found = await shared.get(TOKEN, token)
    if found is None or call.now.timestamp() > found["until"]:
        return None
    state = accounts.of(call.state, found["account"])
    sender = await state.get(found["kind"], found["key"])
    if sender is None:
        return None
    sender = {**sender, "verified": True}
    await state.put(found["kind"], found["key"], sender, index(address_of(sender), True))
    return sender


def address_of(sender: Record) -> str:
    """The address that a sender of either kind sends from."""
    whole: Any = sender.get("from_email") or (sender.get("from") or {}).get("email") or ""
    return str(whole)


async def any_verified(state: State) -> bool:
    """Whether the account has a single sender who is verified."""
    for kind in (SINGLE, IDENTITY):
        if await state.count(kind, {"verified": "1"}):
            return True
    return False
