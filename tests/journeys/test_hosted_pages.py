"""Hosted pages in a headless browser: what a customer does, and what the application hears of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from demo.serving import Broker
from tests.browser import Page, browser, find
from tests.journeys.conftest import OpenEnvironment
from tests.journeys.test_billing_time import DAY, START
from tests.journeys.test_webhooks import receiving, verified

pytestmark = [pytest.mark.slow, pytest.mark.skipif(find() is None, reason="no Chromium on this machine")]

CARD = {
    "email": "ada@example.com",
    "cardNumber": "4242 4242 4242 4242",
    "cardExpiry": "12 / 44",
    "cardCvc": "123",
    "billingName": "Ada Lovelace",
    "billingPostalCode": "94107",
}
TEA: Any = {"currency": "usd", "unit_amount": 1500, "product_data": {"name": "Tea"}}


class _Shop(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>Shop</title>thanks")

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing to tell."""


@pytest.fixture
def shop() -> Iterator[str]:
    """Where the customer comes back to."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Shop)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client(environment: dict[str, Any]) -> stripe.StripeClient:
    """The official SDK with the environment's key."""
    variables = environment["variables"]
    return stripe.StripeClient(variables["STRIPE_API_KEY"], base_addresses={"api": variables["STRIPE_API_BASE"]})


async def _clean(page: Page, origins: tuple[str, ...]) -> None:
    assert all(address.startswith(origins) for address in page.requests if "favicon" not in address), page.requests
    assert not [words for words in page.complaints if "favicon" not in words and "402" not in words], page.complaints


async def test_a_checkout_with_a_decline_and_3d_secure(
    client: stripe.StripeClient, server: Broker, shop: str, tmp_path: Path
) -> None:
    session = client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [{"price_data": TEA, "quantity": 2}],
            "success_url": f"{shop}/done?session={{CHECKOUT_SESSION_ID}}",
            "cancel_url": f"{shop}/cart",
        }
    )
    assert session.url is not None
    async with browser(tmp_path, loopback=True) as page:
        await page.visit(session.url)
        assert await page.value("document.getElementById('total').textContent") == "$30.00"
        await page.window(380)
        assert await page.value("document.documentElement.scrollWidth") <= 380
        await page.fill(**{**CARD, "cardNumber": "4000000000000002"})
        await page.click("submit")
        assert await page.value("document.getElementById('error').textContent") == "Your card was declined."
        await page.fill(**{**CARD, "cardNumber": "4000002760003184"})
        await page.click("submit")
        assert "3D Secure" in await page.value("document.body.textContent")
        await page.click("test-source-authorize-3ds")
        assert await page.value("location.href") == f"{shop}/done?session={session.id}"
        await _clean(page, (server.url, shop))
    done = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert (done.status, done.payment_status, done.amount_total) == ("complete", "paid", 3000)
    types = [event.type for event in client.v1.events.list({"limit": 3}).data]
    assert types[0] == "checkout.session.completed"


async def test_a_subscription_with_a_trial_is_taken_on_a_page_and_runs_to_its_third_invoice(
    server: Broker, open_environment: OpenEnvironment, shop: str, tmp_path: Path
) -> None:
    with receiving() as receiver:
        environment = open_environment(webhooks={"stripe": receiver.url})
        variables = environment["variables"]
        client = stripe.StripeClient(
            variables["STRIPE_API_KEY"], base_addresses={"api": variables["STRIPE_API_BASE"]}, max_network_retries=0
        )
        clock = client.v1.test_helpers.test_clocks.create({"frozen_time": START})
        customer = client.v1.customers.create({"test_clock": clock.id, "email": "ada@example.com"})
        monthly: Any = {**TEA, "recurring": {"interval": "month"}}
        session = client.v1.checkout.sessions.create(
            {
                "mode": "subscription",
                "customer": customer.id,
                "line_items": [{"price_data": monthly, "quantity": 2}],
                "subscription_data": {"trial_period_days": 14, "metadata": {"plan": "tea"}},
                "success_url": f"{shop}/done",
            }
        )
        async with browser(tmp_path, loopback=True) as page:
            await page.visit(str(session.url))
            await page.fill(**{name: value for name, value in CARD.items() if name != "email"})
            await page.click("submit")
            assert await page.value("location.href") == f"{shop}/done"
        done = client.v1.checkout.sessions.retrieve(session.id)
        assert (done.status, done.payment_status) == ("complete", "no_payment_required")
        subscription = client.v1.subscriptions.retrieve(str(done.subscription))
        assert (subscription.status, subscription.metadata["plan"]) == ("trialing", "tea")
        client.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": START + 46 * DAY})
        invoices = client.v1.invoices.list({"subscription": subscription.id}).data
        assert [(each.status, each.amount_paid) for each in invoices] == [("paid", 3000), ("paid", 3000), ("paid", 0)]
        wanted = {"checkout.session.completed", "customer.subscription.trial_will_end", "test_helpers.test_clock.ready"}
        assert receiver.wait(lambda arrived: wanted <= {verified(one, environment).type for one in arrived})


