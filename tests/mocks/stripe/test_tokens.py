"""Tokens: https://docs.stripe.com/api/tokens."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe

CARD = {"number": "4242 4242 4242 4242", "exp_month": 5, "exp_year": 31, "cvc": "123"}


async def test_a_card_token_shows_no_number(stripe: Stripe) -> None:
    made = await stripe.post("tokens", card=CARD)
    assert (made["type"], made["used"], made["card"]["last4"]) == ("card", False, "4242")
    assert made["card"]["exp_year"] == 2031
    assert "4242424242424242" not in str(stripe.records())
    assert await stripe.get(f"tokens/{made['id']}") == made


async def test_a_token_becomes_a_payment_method_once(stripe: Stripe) -> None:
    token = await stripe.post("tokens", card=CARD)
    made = await stripe.post("payment_methods", type="card", card={"token": token["id"]})
    assert made["card"]["fingerprint"] == token["card"]["fingerprint"]
    error = await stripe.error("POST", "payment_methods", 400, type="card", card={"token": token["id"]})
    assert error["code"] == "token_already_used"


async def test_what_a_token_is_made_of(stripe: Stripe) -> None:
    assert "You must supply either a card" in (await stripe.error("POST", "tokens", 400))["message"]
    error = await stripe.error("POST", "tokens", 402, card=CARD | {"number": "4242424242424241"})
    assert (error["type"], error["code"]) == ("card_error", "incorrect_number")


async def test_a_bank_accounts_token_shows_its_last_digits(stripe: Stripe) -> None:
    account = {
        "country": "US", "currency": "USD", "account_holder_name": "Jenny Rosen", "account_holder_type": "individual",
        "routing_number": "110000000", "account_number": "000123456789",
    }  # fmt: skip
    made = await stripe.post("tokens", bank_account=account, headers={"idempotency-key": "once"})
    shown = made["bank_account"]
    assert (made["type"], shown["last4"], shown["currency"], shown["status"]) == ("bank_account", "6789", "usd", "new")
    assert shown["routing_number"] == "110000000"
    assert "000123456789" not in str(stripe.records())
    assert await stripe.get(f"tokens/{made['id']}") == made
