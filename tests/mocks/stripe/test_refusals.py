"""Errors in Stripe's own words: https://docs.stripe.com/api/errors."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.exchange import Headers, Request
from mocks.base import Refusal
from mocks.stripe.refusals import render_error
from tests.mocks.stripe.client import Stripe


@pytest.mark.parametrize(
    ("method", "path", "params", "status", "expected"),
    [
        ("GET", "customers/cus_none", {}, 404,
         {"code": "resource_missing", "message": "No such customer: 'cus_none'", "param": "id"}),
        ("GET", "payment_intents/pi_none", {}, 404, {"code": "resource_missing", "param": "intent"}),
        ("POST", "payment_intents", {"currency": "usd"}, 400,
         {"code": "parameter_missing", "message": "Missing required param: amount.", "param": "amount"}),
        ("POST", "payment_intents", {"amount": "ten", "currency": "usd"}, 400,
         {"code": "parameter_invalid_integer", "message": "Invalid integer: ten", "param": "amount"}),
        ("POST", "customers", {"nonsense": "1"}, 400,
         {"code": "parameter_unknown", "message": "Received unknown parameter: nonsense", "param": "nonsense"}),
        ("POST", "payment_intents", {"amount": 500, "currency": "usd", "capture_method": "later"}, 400,
         {"message": "Invalid capture_method: must be one of automatic, automatic_async, or manual",
          "param": "capture_method"}),
        ("POST", "prices", {"currency": "usd", "unit_amount": 1, "product": "p", "recurring": {"interval": "x"}}, 400,
         {"param": "recurring[interval]"}),
        ("POST", "payment_intents", {"amount": "", "currency": "usd"}, 400,
         {"code": "parameter_invalid_empty", "param": "amount"}),
        ("POST", "customers", {"name": "a\0"}, 400,
         {"message": "Invalid request, which cannot be read: its text holds a null byte."}),
    ],
)  # fmt: skip
async def test_what_is_refused_is_refused_in_these_words(
    stripe: Stripe, method: str, path: str, params: dict[str, Any], status: int, expected: dict[str, str]
) -> None:
    error = await stripe.error(method, path, status, **params)
    assert error["type"] == "invalid_request_error"
    assert {name: error.get(name) for name in expected} == expected
    assert error["request_log_url"].startswith("https://dashboard.stripe.com/test/logs/req_")
    if "code" in error:
        assert error["doc_url"] == f"https://stripe.com/docs/error-codes/{error['code'].replace('_', '-')}"


async def test_what_was_sent_in_a_hash_is_not_repeated(stripe: Stripe) -> None:
    error = await stripe.error("POST", "customers", 400, name={"number": "4242424242424242"})
    assert error["message"] == "Invalid string: {...}"


def _rendered(refusal: Refusal) -> tuple[int, dict[str, Any]]:
    response = render_error(refusal, Request(method="GET", path="/v1/nowhere", headers=Headers()))
    return response.status, response.value["error"]


def test_keys_that_do_not_open() -> None:
    status, error = _rendered(Refusal("unknown_credential", "no", hint="sk_test_****abcd"))
    assert (status, error["message"]) == (401, "Invalid API Key provided: sk_test_****abcd")
    status, error = _rendered(Refusal("no_credential", "no"))
    assert status == 401
    assert error["message"].startswith("You did not provide an API key.")


def test_addresses_that_are_none() -> None:
    for reason in ("unknown_operation", "wrong_method"):
        status, error = _rendered(Refusal(reason, "no"))  # type: ignore[arg-type]  # both are reasons
        assert status == 404
        assert error["message"].startswith("Unrecognized request URL (GET: /v1/nowhere).")


def test_what_the_broker_says_itself() -> None:
    status, error = _rendered(Refusal("closed_environment", "This environment is closed."))
    assert (status, error["message"], error["type"]) == (410, "This environment is closed.", "invalid_request_error")
    status, error = _rendered(Refusal("internal", "Something broke."))
    assert (status, error["type"]) == (500, "api_error")
