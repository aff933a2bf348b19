"""Webhooks of a real account that two environments share, as stripe-python accepts them: each environment hears of
its own objects only, also when the server is killed as soon as it has answered the provider."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import stripe

from demo.receiver import Receiver
from demo.serving import Broker
from tests.journeys.accounts import STRIPE_KEY, put_account
from tests.standins.localstripe import LocalStripe

SECRET = "whsec_TheRealEndpointsSecretOfTheGateway"
#: Of each environment's events.
EVENTS = 12


@pytest.fixture
def provider() -> Iterator[LocalStripe]:
    with LocalStripe() as provider:
        yield provider


@pytest.fixture
def receivers() -> Iterator[list[Receiver]]:
    made = [Receiver(), Receiver()]
    yield made
    for each in made:
        each.close()


def sent(address: str, event: dict[str, Any]) -> dict[str, Any]:
    """The provider's side: https://docs.stripe.com/webhooks/signature"""
    body, stamp = json.dumps(event).encode(), int(time.time())
    signature = hmac.new(SECRET.encode(), b"%d." % stamp + body, hashlib.sha256).hexdigest()
    answer = httpx.post(address, content=body, headers={"stripe-signature": f"t={stamp},v1={signature}"})
    answer.raise_for_status()
    told: dict[str, Any] = answer.json()
    return told


def event(number: int, owner: int, **thing: Any) -> dict[str, Any]:
    return {
        "id": f"evt_{owner}_{number}",
        "object": "event",
        "type": "customer.updated",
        "created": int(time.time()),
        "livemode": False,
        "data": {"object": {"object": "customer", "metadata": {}, **thing}},
    }


def ids(receiver: Receiver) -> set[str]:
    return {json.loads(one.body)["id"] for one in receiver.arrived}


def test_each_environment_hears_its_own_events_also_after_a_kill(
    own_server: Broker, provider: LocalStripe, receivers: list[Receiver]
) -> None:
    server = own_server
    server.start()
    put_account(server, "shared", "stripe", provider.url, {"value": STRIPE_KEY})
    # localstripe does not list webhook endpoints, so the broker cannot keep one there: this one is registered by hand.
    address = server.control("PUT", "accounts/shared/hook", {"secret": SECRET})["address"]
    customers, bundles = [], []
    for number, receiver in enumerate(receivers):
        service = {"mode": "sandbox", "webhooks": [{"url": receiver.url + "/hook"}]}
        policy = {"version": 1, "services": {"stripe": service}}
        bundle = server.control("PUT", f"environments/pr-{number}", {"policy": policy})
        variables = bundle["variables"]
        client = stripe.StripeClient(
            variables["STRIPE_API_KEY"], base_addresses={"api": variables["STRIPE_API_BASE"]}, max_network_retries=0
        )
        customers.append(client.v1.customers.create({"email": f"ada{number}@example.com"}).id)
        bundles.append(bundle)

    for number in range(EVENTS):
        for owner, customer in enumerate(customers):
            assert sent(address, event(number, owner, id=customer)) == {"received": 1, "new": 1}
        if number in (3, 7):
            server.restart()
    for owner, customer in enumerate(customers):
        assert sent(address, event(0, owner, id=customer)) == {"received": 1, "new": 0}, "sent twice, counted once"
    sent(address, event(0, 9, id="cus_made_by_hand"))

    for owner, receiver in enumerate(receivers):
        wanted = {f"evt_{owner}_{number}" for number in range(EVENTS)}
        receiver.wait(lambda _, receiver=receiver, wanted=wanted: ids(receiver) >= wanted, timeout=30)
        assert ids(receiver) == wanted
        secret = bundles[owner]["variables"]["STRIPE_WEBHOOK_SECRET"]
        for one in receiver.arrived:
            stripe.Webhook.construct_event(one.body, one.headers["stripe-signature"], secret)  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
        listed = server.control("GET", f"environments/pr-{owner}/events?limit=100")["items"]
        assert sorted(each["id"] for each in listed) == sorted(wanted), "none stands there twice"
    unclaimed = server.control("GET", "hooks?claimed=false")["items"]
    assert [each["id"] for each in unclaimed] == ["evt_9_0"]
    assert SECRET not in server.log.read_text(errors="replace")
