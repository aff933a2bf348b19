"""Who waits for mails, and hears of them as they come: woken by the commit, nobody looks again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from broker.errors import TooManyWaits

#: So many may wait at once, in all environments together: each costs a connection, too.
MOST = 5000


class Heard:
    """What came since it was asked last."""

    def __init__(self) -> None:
        self._mail_ids: list[str] = []
        self._came = asyncio.Event()

    def tell(self, mail_ids: Sequence[str]) -> None:
        self._mail_ids += mail_ids
        self._came.set()

    async def next(self) -> Sequence[str]:
        """Waits for something. Empty when the environment has changed or ended."""
        await self._came.wait()
        self._came.clear()
        found, self._mail_ids = self._mail_ids, []
        return found


class Arrivals:
    """Of all environments, by uid."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._waiting: dict[str, set[Heard]] = {}
        #: How many wait, for the metrics.
        self.count = 0

    def tell(self, uid: str, mail_ids: Sequence[str]) -> None:
        """These mails are committed; none: look whether the environment is still there."""
        for heard in self._waiting.get(uid, ()):
            heard.tell(mail_ids)

    @contextmanager
    def listening(self, uid: str) -> Iterator[Heard]:
        """Hears of what comes from now on. Raises TooManyWaits."""
        if self.count >= self._most:
            raise TooManyWaits(f"{self._most} callers wait for mails already; try again, or ask for the list")
        heard = Heard()
        self.count += 1
        self._waiting.setdefault(uid, set()).add(heard)
        try:
            yield heard
        finally:
            self.count -= 1
            others = self._waiting[uid]
            others.discard(heard)
            if not others:
                del self._waiting[uid]
