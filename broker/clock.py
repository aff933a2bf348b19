"""Time and chance: the only module that asks the machine for either, so that tests can hold both."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import Protocol

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Clock(Protocol):
    """Wall time in UTC, a monotonic clock for durations, and unguessable text."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float:
        """Seconds; only differences mean anything."""
        ...

    def text(self, length: int, alphabet: str = ALPHANUMERIC) -> str:
        """``length`` characters drawn evenly from ``alphabet``, from the operating system's randomness."""
        ...


class SystemClock:
    """The machine's own clock and randomness."""

    __slots__ = ()

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - this is the one place

    def monotonic(self) -> float:
        return time.monotonic()

    def text(self, length: int, alphabet: str = ALPHANUMERIC) -> str:
        # One draw for the whole text: a digit of base len(alphabet) a character. 64 spare bits keep it even.
        base = len(alphabet)
        number = secrets.randbits(length * base.bit_length() + 64)
        out = []
        for _ in range(length):
            number, digit = divmod(number, base)
            out.append(alphabet[digit])
        return "".join(out)