async def test_a_customer_who_turns_back(client: stripe.StripeClient, shop: str, tmp_path: Path) -> None:
    session = client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [{"price_data": TEA, "quantity": 1}],
            "success_url": f"{shop}/done",
            "cancel_url": f"{shop}/cart",
        }
    )
    assert session.url is not None
    async with browser(tmp_path, loopback=True) as page:
        await page.visit(session.url)
        await page.click("cancel")
        assert await page.value("location.pathname") == "/cart"
        client.v1.checkout.sessions.expire(session.id)
        await page.visit(session.url)
        assert "timed out" in await page.value("document.body.textContent")


async def test_a_payment_intent_with_3d_secure(client: stripe.StripeClient, shop: str, tmp_path: Path) -> None:
    intent = client.v1.payment_intents.create(
        {
            "amount": 2000,
            "currency": "eur",
            "payment_method": "pm_card_threeDSecure2Required",
            "confirm": True,
            "return_url": f"{shop}/back?order=1",
        }
    )
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    async with browser(tmp_path, loopback=True) as page:
        await page.visit(str(intent.next_action.redirect_to_url.url))
        await page.click("test-source-authorize-3ds")
        query = await page.value("location.search")
    assert f"order=1&payment_intent={intent.id}" in query
    assert "redirect_status=succeeded" in query
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


#: Labels of everything that can be filled in; ids that stand twice.
UNNAMED = (
    "[...document.querySelectorAll('input:not([type=hidden]),select')].filter(e => !e.labels.length).map(e => e.name)"
)
TWICE = "(ids => ids.filter((id, at) => ids.indexOf(id) != at))([...document.querySelectorAll('[id]')].map(e => e.id))"


async def _fit(page: Page) -> None:
    """For people: labelled, and no wider than a phone."""
    assert await page.value(UNNAMED) == []
    assert await page.value(TWICE) == []
    await page.window(380)
    assert await page.value("document.documentElement.scrollWidth") <= 380


async def test_an_account_is_onboarded_and_its_shop_is_paid(
    client: stripe.StripeClient, server: Broker, shop: str, tmp_path: Path
) -> None:
    able: Any = {"card_payments": {"requested": True}, "transfers": {"requested": True}}
    account = client.v1.accounts.create({"type": "express", "business_type": "company", "capabilities": able})
    link = client.v1.account_links.create(
        {
            "account": account.id,
            "type": "account_onboarding",
            "refresh_url": f"{shop}/again",
            "return_url": f"{shop}/in",
        }
    )
    async with browser(tmp_path, loopback=True) as page:
        await page.visit(link.url)
        await _fit(page)
        await page.click("test-data")
        await page.click("submit")
        assert await page.value("location.href") == f"{shop}/in"
        await page.visit(link.url)
        assert await page.value("location.href") == f"{shop}/again"
        assert client.v1.accounts.retrieve(account.id).charges_enabled
        session = client.v1.checkout.sessions.create(
            {
                "mode": "payment",
                "line_items": [{"price_data": TEA, "quantity": 1}],
                "success_url": f"{shop}/done",
                "shipping_address_collection": {"allowed_countries": ["US"]},
                "allowed_payment_method_types": ["card", "klarna"],
            },
            {"stripe_account": account.id},
        )
        await page.visit(str(session.url))
        await _fit(page)
        await page.fill(
            email="ada@example.com", shippingName="Ada", shippingAddressLine1="1 Main St", shippingLocality="Denver"
        )
        await page.value("document.getElementById('payment-method-klarna').click()")
        assert await page.value("document.getElementById('cardNumber').offsetParent === null")
        await page.click("submit")
        await page.click("test-source-authorize-3ds")
        assert await page.value("location.href") == f"{shop}/done"
        await _clean(page, (server.url, shop))
    done = client.v1.checkout.sessions.retrieve(session.id, options={"stripe_account": account.id})
    assert (done.payment_status, done.status) == ("paid", "complete")


