"""Conditions are true of recipients by the type of their field."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid.contactdb import conditions

NOW = 1_425_000_000
TYPES = {"name": "text", "age": "number", "born": "date", "seen": "date"}
ROW = {"name": "Ada King", "age": 36, "born": "01/02/2015", "seen": NOW - 3_600, "email": None}


def one(name: str, operator: str, value: str = "", and_or: str = "") -> dict[str, Any]:
    return {"field": name, "operator": operator, "value": value, "and_or": and_or}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (one("name", "eq", "ada king"), True),
        (one("name", "ne", "ada king"), False),
        (one("name", "contains", "KING"), True),
        (one("name", "not_empty"), True),
        (one("age", "gt", "35"), True),
        (one("age", "lt", "35"), False),
        (one("age", "eq", "36"), True),
        (one("age", "ne", "many"), True),
        (one("born", "eq", "01/02/2015"), True),
        (one("born", "lt", "01/03/2015"), True),
        (one("born", "gt", "1420156800"), False),
        (one("born", "ne", "2015-01-02"), False),
        (one("seen", "is within", "1"), True),
        (one("seen", "is within", "2015-02-28"), False),
        (one("seen", "is within", "9" * 5_000), False),
        (one("born", "ne", "9" * 5_000), True),
        (one("missing", "empty"), True),
        (one("missing", "eq", "x"), False),
        (one("missing", "ne", "x"), True),
        (one("opens.campaign_identifier", "eq", "1"), False),
        (one("opens.campaign_identifier", "ne", "1"), True),
    ],
)
def test_one_condition(condition: dict[str, Any], expected: bool) -> None:
    assert conditions.holds([condition], ROW, {**TYPES, "missing": "text"}, NOW) is expected


@pytest.mark.parametrize(
    ("joined", "expected"),
    [(("", "and"), False), (("", "or"), True), (("", "and", "or"), True), (("", "or", "and"), True)],
)
def test_and_binds_before_or(joined: tuple[str, ...], expected: bool) -> None:
    parts = [one("age", "eq", "36"), one("age", "eq", "1"), one("age", "eq", "36")]
    asked = [{**part, "and_or": word} for part, word in zip(parts, joined, strict=False)]
    assert conditions.holds(asked, ROW, TYPES, NOW) is expected


def test_moments() -> None:
    assert conditions.moment("01/02/2015") == conditions.moment("2015-01-02") == conditions.moment(1_420_156_800)
    assert conditions.moment("13/32/2015") is conditions.moment("soon") is None
