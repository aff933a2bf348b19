"""The contract of an OpenAPI document and of Stripe's SDK: match, read, write, check."""

from __future__ import annotations

import urllib.parse
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import library
from contracts.compile.unseen import compile_unseen
from contracts.contract import Contract, Operation, Params, Violation
from contracts.exchange import UNSET, Response
from contracts.openapi import OpenApiContract, from_files, same_media
from tests.contracts import small
from tests.contracts.small import FORM, JSON


@pytest.fixture(scope="module")
def stripe() -> OpenApiContract:
    contract = library.load("stripe")
    assert isinstance(contract, OpenApiContract)
    return contract


@pytest.fixture(scope="module")
def sendgrid() -> OpenApiContract:
    contract = library.load("sendgrid")
    assert isinstance(contract, OpenApiContract)
    return contract


def _form(**members: str) -> bytes:
    return urllib.parse.urlencode(members).encode()


def _summary(violations: Any) -> list[tuple[str, str]]:
    return [(violation.where, violation.rule) for violation in violations]


def test_it_is_a_contract() -> None:
    assert isinstance(small.contract(), Contract)
    assert (small.contract().name, small.contract().version) == ("small", "7")


def test_matching_knows_the_path_of_the_documents_server(sendgrid: OpenApiContract) -> None:
    match = sendgrid.match(small.request("POST", "/v3/mail/send"))
    assert match is not None
    assert (match.operation.id, match.operation.success_status) == ("POST_mail-send", 202)
    assert sendgrid.match(small.request("POST", "/mail/send")) is None
    assert sendgrid.methods("/v3/mail/send") == {"POST"}
    assert sendgrid.methods("/v3/nothing") == frozenset()


def test_a_stripe_form_is_decoded_coerced_and_validated(stripe: OpenApiContract) -> None:
    body = (
        b"name=Jenny+Rosen&email=jenny%40example.com&balance=-50&metadata[order]=6735&metadata[0]=x"
        b"&preferred_locales[1]=de&preferred_locales[0]=en&expand[]=sources&address=&validate=true"
        b"&invoice_settings[custom_fields][0][name]=po&invoice_settings[custom_fields][0][value]=7"
    )
    params = small.read(stripe, small.request("POST", "/v1/customers", body=body, headers=[FORM]))
    assert params.body == {
        "name": "Jenny Rosen",
        "email": "jenny@example.com",
        "balance": -50,
        "metadata": {"order": "6735", "0": "x"},
        "preferred_locales": ["en", "de"],
        "expand": ["sources"],
        "address": "",
        "validate": True,
        "invoice_settings": {"custom_fields": [{"name": "po", "value": "7"}]},
    }


def test_a_stripe_body_may_be_empty_where_nothing_is_required(stripe: OpenApiContract) -> None:
    assert small.read(stripe, small.request("POST", "/v1/customers")).body == {}
    violations = small.refused(stripe, small.request("POST", "/v1/payment_intents"))
    assert _summary(violations) == [("body.amount", "required"), ("body.currency", "required")]


def test_every_violation_of_a_stripe_form_is_reported_with_its_place(stripe: OpenApiContract) -> None:
    body = _form(
        **{
            "amount": "ten",
            "surplus": "1",
            "capture_method": "later",
            "off_session": "perhaps",
            "shipping": "to me",
            "transfer_data[destinatoin]": "acct_1",
            "expand": "customer",
        }
    )
    violations = small.refused(stripe, small.request("POST", "/v1/payment_intents", body=body, headers=[FORM]))
    assert sorted(_summary(violations)) == sorted(
        [
            ("body.surplus", "unknown"),
            ("body.transfer_data.destinatoin", "unknown"),
            ("body.currency", "required"),
            ("body.transfer_data.destination", "required"),
            ("body.amount", "type"),
            ("body.capture_method", "enum"),
            ("body.off_session", "enum"),
            ("body.shipping", "type"),
            ("body.expand", "type"),
        ]
    )
    assert [violation.rule for violation in violations[:4]] == ["unknown", "unknown", "required", "required"]
    found = {violation.where: violation for violation in violations}
    assert (found["body.amount"].expected, found["body.amount"].value) == ("integer", "ten")
    assert found["body.capture_method"].expected == ("automatic", "automatic_async", "manual")
    assert found["body.shipping"].expected == "object"
    assert "ten" not in found["body.amount"].message
    assert "later" not in found["body.capture_method"].message


