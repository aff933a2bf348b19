"""Ids that are numbers: the next one of a kind, of one account."""

from __future__ import annotations

from typing import Final

from mocks.base import State

_KIND: Final = "number"


async def following(state: State, kind: str, first: int = 1) -> int:
    """The next number of ``kind``; numbers of what was deleted are not given again."""
    last = await state.get(_KIND, kind)
    number = last["last"] + 1 if last else first
    await state.put(_KIND, kind, {"last": number})
    return number


def key(number: int) -> str:
    """The number as the key of a record: keys are ordered as the numbers are."""
    return f"{int(number):012d}"  # JSON writes integers beyond 64 bits as floats
