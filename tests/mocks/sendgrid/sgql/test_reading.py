"""Queries are read with the precedence that the reference tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mocks.sendgrid.sgql.reading import DEEPEST, moment, read, read_select
from mocks.sendgrid.sgql.tree import Function, Interval, Name, Operation, Table, Value
from mocks.sendgrid.sgql.words import Unreadable

A, B, C = Name("a"), Name("b"), Name("c")


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("a = 1", Operation("=", (A, Value(1)))),
        ("NOT a OR b AND c", Operation("or", (Operation("not", (A,)), Operation("and", (B, C))))),
        ("not not a", A),
        ("(a or b) and c", Operation("and", (Operation("or", (A, B)), C))),
        ("a - 1 - b * c", Operation("-", (Operation("-", (A, Value(1))), Operation("*", (B, C))))),
        ("-2.5", Operation("negative", (Value(2.5),))),
        ("a NOT IN (1, 'x')", Operation("not in", (A, Value(1), Value("x")))),
        ("a between 1 and 2 and b", Operation("and", (Operation("between", (A, Value(1), Value(2))), B))),
        ("a IS NOT NULL", Operation("is not null", (A,))),
        ("CONTAINS(a, 'x')", Function("contains", (A, Value("x")))),
        ("now()", Function("now", ())),
        ("a['k'] = TRUE", Operation("=", (Name("a", "k"), Value(True)))),
        ("array_contains(a, ['x','y'])", Function("array_contains", (A, Function("array", (Value("x"), Value("y")))))),
        ("a > TIMESTAMP '2019-08-07T18:00:00Z'", Operation(">", (A, Value(datetime(2019, 8, 7, 18, tzinfo=UTC))))),
        ("a = interval 10 day", Operation("=", (A, Value(Interval(0, timedelta(days=10)))))),
        ("a = interval '2 years'", Operation("=", (A, Value(Interval(24, timedelta()))))),
    ],
)  # fmt: skip
def test_trees(query: str, tree: object) -> None:
    assert read(query) == tree


@pytest.mark.parametrize(
    "query",
    [
        "",
        "a =",
        "a = 1 b",
        "(a = 1",
        "a not 1",
        "a is 1",
        "a in 1",
        "a in ()",
        "f(a",
        "a between 1",
        "a = TIMESTAMP 'soon'",
        "a = TIMESTAMP 5",
        "a = interval ten day",
        "a = interval 10 moons",
        "a = interval 9999999 day",
        "a[1] = 2",
        "a = " + "9" * 5_000,
        "a = interval " + "9" * 5_000 + " day",
        "(" * (DEEPEST + 1) + "a" + ")" * (DEEPEST + 1),
        "a = " + "1 + " * 200 + "1",
    ],
)
def test_what_cannot_be_read(query: str) -> None:
    with pytest.raises(Unreadable):
        read(query)


def test_long_chains_are_flat() -> None:
    tree = read(" or ".join(["a = 1"] * 2_000))
    assert isinstance(tree, Operation)
    assert len(tree.operands) == 2_000


def test_selections() -> None:
    found = read_select(
        "SELECT c.contact_id, c.updated_at FROM contact_data AS c "
        "INNER JOIN event_data e ON c.contact_id = e.contact_id "
        "JOIN event_data ON contact_id WHERE e.event_type = 'open'"
    )
    assert found.tables == (Table("contact_data", "c"), Table("event_data", "e"), Table("event_data", "event_data"))
    assert found.columns == (Name("c.contact_id"), Name("c.updated_at"))
    assert found.where == Operation("=", (Name("e.event_type"), Value("open")))
    assert len(found.joins) == 2
    for wrong in ("SELECT a", "SELECT a FROM 1", "SELECT a FROM b AS", "a = 1", "SELECT a FROM b WHERE"):
        with pytest.raises(Unreadable):
            read_select(wrong)


def test_moments() -> None:
    assert moment("2019-08-07T18:00:00+02:00") == datetime(2019, 8, 7, 16, tzinfo=UTC)
    assert moment("2019-08-07").tzinfo is UTC
