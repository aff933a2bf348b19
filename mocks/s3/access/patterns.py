"""Patterns of policies: ``*`` and ``?``, and variables such as ``${aws:username}`` that the request fills in.

Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html and
reference_policies_elements_condition_operators.html (ARN operators compare colon by colon).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

#: Answers the values that a request has for a condition key, None when it has none.
Lookup = Callable[[str], Sequence[str] | None]

#: ``${key}``, ``${key, 'default'}``, and the escapes ``${*}``, ``${?}`` and ``${$}``.
_VARIABLE = re.compile(r"\$\{([*?$]|[^{},'\s]+)(?:\s*,\s*'([^']*)')?\s*\}")

#: What a pattern compares: text as it is, text with wildcards, or an ARN with wildcards in each of its six parts.
Kind = Literal["exact", "like", "arn"]


@dataclass(frozen=True, slots=True)
class _Variable:
    key: str
    default: str | None


class Pattern:
    """One value of a policy. Without variables it is compiled once."""

    __slots__ = ("_compiled", "_flags", "_pieces", "text")

    def __init__(self, text: str, kind: Kind = "like", *, variables: bool = True, ignore_case: bool = False) -> None:
        self.text = text
        self._flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
        self._pieces = _pieces(text, kind, variables)
        fixed = all(isinstance(piece, str) for piece in self._pieces)
        self._compiled = re.compile("".join(map(str, self._pieces)), self._flags) if fixed else None

    @property
    def variable(self) -> bool:
        """Whether what it matches depends on the request."""
        return self._compiled is None

    def matches(self, value: str, lookup: Lookup) -> bool:
        """Whether ``value`` is meant. A variable without a value, or with several, matches nothing."""
        if self._compiled is not None:
            return self._compiled.fullmatch(value) is not None
        filled = []
        for piece in self._pieces:
            if isinstance(piece, str):
                filled.append(piece)
                continue
            held = lookup(piece.key)
            found = held[0] if held is not None and len(held) == 1 else piece.default
            if found is None:
                return False
            filled.append(re.escape(found))
        return re.fullmatch("".join(filled), value, self._flags) is not None


def _pieces(text: str, kind: Kind, variables: bool) -> list[str | _Variable]:
    """Regular expressions, and between them the variables."""
    found: list[str | _Variable] = []
    colons = 0
    for token in _tokens(text, variables):
        if isinstance(token, _Variable):
            found.append(_escaped(token))
            continue
        for char in token:
            colons += char == ":"
            found.append(_expression(char, kind, colons))
    return found


def _escaped(token: _Variable) -> str | _Variable:
    return re.escape(token.key) if token.key in ("*", "?", "$") else token


def _expression(char: str, kind: Kind, colons: int) -> str:
    if kind == "exact" or char not in "*?":
        return re.escape(char)
    # Within an ARN a wildcard stays in its part; the last part takes colons as they come.
    anything = "[^:]" if kind == "arn" and colons < 5 else "."
    return anything + ("*" if char == "*" else "")


def _tokens(text: str, variables: bool) -> Iterator[str | _Variable]:
    at = 0
    for found in _VARIABLE.finditer(text) if variables else ():
        yield text[at : found.start()]
        yield _Variable(found[1], found[2])
        at = found.end()
    yield text[at:]


@lru_cache(maxsize=1024)
def glob(text: str, *, ignore_case: bool = False) -> Pattern:
    """A pattern without variables, kept."""
    return Pattern(text, variables=False, ignore_case=ignore_case)


def nothing(key: str) -> None:
    """The lookup of a request that has no values."""


def like(text: str, value: str, *, ignore_case: bool = False) -> bool:
    """Whether ``value`` matches the wildcards of ``text``."""
    return glob(text, ignore_case=ignore_case).matches(value, nothing)


def reaches(text: str, beginning: str) -> bool:
    """Whether ``text``, read as a pattern, matches some value that is longer than ``beginning`` and begins with it."""
    states = {0}
    for char in beginning:
        following = set()
        for at in _beyond_stars(text, states):
            if at < len(text) and text[at] == "*":
                following.add(at)
            elif at < len(text) and text[at] in ("?", char):
                following.add(at + 1)
        states = following
    return any(at < len(text) for at in states)


def _beyond_stars(text: str, states: set[int]) -> set[int]:
    """A star may stand for nothing."""
    found = set(states)
    for at in states:
        while at < len(text) and text[at] == "*":
            at += 1
            found.add(at)
    return found
