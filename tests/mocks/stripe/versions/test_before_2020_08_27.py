"""Customers came with their lists; taxes and prorations had other words."""

from __future__ import annotations

from typing import Any

from mocks.stripe.versions.before_2020_08_27 import SENT, phases, three_d_secure
from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2020-03-02"}


async def test_sources_subscriptions_and_tax_ids(stripe: Stripe) -> None:
    made = await stripe.post("customers", headers={"Stripe-Version": "2020-03-02"}, source="tok_visa")
    assert [card["id"] for card in made["sources"]["data"]] == [made["default_source"]]
    assert made["subscriptions"]["url"] == f"/v1/customers/{made['id']}/subscriptions"
    assert made["tax_ids"]["data"] == []
    assert "sources" not in await stripe.get(f"customers/{made['id']}", headers={"Stripe-Version": "2020-08-27"})
    await stripe.delete(f"customers/{made['id']}")
    assert "sources" not in await stripe.get(f"customers/{made['id']}", headers={"Stripe-Version": "2020-03-02"})


async def test_taxes_were_a_percentage(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe), headers=OLD, prorate=False)
    assert made["tax_percent"] is None
    assert (await stripe.get(f"invoices/{made['latest_invoice']}", headers=OLD))["tax_percent"] is None
    assert "tax_percent" not in await stripe.get(f"subscriptions/{made['id']}")


def test_prorate_is_a_behaviour() -> None:
    change = SENT["subscriptions.update"]
    assert change([(("prorate",), "false"), (("quantity",), "2")]) == [
        (("proration_behavior",), "none"),
        (("quantity",), "2"),
    ]
    plans = SENT["subscription_schedules.create"]
    assert plans([(("phases", "0", "plans", "0", "plan"), "tea")]) == [(("phases", "0", "items", "0", "plan"), "tea")]


async def test_three_d_secure_told_by_truths() -> None:
    call: Any = None
    told = {"card": {"three_d_secure": {"result": "authenticated"}}}
    shown = await three_d_secure(call, {"object": "charge", "payment_method_details": told})
    secure = shown["payment_method_details"]["card"]["three_d_secure"]
    assert secure == {"result": "authenticated", "authenticated": True, "succeeded": True}
    assert await three_d_secure(call, shown) is shown


async def test_phases_had_plans() -> None:
    call: Any = None
    shown = await phases(call, {"object": "subscription_schedule", "phases": [{"items": [1], "end_date": 2}]})
    assert shown["phases"] == [{"plans": [1], "end_date": 2}]
    assert await phases(call, shown) is shown
