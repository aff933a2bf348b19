"""Customers had cards."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2015-02-16"}


async def test_cards_and_charges(stripe: Stripe) -> None:
    customer = await stripe.post("customers", card="tok_visa", headers=OLD)
    [card] = customer["cards"]["data"]
    assert customer["default_card"] == customer["default_source"] == card["id"]
    assert customer["cards"]["url"] == f"/v1/customers/{customer['id']}/cards"
    other = await stripe.post(f"customers/{customer['id']}/cards", card="tok_mastercard", headers=OLD)
    charge = await stripe.post(
        "charges", amount=500, currency="usd", customer=customer["id"], card=other["id"], headers=OLD
    )
    assert charge["card"]["id"] == charge["source"]["id"] == other["id"]
    assert "card" not in await stripe.get(f"charges/{charge['id']}")
    await stripe.delete(f"customers/{customer['id']}")
    assert "cards" not in await stripe.get(f"customers/{customer['id']}", headers=OLD)
