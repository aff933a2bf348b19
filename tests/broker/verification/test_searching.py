"""Looking through what is stored: all of it once, newest first, and others have their turn meanwhile."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from broker.storage.base import EnvironmentStore
from broker.verification.asking import Kind, read
from broker.verification.searching import Tally, tallied, things
from tests.broker.storage.samples import delivery, event, exchange, mail
from tests.clocks import START


async def ids(store: EnvironmentStore, kind: Kind, **selection: Any) -> list[str]:
    return [thing.id async for thing in things(store, kind, **selection)]


async def fill(store: EnvironmentStore, count: int) -> None:
    await store.journal.add([exchange(number, scope="even" if number % 2 == 0 else "odd") for number in range(count)])
    call = store.begin("alpha")
    await call.start()
    for number in range(count):
        at, scope = START + timedelta(seconds=number), "even" if number % 2 == 0 else "odd"
        call.add_mail("alpha", mail(number), at, scope)
        call.add_event(event(number, created_at=at, scope=scope))
        call.add_delivery(delivery(number, event_id=f"evt_{number}", created_at=at, scope=scope))
    await call.commit()


@pytest.mark.parametrize(
    ("kind", "name"),
    [("exchanges", "exc_{:05}"), ("mails", "mail_{}"), ("events", "evt_{}"), ("deliveries", "dlv_{}")],
)
async def test_each_kind_once_newest_first(store: EnvironmentStore, kind: Kind, name: str) -> None:
    assert await ids(store, kind) == []
    await fill(store, 230)
    assert await ids(store, kind) == [name.format(number) for number in range(229, -1, -1)]
    wanted = read({"kind": kind, "scope": "even"})
    assert (await tallied(store, wanted)).count == 115
    assert (await tallied(store, read({"kind": kind, "match": {"scope": "odd"}}))).count == 115
    since = (START + timedelta(seconds=200)).isoformat()
    found = await tallied(store, read({"kind": kind, "since": since}))
    assert found.count == (0 if kind == "exchanges" else 30)


async def test_what_can_be_left_out_is_left_out(store: EnvironmentStore) -> None:
    await store.journal.add([exchange(number) for number in range(50)])
    await store.journal.add([exchange(100, service="beta", operation="other")])
    looked = [thing.id async for thing in things(store, "exchanges", tags=["beta", "other"])]
    assert len(looked) < 20
    wanted = read({"kind": "exchanges", "match": {"service": "beta", "operation": "other", "status": 200}})
    assert [thing.id for thing in (await tallied(store, wanted)).found] == ["exc_00100"]


async def test_a_tally_counts_all_and_keeps_some(store: EnvironmentStore) -> None:
    await store.journal.add([exchange(number) for number in range(20)])
    tally = Tally(read({"kind": "exchanges", "match": {"status": {"$gte": 200}}, "count": 5}), keep=3)
    async for thing in things(store, "exchanges"):
        assert tally.offer(thing)
    assert (tally.count, len(tally.found), tally.ok, tally.too_many) == (20, 3, False, True)
    assert [thing.id for thing in tally.found] == ["exc_00019", "exc_00018", "exc_00017"]


async def test_others_have_their_turn(store: EnvironmentStore) -> None:
    """A search through many things gives way at each piece: a task that only counts its turns gets as many."""
    await fill(store, 300)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.get_running_loop().create_task(others())
    await tallied(store, read({"kind": "exchanges", "match": {"request.body": {"$regex": "(a+)+$"}}}))
    task.cancel()
    assert turns > 15
