"""A mock from a contract alone: its keys, variables and errors."""

from __future__ import annotations

import string

import pytest

from contracts.contract import ContractViolation, Violation
from contracts.exchange import Headers, Request
from contracts.openapi import OpenApiContract
from mocks import generic
from mocks.base import BindingView, MockService, Refusal
from tests.harness import Harness, value


@pytest.fixture
def service(books: OpenApiContract) -> MockService:
    return generic.service("my-books", lambda: books)


def test_keys_are_made_and_recognised(service: MockService) -> None:
    key, secret = service.credentials[0].make(lambda length, alphabet: alphabet[:1] * length)
    assert (key, secret) == (f"my-books_{string.ascii_letters[0] * 32}", None)
    for header in (("authorization", f"Bearer {key}"), ("x-api-key", key)):
        presented = service.credential(Request(method="GET", path="/", headers=Headers([header])))
        assert presented is not None
        assert (presented.key, presented.familiar, presented.live) == (key, True, False)
        assert key not in presented.hint
    assert service.credential(Request(method="GET", path="/")) is None


def test_variables_are_named_after_the_service(service: MockService) -> None:
    view = BindingView(base_url="http://h/e/x/my-books", root_url="http://h", credentials={"api_key": ("k", None)})
    assert service.variables(view) == {"MY_BOOKS_API_BASE": "http://h/e/x/my-books", "MY_BOOKS_API_KEY": "k"}


def test_refusals_and_violations_are_told(service: MockService, books: OpenApiContract) -> None:
    request = Request(method="GET", path="/")
    refused = service.render_error(Refusal("closed_environment", "it is closed"), request)
    assert (refused.status, refused.value) == (
        410,
        {"error": {"code": "closed_environment", "message": "it is closed"}},
    )
    violation = Violation("body", ("pages",), "minimum", "must be at least 1")
    broken = service.render_error(ContractViolation(books.operations()["makeBook"], [violation]), request)
    assert broken.status == 400
    assert broken.value["error"]["violations"] == [
        {"where": "body.pages", "rule": "minimum", "message": "must be at least 1"}
    ]


async def test_what_the_contract_refuses_is_refused(shop: Harness) -> None:
    response = await shop.call("POST", "/books", json={"pages": 0})
    assert response.status == 400
    assert value(response)["error"]["violations"][0]["where"] == "body.pages"
