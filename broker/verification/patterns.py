"""Patterns of strangers, in linear time: an engine without backtracking, looked in from outside.

The regular expressions are those of Rust's `regex`, which has neither look-around nor back-references
(docs.rs/regex, "Syntax"): whatever a pattern looks like, a text costs its length times the pattern's.
"""

from __future__ import annotations

from functools import lru_cache

import jsonschema_rs

#: Characters of a pattern, and bytes of what it becomes.
LONGEST = 1000
_COMPILED, _STATES = 1 << 20, 1 << 20


class InvalidPattern(ValueError):
    """What is no regular expression, or a too large one."""


class Pattern:
    """One regular expression, found anywhere in a text unless it is anchored."""

    __slots__ = ("_validator", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > LONGEST:
            raise InvalidPattern(f"a pattern has at most {LONGEST} characters")
        options = jsonschema_rs.RegexOptions(size_limit=_COMPILED, dfa_size_limit=_STATES)
        try:
            self._validator = jsonschema_rs.Draft202012Validator({"pattern": text}, pattern_options=options)
        except ValueError:
            raise InvalidPattern(
                f"{text[:80]!r} is no regular expression (no look-around, no back-references), or too large"
            ) from None

    def found_in(self, text: str) -> bool:
        """Whether some part of the text is as the pattern says. What is no Unicode text has no part."""
        try:
            return self._validator.is_valid(text)
        except UnicodeError:
            return False


@lru_cache(maxsize=256)
def pattern(text: str) -> Pattern:
    """The pattern, compiled once; raises InvalidPattern."""
    return Pattern(text)
