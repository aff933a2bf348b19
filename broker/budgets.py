"""What environments may spend at the real providers: calls, mails, money, each within a window of time.

Counted in memory and written behind, once a second: a kill -9 forgets at the most what was spent in the last second
(and a disk that cannot be written, until it can be again), and an environment may spend that much more. It knows
nothing of what costs what, and nothing of what happens to a call that does not fit.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from broker.clock import Clock
from broker.storage.external import External
from broker.tasks import Keeper

log = logging.getLogger("broker.budgets")

#: Seconds that what was spent gathers before it is written.
_BEHIND = 1.0

#: An environment's uid, and a service's name.
_Key = tuple[str, str]


class _Window:
    """What one environment spent at one service since a moment."""

    __slots__ = ("since", "used")

    def __init__(self, since: datetime, used: Mapping[str, int]) -> None:
        self.since = since
        self.used = dict(used)

    def over(self, per: timedelta | None, now: datetime) -> bool:
        return per is not None and now - self.since >= per


class Budgets:
    """The windows of all environments. One begins with the first call, lasts as long as the policy says (``per``; None
    is the environment's life), and the next one begins with the first call after it."""

    def __init__(self, external: External, clock: Clock) -> None:
        self._external = external
        self._clock = clock
        self._keeper = Keeper()
        #: None where storage knows of nothing spent either.
        self._windows: dict[_Key, _Window | None] = {}
        self._unwritten: set[_Key] = set()
        self._wake = asyncio.Event()

    def start(self) -> None:
        """Begin to write."""
        self._keeper.start(self._run(), "budgets")

    async def stop(self) -> None:
        """Write what is left."""
        await self._keeper.stop()
        await self.flush()

    async def spend(
        self, uid: str, service: str, cost: Mapping[str, int], limits: Mapping[str, int], per: timedelta | None
    ) -> str | None:
        """Count what a call costs (``{"calls": 1, "mails": 3}``), all of it or nothing. Answers None when it fits into
        the limits, else which one it does not fit into: the first, in their order. What has no limit is counted too."""
        window = await self._window(uid, service)
        now = self._clock.now()
        if window is None or window.over(per, now):
            window = _Window(now, {})
        for name, limit in limits.items():
            more = cost.get(name, 0)
            # A limit that was lowered below what is spent is none for a call that does not add to it.
            if more > 0 and window.used.get(name, 0) + more > limit:
                return name
        for name, more in cost.items():
            window.used[name] = window.used.get(name, 0) + more
        self._windows[uid, service] = window
        self._note(uid, service)
        return None

    async def refund(self, uid: str, service: str, cost: Mapping[str, int]) -> None:
        """The call was never sent. Where a new window began since, it is that one's count that is lowered, to nought at
        the least."""
        window = self._windows.get((uid, service))
        if window is None:
            return
        for name, less in cost.items():
            window.used[name] = max(0, window.used.get(name, 0) - less)
        self._note(uid, service)

    def wait(self, uid: str, service: str, per: timedelta | None) -> float:
        """Seconds until the window is over, as far as memory knows; infinite without one. A cost that is above its
        limit alone does not fit into the next one either."""
        if per is None:
            return math.inf
        window = self._windows.get((uid, service))
        if window is None:
            return 0.0
        return max(0.0, (window.since + per - self._clock.now()).total_seconds())

    async def used(self, uid: str, service: str, per: timedelta | None = None) -> Mapping[str, int]:
        """What was spent since the window began; nothing when it is over."""
        window = await self._window(uid, service)
        if window is None or window.over(per, self._clock.now()):
            return {}
        return dict(window.used)

    async def flush(self) -> None:
        """Write what is not written. Raises what storage raises, and what could not be written is kept."""
        for key in tuple(self._unwritten):
            self._unwritten.discard(key)
            window = self._windows.get(key)
            if window is None:
                continue
            try:
                await self._external.put_usage(*key, window.since, window.used)
            except BaseException:
                self._note(*key)
                raise

    def forget(self, uid: str) -> None:
        """The environment is over: nothing of it is written any more."""
        for key in [key for key in self._windows if key[0] == uid]:
            del self._windows[key]

    async def _window(self, uid: str, service: str) -> _Window | None:
        key = (uid, service)
        if key not in self._windows:
            stored = await self._external.usage(uid, service)
            # Somebody else may have asked in the meantime, and spent: theirs is the one that counts.
            self._windows.setdefault(key, None if stored is None else _Window(*stored))
        return self._windows[key]

    def _note(self, uid: str, service: str) -> None:
        self._unwritten.add((uid, service))
        self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await asyncio.sleep(_BEHIND)
            try:
                await self.flush()
            except Exception:
                log.exception("what environments spent is not written; the next try is in %g s", _BEHIND)
