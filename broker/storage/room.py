"""How much an environment's blobs may take, and how much they do: what is written, and what is on its way.

Whoever writes takes his share before the bytes are, so that several together never pass the limit.
"""

from __future__ import annotations


class QuotaReached(Exception):
    """There is no room for a blob. All in bytes: ``asked`` is its size as far as it is known."""

    def __init__(self, most: int, used: int, asked: int) -> None:
        self.most = most
        self.used = used
        self.asked = asked
        super().__init__(f"{used} of {most} bytes are used, and {asked} more were asked for")


def lower(one: int | None, other: int | None) -> int | None:
    """The lower of two limits, either of which may be none."""
    limits = [limit for limit in (one, other) if limit is not None]
    return min(limits) if limits else None


class Room:
    """Of one environment. ``most`` is None where nothing limits it."""

    __slots__ = ("most", "used")

    def __init__(self, used: int) -> None:
        self.used = used
        self.most: int | None = None

    def share(self, size: int) -> Share:
        """Room for a blob of which ``size`` bytes are announced. Raises QuotaReached."""
        found = Share(self)
        found.grow(size)
        return found


class Share:
    """What one blob takes of the room while it is written."""

    __slots__ = ("_room", "size")

    def __init__(self, room: Room) -> None:
        self._room = room
        self.size = 0

    def grow(self, size: int) -> None:
        """The blob has, or will have, so many bytes. Raises QuotaReached."""
        more, room = size - self.size, self._room
        if more <= 0:
            return
        if room.most is not None and room.used + more > room.most:
            raise QuotaReached(room.most, room.used - self.size, size)
        room.used += more
        self.size = size

    def settle(self, size: int) -> None:
        """The blob is written, and has ``size`` bytes; 0 when it is not. Raises QuotaReached."""
        if size > self.size:
            self.grow(size)
        else:
            self._room.used -= self.size - size
            self.size = size
