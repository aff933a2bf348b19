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


def nothing(key: str) -> None:
    """The lookup of a request that has no values."""


@dataclass(frozen=True, slots=True)
class _Variable:
    key: str
    default: str | None


@dataclass(frozen=True, slots=True)
class _Star:
    """Any number of what ``of`` matches."""

    of: str


_Piece = str | _Variable | _Star


class Pattern:
    """One value of a policy. Without variables it is compiled once."""

    __slots__ = ("_compiled", "_flags", "_pieces", "text")

    def __init__(self, text: str, kind: Kind = "like", *, variables: bool = True, ignore_case: bool = False) -> None:
        self.text = text
        self._flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
        self._pieces = _pieces(text, kind, variables)
        fixed = not any(isinstance(piece, _Variable) for piece in self._pieces)
        self._compiled = re.compile(_expression(self._pieces, nothing) or "", self._flags) if fixed else None

    @property
    def variable(self) -> bool:
        """Whether what it matches depends on the request."""
        return self._compiled is None

    def matches(self, value: str, lookup: Lookup) -> bool:
        """Whether ``value`` is meant. A variable without a value, or with several, matches nothing."""
        if self._compiled is not None:
            return self._compiled.fullmatch(value) is not None
        expression = _expression(self._pieces, lookup)
        return expression is not None and re.fullmatch(expression, value, self._flags) is not None


def _expression(pieces: Sequence[_Piece], lookup: Lookup) -> str | None:
    """The regular expression; None where a variable has no value. What stands between two stars is looked for once,
    where it comes first, so that many stars take no more time than few."""
    before, groups = "", list[str]()
    for piece in pieces:
        if isinstance(piece, _Star):
            groups.append(before)
            before = f"{piece.of}*?"
            continue
        text = piece if isinstance(piece, str) else _filled(piece, lookup)
        if text is None:
            return None
        before += text
    # The last one need not come first: it has to reach the end.
    return "".join(f"(?>{group})" for group in groups) + before


def _filled(variable: _Variable, lookup: Lookup) -> str | None:
    held = lookup(variable.key)
    found = held[0] if held is not None and len(held) == 1 else variable.default
    return None if found is None else re.escape(found)


def _pieces(text: str, kind: Kind, variables: bool) -> list[_Piece]:
    found: list[_Piece] = []
    colons = 0
    for token in _tokens(text, variables):
        if isinstance(token, _Variable):
            found.append(re.escape(token.key) if token.key in ("*", "?", "$") else token)
            continue
        for char in token:
            colons += char == ":"
            found.append(_piece(char, kind, colons))
    return found


def _piece(char: str, kind: Kind, colons: int) -> _Piece:
    if kind == "exact" or char not in "*?":
        return re.escape(char)
    # Within an ARN a wildcard stays in its part; the last part takes colons as they come.
    anything = "[^:]" if kind == "arn" and colons < 5 else "."
    return _Star(anything) if char == "*" else anything


def _tokens(text: str, variables: bool) -> Iterator[str | _Variable]:
    at = 0
    for found in _VARIABLE.finditer(text) if variables else ():
        yield text[at : found.start()]
        yield _Variable(found[1], found[2])
        at = found.end()
    yield text[at:]


@lru_cache(maxsize=256)
def glob(text: str, *, ignore_case: bool = False) -> Pattern:
    """A pattern without variables, kept."""
    return Pattern(text, variables=False, ignore_case=ignore_case)


def like(text: str, value: str, *, ignore_case: bool = False) -> bool:
    """Whether ``value`` matches the wildcards of ``text``."""
    return glob(text, ignore_case=ignore_case).matches(value, nothing)


def reaches(text: str, beginning: str) -> bool:
    """Whether ``text``, read as a pattern, matches some value that is longer than ``beginning`` and begins with it."""
    text = re.sub(r"\*+", "*", text)
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
