"""Plans had names."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2018-01-23"}


async def test_a_plan_of_then(stripe: Stripe) -> None:
    asked = {"id": "tea", "name": "Tea", "currency": "usd", "amount": 500, "interval": "month"}
    made = await stripe.post("plans", statement_descriptor="TEA", headers=OLD, **asked)
    assert (made["name"], made["statement_descriptor"]) == ("Tea", "TEA")
    changed = await stripe.post("plans/tea", name="Black tea", headers=OLD)
    assert changed["name"] == "Black tea"
    today = await stripe.get("plans/tea")
    assert "name" not in today
    assert (await stripe.get(f"products/{today['product']}"))["name"] == "Black tea"
    assert (await stripe.post("plans", expect=400, **{**asked, "id": "more"}))["error"]["code"] == "parameter_unknown"
    assert await stripe.delete("plans/tea") == {"id": "tea", "object": "plan", "deleted": True}
