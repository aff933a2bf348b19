"""The words of a query: names, texts, numbers, signs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["name", "text", "number", "sign", "keyword", "end"]

#: No query is longer: a limit of ours.
LONGEST: Final = 20_000

KEYWORDS: Final = frozenset(
    [
        "and",
        "or",
        "not",
        "like",
        "in",
        "is",
        "null",
        "between",
        "true",
        "false",
        "timestamp",
        "interval",
        "select",
        "from",
        "join",
        "inner",
        "on",
        "where",
        "as",
    ]
)

_WORD: Final = re.compile(
    r"""\s*(?:
      (?P<number>\d+(?:\.\d+)?)
    | (?P<name>[A-Za-z_][\w.]*)
    | `(?P<quoted>[^`]*)`
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|“[^“”]*”)
    | (?P<sign><=|>=|!=|<>|[=<>()+\-*/%,\[\]])
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


class Unreadable(ValueError):
    """A query that cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word. ``text`` is lower case for keywords, and what stands between the quotes for a text."""

    kind: Kind
    text: str


def words(query: str) -> list[Word]:
    """The words of ``query``, with one for its end. Raises Unreadable."""
    if len(query) > LONGEST:
        raise Unreadable(f"a query has at most {LONGEST} characters")
    found: list[Word] = []
    place = 0
    end = len(query.rstrip())
    while place < end:
        match = _WORD.match(query, place)
        if match is None:
            raise Unreadable(f"invalid syntax near {query[place : place + 20].strip()!r}")
        found.append(_word(match))
        place = match.end()
    return [*found, Word("end", "")]


def _word(match: re.Match[str]) -> Word:
    kind, text = str(match.lastgroup), str(match[match.lastgroup or ""])
    if kind == "name" and text.lower() in KEYWORDS:
        return Word("keyword", text.lower())
    if kind == "text":
        return Word("text", _ESCAPED.sub(r"\1", text[1:-1]))
    if kind == "quoted":
        return Word("name", text)
    if kind == "number":
        return Word("number", text)
    return Word("name", text) if kind == "name" else Word("sign", "!=" if text == "<>" else text)
