"""The receipt of a charge."""

from __future__ import annotations

from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


async def test_a_receipt_tells_of_refunds(stripe: Stripe) -> None:
    charge = await stripe.post("charges", amount=2000, currency="usd", source="tok_visa", description="A <b>cup</b>")
    page = (await stripe.visit(charge["receipt_url"])).body.decode()
    assert "A &lt;b&gt;cup&lt;/b&gt;" in page
    assert "Visa - 4242" in page
    assert "Refunded" not in page
    await stripe.post("refunds", charge=charge["id"], amount=500)
    assert "Refunded" in (await stripe.visit(charge["receipt_url"])).body.decode()


async def test_a_receipt_of_a_connected_account(stripe: Stripe) -> None:
    there = connect.on((await connect.account(stripe))["id"])
    charge = await stripe.post("charges", amount=2000, currency="usd", source="tok_visa", headers=there)
    assert "$20.00" in (await stripe.visit(charge["receipt_url"])).body.decode()
    await stripe.visit(charge["receipt_url"].partition("?")[0], expect=404)


async def test_what_was_not_paid_has_no_receipt(stripe: Stripe) -> None:
    refused = await stripe.error("POST", "charges", 402, amount=2000, currency="usd", source="tok_chargeDeclined")
    address = f"http://localhost/e/pr-1/stripe/receipts/payment/{refused['charge']}"
    await stripe.visit(address, expect=404)
