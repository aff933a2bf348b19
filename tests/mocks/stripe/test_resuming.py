"""How a paused subscription goes on: https://docs.stripe.com/api/subscriptions/resume."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.billing import price, subscribed
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.test_renewals import DAY, START, advanced, clocked, types_after

PAUSE = {"end_behavior": {"missing_payment_method": "pause"}}


async def paused(stripe: Stripe, method: str = "pm_card_visa") -> tuple[Any, Any]:
    """A clock, and a subscription that its trial has paused; its customer has a payment method by now."""
    clock = await clocked(stripe)
    customer = await stripe.customer(test_clock=clock["id"])
    made = await subscribed(stripe, customer, await price(stripe), trial_period_days=5, trial_settings=PAUSE)
    await advanced(stripe, clock, START + 6 * DAY)
    attached = await stripe.post(f"payment_methods/{method}/attach", customer=customer["id"])
    await stripe.post(f"customers/{customer['id']}", invoice_settings={"default_payment_method": attached["id"]})
    return clock, await stripe.get(f"subscriptions/{made['id']}")


async def resume(stripe: Stripe, subscription: Any, expect: int = 200, **asked: Any) -> Any:
    return await stripe.post(f"subscriptions/{subscription['id']}/resume", expect=expect, **asked)


async def test_its_invoice_is_paid_and_it_goes_on_from_now(stripe: Stripe) -> None:
    clock, old = await paused(stripe)
    assert old["status"] == "paused"
    about = {"subscription": old["id"], "subscription_details": {"resume_at": "now"}}
    foretold = await stripe.post("invoices/create_preview", **about)
    assert (foretold["total"], foretold["period_end"]) == (2000, START + 6 * DAY)
    before = len(await stripe.event_types())
    asked = await resume(stripe, old)
    assert (asked["status"], asked["billing_cycle_anchor"]) == ("paused", START + 6 * DAY)
    assert await types_after(stripe, before) == ["invoice.created", "invoice.finalized"]
    await stripe.post(f"invoices/{asked['latest_invoice']}/pay")
    now = await stripe.get(f"subscriptions/{old['id']}")
    assert now["status"] == "active"
    (event,) = (await stripe.get("events", type="customer.subscription.resumed"))["data"]
    assert event["data"]["previous_attributes"] == {"status": "paused"}
    await advanced(stripe, clock, now["items"]["data"][0]["current_period_end"] + 3600)
    found = (await stripe.get("invoices", subscription=old["id"]))["data"]
    assert [each["total"] for each in found] == [2000, 2000, 0]
    assert found[0]["status"] == "paid"


async def test_collected_at_once_where_that_is_asked_for(stripe: Stripe) -> None:
    _, old = await paused(stripe)
    done = await resume(stripe, old, payment_behavior="resume_on_payment_success")
    assert done["status"] == "active"
    refused = (await resume(stripe, done, expect=400))["error"]
    assert refused["message"] == "Only a subscription that is paused can be resumed; this one is active."


async def test_an_attempt_that_fails(stripe: Stripe) -> None:
    _, old = await paused(stripe, "pm_card_chargeCustomerFail")
    kept = await resume(stripe, old, payment_behavior="resume_on_payment_success")
    assert kept["status"] == "paused"
    await stripe.post(f"invoices/{kept['latest_invoice']}/pay", expect=402)
    assert (await stripe.get(f"subscriptions/{old['id']}"))["status"] == "paused"
    again = await resume(stripe, old)
    await stripe.post(f"invoices/{again['latest_invoice']}/pay", expect=402)
    assert (await stripe.get(f"subscriptions/{old['id']}"))["status"] == "past_due"


async def test_nobody_tries_for_a_day(stripe: Stripe) -> None:
    clock, old = await paused(stripe)
    asked = await resume(stripe, old)
    await advanced(stripe, clock, START + 7 * DAY)
    assert (await stripe.get(f"invoices/{asked['latest_invoice']}"))["status"] == "void"
    assert (await stripe.get(f"subscriptions/{old['id']}"))["status"] == "paused"
    again = await resume(stripe, old)
    await stripe.post(f"invoices/{again['latest_invoice']}/mark_uncollectible")
    assert (await stripe.get(f"subscriptions/{old['id']}"))["status"] == "active"


async def test_within_its_cycle_the_rest_of_the_period_is_asked_for(stripe: Stripe) -> None:
    clock, old = await paused(stripe)
    await advanced(stripe, clock, START + 5 * DAY + 46 * DAY)
    done = await resume(stripe, old, billing_cycle_anchor={"type": "unchanged"})
    item = done["items"]["data"][0]
    assert (done["status"], done["billing_cycle_anchor"]) == ("active", old["billing_cycle_anchor"])
    assert item["current_period_start"] <= START + 51 * DAY < item["current_period_end"]
    (waits,) = (await stripe.get("invoiceitems", customer=old["customer"]))["data"]
    assert (waits["proration"], 0 < waits["amount"] < 2000) == (True, True)
    assert waits["description"].startswith("Remaining time on Tea after")


async def test_the_rest_can_be_invoiced_at_once_and_what_is_sent_is_not_resumed(stripe: Stripe) -> None:
    _, old = await paused(stripe)
    sent = await stripe.post(f"subscriptions/{old['id']}", collection_method="send_invoice", days_until_due=3)
    assert sent["status"] == "paused"
    await resume(stripe, old, expect=400)
    await stripe.post(f"subscriptions/{old['id']}", collection_method="charge_automatically")
    asked = await resume(stripe, old, billing_cycle_anchor={"type": "unchanged"}, proration_behavior="always_invoice")
    assert asked["status"] == "paused"
    await stripe.post(f"invoices/{asked['latest_invoice']}/pay")
    assert (await stripe.get(f"subscriptions/{old['id']}"))["status"] == "active"
