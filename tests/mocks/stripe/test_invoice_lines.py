"""Lines of invoices, and what they add up to."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe


async def test_a_line_says_what_is_paid_for(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    invoice = await stripe.get(f"invoices/{made['latest_invoice']}")
    (line,) = invoice["lines"]["data"]
    item = made["items"]["data"][0]
    assert line["description"] == "1 × Tea (at $20.00 / month)"  # noqa: RUF001 - Stripe's own sign
    assert line["period"] == {"end": item["current_period_end"], "start": item["current_period_start"]}
    assert line["parent"]["subscription_item_details"]["subscription_item"] == item["id"]
    assert (line["amount"], line["quantity"], line["pricing"]["price_details"]["price"]) == (
        2000,
        1,
        item["price"]["id"],
    )
    assert invoice["parent"]["subscription_details"]["subscription"] == made["id"]


async def test_longer_periods_are_said(stripe: Stripe) -> None:
    quarterly = await price(stripe, recurring={"interval": "month", "interval_count": 3})
    made = await subscribed(stripe, await payer(stripe), quarterly)
    (line,) = (await stripe.get(f"invoices/{made['latest_invoice']}"))["lines"]["data"]
    assert line["description"].endswith("(at $20.00 every 3 months)")


async def test_a_balance_counts(stripe: Stripe) -> None:
    customer = await payer(stripe, balance=-500)
    await stripe.post("invoiceitems", customer=customer["id"], amount=1500, currency="usd")
    draft = await stripe.post("invoices", customer=customer["id"], pending_invoice_items_behavior="include")
    assert (draft["total"], draft["amount_due"], draft["starting_balance"]) == (1500, 1000, -500)
