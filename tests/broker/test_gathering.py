"""Rounds that wait for each other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from broker.gathering import Close, Gathering, Place, Waits
from broker.storage.base import Delivery
from tests.broker.storage.samples import delivery

PLACE: Place = ("uid", "alpha", "http://x.example/", None)


class Attempts:
    """Notes what each round had; answers its number to each."""

    def __init__(self) -> None:
        self.rounds: list[Sequence[Delivery]] = []
        self.turn = asyncio.Event()
        self.turn.set()

    async def attempt(self, uid: str, close: Close) -> Waits:
        await self.turn.wait()
        self.rounds.append(close())
        return {each.id: float(len(self.rounds)) for each in self.rounds[-1]}


async def test_who_comes_until_the_turn_joins() -> None:
    made = Attempts()
    made.turn.clear()
    gathering = Gathering(made.attempt)
    one, two, three = (delivery(number) for number in (1, 2, 3))
    first = asyncio.gather(gathering.attempted(PLACE, [one], 0, 9), gathering.attempted(PLACE, [two], 0, 9))
    await asyncio.sleep(0.001)
    late = asyncio.gather(gathering.attempted(PLACE, [three], 0, 9))
    await asyncio.sleep(0)
    made.turn.set()
    assert await first == [{one.id: 1.0}, {two.id: 1.0}]
    assert await late == [{three.id: 1.0}]
    assert await gathering.attempted(PLACE, [one], 0, 9) == {one.id: 2.0}
    assert [len(each) for each in made.rounds] == [3, 1]


async def test_others_look_again_where_the_round_failed() -> None:
    async def broken(uid: str, close: Close) -> Waits:
        raise OSError("full")

    gathering = Gathering(broken)
    one, two = delivery(1), delivery(2)
    leads, joins = await asyncio.gather(
        gathering.attempted(PLACE, [one], 0, 9), gathering.attempted(PLACE, [two], 0, 9), return_exceptions=True
    )
    assert isinstance(leads, OSError)
    assert joins == {two.id: 9}
    with pytest.raises(OSError, match="full"):
        await gathering.attempted(PLACE, [one], 0, 9)