def test_query_parameters_of_stripe_nest_as_well(stripe: OpenApiContract) -> None:
    query = "limit=3&created[gte]=5&expand[]=data.customer&ending_before=cus_9"
    params = small.read(stripe, small.request("GET", "/v1/customers", query=query))
    assert params.query == {"limit": 3, "created": {"gte": 5}, "expand": ["data.customer"], "ending_before": "cus_9"}
    assert small.read(stripe, small.request("GET", "/v1/customers", query="created=7")).query == {"created": 7}
    violations = small.refused(stripe, small.request("GET", "/v1/customers", query="limit=x&created[gt]=y&offset=1"))
    assert _summary(violations) == [
        ("query.offset", "unknown"),
        ("query.limit", "type"),
        ("query.created.gt", "type"),
    ]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"name=\xff", "malformed"),
        (b"name=%f", "malformed"),
        (b"name=%00", "malformed"),
        (b"a[b]=1&a=1", "malformed"),
        (b"metadata" + b"[a]" * 1_000 + b"=1", "too_deep"),
    ],
)
def test_what_is_no_form(stripe: OpenApiContract, body: bytes, rule: str) -> None:
    (violation,) = small.refused(stripe, small.request("POST", "/v1/customers", body=body, headers=[FORM]))
    assert (violation.place, violation.rule) == ("body", rule)


@pytest.mark.parametrize(
    ("query", "body"), [("prorate=true", b""), ("", b"prorate=true"), ("expand[]=customer", b"prorate=true")]
)
def test_the_parameters_of_a_delete_come_in_the_query_or_in_a_form(
    stripe: OpenApiContract, query: str, body: bytes
) -> None:
    sent = small.request("DELETE", "/v1/subscriptions/sub_1", query=query, body=body, headers=[FORM])
    assert small.read(stripe, sent).query["prorate"] is True
    sent = small.request("DELETE", "/v1/subscriptions/sub_1", body=b"surplus=1&a=%", headers=[FORM])
    assert [violation.rule for violation in small.refused(stripe, sent)] == ["malformed"]


def test_a_body_of_another_media_type(stripe: OpenApiContract) -> None:
    (violation,) = small.refused(stripe, small.request("POST", "/v1/customers", body=b"{}", headers=[JSON]))
    assert (violation.rule, violation.expected) == ("content_type", "application/x-www-form-urlencoded")


def test_version_two_of_stripe_speaks_json(stripe: OpenApiContract) -> None:
    body = b'{"event_name": "x", "payload": {"a": "1"}}'
    sent = small.request("POST", "/v2/billing/meter_events", body=body, headers=[JSON])
    assert small.read(stripe, sent).body == {"event_name": "x", "payload": {"a": "1"}}
    sent = small.request("POST", "/v2/billing/meter_events", body=b'{"event_name": 7}', headers=[JSON])
    assert _summary(small.refused(stripe, sent)) == [("body.payload", "required"), ("body.event_name", "type")]


@pytest.mark.parametrize("body", [b"{", b"nonsense", b'{"a": NaN}', b'{"a": "\xff"}', b"[" * 100_000])
def test_what_is_no_json(body: bytes) -> None:
    (violation,) = small.refused(small.contract(), small.request("POST", "/s1/things", body=body, headers=[JSON]))
    assert violation.place == "body"
    assert violation.rule in {"malformed", "too_deep"}


def test_a_json_body_is_validated_to_its_depth() -> None:
    thing = {
        "name": "A thing!",
        "shape": {"kind": "circle"},
        "size": 10,
        "step": 0.3,
        "tags": ["a", "a"],
        "day": "x",
        "z": 1,
    }
    sent = small.request("POST", "/s1/things", body=orjson.dumps(thing), headers=[JSON])
    assert sorted(_summary(small.refused(small.contract(), sent))) == [
        ("body.day", "format"),
        ("body.name", "pattern"),
        ("body.shape.radius", "required"),
        ("body.size", "maximum"),
        ("body.step", "format"),
        ("body.tags", "conflict"),
        ("body.z", "unknown"),
    ]


