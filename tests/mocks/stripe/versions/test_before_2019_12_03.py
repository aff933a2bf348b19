"""Customers had ``tax_info``."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_it_was_there_until_that_day(stripe: Stripe) -> None:
    customer = await stripe.customer()
    path = f"customers/{customer['id']}"
    assert "tax_info" in await stripe.get(path, headers={"Stripe-Version": "2019-11-05"})
    assert "tax_info" not in await stripe.get(path, headers={"Stripe-Version": "2019-12-03"})
    await stripe.delete(path)
    assert "tax_info" not in await stripe.get(path, headers={"Stripe-Version": "2019-11-05"})
