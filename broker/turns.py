"""Turns of large bodies: few of them move at a time, so that a hundred uploads at once are no reason for a short call
to wait. Together they are as fast, since one event loop moves them all.

A turn is so many bytes. Whoever's peer sends nothing meanwhile keeps nobody waiting: his turn is taken back.
"""

from __future__ import annotations

import asyncio
from collections import deque

#: Bodies that move at a time, and the bytes of a turn. Each one reads a quarter of a MiB whenever the event loop comes
#: around, and one keeps it busy.
MOST, BYTES = 1, 1 << 20
#: Seconds after which a turn is taken back in which the peer sends nothing, and one in which who reads takes nothing.
SILENT, BLOCKED = 0.02, 0.05


class Turn:
    """The right to move ``left`` more bytes. ``until`` is when it is taken back, in the loop's seconds."""

    __slots__ = ("left", "until")

    def __init__(self, until: float) -> None:
        self.left = BYTES
        self.until = until


class Turns:
    """Of one event loop, first come, first served."""

    def __init__(self) -> None:
        self._running: set[Turn] = set()
        self._waiting: deque[asyncio.Future[Turn]] = deque()
        self._looking: asyncio.TimerHandle | None = None

    async def take(self, turn: Turn | None) -> Turn:
        """A turn to move bytes in: ``turn`` as long as it lasts, the next one then."""
        if turn is None or turn.left <= 0 or turn not in self._running:
            self.end(turn)
            turn = await self._next()
        return turn

    def came(self, turn: Turn, size: int) -> None:
        """So many bytes of it are used, and are handed on now."""
        turn.left -= size
        turn.until = self.now() + BLOCKED

    def taken(self, turn: Turn) -> None:
        """They are taken: it is the peer's turn to send more."""
        turn.until = self.now() + SILENT

    @staticmethod
    def now() -> float:
        """The loop's seconds."""
        return asyncio.get_running_loop().time()

    def end(self, turn: Turn | None) -> None:
        """Idempotent."""
        if turn is not None:
            self._running.discard(turn)
            self._grant()

    async def _next(self) -> Turn:
        loop = asyncio.get_running_loop()
        if len(self._running) < MOST and not self._waiting:
            return self._begun(loop)
        mine: asyncio.Future[Turn] = loop.create_future()
        self._waiting.append(mine)
        if self._looking is None:
            self._looking = loop.call_later(SILENT, self._look)
        try:
            return await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self.end(mine.result())
            raise

    def _begun(self, loop: asyncio.AbstractEventLoop) -> Turn:
        turn = Turn(loop.time() + SILENT)
        self._running.add(turn)
        return turn

    def _grant(self) -> None:
        while self._waiting and len(self._running) < MOST:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(self._begun(waiting.get_loop()))

    def _look(self) -> None:
        """Take back the turns in which nothing moves, as long as somebody waits."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._running = {turn for turn in self._running if turn.until > now}
        self._grant()
        self._looking = loop.call_later(SILENT, self._look) if self._waiting else None