def test_a_required_body_that_is_absent() -> None:
    assert _summary(small.refused(small.contract(), small.request("POST", "/s1/things"))) == [("body", "required")]


def test_a_null_is_not_a_text(sendgrid: OpenApiContract) -> None:
    body = b'{"personalizations": [{"to": [{"email": "a@example.com"}]}], "from": null, "subject": null}'
    sent = small.request("POST", "/v3/mail/send", body=body, headers=[JSON])
    assert {("body.from", "type"), ("body.subject", "type")} <= set(_summary(small.refused(sendgrid, sent)))


def test_an_answer_is_written_and_true(stripe: OpenApiContract) -> None:
    operation = stripe.operations()["customers.create"]
    customer = stripe.example(operation, Params(body={"name": "Jenny"}), 3)
    assert customer["name"] == "Jenny"
    response = stripe.write(operation, customer)
    assert response.status == 200
    assert response.header("content-type") == "application/json"
    assert orjson.loads(response.body) == response.value == customer
    assert stripe.check(operation, response) == []
    response.value = UNSET
    assert stripe.check(operation, response) == []
    assert stripe.write(operation, customer, 402).status == 402


def test_an_answer_without_a_body(sendgrid: OpenApiContract) -> None:
    operation = sendgrid.operations()["POST_mail-send"]
    response = sendgrid.write(operation, None)
    assert (response.status, response.body, response.header("content-type")) == (202, b"", None)
    assert sendgrid.check(operation, response) == []


def test_an_answer_that_is_a_file(stripe: OpenApiContract) -> None:
    operation = stripe.operations()["quotes.pdf"]
    assert operation.streams_response
    response = stripe.write(operation, b"%PDF-1.7")
    assert (response.header("content-type"), response.body) == ("application/pdf", b"%PDF-1.7")
    assert stripe.check(operation, response) == []


def _checked(contract: OpenApiContract, operation: Operation, value: Any, status: int | None = None) -> list[Violation]:
    return list(contract.check(operation, contract.write(operation, value, status)))


def test_what_an_answer_breaks(stripe: OpenApiContract) -> None:
    operation = stripe.operations()["customers.retrieve"]
    customer = stripe.example(operation, Params())
    customer |= {"created": "now", "tax_exempt": "maybe", "default_source": {"object": "card", "id": 7}}
    del customer["livemode"]
    found = {violation.where: violation.rule for violation in _checked(stripe, operation, customer)}
    assert found["body.created"] == "type"
    assert found["body.livemode"] == "required"
    assert found["body.tax_exempt"] == "enum"
    assert found["body.default_source.id"] == "type"
    assert found["body.default_source.last4"] == "required"


def test_what_is_left_of_a_deleted_object(stripe: OpenApiContract) -> None:
    gone = {"id": "cus_1", "object": "customer", "deleted": True}
    assert _checked(stripe, stripe.operations()["customers.delete"], gone) == []
    assert _checked(stripe, stripe.operations()["customers.retrieve"], gone) == []
    assert _checked(stripe, stripe.operations()["customers.create"], gone)
    assert _checked(stripe, stripe.operations()["customers.delete"], {**gone, "deleted": False})


def test_a_page_says_which_element_is_wrong(stripe: OpenApiContract) -> None:
    operation = stripe.operations()["customers.list"]
    customer = stripe.example(stripe.operations()["customers.create"], Params())
    page = {"object": "list", "url": "/v1/customers", "has_more": False, "data": [customer, {**customer, "id": 7}]}
    assert _summary(_checked(stripe, operation, page)) == [("body.data[1].id", "type")]
    assert _summary(_checked(stripe, operation, {**page, "data": {}})) == [("body.data", "type")]
    assert _summary(_checked(stripe, operation, {**page, "data": [], "has_more": None})) == [("body.has_more", "type")]


def test_errors_are_checked_too(stripe: OpenApiContract) -> None:
    operation = stripe.operations()["customers.create"]
    assert _checked(stripe, operation, {"error": {"type": "card_error", "message": "No."}}, 402) == []
    assert _summary(_checked(stripe, operation, {"message": "No."}, 402)) == [("body.error", "required")]


