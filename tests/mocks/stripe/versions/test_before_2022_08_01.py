"""Customers had ``default_currency``, and Checkout sold things without prices."""

from __future__ import annotations

from mocks.stripe.versions.before_2022_08_01 import SENT
from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2020-08-27"}


async def test_it_was_there_until_that_day(stripe: Stripe) -> None:
    customer = await stripe.customer()
    path = f"customers/{customer['id']}"
    assert "default_currency" in await stripe.get(path, headers={"Stripe-Version": "2020-08-27"})
    assert "default_currency" not in await stripe.get(path, headers={"Stripe-Version": "2022-08-01"})
    await stripe.delete(path)
    assert "default_currency" not in await stripe.get(path, headers={"Stripe-Version": "2020-08-27"})


def test_what_is_sold_becomes_a_price() -> None:
    sent = [
        (("line_items", "0", "amount"), "500"),
        (("line_items", "0", "name"), "Tea"),
        (("line_items", "0", "quantity"), "2"),
        (("line_items", "0", "images", "0"), "https://a.example/tea.png"),
    ]
    assert SENT["checkout.sessions.create"](sent) == [
        (("line_items", "0", "price_data", "unit_amount"), "500"),
        (("line_items", "0", "price_data", "product_data", "name"), "Tea"),
        (("line_items", "0", "quantity"), "2"),
        (("line_items", "0", "price_data", "product_data", "images", "0"), "https://a.example/tea.png"),
        (("customer_creation",), "always"),
        (("mode",), "payment"),
    ]


async def test_checkout_sells_it(stripe: Stripe) -> None:
    asked = {
        "mode": "payment",
        "success_url": "https://a.example",
        "line_items": [{"amount": 500, "currency": "usd", "name": "Tea", "quantity": 2}],
    }
    made = await stripe.post("checkout/sessions", headers={"Stripe-Version": "2020-08-27"}, **asked)
    assert made["amount_total"] == 1000
    await stripe.post("checkout/sessions", headers={"Stripe-Version": "2022-08-01"}, expect=400, **asked)


async def test_a_session_has_its_payment_at_once(stripe: Stripe) -> None:
    sold = {"amount": 500, "currency": "usd", "name": "Tea", "quantity": 2}
    asked = {"line_items": [sold], "payment_method_types": ["card"], "success_url": "https://a.example/ok"}
    made = await stripe.post("checkout/sessions", mode="payment", headers=OLD, **asked)
    intent = await stripe.get(f"payment_intents/{made['payment_intent']}")
    assert (intent["amount"], intent["status"]) == (1000, "requires_payment_method")
    assert made["customer_creation"] == "always"
    assert (await stripe.get(f"checkout/sessions/{made['id']}"))["payment_intent"] == intent["id"]


async def test_plans_of_a_session(stripe: Stripe) -> None:
    plan = await price(stripe)
    asked = {"subscription_data": {"items": [{"plan": plan["id"]}]}, "success_url": "https://a.example/ok"}
    made = await stripe.post("checkout/sessions", headers=OLD, **asked)
    assert (made["mode"], made["amount_total"], made["payment_intent"]) == ("subscription", 2000, None)
