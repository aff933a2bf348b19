"""What waits is invoiced between renewals: ``pending_invoice_item_interval``."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.test_renewals import DAY, START, advanced, clocked

WEEKLY = {"interval": "week"}
REASON = "automatic_pending_invoice_item_invoice"


async def test_what_waits_is_invoiced_each_week(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    customer = await payer(stripe, test_clock=clock["id"])
    made = await subscribed(stripe, customer, await price(stripe), pending_invoice_item_interval=WEEKLY)
    assert made["next_pending_invoice_item_invoice"] == START + 7 * DAY
    await stripe.post("invoiceitems", customer=customer["id"], amount=300, currency="usd", description="Milk")
    await advanced(stripe, clock, START + 7 * DAY)
    now = await stripe.get(f"subscriptions/{made['id']}")
    draft = await stripe.get(f"invoices/{now['latest_invoice']}")
    assert now["next_pending_invoice_item_invoice"] == START + 14 * DAY
    assert (draft["status"], draft["total"], draft["billing_reason"]) == ("draft", 300, REASON)
    await advanced(stripe, clock, START + 14 * DAY)
    paid = await stripe.get(f"invoices/{draft['id']}")
    assert (paid["status"], paid["amount_paid"]) == ("paid", 300)
    assert len((await stripe.get("invoices", subscription=made["id"]))["data"]) == 2, "nothing waited"
    await advanced(stripe, clock, START + 40 * DAY)
    totals = [each["total"] for each in (await stripe.get("invoices", subscription=made["id"]))["data"]]
    assert totals == [2000, 300, 2000]


async def test_an_interval_comes_and_goes(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    customer = await payer(stripe, test_clock=clock["id"])
    made = await subscribed(stripe, customer, await price(stripe))
    assert made["next_pending_invoice_item_invoice"] is None
    two = {"interval": "day", "interval_count": 2}
    set_ = await stripe.post(f"subscriptions/{made['id']}", pending_invoice_item_interval=two)
    assert set_["next_pending_invoice_item_invoice"] == START + 2 * DAY
    unset = await stripe.post(f"subscriptions/{made['id']}", pending_invoice_item_interval="")
    assert unset["next_pending_invoice_item_invoice"] is None
