"""Webhook endpoints: https://docs.stripe.com/api/webhook_endpoints."""

from __future__ import annotations

from mocks.stripe.webhook_endpoints import MOST
from tests.mocks.stripe.client import Stripe


async def test_the_secret_is_shown_once_and_stored_sealed(stripe: Stripe) -> None:
    made = await stripe.post("webhook_endpoints", url="https://shop.example/hook", enabled_events=["customer.created"])
    assert made["secret"].startswith("whsec_")
    assert made["secret"] not in str(stripe.records())
    shown = await stripe.get(f"webhook_endpoints/{made['id']}")
    assert "secret" not in shown
    assert {**shown, "secret": made["secret"]} == made


async def test_enabled_endpoints_get_the_events(stripe: Stripe) -> None:
    made = await stripe.post("webhook_endpoints", url="https://shop.example/hook", enabled_events=["*"])
    await stripe.customer()
    assert len(stripe.harness.notified) == 1
    event = (await stripe.get("events"))["data"][0]
    assert event["pending_webhooks"] == 1
    assert (await stripe.post(f"webhook_endpoints/{made['id']}", disabled=True))["status"] == "disabled"
    await stripe.customer()
    assert len(stripe.harness.notified) == 1
    await stripe.delete(f"webhook_endpoints/{made['id']}")
    assert (await stripe.get("webhook_endpoints"))["data"] == []


async def test_an_address_has_to_be_a_url(stripe: Stripe) -> None:
    error = await stripe.error("POST", "webhook_endpoints", 400, url="shop", enabled_events=["*"])
    assert (error["code"], error["param"]) == ("url_invalid", "url")


async def test_there_are_sixteen_at_the_most(stripe: Stripe) -> None:
    for number in range(MOST):
        await stripe.post("webhook_endpoints", url=f"https://shop.example/{number}", enabled_events=["*"])
    asked = {"url": "https://shop.example/more", "enabled_events": ["*"]}
    refused = await stripe.error("POST", "webhook_endpoints", 400, **asked)
    assert "16" in refused["message"]
    [newest, *_] = (await stripe.get("webhook_endpoints"))["data"]
    await stripe.delete(f"webhook_endpoints/{newest['id']}")
    await stripe.post("webhook_endpoints", **asked)


async def test_types_have_to_be_types(stripe: Stripe) -> None:
    asked = {"url": "https://shop.example/a", "enabled_events": ["customer.created", "customer.vanished"]}
    refused = await stripe.error("POST", "webhook_endpoints", 400, **asked)
    assert refused["param"].startswith("enabled_events")
    refused = await stripe.error("POST", "webhook_endpoints", 400, url="https://shop.example/a", enabled_events=[])
    assert refused["param"].startswith("enabled_events")
    assert (await stripe.get("webhook_endpoints"))["data"] == []


async def test_pending_webhooks_are_of_the_endpoints_that_hear_the_type(stripe: Stripe) -> None:
    for types in (["customer.created"], ["*"], ["product.created"]):
        await stripe.post("webhook_endpoints", url="https://shop.example/a", enabled_events=types)
    await stripe.customer()
    [event] = (await stripe.get("events"))["data"]
    assert (event["type"], event["pending_webhooks"]) == ("customer.created", 2)
    [stored] = await (await stripe.harness.store()).outbox.events()
    assert stored.payload["pending_webhooks"] == 2
