"""The first invoice was an update."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe


async def test_the_reason(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    path = f"invoices/{made['latest_invoice']}"
    old = await stripe.get(path, headers={"Stripe-Version": "2018-09-24"})
    new = await stripe.get(path, headers={"Stripe-Version": "2018-10-31"})
    assert (old["billing_reason"], new["billing_reason"]) == ("subscription_update", "subscription_create")
