"""A customer's VAT number."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_nobody_has_one(stripe: Stripe) -> None:
    made = await stripe.post("customers", headers={"Stripe-Version": "2018-07-27"})
    assert made["business_vat_id"] is None
    assert "business_vat_id" not in await stripe.get(
        f"customers/{made['id']}", headers={"Stripe-Version": "2018-08-23"}
    )
