"""A clock in the test's hand: it stands still until it is advanced, and its chance is a counter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from broker.clock import ALPHANUMERIC

#: When every test begins, unless it says otherwise.
START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


class HeldClock:
    """Implements broker.clock.Clock."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._drawn = 0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()

    def advance(self, seconds: float = 0, **parts: float) -> datetime:
        """Move on by ``seconds`` and any parts of a timedelta (``days=8``); answers the new time."""
        self._now += timedelta(seconds=seconds, **parts)
        return self._now

    def text(self, length: int, alphabet: str = ALPHANUMERIC) -> str:
        """Never the same text twice: a counter, spread over the alphabet so that it looks drawn."""
        self._drawn += 1
        base = len(alphabet)
        # An odd multiplier coprime to every base in use makes the low digits vary too.
        number = (self._drawn * 0x9E3779B97F4A7C15) % base**length
        digits = []
        for _ in range(length):
            number, digit = divmod(number, base)
            digits.append(alphabet[digit])
        return "".join(digits)
