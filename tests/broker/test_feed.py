"""Those who watch: each what it wants, none holds up another, all end."""

from __future__ import annotations

import asyncio

import pytest

from broker import feed as feeds
from broker.feed import Crowded, Feed
from tests.broker.storage.samples import exchange


async def test_each_hears_what_it_wants_of_its_environment() -> None:
    feed = Feed()
    with feed.listen("a", lambda one: one.status == 200) as all_well, feed.listen("b", lambda one: True) as other:
        feed.publish("a", [exchange(1), exchange(2, status=500), exchange(3)])
        found, missed = await all_well.next(1)
        assert ([one.id for one in found], missed) == (["exc_00001", "exc_00003"], 0)
        assert await other.next(0.01) == ([], 0)
    assert feed._listeners == {}
    feed.publish("a", [exchange(4)])


async def test_who_is_too_slow_misses_the_oldest() -> None:
    feed = Feed()
    with feed.listen("a", lambda one: True) as slow:
        for number in range(feeds._WAITING + 5):
            feed.publish("a", [exchange(number)])
        found, missed = await slow.next(1)
        assert (len(found), missed, found[0].id) == (feeds._WAITING, 5, "exc_00005")


async def test_waiting_ends_with_what_comes_with_the_environment_and_with_the_server() -> None:
    feed = Feed()
    with feed.listen("a", lambda one: True) as listener:
        waiting = asyncio.ensure_future(listener.next(60))  # noqa: TID251 - awaited below
        await asyncio.sleep(0)
        feed.publish("a", [exchange(1)])
        assert len((await waiting)[0]) == 1
        feed.end("a")
        assert await listener.next(60) == ([], 0)
        assert listener.over


async def test_a_server_that_stops_ends_them() -> None:
    feed = Feed()
    with feed.listen("a", lambda one: True) as listener:
        feed.stop()
        assert await listener.next(60) == ([], 0)
        assert listener.over
        assert not listener.gone
    with feed.listen("a", lambda one: True) as late:
        assert await late.next(60) == ([], 0)
        assert late.over


async def test_so_many_may_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST", 1)
    feed = Feed()
    with feed.listen("a", lambda one: True), pytest.raises(Crowded), feed.listen("b", lambda one: True):
        pass
