"""Exchanges as they are stored, for those who watch: nothing is asked of the database.

Each listener has a short queue of its own; one that is too slow misses the oldest, and is told how many.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from broker.storage.base import Exchange

#: Exchanges that wait for a listener.
_WAITING = 200
#: Listeners at a time, of all environments.
MOST = 100


class Crowded(Exception):
    """So many listen already."""


class Listener:
    """One who watches an environment."""

    def __init__(self, wants: Callable[[Exchange], bool]) -> None:
        self._wants = wants
        self._waiting: deque[Exchange] = deque(maxlen=_WAITING)
        self._wake = asyncio.Event()
        self._missed = 0
        #: Nothing more will come; and that is because the environment is gone.
        self.over = self.gone = False

    def offer(self, exchanges: Sequence[Exchange]) -> None:
        """Take those that are wanted."""
        for exchange in exchanges:
            if self._wants(exchange):
                self._missed += len(self._waiting) == _WAITING
                self._waiting.append(exchange)
        if self._waiting:
            self._wake.set()

    def end(self, *, gone: bool) -> None:
        """Nothing more will come."""
        self.over, self.gone = True, gone
        self._wake.set()

    async def next(self, seconds: float) -> tuple[Sequence[Exchange], int]:
        """What came, oldest first, and how many were missed; nothing after so many seconds without any. ``over`` says
        whether to go on."""
        if not self._waiting and not self.over:
            try:
                async with asyncio.timeout(seconds):
                    await self._wake.wait()
            except TimeoutError:
                pass  # nothing came
        self._wake.clear()
        found, missed = list(self._waiting), self._missed
        self._waiting.clear()
        self._missed = 0
        return found, missed


class Feed:
    """``publish`` costs nothing where nobody listens."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}
        self._over = False

    def publish(self, uid: str, exchanges: Sequence[Exchange]) -> None:
        """What has just been stored of an environment."""
        for listener in self._listeners.get(uid, ()):
            listener.offer(exchanges)

    def end(self, uid: str) -> None:
        """The environment is gone."""
        for listener in self._listeners.get(uid, ()):
            listener.end(gone=True)

    def stop(self) -> None:
        """The server is about to stop: nobody listens any longer."""
        self._over = True
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.end(gone=False)

    @contextmanager
    def listen(self, uid: str, wants: Callable[[Exchange], bool]) -> Iterator[Listener]:
        """Raises Crowded."""
        if sum(map(len, self._listeners.values())) >= MOST:
            raise Crowded
        listener = Listener(wants)
        if self._over:
            listener.end(gone=False)
        self._listeners.setdefault(uid, set()).add(listener)
        try:
            yield listener
        finally:
            others = self._listeners[uid]
            others.discard(listener)
            if not others:
                del self._listeners[uid]
