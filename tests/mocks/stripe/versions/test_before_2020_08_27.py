"""Customers came with their lists."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_sources_subscriptions_and_tax_ids(stripe: Stripe) -> None:
    made = await stripe.post("customers", headers={"Stripe-Version": "2020-03-02"}, source="tok_visa")
    assert [card["id"] for card in made["sources"]["data"]] == [made["default_source"]]
    assert made["subscriptions"]["url"] == f"/v1/customers/{made['id']}/subscriptions"
    assert made["tax_ids"]["data"] == []
    assert "sources" not in await stripe.get(f"customers/{made['id']}", headers={"Stripe-Version": "2020-08-27"})
    await stripe.delete(f"customers/{made['id']}")
    assert "sources" not in await stripe.get(f"customers/{made['id']}", headers={"Stripe-Version": "2020-03-02"})
