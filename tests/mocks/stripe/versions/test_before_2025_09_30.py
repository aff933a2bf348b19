"""Promotion codes and discounts held their coupon."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_a_promotion_code_held_its_coupon(stripe: Stripe) -> None:
    await stripe.post("coupons", id="TEN", percent_off=10)
    made = await stripe.post("promotion_codes", promotion={"type": "coupon", "coupon": "TEN"})
    assert "coupon" not in made
    headers = {"Stripe-Version": "2025-08-27.basil"}
    assert (await stripe.get(f"promotion_codes/{made['id']}", headers=headers))["coupon"]["percent_off"] == 10.0
    await stripe.delete("coupons/TEN")
    gone = await stripe.get(f"promotion_codes/{made['id']}", headers=headers)
    assert gone["coupon"] == {"id": "TEN", "object": "coupon", "deleted": True}
