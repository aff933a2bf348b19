"""Time: whose time a call is in, and what is to happen when.

A customer of a test clock lives in its time, everybody else in the environment's. What time will do to an object is an
appointment: a record that sorts by its time, so that nothing is lost however the server ends. An appointment only says
when to look at an object; the look finds out what is due, so an old one does no harm.

https://docs.stripe.com/billing/testing/test-clocks (2026-11).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from mocks.base import State
from mocks.stripe.calls import Object, StripeCall

KIND = "test_helpers.test_clock"
AGENDA = "appointment"
#: The line of appointments of everybody without a test clock.
WALL = "wall"

#: Sees what is due for the object with that id, in the call's time.
Look = Callable[[StripeCall, str], Awaitable[None]]


async def enter(call: StripeCall, holder: Mapping[str, Any]) -> None:
    """From here on the call's time is that of the test clock which a customer (or what is theirs) belongs to. What time
    itself does keeps its own, which the clock reaches later."""
    if holder.get("test_clock") and not call.automatic:
        clock = await call.state.get(KIND, holder["test_clock"])
        if clock is not None:
            call.timestamp = clock["frozen_time"]


async def appoint(call: StripeCall, at: int, holder: Object) -> None:
    """Look at an object at a time in seconds."""
    line = holder.get("test_clock") or WALL
    kind, key = holder["object"], holder["id"]
    entry: Object = {"account": call.account, "at": at, "kind": kind, "key": key}
    if call.scope:
        entry["scope"] = call.scope
    await call.state.put(AGENDA, f"{line}:{at:012}:{kind}:{key}", entry)


async def _first(state: State, line: str) -> Object | None:
    """The first appointment of a line. Storage has it at hand: most calls ask, mostly in vain."""
    found = await state.page(AGENDA, order="key", prefix=f"{line}:", limit=1)
    return found[0] if found else None


async def due(call: StripeCall, line: str, end: int) -> Object | None:
    """The first appointment of a line up to a time."""
    entry = await _first(call.state, line)
    return entry if entry is not None and entry["at"] <= end else None


async def next_at(state: State, line: str) -> int | None:
    """When the next appointment of a line is, in seconds; None where there is none."""
    entry = await _first(state, line)
    return None if entry is None else int(entry["at"])


async def run(call: StripeCall, line: str, end: int, looks: Mapping[str, Look], most: int | None = None) -> None:
    """Keep the appointments of a line up to a time, in their order, and no more than ``most``. Afterwards the call's
    time is ``end``."""
    call.automatic = True
    kept, scope = 0, call.scope
    try:
        while (most is None or kept < most) and (entry := await due(call, line, end)) is not None:
            kept += 1
            await call.state.delete(AGENDA, f"{line}:{entry['at']:012}:{entry['kind']}:{entry['key']}")
            there = call.inside(entry["account"])
            there.automatic, there.timestamp = True, entry["at"]
            call.scope = entry.get("scope") or scope
            await looks[entry["kind"]](there, entry["key"])
            # A year of renewals takes seconds: calls of other environments have their turn in between.
            await asyncio.sleep(0)
    finally:
        call.automatic = False
        call.timestamp, call.scope = end, scope


async def forget(call: StripeCall, line: str) -> None:
    """Drop all appointments of a line."""
    while found := await call.state.page(AGENDA, order="key", prefix=f"{line}:", limit=100):
        for entry in found:
            await call.state.delete(AGENDA, f"{line}:{entry['at']:012}:{entry['kind']}:{entry['key']}")