def test_ranges_of_statuses_and_unknown_statuses() -> None:
    operation = small.contract().operations()["makeThing"]
    assert _checked(small.contract(), operation, {"error": "x"}, 418) == []
    assert _summary(_checked(small.contract(), operation, {"error": 1}, 418)) == [("body.error", "type")]
    (violation,) = _checked(small.contract(), operation, {}, 500)
    assert (violation.rule, violation.expected, violation.value) == ("status", ("201", "4XX"), 500)


def test_an_answer_of_another_media_type_or_without_json() -> None:
    operation = small.contract().operations()["getThing"]
    html = Response(200, [("content-type", "text/html")], b"<p>")
    assert _summary(small.contract().check(operation, html)) == [("body", "content_type")]
    broken = Response(200, [("content-type", "application/json; charset=utf-8")], b"{")
    assert _summary(small.contract().check(operation, broken)) == [("body", "malformed")]


@pytest.mark.parametrize(
    ("sent", "same"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/problem+json", True),
        ("text/json", False),
        (None, False),
        ("", False),
    ],
)
def test_media_types(sent: str | None, same: bool) -> None:
    assert same_media(sent, "application/json") is same


def test_response_schemas_and_resources(stripe: OpenApiContract) -> None:
    operation = stripe.operations()["customers.create"]
    assert stripe.response_schema(operation) == {"$ref": "#/$defs/customer"}
    assert stripe.response_schema(operation, 404) == {"$ref": "#/$defs/error"}
    assert "customer" in stripe.resources()
    assert stripe.resources() is stripe.resources()


def test_an_answer_that_was_true_once_does_not_excuse_another(stripe: OpenApiContract) -> None:
    operation = stripe.operations()["customers.create"]
    customer = stripe.example(operation, Params())
    assert _checked(stripe, operation, customer) == []
    assert _checked(stripe, operation, customer) == []
    assert _summary(_checked(stripe, operation, {**customer, "id": 7})) == [("body.id", "type")]
    assert stripe.check(operation, Response(200, [JSON], value=customer)) == []
    assert _summary(stripe.check(operation, Response(200, [JSON], value={**customer, "id": 7}))) == [
        ("body.id", "type")
    ]


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=4) | st.just("customer"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["object", "id", "deleted", "data", "error", "customer", "default_source", "payment_intent"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(derandomize=True, deadline=None, max_examples=300, database=None)
@given(data=st.data(), value=_VALUES, status=st.sampled_from([200, 201, 400, 404, 500, 999]))
def test_whatever_is_answered_gets_a_verdict(data: st.DataObject, value: Any, status: int) -> None:
    contract: Any = data.draw(st.sampled_from([small.contract(), library.load("stripe"), library.load("sendgrid")]))
    operation = contract.operations()[data.draw(st.sampled_from(sorted(contract.operations())))]
    for response in (Response(status, [JSON], value=value), Response(status, [JSON], orjson.dumps(repr(value)))):
        for violation in contract.check(operation, response):
            assert violation.where.startswith("body")
            assert violation.message


def test_declared_examples_and_media_types_of_their_own() -> None:
    schema = {"type": "object", "properties": {"id": {"type": "string"}, "n": {"type": "integer", "example": 7}}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/things/{id}": {
                "get": {
                    "operationId": "get",
                    "responses": {
                        "200": {"content": {"application/vnd.api+json": {"schema": schema, "example": {"id": "shown"}}}}
                    },
                }
            }
        },
    }
    contract = from_files(compile_unseen("t", document).files())
    operation = contract.operations()["get"]
    assert contract.declared(operation, 200) == {"": {"id": "shown"}}
    assert contract.declared(operation, 404) == {}
    assert contract.example(operation, Params()) == {"id": "shown", "n": 7}
    assert contract.example(operation, Params(path={"id": "mine"})) == {"id": "mine", "n": 7}
    response = contract.write(operation, {"id": "x"})
    assert response.header("content-type") == "application/vnd.api+json"
    assert contract.check(operation, response) == []
