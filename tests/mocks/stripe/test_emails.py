"""Email addresses: what is refused as Stripe refuses it, and where."""

from __future__ import annotations

import pytest

from tests.mocks.stripe.client import Stripe


@pytest.mark.parametrize(
    "sent", ["ada", "ada@example", " ada@example.com", "ada@example.com ", "ada\uff20example.com", "a@@b.c"]
)
async def test_what_is_no_address_is_refused(stripe: Stripe, sent: str) -> None:
    error = await stripe.error("POST", "customers", 400, email=sent)
    assert (error["code"], error["param"], error["message"]) == (
        "email_invalid",
        "email",
        f"Invalid email address: {sent}",
    )
    assert (await stripe.get("customers"))["data"] == []


@pytest.mark.parametrize(
    "sent", ["ada@example.com", "ada.b+c@mail.example.co.uk", "o'neil@example.com", "用户@例え.jp"]
)
async def test_an_address_is_kept(stripe: Stripe, sent: str) -> None:
    assert (await stripe.post("customers", email=sent))["email"] == sent


async def test_each_parameter_that_is_an_address_is_looked_at(stripe: Stripe) -> None:
    customer = await stripe.post("customers")
    intent = await stripe.post("payment_intents", amount=1000, currency="usd")
    charge = await stripe.post("charges", amount=1000, currency="usd", source="tok_visa")
    for path, name in (
        (f"customers/{customer['id']}", "email"),
        (f"payment_intents/{intent['id']}", "receipt_email"),
        (f"charges/{charge['id']}", "receipt_email"),
    ):
        error = await stripe.error("POST", path, 400, **{name: "nobody"})
        assert (error["code"], error["param"]) == ("email_invalid", name)
    for path, name in (("payment_intents", "receipt_email"), ("charges", "receipt_email")):
        sent = (
            {"amount": 1000, "currency": "usd", "source": "tok_visa"}
            if path == "charges"
            else {"amount": 1000, "currency": "usd"}
        )
        error = await stripe.error("POST", path, 400, **sent, **{name: "nobody"})
        assert (error["code"], error["param"]) == ("email_invalid", name)
