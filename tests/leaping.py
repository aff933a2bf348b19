"""An event loop whose time leaps: where everybody waits, it is at once the moment that the first one waits for.

Hours pass in milliseconds, and a wait that nothing will ever end is an error instead of a test that hangs.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tests.clocks import START, HeldClock

T = TypeVar("T")


class NothingWillHappen(RuntimeError):
    """Everybody waits for somebody else: a wake-up was lost."""


class _Leaping(selectors.DefaultSelector):
    """Instead of sleeping it moves the time on."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if not events and timeout is None:
            raise NothingWillHappen
        if not events and timeout is not None:
            self.now += timeout
        return events


class LeapingLoop(asyncio.SelectorEventLoop):
    """Its ``time()`` begins at 0 seconds."""

    def __init__(self) -> None:
        self._leaping = _Leaping()
        super().__init__(self._leaping)

    def time(self) -> float:
        return self._leaping.now


class LoopClock(HeldClock):
    """A clock that goes with the running loop."""

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


def leap(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work`` to its end on a loop of its own."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        return runner.run(work)
