"""Every refusal has SendGrid's shape, and tells what to do where the provider's sentence does not."""

from __future__ import annotations

from typing import Any, get_args

import orjson
import pytest

from contracts import library
from contracts.contract import ContractViolation, Violation
from contracts.exchange import Request
from mocks.base import Missing, Reason, Refusal, ServiceError
from mocks.sendgrid.errors import Fault, fault, forbidden, refused, render_error, told
from tests.harness import Harness, value

SEND = Request(method="POST", path="/v3/mail/send", body=b"{}")
LISTS = Request(method="GET", path="/v3/marketing/lists")


def errors(error: Any, request: Request = LISTS) -> tuple[int, list[dict[str, Any]]]:
    response = render_error(error, request)
    assert response.header("content-type") == "application/json"
    body = orjson.loads(response.body)
    assert list(body) == ["errors"]
    assert body == response.value
    return response.status, body["errors"]


def test_an_unknown_key_is_answered_word_by_word() -> None:
    message = "The provided authorization grant is invalid, expired, or revoked"
    assert errors(Refusal("unknown_credential", "not one of ours"), SEND) == (
        401,
        [{"message": message, "field": None, "help": None}],
    )


def test_no_key_at_all() -> None:
    status, [fault] = errors(Refusal("no_credential", "send a key"))
    assert (status, fault["message"], fault["field"]) == (401, "authorization required", None)


def test_no_key_at_all_to_send_with() -> None:
    message = "Permission denied, wrong credentials"
    assert errors(Refusal("no_credential", "send a key"), SEND) == (
        401,
        [{"message": message, "field": None, "help": None}],
    )


def test_a_real_key_is_refused_with_the_reason() -> None:
    status, [fault] = errors(Refusal("live_credential", "this may be a production key"), SEND)
    assert status == 401
    assert fault["help"] == "this may be a production key"


@pytest.mark.parametrize("reason", get_args(Reason))
@pytest.mark.parametrize("request_", [SEND, LISTS])
def test_every_reason_can_be_told(reason: Reason, request_: Request) -> None:
    refusal = Refusal(reason, "what was wrong")
    status, [fault] = errors(refusal, request_)
    assert status == refusal.status
    assert fault["message"]


def test_a_missing_object() -> None:
    assert errors(Missing("list", "x")) == (404, [{"message": "not found", "field": ""}])
    bounces = Request(method="GET", path="/v3/suppression/bounces")
    assert errors(Missing("bounce", "x"), bounces) == (404, [{"message": "not found", "field": None}])
    assert errors(Missing("list", "x", "list_id", in_path=False)) == (
        400,
        [{"message": "list_id does not exist", "field": "list_id"}],
    )


def test_faults_are_told_together() -> None:
    error = refused([Fault("a", "b", "c"), Fault("d")])
    assert errors(error, SEND) == (
        400,
        [{"message": "a", "field": "b", "help": "c"}, {"message": "d", "field": None, "help": None}],
    )


def test_other_service_errors_tell_their_message_and_headers() -> None:
    response = render_error(ServiceError(429, "rate", "too many requests", headers=[("x-ratelimit-limit", "5")]), LISTS)
    assert response.status == 429
    assert response.header("x-ratelimit-limit") == "5"
    assert response.value["errors"][0]["message"] == "too many requests"


def test_a_violation_elsewhere_names_its_field() -> None:
    operation = library.load("sendgrid").operations()["POST_mc-lists"]
    violation = Violation("body", ("name",), "required", "is required")
    status, faults = errors(ContractViolation(operation, [violation]))
    assert (status, faults) == (400, [{"message": "name is required", "field": "name"}])


def test_an_error_of_one_entry_has_no_help() -> None:
    assert errors(told(404, "unable to find it")) == (404, [{"message": "unable to find it", "field": None}])
    assert errors(forbidden()) == (403, [{"message": "access forbidden", "field": None}])


def test_a_fault_is_told_as_sendgrid_tells_its_status() -> None:
    assert errors(fault(429, "x")) == (429, [{"message": "too many requests", "field": None}])
    assert fault(418, "x").message == ""


async def test_some_endpoints_identify_their_errors(sendgrid: Harness) -> None:
    for path in ("/v3/designs", "/v3/verified_senders", "/v3/marketing/singlesends"):
        entry = value(await sendgrid.call("POST", path, json={}))["errors"][0]
        assert entry["error_id"] == "invalid"
        assert entry["field"]


def test_what_cannot_be_an_id_is_not_there() -> None:
    violations = [
        Violation("path", ("id",), "min_length", "must have at least 36 characters"),
        Violation("path", ("id",), "format", "must be a uuid"),
    ]
    assert errors(ContractViolation(library.load("sendgrid").operations()["GET-design"], violations)) == (
        404,
        [{"message": "not found", "field": ""}],
    )
    choice = Violation("path", ("client_type",), "enum", "must be one of phone, desktop")
    assert errors(ContractViolation(library.load("sendgrid").operations()["GET-design"], [choice]))[0] == 400


def test_what_two_branches_of_a_schema_say_is_said_once() -> None:
    twice = Violation("body", ("editor",), "enum", "must be one of code, design")
    assert errors(ContractViolation(library.load("sendgrid").operations()["GET-design"], [twice, twice])) == (
        400,
        [{"message": twice.message, "field": "editor"}],
    )


async def test_a_body_of_the_wrong_kind_is_at_an_empty_field_where_one_is_promised(sendgrid: Harness) -> None:
    for path, field in (("/v3/marketing/lists", ""), ("/v3/teammates", ""), ("/v3/templates", None)):
        response = await sendgrid.call("POST", path, json=[])
        assert (response.status, value(response)["errors"][0]["field"]) == (400, field)
