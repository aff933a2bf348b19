"""Publishable keys: https://docs.stripe.com/keys."""

from __future__ import annotations

from mocks.stripe.keys import PUBLISHABLE
from mocks.stripe.service import SERVICE
from tests.harness import value
from tests.mocks.stripe.client import Stripe

KEY = "publishable_key"


def test_every_opened_operation_exists() -> None:
    assert set(PUBLISHABLE) <= set(SERVICE.contract().operations())


async def test_a_browser_makes_tokens_and_payment_methods(stripe: Stripe) -> None:
    card = {"number": "4242424242424242", "exp_month": 5, "exp_year": 2031, "cvc": "123"}
    made = await stripe.send("POST", "tokens", {"card": card}, credential=KEY)
    assert value(made)["object"] == "token"
    made = await stripe.send("POST", "payment_methods", {"type": "card", "card": card}, credential=KEY)
    assert value(made)["object"] == "payment_method"


async def test_it_sees_nothing_else(stripe: Stripe) -> None:
    customer = await stripe.customer()
    for method, path in (("GET", f"customers/{customer['id']}"), ("POST", "refunds"), ("GET", "events")):
        answer = await stripe.send(method, path, {}, credential=KEY)
        assert (answer.status, value(answer)["error"]["code"]) == (403, "secret_key_required")
