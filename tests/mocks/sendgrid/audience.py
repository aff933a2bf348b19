"""Addresses on an environment's suppression lists, and messages with what happened to them, without any delivery."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

from mocks.sendgrid import accounts, messages, suppressing
from mocks.sendgrid.happenings import happen
from tests.harness import Harness


@asynccontextmanager
async def calling(sendgrid: Harness) -> AsyncIterator[Any]:
    """A call as handlers get it, as far as it is state and time."""
    state = (await sendgrid.store()).begin("sendgrid")
    yield SimpleNamespace(
        state=state,
        now=sendgrid.clock.now(),
        new_id=lambda prefix, length: prefix + sendgrid.clock.text(length),
        emit=lambda event, payload, to: None,
        scope="",
    )
    await state.commit()


async def suppressed(sendgrid: Harness, kind: str, *addresses: str, group_id: int | None = None) -> None:
    """Put addresses on a list."""
    async with calling(sendgrid) as call:
        for address in addresses:
            await suppressing.suppress(call, kind, address, group_id=group_id)


async def mailed(
    sendgrid: Harness,
    *events: str | tuple[str, dict[str, Any]],
    to: str = "ada@example.com",
    account: str = "",
    **more: Any,
) -> str:
    """A message to one recipient, to which events happened, each with its details; further keywords are members of
    the request. Answers its id."""
    body = {"from": {"email": "shop@example.com"}, "subject": "Your order", **more}
    async with calling(sendgrid) as call:
        call.state = accounts.of(call.state, account)
        message_id: str = call.new_id("", 22)
        now = int(call.now.timestamp())
        block: dict[str, Any] = {"to": [{"email": to}]}
        sent = messages.record(body, block, message_id=message_id, place=0, account=account, at=now)
        for event in events:
            name, details = event if isinstance(event, tuple) else (event, {})
            happen(call, sent, to, name, **details)
        await messages.store(call, sent)
    return message_id


async def later(sendgrid: Harness, message_id: str, *events: str, to: str = "ada@example.com") -> None:
    """Let further events happen to a message of the parent's."""
    async with calling(sendgrid) as call:
        sent = await messages.stored(call.state, messages.key(message_id, 0))
        assert sent is not None
        for event in events:
            happen(call, sent, to, event)
        await messages.store(call, sent)


def names(found: Sequence[dict[str, Any]]) -> list[str]:
    """The names of what an answer lists."""
    return [each["name"] for each in found]
