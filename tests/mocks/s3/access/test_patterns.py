"""Patterns: wildcards, ARNs, variables."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.s3.access.patterns import Kind, Pattern, like, nothing, reaches

HELD = {"aws:username": ["ann"], "s3:prefix": ["a", "b"], "odd": ["a*"]}


@pytest.mark.parametrize(
    ("text", "kind", "value", "expected"),
    [
        ("a*c", "like", "abbc", True),
        ("a?c", "like", "ac", False),
        ("*", "like", "any/thing\nat all", True),
        ("a.c", "like", "abc", False),
        ("a*c", "exact", "abbc", False),
        ("a*c", "exact", "a*c", True),
        ("arn:aws:s3:::b/*", "arn", "arn:aws:s3:::b/k:1", True),
        ("arn:aws:*:b", "arn", "arn:aws:s3:::b", False),
        ("arn:*:s3:::b", "arn", "arn:aws-cn:s3:::b", True),
        ("home/${aws:username}/*", "like", "home/ann/x", True),
        ("home/${aws:username}/*", "like", "home/bob/x", False),
        ("${AWS:missing}", "like", "", False),
        ("${aws:missing, 'us'}", "like", "us", True),
        # A key with several values is no variable; a value's own star is no wildcard.
        ("${s3:prefix}", "like", "a", False),
        ("${odd}", "like", "ab", False),
        ("${odd}", "like", "a*", True),
        ("a${*}c", "like", "a*c", True),
        ("a${*}c", "like", "abc", False),
        ("${$}{x", "like", "${x", True),
    ],
)
def test_matching(text: str, kind: Kind, value: str, expected: bool) -> None:
    assert Pattern(text, kind).matches(value, HELD.get) is expected


def test_a_policy_without_variables_means_its_text() -> None:
    pattern = Pattern("${aws:username}", variables=False)
    assert not pattern.variable
    assert pattern.matches("${aws:username}", nothing)


def test_case() -> None:
    assert like("S3:GET*", "s3:GetObject", ignore_case=True)
    assert not like("S3:GET*", "s3:GetObject")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b/*", True),
        ("b/key", True),
        ("b", False),
        ("b*", True),
        ("*", True),
        ("a*", False),
        ("b/", False),
        ("?/x", True),
        ("b*z", True),
        ("*/deep/*", True),
    ],
)
def test_whether_a_pattern_reaches_below(text: str, expected: bool) -> None:
    assert reaches(text, "b/") is expected


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_as_the_file_system_matches(pattern: str, value: str) -> None:
    assert like(pattern, value) is fnmatchcase(value, pattern)


def test_many_stars_take_no_longer() -> None:
    pattern = Pattern("*a" * 500 + "*b")
    assert not pattern.matches("a" * 1024, nothing)
    assert pattern.matches("a" * 1023 + "b", nothing)
    assert reaches("*" * 10_000, "bucket/")
