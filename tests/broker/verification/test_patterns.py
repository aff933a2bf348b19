"""Patterns of strangers: what is a pattern, and that none costs more than its length times the text's."""

from __future__ import annotations

import pytest

from broker.verification.patterns import LONGEST, InvalidPattern, pattern


@pytest.mark.parametrize(
    ("text", "found", "missing"),
    [
        ("a.c", "xabcx", "ac"),
        ("^abc$", "abc", "xabc"),
        ("(?i)hello", "say HELLO", "hallo"),
        (r"\bfoo\b", "a foo b", "afoob"),
        (r"^\d{3}-[a-f]+$", "123-abc", "12-abc"),
        ("ä+", "xääx", "aa"),
        ("(?s)a.b", "a\nb", "ab"),
    ],
)
def test_found_anywhere_unless_it_is_anchored(text: str, found: str, missing: str) -> None:
    assert pattern(text).found_in(found)
    assert not pattern(text).found_in(missing)


@pytest.mark.parametrize("text", ["(", "[", r"(a)\1", "(?=a)", "(?<=a)b", "a{1000}{1000}{1000}", "a" * (LONGEST + 1)])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidPattern):
        pattern(text)


@pytest.mark.parametrize("text", ["(a+)+$", "(a|a)*b", "(a*)*c", "(.*a){20}", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_hostile_patterns_end(text: str) -> None:
    """Each of them keeps a backtracking engine busy for longer than the suite may take."""
    assert not pattern(text).found_in("a" * 19 + "!") or text == "^$"
    assert isinstance(pattern(text).found_in("a" * 100_000 + "!"), bool)


def test_broken_text_has_no_part() -> None:
    assert not pattern("a").found_in("\ud800a")
