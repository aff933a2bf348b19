"""Lists were counted."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_counts(stripe: Stripe) -> None:
    made = await stripe.post("customers", card="tok_visa", headers={"Stripe-Version": "2014-03-13"})
    assert made["cards"]["count"] == 1
    assert (await stripe.get("customers", headers={"Stripe-Version": "2014-03-13"}))["count"] == 1
    assert "count" not in await stripe.get("customers", headers={"Stripe-Version": "2014-03-28"})
