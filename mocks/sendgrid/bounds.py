"""What it may cost to fill in the mails of one message. The bounds are ours: whoever holds a key says what is replaced
by what, and a tag of one letter must not make a mail of gigabytes.
"""

from __future__ import annotations

from typing import Final

#: Characters that are looked through and written for all mails of a message together.
MOST: Final = 256 * 1024 * 1024
#: Characters of one form of a mail: more than SendGrid's 30 MB is no mail.
MOST_OF_ONE: Final = 30 * 1024 * 1024


class TooLong(ValueError):
    """A mail, or what a message makes of all its mails, gets too long."""


class Bounds:
    """What is left of them for a message."""

    __slots__ = ("left",)

    def __init__(self, left: int = MOST) -> None:
        self.left = left

    def spend(self, characters: int) -> None:
        """Raises TooLong when that is more than is left."""
        self.left -= characters
        if self.left < 0:
            raise TooLong("what is filled in is too long")

    def replace(self, text: str, tag: str, value: str) -> str:
        """``text`` with every ``tag`` replaced, its length counted before it is written. Raises TooLong."""
        length = len(text) + text.count(tag) * (len(value) - len(tag))
        self.spend(max(length, len(text)))
        if length > MOST_OF_ONE:
            raise TooLong("a mail that is filled in is too long")
        return text.replace(tag, value)

    def join(self, inner: str, parts: list[str]) -> str:
        """``inner`` between the parts. Raises TooLong."""
        length = len(inner) * (len(parts) - 1) + sum(map(len, parts))
        self.spend(length)
        if length > MOST_OF_ONE:
            raise TooLong("a mail that is filled in is too long")
        return inner.join(parts)
