"""kill -9 in the middle of a thousand concurrent payments with webhooks: after the restart nothing is lost, doubled or
undelivered."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from demo.receiver import Arrived, Receiver
from demo.serving import Broker
from tests.journeys.raw import Caller

pytestmark = pytest.mark.slow

PAYMENTS, CALLERS = 1000, 16
AMOUNT, FEE = 4200, 152  # 2.9 % and 30
EVENTS = ("payment_intent.created", "payment_intent.succeeded", "charge.succeeded", "charge.updated")
#: What the server may have sent without having written down that it arrived.
UNNOTED = 100


class Shop:
    """Pays for its share of the orders, and tries again with the same key what was not answered."""

    def __init__(self, server: Broker, bundle: Mapping[str, Any], orders: Iterator[int]) -> None:
        self._server, self._bundle, self._orders = server, bundle, orders
        #: By order.
        self.answered: dict[int, dict[str, Any]] = {}
        self.retried: set[int] = set()

    def run(self) -> None:
        with Caller(self._server.url, self._bundle) as calls:
            for order in self._orders:
                self.answered[order] = self._paid(calls, order)

    def _paid(self, calls: Caller, order: int) -> dict[str, Any]:
        form = {"amount": AMOUNT, "currency": "usd", "payment_method": "pm_card_visa", "confirm": "true",
                "return_url": "https://shop.example/done", "metadata[order]": order}  # fmt: skip
        until = time.monotonic() + 60
        while True:
            try:
                answer = calls.stripe(
                    "POST", "/v1/payment_intents", form, headers={"Idempotency-Key": f"order-{order}"}
                )
            except httpx.TransportError:
                assert time.monotonic() < until, f"order {order} was never answered"
                self.retried.add(order)
                time.sleep(0.02)
                continue
            assert answer.status_code == 200, answer.text
            made: dict[str, Any] = answer.json()
            return made


def _all(calls: Caller, kind: str) -> list[dict[str, Any]]:
    """Every object of a list, newest first."""
    found: list[dict[str, Any]] = []
    while True:
        after = f"&starting_after={found[-1]['id']}" if found else ""
        page = calls.stripe("GET", f"/v1/{kind}?limit=100{after}").json()
        found += page["data"]
        if not page["has_more"]:
            return found


def _told(arrived: list[Arrived]) -> set[str]:
    return {_event(one)["id"] for one in arrived}


def _event(one: Arrived) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(one.body)
    return event


def test_a_thousand_payments_and_a_kill(own_server: Broker) -> None:
    server, receiver = own_server, Receiver()
    server.start()
    try:
        bundle = server.open("pr-142", webhooks={"stripe": receiver.url})
        orders = iter(range(PAYMENTS))
        shops = [Shop(server, bundle, orders) for _ in range(CALLERS)]
        threads = [threading.Thread(target=shop.run) for shop in shops]
        for thread in threads:
            thread.start()
        while sum(len(shop.answered) for shop in shops) < PAYMENTS // 2:
            time.sleep(0.005)
        server.kill()
        server.start()
        for thread in threads:
            thread.join()
        answered = {order: made for shop in shops for order, made in shop.answered.items()}
        assert sorted(answered) == list(range(PAYMENTS))
        assert any(shop.retried for shop in shops), "the kill met nobody"
        with Caller(server.url, bundle) as calls:
            _check_state(calls, answered)
            events = {event["id"]: event for event in _all(calls, "events")}
        assert Counter(event["type"] for event in events.values()) == dict.fromkeys(EVENTS, PAYMENTS)
        assert receiver.wait(lambda arrived: len(arrived) >= len(events), timeout=60)
        assert receiver.wait(
            lambda arrived: len(arrived) > 5 * len(events) or _told(arrived) == set(events), timeout=30
        )
        _check_deliveries(receiver.arrived, events)
    finally:
        receiver.close()


def _check_state(calls: Caller, answered: Mapping[int, dict[str, Any]]) -> None:
    """Each payment is as it was answered, once, and its money is there, once."""
    payments = _all(calls, "payment_intents")
    assert {made["id"]: made for made in answered.values()} == {made["id"]: made for made in payments}
    assert len(payments) == PAYMENTS, "none is doubled"
    assert sorted(int(made["metadata"]["order"]) for made in payments) == list(range(PAYMENTS))
    charges = _all(calls, "charges")
    assert sorted(charge["payment_intent"] for charge in charges) == sorted(made["id"] for made in payments)
    moved = _all(calls, "balance_transactions")
    assert sorted(each["source"] for each in moved) == sorted(charge["id"] for charge in charges)
    assert {(each["amount"], each["fee"], each["net"]) for each in moved} == {(AMOUNT, FEE, AMOUNT - FEE)}
    balance = calls.stripe("GET", "/v1/balance").json()
    assert sum(each["amount"] for name in ("available", "pending") for each in balance[name]) == sum(
        each["net"] for each in moved
    )


def _check_deliveries(arrived: list[Arrived], events: Mapping[str, dict[str, Any]]) -> None:
    """Each event arrived, as the API shows it, and under one id; only what was under way at the kill came twice."""
    bodies: dict[str, dict[str, Any]] = {}
    for one in arrived:
        event = _event(one)
        said = {name: value for name, value in event.items() if name != "pending_webhooks"}
        assert bodies.setdefault(event["id"], said) == said
    shown = {
        key: {name: value for name, value in event.items() if name != "pending_webhooks"}
        for key, event in events.items()
    }
    assert bodies == shown
    assert len(arrived) - len(events) <= UNNOTED
