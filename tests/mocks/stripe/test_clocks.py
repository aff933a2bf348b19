"""Whose time a call is in, and what is to happen when."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.test_renewals import DAY, START, advanced, clocked


async def test_what_belongs_to_a_clock_is_in_its_time(stripe: Stripe) -> None:
    clock = await clocked(stripe, START + 400 * DAY)
    customer = await payer(stripe, test_clock=clock["id"])
    made = await subscribed(stripe, customer, await price(stripe))
    item = await stripe.post("invoiceitems", customer=customer["id"], amount=500, currency="usd")
    invoice = await stripe.post("invoices", customer=customer["id"], pending_invoice_items_behavior="include")
    done = await stripe.post(f"invoices/{invoice['id']}/finalize")
    ended = await stripe.delete(f"subscriptions/{made['id']}")
    times = {made["created"], item["date"], invoice["created"], done["effective_at"], ended["ended_at"]}
    assert times == {START + 400 * DAY}
    assert (await stripe.customer())["created"] < START + DAY


async def test_two_clocks_do_not_know_each_other(stripe: Stripe) -> None:
    clocks = [await clocked(stripe), await clocked(stripe)]
    monthly = await price(stripe)
    found = [await subscribed(stripe, await payer(stripe, test_clock=clock["id"]), monthly) for clock in clocks]
    await advanced(stripe, clocks[0], START + 40 * DAY)
    counts = [len((await stripe.get("invoices", subscription=each["id"]))["data"]) for each in found]
    assert counts == [2, 1]
