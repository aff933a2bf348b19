"""How subscriptions end: https://docs.stripe.com/api/subscriptions/cancel."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe


async def test_a_canceled_one_stays_and_is_over(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    path = f"subscriptions/{made['id']}"
    gone = await stripe.delete(path, cancellation_details={"comment": "Too dear", "feedback": "too_expensive"})
    assert (gone["status"], gone["ended_at"]) == ("canceled", gone["canceled_at"])
    assert gone["cancellation_details"] == {
        "comment": "Too dear",
        "feedback": "too_expensive",
        "reason": "cancellation_requested",
    }
    assert await stripe.get(path) == gone
    assert (await stripe.error("DELETE", path, 404))["code"] == "resource_missing"
    assert "canceled subscription" in (await stripe.error("POST", path, 400, description="x"))["message"]
    assert (await stripe.post(path, metadata={"a": "b"}))["metadata"] == {"a": "b"}
    assert (await stripe.event_types()).count("customer.subscription.deleted") == 1


async def test_an_incomplete_one_expires(stripe: Stripe) -> None:
    waiting = await subscribed(
        stripe, await stripe.customer(), await price(stripe), payment_behavior="default_incomplete"
    )
    assert (await stripe.delete(f"subscriptions/{waiting['id']}"))["status"] == "incomplete_expired"


async def test_a_deleted_customer_has_none(stripe: Stripe) -> None:
    customer = await payer(stripe)
    made = await subscribed(stripe, customer, await price(stripe))
    await stripe.delete(f"customers/{customer['id']}")
    assert (await stripe.get(f"subscriptions/{made['id']}"))["status"] == "canceled"
