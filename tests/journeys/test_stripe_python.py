"""An application with the official stripe-python, unmodified, by every way of addressing that its options allow."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import pytest
import stripe

from demo.receiver import Receiver
from demo.serving import Broker
from tests.journeys.conftest import OpenEnvironment

Way = Literal["path", "host", "credential"]
WAYS: tuple[Way, ...] = ("path", "host", "credential")


def client(server: Broker, bundle: dict[str, Any], way: Way = "path", **options: Any) -> stripe.StripeClient:
    """A client as an application makes one: ``STRIPE_API_KEY`` and an address."""
    port = server.port
    addresses = {
        "path": bundle["variables"]["STRIPE_API_BASE"],
        "host": f"http://stripe.{bundle['name']}.localhost:{port}",
        "credential": server.url,
    }
    key = options.pop("key", bundle["variables"]["STRIPE_API_KEY"])
    return stripe.StripeClient(key, base_addresses={"api": addresses[way]}, **options)


@pytest.fixture
def shop(server: Broker, environment: dict[str, Any]) -> stripe.StripeClient:
    """A client of one fresh environment."""
    return client(server, environment)


@pytest.mark.usefixtures("loopback_names")
@pytest.mark.parametrize("way", WAYS)
def test_a_payment_by_each_way_of_addressing(server: Broker, environment: dict[str, Any], way: Way) -> None:
    shop = client(server, environment, way)
    customer = shop.v1.customers.create({"email": "ada@example.org", "metadata": {"plan": "blue"}})
    method = shop.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    paid = shop.v1.payment_intents.create(
        {
            "amount": 4200,
            "currency": "usd",
            "customer": customer.id,
            "payment_method": method.id,
            "confirm": True,
            "return_url": "https://shop.example/done",
            "expand": ["customer", "latest_charge"],
        }
    )
    assert paid.status == "succeeded"
    assert isinstance(paid.customer, stripe.Customer)
    assert paid.customer.email == "ada@example.org"
    assert isinstance(paid.latest_charge, stripe.Charge)
    refund = shop.v1.refunds.create({"payment_intent": paid.id, "amount": 1200})
    assert (refund.status, refund.amount) == ("succeeded", 1200)
    charge = shop.v1.charges.retrieve(paid.latest_charge.id)
    assert (charge.amount_refunded, charge.refunded) == (1200, False)


def test_two_environments_see_only_their_own(server: Broker, open_environment: OpenEnvironment) -> None:
    one, two = (client(server, open_environment()) for _ in range(2))
    customer = one.v1.customers.create({"name": "only in one"})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        two.v1.customers.retrieve(customer.id)
    assert (refused.value.code, refused.value.http_status) == ("resource_missing", 404)
    assert two.v1.customers.list().data == []


def test_a_decline_is_a_card_error_with_the_intent_inside(shop: stripe.StripeClient) -> None:
    with pytest.raises(stripe.CardError) as refused:
        shop.v1.payment_intents.create(
            {
                "amount": 4200,
                "currency": "usd",
                "payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds",
                "confirm": True,
                "return_url": "https://shop.example/done",
            }
        )
    error = refused.value
    assert (error.code, error.error.decline_code) == ("card_declined", "insufficient_funds")
    assert error.http_status == 402
    assert error.request_id
    intent = error.error.payment_intent
    retried = shop.v1.payment_intents.confirm(
        intent.id, {"payment_method": "pm_card_visa", "return_url": "https://shop.example/done"}
    )
    assert retried.status == "succeeded"


def test_what_is_wrong_raises_the_sdks_own_errors(
    server: Broker, environment: dict[str, Any], shop: stripe.StripeClient
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.payment_intents.create({"currency": "usd"})  # type: ignore[typeddict-item]  # the amount is left out
    assert (refused.value.code, refused.value.param) == ("parameter_missing", "amount")
    stranger = client(server, environment, key="sk_test_51" + "0" * 97)
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key provided: sk_test_"):
        stranger.v1.customers.list()
    browser = client(server, environment, key=environment["variables"]["STRIPE_PUBLISHABLE_KEY"])
    with pytest.raises(stripe.PermissionError, match="publishable API key"):
        browser.v1.customers.list()
    production = client(server, environment, key="sk_live_51" + "0" * 97)
    with pytest.raises(stripe.AuthenticationError):
        production.v1.customers.list()


def test_auto_paging_walks_through_everything_once(shop: stripe.StripeClient) -> None:
    made = [shop.v1.customers.create({"name": f"customer {number}"}).id for number in range(25)]
    walked = [customer.id for customer in shop.v1.customers.list({"limit": 10}).auto_paging_iter()]
    assert walked == made[::-1]
    back = shop.v1.customers.list({"limit": 10, "ending_before": made[0]}).auto_paging_iter()
    assert [customer.id for customer in back] == made[1:]


def test_one_key_has_one_effect_under_concurrency(server: Broker, environment: dict[str, Any]) -> None:
    shops = [client(server, environment, max_network_retries=5) for _ in range(8)]

    def create(shop: stripe.StripeClient) -> str:
        return shop.v1.customers.create({"name": "once"}, {"idempotency_key": "order-7"}).id

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(create, shops))
    assert len(set(made)) == 1
    assert len(shops[0].v1.customers.list().data) == 1
    with pytest.raises(stripe.IdempotencyError):
        shops[0].v1.customers.create({"name": "another"}, {"idempotency_key": "order-7"})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """The application's webhook handler."""
    one = Receiver()
    yield one
    one.close()


