"""Idempotency keys over a real socket: many duplicates at once, through the SDK's own retries, and across a kill."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import stripe

from demo.serving import Broker
from tests.journeys.raw import Caller

ORDER = {"amount": "4200", "currency": "usd", "payment_method": "pm_card_visa", "confirm": "true",
         "return_url": "https://shop.example/done"}  # fmt: skip
DUPLICATES = 30


def _pay(server: Broker, bundle: Mapping[str, Any], key: str, form: Mapping[str, str] = ORDER) -> httpx.Response:
    with Caller(server.url, bundle) as calls:
        return calls.stripe("POST", "/v1/payment_intents", form, headers={"Idempotency-Key": key})


def _payments(server: Broker, bundle: Mapping[str, Any], kind: str = "payment_intents") -> list[dict[str, Any]]:
    with Caller(server.url, bundle) as calls:
        found: list[dict[str, Any]] = calls.stripe("GET", f"/v1/{kind}?limit=100").json()["data"]
        return found


def _at_once(
    server: Broker, bundle: Mapping[str, Any], key: str, form: Mapping[str, str] = ORDER, *, fresh: bool = True
) -> set[str]:
    """The bodies of what duplicates were answered, those that came while the first was under way apart. One of them is
    the first of its key where that is ``fresh``."""
    with ThreadPoolExecutor(DUPLICATES) as pool:
        answers = list(pool.map(lambda _: _pay(server, bundle, key, form), range(DUPLICATES)))
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["error"]["code"] == "idempotency_key_in_use"
            assert answer.headers["stripe-should-retry"] == "true"
    told = [answer for answer in answers if answer.status_code != 409]
    first = {answer.headers["original-request"] for answer in told}
    assert len(first) == 1
    executed = [answer.headers["request-id"] for answer in told if "idempotent-replayed" not in answer.headers]
    assert executed == ([*first] if fresh else [])
    return {_body(answer) for answer in told}


def _body(answer: httpx.Response) -> str:
    """The answer, without the address of its own log, which is each request's."""
    text = answer.text
    if answer.status_code >= 400:
        text = text.replace(str(answer.json()["error"]["request_log_url"]), "")
    return f"{answer.status_code} {text}"


@pytest.mark.parametrize("method", ["pm_card_visa", "pm_card_visa_chargeDeclined"])
def test_duplicates_at_once_have_one_effect(server: Broker, environment: dict[str, Any], method: str) -> None:
    bodies = _at_once(server, environment, "order-1", {**ORDER, "payment_method": method})
    assert len(bodies) == 1
    assert len(_payments(server, environment)) == 1
    assert len(_payments(server, environment, "charges")) == 1


def test_duplicates_through_the_sdks_retries(server: Broker, environment: dict[str, Any]) -> None:
    variables = environment["variables"]

    def pay(_: int) -> str:
        shop = stripe.StripeClient(
            variables["STRIPE_API_KEY"], base_addresses={"api": variables["STRIPE_API_BASE"]}, max_network_retries=5
        )
        asked: Any = {**ORDER, "amount": 4200, "confirm": True}
        return shop.v1.payment_intents.create(asked, {"idempotency_key": "order-1"}).id

    with ThreadPoolExecutor(DUPLICATES) as pool:
        made = set(pool.map(pay, range(DUPLICATES)))
    assert made == {payment["id"] for payment in _payments(server, environment)}
    assert len(made) == 1


@pytest.mark.slow
def test_keys_outlive_a_kill(own_server: Broker) -> None:
    server = own_server
    server.start()
    bundle = server.open("pr-7")
    before = _at_once(server, bundle, "order-1")
    declined = {**ORDER, "payment_method": "pm_card_visa_chargeDeclined"}
    refused = _pay(server, bundle, "order-2", declined)
    server.restart()
    assert _at_once(server, bundle, "order-1", fresh=False) == before
    again = _pay(server, bundle, "order-2", declined)
    assert (_body(again), again.headers["idempotent-replayed"]) == (_body(refused), "true")
    other = _pay(server, bundle, "order-1", declined)
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")
    assert len(_payments(server, bundle)) == 2
