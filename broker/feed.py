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
#: Seconds between two looks whether the server ends.
_LOOK = 1.0


class Crowded(Exception):
    """So many listen already."""


class Listener:
    """One who watches an environment."""

    def __init__(self, wants: Callable[[Exchange], bool], ending: Callable[[], bool]) -> None:
        self._wants = wants
        self._ending = ending
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

    def end(self) -> None:
        """The environment is gone."""
        self.over = self.gone = True
        self._wake.set()

    async def next(self, seconds: float) -> tuple[Sequence[Exchange], int]:
        """What came, oldest first, and how many were missed; nothing after so many seconds without any. ``over`` says
        whether to go on."""
        waited = 0.0
        while not self._waiting and not self.over and waited < seconds:
            try:
                async with asyncio.timeout(min(_LOOK, seconds - waited)):
                    await self._wake.wait()
            except TimeoutError:
                waited += _LOOK
            self.over = self.over or self._ending()
        self._wake.clear()
        found, missed = list(self._waiting), self._missed
        self._waiting.clear()
        self._missed = 0
        return found, missed


class Feed:
    """``publish`` costs nothing where nobody listens."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}
        #: Whether the server is about to stop.
        self.ending: Callable[[], bool] = lambda: False

    def publish(self, uid: str, exchanges: Sequence[Exchange]) -> None:
        """What has just been stored of an environment."""
        for listener in self._listeners.get(uid, ()):
            listener.offer(exchanges)

    def end(self, uid: str) -> None:
        """The environment is gone."""
        for listener in self._listeners.get(uid, ()):
            listener.end()

    @contextmanager
    def listen(self, uid: str, wants: Callable[[Exchange], bool]) -> Iterator[Listener]:
        """Raises Crowded."""
        if sum(map(len, self._listeners.values())) >= MOST:
            raise Crowded
        listener = Listener(wants, lambda: self.ending())
        self._listeners.setdefault(uid, set()).add(listener)
        try:
            yield listener
        finally:
            others = self._listeners[uid]
            others.discard(listener)
            if not others:
                del self._listeners[uid]
