"""Brands were types."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_a_card_s_type(stripe: Stripe) -> None:
    made = await stripe.post("customers", card="tok_visa", headers={"Stripe-Version": "2014-05-19"})
    [card] = made["cards"]["data"]
    assert card["type"] == "Visa"
    assert "brand" not in card
