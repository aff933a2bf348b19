"""Conditions on one value: scores, and pairs in any order. What each says is tried with the language."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from broker.verification.conditions import Entries, best, exactly, holds, of_kind, one_of
from broker.verification.language import Match


def test_the_nearest_is_what_loses_least() -> None:
    far, near = exactly(1).differences(2, "a"), exactly("x").differences("x", "b")
    assert list(best([far, near])) == []


@pytest.mark.parametrize(("value", "fits"), [([1, 2], True), ([2, 1], True), ([1, 1], True), ([2, 2], False)])
def test_any_order_finds_the_pairs_that_there_are(value: Any, fits: bool) -> None:
    """The first condition may have either value, the second only one: whoever comes first must not take it."""
    entries = Entries(None, [one_of([1, 2]), exactly(1)], ordered=False)
    assert holds(entries, value) is fits


@given(some.lists(some.integers(0, 5), max_size=6), some.randoms())
def test_any_order_is_any_order(values: list[int], random: Any) -> None:
    mixed = list(values)
    random.shuffle(mixed)
    assert holds(Entries(None, [exactly(value) for value in values], ordered=False), mixed)
    assert not holds(Entries(None, [exactly(value) for value in [*values, 9]], ordered=False), mixed)


def test_whole_numbers_are_integers() -> None:
    assert [holds(of_kind("integer"), value) for value in (1, 1.0, 1.5, True)] == [True, True, False, False]


def test_nested_arrays_and_conditions_take_no_longer_than_both_are_large() -> None:
    value: Any = ["x"]
    said: Any = "y"
    for _ in range(18):
        said = {"$contains": said}
    for _ in range(200):
        value = [value]
    assert Match({"a": said}).differences({"a": value})
