"""Customers had ``account_balance``."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_it_was_there_until_that_day(stripe: Stripe) -> None:
    customer = await stripe.customer()
    path = f"customers/{customer['id']}"
    assert "account_balance" in await stripe.get(path, headers={"Stripe-Version": "2019-10-08"})
    assert "account_balance" not in await stripe.get(path, headers={"Stripe-Version": "2019-10-17"})
    await stripe.delete(path)
    assert "account_balance" not in await stripe.get(path, headers={"Stripe-Version": "2019-10-08"})
