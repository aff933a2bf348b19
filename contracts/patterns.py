"""A text that matches a regular expression, for the patterns that API documents use.

Understands literals, classes, groups, alternation and quantifiers; anything cleverer is answered with None.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from typing import Final

_CLASSES = {"d": string.digits, "w": string.ascii_lowercase + string.digits + "_", "s": " "}
_ANCHORS = frozenset("bBAZ")
_EVERY = string.ascii_lowercase + string.digits


#: Atoms that are written at the most, and characters: repetitions of repetitions multiply.
_MOST: Final = 100_000


class _Unsupported(Exception):
    """The pattern uses what this sampler does not know."""


def sample(pattern: str, dice: int, at_least: int = 0, *, found: Callable[[str], bool]) -> str | None:
    """A text of ``at_least`` characters in which ``pattern`` is found; the same for the same ``dice``.

    None when the pattern is not understood or no such text was found. ``found`` says whether the pattern is in a text:
    it is the caller's, because Python's own takes for ever over patterns that were written to make it.
    """
    try:
        for grow in (1, 8, min(at_least, _MOST)):
            text = _Sampler(pattern, dice, grow).run()
            if len(text) >= at_least and found(text):
                return text
    except (_Unsupported, OverflowError, RecursionError):
        pass  # the caller falls back to plain text
    return None


class _Sampler:
    """Walks the pattern once; ``grow`` is how often an open-ended quantifier repeats."""

    def __init__(self, pattern: str, dice: int, grow: int) -> None:
        self.pattern = pattern
        self.at = 0
        self.dice = dice
        self.grow = max(1, grow)
        self.steps = 0

    def run(self) -> str:
        text = self._alternatives()
        if self.at < len(self.pattern):
            raise _Unsupported(self.pattern)
        return text

    def _peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def _take(self) -> str:
        taken = self._peek()
        if not taken:
            raise _Unsupported(self.pattern)
        self.at += 1
        return taken

    def _pick(self, letters: str) -> str:
        if not letters:
            raise _Unsupported(self.pattern)
        # A linear congruential step (Knuth's constants): spreads, and is the same on every machine.
        self.dice = (self.dice * 6364136223846793005 + 1442695040888963407) % 2**64
        return letters[(self.dice >> 33) % len(letters)]

    def _alternatives(self) -> str:
        found = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            found.append(self._sequence())
        # The longest branch: `^$|^[a-z]+` promises more than nothing.
        return max(found, key=len)

    def _sequence(self) -> str:
        text = ""
        while self._peek() not in ("", "|", ")"):
            text += self._repeated()
        return text

    def _repeated(self) -> str:
        start = self.at
        first = self._atom()
        low = self._times()
        after = self.at
        text = first if low else ""
        for _ in range(low - 1):
            self.at = start
            text += self._atom()
            if len(text) > _MOST:
                raise _Unsupported(self.pattern)
        self.at = after
        return text

    def _times(self) -> int:
        """How often the atom before the cursor is written; steps over its quantifier."""
        mark = self._peek()
        times = 1
        if mark in ("*", "+"):
            self.at += 1
            times = self.grow
        elif mark == "?":
            self.at += 1
        elif mark == "{":
            bounds = re.compile(r"\{(\d+)(,(\d*))?\}").match(self.pattern, self.at)
            if bounds is None:
                raise _Unsupported(self.pattern)
            self.at = bounds.end()
            low, high = int(bounds[1]), bounds[3]
            times = max(low, min(self.grow, int(high))) if high else low if bounds[2] is None else max(low, self.grow)
        if self._peek() == "?" and mark in ("*", "+", "?", "{"):
            self.at += 1  # a lazy quantifier matches the same texts
        return times

    def _atom(self) -> str:
        self.steps += 1
        if self.steps > _MOST:
            raise _Unsupported(self.pattern)
        letter = self._take()
        if letter in "^$":
            return ""
        if letter == ".":
            return self._pick(_EVERY)
        if letter == "(":
            return self._group()
        if letter == "[":
            return self._pick(self._members())
        if letter == "\\":
            return self._escape()
        return letter

    def _group(self) -> str:
        if self._peek() == "?":
            self.at += 1
            if self._take() != ":":
                raise _Unsupported(self.pattern)
        text = self._alternatives()
        if self._take() != ")":
            raise _Unsupported(self.pattern)
        return text

    def _escape(self) -> str:
        letter = self._take()
        if letter in _CLASSES:
            return self._pick(_CLASSES[letter])
        if letter in _ANCHORS:
            return ""
        return self._literal(letter)

    def _literal(self, letter: str) -> str:
        """The character of an escape whose backslash and ``letter`` have been read."""
        if letter in ("u", "x"):
            digits = self.pattern[self.at : self.at + (4 if letter == "u" else 2)]
            self.at += len(digits)
            return chr(int(digits, 16))
        if letter.isalnum():
            return {"n": "\n", "t": "\t", "r": "\r"}.get(letter) or self._refuse()
        return letter

    def _refuse(self) -> str:
        raise _Unsupported(self.pattern)

    def _members(self) -> str:
        """The characters of the class whose opening bracket has been read."""
        negated = self._peek() == "^"
        if negated:
            self.at += 1
        letters = ""
        while self._peek() != "]" or not letters:
            letter = self._take()
            if letter == "\\":
                letter = self._take()
                if letter in _CLASSES:
                    letters += _CLASSES[letter]
                    continue
                letter = self._literal(letter)
            if self._peek() == "-" and self.pattern[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                last = self._take()
                last = self._literal(self._take()) if last == "\\" else last
                letters += "".join(chr(code) for code in range(ord(letter), min(ord(last), ord(letter) + 127) + 1))
            else:
                letters += letter
        self.at += 1
        return "".join(sorted(set(_EVERY) - set(letters))) if negated else letters
