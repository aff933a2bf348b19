"""Renewals come by time alone: by the control API's clock, by a running environment's own time, after a restart."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson
import pytest

from broker.app import Broker
from broker.settings import Settings
from contracts.exchange import Headers, Request
from tests.clocks import HeldClock
from tests.mocks.stripe.client import flat

TOKEN = "a token of the tests"


def made(folder: Path, clock: HeldClock) -> Broker:
    return Broker(Settings(data=folder, token=TOKEN, strict_replies=True), clock=clock)


async def post(broker: Broker, name: str, path: str, **params: Any) -> Any:
    environment = await broker.environments.get_open(name)
    credentials = await broker.storage.registry.credentials(environment.uid)
    sealed = next(each for each in credentials if each.spec == "secret_key")
    key = broker.vault.unseal(sealed.key_sealed)
    headers = Headers([("authorization", f"Bearer {key}"), ("content-type", "application/x-www-form-urlencoded")])
    body = urlencode(list(flat(params))).encode()
    answer = await broker.gateway.answer(
        Request(method="POST", path=f"/e/{name}/stripe/v1/{path}", headers=headers, body=body)
    )
    assert answer.status == 200, answer.body
    return orjson.loads(answer.body)


async def subscribed(broker: Broker, name: str) -> Any:
    customer = await post(broker, name, "customers", source="tok_visa")
    recurring = {"currency": "usd", "unit_amount": 500, "recurring": {"interval": "month"}}
    price = await post(broker, name, "prices", product_data={"name": "Tea"}, **recurring)
    return await post(broker, name, "subscriptions", customer=customer["id"], items=[{"price": price["id"]}])


async def paid(broker: Broker, name: str) -> int:
    store = await broker.environments.store(await broker.environments.get_open(name))
    return len(await store.outbox.events(type="invoice.paid", limit=100))


async def test_an_advance_of_the_clock_renews_at_once(tmp_path: Path) -> None:
    broker = made(tmp_path, HeldClock())
    for name in ("pr-1", "pr-2"):
        await broker.environments.open(name)
        await subscribed(broker, name)
    transport = httpx.ASGITransport(broker.application)
    headers = {"authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://broker.test", headers=headers) as client:  # noqa: TID251 - speaks to the application in this process
        answer = await client.post("/_broker/v1/environments/pr-1/clock", json={"advance": "93d"})
        assert answer.status_code == 200, answer.text
    assert (await paid(broker, "pr-1"), await paid(broker, "pr-2")) == (4, 1)
    await broker.storage.close()


async def test_time_goes_by(tmp_path: Path) -> None:
    clock = HeldClock()
    broker = made(tmp_path, clock)
    for name in ("pr-1", "pr-2"):
        await broker.environments.open(name, ttl=timedelta(days=90))
        await subscribed(broker, name)
    await broker.environments.set_clock("pr-2", clock.now(), timedelta())
    clock.advance(days=20)
    await broker.waker.tick()
    assert await paid(broker, "pr-1") == 1
    clock.advance(days=12)
    await broker.waker.tick()
    assert (await paid(broker, "pr-1"), await paid(broker, "pr-2")) == (2, 1), "the clock of pr-2 stands still"
    await broker.storage.close()
    clock.advance(days=31)
    again = made(tmp_path, clock)
    async with again.lifespan():
        for _ in range(1000):
            if await paid(again, "pr-1") == 3:
                break
            await asyncio.sleep(0.001)
        assert await paid(again, "pr-1") == 3, "what became due while nobody served"
        assert await paid(again, "pr-2") == 1


async def test_the_trouble_of_one_is_not_anothers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = HeldClock()
    broker = made(tmp_path, clock)
    for name in ("pr-1", "pr-2"):
        await broker.environments.open(name, ttl=timedelta(days=90))
        await subscribed(broker, name)
    await broker.waker.tick()
    whole = broker.waker._catch_up

    async def failing(entry: Any, place: Any) -> None:
        if entry.environment.name == "pr-1":
            raise OSError("the disk is full")
        await whole(entry, place)

    monkeypatch.setattr(broker.waker, "_catch_up", failing)
    clock.advance(days=32)
    await broker.waker.tick()
    assert (await paid(broker, "pr-1"), await paid(broker, "pr-2")) == (1, 2)
    monkeypatch.undo()
    broker.waker.changed(await broker.environments.get_open("pr-1"))
    await broker.waker.tick()
    assert await paid(broker, "pr-1") == 2
    await broker.storage.close()
