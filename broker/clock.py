"""Time and chance: the only module that asks the machine for either, so that tests can hold both."""

from __future__ import annotations

import os
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


#: Bytes drawn at once: the system call is worth sharing between ids.
_POOL = 4096
#: Maps 248 of the 256 byte values evenly to the 62 characters (4 each); the other 8 are thrown away.
_CHARACTERS = bytes(ord(ALPHANUMERIC[value % 62]) for value in range(256))
_UNEVEN = bytes(range(248, 256))


class SystemClock:
    """The machine's own clock and randomness."""

    __slots__ = ("_at", "_pool")

    def __init__(self) -> None:
        self._pool = ""
        self._at = 0

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - this is the one place

    def monotonic(self) -> float:
        return time.monotonic()

    def text(self, length: int, alphabet: str = ALPHANUMERIC) -> str:
        if alphabet is not ALPHANUMERIC or length > 256:
            return "".join(secrets.choice(alphabet) for _ in range(length))
        start = self._at
        if start + length > len(self._pool):
            self._pool = os.urandom(_POOL).translate(_CHARACTERS, _UNEVEN).decode("ascii")
            start = 0
        self._at = start + length
        return self._pool[start : self._at]