def test_webhooks_arrive_signed(server: Broker, open_environment: OpenEnvironment, receiver: Receiver) -> None:
    bundle = open_environment(webhooks={"stripe": f"{receiver.url}/policy"})
    shop = client(server, bundle)
    endpoint = shop.v1.webhook_endpoints.create(
        {"url": f"{receiver.url}/own", "enabled_events": ["payment_intent.succeeded"]}
    )
    assert endpoint.secret is not None
    paid = shop.v1.payment_intents.create(
        {
            "amount": 4200,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "return_url": "https://shop.example/done",
        }
    )
    assert receiver.wait(lambda arrived: len(arrived) >= 5)
    secrets = {"/policy": bundle["variables"]["STRIPE_WEBHOOK_SECRET"], "/own": endpoint.secret}
    types: dict[str, list[str]] = {"/policy": [], "/own": []}
    for one in receiver.arrived:
        event = stripe.Webhook.construct_event(  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
            one.body, one.headers["stripe-signature"], secrets[one.path]
        )
        types[one.path].append(event.type)
        if event.type == "payment_intent.succeeded":
            assert event.data.object["id"] == paid.id
    assert types["/own"] == ["payment_intent.succeeded"]
    assert sorted(types["/policy"]) == [
        "charge.succeeded", "charge.updated", "payment_intent.created", "payment_intent.succeeded",
    ]  # fmt: skip


@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # how stripe 16.1.0 calls httpx
async def test_the_asynchronous_client(server: Broker, environment: dict[str, Any]) -> None:
    connection = stripe.HTTPXClient()
    shop = stripe.StripeClient(
        environment["variables"]["STRIPE_API_KEY"],
        base_addresses={"api": environment["variables"]["STRIPE_API_BASE"]},
        http_client=connection,
    )
    made = await shop.v1.products.create_async(
        {"name": "Tea", "default_price_data": {"currency": "usd", "unit_amount": 500}}
    )
    found = await shop.v1.products.retrieve_async(made.id, {"expand": ["default_price"]})
    assert isinstance(found.default_price, stripe.Price)
    assert found.default_price.unit_amount == 500
    await connection.close_async()


def test_a_subscription_and_its_invoice(shop: stripe.StripeClient) -> None:
    customer = shop.v1.customers.create({"email": "ada@example.org"})
    recurring = {"interval": "month"}
    price = shop.v1.prices.create(
        {"currency": "usd", "unit_amount": 2000, "recurring": recurring, "product_data": {"name": "Tea"}}
    )
    asked = {"customer": customer.id, "items": [{"price": price.id}]}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.subscriptions.create(asked)
    assert refused.value.code == "resource_missing"
    method = shop.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    subscription = shop.v1.subscriptions.create(
        {**asked, "default_payment_method": method.id, "expand": ["latest_invoice.payments"]}
    )
    invoice = subscription.latest_invoice
    assert isinstance(invoice, stripe.Invoice)
    assert (subscription.status, invoice.status, invoice.amount_paid) == ("active", "paid", 2000)
    assert invoice.payments is not None
    payment = invoice.payments.data[0].payment.payment_intent
    assert shop.v1.payment_intents.retrieve(str(payment)).status == "succeeded"
    assert [each.id for each in shop.v1.subscriptions.list({"customer": customer.id}).data] == [subscription.id]
    ended = shop.v1.subscriptions.cancel(subscription.id)
    assert ended.status == "canceled"
    types = [event.type for event in shop.v1.events.list({"limit": 50}).data]
    assert types[0] == "customer.subscription.deleted"
    assert {"invoice.paid", "customer.subscription.created"} <= set(types)
