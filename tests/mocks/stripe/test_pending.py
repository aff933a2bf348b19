"""What waits for a payment, and what becomes of it: https://docs.stripe.com/billing/subscriptions/pending-updates."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.test_pending_calls import failing, more
from tests.mocks.stripe.test_renewals import advanced, clocked


async def test_without_action_it_expires(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    _, made = await failing(stripe, test_clock=clock["id"])
    changed = await more(stripe, made)
    ends = changed["pending_update"]["expires_at"]
    await advanced(stripe, clock, ends - 1)
    assert (await stripe.get(f"subscriptions/{made['id']}"))["pending_update"] is not None
    await advanced(stripe, clock, ends)
    now = await stripe.get(f"subscriptions/{made['id']}")
    assert (now["pending_update"], now["quantity"], now["status"]) == (None, 1, "active")
    assert (await stripe.get(f"invoices/{changed['latest_invoice']}"))["status"] == "void"
    assert "customer.subscription.pending_update_expired" in await stripe.event_types()


async def test_the_end_of_the_period_comes_first(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    _, made = await failing(stripe, test_clock=clock["id"])
    end = made["items"]["data"][0]["current_period_end"]
    await advanced(stripe, clock, end - 3600)
    assert (await more(stripe, made, 300))["pending_update"]["expires_at"] == end
    await advanced(stripe, clock, end)
    now = await stripe.get(f"subscriptions/{made['id']}", expand=["latest_invoice"])
    assert (now["pending_update"], now["latest_invoice"]["billing_reason"]) == (None, "subscription_cycle")
    assert now["latest_invoice"]["total"] == 1000


async def test_it_is_canceled_with_its_invoice(stripe: Stripe) -> None:
    _, made = await failing(stripe)
    changed = await more(stripe, made)
    await stripe.post(f"invoices/{changed['latest_invoice']}/void")
    assert (await stripe.get(f"subscriptions/{made['id']}"))["pending_update"] is None
    assert "customer.subscription.pending_update_expired" not in await stripe.event_types()
