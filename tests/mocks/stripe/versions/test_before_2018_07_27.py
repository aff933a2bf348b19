"""Subscriptions brought cards, and percentages were whole."""

from __future__ import annotations

from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2018-05-21"}
OLDEST = {"Stripe-Version": "2014-12-22"}


async def test_a_card_comes_with_the_subscription(stripe: Stripe) -> None:
    customer, plan = await stripe.customer(), await price(stripe)
    asked = {"customer": customer["id"], "plan": plan["id"]}
    refused = await stripe.post("subscriptions", source="tok_visa", expect=400, **asked)
    assert refused["error"]["code"] == "parameter_unknown"
    made = await stripe.post("subscriptions", source="tok_visa", headers=OLD, **asked)
    assert made["status"] == "active"
    held = await stripe.get(f"customers/{customer['id']}")
    assert held["default_source"].startswith("card_")
    number = {"object": "card", "number": "5555555555554444", "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    await stripe.post(f"subscriptions/{made['id']}", source=number, headers=OLD)
    assert (await stripe.get(f"customers/{customer['id']}"))["default_source"] != held["default_source"]


async def test_it_was_called_a_card(stripe: Stripe) -> None:
    customer, plan = await stripe.customer(), await price(stripe)
    path = f"customers/{customer['id']}/subscriptions"
    made = await stripe.post(path, plan=plan["id"], card="tok_visa", headers=OLDEST)
    assert made["status"] == "active"


async def test_of_nobody_no_card_is_taken(stripe: Stripe) -> None:
    plan = await price(stripe)
    asked = {"customer": "cus_no", "plan": plan["id"], "source": "tok_visa"}
    refused = await stripe.post("subscriptions", headers=OLD, expect=400, **asked)
    assert refused["error"]["param"] == "customer"


async def test_percent_off(stripe: Stripe) -> None:
    made = await stripe.post("coupons", percent_off=25, duration="once", headers=OLD)
    assert (made["percent_off"], type(made["percent_off"])) == (25, int)
