"""Validators: what they reach, how they word errors, and which branch of a union was meant."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.validation import DIALECT, Validators, references


def _violations(schema: Any, value: Any, schemas: Any = None, *, objects: bool = False) -> list[tuple[str, str, Any]]:
    validators = Validators(schemas or {}, objects)
    validator = validators.compile(schema)
    found = validators.violations(validator, value, "body")
    assert bool(found) != validator.is_valid(value)
    return [(violation.where, violation.rule, violation.expected) for violation in found]


@pytest.mark.parametrize(
    ("schema", "value", "rule", "expected"),
    [
        ({"type": "integer"}, "x", "type", "integer"),
        ({"type": ["integer", "null"]}, "x", "type", "integer"),
        ({"type": ["integer", "string"]}, [], "type", ("integer", "string")),
        ({"enum": ["a", "b"]}, "c", "enum", ("a", "b")),
        ({"const": "a"}, "c", "enum", ("a",)),
        ({"minimum": 3}, 2, "minimum", 3),
        ({"exclusiveMaximum": 3}, 3, "maximum", 3),
        ({"minLength": 2}, "é", "min_length", 2),
        ({"maxLength": 2}, "abc", "max_length", 2),
        ({"minItems": 1}, [], "min_items", 1),
        ({"maxItems": 1}, [1, 2], "max_items", 1),
        ({"maxProperties": 1}, {"a": 1, "b": 2}, "max_items", 1),
        ({"pattern": "^a$"}, "b", "pattern", "^a$"),
        ({"format": "email"}, "b", "format", "email"),
        ({"format": "decimal"}, "1.2.3", "format", "decimal"),
        ({"format": "int64"}, "x", "format", "int64"),
        ({"uniqueItems": True}, [1, 1], "conflict", None),
        ({"not": {"type": "string"}}, "x", "conflict", None),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, "pattern", None),
        ({"multipleOf": 2}, 3, "format", 2),
        ({"oneOf": [{"type": "string"}, {"minLength": 1}]}, "x", "conflict", None),
        ({"contains": {"const": 1}}, [2], "conflict", None),
    ],
)
def test_words(schema: Any, value: Any, rule: str, expected: Any) -> None:
    assert _violations(schema, value) == [("body", rule, expected)]


def test_messages_do_not_repeat_the_value() -> None:
    validators = Validators({})
    validator = validators.compile({"type": "integer", "enum": [1]})
    for violation in validators.violations(validator, "sk_live_secret", "body"):
        assert "secret" not in violation.message
        assert violation.value == "sk_live_secret"


def test_an_unknown_and_a_missing_member_are_named() -> None:
    schema = {"properties": {"a": {}}, "required": ["a"], "additionalProperties": False}
    assert set(_violations(schema, {"b": 1, "c": 2})) == {
        ("body.a", "required", None),
        ("body.b", "unknown", None),
        ("body.c", "unknown", None),
    }
    assert _violations({"properties": {"x": False}}, {"x": 1}) == [("body.x", "unknown", None)]


OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": False}
UNSET = {"type": "string", "enum": [""]}


@pytest.mark.parametrize(
    ("union", "value", "expected"),
    [
        ([OBJECT, UNSET], "x", [("body", "type", "object")]),
        ([OBJECT, UNSET], {"a": "x"}, [("body.a", "type", "integer")]),
        ([OBJECT, {"type": "array"}, UNSET], 7, [("body", "type", ("object", "array", "string"))]),
        ([{"type": "integer"}, {"type": "string", "enum": ["now"]}], "later", [("body", "enum", ("now",))]),
        ([{"type": "integer"}, {"type": "null"}], "x", [("body", "type", "integer")]),
        ([{"enum": ["a"]}, {"enum": ["b"]}], "c", [("body", "enum", ("a",))]),
    ],
)
def test_of_a_union_only_the_branch_that_was_meant_is_told(union: Any, value: Any, expected: Any) -> None:
    assert _violations({"anyOf": union}, value) == expected


def test_the_branch_with_the_right_constant_was_meant() -> None:
    circle = {"type": "object", "required": ["kind", "r"], "properties": {"kind": {"const": "circle"}}}
    square = {"type": "object", "required": ["kind", "s"], "properties": {"kind": {"const": "square"}}}
    assert _violations({"oneOf": [circle, square]}, {"kind": "square"}) == [("body.s", "required", None)]


CUSTOMER = {
    "type": "object",
    "required": ["id", "object"],
    "properties": {
        "id": {"type": "string"},
        "object": {"type": "string", "enum": ["customer"]},
        "source": {
            "anyOf": [{"type": "string"}, {"$ref": "#/$defs/card"}, {"$ref": "#/$defs/deleted_card"}, {"type": "null"}]
        },
        "friend": {"anyOf": [{"$ref": "#/$defs/customer"}, {"type": "null"}]},
    },
}
CARD = {
    "type": "object",
    "required": ["object", "last4"],
    "properties": {"object": {"const": "card"}, "last4": {"type": "string"}, "deleted": {"enum": [True, None]}},
}
GONE = {
    "type": "object",
    "required": ["deleted", "object"],
    "properties": {"object": {"const": "card"}, "deleted": {"const": True}},
}
SCHEMAS = {"customer": CUSTOMER, "card": CARD, "deleted_card": GONE}


@pytest.mark.parametrize("objects", [True, False])
@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, []),
        ({"source": None}, []),
        ({"source": "card_1"}, []),
        ({"source": {"object": "card", "last4": "4242"}}, []),
        ({"source": {"object": "card", "deleted": True}}, []),
        ({"source": {"object": "card", "last4": 7}}, [("body.source.last4", "type", "string")]),
        ({"friend": {"id": "x", "object": "customer", "friend": {"id": 7, "object": "customer"}}}, [
            ("body.friend.friend.id", "type", "string")
        ]),
    ],
)  # fmt: skip
def test_objects_in_objects_are_judged_alike_whether_they_are_reached_late_or_at_once(
    members: Any, expected: Any, *, objects: bool
) -> None:
    value = {"id": "cus_1", "object": "customer", **members}
    assert _violations({"$ref": "#/$defs/customer"}, value, SCHEMAS, objects=objects) == expected


def test_an_object_behind_an_id_is_compiled_when_it_is_there() -> None:
    validators = Validators(SCHEMAS, objects=True)
    customer = validators.named("customer")
    assert customer.is_valid({"id": "x", "object": "customer", "source": "card_1"})
    assert len(validators._compiled) == 1
    assert not customer.is_valid({"id": "x", "object": "customer", "source": {"object": "card"}})
    assert len(validators._compiled) == 2
    assert validators.named("customer") is customer


def test_kept_validators_are_bounded() -> None:
    validators = Validators({})
    for number in range(300):
        validators.compile({"const": number})
    assert len(validators._compiled) == 256


def test_references() -> None:
    schema = {"anyOf": [{"$ref": "#/$defs/a"}, {"properties": {"x": {"items": {"$ref": "#/$defs/b"}}}}]}
    assert sorted(references(schema)) == ["a", "b"]
    assert DIALECT.endswith("2020-12/schema")
