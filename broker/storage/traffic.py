"""Figures of traffic: how many exchanges a stretch of time had, how they ended, and how long they took."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

#: Durations are counted by how many milliseconds they stay below; the last count is of those beyond.
BOUNDS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
#: Figures are kept for stretches of so many seconds, for so long.
STRETCH = 15
KEPT = timedelta(hours=25)


@dataclass(slots=True)
class Figures:
    """Of the stretch that begins ``at``. ``durations`` are counts, one for each of BOUNDS and one more."""

    at: datetime
    exchanges: int = 0
    client_errors: int = 0
    server_errors: int = 0
    violated: int = 0
    durations: Sequence[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))

    def quantile(self, part: float) -> float | None:
        """Milliseconds that ``part`` of the exchanges stayed below, as near as the counts tell; None without any."""
        left = part * sum(self.durations)
        if left == 0:
            return None
        below = 0.0
        for bound, count in zip((*BOUNDS, BOUNDS[-1]), self.durations, strict=True):
            if count >= left:
                return below + (bound - below) * left / count
            left, below = left - count, float(bound)
        return below


def place(duration_ms: float) -> int:
    """Which of the counts a duration belongs to."""
    return next((at for at, bound in enumerate(BOUNDS) if duration_ms < bound), len(BOUNDS))


def total(found: Sequence[Figures], at: datetime) -> Figures:
    """All of them together."""
    return Figures(
        at,
        sum(each.exchanges for each in found),
        sum(each.client_errors for each in found),
        sum(each.server_errors for each in found),
        sum(each.violated for each in found),
        [sum(counts) for counts in zip(*(each.durations for each in found), strict=True)]
        if found
        else [0] * (len(BOUNDS) + 1),
    )


def filled(found: Sequence[Figures], since: datetime, step: timedelta, count: int) -> Iterator[Figures]:
    """``count`` of them, one a step from ``since`` on, those of no traffic included."""
    by_time = {each.at: each for each in found}
    for number in range(count):
        at = since + number * step
        yield by_time.get(at) or Figures(at)
