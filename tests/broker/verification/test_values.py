"""Equality of values, and how they are shown."""

from __future__ import annotations

from typing import Any

import pytest

from broker.verification.values import MISSING, Address, Wire, equal, kind, number, shown


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        (1, 1.0, True),
        (1, True, False),
        (True, True, True),
        (0, False, False),
        (None, None, True),
        (None, MISSING, False),
        ("1", 1, False),
        (1, "1", False),
        (1, Wire("1"), True),
        (1.5, Wire("1.50"), True),
        (1, Wire("one"), False),
        (1, Wire("nan"), False),
        (True, Wire("true"), True),
        (False, Wire("true"), False),
        (None, Wire(""), True),
        ("1", Wire("1"), True),
        ("ADA@x.org", Address("ada@X.org"), True),
        ("ADA", "ada", False),
        ([1, [2]], [1.0, [2]], True),
        ([1], [1, 2], False),
        ({"a": [1]}, {"a": [Wire("1")]}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({"a": 1}, [1], False),
        ([1], {"a": 1}, False),
    ],
)
def test_equality(expected: Any, actual: Any, same: bool) -> None:
    assert equal(expected, actual) is same


def test_numbers_of_the_wire() -> None:
    assert [number(value) for value in (1, 1.5, Wire("2"), Wire("1e2"))] == [1, 1.5, 2, 100]
    assert [number(value) for value in (True, "1", Wire("inf"), Wire("x"), Wire("1" * 41), None)] == [None] * 6


def test_kinds() -> None:
    values = (None, True, 1, "x", [], {}, MISSING)
    assert [kind(value) for value in values] == ["null", "boolean", "number", "string", "array", "object", "missing"]


def test_what_is_shown_is_no_longer_than_people_read() -> None:
    assert shown(MISSING) is None
    assert shown("x" * 1000) == "x" * 200 + "... (1000 characters)"
    assert shown(list(range(100)))[-1] == "... 90 more"
    assert shown([[[[1]]]]) == [[["[1 entries]"]]]
    assert shown({"a": {"b": {"c": {"d": 1}}}}) == {"a": {"b": {"c": "{1 members}"}}}
    assert len(shown({str(number): number for number in range(100)})) == 10
