"""Where something stands in a document: ``request.body.items[0].price``, ``to[*]``, ``custom['order.id']``.

Names are joined by dots; ``[0]`` is an entry of an array, ``[-1]`` the last one; ``[*]`` and ``*`` are every entry, or
every member of an object. A name where an array stands is that member of each of its entries. A leading ``$.`` says
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from broker.verification.values import MISSING, Fields

#: Characters of a place, and its steps.
LONGEST, _STEPS = 500, 32
#: Entries that ``[*]`` looks at.
_ENTRIES = 10_000

_INDEX = re.compile(r"[0-9]{1,9}")
_TOKEN = re.compile(r"\[(-?[0-9]{1,9}|\*)\]|\['([^']*)'\]|\.?([^.\[\]]+)")


class InvalidPlace(ValueError):
    """What names no place."""


class _Any:
    __slots__ = ()


_ANY: Final = _Any()
_Step = str | int | _Any


class Place:
    """One place, relative to where it is looked for."""

    __slots__ = ("_steps", "several", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._steps = tuple(_steps(text))
        #: Whether it can be many places at once.
        self.several = _ANY in self._steps

    def values(self, document: Any) -> list[Any]:
        """What stands there: one value, MISSING if nothing does; with ``*`` each that there is, at least one."""
        if isinstance(document, dict) and len(self._steps) > 1 and self.text in document:
            return [document[self.text]]
        found = [document]
        for step in self._steps:
            found = [value for each in found for value in _taken(each, step)]
        return found[:_ENTRIES] or [MISSING]


def _steps(text: str) -> Iterator[_Step]:
    rest = text.removeprefix("$.")
    if not rest or len(rest) > LONGEST:
        raise InvalidPlace(f"a place has 1 to {LONGEST} characters")
    at = count = 0
    while at < len(rest):
        token = _TOKEN.match(rest, at)
        count += 1
        if token is None or (at == 0 and rest[0] == ".") or count > _STEPS:
            raise InvalidPlace(f"{text[:80]!r} is no place: write a.b, a[0], a[*] or a['b.c'], at most {_STEPS} steps")
        index, quoted, name = token.groups()
        if index is not None:
            yield _ANY if index == "*" else int(index)
        elif quoted is not None:
            yield quoted
        else:
            yield _ANY if name == "*" else name
        at = token.end()


def _taken(value: Any, step: _Step) -> list[Any]:
    if isinstance(step, _Any):
        return list(value) if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
    if isinstance(value, list):
        if isinstance(step, str) and not _INDEX.fullmatch(step):
            return [
                found for entry in value for found in (_taken(entry, step) if isinstance(entry, dict) else (MISSING,))
            ]
        index = int(step)
        return [value[index]] if -len(value) <= index < len(value) else [MISSING]
    if isinstance(value, Fields):
        return [value.get(str(step).lower(), MISSING)]
    if isinstance(value, dict):
        return [value.get(str(step), MISSING)]
    return [MISSING]
