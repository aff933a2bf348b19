"""Values as JavaScript has them."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mocks.sendgrid.handlebars import values


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (1.0, "1"),
        (1.5, "1.5"),
        (-0.25, "-0.25"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (0.00001, "0.00001"),
        (1e-7, "1e-7"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (math.nan, "NaN"),
        ([1, None, "a", [2, 3]], "1,,a,2,3"),
        ({"a": 1}, "[object Object]"),
    ],
)
def test_texts(value: Any, text: str) -> None:
    assert values.text(value) == text


@pytest.mark.parametrize("value", [None, False, 0, 0.0, "", []])
def test_what_is_false(value: Any) -> None:
    assert not values.truthy(value)
    assert values.empty(value) is (value is False or not isinstance(value, (int, float)))


@pytest.mark.parametrize("value", [True, 1, -1, "0", [0], {}, {"a": 0}])
def test_what_is_true(value: Any) -> None:
    assert values.truthy(value)
    assert not values.empty(value)


def test_all_that_html_reads_is_escaped() -> None:
    assert values.escaped("&<>\"'`=a") == "&amp;&lt;&gt;&quot;&#x27;&#x60;&#x3D;a"


@pytest.mark.parametrize(
    ("value", "name", "found"),
    [
        ({"a": 1}, "a", 1),
        ({"a": 1}, "b", None),
        ({"length": 7}, "length", 7),
        ([5, 6], "1", 6),
        ([5, 6], "2", None),
        ([5, 6], "length", 2),
        ([5, 6], "-1", None),
        ([5, 6], "9" * 30, None),
        ("abc", "length", 3),
        ("abc", "0", "a"),
        (5, "a", None),
        (None, "a", None),
        ({}, "__class__", None),
        ("abc", "upper", None),
    ],
)
def test_members(value: Any, name: str, found: Any) -> None:
    assert values.member(value, name) == found


@pytest.mark.parametrize(
    ("left", "right"),
    [(3, "3"), (1, True), ("", 0), (None, None), ("a", "a"), (1.0, 1), ([1, 2], "1,2"), ([], 0)],
)
def test_loosely_equal(left: Any, right: Any) -> None:
    left, right = values.flat(left), values.flat(right)
    assert values.equal(left, right)
    assert values.equal(right, left)


@pytest.mark.parametrize(
    ("left", "right"), [(3, "4"), (None, 0), (None, ""), ("a", "A"), ([1], [1]), ({}, {}), ("1_0", 10)]
)
def test_unequal(left: Any, right: Any) -> None:
    assert not values.equal(left, right)
    assert not values.equal(right, left)


def test_greater_by_letters_or_by_number() -> None:
    assert values.greater("b", "a")
    assert values.greater("9", "10")
    assert values.greater("10", 9)
    assert not values.greater("a", 1)
    assert not values.greater(None, 0)
    assert not values.greater(0, None)
    assert values.greater(values.flat([3]), 2)


def test_the_same_context() -> None:
    one: dict[str, Any] = {}
    assert values.same(one, one)
    assert not values.same(one, {})
    assert values.same(1, 1)
    assert not values.same(1, True)


def test_lists_tell_what_they_cost() -> None:
    spent: list[int] = []
    assert values.text([1, [2, 3], "a"], spent.append) == "1,2,3,a"
    assert spent == [1, 1]
    assert values.flat({}) == "[object Object]"
    assert values.flat("a") == "a"
