"""Refunds were an array."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2014-06-13"}


async def test_a_charge_s_refunds(stripe: Stripe) -> None:
    made = await stripe.post("charges", amount=500, currency="usd", card="tok_visa", headers=OLD)
    assert made["refunds"] == []
    shown = await stripe.post(f"charges/{made['id']}/refund", headers=OLD)
    assert [each["amount"] for each in shown["refunds"]] == [500]
