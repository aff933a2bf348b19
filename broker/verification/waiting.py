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
from broker.verification.searching import tallied
from broker.verification.verdicts import misses, told

#: Waits at once, of one environment and of all.
MOST, MOST_OF_ALL = 64, 512
#: Seconds between two looks: so many at least, and this many times what a look takes.
_PAUSE, _SHARE = 0.01, 2.0

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


async def waited(
    open_store: Callable[[], Awaitable[EnvironmentStore]], wanted: Wanted, seconds: float
) -> dict[str, Any]:
    """The verdict once it holds, or can no longer, or when the time is over. ``open_store`` raises what ends the wait:
    the environment may be closed meanwhile."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        store = await open_store()
        with store.listening() as told_of:
            begun = loop.time()
            tally = await tallied(store, wanted)
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