async def test_an_invoice_is_paid_and_a_plan_is_changed(
    client: stripe.StripeClient, server: Broker, shop: str, tmp_path: Path
) -> None:
    customer = client.v1.customers.create({"email": "ada@example.com"})
    product = client.v1.products.create({"name": "Tea"})
    monthly: Any = {"currency": "usd", "recurring": {"interval": "month"}, "product": product.id}
    small, large = (client.v1.prices.create({**monthly, "unit_amount": each}) for each in (1000, 3000))
    begun = client.v1.subscriptions.create(
        {
            "customer": customer.id,
            "items": [{"price": small.id}],
            "payment_behavior": "default_incomplete",
            "payment_settings": {"save_default_payment_method": "on_subscription"},
            "expand": ["latest_invoice"],
        }
    )
    update: Any = {
        "enabled": True,
        "default_allowed_updates": ["price"],
        "products": [{"product": product.id, "prices": [small.id, large.id]}],
    }
    rules = client.v1.billing_portal.configurations.create(
        {
            "features": {
                "subscription_update": update,
                "invoice_history": {"enabled": True},
                "customer_update": {"enabled": True, "allowed_updates": ["email", "address"]},
                "payment_method_update": {"enabled": True},
                "subscription_cancel": {"enabled": True},
            }
        }
    )
    assert isinstance(begun.latest_invoice, stripe.Invoice)
    async with browser(tmp_path, loopback=True) as page:
        await page.visit(str(begun.latest_invoice.hosted_invoice_url))
        await _fit(page)
        await page.fill(**{name: value for name, value in CARD.items() if name != "email"})
        await page.click("submit")
        assert "Invoice paid" in await page.value("document.body.textContent")
        assert client.v1.subscriptions.retrieve(begun.id).status == "active"
        visit = client.v1.billing_portal.sessions.create({"customer": customer.id, "configuration": rules.id})
        await page.visit(visit.url)
        await _fit(page)
        await page.click(f"update-{begun.id}")
        await page.value(f"document.getElementById('price').value = {large.id!r}")
        await page.click("submit")
        assert "Amount due" in await page.value("document.body.textContent")
        await page.click("submit")
        assert "$30.00 per month" in await page.value("document.body.textContent")
        await page.click(f"cancel-{begun.id}")
        await page.click(f"cancel-{begun.id}")
        assert "Ends on" in await page.value("document.body.textContent")
        await _clean(page, (server.url, shop))
    assert client.v1.subscriptions.retrieve(begun.id).cancel_at_period_end


def test_another_environments_session_is_not_there(
    client: stripe.StripeClient, server: Broker, open_environment: OpenEnvironment
) -> None:
    session = client.v1.checkout.sessions.create(
        {"mode": "payment", "line_items": [{"price_data": TEA, "quantity": 1}], "success_url": "https://shop.example/"}
    )
    other = open_environment()
    base = other["variables"]["STRIPE_API_BASE"]
    answer = httpx.get(f"{base}/c/pay/{session.id}")
    assert (answer.status_code, "could not be found" in answer.text) == (404, True)
    kinds = [each["kind"] for each in server.json("incidents", other["name"])]
    assert "foreign_id" in kinds
