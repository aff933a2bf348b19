"""stripe-python, unmodified, through virtual keys to a real account: two environments, blind to each other, and one
closed without a trace. The real Stripe is localstripe here, which is independent of our mock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import stripe

from demo.serving import Broker
from tests.journeys.accounts import STRIPE_KEY, policy, put_account
from tests.journeys.conftest import OpenEnvironment
from tests.standins.localstripe import LocalStripe

ACCOUNT = "stripe-journey"


@pytest.fixture(scope="module")
def provider() -> Iterator[LocalStripe]:
    with LocalStripe() as provider:
        yield provider


@pytest.fixture
def account(server: Broker, provider: LocalStripe) -> str:
    provider.flush()
    put_account(server, ACCOUNT, "stripe", provider.url, {"value": STRIPE_KEY})
    return ACCOUNT


def connect(bundle: dict[str, Any]) -> Any:
    """The client as an application makes it: the same for the mock and for the real thing."""
    variables = bundle["variables"]
    client = stripe.StripeClient(
        variables["STRIPE_API_KEY"], base_addresses={"api": variables["STRIPE_API_BASE"]}, max_network_retries=0
    )
    return client.v1


def by_hand(provider: LocalStripe, path: str, form: dict[str, str] | None = None) -> Any:
    """A call behind the broker's back, as somebody with the real key makes it."""
    method = "POST" if form is not None else "GET"
    answer = httpx.request(method, provider.url + path, data=form, headers={"Authorization": f"Bearer {STRIPE_KEY}"})
    answer.raise_for_status()
    return answer.json()


def shop(client: Any) -> dict[str, str]:
    """A customer who pays and subscribes: what an application makes in a minute."""
    customer = client.customers.create({"email": "jenny@example.com", "metadata": {"order": "6735"}})
    assert customer.metadata.to_dict() == {"order": "6735"}, "the marker is not the application's to see"
    product = client.products.create({"name": "Gold"})
    # localstripe has plans and no prices.
    plan = client.plans.create({"product": product.id, "currency": "eur", "amount": 1000, "interval": "month"})
    method = client.payment_methods.create(
        {"type": "card", "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}}
    )
    client.payment_methods.attach(method.id, {"customer": customer.id})
    intent = client.payment_intents.create(
        {"amount": 2000, "currency": "eur", "customer": customer.id, "payment_method": method.id, "confirm": True}
    )
    assert intent.status == "succeeded"
    client.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
    subscription = client.subscriptions.create({"customer": customer.id, "items": [{"plan": plan.id}]})
    return {
        "customer": customer.id,
        "product": product.id,
        "plan": plan.id,
        "intent": intent.id,
        "subscription": subscription.id,
    }


def test_two_environments_on_one_account_and_one_closed(
    server: Broker, provider: LocalStripe, account: str, open_environment: OpenEnvironment
) -> None:
    hand = by_hand(provider, "/v1/customers", {"email": "by-hand@example.com"})["id"]
    first = open_environment(policy=policy(stripe=account))
    second = open_environment(policy=policy(stripe=account))
    one, two = connect(first), connect(second)
    mine, other = shop(one), shop(two)

    # Each sees its own, and nobody's who is there beside it.
    for client, own in ((one, mine), (two, other)):
        assert [each.id for each in client.customers.list().data] == [own["customer"]]
        assert [each.id for each in client.products.list().data] == [own["product"]]
        assert client.subscriptions.retrieve(own["subscription"]).customer == own["customer"]
    for foreign in (other["customer"], hand):
        with pytest.raises(stripe.InvalidRequestError) as missing:
            one.customers.retrieve(foreign)
        assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")
        with pytest.raises(stripe.InvalidRequestError):
            one.customers.delete(foreign)
        with pytest.raises(stripe.InvalidRequestError) as named:
            one.payment_intents.create({"amount": 100, "currency": "eur", "customer": foreign})
        assert named.value.http_status == 400
    incidents = server.control("GET", f"environments/{first['name']}/incidents")["items"]
    assert [(each["kind"], each["details"]["belongs_to"]) for each in incidents] == [("foreign_id", second["name"])] * 3

    receipt = server.control("DELETE", f"environments/{first['name']}?wait=60")
    assert (receipt["status"], receipt["left"]) == ("closed", {})
    kinds = receipt["external"]["stripe"]["kinds"]
    assert set(kinds) >= {"customer", "product", "plan", "subscription", "payment_intent"}
    assert receipt["verified"]["stripe"]["listed"] == 0
    assert receipt["signature"]["algorithm"] == "Ed25519"

    left = {each["id"] for each in by_hand(provider, "/v1/customers?limit=100")["data"]}
    assert left == {hand, other["customer"]}
    assert [each["id"] for each in by_hand(provider, "/v1/subscriptions?limit=100")["data"]] == [other["subscription"]]
    assert two.customers.retrieve(other["customer"]).email == "jenny@example.com"
    with pytest.raises(stripe.StripeError) as closed:
        one.customers.list()
    assert closed.value.http_status == 410


def test_a_policy_switches_between_mock_and_sandbox_and_the_application_changes_nothing(
    server: Broker, provider: LocalStripe, account: str, open_environment: OpenEnvironment
) -> None:
    bundle = open_environment(policy=None)
    client = connect(bundle)
    mocked = client.customers.create({"email": "mock@example.com"})
    server.control("PUT", f"environments/{bundle['name']}", {"policy": policy(stripe=account)})
    real = client.customers.create({"email": "real@example.com"})
    assert [each.id for each in client.customers.list().data] == [real.id]
    assert [each["id"] for each in by_hand(provider, "/v1/customers")["data"]] == [real.id]
    server.control("PUT", f"environments/{bundle['name']}", {"policy": {"version": 1}})
    assert [each.id for each in client.customers.list().data] == [mocked.id]
    # What was made there is still this environment's to take back.
    receipt = server.control("DELETE", f"environments/{bundle['name']}?wait=60")
    assert (receipt["status"], receipt["left"]) == ("closed", {})
    assert by_hand(provider, "/v1/customers")["data"] == []


def test_a_fork_gets_the_mock_whatever_its_policy_says(
    server: Broker, provider: LocalStripe, account: str, open_environment: OpenEnvironment
) -> None:
    bundle = open_environment(policy=policy(stripe=account), trust="fork")
    connect(bundle).customers.create({"email": "fork@example.com"})
    assert by_hand(provider, "/v1/customers")["data"] == []
    (exchange,) = server.control("GET", f"environments/{bundle['name']}/exchanges")["items"]
    assert exchange["mode"] == "mock"


def test_the_same_idempotency_key_in_two_environments_is_two_customers(
    account: str, open_environment: OpenEnvironment
) -> None:
    """localstripe keeps no keys; that they differ is in what is sent: tests/sandboxes/stripe."""
    ids = set()
    for _ in range(2):
        client = connect(open_environment(policy=policy(stripe=account)))
        made = client.customers.create({"email": "a@example.com"}, options={"idempotency_key": "order-1"})
        ids.add(made.id)
    assert len(ids) == 2
