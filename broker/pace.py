"""The pace of one real account: when the next call may begin, so that no second holds more than it bears.

Exact for whoever counts by whole seconds, wherever a second begins (fixed or sliding windows); a token bucket of the
same rate is kept as well. It knows numbers only, in monotonic seconds.
"""

from __future__ import annotations

import math
from collections import deque

#: Seconds by which calls may bunch on their way: a provider counts when they arrive, we when they leave. A second that
#: is counted here lasts so much longer.
_MARGIN = 0.05
#: Calls that begin at one moment at the most, whatever the rate: so many are remembered.
_TOGETHER = 1000


class Pace:
    """Never more than ``count`` calls in ``seconds``: the time of the one so many calls ago says when the next may."""

    __slots__ = ("_count", "_seconds", "_starts", "rest_until")

    def __init__(self) -> None:
        self._count = 0
        self._seconds = 0.0
        self._starts: deque[float] = deque(maxlen=0)
        #: No call begins before.
        self.rest_until = -math.inf

    def configure(self, rate: float, burst: int | None = None) -> None:
        """At most ``rate`` calls in any second, ``burst`` of them begun at one moment (as many as fit without it).

        A rate above one is rounded down, because no other keeps within a limit that is counted by whole seconds; one
        below it is a call every ``1 / rate`` seconds. With a burst the calls come in equal parts of a second; what
        does not divide is left out. Where the limits change, calls pause until what began before is a second old.
        """
        if not 0 < rate < math.inf or (burst is not None and burst < 1):
            raise ValueError(f"a rate of {rate:g} a second in bursts of {burst} lets no call through, or every one")
        whole, period = max(1, math.floor(rate)), max(1.0, 1 / rate) + _MARGIN
        # What no part of a second exceeds, no second does.
        parts = math.ceil(whole / min(burst or whole, _TOGETHER))
        count, seconds = whole // parts, period / parts
        if (count, seconds) == (self._count, self._seconds):
            return
        if self._starts:
            self.rest_until = max(self.rest_until, self._starts[-1] + period)
        self._count, self._seconds = count, seconds
        self._starts = deque(maxlen=count)

    def begin(self, now: float) -> None:
        """A call begins."""
        self._starts.append(now)

    def ready_at(self) -> float:
        """When the next call may begin; minus infinity where nothing is in its way."""
        if len(self._starts) < self._count:
            return self.rest_until
        return max(self._starts[0] + self._seconds, self.rest_until)

    def wait(self, ahead: int, now: float) -> float:
        """Seconds until the call behind ``ahead`` others may begin, if each of them does as soon as it may."""
        rounds, place = divmod(ahead, self._count)
        place -= self._count - len(self._starts)
        first = self._starts[place] + self._seconds if place >= 0 else now
        return max(first, self.rest_until, now) - now + rounds * self._seconds
