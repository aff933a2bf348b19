"""Bank accounts of tokens: https://docs.stripe.com/api/tokens/create_bank_account."""

from __future__ import annotations

import pytest

from tests.mocks.stripe.client import Stripe

ACCOUNT = {"country": "US", "currency": "usd", "routing_number": "110000000", "account_number": "000123456789",
           "account_holder_name": "Ada", "account_holder_type": "individual"}  # fmt: skip


async def test_a_token_is_spent_on_a_customer(stripe: Stripe) -> None:
    token = await stripe.post("tokens", bank_account=ACCOUNT)
    assert (token["type"], token["bank_account"]["last4"]) == ("bank_account", "6789")
    customer = await stripe.customer()
    path = f"customers/{customer['id']}/sources"
    made = await stripe.post(path, source=token["id"])
    assert (made["id"], made["customer"]) == (token["bank_account"]["id"], customer["id"])
    error = await stripe.error("POST", path, 400, source=token["id"])
    assert error["code"] == "token_already_used"
    assert (await stripe.error("POST", path, 400, source="btok_nobody"))["code"] == "resource_missing"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("routing_number", "110000001", "routing_number_invalid"),
        ("routing_number", "", "parameter_missing"),
        ("account_number", "1", "account_number_invalid"),
    ],
)
async def test_an_impossible_account(stripe: Stripe, name: str, value: str, code: str) -> None:
    error = await stripe.error("POST", "tokens", 400, bank_account={**ACCOUNT, name: value})
    assert (error["code"], error["param"]) == (code, f"bank_account[{name}]")
