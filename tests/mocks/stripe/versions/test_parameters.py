"""Renames of parameters."""

from __future__ import annotations

from mocks.stripe.versions.parameters import every, renamed, valued


def test_a_rename_keeps_what_is_inside() -> None:
    change = renamed({"price": ("pricing", "price")})
    assert change([(("price", "a"), "1"), (("other",), "2")]) == [(("pricing", "price", "a"), "1"), (("other",), "2")]


def test_words_change_at_the_top_only() -> None:
    change = valued("mode", {"old": "new"})
    pairs = [(("mode",), "old"), (("mode",), "else"), (("a", "mode"), "old")]
    assert change(pairs) == [(("mode",), "new"), (("mode",), "else"), (("a", "mode"), "old")]


def test_one_after_the_other() -> None:
    change = every(renamed({"a": ("b",)}), renamed({"b": ("c",)}))
    assert change([(("a",), "1")]) == [(("c",), "1")]
