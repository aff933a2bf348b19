"""Which promises of an unknown schema are kept, mended or dropped."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.compile import keywords


@pytest.mark.parametrize(
    ("keyword", "value", "stays"),
    [
        ("minimum", 3, True),
        ("minimum", "3", False),
        ("multipleOf", 0, False),
        ("minLength", 10_000_000_000, False),
        ("maxLength", 10_000_000_000, True),
        ("minItems", 5_000_000, False),
        ("pattern", "^(a+)+$", True),
        ("pattern", "^(?=.*[A-Z]).{8,}$", False),
        ("pattern", "(a{1000}){1000}{1000}", False),
        ("pattern", "x" * 5_000, False),
        ("pattern", 3, False),
        ("readOnly", "yes", False),
    ],
)
def test_a_keyword_stays_where_it_can_be_kept(keyword: str, value: Any, stays: bool) -> None:
    told: list[str] = []
    assert keywords.kept(keyword, value, told.append) is stays
    assert (told == []) is stays


def test_formats_that_nobody_checks_go_without_a_word() -> None:
    told: list[str] = []
    assert keywords.kept("format", "uuid", told.append)
    assert not keywords.kept("format", "color", told.append)
    assert told == []


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("string", "string"),
        ("file", "string"),
        ("any", None),
        (3, None),
        (["string", "null", "x"], ["string", "null"]),
        (["x"], None),
    ],
)
def test_types(value: Any, found: Any) -> None:
    assert keywords.typed(value) == found


@pytest.mark.parametrize(
    ("schema", "settled"),
    [
        ({"minimum": 3, "maximum": 1}, {}),
        ({"type": "integer", "enum": ["1", 2]}, {"type": "integer", "enum": [2]}),
        ({"type": "boolean", "enum": ["yes"]}, {"type": "boolean"}),
        ({"type": ["string", "null"], "enum": ["a", None]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"type": "string", "enum": ["a"], "pattern": "^b$", "minLength": 4}, {"type": "string", "enum": ["a"]}),
        (
            {"properties": {"a": {}}, "required": ["a", "b"], "additionalProperties": False},
            {"properties": {"a": {}}, "required": ["a"], "additionalProperties": False},
        ),
        ({"type": "null", "anyOf": [{"type": "number"}]}, {"anyOf": [{"type": "number"}, {"type": "null"}]}),
        ({"type": "object", "oneOf": [{"type": "string"}]}, {"oneOf": [{"type": "string"}]}),
        (
            {"type": "integer", "anyOf": [{"type": "number"}, {"type": "string"}]},
            {"type": "integer", "anyOf": [{"type": "number"}, {"type": "string"}]},
        ),
        ({"type": "object", "anyOf": [{"properties": {}}]}, {"type": "object", "anyOf": [{"properties": {}}]}),
    ],
)
def test_what_contradicts_itself_is_settled(schema: dict[str, Any], settled: dict[str, Any]) -> None:
    assert keywords.settle(schema) == settled
