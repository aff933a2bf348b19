"""Conditions hold, or do not, as in SQL: null is unknown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mocks.sendgrid.sgql.meaning import Type, check, holds
from mocks.sendgrid.sgql.reading import read
from mocks.sendgrid.sgql.words import Unreadable

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
FIELDS: dict[str, Type] = {
    "email": "text",
    "city": "text",
    "age": "number",
    "seen": "time",
    "list_ids": "array",
    "args": "map",
    "active": "truth",
}
ROW = {
    "email": "ada@gmail.com",
    "age": 36,
    "seen": datetime(2026, 2, 28, 12, tzinfo=UTC),
    "list_ids": ["one", "two"],
    "args": {"k": "v"},
    "active": True,
}


@pytest.mark.parametrize(
    "query",
    [
        "email = 'ada@gmail.com'",
        "EMAIL LIKE '%gmail.com'",
        "email LIKE 'ada%' AND email NOT LIKE '%yahoo%'",
        "email != 'bob@gmail.com'",
        "lower('ADA') = 'ada' and upper(email) like 'ADA@%'",
        "length(email) = 13",
        "concat('a', 'b') = 'a' + 'b'",
        "email IN ('x', 'ada@gmail.com')",
        "email NOT IN ('x')",
        "age > 35 and age <= 36 and age >= 36 and age < 37",
        "age + 1 = 37 and age * 2 = 72 and age / 2 = 18 and age % 5 = 1 and -age = -36",
        "age BETWEEN 30 AND 40 and age not between 1 and 2",
        "age = '36'",
        "city IS NULL and email IS NOT NULL",
        "NOT city = 'Rome' OR age = 36",
        "seen < NOW()",
        "seen = NOW() - interval 1 month",
        "seen > NOW() - interval 1 year",
        "seen < '2026-03-01T00:00:00Z'",
        "seen BETWEEN TIMESTAMP '2026-02-01T00:00:00Z' AND TIMESTAMP '2026-03-01T00:00:00Z'",
        "CONTAINS(list_ids, 'one')",
        "array_contains(list_ids, ['three', 'two'])",
        "CONTAINS(args, 'k') and args['k'] = 'v'",
        "active",
        "true",
    ],
)
def test_what_holds(query: str) -> None:
    tree = read(query)
    check(tree, FIELDS)
    assert holds(tree, ROW, NOW)


@pytest.mark.parametrize(
    "query",
    [
        "city = 'Rome'",
        "city != 'Rome'",
        "not city = 'Rome'",
        "city like '%'",
        "city in ('Rome')",
        "city not in ('Rome')",
        "city between 'a' and 'z'",
        "age = 'young'",
        "age + 'x' = 1",
        "age / 0 = 1",
        "seen = 'soon'",
        "lower(city) = 'rome'",
        "CONTAINS(list_ids, 'three')",
        "args['x'] = 'v'",
        "email like '%%'",
        "email = 'x' or city = 'Rome'",
        "not active",
        "seen > NOW() + interval 9000 year",
    ],
)
def test_what_does_not(query: str) -> None:
    tree = read(query)
    check(tree, FIELDS)
    assert not holds(tree, ROW, NOW)


def test_a_percent_sign_is_written_twice() -> None:
    assert holds(read("a like '100%%'"), {"a": "100%"}, NOW)
    assert not holds(read("a like '100%%'"), {"a": "1000"}, NOW)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("bad_field = 1", "invalid syntax: 'bad_field' is not a known field"),
        ("CONTAINS(email, 'x')", "CONTAINS expects an array or map type as the first argument"),
        ("CONTAINS('x', 'x')", "CONTAINS expects an array or map type as the first argument"),
        ("CONTAINS(list_ids)", "CONTAINS expects 2 arguments"),
        ("SOUNDEX(email) = 'x'", "unknown function SOUNDEX"),
        ("email['k'] = 'v'", "'email' has no keys"),
        ("email", "invalid syntax: a query is a condition"),
        ("'email'", "invalid syntax: a query is a condition"),
        ("age + 1", "invalid syntax: a query is a condition"),
        ("lower(email)", "invalid syntax: a query is a condition"),
    ],
)
def test_what_means_nothing(query: str, why: str) -> None:
    with pytest.raises(Unreadable, match="^" + why.replace("[", r"\[")):
        check(read(query), FIELDS)
