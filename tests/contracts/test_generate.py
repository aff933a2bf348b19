"""Made-up values are true to their schemas, repeatable, and echo what fits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given as given_by
from hypothesis import strategies as st

from contracts import generate, library
from contracts.contract import Params
from contracts.generate import Either, example
from contracts.openapi import OpenApiContract

NOW = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)
TEXT = {"type": "string"}


def true(schema: Any, value: Any, schemas: Any = None) -> bool:
    root = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": schemas or {}, "allOf": [schema]}
    return bool(jsonschema_rs.validator_for(root, validate_formats=True).is_valid(value))


@pytest.mark.parametrize("name", ["stripe", "sendgrid"])
def test_every_answer_of_a_real_contract_is_true(name: str) -> None:
    contract = library.load(name)
    assert isinstance(contract, OpenApiContract)
    wrong = []
    for operation in contract.operations().values():
        params = Params(path={"id": "x_1"}, body={"name": "given", "metadata": {"a": "b"}, "id": 7})
        for seed in (0, 99):
            value = contract.example(operation, params, seed, NOW)
            response = contract.write(operation, value)
            if contract.response_schema(operation) is not None:
                wrong += [f"{operation.id}: {violation.where}" for violation in contract.check(operation, response)]
    assert wrong == []


SCHEMAS: list[Any] = [
    True,
    {},
    {"type": "null"},
    {"const": {"a": [1]}},
    {"enum": ["x", "draft"]},
    {"enum": [None, 3]},
    {"type": ["string", "null"], "minLength": 3},
    {"type": "string", "maxLength": 2},
    {"type": "string", "minLength": 40},
    {"type": "string", "pattern": "^(SM|MM)[0-9a-fA-F]{32}$", "minLength": 34, "maxLength": 34},
    {"type": "string", "format": "uuid"},
    {"type": "string", "format": "date-time"},
    {"type": "string", "format": "date"},
    {"type": "string", "format": "email"},
    {"type": "string", "format": "uri"},
    {"type": "string", "format": "ipv4"},
    {"type": "string", "format": "ipv6"},
    {"type": "string", "format": "hostname"},
    {"type": "string", "format": "time"},
    {"type": "string", "format": "duration"},
    {"type": "integer", "minimum": 5},
    {"type": "integer", "maximum": -5},
    {"type": "integer", "exclusiveMinimum": 0, "maximum": 10},
    {"type": "integer", "minimum": 1, "multipleOf": 7},
    {"type": "number", "exclusiveMaximum": 0},
    {"type": "number", "minimum": 0.5, "maximum": 0.75},
    {"type": "boolean"},
    {"type": "array"},
    {"type": "array", "items": TEXT, "minItems": 2, "uniqueItems": True},
    {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "items": False},
    {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
    {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "integer"}}},
    {"type": "object", "properties": {"a": False, "b": TEXT}},
    {"anyOf": [{"type": "object", "required": ["a"], "properties": {"a": TEXT}}, {"type": "string", "format": "uri"}]},
    {"oneOf": [{"type": "integer", "minimum": 10}, {"type": "string", "maxLength": 1}]},
    {"allOf": [{"type": "object", "properties": {"a": TEXT}}, {"required": ["a", "b"], "properties": {"b": TEXT}}]},
    {"allOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]},
    {"type": "string", "default": "kept"},
    {"type": "integer", "default": 3, "minimum": 5},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=repr)
@pytest.mark.parametrize("seed", [0, 1, 12_345])
def test_values_are_true(schema: Any, seed: int) -> None:
    assert true(schema, example(schema, {}, seed=seed))
    whole = {"type": "object", "required": ["member"], "properties": {"member": schema}}
    assert true(whole, example(whole, {}, seed=seed))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=8) | st.floats(-100, 100),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcde"), inner, max_size=4),
    max_leaves=10,
)


@given_by(st.sampled_from([schema for schema in SCHEMAS if schema is not True]), JSON)
def test_whatever_is_given_values_stay_true(schema: Any, offered: Any) -> None:
    assert true(schema, example(schema, {}, given=offered))
    whole = {"type": "object", "required": ["member"], "properties": {"member": schema}}
    assert true(whole, example(whole, {}, given={"member": offered}))


def test_a_schema_that_contains_itself_ends() -> None:
    schemas = {
        "node": {"type": "object", "required": ["name"], "properties": {"name": TEXT, "next": {"$ref": "#/$defs/node"}}}
    }
    value = example({"$ref": "#/$defs/node"}, schemas)
    assert true({"$ref": "#/$defs/node"}, value, schemas)
    depth = 0
    while value:
        value, depth = value.get("next"), depth + 1
    assert depth < 6


def test_a_schema_that_requires_itself_is_cut_off() -> None:
    schemas = {"node": {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/$defs/node"}}}}
    assert example({"$ref": "#/$defs/node"}, schemas)  # nothing finite is true to it


def test_the_same_seed_gives_the_same_value_and_another_another() -> None:
    schema = {"type": "object", "properties": dict.fromkeys("abc", TEXT)}
    assert example(schema, {}, seed=1) == example(schema, {}, seed=1)
    assert example(schema, {}, seed=1) != example(schema, {}, seed=2)


def test_a_member_looks_the_same_wherever_its_object_is_shown() -> None:
    thing = {"type": "object", "properties": {"a": TEXT, "b": TEXT}}
    less = {"type": "object", "properties": {"b": TEXT}}
    assert example(thing, {}, seed=4)["b"] == example(less, {}, seed=4)["b"]


def test_what_fits_is_echoed_and_the_rest_left_out() -> None:
    schema = {
        "type": "object",
        "required": ["id", "size"],
        "properties": {
            "id": TEXT,
            "size": {"type": "integer", "maximum": 9},
            "tags": {"type": "array", "items": TEXT},
            "inner": {"type": "object", "required": ["a", "b"], "properties": {"a": TEXT, "b": TEXT}},
            "metadata": {"type": "object", "additionalProperties": TEXT},
            "customer": {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"id": TEXT}}]},
        },
    }
    given = {
        "id": "x",
        "size": 10,
        "tags": ["a", 1, "b"],
        "inner": {"a": "1", "c": 3},
        "metadata": {"k": "v", "n": 1},
        "customer": {"id": "cus_1"},
        "password": "p",
    }
    value = example(schema, {}, given=given)
    assert value["id"] == "x"
    assert value["size"] == 0
    assert value["tags"] == ["a", "b"]
    assert value["inner"]["a"] == "1"
    assert set(value["inner"]) == {"a", "b"}
    assert value["metadata"] == {"k": "v"}
    assert value["customer"] == {"id": "cus_1"}
    assert "password" not in value


def test_items_that_must_differ_differ() -> None:
    schema = {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True}
    assert sorted(example(schema, {}, given=["c", "c"])) == ["a", "b", "c"]


def test_fixed_members_choose_the_variant() -> None:
    cat = {"type": "object", "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}}}
    dog = {"type": "object", "properties": {"kind": {"enum": ["dog"]}, "bark": TEXT}}
    schema = {"oneOf": [cat, dog]}
    assert example(schema, {}, given={"kind": "dog", "bark": "wuff"}) == {"kind": "dog", "bark": "wuff"}
    assert example(schema, {}, given={"kind": "cat", "lives": 9}) == {"kind": "cat", "lives": 9}


def test_nullable_is_null_unless_something_is_given() -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": ["string", "null"]}}}
    assert example(schema, {}) == {"a": None}
    assert example(schema, {}, given={"a": "x"}) == {"a": "x"}
    assert example(schema, {}, given={"a": None}) == {"a": None}


def test_an_offer_in_several_forms_is_taken_in_the_first_that_fits() -> None:
    offer = Either(("text", 7))
    assert example({"type": "object", "properties": {"id": {"type": "integer"}}}, {}, given={"id": offer}) == {"id": 7}
    assert example({"type": "object", "properties": {"id": TEXT}}, {}, given={"id": offer}) == {"id": "text"}
    assert example({"type": "array", "items": {"type": "integer"}}, {}, given=[offer, Either((None, "x"))]) == [7]


def test_times_are_the_time_that_is_told() -> None:
    schema = {
        "type": "object",
        "properties": {
            "created": {"type": "integer"},
            "updated_at": TEXT,
            "sent": {"type": "string", "format": "date-time"},
            "last_name": TEXT,
        },
    }
    value = example(schema, {}, now=NOW)
    assert value["created"] == int(NOW.timestamp())
    assert value["updated_at"] == value["sent"] == "2026-11-21T22:00:00Z"
    assert "2026" not in value["last_name"]


def test_what_a_call_gives() -> None:
    assert generate.given(Params(path={"id": "1"}, query={"limit": 1}, body={"a": 2})) == {"id": "1", "a": 2}
    assert generate.given(Params(path={"id": "1"})) == {"id": "1"}
    assert generate.given(Params(path={"id": "1"}, body=[1, 2])) == [1, 2]


def test_an_answer_has_room_for_so_many_values() -> None:
    wide: dict[str, Any] = {
        "type": "object",
        "properties": {f"m{n}": {"$ref": "#/$defs/wide"} for n in range(100)},
        "required": ["m1"],
    }
    made = generate.example({"$ref": "#/$defs/wide"}, {"wide": wide})
    assert "m1" in made
    assert len(str(made)) < 10_000_000


def test_examples_of_a_schema_fill_it_where_they_fit() -> None:
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "examples": ["Ada"]},
            "age": {"type": "integer", "examples": ["old"]},
        },
    }
    assert generate.example(schema, {}) == {"name": "Ada", "age": 0}
    assert generate.example(schema, {}, given={"name": "Eve"}) == {"name": "Eve", "age": 0}


def test_what_a_schema_leaves_open_is_taken_over_where_it_is_known() -> None:
    given = {"id": Either((7, "7"), known=True), "message": Either(("x",)), "note": "y"}
    assert example({"type": "object"}, {}, given=given) == {"id": 7, "note": "y"}


def test_what_can_have_no_value_is_left_out_where_it_may_be() -> None:
    broken = {"allOf": [{"type": "string", "enum": ["a"]}], "type": "object"}
    schema = {"type": "object", "properties": {"a": broken, "b": {"allOf": [{"type": "number"}], "type": "integer"}}}
    assert example(schema, {}) == {"b": 0}


def test_whether_a_value_can_stand_there() -> None:
    assert generate.accepts({"$ref": "#/$defs/n"}, 7, {"n": {"type": "integer"}})
    assert not generate.accepts({"$ref": "#/$defs/n"}, "7", {"n": {"type": "integer"}})


def test_a_whole_number_is_written_as_one() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}, "x": {"type": "number"}}}
    assert str(example(schema, {}, given={"n": 2.0, "x": 2.0})) == "{'n': 2, 'x': 2.0}"
    assert example(schema, {}, given={"n": -2.5e26}) == {"n": 0, "x": 0}
