"""Whoever waits hears that the server stops."""

from __future__ import annotations

import asyncio

import pytest

from broker.ending import Ending
from broker.errors import Stopping


async def test_a_wait_is_cut_and_a_late_one_does_not_begin() -> None:
    ending = Ending()

    async def wait() -> None:
        async with ending.cuts(), asyncio.timeout(60):
            await asyncio.Event().wait()

    waiting = [asyncio.ensure_future(wait()) for _ in range(3)]  # noqa: TID251 - awaited below
    await asyncio.sleep(0)
    ending.begin()
    for each in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(each, Stopping)
    with pytest.raises(Stopping):
        await wait()
    assert ending._waits == set()


async def test_a_time_out_inside_stays_one() -> None:
    ending = Ending()
    with pytest.raises(TimeoutError):
        async with ending.cuts(), asyncio.timeout(0):
            await asyncio.Event().wait()
    async with ending.cuts():
        pass
    assert not ending.over
