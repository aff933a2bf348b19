"""What stands between wildcards is found in its order."""

from __future__ import annotations

import pytest

from mocks.sendgrid.wildcards import matches


@pytest.mark.parametrize(
    ("pattern", "text", "whole", "begins"),
    [
        ("abc", "abc", True, True),
        ("abc", "abcd", False, True),
        ("abc", "ab", False, False),
        ("%bc", "abc", True, True),
        ("ab%", "abc", True, True),
        ("a%a", "a", False, False),
        ("a%c", "abcd", False, True),
        ("%", "", True, True),
        ("%b%", "abc", True, True),
        ("b%", "abc", False, False),
        ("%x%y%", "1x2y3", True, True),
        ("%y%x%", "1x2y3", False, False),
    ],
)
def test_patterns(pattern: str, text: str, whole: bool, begins: bool) -> None:
    parts = pattern.split("%")
    assert matches(parts, text) is whole
    assert matches(parts, text, whole=False) is begins


def test_many_wildcards_take_no_time() -> None:
    assert not matches(["a"] * 5_000, "a" * 4_999)
    assert matches(["a"] * 5_000, "a" * 5_000)
