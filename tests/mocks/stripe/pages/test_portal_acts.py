"""What a customer does in the billing portal."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clocks import HeldClock
from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.pages.test_checkout import CARD
from tests.mocks.stripe.pages.test_portal_views import configured

DAY = 86_400


async def _visit(stripe: Stripe, flow: Any = None, **features: Any) -> tuple[Any, Any, Any, Any]:
    """A customer with a subscription to tea, another plan, and a visit; half a month later."""
    tea, cake = await price(stripe), await price(stripe, 3000, product_data={"name": "Cake"})
    rules = await configured(stripe, tea, cake, **features)
    customer = await payer(stripe, email="ada@example.com")
    begun = await subscribed(stripe, customer, tea)
    assert isinstance(stripe.harness.clock, HeldClock)
    stripe.harness.clock.advance(10 * DAY)
    asked = {"flow_data": flow(begun, cake)} if flow else {}
    session = await stripe.post("billing_portal/sessions", customer=customer["id"], configuration=rules["id"], **asked)
    return customer, begun, cake, session


async def test_a_plan_is_changed_for_what_was_shown(stripe: Stripe) -> None:
    _, begun, cake, session = await _visit(stripe)
    there = f"{session['url']}?view=update&subscription={begun['id']}"
    form = {"subscription": begun["id"], "price": cake["id"], "quantity": "2"}
    before = stripe.records()
    shown = (await stripe.visit(there, {**form, "act": "preview"}, expect=200)).body.decode()
    assert stripe.records() == before
    assert f'name="price" value="{cake["id"]}"' in shown
    await stripe.visit(there, {**form, "act": "update"})
    found = await stripe.get(f"subscriptions/{begun['id']}", expand=["latest_invoice"])
    (item,) = found["items"]["data"]
    assert (item["price"]["id"], item["quantity"]) == (cake["id"], 2)
    due = found["latest_invoice"]["amount_due"]
    assert f'<span id="due">${due / 100:.2f}</span>' in shown
    assert found["latest_invoice"]["status"] == "paid"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"price": "price_none"}, "plan is not on offer"),
        ({"quantity": "0"}, "quantity is not on offer"),
        ({"promotionCode": "NONE"}, "code is invalid"),
        ({}, "Nothing was changed"),
    ],
)
async def test_changes_that_are_not_on_offer(stripe: Stripe, form: Any, words: str) -> None:
    _, begun, _, session = await _visit(stripe)
    before = stripe.records()
    for act in ("preview", "update"):
        refused = await stripe.visit(
            f"{session['url']}?view=update&subscription={begun['id']}",
            {"subscription": begun["id"], "act": act, **form},
            expect=400,
        )
        assert words in refused.body.decode()
    assert stripe.records() == before


async def test_a_change_that_cannot_be_paid_is_not_made(stripe: Stripe) -> None:
    customer, begun, cake, session = await _visit(stripe)
    bad = await stripe.post("payment_methods/pm_card_chargeCustomerFail/attach", customer=customer["id"])
    await stripe.post(f"customers/{customer['id']}", invoice_settings={"default_payment_method": bad["id"]})
    before = stripe.records()
    form = {"subscription": begun["id"], "price": cake["id"], "act": "update"}
    refused = await stripe.visit(f"{session['url']}?view=update&subscription={begun['id']}", form, expect=402)
    assert "declined" in refused.body.decode()
    assert stripe.records() == before


async def test_a_reason_is_kept(stripe: Stripe) -> None:
    reasons = {"enabled": True, "options": ["too_expensive"]}
    _, begun, _, session = await _visit(stripe, subscription_cancel={"enabled": True, "cancellation_reason": reasons})
    form = {"subscription": begun["id"], "act": "cancel", "feedback": "too_expensive", "comment": "Sorry"}
    await stripe.visit(session["url"], form)
    found = await stripe.get(f"subscriptions/{begun['id']}")
    assert found["cancel_at_period_end"] is True
    details = found["cancellation_details"]
    assert details == {"comment": "Sorry", "feedback": "too_expensive", "reason": "cancellation_requested"}


async def test_a_change_that_only_has_to_be_confirmed(stripe: Stripe) -> None:
    def flow(begun: Any, cake: Any) -> Any:
        items = [{"id": begun["items"]["data"][0]["id"], "price": cake["id"]}]
        return {
            "type": "subscription_update_confirm",
            "subscription_update_confirm": {"subscription": begun["id"], "items": items},
            "after_completion": {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": "Enjoy."}},
        }

    _, begun, cake, session = await _visit(stripe, flow)
    assert "Confirm your updates" in (await stripe.visit(session["url"])).body.decode()
    done = (await stripe.visit(session["url"], {"act": "update", "subscription": begun["id"]})).header("location") or ""
    assert "Enjoy." in (await stripe.visit(done)).body.decode()
    (item,) = (await stripe.get(f"subscriptions/{begun['id']}"))["items"]["data"]
    assert item["price"]["id"] == cake["id"]


async def test_who_stays_takes_the_offer(stripe: Stripe) -> None:
    coupon = await stripe.post("coupons", percent_off=50, duration="once")

    def flow(begun: Any, cake: Any) -> Any:
        retention = {"type": "coupon_offer", "coupon_offer": {"coupon": coupon["id"]}}
        return {
            "type": "subscription_cancel",
            "subscription_cancel": {"subscription": begun["id"], "retention": retention},
        }

    _, begun, _, session = await _visit(stripe, flow, subscription_cancel={"enabled": True})
    assert 'id="stay"' in (await stripe.visit(session["url"])).body.decode()
    await stripe.visit(session["url"], {"act": "stay", "subscription": begun["id"]})
    found = await stripe.get(f"subscriptions/{begun['id']}", expand=["discounts"])
    assert found["discounts"][0]["source"]["coupon"] == coupon["id"]
    assert found["cancel_at_period_end"] is False
    assert "Payment method" not in (await stripe.visit(session["url"])).body.decode()


async def test_a_customer_changes_what_is_allowed(stripe: Stripe) -> None:
    rule = {"enabled": True, "allowed_updates": ["email", "address"]}
    customer, _, _, session = await _visit(stripe, customer_update=rule)
    form = {"act": "customer", "email": "new@example.com", "name": "No", "address.line1": "1 Main St",
            "address.country": "US"}  # fmt: skip
    await stripe.visit(session["url"], form)
    found = await stripe.get(f"customers/{customer['id']}")
    assert (found["email"], found["name"], found["address"]["line1"]) == ("new@example.com", None, "1 Main St")


async def test_cards_are_chosen_and_removed(stripe: Stripe) -> None:
    customer, _, _, session = await _visit(stripe, payment_method_update={"enabled": True})
    first = customer["invoice_settings"]["default_payment_method"]
    await stripe.visit(session["url"], {**CARD, "cardNumber": "5555555555554444", "act": "card"})
    assert f'id="default-{first}"' in (await stripe.visit(session["url"])).body.decode()
    await stripe.visit(session["url"], {"act": "default", "method": first})
    found = await stripe.get(f"customers/{customer['id']}")
    assert found["invoice_settings"]["default_payment_method"] == first
    await stripe.visit(session["url"], {"act": "remove", "method": first})
    assert (await stripe.get(f"payment_methods/{first}"))["customer"] is None
    await stripe.visit(session["url"], {"act": "remove", "method": first}, expect=400)
