"""Waits: woken by what is written, ended by what cannot be any more, and never too many."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from broker.errors import EnvironmentClosed, TooManyWaits
from broker.storage.base import EnvironmentStore, Made
from broker.verification.asking import read
from broker.verification.searching import Tally
from broker.verification.waiting import MOST, MOST_OF_ALL, Waits, _Looking, waited
from tests.broker.storage.samples import attempt, delivery, event, exchange


def waiting(store: EnvironmentStore, seconds: float = 30, **asked: Any) -> asyncio.Task[dict[str, Any]]:
    async def open_store() -> EnvironmentStore:
        return store

    wanted = read({"kind": "exchanges", **asked})
    return asyncio.get_running_loop().create_task(waited(open_store, wanted, seconds))  # type: ignore[arg-type]  # a coroutine


async def turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_is_so_already_is_answered_at_once(store: EnvironmentStore) -> None:
    await store.journal.add([exchange(1)])
    assert (await waiting(store))["ok"]


async def test_woken_by_what_is_written(store: EnvironmentStore) -> None:
    task = waiting(store, count=2)
    for number in range(2):
        await turn()
        assert not task.done()
        await store.journal.add([exchange(number)])
    assert (await task)["count"] == 2


async def test_a_delivery_is_seen_to_arrive(store: EnvironmentStore) -> None:
    await store.outbox.add_event(event(1), [delivery(1)])
    task = waiting(store, kind="deliveries", match={"status": "delivered", "attempts": 1})
    await turn()
    made = Made(delivery_id="dlv_1", attempt=attempt(1, status=200), status="delivered", next_at=None)
    await store.outbox.record_attempts([made])
    assert (await task)["found"] == ["dlv_1"]


async def test_what_cannot_be_any_more_is_not_waited_for(store: EnvironmentStore) -> None:
    await store.journal.add([exchange(1), exchange(2)])
    found = await waiting(store, count=1)
    assert (found["ok"], found["count"]) == (False, 2)


async def test_the_end_of_the_time_is_a_verdict_with_near_misses(store: EnvironmentStore) -> None:
    await store.journal.add([exchange(1)])
    found = await waiting(store, 0.01, match={"status": 500})
    assert (found["ok"], len(found["near_misses"])) == (False, 1)


async def test_a_closed_environment_ends_the_wait(store: EnvironmentStore) -> None:
    opened = 0

    async def open_store() -> EnvironmentStore:
        nonlocal opened
        opened += 1
        if opened > 1:
            raise EnvironmentClosed("it is closed")
        return store

    task = asyncio.get_running_loop().create_task(waited(open_store, read({"kind": "mails"}), 30))
    await turn()
    await store.close()  # type: ignore[attr-defined]  # what is idle, or destroyed, is closed
    with pytest.raises(EnvironmentClosed):
        await task


def test_there_are_never_too_many() -> None:
    waits = Waits()
    held = [waits.one_more("pr-1") for _ in range(MOST)]
    for each in held:
        each.__enter__()
    with pytest.raises(TooManyWaits), waits.one_more("pr-1"):
        pass
    with waits.one_more("pr-2"):
        pass
    held.pop().__exit__(None, None, None)
    with waits.one_more("pr-1"):
        pass
    held += [waits.one_more(f"pr-{10 + number}") for number in range(MOST_OF_ALL - MOST + 1)]
    for each in held[MOST - 1 :]:
        each.__enter__()
    with pytest.raises(TooManyWaits), waits.one_more("pr-9"):
        pass


async def test_each_look_is_at_what_is_new(store: EnvironmentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    offer = Tally.offer

    def counting(tally: Tally, thing: Any) -> bool:
        looked.append(thing.id)
        return offer(tally, thing)

    monkeypatch.setattr(Tally, "offer", counting)
    await store.journal.add([exchange(number) for number in range(20)])
    task = waiting(store, count=23)
    for number in range(20, 23):
        await turn()
        await store.journal.add([exchange(number)])
    found = await task
    assert (found["count"], len(found["found"]), len(looked)) == (23, 23, 23)
    assert found["found"] == [f"exc_{number:05}" for number in range(22, -1, -1)]


async def test_a_look_begins_anew_where_the_journal_dropped_what_was_looked_at(store: EnvironmentStore) -> None:
    looking = _Looking(read({"kind": "exchanges"}))
    await store.journal.add([exchange(1)])
    assert (await looking.at(store)).count == 1
    journal: Any = store.journal
    async with journal._session.writing() as connection:
        connection.execute("DELETE FROM exchanges")
    await store.journal.add([exchange(2)])
    assert (await looking.at(store)).count == 1
