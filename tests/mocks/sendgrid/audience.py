"""Addresses on an environment's suppression lists, without the deliveries that bring them there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

from mocks.sendgrid import suppressing
from tests.harness import Harness


@asynccontextmanager
async def calling(sendgrid: Harness) -> AsyncIterator[Any]:
    """A call as handlers get it, as far as it is state and time."""
    state = (await sendgrid.store()).begin("sendgrid")
    yield SimpleNamespace(state=state, now=sendgrid.clock.now())
    await state.commit()


async def suppressed(sendgrid: Harness, kind: str, *addresses: str, group_id: int | None = None) -> None:
    """Put addresses on a list."""
    async with calling(sendgrid) as call:
        for address in addresses:
            await suppressing.suppress(call, kind, address, group_id=group_id)
