"""Which rule decides, with the operation found through the contracts."""

from __future__ import annotations

import pytest

from broker.errors import InvalidInput, NotFound
from broker.policy import Policy
from broker.policy.explain import explain, idle_rules, parse_request
from tests.broker.services import both

CONTRACTS = {name: service.contract() for name, service in both().items()}
POLICY = Policy.parse(
    "version: 1\nservices:\n  alpha:\n    rules:\n"
    "      - {operation: things.list, mode: refuse}\n"
    "      - {request: GET /v1/**, mode: sandbox}\n"
    "      - {operation: thing.delete, mode: refuse}\n",
    ("alpha", "beta"),
)


def test_the_deciding_rule_is_named() -> None:
    (found,) = explain(POLICY, CONTRACTS, parse_request("get /v1/things?limit=1"))
    assert (found.service, found.operation, found.mode, found.rule) == ("alpha", "things.list", "refuse", 0)
    (found,) = explain(POLICY, CONTRACTS, parse_request("GET /v1/things/th_1"))
    assert (found.operation, found.mode, found.rule) == ("things.retrieve", "sandbox", 1)
    assert found.because == "services.alpha.rules[1] (GET /v1/**) says sandbox"


def test_every_service_that_knows_the_request_is_told() -> None:
    found = explain(POLICY, CONTRACTS, parse_request("POST /v1/things"))
    assert [(one.service, one.rule) for one in found] == [("alpha", None), ("beta", None)]


def test_a_service_that_is_asked_for_answers_even_for_what_it_does_not_know() -> None:
    (found,) = explain(POLICY, CONTRACTS, parse_request("GET /v1/other"), service="alpha")
    assert (found.operation, found.mode) == (None, "sandbox")
    with pytest.raises(NotFound, match="no service of this server"):
        explain(POLICY, CONTRACTS, parse_request("GET /v1/other"))


def test_rules_that_match_no_operation_are_told() -> None:
    assert idle_rules(POLICY, CONTRACTS) == [
        "services.alpha.rules[2]: no operation is called thing.delete; did you mean things.delete?"
    ]


@pytest.mark.parametrize("text", ["", "GET", "/v1/things", "GET v1/things", "BREW /x", "GET /a b", "GET  "])
def test_what_is_no_request(text: str) -> None:
    with pytest.raises(InvalidInput, match="write a method and a path"):
        parse_request(text)
