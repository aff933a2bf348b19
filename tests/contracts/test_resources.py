"""Resources are recognised from the shape of operations."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import library
from contracts.contract import Operation, ResourceShape
from contracts.resources import path_name, read, recognise, singular, success_schema, told

THING = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
THINGS = {"type": "object", "properties": {"data": {"type": "array", "items": THING}, "more": {"type": "boolean"}}}


def shapes(*told: tuple[str, Any], resource: str | None = None) -> dict[str, ResourceShape]:
    """The resources of operations told as ``("GET /things", schema of the answer)``."""
    operations, answers = [], {}
    for head, schema in told:
        method, path = head.split()
        operation = Operation(id=head, method=method, path=path, resource=resource)
        operations.append(operation)
        answers[operation] = schema
    return recognise(operations, answers.get, {"Thing": THING})


def actions(shape: ResourceShape) -> dict[str, str]:
    return {action: operation.id for action, operation in shape.operations.items()}


def test_a_collection_and_its_items() -> None:
    [shape] = shapes(
        ("GET /v1/things", THINGS),
        ("POST /v1/things", {"$ref": "#/$defs/Thing"}),
        ("GET /v1/things/{thing_id}", THING),
        ("PATCH /v1/things/{thing_id}", THING),
        ("PUT /v1/things/{thing_id}", THING),
        ("DELETE /v1/things/{thing_id}", None),
    ).values()
    assert (shape.name, shape.id_field, shape.id_parameter, shape.parents, shape.items) == (
        "thing",
        "id",
        "thing_id",
        (),
        ("data",),
    )
    assert actions(shape) == {
        "create": "POST /v1/things",
        "retrieve": "GET /v1/things/{thing_id}",
        "update": "PATCH /v1/things/{thing_id}",
        "delete": "DELETE /v1/things/{thing_id}",
        "list": "GET /v1/things",
    }


def test_items_below_a_parent_even_where_parameters_change_names() -> None:
    [shape] = shapes(
        ("POST /transfers/{id}/reversals", THING), ("GET /transfers/{transfer}/reversals/{id}", THING)
    ).values()
    assert (shape.name, shape.parents, shape.id_parameter) == ("transfer.reversal", ("transfer",), "id")
    assert actions(shape).keys() == {"create", "retrieve"}


@pytest.mark.parametrize(
    ("answer", "items"),
    [
        ({"type": "array", "items": THING}, ()),
        ({"type": "object", "properties": {"result": {"type": "array"}, "other": {"type": "array"}}}, ("result",)),
        ({"type": "object", "properties": {"things": {"type": "array"}, "other": {"type": "array"}}}, ("things",)),
        ({"type": "object", "properties": {"odd": {"type": "array"}}}, ("odd",)),
    ],
)
def test_where_a_list_keeps_its_items(answer: Any, items: tuple[str, ...]) -> None:
    [shape] = shapes(("GET /things", answer), ("GET /things/{id}", THING)).values()
    assert shape.items == items


def test_an_object_with_some_array_is_no_list() -> None:
    wide = {"type": "object", "properties": {**{name: {} for name in "abcde"}, "tags": {"type": "array"}}}
    [shape] = shapes(("GET /things", wide), ("GET /things/{id}", THING)).values()
    assert "list" not in shape.operations


@pytest.mark.parametrize(
    ("members", "parameter", "field"),
    [
        (["id", "thing_id"], "thing_id", "thing_id"),
        (["id", "name"], "thing", "id"),
        (["sid", "name"], "thing", "sid"),
        (["thing_id"], "id", "thing_id"),
        (["username"], "thing_name", "username"),
        (["hostname"], "hostname", "hostname"),
        ([], "key", "key"),
        (["id", "name"], "thing_name", "name"),
        (["id", "email"], "userEmail", "email"),
        (["id", "contact_id"], "contactId", "contact_id"),
        (["thingId"], "id", "thingId"),
        (["id", "method"], "payment_method", "id"),
    ],
)
def test_the_member_that_carries_the_id(members: list[str], parameter: str, field: str) -> None:
    answer = {"type": "object", "properties": {name: {"type": "string"} for name in members}}
    [shape] = shapes((f"GET /things/{{{parameter}}}", answer)).values()
    assert shape.id_field == field


def test_a_create_that_does_not_tell_the_id_is_none() -> None:
    [shape] = shapes(("POST /things", {"type": "object"}), ("GET /things/{id}", THING)).values()
    assert "create" not in shape.operations


def test_a_parents_id_is_not_the_childs() -> None:
    answer = {"type": "object", "properties": {"id": {}, "ip": {}}}
    [shape] = shapes(("POST /domains/{id}/ips", answer), ("DELETE /domains/{id}/ips/{ip}", answer)).values()
    assert shape.id_field == "ip"


def test_settings_are_one_object_that_is_always_there() -> None:
    [shape] = shapes(("GET /user/profile", THING), ("PATCH /user/profile", THING)).values()
    assert (shape.name, shape.id_parameter, shape.items) == ("user.profile", None, ())
    assert actions(shape).keys() == {"retrieve", "update"}


def test_what_can_only_be_looked_at_is_no_resource() -> None:
    assert shapes(("GET /balance", THING), ("GET /stats", {"type": "array"}), ("POST /search", THINGS)) == {}


def test_the_operations_own_word_names_a_resource() -> None:
    assert list(shapes(("GET /v1/subs/{id}", THING), resource="subscription")) == ["subscription"]


def test_of_two_alike_the_one_that_can_be_made_keeps_the_name() -> None:
    found = shapes(
        ("GET /customers/{customer}/cards/{id}", THING),
        ("POST /cards", THING),
        ("GET /cards/{id}", THING),
        ("GET /old/{year}/cards/{id}", THING),
        resource="card",
    )
    assert {name: shape.parents for name, shape in found.items()} == {
        "card": (),
        "customer.card": ("customer",),
        "old.card": ("year",),
    }


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v3/asm/groups/{group_id}", "asm.group"),
        ("/2010-04-01/Accounts/{Sid}/Messages.json", "Account.Message"),
        ("/companies", "company"),
        ("/a/b/c/d", "c.d"),
        ("/v1/{id}", "v1"),
    ],
)
def test_names_come_from_paths(path: str, name: str) -> None:
    assert path_name(path.removesuffix(".json")) == name


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("lists", "list"),
        ("companies", "company"),
        ("addresses", "address"),
        ("boxes", "box"),
        ("status", "status"),
        ("class", "class"),
    ],
)
def test_singulars(plural: str, one: str) -> None:
    assert singular(plural) == one


def test_a_shape_can_be_written_down_and_read_back() -> None:
    [shape] = shapes(
        ("GET /a/{a}/things", THINGS), ("POST /a/{a}/things", THING), ("GET /a/{a}/things/{id}", THING)
    ).values()
    assert read(told(shape), {operation.id: operation for operation in shape.operations.values()}) == shape


def test_the_success_answer_is_found_by_status_range_or_default() -> None:
    assert success_schema({"201": {"schema": THING}}, 201) == THING
    assert success_schema({"2XX": {"schema": THING}}, 201) == THING
    assert success_schema({"default": {"schema": THING}}, 201) == THING
    assert success_schema({"204": {}}, 204) is None
    assert success_schema({"400": {"schema": THING}}, 200) is None


def test_real_contracts_give_their_resources_away() -> None:
    stripe, sendgrid = library.load("stripe").resources(), library.load("sendgrid").resources()
    assert len(stripe) > 120
    assert len(sendgrid) > 60
    customer = stripe["customer"]
    assert actions(customer).keys() == {"create", "retrieve", "update", "delete", "list"}
    assert stripe["payment_method"].parents == ()
    assert (stripe["person"].parents, stripe["person"].items) == (("account",), ("data",))
    assert sendgrid["template.version"].parents == ("template_id",)
    assert sendgrid["api_key"].id_field == "api_key_id"
    assert sendgrid["subuser"].items == ()


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ({"thing": THING}, True),
        ({"Thing": THING, "meta": {"type": "object", "properties": {"page": {}}}}, True),
        ({"result": THING, "success": {"type": "boolean"}}, True),
        ({"result": THING, "owner": THING}, False),
        ({"kind": {"type": "string"}, "metadata": THING}, False),
        ({"things": {"type": "array", "items": THING}}, False),
    ],
)
def test_an_object_may_stand_in_a_member_of_its_answer(answer: Any, kept: bool) -> None:
    schema = {"type": "object", "properties": answer}
    operations = [
        Operation(id=head, method=head.split()[0], path=head.split()[1])
        for head in ("POST /things", "GET /things/{thing_id}")
    ]
    answers = dict.fromkeys(operations, schema)
    for wrapped in (True, False):
        (shape,) = recognise(operations, answers.get, {}, wrapped=wrapped).values()
        assert ("create" in shape.operations) is (kept and wrapped)
        if kept and wrapped:
            assert shape.id_field == "id"
