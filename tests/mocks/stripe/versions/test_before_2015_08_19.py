"""Lines of the balance named the charge."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2015-08-07"}


async def test_a_refund_s_line(stripe: Stripe) -> None:
    charge = await stripe.post("charges", amount=500, currency="usd", source="tok_visa")
    refund = await stripe.post("refunds", charge=charge["id"])
    path = f"balance_transactions/{refund['balance_transaction']}"
    assert (await stripe.get(path, headers=OLD))["source"] == charge["id"]
    assert (await stripe.get(path))["source"] == refund["id"]
    paid = await stripe.get(f"balance_transactions/{charge['balance_transaction']}", headers=OLD)
    assert paid["source"] == charge["id"]
