"""Plans: https://docs.stripe.com/api/plans."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.client import Stripe


async def _plan(stripe: Stripe, **more: Any) -> Any:
    asked = {"amount": 1200, "currency": "usd", "interval": "month", "product": {"name": "Gold"}}
    return await stripe.post("plans", **asked | more)


async def test_a_plan_is_a_price_seen_by_its_older_name(stripe: Stripe) -> None:
    plan = await _plan(stripe, id="gold", nickname="Gold", trial_period_days=7)
    assert (plan["id"], plan["amount"], plan["amount_decimal"], plan["usage_type"]) == (
        "gold",
        1200,
        "1200",
        "licensed",
    )
    price = await stripe.get("prices/gold")
    assert (price["unit_amount"], price["recurring"]["interval"], price["nickname"]) == (1200, "month", "Gold")
    assert await stripe.event_types() == ["product.created", "plan.created", "price.created"]
    made = await stripe.post("prices", product=plan["product"], currency="usd", unit_amount=5,
                             recurring={"interval": "year"})  # fmt: skip
    assert (await stripe.get(f"plans/{made['id']}"))["interval"] == "year"
    assert [each["id"] for each in (await stripe.get("plans"))["data"]] == [made["id"], "gold"]
    shown = await stripe.get("plans/gold", expand=["product"])
    assert shown["product"]["name"] == "Gold"


async def test_a_customer_subscribes_to_a_plan(stripe: Stripe) -> None:
    plan = await _plan(stripe, id="gold")
    customer = await stripe.customer(payment_method="pm_card_visa",
                                     invoice_settings={"default_payment_method": "pm_card_visa"})  # fmt: skip
    made = await stripe.post("subscriptions", customer=customer["id"], items=[{"plan": plan["id"]}])
    assert (made["status"], made["plan"]["id"]) == ("active", "gold")
    nobody = await stripe.error("POST", "subscriptions", 400, customer=customer["id"], items=[{"plan": "silver"}])
    assert nobody["message"] == "No such plan: 'silver'"


async def test_a_plan_changes_and_goes(stripe: Stripe) -> None:
    plan = await _plan(stripe)
    other = await stripe.post("products", name="Silver")
    changed = await stripe.post(f"plans/{plan['id']}", product=other["id"], nickname="Silver", metadata={"a": "b"},
                                trial_period_days=3, active=False)  # fmt: skip
    assert (changed["product"], changed["nickname"], changed["active"]) == (other["id"], "Silver", False)
    assert (changed["trial_period_days"], changed["metadata"]) == (3, {"a": "b"})
    assert (await stripe.get("plans", active=True))["data"] == []
    assert (await stripe.get("plans", product=other["id"]))["data"] == [changed]
    found = (await stripe.get("events", type="plan.updated"))["data"][0]["data"]["previous_attributes"]
    assert found == {"active": True, "metadata": {"a": None}, "nickname": None, "product": plan["product"],
                     "trial_period_days": None}  # fmt: skip
    assert await stripe.delete(f"plans/{plan['id']}") == {"id": plan["id"], "object": "plan", "deleted": True}
    assert (await stripe.error("GET", f"plans/{plan['id']}", 404))["param"] == "plan"
    assert (await stripe.event_types())[-2:] == ["plan.deleted", "price.deleted"]


async def test_tiers_are_shown_on_request(stripe: Stripe) -> None:
    plan = await stripe.post("plans", currency="usd", interval="month", product={"name": "Gold"}, tiers_mode="volume",
                             billing_scheme="tiered", tiers=[{"up_to": 5, "unit_amount": 10},
                                                             {"up_to": "inf", "unit_amount": 8}])  # fmt: skip
    assert "tiers" not in plan
    shown = await stripe.get(f"plans/{plan['id']}", expand=["tiers"])
    assert [tier["up_to"] for tier in shown["tiers"]] == [5, None]


async def test_what_a_plan_needs(stripe: Stripe) -> None:
    plan = {"currency": "usd", "interval": "month", "product": {"name": "Gold"}}
    assert (await stripe.error("POST", "plans", 400, **plan))["param"] == "amount"
    assert (await stripe.error("POST", "plans", 400, currency="usd", interval="month", amount=1))["param"] == "product"
    assert (await stripe.error("POST", "plans", 400, **plan | {"amount": 1, "product": "prod_none"}))["code"] == (
        "resource_missing"
    )
    await _plan(stripe, id="gold")
    assert (await stripe.error("POST", "plans", 400, **plan, amount=1, id="gold"))["message"] == "Plan already exists."
    once = await stripe.post("prices", currency="usd", unit_amount=1, product_data={"name": "Tea"})
    assert (await stripe.error("GET", f"plans/{once['id']}", 404))["message"] == f"No such plan: '{once['id']}'"
    assert "plan" in (await stripe.error("GET", "plans", 400, starting_after="plan_none"))["message"]
