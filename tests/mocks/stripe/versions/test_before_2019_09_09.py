"""Accounts could do things without asking."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2019-08-14"}


async def test_capabilities(stripe: Stripe) -> None:
    made = await stripe.post("accounts", type="custom", headers=OLD)
    assert set(made["capabilities"]) == {"card_payments", "transfers"}
    asked = await stripe.post("accounts", type="custom", requested_capabilities=["transfers"], headers=OLD)
    assert set(asked["capabilities"]) == {"transfers"}
    assert (await stripe.post("accounts", type="custom"))["capabilities"] == {}
