"""Concurrent writes to one object, which the policy makes slow: one of them is refused, and the SDK tries again."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import stripe

from demo.serving import Broker
from tests.journeys.conftest import OpenEnvironment
from tests.journeys.raw import Caller


def _policy(operation: str, latency: str, **more: Any) -> dict[str, Any]:
    fault = {"operation": operation, "latency": latency, "times": 1, **more}
    return {"version": 1, "services": {"stripe": {"faults": [fault], "options": {"lock_timeout": 0.02}}}}


def _begun(calls: Caller, later: Future[Any], path: str) -> None:
    """Wait until the slow call holds what it is about: another one is refused."""
    while not later.done() and calls.stripe("POST", path, {"metadata[probe]": "x"}).status_code == 200:
        time.sleep(0.005)
    assert not later.done()


def test_two_writes_to_one_object(server: Broker, open_environment: OpenEnvironment) -> None:
    bundle = open_environment(policy=_policy("payment_intents.capture", "1s"))
    variables = bundle["variables"]

    def client(**options: Any) -> stripe.StripeClient:
        return stripe.StripeClient(
            variables["STRIPE_API_KEY"], base_addresses={"api": variables["STRIPE_API_BASE"]}, **options
        )

    shop = client(max_network_retries=0)
    intent = shop.v1.payment_intents.create(
        {"amount": 4200, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True,
         "capture_method": "manual", "return_url": "https://shop.example/done"}
    )  # fmt: skip
    with ThreadPoolExecutor(1) as pool, Caller(server.url, bundle) as calls:
        captured = pool.submit(shop.v1.payment_intents.capture, intent.id)
        _begun(calls, captured, f"/v1/payment_intents/{intent.id}")
        with pytest.raises(stripe.RateLimitError) as refused:
            client(max_network_retries=0).v1.payment_intents.update(intent.id, {"metadata": {"order": "7"}})
        assert (refused.value.http_status, refused.value.error.code) == (429, "lock_timeout")
        assert refused.value.headers is not None
        assert refused.value.headers["stripe-should-retry"] == "true"
        # Reads and other objects are free.
        assert shop.v1.payment_intents.retrieve(intent.id).status == "requires_capture"
        shop.v1.customers.create({"name": "Ada"})
        patient = client(max_network_retries=8).v1.payment_intents.update(intent.id, {"metadata": {"order": "7"}})
        assert (patient.status, patient.metadata["order"]) == ("succeeded", "7")
        assert captured.result().status == "succeeded"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_duplicate_of_a_slow_call_is_told_so(server: Broker, open_environment: OpenEnvironment, when: str) -> None:
    bundle = open_environment(policy=_policy("customers.create", "1s", when=when))

    def create() -> httpx.Response:
        with Caller(server.url, bundle) as calls:
            return calls.stripe("POST", "/v1/customers", {"name": "Ada"}, headers={"Idempotency-Key": "k"})

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(create)
        answer = create()
        while answer.status_code == 200 and not first.done():  # it came before the other one: neither is slow again
            answer = create()
        made = first.result()
    told = {made.status_code, answer.status_code}
    assert told == {200, 409}
    refused = next(each for each in (made, answer) if each.status_code == 409)
    assert refused.json()["error"]["code"] == "idempotency_key_in_use"
    again = create()
    assert (again.status_code, again.headers["idempotent-replayed"]) == (200, "true")
    with Caller(server.url, bundle) as calls:
        assert len(calls.stripe("GET", "/v1/customers").json()["data"]) == 1
