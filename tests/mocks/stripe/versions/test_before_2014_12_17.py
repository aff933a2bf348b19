"""Statements were described."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2014-12-08"}


async def test_a_charge_s_description(stripe: Stripe) -> None:
    asked = {"amount": 500, "currency": "usd", "card": "tok_visa", "statement_description": "TEA AND MORE"}
    made = await stripe.post("charges", headers=OLD, **asked)
    assert made["statement_description"] == "TEA AND MORE"
    assert "statement_descriptor" not in made
    assert (await stripe.get(f"charges/{made['id']}"))["statement_descriptor"] == "TEA AND MORE"
