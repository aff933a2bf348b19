"""One customer, one subscription."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2013-12-03"}


async def test_the_subscription(stripe: Stripe) -> None:
    customer = await payer(stripe)
    assert (await stripe.get(f"customers/{customer['id']}", headers=OLD))["subscription"] is None
    made = await subscribed(stripe, customer, await price(stripe))
    shown = await stripe.get(f"customers/{customer['id']}", headers=OLD)
    assert shown["subscription"]["id"] == made["id"]
    assert "subscriptions" not in shown
