"""Queries come apart into words."""

from __future__ import annotations

import pytest

from mocks.sendgrid.sgql.words import LONGEST, Unreadable, words


def test_words_of_each_kind() -> None:
    found = words("""First_Name  LIKE 'it\\'s' and `0 id`>=1.5 <> "a\\\\b" “c”""")
    assert [(word.kind, word.text) for word in found] == [
        ("name", "First_Name"),
        ("keyword", "like"),
        ("text", "it's"),
        ("keyword", "and"),
        ("name", "0 id"),
        ("sign", ">="),
        ("number", "1.5"),
        ("sign", "!="),
        ("text", "a\\b"),
        ("text", "c"),
        ("end", ""),
    ]
    assert [word.kind for word in words("  ")] == ["end"]


@pytest.mark.parametrize("query", ["a = 'b", "a ; b", "`a", "a" * (LONGEST + 1)])
def test_what_is_no_word(query: str) -> None:
    with pytest.raises(Unreadable):
        words(query)
