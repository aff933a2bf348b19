"""Condition operators, one by one."""

from __future__ import annotations

import pytest

from mocks.s3.access.operators import UnknownOperator, condition

HELD = {
    "text": ["Ann"],
    "number": ["10"],
    "time": ["2026-03-01T12:00:00Z"],
    "flag": ["true"],
    "bytes": ["YWJj"],
    "address": ["10.1.2.3"],
    "address6": ["2001:db8::1"],
    "arn": ["arn:aws:iam::111122223333:root"],
    "many": ["a", "b"],
    "word": ["none"],
}


@pytest.mark.parametrize(
    ("operator", "key", "values", "expected"),
    [
        ("StringEquals", "text", ["Bob", "Ann"], True),
        ("StringEquals", "text", ["ann"], False),
        ("stringequals", "TEXT", ["Ann"], True),
        ("StringNotEquals", "text", ["Bob", "Ann"], False),
        ("StringNotEquals", "text", ["Bob"], True),
        ("StringEqualsIgnoreCase", "text", ["aNN"], True),
        ("StringNotEqualsIgnoreCase", "text", ["aNN"], False),
        ("StringLike", "text", ["A*"], True),
        ("StringNotLike", "text", ["A*"], False),
        ("StringEquals", "text", ["A*"], False),
        ("NumericEquals", "number", ["10.0"], True),
        ("NumericNotEquals", "number", ["10"], False),
        ("NumericLessThan", "number", ["10"], False),
        ("NumericLessThanEquals", "number", ["10"], True),
        ("NumericGreaterThan", "number", ["9"], True),
        ("NumericGreaterThanEquals", "number", ["11"], False),
        ("NumericLessThan", "word", ["10"], False),
        ("DateGreaterThan", "time", ["2026-02-28T00:00:00Z"], True),
        ("DateLessThan", "time", ["2026-03-01"], False),
        ("DateEquals", "time", ["1772366400"], True),
        ("DateNotEquals", "time", ["1772366400"], False),
        ("DateLessThanEquals", "time", ["2026-03-01T12:00:00+00:00"], True),
        ("Bool", "flag", ["TRUE"], True),
        ("Bool", "flag", ["false"], False),
        ("BinaryEquals", "bytes", ["YWJj"], True),
        ("BinaryEquals", "bytes", ["YWJk"], False),
        ("IpAddress", "address", ["10.0.0.0/8", "192.168.0.0/16"], True),
        ("IpAddress", "address", ["10.1.2.4"], False),
        ("IpAddress", "address6", ["2001:db8::/32"], True),
        ("IpAddress", "word", ["10.0.0.0/8"], False),
        ("NotIpAddress", "address", ["10.0.0.0/8"], False),
        ("ArnLike", "arn", ["arn:aws:iam::*:root"], True),
        ("ArnEquals", "arn", ["arn:aws:iam::*:root"], True),
        ("ArnNotLike", "arn", ["arn:aws:iam::1*:root"], False),
        ("ArnNotEquals", "arn", ["arn:aws:iam::2*:root"], True),
        # A key that the request lacks.
        ("StringEquals", "absent", ["a"], False),
        ("StringNotEquals", "absent", ["a"], True),
        ("NumericNotEquals", "absent", ["1"], True),
        ("NotIpAddress", "absent", ["10.0.0.0/8"], True),
        ("Bool", "absent", ["false"], False),
        ("BoolIfExists", "absent", ["false"], True),
        ("StringEqualsIfExists", "absent", ["a"], True),
        ("StringEqualsIfExists", "text", ["a"], False),
        ("Null", "absent", ["true"], True),
        ("Null", "absent", ["false"], False),
        ("Null", "text", ["true"], False),
        ("Null", "text", ["false"], True),
        # Several values of the request.
        ("ForAllValues:StringEquals", "many", ["a", "b", "c"], True),
        ("ForAllValues:StringEquals", "many", ["a"], False),
        ("ForAnyValue:StringEquals", "many", ["b"], True),
        ("ForAnyValue:StringEquals", "many", ["c"], False),
        ("ForAllValues:StringNotEquals", "many", ["c"], True),
        ("ForAllValues:StringNotEquals", "many", ["a"], False),
        ("ForAnyValue:StringNotEquals", "many", ["a"], True),
        ("ForAnyValue:StringNotEquals", "many", ["a", "b"], False),
        ("ForAllValues:StringEquals", "absent", ["a"], True),
        ("ForAnyValue:StringEquals", "absent", ["a"], False),
        ("ForAnyValue:StringNotEquals", "absent", ["a"], False),
        ("ForAnyValue:StringEqualsIfExists", "absent", ["a"], True),
        ("StringEquals", "many", ["b"], True),
        ("StringNotEquals", "many", ["b"], False),
        ("StringEquals", "text", ["${text}"], True),
    ],
)
def test_operator(operator: str, key: str, values: list[str], expected: bool) -> None:
    assert condition(operator, key, values).holds(HELD.get) is expected


@pytest.mark.parametrize("operator", ["StringEqual", "NullIfExists", "ForSomeValues:StringEquals", "", "IfExists"])
def test_what_is_no_operator(operator: str) -> None:
    with pytest.raises(UnknownOperator):
        condition(operator, "text", ["a"])


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("NumericEquals", "ten"),
        ("DateEquals", "soon"),
        ("Bool", "yes"),
        ("BinaryEquals", "*"),
        ("IpAddress", "10.0.0.0/40"),
        ("Null", "maybe"),
    ],
)
def test_a_value_that_is_none_of_the_operators(operator: str, value: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        condition(operator, "text", [value])
