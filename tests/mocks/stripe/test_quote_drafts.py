"""What a quote may and must not be asked for: https://docs.stripe.com/api/quotes/create."""

from __future__ import annotations

from tests.mocks.stripe.billing import opened, payer, price
from tests.mocks.stripe.client import Stripe


async def test_what_a_quote_must_not_be_asked_for(stripe: Stripe) -> None:
    customer = await payer(stripe)
    once, monthly = await price(stripe, 1000, None), await price(stripe, 1000)
    euros = await price(stripe, 1000, None, currency="eur")
    items = [{"price": once["id"]}, {"price": euros["id"]}]
    assert (await stripe.error("POST", "quotes", 400, line_items=items))["param"] == "line_items"
    fee = await stripe.error("POST", "quotes", 400, line_items=[{"price": monthly["id"]}], application_fee_amount=100)
    assert fee["param"] == "application_fee_amount"
    share = await stripe.error("POST", "quotes", 400, line_items=[{"price": once["id"]}], application_fee_percent=5)
    assert share["param"] == "application_fee_percent"
    assert (await stripe.error("POST", "quotes", 400, expires_at=customer["created"] - 1))["param"] == "expires_at"
    assert (await stripe.error("POST", "quotes", 400, customer="cus_none"))["code"] == "resource_missing"
    assert (await stripe.error("GET", "quotes/qt_none", 404))["code"] == "resource_missing"
    unpaid = await opened(stripe, await stripe.customer(), monthly)
    assert (await stripe.error("POST", f"quotes/{unpaid['id']}/accept", 400))["code"] == "resource_missing"
    assert (await stripe.get(f"quotes/{unpaid['id']}"))["status"] == "open"
