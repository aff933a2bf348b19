"""An environment is asked as an application asks, with its own virtual keys or as nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from broker import sides as module
from broker.app import Broker
from broker.probing import Unusable
from broker.sides import EnvironmentSide, Sides
from contracts.exchange import Headers, Request

FORM = Headers([("content-type", "application/x-www-form-urlencoded")])
MAKE = Request(method="POST", path="/v1/customers", headers=FORM, body=b"name=Ada")


@pytest.fixture
async def side(broker: Broker) -> EnvironmentSide:
    sides = Sides(
        environments=broker.environments,
        storage=broker.storage,
        vault=broker.vault,
        clock=broker.clock,
        answer=broker.gateway.answer,
    )
    return await sides.of(await broker.environments.get_open("pr-1"), broker.services["stripe"])


async def test_calls_carry_the_environments_key(side: EnvironmentSide) -> None:
    made = await side.ask(MAKE)
    assert (made.status, b'"Ada"' in made.body) == (200, True)
    assert (await side.ask(MAKE, keyed=False)).status == 401


async def test_events_stand_as_they_came(side: EnvironmentSide) -> None:
    await side.ask(MAKE)
    await side.ask(replace(MAKE, path="/v1/products"))
    told = await side.events()
    assert [each.type for each in told or ()] == ["customer.created", "product.created"]
    side.hears = False
    assert await side.events() is None


async def test_a_long_answer_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ANSWER", 3)
    assert await module._whole(module._pieces(b"abc", 2)) == b"abc"
    with pytest.raises(Unusable):
        await module._whole(module._pieces(b"abcd", 2))
