"""Who waits hears of what comes, and only so many may wait."""

from __future__ import annotations

import asyncio

import pytest

from broker.errors import TooManyWaits
from broker.inbox.arrivals import Arrivals


async def test_everybody_in_the_environment_hears() -> None:
    arrivals = Arrivals()
    with arrivals.listening("a") as one, arrivals.listening("a") as two, arrivals.listening("b") as other:
        arrivals.tell("a", ["m1"])
        arrivals.tell("a", ["m2"])
        assert (await one.next(), await two.next()) == (["m1", "m2"], ["m1", "m2"])
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await other.next()
        arrivals.tell("b", ())
        assert await other.next() == []
        assert arrivals.count == 3
    assert (arrivals.count, arrivals._waiting) == (0, {})
    arrivals.tell("a", ["m3"])


async def test_so_many_may_wait() -> None:
    arrivals = Arrivals(most=1)
    with arrivals.listening("a"), pytest.raises(TooManyWaits), arrivals.listening("b"):
        raise AssertionError("let in")
    with arrivals.listening("b"):
        assert arrivals.count == 1
