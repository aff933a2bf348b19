"""What is taken in every version."""

from __future__ import annotations

from mocks.stripe.versions.always import SENT
from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe


async def test_a_customer_s_card(stripe: Stripe) -> None:
    made = await stripe.post("customers", card="tok_visa")
    assert made["default_source"].startswith("card_")
    number = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    changed = await stripe.post(f"customers/{made['id']}", card=number)
    assert changed["default_source"] != made["default_source"]
    back = await stripe.post(f"customers/{made['id']}", default_card=made["default_source"])
    assert back["default_source"] == made["default_source"]


async def test_a_subscription_s_plan(stripe: Stripe) -> None:
    customer, plan, dearer = await payer(stripe), await price(stripe), await price(stripe, 3000)
    made = await stripe.post("subscriptions", customer=customer["id"], plan=plan["id"], quantity=2)
    assert [(each["price"]["id"], each["quantity"]) for each in made["items"]["data"]] == [(plan["id"], 2)]
    changed = await stripe.post(f"subscriptions/{made['id']}", plan=dearer["id"])
    assert [each["price"]["id"] for each in changed["items"]["data"]] == [dearer["id"]]
    more = await stripe.post(f"subscriptions/{made['id']}", quantity=5)
    assert [each["quantity"] for each in more["items"]["data"]] == [5]


async def test_a_plan_that_is_missing(stripe: Stripe) -> None:
    customer = await payer(stripe)
    refused = await stripe.post("subscriptions", customer=customer["id"], plan="no", expect=400)
    assert refused["error"]["param"] == "plan"
    assert refused["error"]["message"] == "No such plan: 'no'"


async def test_of_several_items_none_is_meant(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe), await price(stripe, 500))
    refused = await stripe.post(f"subscriptions/{made['id']}", quantity=5, expect=400)
    assert refused["error"]["type"] == "invalid_request_error"


def test_items_that_are_sent_stay() -> None:
    pairs = [(("items", "0", "price"), "tea"), (("quantity",), "2")]
    assert SENT["subscriptions.create"](pairs) == pairs


async def test_a_customer_comes_with_a_plan(stripe: Stripe) -> None:
    plan = await price(stripe)
    made = await stripe.post("customers", card="tok_visa", plan=plan["id"], quantity=3)
    [held] = (await stripe.get("subscriptions", customer=made["id"]))["data"]
    assert (held["status"], held["items"]["data"][0]["quantity"]) == ("active", 3)
    refused = await stripe.post("customers", email="a@example.com", plan=plan["id"], expect=400)
    assert refused["error"]["code"] == "resource_missing"
    assert (await stripe.get("customers", email="a@example.com"))["data"] == []
    plain = await stripe.post("customers", card="tok_visa")
    assert (await stripe.get("subscriptions", customer=plain["id"]))["data"] == []


async def test_at_the_end_of_the_period(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    waits = await stripe.delete(f"subscriptions/{made['id']}", at_period_end=True)
    assert (waits["status"], waits["cancel_at_period_end"]) == ("active", True)
    ended = await stripe.delete(f"subscriptions/{made['id']}", at_period_end=False)
    assert ended["status"] == "canceled"
