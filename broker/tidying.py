"""What the storage has to do beside the calls: what is not used is closed, and what crashes left is swept."""

from __future__ import annotations

import asyncio

from broker.clock import Clock
from broker.storage.base import Storage
from broker.tasks import Keeper

#: Seconds after which an environment's files are closed when nobody calls.
_IDLE = 300.0
#: Seconds between two sweeps. The first one is begun at start-up, which waits for it for so many seconds: in them it
#: ends nearly everywhere, and where it does not it goes on beside the calls.
_BETWEEN, _FIRST = 3600.0, 5.0


class Tidying:
    """Runs with the server."""

    def __init__(self, storage: Storage, clock: Clock, keeper: Keeper) -> None:
        self._storage = storage
        self._clock = clock
        self._keeper = keeper

    async def start(self) -> None:
        """Begin; the keeper ends it."""
        first = self._keeper.start(self._storage.sweep(), "storage: first sweep")
        await asyncio.wait([first], timeout=_FIRST)
        self._keeper.start(self._run(), "storage: rest and sweeps")

    async def _run(self) -> None:
        swept_at = self._clock.monotonic()
        while True:
            await asyncio.sleep(_IDLE / 5)
            await self._storage.rest(_IDLE)
            if self._clock.monotonic() - swept_at >= _BETWEEN:
                await self._storage.sweep()
                swept_at = self._clock.monotonic()
