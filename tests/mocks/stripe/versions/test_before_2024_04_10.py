"""Products had features, invoices rendering options."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2023-10-16"}


async def test_features_both_ways(stripe: Stripe) -> None:
    made = await stripe.post("products", headers=OLD, name="Tea", features=[{"name": "hot"}])
    assert (made["features"], "marketing_features" in made) == ([{"name": "hot"}], False)
    assert (await stripe.get(f"products/{made['id']}"))["marketing_features"] == [{"name": "hot"}]


async def test_rendering_options(stripe: Stripe) -> None:
    customer = await stripe.customer()
    shown = {"amount_tax_display": "include_inclusive_tax"}
    made = await stripe.post("invoices", headers=OLD, customer=customer["id"], rendering_options=shown)
    assert "rendering_options" in made
    assert "rendering_options" not in await stripe.get(f"invoices/{made['id']}")
