"""What calls hold while a fault makes them slow, and who has to wait for it meanwhile.

In memory: a server that ends lets go of everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from mocks.holding import Hold

#: Whose: an environment's uid and a service.
Place = tuple[str, str]


class Holding:
    """Nothing is noted of calls that are as fast as they are."""

    def __init__(self) -> None:
        self._held: dict[tuple[Place, str], asyncio.Event] = {}

    def __bool__(self) -> bool:
        """Whether anything is held at all."""
        return bool(self._held)

    async def wait(self, place: Place, holds: Sequence[Hold]) -> None:
        """Until none of it is held; raises the refusal of what was held for too long."""
        while True:
            hold = next((each for each in holds if (place, each.key) in self._held), None)
            if hold is None:
                return
            try:
                async with asyncio.timeout(max(hold.patience, 0.0)):
                    while (until := self._held.get((place, hold.key))) is not None:
                        await until.wait()
            except TimeoutError:
                raise hold.refusal() from None

    @asynccontextmanager
    async def taken(self, place: Place, holds: Sequence[Hold]) -> AsyncIterator[None]:
        """Hold all of it for the block; waits as ``wait`` does."""
        await self.wait(place, holds)
        free = asyncio.Event()
        keys = [(place, each.key) for each in holds]
        self._held |= dict.fromkeys(keys, free)
        try:
            yield
        finally:
            for key in keys:
                del self._held[key]
            free.set()
