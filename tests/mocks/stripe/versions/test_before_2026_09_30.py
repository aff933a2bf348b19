"""The anchor of a billing cycle was a word."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe


async def test_now_was_a_word(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    stripe.wait(3600)
    path = f"subscriptions/{made['id']}"
    old = {"Stripe-Version": "2026-08-26.dahlia"}
    moved = await stripe.post(path, billing_cycle_anchor="now", headers=old)
    assert moved["billing_cycle_anchor"] == made["billing_cycle_anchor"] + 3600
    error = await stripe.error("POST", path, 400, billing_cycle_anchor="now")
    assert error["param"] == "billing_cycle_anchor"
    stripe.wait(60)
    again = await stripe.post(path, billing_cycle_anchor={"type": "now"})
    assert again["billing_cycle_anchor"] == moved["billing_cycle_anchor"] + 60


async def test_a_time_has_a_hash_of_its_own(stripe: Stripe) -> None:
    headers = {"Stripe-Version": "2026-08-26.dahlia"}
    customer, monthly = await payer(stripe), await price(stripe)
    details = {"items": [{"price": monthly["id"]}], "billing_cycle_anchor": customer["created"] + 5 * 86_400}
    asked = {"customer": customer["id"], "subscription_details": details}
    await stripe.post("invoices/create_preview", headers=headers, **asked)
    await stripe.post("invoices/create_preview", expect=400, **asked)
