"""That the server is about to stop: whoever waits for something is told at once, and not cut off at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from broker.errors import Stopping


class Ending:
    """``over`` once the server has begun to stop."""

    def __init__(self) -> None:
        self.over = False
        self._waits: set[asyncio.Timeout] = set()

    def begin(self) -> None:
        """Nobody waits any longer; in the loop's own thread."""
        self.over = True
        for wait in self._waits:
            wait.reschedule(asyncio.get_running_loop().time())

    @asynccontextmanager
    async def cuts(self) -> AsyncIterator[None]:
        """Raises Stopping in what waits inside, once the server begins to stop. For what may be asked again, only:
        it is cut wherever it is."""
        if self.over:
            raise Stopping(_WORDS)
        wait = asyncio.timeout(None)
        try:
            async with wait:
                self._waits.add(wait)
                yield
        except TimeoutError:
            if wait.expired():
                raise Stopping(_WORDS) from None
            raise
        finally:
            self._waits.discard(wait)


_WORDS = "the server is stopping, so nobody waits here any longer; ask again once it is back"
