"""A hold is a value: services make one for each call."""

from __future__ import annotations

from contracts.contract import Match, Operation
from contracts.exchange import Request
from mocks.base import ServiceError
from mocks.defaults import free
from mocks.holding import Hold


def test_a_hold_makes_its_refusal() -> None:
    hold = Hold("object cus_1", 2.0, lambda: ServiceError(429, "busy", "It is busy."))
    refused = hold.refusal()
    assert isinstance(refused, ServiceError)
    assert (hold.patience, refused.status) == (2.0, 429)


def test_most_services_hold_nothing() -> None:
    match = Match(Operation("things.create", "POST", "/v1/things"), {})
    assert free(match, Request(method="POST", path="/v1/things"), {}) == ()
