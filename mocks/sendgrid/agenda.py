"""What happens to mail by time alone: scheduled messages leave, and deferred ones arrive.

One record for each, of all accounts (accounts.SHARED), its key beginning with its time, so that the next is the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from mocks.base import Call, Record, State

KIND: Final = "agenda"


def _key(at: int, name: str) -> str:
    return f"{at:012d}/{name}"


async def put(state: State, at: int, what: str, name: str, **told: Any) -> None:
    """``what`` happens at the Unix time ``at``, in the ``scope`` that is told. ``name`` tells it from others of that
    time; what is ``held`` of a ``batch`` is found by that."""
    record = {"at": at, "what": what, "name": name, **told}
    await state.put(KIND, _key(at, name), record, {"held": told["batch"]} if told.get("held") else None)


async def drop(state: State, entry: Mapping[str, Any]) -> None:
    """It has happened, or will not."""
    await state.delete(KIND, _key(entry["at"], entry["name"]))


async def move(state: State, entry: Record, at: int, **told: Any) -> None:
    """It happens at another time."""
    await drop(state, entry)
    await put(state, **{**entry, **told, "at": at})


async def held(state: State, batch: str, limit: int) -> list[Record]:
    """What is held back of a batch."""
    return list(await state.page(KIND, order="oldest", where={"held": batch}, limit=limit))


async def due(state: State) -> datetime | None:
    """When the next of it happens."""
    found = await state.page(KIND, order="key", limit=1)
    return datetime.fromtimestamp(found[0]["at"], UTC) if found else None


async def now_due(call: Call, most: int) -> list[Record]:
    """What has come due, in the order of its time, so much of it as one transaction takes."""
    now = call.now.timestamp()
    return [entry for entry in await call.state.page(KIND, order="key", limit=most) if entry["at"] <= now]
