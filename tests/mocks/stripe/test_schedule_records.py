"""How schedules end with their subscription."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe


async def test_a_schedule_ends_with_its_subscription(stripe: Stripe) -> None:
    begun = await subscribed(stripe, await payer(stripe), await price(stripe))
    made = await stripe.post("subscription_schedules", from_subscription=begun["id"])
    await stripe.delete(f"subscriptions/{begun['id']}")
    found = await stripe.get(f"subscription_schedules/{made['id']}")
    assert (found["status"], found["current_phase"]) == ("canceled", None)
    types = await stripe.event_types()
    assert types[-2:] == ["customer.subscription.deleted", "subscription_schedule.canceled"]
