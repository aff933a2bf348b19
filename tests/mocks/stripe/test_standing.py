"""Whether a customer owes: https://docs.stripe.com/billing/revenue-recovery/smart-retries."""

from __future__ import annotations

from pathlib import Path

from mocks.stripe.service import SERVICE
from tests.harness import Harness
from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.test_renewals import DAY, START, advanced, clocked


async def test_the_policy_says_how_often_and_what_at_last(tmp_path: Path) -> None:
    options = {"services": {"stripe": {"mode": "mock", "options": {"billing": {"retries": [1], "at_last": "unpaid"}}}}}
    harness = Harness(SERVICE, tmp_path, policy=options)
    stripe = Stripe(harness, tmp_path)
    clock = await clocked(stripe)
    customer = await payer(stripe, test_clock=clock["id"])
    made = await subscribed(stripe, customer, await price(stripe))
    bad = await stripe.post("payment_methods/pm_card_chargeCustomerFail/attach", customer=customer["id"])
    await stripe.post(f"subscriptions/{made['id']}", default_payment_method=bad["id"])
    await advanced(stripe, clock, START + 33 * DAY)
    late = await stripe.get(f"subscriptions/{made['id']}")
    invoice = await stripe.get(f"invoices/{late['latest_invoice']}")
    assert (late["status"], invoice["attempt_count"], invoice["status"]) == ("unpaid", 2, "open")
    await stripe.post(f"invoices/{invoice['id']}/pay", payment_method="pm_card_visa")
    assert (await stripe.get(f"subscriptions/{made['id']}"))["status"] == "active"
    await harness.close()


async def test_an_earlier_invoice_does_not_make_up_for_the_latest(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    customer = await payer(stripe, test_clock=clock["id"])
    daily = await price(stripe, interval="day")
    made = await subscribed(stripe, customer, daily)
    bad = await stripe.post("payment_methods/pm_card_chargeCustomerFail/attach", customer=customer["id"])
    await stripe.post(f"subscriptions/{made['id']}", default_payment_method=bad["id"])
    await advanced(stripe, clock, START + 2 * DAY + 3600)
    latest, earlier = (await stripe.get("invoices", subscription=made["id"], status="open"))["data"]
    await stripe.post(f"invoices/{earlier['id']}/pay", payment_method="pm_card_visa")
    assert (await stripe.get(f"subscriptions/{made['id']}"))["status"] == "past_due"
    await stripe.post(f"invoices/{latest['id']}/pay", payment_method="pm_card_visa")
    assert (await stripe.get(f"subscriptions/{made['id']}"))["status"] == "active"
