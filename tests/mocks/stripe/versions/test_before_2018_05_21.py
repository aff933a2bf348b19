"""Plans gave trials, and lines were known by their subscription."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer
from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2018-02-28"}


async def test_a_plan_s_trial(stripe: Stripe) -> None:
    product = await stripe.post("products", name="Tea")
    asked = {"currency": "usd", "amount": 500, "interval": "month", "product": product["id"], "trial_period_days": 7}
    plan = await stripe.post("plans", **asked)
    customer = await payer(stripe)
    made = await stripe.post("subscriptions", customer=customer["id"], plan=plan["id"], headers=OLD)
    assert made["status"] == "trialing"
    at_once = await stripe.post(
        "subscriptions", customer=customer["id"], plan=plan["id"], trial_period_days=0, headers=OLD
    )
    assert at_once["status"] == "active"
    [line] = (await stripe.get(f"invoices/{at_once['latest_invoice']}", headers=OLD))["lines"]["data"]
    assert line["id"] == at_once["id"]
