"""Errors in the words of the document, and in ours where it has none."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from contracts.contract import ContractViolation, Violation
from contracts.exchange import Request
from mocks.base import Refusal, ServiceError
from mocks.generic import faults
from tests.mocks.generic import crm

GET = Request(method="GET", path="/v2/contacts/c-1")
POST = Request(method="POST", path="/v2/contacts")


def shown(error: Any, request: Request, **changes: Any) -> tuple[int, Any]:
    contract, _ = crm.made(**changes)
    response = faults.render(contract, error, request)
    return response.status, orjson.loads(response.body)


def test_an_error_that_the_document_describes_is_in_its_shape() -> None:
    status, body = shown(ServiceError(404, "resource_missing", "No such contact"), GET)
    assert status == 404
    assert body == {"status": 404, "error": {"message": "No such contact", "code": "resource_missing"}}


def test_an_error_that_it_does_not_describe_is_in_ours() -> None:
    status, body = shown(ServiceError(409, "taken", "It is there already", details={"by": "you"}), GET)
    assert (status, body) == (409, {"error": {"code": "taken", "message": "It is there already", "by": "you"}})


def test_a_refusal_of_an_unknown_path_is_in_ours() -> None:
    refusal = Refusal("unknown_operation", "There is none")
    status, body = shown(refusal, Request(method="GET", path="/nowhere"))
    assert (status, body["error"]["code"]) == (refusal.status, "unknown_operation")


@pytest.mark.parametrize(("rule", "status"), [("required", 422), ("content_type", 415)])
def test_a_broken_request_has_the_status_that_the_document_has_for_it(rule: Any, status: int) -> None:
    contract, _ = crm.made()
    match = contract.match(POST)
    assert match is not None
    broken = ContractViolation(match.operation, [Violation("body", ("name",), rule, "is required")])
    found, body = shown(broken, POST)
    assert found == status
    assert "name" in str(body)


def test_a_broken_request_is_bad_where_the_document_says_nothing() -> None:
    contract, _ = crm.made()
    match = contract.match(GET)
    assert match is not None
    broken = ContractViolation(match.operation, [Violation("query", ("x",), "type", "must be a number")])
    status, body = shown(broken, GET)
    assert status == 400
    assert body["error"]["violations"] == [{"where": "query.x", "rule": "type", "message": "must be a number"}]


def test_fields_of_an_error_go_with_it() -> None:
    contract, _ = crm.made()
    slow = ServiceError(429, "slow_down", "Too fast", headers=[("retry-after", "1")])
    assert faults.render(contract, slow, GET).header("retry-after") == "1"


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        ({"type": "string"}, "No such contact"),
        ({"type": "array", "items": {"type": "string"}}, ["No such contact"]),
        (
            {"type": "object", "properties": {"errors": {"type": "array", "items": {"type": "string"}}}},
            {"errors": ["No such contact"]},
        ),
        (
            {"type": "object", "properties": {"code": {"type": "integer"}, "detail": {"type": "string"}}},
            {"code": 404, "detail": "No such contact"},
        ),
    ],
)
def test_errors_of_many_styles(schema: Any, body: Any) -> None:
    paths = {"/v": {"get": {"responses": {"404": {"content": {"application/json": {"schema": schema}}}}}}}
    missing = ServiceError(404, "resource_missing", "No such contact")
    assert shown(missing, Request(method="GET", path="/v2/v"), paths=paths) == (404, body)


def test_an_error_that_is_text() -> None:
    paths = {"/v": {"get": {"responses": {"404": {"content": {"text/plain": {}}}}}}}
    contract, _ = crm.made(paths=paths)
    response = faults.render(contract, ServiceError(404, "gone", "Gone"), Request(method="GET", path="/v2/v"))
    assert (response.header("content-type"), response.body) == ("text/plain", b"Gone")
