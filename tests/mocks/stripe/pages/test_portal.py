"""The billing portal's page."""

from __future__ import annotations

from typing import Any

from tests.clocks import HeldClock
from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.pages.test_checkout import CARD, paying


async def _visit(stripe: Stripe, **more: Any) -> tuple[Any, Any, Any]:
    customer = await payer(stripe, email="ada@example.com")
    begun = await subscribed(stripe, customer, await price(stripe))
    session = await stripe.post("billing_portal/sessions", customer=customer["id"], **more)
    return customer, begun, session


async def test_a_subscription_is_canceled_and_renewed(stripe: Stripe) -> None:
    _, begun, session = await _visit(stripe, return_url="https://shop.example/account")
    page = (await stripe.visit(session["url"])).body.decode()
    for words in ("ada@example.com", "Tea", "$20.00 per month", "Visa ending in 4242", "https://shop.example/account"):
        assert words in page
    form = {"subscription": begun["id"]}
    assert (await stripe.visit(session["url"], {**form, "act": "cancel"})).header("location") == session["url"]
    assert (await stripe.get(f"subscriptions/{begun['id']}"))["cancel_at_period_end"]
    assert "Ends on" in (await stripe.visit(session["url"])).body.decode()
    await stripe.visit(session["url"], {**form, "act": "renew"})
    assert not (await stripe.get(f"subscriptions/{begun['id']}"))["cancel_at_period_end"]
    assert (await stripe.event_types())[-2:] == ["customer.subscription.updated"] * 2


async def test_an_end_at_once_and_the_way_back(stripe: Stripe) -> None:
    features = {"subscription_cancel": {"enabled": True, "mode": "immediately"}}
    rules = await stripe.post("billing_portal/configurations", features=features)
    customer = await payer(stripe)
    begun = await subscribed(stripe, customer, await price(stripe))
    session = await stripe.post(
        "billing_portal/sessions",
        customer=customer["id"],
        configuration=rules["id"],
        flow_data={
            "type": "subscription_cancel",
            "subscription_cancel": {"subscription": begun["id"]},
            "after_completion": {"type": "redirect", "redirect": {"return_url": "https://shop.example/bye"}},
        },
    )
    assert "Payment method" not in (await stripe.visit(session["url"])).body.decode()
    gone = await stripe.visit(session["url"], {"act": "cancel", "subscription": begun["id"]})
    assert gone.header("location") == "https://shop.example/bye"
    assert (await stripe.get(f"subscriptions/{begun['id']}"))["status"] == "canceled"
    assert "There are none" in (await stripe.visit(session["url"])).body.decode()


async def test_a_new_card(stripe: Stripe) -> None:
    customer, _, session = await _visit(stripe)
    refused = await stripe.visit(session["url"], {**paying("4000000000000002"), "act": "card"}, expect=402)
    assert "declined" in refused.body.decode()
    await stripe.visit(session["url"], {**CARD, "cardNumber": "5555555555554444", "act": "card"})
    assert "Mastercard ending in 4444" in (await stripe.visit(session["url"])).body.decode()
    key = (await stripe.get(f"customers/{customer['id']}"))["invoice_settings"]["default_payment_method"]
    assert (await stripe.get(f"payment_methods/{key}"))["card"]["last4"] == "4444"


async def test_what_is_not_possible(stripe: Stripe) -> None:
    _, _, session = await _visit(stripe)
    _, other, _ = await _visit(stripe)
    before = stripe.records()
    for form in ({"act": "cancel", "subscription": other["id"]}, {"act": "renew"}, {"act": "fly"}):
        assert 'role="alert"' in (await stripe.visit(session["url"], form, expect=400)).body.decode()
    assert stripe.records() == before
    assert (await stripe.visit(f"{session['url']}x", expect=404)).status == 404


async def test_a_link_ends(stripe: Stripe) -> None:
    _, begun, session = await _visit(stripe)
    assert isinstance(stripe.harness.clock, HeldClock)
    stripe.harness.clock.advance(3600)
    assert "no longer active" in (await stripe.visit(session["url"])).body.decode()
    form = {"act": "cancel", "subscription": begun["id"]}
    assert "no longer active" in (await stripe.visit(session["url"], form, expect=200)).body.decode()


async def test_a_login_page_mails_the_way_in(stripe: Stripe) -> None:
    rules = await stripe.post(
        "billing_portal/configurations", features={"invoice_history": {"enabled": True}}, login_page={"enabled": True}
    )
    await stripe.customer(email="ada@example.com")
    there = rules["login_page"]["url"]
    assert 'name="email"' in (await stripe.visit(there)).body.decode()
    store = await stripe.harness.store()
    for email in ("nobody@example.com", "ada@example.com"):
        answer = await stripe.visit(there, {"email": email}, expect=200)
        assert "Check your email" in answer.body.decode()
    (mail,) = await store.mailbox.mails(limit=10)
    assert "/p/session/bps_" in (mail["text"] or "")
    await stripe.post(f"billing_portal/configurations/{rules['id']}", login_page={"enabled": False})
    await stripe.visit(there, expect=404)
    await stripe.visit(there, {"email": "ada@example.com"}, expect=404)
