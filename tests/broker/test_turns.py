"""Turns of large bodies: few at a time and in order; who does not use his loses it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from broker import receive, turns
from broker.receive import stream
from broker.turns import BYTES, Turn, Turns

MOST = 2


@pytest.fixture(autouse=True)
def _two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MOST", MOST)


async def settled() -> None:
    """What is ready has run."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No turn is taken back."""
    monkeypatch.setattr(turns, "SILENT", 1000.0)


async def waiting(several: Turns) -> asyncio.Future[Any]:
    found = asyncio.gather(several.take(None), return_exceptions=True)
    await settled()
    return found


@pytest.mark.usefixtures("patient")
async def test_so_many_run_and_the_others_wait_in_order() -> None:
    several = Turns()
    running = [await several.take(None) for _ in range(MOST)]
    first, second = await waiting(several), await waiting(several)
    assert not first.done()
    several.end(running[0])
    several.end(running[0])
    await settled()
    assert (first.done(), second.done()) == (True, False)
    several.end((await first)[0])
    await settled()
    assert second.done()


@pytest.mark.usefixtures("patient")
async def test_a_turn_lasts_for_its_bytes() -> None:
    several = Turns()
    mine = await several.take(None)
    others = [await several.take(None) for _ in range(MOST - 1)]
    next_one = await waiting(several)
    several.came(mine, BYTES - 1)
    assert await several.take(mine) is mine
    several.came(mine, 1)
    again = asyncio.gather(several.take(mine))
    await settled()
    assert next_one.done(), "it goes to who waits"
    assert not again.done()
    several.end(others[0])
    assert (await again)[0] is not mine


async def test_who_sends_nothing_loses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "SILENT", 0.001)
    monkeypatch.setattr(turns, "BLOCKED", 1000.0)
    several = Turns()
    idle = [await several.take(None) for _ in range(MOST)]
    busy = idle[0]
    several.came(busy, 10)
    got = await asyncio.wait_for(several.take(None), 5)
    assert got not in idle
    assert await several.take(busy) is busy, "who reads has longer"
    fresh = await asyncio.wait_for(several.take(idle[1]), 5)
    assert fresh is not idle[-1]


@pytest.mark.usefixtures("patient")
async def test_who_gives_up_waiting_keeps_nobody_waiting() -> None:
    several = Turns()
    running = [await several.take(None) for _ in range(MOST)]
    given_up = asyncio.ensure_future(several.take(None))  # noqa: TID251 - cancelled below
    await settled()
    granted = asyncio.ensure_future(several.take(None))  # noqa: TID251 - cancelled below
    await settled()
    given_up.cancel()
    await settled()
    several.end(running[0])
    # Granted, and cancelled before it has run.
    granted.cancel()
    await settled()
    assert (given_up.cancelled(), granted.cancelled()) == (True, True)
    assert isinstance(await asyncio.wait_for(several.take(None), 5), Turn)


async def test_large_bodies_take_turns_and_small_ones_none() -> None:
    several = Turns()
    order: list[str] = []

    def sent(name: str, size: int, pieces: int) -> Any:
        left = [*[size] * pieces]

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0)
            order.append(name)
            size = left.pop()
            return {"type": "http.request", "body": b"x" * size, "more_body": bool(left)}

        return receive

    async def read(body: AsyncIterator[bytes]) -> int:
        return sum([len(chunk) async for chunk in body])

    names = [f"large-{number}" for number in range(MOST + 2)]
    bodies = [stream(sent(name, BYTES // 2, 8), 30, several) for name in names]
    small = stream(sent("small", 1000, 3), 30, several)
    sizes = await asyncio.gather(*map(read, bodies), read(small))
    assert sizes == [*[BYTES * 4] * len(names), 3000]
    last = {name: len(order) - 1 - order[::-1].index(name) for name in [*names, "small"]}
    assert min(last, key=lambda name: last[name]) == "small"
    assert several._running == set()


async def test_whose_bytes_come_one_by_one_holds_no_turn_while_he_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "SILENT", 0.0)  # everybody is slow
    several = Turns()
    asked = asyncio.Event()
    chunks = [b"x" * 100_000] * 3

    async def slowly() -> dict[str, Any]:
        if not chunks:
            asked.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        return {"type": "http.request", "body": chunks.pop(), "more_body": True}

    async def read() -> None:
        async for _ in stream(slowly, 30, several):
            pass

    reading = asyncio.ensure_future(read())  # noqa: TID251 - cancelled below
    await asked.wait()
    assert several._running == set()
    reading.cancel()
    await asyncio.wait([reading])
