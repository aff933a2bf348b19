"""What an answer holds beyond its contract: fields, and words of open enums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from contracts import library
from contracts.beyond import Beyond
from contracts.comparison import place
from contracts.contract import Params, Violation
from contracts.exchange import Response
from contracts.openapi import OpenApiContract

TEXT = {"type": "string"}
SCHEMAS: Mapping[str, Any] = {
    "thing": {
        "type": "object",
        "properties": {
            "id": TEXT,
            "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}},
            "labels": {"type": "object", "additionalProperties": TEXT},
            "prices": {"type": "object", "additionalProperties": {"$ref": "#/$defs/part"}},
            "owner": {"anyOf": [TEXT, {"$ref": "#/$defs/owner"}, {"$ref": "#/$defs/gone"}, {"type": "null"}]},
            "state": {"anyOf": [{"enum": ["open", "done"]}, TEXT]},
            "closed": {"enum": ["one", "two"]},
            "size": {"anyOf": [{"const": "auto"}, TEXT]},
            "day": {"anyOf": [{"enum": ["today", "never"]}, {"type": "string", "format": "date"}]},
            "anything": {},
            "free": {"type": "object"},
            "parent": {"$ref": "#/$defs/thing"},
        },
    },
    "part": {"allOf": [{"$ref": "#/$defs/named"}, {"type": "object", "properties": {"weight": {"type": "number"}}}]},
    "named": {"properties": {"name": TEXT}},
    "owner": {"properties": {"object": {"const": "owner"}, "mail": TEXT}},
    "gone": {"properties": {"object": {"const": "owner"}, "deleted": {"const": True}}},
    "strict": {"properties": {"id": TEXT}, "additionalProperties": False},
    "open": {"properties": {"id": TEXT}, "additionalProperties": True},
}
THING = {"$ref": "#/$defs/thing"}


def beyond(value: Any, schema: Mapping[str, Any] = THING) -> list[tuple[str, str]]:
    return [(each.rule, place(each)) for each in Beyond(SCHEMAS).look(schema, value)]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"id": "1"}, []),
        ({"id": "1", "new": 1, "fresh": None}, [("unknown", "body.fresh"), ("unknown", "body.new")]),
        # Of a list each place is told once.
        ({"parts": [{"name": "a", "weight": 1}, {"colour": 1}, {"colour": 2}]}, [("unknown", "body.parts[].colour")]),
        # The keys of a map are data, its values are not.
        ({"labels": {"ada": "x"}, "prices": {"ada": {"name": "a", "tax": 1}}}, [("unknown", "body.prices.*.tax")]),
        # What any variant of a union names is named.
        ({"owner": {"mail": "a", "deleted": True}}, []),
        ({"owner": {"mail": "a", "phone": "1"}}, [("unknown", "body.owner.phone")]),
        ({"owner": "own_1"}, []),
        ({"state": "open"}, []),
        ({"state": "half_done"}, [("enum", "body.state")]),
        # A sentence is no word of an enum; the check finds what a closed one does not list.
        ({"state": "see the notes", "closed": "three"}, []),
        # One word beside any text, or words beside a date, are no enum that is open.
        ({"size": "small", "day": "2026-01-01"}, []),
        ({"anything": {"a": 1}, "free": {"b": {"c": 1}}}, []),
        ({"parent": {"parent": {"parent": {"odd": 1}}}}, [("unknown", "body.parent.parent.parent.odd")]),
        ([1], []),
        ("text", []),
    ],
)
def test_what_is_told(value: Any, found: list[tuple[str, str]]) -> None:
    assert beyond(value) == found


def test_an_object_is_open_where_its_schema_says_so() -> None:
    assert beyond({"id": "1", "new": 1}, {"$ref": "#/$defs/open"}) == []
    assert beyond({"id": "1", "new": 1}, {"$ref": "#/$defs/strict"}) == [("unknown", "body.new")]
    assert beyond({"id": "1", "new": 1}, {"type": "object", "x-note": 1}) == []
    assert beyond({"id": "1", "new": 1}, {"properties": {"id": TEXT}, "patternProperties": {"^n": {}}}) == []


def test_no_answer_is_told_without_end() -> None:
    assert len(beyond({f"new_{number}": 1 for number in range(500)} | {"parts": [{"colour": 1}]})) == 50
    deep: dict[str, Any] = {"odd": 1}
    for _ in range(300):
        deep = {"parent": deep}
    assert beyond(deep) == []


@pytest.mark.parametrize(
    ("pointer", "general"),
    [
        (("id",), ("id",)),
        (("labels", "ada@example.com"), ("labels", "*")),
        (("prices", "ada", "weight"), ("prices", "*", "weight")),
        (("parts", 3, "weight"), ("parts", 3, "weight")),
        (("owner", "mail"), ("owner", "mail")),
        (("parent", "parent", "id"), ("parent", "parent", "id")),
        (("free", "ada", 1, "x"), ("free", "*", 1, "*")),
    ],
)
def test_keys_of_maps_do_not_stand_in_places(pointer: tuple[str | int, ...], general: tuple[str | int, ...]) -> None:
    assert Beyond(SCHEMAS).general(THING, pointer) == general


def test_a_contract_s_own_examples_hold_nothing_beyond_it() -> None:
    """Every operation of an API with recursive objects and unions."""
    contract = library.load("stripe")
    assert isinstance(contract, OpenApiContract)
    for operation in contract.operations().values():
        value = contract.example(operation, Params())
        answer = Response(operation.success_status, value=value)
        assert not contract.observe(operation, answer, ()), operation.id


def test_what_breaks_and_what_is_beyond_come_together() -> None:
    contract = library.load("stripe")
    assert isinstance(contract, OpenApiContract)
    operation = contract.operations()["customers.retrieve"]
    value = contract.example(operation, Params()) | {"metadata": {"ada@example.com": 1}, "shoe_size": 44}
    answer = Response(200, [("content-type", "application/json")], value=value)
    told = contract.observe(operation, answer, contract.check(operation, answer))
    assert [(each.rule, place(each)) for each in told] == [
        ("type", "body.metadata.*"),
        ("unknown", "body.shoe_size"),
    ]
    # An answer of another media type is not read as this one, and one without a schema says nothing.
    page = Violation("body", (), "content_type", "must be application/json", "application/json", "text/html")
    assert contract.observe(operation, Response(200, value=value), [page]) == [page]
