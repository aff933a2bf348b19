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


async def test_a_percentage_is_a_rate(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe), headers=OLD, tax_percent=19)
    assert (made["tax_percent"], made["default_tax_rates"]) == (19, [])
    [rate] = (await stripe.get(f"subscriptions/{made['id']}"))["default_tax_rates"]
    assert rate["percentage"] == 19
    none = await stripe.post(f"subscriptions/{made['id']}", tax_percent="", headers=OLD)
    assert none["tax_percent"] is None
    refused = await stripe.post(f"subscriptions/{made['id']}", tax_percent="much", headers=OLD, expect=400)
    assert refused["error"]["param"] == "tax_percent"
    unknown = await stripe.post(f"subscriptions/{made['id']}", tax_percent=1, expect=400)
    assert unknown["error"]["code"] == "parameter_unknown"


async def test_what_a_session_sells(stripe: Stripe) -> None:
    asked = {"success_url": "https://a.example/ok", "payment_method_types": ["card"], "headers": OLD}
    sold = {"amount": 500, "currency": "usd", "name": "Tea", "quantity": 2}
    made = await stripe.post("checkout/sessions", mode="payment", line_items=[sold], **asked)
    [shown] = made["display_items"]
    assert (shown["type"], shown["amount"], shown["quantity"], shown["custom"]["name"]) == ("custom", 500, 2, "Tea")
    plan = await price(stripe)
    lines = [{"price": plan["id"], "quantity": 1}]
    made = await stripe.post("checkout/sessions", mode="subscription", line_items=lines, **asked)
    assert [each["plan"]["id"] for each in made["display_items"]] == [plan["id"]]
