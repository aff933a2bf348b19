"""What payment intents and setup intents share."""

from __future__ import annotations

import pytest

from mocks.base import ServiceError
from mocks.stripe.intents import allowed_type, options
from tests.mocks.stripe.client import Stripe


def test_options_of_the_types_with_what_was_sent() -> None:
    found = options(["card", "link"], {"card": {"request_three_d_secure": "any"}})
    assert found["card"]["request_three_d_secure"] == "any"
    assert found["card"]["installments"] is None
    assert found["link"] == {"persistent_token": None}
    assert "installments" not in options(["card"], None, setup=True)["card"]
    assert options(["card"], None, found)["card"]["request_three_d_secure"] == "any"


def test_types_that_an_intent_does_not_take() -> None:
    intent = {"object": "payment_intent", "automatic_payment_methods": None, "payment_method_types": ["card"]}
    allowed_type(intent, {"type": "card"})
    with pytest.raises(ServiceError, match="is not allowed for this PaymentIntent"):
        allowed_type(intent, {"type": "sepa_debit"})
    allowed_type({**intent, "automatic_payment_methods": {"enabled": True}}, {"type": "sepa_debit"})


async def test_the_dashboards_types_can_be_narrowed(stripe: Stripe) -> None:
    asked = {"amount": 500, "currency": "usd"}
    assert (await stripe.post("payment_intents", **asked))["payment_method_types"] == ["card", "link"]
    less = await stripe.post("payment_intents", **asked, excluded_payment_method_types=["card"])
    assert less["payment_method_types"] == ["link"]
    named = await stripe.post("payment_intents", **asked, allowed_payment_method_types=["card", "klarna"])
    assert named["payment_method_types"] == ["card", "klarna"]
    off = await stripe.post("payment_intents", **asked, automatic_payment_methods={"enabled": False})
    assert off["payment_method_types"] == ["card"]
