"""Customers had ``default_currency``."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_it_was_there_until_that_day(stripe: Stripe) -> None:
    customer = await stripe.customer()
    path = f"customers/{customer['id']}"
    assert "default_currency" in await stripe.get(path, headers={"Stripe-Version": "2020-08-27"})
    assert "default_currency" not in await stripe.get(path, headers={"Stripe-Version": "2022-08-01"})
    await stripe.delete(path)
    assert "default_currency" not in await stripe.get(path, headers={"Stripe-Version": "2020-08-27"})
