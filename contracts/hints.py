"""What a probe says of how its answers are compared: which places are left out, which lists have no order. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

#: What stands for any name in a probe's places, and for any way.
_WILD = {"*": "[^.]*", "**": ".*"}


@dataclass(frozen=True, slots=True)
class Hints:
    """What a step says of its comparison. Places are as in findings, from the body inwards (``body.data[].id``); a
    place means all that is below it, ``*`` any one name, and ``**`` any way inwards (``**.fingerprint``)."""

    ignore: Sequence[str] = ()
    #: Lists whose order means nothing.
    unordered: Sequence[str] = ()
    #: Further header fields that matter.
    headers: Sequence[str] = ()

    def ignores(self, place: str) -> bool:
        """Whether the place, or one above it, is not compared."""
        return any(below(place, each) for each in self.ignore)

    def joined(self, other: Hints) -> Hints:
        """What both say."""
        return Hints(
            [*self.ignore, *other.ignore], [*self.unordered, *other.unordered], [*self.headers, *other.headers]
        )


def below(place: str, pattern: str) -> bool:
    """Whether the pattern means the place, or one above it."""
    pieces = (_WILD.get(piece) or re.escape(piece) for piece in re.split(r"(\*\*|\*)", pattern))
    return re.match("".join(pieces) + r"(?=[.\[]|\Z)", place) is not None
