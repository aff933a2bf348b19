"""What a slow call holds."""

from __future__ import annotations

import asyncio

import pytest

from broker.holding import Holding
from mocks.holding import Hold

PLACE = ("pr-1.00001", "tiny")


class Refused(Exception):
    """What the holds of these tests refuse with."""


def hold(key: str, patience: float = 5.0) -> Hold:
    return Hold(key, patience, lambda: Refused(key))


async def test_others_wait_until_it_is_over() -> None:
    holding, order = Holding(), list[str]()
    let_go = asyncio.Event()

    async def slow(name: str) -> None:
        async with holding.taken(PLACE, [hold("a"), hold(name)]):
            order.append(f"{name} begins")
            await let_go.wait()
            order.append(f"{name} ends")

    async def fast() -> None:
        await holding.wait(PLACE, [hold("a")])
        order.append("fast")

    async def looks_on() -> None:
        await asyncio.sleep(0)
        assert holding
        await holding.wait(PLACE, [hold("b", 0.0)])
        await holding.wait(("pr-2.00002", "tiny"), [hold("a", 0.0)])
        assert order == ["first begins"], "what it does not hold, and other environments, are free"
        let_go.set()

    await asyncio.gather(slow("first"), slow("second"), fast(), looks_on())
    assert order[:2] == ["first begins", "first ends"]
    assert sorted(order[2:]) == ["fast", "second begins", "second ends"]
    assert not holding


@pytest.mark.parametrize("patience", [0.0, 0.001])
async def test_patience_has_an_end(patience: float) -> None:
    holding = Holding()
    async with holding.taken(PLACE, [hold("a"), hold("b")]):
        with pytest.raises(Refused, match="b"):
            await holding.wait(PLACE, [hold("c", patience), hold("b", patience)])
        with pytest.raises(Refused, match="a"):
            async with holding.taken(PLACE, [hold("d"), hold("a", patience)]):
                raise AssertionError("it is held")
    await holding.wait(PLACE, [hold("d", 0.0), hold("a", 0.0)])
    assert not holding, "who was refused holds nothing"


async def test_a_call_that_fails_lets_go() -> None:
    holding = Holding()
    with pytest.raises(ValueError, match="broken"):
        async with holding.taken(PLACE, [hold("a")]):
            raise ValueError("broken")
    assert not holding
