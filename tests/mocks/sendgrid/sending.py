"""Sending in tests: the mailbox, the events, and a message's records."""

from __future__ import annotations

from typing import Any

from tests.harness import Harness

SEND = "/v3/mail/send"


async def mails(sendgrid: Harness) -> list[Any]:
    """The mailbox, oldest first."""
    store = await sendgrid.store()
    return list(reversed(await store.mailbox.mails(limit=500)))


async def events(sendgrid: Harness) -> list[tuple[str, str]]:
    """What happened: (event, address), oldest first."""
    store = await sendgrid.store()
    found = list(reversed(await store.outbox.events(limit=500)))
    return [(event.type, event.payload["email"]) for event in found]


async def records(sendgrid: Harness, kind: str) -> list[Any]:
    """The records of a kind, oldest first."""
    state = (await sendgrid.store()).begin("sendgrid")
    found = await state.page(kind, order="oldest", limit=500)
    await state.rollback()
    return list(found)
