"""What writes hold, and the words of those who come meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.exchange import Headers, Request
from mocks.base import ServiceError
from mocks.holding import Hold
from mocks.stripe.locks import PATIENCE, holds
from mocks.stripe.service import SERVICE


def held(
    method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None, **options: Any
) -> Sequence[Hold]:
    request = Request(method=method, path=path, headers=Headers((headers or {}).items()), body=body)
    match = SERVICE.contract().match(request)
    assert match is not None
    return holds(match, request, options)


def keys(found: Sequence[Hold]) -> list[str]:
    return [each.key.split()[-1] for each in found]


def test_a_write_holds_what_it_is_about() -> None:
    assert keys(held("POST", "/v1/customers/cus_1", b"name=x")) == ["cus_1"]
    assert keys(held("DELETE", "/v1/customers/cus_1/sources/card_1")) == ["cus_1", "card_1"]
    body = b"customer=cus_1&items[0][price]=price_1&metadata[customer]=cus_2"
    assert keys(held("POST", "/v1/subscriptions", body)) == ["cus_1"]
    assert keys(held("POST", "/v1/refunds", b"amount=5&payment_intent=pi_1")) == ["pi_1"]
    assert not held("GET", "/v1/customers/cus_1")
    assert not held("POST", "/v1/customers", b"name=x")


def test_a_lock_is_waited_for_and_may_be_tried_again() -> None:
    (found,) = held("POST", "/v1/customers/cus_1", lock_timeout=None)
    assert found.patience == PATIENCE
    refused = found.refusal()
    assert isinstance(refused, ServiceError)
    assert (refused.status, refused.code) == (429, "lock_timeout")
    assert refused.details["type"] == "invalid_request_error"
    assert refused.headers == (("stripe-should-retry", "true"),)
    (found,) = held("POST", "/v1/customers/cus_1", lock_timeout=0.25)
    assert found.patience == 0.25


def test_a_key_in_use_is_told_at_once() -> None:
    found = held("POST", "/v1/customers/cus_1", headers={"idempotency-key": "order 7"})
    assert found[0].patience == 0
    refused = found[0].refusal()
    assert isinstance(refused, ServiceError)
    assert (refused.status, refused.code) == (409, "idempotency_key_in_use")
    assert len(found) == 2


def test_each_account_and_each_api_of_v2_has_its_own() -> None:
    key = {"idempotency-key": "k"}
    calls = [
        held("POST", "/v1/customers", headers=key),
        held("POST", "/v1/customers", headers={**key, "stripe-account": "acct_1"}),
        held("POST", "/v2/core/accounts", headers=key),
        held("POST", "/v2/core/event_destinations", headers=key),
    ]
    assert len({found[0].key for found in calls}) == 4
    assert held("DELETE", "/v1/customers/cus_1", headers=key)[0].key == "object  cus_1", "v1 has keys for POST alone"
    assert held("DELETE", "/v2/core/event_destinations/ed_1", headers=key)[0].patience == 0
