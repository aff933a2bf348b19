"""Waits until something is as it is wanted: woken by what is written, looking no more often than that."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from broker.errors import TooManyWaits
from broker.storage.base import EnvironmentStore
from broker.verification.asking import Wanted
from broker.verification.searching import Tally, tags, tallied, things
from broker.verification.verdicts import misses, told

#: Waits at once, of one environment and of all.
MOST, MOST_OF_ALL = 64, 512
#: Seconds between two looks: so many at least, and this many times what a look takes.
_PAUSE, _SHARE = 0.01, 2.0

#: What only grows: what was looked at stays as it was.
_GROWING = frozenset({"exchanges", "events"})
#: Deliveries change: a count that is too high now may not stay so.
_CHANGING = frozenset({"deliveries"})


class Waits:
    """Who waits now, by environment: each keeps a connection open."""

    def __init__(self) -> None:
        self._of: Counter[str] = Counter()

    @contextmanager
    def one_more(self, name: str) -> Iterator[None]:
        """For as long as the wait lasts; raises TooManyWaits."""
        if self._of[name] >= MOST or self._of.total() >= MOST_OF_ALL:
            raise TooManyWaits(
                f"{self._of[name]} requests wait in {name} already; {MOST} may, and {MOST_OF_ALL} of all environments"
            )
        self._of[name] += 1
        try:
            yield
        finally:
            self._of[name] -= 1
            if not self._of[name]:
                del self._of[name]


class _Looking:
    """One look after the other, each at what is new since the one before where nothing else can have changed."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._tally = Tally(wanted)
        self._newest: str | None = None

    async def at(self, store: EnvironmentStore) -> Tally:
        if self._wanted.kind not in _GROWING:
            return await tallied(store, self._wanted)
        fresh, newest, met = Tally(self._wanted), None, False
        one, labels = self._wanted, tags(self._wanted.match.said)
        async for thing in things(store, one.kind, scope=one.scope, since=one.since, tags=labels):
            if thing.id == self._newest:
                met = True
                break
            newest = newest or thing.id
            fresh.offer(thing)
        if met:
            fresh.add(self._tally)
        self._tally, self._newest = fresh, newest or self._newest
        return fresh


async def waited(
    open_store: Callable[[], Awaitable[EnvironmentStore]], wanted: Wanted, seconds: float
) -> dict[str, Any]:
    """The verdict once it holds, or can no longer, or when the time is over. ``open_store`` raises what ends the wait:
    the environment may be closed meanwhile."""
    loop, looking = asyncio.get_running_loop(), _Looking(wanted)
    deadline = loop.time() + seconds
    while True:
        store = await open_store()
        with store.listening() as told_of:
            begun = loop.time()
            tally = await looking.at(store)
            hopeless = tally.too_many and wanted.kind not in _CHANGING
            left = deadline - loop.time()
            if tally.ok or hopeless or left <= 0:
                return told(tally, await misses(store, tally))
            pause = max(_PAUSE, _SHARE * (loop.time() - begun))
            try:
                async with asyncio.timeout(left):
                    await told_of.wait()
                    await asyncio.sleep(pause)
            except TimeoutError:
                pass  # one more look, the last one
