"""The API's document, written from the table of routes."""

from __future__ import annotations

from openapi_spec_validator import OpenAPIV31SpecValidator

from broker.control.app import describe
from broker.control.openapi import refusals
from broker.control.routes import ROUTES
from broker.errors import BrokerError


def test_the_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(describe()).validate()


def test_every_route_is_documented_once() -> None:
    ids = [operation["operationId"] for path in describe()["paths"].values() for operation in path.values()]
    assert sorted(ids) == sorted(route.id for route in ROUTES)
    assert len(set(ids)) == len(ids)


def test_every_refusal_is_a_problem() -> None:
    for path in describe()["paths"].values():
        for operation in path.values():
            for status, reply in operation["responses"].items():
                if int(status) >= 400 and status != "503":
                    assert list(reply["content"]) == ["application/problem+json"]


def test_each_status_is_refused_for_one_reason_only() -> None:
    for route in ROUTES:
        statuses = [error.status for error in refusals(route)]
        assert len(set(statuses)) == len(statuses), route.id
        assert BrokerError in refusals(route)


def test_only_what_lies_below_v1_asks_for_the_token() -> None:
    for path, methods in describe()["paths"].items():
        for operation in methods.values():
            assert bool(operation["security"]) == path.startswith("/_broker/v1/")
